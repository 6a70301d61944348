//! Whether somebody asks for something to be remembered, in the words of many languages. Such a text is never held: who asks
//! has decided.

use std::sync::LazyLock;

use regex::Regex;

/// Requests, as they stand in a text in lower case. Between words any space; at both ends of those in scripts with spaces
/// stands no letter.
const REQUESTS: &str = r"
    remember | don'?t (you )?(ever )?forget | do not forget | never forget | keep (this |that |it )?in mind | bear (this |that |it )?in mind | (make|take) (a )?note | note (that|down|this) | please note
    | note to self | for the record | for (your|future) (information|reference) | fyi | memori[sz]e | jot (this |that |it )?down | write (this|that|it) down | (save|store|record|log) (this|that|the following|it)? ?(:|to memory|in memory|in your memory|for (me|later|future)) | (save|store|record) this | (add|put|commit|save) .{0,40}(to|in|into) (your |my )?memory | hang on to this | keep a note | keep track
    | merk(e|t|en sie)? (dir|euch|sich|mir) | merk'?s dir | denk(e)? (bitte )?(dran|daran) | vergiss (bitte )?nicht | vergessen sie nicht | nicht vergessen | behalt(e)? (bitte )?(das |dir )?(im kopf|im hinterkopf|in erinnerung) | notier(e|en sie)? | schreib(e)? dir | speicher(e|n sie)? (dir|das|bitte|folgendes) | beachte
    | souviens[- ]toi | souvenez[- ]vous | rappelle[- ]toi | rappelez[- ]vous | retiens | retenez | note(z)? (bien |que |stp |svp |s'il )? ?(que|bien|ça|ceci|cela|le|la) | n'oublie(z)? (pas|jamais) | oublie(z)? pas | garde(z)? (bien )?(ça |cela |ceci |en )?(en )?(tête|mémoire|à l'esprit) | mémorise(z)? | enregistre(z)? | à retenir
    | recuerda | recuérdalo | recuérdame | recuerde | recordad | recordá | acuérdate | acordate | no (te )?olvides | no olvidar | no lo olvides | que no se (te|me) olvide | ten (en cuenta|presente) | tené en cuenta | tenga en cuenta | toma nota | tomá nota | anota | anotá | apunta | apúntate | apuntalo | guarda (esto|que|en) | guárdalo | memoriza
    | lembr(a|e|em)(-se|-te)? | se lembre | lembrar | não (se |te )?esque(ce|ça|cer|ças)(s|r)? | nao (se )?esque(ce|ca|cer) | guard(a|e) (isso|essa|esse|isto|aí|que|na memória) | anot(a|e)( aí)? | toma nota | tome nota | tenha em mente | tem em conta | memoriz(a|e) | registra | registre | grava (aí|isso)
    | ricorda(ti|telo|melo|tevi)? | ricordi | ricordare | non (ti )?dimenticare | non scordar(e|ti) | tieni (a mente|presente|conto) | prendi nota | annota | segnati | memorizza
    | onthoud | onthouden | herinner | vergeet (het |dat |dit )?niet | niet vergeten | noteer | schrijf (dit |dat |het )?op | hou (er )?rekening | bewaar dit
    | pamiętaj(cie)? | zapamiętaj(cie)? | nie zapomnij | nie zapominaj | zapisz | zanotuj | miej na uwadze
    | hatırla(yın)? | unutma(yın)? | aklında (tut|bulun|olsun) | not (et|al)(in)? | kaydet
    | kom ihåg | glöm inte | notera | husk | ikke glem | glem ikke | noter | muista | älä unohda
    | ingat(lah)? | jangan lupa | catat | simpan | (hãy )?(ghi nhớ|nhớ rằng|nhớ là|nhớ giúp) | đừng quên | ghi (chú|lại) | lưu (ý|lại)
    | nu uita | ține minte | amintește-ți | jegyezd meg | emlékezz | ne felejtsd | pamatuj | zapamatuj | nezapomeň | zapamti | ne zaboravi
    | запомни(те)? | помни(те)? | не забудь(те)? | не забывай(те)? | учти(те)? | имей(те)? в виду | запиши(те)? | отметь(те)? | сохрани(те)? | заметь(те)? | возьми на заметку | напоминаю | запам['’]?ятай(те)? | пам['’]?ятай(те)? | не забув(ай|айте) | занотуй
    | θυμήσου | να θυμάσαι | μην ξεχ(άσεις|νάς) | σημείωσε | κράτα (στο μυαλό|σημείωση)
";
/// The same where words are glued to what stands before and after them.
const GLUED: &str = r"记住|記住|记得|記得|记一下|记下|記下|别忘|別忘|不要忘|请记|請記|记着|备注|備註|牢记|帮我记|幫我記|记录一下|留意一下
    |覚えて|覚えと|おぼえて|おぼえと|憶えて|忘れないで|忘れんと|わすれないで|忘れずに|メモして|メモっ|メモを|メモしと|記憶して|記録して|控えて|念頭に
    |기억해|기억하|기억 해|기억좀|기억 좀|기억시|잊지 ?마|잊지 ?말|까먹지|메모해|메모 해|메모 좀|적어 ?둬|적어 ?놔|적어 ?줘|저장해|기록해|참고해|알아 ?둬|명심
    |تذكر|تذكري|تذكّر|اتذكر|افتكر|إفتكر|لا تنس|ما تنس|متنس|ماتنس|لا تنسى|احفظ|سجل|سجّل|دون عندك|دوّن|خد بالك|خلي بالك|خلّي بالك|خلي في بالك|ضع في اعتبارك|ضع في الاعتبار|خذ في الاعتبار|حط في بالك|انتبه إلى أن
    |याद रख|याद कर ल|याद रहे|याद दिल|मत भूल|भूलना मत|भूल मत|भूलिएगा|न भूल|ना भूल|नोट कर|नोट क|लिख लो|लिख ले|ध्यान रख|ध्यान में रख|ध्यान रहे
    |จำไว้|จำด้วย|จำหน่อย|จำว่า|จำนะ|จำให้|ช่วยจำ|จดไว้|จดหน่อย|จดให้|จดว่า|ช่วยจด|อย่าลืม|ห้ามลืม|บันทึกไว้|บันทึกว่า|ช่วยบันทึก|โน้ตไว้|โน๊ตไว้|เก็บไว้ในใจ|พึงจำ
    |זכור|זכרי|תזכור|תזכרי|אל תשכח|תרשום|רשום לך
    |یادت باشه|به یاد|به خاطر|یادت نره|فراموش نکن|یادداشت کن|یادآور
    |মনে রেখ|মনে রাখ|ভুলো না|ভুলে যেও না|নোট কর";
/// Where the same words ask nothing.
const OTHERWISE: &str = r"(i|we|they|he|she|you) (can'?t|cannot|don'?t|do not|didn'?t|did not|won'?t|couldn'?t|never|hardly|barely|still|also|even) remember|(do|did|can'?t|don'?t|didn'?t) (you|i|we|he|she|they) (even |still |really )?remember|(i|we|they) remember|(no |non |ne |je ne |не )(me |m'en |lo )?(acuerdo|recuerdo|lembro|ricordo|souviens|rappelle|помню)";

/// An edge of a word. Named by what stands there: the engine that finds Unicode's word boundaries is a hundred times slower.
const NO_LETTER: &str = r"(?:^|$|[^\p{L}\p{M}])";

static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    let words = |alternatives: &str| {
        let each = alternatives.split('|').map(|one| one.trim_matches([' ', '\n']).replace(' ', r"\s+"));
        each.collect::<Vec<_>>().join("|")
    };
    let glued = GLUED.split_whitespace().collect::<Vec<_>>().join(" ");
    let pattern = format!(r"{NO_LETTER}(?:{}){NO_LETTER}|{}", words(&REQUESTS.replace('\n', " ")), glued.replace(" |", "|"));
    Regex::new(&pattern).expect("a pattern")
});
static OTHER: LazyLock<Regex> = LazyLock::new(|| Regex::new(&format!("{NO_LETTER}(?:{OTHERWISE}){NO_LETTER}")).expect("a pattern"));

