//! The order: signals of all memories for each question, fitted listwise (the softmax of each answer against all that is no
//! answer; Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007).

use ranking::{
    NONE, rank,
    signals::{COUNT, Fused, Signals},
};

use crate::{corpus::Corpus, descent::descend, vectors::Vectors};

/// Weights for short texts, and those for long ones.
pub type Weights = [f64; 2 * COUNT];

/// One question: the signals and lengths of all memories, and which of them answer.
pub struct Asked {
    pub set: String,
    pub tenant: String,
    pub category: String,
    pub rows: Vec<(Signals, f32)>,
    pub answers: Vec<usize>,
}

/// Every question of a corpus, asked in its own tenant.
pub fn asked(corpus: &Corpus, vectors: &Vectors) -> Vec<Asked> {
    let of = |query: &crate::corpus::Query| {
        let tenant = corpus.tenants.iter().find(|tenant| tenant.name == query.tenant).expect("its tenant");
        let asking = tenant.ask(query, vectors);
        let eligible = vec![true; tenant.memories.len()];
        let evidence = asking.evidence(&eligible);
        let fused = Fused::new(&evidence);
        let rows = (0..NONE).zip(&tenant.lengths).map(|(slot, length)| (fused.signals(slot), *length)).collect();
        Asked {
            set: corpus.name.clone(),
            tenant: tenant.name.clone(),
            category: query.cat.clone(),
            rows,
            answers: tenant.places(&query.relevant),
        }
    };
    corpus.queries.iter().map(of).collect()
}

/// The learned sum of every memory.
pub fn sums(asked: &Asked, weights: &Weights) -> Vec<f64> {
    let sum = |(signals, words): &(Signals, f32)| {
        let g = f64::from(rank::shortness(*words));
        (0..COUNT).map(|at| f64::from(signals[at]) * (g * weights[at] + (1.0 - g) * weights[COUNT + at])).sum()
    };
    asked.rows.iter().map(sum).collect()
}

/// Fits the weights; each group of questions counts as much as its weight says.
pub fn fit(groups: &[(f64, Vec<&Asked>)]) -> Weights {
    const DECAY: f64 = 2e-3;
    let all: Vec<(f64, &Asked)> =
        groups.iter().flat_map(|(weight, asked)| asked.iter().map(move |one| (weight / asked.len() as f64, *one))).collect();
    let gradient = |weights: &[f64]| {
        let weights: &Weights = weights.try_into().expect("as many");
        let half = all.len() / 2;
        let part = |asked: &[(f64, &Asked)]| {
            let mut gradient = vec![0.0; 2 * COUNT];
            asked.iter().for_each(|(weight, asked)| add_gradient(asked, weights, *weight, &mut gradient));
            gradient
        };
        let (mut first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| part(&all[half..]));
            (part(&all[..half]), other.join().expect("no panic"))
        });
        first.iter_mut().zip(second).zip(weights).for_each(|((sum, other), weight)| *sum += other + 2.0 * DECAY * weight);
        first
    };
    descend(vec![0.0; 2 * COUNT], 300, 0.1, gradient, |_, value| value).try_into().expect("as many")
}

fn add_gradient(asked: &Asked, weights: &Weights, weight: f64, gradient: &mut [f64]) {
    let sums = sums(asked, weights);
    let answers = asked.answers.len() as f64;
    if asked.answers.is_empty() || asked.answers.len() == sums.len() {
        return;
    }
    let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut of_row: Vec<f64> = sums.iter().map(|sum| (sum - most).exp()).collect();
    let likely: Vec<f64> = asked.answers.iter().map(|at| std::mem::take(&mut of_row[*at])).collect();
    let others: f64 = of_row.iter().sum();
    let missed: f64 = likely.iter().map(|one| (1.0 - one / (one + others)) / answers).sum();
    of_row.iter_mut().for_each(|value| *value *= missed / others);
    for (at, one) in asked.answers.iter().zip(likely) {
        of_row[*at] = -(1.0 - one / (one + others)) / answers;
    }
    for ((signals, words), value) in asked.rows.iter().zip(of_row).filter(|(_, value)| value.abs() > 1e-9) {
        let g = f64::from(rank::shortness(*words));
        for at in 0..COUNT {
            let signal = f64::from(signals[at]) * value * weight;
            gradient[at] += g * signal;
            gradient[COUNT + at] += (1.0 - g) * signal;
        }
    }
}

/// Recall at ten and nDCG at ten, as `score_run.py` of the corpora has them.
pub fn judged(asked: &Asked, sums: &[f64]) -> Option<(f64, f64)> {
    let mut order: Vec<usize> = (0..sums.len()).collect();
    order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]));
    let found: Vec<usize> = (0..10).filter(|place| order.get(*place).is_some_and(|at| asked.answers.contains(at))).collect();
    let gain = |place: usize| 1.0 / ((place + 2) as f64).log2();
    let ideal: f64 = (0..asked.answers.len().min(10)).map(gain).sum();
    (!asked.answers.is_empty()).then(|| (found.len() as f64 / asked.answers.len() as f64, found.into_iter().map(gain).sum::<f64>() / ideal))
}
