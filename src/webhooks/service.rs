//! Webhooks, as their owner sees them and as the job tells them.

use std::{sync::Arc, time::Duration};

use rand::RngExt;
use serde_json::json;
use uuid::Uuid;

use super::{Answered, Deliver, Delivery, DeliveryState, EventKind, NewWebhook, Webhook, WebhookChange, WebhookKeys, WebhookStore};
use crate::{
    auth::{Principal, Scope},
    clock::{Clock, Timestamp},
    error::{Code, Error, Result},
    tenancy::TenantScope,
};

/// Webhooks of an account.
const MOST: usize = 10;
/// Longest address, in bytes.
const URL: usize = 2_000;
/// After each attempt that failed, in seconds, until the next; after the last it is given up.
const SCHEDULE: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// A receiver that does not answer is left alone for so long after its first failure; it doubles up to the longest.
const FIRST_BLOCK: Duration = Duration::from_secs(5);
const LONGEST_BLOCK: Duration = Duration::from_mins(5);
/// Longest time that a receiver may ask for.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);
/// A webhook that has failed for so long is switched off.
const PATIENCE: Duration = Duration::from_hours(5 * 24);
/// For so long what is told carries the signature of the secret before, too.
const BOTH: Duration = Duration::from_hours(24);
/// What is told in one go.
const BATCH: u32 = 50;

/// Webhooks of all tenants; cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    pub store: Arc<dyn WebhookStore>,
    pub deliver: Arc<dyn Deliver>,
    pub keys: WebhookKeys,
    pub clock: Arc<dyn Clock>,
}

