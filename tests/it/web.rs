//! The web edge from outside: what the page's addresses answer, and what they must not answer. Whether the page was built or
//! not, for Rust can be tested without it.

use reqwest::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use crate::support::app::TestApp;

fn built() -> bool {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/index.html").exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_pages_and_everything_else_is_not() {
    let app = TestApp::start().await;
    let get = async |path: &str| app.http.get(format!("{}{path}", app.base)).send().await.expect("an answer");
    for path in ["/", "/memories", "/memories/some-id", "/connect", "/operator/users"] {
        let answer = get(path).await;
        assert_eq!(answer.status().as_u16(), if built() { 200 } else { 503 }, "{path}");
        let headers = answer.headers().clone();
        assert_eq!(headers[CACHE_CONTROL], "no-store", "{path}");
        for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("x-frame-options", "DENY")] {
            assert_eq!(headers[name], value, "{path}");
        }
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let page = answer.text().await.expect("text");
        if built() {
            assert!(page.contains("<div id=\"root\">") && !page.contains("__CSP_NONCE__"), "{path}: {page}");
            let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
            assert!(page.contains(&format!("nonce=\"{nonce}\"")), "{path}: {page}");
        } else {
            assert!(page.contains("make run"), "{page}");
        }
    }
    for path in
        ["/api/v1/nothing", "/api", "/mcp/a/b/c/d", "/health/nothing", "/metrics/nothing", "/nothing", "/assets/nothing.js", "/index.html"]
    {
        let answer = get(path).await;
        assert_eq!(answer.status().as_u16(), 404, "{path}");
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_says_how_to_sign_in_and_nothing_secret() {
    let app = TestApp::start_with(
        &[
            ("SUPABASE_URL", "http://127.0.0.1:9"),
            ("SUPABASE_ANON_KEY", "12345"),
            ("SUPABASE_JWT_SECRET", "a-secret-that-must-never-leave-the-server"),
            ("JM__SERVER__CONTACT", "help@example.com"),
        ],
        jonathans_memory::app::Outside::default(),
    )
    .await;
    let answer = app.http.get(format!("{}/config.json", app.base)).send().await.expect("an answer");
    assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
    let text = answer.text().await.expect("text");
    let config: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(config["supabase"], serde_json::json!({ "url": "http://127.0.0.1:9", "anon_key": "12345" }));
    assert_eq!((&config["accounts"], &config["contact"]), (&serde_json::json!(true), &serde_json::json!("help@example.com")));
    assert_eq!(config["base_url"], serde_json::json!(app.base));
    assert_eq!(config["import_bytes"], serde_json::json!(268_435_456));
    assert!(!text.contains("must-never-leave"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_never_change_and_come_compressed() {
    if !built() {
        return;
    }
    let app = TestApp::start().await;
    let page = app.http.get(&app.base).send().await.expect("an answer").text().await.expect("text");
    let script = page.split("src=\"/assets/").nth(1).and_then(|rest| rest.split('"').next()).expect("a script");
    let url = format!("{}/assets/{script}", app.base);
    let get = async |accepts: &str| app.http.get(&url).header(ACCEPT_ENCODING, accepts).send().await.expect("an answer");
    let mut sizes = Vec::new();
    for (accepts, encoding) in [("br, gzip", Some("br")), ("gzip;q=1, br;q=0", Some("gzip")), ("identity", None)] {
        let answer = get(accepts).await;
        assert_eq!(answer.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(answer.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(answer.headers().get(CONTENT_ENCODING).map(|e| e.to_str().expect("text")), encoding);
        sizes.push(answer.bytes().await.expect("bytes").len());
    }
    assert!(sizes[0] <= sizes[1] && sizes[1] * 2 < sizes[2], "{sizes:?}");
}
