//! The one ranking function: fuses the legs' scores of one tenant. Pure, and the same for every index.
//!
//! Min-max over the dense leg and division by the best over the lexical leg, then a weighted sum: on conversational
//! memory it finds more than reciprocal rank fusion does.

use std::cmp::Ordering;

use super::{model::Scores, ports::DenseScores};

/// What the legs found, by slot.
pub struct Legs<'a> {
    /// Cosines; `None` when the dense leg could not answer.
    pub dense: Option<&'a DenseScores>,
    /// Whether a slot has a vector, which matters where the dense leg looked for the best alone.
    pub embedded: &'a [bool],
    /// BM25 of every slot.
    pub lexical: &'a [f32],
    /// Whether a slot may be returned.
    pub eligible: &'a [bool],
    /// Weight of the dense leg in `0..=1`.
    pub dense_weight: f32,
}

/// A slot and its scores.
pub type Ranked = (u32, Scores);

/// All eligible slots that reach `threshold`, the best `limit` of them in order; and how many fell below it.
/// Equal scores keep the order of `newest_first`.
#[must_use]
pub fn fuse(legs: &Legs<'_>, threshold: f32, limit: usize, newest_first: impl Fn(u32, u32) -> Ordering) -> (Vec<Ranked>, usize) {
    // Not a number stands for no vector.
    let mut cosines = vec![f32::NAN; legs.eligible.len()];
    let (mut lowest, mut highest) = (f32::INFINITY, f32::NEG_INFINITY);
    for (slot, cosine) in legs.dense.map_or(&[][..], |dense| &dense.scores) {
        if cosine.is_finite() && legs.eligible[*slot as usize] {
            cosines[*slot as usize] = *cosine;
            (lowest, highest) = (lowest.min(*cosine), highest.max(*cosine));
        }
    }
    let best_only = legs.dense.is_some_and(|dense| dense.best_only);
    let span = highest - lowest;
    let best = legs.eligible.iter().zip(legs.lexical).filter(|(e, _)| **e).fold(0.0f32, |best, (_, s)| best.max(*s));
    let mut ranked = Vec::with_capacity(cosines.len());
    let mut below = 0;
    for (slot, cosine) in (0u32..).zip(&cosines) {
        if !legs.eligible[slot as usize] {
            continue;
        }
        let lexical = legs.lexical[slot as usize];
        let words = if best > 0.0 { lexical / best } else { 0.0 };
        // A memory that waits for its embedding must be found by the next search: until then its words speak for the
        // dense leg as well, or the best noise of that leg would bury it.
        let fused = if cosine.is_nan() && best_only && legs.embedded[slot as usize] {
            // Not among the best: no better than the least of them.
            (1.0 - legs.dense_weight) * words
        } else if cosine.is_nan() {
            words
        } else {
            let meaning = if span > f32::EPSILON { (cosine - lowest) / span } else { 1.0 };
            legs.dense_weight * meaning + (1.0 - legs.dense_weight) * words
        };
        // With neither a vector nor a common word there is nothing that speaks for the memory.
        let evidence = !cosine.is_nan() || lexical > 0.0;
        if evidence && fused >= threshold {
            ranked.push((slot, fused));
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
    let parts = |(slot, fused): (u32, f32)| {
        let cosine = cosines[slot as usize];
        (slot, Scores { dense: (!cosine.is_nan()).then_some(cosine), lexical: legs.lexical[slot as usize], fused })
    };
    (ranked.into_iter().map(parts).collect(), below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(scores: &[(u32, f32)]) -> DenseScores {
        DenseScores { scores: scores.to_vec(), best_only: false }
    }

    fn legs<'a>(dense: Option<&'a DenseScores>, lexical: &'a [f32], eligible: &'a [bool]) -> Legs<'a> {
        Legs { dense, embedded: &[true; 100][..eligible.len()], lexical, eligible, dense_weight: 0.6 }
    }

    fn slots(ranked: &[Ranked]) -> Vec<u32> {
        ranked.iter().map(|(slot, _)| *slot).collect()
    }

    #[test]
    fn both_legs_count() {
        let dense = all(&[(0, 0.9), (1, 0.1), (2, 0.5)]);
        let (ranked, below) = fuse(&legs(Some(&dense), &[0.0, 8.0, 8.0], &[true; 3]), 0.0, 10, |a, b| a.cmp(&b));
        assert_eq!((slots(&ranked), below), (vec![2, 0, 1], 0));
        assert!((ranked[0].1.fused - (0.6 * 0.5 + 0.4)).abs() < 1e-6);
    }

    #[test]
    fn the_filter_comes_before_the_scale() {
        let dense = all(&[(0, 0.9), (1, 0.3), (2, 0.1)]);
        let (ranked, _) = fuse(&legs(Some(&dense), &[0.0; 3], &[false, true, true]), 0.0, 10, |a, b| a.cmp(&b));
        assert!((ranked[0].1.fused - 0.6).abs() < 1e-6, "the best eligible one gets the whole weight");
    }

    #[test]
    fn without_vectors_words_decide_and_a_threshold_counts_what_it_hides() {
        let (ranked, below) = fuse(&legs(None, &[0.0, 2.0, 1.0], &[true; 3]), 0.6, 10, |a, b| a.cmp(&b));
        assert_eq!((slots(&ranked), below), (vec![1], 2));
        assert!((ranked[0].1.fused - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_memory_without_a_vector_is_not_buried_by_noise() {
        let (ranked, _) = fuse(&legs(Some(&all(&[(0, 0.2), (1, 0.1)])), &[0.0, 0.0, 3.0], &[true; 3]), 0.0, 10, |a, b| a.cmp(&b));
        assert_eq!(slots(&ranked), [2, 0, 1]);
    }

    #[test]
    fn what_is_not_among_the_best_is_less_than_they_are() {
        let best = DenseScores { scores: vec![(0, 0.9), (1, 0.8)], best_only: true };
        let (lexical, eligible) = ([0.0, 0.0, 2.0, 2.0, 0.0], [true; 5]);
        let legs = Legs { embedded: &[true, true, true, false, true], ..legs(Some(&best), &lexical, &eligible) };
        let (ranked, below) = fuse(&legs, 0.0, 10, |a, b| a.cmp(&b));
        assert_eq!((slots(&ranked), below), (vec![3, 0, 2, 1], 1), "2 has a vector, 3 waits for one, 4 has nothing for it");
        assert_eq!(ranked[2].1.dense, None);
    }

    #[test]
    fn the_limit_keeps_the_best_and_not_a_number_is_no_score() {
        let dense: Vec<_> = (0..100u8).map(|i| (u32::from(i), if i == 7 { f32::NAN } else { f32::from(i) / 100.0 })).collect();
        let (ranked, _) = fuse(&legs(Some(&all(&dense)), &[0.0; 100], &[true; 100]), 0.0, 3, |a, b| a.cmp(&b));
        assert_eq!(slots(&ranked), [99, 98, 97]);
    }
}
