//! The whole service in one file: from either database into either, while it is written to, and never by halves.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::Ipv4Addr,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use jonathans_memory::{
    adapters::sql::{BackupSummary, Engine, backup_tables, verify_backup},
    app::Outside,
};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::{
    contract::row_level_security::furnish,
    support::{
        app::{Person, TestApp},
        db::{self, TestDb, both, within},
        eventually,
        process::{Served, call_tool, jmem, json_of},
        qdrant::QdrantDouble,
    },
};

const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

async fn backup(db: &TestDb) -> Vec<u8> {
    let (bytes, summary) = db.db.backup(Some("k".into()), Vec::new()).await.expect("a backup");
    assert_eq!(verify_backup(&bytes[..]).expect("it is whole"), summary);
    bytes
}

async fn restore(db: &TestDb, backup: &[u8]) -> BackupSummary {
    db.db.restore(backup).await.expect("restored")
}

fn lines(backup: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(backup).read_to_string(&mut text).expect("gzip");
    text
}

fn packed(lines: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(lines.as_bytes()).expect("written");
    out.finish().expect("ends")
}

/// Rows by table, each with the names of its columns. JSON is compared as JSON: the engines write it differently.
fn rows(backup: &[u8]) -> BTreeMap<String, BTreeSet<String>> {
    let mut tables = BTreeMap::<String, BTreeSet<String>>::new();
    let mut open: Option<(String, Vec<String>)> = None;
    for line in lines(backup).lines() {
        match serde_json::from_str(line).expect("JSON") {
            Value::Array(cells) => {
                let (table, columns) = open.as_ref().expect("a table");
                let cell = |cell: Value| match cell.as_str().map(serde_json::from_str) {
                    Some(Ok(json @ (Value::Object(_) | Value::Array(_)))) => json,
                    _ => cell,
                };
                let row: BTreeMap<_, _> = columns.iter().zip(cells.into_iter().map(cell)).collect();
                let fresh = tables.get_mut(table).expect("a table").insert(json!(row).to_string());
                assert!(fresh, "{table} has the same row twice");
            }
            line if line["type"] == "table" => {
                let name = line["name"].as_str().expect("a name").to_owned();
                tables.insert(name.clone(), BTreeSet::new());
                open = Some((name, serde_json::from_value(line["columns"].clone()).expect("names")));
            }
            _ => {}
        }
    }
    tables
}

/// The service on a database, with one key everywhere.
async fn served(db: &TestDb) -> TestApp {
    let key = "5c".repeat(32);
    TestApp::start_with(&[("DATABASE_URL", db.url.as_str()), ("JM_SECRET_KEY", key.as_str())], Outside::default()).await
}

fn both_ways() -> impl Iterator<Item = (Engine, Engine)> {
    ENGINES.into_iter().flat_map(|from| ENGINES.into_iter().map(move |to| (from, to)))
}

#[test]
fn every_row_of_every_table_arrives() {
    for (from, to) in both_ways() {
        db::run(from, async |source| {
            for name in ["ada", "eve"] {
                let person = furnish(&source, name).await;
                let odd = r#"{"π": [1e-7, 0.1, -0.30000000000000004, 12345678901234567890], "quote\"": "\\x41 \u2028 'it''s'", "deep": {"a": [null, true]}}"#;
                let mut memory = person.memory("tabs\tand\nlines, \"quotes\", \\x00, 𝛑 and \u{200d}");
                memory.content.metadata = serde_json::from_str(odd).expect("JSON");
                memory.content.confidence = 0.1 + 0.2;
                memory.vector = Some(vec![f32::MIN_POSITIVE, -0.0, 1.0 / 3.0]);
                source.add(&person, vec![memory]).await;
            }
            let file = backup(&source).await;
            let there = rows(&file);
            assert_eq!(there.keys().map(String::as_str).collect::<BTreeSet<_>>(), backup_tables().into_iter().collect());
            assert!(there.values().all(|rows| rows.len() >= 2), "an empty table proves nothing: {:?}", counts(&there));
            for migrated in [true, false] {
                within(to, migrated, async |target| {
                    let restored = restore(&target, &file).await;
                    assert_eq!(restored.tables.iter().map(|(_, rows)| rows).sum::<u64>(), restored.rows());
                    let here = rows(&backup(&target).await);
                    assert_eq!(counts(&here), counts(&there), "{from:?} to {to:?}");
                    for (table, rows) in &there {
                        assert_eq!(&here[table], rows, "{table}, {from:?} to {to:?}");
                    }
                    assert_eq!(target.db.schema_versions().await.expect("versions").0, restored.header.schema);
                })
                .await;
            }
        });
    }
}

