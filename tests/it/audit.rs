//! The audit trail: every sensitive act is in it, on both databases, and no word that anybody said.

use std::{collections::BTreeSet, net::Ipv4Addr};

use jonathans_memory::{app::Outside, tenancy::Role};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    db::{TestDb, both},
    eventually,
};

const WRONG: &str = "a wrong password";

async fn trail(app: &TestApp, operator: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    let mut cursor = String::new();
    loop {
        let (status, part) = app.rest(operator, "GET", &format!("/api/v1/admin/audit?limit=3{cursor}"), None).await;
        assert_eq!(status, 200, "{part}");
        entries.extend(part["entries"].as_array().expect("entries").iter().cloned());
        match part["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return entries,
        }
    }
}

both! {
    async fn every_sensitive_act_is_in_the_trail(db: TestDb) {
        let key = "5c".repeat(32);
        let app = TestApp::start_with(&[("DATABASE_URL", db.url.as_str()), ("JM_SECRET_KEY", key.as_str())], Outside::default()).await;
        let (ann, operator) = (app.person("ann").await, app.person("operator").await);
        app.app.operator.set_role(operator.member.user, operator.member.tenant, Role::Operator).await.expect("given");
        let home = Ipv4Addr::LOCALHOST.into();
        app.app.accounts.login("ann@example.com", "correct horse battery", home).await.expect("signed in");
        app.app.accounts.login("ann@example.com", WRONG, home).await.expect_err("refused");
        app.app.accounts.login("stranger@example.net", WRONG, home).await.expect_err("refused");
        let work = app.rest(&ann.jwt, "POST", "/api/v1/projects", Some(json!({ "name": "work" }))).await.1["id"].clone();
        let work = format!("/api/v1/projects/{}", work.as_str().expect("an id"));
        assert_eq!(app.rest(&ann.jwt, "PUT", &work, Some(json!({ "name": "home" }))).await.0, 200);
        assert_eq!(app.rest(&ann.jwt, "DELETE", &work, None).await.0, 200);
        app.add(&ann, "a word that was said").await;
        let apps = app.rest(&ann.jwt, "GET", "/api/v1/apps/", None).await.1;
        let id = apps["apps"][0]["id"].as_str().expect("an id").to_owned();
        for active in ["false", "true"] {
            assert_eq!(app.rest(&ann.jwt, "PUT", &format!("/api/v1/apps/{id}?is_active={active}"), None).await.0, 200);
        }
        assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/export", None).await.0, 200);
        let import = app.http.post(format!("{}/api/v1/import", app.base)).bearer_auth(&ann.jwt).header("content-type", "application/x-ndjson");
        assert_eq!(import.body("{\"text\": \"another word\"}\n").send().await.expect("an answer").status().as_u16(), 200);
        let change = json!({ "current_password": "correct horse battery", "new_password": "another horse battery" });
        let (status, changed) = app.rest(&ann.jwt, "POST", "/api/v1/auth/password", Some(change)).await;
        assert_eq!(status, 200, "{changed}");
        let jwt = changed["access_token"].as_str().expect("a token");
        assert_eq!(app.rest(jwt, "POST", "/api/v1/auth/logout-everywhere", None).await.0, 204);
        app.app.accounts.reset_password("ann@example.com", None).await.expect("reset");

        let expected = [
            "account.create", "account.export", "account.import", "account.password", "account.sign_in", "account.sign_in_refused",
            "account.sign_out_everywhere", "app.pause", "app.resume", "credential.create", "memory.add", "project.create",
            "project.delete", "project.rename", "user.password", "user.role",
        ];
        let actions = async || {
            let trail = trail(&app, &operator.jwt).await;
            trail.iter().map(|entry| entry["action"].as_str().expect("an action").to_owned()).collect::<BTreeSet<_>>()
        };
        eventually("refusals are noted", async || trail(&app, &operator.jwt).await.iter().filter(|e| e["action"] == "account.sign_in_refused").count() == 2).await;
        assert_eq!(actions().await, BTreeSet::from(expected.map(str::to_owned)));
        let trail = trail(&app, &operator.jwt).await;
        let ids: Vec<_> = trail.iter().map(|entry| entry["id"].as_str().expect("an id").to_owned()).collect();
        assert!(ids.is_sorted_by(|a, b| a > b), "newest first, each once, of tenants and service together");
        let refused: Vec<_> = trail.iter().filter(|entry| entry["action"] == "account.sign_in_refused").collect();
        let known = |entry: &&&Value| entry["user_id"] == json!(ann.member.user);
        assert_eq!(refused.iter().filter(known).count(), 1);
        assert!(refused.iter().any(|e| e["tenant_id"].is_null() && e["detail"]["address_hash"].is_string()), "{refused:?}");
        let text = json!(trail).to_string();
        for word in ["stranger", "example.", WRONG, "horse", "word that", "another word", "work", "home"] {
            assert!(!text.contains(word), "{word} is in the trail: {text}");
        }
    }
}
