//! What the tests stand on.

pub mod app;
pub mod db;
pub mod openai;
pub mod otlp;
pub mod process;
pub mod proxy;
pub mod qdrant;
pub mod stripe;

use std::time::Duration;

/// How long something with a bar on time may take in a test: three times the bar, for tests share a machine that may be
/// busy. `STRICT_TIMES=1` holds it to the bar itself.
pub fn patience(bar: Duration) -> Duration {
    if std::env::var("STRICT_TIMES").is_ok_and(|strict| strict == "1") { bar } else { bar * 3 }
}

/// Asks until the answer is yes; fails after half a minute.
pub async fn eventually(what: &str, mut asked: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !asked().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(patience(Duration::from_secs(30)), asking).await.is_ok(), "it never came true that {what}");
}

/// A value with some of its fields changed.
pub fn with<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}
