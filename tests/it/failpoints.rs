//! The process dies, or fails, at each named point of a write and of its job. Whatever was acknowledged is there after the
//! next start, whatever was not is there whole or not at all, and once the jobs are drained the index has exactly what SQL
//! has.

use std::{collections::BTreeSet, path::Path, process::Command};

use jonathans_memory::adapters::sql::Engine;
use serde_json::{Value, json};
use sqlx::{PgPool, SqlitePool};
use uuid::Uuid;

use crate::support::{
    db::{TestDb, both},
    eventually,
    process::{Served, jmem, json_of},
    qdrant::QdrantDouble,
};

/// In the transaction of a write, and right after it.
const WRITE: [&str; 3] = ["write.rows", "write.jobs", "write.committed"];
/// Of a job whatever it does.
const JOB: [&str; 3] = ["jobs.claimed", "jobs.marked", "jobs.finished"];
/// Of a job that brings a memory into the index.
const INDEX: [&str; 3] = ["index.embedded", "index.stored", "index.upserted"];
/// Of one whose memory has its vector: an update waits for it.
const AGAIN: [&str; 1] = ["index.upserted"];
/// Of a job that takes one out.
const REMOVE: [&str; 1] = ["index.deleted"];

/// What is asked for while a point is armed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Add,
    Update,
    Delete,
}

both! {
    async fn a_crash_at_any_point_leaves_sql_and_the_index_alike(db: TestDb) {
        let mut place = Place::new(&db).await;
        let jobs = |more: &'static [&'static str]| WRITE.into_iter().chain(JOB).chain(more.iter().copied());
        let mut crashes = 0;
        for (change, points) in [(Change::Add, jobs(&INDEX)), (Change::Update, jobs(&AGAIN)), (Change::Delete, jobs(&REMOVE))] {
            for point in points {
                crashes += 1;
                place.crash(change, point, crashes).await;
            }
        }
        println!("{:?}: {crashes} crashes, nothing lost, nothing left over", db.engine);
    }

    async fn a_failure_at_any_point_is_made_good(db: TestDb) {
        let mut place = Place::new(&db).await;
        let all = [&WRITE[..], &JOB, &INDEX, &REMOVE].concat();
        place.start(&all.iter().map(|point| format!("{point}=error")).collect::<Vec<_>>().join(","));
        let (mut kept, mut failures) = (Vec::new(), 0);
        // Each attempt meets the next point; each point fails once.
        for n in 0..6 {
            let (key, body) = (format!("key-{n}"), json!({ "text": format!("memory {n}") }));
            let added = place.insist("POST", "/api/v1/memories/", Some(&key), Some(&body), &mut failures).await;
            let id = added["id"].as_str().expect("an id").to_owned();
            if n % 2 == 0 {
                kept.push(id);
            } else {
                place.insist("DELETE", &format!("/api/v1/memories/{id}"), None, None, &mut failures).await;
            }
        }
        assert_eq!(failures, WRITE.len(), "each point of a write was met");
        place.drained().await;
        assert_eq!(place.live().await, kept.into_iter().collect());
    }
}

/// A data directory, a database, an index, and the server on them.
struct Place {
    database: Database,
    url: String,
    dir: tempfile::TempDir,
    index: QdrantDouble,
    key: String,
    client: reqwest::Client,
    served: Option<Served>,
}

enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Place {
    async fn new(db: &TestDb) -> Self {
        let (dir, url) = (tempfile::tempdir().expect("a directory"), db.url.as_str());
        let command = |args: &[&str]| json_of(jmem(dir.path()).env("DATABASE_URL", url).args(args));
        command(&["user", "create", "points@example.com", "--json"]);
        let made = command(&["key", "create", "--user", "points@example.com", "--json"]);
        let database = match db.engine {
            Engine::Sqlite => Database::Sqlite(SqlitePool::connect(url).await.expect("the file opens")),
            Engine::Postgres => Database::Postgres(PgPool::connect(url).await.expect("the server answers")),
        };
        let index = QdrantDouble::start().await;
        let key = made["api_key"].as_str().expect("a key").to_owned();
        Self { database, url: url.to_owned(), dir, index, key, client: reqwest::Client::new(), served: None }
    }

    fn command(dir: &Path, url: &str, index: &QdrantDouble) -> Command {
        let mut command = jmem(dir);
        // No inline embedding: every change leaves its whole work to a job.
        command.env("DATABASE_URL", url).env("JM__EMBEDDER__INLINE_LIMIT", "0").env("JM_LOG", "off");
        command.env("INDEX_PROVIDER", "qdrant").env("QDRANT_URL", &index.url).env("MAIN_QDRANT_COLLECTION_NAME", "shared");
        command
    }

    /// Ends the server that runs, if any, and starts one with these points armed.
    fn start(&mut self, points: &str) {
        if let Some(mut served) = self.served.take() {
            assert!(served.terminate().success());
        }
        self.served = Some(Served::start(Self::command(self.dir.path(), &self.url, &self.index).env("JM_FAIL_POINTS", points)));
    }

    /// Makes one change with a point armed, waits for the death of the server, and looks at what it left.
    async fn crash(&mut self, change: Change, point: &str, n: usize) {
        let (path, text) = ("/api/v1/memories/", format!("number {n} was noted"));
        let mut id = None;
        if change != Change::Add {
            self.start("");
            let (_, added) = self
                .call("POST", path, Some(&format!("before-{n}")), Some(json!({ "text": format!("{n} before") })))
                .await
                .expect("an answer");
            id = Some(added["id"].as_str().expect("an id").to_owned());
            self.drained().await;
        }
        self.start(&format!("{point}=crash"));
        let (key, body) = (format!("key-{n}"), json!({ "text": text }));
        let one = format!("{path}{}", id.clone().unwrap_or_default());
        let answer = match change {
            Change::Add => self.call("POST", path, Some(&key), Some(body.clone())).await,
            Change::Update => self.call("PUT", &one, None, Some(body.clone())).await,
            Change::Delete => self.call("DELETE", &one, None, None).await,
        };
        let acknowledged = answer.is_some_and(|(status, answer)| {
            assert_eq!(status, 200, "{change:?} at {point}: {answer}");
            true
        });
        assert!(!acknowledged || !WRITE.contains(&point), "{change:?} at {point} was acknowledged before it was durable");
        let mut dead = self.served.take().expect("it was started");
        eventually(&format!("{change:?} reaches {point}"), async || dead.has_ended()).await;

        self.start("");
        if let (Change::Update | Change::Delete, Some(id)) = (change, &id) {
            let there = self.live().await.contains(id);
            // A delete takes effect with its commit.
            let expected = change == Change::Update || matches!(point, "write.rows" | "write.jobs");
            assert_eq!(there, expected, "{change:?} at {point}");
        }
        if change == Change::Add {
            // Whether it got through or not: asked again, it is there once.
            let (status, again) = self.call("POST", path, Some(&key), Some(body)).await.expect("an answer");
            assert_eq!(status, 200, "{again}");
            let (_, list) =
                self.call("GET", &format!("{path}?size=100&search_query=number%20{n}%20"), None, None).await.expect("an answer");
            let found = list["items"].as_array().expect("a list").iter().filter(|item| item.to_string().contains(&text)).count();
            assert_eq!(found, 1, "{change:?} at {point}: {list}");
        }
        self.drained().await;
    }

    /// Repeats a call until it succeeds, counting the answers that say that something failed.
    async fn insist(&self, method: &str, path: &str, key: Option<&str>, body: Option<&Value>, failures: &mut usize) -> Value {
        loop {
            match self.call(method, path, key, body.cloned()).await.expect("it lives") {
                (500, _) => *failures += 1,
                // A delete that failed after its commit finds nothing when it is repeated.
                (_, answer) => return answer,
            }
        }
    }

    /// One REST call; `None` when the server did not live to answer.
    async fn call(&self, method: &str, path: &str, key: Option<&str>, body: Option<Value>) -> Option<(u16, Value)> {
        let base = &self.served.as_ref().expect("it runs").base;
        let mut request = self.client.request(method.parse().expect("a method"), format!("{base}{path}")).bearer_auth(&self.key);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.ok()?))
    }

    /// Waits until no job is left, and compares. The lease of a job whose runner died is made to end: nobody gains by
    /// waiting for it.
    async fn drained(&self) {
        eventually("every job is done", async || {
            self.execute("UPDATE jobs SET lease_until = 0 WHERE state = 'running'").await;
            self.ids("SELECT id FROM jobs").await.is_empty()
        })
        .await;
        let live = self.live().await;
        assert_eq!(self.ids("SELECT memory_id FROM memory_vectors").await, live, "SQL has a vector of each memory");
        assert_eq!(self.index.ids("shared").into_iter().collect::<BTreeSet<_>>(), live, "the index has what SQL has");
    }

    async fn live(&self) -> BTreeSet<String> {
        self.ids("SELECT id FROM memories WHERE state <> 'deleted'").await
    }

    async fn ids(&self, sql: &'static str) -> BTreeSet<String> {
        let ids: Vec<Uuid> = match &self.database {
            Database::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.expect("ids"),
            Database::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.expect("ids"),
        };
        ids.iter().map(ToString::to_string).collect()
    }

    async fn execute(&self, sql: &'static str) {
        match &self.database {
            Database::Sqlite(pool) => drop(sqlx::query(sql).execute(pool).await.expect("done")),
            Database::Postgres(pool) => drop(sqlx::query(sql).execute(pool).await.expect("done")),
        }
    }
}
