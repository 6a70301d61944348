//! The built files and how each leaves. `npm run build` writes every text file three times: as it is, as `.br` and as `.gz`.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use rust_embed::RustEmbed;

/// What Vite built. A debug build reads the folder as it is; a release build has it compiled in. Where it is missing the
/// program works without a page, so that Rust can be built alone.
#[derive(RustEmbed)]
#[folder = "web/dist/"]
#[allow_missing = true]
struct Dist;

/// A file on its way out.
pub(super) struct File {
    pub(super) bytes: Cow<'static, [u8]>,
    pub(super) content_type: &'static str,
    pub(super) encoding: Option<&'static str>,
    pub(super) caching: &'static str,
}

/// The page itself, where it was built.
pub(super) fn index() -> Option<String> {
    let file = Dist::get("index.html")?;
    String::from_utf8(file.data.into_owned()).ok()
}

/// The file at this path, in the smallest form that the client takes.
pub(super) fn file(path: &str, headers: &HeaderMap) -> Option<File> {
    let content_type = content_type(path)?;
    // The name of an asset holds a hash of its content: it never changes.
    let caching = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(headers, encoding)
            && let Some(file) = Dist::get(&format!("{path}{suffix}"))
        {
            return Some(File { bytes: file.data, content_type, encoding: Some(encoding), caching });
        }
    }
    let file = Dist::get(path)?;
    Some(File { bytes: file.data, content_type, encoding: None, caching })
}

/// By ending; a file of any other kind is not served.
fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Whether the client names this encoding and does not refuse it (`q=0`).
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|entry| {
        let (name, weight) = entry.split_once(';').unwrap_or((entry, ""));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_as_the_client_names_them() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().expect("a header"));
            headers
        };
        assert!(accepts(&with("gzip, deflate, br;q=0.9"), "br"));
        assert!(accepts(&with("GZIP"), "gzip"));
        assert!(!accepts(&with("gzip, br;q=0"), "br"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn only_known_kinds_are_served() {
        assert_eq!(content_type("assets/a-1.js"), Some("text/javascript; charset=utf-8"));
        for path in ["index.html", "assets/a.js.map", "assets/a.js.br", "plain"] {
            assert_eq!(content_type(path), None, "{path}");
        }
    }
}
