//! Trains the write gate on the lines beside this file, and tells how well it does.
//!
//!     cargo bench --bench gate             judge what is stored, by lines/report
//!     cargo bench --bench gate -- check    the same, and fail where a bar is missed
//!     cargo bench --bench gate -- cross    judge each writer of lines/train by what all others taught
//!     cargo bench --bench gate -- train    write src/memory/gate/classifiers.bin and talk.txt anew
//!
//! What the lines are and who wrote them stands in lines/README.md.

mod orders;
mod report;
mod talk;

use std::{
    fs,
    path::{Path, PathBuf},
};

use jonathans_memory::memory::classifier::{Classifier, Features};

const LINES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/gate/lines");
const GATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/memory/gate");
const RATE: f32 = 0.3;
const DECAY: f32 = 1e-5;

/// What a writer was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nothing,
    Fact,
    Orders,
}

/// A text of one writer.
struct Line {
    kind: Kind,
    register: String,
    text: String,
    /// The file's name without its ending.
    writer: String,
}

fn main() {
    let asked = |word: &str| std::env::args().any(|arg| arg == word);
    let (shared, talks) = (folder("orders"), folder("train"));
    let given: Vec<Line> = ["phrases", "close-calls"].iter().flat_map(|name| file(&Path::new(LINES).join(format!("{name}.tsv")))).collect();
    if asked("cross") {
        talk::cross(&shared, &given, &talks);
    }
    if asked("train") {
        let (vocabulary, talk) = talk::train(&shared, &given, &talks);
        let stored = [talk.to_bytes(), orders::train(&shared, &file(&Path::new(LINES).join("orders-test.tsv"))).to_bytes()].concat();
        fs::write(format!("{GATE}/talk.txt"), vocabulary).expect("written");
        fs::write(format!("{GATE}/classifiers.bin"), stored).expect("written");
        println!("written; build again before judging");
        return;
    }
    let lines = folder("report");
    if !lines.is_empty() && !report::judge(&lines) && asked("check") {
        std::process::exit(1);
    }
}

/// The lines of each file in a folder, in the order of their names; none where there is no folder.
fn folder(name: &str) -> Vec<Line> {
    let entries = fs::read_dir(Path::new(LINES).join(name));
    let mut files: Vec<PathBuf> = entries.into_iter().flatten().map(|entry| entry.expect("a file").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "tsv"));
    files.sort();
    files.iter().flat_map(|path| file(path)).collect()
}

fn file(path: &Path) -> Vec<Line> {
    let text = fs::read_to_string(path).expect("a file of lines");
    let writer = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let line = |line: &str| {
        let mut columns = line.splitn(3, '\t');
        let kind = match columns.next()? {
            "nothing" => Kind::Nothing,
            "fact" => Kind::Fact,
            "orders" => Kind::Orders,
            _ => return None,
        };
        let (register, text) = (columns.next()?.to_owned(), columns.next()?.replace("\\n", "\n"));
        Some(Line { kind, register, text, writer: writer.clone() })
    };
    text.lines().filter_map(line).collect()
}

/// What a model is taught: whether a text is of its kind, by all of its parts or by one.
struct Example<'a> {
    /// Of its kind, and each part is; otherwise the part that looks most unlike it need not be.
    is: bool,
    parts: &'a [Features],
    /// How much it counts.
    weight: f32,
    /// Only the part that the model finds least likely is taught.
    least_alone: bool,
}

/// Logistic regression by `AdaGrad`, in an order that is the same each time.
fn fit(examples: &[Example], epochs: usize, buckets: usize) -> Classifier {
    let (mut weights, mut squares) = (vec![0.0_f32; buckets], vec![1e-6_f32; buckets]);
    let (mut bias, mut dice) = (0.0_f32, 7_u64);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for _ in 0..epochs {
        for at in (1..order.len()).rev() {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(at, usize::try_from(dice >> 33).expect("31 bits") % (at + 1));
        }
        for example in order.iter().map(|at| &examples[*at]) {
            let is = f32::from(u8::from(example.is));
            let sum = |part: &Features, weights: &[f32]| part.iter().map(|&(bucket, much)| weights[bucket as usize] * much).sum::<f32>();
            let least = example.parts.iter().min_by(|a, b| sum(a, &weights).total_cmp(&sum(b, &weights)));
            let parts = if example.least_alone { least.map_or(&[][..], std::slice::from_ref) } else { example.parts };
            for part in parts {
                let wrong = example.weight * (1.0 / (1.0 + (-(bias + sum(part, &weights))).exp()) - is);
                bias -= 0.02 * wrong;
                for &(bucket, much) in part {
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
