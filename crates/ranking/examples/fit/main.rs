//! Fits the constants of the ranking on corpora in the form of `benches/eval/run.py`, and judges those that are there.
//!
//! ```sh
//! cargo run --release -p ranking --example fit -- fit DATA VECTORS > crates/ranking/src/weights.rs
//! cargo run --release -p ranking --example fit -- judge DATA VECTORS [minilm]
//! cargo run --release -p ranking --example fit -- leave-out DATA VECTORS
//! ```
//!
//! `VECTORS` is where embeddings are kept between runs. `leave-out` fits anew without each tenant in turn and judges on it.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::format_collect,
    clippy::needless_for_each,
    reason = "counts, scores and lists of corpora are small"
)]

mod corpus;
mod descent;
mod likely;
mod order;
mod vectors;

use std::collections::BTreeMap;

use corpus::{ADVERSARIAL, Corpus};
use order::{Asked, Weights};
use ranking::{
    chance,
    signals::{self, COUNT},
    weights::{CHANCE, CHANCE_BIAS, LONG, SHORT},
};
use vectors::{Model, Vectors};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [what, data, file, rest @ ..] = args.as_slice() else { panic!("say what to do, where the corpora are, and where to keep vectors") };
    let model = if rest.iter().any(|arg| arg == "minilm") { Model::MiniLm } else { Model::E5 };
    let mut corpora = corpora(data);
    let vectors = Vectors::of_texts(model, file, corpora.iter().flat_map(Corpus::texts));
    corpora.iter_mut().for_each(|corpus| corpus.embed(&vectors));
    match what.as_str() {
        "fit" => fit(&corpora, &vectors),
        "judge" => judge(&corpora, &vectors),
        "leave-out" => leave_out(&corpora, &vectors),
        other => panic!("fit, judge or leave-out, not {other}"),
    }
}

/// All sets, with sessions and without, and small tenants.
fn corpora(data: &str) -> Vec<Corpus> {
    let entries = std::fs::read_dir(data).expect("the folder of the corpora");
    let name = |entry: std::fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".memories.jsonl").map(str::to_owned);
    let mut names: Vec<String> = entries.flatten().filter_map(name).collect();
    names.sort();
    let general: Vec<corpus::Query> =
        names.iter().filter(|name| name.starts_with("xquad-en-en")).flat_map(|name| Corpus::read(data, name, false).queries).collect();
    let mut all: Vec<Corpus> = Vec::new();
    for name in names {
        let whole = Corpus::read(data, &name, false);
        // Sentences of an encyclopedia may answer what is asked of one.
        let strange = if name.starts_with("xquad") { &[][..] } else { &general };
        if !name.starts_with("beam") {
            all.extend([3, 12, 50].map(|size| whole.small(size).with_strange(strange)));
        }
        all.extend([Corpus::read(data, &name, true), whole.with_strange(strange)]);
    }
    all
}

/// How much a set counts: those of one kind as much as one another. Sets of sentences in many languages guard the order, and decide it
/// no more than conversations do.
fn weight(corpora: &[Corpus], corpus: &Corpus) -> f64 {
    let kind = |name: &str| (name.starts_with("xquad"), name.contains("-bare"), name.split_once('~').map(|(_, size)| size.to_owned()));
    let alike = corpora.iter().filter(|other| kind(&other.name) == kind(&corpus.name)).count() as f64;
    match kind(&corpus.name) {
        (false, false, None) => 1.0,
        (true, false, None) => 0.3 / alike,
        (true, true, None) => 0.2 / alike,
        (false, true, None) => 1.0 / alike,
        (_, _, Some(_)) => 0.5 / alike,
    }
}

fn fit(corpora: &[Corpus], vectors: &Vectors) {
    let asked = ask_all(corpora, vectors);
    let order = fit_order(corpora, &asked, None);
    let answers: Vec<_> = likely_sets(corpora).map(|corpus| (weight(corpora, corpus), likely::answers(corpus, vectors, &order))).collect();
    print_weights(&order, &likely::fit(&answers));
}

/// Small tenants decide nothing of the order.
fn ask_all(corpora: &[Corpus], vectors: &Vectors) -> BTreeMap<String, Vec<Asked>> {
    let whole = corpora.iter().filter(|corpus| !corpus.name.contains('~'));
    whole.map(|corpus| (corpus.name.clone(), order::asked(corpus, vectors))).collect()
}

/// Without sessions it is of no importance where a question is answered: those sets say the same as those with.
fn likely_sets(corpora: &[Corpus]) -> impl Iterator<Item = &Corpus> {
    corpora.iter().filter(|corpus| !corpus.name.contains("-bare"))
}

