//! Bringing the schema forward: repeatable, and safe where several processes start at once.

use std::{sync::Arc, time::Duration};

use jonathans_memory::{adapters::sql::Db, clock::SystemClock};

use crate::support::db::{TestDb, both, sqlite_file};

async fn open(url: &str) -> Db {
    Db::connect(url, 2, Duration::from_mins(1), Arc::new(SystemClock)).await.expect("opens")
}

both! {
    async fn migrating_again_changes_nothing(db: TestDb) {
        let (applied, known) = db.db.schema_versions().await.expect("answers");
        assert_eq!(applied, known);
        db.db.migrate().await.expect("nothing to do");
        assert_eq!(db.db.schema_versions().await.expect("answers"), (known, known));
        db.db.prove_writable().await.expect("takes a write");
    }
}

both! {
    async fn an_older_program_works_on_a_newer_schema(db: TestDb) {
        let (_, known) = db.db.schema_versions().await.expect("answers");
        db.as_owner(format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ({}, 'later', TRUE, '', 0)",
            known + 1
        ))
        .await;
        assert_eq!(db.db.schema_versions().await.expect("answers"), (known + 1, known));
        db.db.migrate().await.expect("nothing that it knows is missing");
    }
}

#[test]
fn processes_that_start_together_on_a_new_file_all_succeed() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let migrations = std::fs::read_dir("migrations/sqlite").expect("a folder").count();
    let migrations = i64::try_from(migrations).expect("few");
    runtime.block_on(async {
        for _ in 0..5 {
            let (_directory, url) = sqlite_file();
            let starts = (0..6).map(|_| {
                let url = url.clone();
                tokio::spawn(async move {
                    let db = open(&url).await;
                    assert_eq!(db.schema_versions().await.expect("answers").1, migrations);
                    db.migrate().await.expect("migrates beside the others");
                    let versions = db.schema_versions().await.expect("answers");
                    db.close().await;
                    versions
                })
            });
            for start in futures::future::join_all(starts).await {
                let (applied, known) = start.expect("no panic");
                assert_eq!(applied, known);
            }
        }
    });
}
