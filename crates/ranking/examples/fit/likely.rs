//! The chance that a memory bears on a question: each question asked where its answer is and where it is not.

use ranking::{
    NONE,
    chance::{COUNT, Chance, EVERY_WORD, Features, LEAST, LIKELY, SIGNS},
    rank,
    signals::Fused,
};

use crate::{
    corpus::{ADVERSARIAL, Corpus, Query, STRANGE, Tenant},
    descent::descend,
    order::Weights,
    vectors::Vectors,
};

/// The weights, and the bias at the end.
pub type Likely = [f64; COUNT + 1];

/// The first ten of one answer, and which of them are right.
pub struct Answer {
    pub own: bool,
    pub hits: Vec<Hit>,
}

/// What the model weighs of a memory, whether it is right, and whether it has every word.
pub type Hit = (Features, bool, bool);

/// Every question of a corpus, in its own tenant and in others. One with a single tenant is asked of without the session that has
/// the answer.
pub fn answers(corpus: &Corpus, vectors: &Vectors, weights: &Weights) -> Vec<Answer> {
    let mut all = Vec::new();
    for (number, query) in corpus.queries.iter().enumerate().filter(|(_, query)| query.cat != ADVERSARIAL) {
        for (at, tenant) in corpus.tenants.iter().enumerate() {
            let whole = vec![true; tenant.memories.len()];
            if query.cat == STRANGE {
                if tenant.name == query.tenant {
                    all.push(answer(query, tenant, &whole, &[], vectors, weights));
                }
            } else if tenant.name == query.tenant {
                let places = tenant.places(&query.relevant);
                all.push(answer(query, tenant, &whole, &places, vectors, weights));
                if corpus.tenants.len() == 1 {
                    let session = &tenant.memories[places[0]].session;
                    let others: Vec<bool> = tenant.memories.iter().map(|memory| memory.session != *session).collect();
                    all.push(answer(query, tenant, &others, &[], vectors, weights));
                }
            } else if corpus.tenants.len() <= 5 || (at * 7 + number) % corpus.tenants.len() < 4 {
                all.push(answer(query, tenant, &whole, &[], vectors, weights));
            }
        }
    }
    all
}

fn answer(query: &Query, tenant: &Tenant, eligible: &[bool], right: &[usize], vectors: &Vectors, weights: &Weights) -> Answer {
    let asking = tenant.ask(query, vectors);
    let evidence = asking.evidence(eligible);
    let fused = Fused::new(&evidence);
    let order = |slot: u32| {
        let g = rank::shortness(tenant.lengths[slot as usize]);
        let of = |at: usize| g * weights[at] as f32 + (1.0 - g) * weights[ranking::signals::COUNT + at] as f32;
        fused.signals(slot).iter().enumerate().map(|(at, signal)| of(at) * signal).sum::<f32>()
    };
    let mut slots: Vec<(u32, f32)> = (0..NONE).zip(eligible).filter(|(_, e)| **e).map(|(slot, _)| (slot, order(slot))).collect();
    slots.sort_by(|a, b| b.1.total_cmp(&a.1));
    slots.truncate(10);
    let chance = Chance::new(&evidence, slots.first().map_or(0.0, |(_, order)| *order));
    let hit = |(slot, order): (u32, f32)| {
        (chance.features(slot, &fused.signals(slot), order), right.contains(&(slot as usize)), chance.has_every_word(slot))
    };
    Answer { own: !right.is_empty(), hits: slots.into_iter().map(hit).collect() }
}

