//! The lives of memories after they were stored: superseded, undone, restored, linked and erased.

use crate::support::with;
use std::time::Duration;

use jonathans_memory::{
    clock::Timestamp,
    ids::{CredentialId, MemoryId},
    jobs::{JobKind, JobQueue},
    memory::{
        Access, AccessRecord, AccessStore, Actor, AddEvent, Author, ChangeLog, Content, ContentChange, Doomed, ErasureStore, Event, Filter,
        Insert, LifecycleStore, ListQuery, ListStore, Memory, MemoryStore, MemoryType, Page, PageRequest, Past, Reversal, Reverted,
        Revision, Selection, SortColumn, State, Update, Window, Written,
    },
    tenancy::ProjectStore,
};

use crate::support::db::{Person, TestDb, both, hash, model};

async fn list(db: &TestDb, who: &Person, filter: Filter) -> Vec<String> {
    let page = PageRequest::Number { page: 1, size: 100 };
    let query = ListQuery { filter, contains: None, sort: SortColumn::Text, descending: false, page };
    let Page { items, total, .. } = db.memories().list(&who.scope, &query).await.expect("listed");
    assert_eq!(usize::try_from(total).expect("small"), items.len(), "the count has the same conditions");
    items.into_iter().map(|m| m.content.text).collect()
}

async fn past(db: &TestDb, who: &Person, id: MemoryId) -> Past {
    db.memories().past(&who.scope, None, &[id]).await.expect("answers").pop().expect("there")
}

async fn get(db: &TestDb, who: &Person, id: MemoryId) -> Memory {
    past(db, who, id).await.memory
}

fn events(past: &Past) -> Vec<(i64, Event, State)> {
    past.steps.iter().map(|s| (s.version, s.event, s.state)).collect()
}

async fn change(db: &TestDb, who: &Person, actor: Actor, id: MemoryId, text: &str) {
    let update = Update {
        change: ContentChange { text: Some(text.into()), ..ContentChange::default() },
        vector: Some(vec![0.0, 1.0, 0.0]),
        ..Update::default()
    };
    db.memories().update(&who.scope, &actor, id, update).await.expect("updated");
}

async fn delete(db: &TestDb, who: &Person, ids: &[MemoryId]) {
    let selection = Selection { ids: ids.to_vec(), ..Selection::default() };
    db.memories().set_state(&who.scope, &who.actor, &selection, State::Deleted).await.expect("deleted");
}

/// What a memory of `text` goes back to.
fn earlier(text: &str, state: State) -> Revision {
    let content = Content {
        text: text.into(),
        metadata: serde_json::Map::new(),
        tags: vec!["old".into()],
        memory_type: MemoryType::Episodic,
        confidence: 0.25,
        pinned: true,
        expires_at: Some(Timestamp(4_000_000_000_000_000)),
    };
    Revision { content, state, superseded_by: None, flags: vec!["noted".into()], trust: 0.75, vector: None }
}

async fn revert(db: &TestDb, who: &Person, id: MemoryId, version: i64, to: Option<Revision>) -> Reverted {
    let reversals = vec![Reversal { id, expected_version: version, to }];
    db.memories().revert(&who.scope, &who.actor, reversals, "memory.undo").await.expect("answers")[0]
}

async fn written(db: &TestDb, who: &Person, author: Author) -> Vec<Written> {
    let window = Window { author, from: None, to: Timestamp(i64::MAX) };
    db.memories().written(&who.scope, None, &window, None, 100).await.expect("answers")
}

