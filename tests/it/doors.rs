//! What a credential that works may still not do: pass while its app is paused, see beyond its project, make more than fits.

use futures::StreamExt;
use jonathans_memory::{
    app::Outside,
    auth::{CredentialKind, Maker, NewCredential, Scopes},
    ids::ProjectId,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Person, TestApp};

/// A key of the person's for this client, with every scope; of one project where one is named.
async fn key(app: &TestApp, person: &Person, client: &str, project: Option<ProjectId>) -> String {
    let client = Some(client.to_owned());
    let new =
        NewCredential { kind: CredentialKind::ApiKey, name: "door".into(), client, scopes: Some(Scopes::all()), project, expires_at: None };
    app.app.credentials.create(&Maker::operator(&person.member), new).await.expect("a key").secret.expose().to_owned()
}

async fn project(app: &TestApp, person: &Person, name: &str) -> ProjectId {
    let (status, made) = app.rest(&person.jwt, "POST", "/api/v1/projects", Some(json!({ "name": name }))).await;
    assert_eq!(status, 201, "{made}");
    ProjectId(made["id"].as_str().expect("an id").parse::<Uuid>().expect("an id"))
}

async fn app_id(app: &TestApp, person: &Person, name: &str) -> String {
    let (_, apps) = app.rest(&person.jwt, "GET", "/api/v1/apps/?page_size=100", None).await;
    let found = apps["apps"].as_array().expect("apps").iter().find(|a| a["name"] == *name);
    found.unwrap_or_else(|| panic!("no {name} in {apps}"))["id"].as_str().expect("an id").to_owned()
}

