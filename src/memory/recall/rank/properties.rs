//! What must hold of the ranking for any scores: it equals a slow writing of its definition, it never yields what is no
//! number, and scales that say the same give the same order.

use proptest::{collection::vec, option, prelude::*};

use super::*;

/// One tenant's scores as a search finds them.
#[derive(Debug, Clone)]
struct Case {
    cosines: Vec<Option<f32>>,
    lexical: Vec<f32>,
    eligible: Vec<bool>,
    indexed: Vec<bool>,
    best_only: bool,
    weight: f32,
    date: Vec<f32>,
    speaker: Vec<bool>,
    around: Vec<[u32; 2]>,
    quality: Vec<f32>,
}

impl Case {
    fn rank(&self, threshold: f32, limit: usize) -> (Vec<Ranked>, usize) {
        let scores = (0u32..).zip(&self.cosines).filter_map(|(slot, cosine)| Some((slot, (*cosine)?))).collect();
        let dense = DenseScores { scores, best_only: self.best_only };
        let legs = Legs {
            dense: Some(&dense),
            indexed: &self.indexed,
            lexical: &self.lexical,
            eligible: &self.eligible,
            dense_weight: self.weight,
        };
        let boosts = Boosts { date: &self.date, speaker: &self.speaker, around: &self.around, quality: &self.quality };
        rank(&legs, &boosts, threshold, limit, |a, b| a.cmp(&b))
    }

    /// The definition, slot by slot, in 64 bits.
    fn by_definition(&self) -> Vec<(u32, f64)> {
        let n = self.eligible.len();
        let usable = |at: usize| self.cosines[at].filter(|c| c.is_finite() && self.eligible[at]).map(f64::from);
        let cosines: Vec<f64> = (0..n).filter_map(usable).collect();
        let (low, high) = cosines.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), c| (l.min(*c), h.max(*c)));
        let best = (0..n).filter(|at| self.eligible[*at]).map(|at| f64::from(self.lexical[at])).fold(0.0, f64::max);
        let weight = f64::from(self.weight);
        let base = |at: usize| -> Option<f64> {
            if !self.eligible[at] {
                return None;
            }
            let lexical = f64::from(self.lexical[at]);
            let words = if best > 0.0 { lexical / best } else { 0.0 };
            match usable(at) {
                Some(cosine) => {
                    let meaning = if high - low > f64::from(f32::EPSILON) { (cosine - low) / (high - low) } else { 1.0 };
                    Some(weight * meaning + (1.0 - weight) * words)
                }
                None if lexical <= 0.0 => None,
                None if self.best_only && self.indexed[at] => Some((1.0 - weight) * words),
                None => Some(words),
            }
        };
        let walk = |at: usize, side: usize| self.around.get(at).map(|a| a[side]).filter(|slot| *slot != NONE).map(|slot| slot as usize);
        let near = |at: usize, side: usize| {
            let first = walk(at, side);
            let second = first.and_then(|first| walk(first, side));
            let score = |slot: Option<usize>| slot.and_then(base).unwrap_or(0.0);
            score(first).max(0.5 * score(second))
        };
        let whole = 1.0
            + if self.date.is_empty() { 0.0 } else { 0.2 }
            + if self.around.is_empty() { 0.0 } else { 0.5 }
            + if self.speaker.is_empty() { 0.0 } else { 0.4 };
        let score = |at: usize| {
            let date = 0.2 * self.date.get(at).copied().map_or(0.0, f64::from);
            let speaker = if self.speaker.get(at).copied().unwrap_or(false) { 0.4 } else { 0.0 };
            let sum = base(at)? + date + 0.5 * near(at, 0).max(near(at, 1)) + speaker;
            Some(sum * self.quality.get(at).copied().map_or(1.0, f64::from) / whole)
        };
        let mut all: Vec<_> = (0u32..).zip(0..n).filter_map(|(slot, at)| Some((slot, score(at)?))).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all
    }
}

fn case() -> impl Strategy<Value = Case> {
    (1usize..40).prop_flat_map(|n| {
        let cosine = option::weighted(0.9, prop_oneof![40 => -1.0f32..=1.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)]);
        let lexical = prop_oneof![1 => Just(0.0f32), 1 => 0.0f32..30.0];
        let slots = u32::try_from(n).expect("few");
        let around = (0..slots + 3, 0..slots + 3).prop_map(move |(a, b)| [a, b].map(|slot| if slot < slots { slot } else { NONE }));
        let off = move |on: bool| if on { n } else { 0 };
        (
            (vec(cosine, n), vec(lexical, n), vec(prop::bool::weighted(0.8), n), vec(any::<bool>(), n), any::<bool>(), 0.0f32..=1.0),
            (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_flat_map(move |(d, s, a, q)| {
                (vec(0.0f32..=1.0, off(d)), vec(any::<bool>(), off(s)), vec(around.clone(), off(a)), vec(0.3f32..=1.5, off(q)))
            }),
        )
            .prop_map(|((cosines, lexical, eligible, indexed, best_only, weight), (date, speaker, around, quality))| Case {
                cosines,
                lexical,
                eligible,
                indexed,
                best_only,
                weight,
                date,
                speaker,
                around,
                quality,
            })
    })
}

proptest! {
    #[test]
    fn it_equals_its_definition(case in case()) {
        let (ranked, below) = case.rank(0.0, 1_000);
        let expected = case.by_definition();
        prop_assert_eq!(ranked.len(), expected.len());
        prop_assert_eq!(below + ranked.len(), case.eligible.iter().filter(|e| **e).count());
        for ((slot, scores), (_, score)) in ranked.iter().zip(&expected) {
            // The order may differ where rounding decides; the score at each place may not.
            prop_assert!((f64::from(scores.score) - score.min(1.0)).abs() < 1e-5, "{slot}: {scores:?} {score}");
        }
    }

    #[test]
    fn it_yields_numbers_in_their_range(case in case(), threshold in 0.0f32..=1.0, limit in 1usize..20) {
        let (ranked, _) = case.rank(threshold, limit);
        prop_assert!(ranked.len() <= limit);
        prop_assert!(ranked.windows(2).all(|pair| pair[0].1.score >= pair[1].1.score));
        for (slot, s) in ranked {
            prop_assert!(case.eligible[slot as usize]);
            prop_assert!((threshold..=1.0).contains(&s.score), "{s:?}");
            for part in [s.dense.unwrap_or(0.0), s.lexical, s.fused, s.date, s.neighbours, s.speaker, s.quality] {
                prop_assert!(part.is_finite(), "{s:?}");
            }
        }
    }

    #[test]
    fn scales_that_say_the_same_give_the_same_order(case in case(), shift in -0.25f32..0.25, stretch in 0.5f32..2.0) {
        // Eighths and quarters keep sums exact, so that rounding decides nothing.
        let coarse = |value: f32, step: f32| (value / step).round() * step;
        let mut plain = case.clone();
        plain.cosines.iter_mut().flatten().for_each(|c| *c = coarse(c.clamp(-1.0, 1.0), 0.125));
        plain.lexical.iter_mut().for_each(|l| *l = coarse(*l, 0.25));
        let (shift, stretch) = (coarse(shift, 0.125), if stretch < 1.0 { 0.5 } else { 2.0 });
        let mut moved = plain.clone();
        moved.cosines.iter_mut().flatten().for_each(|c| *c += shift);
        moved.lexical.iter_mut().for_each(|l| *l *= stretch);
        let order = |case: &Case| case.rank(0.0, 1_000).0.into_iter().map(|(slot, _)| slot).collect::<Vec<_>>();
        prop_assert_eq!(order(&plain), order(&moved));
    }
}
