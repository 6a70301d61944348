//! What tenants use: counted exactly, held against their plan by all nodes together, told, and never a reason to lock a person out.

use std::io::Write as _;

use futures::{StreamExt, stream};
use jonathans_memory::{adapters::sql::Engine, app::Outside, ids::TenantId, tenancy::Role};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::support::{
    app::{Person, TestApp},
    db::{self, TestDb, both},
    eventually,
    openai::OpenAiDouble,
};

/// A file of plans.
fn plans(plans: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    write!(file, "version = 3\ncurrency = \"usd\"\n{plans}").expect("written");
    file
}

fn plan(limits: &str) -> NamedTempFile {
    plans(&format!("[[plans]]\nid = \"small\"\ntitle = \"Small\"\nfeatures = [\"import\"]\nlimits = {{ {limits} }}\n"))
}

async fn node(db: &TestDb, file: &NamedTempFile, more: &[(&str, &str)]) -> TestApp {
    let key = "5c".repeat(32);
    let path = file.path().to_str().expect("utf-8");
    let env = [("DATABASE_URL", db.url.as_str()), ("JM_SECRET_KEY", &key), ("JM__PLANS__FILE", path), ("JM__PLANS__DEFAULT", "small")];
    TestApp::start_with(&[&env[..], more].concat(), Outside::default()).await
}

