//! Qdrant behind the real client, beside both databases. With `QDRANT_TEST_URL` (and `QDRANT_TEST_API_KEY`) what needs no fault also runs on that
//! server.

use std::{collections::BTreeMap, time::Duration};

use jonathans_memory::{
    app::{App, Outside},
    config::Config,
    jobs::{IndexQueue, JobQueue, relocate},
};
use qdrant_client::qdrant::Distance;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::{
    app::{Person, TestApp},
    db::{TestDb, both},
    eventually, patience,
    qdrant::{Fault, QdrantDouble},
};

const KEY: &str = "the-key-of-qdrant";
const WORDS: [&str; 24] = [
    "anchor", "bread", "candle", "door", "engine", "forest", "glass", "harbour", "island", "jacket", "kettle", "ladder", "mirror",
    "needle", "orange", "paper", "quilt", "river", "stone", "table", "umbrella", "violin", "window", "yarn",
];

/// A server, a collection of this test's own, and the double if it is one.
struct Place {
    url: String,
    key: String,
    collection: String,
    double: Option<QdrantDouble>,
    /// `DATABASE_URL`
    database: String,
}

impl Place {
    async fn double(db: &TestDb) -> (Self, QdrantDouble) {
        let double = QdrantDouble::start().await;
        (
            Self {
                url: double.url.clone(),
                key: KEY.into(),
                collection: "shared".into(),
                double: Some(double.clone()),
                database: db.url.clone(),
            },
            double,
        )
    }

    async fn all(db: &TestDb) -> Vec<Self> {
        let mut places = vec![Self::double(db).await.0];
        if let Ok(url) = std::env::var("QDRANT_TEST_URL") {
            let key = std::env::var("QDRANT_TEST_API_KEY").unwrap_or_default();
            places.push(Self { url, key, collection: format!("test-{}", Uuid::new_v4()), double: None, database: db.url.clone() });
        }
        places
    }

    async fn app(&self, more: &[(&str, &str)]) -> TestApp {
        let env = [
            ("DATABASE_URL", self.database.as_str()),
            ("INDEX_PROVIDER", "qdrant"),
            ("QDRANT_URL", self.url.as_str()),
            ("QDRANT_API_KEY", self.key.as_str()),
            ("MAIN_QDRANT_COLLECTION_NAME", self.collection.as_str()),
            // A busy machine is no fault.
            ("JM__QDRANT__SEARCH_TIMEOUT_MS", "20000"),
            ("JM__QDRANT__WRITE_TIMEOUT_MS", "20000"),
        ];
        TestApp::start_with(&[&env[..], more].concat(), Outside::default()).await
    }

    /// Somebody new: places share the database.
    async fn person(&self, app: &TestApp, name: &str) -> Person {
        app.person(&format!("{name}-{}-{}", self.collection, Uuid::new_v4().simple())).await
    }
}

fn text(n: usize) -> String {
    (0..6).map(|k| WORDS[(n * 7 + k * k * 5 + n / 3 * k) % WORDS.len()]).collect::<Vec<_>>().join(" ") + &format!(" {n}")
}

async fn fill(app: &TestApp, person: &Person, memories: usize) {
    let all: Vec<_> = (0..memories).map(|n| json!({ "text": text(n), "tags": [format!("t{}", n % 10)] })).collect();
    store(app, person, &all).await;
}

async fn store(app: &TestApp, person: &Person, memories: &[Value]) {
    for batch in memories.chunks(20) {
        let (status, answer) = app.rest(&person.jwt, "POST", "/api/v1/memories/batch?wait=true", Some(json!({ "memories": batch }))).await;
        assert_eq!(status, 200, "{answer}");
    }
    indexed(app).await;
}

async fn indexed(app: &TestApp) {
    eventually("every job is done", async || app.app.queue.stats().await.is_ok_and(|stats| stats.by_state.is_empty())).await;
}

