//! How likely it is that a memory bears on a question: a logistic model of absolute evidence, which the order of one tenant's
//! memories cannot give. Half of its features tell whether the tenant knows anything of what is asked, half whether this memory is
//! it. Every feature that speaks for a memory has a weight of at least 0, so that more evidence never makes a memory less likely.
//!
//! Cosines count in standard deviations above the tenant's mean for this question, so that a score means the same with every model; what is
//! usual for the model stands in for the memories that a small tenant does not have.

use crate::{
    lexical::LexicalIndex,
    signals::{self, Evidence, Signals},
    weights::{CHANCE, CHANCE_BIAS},
    words,
};

/// The best of an answer must be as likely as this, or nothing is known.
pub const LIKELY: f32 = 0.06;
/// What is less likely is not told unasked.
pub const LEAST: f32 = 0.004;

/// How many features the model has.
pub const COUNT: usize = 17;
/// Their names, in their order.
pub const NAMES: [&str; COUNT] = [
    "known",
    "known_squared",
    "covered_most",
    "nearest",
    "words_most",
    "names_unknown",
    "has_names",
    "size",
    "silent",
    "nearest_unknown",
    "covered",
    "near",
    "lexical",
    "speaker",
    "date",
    "behind",
    "around",
];
/// The place of the nearest memory among them.
const NEAREST: usize = 3;
/// Which of them may only speak for (1) or against (-1) a memory.
pub const SIGNS: [i8; COUNT] = [1, 1, 1, 1, 1, -1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

/// The features of one memory.
pub type Features = [f32; COUNT];

/// A memory with every word of the question bears on it, whatever else is there: questions of people seldom have all their words in
/// one memory, so that no weight is learned for those that do, such as one word or the text itself.
pub const EVERY_WORD: f32 = 0.5;

/// Where a question in the script of the memories has no word that was ever used, it means nothing or says it in other words: then
/// the nearest memory must stand out by so many standard deviations, as it does for other words alone, …
const STANDS_OUT: f32 = 2.0;
/// … and each that it lacks takes this from its log odds. (Whoever asks in another script has no word in common in any case.)
const AT_A_LOSS: f32 = 6.0;

/// So many memories that are as usual are taken to be there besides those of a tenant, for the mean of its cosines…
const PRIOR_OF_MEAN: f32 = 2.0;
/// …and for their deviation.
const PRIOR_OF_DEVIATION: f32 = 8.0;
/// The cosine, in standard deviations, of a memory that has no vector yet and every word of the question.
const BY_WORDS: f32 = 4.0;

/// Cosines of a model between questions and memories that have nothing to do with each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    pub mean: f32,
    pub deviation: f32,
}

/// The names in a question, and how many of them the tenant has never used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Names {
    asked: f32,
    unknown: f32,
}

impl Names {
    /// Of a question.
    #[must_use]
    pub fn of(question: &str, index: &LexicalIndex) -> Self {
        let mut names = Self::default();
        for name in words::names(question) {
            names.asked += 1.0;
            names.unknown += f32::from(u8::from(index.memories_with(&name) == 0));
        }
        names
    }
}

/// The model, ready for the memories of one question.
pub struct Chance<'a> {
    evidence: &'a Evidence<'a>,
    mean: f32,
    deviation: f32,
    /// The features that all memories share; the others are 0.
    shared: Features,
    best_order: f32,
}

impl<'a> Chance<'a> {
    /// What all memories of the question share; `best_order` is the learned sum of the first.
    #[must_use]
    pub fn new(evidence: &'a Evidence<'a>, best_order: f32) -> Self {
        let slots = || (0..evidence.eligible.len()).filter(|at| evidence.eligible[*at]);
        let cosines = || slots().map(|at| evidence.cosines[at]).filter(|cosine| cosine.is_finite());
        #[expect(clippy::cast_precision_loss, reason = "a tenant in memory has fewer than 2^24 memories to speak of")]
        let (count, all) = (cosines().count() as f32, slots().count() as f32);
        let Usual { mean, deviation } = evidence.usual;
        let mean = (PRIOR_OF_MEAN * mean + cosines().sum::<f32>()) / (PRIOR_OF_MEAN + count);
        let squares = PRIOR_OF_DEVIATION * deviation.powi(2) + cosines().map(|cosine| (cosine - mean).powi(2)).sum::<f32>();
        let deviation = (squares / (PRIOR_OF_DEVIATION + count)).sqrt().max(1e-6);
        let words = evidence.words;
        let told = words.all.max(1e-6);
        let known = words.known / told;
        let mut chance = Self { evidence, mean, deviation, shared: [0.0; COUNT], best_order };
        let (mut covered, mut nearest, mut best) = (0.0f32, 0.0f32, 0.0f32);
        for at in slots() {
            covered = covered.max(words.share(words.masks[at]));
            nearest = nearest.max(chance.near(at));
            best = best.max(words.bm25[at]);
        }
        let Names { asked, unknown } = evidence.names;
        chance.shared[0] = known;
        chance.shared[1] = known * known;
        chance.shared[2] = covered;
        chance.shared[NEAREST] = nearest;
        chance.shared[4] = best / (2.2 * told);
        chance.shared[5] = unknown / (1.0 + asked);
        chance.shared[6] = f32::from(u8::from(asked > 0.0));
        chance.shared[7] = all.max(1.0).ln() / 6.0;
        chance.shared[8] = f32::from(u8::from(known == 0.0));
        chance.shared[9] = (1.0 - known) * nearest;
        chance
    }

    /// How many standard deviations nearer a memory is than is usual.
    fn near(&self, at: usize) -> f32 {
        let cosine = self.evidence.cosines[at];
        if cosine.is_finite() {
            (cosine - self.mean) / self.deviation
        } else {
            BY_WORDS * self.evidence.words.share(self.evidence.words.masks[at])
        }
    }

    /// All that the model weighs of a memory; `order` is its learned sum.
    #[must_use]
    pub fn features(&self, slot: u32, signals: &Signals, order: f32) -> Features {
        let mut features = self.shared;
        features[10] = signals[signals::COVERED_AROUND];
        features[11] = self.near(slot as usize);
        features[12] = signals[signals::LEXICAL];
        features[13] = signals[signals::SPEAKER];
        features[14] = signals[signals::DATE];
        features[15] = order - self.best_order;
        features[16] = signals[signals::AROUND];
        features
    }

    /// How likely a memory bears on the question, `0..=1`.
    #[must_use]
    pub fn of(&self, slot: u32, signals: &Signals, order: f32) -> f32 {
        let sum: f32 = self.features(slot, signals, order).iter().zip(CHANCE).map(|(feature, weight)| feature * weight).sum();
        let at_a_loss = self.evidence.words.familiar && self.evidence.words.known == 0.0;
        let lacks = if at_a_loss { (STANDS_OUT - self.shared[NEAREST]).max(0.0) } else { 0.0 };
        let sum = sum + CHANCE_BIAS - AT_A_LOSS * lacks;
        let chance = 1.0 / (1.0 + (-sum).exp());
        if self.has_every_word(slot) { chance.max(EVERY_WORD) } else { chance }
    }

    /// Whether a memory has every word of the question.
    #[must_use]
    pub fn has_every_word(&self, slot: u32) -> bool {
        let words = self.evidence.words;
        words.all > 0.0 && words.share(words.masks[slot as usize]) > 0.999
    }
}