fn counts(tables: &BTreeMap<String, BTreeSet<String>>) -> BTreeMap<&str, usize> {
    tables.iter().map(|(table, rows)| (table.as_str(), rows.len())).collect()
}

/// What a person finds, without what reading changes.
async fn view(app: &TestApp, person: &Person, ids: &[String]) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in ["/api/v1/memories/?size=100", "/api/v1/projects/", "/api/v1/memories/categories"] {
        let (status, answer) = app.rest(&person.jwt, "GET", path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        seen.push(answer);
    }
    for id in ids {
        let (status, history) = app.rest(&person.jwt, "GET", &format!("/api/v1/memories/{id}/history"), None).await;
        seen.push(if status == 200 { history } else { json!(status) });
    }
    let (_, apps) = app.rest(&person.jwt, "GET", "/api/v1/apps/", None).await;
    let names =
        apps["apps"].as_array().expect("apps").iter().map(|a| json!([a["id"], a["name"], a["is_active"], a["total_memories_created"]]));
    seen.push(names.collect());
    for query in ["harbour", "what does she drink", "note 3"] {
        let found = app.tool(person, "search_memory", json!({ "query": query, "limit": 5 })).await;
        let hits = found["structuredContent"]["results"].as_array().expect("results").iter().map(|hit| json!([hit["id"], hit["score"]]));
        seen.push(hits.collect());
        assert_eq!(found["structuredContent"]["degraded"], json!(false), "the vectors came along");
    }
    seen
}

#[test]
fn people_find_everything_where_they_left_it() {
    for (from, to) in both_ways() {
        db::run(from, async |source| {
            let before = served(&source).await;
            let (ann, bob) = (before.person("ann").await, before.person("bob").await);
            let project = before.rest(&ann.jwt, "POST", "/api/v1/projects", Some(json!({ "name": "boat" }))).await.1;
            let mut ids = vec![before.add(&ann, "Ann drinks green tea").await, before.add(&ann, "the harbour opens at six").await];
            before.add(&bob, "Bob keeps the harbour keys").await;
            for n in 0..8 {
                let memory =
                    json!({ "text": format!("note {n} of the log"), "project_id": project["id"], "tags": ["log"], "metadata": { "n": n } });
                let (_, added) = before.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(memory)).await;
                ids.push(added["id"].as_str().expect("an id").to_owned());
            }
            let changed = json!({ "memory_content": "Ann drinks oat milk" });
            assert_eq!(before.rest(&ann.jwt, "PUT", &format!("/api/v1/memories/{}", ids[0]), Some(changed)).await.0, 200);
            for (n, action) in [(3, "pause"), (4, "archive")] {
                let body = json!({ "memory_ids": [ids[n]] });
                assert_eq!(before.rest(&ann.jwt, "POST", &format!("/api/v1/memories/actions/{action}"), Some(body)).await.0, 200);
            }
            before.tool(&ann, "delete_memories", json!({ "memory_ids": [ids[5]] })).await;
            let (hers, his) = (view(&before, &ann, &ids).await, view(&before, &bob, &[]).await);
            before.app.flush().await;
            let file = backup(&source).await;

            within(to, true, async |target| {
                restore(&target, &file).await;
                let after = served(&target).await;
                for (then, now) in [(&hers, view(&after, &ann, &ids).await), (&his, view(&after, &bob, &[]).await)] {
                    assert_eq!(then.len(), now.len());
                    for (then, now) in then.iter().zip(&now) {
                        assert_eq!(now, then, "{from:?} to {to:?}");
                    }
                }
                after
                    .app
                    .accounts
                    .login("ann@example.com", "correct horse battery", Ipv4Addr::LOCALHOST.into())
                    .await
                    .expect("the password is the same");
                assert_eq!(after.rest(&ann.api_key, "GET", "/api/v1/memories/", None).await.0, 200);
                // Life goes on: numbers that the database gives follow those of the backup.
                after.add(&ann, "a new page of the log").await;
                after.app.flush().await;
                let (_, log) = after.rest(&ann.jwt, "GET", &format!("/api/v1/memories/{}/access-log", ids[1]), None).await;
                let entries = log["logs"].as_array().expect("entries").iter().map(|entry| entry["id"].to_string());
                let entries: Vec<_> = entries.collect();
                assert!(entries.len() >= 2 && entries.iter().collect::<BTreeSet<_>>().len() == entries.len(), "{log}");
            })
            .await;
        });
    }
}

