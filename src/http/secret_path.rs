//! Takes secrets out of the request line. [`SecretPathLayer`] lies outside the whole router, so no span, metric,
//! error, redirect or handler ever sees a URI with a secret in it: the segment reads `-` from here on, and the secret
//! travels as the request extension [`PathSecret`] to the one place that checks it.
//!
//! A segment counts as a secret when it stands where a personal URL has it (`/mcp/{client}/(sse|http)/{secret}`, under
//! any prefix, so that `/.well-known/oauth-protected-resource/mcp/…` is covered too) or begins like one anywhere.

use std::{
    borrow::Cow,
    fmt,
    task::{Context, Poll},
};

use axum::http::{Request, Uri, uri::PathAndQuery};
use percent_encoding::percent_decode_str;
use tower::{Layer, Service};

/// How the secrets that the product hands out begin.
const PREFIXES: [&str; 6] = ["jme_", "jmk_", "jmr_", "jma_", "jmo_", "jmd_"];
/// Query parameters that carry credentials in other products. None of ours does, so they are dropped.
const QUERY_NAMES: [&str; 9] =
    ["access_token", "refresh_token", "token", "api_key", "apikey", "api-key", "secret", "password", "authorization"];
/// Where clients send people to be asked; no secret of ours is part of that address.
const AUTHORIZE: &str = "/oauth/authorize";
/// What stands where a secret stood.
const REDACTED: &str = "-";

/// The secret of a personal URL, taken out of the path.
#[derive(Clone, PartialEq, Eq)]
pub struct PathSecret(String);

impl PathSecret {
    /// The secret, for its one use: authentication.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PathSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PathSecret([redacted])")
    }
}

/// Wraps the finished router: `SecretPathLayer.layer(router)`. Layers added with `Router::layer` run after routing,
/// which would be too late.
#[derive(Debug, Clone, Copy, Default)]
pub struct SecretPathLayer;

impl<S> Layer<S> for SecretPathLayer {
    type Service = SecretPath<S>;
    fn layer(&self, inner: S) -> SecretPath<S> {
        SecretPath { inner }
    }
}

/// The service made by [`SecretPathLayer`].
#[derive(Debug, Clone)]
pub struct SecretPath<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for SecretPath<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        // Only this layer makes the extension; one that came from elsewhere is not to be believed.
        request.extensions_mut().remove::<PathSecret>();
        if let Some((uri, secret)) = redacted(request.uri()) {
            *request.uri_mut() = uri;
            if let Some(secret) = secret {
                request.extensions_mut().insert(secret);
            }
        }
        self.inner.call(request)
    }
}

/// The URI without its secrets and the secret of its path; `None` when there is nothing to take out.
fn redacted(uri: &Uri) -> Option<(Uri, Option<PathSecret>)> {
    let (path, secret) = redacted_path(uri.path());
    // A client's own state goes back to it byte for byte, whatever it looks like.
    let query = uri.query().map(|query| if uri.path() == AUTHORIZE { Cow::Borrowed(query) } else { redacted_query(query) });
    if matches!(path, Cow::Borrowed(_)) && !matches!(query, Some(Cow::Owned(_))) {
        return None;
    }
    let text = match query.as_deref() {
        None | Some("") => path.into_owned(),
        Some(query) => format!("{path}?{query}"),
    };
    let mut parts = uri.clone().into_parts();
    // The text is the old one with dashes put in and pairs left out, so it parses; `/` is the safe way not to panic.
    parts.path_and_query = Some(PathAndQuery::try_from(text).unwrap_or_else(|_| PathAndQuery::from_static("/")));
    Some((Uri::from_parts(parts).unwrap_or_default(), secret))
}

fn redacted_path(path: &str) -> (Cow<'_, str>, Option<PathSecret>) {
    // Nearly every request ends here.
    if !path.contains("mcp") && !path.contains('%') && !PREFIXES.iter().any(|p| path.contains(p)) {
        return (Cow::Borrowed(path), None);
    }
    let segments: Vec<(&str, Cow<'_, str>)> = path.split('/').map(|raw| (raw, decoded(raw))).collect();
    // Doubled slashes must not shift the position.
    let filled: Vec<usize> = (0..segments.len()).filter(|i| !segments[*i].0.is_empty()).collect();
    let positional = filled
        .iter()
        .position(|i| segments[*i].1 == "mcp")
        .filter(|mcp| filled.get(mcp + 2).is_some_and(|i| matches!(segments[*i].1.as_ref(), "sse" | "http")))
        .and_then(|mcp| filled.get(mcp + 3).copied());

    let mut secret = positional.map(|i| PathSecret(segments[i].1.clone().into_owned()));
    let mut kept = Vec::with_capacity(segments.len());
    let mut changed = positional.is_some();
    for (i, (raw, text)) in segments.iter().enumerate() {
        if Some(i) == positional {
            kept.push(REDACTED);
        } else if PREFIXES.iter().any(|p| text.starts_with(p)) {
            changed = true;
            secret = secret.or_else(|| Some(PathSecret(text.clone().into_owned())));
            kept.push(REDACTED);
        } else {
            kept.push(raw);
        }
    }
    if changed { (Cow::Owned(kept.join("/")), secret) } else { (Cow::Borrowed(path), None) }
}

fn redacted_query(query: &str) -> Cow<'_, str> {
    let is_secret = |pair: &&str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name).to_ascii_lowercase(), decoded(value));
        let whole = format!("{name}={value}");
        QUERY_NAMES.contains(&name.as_str()) || matches!(without_secrets(&whole), Cow::Owned(_)) || looks_like_jwt(&value)
    };
    if !query.split('&').any(|pair| is_secret(&pair)) {
        return Cow::Borrowed(query);
    }
    Cow::Owned(query.split('&').filter(|pair| !is_secret(pair)).collect::<Vec<_>>().join("&"))
}

