//! What a person has deliberately forgotten is remembered as forgotten: by a keyed hash of what it said, without a word of it.
//! No automatic writer brings such a thing back; what is said on purpose does, and lifts it.

use async_trait::async_trait;
use chrono::NaiveDate;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    clock::Timestamp,
    error::Result,
    ids::ProjectId,
    memory::{gist::Gist, model::Insert},
    tenancy::TenantScope,
};

/// What was said. A fact is the same in every conversation; a turn of one is an event of its own.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    text: &'a str,
    turn: Option<(&'a str, Option<&'a str>, Option<NaiveDate>)>,
}

impl<'a> Said<'a> {
    /// Of a memory's fields.
    #[must_use]
    pub fn new(text: &'a str, speaker: Option<&'a str>, session: Option<&'a str>, at: Option<Timestamp>) -> Self {
        let day = at.map(|at| at.date_time().date_naive());
        Self { text, turn: speaker.map(|speaker| (speaker, session, day)) }
    }

    /// Of a memory that is to be stored.
    #[must_use]
    pub fn of_insert(insert: &'a Insert) -> Self {
        Self::new(&insert.content.text, insert.origin.speaker.as_deref(), insert.origin.session_id.as_deref(), insert.origin.occurred_at)
    }
}

/// What was deliberately forgotten, in the relational truth.
#[async_trait]
pub trait ForgottenStore: Send + Sync {
    /// For each thing that was said in a project, whether it was deliberately forgotten there.
    async fn forgotten(&self, scope: &TenantScope, said: &[(ProjectId, Said<'_>)]) -> Result<Vec<bool>>;
    /// Drops what was forgotten before a time; answers how many.
    async fn forget_forgotten(&self, scope: &TenantScope, before: Timestamp) -> Result<u64>;
}

/// Hashes what was said, in whatever dress, so that nobody without the server's key can tell which text a hash is of.
#[derive(Clone)]
pub struct Sayings(Vec<[u8; 32]>);

impl Sayings {
    /// Under keys, the one in use first; what was forgotten under an earlier one stays forgotten.
    #[must_use]
    pub const fn under(keys: Vec<[u8; 32]>) -> Self {
        Self(keys)
    }

    /// 64 hexadecimal characters for each key, equal for what one tenant said in one gist.
    pub fn hashes(&self, scope: &TenantScope, said: &Said<'_>) -> impl Iterator<Item = String> {
        self.0.iter().map(move |key| hash(key, scope, said))
    }
}

fn hash(key: &[u8; 32], scope: &TenantScope, said: &Said<'_>) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(scope.tenant().0.as_bytes());
    mac.update(Gist::of(said.text).line().to_lowercase().as_bytes());
    if let Some((speaker, session, day)) = said.turn {
        mac.update(format!("{:?}", (speaker.to_lowercase(), session, day)).as_bytes());
    }
    hex::encode(mac.finalize().into_bytes())
}
