//! Who takes the money.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::SecretString;

/// Who takes the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BillingProvider {
    /// The operator.
    #[default]
    Manual,
    Stripe,
}

/// `[billing]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BillingConfig {
    pub provider: BillingProvider,
    /// Secret or restricted key of Stripe.
    pub stripe_api_key: Option<SecretString>,
    /// Secrets by which Stripe signs events, between commas: two while one is replaced.
    pub stripe_webhook_secret: Option<SecretString>,
    /// Where Stripe is.
    pub stripe_url: String,
    /// Ways to pay, by Stripe's names; Stripe chooses where there are none.
    pub payment_methods: Vec<String>,
}

impl Default for BillingConfig {
    fn default() -> Self {
        Self {
            provider: BillingProvider::Manual,
            stripe_api_key: None,
            stripe_webhook_secret: None,
            stripe_url: "https://api.stripe.com".into(),
            payment_methods: Vec::new(),
        }
    }
}

impl BillingConfig {
    pub(super) fn validate(&self) -> Result<()> {
        let stripe = self.provider == BillingProvider::Stripe;
        ensure!(
            !stripe || (self.stripe_api_key.is_some() && self.stripe_webhook_secret.is_some()),
            "billing.stripe_api_key and billing.stripe_webhook_secret must be set to take money by Stripe"
        );
        Ok(())
    }
}
