//! BM25 over one tenant's memories (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009), with the
//! statistics of that tenant alone. Text becomes lower-case words, without English stop words (the NLTK list), reduced
//! by the Snowball English stemmer; where a script writes no spaces, pairs of letters; and parts of words that were glued together.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::clock::Timestamp;

const K1: f32 = 1.2;
const B: f32 = 0.75;

static STOP_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("stop_words.txt").split_whitespace().collect());

/// No slot, or no document.
const NONE: u32 = u32::MAX;
/// Documents that are gone stay in the postings until they are as many as those that are there, and more than this.
const FEW: usize = 1_000;

/// Postings by document, each of which has a slot. What leaves a slot is marked and swept out with others later: to look for it
/// in the postings of each of its words would make a change of a whole tenant cost the square of its size.
#[derive(Default)]
pub struct LexicalIndex {
    terms: HashMap<Box<str>, u32>,
    postings: Vec<Postings>,
    documents: Vec<Document>,
    document_of: Vec<u32>,
    live: usize,
    total_length: u64,
}

#[derive(Default)]
struct Postings {
    /// Documents and how often they have the term.
    of: Vec<(u32, u16)>,
    /// How many of them are there.
    live: u32,
}

struct Document {
    /// [`NONE`] once it is gone.
    slot: u32,
    length: u32,
    terms: Box<[u32]>,
}

impl LexicalIndex {
    /// Puts a text in a slot, replacing what was there; `None` empties the slot.
    pub fn set(&mut self, slot: u32, text: Option<&str>) {
        self.remove(slot);
        let Some(text) = text else { return };
        let number = u32::try_from(self.documents.len()).expect("fewer than 2^32 documents fit in memory");
        let mut counts: HashMap<u32, u16> = HashMap::new();
        let mut length = 0;
        for term in terms(text) {
            length += 1;
            let next = u32::try_from(self.terms.len()).expect("fewer than 2^32 distinct terms fit in memory");
            let id = *self.terms.entry(term.into_boxed_str()).or_insert(next);
            if id == next {
                self.postings.push(Postings::default());
            }
            let count = counts.entry(id).or_default();
            *count = count.saturating_add(1);
        }
        for (term, count) in &counts {
            let postings = &mut self.postings[*term as usize];
            postings.of.push((number, *count));
            postings.live += 1;
        }
        let at = slot as usize;
        if self.document_of.len() <= at {
            self.document_of.resize(at + 1, NONE);
        }
        self.document_of[at] = number;
        self.documents.push(Document { slot, length, terms: counts.into_keys().collect() });
        self.live += 1;
        self.total_length += u64::from(length);
    }

    fn remove(&mut self, slot: u32) {
        let number = self.document_of.get_mut(slot as usize).map_or(NONE, |number| std::mem::replace(number, NONE));
        let Some(document) = self.documents.get_mut(number as usize) else { return };
        document.slot = NONE;
        for term in std::mem::take(&mut document.terms) {
            self.postings[term as usize].live -= 1;
        }
        self.live -= 1;
        self.total_length -= u64::from(document.length);
        if self.documents.len() - self.live > self.live + FEW {
            self.sweep();
        }
    }

    /// Numbers the documents that are there anew, and forgets the others.
    fn sweep(&mut self) {
        let mut numbers = Vec::with_capacity(self.documents.len());
        let mut next = 0;
        for document in &self.documents {
            let is_there = document.slot != NONE;
            numbers.push(if is_there { next } else { NONE });
            next += u32::from(is_there);
        }
        self.documents.retain(|document| document.slot != NONE);
        for postings in &mut self.postings {
            postings.of.retain_mut(|(document, _)| {
                *document = numbers[*document as usize];
                *document != NONE
            });
            postings.of.shrink_to_fit();
        }
        for (document, number) in self.documents.iter().zip(0..) {
            self.document_of[document.slot as usize] = number;
        }
    }

    /// BM25 by slot, 0 where no word of the query occurs; `slots` long.
    #[must_use]
    pub fn scores(&self, query: &str, slots: usize) -> Vec<f32> {
        let mut scores = vec![0.0f32; slots];
        let wanted: HashSet<u32> = terms(query).iter().filter_map(|t| self.terms.get(t.as_str()).copied()).collect();
        #[expect(clippy::cast_precision_loss, reason = "counts of one tenant are far below 2^24")]
        let (live, mean) = (self.live as f32, self.total_length as f32 / self.live.max(1) as f32);
        let (flat, by_length) = (K1 * (1.0 - B), K1 * B / mean.max(1.0));
        for term in wanted {
            let postings = &self.postings[term as usize];
            #[expect(clippy::cast_precision_loss, reason = "as above")]
            let df = postings.live as f32;
            let idf = (1.0 + (live - df + 0.5) / (df + 0.5)).ln();
            for (document, count) in &postings.of {
                let Document { slot, length, .. } = self.documents[*document as usize];
                if slot == NONE {
                    continue;
                }
                let tf = f32::from(*count);
                #[expect(clippy::cast_precision_loss, reason = "texts have fewer than 2^24 words")]
                let length = length as f32;
                scores[slot as usize] += idf * (K1 + 1.0) * tf / (tf + flat + by_length * length);
            }
        }
        scores
    }