both! {
    async fn one_memory_takes_the_place_of_another(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let old = db.add_text(&ada, "lives in Oslo").await;
        let before = db.now();
        db.clock.advance(Duration::from_mins(1));
        let new = db.add(&ada, vec![Insert { supersedes: Some(old), ..ada.memory("lives in Bergen") }]).await;
        assert_eq!(new[0].event, AddEvent::Add);
        let past = past(&db, &ada, old).await;
        assert_eq!(events(&past), [(1, Event::Created, State::Active), (2, Event::Superseded, State::Superseded)]);
        assert_eq!((past.memory.superseded_by, past.memory.superseded_at), (Some(new[0].id), Some(db.now())));
        assert_eq!(past.steps[1].superseded_by, Some(new[0].id));
        let states = |states: &[State]| Filter { states: states.to_vec(), ..Filter::default() };
        let as_of = |at: Timestamp| Filter { as_of: Some(at), ..Filter::default() };
        assert_eq!(list(&db, &ada, Filter::default()).await, ["lives in Bergen"]);
        assert_eq!(list(&db, &ada, states(&[State::Superseded])).await, ["lives in Oslo"]);
        assert_eq!(list(&db, &ada, as_of(before)).await, ["lives in Oslo"]);
        assert_eq!(list(&db, &ada, as_of(db.now())).await, ["lives in Bergen"]);
        assert!(list(&db, &ada, as_of(before.minus(Duration::from_secs(1)))).await.is_empty());

        // Not again, not of another tenant, not of another project, and then nothing of the call stays.
        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free");
        let elsewhere = Insert { project: work.id, supersedes: Some(new[0].id), ..ada.memory("in work") };
        let refused = [
            (&ada, Insert { supersedes: Some(old), ..ada.memory("a") }),
            (&eve, Insert { supersedes: Some(new[0].id), ..eve.memory("a") }),
            (&ada, elsewhere),
        ];
        for (who, insert) in refused {
            let error = db.memories().insert(&who.scope, &who.actor, vec![who.memory("b").into(), insert.into()], None).await;
            assert_eq!(error.expect_err("refused").code(), jonathans_memory::error::Code::NotFound);
            assert!(!list(&db, who, Filter::default()).await.contains(&"b".to_owned()), "one transaction");
        }

        // What was superseded may be said again; a state is no way around it.
        let back = Selection { ids: vec![old], ..Selection::default() };
        assert_eq!(db.memories().set_state(&ada.scope, &ada.actor, &back, State::Active).await.expect("answers"), []);
        let again = db.add(&ada, vec![Insert { supersedes: Some(new[0].id), ..ada.memory("lives in Oslo") }]).await;
        assert_eq!((again[0].event.clone(), again[0].id != old), (AddEvent::Add, true));
        assert_eq!(revert(&db, &ada, old, 2, Some(earlier("lives in Oslo", State::Active))).await, Reverted::Duplicate);

        // Where the text is there already, that memory takes the place.
        let other = db.add_text(&ada, "moved north").await;
        let same = db.add(&ada, vec![Insert { supersedes: Some(other), ..ada.memory("lives in Oslo") }]).await;
        assert_eq!((same[0].event.clone(), same[0].id), (AddEvent::None, again[0].id));
        assert_eq!(get(&db, &ada, other).await.superseded_by, Some(again[0].id));
        // A key goes over to the one that takes the place.
        let key = || Some("home".to_owned());
        let first = db.add(&ada, vec![Insert { pattern_signature: key(), ..ada.memory("first") }]).await[0].id;
        let second = Insert { pattern_signature: key(), supersedes: Some(first), ..ada.memory("second") };
        assert_eq!(db.add(&ada, vec![second]).await[0].event, AddEvent::Add);
        let third = db.add(&ada, vec![Insert { pattern_signature: key(), ..ada.memory("third") }]).await;
        assert_eq!(third[0].event, AddEvent::Update, "the key is the second one's");
    }

    async fn what_is_over_is_hidden(db: TestDb) {
        let ada = db.person("ada").await;
        let soon = Some(db.now().plus(Duration::from_mins(5)));
        db.add(&ada, vec![
            with(ada.memory("ends"), |m| { m.content.expires_at = soon; }),
            with(ada.memory("pinned"), |m| { m.content.expires_at = soon; m.content.pinned = true; }),
            ada.memory("stays"),
        ])
        .await;
        assert_eq!(list(&db, &ada, Filter::default()).await, ["ends", "pinned", "stays"]);
        let then = db.now();
        db.clock.advance(Duration::from_mins(5));
        assert_eq!(list(&db, &ada, Filter::default()).await, ["pinned", "stays"]);
        assert_eq!(list(&db, &ada, Filter { show_expired: true, ..Filter::default() }).await, ["ends", "pinned", "stays"]);
        assert_eq!(list(&db, &ada, Filter { as_of: Some(then), ..Filter::default() }).await, ["ends", "pinned", "stays"], "it held then");
    }

    async fn working_memories_live_with_their_session(db: TestDb) {
        let ada = db.person("ada").await;
        let working = |text: &str, session: &str| with(ada.memory(text), |m| { m.content.memory_type = MemoryType::Working; m.origin.session_id = Some(session.into()); });
        let day = Duration::from_hours(24);
        let first = db.add(&ada, vec![working("first", "s1")]).await[0].id;
        let other = db.add(&ada, vec![working("other", "s2")]).await[0].id;
        let pinned = db.add(&ada, vec![with(working("pinned", "s1"), |m| { m.content.pinned = true; })]).await[0].id;
        let start = db.now();
        assert_eq!(get(&db, &ada, first).await.content.expires_at, Some(start.plus(day)));
        assert_eq!(get(&db, &ada, pinned).await.content.expires_at, None);
        db.clock.advance(Duration::from_hours(20));
        let seen = db.memories().sequence(&ada.scope).await.expect("answers");
        db.add(&ada, vec![working("later", "s1")]).await;
        let extended = get(&db, &ada, first).await;
        assert_eq!((extended.content.expires_at, extended.version), (Some(db.now().plus(day)), 1), "no new version");
        assert_eq!(get(&db, &ada, other).await.content.expires_at, Some(start.plus(day)), "another session");
        let changes = db.memories().changes_since(&ada.scope, &[model()], false, seen, 100).await.expect("answers");
        assert!(changes.memories.iter().any(|m| m.memory.id == first && m.memory.content.expires_at == extended.content.expires_at), "searches hear of it");
        db.clock.advance(Duration::from_hours(25));
        db.add(&ada, vec![working("next week", "s1")]).await;
        assert_eq!(get(&db, &ada, first).await.content.expires_at, extended.content.expires_at, "what is over stays over");
        assert_eq!(list(&db, &ada, Filter::default()).await, ["next week", "pinned"]);
    }

    async fn a_version_comes_back_whole(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let id = db.add_text(&ada, "one").await;
        change(&db, &ada, ada.actor, id, "two").await;
        assert_eq!(revert(&db, &ada, id, 1, Some(earlier("one", State::Paused))).await, Reverted::VersionConflict { current: 2 });
        assert_eq!(revert(&db, &eve, id, 2, Some(earlier("one", State::Paused))).await, Reverted::Unknown);
        assert_eq!(revert(&db, &ada, id, 2, Some(earlier("one", State::Paused))).await, Reverted::Done);
        let Past { memory, steps } = past(&db, &ada, id).await;
        let back = (memory.content.text.as_str(), memory.hash.as_str(), memory.state, memory.version, memory.content.memory_type, memory.content.pinned);
        assert_eq!(back, ("one", hash("one").as_str(), State::Paused, 3, MemoryType::Episodic, true));
        assert_eq!((memory.content.tags.as_slice(), memory.content.expires_at), (&["old".to_owned()][..], Some(Timestamp(4_000_000_000_000_000))));
        assert_eq!((memory.flags.as_slice(), memory.trust), (&["noted".to_owned()][..], 0.75));
        let last = steps.last().expect("steps");
        assert_eq!((last.event, last.content.text.as_str(), last.content.memory_type, last.content.pinned), (Event::Restored, "one", MemoryType::Episodic, true));
        assert_eq!((last.content.confidence, last.content.expires_at), (0.25, memory.content.expires_at));
        assert!(db.memories().stored(&ada.scope, &model(), &[id]).await.expect("answers")[0].vector.is_none(), "of another text");
        let jobs = db.jobs().claim(JobKind::INDEX, 10, Duration::from_secs(1)).await.expect("claimed");
        assert_eq!(jobs.iter().map(|j| j.subject).collect::<Vec<_>>(), [id.0]);

        // Out of the bin: the vector went with the deletion, so that it is made again.
        let gone = db.add_text(&ada, "gone").await;
        delete(&db, &ada, &[gone]).await;
        db.clock.advance(Duration::from_secs(1));
        let deleted = get(&db, &ada, gone).await;
        assert!(deleted.deleted_at.is_some_and(|at| at < db.now()) && deleted.content.text == "gone");
        let to = Revision { vector: Some(vec![0.0, 0.0, 1.0]), ..earlier("gone", State::Active) };
        assert_eq!(revert(&db, &ada, gone, 2, Some(to)).await, Reverted::Done);
        let stored = db.memories().stored(&ada.scope, &model(), &[gone]).await.expect("answers");
        assert_eq!((stored[0].vector.as_deref(), stored[0].memory.deleted_at), (Some(&[0.0, 0.0, 1.0][..]), None));
        // Many at once, each with its own end.
        let ends = db
            .memories()
            .revert(
                &ada.scope,
                &ada.actor,
                vec![
                    Reversal { id: gone, expected_version: 3, to: None },
                    Reversal { id: MemoryId::new(), expected_version: 1, to: None },
                    Reversal { id, expected_version: 9, to: None },
                ],
                "memory.undo_window",
            )
            .await
            .expect("answers");
        assert_eq!(ends, [Reverted::Done, Reverted::Unknown, Reverted::VersionConflict { current: 3 }]);
        assert_eq!(get(&db, &ada, gone).await.state, State::Deleted);
    }

    async fn what_one_author_wrote_is_told_from_the_rest(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let bad = CredentialId::new();
        let poison = Actor { credential: Some(bad), ..ada.actor };
        let mine = [db.add_text(&ada, "mine 1").await, db.add_text(&ada, "mine 2").await, db.add_text(&ada, "mine 3").await];
        db.add_text(&eve, "hers").await;
        db.clock.advance(Duration::from_mins(1));
        let from = db.now();
        let planted = async |memory: Insert| {
            let id = memory.id;
            db.memories().insert(&ada.scope, &poison, vec![memory.into()], None).await.expect("stored");
            id
        };
        let added = planted(with(ada.memory("planted"), |m| { m.origin.session_id = Some("chat".into()); m.supersedes = Some(mine[0]); })).await;
        let touched = planted(ada.memory("planted, then touched")).await;
        change(&db, &ada, poison, mine[1], "mine 2, twisted").await;
        change(&db, &ada, poison, mine[1], "mine 2, twisted twice").await;
        change(&db, &ada, poison, mine[2], "mine 3, twisted").await;
        change(&db, &ada, ada.actor, mine[2], "mine 3, mended").await;
        change(&db, &ada, ada.actor, touched, "planted, mended").await;
        let of_credential = written(&db, &ada, Author::Credential(bad)).await;
        let told: Vec<_> = of_credential
            .iter()
            .map(|w| (w.memory.id, w.created, w.contested, w.before.as_ref().map(|b| (b.version, b.content.text.as_str()))))
            .collect();
        let mut expected = vec![
            (mine[0], false, false, Some((1, "mine 1"))),
            (mine[1], false, false, Some((1, "mine 2"))),
            (mine[2], false, true, Some((1, "mine 3"))),
            (added, true, false, None),
            (touched, true, true, None),
        ];
        expected.sort_by_key(|(id, ..)| *id);
        assert_eq!(told, expected);
        let ids = |written: &[Written]| written.iter().map(|w| w.memory.id).collect::<Vec<_>>();
        let mut of_session = vec![mine[0], added];
        of_session.sort();
        assert_eq!(ids(&written(&db, &ada, Author::Session("chat".into())).await), of_session, "and what it took the place of");
        assert_eq!(ids(&written(&db, &ada, Author::App(ada.app.id)).await).len(), 5);
        assert!(written(&db, &eve, Author::Credential(bad)).await.is_empty());
        assert!(written(&db, &eve, Author::App(ada.app.id)).await.is_empty());

        // A window that ends before later changes of the same author leaves those alone.
        let window = |from, to| Window { author: Author::App(ada.app.id), from, to };
        let early = window(None, from.minus(Duration::from_secs(1)));
        let early = db.memories().written(&ada.scope, None, &early, None, 100).await.expect("answers");
        assert!(early.iter().all(|w| w.created && w.contested) && early.len() == 3, "{early:?}");
        // Pages, and a credential that opens one project.
        let all = window(None, Timestamp(i64::MAX));
        let first = db.memories().written(&ada.scope, None, &all, None, 2).await.expect("answers");
        let rest = db.memories().written(&ada.scope, None, &all, Some(first[1].memory.id), 100).await.expect("answers");
        assert_eq!((first.len(), rest.len()), (2, 3));
        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free");
        assert!(db.memories().written(&ada.scope, Some(work.id), &all, None, 100).await.expect("answers").is_empty());
        assert!(db.memories().past(&ada.scope, Some(work.id), &[added]).await.expect("answers").is_empty());
    }

    async fn links_join_memories_of_one_project(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let (one, two) = (db.add_text(&ada, "one").await, db.add_text(&ada, "two").await);
        let three = db.add(&ada, vec![Insert { related: vec![one, one], ..ada.memory("three") }]).await[0].id;
        db.clock.advance(Duration::from_secs(1));
        let hers = db.add_text(&eve, "hers").await;
        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free");
        let far = db.add(&ada, vec![Insert { project: work.id, ..ada.memory("far") }]).await[0].id;
        let link = async |a, b| db.memories().link(&ada.scope, &ada.actor, None, a, b).await.expect("answers");
        let linked = async |id| {
            let found = db.memories().linked(&ada.scope, None, id, 10).await.expect("answers");
            found.into_iter().map(|m| m.content.text).collect::<Vec<_>>()
        };
        assert!(link(two, one).await && link(one, two).await, "twice is once");
        assert_eq!(linked(one).await, ["two", "three"], "newest link first");
        assert_eq!(linked(three).await, ["one"], "no direction");
        for other in [hers, far, MemoryId::new()] {
            assert!(!link(one, other).await);
            let insert = Insert { related: vec![other], ..ada.memory("x") };
            let refused = db.memories().insert(&ada.scope, &ada.actor, vec![insert.into()], None).await;
            assert_eq!(refused.expect_err("refused").code(), jonathans_memory::error::Code::NotFound);
        }
        assert!(!db.memories().link(&ada.scope, &ada.actor, Some(work.id), one, two).await.expect("answers"), "of another project");
        assert!(db.memories().linked(&eve.scope, None, one, 10).await.expect("answers").is_empty());
        let unlink = async |who: &Person, project| db.memories().unlink(&who.scope, &who.actor, project, one, two).await.expect("answers");
        assert!(!unlink(&eve, None).await && !unlink(&ada, Some(work.id)).await);
        assert!(unlink(&ada, None).await && !unlink(&ada, None).await);
        assert_eq!(linked(one).await, ["three"]);
        delete(&db, &ada, &[three]).await;
        assert!(linked(one).await.is_empty());
    }

    async fn erasing_leaves_nothing(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let (old, kept) = (db.add_text(&ada, "old secret").await, db.add_text(&ada, "kept").await);
        let hers = db.add_text(&eve, "hers").await;
        db.memories().link(&ada.scope, &ada.actor, None, old, kept).await.expect("linked");
        let record = AccessRecord { scope: ada.scope, memory: old, app: ada.app.id, access: Access::Get, at: db.now(), count: 1 };
        db.memories().record_access(&[record]).await.expect("recorded");
        let seen = db.memories().changes_since(&ada.scope, &[model()], false, 0, 100).await.expect("answers");
        assert_eq!((seen.purged, seen.memories.len()), (0, 2));
        delete(&db, &ada, &[old]).await;
        delete(&db, &eve, &[hers]).await;
        let deleted_at = db.now();
        db.clock.advance(Duration::from_secs(1));
        let live = db.add_text(&ada, "recent").await;
        delete(&db, &ada, &[live]).await;
        let erase = async |who: &Person, doomed: Doomed, limit| {
            db.telling().erase(&who.scope, None, &doomed, limit).await.expect("answers")
        };
        assert_eq!(erase(&ada, Doomed::DeletedBefore(deleted_at), 10).await, [], "not before its time");
        let these = |ids: &[MemoryId], project| Doomed::These { ids: ids.to_vec(), project };
        assert_eq!(erase(&eve, these(&[old], None), 10).await, [], "another tenant's");
        assert_eq!(erase(&ada, these(&[kept], None), 10).await, [], "what is not deleted is not erased");
        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free");
        assert_eq!(erase(&ada, these(&[old], Some(work.id)), 10).await, [], "another project's");
        assert_eq!(erase(&ada, Doomed::DeletedBefore(db.now()), 10).await, [old]);
        assert!(db.memories().past(&ada.scope, None, &[old]).await.expect("answers").is_empty());
        assert!(db.memories().history(&ada.scope, old).await.expect("answers").is_empty());
        assert_eq!(db.memories().access_log(&ada.scope, old, 1, 10).await.expect("answers").1, 0);
        assert!(db.memories().linked(&ada.scope, None, kept, 10).await.expect("answers").is_empty());
        let jobs = db.jobs().claim(JobKind::INDEX, 10, Duration::from_secs(1)).await.expect("claimed");
        assert_eq!(jobs.iter().map(|j| j.subject).collect::<Vec<_>>(), [old.0], "an index outside hears of it");
        // A reader that had not seen the tombstone is told that one is missing.
        let next = db.memories().changes_since(&ada.scope, &[model()], false, seen.sequence, 100).await.expect("answers");
        assert!(next.purged > seen.sequence && next.memories.iter().all(|m| m.memory.id != old));
        // A later purge of an earlier change takes nothing back.
        assert_eq!(erase(&ada, these(&[live], None), 10).await, [live]);
        let last = db.memories().changes_since(&ada.scope, &[model()], false, 0, 100).await.expect("answers");
        assert!(last.purged > next.purged && last.memories.len() == 1);
        assert_eq!(erase(&eve, Doomed::DeletedBefore(db.now()), 10).await, [hers]);

        let many: Vec<_> = db.add(&ada, (0..10).map(|n| ada.memory(&format!("many {n}"))).collect()).await.iter().map(|a| a.id).collect();
        delete(&db, &ada, &many).await;
        db.clock.advance(Duration::from_secs(1));
        let (first, rest) = (erase(&ada, Doomed::DeletedBefore(db.now()), 6).await, erase(&ada, Doomed::DeletedBefore(db.now()), 6).await);
        assert_eq!((first.len(), rest.len()), (6, 4), "in bounded steps");
    }
}
