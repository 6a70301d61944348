//! Searching: two legs over the whole tenant and one fusion. Answers come from the tenant's working set, once it is as
//! new as SQL says at the start of the search; what an index names and the set does not hold is no answer.

use std::time::Duration;

use futures::join;
use tokio::sync::OwnedRwLockReadGuard;

use ranking::{
    chance::{LEAST, LIKELY, Usual},
    overview::asks_for_all,
    rank::{Parts, Ranked, rank},
};

use super::{
    Recall, WorkingSet,
    dense::{Found, Question},
    set::Dense,
    watch::IndexWatch,
};
use crate::{
    auth::{Principal, Scope},
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::MemoryId,
    memory::{
        model::{Access, Filter, Hit, Memory, Scores, SearchAnswer, SearchQuery, State},
        text::checked_filter,
    },
    plans::Meter,
    tenancy::{App, TenantScope},
    turns,
};

/// Reasons for a short answer, the one that most likely helps first.
const WHY: [&str; 8] = ["less_relevant", "below_threshold", "filtered", "paused", "archived", "expired", "held", "superseded"];
/// How long a change may be on its way to an external index.
pub const INDEXED_WITHIN: Duration = Duration::from_mins(1);
/// What is left of the weight of the dense leg where its model does not know the script of a question: enough to order what no
/// word speaks for.
const UNKNOWN_SCRIPT: f32 = 0.25;
/// A tenant with more memories than this takes a turn to be weighed, which lasts more than a millisecond.
const LARGE: usize = 2_000;
/// Most results of one search.
const MAX_LIMIT: usize = 100;

impl Recall {
    /// Finds the memories that answer a question, best first.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`, `too_large`, `not_found` (project).
    pub async fn search(&self, by: &Principal, mut query: SearchQuery) -> Result<SearchAnswer> {
        by.require(Scope::MemoryRead)?;
        self.check_query(&query)?;
        let app = self.reach.reader(by, Meter::Searches).await?;
        query.filter.project = self.reach.readable_project(by, &query.filter).await?;
        checked_filter(&mut query.filter)?;
        let answer = self.find(&by.scope, &query).await?;
        self.note_hits(by, &app, &answer);
        metrics::counter!("memory_operations_total", "operation" => "search").increment(1);
        if answer.degraded {
            metrics::counter!("degraded_searches_total").increment(1);
        }
        Ok(answer)
    }

