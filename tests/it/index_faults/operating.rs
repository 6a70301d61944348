//! Moves that are broken off, mistakes of an operator, and what the commands say.

use super::*;
use jonathans_memory::jobs::IndexQueue;
use jonathans_memory::jobs::JobQueue;

both! {
    async fn a_move_to_another_model_waits_for_what_the_index_holds(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (before, _) = start(&db, &qdrant, &[]).await;
        let ann = before.person("ann").await;
        add_many(&before, &ann, 0, 100, true).await;
        idle(&before).await;
        drop(before);
        let double = OpenAiDouble::start().await;
        let dimension = DIMENSION.to_string();
        let (app, _) = start(&db, &qdrant, &[
            ("EMBEDDER_PROVIDER", "openai"), ("EMBEDDER_MODEL", "made-up"), ("JM__EMBEDDER__DIMENSIONS", dimension.as_str()),
            ("OPENAI_BASE_URL", double.url.as_str()), ("OPENAI_API_KEY", "sk-new"), ("JM__EMBEDDER__PREVIOUS__PROVIDER", "hash"),
        ]).await;
        let progress = async || app.rest(&ann.jwt, "GET", "/api/v1/stats/embedding", None).await.1;
        qdrant.fault(Some(Fault::RefusesWrites(Code::Unavailable)));
        app.app.queue.reembed(&ann.principal.scope).await.expect("queued");
        eventually("SQL has every new vector", async || progress().await["embedded"] == json!(100)).await;
        // The job that found them has ended by now, or a later one has.
        eventually("the move was tried", async || {
            app.app.queue.stats().await.is_ok_and(|stats| stats.by_state.get("queued").is_some_and(|n| *n > 0))
        }).await;
        assert_eq!((progress().await["moving"].clone(), search(&app, &ann, 100).await), (json!(true), (100, true, false)));
        qdrant.fault(None);
        eventually("the tenant has moved", async || {
            assert_eq!(search(&app, &ann, 100).await, (100, true, false));
            progress().await["moving"] == json!(false)
        }).await;
        let current = progress().await["current"].as_str().expect("a model").to_owned();
        assert_eq!(qdrant.with_vector("shared", tenant(&ann), &current), 100);
    }

    async fn a_move_to_where_the_tenant_is_moves_nothing(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, _) = start(&db, &qdrant, &[]).await;
        let ann = app.person("ann").await;
        add_many(&app, &ann, 0, 20, true).await;
        idle(&app).await;
        let upkeep = app.app.upkeep().expect("an index");
        let error = relocate(&app.app.runner(), &upkeep, &ann.principal.scope, "shared").await.expect_err("it is there");
        assert!(error.to_string().contains("is in 'shared' already"), "{error}");
        assert_eq!((qdrant.anywhere(tenant(&ann)), search(&app, &ann, 20).await), (20, (20, true, false)));
    }

    async fn an_interrupted_move_leaves_nothing_behind(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, clock) = start(&db, &qdrant, &[]).await;
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        for person in [&ann, &bob] {
            add_many(&app, person, 0, 60, true).await;
        }
        idle(&app).await;
        let moving = |person: &Person, to: &'static str| {
            let (runner, upkeep, scope) = (app.app.runner(), app.app.upkeep().expect("an index"), person.principal.scope);
            tokio::spawn(async move { relocate(&runner, &upkeep, &scope, to).await })
        };
        let store = app.app.index_job().clone().store;
        // Killed after the switch, before the old place was cleared.
        let task = moving(&ann, "alone");
        eventually("it has switched", async || {
            store.placement(&ann.principal.scope).await.is_ok_and(|placement| placement.collection.as_deref() == Some("alone"))
        })
        .await;
        task.abort();
        clock.pass(Duration::from_secs(10));
        eventually("the server clears the old place", async || qdrant.of_tenant("shared", tenant(&ann)).is_empty()).await;
        assert_eq!(qdrant.of_tenant("alone", tenant(&ann)).len(), 60);
        // Killed on the way to A, then moved to B, then erased.
        let held = qdrant.hold();
        let task = moving(&bob, "a");
        eventually("it is on its way", async || held.waiting() > 0).await;
        task.abort();
        drop(held);
        // What it had claimed is another's once the lease is over.
        clock.pass(Duration::from_secs(40));
        eventually("some of it is in A", async || !qdrant.of_tenant("a", tenant(&bob)).is_empty()).await;
        idle(&app).await;
        moving(&bob, "b").await.expect("no panic").expect("moved");
        assert_eq!((qdrant.of_tenant("a", tenant(&bob)).len(), qdrant.of_tenant("b", tenant(&bob)).len()), (0, 60));
        for person in [&ann, &bob] {
            assert_eq!(erase(&app, person).await.0, 200);
            assert_eq!(qdrant.anywhere(tenant(person)), 0);
        }
    }

    async fn a_mistake_of_the_operator_is_said_and_costs_nothing(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, _) = start(&db, &qdrant, &[]).await;
        let ann = app.person("ann").await;
        add_many(&app, &ann, 0, 5, true).await;
        idle(&app).await;
        let another_start = async || {
            let dir = tempfile::tempdir().expect("a directory");
            let env = env(&db, &qdrant).into_iter().chain([("JM_DATA_DIR", dir.path().to_str().expect("utf-8")), ("EMBEDDER_PROVIDER", "hash")]);
            let config = Config::load(None, env.map(|(k, v)| (k.to_owned(), v.to_owned()))).expect("valid");
            App::build(config).await.map(drop).map_err(|error| format!("{error:#}"))
        };
        for (fault, said) in [
            (Fault::Refuses(Code::Unauthenticated), "Must provide an API key"),
            (Fault::Refuses(Code::PermissionDenied), "Must provide an API key"),
            (Fault::RefusesWrites(Code::PermissionDenied), "may read and write"),
        ] {
            qdrant.fault(Some(fault));
            let error = another_start().await.expect_err("it is an operator's mistake");
            assert!(error.contains("QDRANT_API_KEY") && error.contains(said), "{error}");
        }
        qdrant.fault(Some(Fault::Down));
        another_start().await.expect("an outage is waited for");
        // A key that is changed while the server runs: what waits is not given up.
        qdrant.fault(Some(Fault::Refuses(Code::Unauthenticated)));
        for n in 0..3 {
            app.add(&ann, &format!("lantern while the key is wrong {n}")).await;
        }
        eventually("searches and readiness say it", async || search(&app, &ann, 8).await.2 && app.ready().await["checks"]["index"] == "degraded").await;
        qdrant.fault(None);
        eventually("all is well", async || search(&app, &ann, 8).await == (8, true, false)).await;
        idle(&app).await;
    }

    async fn commands_say_what_was_not_done(db: TestDb) {
        let qdrant = QdrantDouble::start().await;
        let (app, clock) = start(&db, &qdrant, &[]).await;
        let ann = app.person("ann").await;
        add_many(&app, &ann, 0, 20, true).await;
        idle(&app).await;
        let copy = qdrant.copy();
        let old: Vec<_> = qdrant.of_tenant("shared", tenant(&ann)).into_iter().take(5).collect();
        assert_eq!(app.rest(&ann.jwt, "DELETE", "/api/v1/memories/", Some(json!({ "memory_ids": old }))).await.0, 200);
        idle(&app).await;
        drop((app, clock));
        let run = async |arguments: &'static [&'static str]| {
            let dir = tempfile::tempdir().expect("a directory");
            let mut command = jmem(dir.path());
            command.args(arguments).envs(env(&db, &qdrant));
            let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it starts");
            let text = [output.stdout, output.stderr].concat();
            (output.status.success(), String::from_utf8_lossy(&text).into_owned())
        };
        let (well, text) = run(&["doctor"]).await;
        assert!(well && text.contains("holds what the database says"), "{text}");
        qdrant.put_back(copy);
        let (well, text) = run(&["doctor"]).await;
        assert!(!well && text.contains("lacks 0 memories and holds 5 points") && text.contains("jmem reindex"), "{text}");
        let (well, text) = run(&["reindex"]).await;
        assert!(well && text.contains("20 jobs done."), "{text}");
        assert_eq!(qdrant.anywhere(tenant(&ann)), 15, "what has no memory has gone");
        qdrant.fault(Some(Fault::Down));
        for command in [&["reindex"][..], &["doctor"]] {
            let (well, text) = run(command).await;
            assert!(!well && text.contains("does not answer"), "{text}");
        }
        qdrant.fault(Some(Fault::Refuses(Code::Unauthenticated)));
        let (well, text) = run(&["doctor"]).await;
        assert!(!well && text.contains("QDRANT_API_KEY"), "{text}");
    }
}