fn fit_order(corpora: &[Corpus], asked: &BTreeMap<String, Vec<Asked>>, without: Option<&str>) -> Weights {
    let group = |corpus: &Corpus| {
        // Of the sets in one language and another, a part is enough.
        let step = if corpus.name.starts_with("xquad") { 4 } else { 1 };
        let of: Vec<&Asked> =
            asked.get(&corpus.name)?.iter().step_by(step).filter(|asked| Some(asked.tenant.as_str()) != without).collect();
        Some((weight(corpora, corpus), of))
    };
    order::fit(&corpora.iter().filter_map(group).filter(|(_, of)| !of.is_empty()).collect::<Vec<_>>())
}

fn judge(corpora: &[Corpus], vectors: &Vectors) {
    let order: Weights = std::array::from_fn(|at| f64::from(if at < COUNT { SHORT[at] } else { LONG[at - COUNT] }));
    for (name, asked) in ask_all(corpora, vectors) {
        print_order(&name, asked.iter().map(|asked| (asked, order::sums(asked, &order))));
    }
    let likely = std::array::from_fn(|at| f64::from(CHANCE.get(at).copied().unwrap_or(CHANCE_BIAS)));
    for corpus in likely_sets(corpora) {
        print_likely(&corpus.name, &likely::judge(&likely::answers(corpus, vectors, &order), &likely));
    }
}

fn leave_out(corpora: &[Corpus], vectors: &Vectors) {
    let asked = ask_all(corpora, vectors);
    let mut judged: BTreeMap<&str, Vec<(&Asked, Vec<f64>)>> = BTreeMap::new();
    let of_people = |corpus: &&Corpus| !corpus.name.starts_with("xquad") && !corpus.name.contains('~') && !corpus.name.contains("-bare");
    let mut tenants: Vec<&str> =
        corpora.iter().filter(of_people).flat_map(|corpus| &corpus.tenants).map(|tenant| tenant.name.as_str()).collect();
    tenants.sort_unstable();
    tenants.dedup();
    for tenant in tenants {
        let weights = fit_order(corpora, &asked, Some(tenant));
        for one in asked.values().flatten().filter(|one| one.tenant == tenant) {
            judged.entry(&one.set).or_default().push((one, order::sums(one, &weights)));
        }
        eprintln!("without {tenant}");
    }
    for (name, judged) in judged {
        print_order(name, judged.into_iter());
    }
}

fn print_order<'a>(name: &str, judged: impl Iterator<Item = (&'a Asked, Vec<f64>)>) {
    let (mut all, mut adversarial) = (Vec::new(), Vec::new());
    for (asked, sums) in judged {
        let into = if asked.category == ADVERSARIAL { &mut adversarial } else { &mut all };
        into.extend(order::judged(asked, &sums));
    }
    let mean = |of: &[(f64, f64)]| {
        let n = of.len().max(1) as f64;
        (of.iter().map(|(recall, _)| recall).sum::<f64>() / n, of.iter().map(|(_, gain)| gain).sum::<f64>() / n)
    };
    let ((recall, gain), (apart, _)) = (mean(&all), mean(&adversarial));
    println!("{name:24} R@10 {recall:.4}  nDCG {gain:.4}  adversarial {apart:.4}  ({} questions)", all.len());
}

fn print_likely(name: &str, of: &likely::Judgement) {
    let likely::Judgement { area, kept, nothing, calibration, told } = of;
    println!("{name:24} area {area:.4}  kept {kept:.4}  nothing {nothing:.4}  calibration {calibration:.4}  told {told:.1}");
}

fn print_weights(order: &Weights, likely: &likely::Likely) {
    let list = |values: &[f64], names: &[&str]| {
        values.iter().zip(names).map(|(value, name)| format!("    {value:.3}, // {name}\n")).collect::<String>()
    };
    println!(
        "//! The constants of the ranking, printed by `examples/fit`, which says how they are made. What they were fitted on is named in NOTICE.\n"
    );
    println!("use crate::{{chance, signals::COUNT}};\n");
    println!(
        "/// For memories of few words.\n#[rustfmt::skip]\npub const SHORT: [f32; COUNT] = [\n{}];",
        list(&order[..COUNT], &signals::NAMES)
    );
    println!("/// For long ones.\n#[rustfmt::skip]\npub const LONG: [f32; COUNT] = [\n{}];", list(&order[COUNT..], &signals::NAMES));
    println!(
        "/// Of [`Chance`](chance::Chance).\n#[rustfmt::skip]\npub const CHANCE: [f32; chance::COUNT] = [\n{}];",
        list(&likely[..chance::COUNT], &chance::NAMES)
    );
    println!("/// What its sum begins with.\npub const CHANCE_BIAS: f32 = {:.3};", likely[chance::COUNT]);
}
