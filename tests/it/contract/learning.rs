//! Feedback and what hangs on it: strength, the list of events, statistics, and the settings of learning.

use std::time::Duration;

use jonathans_memory::{
    adapters::sql::Engine,
    clock::Timestamp,
    ids::{FeedbackId, MemoryId, ProjectId},
    memory::{
        Access, AccessRecord, AccessStore, ChangeLog, Choice, Chosen, ContentChange, LearnedWeights, MemoryStore, MemoryType, Selection,
        SettingsStore, State, TenantSettings, Update,
        learning::{FeedbackKind, LearningEvent, LearningStore, TakenBack},
    },
};

use crate::support::db::{Person, TestDb, both, model, run};

async fn give(
    db: &TestDb,
    who: &Person,
    memory: MemoryId,
    kind: FeedbackKind,
    confidence: f64,
    query: Option<&str>,
) -> Option<LearningEvent> {
    db.memories().give(&who.scope, &who.actor, None, memory, kind, confidence, query).await.expect("answers")
}

async fn strength(db: &TestDb, who: &Person, memory: MemoryId) -> f64 {
    db.memories().get(&who.scope, None, memory).await.expect("answers").expect("there").strength
}

async fn read(db: &TestDb, who: &Person, memory: MemoryId, access: Access) {
    let record = AccessRecord { scope: who.scope, memory, app: who.app.id, access, at: db.now(), count: 3 };
    db.memories().record_access(&[record]).await.expect("recorded");
}

