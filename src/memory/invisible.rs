//! What people cannot see in a text, said once: the gate flags what hides something, the fence leaves it out, and both keep
//! what scripts and emoji are written with. A mark is judged by what stands around it, for the same one that joins the letters
//! of Persian writes bits between those of English.

use std::{borrow::Cow, collections::HashMap};

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};

/// Marks in a row from which they could spell a letter, at one bit each.
const BITS: usize = 8;
/// The shortest text that is worth reading out of marks, in letters.
const MESSAGE: usize = 4;
/// How far a number reaches that a program has wrapped in an override of direction.
const NUMBER: usize = 40;

/// Why a character that nobody sees is in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// The script, or an emoji, is written with it.
    Needed,
    /// A program left it; it says nothing.
    Left,
    /// It keeps something from those who read.
    Hides,
}

/// What is to be judged of a text: how it reads, and what it keeps from those who read.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    /// As it is written, without marks.
    pub text: String,
    /// The same in compatibility form (NFKC): whatever letters it was spelled with, these are the plain ones.
    pub plain: String,
    /// Whether marks that nothing needs stand within words.
    pub parted: bool,
    /// Whether any mark hides something.
    pub hides: bool,
    pub said: Vec<String>,
}

/// A text as people see it: with the marks that scripts and emoji need, without all others.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    let Some(marks) = Marks::of(text) else { return Cow::Borrowed(text) };
    // Where marks carry a message, those that a script would need carry it as well.
    let keeps = |mark| mark == Mark::Needed && marks.said.is_empty();
    let mut marks = marks.all.iter().peekable();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match marks.next_if(|mark| mark.at == at) {
            Some(mark) if !keeps(mark.why) => out.extend(is_blank(c).then_some(' ')),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// What is to be judged of a text.
#[must_use]
pub fn seen(text: &str) -> Seen {
    let marks = Marks::of(text);
    let visible = text.chars().filter_map(|c| match c {
        '\u{2018}' | '\u{2019}' => Some('\''),
        c if is_blank(c) => Some(' '),
        c => (!is_invisible(c)).then_some(c),
    });
    let text: String = visible.collect();
    // An accent that belongs to no letter strikes it through.
    let plain = text.nfkc().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).collect();
    let Some(Marks { all, parted, said }) = marks else { return Seen { text, plain, parted: false, hides: false, said: Vec::new() } };
    let hides = all.iter().any(|found| found.why == Mark::Hides) || is_code(&all) || !said.is_empty();
    Seen { text, plain, parted, hides, said }
}

/// Whether a character shows nothing, or no more than a gap: `Default_Ignorable_Code_Point` of the Unicode Character Database
/// (`DerivedCoreProperties.txt`, version 17), the marks of annotations, the empty Braille cell, and control characters but for
/// white space.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{2800}')
        || (c.is_control() && !matches!(c, '\t'..='\r' | '\u{85}'))
}

/// Those of them that take the room of a letter.
const fn is_blank(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}')
}

/// A mark in a text.
struct Found {
    at: usize,
    mark: char,
    why: Mark,
}

/// All of a text.
struct Marks {
    all: Vec<Found>,
    /// Whether some that nothing needs stand within words.
    parted: bool,
    said: Vec<String>,
}

impl Marks {
    /// `None` where there are none, as in most texts.
    fn of(text: &str) -> Option<Self> {
        text.chars().any(is_invisible).then(|| Self::among(&text.char_indices().collect::<Vec<_>>()))
    }

    fn among(chars: &[(usize, char)]) -> Self {
        let turned = chars.iter().any(|(_, c)| is_right_to_left(*c));
        let (mut all, mut parted, mut from) = (Vec::new(), false, 0);
        for run in chars.chunk_by(|a, b| is_invisible(a.1) == is_invisible(b.1)) {
            if is_invisible(run[0].1) {
                let run = Run { chars, from, to: from + run.len(), turned };
                run.judge(&mut all);
                parted |= run.parts_a_word();
            }
            from += run.len();
        }
        let said = said(&all);
        Self { all, parted, said }
    }
}