async fn add(app: &TestApp, person: &Person, text: &str) -> (u16, Value) {
    app.rest(&person.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": text }))).await
}

/// How many of many adds at once, half on each node, were stored; the others were refused as they should be.
async fn stored_of(nodes: &[TestApp; 2], ann: &Person, asked: usize, of: &str) -> usize {
    let answers: Vec<_> = stream::iter(0..asked)
        .map(async |n| {
            loop {
                // A database that has more than it can take says so, and that nothing was changed.
                let answer = add(&nodes[n % 2], ann, &format!("note number {n}")).await;
                if answer.0 != 503 {
                    return answer;
                }
            }
        })
        .buffer_unordered(100)
        .collect()
        .await;
    for (status, body) in &answers {
        assert!(*status == 200 || (*status == 402 && body["quota"]["of"] == of && body["code"] == "quota_exceeded"), "{status} {body}");
    }
    answers.iter().filter(|(status, _)| *status == 200).count()
}

both! {
    async fn a_thousand_adds_at_once_stop_exactly_at_what_the_plan_holds(db: TestDb) {
        let file = plan("memories = 500");
        let nodes = [node(&db, &file, &[]).await, node(&db, &file, &[]).await];
        let ann = nodes[0].person("ann").await;
        assert_eq!(stored_of(&nodes, &ann, 1_000, "memories").await, 500);
        let (_, report) = nodes[1].rest(&ann.jwt, "GET", "/api/v1/usage", None).await;
        assert_eq!((&report["stored"]["memories"], &report["stored"]["memories_limit"]), (&json!(500), &json!(500)));
        let adds = report["meters"].as_array().expect("meters").iter().find(|meter| meter["meter"] == "adds").expect("adds");
        assert_eq!(adds["used"], 500, "what was refused is not counted: {report}");
    }

    async fn a_months_adds_stop_exactly_at_the_limit(db: TestDb) {
        let file = plan("adds_per_month = 50");
        let nodes = [node(&db, &file, &[]).await, node(&db, &file, &[]).await];
        let ann = nodes[0].person("ann").await;
        assert_eq!(stored_of(&nodes, &ann, 120, "adds").await, 50);
        let (status, body) = nodes[0].rest(&ann.jwt, "POST", "/api/v1/memories/batch", Some(json!({ "memories": [{ "text": "one more" }] }))).await;
        assert_eq!(status, 402, "{body}");
        assert!(body["quota"]["resets_at"].as_str().is_some_and(|at| at.ends_with("-01T00:00:00.000000Z")), "{body}");
        // The trail tells once of each threshold that was passed.
        let operator = nodes[0].person("root").await;
        nodes[0].app.operator.set_role(operator.member.user, operator.member.tenant, Role::Operator).await.expect("set");
        let (_, audit) = nodes[0].rest(&operator.jwt, "GET", "/api/v1/admin/audit?limit=100", None).await;
        let told: Vec<_> = audit["entries"].as_array().expect("entries").iter().filter(|e| e["action"] == "usage.threshold").map(|e| e["detail"]["percent"].clone()).collect();
        assert_eq!(told, [json!(100), json!(80), json!(50)]);
    }

    async fn a_months_searches_are_never_exceeded_by_nodes_that_count_by_themselves(db: TestDb) {
        let file = plan("searches_per_month = 700");
        let nodes = [node(&db, &file, &[]).await, node(&db, &file, &[]).await];
        let ann = nodes[0].person("ann").await;
        nodes[0].add(&ann, "Ann has a boat").await;
        let search = async |n: usize| {
            let body = json!({ "query": "boat", "limit": 1 });
            nodes[n % 2].rest(&ann.jwt, "POST", "/api/v1/memories/search", Some(body)).await
        };
        let answers: Vec<_> = stream::iter(0..1_000).map(search).buffer_unordered(32).collect().await;
        let answered = answers.iter().filter(|(status, _)| *status == 200).count();
        assert_eq!(answered, 700, "blocks become small near the end, so that nothing is left over either");
        assert!(answers.iter().all(|(status, body)| *status == 200 || body["quota"]["of"] == "searches"));
        // What is read without searching, taken out and deleted goes on.
        for (method, path) in [("GET", "/api/v1/memories/"), ("GET", "/api/v1/export")] {
            let answer = nodes[0].http.request(method.parse().expect("a method"), format!("{}{path}", nodes[0].base)).bearer_auth(&ann.jwt).send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 200, "{path}");
        }
    }

    async fn who_is_over_a_quota_reads_deletes_and_then_adds_again(db: TestDb) {
        let file = plan("memories = 3");
        let app = node(&db, &file, &[]).await;
        let ann = app.person("ann").await;
        let first = app.add(&ann, "the first of three").await;
        let second = app.add(&ann, "the second of three").await;
        app.add(&ann, "the third of three").await;
        assert_eq!(add(&app, &ann, "the fourth of three").await.0, 402);
        assert_eq!(add(&app, &ann, "the third of three").await.0, 200, "what is there already needs no room");
        let said = app.tool(&ann, "add_memories", json!({ "text": "the fourth of three" })).await;
        assert_eq!(said["isError"], true);
        assert!(said["content"][0]["text"].as_str().is_some_and(|text| text.contains("holds 3 memories") && text.contains("search, export and delete go on")), "{said}");
        let found = app.tool(&ann, "search_memory", json!({ "query": "second of three" })).await;
        assert_eq!(found["structuredContent"]["results"][0]["id"], json!(second));
        let (status, _) = app.rest(&ann.jwt, "PUT", &format!("/api/v1/memories/{first}"), Some(json!({ "text": "the first, changed" }))).await;
        assert_eq!(status, 200);
        let (status, _) = app.rest(&ann.jwt, "DELETE", &format!("/api/v1/memories/{first}"), None).await;
        assert_eq!(status, 200);
        assert_eq!(add(&app, &ann, "the fourth of three").await.0, 200);
        let eve = app.person("eve").await;
        assert_eq!(add(&app, &eve, "another account has its own").await.0, 200);
    }

    async fn bytes_are_limited_where_texts_grow(db: TestDb) {
        let file = plan("bytes = 100");
        let app = node(&db, &file, &[]).await;
        let ann = app.person("ann").await;
        let id = app.add(&ann, &"b".repeat(60)).await;
        assert_eq!(add(&app, &ann, &"c".repeat(60)).await.0, 402);
        let change = async |text: &str| app.rest(&ann.jwt, "PUT", &format!("/api/v1/memories/{id}"), Some(json!({ "text": text }))).await.0;
        assert_eq!(change(&"d".repeat(101)).await, 402);
        assert_eq!(change(&"e".repeat(100)).await, 200);
        assert_eq!(change("short").await, 200);
        let (_, report) = app.rest(&ann.jwt, "GET", "/api/v1/usage", None).await;
        assert_eq!(report["stored"]["bytes"], 5, "{report}");
    }

    async fn usage_is_told_by_day_app_and_key_and_as_a_statement(db: TestDb) {
        let file = plans(
            "[[plans]]\nid = \"small\"\ntitle = \"Small\"\nprice_per_month = 2_000_000\nincluded = { adds = 2 }\n\
             [[prices]]\nmeter = \"adds\"\nfrom = \"2020-01-01\"\nmicros = 70_001\nper = 1\n",
        );
        let app = node(&db, &file, &[]).await;
        let (ann, eve) = (app.person("ann").await, app.person("eve").await);
        for n in 0..3 {
            add(&app, &ann, &format!("by hand {n}")).await;
        }
        app.tool(&ann, "add_memories", json!({ "text": "by a client" })).await;
        add(&app, &eve, "not hers").await;
        for _ in 0..4 {
            app.tool(&ann, "search_memory", json!({ "query": "hand" })).await;
        }
        let (status, report) = app.rest(&ann.jwt, "GET", "/api/v1/usage", None).await;
        assert_eq!(status, 200, "{report}");
        let sum = |meter: &str, app: &str| -> i64 {
            let days = report["days"].as_array().expect("days").iter();
            days.filter(|day| day["meter"] == meter && day["app"] == app).map(|day| day["quantity"].as_i64().expect("a number")).sum()
        };
        assert_eq!((sum("adds", "web"), sum("adds", "test"), sum("searches", "test")), (3, 1, 4), "{report}");
        let by_key = report["days"].as_array().expect("days").iter().find(|day| day["app"] == "test").expect("a day");
        assert_eq!(by_key["key"], "test", "the name of the endpoint");
        let (_, events) = app.rest(&ann.jwt, "GET", "/api/v1/usage/events?limit=3", None).await;
        assert_eq!(events["events"].as_array().expect("events").len(), 3);
        let next = format!("/api/v1/usage/events?limit=3&cursor={}", events["next_cursor"].as_str().expect("a cursor"));
        let (_, rest) = app.rest(&ann.jwt, "GET", &next, None).await;
        assert_eq!(rest["events"].as_array().expect("events").len(), 1, "four in all: {rest}");
        // Two of four are included.
        let (_, statement) = app.rest(&ann.jwt, "GET", "/api/v1/usage/statement", None).await;
        assert_eq!((&statement["total_micros"], &statement["total_cents"]), (&json!(2_140_002), &json!(214)), "{statement}");
        let csv = app.http.get(format!("{}/api/v1/usage/statement?format=csv", app.base)).bearer_auth(&ann.jwt).send().await.expect("an answer");
        assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
        let csv = csv.text().await.expect("text");
        assert!(csv.contains(",adds,4,2,70001,1,140002,usd\r\n"), "{csv}");
        for (path, status) in [("/api/v1/usage/statement?month=2999-01", 422), ("/api/v1/usage/statement?month=x", 422), ("/api/v1/usage/events?limit=0", 422)] {
            assert_eq!(app.rest(&ann.jwt, "GET", path, None).await.0, status, "{path}");
        }
        let narrow = json!({ "name": "narrow", "scopes": ["memory:read", "memory:write"] });
        let (_, key) = app.rest(&ann.jwt, "POST", "/api/v1/keys", Some(narrow)).await;
        let secret = key["api_key"].as_str().expect("a key");
        assert_eq!(app.rest(secret, "GET", "/api/v1/usage", None).await.0, 403, "what an account uses is no business of its clients");
    }
}