impl Webhooks {
    /// The account's webhooks.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn list(&self, by: &Principal) -> Result<Vec<Webhook>> {
        self.store.webhooks(account(by)?).await
    }

    /// A new webhook with its secret, which is shown this once.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_argument`, `limit_reached`, `unavailable`.
    pub async fn create(&self, by: &Principal, new: NewWebhook) -> Result<(Webhook, String)> {
        let scope = account(by)?;
        let NewWebhook { url, description, events } = new;
        let url = checked_url(url)?;
        if self.store.webhooks(scope).await?.len() >= MOST {
            return Err(Error::new(
                Code::LimitReached,
                format!("An account has at most {MOST} webhooks. Delete one that you do not need."),
            ));
        }
        let webhook = Webhook {
            id: Uuid::now_v7(),
            url,
            description: checked_description(description)?,
            events,
            is_active: true,
            rotation: 0,
            rotated_at: None,
            key_version: self.keys.version(),
            created_at: self.clock.now(),
            failures: 0,
            failing_since: None,
            blocked_until: None,
        };
        self.store.put(scope, by.doer(), &webhook, "webhook.create").await?;
        let secret = self.secret(&webhook)?;
        Ok((webhook, secret))
    }

    /// Changes one. One that is switched on again is tried at once.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_argument`, `not_found`, `unavailable`.
    pub async fn change(&self, by: &Principal, id: Uuid, change: WebhookChange) -> Result<Webhook> {
        let scope = account(by)?;
        let mut webhook = self.of(scope, id).await?;
        let WebhookChange { url, description, events, is_active } = change;
        if let Some(url) = url {
            webhook.url = checked_url(url)?;
        }
        if let Some(description) = description {
            webhook.description = checked_description(description)?;
        }
        webhook.events = events.unwrap_or(webhook.events);
        webhook.is_active = is_active.unwrap_or(webhook.is_active);
        (webhook.failures, webhook.failing_since, webhook.blocked_until) = (0, None, None);
        self.store.put(scope, by.doer(), &webhook, "webhook.change").await?;
        Ok(webhook)
    }

    /// Gives one another secret, shown this once; that before signs beside it for a day.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`, `unavailable`.
    pub async fn rotate(&self, by: &Principal, id: Uuid) -> Result<(Webhook, String)> {
        let scope = account(by)?;
        let mut webhook = self.of(scope, id).await?;
        if self.keys.secret(&webhook, webhook.rotation).is_none() {
            // The server's key that it came from is gone, and its signatures with it.
            webhook.key_version = self.keys.version();
        }
        webhook.rotation += 1;
        webhook.rotated_at = Some(self.clock.now());
        self.store.put(scope, by.doer(), &webhook, "webhook.rotate").await?;
        let secret = self.secret(&webhook)?;
        Ok((webhook, secret))
    }

    /// Forgets one, and what it was to be told.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`, `unavailable`.
    pub async fn remove(&self, by: &Principal, id: Uuid) -> Result<()> {
        if self.store.remove(account(by)?, by.doer(), id).await? { Ok(()) } else { Err(Error::not_found("webhook")) }
    }

    /// Has one told that somebody tries it.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`, `unavailable`.
    pub async fn ping(&self, by: &Principal, id: Uuid) -> Result<()> {
        let scope = account(by)?;
        self.of(scope, id).await?;
        self.store.tell(scope, id, EventKind::Ping, json!({})).await
    }

    /// What one was told, newest first.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`, `unavailable`.
    pub async fn deliveries(&self, by: &Principal, id: Uuid, before: Option<Uuid>, limit: u32) -> Result<Vec<Delivery>> {
        let scope = account(by)?;
        self.of(scope, id).await?;
        self.store.deliveries(scope, id, before, limit).await
    }

    /// Has one event told again, or everything in a state that happened since; answers how many.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`, `unavailable`.
    pub async fn again(
        &self,
        by: &Principal,
        id: Uuid,
        event: Option<Uuid>,
        since: Timestamp,
        state: Option<DeliveryState>,
    ) -> Result<u64> {
        let scope = account(by)?;
        self.of(scope, id).await?;
        let again = self.store.again(scope, id, event, since, state).await?;
        if event.is_some() && again == 0 {
            return Err(Error::not_found("event"));
        }
        Ok(again)
    }

    /// Drops what was told long ago.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn forget(&self, scope: &TenantScope, before: Timestamp) -> Result<u64> {
        self.store.forget(scope, before).await
    }

    /// Tells a webhook what is due; answers when there is more to tell. Safe to repeat, and to kill anywhere: what was told and not
    /// written down is told again under its id.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn deliver(&self, scope: &TenantScope, id: Uuid) -> Result<Option<Timestamp>> {
        let webhooks = self.store.webhooks(scope).await?;
        let Some(mut webhook) = webhooks.into_iter().find(|webhook| webhook.id == id && webhook.is_active) else { return Ok(None) };
        for mut delivery in self.store.pending(scope, id, BATCH).await? {
            let now = self.clock.now();
            if let Some(later) = webhook.blocked_until.filter(|until| *until > now) {
                return Ok(Some(later));
            }
            if delivery.next_at > now {
                return Ok(Some(delivery.next_at));
            }
            self.attempt(&mut webhook, &mut delivery).await;
            self.store.record(scope, &webhook, &delivery).await?;
            if !webhook.is_active {
                return Ok(None);
            }
        }
        Ok(self
            .store
            .pending(scope, id, 1)
            .await?
            .first()
            .map(|delivery| delivery.next_at.max(webhook.blocked_until.unwrap_or(delivery.next_at))))
    }

    /// Tells one thing once, and says in both how it went.
    async fn attempt(&self, webhook: &mut Webhook, delivery: &mut Delivery) {
        let now = self.clock.now();
        let id = format!("msg_{}", delivery.event.simple());
        let body = json!({ "type": delivery.kind.as_str(), "timestamp": delivery.created_at.rfc3339(), "data": delivery.data }).to_string();
        let before = webhook.rotated_at.filter(|at| now < at.plus(BOTH)).map(|_| webhook.rotation - 1);
        let rotations: Vec<i32> = std::iter::once(webhook.rotation).chain(before).collect();
        let signature = self.keys.sign(webhook, &rotations, &id, now.secs(), &body);
        let headers = [("webhook-id", id), ("webhook-timestamp", now.secs().to_string()), ("webhook-signature", signature)];
        let answer = self.deliver.deliver(&webhook.url, headers, body).await;
        delivery.attempts += 1;
        delivery.status = answer.as_ref().ok().map(|answer| i32::from(answer.status));
        match answer {
            Ok(Answered { status: 200..=299, .. }) => {
                (delivery.state, delivery.done_at, delivery.error) = (DeliveryState::Delivered, Some(now), None);
                (webhook.failures, webhook.failing_since, webhook.blocked_until) = (0, None, None);
                metrics::counter!("webhook_deliveries_total", "outcome" => "delivered").increment(1);
            }
            failed => {
                let (alive, retry_after, error) = match failed {
                    Ok(Answered { status, retry_after }) => {
                        let alive = status < 500 && status != 429;
                        (alive, retry_after, format!("its server answered {status}"))
                    }
                    Err(why) => (false, None, why),
                };
                self.failed(webhook, delivery, alive, retry_after, error);
                metrics::counter!("webhook_deliveries_total", "outcome" => "failed").increment(1);
            }
        }
    }

    fn failed(&self, webhook: &mut Webhook, delivery: &mut Delivery, alive: bool, retry_after: Option<Duration>, error: String) {
        let now = self.clock.now();
        let attempts = usize::try_from(delivery.attempts).unwrap_or(usize::MAX);
        if let Some(secs) = SCHEDULE.get(attempts.saturating_sub(1)) {
            let wait = Duration::from_secs(*secs).mul_f64(rand::rng().random_range(0.9..1.1));
            delivery.next_at = now.plus(retry_after.map_or(wait, |asked| asked.max(wait)).min(LONGEST_PAUSE));
        } else {
            (delivery.state, delivery.done_at) = (DeliveryState::Failed, Some(now));
        }
        delivery.error = Some(error);
        webhook.failures = webhook.failures.saturating_add(1);
        let since = *webhook.failing_since.get_or_insert(now);
        // Gone for good, or for longer than anybody waits.
        if delivery.status == Some(410) || now >= since.plus(PATIENCE) {
            webhook.is_active = false;
        }
        if !alive {
            let doublings = u32::try_from(webhook.failures.clamp(1, 16) - 1).unwrap_or(0);
            let block = FIRST_BLOCK.saturating_mul(1 << doublings).min(LONGEST_BLOCK);
            webhook.blocked_until = Some(now.plus(retry_after.map_or(block, |asked| asked.max(block)).min(LONGEST_PAUSE)));
        }
    }

    async fn of(&self, scope: &TenantScope, id: Uuid) -> Result<Webhook> {
        let found = self.store.webhooks(scope).await?.into_iter().find(|webhook| webhook.id == id);
        found.ok_or_else(|| Error::not_found("webhook"))
    }

    fn secret(&self, webhook: &Webhook) -> Result<String> {
        let secret = self.keys.secret(webhook, webhook.rotation);
        secret.ok_or_else(|| Error::internal(anyhow::anyhow!("the server's key {} is gone", webhook.key_version)))
    }
}

/// What happens in an account is told to the whole of it.
fn account(by: &Principal) -> Result<&TenantScope> {
    by.require(Scope::AccountManage)?;
    by.require_account()?;
    Ok(&by.scope)
}

fn checked_url(url: String) -> Result<String> {
    let host = url.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let fits = host.is_some_and(|host| !host.is_empty() && !host.contains(['@', ':', '[']))
        && url.len() <= URL
        && url.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        Ok(url)
    } else {
        Err(Error::invalid("url must begin with https:// and name a host on the public internet, without port, user or password."))
    }
}

fn checked_description(text: String) -> Result<String> {
    if text.len() <= 200 { Ok(text) } else { Err(Error::invalid("description must be at most 200 bytes long.")) }
}
