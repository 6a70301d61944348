//! The tokenizer of E5 against that of Hugging Face, over the same pieces and scores.

use std::sync::LazyLock;

use encoders::{E5, e5::MAX_PIECES};
use tokenizers::{
    Tokenizer,
    models::unigram::Unigram,
    normalizers::unicode::NFKC,
    pre_tokenizers::{metaspace::Metaspace, sequence::Sequence, whitespace::WhitespaceSplit},
};

static OURS: LazyLock<E5> = LazyLock::new(|| E5::load().expect("the model is whole"));

static THEIRS: LazyLock<Tokenizer> = LazyLock::new(|| {
    let file = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/e5/vocabulary.bin"));
    let words = file[8..].as_chunks::<4>().0;
    let number = |at: usize| u32::from_le_bytes(words[at]) as usize;
    let count = number(0);
    let text = &file[16 + 4 * (2 * count + 1)..];
    let piece = |i: usize| {
        let score = f32::from_le_bytes(words[2 + count + 1 + i]);
        // What is special stays out of reach: no word has a space.
        let name = if i < 3 { format!(" {i}") } else { String::from_utf8_lossy(&text[number(2 + i)..number(3 + i)]).into_owned() };
        (name, f64::from(score))
    };
    let mut tokenizer = Tokenizer::new(Unigram::from((0..count).map(piece).collect(), Some(2), false).expect("a vocabulary"));
    tokenizer.with_normalizer(Some(NFKC)).expect("a normalizer");
    let steps = vec![WhitespaceSplit.into(), Metaspace::default().into()];
    tokenizer.with_pre_tokenizer(Some(Sequence::new(steps)));
    tokenizer
});

/// What of a text the model would see.
fn theirs(text: &str) -> Vec<u32> {
    let encoding = THEIRS.encode_fast(text, false).expect("any text can be encoded");
    [0].into_iter().chain(encoding.get_ids().iter().copied().take(MAX_PIECES - 2)).chain([1]).collect()
}

/// Languages and scripts. No control or invisible characters, which the reference would keep.
const TEXTS: &[&str] = &[
    "The quick brown fox jumps over the lazy dog; it wasn't asked to.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. STRASSE, Straße, ẞ",
    "Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis — « déjà vu »",
    "Pchnąć w tę łódź jeża lub ośm skrzyń fig; ŻÓŁĆ. Příliš žluťoučký kůň úpěl ďábelské ódy",
    "Fahiş bluz güvencesi yağdırma projesi çöktü. İstanbul, IĞDIR, ılık. Árvíztűrő tükörfúrógép",
    "Tiếng Việt có nhiều dấu: ậ ễ ổ ợ ử ỹ đ Đ. Flygande bäckasiner söka hwila på mjuka tuvor. Ærøskøbing",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ΌΔΥΣΣΕΑΣ, ὀδυσσεύς, τέλος ΤΕΛΟΣ",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. ЁЖИК, Їжак, ґанок, Ѳеодоръ",
    "Հայերեն լեզուն շատ հին է։ ԲԱՐԵՎ՜ ქართული ენა",
    "דג סקרן שט בים מאוכזב. שָׁלוֹם, ״צה״ל״. نصٌّ حكيمٌ لهُ سرٌّ قاطِعٌ وَذُو شَأنٍ عَظيمٍ؟ ١٢٣، اردو میں ایک جملہ۔",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण। १२३ क्ष क़ আমি বাংলায় গান গাই। ড়ঢ়য় ਪੰਜਾਬੀ ਬੋਲੀ ગુજરાતી ભાષા ଓଡ଼ିଆ ଭାଷା",
    "தமிழ் மொழி மிகவும் பழமையானது ௧௨௩ கொ கௌ తెలుగు భాష చాలా అందమైనది ಕನ್ನಡ ಭಾಷೆ ಕೊ ಕೋ മലയാളം ഭാഷ ൺ ൻ සිංහල භාෂාව",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กำ น้ำ ๑๒๓ ฯ ພາສາລາວ ນ້ຳ မြန်မာဘာသာစကား။ ၁၂၃ ភាសាខ្មែរ។ ១២៣ ሰላም ለዓለም፡ እንዴት ነህ። བོད་སྐད་ནི།",
    "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。Beijing北京2008 简体中文和English混排，真的吗？《书名》",
    "いろはにほへと ちりぬるを。カタカナ、ガギグ、ﾊﾝｶｸ、ー々〆ヶ ㍿㌔㍑ ㈱ Ａｆｕｌｌｗｉｄｔｈ１２３！",
    "키스의 고유조건은 입술끼리 만나야 하고. 한글 ㄱㄴㄷ 각 ㄅㄆㄇ 𠀀𠀁 豈更車",
    "😀 👍🏽 🇩🇪 ❤️ ☎ 1️⃣ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ℵ ℝ ½ ⅷ ² ₃ ™ © № ﬁ ﬀ ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ ≠≤≥ │┌─┐█ →⇒ ★☆ €200 ₹5 ₿",
    "https://example.com/a_b-c?d=e&f=g#h user.name+tag@example.co.uk 192.168.0.1 fn main() { let x: Vec<u8> = vec![0; 10]; }",
    "<s> </s> <unk> <pad> <mask> e\u{301} u\u{308} n\u{303} a\u{30a}\u{301} q\u{307}\u{323}",
    "xqzjvkw zzzzzzzz Donaudampfschifffahrtsgesellschaftskapitän pneumonoultramicroscopicsilicovolcanoconiosis don't “quoted” …",
    "",
    " ",
    "a",
];

/// The same in other dress: each is another input, and none may make a difference.
const DRESSES: &[fn(&str) -> String] = &[
    |text| text.to_owned(),
    |text| text.to_uppercase(),
    |text| text.to_lowercase(),
    |text| text.chars().rev().collect(),
    |text| text.split_whitespace().collect(),
    |text| text.chars().flat_map(|c| [c, ' ']).collect(),
    |text| text.chars().flat_map(|c| [c, '\u{301}']).collect(),
    |text| text.replace(' ', "-"),
    |text| format!("  x{text}y  "),
    |text| format!("{text} ").repeat(12),
];

#[test]
fn texts_of_all_kinds_have_the_pieces_of_the_reference() {
    for text in TEXTS {
        for dress in DRESSES {
            let text = dress(text);
            assert_eq!(OURS.pieces(&text), theirs(&text), "{text:?}");
        }
    }
}
