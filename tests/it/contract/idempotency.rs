//! A retried add is one add.

use futures::future::join_all;
use jonathans_memory::jobs::IdempotencyRecords;
use jonathans_memory::memory::{Added, Filter, Guarded, Idempotency, ListQuery, ListStore, MemoryStore, PageRequest, SortColumn};

use crate::support::db::{Person, TestDb, both};

fn key(name: &str, body: &str) -> Idempotency {
    Idempotency { operation: "memory.add", key: name.into(), request_hash: body.into() }
}

async fn add(db: &TestDb, who: &Person, text: &str, key: &Idempotency) -> Guarded<Vec<Added>> {
    let memories = vec![who.memory(text).into()];
    db.memories().insert(&who.scope, &who.actor, memories, Some(key)).await.expect("answers")
}

async fn total(db: &TestDb, who: &Person) -> i64 {
    let page = PageRequest::Number { page: 1, size: 10 };
    let query = ListQuery { filter: Filter::default(), contains: None, sort: SortColumn::CreatedAt, descending: true, page };
    db.memories().list(&who.scope, &query).await.expect("listed").total
}

both! {
    async fn fifty_equal_calls_store_one_memory(db: TestDb) {
        let ada = db.person("ada").await;
        let other = db.another_process().await;
        let calls = (0..50).map(|n| {
            let (db, ada) = (if n % 2 == 0 { db.clone() } else { other.clone() }, ada.clone());
            tokio::spawn(async move { add(&db, &ada, "tea", &key("k", "body")).await })
        });
        let (mut done, mut answers) = (0, Vec::new());
        for call in join_all(calls).await {
            match call.expect("no panic") {
                Guarded::Done(added) => {
                    done += 1;
                    answers.push(added);
                }
                Guarded::Replayed(added) => answers.push(added),
                Guarded::Mismatch => panic!("the body was the same"),
            }
        }
        assert_eq!((done, answers.len(), total(&db, &ada).await), (1, 50, 1));
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        other.db.close().await;
    }

    async fn a_key_belongs_to_its_body_its_operation_and_its_tenant(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        assert!(matches!(add(&db, &ada, "tea", &key("k", "one")).await, Guarded::Done(_)));
        assert!(matches!(add(&db, &ada, "milk", &key("k", "two")).await, Guarded::Mismatch));
        assert_eq!(total(&db, &ada).await, 1, "a mismatch stores nothing");
        assert!(matches!(add(&db, &eve, "tea", &key("k", "three")).await, Guarded::Done(_)));
        assert!(matches!(add(&db, &ada, "milk", &key("K", "two")).await, Guarded::Done(_)));
        let batch = Idempotency { operation: "memory.batch", ..key("k", "four") };
        assert!(matches!(add(&db, &ada, "salt", &batch).await, Guarded::Done(_)));
        assert_eq!((total(&db, &ada).await, total(&db, &eve).await), (3, 1));
    }

    async fn an_old_key_is_forgotten(db: TestDb) {
        let ada = db.person("ada").await;
        add(&db, &ada, "tea", &key("old", "one")).await;
        db.clock.advance(std::time::Duration::from_secs(10));
        add(&db, &ada, "milk", &key("new", "one")).await;
        assert_eq!(db.jobs().forget_idempotency_keys(db.now()).await.expect("answers"), 1);
        assert!(matches!(add(&db, &ada, "tea", &key("old", "two")).await, Guarded::Done(_)));
        assert!(matches!(add(&db, &ada, "milk", &key("new", "one")).await, Guarded::Replayed(_)));
    }
}