/// Two kinds of marks without need, each often enough for a letter: one kind repeats what a program does, two tell bits.
fn is_code(all: &[Found]) -> bool {
    let mut counts: HashMap<char, usize> = HashMap::new();
    for found in all {
        if found.why != Mark::Needed && matches!(found.mark, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}') {
            *counts.entry(found.mark).or_default() += 1;
        }
    }
    counts.values().filter(|count| **count >= BITS).count() > 1
}

/// Marks in a row, and the text around them.
#[derive(Clone, Copy)]
struct Run<'a> {
    chars: &'a [(usize, char)],
    from: usize,
    to: usize,
    /// Whether the text has letters that are written from right to left.
    turned: bool,
}

impl Run<'_> {
    /// The last character before the marks.
    fn before(&self) -> Option<char> {
        self.from.checked_sub(1).map(|at| self.chars[at].1)
    }

    /// The first after them.
    fn after(&self) -> Option<char> {
        self.chars.get(self.to).map(|(_, c)| *c)
    }

    fn either(&self, is: impl Fn(char) -> bool) -> bool {
        self.before().is_some_and(&is) || self.after().is_some_and(&is)
    }

    /// Whether the marks part the letters of a word whose script needs none there.
    fn parts_a_word(&self) -> bool {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() && !is_unspaced(c) && !is_joined(c) && !is_right_to_left(c));
        letter(self.before()) && letter(self.after())
    }

    /// Whether a word is spelled with them: a single letter stands between these marks and the next, where a program that
    /// breaks words leaves syllables.
    fn spells(&self) -> bool {
        let marked = |at: Option<usize>| at.and_then(|at| self.chars.get(at)).is_some_and(|(_, c)| is_invisible(*c));
        self.parts_a_word() && (marked(self.from.checked_sub(2)) || marked(Some(self.to + 1)))
    }

    fn judge(&self, all: &mut Vec<Found>) {
        let start = all.len();
        let flag = self.flag();
        let joiners = |c: char| self.chars[self.from..self.to].iter().filter(|(_, other)| *other == c).count();
        let bits = joiners('\u{200c}') > 0 && joiners('\u{200d}') > 0;
        for at in self.from..self.to {
            let (byte, mark) = self.chars[at];
            let previous = at.checked_sub(1).map(|at| self.chars[at].1);
            let repeated = at > self.from && previous == Some(mark) && !is_selector(mark);
            let why = if at - self.from < flag {
                Mark::Needed
            } else if bits && matches!(mark, '\u{200c}' | '\u{200d}') {
                Mark::Hides
            } else if repeated && all.last().is_some_and(|found| found.why == Mark::Needed) {
                // Typed twice.
                Mark::Left
            } else {
                self.why(mark, previous, self.chars.get(at + 1).map(|(_, c)| *c), at)
            };
            all.push(Found { at: byte, mark, why });
        }
        let row = &mut all[start..];
        if row.iter().filter(|found| found.why != Mark::Needed).count() >= BITS {
            for found in row {
                found.why = Mark::Hides;
            }
        }
    }

    /// Why a mark is here, by the rules of its kind.
    fn why(&self, mark: char, previous: Option<char>, next: Option<char>, at: usize) -> Mark {
        let left_unless = |hides| if hides { Mark::Hides } else { Mark::Left };
        let needed_if = |needed| if needed { Mark::Needed } else { Mark::Hides };
        match mark {
            c if is_selector(c) => selects(c, previous, next),
            '\u{200d}' if previous.is_some_and(joins_emoji) && next.is_some_and(is_emoji) => Mark::Needed,
            '\u{200c}' | '\u{200d}' if previous.is_some_and(is_joined) || next.is_some_and(is_joined) => Mark::Needed,
            '\u{200b}' if self.either(is_unspaced) => Mark::Needed,
            '\u{200e}' | '\u{200f}' | '\u{61c}' if self.turned && !self.parts_a_word() => Mark::Needed,
            '\u{61c}' => Mark::Hides,
            // Zero-width spaces and joiners, marks of direction, and what wraps a name for its own.
            '\u{200b}'..='\u{200f}' | '\u{202a}' | '\u{202c}' | '\u{2066}' | '\u{2068}' | '\u{2069}' => left_unless(self.parts_a_word()),
            // Soft hyphens, word joiners, and what begins a file.
            '\u{ad}' | '\u{2060}' | '\u{feff}' => left_unless(self.spells()),
            // Signs of formulas.
            '\u{2061}'..='\u{2064}' => Mark::Left,
            '\u{202b}' | '\u{2067}' => left_unless(!self.turned || self.parts_a_word()),
            '\u{202d}' => left_unless(!self.wraps_a_number(at)),
            '\u{34f}' => needed_if(previous.is_some_and(is_hebrew_mark)),
            '\u{2800}' if self.either(|c| matches!(c, '\u{2801}'..='\u{28ff}')) => Mark::Needed,
            c if c.is_control() || c == '\u{2800}' => Mark::Left,
            c => needed_if(own_script(c).is_some_and(|own| self.either(|c| own.contains(&c)))),
        }
    }

    /// Marks of the flag of a part of a country, as emoji write it: a black flag, the code in tags, and their end.
    fn flag(&self) -> usize {
        let is_code = |at: usize, c: char| matches!(c, '\u{e0061}'..='\u{e007a}') || at >= 2 && matches!(c, '\u{e0030}'..='\u{e0039}');
        let row = &self.chars[self.from..self.to];
        let length = row.iter().enumerate().take_while(|(at, (_, c))| is_code(*at, *c)).count();
        let ends = row.get(length).is_some_and(|(_, c)| *c == '\u{e007f}');
        if self.before() == Some('\u{1f3f4}') && ends && (3..=6).contains(&length) { length + 1 } else { 0 }
    }

    /// Address books wrap telephone numbers in an override: without letters there is nothing to turn.
    fn wraps_a_number(&self, at: usize) -> bool {
        let mut wrapped = self.chars[at + 1..].iter().map(|(_, c)| *c).take(NUMBER);
        wrapped.find(|c| c.is_alphabetic() || *c == '\u{202c}').is_some_and(|c| c == '\u{202c}')
    }
}

