//! How a tenant's searches weigh meaning against words, learned from the queries that it rated itself. Offline: each rated
//! query is searched again with every weight, and the learned weight is used only where it does clearly better than the fixed
//! one on queries that it was not chosen on: each half of them is tried with the weight that the other half chooses. (To leave
//! out one at a time would choose the same weight nearly every time, on nearly all that it is then tried on.)

use std::collections::{HashMap, HashSet};

use super::{Learning, Rating};
use crate::{
    auth::{Principal, Scope},
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::MemoryId,
    memory::{
        model::{Filter, SearchQuery},
        settings::LearnedWeights,
    },
};

/// The weights of the dense leg that are tried.
const ARMS: [f64; 5] = [0.4, 0.5, 0.6, 0.7, 0.8];
/// Fewer rated queries tell nothing.
const LEAST_QUERIES: usize = 20;
/// The gain in nDCG that is worth a change…
const MARGIN: f64 = 0.02;
/// …if it is this many times its own standard error, or chance would switch policies on and off.
const ERRORS: f64 = 2.5;
/// Ratings that a replay looks at, and queries that it searches again: the newest.
const MOST_RATINGS: u32 = 10_000;
const MOST_QUERIES: usize = 200;
/// Results of a search that count.
const DEPTH: usize = 10;

/// A query and the memories that were called answers to it.
#[derive(Debug, PartialEq)]
struct RatedQuery {
    text: String,
    relevant: HashSet<MemoryId>,
}

/// nDCG@10 of one query with the fixed weight and with each arm.
#[derive(Debug, Clone, Copy)]
struct Replayed {
    fixed: f64,
    arms: [f64; ARMS.len()],
}

impl Learning {
    /// Replays the tenant's rated queries, and switches the learned weight on or off by what they show.
    ///
    /// # Errors
    /// `insufficient_scope` (also for a credential that is bound to a project: the policy is the whole tenant's),
    /// `app_paused`, `unavailable`.
    pub async fn learn_weights(&self, by: &Principal) -> Result<LearnedWeights> {
        by.require(Scope::MemoryWrite)?;
        if by.project.is_some() {
            let detail = "This credential is bound to one project; the policy is that of the whole account.";
            return Err(Error::new(Code::InsufficientScope, detail));
        }
        let (_, actor) = self.reach.actor(by).await?;
        let queries = rated_queries(self.store.ratings(&by.scope, MOST_RATINGS).await?);
        let fixed = self.limits.dense_weight;
        let mut replayed = Vec::with_capacity(queries.len());
        for query in queries {
            let mut arms = [0.0; ARMS.len()];
            for (ndcg, weight) in arms.iter_mut().zip(ARMS) {
                #[expect(clippy::cast_possible_truncation, reason = "a weight needs no more precision")]
                let weight = weight as f32;
                *ndcg = self.replay(by, &query, weight).await?;
            }
            replayed.push(Replayed { fixed: self.replay(by, &query, fixed).await?, arms });
        }
        let weights = evaluate(&replayed, f64::from(fixed), self.clock.now());
        self.settings.learn(&by.scope, &actor, &weights).await?;
        Ok(weights)
    }

    /// What the last replay found; `None` before the first.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `unavailable`.
    pub async fn weights(&self, by: &Principal) -> Result<Option<LearnedWeights>> {
        by.require(Scope::MemoryRead)?;
        by.require_account()?;
        self.reach.actor(by).await?;
        Ok(self.settings.of(&by.scope).await?.learned.clone())
    }

    async fn replay(&self, by: &Principal, query: &RatedQuery, dense_weight: f32) -> Result<f64> {
        let search =
            SearchQuery { text: query.text.clone(), limit: DEPTH, threshold: Some(0.0), nearest: false, filter: Filter::default() };
        let hits = self.recall.find_weighted(&by.scope, &search, dense_weight).await?.hits;
        Ok(ndcg(hits.iter().map(|hit| hit.memory.id), &query.relevant))
    }
}

