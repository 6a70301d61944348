//! What is known of a memory for a question, as a row of numbers. Each is 0 where a thing is unknown, so that what a client does
//! not send switches a signal off by itself.

use crate::{
    NONE,
    chance::{Names, Usual},
    facts::{Facts, Wants},
    lexical::Words,
};

/// How many signals there are.
pub const COUNT: usize = 24;

/// Their names, in their order.
pub const NAMES: [&str; COUNT] = [
    "dense",
    "lexical",
    "both",
    "dense_squared",
    "lexical_squared",
    "around",
    "before",
    "after",
    "two_away",
    "three_away",
    "answers",
    "asks",
    "covered",
    "covered_around",
    "window",
    "session",
    "speaker",
    "speaker_fused",
    "date",
    "length",
    "when",
    "many",
    "pair",
    "brief",
];

/// The place of the lexical leg among them.
pub const LEXICAL: usize = 1;
/// The named date.
pub const DATE: usize = 18;
/// The first and the last of those that tell of neighbours.
pub const AROUND: usize = 5;
/// See [`AROUND`].
pub const ANSWERS: usize = 10;
/// The question's words in the memory and around it.
pub const COVERED_AROUND: usize = 13;
/// The first and the last of those that tell of what is further around.
pub const WINDOW: usize = 14;
/// See [`WINDOW`].
pub const SESSION: usize = 15;
/// The named speaker.
pub const SPEAKER: usize = 16;
/// The named speaker, times both legs.
pub const SPEAKER_FUSED: usize = 17;

/// The signals of one memory.
pub type Signals = [f32; COUNT];

/// All that was found for a question, by slot.
pub struct Evidence<'a> {
    /// Cosines to the question; not a number where there is none.
    pub cosines: &'a [f32],
    /// Whether a slot without a cosine has a vector that is less like the question than those that were found; else its words
    /// speak for the dense leg as well.
    pub far: &'a [bool],
    pub words: &'a Words,
    /// Words of each memory without stop words.
    pub lengths: &'a [f32],
    /// Whether a slot may be returned.
    pub eligible: &'a [bool],
    pub facts: &'a [Facts],
    /// Slots before and after in the session; empty without sessions.
    pub around: &'a [[u32; 2]],
    /// The session of each slot; empty without sessions.
    pub session_of: &'a [u32],
    /// How many sessions there are.
    pub sessions: usize,
    /// How well the day is the one that the question names; empty where it names none.
    pub date: &'a [f32],
    /// Whether the question names the speaker; empty where it names none or all.
    pub speaker: &'a [bool],
    pub wants: Wants,
    /// Whom and what the question names.
    pub names: Names,
    /// What is usual of the model that made the vectors.
    pub usual: Usual,
    /// Weight of the dense leg against the lexical one; [`DENSE`] unless something is learned of it or the model does not know the
    /// question's script.
    pub dense_weight: f32,
}

/// The weight of the dense leg that the constants were fitted with.
pub const DENSE: f32 = 0.6;

/// What the signals of all slots are made of, computed once for a question.
pub struct Fused<'a> {
    evidence: &'a Evidence<'a>,
    /// The dense leg in `0..=1`.
    dense: Vec<f32>,
    /// The lexical leg in `0..=1`.
    lexical: Vec<f32>,
    /// Both legs; not a number where nothing speaks for a memory, or it may not be returned.
    both: Vec<f32>,
    /// The best of each session.
    session: Vec<f32>,
    best_pair: f32,
    window: (f32, f32),
}

impl<'a> Fused<'a> {
    /// Brings both legs to one scale.
    #[must_use]
    pub fn new(evidence: &'a Evidence<'a>) -> Self {
        let n = evidence.eligible.len();
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        let (mut best, mut best_pair) = (0.0f32, 0.0f32);
        for at in (0..n).filter(|at| evidence.eligible[*at]) {
            let cosine = evidence.cosines[at];
            if cosine.is_finite() {
                (low, high) = (low.min(cosine), high.max(cosine));
            }
            best = best.max(evidence.words.bm25[at]);
            best_pair = best_pair.max(evidence.words.pair[at]);
        }
        let span = high - low;
        let (mut dense, mut lexical, mut both) = (vec![0.0; n], vec![0.0; n], vec![f32::NAN; n]);
        for at in (0..n).filter(|at| evidence.eligible[*at]) {
            let words = if best > 0.0 { evidence.words.bm25[at] / best } else { 0.0 };
            lexical[at] = words;
            let cosine = evidence.cosines[at];
            let meaning = if cosine.is_finite() {
                Some(if span > f32::EPSILON { (cosine - low) / span } else { 1.0 })
            } else if words <= 0.0 {
                None
            } else if evidence.far.get(at).copied().unwrap_or(false) {
                Some(0.0)
            } else {
                // A memory that waits for its embedding must be found by the next search.
                Some(words)
            };
            if let Some(meaning) = meaning {
                dense[at] = meaning;
                both[at] = evidence.dense_weight * meaning + (1.0 - evidence.dense_weight) * words;
            }
        }
        let mut all = Self { evidence, dense, lexical, both, session: Vec::new(), best_pair, window: (0.0, 0.0) };
        all.session = all.sessions();
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        if !evidence.around.is_empty() {
            for slot in (0..n).filter(|at| evidence.eligible[*at]).filter_map(|at| u32::try_from(at).ok()) {
                if let Some(mean) = all.mean_around(slot) {
                    (low, high) = (low.min(mean), high.max(mean));
                }
            }
        }
        all.window = (low, high);
        all
    }