    /// Bytes held, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let postings: usize = self.documents.iter().map(|document| document.terms.len()).sum();
        self.terms.len() * 80 + postings * 12 + self.documents.len() * 36
    }
}

/// What the lexical leg sees of a memory: `[8 May 2023] Speaker: text`.
pub fn lexical_text(occurred_at: Option<Timestamp>, speaker: Option<&str>, text: &str) -> String {
    let date = occurred_at.map(|at| at.date_time().format("[%-d %B %Y] ").to_string()).unwrap_or_default();
    let speaker = speaker.map(|s| format!("{s}: ")).unwrap_or_default();
    format!("{date}{speaker}{text}")
}

/// Lower-case words as the index and the name cut see them: letters with their marks, digits, `_` and inner apostrophes, without
/// `'s`.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    written(text).into_iter().map(|word| word.to_lowercase())
}

/// The same as they are written.
fn written(text: &str) -> Vec<String> {
    let text = text.replace('\u{2019}', "'");
    let words = text.split(|c: char| !(c.is_alphanumeric() || is_mark(c) || c == '_' || c == '\''));
    let bare = words.map(|word| {
        let word = word.trim_matches('\'');
        word.strip_suffix("'s").or_else(|| word.strip_suffix("'S")).unwrap_or(word).to_owned()
    });
    bare.filter(|word| !word.is_empty()).collect()
}

/// A vowel sign, a tone or an accent, which belongs to the letter before it.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Han, kana, Hangul, Thai, Lao, Burmese and Khmer: scripts that write no spaces, or glue particles to words. Parts of a run must
/// match, so it is indexed by its pairs of letters.
const fn runs_on(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// What a text is found by: its words without stop words, reduced to their stems; the parts of words that a programmer glued
/// together; and pairs of letters where a script writes no spaces.
fn terms(text: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut found = Vec::new();
    let mut add = |word: String| {
        if !STOP_WORDS.contains(word.as_str()) {
            found.push(stemmer.stem(&word).into_owned());
        }
    };
    for word in written(text) {
        if word.is_ascii() || !word.chars().any(runs_on) {
            add(word.to_lowercase());
            let parts = glued(&word);
            parts.iter().filter(|part| part.len() > 1 && part.len() < word.len()).for_each(|part| add(part.to_lowercase()));
        } else {
            for pair in pairs(&word) {
                add(pair.to_lowercase());
            }
        }
    }
    found
}

/// The parts of `camelCase` and `snake_case`.
fn glued(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut before) = (0, None::<char>);
    for (at, c) in word.char_indices() {
        let begins = c == '_' || before == Some('_') || (c.is_uppercase() && before.is_some_and(char::is_lowercase));
        if begins && at > from {
            parts.push(word[from..at].trim_matches('_'));
            from = at;
        }
        before = Some(c);
    }
    parts.push(word[from..].trim_matches('_'));
    parts
}

