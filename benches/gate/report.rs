//! What the gate as it is built makes of lines that taught it nothing.

use std::collections::BTreeMap;

use jonathans_memory::memory::junk;

use crate::{Kind, Line};

/// Facts held in all, the upper bound of it, and in any register or language.
const FACTS: f64 = 0.003;
const FACTS_BOUND: f64 = 0.006;
const FACTS_OF_ONE_KIND: f64 = 0.01;
/// Lines of nothing held.
const NOTHING: f64 = 0.6;
/// Fewer lines decide nothing.
const FEWEST: [(Kind, u32); 2] = [(Kind::Fact, 3000), (Kind::Nothing, 1500)];
/// What a person says in a conversation, of the registers of nothing.
const TURNS: [&str; 5] = ["thanks", "greeting", "filler", "emoji", "moment"];

/// Held, and of how many.
#[derive(Default, Clone, Copy)]
struct Share {
    held: u32,
    of: u32,
}

impl Share {
    fn count(&mut self, held: bool) {
        self.held += u32::from(held);
        self.of += 1;
    }

    fn part(self) -> f64 {
        f64::from(self.held) / f64::from(self.of.max(1))
    }

    fn told(self) -> String {
        format!("{}/{} ({:.2} %)", self.held, self.of, 100.0 * self.part())
    }
}

/// Tells how many facts and how many lines of nothing are held, and whether no bar is missed.
pub fn judge(lines: &[Line]) -> bool {
    let mut passed = true;
    let mut bar = |what: &str, met: bool| {
        if !met {
            println!("MISSED: {what}");
        }
        passed &= met;
    };
    for (kind, fewest) in FEWEST {
        let of = lines.iter().filter(|line| line.kind == kind).count();
        bar(&format!("{of} lines of the kind {kind:?}, of {fewest} at least"), of >= fewest as usize);
    }
    for is_turn in [false, true] {
        let is_judged =
            |line: &&Line| line.kind == Kind::Fact || (line.kind == Kind::Nothing && (!is_turn || TURNS.contains(&line.register.as_str())));
        let mut all: BTreeMap<&str, Share> = BTreeMap::new();
        let mut by: BTreeMap<(&str, &str, &str), Share> = BTreeMap::new();
        for line in lines.iter().filter(is_judged) {
            let kind = if line.kind == Kind::Fact { "facts" } else { "nothing" };
            let why = junk::why(&line.text, is_turn);
            let language = line.writer.split('-').next().unwrap_or_default();
            all.entry(kind).or_default().count(why.is_some());
            by.entry((kind, "register", &line.register)).or_default().count(why.is_some());
            by.entry((kind, "language", language)).or_default().count(why.is_some());
            if let (Kind::Fact, Some(why)) = (line.kind, why) {
                println!("held as {why}: {} {} {:?}", line.writer, line.register, line.text);
            }
        }
        let of = |kind| all.get(kind).copied().unwrap_or_default();
        let (facts, nothing) = (of("facts"), of("nothing"));
        let bound = upper_bound(facts);
        println!("\n{}", if is_turn { "As turns of a conversation" } else { "As memories" });
        println!("  facts held: {}, at most {:.2} % (95 %, one-sided, exact)", facts.told(), 100.0 * bound);
        println!("  nothing held: {}", nothing.told());
        bar("facts held in all", facts.part() <= FACTS && bound < FACTS_BOUND);
        bar("nothing held in all", nothing.part() >= NOTHING);
        for ((kind, sort, name), share) in by {
            println!("  {kind} by {sort}: {name} {}", share.told());
            bar(&format!("facts held in {sort} {name}"), kind != "facts" || share.part() <= FACTS_OF_ONE_KIND);
        }
    }
    passed
}

/// The share above which so few held lines would be seen in fewer than one of twenty samples (Clopper & Pearson 1934).
fn upper_bound(share: Share) -> f64 {
    if share.held >= share.of {
        return 1.0;
    }
    let (mut low, mut high) = (share.part(), 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        *(if at_most(share, middle) > 0.05 { &mut low } else { &mut high }) = middle;
    }
    high
}

/// How likely at most so many are held, where each is with this probability.
fn at_most(share: Share, probability: f64) -> f64 {
    let (mut logarithm, mut sum) = (f64::from(share.of) * (1.0 - probability).ln(), 0.0);
    for held in 0..=share.held {
        sum += logarithm.exp();
        logarithm += (f64::from(share.of - held) / f64::from(held + 1)).ln() + (probability / (1.0 - probability)).ln();
    }
    sum
}