    /// Both legs of a slot; `None` where nothing speaks for it, or it may not be returned.
    #[must_use]
    pub fn fused(&self, slot: u32) -> Option<f32> {
        self.both.get(slot as usize).copied().filter(|score| !score.is_nan())
    }

    /// The better neighbour of a slot in its session, `0..=1`; the second ones count half.
    #[must_use]
    pub fn neighbours(&self, slot: u32) -> f32 {
        let side = |side: usize| {
            let next = self.step(slot, side);
            self.at(next).max(0.5 * self.at(self.step(next, side)))
        };
        side(0).max(side(1))
    }

    fn at(&self, slot: u32) -> f32 {
        self.fused(slot).unwrap_or(0.0)
    }

    fn step(&self, slot: u32, side: usize) -> u32 {
        self.evidence.around.get(slot as usize).map_or(NONE, |around| around[side])
    }

    /// The mean of the three best of each session.
    fn sessions(&self) -> Vec<f32> {
        let mut best = vec![[0.0f32; 3]; self.evidence.sessions];
        for (number, score) in self.evidence.session_of.iter().zip(&self.both) {
            if let Some(three) = best.get_mut(*number as usize).filter(|_| !score.is_nan()) {
                let mut score = *score;
                for place in three {
                    if score > *place {
                        std::mem::swap(place, &mut score);
                    }
                }
            }
        }
        best.into_iter().map(|three| three.iter().sum::<f32>() / 3.0).collect()
    }

    /// The mean cosine of a memory and those before and after it.
    fn mean_around(&self, slot: u32) -> Option<f32> {
        let own = self.evidence.cosines[slot as usize];
        let others =
            [self.step(slot, 0), self.step(slot, 1)].map(|slot| self.evidence.cosines.get(slot as usize).copied().unwrap_or(f32::NAN));
        let (sum, count) = others.iter().filter(|c| c.is_finite()).fold((own, 1.0), |(sum, count), c| (sum + c, count + 1.0));
        own.is_finite().then_some(sum / count)
    }

    /// The signals of a slot that may be returned and for which anything speaks.
    #[must_use]
    #[inline]
    pub fn signals(&self, slot: u32) -> Signals {
        let at = slot as usize;
        let e = self.evidence;
        let fused = self.at(slot);
        let flag = |flag: bool| f32::from(u8::from(flag));
        let (before, after) = (self.step(slot, 0), self.step(slot, 1));
        let (two_before, two_after) = (self.step(before, 0), self.step(after, 1));
        let (three_before, three_after) = (self.step(two_before, 0), self.step(two_after, 1));
        let fact = |slot: u32| e.facts.get(slot as usize).copied();
        let own = fact(slot).unwrap_or_default();
        let answers = fact(before).is_some_and(|asked| asked.question && !own.question && asked.speaker != own.speaker);
        let mask = |slot: u32| e.words.masks.get(slot as usize).copied().unwrap_or_default();
        let (covered, covered_around) = (mask(slot), mask(slot) | mask(before) | mask(after) | mask(two_before));
        let speaker = flag(e.speaker.get(at).copied().unwrap_or(false));
        let window = self.mean_around(slot).filter(|_| !e.around.is_empty() && self.window.1 - self.window.0 > f32::EPSILON);
        let (dense, lexical) = (self.dense[at] * e.dense_weight / DENSE, self.lexical[at] * (1.0 - e.dense_weight) / (1.0 - DENSE));
        let words = e.lengths[at];
        [
            dense,
            lexical,
            dense * lexical,
            dense * dense,
            lexical * lexical,
            self.neighbours(slot),
            self.at(before),
            self.at(after),
            self.at(two_before).max(self.at(two_after)),
            self.at(three_before).max(self.at(three_after)),
            if answers { self.at(before) } else { 0.0 },
            flag(own.question),
            e.words.share(covered),
            e.words.share(covered_around),
            window.map_or(0.0, |mean| (mean - self.window.0) / (self.window.1 - self.window.0)),
            e.session_of.get(at).and_then(|number| self.session.get(*number as usize)).copied().unwrap_or(0.0),
            speaker,
            speaker * fused,
            e.date.get(at).copied().unwrap_or(0.0),
            (1.0 + words).ln().min(4.0) / 4.0,
            flag(e.wants.time && own.time),
            flag(e.wants.number && own.number),
            if self.best_pair > 0.0 { e.words.pair[at] / self.best_pair } else { 0.0 },
            (1.0 - words / 12.0).max(0.0),
        ]
    }
}
