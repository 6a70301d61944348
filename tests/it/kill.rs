//! `kill -9` at random moments under mixed load: what was acknowledged is there afterwards, what was deleted stays
//! deleted, the file is whole and no job is stuck. `KILL_ROUNDS` sets how often; the default keeps the suite short.

use std::{
    collections::HashSet,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use jonathans_memory::adapters::sql::Engine;
use serde_json::json;

use crate::support::{
    db, eventually,
    process::{Served, call_tool, jmem, json_of},
};

#[derive(Default)]
struct Ledger {
    /// Acknowledged adds that nobody tried to delete: id and the word that only this text has.
    there: Vec<(String, String)>,
    /// Acknowledged deletes.
    gone: HashSet<String>,
    next: u64,
}

#[test]
fn no_acknowledged_write_is_lost() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        db::run(engine, async move |db| kill_and_look(engine, &db.url).await);
    }
}

async fn kill_and_look(engine: Engine, database: &str) {
    let rounds: u32 = std::env::var("KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let dir = tempfile::tempdir().expect("a directory");
    let jmem = |dir: &Path| {
        let mut command = jmem(dir);
        command.env("DATABASE_URL", database);
        command
    };
    json_of(jmem(dir.path()).args(["user", "create", "kill@example.com", "--json"]));
    let endpoint = json_of(jmem(dir.path()).args(["endpoint", "create", "--user", "kill@example.com", "--client", "test", "--json"]));
    let secret = endpoint["secret"].as_str().expect("a secret").to_owned();
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut random = 0x2545_F491_4F6C_DD1Du64;

    for round in 0..rounds {
        // No inline embedding: every add leaves a job, so kills hit the job runner as well.
        let mut served = Served::start(jmem(dir.path()).env("JM__EMBEDDER__INLINE_LIMIT", "0"));
        let url = format!("{}/mcp/test/http/{secret}", served.base);
        let writers: Vec<_> = (0..4).map(|n| tokio::spawn(write_until_killed(url.clone(), ledger.clone(), n))).collect();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Every fourth kill hits a server that has just started, the others one that is writing.
        if round % 4 < 3 {
            let before = acknowledged(&ledger);
            eventually("a write is acknowledged", async || acknowledged(&ledger) > before).await;
        }
        tokio::time::sleep(Duration::from_millis((random >> 33) % 400)).await;
        served.kill();
        for writer in writers {
            writer.await.expect("a writer does not panic");
        }
    }

    let served = Served::start(&mut jmem(dir.path()));
    let url = format!("{}/mcp/test/http/{secret}", served.base);
    let client = reqwest::Client::new();
    let listed = list_all(&client, &url).await;
    let ledger = Arc::into_inner(ledger).expect("no writer is left").into_inner().expect("no panic");
    let lost: Vec<_> = ledger.there.iter().filter(|(id, _)| !listed.contains(id)).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged adds are lost", lost.len(), ledger.there.len());
    let risen: Vec<_> = ledger.gone.iter().filter(|id| listed.contains(*id)).collect();
    assert!(risen.is_empty(), "{} of {} acknowledged deletes came back", risen.len(), ledger.gone.len());
    for (id, word) in ledger.there.iter().step_by(ledger.there.len() / 200 + 1) {
        let found = call_tool(&client, &url, "search_memory", json!({ "query": word, "limit": 1 })).await.expect("an answer");
        assert_eq!(found["structuredContent"]["results"][0]["id"], json!(id), "{word} is not found");
    }
    no_job_is_stuck(|| jmem(dir.path())).await;
    drop(served);
    if engine == Engine::Sqlite {
        integrity(database).await;
    }
    println!(
        "{engine:?}: {rounds} kills: {} adds and {} deletes acknowledged, none lost",
        ledger.there.len() + ledger.gone.len(),
        ledger.gone.len()
    );
}

fn acknowledged(ledger: &Mutex<Ledger>) -> usize {
    ledger.lock().expect("no panic").there.len()
}

async fn write_until_killed(url: String, ledger: Arc<Mutex<Ledger>>, n: u64) {
    let client = reqwest::Client::new();
    for turn in 0u64.. {
        let word = {
            let mut ledger = ledger.lock().expect("no panic");
            ledger.next += 1;
            format!("zq{n}x{}", ledger.next)
        };
        let text = format!("the {word} was noted by writer {n}");
        let Some(added) = call_tool(&client, &url, "add_memories", json!({ "text": text })).await else { return };
        let id = added["structuredContent"]["results"][0]["id"].as_str().expect("an id").to_owned();
        if turn % 5 != 4 {
            ledger.lock().expect("no panic").there.push((id, word));
            continue;
        }
        // Not acknowledged, a delete may or may not have happened: such an id is on neither list.
        let Some(_) = call_tool(&client, &url, "delete_memories", json!({ "memory_ids": [id] })).await else { return };
        ledger.lock().expect("no panic").gone.insert(id);
    }
}

async fn list_all(client: &reqwest::Client, url: &str) -> HashSet<String> {
    let mut ids = HashSet::new();
    let mut cursor = String::new();
    loop {
        let page = call_tool(client, url, "list_memories", json!({ "limit": 200, "cursor": cursor })).await.expect("an answer");
        let page = &page["structuredContent"];
        ids.extend(page["memories"].as_array().expect("a list").iter().map(|m| m["id"].as_str().expect("an id").to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) if !next.is_empty() => next.clone_into(&mut cursor),
            _ => return ids,
        }
    }
}

async fn no_job_is_stuck(jmem: impl Fn() -> Command) {
    for _ in 0..150 {
        let report = json_of(jmem().args(["doctor", "--json"]));
        assert!(report["jobs"]["dead"].is_null(), "{report}");
        if report["jobs"].as_object().expect("an object").is_empty() {
            return;
        }
        // Jobs of a killed runner come back when their lease of a minute ends.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("jobs are stuck: {}", json_of(jmem().args(["doctor", "--json"])));
}

async fn integrity(url: &str) {
    let pool = sqlx::SqlitePool::connect(url).await.expect("the file opens");
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&pool).await.expect("it answers");
    assert_eq!(verdict, "ok");
}
