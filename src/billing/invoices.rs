//! Invoices of one's own: the statement of a month that is over, where nobody else bills it.

use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::Error,
    metering::{Line, Month},
};

/// Whether it was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    Open,
    Paid,
    /// Paid and given back.
    Refunded,
}

impl InvoiceState {
    /// The storage name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Refunded => "refunded",
        }
    }
}

impl FromStr for InvoiceState {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let known = [Self::Open, Self::Paid, Self::Refunded].into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| Error::invalid("state must be open, paid or refunded."))
    }
}

/// The statement of a month, to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub id: Uuid,
    pub month: Month,
    pub plan: String,
    pub amount_micros: i64,
    pub currency: String,
    pub lines: Vec<Line>,
    pub state: InvoiceState,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
}
