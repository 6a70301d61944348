//! The one ranking function: fuses the legs' scores of one tenant and lifts what the question's own words point at. Pure,
//! and the same for every index.
//!
//! Min-max over the dense leg and division by the best over the lexical leg, then a weighted sum: on conversational memory
//! it finds more than reciprocal rank fusion does. On top come a named date, the neighbours of a good hit in its session, and
//! the speaker whom the question names; each is off where the memories or the question do not tell such things.

use std::cmp::Ordering;

use super::sessions::NONE;
use crate::memory::model::Scores;

/// Weight of a date that the question names.
const DATE: f32 = 0.2;
/// Weight of the better neighbour in the session; the second neighbours count half of that.
const NEIGHBOURS: f32 = 0.5;
/// Weight of the speaker whom the question names.
const SPEAKER: f32 = 0.4;
/// Bounds of what strength and trust may make of a score.
const LEAST_QUALITY: f32 = 0.3;
const MOST_QUALITY: f32 = 1.5;

/// Scores of the dense leg.
#[derive(Debug, Default)]
pub struct DenseScores {
    /// Cosines by slot of the working set that is ranked.
    pub scores: Vec<(u32, f32)>,
    /// True when only the best were looked for: an embedded memory that is missing is less like the query than those.
    pub best_only: bool,
}

/// What the legs found, by slot.
pub struct Legs<'a> {
    /// Cosines; `None` when the dense leg could not answer.
    pub dense: Option<&'a DenseScores>,
    /// Whether the dense leg knows a slot, which matters where it looked for the best alone.
    pub indexed: &'a [bool],
    /// BM25 of every slot.
    pub lexical: &'a [f32],
    /// Whether a slot may be returned.
    pub eligible: &'a [bool],
    /// Weight of the dense leg in `0..=1`.
    pub dense_weight: f32,
}

/// What the question points at besides its meaning and words, by slot; an empty list is off.
#[derive(Debug, Default, Clone, Copy)]
pub struct Boosts<'a> {
    /// How well the memory's day is the one that the question names, `0..=1`.
    pub date: &'a [f32],
    /// Whether its speaker is one whom the question names.
    pub speaker: &'a [bool],
    /// Slots of the memories before and after it in its session.
    pub around: &'a [[u32; 2]],
    /// What feedback and trust make of it, as [`quality`] tells.
    pub quality: &'a [f32],
}

/// What a memory's score is multiplied by: 0.3 to 1.5 for its strength (1 until there is feedback), less for what is
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

/// A slot and its scores.
pub type Ranked = (u32, Scores);

/// All eligible slots that reach `threshold`, the best `limit` of them in order; and how many fell below it.
/// Equal scores keep the order of `newest_first`.
#[must_use]
pub fn rank(
    legs: &Legs<'_>,
    boosts: &Boosts<'_>,
    threshold: f32,
    limit: usize,
    newest_first: impl Fn(u32, u32) -> Ordering,
) -> (Vec<Ranked>, usize) {
    let fused = fuse(legs);
    let whole = whole(boosts);
    let mut ranked = Vec::with_capacity(fused.len());
    let mut below = 0;
    for (slot, of_slot) in (0u32..).zip(&fused) {
        if !legs.eligible[slot as usize] {
            continue;
        }
        let score = if of_slot.is_nan() { f32::NEG_INFINITY } else { total(&fused, boosts, slot) / whole };
        if score.min(1.0) >= threshold {
            ranked.push((slot, score));
        } else {
            below += 1;
        }
    }
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then_with(|| newest_first(a.0, b.0));
    if ranked.len() > limit && limit > 0 {
        ranked.select_nth_unstable_by(limit - 1, order);
        ranked.truncate(limit);
    }
    ranked.sort_unstable_by(order);
    let cosines = legs.dense.map_or(&[][..], |dense| &dense.scores);
    let parts = |(slot, score): (u32, f32)| {
        let at = slot as usize;
        let scores = Scores {
            dense: cosines.iter().find(|(s, cosine)| *s == slot && cosine.is_finite()).map(|(_, cosine)| *cosine),
            lexical: legs.lexical[at],
            fused: fused[at],
            date: DATE * at_or(boosts.date, at, 0.0),
            neighbours: NEIGHBOURS * neighbours(&fused, boosts, slot),
            speaker: if at_or(boosts.speaker, at, false) { SPEAKER } else { 0.0 },
            quality: at_or(boosts.quality, at, 1.0),
            score: score.min(1.0),
        };
        (slot, scores)
    };
    (ranked.into_iter().map(parts).collect(), below)
}

/// Both legs in `0..=1` by slot; not a number where nothing speaks for a memory, or it may not be returned.
fn fuse(legs: &Legs<'_>) -> Vec<f32> {
    // Not a number stands for no vector.
    let mut fused = vec![f32::NAN; legs.eligible.len()];
    let (mut lowest, mut highest) = (f32::INFINITY, f32::NEG_INFINITY);
    for (slot, cosine) in legs.dense.map_or(&[][..], |dense| &dense.scores) {
        if cosine.is_finite() && legs.eligible[*slot as usize] {
            fused[*slot as usize] = *cosine;
            (lowest, highest) = (lowest.min(*cosine), highest.max(*cosine));
        }
    }
    let best_only = legs.dense.is_some_and(|dense| dense.best_only);
    let span = highest - lowest;
    let best = legs.eligible.iter().zip(legs.lexical).filter(|(e, _)| **e).fold(0.0f32, |best, (_, s)| best.max(*s));
    for (at, score) in fused.iter_mut().enumerate() {
        let words = if best > 0.0 { legs.lexical[at] / best } else { 0.0 };
        // A memory that waits for its embedding must be found by the next search: until then its words speak for the
        // dense leg as well, or the best noise of that leg would bury it.
        *score = if !score.is_nan() {
            let meaning = if span > f32::EPSILON { (*score - lowest) / span } else { 1.0 };
            legs.dense_weight * meaning + (1.0 - legs.dense_weight) * words
        } else if !legs.eligible[at] || legs.lexical[at] <= 0.0 {
            // With neither a vector nor a common word there is nothing that speaks for the memory.
            f32::NAN
        } else if best_only && legs.indexed[at] {
            // Not among the best: no better than the least of them.
            (1.0 - legs.dense_weight) * words
        } else {
            words
        };
    }
    fused
}

