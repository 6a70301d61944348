//! What must hold of the ranking for any tenant: it equals a slow writing of its definition, it never yields what is no number, and
//! scales that say the same give the same order.

use proptest::{collection::vec, option, prelude::*};

use super::{Ranked, rank, shortness};
use crate::{
    NONE,
    chance::{Names, Usual},
    facts::{Facts, Wants},
    lexical::Words,
    signals::{COUNT, DENSE, Evidence},
    weights::{LONG, SHORT},
};

/// One tenant as a search finds it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) cosines: Vec<f32>,
    pub(super) far: Vec<bool>,
    pub(super) eligible: Vec<bool>,
    pub(super) quality: Vec<f32>,
    words: Words,
    lengths: Vec<f32>,
    facts: Vec<Facts>,
    around: Vec<[u32; 2]>,
    session_of: Vec<u32>,
    sessions: usize,
    date: Vec<f32>,
    speaker: Vec<bool>,
    wants: Wants,
}

impl Case {
    /// Memories of ten words without anything but their scores.
    pub(super) fn of(cosines: &[Option<f32>], bm25: &[f32]) -> Self {
        let n = cosines.len();
        let words = Words {
            bm25: bm25.to_vec(),
            pair: bm25.to_vec(),
            masks: bm25.iter().map(|score| u64::from(*score > 0.0)).collect(),
            informative: vec![2.0],
            all: 2.0,
            known: 2.0,
            familiar: true,
        };
        Self {
            cosines: cosines.iter().map(|cosine| cosine.unwrap_or(f32::NAN)).collect(),
            far: Vec::new(),
            eligible: vec![true; n],
            quality: Vec::new(),
            words,
            lengths: vec![10.0; n],
            facts: vec![Facts { speaker: NONE, ..Facts::default() }; n],
            around: Vec::new(),
            session_of: Vec::new(),
            sessions: 0,
            date: Vec::new(),
            speaker: Vec::new(),
            wants: Wants::default(),
        }
    }

    pub(super) fn rank(&self, limit: usize) -> Vec<Ranked> {
        let evidence = Evidence {
            cosines: &self.cosines,
            far: &self.far,
            words: &self.words,
            lengths: &self.lengths,
            eligible: &self.eligible,
            facts: &self.facts,
            around: &self.around,
            session_of: &self.session_of,
            sessions: self.sessions,
            date: &self.date,
            speaker: &self.speaker,
            wants: self.wants,
            names: Names::default(),
            usual: Usual { mean: 0.1, deviation: 0.1 },
            dense_weight: DENSE,
        };
        rank(&evidence, &self.quality, limit, |a, b| a.cmp(&b))
    }

    fn may(&self, at: usize) -> bool {
        self.eligible[at]
    }