#[test]
fn a_backup_under_load_has_all_that_was_acknowledged() {
    for engine in ENGINES {
        db::run(engine, async |source| {
            let app = Arc::new(served(&source).await);
            let ann = Arc::new(app.person("ann").await);
            let (acknowledged, stop) = (Arc::new(Mutex::new(Vec::<String>::new())), Arc::new(AtomicBool::new(false)));
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (app, ann, acknowledged, stop) = (app.clone(), ann.clone(), acknowledged.clone(), stop.clone());
                    tokio::spawn(async move {
                        for n in 0.. {
                            if stop.load(Ordering::SeqCst) {
                                return;
                            }
                            let id = app.add(&ann, &format!("writer {writer} notes {n}")).await;
                            acknowledged.lock().expect("no panic").push(id);
                        }
                    })
                })
                .collect();
            let known = |acknowledged: &Mutex<Vec<String>>| acknowledged.lock().expect("no panic").clone();
            let mut backups = Vec::new();
            for round in 1..=3 {
                eventually("the writers write", async || known(&acknowledged).len() >= 20 * round).await;
                let before = known(&acknowledged);
                backups.push((before, backup(&source).await));
            }
            stop.store(true, Ordering::SeqCst);
            for writer in writers {
                writer.await.expect("no panic");
            }
            let all = known(&acknowledged).len();
            for (before, file) in backups {
                let tables = rows(&file);
                let of =
                    |table: &str| tables[table].iter().map(|row| serde_json::from_str::<Value>(row).expect("JSON")).collect::<Vec<_>>();
                let there: BTreeSet<_> = of("memories").iter().map(|m| m["id"].as_str().expect("hex").to_owned()).collect();
                let lost: Vec<_> = before.iter().filter(|id| !there.contains(&id.replace('-', ""))).collect();
                assert!(lost.is_empty(), "{engine:?}: {} of {} are missing", lost.len(), before.len());
                // One moment: no memory without its history, none beyond the tenant's sequence.
                let history: BTreeSet<_> = of("memory_history").iter().map(|h| h["memory_id"].as_str().expect("hex").to_owned()).collect();
                assert_eq!(history, there);
                let newest = of("memories").iter().map(|m| m["seq"].as_i64().expect("a number")).max();
                assert_eq!(of("tenants")[0]["change_seq"].as_i64(), newest);
            }
            assert!(all > 60);
        });
    }
}

#[test]
fn what_is_damaged_is_refused_and_touches_nothing() {
    db::run(Engine::Sqlite, async |source| {
        furnish(&source, "ada").await;
        let file = backup(&source).await;
        let text = lines(&file);
        // A changed bit behind the header may be anything: another letter, a cell less, a row that no table takes, an early end.
        let flipped = (3..16).map(|part| {
            let mut flipped = file.clone();
            flipped[file.len() * part / 16] ^= 1 << (part % 8);
            (flipped, "the backup is ")
        });
        let cases = [
            (file[..file.len() - 9].to_vec(), "cut off"),
            (file[..file.len() / 2].to_vec(), "cut off"),
            ([&file[..], b"and more"].concat(), "follows its end"),
            (packed(&text.replacen("\"version\":1", "\"version\":2", 1)), "form 2"),
            (packed(&text.replacen("\"schema\":", "\"schema\":9", 1)), "knows it up to"),
            (packed(&text.replacen("with a vector", "with a victor", 1)), "checksum of 'memories'"),
            (packed(&text.replacen(",\"active\",", ",", 1)), "the backup is damaged: the checksum of 'tenants'"),
            (packed(&text[..=text.trim_end().rfind('\n').expect("lines")]), "cut off"),
            (b"not a backup at all".to_vec(), "not a backup"),
        ];
        let cases: Vec<_> = cases.into_iter().chain(flipped).collect();
        for to in ENGINES {
            within(to, true, async |target| {
                for (damaged, why) in &cases {
                    let refused = target.db.restore(&damaged[..]).await.expect_err("it is refused");
                    assert!(format!("{refused:#}").contains(why), "{why}: {refused:#}");
                    let left = rows(&backup(&target).await);
                    assert!(left.values().all(BTreeSet::is_empty), "{why}: {:?}", counts(&left));
                }
                restore(&target, &file).await;
                let kept = rows(&backup(&target).await);
                let refused = format!("{:#}", target.db.restore(&file[..]).await.expect_err("it is not empty"));
                assert!(refused.contains("not empty"), "{refused}");
                assert_eq!(rows(&backup(&target).await), kept);
            })
            .await;
        }
    });
}

