//! The web page at `/`: the files that `/web` builds, compiled in, and the facts that the page needs before anybody has
//! signed in. It holds no data and asks no store; what it shows it reads from the REST edge as every other client does.
//!
//! Only the page's own routes answer with the page: an unknown path below `/api` or anywhere else stays what it is.

mod assets;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;

use crate::{
    config::Config,
    error::{Code, Error, Result},
    http::extract::Json,
};

/// The paths that the page knows. The same list, with `$` for the braces, lies in `web/src/router.tsx`; a test of the page
/// opens each one.
const PAGES: &[&str] = &[
    "/",
    "/privacy",
    "/terms",
    "/support",
    "/sign-in",
    "/register",
    "/welcome",
    "/connect",
    "/dashboard",
    "/memories",
    "/memories/{id}",
    "/apps",
    "/apps/{id}",
    "/projects",
    "/learning",
    "/playground",
    "/settings",
    "/operator",
    "/operator/{page}",
];
/// What stands in the built page where each answer puts a number of its own.
const NONCE: &str = "__CSP_NONCE__";
/// Where the page was not built.
const NOT_BUILT: &str = "The web page was not built into this program. Build it with 'make run', or with 'npm ci && npm run build' in web/; \
                         the API is described at /docs.\n";

/// What the page must know before anybody has signed in; all of it public.
#[derive(Debug, Clone, Serialize)]
pub struct PageConfig {
    version: &'static str,
    /// How clients reach the server.
    base_url: String,
    /// Whether built-in accounts sign in here.
    accounts: bool,
    /// Whether strangers may register one.
    registration: bool,
    /// Sign-in by Supabase, in place of built-in accounts.
    supabase: Option<Supabase>,
    /// Largest file of an import, in bytes.
    import_bytes: u64,
    /// Whom to ask for help: an e-mail address or a URL.
    contact: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Supabase {
    url: String,
    /// The project's publishable (or `anon`) key: public by its nature. Null where the operator has not set it.
    anon_key: Option<String>,
}

impl PageConfig {
    /// From the settings; `base_url` is how clients reach the server.
    #[must_use]
    pub fn new(config: &Config, base_url: &str) -> Self {
        let auth = &config.auth;
        let supabase = auth
            .supabase_url
            .as_ref()
            .map(|url| Supabase { url: url.trim_end_matches('/').to_owned(), anon_key: auth.supabase_anon_key.clone() });
        Self {
            version: env!("CARGO_PKG_VERSION"),
            base_url: base_url.to_owned(),
            accounts: auth.accounts,
            registration: auth.accounts && auth.registration,
            supabase,
            import_bytes: config.limits.import_bytes,
            contact: config.server.contact.clone(),
        }
    }

    /// What the page may do: its own scripts, styles, pictures and calls; and calls of the identity provider, where there is
    /// one. Menus and dialogs put a style element into the page, which carries the answer's number.
    fn policy(&self, nonce: &str) -> String {
        let provider = self.supabase.as_ref().map(|supabase| format!(" {}", supabase.url)).unwrap_or_default();
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'{provider}; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    }
}

/// The page, its files and `/config.json`. Merged with the other edges before the shared layers.
pub fn router(config: PageConfig) -> Router {
    let pages = PAGES.iter().fold(Router::new(), |router, path| router.route(path, get(page)));
    pages
        .route("/config.json", get(async |State(config): State<Arc<PageConfig>>| Json(config.as_ref().clone())))
        .route("/assets/{file}", get(async |Path(file): Path<String>, headers: HeaderMap| file_of(&format!("assets/{file}"), &headers)))
        .route("/favicon.svg", get(async |headers: HeaderMap| file_of("favicon.svg", &headers)))
        .route("/licenses.txt", get(async |headers: HeaderMap| file_of("licenses.txt", &headers)))
        .route("/theme.js", get(async |headers: HeaderMap| file_of("theme.js", &headers)))
        .with_state(Arc::new(config))
}

async fn page(State(config): State<Arc<PageConfig>>) -> Response {
    let Some(index) = assets::index() else {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT).into_response();
    };
    let nonce = BASE64_STANDARD.encode(rand::random::<[u8; 18]>());
    let mut response = index.replace(NONCE, &nonce).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::from_str(&config.policy(&nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=()"));
    response
}

fn file_of(path: &str, headers: &HeaderMap) -> Result<Response> {
    let file = assets::file(path, headers).ok_or_else(|| Error::new(Code::NotFound, "The page has no such file. It starts at /."))?;
    let mut response = file.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(file.caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = file.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_opens_the_provider_and_nothing_else() {
        let mut config = Config::default();
        let own = PageConfig::new(&config, "http://127.0.0.1:8765");
        let policy = own.policy("n");
        assert!(policy.contains("script-src 'self';") && policy.contains("connect-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        config.auth.supabase_url = Some("https://x.supabase.co/".into());
        let policy = PageConfig::new(&config, "http://127.0.0.1:8765").policy("n");
        assert!(policy.contains("connect-src 'self' https://x.supabase.co;"), "{policy}");
    }
}
