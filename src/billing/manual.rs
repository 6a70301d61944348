//! No provider: the operator gives plans and notes what was paid.

use async_trait::async_trait;

use super::{Bill, Order, PaymentProvider, Standing, Told};
use crate::{
    clock::Timestamp,
    error::{Code, Error, Result},
    plans::Meter,
};

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Manual;

/// What is said to who wants to do what the operator does.
fn operator_does() -> Error {
    Error::new(Code::Disabled, "Payment is not set up on this server: the operator changes plans. Ask there.")
}

#[async_trait]
impl PaymentProvider for Manual {
    fn name(&self) -> &'static str {
        "manual"
    }

    async fn customer(&self, order: &Order) -> Result<String> {
        Ok(order.tenant.to_string())
    }

    async fn checkout(&self, _: &Order) -> Result<Option<String>> {
        Ok(None)
    }

    async fn portal(&self, _: &str, _: &str) -> Result<Option<String>> {
        Ok(None)
    }

    async fn standing(&self, _: &str) -> Result<Option<Standing>> {
        Ok(None)
    }

    async fn change(&self, _: &str, _: &str, _: &str) -> Result<()> {
        Err(operator_does())
    }

    async fn end(&self, _: &str, _: bool, _: &str) -> Result<()> {
        Ok(())
    }

    async fn record_usage(&self, _: &str, _: Meter, _: i64, _: Timestamp, _: &str) -> Result<()> {
        Ok(())
    }

    async fn bills(&self, _: &str) -> Result<Vec<Bill>> {
        Ok(Vec::new())
    }

    fn verify(&self, _: &[u8], _: &str, _: Timestamp) -> Result<Told> {
        Err(Error::not_found("payment provider"))
    }
}
