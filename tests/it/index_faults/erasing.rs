//! An erased account leaves no point, whatever was under way.

use super::*;
use jonathans_memory::jobs::JobQueue;

both! {
    async fn erasing_while_a_slow_model_works_leaves_nothing(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let model = Gated::shut();
        let outside = || Outside { embedder: Some(model.clone()), ..Outside::default() };
        let (app, other) = (TestApp::start_with(&env(&db, &qdrant), outside()).await, TestApp::start_with(&env(&db, &qdrant), outside()).await);
        for (n, node) in [&app, &other].into_iter().enumerate() {
            let ann = app.person(&format!("ann{n}")).await;
            model.open.store(false, Ordering::SeqCst);
            add_many(&app, &ann, 0, 60, false).await;
            eventually("a job is in the model", async || {
                app.app.queue.stats().await.is_ok_and(|stats| stats.by_state.get("running").is_some_and(|n| *n > 0))
            })
            .await;
            let (status, receipt) = erase(node, &ann).await;
            assert_eq!((status, &receipt["rows"]["memories"]), (200, &json!(60)), "{receipt}");
            model.open.store(true, Ordering::SeqCst);
            // Whoever comes later is embedded after that: their points say that the job has gone through.
            let eve = app.person(&format!("eve{n}")).await;
            add_many(&app, &eve, 0, 3, false).await;
            eventually("the jobs are through", async || qdrant.anywhere(tenant(&eve)) == 3).await;
            idle(&app).await;
            assert_eq!(qdrant.anywhere(tenant(&ann)), 0);
        }
    }

    async fn erasing_while_a_write_is_inside_qdrant_leaves_nothing(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, _) = start(&db, &qdrant, &[]).await;
        let ann = app.person("ann").await;
        let held = qdrant.hold();
        add_many(&app, &ann, 0, 20, false).await;
        eventually("a write waits inside", async || held.waiting() > 0).await;
        assert_eq!(erase(&app, &ann).await.0, 200);
        drop(held);
        let eve = app.person("eve").await;
        add_many(&app, &eve, 0, 3, false).await;
        eventually("the jobs are through", async || qdrant.anywhere(tenant(&eve)) == 3 && qdrant.anywhere(tenant(&ann)) == 0).await;
    }

    /// Erasures at any moment of the indexing, to either of two nodes. `ERASURES` says how many.
    async fn no_moment_of_an_erasure_leaves_a_point(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let nodes = [start(&db, &qdrant, &[]).await.0, start(&db, &qdrant, &[]).await.0];
        let erasures = std::env::var("ERASURES").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
        let mut gone = Vec::new();
        for n in 0..erasures {
            let ann = nodes[0].person(&format!("ann{n}")).await;
            add_many(&nodes[n % 2], &ann, 0, 150, false).await;
            let moment = qdrant.calls() + n % 5;
            eventually("it is that moment", async || qdrant.calls() >= moment).await;
            let (status, receipt) = erase(&nodes[(n / 2) % 2], &ann).await;
            assert_eq!(status, 200, "{receipt}");
            gone.push(tenant(&ann));
        }
        idle(&nodes[0]).await;
        let left: Vec<_> = gone.iter().map(|tenant| qdrant.anywhere(*tenant)).filter(|points| *points > 0).collect();
        assert_eq!(left, [0; 0], "of {erasures} erasures");
        println!("{erasures} of {erasures} erasures left no point");
    }

    async fn an_erased_account_is_looked_for_until_nothing_comes_any_more(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, clock) = start(&db, &qdrant, &[]).await;
        let ann = app.person("ann").await;
        add_many(&app, &ann, 0, 20, true).await;
        idle(&app).await;
        let copy = qdrant.copy();
        assert_eq!(erase(&app, &ann).await.0, 200);
        assert_eq!(qdrant.anywhere(tenant(&ann)), 0);
        // As a write that was under way, or storage of an older day.
        qdrant.put_back(copy);
        clock.pass(Duration::from_secs(10));
        eventually("it is cleared again", async || qdrant.anywhere(tenant(&ann)) == 0).await;
        let places = app.app.index_job().clone().places;
        assert_eq!(places.noted(&ann.principal.scope).await.expect("answers"), ["shared"], "and looked at for a while");
        eventually("the place is off the list", async || {
            clock.pass(Duration::from_mins(11));
            places.noted(&ann.principal.scope).await.is_ok_and(|places| places.is_empty())
        })
        .await;
    }

    async fn an_erasure_that_the_index_did_not_hear_of_leaves_the_account_whole(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, clock) = start(&db, &qdrant, &[]).await;
        let ann = app.person("ann").await;
        add_many(&app, &ann, 0, 30, true).await;
        idle(&app).await;
        // The delete is done, and its answer lost.
        qdrant.fault(Some(Fault::ErrorAfterApplying));
        assert_eq!(erase(&app, &ann).await.0, 503);
        qdrant.fault(None);
        assert!(qdrant.anywhere(tenant(&ann)) < 30);
        clock.pass(Duration::from_mins(2));
        eventually("the account is whole again", async || search(&app, &ann, 30).await == (30, true, false)).await;
        assert_eq!(qdrant.anywhere(tenant(&ann)), 30);
    }
}