    /// The memories most like this one, itself left out.
    ///
    /// # Errors
    /// `not_found` and those of [`Self::search`].
    pub async fn related(&self, by: &Principal, id: MemoryId, limit: usize) -> Result<Vec<Hit>> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        let memory = self.reach.visible(by, id).await?;
        let filter = Filter { project: Some(memory.project), ..Filter::default() };
        let query =
            SearchQuery { text: memory.content.text, limit: limit.clamp(1, MAX_LIMIT) + 1, threshold: Some(0.0), nearest: false, filter };
        let mut hits = self.find(&by.scope, &query).await?.hits;
        hits.retain(|hit| hit.memory.id != id);
        hits.truncate(limit);
        Ok(hits)
    }

    /// The memories that tell the same fact as this one, in one dress or another, newest first; itself left out.
    ///
    /// # Errors
    /// `not_found`, `insufficient_scope`, `app_paused`.
    pub async fn alike(&self, by: &Principal, id: MemoryId) -> Result<Vec<Memory>> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        self.reach.visible(by, id).await?;
        let set = self.sets.at_least(&by.scope, self.changes.sequence(&by.scope).await?).await?;
        let seen = |memory: &&Memory| memory.state == State::Active;
        Ok(set.slot_of(id).map(|slot| set.alike(slot).into_iter().filter(seen).cloned().collect()).unwrap_or_default())
    }

    fn check_query(&self, query: &SearchQuery) -> Result<()> {
        if query.text.trim().is_empty() {
            return Err(Error::invalid("The query is empty. Send a question or some words to search for."));
        }
        let limit = self.limits.query_bytes;
        if query.text.len() > limit {
            return Err(Error::new(Code::TooLarge, format!("The query has {} bytes; the limit is {limit}. Shorten it.", query.text.len())));
        }
        if !(1..=MAX_LIMIT).contains(&query.limit) {
            return Err(Error::invalid(format!("limit must be 1 to {MAX_LIMIT}.")));
        }
        if query.threshold.is_some_and(|threshold| !(0.0..=1.0).contains(&threshold)) {
            return Err(Error::invalid("threshold must be 0 to 1."));
        }
        Ok(())
    }

    /// As [`Self::find`] with a weight of the dense leg.
    pub(in crate::memory) async fn find_weighted(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
        dense_weight: f32,
    ) -> Result<SearchAnswer> {
        // Models and indexes are asked once, and while SQL is.
        let (newest, mut asked) = join!(self.changes.sequence(scope), self.asked(scope, 0, query));
        let newest = newest?;
        loop {
            let decays = self.decays(scope).await;
            let set = self.sets.at_least(scope, newest).await?;
            if set.is_empty() {
                return Ok(SearchAnswer { reason: Some("empty_tenant"), ..SearchAnswer::default() });
            }
            // Nothing was in memory of the tenant, or it has moved to another embedding model meanwhile.
            let Some((question, found)) = asked?.filter(|(question, _)| question.model == *set.model()) else {
                drop(set);
                asked = self.asked(scope, newest, query).await;
                continue;
            };
            let watch = self.index.is_some().then(|| self.watch.clone());
            let now = self.clock.now();
            let usual = self.embedders.of(&question.model).usual();
            let weighing = Weighing { scope: *scope, found, query: query.clone(), dense_weight, usual, decays, now, watch };
            return self.weighed(scope, &question, set, weighing).await;
        }
    }

    /// What the dense leg found for a question, as the working set at least as new as `sequence` has it asked; `None` for a tenant
    /// of which nothing is there.
    async fn asked(&self, scope: &TenantScope, sequence: i64, query: &SearchQuery) -> Result<Option<(Question, Option<Found>)>> {
        let set = self.sets.at_least(scope, sequence).await?;
        if set.is_empty() {
            return Ok(None);
        }
        let question = Question::new(&set, &query.text);
        drop(set);
        let found = self.ask(scope, &question, &query.filter).await;
        Ok(Some((question, found)))
    }

    async fn weighed(
        &self,
        scope: &TenantScope,
        question: &Question,
        set: OwnedRwLockReadGuard<WorkingSet>,
        mut weighing: Weighing,
    ) -> Result<SearchAnswer> {
        if !self.embedders.of(&question.model).knows(&weighing.query.text) {
            weighing.dense_weight *= UNKNOWN_SCRIPT;
        }
        let Weighed { mut answer, unknown, vector } = turns::run_if(set.len() > LARGE, scope, move || weighing.of(&set)).await?;
        if let Some(index) = &self.index {
            if let Some(vector) = vector {
                self.name_parts(scope, &question.model, &vector, &mut answer.hits).await?;
                self.name_parts(scope, &question.model, &vector, &mut answer.nearest).await?;
            }
            if !unknown.is_empty() {
                index.look_into(scope, &question.placement, &unknown).await;
            }
        }
        Ok(answer)
    }

    fn note_hits(&self, by: &Principal, app: &App, answer: &SearchAnswer) {
        let now = self.clock.now();
        self.served.note(&by.scope, app.id, answer.hits.iter().map(|hit| hit.memory.id));
        self.access.note(&by.scope, app.id, Access::Search, now, answer.hits.iter().map(|hit| hit.memory.id));
    }
}

/// What a question is weighed by once its legs have answered.
struct Weighing {
    scope: TenantScope,
    watch: Option<IndexWatch>,
    /// `None` where only words are to be had.
    found: Option<Found>,
    query: SearchQuery,
    dense_weight: f32,
    /// Of the model that the question was embedded with.
    usual: Usual,
    decays: bool,
    now: Timestamp,
}

struct Weighed {
    answer: SearchAnswer,
    /// What an index named and the set does not hold.
    unknown: Vec<MemoryId>,
    vector: Option<Vec<f32>>,
}