/// Fits the model; in each set its own answers and the others count the same.
pub fn fit(sets: &[(f64, Vec<Answer>)]) -> Likely {
    const DECAY: f64 = 1e-6;
    let mut samples: Vec<(f64, &Features, f64)> = Vec::new();
    for (weight, answers) in sets {
        let own = answers.iter().filter(|answer| answer.own).count().max(1) as f64;
        let foreign = (answers.len() as f64 - own).max(1.0);
        for answer in answers {
            let each = weight / if answer.own { own } else { foreign } / 10.0;
            samples.extend(answer.hits.iter().map(|(features, right, _)| (each, features, f64::from(u8::from(*right)))));
        }
    }
    let total: f64 = samples.iter().map(|(weight, ..)| weight).sum();
    let spread: Vec<f64> = (0..COUNT)
        .map(|at| {
            let mean = samples.iter().map(|(_, f, _)| f64::from(f[at])).sum::<f64>() / samples.len() as f64;
            (samples.iter().map(|(_, f, _)| (f64::from(f[at]) - mean).powi(2)).sum::<f64>() / samples.len() as f64).sqrt().max(1e-9)
        })
        .collect();
    let gradient = |weights: &[f64]| {
        let mut gradient: Vec<f64> = weights.iter().map(|weight| 2.0 * DECAY * weight).collect();
        for (weight, features, label) in &samples {
            let sum: f64 = (0..COUNT).map(|at| weights[at] * f64::from(features[at]) / spread[at]).sum::<f64>() + weights[COUNT];
            let wrong = weight / total * (1.0 / (1.0 + (-sum).exp()) - label);
            (0..COUNT).for_each(|at| gradient[at] += wrong * f64::from(features[at]) / spread[at]);
            gradient[COUNT] += wrong;
        }
        gradient
    };
    let bound = |at: usize, value: f64| match SIGNS.get(at) {
        Some(1) => value.max(0.0),
        Some(-1) => value.min(0.0),
        _ => value,
    };
    let mut weights = descend(vec![0.0; COUNT + 1], 600, 0.1, gradient, bound);
    (0..COUNT).for_each(|at| weights[at] /= spread[at]);
    weights.try_into().expect("as many")
}

/// How good the scores of a set are.
pub struct Judgement {
    /// Area under the curve of the best hit's score, own answers against others.
    pub area: f64,
    /// Of the right hits among the first ten, those that the default keeps.
    pub kept: f64,
    /// Of the questions that nothing answers, those that get nothing.
    pub nothing: f64,
    /// Mean distance between score and share of right hits, in ten steps.
    pub calibration: f64,
    /// Hits of an own answer that the default keeps.
    pub told: f64,
}

pub fn judge(answers: &[Answer], weights: &Likely) -> Judgement {
    let score = |features: &Features, every_word: bool| {
        let sum: f64 = (0..COUNT).map(|at| weights[at] * f64::from(features[at])).sum::<f64>() + weights[COUNT];
        let chance = 1.0 / (1.0 + (-sum).exp());
        if every_word { chance.max(f64::from(EVERY_WORD)) } else { chance }
    };
    let (mut own, mut foreign, mut steps) = (Vec::new(), Vec::new(), [(0.0, 0.0, 0.0); 10]);
    let (mut kept, mut right, mut told) = (0.0, 0.0, 0.0);
    for answer in answers {
        let scores: Vec<(f64, bool)> = answer.hits.iter().map(|(features, right, every)| (score(features, *every), *right)).collect();
        let best = scores.iter().map(|(score, _)| *score).fold(0.0, f64::max);
        if answer.own { &mut own } else { &mut foreign }.push(best);
        let tells = best >= f64::from(LIKELY);
        for (score, is_right) in scores {
            let step = &mut steps[((score * 10.0) as usize).min(9)];
            *step = (step.0 + 1.0, step.1 + score, step.2 + f64::from(u8::from(is_right)));
            let tells = tells && score >= f64::from(LEAST);
            right += f64::from(u8::from(is_right));
            kept += f64::from(u8::from(is_right && tells));
            told += f64::from(u8::from(answer.own && tells));
        }
    }
    foreign.sort_by(f64::total_cmp);
    let below = |best: &f64| foreign.partition_point(|other| other < best) as f64;
    let all: f64 = steps.iter().map(|step| step.0).sum();
    Judgement {
        area: own.iter().map(below).sum::<f64>() / (own.len() * foreign.len()).max(1) as f64,
        kept: kept / right.max(1.0),
        nothing: below(&f64::from(LIKELY)) / foreign.len().max(1) as f64,
        calibration: steps.iter().map(|(_, scores, rights)| (scores - rights).abs()).sum::<f64>() / all.max(1.0),
        told: told / own.len().max(1) as f64,
    }
}
