//! `/openapi.json` and `/docs`. Every asset of the page is compiled in; it loads nothing from elsewhere and has no
//! inline script, so its content policy needs no exceptions.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::error::{Code, Error};

/// The page's own scripts, styles and pictures, and calls of this server; nothing else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                           connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn router(document: &OpenApi) -> Router {
    // Rendered once: the document never changes while the process runs.
    let json = Bytes::from(document.to_json().unwrap_or_default());
    let config = Arc::new(Config::new(["/openapi.json"]).validator_url("none").display_operation_id(true));
    let index = config.clone();
    Router::new()
        .route("/openapi.json", get(async move || ([(header::CONTENT_TYPE, "application/json")], json)))
        // The page names its assets relative to a path with a slash at its end.
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(async move || asset("", index)))
        .route("/docs/{*path}", get(async move |Path(path): Path<String>| asset(&path, config)))
}

fn asset(path: &str, config: Arc<Config<'static>>) -> Result<Response, Error> {
    let file = utoipa_swagger_ui::serve(path, config).map_err(|e| Error::internal(anyhow::anyhow!("documentation page: {e}")))?;
    let Some(file) = file else {
        return Err(Error::new(Code::NotFound, "The documentation has no such file. It starts at /docs/."));
    };
    let mut response = file.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&file.content_type).map_err(Error::internal)?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;

    async fn fetch(path: &str) -> (Response<()>, String) {
        let document = super::super::openapi::head();
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let (parts, body) = router(&document).oneshot(request).await.expect("infallible").into_parts();
        let body = axum::body::to_bytes(body, 10_000_000).await.expect("a body");
        (Response::from_parts(parts, ()), String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn the_page_needs_nothing_from_elsewhere_and_no_inline_script() {
        let (response, page) = fetch("/docs/").await;
        assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], PAGE_POLICY);
        for (tag, attribute) in [("<script", "src=\"./"), ("<link", "href=\"")] {
            for element in page.split(tag).skip(1) {
                let element = element.split('>').next().expect("an element");
                assert!(element.contains(attribute) && !element.contains("//"), "{tag}{element}");
            }
        }
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("onload="), "{page}");
        for asset in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-initializer.js"] {
            assert!(page.contains(asset));
            assert_eq!(fetch(&format!("/docs/{asset}")).await.0.status(), 200, "{asset}");
        }
        assert!(fetch("/docs/swagger-initializer.js").await.1.contains("/openapi.json"));
        assert_eq!(fetch("/docs/../secret").await.0.status(), 404);
    }
}
