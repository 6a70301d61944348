//! BM25 over one tenant's memories (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009), with the statistics of
//! that tenant alone, over [`terms`]; forms of one word count as one word. Besides BM25, which words of a question occur at all.

use std::collections::{HashMap, HashSet};

use crate::{
    NONE,
    words::{Term, terms},
};

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// So many letters of a word that is being typed are enough to look for what begins with them.
const LEAST_PREFIX: usize = 3;

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
    /// How many documents are written in each script.
    scripts: HashMap<u32, usize>,
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
    script: u32,
    terms: Box<[u32]>,
}

impl LexicalIndex {
    /// Puts a text in a slot, replacing what was there; `None` empties the slot.
    ///
    /// # Panics
    /// With 2^32 texts or distinct terms, which no memory holds.
    pub fn set(&mut self, slot: u32, text: Option<&str>) {
        self.remove(slot);
        let Some(text) = text else { return };
        let number = u32::try_from(self.documents.len()).expect("fewer than 2^32 documents fit in memory");
        let mut counts: HashMap<u32, u16> = HashMap::new();
        let mut length = 0;
        for Term { form, word } in terms(text) {
            length = u32::try_from(word).unwrap_or(u32::MAX).saturating_add(1);
            let next = u32::try_from(self.terms.len()).expect("fewer than 2^32 distinct terms fit in memory");
            let id = *self.terms.entry(form.into_boxed_str()).or_insert(next);
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
        let script = script(text);
        *self.scripts.entry(script).or_default() += 1;
        self.documents.push(Document { slot, length, script, terms: counts.into_keys().collect() });
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
        if let Some(count) = self.scripts.get_mut(&document.script) {
            *count -= 1;
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

    /// What the words of a question say of each slot.
    #[must_use]
    pub fn look(&self, question: &str, slots: usize, around: &[[u32; 2]]) -> Words {
        let mut words = self.asked(question);
        let mut found = Words {
            bm25: vec![0.0; slots],
            pair: vec![0.0; slots],
            masks: vec![0; slots],
            familiar: 2 * self.scripts.get(&script(question)).copied().unwrap_or_default() > self.live,
            ..Words::default()
        };
        #[expect(clippy::cast_precision_loss, reason = "counts of one tenant are far below 2^24")]
        let (live, mean) = (self.live as f32, self.total_length as f32 / self.live.max(1) as f32);
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        let idf = |documents: u32| (1.0 + (live - documents as f32 + 0.5) / (documents as f32 + 0.5)).ln();
        // The rarest first: a question has few words that tell much.
        words.sort_by_key(|terms| terms.iter().map(|term| self.postings[*term as usize].live).max().unwrap_or_default());
        // How often the word is in each slot, and those where it is.
        let (mut counts, mut touched) = (vec![0u16; slots], Vec::new());
        for terms in words {
            for term in &terms {
                for (document, count) in &self.postings[*term as usize].of {
                    let slot = self.documents[*document as usize].slot;
                    if slot == NONE {
                        continue;
                    }
                    let most = &mut counts[slot as usize];
                    if *most == 0 {
                        touched.push(slot);
                    }
                    *most = (*most).max(*count);
                }
            }
            let idf = idf(u32::try_from(touched.len()).unwrap_or(u32::MAX));
            found.all += idf;
            if touched.is_empty() {
                continue;
            }
            found.known += idf;
            let bit = u32::try_from(found.informative.len()).ok().and_then(|at| 1u64.checked_shl(at)).unwrap_or_default();
            if bit != 0 {
                found.informative.push(idf);
            }
            let weight = |tf: f32, length: f32, mean: f32| idf * (K1 + 1.0) * tf / (tf + K1 * (1.0 - B + B * length / mean.max(1.0)));
            let count = |slot: u32| counts.get(slot as usize).copied().map_or(0.0, f32::from);
            for slot in &touched {
                let at = *slot as usize;
                found.masks[at] |= bit;
                found.bm25[at] += weight(count(*slot), self.length(*slot), mean);
                let [before, after] = around.get(at).copied().unwrap_or([NONE; 2]);
                found.pair[at] += weight(count(*slot) + count(before), self.length(*slot) + self.length(before), 2.0 * mean);
                if after != NONE && count(after) == 0.0 {
                    found.pair[after as usize] += weight(count(*slot), self.length(*slot) + self.length(after), 2.0 * mean);
                }
            }
            touched.drain(..).for_each(|slot| counts[slot as usize] = 0);
        }
        found
    }

    /// The numbers of the known forms of each word of a question.
    fn asked(&self, question: &str) -> Vec<Vec<u32>> {
        let mut words: Vec<Vec<u32>> = Vec::new();
        let mut seen = HashSet::new();
        for forms in terms(question).chunk_by(|a, b| a.word == b.word) {
            if seen.insert(forms.iter().map(|term| term.form.clone()).collect::<Vec<_>>()) {
                words.push(forms.iter().filter_map(|term| self.terms.get(term.form.as_str()).copied()).collect());
            }
        }
        // Who is still typing means every word that begins so.
        let typed = question.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
        if let Some(last) = words.last_mut().filter(|last| last.is_empty() && typed.chars().count() >= LEAST_PREFIX) {
            let begins = self.terms.iter().filter(|(term, _)| term.starts_with(&typed));
            last.extend(begins.map(|(_, id)| *id).filter(|id| self.postings[*id as usize].live > 0));
        }
        words
    }

    /// How many of the tenant's memories have a word, in any of its forms; the most frequent form counts.
    #[must_use]
    pub fn memories_with(&self, word: &str) -> u32 {
        let of = |term: &Term| self.terms.get(term.form.as_str()).map_or(0, |id| self.postings[*id as usize].live);
        terms(word).iter().map(of).max().unwrap_or_default()
    }

    /// Words of a slot's text without stop words.
    #[must_use]
    pub fn length(&self, slot: u32) -> f32 {
        let number = self.document_of.get(slot as usize).copied().unwrap_or(NONE);
        #[expect(clippy::cast_precision_loss, reason = "texts have fewer than 2^24 words")]
        self.documents.get(number as usize).map_or(0.0, |document| document.length as f32)
    }

    /// Bytes held, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let postings: usize = self.documents.iter().map(|document| document.terms.len()).sum();
        self.terms.len() * 80 + postings * 12 + self.documents.len() * 36
    }
}

/// The script that most letters of a text are of, as a number: that of its block, and one for all that is written without spaces.
fn script(text: &str) -> u32 {
    let block = |c: char| match u32::from(c) {
        0..0x250 | 0x1e00..0x1f00 => 0,
        point @ 0x250..0x2e80 => point >> 8,
        _ => u32::MAX,
    };
    let mut counts: Vec<(u32, usize)> = Vec::new();
    for block in text.chars().filter(|c| c.is_alphabetic()).map(block) {
        match counts.iter_mut().find(|(other, _)| *other == block) {
            Some((_, count)) => *count += 1,
            None => counts.push((block, 1)),
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(0, |(block, _)| block)
}

/// What the words of a question say of each slot of a tenant.
#[derive(Debug, Default, Clone)]
pub struct Words {
    /// BM25; 0 where no word occurs.
    pub bm25: Vec<f32>,
    /// BM25 of the memory and the one before it in its session, as one text.
    pub pair: Vec<f32>,
    /// Which of the question's rarest 64 words occur, a bit each.
    pub masks: Vec<u64>,
    /// How much each of those tells: its inverse document frequency.
    pub informative: Vec<f32>,
    /// How much all words of the question tell, those included that the tenant has never used.
    pub all: f32,
    /// How much those tell that the tenant has used.
    pub known: f32,
    /// Whether most memories are written in the script of the question.
    pub familiar: bool,
}

impl Words {
    /// Says that a question of which no word is known stands in these slots as it is written.
    pub fn stands_in(&mut self, slots: impl IntoIterator<Item = u32>) {
        for slot in slots {
            let at = slot as usize;
            (self.bm25[at], self.pair[at], self.masks[at]) = (1.0, 1.0, 1);
            (self.informative, self.known) = (vec![self.all.max(1.0)], self.all.max(1.0));
        }
        self.all = self.all.max(self.known);
    }

    /// How much of what all words tell is told by some of them, `0..=1`.
    #[must_use]
    pub fn share(&self, mut mask: u64) -> f32 {
        let mut sum = 0.0;
        while mask != 0 {
            sum += self.informative[mask.trailing_zeros() as usize];
            mask &= mask - 1;
        }
        if self.all > 0.0 { sum / self.all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_stem_and_forgets_removed_text() {
        let mut index = LexicalIndex::default();
        index.set(0, Some("She runs marathons"));
        index.set(1, Some("He paints the old barn"));
        let scores = index.look("who is running?", 2, &[]).bm25;
        assert!(scores[0] > 0.0 && scores[1] == 0.0, "{scores:?}");
        index.set(0, Some("She swims"));
        assert_eq!(index.look("running", 2, &[]).bm25, [0.0, 0.0]);
        index.set(1, None);
        assert_eq!(index.look("barn", 2, &[]).bm25, [0.0, 0.0]);
    }

    #[test]
    fn what_is_gone_counts_for_nothing_before_and_after_it_is_swept_out() {
        let (mut changed, mut fresh) = (LexicalIndex::default(), LexicalIndex::default());
        let text = |n: u32| format!("memory {n} of a barn {}", n % 7);
        for n in 0..3_000 {
            changed.set(n, Some(&text(n)));
        }
        let equal = |changed: &LexicalIndex, fresh: &LexicalIndex| {
            let scores = [changed, fresh].map(|index| index.look("barn 3 memory", 3_000, &[]).bm25);
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
            let scores = index.look(query, 2, &[]).bm25;
            assert!(scores[0] > scores[1], "{query}: {scores:?}");
        }
    }

    #[test]
    fn equals_the_formula() {
        let mut index = LexicalIndex::default();
        index.set(0, Some("apple apple pear"));
        index.set(1, Some("pear"));
        // N = 2, df(apple) = 1, mean length 2, tf 2 in a text of 3.
        let idf = (1.0f32 + 1.5 / 1.5).ln();
        let expected = idf * 2.0 * 2.2 / (2.0 + 1.2 * (0.25 + 0.75 * 1.5));
        assert!((index.look("apple", 2, &[]).bm25[0] - expected).abs() < 1e-6);
    }

    #[test]
    fn forms_of_one_word_count_once_and_a_word_that_nobody_used_is_missed() {
        let mut index = LexicalIndex::default();
        for (slot, text) in (0..).zip(["The café in Lisbon is closed", "Los perros de mi hermana ladran en la noche", "a lake"]) {
            index.set(slot, Some(text));
        }
        for (question, slot) in [("cafe", 0), ("CAFÉ", 0), ("el perro de la hermana", 1), ("perro", 1), ("Lisb", 0), ("ladr", 1)] {
            let found = index.look(question, 3, &[]).bm25;
            assert!(found[slot] > 0.0 && found.iter().filter(|score| **score > 0.0).count() == 1, "{question}: {found:?}");
        }
        let found = index.look("the closed café of Porto", 3, &[]);
        assert!((found.share(found.masks[0]) - found.known / found.all).abs() < 1e-6 && found.known < found.all);
        assert!(found.share(found.masks[0]) > 0.4 && found.share(0) == 0.0);
    }

    #[test]
    fn a_pair_is_scored_as_one_text() {
        let mut index = LexicalIndex::default();
        for (slot, text) in (0..).zip(["which instrument", "a saxophone", "old barn", "red lake"]) {
            index.set(slot, Some(text));
        }
        let around = [[NONE, 1], [0, NONE], [NONE, NONE], [NONE, NONE]];
        let found = index.look("instrument saxophone", 4, &around);
        assert!(found.pair[1] > found.pair[0] && found.pair[0] > 0.0, "{:?}", found.pair);
        assert!(found.pair[2] == 0.0 && found.bm25[1] > 0.0);
        assert_eq!(found.masks[0] & found.masks[1], 0, "each has a word of its own");
    }
}
