//! The order of a tenant's memories for a question, and how likely each of the first bears on it.
//!
//! Two questions, two models. *Which is better* is asked of memories of one tenant for one question: a learned sum of the signals,
//! each relative to the best of the tenant, in two regimes for short and long texts. *Is it any good* is asked across questions and
//! tenants: [`Chance`](crate::chance) knows absolute evidence alone. An answer is ordered by the first and cut by the second.

use std::cmp::Ordering;

use crate::{
    chance::Chance,
    signals::{self, Evidence, Fused, Signals},
    weights::{LONG, SHORT},
};

/// Bounds of what strength and trust may make of a place.
const LEAST_QUALITY: f32 = 0.3;
const MOST_QUALITY: f32 = 1.5;
/// How far the learned sum falls for each halving of what strength and trust make of a memory: about as far as half of the way
/// from a good answer to an ordinary memory.
const BY_QUALITY: f32 = 4.0;

/// Why a memory stands where it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Parts {
    /// Cosine to the question; `None` where the memory has no vector, or it is not among those that were found.
    pub dense: Option<f32>,
    /// BM25.
    pub lexical: f32,
    /// Both legs in `0..=1`.
    pub fused: f32,
    /// What a named date adds to the order.
    pub date: f32,
    /// What the memories around it add.
    pub neighbours: f32,
    /// What the named speaker adds.
    pub speaker: f32,
    /// What strength and trust make of it, `0.3..=1.5`.
    pub quality: f32,
    /// The learned sum, by which it is ordered.
    pub order: f32,
    /// How likely it bears on the question, `0..=1`.
    pub score: f32,
}

/// A slot in the order.
pub type Ranked = (u32, Parts);

/// What of strength and trust a place is multiplied by: 0.3 to 1.5 for its strength (1 until there is feedback), less for what is
/// trusted less.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a factor needs no more precision")]
pub fn quality(strength: f64, trust: f64) -> f32 {
    let (strength, trust) = (strength as f32, trust as f32);
    let by_strength = if strength < 0.5 {
        LEAST_QUALITY + (1.0 - LEAST_QUALITY) * strength / 0.5
    } else {
        1.0 + (MOST_QUALITY - 1.0) * (strength - 0.5) / 0.5
    };
    (by_strength * (0.5 + 0.5 * trust)).clamp(LEAST_QUALITY, MOST_QUALITY)
}

/// How much a memory of so many words without stop words is weighed as a short one.
#[must_use]
pub fn shortness(words: f32) -> f32 {
    (20.0 / words.max(1.0)).min(1.0)
}

/// The learned sum of some signals.
fn sum(signals: &Signals, words: f32, of: impl Fn(usize) -> bool) -> f32 {
    let g = shortness(words);
    let weight = |at: usize| g * SHORT[at] + (1.0 - g) * LONG[at];
    (0..signals::COUNT).filter(|at| of(*at)).map(|at| weight(at) * signals[at]).sum()
}

/// The learned sum: what orders the memories of a question.
#[must_use]
#[inline]
pub fn order(signals: &Signals, words: f32) -> f32 {
    let g = shortness(words);
    let (mut short, mut long) = (0.0, 0.0);
    for at in 0..signals::COUNT {
        short += SHORT[at] * signals[at];
        long += LONG[at] * signals[at];
    }
    g * short + (1.0 - g) * long
}

