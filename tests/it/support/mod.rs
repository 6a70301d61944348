//! What the tests stand on.

pub mod app;
pub mod db;
pub mod openai;
pub mod process;
pub mod qdrant;

use std::time::Duration;

/// Asks until the answer is yes; fails after half a minute.
pub async fn eventually(what: &str, mut asked: impl AsyncFnMut() -> bool) {
    let patience = async {
        while !asked().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), patience).await.is_ok(), "it never came true that {what}");
}
