//! The queue: leases, order, retries and the dead letter.

use std::{collections::HashSet, time::Duration};

use futures::future::join_all;
use jonathans_memory::{
    ids::MemoryId,
    jobs::{Claimed, IndexQueue, JobKind, JobQueue, Outcome, ScheduleStore},
    memory::{AccessStore, ContentChange, MemoryStore, Selection, State, Update},
};

use crate::support::db::{Person, TestDb, both};

const LEASE: Duration = Duration::from_mins(1);

async fn waiting(db: &TestDb, who: &Person, text: &str) -> MemoryId {
    db.add(who, vec![who.unembedded(text)]).await[0].id
}

async fn claim(db: &TestDb, limit: u32) -> Vec<Claimed> {
    db.jobs().claim(JobKind::INDEX, limit, LEASE).await.expect("claimed")
}

async fn finish(db: &TestDb, job: &Claimed, outcome: Outcome) {
    db.jobs().finish(&[(job.clone(), outcome)]).await.expect("finished");
}

async fn by_state(db: &TestDb) -> Vec<(String, i64)> {
    db.jobs().stats().await.expect("counted").by_state.into_iter().collect()
}

fn states(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(state, n)| ((*state).to_owned(), *n)).collect()
}

async fn change(db: &TestDb, who: &Person, id: MemoryId, text: &str) {
    let update = Update { change: ContentChange { text: Some(text.into()), ..ContentChange::default() }, ..Update::default() };
    db.memories().update(&who.scope, &who.actor, id, update).await.expect("updated");
}

