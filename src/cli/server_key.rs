//! `jmem key rotate-server`: another secret key for the server, and the end of the earlier ones.

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;

use super::counted;
use crate::{
    app::{self, App},
    auth::ServerKeys,
    clock::{Clock, SystemClock},
    config::Config,
    data_dir::DataDir,
    tenancy::Deed,
};

/// `jmem key rotate-server`
#[derive(Debug, Args)]
pub struct RotateServer {
    /// Instead of making a new key, drop the earlier ones: what was made under them ends, and what was forgotten under them may
    /// come back. Refused while credentials of theirs work.
    #[arg(long)]
    drop_earlier: bool,
    /// With --drop-earlier: end the credentials that still work.
    #[arg(long, requires = "drop_earlier")]
    yes: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl RotateServer {
    /// Changes the file of the key, or says what to set where the key is a setting.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let keys = app::known_keys(&config)?.context("the server has no key yet; its first start makes one")?;
        let set = config.auth.secret_key.is_some();
        let file = DataDir::of(&config).key();
        let app = App::build(config).await?;
        let under_earlier = app.operator.credentials_under_earlier(keys.version(), SystemClock.now()).await?;
        let next = if self.drop_earlier {
            ensure!(
                under_earlier == 0 || self.yes,
                "{} made under an earlier key still work; rotate or revoke them, or end them all with --yes",
                counted(under_earlier, "credential")
            );
            keys.without_earlier()
        } else {
            keys.with_another()
        };
        if !set {
            next.store(&file)?;
        }
        let detail = json!({ "version": next.version(), "earlier_dropped": self.drop_earlier });
        let noted = app.tenancy.note(Deed { by: None, action: "service.key_rotate", subject: None, detail }).await;
        app.db.close().await;
        noted?;
        self.tell(&next, set);
        Ok(())
    }

    fn tell(&self, next: &ServerKeys, set: bool) {
        if self.json {
            let secret = set.then(|| next.expose());
            println!("{}", json!({ "version": next.version(), "JM_SECRET_KEY": secret }));
            return;
        }
        if set {
            println!("Set JM_SECRET_KEY to this, shown once, and restart every node:\n\n{}\n", next.expose());
        } else {
            println!("The key file is changed. Restart the server, so that it reads it.");
        }
        if self.drop_earlier {
            println!("Version {} is the only key from then on.", next.version());
        } else {
            println!(
                "New credentials and sign-ins are made under version {} then. Earlier ones go on; rotate them, and when none is left, end \
                 the earlier key with 'jmem key rotate-server --drop-earlier'.",
                next.version()
            );
        }
    }
}
