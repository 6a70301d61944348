//! Memories: stored, listed, changed and read.

use crate::support::with;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jonathans_memory::{
    clock::Timestamp,
    ids::{AppId, MemoryId, ProjectId},
    jobs::{JobKind, JobQueue},
    memory::{
        Access, AccessRecord, AccessStore, Actor, AddEvent, ChangeLog, Content, ContentChange, Doomed, ErasureStore, Event, Filter, Insert,
        ListQuery, ListStore, Memory, MemoryStore, MemoryType, Origin, Page, PageRequest, Selection, SortColumn, State, Update, Updated,
    },
    tenancy::{AppStore, ProjectStore},
};

use crate::support::db::{Person, TestDb, both, hash, model};

async fn list(db: &TestDb, who: &Person, query: &ListQuery) -> Page<Memory> {
    db.memories().list(&who.scope, query).await.expect("listed")
}

fn newest(filter: Filter) -> ListQuery {
    let page = PageRequest::Number { page: 1, size: 100 };
    ListQuery { filter, contains: None, sort: SortColumn::CreatedAt, descending: true, page }
}

async fn update(db: &TestDb, who: &Person, id: MemoryId, update: Update) -> Updated {
    db.memories().update(&who.scope, &who.actor, id, update).await.expect("answers")
}

/// An update of the text alone.
fn text(new: &str) -> Update {
    Update { change: ContentChange { text: Some(new.into()), ..ContentChange::default() }, ..Update::default() }
}

async fn set_state(db: &TestDb, who: &Person, selection: &Selection, state: State) -> BTreeSet<MemoryId> {
    let moved = db.memories().set_state(&who.scope, &who.actor, selection, state).await.expect("moved");
    let set: BTreeSet<_> = moved.iter().copied().collect();
    assert_eq!(set.len(), moved.len(), "each id once");
    set
}

async fn get(db: &TestDb, who: &Person, id: MemoryId) -> Option<Memory> {
    db.memories().get(&who.scope, None, id).await.expect("answers")
}

/// Two apps, two projects, four states and every kind of condition.
struct Library {
    ada: Person,
    cursor: AppId,
    work: ProjectId,
    /// In the order of their making.
    all: Vec<Memory>,
}

async fn library(db: &TestDb) -> Library {
    let ada = db.person("ada").await;
    let cursor = db.tenancy().app_by_name(&ada.scope, "cursor").await.expect("an app").id;
    let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free").id;
    let types = [MemoryType::Semantic, MemoryType::Episodic, MemoryType::Procedural];
    let mut ids = Vec::new();
    for n in 0..24usize {
        // Some share their moment: order and pages must still be definite.
        if n % 3 != 0 {
            db.clock.advance(Duration::from_mins(1));
        }
        let memory = with(ada.memory(&format!("note {:02} {}", (n * 7) % 24, if n == 5 { "Äpfel 100%_\\ [x]*" } else { "Plain" })), |m| {
            m.project = if n % 4 == 0 { work } else { ada.member.default_project };
            m.content.tags = [("red", 2), ("blue", 3)].iter().filter(|(_, every)| n % every == 0).map(|(tag, _)| (*tag).into()).collect();
            m.content.memory_type = types[n % 3];
            m.origin.session_id = (n % 5 == 0).then(|| format!("session {n}"));
            m.origin.occurred_at = (n % 2 == 1).then(|| Timestamp::from_secs(1_600_000_000 + i64::try_from(n).expect("small") * 1000));
        });
        let actor = Actor { app: if n % 2 == 0 { ada.app.id } else { cursor }, ..ada.actor };
        let added = db.memories().insert(&ada.scope, &actor, vec![memory.into()], None).await.expect("stored");
        let jonathans_memory::memory::Guarded::Done(added) = added else { panic!("not done") };
        ids.push(added[0].id.expect("stored"));
    }
    for (from, state) in [(20, State::Paused), (22, State::Archived), (23, State::Deleted)] {
        set_state(db, &ada, &Selection { ids: vec![ids[from]], ..Selection::default() }, state).await;
    }
    let mut all = Vec::new();
    for id in ids {
        all.extend(get(db, &ada, id).await);
    }
    assert_eq!(all.len(), 23, "all but the deleted one");
    Library { ada, cursor, work, all }
}

type Condition = Box<dyn Fn(&Memory) -> bool>;

fn moment(memory: &Memory) -> Timestamp {
    memory.origin.occurred_at.unwrap_or(memory.created_at)
}