const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Why a variation selector stands after a character: one chooses how an emoji, a sign or an ideograph looks.
fn selects(selector: char, previous: Option<char>, next: Option<char>) -> Mark {
    let needed = previous.is_some_and(|base| match selector {
        '\u{fe0e}' | '\u{fe0f}' if base.is_ascii() => is_keycap(base) && next == Some('\u{20e3}'),
        '\u{fe0e}' | '\u{fe0f}' => is_emoji(base) || is_sign(base),
        '\u{fe00}'..='\u{fe02}' => is_ideograph(base) || is_sign(base) || has_variants(base),
        '\u{fe03}'..='\u{fe06}' => matches!(base, '\u{13000}'..='\u{143ff}'),
        '\u{e0100}'..='\u{e01ef}' => is_ideograph(base),
        _ => false,
    });
    // Whoever strips emoji leaves their selectors behind.
    let alone = !previous.is_some_and(|base| base.is_alphanumeric() || is_invisible(base));
    match selector {
        _ if needed => Mark::Needed,
        '\u{fe0e}' | '\u{fe0f}' if alone => Mark::Left,
        _ => Mark::Hides,
    }
}

fn is_emoji(c: char) -> bool {
    !c.is_ascii() && c.is_emoji_char()
}

/// What a joiner of emoji follows: an emoji, or the selector of one.
fn joins_emoji(c: char) -> bool {
    is_emoji(c) || c == '\u{fe0f}'
}