/// Everything, in order: what is likely to help is no matter here.
async fn search(app: &TestApp, person: &Person, mut body: Value) -> Value {
    body["threshold"] = json!(0);
    let (status, answer) = app.rest(&person.jwt, "POST", "/api/v1/memories/search", Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Texts and scores in order.
fn ranked(answer: &Value) -> Vec<(String, f64)> {
    let hit = |hit: &Value| (hit["memory"].as_str().expect("a text").to_owned(), hit["score"].as_f64().expect("a score"));
    answer["results"].as_array().expect("results").iter().map(hit).collect()
}

fn ids(answer: &Value) -> Vec<String> {
    answer["results"].as_array().expect("results").iter().map(|hit| hit["id"].as_str().expect("an id").to_owned()).collect()
}

/// What one tenant remembers and is asked.
struct Corpus {
    embedder: &'static str,
    memories: Vec<Value>,
    queries: Vec<Value>,
}

/// Words of our own; or, with `PARITY_DATA`, the conversations of a folder with `*.memories.jsonl` and `*.queries.jsonl`
/// (`{tenant, order, text, speaker, date, session}` and `{tenant, text}`), by the local model.
fn corpora() -> Vec<Corpus> {
    let Ok(folder) = std::env::var("PARITY_DATA") else {
        let memories = (0..300).map(|n| json!({ "text": text(n), "tags": [format!("t{}", n % 10)] })).collect();
        let query = |n: usize| {
            let mut body = json!({ "query": format!("{} {}", WORDS[n % 24], WORDS[(n * 5 + 3) % 24]), "limit": 20 });
            if n.is_multiple_of(3) {
                body["tags"] = json!([format!("t{}", n % 10)]);
            }
            body
        };
        return vec![Corpus { embedder: "hash", memories, queries: (0..60).map(query).collect() }];
    };
    let read = |end: &str| {
        let mut by_tenant: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for entry in std::fs::read_dir(&folder).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.to_string_lossy().ends_with(end) {
                for line in std::fs::read_to_string(&path).expect("text").lines() {
                    let value: Value = serde_json::from_str(line).expect("JSON");
                    let name = format!("{} {}", path.file_name().expect("a name").to_string_lossy().trim_end_matches(end), value["tenant"]);
                    by_tenant.entry(name).or_default().push(value);
                }
            }
        }
        by_tenant
    };
    let mut queries = read(".queries.jsonl");
    let corpus = |(tenant, memories): (String, Vec<Value>)| {
        let memory = |m: Value| json!({ "text": m["text"], "speaker": m["speaker"], "session_id": m["session"].to_string() });
        let queries = queries.remove(&tenant).unwrap_or_default();
        Corpus {
            embedder: "local",
            memories: memories.into_iter().map(memory).collect(),
            queries: queries.into_iter().map(|q| json!({ "query": q["text"], "limit": 20 })).collect(),
        }
    };
    read(".memories.jsonl").into_iter().map(corpus).collect()
}

both! {
    async fn both_indexes_rank_alike(db: TestDb) {
        for place in Place::all(&db).await {
            let mut asked = 0;
            for Corpus { embedder, memories, queries } in corpora() {
                let env = [("EMBEDDER_PROVIDER", embedder)];
                let embedded = TestApp::start_with(&env, Outside::default()).await;
                let app = place.app(&env).await;
                let (ann, bob, eve) = (embedded.person("ann").await, place.person(&app, "bob").await, place.person(&app, "eve").await);
                let few = &memories[..memories.len() / 3];
                for (app, person, memories) in [(&embedded, &ann, &memories[..]), (&app, &eve, few), (&app, &bob, &memories[..])] {
                    store(app, person, memories).await;
                }
                for body in &queries {
                    let (ours, theirs) = (search(&embedded, &ann, body.clone()).await, search(&app, &bob, body.clone()).await);
                    assert_eq!(theirs["degraded"], json!(false));
                    same_order(body, &ranked(&ours), &ranked(&theirs));
                    asked += 1;
                }
                if let Some(double) = &place.double {
                    assert_eq!(double.shape(&place.collection), (Some(16), Some(0), vec!["tenant_id".to_owned()]));
                    let both = memories.len() + few.len();
                    assert!(double.ids(&place.collection).len() >= both * 9 / 10, "one collection for all");
                    assert!(double.keys().iter().all(|key| key == KEY));
                    double.drop_collection(&place.collection);
                }
            }
            println!("{asked} queries, the same order on both");
        }
    }
}

fn same_order(query: &Value, ours: &[(String, f64)], theirs: &[(String, f64)]) {
    assert_eq!(ours.len(), theirs.len(), "{query}");
    let by_text: BTreeMap<_, _> = theirs.iter().cloned().collect();
    let last = ours.last().map_or(0.0, |(_, score)| *score);
    for ((text, score), (_, other)) in ours.iter().zip(theirs) {
        assert!((score - other).abs() < 1e-4, "{query}: {score} {other}");
        // Those that share the last score may be others.
        assert!(by_text.get(text).map_or(score - last < 1e-4, |other| (score - other).abs() < 1e-4), "{query}: {text}");
    }
}

both! {
    async fn a_large_tenant_gets_the_best_candidates_of_what_it_asks_for(db: TestDb) {
        for place in Place::all(&db).await {
            let app = place.app(&[("JM__INDEX__EXACT_LIMIT", "50"), ("JM__INDEX__CANDIDATES", "100")]).await;
            let bob = place.person(&app, "bob").await;
            fill(&app, &bob, 400).await;
            let answer = search(&app, &bob, json!({ "query": "violin window", "limit": 40, "tags": ["t3"] })).await;
            let hits = answer["results"].as_array().expect("results");
            assert_eq!(hits.len(), 40, "every memory of the tag: the condition goes before the cut");
            assert!(hits.iter().all(|hit| hit["scores"]["dense"].is_number()));
            // A memory that waits to be indexed is found here too, by its words; how high it ranks depends on the others.
            let (status, added) = app.rest(&bob.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": "a zeppelin over the harbour" }))).await;
            assert_eq!(status, 200);
            let answer = search(&app, &bob, json!({ "query": "zeppelin", "limit": 100 })).await;
            assert!(ids(&answer).iter().any(|id| added["id"] == json!(id)), "{answer}");
        }
    }
}

both! {
    async fn long_texts_are_found_by_their_parts(db: TestDb) {
        for place in Place::all(&db).await {
            for more in [&[][..], &[("JM__INDEX__EXACT_LIMIT", "5"), ("JM__INDEX__CANDIDATES", "100")]] {
                let app = place.app(&[&[("EMBEDDER_PROVIDER", "local"), ("JM__EMBEDDER__QUERY_TIMEOUT_MS", "20000")], more].concat()).await;
                let bob = place.person(&app, "bob").await;
                let filler = "The minutes of the last meeting were read and nobody had anything to say to them. ".repeat(12);
                let long = format!(
                    "{filler}The saxophone is Omar's. He has played this instrument in a band for ten years, and practises it every \
                     evening in the cellar, where only his neighbours hear the music. He takes his saxophone along wherever he goes, and \
                     has promised to play it at the garden party in July. {filler}"
                );
                let mut texts: Vec<_> = (0..12).map(|n| json!({ "text": text(n) })).collect();
                texts.extend([json!({ "text": "The party hat is in the attic" }), json!({ "text": long })]);
                store(&app, &bob, &texts).await;
                let question = json!({ "query": "Which instrument does Omar play in the band?", "limit": 3 });
                let found = search(&app, &bob, question.clone()).await;
                let first = &found["results"][0];
                assert_eq!(first["memory"], json!(long.trim()), "{found}");
                assert!(first["part"].as_str().is_some_and(|part| part.contains("saxophone") && part.len() < 1_000), "{found}");
                assert!(first["scores"]["dense"].is_number(), "{found}");
                // Its end takes all of its windows along.
                let (id, path) = (first["id"].clone(), "/api/v1/memories/");
                assert_eq!(app.rest(&bob.jwt, "DELETE", path, Some(json!({ "memory_ids": [id] }))).await.0, 200);
                indexed(&app).await;
                if let Some(double) = &place.double {
                    assert!(!double.ids(&place.collection).iter().any(|point| *point == id));
                }
                assert!(!ids(&search(&app, &bob, question).await).contains(&id.as_str().expect("an id").to_owned()));
            }
        }
    }
}

both! {
    async fn a_collection_of_before_takes_long_texts_too(db: TestDb) {
        let (place, double) = Place::double(&db).await;
        // As a version made it that knew one vector of each memory.
        double.make("shared", "all-MiniLM-L6-v2-q8", 384, Distance::Cosine);
        let app = place.app(&[("EMBEDDER_PROVIDER", "local"), ("JM__EMBEDDER__QUERY_TIMEOUT_MS", "20000")]).await;
        let bob = app.person("bob").await;
        store(&app, &bob, &[json!({ "text": "Tom collects vinyl records" })]).await;
        let long = format!(
            "{} The saxophone is Omar's. He has played this instrument in a band for ten years, and takes it along wherever he goes.",
            "Nobody had anything to say to the minutes. ".repeat(25)
        );
        store(&app, &bob, &[json!({ "text": long })]).await;
        let found = search(&app, &bob, json!({ "query": "Which instrument does he play?" })).await;
        assert_eq!((&found["results"][0]["memory"], &found["degraded"]), (&json!(long), &json!(false)), "{found}");
    }
}

both! {
    async fn what_changes_here_changes_there(db: TestDb) {
        for place in Place::all(&db).await {
            let app = place.app(&[]).await;
            let bob = place.person(&app, "bob").await;
            fill(&app, &bob, 20).await;
            let found = ids(&search(&app, &bob, json!({ "query": "anchor bread", "limit": 20 })).await);
            let (gone, paused) = (&found[0], &found[1]);
            let path = "/api/v1/memories/";
            assert_eq!(app.rest(&bob.jwt, "DELETE", path, Some(json!({ "memory_ids": [gone] }))).await.0, 200);
            assert_eq!(app.rest(&bob.jwt, "POST", "/api/v1/memories/actions/pause", Some(json!({ "memory_ids": [paused] }))).await.0, 200);
            let answer = search(&app, &bob, json!({ "query": "anchor bread", "limit": 20 })).await;
            let now = ids(&answer);
            assert!(!now.contains(gone) && !now.contains(paused), "at once, whatever the index says: {answer}");
            assert_eq!(now.len(), 18, "{answer}");
            indexed(&app).await;
            if let Some(double) = &place.double {
                assert!(!double.ids("shared").contains(gone));
                assert_eq!(double.ids("shared").len(), 19);
            }
        }
    }
}

both! {
    async fn what_is_gone_takes_nobodys_place(db: TestDb) {
        let (place, double) = Place::double(&db).await;
        let app = place.app(&[]).await;
        let bob = place.person(&app, "bob").await;
        fill(&app, &bob, 40).await;
        let query = json!({ "query": "anchor bread", "limit": 40 });
        let found = ids(&search(&app, &bob, query.clone()).await);
        // The best ones stay in the index: they would push out as many of the others.
        double.fault(Some(Fault::KeepsDeleted));
        let (gone, rest) = found.split_at(15);
        assert_eq!(app.rest(&bob.jwt, "DELETE", "/api/v1/memories/", Some(json!({ "memory_ids": gone }))).await.0, 200);
        indexed(&app).await;
        assert_eq!(double.ids("shared").len(), 40);
        let answer = search(&app, &bob, query).await;
        let hits = answer["results"].as_array().expect("results");
        assert_eq!(hits.len(), rest.len(), "{answer}");
        assert!(hits.iter().all(|hit| hit["scores"]["dense"].is_number()), "{answer}");
        assert_eq!(answer["degraded"], json!(false));
    }
}

both! {
    async fn a_collection_that_does_not_fit_stops_the_start(db: TestDb) {
        let (place, double) = Place::double(&db).await;
        let start = async || {
            let directory = tempfile::tempdir().expect("a directory");
            let env = [
                ("JM_DATA_DIR", directory.path().to_str().expect("utf-8")),
                ("DATABASE_URL", place.database.as_str()),
                ("EMBEDDER_PROVIDER", "hash"),
                ("INDEX_PROVIDER", "qdrant"),
                ("QDRANT_URL", &place.url),
                ("MAIN_QDRANT_COLLECTION_NAME", "shared"),
            ];
            let config = Config::load(None, env.map(|(k, v)| (k.to_owned(), v.to_owned()))).expect("valid");
            App::build(config).await.map(drop)
        };
        double.make("shared", "hash-384", 1536, Distance::Cosine);
        let error = format!("{:#}", start().await.expect_err("another length"));
        assert!(error.contains("1536 dimensions") && error.contains("384") && error.contains("shared"), "{error}");
        double.make("shared", "hash-384", 384, Distance::Euclid);
        assert!(format!("{:#}", start().await.expect_err("another distance")).contains("another distance"));
        double.make("shared", "text-embedding-3-small", 1536, Distance::Cosine);
        start().await.expect("vectors of another model lie beside ours");
        double.make("shared", "hash-384", 384, Distance::Cosine);
        start().await.expect("it fits");
        double.fault(Some(Fault::Down));
        start().await.expect("a server that is away is waited for");
    }
}

both! {
    async fn no_fault_of_qdrant_loses_a_memory_or_stops_a_search(db: TestDb) {
        let (place, double) = Place::double(&db).await;
        double.fault(Some(Fault::Down));
        let app = place.app(&[("JM__QDRANT__SEARCH_TIMEOUT_MS", "500"), ("JM__QDRANT__WRITE_TIMEOUT_MS", "1000")]).await;
        for (n, fault) in [Fault::Down, Fault::Slow(Duration::from_secs(5)), Fault::ErrorAfterApplying].into_iter().enumerate() {
            double.fault(Some(fault));
            let person = place.person(&app, &format!("person{n}")).await;
            let id = app.add(&person, "the lighthouse keeper is called Ingrid").await;
            let start = Instant::now();
            let answer = search(&app, &person, json!({ "query": "lighthouse keeper" })).await;
            assert!(start.elapsed() < patience(Duration::from_secs(3)), "{fault:?}: a search waited {:?}", start.elapsed());
            assert_eq!(ids(&answer), std::slice::from_ref(&id), "{fault:?}: {answer}");
            assert!(answer["degraded"] == json!(true) || fault == Fault::ErrorAfterApplying, "{fault:?}: {answer}");
            let ready = app.http.get(format!("{}/health/ready", app.base)).send().await.expect("an answer");
            assert!(ready.status().is_success(), "{fault:?}: it serves, with less");
            double.fault(None);
            eventually(&format!("it is found by meaning after {fault:?}"), async || {
                let answer = search(&app, &person, json!({ "query": "lighthouse keeper" })).await;
                answer["degraded"] == json!(false) && answer["results"][0]["scores"]["dense"].is_number()
            })
            .await;
            indexed(&app).await;
            assert_eq!(double.ids("shared").len(), n + 1, "no point twice");
        }
    }
}

both! {
    async fn a_server_that_forgets_the_tenant_shows_nothing(db: TestDb) {
        let (place, double) = Place::double(&db).await;
        let app = place.app(&[]).await;
        let (bob, eve) = (place.person(&app, "bob").await, place.person(&app, "eve").await);
        fill(&app, &bob, 30).await;
        app.add(&eve, "anchor bread candle of Eve").await;
        indexed(&app).await;
        double.fault(Some(Fault::NoTenantFilter));
        for word in WORDS {
            let answer = search(&app, &eve, json!({ "query": word, "limit": 50 })).await;
            assert!(answer["results"].as_array().expect("results").len() <= 1, "{answer}");
            let answer = search(&app, &bob, json!({ "query": word, "limit": 50 })).await;
            assert!(!answer.to_string().contains("Eve"), "{answer}");
        }
    }
}

both! {
    async fn a_lost_collection_is_built_anew(db: TestDb) {
        let (place, double) = Place::double(&db).await;
        let app = place.app(&[]).await;
        let bob = place.person(&app, "bob").await;
        fill(&app, &bob, 60).await;
        let query = json!({ "query": "forest island river", "limit": 10 });
        let before = search(&app, &bob, query.clone()).await;
        let points = double.ids("shared");
        double.drop_collection("shared");
        let during = search(&app, &bob, query.clone()).await;
        assert_eq!(during["degraded"], json!(true));
        assert!(!ids(&during).is_empty(), "by words");
        app.app.queue.reindex(&bob.principal.scope, false).await.expect("queued");
        app.app.runner().drain().await.expect("done");
        indexed(&app).await;
        assert_eq!(double.ids("shared"), points);
        let after = search(&app, &bob, query).await;
        assert_eq!((ranked(&after), &after["degraded"]), (ranked(&before), &json!(false)));
    }
}

both! {
    async fn a_tenant_moves_to_a_collection_of_its_own_while_it_is_searched(db: TestDb) {
        let (place, double) = Place::double(&db).await;
        let app = place.app(&[]).await;
        let (bob, eve) = (place.person(&app, "bob").await, place.person(&app, "eve").await);
        fill(&app, &bob, 150).await;
        fill(&app, &eve, 20).await;
        let query = json!({ "query": "forest island river", "limit": 30 });
        let before = ranked(&search(&app, &bob, query.clone()).await);
        let runner = app.app.runner();
        let scope = bob.principal.scope;
        let upkeep = app.app.upkeep().expect("an index");
        let moving = tokio::spawn(async move { relocate(&runner, &upkeep, &scope, "bob-alone").await });
        let mut searches = 0;
        while !moving.is_finished() {
            let answer = search(&app, &bob, query.clone()).await;
            assert_eq!((ranked(&answer), &answer["degraded"]), (before.clone(), &json!(false)), "search {searches}");
            searches += 1;
        }
        moving.await.expect("no panic").expect("moved");
        assert!(searches > 20, "{searches}");
        assert_eq!((double.ids("bob-alone").len(), double.ids("shared").len()), (150, 20));
        assert_eq!(ranked(&search(&app, &bob, query).await), before);
        let id = app.add(&bob, "a zeppelin").await;
        indexed(&app).await;
        assert!(double.ids("bob-alone").contains(&id), "what comes later goes there too");
    }
}