/// What is counted as it changes is what there is: a list whose conditions admit everything counts one by one.
async fn counts_hold(db: &TestDb, library: &Library, after: &str) {
    let Library { ada, work, .. } = library;
    for project in [None, Some(ada.member.default_project), Some(*work)] {
        for states in [vec![], vec![State::Active], vec![State::Archived, State::Deleted, State::Superseded], vec![State::Paused]] {
            for show_expired in [false, true] {
                let filter = Filter { project, states: states.clone(), show_expired, ..Filter::default() };
                let total = list(db, ada, &newest(filter.clone())).await.total;
                let one_by_one = list(db, ada, &newest(Filter { to: Some(Timestamp(i64::MAX)), ..filter.clone() })).await.total;
                assert_eq!(total, one_by_one, "after {after}: {filter:?}");
            }
        }
        let states = State::ALL.iter().copied().filter(|state| !matches!(state, State::Deleted | State::Superseded)).collect();
        let all = list(db, ada, &newest(Filter { project, states, show_expired: true, ..Filter::default() })).await.items;
        let mut tags = BTreeMap::new();
        for tag in all.iter().flat_map(|memory| &memory.content.tags) {
            *tags.entry(tag.clone()).or_insert(0) += 1;
        }
        let counted = db.memories().tags(&ada.scope, project).await.expect("counted");
        assert_eq!(counted.into_iter().collect::<BTreeMap<_, _>>(), tags, "after {after}");
    }
}

