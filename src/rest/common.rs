//! What the resources share: page numbers, comma lists, messages.

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    http::extract::IdempotencyKey,
    ids::AppId,
    memory::Idempotency,
    tenancy::{AppSort, TenancyService},
};

/// A sentence for people about what was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Message {
    /// What was done.
    pub(super) message: String,
}

impl Message {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Entries of a comma list; empty ones are left out.
pub(super) fn csv(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.into_iter().flat_map(|list| list.split(',')).map(str::trim).filter(|entry| !entry.is_empty())
}

/// Parses each entry of a list of words.
pub(super) fn words<'a, T: std::str::FromStr<Err = Error>>(entries: impl Iterator<Item = &'a str>) -> Result<Vec<T>> {
    entries.map(str::parse).collect()
}

/// `asc` or `desc`.
pub(super) fn descending(direction: Option<&str>, default: bool) -> Result<bool> {
    match direction.map(str::to_ascii_lowercase).as_deref() {
        None | Some("") => Ok(default),
        Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        Some(_) => Err(Error::invalid("sort_direction must be 'asc' or 'desc'.")),
    }
}

/// How many pages of `size` hold `total` entries.
pub(super) fn pages(total: i64, size: u32) -> i64 {
    let size = i64::from(size.max(1));
    total.max(0).saturating_add(size - 1) / size
}

/// `page` and `page_size` of the app and log lists.
pub(super) fn page_and_size(page: Option<u32>, size: Option<u32>) -> Result<(u32, u32)> {
    const MAX: u32 = 100;
    let (page, size) = (page.unwrap_or(1), size.unwrap_or(10));
    if page == 0 || !(1..=MAX).contains(&size) {
        return Err(Error::invalid(format!("page starts at 1, and page_size must be 1 to {MAX}.")));
    }
    Ok((page, size))
}

/// The part of an already complete list that a page shows.
pub(super) fn slice<T>(all: Vec<T>, page: u32, size: u32) -> impl Iterator<Item = T> {
    let skip = (page as usize - 1).saturating_mul(size as usize);
    all.into_iter().skip(skip).take(size as usize)
}

/// Refuses unless the caller may change what belongs to the whole tenant. A credential that opens one project may not,
/// whatever its scopes.
pub(super) fn manages_tenant(by: &Principal) -> Result<()> {
    by.require(Scope::AccountManage)?;
    by.require_account()
}

/// A typed body out of JSON that was already parsed, so that its exact form could be hashed.
pub(super) fn typed<T: DeserializeOwned>(value: serde_json::Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|e| Error::invalid(format!("The body does not fit: {e}.")))
}

/// A field that may be left out, and may as well be null.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(field: D) -> Result<T, D::Error> {
    Option::deserialize(field).map(Option::unwrap_or_default)
}

/// The guard of a write whose client sent an `Idempotency-Key`. The hash is over the parsed body, so that white space
/// makes no difference.
pub(super) fn idempotency(operation: &'static str, key: IdempotencyKey, body: &serde_json::Value) -> Option<Idempotency> {
    key.0.map(|key| Idempotency { operation, key, request_hash: sha256_hex(body.to_string().as_bytes()) })
}

/// Lower-case hex SHA-256.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The apps of these names. Looks them up without making them: a search must not create an app.
pub(super) async fn named_apps(tenancy: &TenancyService, by: &Principal, names: Vec<String>) -> Result<Vec<AppId>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let known = tenancy.apps(&by.scope, by.project, AppSort::Name, false).await?;
    let id = |name: &String| {
        let found = known.iter().find(|a| a.app.name == name.trim().to_lowercase());
        found.map(|a| a.app.id).ok_or_else(|| Error::invalid(format!("No app is named '{name}'. GET /api/v1/apps/ lists yours.")))
    };
    names.iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_round_up() {
        assert_eq!([(0, 10), (1, 10), (10, 10), (11, 10)].map(|(total, size)| pages(total, size)), [0, 1, 1, 2]);
        assert_eq!(slice((0..25).collect(), 3, 10).collect::<Vec<_>>(), [20, 21, 22, 23, 24]);
        assert_eq!(slice((0..25).collect(), u32::MAX, 100).count(), 0);
        assert!(page_and_size(Some(0), None).is_err() && page_and_size(None, Some(101)).is_err());
    }

    #[test]
    fn equal_bodies_have_equal_hashes() {
        let hash = |text: &str| {
            let body = serde_json::from_str(text).expect("JSON");
            idempotency("add", IdempotencyKey(Some("k".into())), &body).expect("a guard").request_hash
        };
        assert_eq!(hash(r#"{"text": "a"}"#), hash(r#"{"text":"a"}"#));
        assert_ne!(hash(r#"{"text":"a"}"#), hash(r#"{"text":"b"}"#));
    }
}
