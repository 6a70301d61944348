//! Customers, and the pages of Stripe's to which they are sent.

use serde::Deserialize;

use crate::{Client, Failure, client::Form};

/// What a checkout sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A price that recurs.
    Subscription,
    /// A price that is paid once.
    Payment,
}

/// One price for one customer to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutRequest {
    /// Who pays.
    pub customer: String,
    /// The id of the price.
    pub price: String,
    /// How many times.
    pub quantity: u64,
    /// What the caller knows the customer by. `checkout.session.completed` tells it again.
    pub client_reference_id: String,
    /// Where to go from there when it is paid; `{CHECKOUT_SESSION_ID}` in it is filled in.
    pub success_url: String,
    /// Where to go from there otherwise.
    pub cancel_url: String,
    /// For how many days the subscription is free at first.
    pub trial_days: Option<u32>,
    /// Ways to pay, such as `card`, `alipay` or `wechat_pay`, which takes single payments alone. With none, Stripe chooses by
    /// what its dashboard allows.
    pub payment_method_types: Vec<String>,
    /// What it sells.
    pub mode: Mode,
}

/// A page at which to pay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Its address, for a day.
    pub url: String,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
struct Opened {
    url: String,
}

impl Client {
    /// A new customer's id.
    pub async fn create_customer(&self, email: Option<&str>, metadata: &[(&str, &str)], key: &str) -> Result<String, Failure> {
        let metadata: Vec<_> = metadata.iter().map(|(name, value)| (format!("metadata[{name}]"), *value)).collect();
        let mut form: Form = metadata.iter().map(|(name, value)| (name.as_str(), (*value).to_owned())).collect();
        form.extend(email.map(|email| ("email", email.to_owned())));
        Ok(self.post::<Created>(&["customers"], &form, key).await?.id)
    }

    /// A page at which to pay.
    pub async fn checkout(&self, request: &CheckoutRequest, key: &str) -> Result<Session, Failure> {
        let mode = match request.mode {
            Mode::Subscription => "subscription",
            Mode::Payment => "payment",
        };
        let mut form: Form = vec![
            ("mode", mode.to_owned()),
            ("customer", request.customer.clone()),
            ("line_items[0][price]", request.price.clone()),
            ("line_items[0][quantity]", request.quantity.to_string()),
            ("client_reference_id", request.client_reference_id.clone()),
            ("success_url", request.success_url.clone()),
            ("cancel_url", request.cancel_url.clone()),
        ];
        form.extend(request.trial_days.map(|days| ("subscription_data[trial_period_days]", days.to_string())));
        form.extend(request.payment_method_types.iter().map(|kind| ("payment_method_types[]", kind.clone())));
        // Stripe does not assume that a page of its own is shown by a browser.
        if request.payment_method_types.iter().any(|kind| kind == "wechat_pay") {
            form.push(("payment_method_options[wechat_pay][client]", "web".to_owned()));
        }
        self.post(&["checkout", "sessions"], &form, key).await
    }

    /// The address of a page at which a customer sees and changes what they pay, and how.
    pub async fn portal(&self, customer: &str, return_url: &str, key: &str) -> Result<String, Failure> {
        let form = vec![("customer", customer.to_owned()), ("return_url", return_url.to_owned())];
        Ok(self.post::<Opened>(&["billing_portal", "sessions"], &form, key).await?.url)
    }
}
