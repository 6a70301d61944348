//! The server's key is changed, as an operator does it: nothing that works stops, until it is told to.

use reqwest::Client;
use serde_json::{Value, json};

use crate::support::process::{Served, jmem, json_of};

const ANN: [&str; 2] = ["--user", "ann@example.com"];

struct Person {
    http: Client,
    password: String,
}

impl Person {
    async fn status(&self, served: &Served, key: &str) -> u16 {
        let request = self.http.get(format!("{}/api/v1/memories/", served.base)).bearer_auth(key);
        request.send().await.expect("an answer").status().as_u16()
    }

    async fn told(&self, served: &Served, path: &str, body: Value) -> (u16, Value) {
        let response = self.http.post(format!("{}/api/v1/auth/{path}", served.base)).json(&body).send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn signs_in(&self, served: &Served) -> Value {
        let (status, pair) = self.told(served, "login", json!({ "email": ANN[1], "password": self.password })).await;
        assert_eq!(status, 200, "{pair}");
        pair
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_under_an_earlier_key_goes_on_until_it_is_rotated() {
    let folder = tempfile::tempdir().expect("a directory");
    let run = |words: &[&str]| {
        let mut command = jmem(folder.path());
        command.args(words);
        command
    };
    let served = Served::start(&mut jmem(folder.path()));
    let made = json_of(&mut run(&["user", "create", ANN[1], "--json"]));
    let ann = Person { http: Client::new(), password: text(&made["password"]).to_owned() };
    let old = json_of(&mut run(&["key", "create", ANN[0], ANN[1], "--json"]));
    let (old_key, pair) = (text(&old["api_key"]).to_owned(), ann.signs_in(&served).await);
    let backup = folder.path().join("all.backup");
    json_of(&mut run(&["backup", backup.to_str().expect("utf-8"), "--json"]));
    drop(served);

    assert_eq!(json_of(&mut run(&["key", "rotate-server", "--json"])), json!({ "version": 2, "JM_SECRET_KEY": null }));
    let served = Served::start(&mut jmem(folder.path()));
    assert_eq!(ann.status(&served, &old_key).await, 200);
    assert_eq!(ann.status(&served, text(&pair["access_token"])).await, 200, "a sign-in of before");
    let (status, pair) = ann.told(&served, "refresh", json!({ "refresh_token": pair["refresh_token"] })).await;
    assert_eq!(status, 200, "{pair}");
    let new = json_of(&mut run(&["key", "create", ANN[0], ANN[1], "--json"]));
    assert_eq!(ann.status(&served, text(&new["api_key"])).await, 200);

    // The earlier key stays while somebody needs it.
    let refused = run(&["key", "rotate-server", "--drop-earlier"]).output().expect("the program starts");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("2 credentials"), "{refused:?}");
    // The first start has made an endpoint.
    let owner = ["--user", "owner@localhost.local"];
    let first = json_of(&mut run(&["endpoint", "list", owner[0], owner[1], "--json"]));
    json_of(&mut run(&["endpoint", "revoke", owner[0], owner[1], text(&first[0]["id"]), "--json"]));
    let rotated = json_of(&mut run(&["key", "rotate", ANN[0], ANN[1], text(&old["id"]), "--json"]));
    assert_eq!(json_of(&mut run(&["key", "rotate-server", "--drop-earlier", "--json"]))["version"], json!(2));
    drop(served);
    let served = Served::start(&mut jmem(folder.path()));
    for (key, status) in [(&rotated["api_key"], 200), (&new["api_key"], 200), (&pair["access_token"], 200), (&json!(old_key), 401)] {
        assert_eq!(ann.status(&served, text(key)).await, status);
    }
    let again = ann.signs_in(&served).await;
    assert_eq!(ann.status(&served, text(&again["access_token"])).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_a_setting_is_printed_and_not_written() {
    let folder = tempfile::tempdir().expect("a directory");
    let first = "9f1c02b7e5a84d63c0de17f2385b6ad94e70c1aa2f86d35b7719e4028cfb5d36";
    let run = |secret: &str, words: &[&str]| {
        let mut command = jmem(folder.path());
        command.env("JM_SECRET_KEY", secret).args(words);
        command
    };
    let made = json_of(&mut run(first, &["user", "create", ANN[1], "--json"]));
    let key = json_of(&mut run(first, &["key", "create", ANN[0], ANN[1], "--json"]));
    let rotated = json_of(&mut run(first, &["key", "rotate-server", "--json"]));
    let both = text(&rotated["JM_SECRET_KEY"]).to_owned();
    assert!(both.starts_with("2:") && both.ends_with(first) && !folder.path().join("master.key").exists(), "{rotated}");
    let ann = Person { http: Client::new(), password: text(&made["password"]).to_owned() };
    let served = Served::start(jmem(folder.path()).env("JM_SECRET_KEY", &both));
    assert_eq!(ann.status(&served, text(&key["api_key"])).await, 200);
    drop(served);
    let alone = json_of(&mut run(&both, &["key", "rotate-server", "--drop-earlier", "--yes", "--json"]));
    let served = Served::start(jmem(folder.path()).env("JM_SECRET_KEY", text(&alone["JM_SECRET_KEY"])));
    assert_eq!(ann.status(&served, text(&key["api_key"])).await, 401, "it was told to");
    ann.signs_in(&served).await;
}
