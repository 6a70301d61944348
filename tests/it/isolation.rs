//! Another tenant's things are unknown things: every operation of the OpenAPI document and every tool, with every kind
//! of credential, answers a foreign id exactly as an unknown one. An operation without a case fails.

use std::collections::{BTreeMap, BTreeSet};

use jonathans_memory::{
    app::Outside,
    ids::{MemoryId, ShortId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    oauth::client::Client,
    support::{
        app::{Person, TestApp},
        openai::OpenAiDouble,
    },
};

/// Ids of one tenant, or of nobody.
#[derive(Clone, Copy)]
struct Ids {
    memory: Uuid,
    other: Uuid,
    project: Uuid,
    app: Uuid,
    endpoint: Uuid,
    key: Uuid,
    operation: Uuid,
    event: Uuid,
    grant: Uuid,
    webhook: Uuid,
}

impl Ids {
    fn unknown() -> Self {
        let id = || Uuid::now_v7();
        Self {
            memory: id(),
            other: id(),
            project: id(),
            app: id(),
            endpoint: id(),
            key: id(),
            operation: id(),
            event: id(),
            grant: id(),
            webhook: id(),
        }
    }

    fn path(&self, template: &str) -> String {
        let path = [
            ("memory_id", self.memory),
            ("other_id", self.other),
            ("project_id", self.project),
            ("app_id", self.app),
            ("endpoint_id", self.endpoint),
            ("key_id", self.key),
            ("operation_id", self.operation),
            ("event_id", self.event),
            ("grant_id", self.grant),
            // Requests belong to nobody until somebody decides.
            ("request_id", self.grant),
            ("webhook_id", self.webhook),
        ]
        .iter()
        .fold(template.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), &id.to_string()));
        assert!(!path.contains('{'), "{path} names an id that this test does not know");
        path
    }
}