/// The newest queries that have an answer; of ratings of one memory for one query, the newest counts. Case and white space
/// make no other query.
fn rated_queries(newest_first: Vec<Rating>) -> Vec<RatedQuery> {
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut queries: Vec<(String, HashMap<MemoryId, bool>)> = Vec::new();
    for rating in newest_first {
        let Some(relevant) = rating.kind.relevant() else { continue };
        let key = rating.query.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let slot = *at.entry(key).or_insert_with(|| {
            queries.push((rating.query, HashMap::new()));
            queries.len() - 1
        });
        queries[slot].1.entry(rating.memory).or_insert(relevant);
    }
    let answers = |ratings: HashMap<MemoryId, bool>| ratings.into_iter().filter(|(_, relevant)| *relevant).map(|(id, _)| id).collect();
    let rated = queries.into_iter().map(|(text, ratings)| RatedQuery { text, relevant: answers(ratings) });
    rated.filter(|query| !query.relevant.is_empty()).take(MOST_QUERIES).collect()
}

/// Normalised discounted cumulative gain of a ranking (Järvelin & Kekäläinen, 2002), each relevant memory worth the same.
fn ndcg(ranking: impl Iterator<Item = MemoryId>, relevant: &HashSet<MemoryId>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
    let discount = |rank: usize| 1.0 / ((rank + 2) as f64).log2();
    let gained: f64 = ranking.take(DEPTH).enumerate().filter(|(_, id)| relevant.contains(id)).map(|(rank, _)| discount(rank)).sum();
    let ideal: f64 = (0..relevant.len().min(DEPTH)).map(discount).sum();
    if ideal > 0.0 { gained / ideal } else { 0.0 }
}

/// Compares the arms with the fixed weight. What is learned from one half of the queries is tried on the other.
fn evaluate(replayed: &[Replayed], fixed_weight: f64, now: Timestamp) -> LearnedWeights {
    // Every second query, so that both halves are as new.
    let mut halves = [[0.0; ARMS.len()]; 2];
    for (n, query) in replayed.iter().enumerate() {
        halves[n % 2].iter_mut().zip(query.arms).for_each(|(total, ndcg)| *total += ndcg);
    }
    let chosen = halves.map(|half| best_arm(&half, fixed_weight));
    let gains: Vec<f64> = replayed.iter().enumerate().map(|(n, query)| query.arms[chosen[(n + 1) % 2]] - query.fixed).collect();
    let fixed = mean(replayed.iter().map(|query| query.fixed));
    let gain = mean(gains.iter().copied());
    let totals = std::array::from_fn(|arm| halves[0][arm] + halves[1][arm]);
    let best = ARMS[best_arm(&totals, fixed_weight)];
    let switched_on = gains.len() >= LEAST_QUERIES && gain >= MARGIN && gain >= ERRORS * standard_error(&gains, gain);
    LearnedWeights {
        dense_weight: switched_on.then_some(best),
        best,
        evaluated_at: now,
        queries: replayed.len(),
        fixed,
        learned: fixed + gain,
    }
}

