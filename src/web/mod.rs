//! The web page at `/`: the files that `/web` builds, compiled in, and the facts that the page needs before anybody has
//! signed in. It holds no data and asks no store; what it shows it reads from the REST edge as every other client does.
//!
//! Only the page's own routes answer with the page. An address that nobody knows is shown as such to whoever reads it in a
//! browser, and is a problem like any other to a program.

mod assets;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{any, get},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;

use crate::{
    config::Config,
    error::{Code, Error, Result},
    http::extract::Json,
};

/// The paths that the page knows. The same list, with `$` for the braces, lies in `web/src/routes.ts`; a test of the page
/// opens each one.
const PAGES: &[&str] = &[
    "/",
    "/privacy",
    "/terms",
    "/support",
    "/sign-in",
    "/register",
    "/start",
    "/authorize/{request}",
    "/device",
    "/welcome",
    "/connect",
    "/dashboard",
    "/memories",
    "/memories/{id}",
    "/apps",
    "/apps/{id}",
    "/projects",
    "/review",
    "/learning",
    "/playground",
    "/settings",
    "/usage",
    "/operator",
    "/operator/{page}",
];
/// Where people look for what has another name here.
const OTHER_NAMES: [(&str, &str); 4] =
    [("/login", "/sign-in"), ("/signin", "/sign-in"), ("/signup", "/register"), ("/sign-up", "/register")];
/// The first segments of paths that programs call: there, nobody is shown a page.
const OF_PROGRAMS: [&str; 10] =
    ["api", "mcp", "oauth", "health", "metrics", "openapi.json", "docs", "assets", "config.json", ".well-known"];
/// Everything that no other route takes.
const UNKNOWN: &str = "/{*unknown}";
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
            registration: config.registration(),
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
        .route(UNKNOWN, any(unknown))
        .with_state(Arc::new(config))
}

/// An address that is none, or nearly one.
async fn unknown(State(config): State<Arc<PageConfig>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let of_programs = path.split('/').nth(1).is_some_and(|first| OF_PROGRAMS.contains(&first));
    if of_programs || !(method == Method::GET || method == Method::HEAD) || !reads_pages(&headers) {
        return Error::new(Code::NotFound, "Nothing is served at this path. The API is described at /openapi.json.").into_response();
    }
    if let Some(meant) = meant(path) {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Redirect::temporary(&format!("{meant}{query}")).into_response();
    }
    let mut response = page(State(config)).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Whether a browser asks, for somebody to read the answer.
fn reads_pages(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|entry| entry.split(';').next().is_some_and(|kind| kind.trim() == "text/html"))
}

/// The page that somebody means with a last slash too many, with capitals, or by the name that it has elsewhere. Never an
/// address of another server: it begins as one of ours does.
fn meant(path: &str) -> Option<String> {
    let trimmed = path.trim_end_matches('/');
    let small = trimmed.to_ascii_lowercase();
    let small = OTHER_NAMES.iter().find(|(name, _)| *name == small).map_or(small.as_str(), |&(_, page)| page);
    if PAGES.contains(&small) {
        return (small != path).then(|| small.to_owned());
    }
    // With an id, which stays as it is.
    let fits = |page: &str| {
        let (own, given) = (page.split('/'), trimmed.split('/'));
        own.clone().count() == given.clone().count()
            && own.zip(given).all(|(own, given)| if own.starts_with('{') { !given.is_empty() } else { own == given })
    };
    (trimmed != path && PAGES.iter().any(|page| fits(page))).then(|| trimmed.to_owned())
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
    fn a_page_is_found_by_what_somebody_means() {
        for (path, page) in [
            ("/login", "/sign-in"),
            ("/login/", "/sign-in"),
            ("/signup", "/register"),
            ("/Dashboard", "/dashboard"),
            ("/dashboard/", "/dashboard"),
            ("/memories/01A1ffe7/", "/memories/01A1ffe7"),
            ("/operator/health/", "/operator/health"),
        ] {
            assert_eq!(meant(path).as_deref(), Some(page), "{path}");
        }
        for path in ["/help", "//evil.example/", "//evil.example//", "/memories/a/b/", "/dashboards/", "/\\evil.example/"] {
            assert_eq!(meant(path), None, "{path}");
        }
    }

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
