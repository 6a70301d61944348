//! Taking everything along, bringing it back, and leaving nothing behind; on both databases.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Write},
    net::Ipv4Addr,
    sync::Arc,
    time::Duration,
};

use jonathans_memory::{
    adapters::sql::Engine,
    app::Outside,
    clock::{ManualClock, Timestamp},
};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::{
    app::{Person, TestApp},
    db, eventually,
    process::jmem,
    qdrant::QdrantDouble,
};

/// Rows of a tenant in every table that names one, but the audit trail; as the owner of the database sees them.
async fn rows_of(url: &str, tenant: Uuid) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    if url.starts_with("sqlite") {
        let pool = sqlx::SqlitePool::connect(url).await.expect("the file opens");
        let tables = "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND p.name = 'tenant_id'";
        for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&pool).await.expect("tables") {
            let count = sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = $1"))).bind(tenant);
            rows.insert(table, count.fetch_one(&pool).await.expect("a count"));
        }
    } else {
        let pool = sqlx::PgPool::connect(url).await.expect("the server answers");
        let tables = "SELECT table_name::text FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = 'public'";
        for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&pool).await.expect("tables") {
            let count = sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = $1"))).bind(tenant);
            rows.insert(table, count.fetch_one(&pool).await.expect("a count"));
        }
    }
    rows.remove("audit");
    // The index is looked at for a while (`index_faults` has the end of that).
    rows.remove("index_places");
    rows
}

async fn export(app: &TestApp, person: &Person) -> String {
    let answer = app.http.get(format!("{}/api/v1/export", app.base)).bearer_auth(&person.jwt).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    answer.text().await.expect("a body")
}

async fn import(app: &TestApp, person: &Person, file: String) -> Value {
    let request = app.http.post(format!("{}/api/v1/import", app.base)).bearer_auth(&person.jwt).body(file);
    request.send().await.expect("an answer").json().await.expect("JSON")
}

/// The memories of an export, without what may differ between two of them.
fn memories(file: &str) -> BTreeSet<String> {
    file.lines().filter(|line| line.contains("\"type\":\"memory\"")).map(str::to_owned).collect()
}

async fn fill(app: &TestApp, person: &Person) {
    let project = app.rest(&person.jwt, "POST", "/api/v1/projects", Some(json!({ "name": "boat" }))).await.1;
    for n in 0..450 {
        let mut memory = json!({ "text": format!("note {n} of the log"), "tags": [format!("t{}", n % 7)], "app": format!("app{}", n % 3) });
        if n % 2 == 0 {
            memory["project_id"] = project["id"].clone();
            memory["occurred_at"] = json!("2023-05-08");
            memory["speaker"] = json!("Ann");
        }
        let (status, answer) = app.rest(&person.jwt, "POST", "/api/v1/memories/", Some(memory)).await;
        assert_eq!(status, 200, "{answer}");
        let ids = json!({ "memory_ids": [answer["id"]] });
        match n % 50 {
            1 => assert_eq!(app.rest(&person.jwt, "POST", "/api/v1/memories/actions/pause", Some(ids)).await.0, 200),
            2 => assert_eq!(app.rest(&person.jwt, "POST", "/api/v1/memories/actions/archive", Some(ids)).await.0, 200),
            3 => assert_eq!(app.rest(&person.jwt, "DELETE", "/api/v1/memories/", Some(ids)).await.0, 200),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_out_comes_back_the_same() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    fill(&app, &ann).await;
    let file = export(&app, &ann).await;
    let last: Value = serde_json::from_str(file.lines().last().expect("lines")).expect("JSON");
    assert_eq!((&last["type"], &last["projects"], &last["memories"]), (&json!("end"), &json!(2), &json!(441)));

    let report = import(&app, &bob, file.clone()).await;
    assert_eq!((&report["read"], &report["stored"], &report["failed"]), (&json!(441), &json!(441), &json!([])), "{report}");
    assert_eq!(memories(&export(&app, &bob).await), memories(&file), "texts, hashes, times, states, projects and apps");
    let again = import(&app, &bob, file.clone()).await;
    assert_eq!((&again["stored"], &again["known"]), (&json!(0), &json!(441)), "{again}");

    let cut = file[..file.len() / 2].to_owned();
    let report = import(&app, &app.person("eve").await, cut).await;
    assert!(report["warning"].as_str().is_some_and(|w| w.contains("cut")), "{report}");
    let odd = "{\"content\": \"from another product\"}\n{\"content\": \"\"}\nnot JSON\n".to_owned();
    let report = import(&app, &bob, odd).await;
    assert_eq!((&report["stored"], report["failed"].as_array().map(Vec::len)), (&json!(1), Some(2)), "{report}");
}

#[test]
fn nothing_is_left_of_an_erased_account() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        db::run(engine, async |db| {
            let qdrant = QdrantDouble::start().await;
            let key = "5c".repeat(32);
            let env = [
                ("DATABASE_URL", db.url.as_str()),
                ("JM_SECRET_KEY", key.as_str()),
                ("INDEX_PROVIDER", "qdrant"),
                ("QDRANT_URL", qdrant.url.as_str()),
                ("MAIN_QDRANT_COLLECTION_NAME", "shared"),
            ];
            let app = TestApp::start_with(&env, Outside::default()).await;
            let (ann, bob) = (app.person("ann").await, app.person("bob").await);
            let theirs = app.add(&bob, "bob stays").await;
            for n in 0..5 {
                app.add(&ann, &format!("secret {n} of ann")).await;
            }
            app.tool(&ann, "search_memory", json!({ "query": "secret" })).await;
            app.app.flush().await;
            eventually("all is indexed", async || qdrant.ids("shared").len() == 6).await;

            let erase = json!({ "confirm": false });
            assert_eq!(app.rest(&ann.jwt, "DELETE", "/api/v1/account", Some(erase)).await.0, 422);
            assert_eq!(app.rest(&ann.endpoint, "DELETE", "/api/v1/account", Some(json!({ "confirm": true }))).await.0, 401);
            let (status, receipt) = app.rest(&ann.jwt, "DELETE", "/api/v1/account", Some(json!({ "confirm": true }))).await;
            assert_eq!((status, &receipt["rows"]["memories"], &receipt["rows"]["users"]), (200, &json!(5), &json!(1)), "{receipt}");

            assert_eq!(qdrant.ids("shared"), [theirs], "no point is left");
            let left = rows_of(&db.url, ann.principal.scope.tenant().0).await;
            assert!(left.len() > 10 && left.values().all(|rows| *rows == 0), "{left:?}");
            for token in [&ann.jwt, &ann.api_key] {
                eventually("it opens nothing", async || app.rest(token, "GET", "/api/v1/memories/", None).await.0 == 401).await;
            }
            assert_eq!(app.rest(&bob.jwt, "GET", "/api/v1/memories/", None).await.1["total"], json!(1), "others are untouched");
            assert!(app.app.accounts.login("ann@example.com", "correct horse battery", Ipv4Addr::LOCALHOST.into()).await.is_err());
            app.person("ann").await;
        });
    }
}

