//! The classifier of texts that give orders to an agent: all lines of `orders` teach it, and its threshold is the score that
//! 1.25 of 100 facts reach in ten-fold cross-validation, of which a quarter were written to look like orders.

use jonathans_memory::memory::classifier::{BUCKETS, Classifier, Features, windows};

use crate::{Example, Kind, Line, fit};

const FOLDS: usize = 10;
const EPOCHS: usize = 30;
const ALLOWED: f64 = 0.0125;

pub fn train(lines: &[Line], test: &[Line]) -> Classifier {
    let lines: Vec<_> = lines.iter().map(|line| (line.kind, windows(&line.text).collect::<Vec<_>>())).collect();
    let scores = cross_validated(&lines);
    let mut facts: Vec<f32> = scores.iter().zip(&lines).filter(|(_, line)| line.0 == Kind::Fact).map(|(score, _)| *score).collect();
    facts.sort_by(f32::total_cmp);
    let mut model = taught(&lines, |_| true);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = (facts.len() as f64 * (1.0 - ALLOWED)) as usize;
    model.bias -= facts[rank];
    for kind in [Kind::Orders, Kind::Fact] {
        let of: Vec<_> = test.iter().filter(|line| line.kind == kind).collect();
        let flagged = of.iter().filter(|line| most(&model, &windows(&line.text).collect::<Vec<_>>()) > 0.0).count();
        println!("orders: {flagged} of {} lines of the kind {kind:?} are flagged in orders-test.tsv", of.len());
    }
    model
}

/// A text gives orders where any part does.
fn most(model: &Classifier, parts: &[Features]) -> f32 {
    parts.iter().map(|part| model.score(part)).fold(f32::NEG_INFINITY, f32::max)
}

fn taught(lines: &[(Kind, Vec<Features>)], is_seen: impl Fn(usize) -> bool) -> Classifier {
    let seen = lines.iter().enumerate().filter(|(at, _)| is_seen(*at)).map(|(_, (kind, parts))| Example {
        is: *kind == Kind::Orders,
        parts,
        weight: 1.0,
        least_alone: false,
    });
    fit(&seen.collect::<Vec<_>>(), EPOCHS, BUCKETS)
}

/// A score for each line by a model that has not seen it.
fn cross_validated(lines: &[(Kind, Vec<Features>)]) -> Vec<f32> {
    let fold_of = |at: usize| (at.wrapping_mul(2_654_435_761) >> 8 & 0xffff) % FOLDS;
    let mut scores = vec![0.0; lines.len()];
    for pair in (0..FOLDS).collect::<Vec<_>>().chunks(2) {
        let models: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = pair.iter().map(|fold| scope.spawn(move || taught(lines, |at| fold_of(at) != *fold))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        for (fold, model) in pair.iter().zip(models) {
            for at in (0..lines.len()).filter(|at| fold_of(*at) == *fold) {
                scores[at] = most(&model, &lines[at].1);
            }
        }
    }
    scores
}
