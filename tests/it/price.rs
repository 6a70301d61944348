//! Whatever a caller sends has a price: a bound, and a sentence that tells it.

use jonathans_memory::app::Outside;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    db::{TestDb, both},
};

both! {
    async fn what_a_list_compares_with_is_bounded_on_both_engines(db: TestDb) {
        let app = TestApp::start_with(&[("DATABASE_URL", db.url.as_str())], Outside::default()).await;
        let ann = app.person("ann").await;
        app.add(&ann, "The \u{d6}lkanne stands in the [cellar]*? by 100% of \\ odds").await;
        let filter = async |body: Value| app.rest(&ann.jwt, "POST", "/api/v1/memories/filter", Some(body)).await;
        for part in ["\u{f6}lKANNE", "[CELLAR]*?", "100% of \\", "stands in the"] {
            let (status, found) = filter(json!({ "search_query": part })).await;
            assert_eq!((status, found["items"].as_array().map(Vec::len)), (200, Some(1)), "{part}: {found}");
        }
        assert_eq!(filter(json!({ "search_query": "\u{f6}".repeat(200) })).await.0, 200);
        for (field, odd) in [
            ("search_query", json!("a".repeat(201))),
            ("search_query", json!("a".repeat(200_000))),
            ("search_query", json!("[".repeat(12_500))),
            ("search_query", json!("nul\u{0}")),
            ("tags", json!(["nul\u{0}"])),
            ("tags", json!(["t".repeat(201)])),
            ("tags", json!((0..51).map(|n| format!("t{n}")).collect::<Vec<_>>())),
            ("session_id", json!("nul\u{0}")),
            ("session_id", json!("s".repeat(100_000))),
            ("app_ids", json!((0..101).map(|_| uuid::Uuid::new_v4()).collect::<Vec<_>>())),
        ] {
            let (status, refused) = filter(json!({ field: odd })).await;
            assert_eq!(status, 422, "{field}: {refused}");
            assert!(refused["detail"].as_str().is_some_and(|detail| detail.len() < 500), "{refused}");
        }
        let (status, refused) = app.rest(&ann.jwt, "POST", "/api/v1/memories/search", Some(json!({ "query": "x", "tags": ["\u{0}"] }))).await;
        assert_eq!(status, 422, "{refused}");
        let (status, refused) = app.rest(&ann.jwt, "POST", "/api/v1/undo", Some(json!({ "session_id": "nul\u{0}" }))).await;
        assert_eq!(status, 422, "{refused}");
    }
}

both! {
    async fn everything_of_one_writer_is_undone_page_by_page(db: TestDb) {
        let app = TestApp::start_with(&[("DATABASE_URL", db.url.as_str())], Outside::default()).await;
        let ann = app.person("ann").await;
        // Another's memories lie in between, some of which the writer changes.
        let mut others = Vec::new();
        for part in 0..5 {
            let own: Vec<_> = (0..100).map(|n| json!({ "text": format!("own {part} {n}") })).collect();
            let (status, added) = app.rest(&ann.jwt, "POST", "/api/v1/memories/batch", Some(json!({ "memories": own, "app": "diary" }))).await;
            assert_eq!(status, 200, "{added}");
            others.extend(added["results"].as_array().expect("results").iter().map(|result| result["id"].as_str().expect("an id").to_owned()));
            let odd: Vec<_> = (0..100).map(|n| json!({ "text": format!("poison {part} {n}"), "session_id": "evil" })).collect();
            let (status, added) = app.rest(&ann.jwt, "POST", "/api/v1/memories/batch", Some(json!({ "memories": odd, "app": "evil" }))).await;
            assert_eq!(status, 200, "{added}");
        }
        let undo = async |dry_run: bool| {
            let (status, undone) = app.rest(&ann.jwt, "POST", "/api/v1/undo", Some(json!({ "app": "evil", "dry_run": dry_run }))).await;
            assert_eq!(status, 200, "{undone}");
            let count = |name: &str| undone[name].as_u64().or_else(|| undone[name].as_array().map(|all| all.len() as u64)).expect("a number");
            (count("deleted"), count("restored"), count("conflicts"))
        };
        assert_eq!(undo(true).await, (500, 0, 0));
        assert_eq!(undo(false).await, (500, 0, 0));
        // What was done is not done again.
        assert_eq!(undo(false).await, (0, 0, 0));
        let (_, page) = app.rest(&ann.jwt, "GET", "/api/v1/memories/?size=1", None).await;
        assert_eq!(page["total"], json!(others.len()), "{page}");
    }
}