/// The arm with the most; among equals that nearest to the fixed weight, so that nothing changes for nothing.
fn best_arm(totals: &[f64; ARMS.len()], fixed_weight: f64) -> usize {
    let distance = |arm: usize| (ARMS[arm] - fixed_weight).abs();
    let better = |a: usize, b: usize| {
        let gain = totals[a] - totals[b];
        gain > 1e-9 || (gain > -1e-9 && distance(a) < distance(b))
    };
    (1..ARMS.len()).fold(0, |best, arm| if better(arm, best) { arm } else { best })
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len();
    if count == 0 { 0.0 } else { values.sum::<f64>() / count as f64 }
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn standard_error(values: &[f64], mean: f64) -> f64 {
    let count = values.len() as f64;
    if values.len() < 2 {
        return f64::INFINITY;
    }
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0) / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::learning::FeedbackKind;

    const NOW: Timestamp = Timestamp::from_secs(1);

    fn query(fixed: f64, arms: [f64; 5]) -> Replayed {
        Replayed { fixed, arms }
    }

    fn rating(query: &str, memory: MemoryId, kind: FeedbackKind) -> Rating {
        Rating { query: query.into(), memory, kind }
    }

    #[test]
    fn a_clear_gain_on_enough_queries_switches_on() {
        let clear = vec![query(0.5, [0.9, 0.7, 0.5, 0.4, 0.3]); 20];
        let policy = evaluate(&clear, 0.6, NOW);
        assert_eq!((policy.dense_weight, policy.best, policy.queries), (Some(0.4), 0.4, 20));
        assert!((policy.fixed - 0.5).abs() < 1e-9 && (policy.learned - 0.9).abs() < 1e-9);
        assert_eq!(evaluate(&clear[1..], 0.6, NOW).dense_weight, None, "nineteen are too few");
    }

    #[test]
    fn a_small_gain_a_lucky_one_or_none_stays_off() {
        let small = vec![query(0.5, [0.51, 0.5, 0.5, 0.5, 0.5]); 100];
        assert_eq!(evaluate(&small, 0.6, NOW).dense_weight, None);
        // One query gains much, the others nothing: its gain is not there when the other half chooses.
        let mut lucky = vec![query(0.5, [0.5; 5]); 39];
        lucky.push(query(0.0, [1.0, 0.0, 0.0, 0.0, 0.0]));
        assert_eq!(evaluate(&lucky, 0.6, NOW).dense_weight, None);
        // Half of the queries like words, half meaning, by turns: nothing to be learned.
        let torn: Vec<_> =
            (0..60).map(|n| query(0.6, if n % 2 == 0 { [1.0, 0.8, 0.6, 0.4, 0.2] } else { [0.2, 0.4, 0.6, 0.8, 1.0] })).collect();
        assert_eq!(evaluate(&torn, 0.6, NOW).dense_weight, None);
        let none = evaluate(&[], 0.6, NOW);
        assert_eq!((none.dense_weight, none.queries, none.best), (None, 0, 0.6));
        assert!(none.fixed.abs() < 1e-9 && none.learned.abs() < 1e-9);
    }

    #[test]
    fn chance_seldom_switches_on() {
        // Every arm is noise, as the fixed weight is: what is chosen is luck, and the other half shows it.
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            f64::from(u32::try_from(state >> 32).expect("32 bits")) / f64::from(u32::MAX)
        };
        let mut on = 0;
        for _ in 0..1_000 {
            let noisy: Vec<_> = (0..30).map(|_| query(random(), std::array::from_fn(|_| random()))).collect();
            on += usize::from(evaluate(&noisy, 0.6, NOW).dense_weight.is_some());
        }
        assert!(on < 50, "{on} of 1,000 tenants without anything to learn were switched on");
    }

    #[test]
    fn the_newest_rating_counts_and_queries_are_one_whatever_their_case() {
        let (a, b) = (MemoryId::new(), MemoryId::new());
        let queries = rated_queries(vec![
            rating("Where  is the key?", a, FeedbackKind::Negative),
            rating("where is THE key?", a, FeedbackKind::Positive),
            rating("where is the key?", b, FeedbackKind::Confirmation),
            rating("only wrong", a, FeedbackKind::Negative),
            rating("says nothing", a, FeedbackKind::Neutral),
        ]);
        assert_eq!(queries, [RatedQuery { text: "Where  is the key?".into(), relevant: HashSet::from([b]) }]);
    }

    #[test]
    fn ndcg_is_one_for_the_best_order_and_falls_with_the_rank() {
        let ids: Vec<_> = (0..12).map(|_| MemoryId::new()).collect();
        let relevant = HashSet::from([ids[0], ids[1]]);
        assert!((ndcg(ids.iter().copied(), &relevant) - 1.0).abs() < 1e-9);
        let late = ndcg(ids.iter().rev().copied(), &relevant);
        assert!(late.abs() < 1e-9, "beyond the tenth nothing counts: {late}");
        let second = ndcg(ids[1..].iter().copied(), &HashSet::from([ids[2]]));
        assert!((second - 1.0 / 3f64.log2()).abs() < 1e-9);
    }
}