/// The pairs of letters of the runs in a word, and whatever stands between those.
fn pairs(word: &str) -> Vec<String> {
    // A letter with its marks is one.
    let mut letters: Vec<String> = Vec::new();
    for c in word.chars() {
        match letters.last_mut() {
            Some(letter) if is_mark(c) => letter.push(c),
            _ => letters.push(c.into()),
        }
    }
    let run = |letter: &String| letter.chars().next().is_some_and(runs_on);
    let of_chunk = |chunk: &[String]| -> Vec<String> {
        if chunk.len() > 1 && run(&chunk[0]) { chunk.windows(2).map(<[String]>::concat).collect() } else { vec![chunk.concat()] }
    };
    letters.chunk_by(|a, b| run(a) == run(b)).flat_map(of_chunk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fold_case_apostrophes_and_possessives() {
        assert_eq!(words("Caroline\u{2019}s dog, don't 'stop'!").collect::<Vec<_>>(), ["caroline", "dog", "don't", "stop"]);
    }

    #[test]
    fn finds_by_stem_and_forgets_removed_text() {
        let mut index = LexicalIndex::default();
        index.set(0, Some("She runs marathons"));
        index.set(1, Some("He paints the old barn"));
        let scores = index.scores("who is running?", 2);
        assert!(scores[0] > 0.0 && scores[1] == 0.0, "{scores:?}");
        index.set(0, Some("She swims"));
        assert_eq!(index.scores("running", 2), [0.0, 0.0]);
        index.set(1, None);
        assert_eq!(index.scores("barn", 2), [0.0, 0.0]);
    }

    #[test]
    fn what_is_gone_counts_for_nothing_before_and_after_it_is_swept_out() {
        let (mut changed, mut fresh) = (LexicalIndex::default(), LexicalIndex::default());
        let text = |n: u32| format!("memory {n} of a barn {}", n % 7);
        for n in 0..3_000 {
            changed.set(n, Some(&text(n)));
        }
        let equal = |changed: &LexicalIndex, fresh: &LexicalIndex| {
            let scores = [changed, fresh].map(|index| index.scores("barn 3 memory", 3_000));
            let far = scores[0].iter().zip(&scores[1]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(far < 1e-5, "{far}");
        };
        for n in 0..3_000 {
            changed.set(n, if n % 3 == 0 { None } else { Some("other words") });
        }
        for n in (0..3_000).filter(|n| n % 3 > 0) {
            fresh.set(n, Some("other words"));
        }
        equal(&changed, &fresh);
        for n in 0..1_000 {
            changed.set(n, Some(&text(n)));
            fresh.set(n, Some(&text(n)));
        }
        equal(&changed, &fresh);
        assert!(changed.documents.len() <= 2 * changed.live + FEW + 1, "{} for {}", changed.documents.len(), changed.live);
    }

    #[test]
    fn parts_of_a_run_match_in_scripts_without_spaces_and_in_code() {
        for (texts, query) in [
            (["我对花生过敏", "女儿的生日是五月三日"], "过敏"),
            (["我最喜欢的咖啡店是北京的蓝屏咖啡", "每周二晚上去上法语课"], "咖啡店"),
            (["我每年春天都喜欢在优胜美地攀岩", "我对花生过敏"], "我喜欢在哪里攀岩？"),
            (["ฉันแพ้กุ้ง", "หมาของฉันชื่อมะลิ"], "แพ้อะไร"),
            (["เรียนเปียโนทุกวันพุธ", "ประกันรถหมดเดือนมิถุนายน"], "เปียโน"),
            (["ประชุมเริ่มเก้าโมงเช้า", "เรียนเปียโนทุกวันพุธ"], "ประชุมกี่โมง"),
            (["娘の誕生日は五月三日です", "毎週火曜の夜はフランス語"], "誕生日"),
            (["저는 땅콩 알레르기가 있어요", "매주 화요일에 피아노를 배워요"], "알레르기"),
            (["ខ្ញុំមានអាឡែស៊ីសណ្តែកដី", "ឆ្កែរបស់ខ្ញុំឈ្មោះម៉ាលី"], "សណ្តែកដី"),
            (["The handler is handlePaymentFailed", "The handler of complaints is Ana"], "handle payment failed"),
            (["retryBackoffSeconds is set to 30", "The job took 40 minutes"], "retry backoff seconds"),
            (["MAX_POOL_SIZE is 20", "the lake is deep"], "pool size"),
            (["मेरी बहन दिल्ली में रहती है", "कुत्ते का नाम मोती है"], "दिल्ली"),
        ] {
            let mut index = LexicalIndex::default();
            texts.iter().zip(0..).for_each(|(text, slot)| index.set(slot, Some(text)));
            let scores = index.scores(query, 2);
            assert!(scores[0] > scores[1], "{query}: {scores:?}");
        }
        assert_eq!(words("हिन्दी, ฉันแพ้กุ้ง").collect::<Vec<_>>(), ["हिन्दी", "ฉันแพ้กุ้ง"], "marks belong to their word");
    }

    #[test]
    fn equals_the_formula() {
        let mut index = LexicalIndex::default();
        index.set(0, Some("apple apple pear"));
        index.set(1, Some("pear"));
        // N = 2, df(apple) = 1, mean length 2, tf 2 in a text of 3.
        let idf = (1.0f32 + 1.5 / 1.5).ln();
        let expected = idf * 2.0 * 2.2 / (2.0 + 1.2 * (0.25 + 0.75 * 1.5));
        assert!((index.scores("apple", 2)[0] - expected).abs() < 1e-6);
    }

    #[test]
    fn dates_and_speakers_are_words() {
        let at = Timestamp::parse("2023-05-08");
        assert_eq!(lexical_text(at, Some("Ann"), "Hi"), "[8 May 2023] Ann: Hi");
        assert_eq!(lexical_text(None, None, "Hi"), "Hi");
    }
}
