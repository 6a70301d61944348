//! The tokenizer against that of Hugging Face, for which the model was published.

use std::{ops::RangeInclusive, sync::LazyLock};

use encoders::{MiniLm, minilm::MAX_PIECES};
use tokenizers::{Tokenizer, models::wordpiece::WordPiece, normalizers::bert::BertNormalizer, pre_tokenizers::bert::BertPreTokenizer};

static OURS: LazyLock<MiniLm> = LazyLock::new(|| MiniLm::load().expect("the model is whole"));

/// Without its special tokens: what looks like one in a text is text.
static THEIRS: LazyLock<Tokenizer> = LazyLock::new(|| {
    let vocabulary = concat!(env!("CARGO_MANIFEST_DIR"), "/model/minilm/vocab.txt");
    let mut tokenizer = Tokenizer::new(WordPiece::from_file(vocabulary).build().expect("a vocabulary"));
    tokenizer.with_normalizer(Some(BertNormalizer::new(true, true, None, true))).expect("a normalizer");
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer
});

/// What of a text the model would see.
fn theirs(text: &str) -> Vec<u32> {
    let id = |name: &str| THEIRS.token_to_id(name).expect("a special token");
    let encoding = THEIRS.encode_fast(text, false).expect("any text can be encoded");
    let pieces = encoding.get_ids().iter().copied().take(MAX_PIECES - 2);
    [id("[CLS]")].into_iter().chain(pieces).chain([id("[SEP]")]).collect()
}

/// Languages, scripts, and what else people paste. No ideograph of U+2B820 to U+2B91F: the reference forgets them, BERT does not.
const TEXTS: &[&str] = &[
    "The quick brown fox jumps over the lazy dog; it wasn't asked to.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. STRASSE, Straße, ẞ",
    "Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis — « déjà vu »",
    "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia. ¿Qué? ¡Señor!",
    "Luís argüia à Júlia que «brações, fé, chá, óxido, pôr, zângão» eram palavras",
    "Pchnąć w tę łódź jeża lub ośm skrzyń fig; ŻÓŁĆ",
    "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "Árvíztűrő tükörfúrógép, ÁRVÍZTŰRŐ TÜKÖRFÚRÓGÉP",
    "Fahiş bluz güvencesi yağdırma projesi çöktü. İstanbul, IĞDIR, ılık",
    "Flygande bäckasiner söka hwila på mjuka tuvor. Ærøskøbing, Þórsmörk, ðð",
    "Tiếng Việt có nhiều dấu: ậ ễ ổ ợ ử ỹ đ Đ",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ΌΔΥΣΣΕΑΣ, ὀδυσσεύς, τέλος ΤΕΛΟΣ",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. ЁЖИК, Їжак, ґанок",
    "Ѳеодоръ, ѣхать, Ꙗко же",
    "Հայերեն լեզուն շատ հին է։ ԲԱՐԵՎ՜",
    "ქართული ენა, ႠႡႢ, ᲐᲑᲒ",
    "דג סקרן שט בים מאוכזב. שָׁלוֹם, ״צה״ל״",
    "نصٌّ حكيمٌ لهُ سرٌّ قاطِعٌ وَذُو شَأنٍ عَظيمٍ؟ ١٢٣،",
    "یک متن فارسی با نیم\u{200c}فاصله: می\u{200c}خواهم ۴۵۶",
    "اردو میں ایک جملہ۔ ہے ں",
    "ܫܠܡܐ ܥܠܡܐ܀",
    "ދިވެހި ބަސް",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण। १२३ क्ष क़",
    "আমি বাংলায় গান গাই। ড়ঢ়য়",
    "ਪੰਜਾਬੀ ਬੋਲੀ ਗੁਰਮੁਖੀ",
    "ગુજરાતી ભાષા અને લિપિ",
    "ଓଡ଼ିଆ ଭାଷା",
    "தமிழ் மொழி மிகவும் பழமையானது ௧௨௩ கொ கௌ",
    "తెలుగు భాష చాలా అందమైనది",
    "ಕನ್ನಡ ಭಾಷೆ ಕೊ ಕೋ",
    "മലയാളം ഭാഷ ൺ ൻ",
    "සිංහල භාෂාව ශ්\u{200d}රී",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กำ น้ำ ๑๒๓ ฯ",
    "ພາສາລາວ ນ້ຳ",
    "မြန်မာဘာသာစကား။ ၁၂၃",
    "ភាសាខ្មែរ។ ១២៣",
    "བོད་སྐད་ནི། ༡༢༣ ཀྵ",
    "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ᠃",
    "ሰላም ለዓለም፡ እንዴት ነህ። ፩፪፫",
    "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ꮳꮃꭹ",
    "ᐃᓄᒃᑎᑐᑦ ᐊᒻᒪ",
    "ᚠᚢᚦᚨᚱᚲ᛫ ᚛ᚑᚌᚐᚋ᚜",
    "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。Beijing北京2008",
    "简体中文和English混排，真的吗？《书名》",
    "いろはにほへと ちりぬるを。カタカナ、ガギグ、ﾊﾝｶｸ、ー々〆ヶ",
    "㍿㌔㍑ ㈱ Ａｆｕｌｌｗｉｄｔｈ１２３！",
    "키스의 고유조건은 입술끼리 만나야 하고. 한글 ㄱㄴㄷ 각",
    "ㄅㄆㄇ 𠀀𠀁 𫝀 豈更車 \u{2F800}\u{2F81A}",
    "😀 👍🏽 👨\u{200d}👩\u{200d}👧 🇩🇪 ❤️ ☎ ☂\u{FE0F} 1️⃣",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝕊𝕋𝕐𝕃𝔼 𝒸𝓊𝓇𝓈𝒾𝓋𝑒 ℵ ℝ ½ ⅷ ² ₃ ™ © № ﬁ ﬀ",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α∧¬β, ∑∏∫ ≠≤≥ ±×÷ √ ∞",
    "│┌─┐█▓▒░ ■□▪ →⇒↔ ★☆ ♠♥ ¶§†‡•…",
    "$100 €200 £3.50 ¥400 ₹5 ₿ ¢ 50% #tag @user a+b=c x<y>z ^~`|\\",
    "https://example.com/a_b-c?d=e&f=g#h user.name+tag@example.co.uk 192.168.0.1 2001:db8::1",
    "fn main() { let x: Vec<u8> = vec![0; 10]; } // snake_case CamelCase kebab-case",
    "{\"key\": [1, 2.5e-3, null], \"emoji\": \"\\ud83d\\ude00\"}",
    "[CLS] [SEP] [MASK] [UNK] [PAD] ##ing [unused1] <s></s>",
    "e\u{301} u\u{308} n\u{303} a\u{30a}\u{301} o\u{328} \u{301}x q\u{307}\u{323} ế",
    "Z\u{336}a\u{337}l\u{338}g\u{321}o\u{322} \u{34f}\u{489}\u{20dd}",
    "tab\tnewline\nreturn\r\nvertical\u{b}feed\u{c}next\u{85}nbsp\u{a0}thin\u{2009}line\u{2028}para\u{2029}ideographic\u{3000}end",
    "nul\0bell\u{7}del\u{7f}bom\u{feff}zwsp\u{200b}zwj\u{200d}rlm\u{200f}lro\u{202d}wj\u{2060}shy\u{ad}repl\u{fffd}pua\u{e000}tag\u{e0041}",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis Donaudampfschifffahrtsgesellschaftskapitän",
    "xqzjvkw zzzzzzzz aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "don't can't it's o'clock rock'n'roll 'tis “quoted” ‘single’ „unten“ ‹x› – — ― … ‐ ‑",
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
    |text| text.chars().flat_map(|c| [c, '\u{200b}', c]).collect(),
    |text| text.replace(' ', "-"),
    |text| format!("x{text}y "),
    |text| format!("{text} ").repeat(12),
];