impl Weighing {
    /// All of a tenant's memories, weighed and cut.
    fn of(self, set: &WorkingSet) -> Weighed {
        let Self { scope, watch, found, query, dense_weight, usual, decays, now } = self;
        let (dense, unknown) = found.as_ref().map(|found| found.by_slot(set)).unzip();
        let settled = now.minus(INDEXED_WITHIN);
        let gap = dense.as_ref().is_some_and(|dense| watch.is_some_and(|watch| watch.sees_gap(&scope, set, dense, settled)));
        let eligible = set.eligible(&query.filter, now);
        let pointers = set.pointers(&query.text, now);
        // An external index hears of a change a moment later: until then the words of what is new speak for it.
        let far = match &dense {
            Some(dense) if dense.best_only => set.embedded_before(settled),
            _ => Vec::new(),
        };
        let cosines = dense.as_ref().map_or_else(|| vec![f32::NAN; set.slot_count()], |dense| dense.cosines(set));
        let by_meaning = Dense { cosines, far, weight: dense_weight, usual };
        let evidence = set.evidence(&pointers, &by_meaning, &eligible.slots);
        let ranked = rank(&evidence, &set.quality(now, decays), query.limit, |a, b| set.newest_first(a, b));
        let named = named_in(&query.text)
            .filter_map(|id| set.slot_of(id))
            .filter(|slot| eligible.slots[*slot as usize] || eligible.folded.contains(slot));
        let ranked = named_first(named.take(query.limit).collect(), ranked, query.limit);
        let vector = found.map(|found| found.vector);
        let hit = |(slot, parts): Ranked| {
            let alike = eligible.alike.get(&slot).copied().unwrap_or_default();
            let part = vector.as_ref().and_then(|vector| set.part_of(slot, vector)).map(str::to_owned);
            Some(Hit { memory: set.memory(slot)?.clone(), scores: scores(parts), alike, part })
        };
        #[expect(clippy::cast_possible_truncation, reason = "a threshold needs no more precision")]
        let least = match query.threshold {
            Some(threshold) => threshold as f32,
            None if asks_for_all(&query.text) => 0.0,
            None if ranked.iter().any(|(_, parts)| parts.score >= LIKELY) => LEAST,
            None => f32::INFINITY,
        };
        let (hits, less): (Vec<_>, Vec<_>) = ranked.into_iter().partition(|(_, parts)| parts.score >= least);
        let mut left_out = eligible.left_out;
        let below = eligible.slots.iter().filter(|eligible| **eligible).count().saturating_sub(hits.len());
        if hits.len() < query.limit && below > 0 {
            left_out.insert(if query.threshold.is_some() { "below_threshold" } else { "less_relevant" }, below);
        }
        let why = || WHY.into_iter().find(|why| left_out.contains_key(why)).unwrap_or("no_more_memories");
        let why = || if hits.is_empty() && left_out.contains_key("less_relevant") { "nothing_relevant" } else { why() };
        let reason = (hits.len() < query.limit).then(why);
        let answer = SearchAnswer {
            hits: hits.into_iter().filter_map(hit).collect(),
            nearest: if query.nearest { less.into_iter().filter_map(hit).collect() } else { Vec::new() },
            degraded: dense.is_none() || gap,
            reason,
            left_out,
        };
        Weighed { answer, unknown: unknown.unwrap_or_default(), vector }
    }
}

/// What is told of a place in the order.
fn scores(parts: Parts) -> Scores {
    let Parts { dense, lexical, fused, date, neighbours, speaker, quality, order, score } = parts;
    Scores { dense, lexical, fused, date, neighbours, speaker, quality, order, score }
}

/// The ids of memories in a question, in their order: whoever has the id of a memory asks for that one.
fn named_in(text: &str) -> impl Iterator<Item = MemoryId> {
    /// Length of an id as it is served.
    const LENGTH: usize = 36;
    let words = text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'));
    words.filter(|word| word.len() == LENGTH).filter_map(|word| word.parse().ok())
}

/// The named slots before what was found by meaning and words.
fn named_first(named: Vec<u32>, mut ranked: Vec<Ranked>, limit: usize) -> Vec<Ranked> {
    for slot in named.into_iter().rev() {
        let known = ranked.iter().position(|(other, _)| *other == slot).map(|at| ranked.remove(at).1);
        ranked.insert(0, (slot, Parts { score: 1.0, ..known.unwrap_or_default() }));
    }
    ranked.truncate(limit);
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_heard_in_any_dress() {
        let (one, two) = (MemoryId::new(), MemoryId::new());
        let named = |text: String| named_in(&text).collect::<Vec<_>>();
        for text in [one.to_string(), format!(" {one}\n"), format!("id:{one}"), format!("urn:uuid:{one}"), one.to_string().to_uppercase()] {
            assert_eq!(named(text.clone()), [one], "{text}");
        }
        assert_eq!(named(format!("what of \"{two}\", and {one}?")), [two, one]);
        for text in ["", "deadbeef", "0123456789abcdef0123456789abcdef0123", "------------------------------------"] {
            assert!(named(text.into()).is_empty(), "{text}");
        }
    }

    #[test]
    fn named_memories_come_first_and_once() {
        let ranked = |slots: &[u32]| slots.iter().map(|slot| (*slot, Parts { score: 0.5, lexical: 2.0, ..Parts::default() })).collect();
        let slots = |ranked: Vec<Ranked>| ranked.into_iter().map(|(slot, _)| slot).collect::<Vec<_>>();
        assert_eq!(slots(named_first(vec![3, 9], ranked(&[1, 2, 3]), 3)), [3, 9, 1]);
        assert_eq!(slots(named_first(vec![], ranked(&[1, 2]), 3)), [1, 2]);
        let first = named_first(vec![2], ranked(&[1, 2]), 3)[0].1;
        assert!((first.score - 1.0).abs() < f32::EPSILON && (first.lexical - 2.0).abs() < f32::EPSILON);
    }
}