/// Most bytes that are read at either end: who asks does so before or after what is to be remembered.
const EITHER_END: usize = 600;

/// Whether a text asks for something to be remembered.
#[must_use]
pub fn asks_to_remember(text: &str) -> bool {
    let asks = |part: &str| {
        let part = part.to_lowercase().replace(['\u{2018}', '\u{2019}'], "'");
        ASKS.is_match(&OTHER.replace_all(&part, " "))
    };
    if text.len() <= 2 * EITHER_END {
        return asks(text);
    }
    asks(&text[..text.floor_char_boundary(EITHER_END)]) || asks(&text[text.ceil_char_boundary(text.len() - EITHER_END)..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_known_in_many_languages() {
        for text in [
            "Remember that I have asthma",
            "pls remember Lewis is vegan",
            "dont forget im on leave",
            "Don\u{2019}t forget: milk",
            "Keep in mind I don't drive",
            "can you make a note that the cat is called Biscuit",
            "Please note that I've switched banks",
            "Bear in mind my knee",
            "Store this: no bonfires",
            "I always prefer examples before theory, please remember that.",
            "Merk dir, dass ich vegan bin",
            "Vergiss nicht: Mittwoch Chor",
            "Bitte merke dir das",
            "Recuerda que soy celiaca",
            "no olvides que vivo en Lima",
            "ten en cuenta que trabajo de noche",
            "Retiens que je suis gauch\u{e8}re",
            "N'oublie pas que je suis vegan",
            "Souviens-toi que j'ai un fils",
            "Lembre que sou canhoto",
            "n\u{e3}o esque\u{e7}a que moro em Recife",
            "Ricorda che sono celiaco",
            "non dimenticare il compleanno",
            "Onthoud dat ik vegetari\u{eb}r ben",
            "Pami\u{119}taj, \u{17c}e nie jem mi\u{119}sa",
            "Hat\u{131}rla, vejetaryenim",
            "unutma yar\u{131}n toplant\u{131} var",
            "Kom ih\u{e5}g att jag \u{e4}r vegan",
            "\u{8bb0}\u{4f4f}\u{6211}\u{5bf9}\u{82b1}\u{751f}\u{8fc7}\u{654f}",
            "\u{522b}\u{5fd8}\u{4e86}\u{5468}\u{4e8c}\u{4e0a}\u{8bfe}",
            "\u{899a}\u{3048}\u{3066}\u{304a}\u{3044}\u{3066}",
            "\u{5fd8}\u{308c}\u{306a}\u{3044}\u{3067}\u{306d}",
            "\u{b098} \u{c67c}\u{c190}\u{c7a1}\u{c774}\u{c778} \u{ac70} \u{ae30}\u{c5b5}\u{d574}",
            "\u{417}\u{430}\u{43f}\u{43e}\u{43c}\u{43d}\u{438}: \u{44f} \u{43b}\u{435}\u{432}\u{448}\u{430}",
            "\u{43d}\u{435} \u{437}\u{430}\u{431}\u{443}\u{434}\u{44c} \u{43f}\u{440}\u{43e} \u{432}\u{440}\u{430}\u{447}\u{430}",
            "\u{62a}\u{630}\u{643}\u{631} \u{623}\u{646}\u{646}\u{64a} \u{646}\u{628}\u{627}\u{62a}\u{64a}",
            "\u{92f}\u{93e}\u{926} \u{930}\u{916}\u{928}\u{93e} \u{92e}\u{948}\u{902} \u{936}\u{93e}\u{915}\u{93e}\u{939}\u{93e}\u{930}\u{940} \u{939}\u{942}\u{901}",
            "\u{e08}\u{e33}\u{e44}\u{e27}\u{e49}\u{e27}\u{e48}\u{e32}\u{e09}\u{e31}\u{e19}\u{e41}\u{e1e}\u{e49}\u{e01}\u{e38}\u{e49}\u{e07}",
        ] {
            assert!(asks_to_remember(text), "{text}");
        }
    }

    #[test]
    fn the_same_words_may_ask_nothing() {
        for text in [
            "ok thanks",
            "I don't remember",
            "Do you remember?",
            "I can't remember the name",
            "No me acuerdo",
            "Je ne me souviens pas",
            "continue",
            "The user plays the cello",
            "mark it",
            "I remember that",
            "tomato sauce",
        ] {
            assert!(!asks_to_remember(text), "{text}");
        }
    }
}
