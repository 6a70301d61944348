//! Taking everything along, bringing it back, and leaving nothing behind; on both databases.

use std::collections::{BTreeMap, BTreeSet};

use jonathans_memory::{adapters::sql::Engine, app::Outside};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::{
    app::{Person, TestApp},
    db, eventually,
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
            assert!(app.app.accounts.login("ann@example.com", "correct horse battery").await.is_err());
            app.person("ann").await;
        });
    }
}
