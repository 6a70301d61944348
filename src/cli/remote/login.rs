//! `jmem login` and `jmem logout`: by a code that the person types into a page they are signed in on, so that no password ever
//! comes near a terminal (RFC 8628).

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::Value;

use super::{SignIn, client, sign_in_file, write_private};

/// What the command line asks for: to make endpoints for the programs that it connects, it manages credentials.
const SCOPES: &str = "memory:read memory:write memory:delete account:manage";

/// `jmem login`
#[derive(Debug, Args)]
pub struct Login {
    /// Address of the server.
    #[arg(long, env = "JM_URL", value_name = "BASE")]
    url: String,
}

/// `jmem logout`
#[derive(Debug, Args)]
pub struct Logout {}

impl Login {
    /// Shows a code, waits until the person has said yes, and keeps the key.
    pub async fn run(self) -> anyhow::Result<()> {
        let base = self.url.trim_end_matches('/').to_owned();
        let http = client()?;
        let begun: Value = post(&http, &format!("{base}/oauth/device_authorization"), &[("client_id", "jmem"), ("scope", SCOPES)]).await?;
        let text = |name: &str| begun[name].as_str().map(str::to_owned).with_context(|| told(&begun));
        let (device, code) = (text("device_code")?, text("user_code")?);
        println!("Open {} and type\n\n    {code}\n\nor open {}", text("verification_uri")?, text("verification_uri_complete")?);
        let mut pause = Duration::from_secs(begun["interval"].as_u64().unwrap_or(5));
        loop {
            tokio::time::sleep(pause).await;
            let form = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", "jmem"), ("device_code", &device)];
            let answer = post(&http, &format!("{base}/oauth/token"), &form).await?;
            match answer["error"].as_str() {
                Some("authorization_pending") => {}
                Some("slow_down") => pause += Duration::from_secs(5),
                Some(_) => bail!("{}", told(&answer)),
                None => {
                    let api_key = answer["access_token"].as_str().with_context(|| told(&answer))?.to_owned();
                    let file = sign_in_file().context("this user has no home folder (HOME)")?;
                    write_private(&file, &serde_json::to_string(&SignIn { url: base.clone(), api_key })?)?;
                    println!("\nSigned in to {base}. The key lies in {}.", file.display());
                    return Ok(());
                }
            }
        }
    }
}

impl Logout {
    /// Forgets the key.
    pub fn run() -> anyhow::Result<()> {
        let file = sign_in_file().context("this user has no home folder (HOME)")?;
        match std::fs::remove_file(&file) {
            Ok(()) => println!("Signed out. The key 'jmem' on the page's Connect list still works until you revoke it there."),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => println!("You were not signed in."),
            Err(error) => return Err(error).with_context(|| format!("cannot remove {}", file.display())),
        }
        Ok(())
    }
}

async fn post(http: &reqwest::Client, url: &str, form: &[(&str, &str)]) -> anyhow::Result<Value> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = http.post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return Err(super::Failure::with(super::AWAY, format!("The server does not answer: {}", error.without_url()))),
    };
    answer.json().await.context("that is no server of this kind: its answer is no JSON")
}

/// What a server said of a failure.
fn told(answer: &Value) -> String {
    let sentence = ["error_description", "detail", "error"].iter().find_map(|name| answer[name].as_str());
    sentence.unwrap_or("The server's answer is not understood.").to_owned()
}
