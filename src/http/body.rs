//! What a request body must be before it is read: there as a whole, not encoded, and JSON by its own account.

use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    http::{HeaderMap, StatusCode, header},
};

use crate::error::{Code, Error, Result};

/// Whether the body calls itself JSON, or (`application/*+json`) a kind of it.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Refuses an encoded body by the name of its encoding, since what is read otherwise is no JSON and nobody learns why.
///
/// # Errors
/// `unsupported_media_type`.
pub fn plain(headers: &HeaderMap) -> Result<()> {
    let lists = headers.get_all(header::CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    let encodings = lists.flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty());
    match encodings.into_iter().find(|name| !name.eq_ignore_ascii_case("identity")) {
        None => Ok(()),
        Some(name) => {
            let name: String = name.chars().take(40).collect();
            Err(Error::new(
                Code::UnsupportedMediaType,
                format!(
                    "The body is sent with 'Content-Encoding: {name}', which is not taken here. Send it as it is, without that header."
                ),
            ))
        }
    }
}

/// The bytes of a body, or why there are none.
///
/// # Errors
/// `too_large`, `invalid_body`.
pub fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::new(Code::TooLarge, "The body is larger than this server takes. Split it into several requests.")
        }
        _ => Error::new(Code::InvalidBody, "The body could not be read."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn json_is_known_by_its_type() {
        for json in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"] {
            assert!(is_json(&with(&header::CONTENT_TYPE, &[json])), "{json}");
        }
        for other in ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data"] {
            assert!(!is_json(&with(&header::CONTENT_TYPE, &[other])), "{other}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn encodings_are_refused_by_name() {
        for (sent, named) in [
            (&["gzip"][..], "gzip"),
            (&["br"], "br"),
            (&["deflate"], "deflate"),
            (&["identity, zstd"], "zstd"),
            (&["identity", "GZIP"], "GZIP"),
            (&["x-gzip"], "x-gzip"),
        ] {
            let error = plain(&with(&header::CONTENT_ENCODING, sent)).expect_err("refused");
            assert_eq!(error.code(), Code::UnsupportedMediaType);
            assert!(error.detail().contains(&format!("'Content-Encoding: {named}'")), "{}", error.detail());
        }
        for taken in [&[][..], &["identity"], &[""], &["Identity, "]] {
            plain(&with(&header::CONTENT_ENCODING, taken)).expect("taken");
        }
    }
}