both! {
    async fn counts_follow_every_change(db: TestDb) {
        let library = library(&db).await;
        let Library { ada, all, .. } = &library;
        counts_hold(&db, &library, "adding").await;
        let ids = |range: std::ops::Range<usize>| Selection { ids: all[range].iter().map(|m| m.id).collect(), ..Selection::default() };
        for (range, state) in [(0..6, State::Paused), (3..9, State::Archived), (5..8, State::Active), (0..4, State::Deleted)] {
            set_state(&db, ada, &ids(range), state).await;
            counts_hold(&db, &library, state.as_str()).await;
        }
        let change = ContentChange { tags: Some(vec!["green".into(), "red".into()]), ..ContentChange::default() };
        update(&db, ada, all[12].id, Update { change, ..Update::default() }).await;
        counts_hold(&db, &library, "new tags").await;
        let soon = db.now().0 + 1_000_000;
        let ending = with(ada.memory("ends soon"), |m| m.content.expires_at = Some(Timestamp(soon)));
        let takes_its_place = with(ada.memory("takes its place"), |m| m.supersedes = Some(all[15].id));
        db.add(ada, vec![ending, takes_its_place]).await;
        counts_hold(&db, &library, "superseding").await;
        db.clock.advance(Duration::from_secs(2));
        counts_hold(&db, &library, "the end of one").await;
        set_state(&db, ada, &Selection { all: true, ..Selection::default() }, State::Deleted).await;
        counts_hold(&db, &library, "deleting all").await;
        db.memories().erase(&ada.scope, None, &Doomed::DeletedBefore(Timestamp(i64::MAX)), 100).await.expect("erased");
        counts_hold(&db, &library, "erasing").await;
    }

    async fn what_is_stored_comes_back(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let metadata = serde_json::json!({ "nested": { "n": 1.5, "list": [1, null, "ä"] }, "z": "", "a": true });
        let insert = with(ada.memory("Größe: 😀\n\ttabs, 'quotes' and \\ backslashes"), |m| { m.content.metadata.clone_from(metadata.as_object().expect("an object")); m.content.tags = vec!["zeta".into(), "alpha".into(), "mit \"Zeichen\"".into()]; m.content.memory_type = MemoryType::Episodic; m.pattern_signature = Some("key".into()); m.content.confidence = 0.25; m.origin.speaker = Some("Ada".into()); m.origin.occurred_at = Some(Timestamp(1_683_547_200_123_456)); m.origin.session_id = Some("s1".into()); m.origin.position = Some(7); m.content.pinned = true; m.content.expires_at = Some(Timestamp(4_000_000_000_000_001)); m.trust = 0.5; m.flags = vec!["instructions".into()]; });
        let added = db.add(&ada, vec![insert.clone()]).await;
        assert_eq!((added[0].id, &added[0].memory, &added[0].event), (insert.id, &insert.content.text, &AddEvent::Add));
        let memory = get(&db, &ada, insert.id).await.expect("there");
        let expected = Memory { content: Content { text: insert.content.text, metadata: insert.content.metadata, tags: insert.content.tags, memory_type: MemoryType::Episodic, confidence: 0.25, pinned: true, expires_at: Some(Timestamp(4_000_000_000_000_001)) }, origin: Origin { speaker: Some("Ada".into()), occurred_at: insert.origin.occurred_at, session_id: Some("s1".into()), position: Some(7), source: None }, id: insert.id, project: insert.project, app: ada.app.id, app_name: "claude".into(), user: ada.member.user, credential: None, hash: insert.hash, pattern_signature: Some("key".into()), strength: 0.5, access_count: 0, last_accessed_at: None, state: State::Active, superseded_by: None, superseded_at: None, held_for: None, trust: 0.5, flags: vec!["instructions".into()], version: 1, created_at: db.now(), updated_at: db.now(), deleted_at: None };
        assert_eq!(memory, expected);

        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free").id;
        assert!(db.memories().get(&ada.scope, Some(work), insert.id).await.expect("answers").is_none(), "of another project");
        assert!(db.memories().get(&ada.scope, Some(insert.project), insert.id).await.expect("answers").is_some());
        assert!(get(&db, &eve, insert.id).await.is_none(), "of another tenant");
        assert!(get(&db, &ada, MemoryId::new()).await.is_none());
    }

    async fn an_equal_text_is_kept_once(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free").id;
        let added = db.add(&ada, vec![ada.memory("tea"), ada.memory("tea"), Insert { project: work, ..ada.memory("tea") }]).await;
        assert_eq!(added.iter().map(|a| a.event.clone()).collect::<Vec<_>>(), [AddEvent::Add, AddEvent::None, AddEvent::Add]);
        assert_eq!(added[1].id, added[0].id, "the answer names the memory that holds the text");
        assert_ne!(added[2].id, added[0].id, "projects are apart");
        assert_eq!(db.add(&eve, vec![eve.memory("tea")]).await[0].event, AddEvent::Add, "tenants are apart");
        assert_eq!(db.memories().history(&ada.scope, added[0].id).await.expect("answers").len(), 1);
        assert_eq!(list(&db, &ada, &newest(Filter::default())).await.total, 2);
    }

    async fn a_deleted_text_can_be_added_again(db: TestDb) {
        let ada = db.person("ada").await;
        let keyed = |text: &str| Insert { pattern_signature: Some("drink".into()), ..ada.memory(text) };
        let first = db.add(&ada, vec![keyed("tea")]).await[0].id;
        let selection = Selection { ids: vec![first], ..Selection::default() };
        assert_eq!(set_state(&db, &ada, &selection, State::Deleted).await.len(), 1);
        assert!(get(&db, &ada, first).await.is_none());
        assert!(set_state(&db, &ada, &selection, State::Active).await.is_empty(), "a tombstone stays one");
        assert!(set_state(&db, &ada, &selection, State::Deleted).await.is_empty(), "deleting again moves nothing");
        let again = db.add(&ada, vec![keyed("tea")]).await;
        assert_eq!(again[0].event, AddEvent::Add);
        assert_ne!(again[0].id, first);
        let events: Vec<_> = db.memories().history(&ada.scope, first).await.expect("answers").into_iter().map(|h| h.event).collect();
        assert_eq!(events, [Event::Created, Event::Deleted]);
    }

    async fn a_known_key_updates_its_memory(db: TestDb) {
        let ada = db.person("ada").await;
        let keyed = |text: &str| Insert { pattern_signature: Some("home".into()), ..ada.memory(text) };
        let first = db.add(&ada, vec![keyed("lives in Rome")]).await[0].id;
        let added = db.add(&ada, vec![with(keyed("lives in Oslo"), |m| { m.content.tags = vec!["moved".into()]; m.content.confidence = 0.5; })]).await;
        assert_eq!((added[0].id, &added[0].event, added[0].memory.as_str()), (first, &AddEvent::Update, "lives in Oslo"));
        let memory = get(&db, &ada, first).await.expect("there");
        assert_eq!((memory.content.text.as_str(), memory.version, memory.content.confidence), ("lives in Oslo", 2, 0.5));
        assert_eq!((memory.hash, memory.content.tags), (hash("lives in Oslo"), vec!["moved".to_owned()]));
        let texts: Vec<_> = db.memories().history(&ada.scope, first).await.expect("answers").into_iter().map(|h| h.content.text).collect();
        assert_eq!(texts, ["lives in Rome", "lives in Oslo"]);

        let both = db.add(&ada, vec![keyed("lives in Bern"), keyed("lives in Wien"), keyed("lives in Wien")]).await;
        assert_eq!(both.iter().map(|a| a.event.clone()).collect::<Vec<_>>(), [AddEvent::Update, AddEvent::Update, AddEvent::None]);
        let history = db.memories().history(&ada.scope, first).await.expect("answers");
        assert_eq!(history.iter().map(|h| h.version).collect::<Vec<_>>(), [1, 2, 3, 4], "one call may change a memory twice");
    }

    async fn a_new_memory_may_take_a_key_of_the_same_call(db: TestDb) {
        let ada = db.person("ada").await;
        let keyed = |text: &str| Insert { pattern_signature: Some("home".into()), ..ada.memory(text) };
        let added = db.add(&ada, vec![keyed("lives in Rome"), keyed("lives in Oslo")]).await;
        assert_eq!(added.iter().map(|a| a.event.clone()).collect::<Vec<_>>(), [AddEvent::Add, AddEvent::Update]);
        let history = db.memories().history(&ada.scope, added[0].id).await.expect("answers");
        assert_eq!(history.iter().map(|h| (h.version, h.event)).collect::<Vec<_>>(), [(1, Event::Created), (2, Event::Updated)]);
        assert_eq!(history[0].content.text, "lives in Rome");
    }

    async fn every_filter_keeps_what_it_should(db: TestDb) {
        let Library { ada, cursor, work, all } = library(&db).await;
        let base = Filter::default;
        let sessions = all.iter().find_map(|m| m.origin.session_id.clone());
        let from = moment(&all[7]);
        let to = moment(&all[12]);
        let active = |m: &Memory| m.state == State::Active;
        let cases: Vec<(Filter, Condition)> = vec![
            (base(), Box::new(|_| true)),
            (Filter { project: Some(work), ..base() }, Box::new(move |m| m.project == work)),
            (Filter { project: Some(ProjectId::new()), ..base() }, Box::new(|_| false)),
            (Filter { apps: vec![cursor], ..base() }, Box::new(move |m| m.app == cursor)),
            (Filter { apps: vec![cursor, ada.app.id], ..base() }, Box::new(|_| true)),
            (Filter { tags: vec!["red".into()], ..base() }, Box::new(|m| m.content.tags.contains(&"red".into()))),
            (Filter { tags: vec!["red".into(), "blue".into()], ..base() }, Box::new(|m| !m.content.tags.is_empty())),
            (Filter { tags: vec!["re".into()], ..base() }, Box::new(|_| false)),
            (Filter { types: vec![MemoryType::Episodic], ..base() }, Box::new(|m| m.content.memory_type == MemoryType::Episodic)),
            (
                Filter { types: vec![MemoryType::Episodic, MemoryType::Semantic], ..base() },
                Box::new(|m| m.content.memory_type != MemoryType::Procedural),
            ),
            (Filter { session_id: sessions.clone(), ..base() }, Box::new(move |m| m.origin.session_id == sessions)),
            (Filter { from: Some(from), ..base() }, Box::new(move |m| moment(m) >= from)),
            (Filter { to: Some(to), ..base() }, Box::new(move |m| moment(m) <= to)),
            (
                Filter { project: Some(work), apps: vec![ada.app.id], tags: vec!["blue".into()], to: Some(from.max(to)), ..base() },
                Box::new(move |m| m.project == work && m.content.tags.contains(&"blue".into()) && moment(m) <= from.max(to)),
            ),
        ];
        for (filter, keeps) in cases {
            let found = list(&db, &ada, &newest(filter.clone())).await;
            let expected: BTreeSet<_> = all.iter().filter(|m| active(m) && keeps(m)).map(|m| m.id).collect();
            assert_eq!(found.items.iter().map(|m| m.id).collect::<BTreeSet<_>>(), expected, "{filter:?}");
            assert_eq!((found.items.len(), found.total), (expected.len(), i64::try_from(expected.len()).expect("small")), "{filter:?}");
        }
        for states in [vec![State::Paused], vec![State::Archived, State::Active], State::ALL.to_vec()] {
            let found = list(&db, &ada, &newest(Filter { states: states.clone(), ..base() })).await;
            let live: BTreeSet<_> = found.items.iter().filter(|m| m.state != State::Deleted).map(|m| m.id).collect();
            assert_eq!(live, all.iter().filter(|m| states.contains(&m.state)).map(|m| m.id).collect(), "{states:?}");
        }
        let eve = db.person("eve").await;
        assert_eq!(list(&db, &eve, &newest(base())).await.total, 0);
        assert_eq!(list(&db, &eve, &newest(Filter { project: Some(work), ..base() })).await.total, 0);
    }

    async fn a_substring_is_found_whatever_its_case(db: TestDb) {
        let Library { ada, all, .. } = library(&db).await;
        let apples = all[5].id;
        for (part, expected) in [
            ("PLAIN", 20),
            ("note 1", 9),
            ("äpfel", 1),
            ("ÄPFEL", 1),
            ("Äpfel", 1),
            ("100%_\\", 1),
            ("[X]*", 1),
            ("%", 1),
            ("_", 1),
            ("*", 1),
            ("?", 0),
            ("[a-z]", 0),
            (".", 0),
            ("apfel", 0),
        ] {
            let query = ListQuery { contains: Some(part.into()), ..newest(Filter::default()) };
            let found = list(&db, &ada, &query).await;
            if expected == 1 {
                assert_eq!(found.items.iter().map(|m| m.id).collect::<Vec<_>>(), [apples], "{part}");
            } else {
                let counted = all.iter().filter(|m| m.state == State::Active && m.content.text.to_lowercase().contains(&part.to_lowercase())).count();
                assert_eq!(found.items.len(), counted, "{part}");
                assert!(expected == 0 || counted > 1, "{part}: {counted}");
            }
        }
    }

    async fn both_ways_of_paging_visit_each_once_in_every_order(db: TestDb) {
        let Library { ada, all, .. } = library(&db).await;
        let mut active: Vec<_> = all.into_iter().filter(|m| m.state == State::Active).collect();
        // What was added elsewhere earlier, and texts that differ behind what they are ordered by.
        for n in 0..9i64 {
            let text = format!("{}{}", "plain ".repeat(40), n % 4);
            let memory = Insert {
                created_at: Some(Timestamp::from_secs(1_500_000_000 + (n * 7) % 4 * 1000)),
                ..ada.memory(&format!("{text}{}", n / 4))
            };
            let id = db.add(&ada, vec![memory]).await[0].id;
            active.extend(get(&db, &ada, id).await);
        }
        db.clock.advance(Duration::from_mins(5));
        for id in [active[3].id, active[9].id] {
            update(&db, &ada, id, Update { change: ContentChange { tags: Some(vec!["changed".into()]), ..ContentChange::default() }, ..Update::default() }).await;
        }
        let mut now = Vec::new();
        for memory in active {
            now.extend(get(&db, &ada, memory.id).await);
        }
        let begin = |text: &str| text.chars().take(SortColumn::CHARACTERS).collect::<String>();
        for sort in [SortColumn::CreatedAt, SortColumn::OccurredAt, SortColumn::UpdatedAt, SortColumn::Text, SortColumn::AppName] {
            for descending in [true, false] {
                now.sort_by(|a, b| {
                    let order = match sort {
                        SortColumn::CreatedAt => a.created_at.cmp(&b.created_at),
                        SortColumn::OccurredAt => moment(a).cmp(&moment(b)),
                        SortColumn::UpdatedAt => a.updated_at.cmp(&b.updated_at),
                        SortColumn::Text => begin(&a.content.text).cmp(&begin(&b.content.text)),
                        SortColumn::AppName => a.app_name.cmp(&b.app_name),
                    };
                    let order = order.then(a.id.cmp(&b.id));
                    if descending { order.reverse() } else { order }
                });
                let query = |page| ListQuery { sort, descending, page, ..newest(Filter::default()) };
                let mut visited = Vec::new();
                for page in 1.. {
                    let part = list(&db, &ada, &query(PageRequest::Number { page, size: 6 })).await;
                    assert_eq!((part.total, part.next), (i64::try_from(now.len()).expect("small"), None));
                    if part.items.is_empty() {
                        break;
                    }
                    visited.extend(part.items.into_iter().map(|m| m.id));
                }
                assert_eq!(visited, now.iter().map(|m| m.id).collect::<Vec<_>>(), "{sort:?} {descending}");
                let (mut by_cursor, mut cursor) = (Vec::new(), None);
                loop {
                    let part = list(&db, &ada, &query(PageRequest::After { cursor, size: 6 })).await;
                    by_cursor.extend(part.items.into_iter().map(|m| m.id));
                    // As it travels.
                    cursor = part.next.map(|next| next.to_string().parse().expect("ours"));
                    if cursor.is_none() {
                        break;
                    }
                }
                assert_eq!(by_cursor, visited, "{sort:?} {descending}");
            }
        }
    }

    async fn cursor_pages_visit_each_once_while_others_write(db: TestDb) {
        let Library { ada, all, .. } = library(&db).await;
        let mut expected: Vec<_> = all.iter().filter(|m| m.state == State::Active).collect();
        expected.sort_by_key(|m| Reverse((m.created_at, m.id)));
        let expected: Vec<_> = expected.into_iter().map(|m| m.id).collect();
        let (mut visited, mut cursor) = (Vec::new(), None);
        loop {
            let part = list(&db, &ada, &ListQuery { page: PageRequest::After { cursor, size: 6 }, ..newest(Filter::default()) }).await;
            assert!(part.items.len() <= 6);
            visited.extend(part.items.iter().map(|m| m.id));
            // What is added meanwhile is newer than every page to come.
            db.add_text(&ada, &format!("meanwhile {}", visited.len())).await;
            // What ended a page may go before the next is read.
            if let (Some(last), 6) = (visited.last(), visited.len()) {
                set_state(&db, &ada, &Selection { ids: vec![*last], ..Selection::default() }, State::Deleted).await;
            }
            cursor = part.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(visited, expected);
        let exact = PageRequest::After { cursor: None, size: 100 };
        assert_eq!(list(&db, &ada, &ListQuery { page: exact, ..newest(Filter::default()) }).await.next, None);
    }

    async fn updates_know_their_version(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let id = db.add_text(&ada, "one").await;
        let other = db.add_text(&ada, "two").await;
        db.clock.advance(Duration::from_secs(5));

        let Updated::Changed(memory) = update(&db, &ada, id, Update { expected_version: Some(1), ..text("uno") }).await
        else {
            panic!("version 1 is current")
        };
        assert_eq!((memory.version, memory.content.text.as_str(), memory.hash.as_str()), (2, "uno", hash("uno").as_str()));
        assert_eq!((memory.updated_at, memory.created_at), (db.now(), Timestamp(db.now().0 - 5_000_000)));
        let stale = update(&db, &ada, id, Update { expected_version: Some(1), ..text("eins") }).await;
        assert!(matches!(stale, Updated::VersionConflict { current: 2 }), "{stale:?}");
        let taken = update(&db, &ada, id, text("two")).await;
        assert!(matches!(taken, Updated::Duplicate), "{taken:?}");
        assert_eq!(get(&db, &ada, id).await.expect("there").version, 2, "a refusal changes nothing");
        let itself = update(&db, &ada, id, text("uno")).await;
        assert!(matches!(itself, Updated::Changed(_)), "a memory is no duplicate of itself: {itself:?}");

        for unknown in [MemoryId::new()] {
            assert!(matches!(update(&db, &ada, unknown, Update::default()).await, Updated::Unknown));
        }
        assert!(matches!(update(&db, &eve, id, text("hers")).await, Updated::Unknown));
        let elsewhere = Update { project: Some(ProjectId::new()), ..text("x") };
        assert!(matches!(update(&db, &ada, id, elsewhere).await, Updated::Unknown));
        set_state(&db, &ada, &Selection { ids: vec![other], ..Selection::default() }, State::Deleted).await;
        assert!(matches!(update(&db, &ada, other, text("x")).await, Updated::Unknown));
        assert!(matches!(update(&db, &ada, id, text("two")).await, Updated::Changed(_)), "its holder is gone");
    }

    async fn one_of_many_versioned_updates_wins(db: TestDb) {
        let ada = db.person("ada").await;
        let id = db.add_text(&ada, "one").await;
        let calls = (0..20).map(|n| {
            let (db, ada) = (db.clone(), ada.clone());
            tokio::spawn(async move {
                let change = Update { expected_version: Some(1), ..text(&format!("text {n}")) };
                matches!(update(&db, &ada, id, change).await, Updated::Changed(_))
            })
        });
        let won = futures::future::join_all(calls).await.into_iter().filter(|call| *call.as_ref().expect("no panic")).count();
        assert_eq!((won, get(&db, &ada, id).await.expect("there").version), (1, 2));
    }

    async fn metadata_changes_leave_text_and_vector(db: TestDb) {
        let ada = db.person("ada").await;
        let id = db.add_text(&ada, "one").await;
        let metadata = serde_json::json!({ "k": [1, 2] }).as_object().expect("an object").clone();
        let change = Update { change: ContentChange { metadata: Some(metadata.clone()), tags: Some(vec!["t".into()]), memory_type: Some(MemoryType::Working), confidence: Some(0.125), ..ContentChange::default() }, ..Update::default() };
        let Updated::Changed(memory) = update(&db, &ada, id, change).await else { panic!("not changed") };
        assert_eq!((memory.content.metadata, memory.content.tags, memory.content.memory_type, memory.content.confidence), (metadata, vec!["t".to_owned()], MemoryType::Working, 0.125));
        assert_eq!((memory.content.text.as_str(), memory.version), ("one", 2));
        let texts = db.memories().stored(&ada.scope, &model(), &[id]).await.expect("answers");
        assert_eq!(texts[0].vector.as_deref(), Some(&[1.0, 0.0, 0.0][..]), "the text is the same, so is its vector");
        assert!(db.jobs().next_due(JobKind::INDEX).await.expect("answers").is_none(), "nothing to embed");
        let Updated::Changed(memory) = update(&db, &ada, id, Update { change: ContentChange { tags: Some(vec![]), ..ContentChange::default() }, ..Update::default() }).await else { panic!("not changed") };
        assert!(memory.content.tags.is_empty() && !memory.content.metadata.is_empty(), "absent fields stay, empty ones empty");
    }

    async fn a_selection_moves_what_it_names(db: TestDb) {
        let ada = db.person("ada").await;
        let eve = db.person("eve").await;
        let hers = db.add(&eve, vec![with(eve.memory("hers"), |m| { m.content.tags = vec!["red".into()]; })]).await[0].id;
        let cursor = db.tenancy().app_by_name(&ada.scope, "cursor").await.expect("an app").id;
        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free").id;
        let by_ids = db.add_text(&ada, "by ids").await;
        let tagged = db.add(&ada, vec![with(ada.memory("tagged"), |m| { m.content.tags = vec!["blue".into(), "red".into()]; })]).await[0].id;
        let in_work = db.add(&ada, vec![with(ada.memory("in work"), |m| { m.project = work; m.content.tags = vec!["red".into()]; })]).await[0].id;
        let by_app = Person { actor: Actor { app: cursor, ..ada.actor }, ..ada.clone() };
        let of_cursor = db.add_text(&by_app, "of cursor").await;
        let none = Selection::default;
        let set = |ids: &[MemoryId]| ids.iter().copied().collect::<BTreeSet<_>>();

        assert_eq!(set_state(&db, &ada, &none(), State::Paused).await, set(&[]), "an empty selection is empty");
        let mixed = Selection { ids: vec![by_ids, hers, MemoryId::new()], ..none() };
        assert_eq!(set_state(&db, &ada, &mixed, State::Paused).await, set(&[by_ids]));
        assert_eq!(set_state(&db, &ada, &mixed, State::Paused).await, set(&[]), "it is paused already");
        assert_eq!(get(&db, &ada, by_ids).await.expect("there").version, 2, "and was not touched again");
        assert_eq!(set_state(&db, &ada, &Selection { app: Some(cursor), ..none() }, State::Archived).await, set(&[of_cursor]));
        let red_of_work = Selection { tags: vec!["red".into()], project: Some(work), ..none() };
        assert_eq!(set_state(&db, &ada, &red_of_work, State::Paused).await, set(&[in_work]));
        assert_eq!(set_state(&db, &ada, &Selection { tags: vec!["red".into(), "x".into()], ..none() }, State::Paused).await, set(&[tagged]));
        let bound = Selection { all: true, project: Some(work), ..none() };
        assert_eq!(set_state(&db, &ada, &bound, State::Active).await, set(&[in_work]), "bound to its project");
        let foreign_project = Selection { all: true, project: Some(eve.member.default_project), ..none() };
        assert_eq!(set_state(&db, &ada, &foreign_project, State::Deleted).await, set(&[]));
        let everything = Selection { all: true, ..none() };
        assert_eq!(set_state(&db, &ada, &everything, State::Active).await, set(&[by_ids, tagged, of_cursor]));
        assert_eq!(set_state(&db, &ada, &everything, State::Deleted).await, set(&[by_ids, tagged, of_cursor, in_work]));
        assert_eq!(list(&db, &ada, &newest(Filter::default())).await.total, 0);
        let untouched = get(&db, &eve, hers).await.expect("there");
        assert_eq!((untouched.state, untouched.version), (State::Active, 1), "another tenant's memory never moved");
    }

    async fn history_tells_every_step(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let cursor = db.tenancy().app_by_name(&ada.scope, "cursor").await.expect("an app").id;
        let id = db.add_text(&ada, "one").await;
        db.clock.advance(Duration::from_secs(1));
        let by_cursor = Person { actor: Actor { app: cursor, ..ada.actor }, ..ada.clone() };
        update(&db, &by_cursor, id, text("two")).await;
        let selection = Selection { ids: vec![id], ..Selection::default() };
        set_state(&db, &ada, &selection, State::Archived).await;
        set_state(&db, &ada, &selection, State::Deleted).await;
        let history = db.memories().history(&ada.scope, id).await.expect("answers");
        let steps: Vec<_> = history.iter().map(|h| (h.version, h.event, h.content.text.as_str(), h.state, h.app_name.as_str())).collect();
        assert_eq!(
            steps,
            [
                (1, Event::Created, "one", State::Active, "claude"),
                (2, Event::Updated, "two", State::Active, "cursor"),
                (3, Event::StateChanged, "two", State::Archived, "claude"),
                (4, Event::Deleted, "two", State::Deleted, "claude"),
            ]
        );
        assert_eq!(history[1].changed_at, db.now());
        assert!(db.memories().history(&eve.scope, id).await.expect("answers").is_empty());
    }

    async fn reads_are_counted(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let cursor = db.tenancy().app_by_name(&ada.scope, "cursor").await.expect("an app").id;
        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free").id;
        let (often, once) = (db.add_text(&ada, "often").await, db.add_text(&ada, "once").await);
        let in_work = db.add(&ada, vec![Insert { project: work, ..ada.memory("in work") }]).await[0].id;
        let hers = db.add_text(&eve, "hers").await;
        let read = |who: &Person, memory, app, access, seconds: i64, count| AccessRecord {
            scope: who.scope,
            memory,
            app,
            access,
            at: Timestamp::from_secs(seconds),
            count,
        };
        db.memories()
            .record_access(&[
                read(&ada, often, cursor, Access::Search, 100, 3),
                read(&ada, often, ada.app.id, Access::Get, 300, 1),
                read(&ada, often, cursor, Access::List, 200, 2),
                read(&ada, once, cursor, Access::Search, 100, 1),
                read(&eve, hers, eve.app.id, Access::Search, 100, 7),
                read(&ada, in_work, cursor, Access::Search, 150, 2),
                // Unknown, and another tenant's: neither an error nor a trace.
                read(&ada, MemoryId::new(), cursor, Access::Search, 100, 1),
                read(&ada, hers, cursor, Access::Search, 900, 50),
            ])
            .await
            .expect("recorded");
        db.memories().record_access(&[]).await.expect("nothing to record");

        let memory = get(&db, &ada, often).await.expect("there");
        assert_eq!((memory.access_count, memory.last_accessed_at), (4, Some(Timestamp::from_secs(300))), "a list is no use");
        assert_eq!((memory.version, memory.updated_at), (1, memory.created_at), "reading is no change");
        let memory = get(&db, &eve, hers).await.expect("there");
        assert_eq!((memory.access_count, memory.last_accessed_at), (7, Some(Timestamp::from_secs(100))));
        // Batches arrive late and out of order.
        db.memories().record_access(&[read(&ada, often, cursor, Access::Search, 50, 1)]).await.expect("recorded");
        let memory = get(&db, &ada, often).await.expect("there");
        assert_eq!((memory.access_count, memory.last_accessed_at), (5, Some(Timestamp::from_secs(300))));

        let (log, total) = db.memories().access_log(&ada.scope, often, 1, 3).await.expect("answers");
        let seen: Vec<_> = log.iter().map(|l| (l.app_name.as_str(), l.access, l.accessed_at.secs(), l.count)).collect();
        assert_eq!(seen, [("claude", Access::Get, 300, 1), ("cursor", Access::List, 200, 2), ("cursor", Access::Search, 100, 3)]);
        assert_eq!(total, 4);
        let (rest, _) = db.memories().access_log(&ada.scope, often, 2, 3).await.expect("answers");
        assert_eq!(rest.iter().map(|l| (l.memory, l.count)).collect::<Vec<_>>(), [(often, 1)]);
        let (foreign, total) = db.memories().access_log(&eve.scope, often, 1, 10).await.expect("answers");
        assert_eq!((foreign.len(), total), (0, 0));

        let counts = |(items, total): (Vec<(Memory, i64)>, i64)| (items.into_iter().map(|(m, n)| (m.id, n)).collect::<Vec<_>>(), total);
        let by = |project, page, size| {
            let (memories, scope) = (db.memories(), ada.scope);
            async move { memories.accessed_by(&scope, project, cursor, page, size).await.expect("answers") }
        };
        assert_eq!(counts(by(None, 1, 10).await), (vec![(often, 6), (in_work, 2), (once, 1)], 3));
        assert_eq!(counts(by(None, 2, 2).await), (vec![(once, 1)], 3));
        assert_eq!(counts(by(Some(work), 1, 10).await), (vec![(in_work, 2)], 1));
        let foreign = db.memories().accessed_by(&eve.scope, None, cursor, 1, 10).await.expect("answers");
        assert_eq!(counts(foreign), (vec![], 0));
        set_state(&db, &ada, &Selection { ids: vec![often], ..Selection::default() }, State::Deleted).await;
        assert_eq!(counts(by(None, 1, 10).await), (vec![(in_work, 2), (once, 1)], 2));
    }

    async fn tags_count_live_memories(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let work = db.tenancy().create_project(&ada.scope, ada.member.doer(), "work").await.expect("answers").expect("free").id;
        let tagged = |text: &str, tags: &[&str]| with(ada.memory(text), |m| { m.content.tags = tags.iter().map(|t| (*t).into()).collect(); });
        let added = db.add(&ada, vec![tagged("a", &["red", "blue"]), tagged("b", &["red"]), tagged("c", &["ember"]), tagged("d", &[])]).await;
        db.add(&ada, vec![Insert { project: work, ..tagged("e", &["red"]) }]).await;
        let gone = Selection { ids: vec![added[2].id], ..Selection::default() };
        set_state(&db, &ada, &gone, State::Deleted).await;
        let tags = db.memories().tags(&ada.scope, None).await.expect("answers");
        assert_eq!(tags, [("red".to_owned(), 3), ("blue".to_owned(), 1)]);
        assert_eq!(db.memories().tags(&ada.scope, Some(work)).await.expect("answers"), [("red".to_owned(), 1)]);
        assert!(db.memories().tags(&eve.scope, None).await.expect("answers").is_empty());
    }

    async fn a_memory_never_lands_in_another_tenants_project(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let stray = Insert { project: eve.member.default_project, ..ada.memory("stray") };
        let outcome = db.memories().insert(&ada.scope, &ada.actor, vec![stray.into()], None).await;
        assert!(outcome.is_err(), "{outcome:?}");
        let stray = Actor { app: eve.app.id, ..ada.actor };
        let outcome = db.memories().insert(&ada.scope, &stray, vec![ada.memory("stray").into()], None).await;
        assert!(outcome.is_err(), "{outcome:?}");
        assert_eq!(list(&db, &ada, &newest(Filter::default())).await.total, 0);
    }
}
