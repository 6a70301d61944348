//! Many writers at once: no error, no gap, nothing lost.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::future::join_all;
use jonathans_memory::{
    ids::MemoryId,
    memory::{AddEvent, ChangeLog, ContentChange, Insert, ListStore, MemoryStore, StoredMemory, Update, Updated},
    tenancy::TenantStore,
};

use crate::support::db::{Person, TestDb, both, model};

const WRITERS: usize = 8;
const EACH: usize = 50;

/// Reads, then writes: every add looks for its text first; every fifth updates what it added.
async fn write(db: TestDb, who: Person, writer: usize) -> Vec<MemoryId> {
    let mut ids = Vec::new();
    for n in 0..EACH {
        let insert = if n % 2 == 0 { who.memory(&format!("{writer} {n}")) } else { who.unembedded(&format!("{writer} {n}")) };
        let added = db.add(&who, vec![insert]).await;
        assert_eq!(added[0].event, AddEvent::Add);
        if n % 5 == 0 {
            let text = format!("{writer} {n} again");
            let update = Update {
                change: ContentChange { text: Some(text), ..ContentChange::default() },
                expected_version: Some(1),
                ..Update::default()
            };
            let updated = db.memories().update(&who.scope, &who.actor, added[0].id, update).await.expect("updated");
            assert!(matches!(updated, Updated::Changed(_)), "{updated:?}");
        }
        ids.push(added[0].id);
    }
    ids
}

both! {
    async fn many_writers_and_two_processes(db: TestDb) {
        let other = db.another_process().await;
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let tasks = (0..WRITERS).map(|n| {
            let (db, who) = (if n % 2 == 0 { &db } else { &other }, if n < 2 { &eve } else { &ada });
            tokio::spawn(write(db.clone(), who.clone(), n))
        });
        let ids: HashSet<_> = join_all(tasks).await.into_iter().flat_map(|task| task.expect("no error")).collect();
        assert_eq!(ids.len(), WRITERS * EACH);
        for (who, writers) in [(&ada, 6), (&eve, 2)] {
            let changes = db.memories().changes_since(&who.scope, &[model()], true, 0, 10_000).await.expect("answers");
            assert_eq!(changes.memories.len(), writers * EACH);
            let writes = i64::try_from(writers * (EACH + EACH / 5)).expect("small");
            assert_eq!(changes.sequence, 1 + writes, "each write took one number");
            for (n, memory) in changes.memories.iter().enumerate().take(20) {
                let history = db.memories().history(&who.scope, memory.memory.id).await.expect("answers");
                assert_eq!(i64::try_from(history.len()).expect("small"), memory.memory.version, "{n}");
            }
        }
        other.db.close().await;
    }

    async fn a_follower_misses_nothing(db: TestDb) {
        let other = db.another_process().await;
        let ada = db.person("ada").await;
        let finished = Arc::new(AtomicBool::new(false));
        let follower = {
            let (db, ada, finished) = (db.clone(), ada.clone(), Arc::clone(&finished));
            tokio::spawn(async move {
                let (mut sequence, mut known) = (0, HashSet::new());
                loop {
                    // Read before asking: what was written by then must be in the answer.
                    let last = finished.load(Ordering::SeqCst);
                    let changes = db.memories().changes_since(&ada.scope, &[model()], true, sequence, 7).await.expect("answers");
                    assert!(changes.sequence >= sequence, "the sequence went back");
                    assert!(changes.memories.is_empty() || changes.sequence > sequence);
                    sequence = changes.sequence;
                    known.extend(changes.memories.into_iter().map(|m| (m.memory.id, m.memory.version)));
                    if changes.complete && last {
                        return (sequence, known);
                    }
                    tokio::task::yield_now().await;
                }
            })
        };
        let tasks = (0..WRITERS).map(|n| tokio::spawn(write(if n % 2 == 0 { db.clone() } else { other.clone() }, ada.clone(), n)));
        let ids: HashSet<_> = join_all(tasks).await.into_iter().flat_map(|task| task.expect("no error")).collect();
        finished.store(true, Ordering::SeqCst);
        let (sequence, known) = follower.await.expect("no panic");
        assert_eq!(known.iter().map(|(id, _)| *id).collect::<HashSet<_>>(), ids);
        for StoredMemory { memory, .. } in db.memories().changes_since(&ada.scope, &[model()], true, 0, 10_000).await.expect("answers").memories {
            assert!(known.contains(&(memory.id, memory.version)), "the last change of {} was missed", memory.id);
        }
        assert_eq!(sequence, db.memories().sequence(&ada.scope).await.expect("answers"));
        other.db.close().await;
    }

    async fn one_text_from_many_writers_is_one_memory(db: TestDb) {
        let other = db.another_process().await;
        let ada = db.person("ada").await;
        let tasks = (0..WRITERS).map(|n| {
            let (db, ada) = (if n % 2 == 0 { db.clone() } else { other.clone() }, ada.clone());
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for n in 0..10 {
                    let keyed = Insert { pattern_signature: Some(format!("key {n}")), ..ada.memory(&format!("text {n}")) };
                    ids.push(db.add(&ada, vec![keyed]).await[0].id);
                }
                ids
            })
        });
        let answers: Vec<_> = join_all(tasks).await.into_iter().map(|task| task.expect("no error")).collect();
        assert!(answers.iter().all(|ids| *ids == answers[0]));
        assert_eq!(db.tenancy().stats(&ada.scope).await.expect("counted").total_memories, 10);
        other.db.close().await;
    }
}