/// The best `limit` of the slots that may be returned and for which anything speaks, in order. `quality`
/// is by slot, and 1 where it is empty; equal ones keep the order of `newest_first`.
#[must_use]
pub fn rank(evidence: &Evidence<'_>, quality: &[f32], limit: usize, newest_first: impl Fn(u32, u32) -> Ordering) -> Vec<Ranked> {
    let fused = Fused::new(evidence);
    let quality_of = |slot: u32| quality.get(slot as usize).copied().unwrap_or(1.0);
    let place = |slot: u32| order(&fused.signals(slot), evidence.lengths[slot as usize]);
    let slots = (0u32..).zip(evidence.eligible).filter(|(slot, eligible)| **eligible && fused.fused(*slot).is_some());
    let mut ranked: Vec<(u32, f32)> = slots.map(|(slot, _)| (slot, place(slot) + BY_QUALITY * quality_of(slot).log2())).collect();
    let best = ranked.iter().map(|(_, order)| *order).fold(f32::NEG_INFINITY, f32::max);
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then_with(|| newest_first(a.0, b.0));
    if ranked.len() > limit && limit > 0 {
        ranked.select_nth_unstable_by(limit - 1, order);
        ranked.truncate(limit);
    }
    ranked.sort_unstable_by(order);
    let chance = Chance::new(evidence, best);
    let parts = |(slot, order): (u32, f32)| {
        let at = slot as usize;
        let (signals, words) = (fused.signals(slot), evidence.lengths[at]);
        let part = |from: usize, to: usize| sum(&signals, words, |at| (from..=to).contains(&at));
        let parts = Parts {
            dense: Some(evidence.cosines[at]).filter(|cosine| cosine.is_finite()),
            lexical: evidence.words.bm25[at],
            fused: fused.fused(slot).unwrap_or_default(),
            date: part(signals::DATE, signals::DATE),
            neighbours: part(signals::AROUND, signals::ANSWERS) + part(signals::WINDOW, signals::SESSION),
            speaker: part(signals::SPEAKER, signals::SPEAKER_FUSED),
            quality: quality_of(slot),
            order,
            score: chance.of(slot, &signals, order),
        };
        (slot, parts)
    };
    ranked.into_iter().map(parts).collect()
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::properties::Case;

    fn slots(case: &Case, limit: usize) -> Vec<u32> {
        case.rank(limit).into_iter().map(|(slot, _)| slot).collect()
    }

    #[test]
    fn meaning_and_words_both_count() {
        let case = Case::of(&[Some(0.9), Some(0.5), Some(0.1)], &[0.0, 8.0, 8.0]);
        assert_eq!(slots(&case, 10)[2], 2, "a word alone is less than both");
        let both = &case.rank(10).into_iter().find(|(slot, _)| *slot == 1).expect("it is there").1;
        assert!((both.fused - (0.6 * 0.5 + 0.4)).abs() < 1e-6 && both.dense == Some(0.5));
    }

    #[test]
    fn what_may_not_be_returned_has_no_say_in_the_scale() {
        let mut case = Case::of(&[Some(0.9), Some(0.3), Some(0.1)], &[0.0; 3]);
        case.eligible[0] = false;
        let ranked = case.rank(10);
        assert_eq!(ranked[0].0, 1);
        assert!((ranked[0].1.fused - 0.6).abs() < 1e-6, "the best eligible one gets the whole weight");
    }

    #[test]
    fn a_memory_without_a_vector_is_not_buried_by_noise() {
        let case = Case::of(&[Some(0.2), Some(0.1), None], &[0.0, 0.0, 3.0]);
        assert_eq!(slots(&case, 10)[0], 2);
        let words_alone = Case::of(&[None; 3], &[0.0, 2.0, 1.0]);
        assert_eq!(slots(&words_alone, 10), [1, 2], "nothing speaks for the first");
    }

    #[test]
    fn what_is_not_among_the_nearest_is_less_than_they_are() {
        let mut case = Case::of(&[Some(0.9), Some(0.8), None, None, None], &[0.0, 0.0, 2.0, 2.0, 0.0]);
        case.far = vec![true, true, true, false, true];
        let order = slots(&case, 10);
        assert_eq!(order.len(), 4, "2 has a vector, 3 waits for one, 4 has nothing for it");
        assert!(order.iter().position(|slot| *slot == 3) < order.iter().position(|slot| *slot == 2));
    }

    #[test]
    fn the_limit_keeps_the_best_and_trust_and_strength_count() {
        let cosines: Vec<_> = (0..100u8).map(|i| Some(if i == 7 { f32::NAN } else { f32::from(i) / 100.0 })).collect();
        let mut case = Case::of(&cosines, &[0.0; 100]);
        assert_eq!(slots(&case, 3), [99, 98, 97]);
        case.quality = vec![1.0; 100];
        case.quality[99] = 0.3;
        assert_eq!(slots(&case, 3), [98, 97, 96]);
        assert!(super::quality(0.5, 1.0) > super::quality(0.5, 0.5) && super::quality(0.9, 1.0) > super::quality(0.1, 1.0));
    }

    #[test]
    fn more_evidence_is_never_less_likely() {
        let score = |cosine: f32, words: f32| {
            let case = Case::of(&[Some(cosine), Some(0.0), Some(0.1), Some(0.0), Some(-0.1)], &[words, 0.0, 0.1, 0.0, 0.0]);
            case.rank(10).into_iter().find(|(slot, _)| *slot == 0).expect("it is there").1.score
        };
        assert!(score(0.9, 3.0) > score(0.3, 3.0) && score(0.3, 3.0) > score(0.3, 0.0), "{} {}", score(0.9, 3.0), score(0.3, 3.0));
    }
}