fn looks_like_jwt(value: &str) -> bool {
    value.starts_with("eyJ") && value.bytes().filter(|b| *b == b'.').count() == 2
}

/// `text` with every run that begins like one of our secrets replaced by `-`.
#[must_use]
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let Some(start) = PREFIXES.iter().filter_map(|p| text.find(p)).min() else {
        return Cow::Borrowed(text);
    };
    let (before, rest) = text.split_at(start);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
    Cow::Owned(format!("{before}{REDACTED}{}", without_secrets(&rest[end..])))
}

/// Percent-decoding of one segment, once, as the router does it; what does not decode stays as it is.
fn decoded(raw: &str) -> Cow<'_, str> {
    percent_decode_str(raw).decode_utf8().unwrap_or(Cow::Borrowed(raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "jme_0123456789abcdefABCDEF";

    fn run(uri: &str) -> (String, Option<String>) {
        let uri: Uri = uri.parse().expect("a URI");
        match redacted(&uri) {
            None => (uri.to_string(), None),
            Some((uri, secret)) => (uri.to_string(), secret.map(|s| s.expose().to_owned())),
        }
    }

    #[test]
    fn the_secret_leaves_the_path_wherever_it_stands() {
        let secret = Some(SECRET.to_owned());
        for (before, after) in [
            ("/mcp/claude/sse/S", "/mcp/claude/sse/-"),
            ("/mcp/claude/http/S", "/mcp/claude/http/-"),
            ("/mcp/claude/sse/S/messages/?session_id=ab", "/mcp/claude/sse/-/messages/?session_id=ab"),
            ("/mcp/http/http/S/", "/mcp/http/http/-/"),
            ("//mcp//claude//http//S", "//mcp//claude//http//-"),
            ("/.well-known/oauth-protected-resource/mcp/x/http/S", "/.well-known/oauth-protected-resource/mcp/x/http/-"),
            ("http://host:1/mcp/claude/http/S", "http://host:1/mcp/claude/http/-"),
            ("/api/v1/memories/S", "/api/v1/memories/-"),
            ("/S", "/-"),
            ("/mcp/cl%61ude/h%74tp/%6Ame_0123456789abcdefABCDEF", "/mcp/cl%61ude/h%74tp/-"),
        ] {
            assert_eq!(run(&before.replace('S', SECRET)), (after.to_owned(), secret.clone()), "{before}");
        }
    }

    #[test]
    fn what_stands_in_the_place_of_a_secret_is_one() {
        let uuid = "5d9a7e5e-5b0e-4b59-8d5c-3f0a2a0d8f11";
        assert_eq!(run(&format!("/mcp/claude/sse/{uuid}")), ("/mcp/claude/sse/-".into(), Some(uuid.into())));
        assert_eq!(run("/mcp/claude/http/%FF"), ("/mcp/claude/http/-".into(), Some("%FF".into())));
    }

    #[test]
    fn other_paths_stay() {
        for uri in [
            "/",
            "*",
            "/mcp",
            "/mcp/",
            "/mcp/claude/http",
            "/mcp/claude/http/",
            "/mcp/messages/?session_id=1",
            "/api/v1/memories/%E4?page=2&size=3",
        ] {
            assert_eq!(run(uri), (uri.to_owned(), None));
        }
    }

    #[test]
    fn secrets_leave_the_query() {
        assert_eq!(run(&format!("/x?a=1&token={SECRET}&b=2")).0, "/x?a=1&b=2");
        assert_eq!(run(&format!("/x?q={SECRET}")).0, "/x");
        assert_eq!(run("/x?q=%6amk_0123&page=1").0, "/x?page=1");
        assert_eq!(run("/x?access_token=anything").0, "/x");
        assert_eq!(run("/x?t=eyJh.eyJz.sig").0, "/x");
        assert_eq!(run("/x?jmr_abc").0, "/x");
        assert_eq!(run("/oauth/authorize?state=eyJh.eyJz.sig").0, "/oauth/authorize?state=eyJh.eyJz.sig");
    }

    #[test]
    fn sentences_lose_every_secret() {
        assert_eq!(without_secrets("no jme_a-b_C here, no jmk_1."), "no - here, no -.");
        assert!(matches!(without_secrets("plain"), Cow::Borrowed(_)));
        assert_eq!(format!("{:?}", PathSecret(SECRET.into())), "PathSecret([redacted])");
    }
}