both! {
    async fn a_renewed_lease_lasts_from_then(db: TestDb) {
        let ada = db.person("ada").await;
        db.add(&ada, vec![ada.unembedded("a"), ada.unembedded("b")]).await;
        let claimed = claim(&db, 10).await;
        assert_eq!(claimed.len(), 2);
        assert!(db.jobs().claim(JobKind::INFER, 10, LEASE).await.expect("claimed").is_empty(), "another kind has its own lane");
        db.clock.advance(LEASE / 2);
        db.jobs().renew(claimed[0].lease, LEASE).await.expect("renewed");
        db.clock.advance(LEASE / 2);
        assert!(claim(&db, 10).await.is_empty(), "both jobs of the claim");
        db.clock.advance(LEASE / 2);
        assert_eq!(claim(&db, 10).await.len(), 2, "nobody renewed it again");
    }

    async fn the_most_urgent_are_claimed_first(db: TestDb) {
        let ada = db.person("ada").await;
        db.add(&ada, vec![ada.memory("embedded 1"), ada.memory("embedded 2")]).await;
        assert_eq!(db.jobs().reindex(&ada.scope, false).await.expect("queued"), 2);
        db.clock.advance(Duration::from_secs(1));
        let normal: Vec<_> = db.add(&ada, vec![ada.unembedded("batch 1"), ada.unembedded("batch 2")]).await.iter().map(|a| a.id.0).collect();
        db.clock.advance(Duration::from_secs(1));
        let high = waiting(&db, &ada, "single").await.0;
        db.clock.advance(Duration::from_secs(1));
        let later = waiting(&db, &ada, "a later single").await.0;

        let first = claim(&db, 3).await;
        let subjects: Vec<_> = first.iter().map(|job| job.subject).collect();
        assert_eq!(subjects[..2], [high, later], "by priority, then by age");
        assert!(normal.contains(&subjects[2]));
        let rest = claim(&db, 100).await;
        assert_eq!(rest.len(), 3);
        assert!(normal.contains(&rest[0].subject), "bulk work comes last");
        assert!(claim(&db, 100).await.is_empty());
        assert!(first.iter().all(|job| (job.attempts, job.tenant) == (1, ada.member.tenant)));
    }

    async fn a_lost_lease_hands_over(db: TestDb) {
        let ada = db.person("ada").await;
        waiting(&db, &ada, "tea").await;
        let first = claim(&db, 10).await.remove(0);
        assert!(claim(&db, 10).await.is_empty(), "it is in hand");
        assert_eq!(db.jobs().next_due(JobKind::INDEX).await.expect("answers"), Some(db.now().plus(LEASE)));
        db.clock.advance(LEASE);
        let second = claim(&db, 10).await.remove(0);
        assert_eq!((second.id, second.attempts), (first.id, 2));
        assert_ne!(second.lease, first.lease);
        for outcome in [
            Outcome::Done,
            Outcome::Retry { at: db.now(), error: "late".into() },
            Outcome::Dead { error: "late".into() },
        ] {
            finish(&db, &first, outcome).await;
            assert_eq!(by_state(&db).await, states(&[("running", 1)]), "the first runner has lost its say");
        }
        finish(&db, &second, Outcome::Done).await;
        assert_eq!(by_state(&db).await, states(&[]));
        finish(&db, &second, Outcome::Done).await;
        assert_eq!(by_state(&db).await, states(&[]), "a job never survives Done, nor returns by a second one");
    }

    async fn a_change_while_running_queues_again(db: TestDb) {
        let ada = db.person("ada").await;
        let id = waiting(&db, &ada, "tea").await;
        for (n, outcome) in [Outcome::Done, Outcome::Dead { error: "refused".into() }].into_iter().enumerate() {
            let job = claim(&db, 10).await.remove(0);
            change(&db, &ada, id, &format!("milk {n}")).await;
            assert_eq!(by_state(&db).await, states(&[("running", 1)]), "nobody else may take it meanwhile");
            assert!(claim(&db, 10).await.is_empty());
            finish(&db, &job, outcome).await;
            assert_eq!(by_state(&db).await, states(&[("queued", 1)]), "what is there now has not been worked on");
        }
        let job = claim(&db, 10).await.remove(0);
        assert_eq!((job.generation, job.attempts), (3, 1), "a new text is a new start");
        let selection = Selection { ids: vec![id], ..Selection::default() };
        db.telling().set_state(&ada.scope, &ada.actor, &selection, State::Deleted).await.expect("deleted");
        finish(&db, &job, Outcome::Done).await;
        let job = claim(&db, 10).await.remove(0);
        finish(&db, &job, Outcome::Done).await;
        assert_eq!(by_state(&db).await, states(&[]));
    }

    async fn a_retry_waits(db: TestDb) {
        let ada = db.person("ada").await;
        waiting(&db, &ada, "tea").await;
        let due = db.now();
        assert_eq!(db.jobs().stats().await.expect("counted").oldest_due, Some(due));
        let job = claim(&db, 10).await.remove(0);
        let at = db.now().plus(Duration::from_secs(5));
        finish(&db, &job, Outcome::Retry { at, error: "down".into() }).await;
        assert!(claim(&db, 10).await.is_empty());
        assert_eq!(db.jobs().next_due(JobKind::INDEX).await.expect("answers"), Some(at));
        db.clock.advance(Duration::from_secs(5));
        let job = claim(&db, 10).await.remove(0);
        assert_eq!(job.attempts, 2);
        finish(&db, &job, Outcome::Done).await;
        assert_eq!(db.jobs().next_due(JobKind::INDEX).await.expect("answers"), None);
    }

    async fn the_dead_rest_until_revived(db: TestDb) {
        let ada = db.person("ada").await;
        let (first, second) = (waiting(&db, &ada, "tea").await, waiting(&db, &ada, "milk").await);
        for job in claim(&db, 10).await {
            finish(&db, &job, Outcome::Dead { error: "refused".into() }).await;
        }
        assert_eq!(db.jobs().next_due(JobKind::INDEX).await.expect("answers"), None);
        assert!(claim(&db, 10).await.is_empty());
        let dead = db.jobs().dead(10).await.expect("listed");
        assert_eq!(dead.iter().map(|d| d.subject).collect::<HashSet<_>>(), HashSet::from([first.0, second.0]));
        assert!(dead.iter().all(|d| (d.error.as_deref(), d.attempts, d.tenant) == (Some("refused"), 1, ada.member.tenant)));
        assert_eq!(db.jobs().dead(1).await.expect("listed").len(), 1);

        change(&db, &ada, first, "green tea").await;
        assert_eq!(by_state(&db).await, states(&[("dead", 1), ("queued", 1)]), "a new text gets a new chance");
        assert_eq!(db.jobs().revive().await.expect("revived"), 1);
        let jobs = claim(&db, 10).await;
        assert_eq!(jobs.iter().map(|job| job.attempts).collect::<Vec<_>>(), [1, 1]);
        for job in jobs {
            finish(&db, &job, Outcome::Done).await;
        }
        assert_eq!((by_state(&db).await, db.jobs().revive().await.expect("revived")), (states(&[]), 0));
    }

    async fn what_is_due_is_done_by_one_node_each_time(db: TestDb) {
        let other = db.another_process().await;
        let every = Duration::from_hours(1);
        let taken = async || {
            let nodes = (0..8).map(|n| {
                let db = if n % 2 == 0 { db.clone() } else { other.clone() };
                tokio::spawn(async move { db.jobs().take_if_due("purge", every).await.expect("answers") })
            });
            join_all(nodes).await.into_iter().filter(|told| *told.as_ref().expect("no panic")).count()
        };
        assert_eq!(taken().await, 1, "what nobody has heard of is due");
        assert_eq!(taken().await, 0);
        assert!(db.jobs().take_if_due("another", every).await.expect("answers"), "each task has its own time");
        db.clock.advance(every);
        assert_eq!((taken().await, taken().await), (1, 0));
        other.db.close().await;
    }

    async fn racing_runners_share_the_work(db: TestDb) {
        let ada = db.person("ada").await;
        for batch in 0..4 {
            db.add(&ada, (0..50).map(|n| ada.unembedded(&format!("{batch} {n}"))).collect()).await;
        }
        let other = db.another_process().await;
        let runners = (0..4).map(|n| {
            let db = if n % 2 == 0 { db.clone() } else { other.clone() };
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let jobs = claim(&db, 7).await;
                    assert!(jobs.len() <= 7, "more than asked for: {}", jobs.len());
                    if jobs.is_empty() && db.jobs().next_due(JobKind::INDEX).await.expect("answers").is_none_or(|due| due > db.now()) {
                        return mine;
                    }
                    let done: Vec<_> = jobs.iter().map(|job| (job.clone(), Outcome::Done)).collect();
                    // Half of them stay in hand, so that claims meet running jobs too.
                    db.jobs().finish(&done[..done.len() / 2]).await.expect("finished");
                    mine.extend(done);
                }
            })
        });
        let claimed: Vec<_> = join_all(runners).await.into_iter().flat_map(|mine| mine.expect("no panic")).collect();
        let distinct: HashSet<_> = claimed.iter().map(|(job, _)| job.id).collect();
        assert_eq!((claimed.len(), distinct.len()), (200, 200), "each job in one hand");
        other.jobs().finish(&claimed).await.expect("finished");
        assert_eq!(by_state(&db).await, states(&[]));
        other.db.close().await;
    }

    async fn workers_and_writers_of_one_tenant_never_block_each_other(db: TestDb) {
        let ada = db.person("ada").await;
        let ids: Vec<_> = db.add(&ada, (0..40).map(|n| ada.unembedded(&format!("text {n}"))).collect()).await.iter().map(|a| a.id).collect();
        let other = db.another_process().await;
        let writer = {
            let (db, ada, ids) = (other.clone(), ada.clone(), ids.clone());
            tokio::spawn(async move {
                for round in 0..15 {
                    let state = if round % 2 == 0 { State::Paused } else { State::Active };
                    let mut ids = ids.clone();
                    if round % 3 == 0 {
                        ids.reverse();
                    }
                    let selection = Selection { ids, ..Selection::default() };
                    db.telling().set_state(&ada.scope, &ada.actor, &selection, state).await.expect("moved");
                    db.jobs().reindex(&ada.scope, false).await.expect("queued");
                }
            })
        };
        let reader = {
            let (db, ada, mut ids) = (other.clone(), ada.clone(), ids.clone());
            tokio::spawn(async move {
                for _ in 0..15 {
                    ids.reverse();
                    let record = |id: &MemoryId| jonathans_memory::memory::AccessRecord {
                        scope: ada.scope,
                        memory: *id,
                        app: ada.app.id,
                        access: jonathans_memory::memory::Access::Search,
                        at: db.now(),
                        count: 1,
                    };
                    db.memories().record_access(&ids.iter().map(record).collect::<Vec<_>>()).await.expect("recorded");
                }
            })
        };
        let mut rounds = 0;
        while !writer.is_finished() || !reader.is_finished() || !claim_and_finish(&db, rounds % 2 == 0).await {
            rounds += 1;
        }
        writer.await.expect("no error");
        reader.await.expect("no error");
        while !claim_and_finish(&db, false).await {}
        assert_eq!(by_state(&db).await, states(&[]));
        other.db.close().await;
    }
}

/// True when nothing was due.
async fn claim_and_finish(db: &TestDb, backwards: bool) -> bool {
    let mut done: Vec<_> = claim(db, 64).await.into_iter().map(|job| (job, Outcome::Done)).collect();
    if backwards {
        done.reverse();
    }
    db.jobs().finish(&done).await.expect("finished");
    done.is_empty()
}
