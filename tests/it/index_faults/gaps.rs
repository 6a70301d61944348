//! What an index lost, or brought back, is seen, said and mended; and what ails it costs searches as little as can be.

use super::*;

both! {
    async fn a_collection_that_was_lost_under_adds_is_filled_again(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, clock) = start(&db, &qdrant, &[]).await;
        let (ann, bob, eve) = (app.person("ann").await, app.person("bob").await, app.person("eve").await);
        for person in [&ann, &bob] {
            add_many(&app, person, 0, 60, true).await;
        }
        idle(&app).await;
        clock.pass(Duration::from_mins(2));
        qdrant.drop_collection("shared");
        let (hits, whole, degraded) = search(&app, &ann, 60).await;
        assert!(hits > 0 && !whole && degraded);
        // The next add makes it anew, with itself alone in it.
        app.add(&eve, "lantern of Eve").await;
        eventually("everybody is there again, though nobody asked", async || qdrant.ids("shared").len() == 121).await;
        for person in [&ann, &bob] {
            let (hits, whole, degraded) = search(&app, person, 60).await;
            assert_eq!((hits, whole, degraded), (60, true, false));
        }
        assert_eq!(qdrant.graphs("shared"), ["tenant_id"], "a graph for each tenant and none over everybody");
    }

    async fn an_older_copy_is_brought_to_what_is_known_now(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, clock) = start(&db, &qdrant, &[]).await;
        let (ann, gone) = (app.person("ann").await, app.person("gone").await);
        add_many(&app, &ann, 0, 40, true).await;
        add_many(&app, &gone, 0, 10, true).await;
        idle(&app).await;
        let copy = qdrant.copy();
        let old: Vec<_> = qdrant.of_tenant("shared", tenant(&ann)).into_iter().take(15).collect();
        assert_eq!(app.rest(&ann.jwt, "DELETE", "/api/v1/memories/", Some(json!({ "memory_ids": old }))).await.0, 200);
        assert_eq!(erase(&app, &gone).await.0, 200);
        add_many(&app, &ann, 40, 55, true).await;
        idle(&app).await;
        clock.pass(Duration::from_mins(2));
        // As many points as memories, and not the same: counts would not tell.
        qdrant.put_back(copy);
        let (hits, whole, degraded) = search(&app, &ann, 60).await;
        assert!(hits == 40 && !whole && degraded, "{hits} {whole} {degraded}");
        eventually("it is right again", async || search(&app, &ann, 60).await == (40, true, false)).await;
        eventually("and nothing is too much", async || {
            let points: HashSet<_> = qdrant.of_tenant("shared", tenant(&ann)).into_iter().collect();
            points.len() == 40 && old.iter().all(|id| !points.contains(id)) && qdrant.anywhere(tenant(&gone)) == 0
        })
        .await;
        eventually("and readiness says so", async || app.ready().await["checks"]["index"] == json!("ok")).await;
    }

    async fn a_gap_that_searches_cannot_see_is_found_while_they_go_on(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, clock) = start(&db, &qdrant, &[("JM__INDEX__EXACT_LIMIT", "50"), ("JM__INDEX__CANDIDATES", "100")]).await;
        let ann = app.person("ann").await;
        add_many(&app, &ann, 0, 120, true).await;
        idle(&app).await;
        clock.pass(Duration::from_mins(2));
        let lost = qdrant.of_tenant("shared", tenant(&ann)).split_off(80);
        qdrant.lose("shared", &lost);
        // What fills it again waits.
        let held = qdrant.hold();
        eventually("it is said", async || search(&app, &ann, 10).await.2).await;
        assert_eq!(app.ready().await["checks"]["index"], json!("degraded"));
        drop(held);
        eventually("it is whole", async || !search(&app, &ann, 10).await.2 && qdrant.anywhere(tenant(&ann)) == 120).await;
    }

    async fn a_large_tenant_is_asked_for_what_held_then(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, clock) = start(&db, &qdrant, &[("JM__INDEX__EXACT_LIMIT", "1"), ("JM__INDEX__CANDIDATES", "100")]).await;
        let ann = app.person("ann").await;
        add_many(&app, &ann, 0, 10, true).await;
        let then = clock.now();
        for id in qdrant.of_tenant("shared", tenant(&ann)) {
            let body = json!({ "text": format!("a lamp instead of {id}"), "supersedes": id });
            let (status, answer) = app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(body)).await;
            assert_eq!(status, 200, "{answer}");
        }
        idle(&app).await;
        clock.pass(Duration::from_mins(2));
        let body = json!({ "query": "lantern in room 49", "limit": 50, "threshold": 0, "as_of": then.rfc3339() });
        let (status, answer) = app.rest(&ann.jwt, "POST", "/api/v1/memories/search", Some(body)).await;
        let hits = answer["results"].as_array().expect("results");
        assert_eq!((status, hits.len()), (200, 10), "{answer}");
        assert!(hits.iter().all(|hit| hit["scores"]["dense"].is_number()), "{answer}");
    }

    async fn what_ails_writes_is_no_trouble_of_searches(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, _) = start(&db, &qdrant, &[("JM__QDRANT__SEARCH_TIMEOUT_MS", "3000")]).await;
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        add_many(&app, &ann, 0, 20, true).await;
        idle(&app).await;
        qdrant.fault(Some(Fault::RefusesWrites(Code::Internal)));
        add_many(&app, &bob, 0, 40, true).await;
        eventually("writes are left alone", async || app.ready().await["checks"]["index"] == "degraded").await;
        for n in 0..100 {
            assert_eq!(search(&app, &ann, 20).await, (20, true, false), "search {n}");
        }
        // A server that is frozen keeps a search waiting once, whether SQL is newer or not.
        qdrant.fault(Some(Fault::Slow(Duration::from_mins(1))));
        app.add(&ann, "lantern of the newest kind").await;
        let start = Instant::now();
        assert!(search(&app, &ann, 20).await.2);
        assert!(start.elapsed() < Duration::from_secs(6), "two waits: {:?}", start.elapsed());
        qdrant.fault(None);
    }
}