    /// Both legs in `0..=1`, each by its definition.
    fn legs(&self, at: usize) -> Option<(f64, f64)> {
        if !self.may(at) {
            return None;
        }
        let all = || (0..self.eligible.len()).filter(|at| self.may(*at));
        let best = all().map(|at| self.words.bm25[at]).fold(0.0f32, f32::max);
        let words = if best > 0.0 { f64::from(self.words.bm25[at] / best) } else { 0.0 };
        let cosines: Vec<f32> = all().map(|at| self.cosines[at]).filter(|cosine| cosine.is_finite()).collect();
        let (low, high) = cosines.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), c| (low.min(*c), high.max(*c)));
        let cosine = self.cosines[at];
        if cosine.is_finite() {
            Some((if high - low > f32::EPSILON { f64::from((cosine - low) / (high - low)) } else { 1.0 }, words))
        } else if words <= 0.0 {
            None
        } else {
            Some((if self.far.get(at) == Some(&true) { 0.0 } else { words }, words))
        }
    }

    fn fused(&self, at: u32) -> Option<f64> {
        let (dense, words) = self.legs(usize::try_from(at).ok().filter(|at| *at < self.eligible.len())?)?;
        Some(0.6 * dense + 0.4 * words)
    }

    fn step(&self, at: u32, side: usize) -> u32 {
        self.around.get(at as usize).map_or(NONE, |around| around[side])
    }

    /// The sum of every signal times its weight, each written as the study has it.
    fn by_definition(&self, slot: u32) -> Option<f64> {
        let at = slot as usize;
        let (dense, lexical) = self.legs(at)?;
        let own = self.fused(slot)?;
        let of = |slot: u32| self.fused(slot).unwrap_or(0.0);
        let (before, after) = (self.step(slot, 0), self.step(slot, 1));
        let (before2, after2) = (self.step(before, 0), self.step(after, 1));
        let (before3, after3) = (self.step(before2, 0), self.step(after2, 1));
        let around = of(before).max(0.5 * of(before2)).max(of(after).max(0.5 * of(after2)));
        let fact = self.facts[at];
        let asked =
            self.facts.get(before as usize).copied().filter(|asked| asked.question && !fact.question && asked.speaker != fact.speaker);
        let share = |slots: &[u32]| {
            let bits = slots.iter().fold(0u64, |bits, slot| bits | self.words.masks.get(*slot as usize).copied().unwrap_or(0));
            let told: f64 = (0..self.words.informative.len())
                .filter(|bit| bits >> bit & 1 == 1)
                .map(|bit| f64::from(self.words.informative[bit]))
                .sum();
            if self.words.all > 0.0 { told / f64::from(self.words.all) } else { 0.0 }
        };
        let mean = |slot: u32| {
            let own = self.cosines[slot as usize];
            let near: Vec<f64> = [
                own,
                self.cosines.get(self.step(slot, 0) as usize).copied().unwrap_or(f32::NAN),
                self.cosines.get(self.step(slot, 1) as usize).copied().unwrap_or(f32::NAN),
            ]
            .into_iter()
            .filter(|c| c.is_finite())
            .map(f64::from)
            .collect();
            #[expect(clippy::cast_precision_loss, reason = "at most three")]
            let count = near.len() as f64;
            own.is_finite().then(|| near.iter().sum::<f64>() / count)
        };
        let slots = || (0..u32::try_from(self.eligible.len()).expect("few")).filter(|slot| self.may(*slot as usize));
        let window = mean(slot).filter(|_| !self.around.is_empty()).map_or(0.0, |own| {
            let (low, high) = slots().filter_map(mean).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), m| (low.min(m), high.max(m)));
            if high - low > f64::from(f32::EPSILON) { (own - low) / (high - low) } else { 0.0 }
        });
        let session = self.session_of.get(at).filter(|number| **number != NONE).map_or(0.0, |number| {
            let mut scores: Vec<f64> =
                slots().filter(|slot| self.session_of[*slot as usize] == *number).filter_map(|slot| self.fused(slot)).collect();
            scores.sort_by(|a, b| b.total_cmp(a));
            scores.iter().take(3).sum::<f64>() / 3.0
        });
        let speaker = f64::from(u8::from(self.speaker.get(at) == Some(&true)));
        let best_pair = slots().map(|slot| self.words.pair[slot as usize]).fold(0.0f32, f32::max);
        let words = f64::from(self.lengths[at]);
        let signals: [f64; COUNT] = [
            dense,
            lexical,
            dense * lexical,
            dense * dense,
            lexical * lexical,
            around,
            of(before),
            of(after),
            of(before2).max(of(after2)),
            of(before3).max(of(after3)),
            asked.map_or(0.0, |_| of(before)),
            f64::from(u8::from(fact.question)),
            share(&[slot]),
            share(&[slot, before, after, before2]),
            window,
            session,
            speaker,
            speaker * own,
            self.date.get(at).copied().map_or(0.0, f64::from),
            (1.0 + words).ln().min(4.0) / 4.0,
            f64::from(u8::from(self.wants.time && fact.time)),
            f64::from(u8::from(self.wants.number && fact.number)),
            if best_pair > 0.0 { f64::from(self.words.pair[at] / best_pair) } else { 0.0 },
            (1.0 - words / 12.0).max(0.0),
        ];
        let g = f64::from(shortness(self.lengths[at]));
        Some((0..COUNT).map(|at| (g * f64::from(SHORT[at]) + (1.0 - g) * f64::from(LONG[at])) * signals[at]).sum())
    }
}

