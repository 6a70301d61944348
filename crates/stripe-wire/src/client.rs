//! How calls are made: where to, in whose name, in which form, how long, and what becomes of the answer.

use std::{fmt, time::Duration};

use reqwest::{
    RequestBuilder, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use serde::de::DeserializeOwned;

use crate::Failure;

/// Where Stripe is.
pub const BASE: &str = "https://api.stripe.com";

/// The version of the API that is spoken: the last in which a checkout can name its payment methods.
pub const VERSION: &str = "2026-08-26.dahlia";

/// Largest answer, in bytes: a full page of a list is well below.
const LARGEST: usize = 4 * 1024 * 1024;

/// Fields of a form, by Stripe's names of nested ones: `line_items[0][price]`.
pub(crate) type Form<'a> = Vec<(&'a str, String)>;

/// How long a call may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the answer is read to its end.
    pub read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), read: Duration::from_secs(15) }
    }
}

/// Why there can be no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The address is not one of HTTP.
    #[error("the address of Stripe is no address of HTTP")]
    Base,
    /// The key is empty, or holds what no header can.
    #[error("the key of Stripe is empty or holds other characters than keys do")]
    Key,
    /// TLS cannot be set up.
    #[error("the HTTP client for Stripe cannot be built")]
    Http,
}

/// Asks Stripe, in the name of one account. Clones share their connections.
///
/// The keys of idempotency that its orders take are up to 255 visible characters of ASCII. Stripe forgets them after a day.
#[derive(Clone)]
pub struct Client {
    base: Url,
    http: reqwest::Client,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base.origin().ascii_serialization()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client at `base` ([`BASE`], or that of a test), by a secret or restricted `key`.
    pub fn new(base: &str, key: &str, timeouts: Timeouts) -> Result<Self, Unusable> {
        let base = Url::parse(base).ok().filter(|base| matches!(base.scheme(), "https" | "http")).ok_or(Unusable::Base)?;
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Unusable::Key);
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| Unusable::Key)?;
        bearer.set_sensitive(true);
        let headers = [(AUTHORIZATION, bearer), (HeaderName::from_static("stripe-version"), HeaderValue::from_static(VERSION))];
        let http = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter(headers))
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.read)
            // The key is for one address, and not for where that one points.
            .redirect(Policy::none())
            .build()
            .map_err(|_| Unusable::Http)?;
        Ok(Self { base, http })
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T, Failure> {
        answer(self.http.get(self.url(path)).query(query)).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &[&str], form: &Form<'_>, key: &str) -> Result<T, Failure> {
        answer(self.http.post(self.url(path)).header("idempotency-key", key).form(form)).await
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Failure> {
        answer(self.http.delete(self.url(path))).await
    }

    /// The address of a path below `v1`. Each part is one segment, whatever it holds, so that no id leads elsewhere.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("an address of HTTP has a path").pop_if_empty().push("v1").extend(path);
        url
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    let mut response = request.send().await.map_err(|_| Failure::Unreachable)?;
    let status = response.status().as_u16();
    if matches!(status, 409 | 429 | 500..) {
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        return Err(Failure::Busy { retry_after });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Failure::Unreachable)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(Failure::Unreadable);
        }
        body.extend_from_slice(&chunk);
    }
    match status {
        200..=299 => serde_json::from_slice(&body).map_err(|_| Failure::Unreadable),
        400..=499 => Err(Failure::refused(status, &body)),
        // A redirect: Stripe sends none.
        _ => Err(Failure::Unreadable),
    }
}
