//! The REST edge from outside: the shapes that OpenMemory's users know, and none of its defects.

use serde_json::{Value, json};

use crate::support::app::{Person, TestApp};

async fn create(app: &TestApp, person: &Person, body: Value) -> Value {
    let (status, row) = app.rest(&person.jwt, "POST", "/api/v1/memories/", Some(body)).await;
    assert_eq!(status, 200, "{row}");
    row
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_lives_its_whole_life() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let row = create(
        &app,
        &ann,
        json!({ "user_id": "ignored", "text": "Ann moved to Oslo", "metadata": { "k": [1, null] }, "tags": ["home", "home"],
                "speaker": "Ann", "occurred_at": "2023-05-08", "session_id": "s1", "memory_type": "episodic", "app": "notes" }),
    )
    .await;
    let id = row["id"].as_str().expect("an id").to_owned();
    assert_eq!((&row["content"], &row["app_name"], &row["categories"]), (&json!("Ann moved to Oslo"), &json!("notes"), &json!(["home"])));
    assert_eq!((&row["metadata_"], &row["state"], &row["memory_type"]), (&json!({ "k": [1, null] }), &json!("active"), &json!("episodic")));

    // A turn of another day is another event; the text without its context, or with it, is what is known.
    let later = json!({ "text": "Ann moved to Oslo", "speaker": "Ann", "occurred_at": "2024-05-08", "session_id": "s2" });
    assert_eq!(create(&app, &ann, later).await["event"], "ADD");
    let plain = create(&app, &ann, json!({ "text": "ann moved to Oslo!" })).await;
    assert_eq!((&plain["event"], &plain["reason"]), (&json!("NONE"), &json!("duplicate")));
    assert_eq!(create(&app, &ann, json!({ "text": "ann moved to Oslo!", "force": true })).await["event"], "ADD");
    let again = json!({ "text": "Ann moved to Oslo", "speaker": "Ann", "occurred_at": "2023-05-08", "session_id": "s1" });
    let again = create(&app, &ann, again).await;
    assert_eq!((&again["event"], &again["id"]), (&json!("NONE"), &json!(id)));

    // What REST changes, MCP finds: the old words are gone, the new ones are there.
    let path = format!("/api/v1/memories/{id}");
    let read = app.http.get(format!("{}{path}", app.base)).bearer_auth(&ann.jwt).send().await.expect("an answer");
    let etag = read.headers()["etag"].to_str().expect("text").to_owned();
    let change = json!({ "memory_content": "Ann moved to Bergen", "user_id": "ignored" });
    let put = |etag: &str, body: &Value| {
        app.http.put(format!("{}{path}", app.base)).bearer_auth(&ann.jwt).header("if-match", etag).json(body).send()
    };
    assert_eq!(put(&etag, &change).await.expect("an answer").status().as_u16(), 200);
    assert_eq!(put(&etag, &change).await.expect("an answer").status().as_u16(), 412, "the version has moved on");
    let found = app.tool(&ann, "search_memory", json!({ "query": "Bergen" })).await;
    assert_eq!(found["structuredContent"]["results"][0]["id"], json!(id));

    let (_, history) = app.rest(&ann.jwt, "GET", &format!("{path}/history"), None).await;
    assert!(history.to_string().contains("Oslo") && history.to_string().contains("Bergen"), "{history}");
    let (_, log) = app.rest(&ann.jwt, "GET", &format!("{path}/access-log"), None).await;
    assert!(log["logs"].as_array().is_some_and(|l| l.iter().any(|e| e["app_name"] == "test")), "who read it: {log}");
    let (status, related) = app.rest(&ann.jwt, "GET", &format!("{path}/related"), None).await;
    assert!(status == 200 && !related.to_string().contains(&id), "{related}");

    let (_, gone) = app.rest(&ann.jwt, "DELETE", "/api/v1/memories/", Some(json!({ "memory_ids": [id] }))).await;
    assert_eq!(gone["message"], "Successfully deleted 1 memories");
    assert_eq!(app.rest(&ann.jwt, "GET", &path, None).await.0, 404);
    let found = app.tool(&ann, "search_memory", json!({ "query": "Bergen" })).await;
    assert!(!found.to_string().contains(&id), "deleted in one place is deleted everywhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filters_and_both_kinds_of_paging_agree() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let batch: Vec<_> =
        (0..25).map(|n| json!({ "text": format!("note {n}"), "tags": [if n % 2 == 0 { "even" } else { "odd" }] })).collect();
    let (status, answer) =
        app.rest(&ann.api_key, "POST", "/api/v1/memories/batch", Some(json!({ "memories": batch, "infer": false }))).await;
    assert_eq!((status, answer["results"].as_array().map(Vec::len)), (200, Some(25)), "{answer}");

    for path in ["/api/v1/memories/?page=1&size=10", "/api/v1/memories?page=1&size=10"] {
        let (_, page) = app.rest(&ann.jwt, "GET", path, None).await;
        assert_eq!((&page["total"], &page["pages"], page["items"].as_array().map(Vec::len)), (&json!(25), &json!(3), Some(10)), "{path}");
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let (_, page) = app.rest(&ann.jwt, "GET", &format!("/api/v1/memories/?limit=7&cursor={cursor}"), None).await;
        for item in page["items"].as_array().expect("items") {
            assert!(seen.insert(item["id"].as_str().expect("an id").to_owned()), "no entry twice");
        }
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    let (_, even) = app.rest(&ann.jwt, "POST", "/api/v1/memories/filter", Some(json!({ "category_ids": ["even"], "size": 50 }))).await;
    assert_eq!(even["total"], 13);
    let (_, hits) = app.rest(&ann.jwt, "POST", "/api/v1/memories/filter", Some(json!({ "search_query": "NOTE 1", "size": 50 }))).await;
    assert_eq!(hits["total"], 11, "note 1 and 10 to 19, whatever the case");
    let (_, categories) = app.rest(&ann.jwt, "GET", "/api/v1/memories/categories", None).await;
    assert_eq!(categories["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_item_of_a_batch_has_its_own_answer() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let memories = json!([{ "text": "plays chess" }, { "text": "" }, { "text": "bad", "tenant_id": "x" }, { "text": "dated", "occurred_at": "yesterday" }, { "text": "plays chess" }]);
    let (status, answer) = app.rest(&ann.jwt, "POST", "/api/v1/memories/batch", Some(json!({ "memories": memories }))).await;
    assert_eq!(status, 200, "{answer}");
    let kinds: Vec<_> =
        answer["results"].as_array().expect("results").iter().map(|r| r["event"].as_str().unwrap_or("error").to_owned()).collect();
    assert_eq!(kinds, ["ADD", "error", "error", "error", "NONE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_idempotency_key_stores_one_memory() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let send = async |person: &Person, body: Value| {
        let request = app.http.post(format!("{}/api/v1/memories/", app.base)).bearer_auth(&person.jwt).header("idempotency-key", "k1");
        let response = request.json(&body).send().await.expect("an answer");
        (response.status().as_u16(), response.json::<Value>().await.expect("JSON"))
    };
    let answers = futures::future::join_all((0..50).map(|_| send(&ann, json!({ "text": "once" })))).await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "equal answers: {:?}", &answers[..2]);
    assert_eq!(answers[0].1["event"], "ADD");
    let (status, problem) = send(&ann, json!({ "text": "something else" })).await;
    assert_eq!((status, &problem["code"]), (422, &json!("idempotency_mismatch")));
    assert_eq!(send(&bob, json!({ "text": "another tenant's" })).await.0, 200);
    let (_, totals) = app.rest(&ann.jwt, "GET", "/api/v1/stats", None).await;
    assert_eq!(totals["total_memories"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn privileged_fields_and_malformed_requests_are_refused_as_problems() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    for field in ["tenant_id", "strength", "created_at", "id", "credential_id"] {
        let (status, problem) = app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": "x", field: "1" }))).await;
        assert!(status == 422 || status == 400, "{field}: {status} {problem}");
        assert!(problem["code"].is_string() && problem["request_id"].is_string(), "{problem}");
    }
    let raw = |content_type: &'static str, body: &'static str| {
        app.http.post(format!("{}/api/v1/memories/", app.base)).bearer_auth(&ann.jwt).header("content-type", content_type).body(body).send()
    };
    assert_eq!(raw("application/json", "{").await.expect("an answer").status().as_u16(), 400);
    assert_eq!(raw("text/plain", "{}").await.expect("an answer").status().as_u16(), 415);
    for (method, path, status) in
        [("GET", "/api/v1/nothing", 404), ("PATCH", "/api/v1/stats", 405), ("GET", "/api/v1/memories/not-an-id", 404)]
    {
        let (got, problem) = app.rest(&ann.jwt, method, path, None).await;
        assert!(got == status || (path.ends_with("not-an-id") && got == 422), "{method} {path}: {got}");
        assert_eq!(problem["status"], got, "{problem}");
    }
    let huge = json!({ "text": "x".repeat(5 * 1024 * 1024) });
    assert_eq!(app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(huge)).await.0, 413);
    assert_eq!(app.rest("", "GET", "/api/v1/stats", None).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_touches_nobody_else() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let (anns, bobs) = (app.add(&ann, "ann likes tea").await, app.add(&bob, "bob likes tea").await);
    let (status, _) = app.rest(&ann.jwt, "POST", "/api/v1/memories/actions/pause", Some(json!({ "global_pause": true }))).await;
    assert_eq!(status, 200);
    let hidden = app.tool(&ann, "search_memory", json!({ "query": "tea" })).await;
    assert_eq!(
        (&hidden["structuredContent"]["reason"], &hidden["structuredContent"]["left_out"]),
        (&json!("paused"), &json!({ "paused": 1 }))
    );
    let seen = app.tool(&bob, "search_memory", json!({ "query": "tea" })).await;
    assert_eq!(seen["structuredContent"]["results"][0]["id"], json!(bobs));
    let body = json!({ "memory_ids": [anns], "state": "active" });
    assert_eq!(app.rest(&ann.jwt, "POST", "/api/v1/memories/actions/pause", Some(body)).await.0, 200);
    assert!(app.tool(&ann, "search_memory", json!({ "query": "tea" })).await.to_string().contains(&anns));

    // A pause and its end leave the archive alone.
    let archived = app.add(&ann, "ann liked cocoa").await;
    assert_eq!(app.rest(&ann.jwt, "POST", "/api/v1/memories/actions/archive", Some(json!({ "memory_ids": [archived] }))).await.0, 200);
    for state in ["paused", "active"] {
        let body = json!({ "global_pause": true, "state": state });
        assert_eq!(app.rest(&ann.jwt, "POST", "/api/v1/memories/actions/pause", Some(body)).await.0, 200);
    }
    let (_, memory) = app.rest(&ann.jwt, "GET", &format!("/api/v1/memories/{archived}"), None).await;
    assert_eq!(memory["state"], "archived");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_open_no_more_than_they_say() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    app.add(&ann, "in the default project").await;
    let project = app.rest(&ann.jwt, "POST", "/api/v1/projects", Some(json!({ "name": "work" }))).await.1["id"].clone();
    let body = json!({ "name": "narrow", "scopes": ["memory:read"], "project_id": project });
    let (status, key) = app.rest(&ann.jwt, "POST", "/api/v1/keys", Some(body)).await;
    assert!(status < 300, "{key}");
    let key = key["api_key"]
        .as_str()
        .or(key["secret"].as_str())
        .or(key["key"].as_str())
        .unwrap_or_else(|| panic!("no secret in {key}"))
        .to_owned();
    let (status, page) = app.rest(&key, "GET", "/api/v1/memories/", None).await;
    assert_eq!((status, &page["total"]), (200, &json!(0)), "only its own project");
    let (status, problem) = app.rest(&key, "POST", "/api/v1/memories/", Some(json!({ "text": "x" }))).await;
    assert_eq!((status, &problem["code"]), (403, &json!("insufficient_scope")));
    assert_eq!(app.rest(&key, "GET", "/api/v1/keys", None).await.0, 403, "no account management");
    let url = format!("{}/mcp", app.base);
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let listed = app.http.post(&url).bearer_auth(&key).header("accept", "application/json, text/event-stream").json(&request).send().await;
    let listed: Value = listed.expect("an answer").json().await.expect("JSON");
    let names: Vec<_> = listed["result"]["tools"].as_array().expect("tools").iter().map(|t| t["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["search_memory", "list_memories"], "a reader sees the tools that read");
    let jwt_on_mcp = app.http.post(&url).bearer_auth(&ann.jwt).json(&request).send().await.expect("an answer");
    assert_eq!(jwt_on_mcp.status().as_u16(), 401, "an access token is for REST");
    assert_eq!(app.rest(&ann.endpoint, "GET", "/api/v1/stats", None).await.0, 401, "an endpoint's secret is for MCP");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_and_its_page_come_from_here() {
    let app = TestApp::start().await;
    let (status, document) = app.rest("", "GET", "/openapi.json", None).await;
    assert_eq!((status, document["openapi"].as_str().map(|v| v.starts_with("3.1"))), (200, Some(true)));
    let page = app.http.get(format!("{}/docs/", app.base)).send().await.expect("an answer");
    assert_eq!(page.status().as_u16(), 200);
    let html = page.text().await.expect("text");
    assert!(!html.contains("https://") && !html.contains("//cdn"), "every asset is ours");
}