both! {
    async fn no_table_is_forgotten(db: TestDb) {
        let tables: Vec<String> = match db.engine {
            Engine::Sqlite => {
                let pool = sqlx::SqlitePool::connect(&db.url).await.expect("the file opens");
                sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'").fetch_all(&pool).await.expect("tables")
            }
            Engine::Postgres => {
                let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
                sqlx::query_scalar(tables).fetch_all(&db.db.postgres_pool().expect("Postgres")).await.expect("tables")
            }
        };
        // Made anew by what is restored, or over within minutes.
        let derived = ["memory_counts", "tag_counts", "schedules", "oauth_requests", "nodes"];
        let kept = |name: &&str| !name.starts_with("_sqlx") && !name.starts_with("sqlite_") && !derived.contains(name);
        let ours = tables.iter().map(String::as_str).filter(kept);
        assert_eq!(ours.collect::<BTreeSet<_>>(), backup_tables().into_iter().collect(), "TABLES in adapters/sql/backup lists them");
    }

    async fn an_older_schema_is_restored_and_brought_forward(db: TestDb) {
        // Migration 7 made the newest table of that time.
        const OLD: i64 = 6;
        let old_rows = [
            "INSERT INTO tenants (id, name, status, change_seq, created_at) VALUES (TENANT, 'old', 'active', 0, 5)",
            "INSERT INTO users (id, email, created_at) VALUES (TENANT, 'old@example.org', 5)",
        ];
        let id = "00112233445566778899aabbccddeeff";
        let mut file = Vec::new();
        within(db.engine, false, async |old| {
            match old.engine {
                Engine::Sqlite => {
                    let pool = sqlx::SqlitePool::connect(&old.url).await.expect("the file opens");
                    sqlx::migrate!("migrations/sqlite").run_to(OLD, &pool).await.expect("migrates");
                    for sql in old_rows {
                        sqlx::query(AssertSqlSafe(sql.replace("TENANT", &format!("x'{id}'")))).execute(&pool).await.expect("inserted");
                    }
                }
                Engine::Postgres => {
                    let pool = &old.db.postgres_pool().expect("Postgres");
                    sqlx::migrate!("migrations/postgres").run_to(OLD, pool).await.expect("migrates");
                    for sql in old_rows {
                        sqlx::query(AssertSqlSafe(sql.replace("TENANT", &format!("'{id}'")))).execute(pool).await.expect("inserted");
                    }
                }
            }
            file = backup(&old).await;
        })
        .await;
        assert!(!rows(&file).contains_key("operations"));
        let refused = db.db.restore(&file[..]).await.expect_err("the schema is further").to_string();
        assert!(refused.contains("schema 6") && refused.contains("without any schema"), "{refused}");
        for engine in ENGINES {
            within(engine, false, async |target| {
                assert_eq!(restore(&target, &file).await.header.schema, OLD);
                let (applied, known) = target.db.schema_versions().await.expect("versions");
                assert_eq!(applied, known);
                let there = rows(&backup(&target).await);
                assert!(there["users"].iter().next().expect("a user").contains(id) && there["operations"].is_empty());
            })
            .await;
        }
    }
}

