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
    assert_eq!(names, ["search_memory", "list_memories", "get_memory"], "a reader sees the tools that read");
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

/// The texts of a list's answer, in its order.
fn texts_of(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap_or_else(|| panic!("no items in {page}")).iter().map(|m| m["content"].as_str().expect("text")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_as_a_bound_is_its_whole_day_wherever_it_stands() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    for (text, at) in [
        ("before the day", json!("2026-05-02T23:59:59.999999Z")),
        ("as it began", json!("2026-05-03")),
        ("in the afternoon", json!("2026-05-03T15:00:00Z")),
        ("as it ended", json!("2026-05-03 23:59:59.999999")),
        ("after the day", json!(20_260_504)),
    ] {
        let (status, answer) = app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": text, "occurred_at": at }))).await;
        assert_eq!(status, 200, "{answer}");
    }
    let of_day = ["as it began", "as it ended", "in the afternoon"];
    let list = "/api/v1/memories/?sort_column=memory";
    for (from, to) in
        [("2026-05-03", "2026-05-03"), ("20260503", "2026/05/03"), ("2026-05-03T00:00", "2026-05-03"), ("2026-05-03", "2026-05-03Z")]
    {
        let (_, page) = app.rest(&ann.jwt, "GET", &format!("{list}&from_date={from}&to_date={to}"), None).await;
        assert_eq!(texts_of(&page), of_day, "list {from} {to}");
        let body = json!({ "from_date": from, "to_date": to, "sort_column": "memory" });
        let (_, page) = app.rest(&ann.jwt, "POST", "/api/v1/memories/filter", Some(body)).await;
        assert_eq!(texts_of(&page), of_day, "filter {from} {to}");
        let body = json!({ "query": "day afternoon", "threshold": 0, "from_date": from, "to_date": to });
        let (_, found) = app.rest(&ann.jwt, "POST", "/api/v1/memories/search", Some(body)).await;
        assert_eq!(found["results"].as_array().map(Vec::len), Some(3), "search {from} {to}: {found}");
        let found = app.tool(&ann, "search_memory", json!({ "query": "day afternoon", "threshold": 0, "from": from, "to": to })).await;
        assert_eq!(found["structuredContent"]["results"].as_array().map(Vec::len), Some(3), "tool {from} {to}: {found}");
    }
    for (bounds, expected) in
        [("from_date=2026-05&to_date=2026-05", 5), ("from_date=2026&to_date=2026", 5), ("to_date=2026-04", 0), ("from_date=2027", 0)]
    {
        let (_, page) = app.rest(&ann.jwt, "GET", &format!("{list}&{bounds}"), None).await;
        assert_eq!(page["total"], json!(expected), "{bounds}");
    }
    for odd in ["03/05/2026", "2026-02-30", "tomorrow"] {
        let (status, problem) = app.rest(&ann.jwt, "GET", &format!("{list}&to_date={odd}"), None).await;
        assert!(status == 422 && problem["detail"].as_str().is_some_and(|d| d.contains("2026-03-01")), "{problem}");
    }

    // What was added today is known as of today, and taken back by a window that ends today.
    let (_, memory) = app.rest(&ann.jwt, "GET", list, None).await;
    let today = jonathans_memory::clock::Timestamp::from_secs(memory["items"][0]["created_at"].as_i64().expect("seconds")).rfc3339();
    let today = &today[..10];
    let (_, page) = app.rest(&ann.jwt, "GET", &format!("{list}&as_of={today}"), None).await;
    assert_eq!(page["total"], json!(5));
    let (_, page) = app.rest(&ann.jwt, "GET", &format!("{list}&as_of=2026-01-01"), None).await;
    assert_eq!(page["total"], json!(0));
    let undo = json!({ "app": "web", "from": today, "to": today, "dry_run": true });
    let (_, undone) = app.rest(&ann.jwt, "POST", "/api/v1/undo", Some(undo)).await;
    assert_eq!(undone["deleted"], json!(5), "{undone}");
    // What ends today is there to the end of it.
    let (_, kept) = app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": "valid today", "expires_at": today }))).await;
    let (_, kept) = app.rest(&ann.jwt, "GET", &format!("/api/v1/memories/{}", kept["id"].as_str().expect("an id")), None).await;
    assert_eq!(kept["expires_at"], json!(format!("{today}T23:59:59.999999Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_the_order_that_was_asked_for_both_ways() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let lines: Vec<_> = [("in March", 3), ("in October", 10), ("in January", 1), ("in August", 8)]
        .iter()
        .map(|(text, month)| json!({ "text": text, "created_at": format!("2025-{month:02}-05T10:00:00Z"), "occurred_at": format!("2020-{:02}-01", 13 - month) }))
        .collect();
    let request = app.http.post(format!("{}/api/v1/import", app.base)).bearer_auth(&ann.jwt).body(json!(lines).to_string());
    let report: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(report["stored"], json!(4), "{report}");
    let by_cursor = async |order: &str| {
        let (mut texts, mut cursor) = (Vec::new(), String::new());
        loop {
            // The order is told once; the cursor knows it.
            let order = if cursor.is_empty() { order } else { "" };
            let (status, page) = app.rest(&ann.jwt, "GET", &format!("/api/v1/memories/?limit=1&cursor={cursor}&{order}"), None).await;
            assert_eq!(status, 200, "{page}");
            texts.extend(texts_of(&page).into_iter().map(str::to_owned));
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return texts,
            }
        }
    };
    let newest = ["in October", "in August", "in March", "in January"];
    let oldest = ["in January", "in March", "in August", "in October"];
    let names = ["in August", "in January", "in March", "in October"];
    for (order, expected) in [
        ("", newest),
        ("sort_column=created_at", newest),
        ("sort_column=created_at&sort_direction=asc", oldest),
        ("sort_column=occurred_at", oldest),
        ("sort_column=occurred_at&sort_direction=asc", newest),
        ("sort_column=memory", names),
        ("sort_column=memory&sort_direction=asc", names),
    ] {
        let (_, page) = app.rest(&ann.jwt, "GET", &format!("/api/v1/memories/?size=50&{order}"), None).await;
        assert_eq!(texts_of(&page), expected, "{order}");
        assert_eq!(by_cursor(order).await, expected, "{order} by cursor");
    }
    let (_, page) = app.rest(&ann.jwt, "GET", "/api/v1/memories/?limit=2", None).await;
    let march = format!("/api/v1/memories/{}", page["items"][1]["id"].as_str().expect("an id"));
    assert_eq!(app.rest(&ann.jwt, "PUT", &march, Some(json!({ "tags": ["new"] }))).await.0, 200);
    let (_, changed) = app.rest(&ann.jwt, "GET", "/api/v1/memories/?sort_column=updated_at&limit=1", None).await;
    assert_eq!(texts_of(&changed), ["in August"]);

    let cursor = page["next_cursor"].as_str().expect("a cursor");
    for (path, says) in [
        (format!("/api/v1/memories/?cursor={cursor}&sort_column=memory"), "another order"),
        (format!("/api/v1/memories/?cursor={}", page["items"][0]["id"].as_str().expect("an id")), "older version"),
        ("/api/v1/memories/?cursor=x".to_owned(), "not one of ours"),
        ("/api/v1/memories/?sort_column=strength".to_owned(), "'occurred_at'"),
    ] {
        let (status, problem) = app.rest(&ann.jwt, "GET", &path, None).await;
        assert!(status == 422 && problem["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{path}: {problem}");
    }
    let first = app.tool(&ann, "list_memories", json!({ "limit": 2 })).await;
    let next = first["structuredContent"]["next_cursor"].as_str().expect("a cursor");
    let second = app.tool(&ann, "list_memories", json!({ "limit": 2, "cursor": next })).await;
    let of = |answer: &Value| {
        answer["structuredContent"]["memories"].as_array().expect("memories").iter().map(|m| m["memory"].clone()).collect::<Vec<_>>()
    };
    assert_eq!([of(&first), of(&second)].concat(), newest, "a tool's pages too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_a_file_is_an_import() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let send = async |kind: &str, body: Vec<u8>| {
        let request = app.http.post(format!("{}/api/v1/import", app.base)).bearer_auth(&ann.jwt).header("content-type", kind);
        let answer = request.body(body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    let form = |name: &str, file: &str| {
        let field = "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nfrom my laptop\r\n";
        format!(
            "{field}--b\r\nContent-Disposition: form-data; name=\"file\"{name}\r\nContent-Type: application/json\r\n\r\n{file}\r\n--b--\r\n"
        )
        .into_bytes()
    };
    let file = json!([{ "text": "plays chess", "tags": "hobby, board" }, { "text": "sails" }]).to_string();
    let (status, report) = send("multipart/form-data; boundary=b", form("; filename=\"a.json\"", &file)).await;
    assert_eq!((status, &report["stored"], &report["failed_more"]), (200, &json!(2), &json!(0)), "{report}");
    let (_, page) = app.rest(&ann.jwt, "GET", "/api/v1/memories/?search_query=chess", None).await;
    assert_eq!(page["items"][0]["tags"], json!(["hobby", "board"]), "{page}");
    let (status, problem) = send("multipart/form-data; boundary=b", form("", &file)).await;
    assert!(status == 422 && problem["detail"].as_str().is_some_and(|d| d.contains("has no file")), "{problem}");
    let (status, problem) = send("multipart/form-data", form("; filename=\"a.json\"", &file)).await;
    assert!(status == 422 && problem["detail"].as_str().is_some_and(|d| d.contains("boundary")), "{problem}");
}
