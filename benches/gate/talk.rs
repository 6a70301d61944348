//! The vocabulary and the classifier of talk that says nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jonathans_memory::memory::{
    classifier::{Classifier, Features, TALK_BUCKETS},
    junk,
    talk::{Sentence, Use, all_sentences, sentences},
};

use crate::{Example, Kind, Line, fit};

const EPOCHS: usize = 12;
/// Times that a piece must be likelier in talk than in facts.
const LIKELIER: f64 = 0.02;
/// Lines of talk with a piece that only the older writers used, who were asked for more than talk.
const OFTEN: f64 = 3.0;
/// The log-odds from which a sentence is talk.
const THRESHOLD: f32 = 3.0;

/// A line as training sees it.
struct Seen<'a> {
    line: &'a Line,
    parts: Vec<Features>,
    pieces: BTreeSet<String>,
}

/// The registers that are talk, and what each is said for.
fn use_of(register: &str) -> Option<Use> {
    match register {
        "thanks" | "greeting" | "filler" => Some(Use::Empty),
        "moment" => Some(Use::Request),
        "assistant" => Some(Use::Assistant),
        "system" => Some(Use::System),
        "any" => Some(Use::Any),
        _ => None,
    }
}

fn seen<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Vec<Seen<'a>> {
    let is_taught = |line: &&Line| match line.kind {
        Kind::Fact => true,
        // What holds digits or signs is no talk, whatever it is.
        // What the older writers say of a user in the third person looks too much like a fact.
        Kind::Nothing => {
            let told = line.register == "any" && line.text.to_lowercase().contains("user");
            !told && use_of(&line.register).is_some() && sentences(&line.text).is_some()
        }
        Kind::Orders => false,
    };
    let one = |line: &'a Line| {
        let said = all_sentences(&line.text);
        let pieces = said.iter().flat_map(|sentence| sentence.pieces().collect::<Vec<_>>()).collect();
        Seen { line, parts: said.iter().map(Sentence::features).collect(), pieces }
    };
    lines.into_iter().filter(is_taught).map(one).collect()
}

/// The pieces that talk is made of.
fn vocabulary(lines: &[&Seen]) -> BTreeMap<String, (Use, u8)> {
    #[derive(Default)]
    struct Counts {
        facts: f64,
        talk: f64,
        /// Lines by what they are said for, each shared among its pieces: who says one word alone says it for that.
        uses: [f64; 4],
        curated: bool,
    }
    let mut counts: HashMap<&str, Counts> = HashMap::new();
    let (mut facts, mut talks, mut by_use) = (0.0, 0.0, [0.0_f64; 5]);
    for line in lines {
        let of = (line.line.kind == Kind::Nothing).then(|| use_of(&line.line.register)).flatten();
        *(if of.is_some() { &mut talks } else { &mut facts }) += 1.0;
        if let Some(of) = of {
            by_use[of as usize] += 1.0;
        }
        for piece in &line.pieces {
            let count = counts.entry(piece).or_default();
            match of {
                Some(of) => {
                    count.talk += 1.0;
                    #[expect(clippy::cast_precision_loss, reason = "a small count")]
                    if let Some(uses) = count.uses.get_mut(of as usize) {
                        count.curated = true;
                        *uses += 1.0 / line.pieces.len() as f64;
                    }
                }
                None => count.facts += 1.0,
            }
        }
    }
    let taken = counts.into_iter().filter_map(|(piece, count)| {
        let likelier = (count.talk / talks) / (count.facts / facts);
        if !(count.curated || count.talk >= OFTEN) || likelier < LIKELIER || piece.chars().any(char::is_numeric) {
            return None;
        }
        // Of two uses as frequent, the one with fewer lines is the likelier; of rare ones, nobody knows.
        let rates: [f64; 4] = std::array::from_fn(|of| count.uses[of] / by_use[of].max(1.0).sqrt());
        let of = (0..4).max_by(|a, b| rates[*a].total_cmp(&rates[*b]).then(b.cmp(a))).unwrap_or(0);
        let share = rates[of] / rates.iter().sum::<f64>();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 9")]
        let sure = if count.curated { ((share - 0.25) * 12.0) as u8 } else { 0 };
        Some((piece.to_owned(), (if sure == 0 { Use::Any } else { Use::ALL[of] }, sure)))
    });
    taken.collect()
}

fn classifier(lines: &[&Seen]) -> Classifier {
    let examples = lines.iter().filter(|seen| !seen.parts.is_empty()).map(|seen| Example {
        is: seen.line.kind == Kind::Nothing,
        parts: &seen.parts,
        weight: match seen.line.writer.as_str() {
            "phrases" => 0.5,
            _ => 1.0,
        },
        least_alone: seen.line.kind == Kind::Fact,
    });
    fit(&examples.collect::<Vec<_>>(), EPOCHS, TALK_BUCKETS)
}