/// Up to thirty memories in up to four sessions, with whatever may be unknown of them.
fn cases() -> impl Strategy<Value = Case> {
    (1usize..30).prop_flat_map(|n| {
        let scores = (vec(option::weighted(0.8, -1.0f32..1.0), n), vec(prop_oneof![Just(0.0f32), 0.0f32..20.0], n), vec(0.0f32..20.0, n));
        let flags = (vec(any::<bool>(), n), vec(proptest::bool::weighted(0.8), n), vec(any::<(bool, bool, bool, u8)>(), n));
        let rest =
            (vec(0u64..16, n), vec(1.0f32..80.0, n), vec(0u32..5, n), vec(0.0f32..1.0, n), any::<(bool, bool, bool, bool, bool, bool)>());
        (scores, flags, rest).prop_map(move |((cosines, bm25, pair), (far, eligible, told), (masks, lengths, sessions, date, known))| {
            let mut case = Case::of(&cosines, &bm25);
            case.words = Words { bm25, pair, masks, informative: vec![1.0, 2.0, 0.5, 3.0], all: 9.0, known: 6.5, familiar: true };
            (case.eligible, case.lengths) = (eligible, lengths);
            let (has_sessions, has_date, has_speaker, is_best_only, time, number) = known;
            case.wants = Wants { time, number };
            case.far = if is_best_only { far } else { Vec::new() };
            case.facts = told
                .iter()
                .map(|(question, time, number, who)| Facts {
                    question: *question,
                    time: *time,
                    number: *number,
                    speaker: u32::from(who % 3),
                })
                .collect();
            case.date = if has_date { date } else { Vec::new() };
            case.speaker = if has_speaker { case.facts.iter().map(|fact| fact.speaker == 1).collect() } else { Vec::new() };
            if has_sessions {
                case.sessions = 4;
                case.session_of = sessions.iter().map(|number| if *number < 4 { *number } else { NONE }).collect();
                case.around = (0..n).map(|at| neighbours(&case.session_of, at)).collect();
            }
            case
        })
    })
}

fn neighbours(session_of: &[u32], at: usize) -> [u32; 2] {
    let alike = |other: &usize| session_of[at] != NONE && session_of[*other] == session_of[at];
    let slot = |at: Option<usize>| at.and_then(|at| u32::try_from(at).ok()).unwrap_or(NONE);
    [slot((0..at).rev().find(alike)), slot((at + 1..session_of.len()).find(alike))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_is_the_definition(case in cases()) {
        let ranked = case.rank(100);
        let defined: Vec<_> = (0..u32::try_from(case.eligible.len()).expect("few")).filter_map(|slot| Some((slot, case.by_definition(slot)?))).collect();
        prop_assert_eq!(ranked.len(), defined.len());
        for (slot, parts) in &ranked {
            let (_, sum) = defined.iter().find(|(other, _)| other == slot).expect("as many");
            prop_assert!((f64::from(parts.order) - sum).abs() < 1e-3, "{} is not {sum}", parts.order);
            prop_assert!((0.0..=1.0).contains(&parts.score) && parts.fused.is_finite() && parts.neighbours.is_finite() && parts.speaker.is_finite());
        }
        prop_assert!(ranked.windows(2).all(|pair| pair[0].1.order >= pair[1].1.order));
        let first: Vec<_> = ranked.iter().take(3).map(|(slot, _)| *slot).collect();
        prop_assert_eq!(case.rank(3).iter().map(|(slot, _)| *slot).collect::<Vec<_>>(), first, "a limit changes no order");
    }

    #[test]
    fn scales_that_say_the_same_give_the_same_order(case in cases(), factor in 0.5f32..2.0) {
        let mut scaled = case.clone();
        scaled.words.bm25.iter_mut().chain(&mut scaled.words.pair).for_each(|score| *score *= factor);
        scaled.cosines.iter_mut().for_each(|cosine| *cosine = *cosine * 0.5 + 0.2);
        let (one, other) = (case.rank(100), scaled.rank(100));
        for ((_, a), (_, b)) in one.iter().zip(&other) {
            prop_assert!((a.order - b.order).abs() < 1e-2, "{} and {}", a.order, b.order);
        }
    }
}