#[test]
fn a_role_that_sees_a_part_makes_no_backup() {
    db::run(Engine::Postgres, async |db| {
        furnish(&db, "ada").await;
        // What the role lacks otherwise: this test is about policies.
        let grant = "GRANT SELECT ON _sqlx_migrations TO jonathans_memory_app";
        sqlx::query(grant).execute(&db.db.postgres_pool().expect("Postgres")).await.expect("granted");
        let url = format!("{}{}options=-c%20role%3Djonathans_memory_app", db.url, if db.url.contains('?') { '&' } else { '?' });
        let clock = Arc::new(jonathans_memory::clock::SystemClock);
        let weak = jonathans_memory::adapters::sql::Db::connect(&url, 2, std::time::Duration::from_secs(5), clock).await.expect("connects");
        let error = weak.backup(None, Vec::new()).await.expect_err("policies would leave rows out");
        assert!(format!("{error:#}").contains("owns the tables"), "{error:#}");
        weak.close().await;
    });
}

fn output(command: &mut Command) -> (bool, String, String) {
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_back_up_a_running_server_and_keep_to_its_key() {
    let (here, there) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let server = Served::start(&mut jmem(here.path()));
    let user = ["--user", "owner@localhost.local"];
    let endpoint = json_of(jmem(here.path()).args(["endpoint", "create", "--client", "test", "--json"]).args(user));
    let client = reqwest::Client::new();
    let at = |server: &Served| format!("{}/mcp/test/http/{}", server.base, endpoint["secret"].as_str().expect("a secret"));
    call_tool(&client, &at(&server), "add_memories", json!({ "text": "the boat is blue" })).await.expect("stored");

    let file = there.path().join("all.backup");
    let path = file.to_str().expect("UTF-8");
    let report = json_of(jmem(here.path()).args(["backup", path, "--json"]));
    assert_eq!((&report["rows"]["memories"], &report["rows"]["users"]), (&json!(1), &json!(1)), "{report}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    }
    let (done, _, error) = output(jmem(here.path()).args(["backup", path]));
    assert!(!done && error.contains("exists already"), "{error}");
    let (done, said, _) = output(jmem(here.path()).args(["restore", "--check", path]));
    assert!(done && said.starts_with("Whole: 1 memory of 1 user"), "{said}");
    let (done, _, error) = output(jmem(here.path()).args(["restore", path]));
    assert!(!done && error.contains("not empty"), "{error}");

    let fresh = there.path().join("data");
    let mut damaged = std::fs::read(&file).expect("readable");
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let broken = there.path().join("broken.backup");
    std::fs::write(&broken, damaged).expect("written");
    let (done, _, error) = output(jmem(&fresh).args(["restore", broken.to_str().expect("UTF-8")]));
    assert!(!done && error.contains("the backup is "), "{error}");
    assert!(!fresh.join("memory.db").exists(), "no database was made for it");

    let (done, said, warning) = output(jmem(&fresh).args(["restore", path]));
    assert!(done && said.starts_with("Restored 1 memory of 1 user"), "{said}");
    assert!(warning.contains("WARNING") && warning.contains(report["key"].as_str().expect("a fingerprint")), "{warning}");
    let master = std::fs::read_to_string(here.path().join("master.key")).expect("a key");
    assert!(!lines(&std::fs::read(&file).expect("readable")).contains(master.trim()), "the key is no part of a backup");
    // Without the key the endpoint is unknown; with it, it is the same one.
    let without = Served::start(&mut jmem(&fresh));
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let answer =
        client.post(at(&without)).header("accept", "application/json, text/event-stream").json(&call).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 404);
    drop(without);
    std::fs::write(fresh.join("master.key"), master).expect("written");
    let with = Served::start(&mut jmem(&fresh));
    let found = call_tool(&client, &at(&with), "search_memory", json!({ "query": "boat" })).await.expect("an answer");
    assert_eq!(found["structuredContent"]["results"][0]["memory"], "the boat is blue");

    // Through pipes, as where the backup is encrypted on its way; with the same key there is nothing to warn of.
    let piped = jmem(here.path()).args(["backup", "-"]).output().expect("the program starts");
    assert!(piped.status.success() && verify_backup(&piped.stdout[..]).is_ok());
    let again = there.path().join("again");
    let mut child = jmem(&again)
        .env("JM_SECRET_KEY", key_of(here.path()))
        .args(["restore", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("piped").write_all(&piped.stdout).expect("taken");
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success() && ended.stderr.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));

    // Who was erased since is in the backup again, and is erased again by what the receipt called them.
    drop((server, with));
    let receipt = json_of(jmem(here.path()).args(["erase", "--yes"]).args(user));
    assert_eq!(receipt["rows"]["memories"], 1, "{receipt}");
    let tenant = ["erase", "--yes", "--tenant", receipt["tenant_id"].as_str().expect("an id")];
    for (left, memories) in [(1, "those of the backup"), (0, "none")] {
        assert_eq!(json_of(jmem(&again).args(tenant))["rows"]["memories"], left, "{memories}");
    }
    let stranger = uuid::Uuid::now_v7().to_string();
    let (done, _, error) = output(jmem(&again).args(["erase", "--yes", "--tenant", &stranger]));
    assert!(!done && error.contains("no account with this tenant_id"), "{error}");
}

fn key_of(directory: &std::path::Path) -> String {
    std::fs::read_to_string(directory.join("master.key")).expect("a key").trim().to_owned()
}

#[test]
fn a_restore_that_is_killed_leaves_nothing() {
    for engine in ENGINES {
        db::run(Engine::Sqlite, async |source| {
            let person = furnish(&source, "ada").await;
            // Random letters do not get smaller: the backup is larger than a pipe.
            for _ in 0..5 {
                let text = || (0..400).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect::<String>();
                source.add(&person, (0..20).map(|_| person.memory(&text())).collect()).await;
            }
            let file = backup(&source).await;
            assert!(file.len() > 400_000, "{}", file.len());
            within(engine, true, async |target| {
                let dir = tempfile::tempdir().expect("a directory");
                let mut command = jmem(dir.path());
                command.env("DATABASE_URL", &target.url).args(["restore", "-"]).stdin(Stdio::piped());
                let mut child = command.spawn().expect("the program starts");
                let mut input = child.stdin.take().expect("piped");
                // It has read, and sent to the database, all but what a pipe and its own buffers hold.
                input.write_all(&file[..file.len() - 100]).expect("taken");
                child.kill().expect("it runs");
                child.wait().expect("it ends");
                drop(input);
                // The server may still hear of it.
                eventually("nothing is left", async || rows(&backup(&target).await).values().all(BTreeSet::is_empty)).await;
                restore(&target, &file).await;
                assert_eq!(rows(&backup(&target).await)["memories"], rows(&file)["memories"]);
            })
            .await;
        });
    }
}

#[test]
fn an_external_index_is_filled_again() {
    db::run(Engine::Sqlite, async |source| {
        let app = served(&source).await;
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let mut ids = vec![
            app.add(&ann, "the first harbour").await,
            app.add(&ann, "the second harbour").await,
            app.add(&bob, "the third harbour").await,
        ];
        let gone = app.add(&bob, "deleted").await;
        app.tool(&bob, "delete_memories", json!({ "memory_ids": [gone] })).await;
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("all.backup");
        std::fs::write(&path, backup(&source).await).expect("written");

        within(Engine::Postgres, true, async |target| {
            let qdrant = QdrantDouble::start().await;
            let key = "5c".repeat(32);
            let env = [
                ("DATABASE_URL", target.url.as_str()),
                ("JM_SECRET_KEY", key.as_str()),
                ("INDEX_PROVIDER", "qdrant"),
                ("QDRANT_URL", qdrant.url.as_str()),
                ("MAIN_QDRANT_COLLECTION_NAME", "shared"),
            ];
            let report = json_of(jmem(dir.path()).envs(env).args(["restore", "--json"]).arg(&path));
            assert_eq!(report["queued"], json!(3), "{report}");
            let restored = TestApp::start_with(&env, Outside::default()).await;
            eventually("all is indexed", async || qdrant.ids("shared").len() == 3).await;
            ids.sort();
            let mut there = qdrant.ids("shared");
            there.sort();
            assert_eq!(there, ids);
            let found = restored.tool(&bob, "search_memory", json!({ "query": "the third harbour" })).await;
            assert_eq!(found["structuredContent"]["results"][0]["memory"], "the third harbour");
        })
        .await;
    });
}