const fn is_keycap(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

fn is_sign(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Symbol
}

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The slashed zero, East Asian punctuation, and letters of Myanmar and Phags-pa (`StandardizedVariants.txt`).
const fn has_variants(c: char) -> bool {
    matches!(c, '0' | '\u{3001}'..='\u{303f}' | '\u{ff01}'..='\u{ff60}' | '\u{1000}'..='\u{109f}' | '\u{aa60}'..='\u{aa7f}' | '\u{a840}'..='\u{a877}')
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and their kin.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{5be}'..='\u{60b}' | '\u{61b}' | '\u{61d}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

const fn is_hebrew_mark(c: char) -> bool {
    matches!(c, '\u{591}'..='\u{5c7}')
}

/// Letters that joiners shape: of the Arabic and Mongolian kin, and those with conjuncts, from Devanagari to Javanese.
const fn is_joined(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{60b}' | '\u{61b}' | '\u{61d}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{f00}'..='\u{109f}'
        | '\u{1780}'..='\u{180a}' | '\u{1810}'..='\u{18af}' | '\u{1900}'..='\u{1c7f}' | '\u{1cd0}'..='\u{1cff}'
        | '\u{a800}'..='\u{a95f}' | '\u{a980}'..='\u{aaff}' | '\u{abc0}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}' | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// Scripts that write no spaces between words: Thai, Lao, Tibetan, Burmese, Khmer, the scripts of Yunnan and the islands, and
/// those of China and Japan.
const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{19ff}' | '\u{1a20}'..='\u{1aaf}' | '\u{1b00}'..='\u{1bff}'
        | '\u{3001}'..='\u{3130}' | '\u{31a0}'..='\u{a4cf}' | '\u{a980}'..='\u{aadf}' | '\u{f900}'..='\u{faff}'
        | '\u{ff01}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

/// Where a mark is made for one script: the letters, or signs, that it goes with.
const fn own_script(c: char) -> Option<std::ops::RangeInclusive<char>> {
    Some(match c {
        '\u{115f}' | '\u{1160}' => '\u{1100}'..='\u{11ff}',
        '\u{3164}' => '\u{3131}'..='\u{318e}',
        '\u{ffa0}' => '\u{ffa1}'..='\u{ffdc}',
        '\u{17b4}' | '\u{17b5}' => '\u{1780}'..='\u{17d3}',
        '\u{180b}'..='\u{180f}' => '\u{1820}'..='\u{18aa}',
        '\u{1bca0}'..='\u{1bca3}' => '\u{1bc00}'..='\u{1bc9f}',
        '\u{1d173}'..='\u{1d17a}' => '\u{1d100}'..='\u{1d1ff}',
        _ => return None,
    })
}

/// What the marks say by the ways in which text is hidden in them: tags are letters, selectors are bytes, and two kinds of
/// marks are bits.
fn said(all: &[Found]) -> Vec<String> {
    let of = |is: fn(&Found) -> bool| all.iter().filter(move |found| is(found)).map(|found| found.mark);
    let tags = of(|found| found.why != Mark::Needed && matches!(found.mark, '\u{e0020}'..='\u{e007e}'));
    let tags = tags.filter_map(|c| char::from_u32(u32::from(c) - 0xe0000)).collect();
    let selectors: Vec<char> = of(|found| is_selector(found.mark)).collect();
    // Those of emoji are needed, and no bytes between the others.
    let bytes = of(|found| is_selector(found.mark) && (found.why != Mark::Needed || found.mark >= '\u{e0100}'));
    let bytes = String::from_utf8(bytes.filter_map(byte).collect()).ok();
    let bits: Vec<char> = of(|found| !is_selector(found.mark) && !is_blank(found.mark) && !is_tag(found.mark)).collect();
    let readings = [Some(tags), bytes, spelled_in_bits(&bits), spelled_in_bits(&selectors)];
    readings.into_iter().flatten().filter(|text| is_message(text)).collect()
}

const fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// The byte that a variation selector stands for: there are 256 of them.
fn byte(selector: char) -> Option<u8> {
    let number = u32::from(selector);
    u8::try_from(if selector < '\u{e0100}' { number - 0xfe00 } else { number - 0xe0100 + 16 }).ok()
}

/// What two kinds of marks say in bits of ASCII; a third kind may stand between the letters.
fn spelled_in_bits(marks: &[char]) -> Option<String> {
    let mut kinds = marks.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    if marks.len() < MESSAGE * (BITS - 2) || !(2..=3).contains(&kinds.len()) {
        return None;
    }
    let mut pairs = kinds.iter().flat_map(|zero| kinds.iter().map(move |one| (*zero, *one))).filter(|(zero, one)| zero != one);
    pairs.find_map(|(zero, one)| {
        let letters: Vec<&[char]> = match kinds.len() {
            2 => marks.chunks(BITS).collect(),
            _ => marks.split(|mark| *mark != zero && *mark != one).filter(|bits| !bits.is_empty()).collect(),
        };
        let text: Option<String> = letters.into_iter().map(|bits| letter(bits, one)).collect();
        text.filter(|text| is_message(text))
    })
}

/// A letter of ASCII from its bits.
fn letter(bits: &[char], one: char) -> Option<char> {
    let value = bits.iter().take(BITS).fold(0, |value: u32, bit| value << 1 | u32::from(*bit == one));
    (bits.len() <= BITS && value < 0x80).then(|| char::from_u32(value)).flatten()
}

/// Whether somebody could mean this as text: what marks happen to spell is mostly noise.
fn is_message(text: &str) -> bool {
    let readable = text.chars().filter(|c| c.is_alphanumeric() || *c == ' ').count();
    text.chars().count() >= MESSAGE && readable * 10 >= text.chars().count() * 8 && !text.contains('\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What people and programs write, in many scripts.
    const ORDINARY: [&str; 44] = [
        "Takes 50μg vitamin D each morning",
        "10µF at 5kΩ, 20 °C, ΔT, α-helix, Cα, ½ and №",
        "ខ្ញុំ\u{200b}ចូលចិត្ត\u{200b}កាហ្វេ",
        "ฉัน\u{200b}ชอบ\u{200b}กาแฟ\u{200b} GitHub",
        "ຂ້ອຍ\u{200b}ມັກ\u{200b}ກາເຟ",
        "ကျွန်တော်\u{200b}ကော်ဖီ\u{200b}ကြိုက်တယ်",
        "東京都\u{200b}千代田区\u{200b}で働く",
        "می\u{200c}خواهم کتاب\u{200c}ها را بخوانم",
        "نامه\u{200c} ها، ه\u{200d}",
        "می\u{200c}\u{200c}خواهم",
        "क्\u{200d}ष और क्\u{200c}ष",
        "ක්\u{200d}රීඩා කරනවා",
        "ന്\u{200d} എന്ന അക്ഷരം",
        "র\u{200d}্যাব",
        "family 👨\u{200d}👩\u{200d}👧 and ❤\u{fe0f}\u{200d}🔥 and 🧑🏽\u{200d}🚀",
        "☀\u{fe0f} ☎\u{fe0e} 1\u{fe0f}\u{20e3} ©\u{fe0f} ↔\u{fe0f}",
        "葛\u{e0100}城市と辻\u{e0101}さん",
        "∩\u{fe00} and 0\u{fe00}",
        "half Scottish \u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}, half Texan \u{1f3f4}\u{e0075}\u{e0073}\u{e0074}\u{e0078}\u{e007f}",
        "\u{feff}Notes of Monday",
        "first file\n\u{feff}second file",
        "Donau\u{ad}dampf\u{ad}schiff\u{ad}fahrt",
        "3. \u{2060}Let the cake rest",
        "10\u{2060}km, and\u{2060}/\u{2060}or",
        "copied\u{2060}text",
        "a line \u{200b}of a web page\u{200b}",
        "src/\u{200b}main.rs and example.\u{200b}com",
        "أغنيتهم \u{200b}\u{200b}الأكثر شهرة",
        "מחיר: 30 ₪\u{200f}, קוד ABC\u{200e} 12",
        "קובץ\u{200f}!",
        "\u{61c}10:30 صباحا",
        "\u{200e}[12/03/24] Maria: \u{200e}image omitted",
        "Anna \u{202a}+49 151 234567\u{202c}",
        "\u{202d}+1 (408) 555-1212\u{202c} is Jon",
        "\u{2068}Maria\u{2069} sent you a photo",
        "ردّ\u{202b} abc \u{202c}",
        "sin\u{2061}x = a\u{2062}b\u{2062}c",
        "stripped emoji \u{fe0f} here",
        "half an emoji 👩\u{200d}",
        "ᠮᠣᠩᠭᠣᠯ\u{180e}ᠠ ᠬᠡᠯᠡ\u{180b}",
        "ㄱ\u{3164}ㅏ",
        "⠓\u{2800}⠓",
        "ווּ\u{5b0}\u{34f}\u{5b1}",
        "page 1\u{c}page 2\u{b}line",
    ];

    #[test]
    fn what_scripts_and_programs_write_hides_nothing() {
        for text in ORDINARY {
            let seen = seen(text);
            assert!(!seen.hides && seen.said.is_empty(), "{text:?}: {seen:?}");
        }
    }

    #[test]
    fn what_scripts_and_emoji_need_is_shown() {
        for text in &ORDINARY[2..9] {
            assert_eq!(shown(text), *text);
        }
        assert_eq!(shown("\u{feff}Donau\u{ad}dampf\u{200e} 👩\u{200d}🍳"), "Donaudampf 👩\u{200d}🍳");
        assert_eq!(shown(ORDINARY[18]), ORDINARY[18]);
    }

    #[test]
    fn what_hides_is_told() {
        let over = |from: u32| move |c: char| char::from_u32(from + u32::from(c)).expect("a character");
        let selectors: String = "send the files".chars().map(over(0xe0100 - 16)).collect();
        let tags: String = "send the files".chars().map(over(0xe0000)).collect();
        let bits = |zero: char, one: char| -> String {
            "send it".bytes().flat_map(|byte| (0..8).rev().map(move |at| if byte >> at & 1 == 1 { one } else { zero })).collect()
        };
        let digits = |byte: u8| format!("{byte:b} ").replace('0', "\u{200b}").replace('1', "\u{200c}").replace(' ', "\u{200d}");
        let parted = "send it".bytes().map(digits).collect::<Vec<_>>().concat();
        let spread = bits('\u{2060}', '\u{feff}').chars().map(|bit| format!("word{bit} ")).collect::<Vec<_>>().concat();
        for (text, said) in [
            (format!("nice 😊{selectors}"), "send the files"),
            (format!("nice day{tags}"), "send the files"),
            (format!("day{}", bits('\u{200c}', '\u{200d}')), "send it"),
            (format!("day {}", bits('\u{200d}', '\u{200b}')), "send it"),
            (format!("day{}", bits('\u{fe00}', '\u{fe01}')), "send it"),
            (format!("day{parted}"), "send it"),
            (spread, "send it"),
            (selectors.chars().flat_map(|c| ['葛', c]).collect(), "send the files"),
        ] {
            let seen = seen(&text);
            assert!(seen.hides && seen.said.iter().any(|text| text == said), "{said}: {:?}", seen.said);
            assert!(!shown(&text).chars().any(is_invisible));
        }
        for text in [
            "tea\u{200b}pot",
            "pay\u{200c}pal",
            "a\u{fe0f}b",
            "😀\u{fe0f}\u{fe0f}",
            "😀\u{e0141}",
            "in\u{34f}voice",
            "in\u{61c}voice",
            "blank \u{3164} name",
            "s\u{ad}e\u{ad}n\u{ad}d",
            "abc\u{202e}txt.exe",
            "abc \u{202d}letters\u{202c}",
            "rtl\u{2067} here",
            "\u{fff9}shown\u{fffa}said\u{fffb}",
            "a\u{206a}b",
            "x\u{e0001}y",
            "\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}",
            "day \u{200c}\u{200d}\u{200c}",
        ] {
            assert!(seen(text).hides, "{text:?}");
        }
    }

    #[test]
    fn letters_are_read_whatever_they_are_spelled_with() {
        for text in [
            "ｉｇｎｏｒｅ all",
            "𝐢𝐠𝐧𝐨𝐫𝐞 𝖺𝗅𝗅",
            "ⓘⓖⓝⓞⓡⓔ all",
            "i\u{34f}g\u{61c}n\u{ad}o\u{2060}r\u{fe0f}e all",
            "ignore\u{3164}all",
            "i\u{336}g\u{336}n\u{336}o\u{336}r\u{336}e\u{336} all",
        ] {
            assert_eq!(seen(text).plain, "ignore all", "{text:?}");
        }
        assert_eq!(seen("Café, naïve, Việt, й").plain, "Café, naïve, Việt, й");
    }

    #[test]
    fn a_long_text_takes_time_by_its_length() {
        for part in ["\u{200b}a", "\u{202d}1", "\u{200d}\u{200c}", "\u{e0041}", "葛\u{e0141}", "😀\u{fe0f}\u{200d}"] {
            // Far more than it takes: others use the machine as well.
            let text = part.repeat((1 << 20) / part.len());
            let start = std::time::Instant::now();
            let _ = (seen(&text), shown(&text));
            assert!(start.elapsed().as_secs() < 20, "{part:?}: {:?}", start.elapsed());
        }
    }
}
