//! Trains the write gate's classifiers on the lines beside this file, and tells how well they do.
//!
//!     cargo bench --bench gate            train, and judge by lines/test, which is not trained on
//!     cargo bench --bench gate -- train   the same, and write src/memory/gate/classifiers.bin
//!
//! `lines` holds folders of `junk.txt`, `benign.txt` and `poison.txt`, a text per line with `\n` for its line breaks; all but
//! `test` are for training. Thresholds come from ten-fold cross-validation: the scores that 0.75 of 100 (junk) or 1.25 of 100
//! (orders) of the lines reach that are worth keeping, of which a quarter were written to look like junk or like orders.

use std::{fs, path::Path};

use jonathans_memory::memory::classifier::{BUCKETS, Classifier, Features, windows};

const LINES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/gate/lines");
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/memory/gate/classifiers.bin");
const KINDS: [&str; 3] = ["junk", "benign", "poison"];
const FOLDS: usize = 10;
const EPOCHS: usize = 30;
const RATE: f32 = 0.3;
const DECAY: f32 = 1e-5;

struct Line {
    kind: usize,
    features: Vec<Features>,
}

fn main() {
    let train = std::env::args().any(|arg| arg == "train");
    let mut folders: Vec<_> = fs::read_dir(LINES).expect("lines").map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    let (test, training): (Vec<_>, Vec<_>) = folders.iter().partition(|path| path.ends_with("test"));
    let lines: Vec<Line> = training.iter().flat_map(|path| read(path)).collect();
    let test: Vec<Line> = test.iter().flat_map(|path| read(path)).collect();
    println!("{} lines to train on, {} to judge by", lines.len(), test.len());
    let mut stored = Vec::new();
    for (name, positive, allowed) in [("junk", 0, 0.0075), ("orders", 2, 0.0125)] {
        let all: Vec<usize> = (0..lines.len()).collect();
        let scores = cross_validated(&lines, positive);
        let mut benign: Vec<f32> = all.iter().filter(|at| lines[**at].kind == 1).map(|at| scores[*at]).collect();
        benign.sort_by(f32::total_cmp);
        let mut model = fit(&lines, &all, positive);
        let threshold = |wrong: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
            let rank = (benign.len() as f64 * (1.0 - wrong)) as usize;
            benign[rank]
        };
        for wrong in [allowed / 2.0, allowed, allowed * 1.5] {
            let threshold = threshold(wrong);
            let part = |kind: usize, lines: &[Line], score: &dyn Fn(usize) -> f32| {
                let of: Vec<_> = (0..lines.len()).filter(|at| lines[*at].kind == kind).collect();
                format!("{}/{}", of.iter().filter(|at| score(**at) > threshold).count(), of.len())
            };
            let judged = |at: usize| score(&model, &test[at], positive);
            println!(
                "{name} above {threshold:.2}: in validation {} of benign {}; in test {} of benign {}",
                part(positive, &lines, &|at| scores[at]),
                part(1, &lines, &|at| scores[at]),
                part(positive, &test, &judged),
                part(1, &test, &judged),
            );
        }
        model.bias -= threshold(allowed);
        stored.extend(model.to_bytes());
    }
    if train {
        fs::write(STORED, stored).expect("written");
        println!("wrote {STORED}");
    }
}

fn read(folder: &Path) -> Vec<Line> {
    let of = |(kind, name): (usize, &&str)| {
        let text = fs::read_to_string(folder.join(format!("{name}.txt"))).expect("a file of lines");
        let line = |line: &str| Line { kind, features: windows(&line.replace("\\n", "\n")).collect() };
        text.lines().filter(|line| !line.trim().is_empty()).map(line).collect::<Vec<_>>()
    };
    KINDS.iter().enumerate().flat_map(of).collect()
}

/// As the gate does: junk by the least likely part, orders by the most likely.
fn score(model: &Classifier, line: &Line, positive: usize) -> f32 {
    let scores = line.features.iter().map(|features| model.score(features));
    if positive == 0 { scores.fold(f32::INFINITY, f32::min) } else { scores.fold(f32::NEG_INFINITY, f32::max) }
}

/// A score for each line by a model that has not seen it.
fn cross_validated(lines: &[Line], positive: usize) -> Vec<f32> {
    let fold_of = |at: usize| at.wrapping_mul(2_654_435_761) >> 8 & 0xffff;
    let mut scores = vec![0.0; lines.len()];
    let one = |fold: usize| {
        let (held, seen): (Vec<_>, Vec<_>) = (0..lines.len()).partition(|at| fold_of(*at) % FOLDS == fold);
        let model = fit(lines, &seen, positive);
        held.into_iter().map(|at| (at, score(&model, &lines[at], positive))).collect::<Vec<_>>()
    };
    for pair in (0..FOLDS).collect::<Vec<_>>().chunks(2) {
        let found: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = pair.iter().map(|fold| scope.spawn(move || one(*fold))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
        });
        for (at, score) in found {
            scores[at] = score;
        }
    }
    scores
}

/// Logistic regression by `AdaGrad`, in an order that is the same each time.
fn fit(lines: &[Line], seen: &[usize], positive: usize) -> Classifier {
    let (mut weights, mut squares) = (vec![0.0_f32; BUCKETS], vec![1e-6_f32; BUCKETS]);
    let (mut bias, mut dice) = (0.0_f32, 7_u64);
    let mut order = seen.to_vec();
    for _ in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(at, usize::try_from(dice >> 33).expect("31 bits") % (at + 1));
        }
        for line in order.iter().map(|at| &lines[*at]) {
            let is = f32::from(u8::from(line.kind == positive));
            for features in &line.features {
                let sum: f32 = features.iter().map(|&(bucket, much)| weights[bucket as usize] * much).sum();
                let wrong = 1.0 / (1.0 + (-(bias + sum)).exp()) - is;
                bias -= 0.02 * wrong;
                for &(bucket, much) in features {
                    let (weight, square) = (&mut weights[bucket as usize], &mut squares[bucket as usize]);
                    let slope = wrong * much + DECAY * *weight;
                    *square += slope * slope;
                    *weight -= RATE * slope / square.sqrt();
                }
            }
        }
    }
    let scale = weights.iter().fold(0.0_f32, |most, weight| most.max(weight.abs())) / 127.0;
    #[expect(clippy::cast_possible_truncation, reason = "-127 to 127")]
    let weights = weights.iter().map(|weight| (weight / scale).round() as i8).collect();
    Classifier { bias, weights, scale }
}
