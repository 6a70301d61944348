//! Searching: two legs over the whole tenant and one fusion. Answers come from the tenant's working set, once it is as
//! new as SQL says at the start of the search; what an index names and the set does not hold is no answer.

use futures::join;

use super::{
    model::{Access, Filter, Hit, LeftOut, SearchAnswer, SearchQuery, State},
    ports::DenseScores,
    rank::{self, Legs, Ranked},
    service::MemoryService,
    working_set::{Eligible, WorkingSet},
};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::MemoryId,
    tenancy::{App, TenantScope},
};

/// Most results of one search.
const MAX_LIMIT: usize = 100;

impl MemoryService {
    /// Finds the memories that answer a question, best first.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`, `too_large`, `not_found` (project).
    pub async fn search(&self, by: &Principal, mut query: SearchQuery) -> Result<SearchAnswer> {
        by.require(Scope::MemoryRead)?;
        self.check_query(&query)?;
        let (app, _) = self.actor(by).await?;
        query.filter.project = self.readable_project(by, &query.filter).await?;
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
        self.actor(by).await?;
        let memory = self.visible(by, id).await?;
        let filter = Filter { project: Some(memory.project), ..Filter::default() };
        let query = SearchQuery { text: memory.text, limit: limit.clamp(1, MAX_LIMIT) + 1, threshold: 0.0, filter };
        let mut hits = self.find(&by.scope, &query).await?.hits;
        hits.retain(|hit| hit.memory.id != id);
        hits.truncate(limit);
        Ok(hits)
    }

    fn check_query(&self, query: &SearchQuery) -> Result<()> {
        if query.text.trim().is_empty() {
            return Err(Error::invalid("The query is empty. Send a question or some words to search for."));
        }
        let limit = self.parts.limits.query_bytes;
        if query.text.len() > limit {
            return Err(Error::new(Code::TooLarge, format!("The query has {} bytes; the limit is {limit}. Shorten it.", query.text.len())));
        }
        if !(1..=MAX_LIMIT).contains(&query.limit) {
            return Err(Error::invalid(format!("limit must be 1 to {MAX_LIMIT}.")));
        }
        if !(0.0..=1.0).contains(&query.threshold) {
            return Err(Error::invalid("threshold must be 0 to 1."));
        }
        Ok(())
    }

    /// The project that the filter may look into; an unknown one is refused instead of silently finding nothing.
    pub(super) async fn readable_project(&self, by: &Principal, filter: &Filter) -> Result<Option<crate::ids::ProjectId>> {
        if filter.states.contains(&State::Deleted) {
            return Err(Error::invalid("Deleted memories cannot be listed."));
        }
        let project = by.project_for_read(filter.project)?;
        if let (Some(asked), None) = (filter.project, by.project) {
            self.parts.tenancy.project(&by.scope, asked).await?;
        }
        Ok(project)
    }

    pub(super) async fn find(&self, scope: &TenantScope, query: &SearchQuery) -> Result<SearchAnswer> {
        // Most often SQL has nothing new: what is in memory is ranked while SQL is asked.
        let (newest, ranked) = join!(self.parts.store.sequence(scope), self.rank(scope, 0, query));
        let (newest, (sequence, answer)) = (newest?, ranked?);
        if sequence >= newest {
            return Ok(answer);
        }
        Ok(self.rank(scope, newest, query).await?.1)
    }

    /// The answer from the working set, at least as new as `sequence`; and how new the set was.
    async fn rank(&self, scope: &TenantScope, sequence: i64, query: &SearchQuery) -> Result<(i64, SearchAnswer)> {
        let set = self.parts.sets.at_least(scope, sequence).await?;
        if set.is_empty() {
            let answer = answer(&set, Vec::new(), &set.eligible(&query.filter), 0, false, query.limit);
            return Ok((set.sequence(), answer));
        }
        let (sequence, text) = (set.sequence(), set.without_names(&query.text));
        // The set is free while a model works.
        drop(set);
        let vector = self.query_vector(scope, text).await;
        let set = self.parts.sets.at_least(scope, sequence).await?;
        let dense = match vector {
            Some(vector) => self.dense(scope, &set, &query.filter, &vector).await,
            None => None,
        };
        let eligible = set.eligible(&query.filter);
        let legs = Legs {
            dense: dense.as_ref(),
            embedded: set.embedded(),
            lexical: &set.lexical_scores(&query.text),
            eligible: &eligible.slots,
            dense_weight: self.parts.limits.dense_weight,
        };
        #[expect(clippy::cast_possible_truncation, reason = "a threshold needs no more precision")]
        let (ranked, below) = rank::fuse(&legs, query.threshold as f32, query.limit, |a, b| set.newest_first(a, b));
        Ok((set.sequence(), answer(&set, ranked, &eligible, below, dense.is_none(), query.limit)))
    }

    /// The dense leg; `None` when the index cannot answer now.
    async fn dense(&self, scope: &TenantScope, set: &WorkingSet, filter: &Filter, query: &[f32]) -> Option<DenseScores> {
        match self.parts.index.search(scope, set, self.parts.embedder.model(), filter, query).await {
            Ok(scores) => Some(scores),
            Err(error) => {
                tracing::warn!(%error, cause = ?error.cause(), "the vector index did not answer; searching by words");
                None
            }
        }
    }

    /// The query's vector; `None` when the embedder cannot make it in the time that a search has.
    async fn query_vector(&self, scope: &TenantScope, text: String) -> Option<Vec<f32>> {
        let made = tokio::time::timeout(self.parts.limits.query_timeout, self.parts.embedder.embed(scope, vec![text]));
        match made.await {
            Ok(Ok(vectors)) => vectors.into_iter().next(),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the query could not be embedded; searching by words");
                None
            }
            Err(_) => {
                tracing::warn!("the query was not embedded in time; searching by words");
                None
            }
        }
    }

    fn note_hits(&self, by: &Principal, app: &App, answer: &SearchAnswer) {
        let now = self.parts.clock.now();
        self.parts.access.note(&by.scope, app.id, Access::Search, now, answer.hits.iter().map(|hit| hit.memory.id));
    }
}

/// The memories of the ranked slots, and why there are no more.
fn answer(set: &WorkingSet, ranked: Vec<Ranked>, eligible: &Eligible, below: usize, degraded: bool, limit: usize) -> SearchAnswer {
    let hit = |(slot, scores)| Some(Hit { memory: set.memory(slot)?.clone(), scores });
    let hits: Vec<_> = ranked.into_iter().filter_map(hit).collect();
    let counts =
        [("below_threshold", below), ("filtered", eligible.filtered), ("paused", eligible.paused), ("archived", eligible.archived)];
    let left_out: LeftOut = counts.into_iter().filter(|(_, n)| *n > 0).collect();
    let reason = if hits.len() >= limit {
        None
    } else if set.is_empty() {
        Some("empty_tenant")
    } else {
        Some(counts.iter().find(|(_, n)| *n > 0).map_or("no_more_memories", |(why, _)| why))
    };
    SearchAnswer { hits, degraded, reason, left_out }
}