#[test]
fn a_plan_without_a_model_keeps_what_is_said_by_rules() {
    db::run(Engine::Sqlite, async |db| {
        let (file, double) = (plan("adds_per_month = 10"), OpenAiDouble::start().await);
        let app = node(&db, &file, &[("LLM_PROVIDER", "openai"), ("OPENAI_MODEL", "made-up"), ("OPENAI_BASE_URL", &double.url)]).await;
        let ann = app.person("ann").await;
        let said = app.tool(&ann, "add_memories", json!({ "text": "Ann keeps bees on her roof.", "infer": true })).await;
        assert_ne!(said["isError"], true, "{said}");
        eventually("it is found", async || {
            let found = app.tool(&ann, "search_memory", json!({ "query": "bees roof" })).await;
            found["structuredContent"]["results"].as_array().is_some_and(|results| results.len() == 1)
        })
        .await;
        assert!(double.chats().is_empty(), "the model was not asked");
    });
}

#[test]
fn the_operator_gives_plans_and_limits_that_hold_within_a_second() {
    db::run(Engine::Sqlite, async |db| {
        let file = plans(
            "[[plans]]\nid = \"small\"\ntitle = \"Small\"\nlimits = { memories = 1 }\n[[plans]]\nid = \"large\"\ntitle = \"Large\"\n",
        );
        let nodes = [node(&db, &file, &[]).await, node(&db, &file, &[]).await];
        let (ann, root) = (nodes[0].person("ann").await, nodes[0].person("root").await);
        nodes[0].app.operator.set_role(root.member.user, root.member.tenant, Role::Operator).await.expect("set");
        let path = |tenant: TenantId| format!("/api/v1/admin/accounts/{tenant}/subscription");
        let path = path(ann.member.tenant);
        let set = async |body: Value| nodes[0].rest(&root.jwt, "PUT", &path, Some(body)).await;
        nodes[1].add(&ann, "the only one").await;
        assert_eq!(add(&nodes[1], &ann, "a second").await.0, 402);
        assert_eq!(nodes[0].rest(&ann.jwt, "PUT", &path, Some(json!({ "plan": "large" }))).await.0, 403, "not by themselves");
        assert_eq!(set(json!({ "plan": "golden" })).await.0, 404);
        assert_eq!(set(json!({ "overrides": { "memory": 5 } })).await.0, 422);
        assert_eq!(set(json!({ "overrides": { "memories": 2 } })).await.0, 200);
        eventually("the other node knows", async || add(&nodes[1], &ann, "a second").await.0 == 200).await;
        assert_eq!(add(&nodes[1], &ann, "a third").await.0, 402);
        assert_eq!(set(json!({ "plan": "large", "overrides": {} })).await.0, 200);
        eventually("the other node knows", async || add(&nodes[1], &ann, "a third").await.0 == 200).await;
        assert_eq!(set(json!({ "state": "paused" })).await.0, 200);
        let mut tries = 0;
        eventually("nothing is added while it is paused", async || {
            tries += 1;
            add(&nodes[1], &ann, &format!("try number {tries}")).await.0 == 402
        })
        .await;
        let found = nodes[1].tool(&ann, "search_memory", json!({ "query": "the only one" })).await;
        assert_eq!(found["structuredContent"]["results"].as_array().map(Vec::len), Some(1), "reads go on: {found}");
    });
}