async fn fade(db: &TestDb, who: &Person, on: bool) {
    let tenant = who.member.tenant.0.simple();
    let id = match db.engine {
        Engine::Sqlite => format!("x'{tenant}'"),
        Engine::Postgres => format!("'{tenant}'::uuid"),
    };
    db.as_owner(format!(
        "INSERT INTO tenant_settings (tenant_id, settings, updated_at) VALUES ({id}, '{{\"decay\": {on}, \"other\": 7}}', 0)"
    ))
    .await;
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn the_application_may_append_what_was_said_and_not_change_it() {
    run(Engine::Postgres, |db| async move {
        let pool = db.db.postgres_pool().expect("Postgres");
        for (right, granted) in [("SELECT", true), ("INSERT", true), ("UPDATE", false), ("TRUNCATE", false)] {
            let has: bool = sqlx::query_scalar("SELECT has_table_privilege('jonathans_memory_app', 'learning_events', $1)")
                .bind(right)
                .fetch_one(&pool)
                .await
                .expect("answers");
            assert_eq!(has, granted, "{right}");
        }
    });
}

both! {
    async fn feedback_moves_strength_within_its_bounds_and_is_no_new_version(db: TestDb) {
        let ada = db.person("ada").await;
        let id = db.add_text(&ada, "tea").await;
        let before = db.memories().sequence(&ada.scope).await.expect("answers");
        let event = give(&db, &ada, id, FeedbackKind::Confirmation, 0.5, Some("what does she drink?")).await.expect("there");
        assert!(near(event.strength_before, 0.5) && near(event.strength_after, 0.54), "{event:?}");
        assert_eq!((event.query.as_deref(), event.app_name.as_str(), event.reverts), (Some("what does she drink?"), "claude", None));
        let changes = db.memories().changes_since(&ada.scope, &[model()], true, before, 10).await.expect("answers");
        assert_eq!(changes.memories.len(), 1, "working sets see it");
        let memory = &changes.memories[0].memory;
        assert!(near(memory.strength, 0.54) && memory.version == 1 && memory.updated_at == memory.created_at);
        assert!(changes.memories[0].embedded, "its vector is still that of its text");
        for _ in 0..20 {
            give(&db, &ada, id, FeedbackKind::Positive, 1.0, None).await.expect("there");
        }
        assert!(near(strength(&db, &ada, id).await, 1.0));
        for _ in 0..30 {
            give(&db, &ada, id, FeedbackKind::Negative, 1.0, None).await.expect("there");
        }
        assert!(near(strength(&db, &ada, id).await, 0.0));
        let events = db.memories().events(&ada.scope, id).await.expect("answers");
        assert_eq!(events.len(), 51);
        assert!(events.windows(2).all(|pair| near(pair[0].strength_after, pair[1].strength_before)), "an unbroken chain");
    }

    async fn what_is_not_there_or_not_ones_own_takes_no_feedback(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let id = db.add_text(&ada, "tea").await;
        assert!(give(&db, &eve, id, FeedbackKind::Negative, 1.0, None).await.is_none());
        assert!(give(&db, &ada, MemoryId::new(), FeedbackKind::Negative, 1.0, None).await.is_none());
        let elsewhere = Some(ProjectId::new());
        let none = db.memories().give(&ada.scope, &ada.actor, elsewhere, id, FeedbackKind::Negative, 1.0, None).await.expect("answers");
        assert!(none.is_none(), "a bound credential stays in its project");
        let event = give(&db, &ada, id, FeedbackKind::Positive, 1.0, None).await.expect("there");
        for (who, project) in [(&eve, None), (&ada, elsewhere)] {
            let outcome = db.memories().take_back(&who.scope, &who.actor, project, event.id).await.expect("answers");
            assert!(matches!(outcome, TakenBack::Unknown), "{outcome:?}");
        }
        assert!(db.memories().events(&eve.scope, id).await.expect("answers").is_empty());
        assert!(near(strength(&db, &ada, id).await, 0.6));
        db.memories().set_state(&ada.scope, &ada.actor, &Selection { ids: vec![id], ..Selection::default() }, State::Deleted).await.expect("gone");
        assert!(give(&db, &ada, id, FeedbackKind::Positive, 1.0, None).await.is_none());
    }

    async fn feedback_is_taken_back_once_by_an_event_of_its_own(db: TestDb) {
        let ada = db.person("ada").await;
        let id = db.add_text(&ada, "tea").await;
        let take = async |event: FeedbackId| db.memories().take_back(&ada.scope, &ada.actor, None, event).await.expect("answers");
        for _ in 0..4 {
            give(&db, &ada, id, FeedbackKind::Positive, 1.0, None).await.expect("there");
        }
        let clamped = give(&db, &ada, id, FeedbackKind::Positive, 1.0, None).await.expect("there");
        let nothing = give(&db, &ada, id, FeedbackKind::Positive, 1.0, None).await.expect("there");
        assert!(near(clamped.strength_after, 1.0) && near(nothing.strength_before, 1.0));
        let TakenBack::Done(entry) = take(nothing.id).await else { panic!("not done") };
        assert!(entry.reverts == Some(nothing.id) && near(entry.strength_after, 1.0), "it had moved nothing: {entry:?}");
        let TakenBack::Done(entry) = take(clamped.id).await else { panic!("not done") };
        assert!(near(entry.strength_after, 0.9), "{entry:?}");
        for settled in [clamped.id, entry.id] {
            assert!(matches!(take(settled).await, TakenBack::Settled));
        }
        assert!(matches!(take(FeedbackId::new()).await, TakenBack::Unknown));
        assert!(near(strength(&db, &ada, id).await, 0.9));
        assert_eq!(db.memories().events(&ada.scope, id).await.expect("answers").len(), 8, "nothing was removed");
    }

    async fn statistics_count_what_stands(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let ids = [db.add_text(&ada, "tea").await, db.add_text(&ada, "milk").await];
        let change = Update { change: ContentChange { memory_type: Some(MemoryType::Episodic), ..ContentChange::default() }, ..Update::default() };
        db.memories().update(&ada.scope, &ada.actor, ids[1], change).await.expect("updated");
        db.add_text(&eve, "hers").await;
        read(&db, &ada, ids[0], Access::Search).await;
        let long_ago = db.now();
        give(&db, &ada, ids[0], FeedbackKind::Negative, 1.0, None).await.expect("there");
        db.clock.advance(Duration::from_hours(24 * 40));
        for confidence in [1.0, 0.5] {
            give(&db, &ada, ids[0], FeedbackKind::Positive, confidence, None).await.expect("there");
        }
        let mistake = give(&db, &ada, ids[1], FeedbackKind::Positive, 1.0, None).await.expect("there");
        db.memories().take_back(&ada.scope, &ada.actor, None, mistake.id).await.expect("answers");
        db.clock.advance(Duration::from_hours(24));
        give(&db, &ada, ids[1], FeedbackKind::Neutral, 0.2, None).await.expect("there");

        let since = db.now().minus(Duration::from_hours(24 * 30));
        let project = ada.member.default_project;
        let seen = db.memories().analytics(&ada.scope, project, since).await.expect("answers");
        let types: Vec<_> = seen.types.iter().map(|t| (t.memory_type, t.count)).collect();
        assert_eq!(types, [(MemoryType::Episodic, 1), (MemoryType::Semantic, 1)]);
        assert!(near(seen.types[1].mean_strength, 0.55) && near(seen.types[1].mean_access_count, 3.0), "{:?}", seen.types);
        assert!(near(seen.types[0].mean_strength, 0.5), "what was taken back counts nowhere");
        let feedback: Vec<_> = seen.feedback.iter().map(|f| (f.kind, f.count)).collect();
        assert_eq!(feedback, [(FeedbackKind::Negative, 1), (FeedbackKind::Neutral, 1), (FeedbackKind::Positive, 2)]);
        assert!(near(seen.feedback[2].mean_confidence, 0.75));
        let days: Vec<_> = seen.trend.iter().map(|d| (d.day, d.events)).collect();
        let midnight = |at: Timestamp| Timestamp::from_secs(at.secs() / 86_400 * 86_400);
        let yesterday = db.now().minus(Duration::from_hours(24));
        assert_eq!(days, [(midnight(yesterday), 2), (midnight(db.now()), 1)], "not that of {long_ago}");
        let hers = db.memories().analytics(&eve.scope, project, since).await.expect("answers");
        assert!(hers.types.is_empty() && hers.feedback.is_empty() && hers.trend.is_empty());
    }

    async fn ratings_are_of_standing_feedback_on_active_memories(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let (kept, paused) = (db.add_text(&ada, "tea").await, db.add_text(&ada, "milk").await);
        give(&db, &ada, kept, FeedbackKind::Positive, 1.0, Some("first?")).await.expect("there");
        let mistake = give(&db, &ada, kept, FeedbackKind::Negative, 1.0, Some("second?")).await.expect("there");
        db.memories().take_back(&ada.scope, &ada.actor, None, mistake.id).await.expect("answers");
        give(&db, &ada, kept, FeedbackKind::Positive, 1.0, None).await.expect("there");
        give(&db, &ada, paused, FeedbackKind::Positive, 1.0, Some("third?")).await.expect("there");
        db.memories().set_state(&ada.scope, &ada.actor, &Selection { ids: vec![paused], ..Selection::default() }, State::Paused).await.expect("moved");
        give(&db, &ada, kept, FeedbackKind::Negative, 1.0, Some("fourth?")).await.expect("there");
        let ratings = db.memories().ratings(&ada.scope, 10).await.expect("answers");
        let seen: Vec<_> = ratings.iter().map(|r| (r.query.as_str(), r.memory, r.kind)).collect();
        assert_eq!(seen, [("fourth?", kept, FeedbackKind::Negative), ("first?", kept, FeedbackKind::Positive)], "newest first");
        assert!(db.memories().ratings(&eve.scope, 10).await.expect("answers").is_empty());
    }

    async fn the_policy_is_one_key_of_the_settings(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        let chosen = async |who: &Person| serde_json::from_value::<Chosen>(db.memories().settings(&who.scope).await.expect("answers")).expect("fits");
        let learn = async |who: &Person, weights: &LearnedWeights| {
            let value = serde_json::to_value(weights).expect("JSON");
            let choice = Choice { key: "policy".into(), detail: value.clone(), value, action: "learning.policy" };
            db.memories().change(&who.scope, &who.actor, &[choice]).await.expect("kept");
        };
        assert_eq!(chosen(&ada).await, Chosen::default());
        let weights = |dense_weight| LearnedWeights { dense_weight, best: 0.8, evaluated_at: Timestamp(5), queries: 21, fixed: 0.5, learned: 0.75 };
        learn(&eve, &weights(None)).await;
        fade(&db, &ada, true).await;
        for weight in [Some(0.8), None] {
            learn(&ada, &weights(weight)).await;
            let person = TenantSettings { decay: true, ..TenantSettings::default() };
            assert_eq!(chosen(&ada).await, Chosen { person, learned: Some(weights(weight)) });
        }
        assert!(!chosen(&eve).await.person.decay);
    }

    async fn a_read_is_news_to_working_sets_where_memories_fade(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        fade(&db, &ada, true).await;
        fade(&db, &eve, false).await;
        for (who, fades) in [(&ada, true), (&eve, false)] {
            let id = db.add_text(who, "tea").await;
            let sequence = async || db.memories().sequence(&who.scope).await.expect("answers");
            let start = sequence().await;
            read(&db, who, id, Access::Search).await;
            let after = sequence().await;
            assert_eq!(after > start, fades);
            let changes = db.memories().changes_since(&who.scope, &[model()], true, start, 10).await.expect("answers");
            let read_at = changes.memories.first().and_then(|m| m.memory.last_accessed_at);
            assert_eq!(read_at, fades.then(|| db.now()));
            read(&db, who, id, Access::Get).await;
            assert_eq!(sequence().await, after, "within the hour it is no news");
            db.clock.advance(Duration::from_hours(2));
            read(&db, who, id, Access::Context).await;
            assert_eq!(sequence().await, after, "a context is no use");
            let memory = db.memories().get(&who.scope, None, id).await.expect("answers").expect("there");
            assert_eq!(memory.access_count, 6);
            read(&db, who, id, Access::Search).await;
            assert_eq!(sequence().await > after, fades);
            let (log, _) = db.memories().access_log(&who.scope, id, 1, 10).await.expect("answers");
            assert!(log.iter().any(|entry| entry.access == Access::Context), "but it is in the log");
        }
    }

    async fn vitals_are_of_what_is_active_and_not_over(db: TestDb) {
        let ada = db.person("ada").await;
        let ends = Some(db.now().plus(Duration::from_hours(1)));
        let seen = db.add_text(&ada, "tea").await;
        let mut memories = vec![ada.memory("over"), ada.memory("over but pinned"), ada.memory("lasting")];
        (memories[0].content.expires_at, memories[1].content.expires_at, memories[1].content.pinned) = (ends, ends, true);
        let added: Vec<_> = db.add(&ada, memories).await.iter().map(|a| a.id).collect();
        let archived = db.add(&ada, vec![ada.memory("archived")]).await[0].id;
        db.memories().set_state(&ada.scope, &ada.actor, &Selection { ids: vec![archived], ..Selection::default() }, State::Archived).await.expect("moved");
        db.clock.advance(Duration::from_hours(2));
        read(&db, &ada, seen, Access::Search).await;
        let text = Update { change: ContentChange { text: Some("still lasting".into()), ..ContentChange::default() }, ..Update::default() };
        db.memories().update(&ada.scope, &ada.actor, added[2], text).await.expect("updated");
        let mut vitals = db.memories().vitals(&ada.scope, None, db.now()).await.expect("answers");
        vitals.sort_by_key(|(id, _)| *id);
        let ids: Vec<_> = vitals.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [seen, added[1], added[2]]);
        assert_eq!((vitals[0].1.since, vitals[0].1.access_count), (db.now(), 3));
        assert!(vitals[1].1.pinned && vitals[1].1.since < db.now());
        assert_eq!(vitals[2].1.since, db.now(), "a new text starts anew");
        assert!(db.memories().vitals(&ada.scope, Some(ProjectId::new()), db.now()).await.expect("answers").is_empty());
    }
}