/// How an operation is tried.
enum Case {
    /// Its path or body names something of a tenant.
    Names(fn(&Ids) -> (&'static str, Option<Value>)),
    /// It names nothing of a tenant: there is nothing to steal by id. What it answers is covered by the canary test.
    NamesNothing,
}

#[expect(clippy::too_many_lines, reason = "a line for each operation")]
fn cases() -> BTreeMap<&'static str, Case> {
    use Case::{Names, NamesNothing};
    BTreeMap::from([
        ("addMemories", Names(|ids| ("", Some(json!({ "memories": [{ "text": "x", "project_id": ids.project }] }))))),
        ("adminAudit", NamesNothing),
        ("adminJobs", NamesNothing),
        ("adminOverview", NamesNothing),
        ("adminReviveJobs", NamesNothing),
        ("adminUsers", NamesNothing),
        ("getActivity", NamesNothing),
        ("billingPlans", NamesNothing),
        ("billingSubscription", NamesNothing),
        ("billingCheckout", NamesNothing),
        ("billingPortal", NamesNothing),
        ("billingCancel", NamesNothing),
        ("billingResume", NamesNothing),
        ("billingInvoices", NamesNothing),
        ("billingEvent", NamesNothing),
        // For the operator alone, who names tenants.
        ("adminSubscription", NamesNothing),
        ("adminSetSubscription", NamesNothing),
        ("adminSetInvoice", NamesNothing),
        ("listWebhooks", NamesNothing),
        ("createWebhook", NamesNothing),
        ("changeWebhook", Names(|_| ("", Some(json!({ "is_active": false }))))),
        ("deleteWebhook", Names(|_| ("", None))),
        ("rotateWebhook", Names(|_| ("", None))),
        ("pingWebhook", Names(|_| ("", None))),
        ("webhookDeliveries", Names(|_| ("", None))),
        ("redeliverWebhook", Names(|ids| ("", Some(json!({ "event_id": ids.event }))))),
        ("usage", NamesNothing),
        ("usageEvents", Names(|_| ("?cursor={event_id}", None))),
        ("usageStatement", NamesNothing),
        ("logoutEverywhere", NamesNothing),
        ("watchEvents", NamesNothing),
        ("appAccessed", Names(|_| ("", None))),
        ("appMemories", Names(|_| ("", None))),
        ("alikeMemories", Names(|_| ("", None))),
        ("archiveMemories", Names(|ids| ("", Some(json!({ "memory_ids": [ids.memory] }))))),
        ("createEndpoint", Names(|ids| ("", Some(json!({ "name": "n", "client": "c", "project_id": ids.project }))))),
        ("createKey", Names(|ids| ("", Some(json!({ "name": "n", "project_id": ids.project }))))),
        ("createMemory", Names(|ids| ("", Some(json!({ "text": "x", "project_id": ids.project }))))),
        ("createProject", NamesNothing),
        ("decideOAuthRequest", NamesNothing),
        ("decideReview", Names(|_| ("", Some(json!({ "decision": "keep" }))))),
        ("deleteMemories", Names(|ids| ("", Some(json!({ "memory_ids": [ids.memory] }))))),
        ("deleteMemory", Names(|_| ("", None))),
        ("deleteProject", Names(|_| ("", None))),
        ("eraseAccount", NamesNothing),
        ("exportMemories", NamesNothing),
        ("filterMemories", Names(|ids| ("", Some(json!({ "app_ids": [ids.app] }))))),
        ("getContext", Names(|ids| ("", Some(json!({ "query": "victim", "project_id": ids.project }))))),
        ("getPolicy", NamesNothing),
        ("giveFeedback", Names(|ids| ("", Some(json!({ "memory_id": ids.memory, "feedback": "NEGATIVE" }))))),
        ("keepMemory", Names(|_| ("", None))),
        ("keepMemories", Names(|ids| ("", Some(json!({ "memory_ids": [ids.memory] }))))),
        ("learnPolicy", NamesNothing),
        ("learningAnalytics", Names(|_| ("", None))),
        ("listFading", NamesNothing),
        ("memoryFeedback", Names(|_| ("", None))),
        ("takeFeedbackBack", Names(|_| ("", None))),
        ("getApp", Names(|_| ("", None))),
        ("getEndpoint", Names(|_| ("", None))),
        ("getKey", Names(|_| ("", None))),
        ("getMemory", Names(|_| ("", None))),
        ("changePassword", NamesNothing),
        ("changeSettings", NamesNothing),
        ("getEmbeddingProgress", NamesNothing),
        ("getOAuthRequest", NamesNothing),
        ("getOperation", Names(|_| ("", None))),
        ("getProject", Names(|_| ("", None))),
        ("getGateCounts", NamesNothing),
        ("getSettings", NamesNothing),
        ("getStats", NamesNothing),
        ("health", NamesNothing),
        ("healthLive", NamesNothing),
        ("healthReady", NamesNothing),
        ("importMemories", NamesNothing),
        ("linkMemories", Names(|_| ("", None))),
        ("listApps", NamesNothing),
        ("listCategories", NamesNothing),
        ("listEndpoints", NamesNothing),
        ("listGrants", NamesNothing),
        ("listKeys", NamesNothing),
        ("listMemories", Names(|_| ("?app_id={app_id}", None))),
        ("listProjects", NamesNothing),
        ("listReviews", NamesNothing),
        ("login", NamesNothing),
        ("logout", NamesNothing),
        ("me", NamesNothing),
        ("memoryAccessLog", Names(|_| ("", None))),
        ("memoryHistory", Names(|_| ("", None))),
        ("metrics", NamesNothing),
        ("pauseMemories", Names(|ids| ("", Some(json!({ "memory_ids": [ids.memory], "app_id": ids.app, "state": "paused" }))))),
        ("refresh", NamesNothing),
        ("register", NamesNothing),
        ("relatedMemories", Names(|_| ("", None))),
        ("renameEndpoint", Names(|_| ("", Some(json!({ "name": "stolen" }))))),
        ("renameGrant", Names(|_| ("", Some(json!({ "name": "stolen" }))))),
        ("renameKey", Names(|_| ("", Some(json!({ "name": "stolen" }))))),
        ("renameProject", Names(|_| ("", Some(json!({ "name": "stolen" }))))),
        ("restoreMemory", Names(|_| ("", None))),
        ("restoreMemories", Names(|ids| ("", Some(json!({ "memory_ids": [ids.memory] }))))),
        ("revokeEndpoint", Names(|_| ("", None))),
        ("revokeGrant", Names(|_| ("", None))),
        ("revokeKey", Names(|_| ("", None))),
        ("rotateEndpoint", Names(|_| ("", Some(json!({ "grace_secs": 0 }))))),
        ("rotateKey", Names(|_| ("", Some(json!({ "grace_secs": 0 }))))),
        ("searchMemories", Names(|ids| ("", Some(json!({ "query": "victim", "project_id": ids.project }))))),
        ("undoReview", Names(|_| ("", None))),
        ("undoMemory", Names(|_| ("", Some(json!({ "version": 1 }))))),
        ("undoWrites", Names(|ids| ("", Some(json!({ "app_id": ids.app }))))),
        ("unlinkMemories", Names(|_| ("", None))),
        ("updateApp", Names(|_| ("?is_active=false", None))),
        ("updateMemory", Names(|_| ("", Some(json!({ "text": "stolen" }))))),
    ])
}

async fn ids_of(app: &TestApp, person: &Person) -> Ids {
    let memory: Uuid = app.add(person, "the victim's memory").await.parse().expect("an id");
    let other: Uuid = app.add(person, "another one of the victim").await.parse().expect("an id");
    app.rest(&person.jwt, "POST", &format!("/api/v1/memories/{memory}/links/{other}"), None).await;
    let id = |value: &Value| value["id"].as_str().expect("an id").parse().expect("an id");
    let project = app.rest(&person.jwt, "POST", "/api/v1/projects", Some(json!({ "name": "private" }))).await.1;
    let inferred = json!({ "text": "the victim moved", "infer": true });
    let operation = app.rest(&person.jwt, "POST", "/api/v1/memories/", Some(inferred)).await.1;
    let apps = app.rest(&person.jwt, "GET", "/api/v1/apps/", None).await.1;
    let liked = json!({ "memory_id": memory, "feedback": "POSITIVE", "query": "the victim's question" });
    let event = app.rest(&person.jwt, "POST", "/api/v1/learning/feedback", Some(liked)).await.1;
    let endpoints = app.rest(&person.jwt, "GET", "/api/v1/endpoints", None).await.1;
    let keys = app.rest(&person.jwt, "GET", "/api/v1/keys", None).await.1;
    let hook = json!({ "url": "https://hook.invalid/" });
    let webhook = app.rest(&person.jwt, "POST", "/api/v1/webhooks", Some(hook)).await.1;
    let of_list = |list: &Value, name: &str| id(list.get(name).unwrap_or(list).get(0).unwrap_or_else(|| panic!("no {name} in {list}")));
    Ids {
        memory,
        other,
        project: id(&project),
        operation: id(&operation),
        event: id(&event),
        app: of_list(&apps, "apps"),
        endpoint: of_list(&endpoints, "endpoints"),
        key: of_list(&keys, "keys"),
        grant: granted(app, person).await,
        webhook: id(&webhook),
    }
}

/// A client that the person let in.
async fn granted(app: &TestApp, person: &Person) -> Uuid {
    let client = Client::registered(app, "http://127.0.0.1:9/callback").await;
    client.granted(person).await;
    let grants = app.rest(&person.jwt, "GET", "/api/v1/grants/", None).await.1;
    grants["grants"][0]["id"].as_str().expect("an id").parse().expect("an id")
}

/// The answer without what differs from call to call: the request id, and the ids that the caller itself had sent.
fn comparable(status: u16, body: &Value, sent: &Ids) -> (u16, String) {
    let mut body = body.clone();
    if let Some(map) = body.as_object_mut() {
        map.remove("request_id");
    }
    let mut text = body.to_string();
    for id in [sent.memory, sent.other, sent.project, sent.app, sent.endpoint, sent.key, sent.operation, sent.event, sent.grant] {
        text = text.replace(&id.to_string(), "<sent>");
    }
    (status, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_id_is_an_unknown_id() {
    let model = OpenAiDouble::start().await;
    let env = [("LLM_PROVIDER", "openai"), ("OPENAI_BASE_URL", model.url.as_str())];
    let app = TestApp::start_with(&env, Outside::default()).await;
    let (victim, thief) = (app.person("victim").await, app.person("thief").await);
    let foreign = ids_of(&app, &victim).await;
    let document: Value = app.rest("", "GET", "/openapi.json", None).await.1;
    let mut cases = cases();
    let mut tried = 0;
    for (template, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let Some(name) = operation["operationId"].as_str() else { continue };
            let case = cases.remove(name).unwrap_or_else(|| panic!("the operation {name} has no isolation case"));
            let Case::Names(build) = case else { continue };
            let method = method.to_uppercase();
            for token in [&thief.jwt, &thief.api_key, &thief.endpoint] {
                let mut answers = Vec::new();
                for ids in [foreign, Ids::unknown()] {
                    let (query, body) = build(&ids);
                    let (status, body) = app.rest(token, &method, &ids.path(&format!("{template}{query}")), body).await;
                    answers.push(comparable(status, &body, &ids));
                }
                assert_eq!(answers[0], answers[1], "{name} tells a foreign id from an unknown one");
                assert!(!answers[0].1.contains("victim"), "{name} shows foreign text: {}", answers[0].1);
                tried += 1;
            }
        }
    }
    assert!(cases.is_empty(), "cases without an operation: {:?}", cases.keys());
    assert!(tried > 80, "only {tried} combinations were tried");

    let (status, memory) = app.rest(&victim.jwt, "GET", &format!("/api/v1/memories/{}", foreign.memory), None).await;
    assert_eq!((status, &memory["text"], &memory["state"]), (200, &json!("the victim's memory"), &json!("active")));
    assert_eq!(memory["strength"], json!(0.6), "only the victim's own feedback counts");
    let (status, _) = app.rest(&victim.api_key, "GET", &format!("/api/v1/projects/{}", foreign.project), None).await;
    assert_eq!(status, 200, "the victim's key and project are as they were");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_treats_a_foreign_id_as_unknown() {
    let app = TestApp::start().await;
    let (victim, thief) = (app.person("victim").await, app.person("thief").await);
    let memory = app.add(&victim, "the victim's memory").await;
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let url = format!("{}/mcp/test/http/{}", app.base, thief.endpoint);
    let listed =
        app.http.post(&url).header("accept", "application/json, text/event-stream").json(&request).send().await.expect("an answer");
    let listed: Value = listed.json().await.expect("JSON");
    let names: BTreeSet<_> =
        listed["result"]["tools"].as_array().expect("tools").iter().map(|t| t["name"].as_str().expect("a name")).collect();
    let known = [
        "add_memories",
        "delete_all_memories",
        "delete_memories",
        "get_memory",
        "list_memories",
        "memory_feedback",
        "search_memory",
        "update_memory",
    ];
    assert_eq!(names, BTreeSet::from(known), "a tool without an isolation case");

    let foreign = app.tool(&thief, "delete_memories", json!({ "memory_ids": [memory] })).await;
    let unknown = app.tool(&thief, "delete_memories", json!({ "memory_ids": [MemoryId::new()] })).await;
    assert_eq!(foreign, unknown);
    let said = |id: String| json!({ "memory_id": id, "feedback": "NEGATIVE" });
    let foreign = app.tool(&thief, "memory_feedback", said(memory.clone())).await;
    let unknown = app.tool(&thief, "memory_feedback", said(MemoryId::new().to_string())).await;
    assert_eq!(foreign, unknown);
    let short = |id: &str| ShortId::from(id.parse::<MemoryId>().expect("an id")).to_string();
    for name in [memory.clone(), short(&memory)] {
        let unknown = if name == memory { MemoryId::new().to_string() } else { short(&MemoryId::new().to_string()) };
        let calls = |id: &str| {
            [
                ("get_memory", json!({ "memory_id": id })),
                ("update_memory", json!({ "memory_id": id, "text": "stolen" })),
                ("fetch", json!({ "id": id })),
                ("delete_memories", json!({ "memory_ids": [id] })),
                ("memory_feedback", json!({ "memory_id": id, "feedback": "NEGATIVE" })),
            ]
        };
        for ((tool, foreign), (_, unknown)) in calls(&name).into_iter().zip(calls(&unknown)) {
            let answers = [app.tool(&thief, tool, foreign).await, app.tool(&thief, tool, unknown).await];
            assert_eq!(answers[0], answers[1], "{tool}");
        }
    }
    for (tool, arguments) in [
        ("search_memory", json!({ "query": "the victim's memory" })),
        ("search_memory", json!({ "query": "the victim's memory", "detail": "short" })),
        ("search", json!({ "query": "the victim's memory" })),
        ("list_memories", json!({ "detail": "short" })),
        ("list_memories", json!({ "cursor": memory })),
        ("list_memories", json!({})),
        ("delete_all_memories", json!({ "confirm": true })),
    ] {
        let answer = app.tool(&thief, tool, arguments).await.to_string();
        assert!(!answer.contains(&memory) && !answer.contains("victim's"), "{tool}: {answer}");
    }
    let own = app.tool(&victim, "list_memories", json!({})).await;
    assert_eq!(own["structuredContent"]["memories"][0]["id"], json!(memory), "the victim's memory is still there");
}