pub fn train(shared: &[Line], given: &[Line], talks: &[Line]) -> (String, Classifier) {
    let all = seen(shared.iter().chain(given).chain(talks));
    let all: Vec<&Seen> = all.iter().collect();
    let entry = |(piece, (of, sure)): (String, (Use, u8))| format!("{}{sure} {piece}\n", of.letter());
    let stored = vocabulary(&all).into_iter().map(entry).collect();
    let mut model = classifier(&all);
    model.bias -= THRESHOLD;
    (stored, model)
}

/// Judges each writer by what the others taught.
pub fn cross(shared: &[Line], given: &[Line], talks: &[Line]) {
    let all = seen(shared.iter().chain(given).chain(talks));
    let judged_lines: Vec<&Line> = talks.iter().chain(shared).filter(|line| line.kind != Kind::Orders).collect();
    let mut writers: Vec<&str> = judged_lines.iter().map(|line| line.writer.as_str()).collect();
    writers.dedup();
    let verbose = std::env::args().any(|arg| arg == "verbose");
    let judged: Vec<Judged> = std::thread::scope(|scope| {
        let (all, lines) = (&all, &judged_lines);
        let halves = writers
            .chunks(writers.len().div_ceil(2))
            .map(|half| scope.spawn(move || half.iter().map(|writer| judge_writer(all, lines, writer)).collect::<Vec<_>>()));
        halves.collect::<Vec<_>>().into_iter().flat_map(|half| half.join().expect("no panic")).collect()
    });
    for threshold in [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0] {
        let rows: Vec<&Row> = judged.iter().flat_map(|judged| &judged.rows).collect();
        let part = |kind: Kind| {
            let of: Vec<_> = rows.iter().filter(|row| row.kind == kind).collect();
            (of.iter().filter(|row| row.log_odds > threshold).count(), of.len())
        };
        println!("threshold {threshold}: facts {:?} nothing {:?}", part(Kind::Fact), part(Kind::Nothing));
    }
    let mut table: BTreeMap<(&str, &str, &str), (usize, usize)> = BTreeMap::new();
    for (writer, row) in judged.iter().flat_map(|judged| judged.rows.iter().map(|row| (judged.writer, row))) {
        let (held, is_fact) = (row.log_odds > THRESHOLD, row.kind == Kind::Fact);
        let kind = if is_fact { "facts" } else { "nothing" };
        for key in [(kind, "writer", writer), (kind, "register", row.register)] {
            let entry = table.entry(key).or_default();
            entry.0 += usize::from(held);
            entry.1 += 1;
        }
        if verbose && ((is_fact && row.log_odds > 0.0) || (!is_fact && !held)) {
            println!("{kind} {writer} {} {:.2} for {}: {:?}", row.register, row.log_odds, row.why, row.text);
        }
    }
    for ((kind, sort, name), (held, of)) in table {
        println!("{kind} by {sort}: {name} {held}/{of}");
    }
}

struct Judged<'a> {
    writer: &'a str,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    kind: Kind,
    register: &'a str,
    text: &'a str,
    log_odds: f32,
    why: String,
}

fn judge_writer<'a>(all: &[Seen<'a>], lines: &[&'a Line], writer: &'a str) -> Judged<'a> {
    let others: Vec<&Seen> = all.iter().filter(|seen| seen.line.writer != writer).collect();
    let words: HashSet<String> = vocabulary(&others).into_keys().collect();
    let model = classifier(&others);
    let is_known = |piece: &str| words.contains(piece);
    let by_words = |said: &[Sentence]| match said.iter().find(|sentence| !sentence.is_made_of(is_known)) {
        Some(sentence) => (f32::NEG_INFINITY, sentence.pieces().filter(|piece| !is_known(piece)).collect::<Vec<_>>().join(" ")),
        None => (said.iter().map(|sentence| model.score(&sentence.features())).fold(f32::INFINITY, f32::min), "its score".into()),
    };
    let one = |line: &'a Line| {
        let (log_odds, why) = match (junk::by_form(&line.text), sentences(&line.text)) {
            (Some(Some(form)), _) => (f32::INFINITY, form.to_owned()),
            (Some(None), _) => (f32::NEG_INFINITY, "a request to remember".into()),
            (None, None) => (f32::NEG_INFINITY, "signs".into()),
            (None, Some(said)) => by_words(&said),
        };
        Row { kind: line.kind, register: &line.register, text: &line.text, log_odds, why }
    };
    Judged { writer, rows: lines.iter().copied().filter(|line| line.writer == writer).map(one).collect() }
}