#[tokio::test]
async fn an_account_is_erased_by_its_person_alone() {
    const ACCOUNT: &str = "/api/v1/account";
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
    let app = TestApp::start_with(&[], Outside { clock: clock.clone(), ..Outside::default() }).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    app.add(&ann, "it is all there").await;
    let erase = async |token: &str, body: Value| {
        let (status, answer) = app.rest(token, "DELETE", ACCOUNT, Some(body)).await;
        (status, answer["code"].as_str().unwrap_or_default().to_owned(), answer["detail"].as_str().unwrap_or_default().to_owned())
    };
    // A key with every scope is held by a program, password or not.
    for body in [json!({ "confirm": true }), json!({ "confirm": true, "password": "correct horse battery" })] {
        let (status, code, detail) = erase(&ann.api_key, body).await;
        assert_eq!((status, code.as_str()), (403, "insufficient_scope"), "{detail}");
        assert!(detail.contains("API key") && detail.contains("Nothing was erased"), "{detail}");
    }
    // A page that was left open, or a token that was taken, is not the person.
    clock.advance(Duration::from_mins(11));
    let (status, code, detail) = erase(&ann.jwt, json!({ "confirm": true })).await;
    assert_eq!((status, code.as_str()), (403, "insufficient_scope"), "{detail}");
    let refreshed = {
        let home = Ipv4Addr::LOCALHOST.into();
        let before = app.app.accounts.login("ann@example.com", "correct horse battery", home).await.expect("signed in");
        clock.advance(Duration::from_mins(11));
        app.app.accounts.refresh(&before.tokens.refresh_token).await.expect("renewed").access_token
    };
    assert_eq!(erase(&refreshed, json!({ "confirm": true })).await.0, 403, "a renewed token is no new sign-in");
    let (status, code, detail) = erase(&refreshed, json!({ "confirm": true, "password": "wrong" })).await;
    assert_eq!((status, code.as_str()), (422, "invalid_argument"), "{detail}");
    assert_eq!(app.rest(&refreshed, "GET", "/api/v1/memories/", None).await.1["total"], json!(1), "nothing was erased");

    assert_eq!(erase(&refreshed, json!({ "confirm": true, "password": "correct horse battery" })).await.0, 200);
    let fresh = app.app.accounts.login("bob@example.com", "correct horse battery", Ipv4Addr::LOCALHOST.into()).await.expect("signed in");
    assert_eq!(erase(&fresh.tokens.access_token, json!({ "confirm": true })).await.0, 200);
    assert_eq!(app.rest(&bob.api_key, "GET", "/api/v1/memories/", None).await.0, 401);
}

/// A zip archive with these files.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("ends").into_inner()
}