/// What the best possible hit would reach.
fn whole(boosts: &Boosts<'_>) -> f32 {
    let weight = |off: bool, weight: f32| if off { 0.0 } else { weight };
    1.0 + weight(boosts.date.is_empty(), DATE) + weight(boosts.around.is_empty(), NEIGHBOURS) + weight(boosts.speaker.is_empty(), SPEAKER)
}

fn total(fused: &[f32], boosts: &Boosts<'_>, slot: u32) -> f32 {
    let at = slot as usize;
    let speaker = if at_or(boosts.speaker, at, false) { SPEAKER } else { 0.0 };
    let sum = fused[at] + DATE * at_or(boosts.date, at, 0.0) + NEIGHBOURS * neighbours(fused, boosts, slot) + speaker;
    sum * at_or(boosts.quality, at, 1.0)
}

/// The best score around a slot in its session, `0..=1`.
fn neighbours(fused: &[f32], boosts: &Boosts<'_>, slot: u32) -> f32 {
    let step = |slot: u32, side: usize| boosts.around.get(slot as usize).map_or(NONE, |around| around[side]);
    let score = |slot: u32| fused.get(slot as usize).copied().filter(|score| !score.is_nan()).unwrap_or(0.0);
    let side = |side: usize| {
        let next = step(slot, side);
        score(next).max(0.5 * score(step(next, side)))
    };
    side(0).max(side(1))
}

fn at_or<T: Copy>(list: &[T], at: usize, off: T) -> T {
    list.get(at).copied().unwrap_or(off)
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(scores: &[(u32, f32)]) -> DenseScores {
        DenseScores { scores: scores.to_vec(), best_only: false }
    }

    fn legs<'a>(dense: Option<&'a DenseScores>, lexical: &'a [f32], eligible: &'a [bool]) -> Legs<'a> {
        Legs { dense, indexed: &[true; 100][..eligible.len()], lexical, eligible, dense_weight: 0.6 }
    }

    fn slots(ranked: &[Ranked]) -> Vec<u32> {
        ranked.iter().map(|(slot, _)| *slot).collect()
    }

    #[test]
    fn both_legs_count() {
        let dense = all(&[(0, 0.9), (1, 0.1), (2, 0.5)]);
        let (ranked, below) = rank(&legs(Some(&dense), &[0.0, 8.0, 8.0], &[true; 3]), &Boosts::default(), 0.0, 10, |a, b| a.cmp(&b));
        assert_eq!((slots(&ranked), below), (vec![2, 0, 1], 0));
        assert!((ranked[0].1.fused - (0.6 * 0.5 + 0.4)).abs() < 1e-6);
    }

    #[test]
    fn the_filter_comes_before_the_scale() {
        let dense = all(&[(0, 0.9), (1, 0.3), (2, 0.1)]);
        let (ranked, _) = rank(&legs(Some(&dense), &[0.0; 3], &[false, true, true]), &Boosts::default(), 0.0, 10, |a, b| a.cmp(&b));
        assert!((ranked[0].1.fused - 0.6).abs() < 1e-6, "the best eligible one gets the whole weight");
    }

    #[test]
    fn without_vectors_words_decide_and_a_threshold_counts_what_it_hides() {
        let (ranked, below) = rank(&legs(None, &[0.0, 2.0, 1.0], &[true; 3]), &Boosts::default(), 0.6, 10, |a, b| a.cmp(&b));
        assert_eq!((slots(&ranked), below), (vec![1], 2));
        assert!((ranked[0].1.fused - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_memory_without_a_vector_is_not_buried_by_noise() {
        let (ranked, _) =
            rank(&legs(Some(&all(&[(0, 0.2), (1, 0.1)])), &[0.0, 0.0, 3.0], &[true; 3]), &Boosts::default(), 0.0, 10, |a, b| a.cmp(&b));
        assert_eq!(slots(&ranked), [2, 0, 1]);
    }

    #[test]
    fn what_is_not_among_the_best_is_less_than_they_are() {
        let best = DenseScores { scores: vec![(0, 0.9), (1, 0.8)], best_only: true };
        let (lexical, eligible) = ([0.0, 0.0, 2.0, 2.0, 0.0], [true; 5]);
        let legs = Legs { indexed: &[true, true, true, false, true], ..legs(Some(&best), &lexical, &eligible) };
        let (ranked, below) = rank(&legs, &Boosts::default(), 0.0, 10, |a, b| a.cmp(&b));
        assert_eq!((slots(&ranked), below), (vec![3, 0, 2, 1], 1), "2 has a vector, 3 waits for one, 4 has nothing for it");
        assert_eq!(ranked[2].1.dense, None);
    }

    #[test]
    fn the_limit_keeps_the_best_and_not_a_number_is_no_score() {
        let dense: Vec<_> = (0..100u8).map(|i| (u32::from(i), if i == 7 { f32::NAN } else { f32::from(i) / 100.0 })).collect();
        let (ranked, _) = rank(&legs(Some(&all(&dense)), &[0.0; 100], &[true; 100]), &Boosts::default(), 0.0, 3, |a, b| a.cmp(&b));
        assert_eq!(slots(&ranked), [99, 98, 97]);
    }
}