#[test]
fn texts_of_all_kinds_have_the_pieces_of_the_reference() {
    let mut compared = 0;
    for text in TEXTS {
        for dress in DRESSES {
            let text = dress(text);
            assert_eq!(OURS.pieces(&text), theirs(&text), "{text:?}");
            compared += 1;
        }
    }
    assert!(compared > 600, "only {compared}");
}

/// Characters whose class is newer than the tables of the reference, which are of 2015.
const NEWER: &[RangeInclusive<u32>] = &[
    0x05C8..=0x05C9,
    0x061D..=0x061D,
    0x07FD..=0x07FD,
    0x0890..=0x0891,
    0x0897..=0x089F,
    0x08CA..=0x08E2,
    0x09FD..=0x09FE,
    0x0A76..=0x0A76,
    0x0AFA..=0x0AFF,
    0x0B53..=0x0B55,
    0x0C04..=0x0C04,
    0x0C3C..=0x0C3C,
    0x0C77..=0x0C77,
    0x0C84..=0x0C84,
    0x0D00..=0x0D00,
    0x0D3B..=0x0D3C,
    0x0D81..=0x0D81,
    0x0EBA..=0x0EBA,
    0x0ECE..=0x0ECE,
    0x166D..=0x166D,
    0x1734..=0x1734,
    0x180F..=0x180F,
    0x1885..=0x1886,
    0x1ABF..=0x1AF0,
    0x1B4E..=0x1B4F,
    0x1B7D..=0x1B7F,
    0x1DF6..=0x1DFB,
    0x2E43..=0x2E4F,
    0x2E52..=0x2E5D,
    0x2E60..=0x2E63,
    0xA82C..=0xA82C,
    0xA8C5..=0xA8C5,
    0xA8FF..=0xA8FF,
    0xA9BD..=0xA9BD,
];

#[test]
fn each_character_is_treated_as_the_reference_treats_it() {
    // All of the first plane but the ideographs, the syllables of Korean and private use: of those, some.
    let many = |code: u32| matches!(code, 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3 | 0xE000..=0xF8FF);
    let chars = (0..=0xFFFF).filter(|code| !many(*code) || code % 97 == 0).filter(|code| !NEWER.iter().any(|range| range.contains(code)));
    for c in chars.filter_map(char::from_u32) {
        // Within a word, alone, and at the start of one.
        let text = format!("a{c}b {c} {c}e");
        assert_eq!(OURS.pieces(&text), theirs(&text), "{c:?}, U+{:04X}", u32::from(c));
    }
}