/// A conversation of ChatGPT: what was said in turns, the person first.
fn conversation(id: &str, turns: &[&str]) -> Value {
    let mut mapping = json!({ "root": { "id": "root", "message": null, "parent": null, "children": [] } });
    let mut parent = "root".to_owned();
    for (n, text) in turns.iter().enumerate() {
        let role = if n % 2 == 0 { "user" } else { "assistant" };
        let message = json!({
            "author": { "role": role }, "create_time": 1_700_000_000 + 60 * n, "recipient": "all",
            "content": { "content_type": "text", "parts": [text] }, "metadata": {}
        });
        mapping[n.to_string()] = json!({ "message": message, "parent": parent });
        parent = n.to_string();
    }
    json!({ "conversation_id": id, "title": format!("about {id}"), "current_node": parent, "mapping": mapping })
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_of_other_products_come_in_by_rest() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let send = async |path: &str, file: &[u8]| {
        let request = app.http.post(format!("{}/api/v1/import{path}", app.base)).bearer_auth(&ann.jwt);
        let answer = request.header("content-type", "application/zip").body(file.to_vec()).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    let talks: Vec<_> = (0..300).map(|n| conversation(&format!("c{n}"), &[&format!("question {n} about knots"), "an answer"])).collect();
    let file = archive(&[("conversations.json", json!(talks).to_string().as_bytes())]);
    let (status, report) = send("", &file).await;
    assert_eq!((status, &report["read"], &report["stored"], &report["failed"]), (200, &json!(300), &json!(300), &json!([])), "{report}");
    assert_eq!(report["left_out"], json!({ "assistant": 300 }));
    let (_, again) = send("", &file).await;
    assert_eq!((&again["read"], &again["stored"], &again["known"]), (&json!(300), &json!(0), &json!(300)), "{again}");
    let (_, more) = send("?assistant=true", &file).await;
    // One answer to each question, at another time in another conversation.
    assert_eq!((&more["read"], &more["stored"], &more["known"]), (&json!(600), &json!(300), &json!(300)), "{more}");

    let query = json!({ "query": "question 17 about knots", "limit": 1 });
    let found = app.tool(&ann, "search_memory", query).await;
    let hit = &found["structuredContent"]["results"][0];
    let path = format!("/api/v1/memories/{}", hit["id"].as_str().expect("an id"));
    let (_, memory) = app.rest(&ann.jwt, "GET", &path, None).await;
    assert_eq!((&memory["text"], &memory["session_id"]), (&json!("question 17 about knots"), &json!("c17")), "{memory}");
    let (_, apps) = app.rest(&ann.jwt, "GET", "/api/v1/apps/", None).await;
    assert!(apps["apps"].as_array().expect("apps").iter().any(|a| a["name"] == "chatgpt" && a["total_memories_created"] == 600), "{apps}");

    let told = conversation("told", &[&format!("my token is ghp_{}", "k3J9xQ2mZ7vB1nR5tW8yD4fG6hL0pS2aEcUo")]);
    let (status, report) = send("", &archive(&[("conversations.json", json!([told]).to_string().as_bytes())])).await;
    assert_eq!((status, &report["stored"]), (200, &json!(1)), "{report}");
    let (_, kept) = app.rest(&ann.jwt, "GET", "/api/v1/memories/?search_query=token", None).await;
    assert_eq!(kept["items"][0]["content"], "my token is [redacted: github-pat]", "{kept}");

    // A file may be larger than any other body, an archive may not unpack to everything.
    let long: Vec<_> = (0..250).map(|n| format!("{n} {}", "word ".repeat(4_000))).collect();
    let long = json!(long).to_string();
    assert!(long.len() > 4 << 20);
    let (status, report) = send("", long.as_bytes()).await;
    assert_eq!((status, &report["stored"], &report["failed"]), (200, &json!(250), &json!([])), "{report}");
    let bomb = archive(&[("conversations.json", format!("[\"{}\"]", "0".repeat(100 << 20)).as_bytes())]);
    let (status, problem) = send("", &bomb).await;
    assert_eq!((status, &problem["code"]), (413, &json!("too_large")), "{problem}");
    let (status, problem) = send("", &file[..file.len() / 2]).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_argument")), "{problem}");
    let (status, _) = send("?assistent=true", &file).await;
    assert_eq!(status, 422, "a misspelled parameter is noticed");
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/memories/", None).await.1["total"], json!(851), "nothing of them was stored");
}

#[test]
fn the_command_imports_an_archive_and_counts() {
    let dir = tempfile::tempdir().expect("a directory");
    let user = ["--user", "owner@example.com"];
    assert!(jmem(dir.path()).args(["user", "create", user[1]]).output().expect("it starts").status.success());
    let long = "x".repeat(40_000);
    let talks = json!([conversation("c1", &["I sail on Sundays", "nice", &long]), conversation("c2", &["and on Mondays"])]);
    let path = dir.path().join("export.zip");
    std::fs::write(&path, archive(&[("conversations.json", talks.to_string().as_bytes())])).expect("written");
    let run = || jmem(dir.path()).arg("import").args(user).arg(&path).output().expect("it starts");
    for known in [0, 2] {
        let output = run();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let first = format!("3 memories read: {} stored, {known} known already.", 2 - known);
        assert!(
            text.starts_with(&first) && text.contains("left out: 1 (assistant)") && text.contains("2: The text has 40000 bytes"),
            "{text}"
        );
        assert!(!output.status.success(), "not all of it was stored");
    }
}
