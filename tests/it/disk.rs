//! A disk that is full for a while: what is refused then is told so, and nothing needs a restart once there is room again.
#![cfg(target_os = "linux")]

use std::{
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    eventually,
    process::{Served, jmem, json_of},
};

/// As `jmem serve` where no file may grow beyond so many bytes, until [`Served::give_room`].
fn crowded(data_dir: &std::path::Path, bytes: u64) -> Command {
    let program = jmem(data_dir);
    let mut command = Command::new("bash");
    // A write beyond the limit fails instead of ending the process.
    let script = format!("trap '' XFSZ; exec prlimit --fsize={bytes}:unlimited \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(program.get_program());
    command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
}

struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
    number: AtomicUsize,
}

impl Client {
    /// Adds a text of its own; the status and the id.
    async fn add(&self) -> (u16, Value) {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let text = format!("Crate {number} holds {}", format!("item {number} ").repeat(1_500));
        let request = self.http.post(format!("{}/api/v1/memories/", self.base)).bearer_auth(&self.key).json(&json!({ "text": text }));
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.json::<Value>().await.expect("JSON")["id"].clone())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let response = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.key).send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_nothing_needs_a_restart_afterwards() {
    let dir = tempfile::tempdir().expect("a directory");
    json_of(jmem(dir.path()).args(["user", "create", "ann@example.com", "--json"]));
    let key = json_of(jmem(dir.path()).args(["key", "create", "--user", "ann@example.com", "--json"]));
    let served = Served::start(&mut crowded(dir.path(), 3_000_000));
    let client = Client {
        http: reqwest::Client::new(),
        base: served.base.clone(),
        key: key["api_key"].as_str().expect("a key").to_owned(),
        number: AtomicUsize::new(0),
    };
    assert_eq!(client.get("/health/ready").await.0, 200);
    let mut kept = Vec::new();
    for round in 0..3 {
        let refused = loop {
            match client.add().await {
                (200, id) => kept.push(id),
                (status, _) => break status,
            }
            assert!(kept.len() < 2_000, "the disk is never full");
        };
        assert_eq!(refused, 503, "round {round}");
        eventually("readiness says so", async || client.get("/health/ready").await.0 == 503).await;
        // What is read goes on; what is written is refused in the same words each time.
        let first = kept[0].as_str().expect("an id");
        assert_eq!(client.get(&format!("/api/v1/memories/{first}")).await.0, 200);
        for _ in 0..3 {
            assert_eq!(client.add().await.0, 503);
        }
        served.limit_files(None);
        let room = tokio::time::Instant::now();
        eventually("writes work again", async || {
            let (status, id) = client.add().await;
            if status == 200 {
                kept.push(id);
            }
            status == 200
        })
        .await;
        assert!(room.elapsed() < Duration::from_secs(5), "{:?}", room.elapsed());
        eventually("readiness says so", async || client.get("/health/ready").await.0 == 200).await;
        // The next round fills what has been given.
        let bytes =
            std::fs::read_dir(dir.path()).expect("a folder").map(|entry| entry.expect("an entry").metadata().expect("a file").len());
        served.limit_files(Some(bytes.max().expect("a file") + 1_000_000));
    }
    served.limit_files(None);
    for id in &kept {
        let (status, memory) = client.get(&format!("/api/v1/memories/{}", id.as_str().expect("an id"))).await;
        assert_eq!(status, 200, "{memory}");
    }
}