/// Every GET of the document that needs a credential and no id.
async fn plain_reads(app: &TestApp) -> Vec<String> {
    let (_, document) = app.rest("", "GET", "/openapi.json", None).await;
    let paths = document["paths"].as_object().expect("paths");
    let open = |operation: &Value| operation["security"].as_array().is_some_and(|needed| needed.is_empty() || needed[0] == json!({}));
    let reads = paths
        .iter()
        .filter(|(path, methods)| path.starts_with("/api/") && !path.contains('{') && methods.get("get").is_some_and(|get| !open(get)));
    reads.map(|(path, _)| path.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_app_passes_no_door() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let paused = key(&app, &ann, "cursor", None).await;
    let other = key(&app, &ann, "zed", None).await;
    assert_eq!(app.rest(&paused, "POST", "/api/v1/memories/", Some(json!({ "text": "tea" }))).await.0, 200);
    let id = app_id(&app, &ann, "cursor").await;
    let watch = app.http.get(format!("{}/api/v1/events", app.base)).header("accept", "text/event-stream").bearer_auth(&paused);
    let mut watching = watch.try_clone().expect("no body").send().await.expect("an answer").bytes_stream();
    watching.next().await.expect("ready").expect("bytes");
    assert_eq!(app.rest(&ann.jwt, "PUT", &format!("/api/v1/apps/{id}?is_active=false"), None).await.0, 200);

    let reads = plain_reads(&app).await;
    assert!(reads.len() > 15 && reads.iter().any(|path| path.ends_with("/events")), "{reads:?}");
    for path in reads {
        let (status, answer) = app.rest(&paused, "GET", &path, None).await;
        assert_eq!((status, &answer["code"]), (403, &json!("app_paused")), "{path}: {answer}");
    }
    for (method, path, body) in [
        ("PUT", format!("/api/v1/apps/{id}?is_active=true"), None),
        ("POST", "/api/v1/keys".into(), Some(json!({ "name": "again" }))),
        ("POST", "/api/v1/endpoints".into(), Some(json!({ "client": "zed" }))),
        ("POST", "/api/v1/projects".into(), Some(json!({ "name": "mine" }))),
        ("POST", "/api/v1/memories/".into(), Some(json!({ "text": "tea", "app": "zed" }))),
        ("DELETE", "/api/v1/account".into(), Some(json!({ "confirm": true }))),
    ] {
        let (status, answer) = app.rest(&paused, method, &path, body).await;
        assert_eq!((status, &answer["code"]), (403, &json!("app_paused")), "{method} {path}: {answer}");
    }
    let renamed = watch.header("x-client-name", "zed").send().await.expect("an answer");
    assert_eq!(renamed.status().as_u16(), 403, "another name is no way around it");
    // What was open ends at the next look.
    while let Some(Ok(part)) = watching.next().await {
        assert!(!String::from_utf8_lossy(&part).contains("memory."), "nothing is told any more");
    }

    assert_eq!(app.rest(&other, "GET", "/api/v1/apps/", None).await.0, 200, "another app goes on");
    assert_eq!(app.rest(&ann.jwt, "PUT", &format!("/api/v1/apps/{id}?is_active=true"), None).await.0, 200, "its person resumes it");
    assert_eq!(app.rest(&paused, "GET", "/api/v1/apps/", None).await.0, 200, "at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_one_project_learns_nothing_of_the_account() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    app.add(&ann, "the salary is secret").await;
    app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": "of the doctor", "app": "doctor app" }))).await;
    let work = project(&app, &ann, "work").await;
    let bound = key(&app, &ann, "helper", Some(work)).await;
    assert_eq!(app.rest(&bound, "POST", "/api/v1/memories/", Some(json!({ "text": "the printer jams" }))).await.0, 200);
    app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": "web in work", "project_id": work.0 }))).await;

    let (_, stats) = app.rest(&bound, "GET", "/api/v1/stats/", None).await;
    assert_eq!((&stats["email"], &stats["total_memories"], &stats["total_apps"]), (&json!(null), &json!(2), &json!(2)), "{stats}");
    let (_, apps) = app.rest(&bound, "GET", "/api/v1/apps/", None).await;
    let seen: Vec<_> = apps["apps"].as_array().expect("apps").iter().map(|a| (&a["name"], &a["total_memories_created"])).collect();
    assert_eq!(seen, [(&json!("helper"), &json!(1)), (&json!("web"), &json!(1))], "of the project alone");
    for hidden in ["doctor app", "test"] {
        let id = app_id(&app, &ann, hidden).await;
        for path in ["", "/memories", "/accessed"] {
            assert_eq!(app.rest(&bound, "GET", &format!("/api/v1/apps/{id}{path}"), None).await.0, 404, "{hidden}{path}");
        }
        for app_name in [hidden, "never seen"] {
            let question = json!({ "query": "x", "apps": [app_name] });
            assert_eq!(app.rest(&bound, "POST", "/api/v1/memories/search", Some(question)).await.0, 422, "{app_name}");
        }
    }
    for path in ["/api/v1/stats/gate", "/api/v1/stats/embedding", "/api/v1/learning/policy"] {
        let refused = app.rest(&bound, "GET", path, None).await;
        assert_eq!((refused.0, &refused.1["code"]), (403, &json!("insufficient_scope")), "{path}: {refused:?}");
    }
    // Whatever it reads, the address of its owner and the other apps are not in it.
    for path in plain_reads(&app).await.into_iter().filter(|path| !path.ends_with("/events")) {
        let (_, answer) = app.rest(&bound, "GET", &path, None).await;
        let text = answer.to_string();
        assert!(!text.contains("ann@example.com") && !text.contains("doctor"), "{path}: {text}");
    }
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/stats/", None).await.1["total_apps"], json!(4), "the person sees all");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_so_many_of_each_and_a_sentence_says_so() {
    let limits = [("JM__LIMITS__APPS", "5"), ("JM__LIMITS__PROJECTS", "3"), ("JM__LIMITS__CREDENTIALS", "6")];
    let app = TestApp::start_with(&limits, Outside::default()).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let full = |(status, answer): &(u16, Value), key: &str| {
        assert_eq!((*status, &answer["code"]), (403, &json!("limit_reached")), "{answer}");
        assert!(answer["detail"].as_str().is_some_and(|detail| detail.contains(key)), "{answer}");
    };

    let many: Vec<_> = (0..40).map(|n| json!({ "text": format!("note {n}"), "app": format!("app {n}") })).collect();
    let (_, answer) = app.rest(&ann.jwt, "POST", "/api/v1/memories/batch", Some(json!({ "memories": many }))).await;
    let results = answer["results"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let refused = results.iter().filter(|result| result.to_string().contains("limit_reached")).count();
    assert_eq!((results.len(), refused), (40, 35), "{answer}");
    let (_, apps) = app.rest(&ann.jwt, "GET", "/api/v1/apps/?page_size=100", None).await;
    assert_eq!(apps["total"], json!(5));
    full(&app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": "x", "app": "one more" }))).await, "limits.apps");
    let told = app.tool(&ann, "add_memories", json!({ "text": "by a client never seen" })).await;
    assert!(told["isError"] == json!(true) && told.to_string().contains("limits.apps"), "{told}");
    let known = json!({ "text": "of one that is there", "app": "app 3" });
    assert_eq!(app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(known)).await.0, 200);

    let made = futures::future::join_all((0..20).map(|n| {
        let body = json!({ "name": format!("project {n}") });
        app.rest(&ann.jwt, "POST", "/api/v1/projects", Some(body))
    }));
    let made = made.await;
    assert_eq!(made.iter().filter(|(status, _)| *status == 201).count(), 2, "the default one counts, and a race makes no more");
    made.iter().filter(|(status, _)| *status != 201).for_each(|answer| full(answer, "limits.projects"));

    // Two are there; what is revoked today still counts, or making and revoking would never end.
    for n in 0..4 {
        let (status, made) = app.rest(&ann.jwt, "POST", "/api/v1/keys", Some(json!({ "name": format!("key {n}") }))).await;
        assert_eq!(status, 201, "{made}");
        app.rest(&ann.jwt, "DELETE", &format!("/api/v1/keys/{}", made["id"].as_str().expect("an id")), None).await;
    }
    full(&app.rest(&ann.jwt, "POST", "/api/v1/keys", Some(json!({ "name": "x" }))).await, "limits.credentials");
    full(&app.rest(&ann.jwt, "POST", "/api/v1/endpoints", Some(json!({ "client": "x" }))).await, "limits.credentials");
    assert_eq!(app.rest(&bob.jwt, "POST", "/api/v1/keys", Some(json!({ "name": "x" }))).await.0, 201, "others have their own");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_makes_projects_only_for_who_may_make_them() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let own = project(&app, &ann, "own").await;
    let writes = NewCredential {
        kind: CredentialKind::ApiKey,
        name: "writes".into(),
        client: Some("importer".into()),
        scopes: Some(Scopes::parse(&["memory:read", "memory:write"]).expect("scopes")),
        project: None,
        expires_at: None,
    };
    let key = app.app.credentials.create(&Maker::operator(&ann.member), writes).await.expect("a key").secret.expose().to_owned();
    // Only an export of this product names projects.
    let header = json!({ "type": "header", "format": "jonathans-memory", "version": 1, "exported_at": "2026-01-01T00:00:00Z" });
    let header = format!("{header}\n");
    let import = async |key: &str, query: &str, file: String| {
        let request = app.http.post(format!("{}/api/v1/import{query}", app.base)).bearer_auth(key);
        let response = request.header("content-type", "application/x-ndjson").body(header.clone() + &file).send().await.expect("an answer");
        (response.status().as_u16(), response.json::<Value>().await.expect("JSON"))
    };
    let line =
        |n: usize, name: &str| format!("{}\n", json!({ "type": "memory", "text": format!("fact number {n} of {name}"), "project": name }));
    let names = ["work", "home", "own", "garden", "boat", "work"];
    let file: String = names.iter().enumerate().map(|(n, name)| line(n, name)).collect();
    for query in ["", "?dry_run=true"] {
        let (status, answer) = import(&key, query, file.clone()).await;
        assert_eq!((status, &answer["code"]), (403, &json!("insufficient_scope")), "{answer}");
        let detail = answer["detail"].as_str().expect("a sentence");
        assert!(detail.contains("'boat'") && detail.contains("and 1 more") && detail.contains("account:manage"), "{detail}");
    }
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/memories/", None).await.1["total"], json!(0), "nothing was stored");
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/projects", None).await.1["total"], json!(2));

    let (status, answer) = import(&key, "", line(0, "own") + &line(1, "default")).await;
    assert_eq!((status, &answer["stored"]), (200, &json!(2)), "projects that are there: {answer}");
    let (status, answer) = import(&key, &format!("?project_id={}", own.0), file.clone()).await;
    assert_eq!((status, answer["stored"].as_u64()), (200, Some(6)), "all into one: {answer}");
    let (status, answer) = import(&ann.jwt, "", file).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/projects", None).await.1["total"], json!(6), "the person may");
}
