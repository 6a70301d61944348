//! The tenant's change sequence: what working sets follow.

use jonathans_memory::{
    ids::MemoryId,
    memory::{
        ChangeLog, Changes, ContentChange, Embedding, EmbeddingModel, EmbeddingStore, Insert, MemoryStore, Selection, State, StoredMemory,
        Update,
    },
};

use crate::support::db::{Person, TestDb, both, hash, model};

async fn since(db: &TestDb, who: &Person, sequence: i64, limit: usize) -> Changes {
    db.memories().changes_since(&who.scope, &[model()], true, sequence, limit).await.expect("answers")
}

fn ids(changes: &Changes) -> Vec<MemoryId> {
    changes.memories.iter().map(|m| m.memory.id).collect()
}

/// A vector made of `text`, whatever the memory says now.
fn embedding(id: MemoryId, text: &str, vector: [f32; 3]) -> Embedding {
    Embedding { id, hash: hash(text), vector: vector.to_vec() }
}

async fn only(db: &TestDb, who: &Person, id: MemoryId) -> StoredMemory {
    let changes = since(db, who, 0, 1000).await;
    changes.memories.into_iter().find(|m| m.memory.id == id).expect("among the changes")
}

both! {
    async fn a_reader_gets_each_change_once(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let empty = since(&db, &ada, 0, 100).await;
        assert!(empty.complete && empty.memories.is_empty());
        let first = db.add_text(&ada, "first").await;
        db.add_text(&eve, "hers").await;
        let second = db.add_text(&ada, "second").await;
        let changes = since(&db, &ada, empty.sequence, 100).await;
        assert_eq!((ids(&changes), changes.complete), (vec![first, second], true));
        assert_eq!(changes.memories[0].memory.content.text, "first");
        let nothing = since(&db, &ada, changes.sequence, 100).await;
        assert_eq!((nothing.sequence, nothing.memories.len(), nothing.complete), (changes.sequence, 0, true));

        let change = Update { change: ContentChange { text: Some("1st".into()), ..ContentChange::default() }, ..Update::default() };
        db.memories().update(&ada.scope, &ada.actor, first, change).await.expect("updated");
        let next = since(&db, &ada, changes.sequence, 100).await;
        assert_eq!(ids(&next), [first]);
        assert_eq!((next.memories[0].memory.content.text.as_str(), next.memories[0].memory.version), ("1st", 2));
        assert_eq!(next.memories[0].vector, None, "the old text's vector is not the new one's");
        assert!(next.sequence > changes.sequence);
        assert_eq!(ids(&since(&db, &ada, 0, 100).await), [second, first], "from the start: each once, in the order of its last change");
    }

    async fn a_chunk_never_ends_inside_a_write(db: TestDb) {
        let ada = db.person("ada").await;
        let start = since(&db, &ada, 0, 1).await.sequence;
        let before = db.add_text(&ada, "before").await;
        let batch: Vec<_> = db.add(&ada, (0..10).map(|n| ada.memory(&format!("batch {n}"))).collect()).await.iter().map(|a| a.id).collect();
        let after = [db.add_text(&ada, "after 1").await, db.add_text(&ada, "after 2").await];
        let (mut sequence, mut chunks) = (start, Vec::new());
        loop {
            let changes = since(&db, &ada, sequence, 3).await;
            assert!(changes.complete || changes.sequence > sequence, "no progress");
            sequence = changes.sequence;
            chunks.push(ids(&changes));
            if changes.complete {
                break;
            }
        }
        let with_batch: Vec<_> = chunks.iter().filter(|chunk| chunk.iter().any(|id| batch.contains(id))).collect();
        assert_eq!(with_batch.len(), 1, "the batch came in one piece");
        let mut all = chunks.concat();
        assert_eq!((all.first(), all.len()), (Some(&before), 13));
        all.sort();
        let mut expected = [vec![before], batch, after.to_vec()].concat();
        expected.sort();
        assert_eq!(all, expected);
    }

    async fn tombstones_arrive_without_their_text(db: TestDb) {
        let ada = db.person("ada").await;
        let id = db.add_text(&ada, "secret").await;
        let paused = db.add_text(&ada, "paused").await;
        let seen = since(&db, &ada, 0, 100).await.sequence;
        for (id, state) in [(id, State::Deleted), (paused, State::Paused)] {
            let selection = Selection { ids: vec![id], ..Selection::default() };
            db.memories().set_state(&ada.scope, &ada.actor, &selection, state).await.expect("moved");
        }
        let changes = since(&db, &ada, seen, 100).await;
        let states: Vec<_> = changes.memories.iter().map(|m| (m.memory.id, m.memory.state, m.vector.is_some())).collect();
        assert_eq!(states, [(id, State::Deleted, false), (paused, State::Paused, true)]);
        // A vector that was under way when the memory was deleted.
        db.memories().store_vectors(&ada.scope, &model(), &[embedding(id, "secret", [0.0, 1.0, 0.0])]).await.expect("harmless");
        let late = only(&db, &ada, id).await;
        assert_eq!((late.memory.state, late.vector), (State::Deleted, None));
        assert!(db.memories().stored(&ada.scope, &model(), &[id]).await.expect("answers").is_empty());
    }

    async fn a_vector_arrives_when_it_is_stored(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let id = db.add(&ada, vec![ada.unembedded("tea")]).await[0].id;
        let seen = since(&db, &ada, 0, 100).await;
        assert_eq!(seen.memories[0].vector, None);
        let waiting = db.memories().stored(&ada.scope, &model(), &[id, MemoryId::new()]).await.expect("answers");
        assert_eq!((waiting.len(), waiting[0].memory.content.text.as_str(), waiting[0].memory.hash.as_str()), (1, "tea", hash("tea").as_str()));
        assert!(waiting[0].vector.is_none());
        assert!(db.memories().stored(&eve.scope, &model(), &[id]).await.expect("answers").is_empty());

        db.memories().store_vectors(&eve.scope, &model(), &[embedding(id, "tea", [9.0, 9.0, 9.0])]).await.expect("harmless");
        assert_eq!(only(&db, &ada, id).await.vector, None, "another tenant stores nothing here");
        db.memories().store_vectors(&ada.scope, &model(), &[embedding(id, "milk", [0.0, 0.0, 1.0])]).await.expect("harmless");
        assert_eq!(only(&db, &ada, id).await.vector, None, "a vector of another text is not kept");
        let vector = [0.25, -1.5e-7, f32::MAX];
        db.memories().store_vectors(&ada.scope, &model(), &[embedding(id, "tea", vector)]).await.expect("stored");
        let changes = since(&db, &ada, seen.sequence, 100).await;
        assert_eq!((ids(&changes), changes.memories[0].vector.as_deref()), (vec![id], Some(&vector[..])), "bit for bit");
        assert_eq!(changes.memories[0].memory.version, 1, "a vector is no change of the memory");

        let newer = EmbeddingModel::new("newer", 3);
        db.memories().store_vectors(&ada.scope, &newer, &[embedding(id, "tea", [1.0, 1.0, 1.0])]).await.expect("stored");
        let models = [newer.clone(), model()];
        let read = async || db.memories().changes_since(&ada.scope, &models, true, 0, 100).await.expect("answers");
        let old = read().await;
        assert_eq!(old.memories[0].vector.as_deref(), Some(&vector[..]), "both are kept; the tenant is read by its first");
        assert_eq!(old.placement.reads(&models), &model());
        assert_eq!(old.placement.reads(&models[..1]), &newer, "nobody can ask in a model that is not there");

        let missing = db.add(&ada, vec![ada.unembedded("cocoa")]).await[0].id;
        assert_eq!(db.memories().embedded(&ada.scope, &newer).await.expect("answers"), (2, 1));
        let unembedded = async |after| db.memories().unembedded(&ada.scope, &newer, after, 10).await.expect("answers");
        assert_eq!((unembedded(None).await, unembedded(Some(missing)).await), (vec![missing], vec![]));
        assert!(!db.memories().read_by(&ada.scope, &newer, 0).await.expect("answers"), "one has no vector yet");
        assert!(db.memories().read_by(&ada.scope, &newer, 1).await.expect("answers"));
        let new = read().await;
        let first = new.memories.iter().find(|m| m.memory.id == id).expect("still there");
        assert_eq!((new.placement.reads(&models), first.vector.as_deref()), (&newer, Some(&[1.0, 1.0, 1.0][..])));
        assert!(new.sequence > old.sequence, "every working set hears of it");
        assert_eq!(db.memories().drop_other_vectors(&eve.scope, &["newer".into()]).await.expect("answers"), 0, "not hers");
        assert_eq!(db.memories().drop_other_vectors(&ada.scope, &["newer".into()]).await.expect("answers"), 1);
    }

    async fn an_updated_text_takes_its_new_vector(db: TestDb) {
        let ada = db.person("ada").await;
        let id = db.add_text(&ada, "tea").await;
        let change = Update { change: ContentChange { text: Some("milk".into()), ..ContentChange::default() }, vector: Some(vec![0.0, 1.0, 0.0]), ..Update::default() };
        db.memories().update(&ada.scope, &ada.actor, id, change).await.expect("updated");
        assert_eq!(only(&db, &ada, id).await.vector, Some(vec![0.0, 1.0, 0.0]));
        // The job that had read the old text comes late.
        db.memories().store_vectors(&ada.scope, &model(), &[embedding(id, "tea", [1.0, 0.0, 0.0])]).await.expect("harmless");
        assert_eq!(only(&db, &ada, id).await.vector, Some(vec![0.0, 1.0, 0.0]));
    }

    async fn the_sequence_tells_of_changes_alone(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let sequence = async |who: &Person| db.memories().sequence(&who.scope).await.expect("answers");
        let (start, hers) = (sequence(&ada).await, sequence(&eve).await);
        assert_eq!(start, since(&db, &ada, 0, 100).await.sequence);
        let id = db.add_text(&ada, "tea").await;
        assert_eq!((sequence(&ada).await, sequence(&eve).await), (start + 1, hers));
        db.memories().get(&ada.scope, None, id).await.expect("read");
        assert_eq!(sequence(&ada).await, start + 1);
    }

    async fn a_change_is_not_lost_while_its_vector_is_stored(db: TestDb) {
        let ada = db.person("ada").await;
        let id = db.add_text(&ada, "text 0").await;
        for n in 1..200 {
            let text = format!("text {n}");
            let seen = db.memories().sequence(&ada.scope).await.expect("answers");
            let change = Update { change: ContentChange { text: Some(text.clone()), ..ContentChange::default() }, ..Update::default() };
            db.memories().update(&ada.scope, &ada.actor, id, change).await.expect("updated");
            // The job moves the memory on in the sequence, between the statements of the read.
            let embeddings = [embedding(id, &text, [0.0, 1.0, 0.0])];
            let (memories, model) = (db.memories(), model());
            let (changes, stored) = tokio::join!(since(&db, &ada, seen, 100), memories.store_vectors(&ada.scope, &model, &embeddings));
            stored.expect("stored");
            assert_eq!(changes.memories.iter().map(|m| m.memory.content.text.as_str()).collect::<Vec<_>>(), [text.as_str()], "acknowledged before");
        }
    }

    async fn many_ids_at_once(db: TestDb) {
        let ada = db.person("ada").await;
        let memories: Vec<Insert> = (0..1000).map(|n| ada.memory(&format!("memory {n}"))).collect();
        let ids: Vec<_> = db.add(&ada, memories).await.iter().map(|a| a.id).collect();
        assert_eq!(db.memories().stored(&ada.scope, &model(), &ids).await.expect("answers").len(), 1000);
        let selection = Selection { ids, ..Selection::default() };
        let moved = db.memories().set_state(&ada.scope, &ada.actor, &selection, State::Deleted).await.expect("deleted");
        assert_eq!(moved.len(), 1000);
    }
}
