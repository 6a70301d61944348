//! Letters of one alphabet that stand in a word of another because they look the same: people read them, filters do not.
//! Greek letters of units and formulas are none, nor is the ending that Russian or Greek gives to a foreign name.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
}

/// Latin letters that a Greek or Cyrillic one looks like.
const LATIN: &str = "aceijopsvxyABCEHIJKMNOPSTXYZ";
/// Greek letters that look like a Latin one.
const GREEK: &str = "αγηικνορστυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϲϳ";
/// Those of them that are no letters of formulas, because a Latin one serves.
const NO_SYMBOLS: &str = "ιουΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϲϳ";
/// Cyrillic letters that look like a Latin one.
const CYRILLIC: &str = "авгекмнорстухіїјѕһӏԁԛԝѵүАВЕКМНОРСТУХІЇЈЅӀԌԚԜѴҮ";
/// What stands before an angle without a space.
const FUNCTIONS: [&str; 15] =
    ["sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "ln", "exp"];
/// Letters of the longest index or unit beside a Greek letter.
const INDEX: usize = 3;

/// Letters in a row of one alphabet.
struct Run {
    alphabet: Alphabet,
    letters: Vec<char>,
}

/// Whether letters of one alphabet pass for those of another in any word of a text.
pub fn disguise(text: &str) -> bool {
    let words = || text.split(|c: char| !c.is_alphanumeric());
    let foreign = |word: &&str| word.chars().any(|c| matches!(alphabet(c), Some(Alphabet::Greek | Alphabet::Cyrillic)));
    let mut mixed = words().filter(foreign).map(runs).filter(|runs| runs.len() > 1 && has_latin(runs)).peekable();
    if mixed.peek().is_none() {
        return false;
    }
    let native: Vec<Alphabet> = words()
        .map(runs)
        .filter_map(|runs| match &runs[..] {
            [only] if only.letters.len() > 1 => Some(only.alphabet),
            _ => None,
        })
        .collect();
    mixed.any(|runs| (0..runs.len()).any(|at| disguises(&runs, at, &native)))
}

fn alphabet(c: char) -> Option<Alphabet> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some(Alphabet::Latin),
        '\u{370}'..='\u{3ff}' => Some(Alphabet::Greek),
        '\u{400}'..='\u{52f}' => Some(Alphabet::Cyrillic),
        _ => None,
    }
}

fn runs(word: &str) -> Vec<Run> {
    let letters: Vec<(char, Alphabet)> = word.chars().filter_map(|c| Some((c, alphabet(c)?))).collect();
    let runs = letters.chunk_by(|a, b| a.1 == b.1);
    runs.map(|run| Run { alphabet: run[0].1, letters: run.iter().map(|(c, _)| *c).collect() }).collect()
}

fn has_latin(runs: &[Run]) -> bool {
    runs.iter().any(|run| run.alphabet == Alphabet::Latin)
}

/// Whether a part of a word passes for the alphabet of the rest.
fn disguises(runs: &[Run], at: usize, native: &[Alphabet]) -> bool {
    let Run { alphabet, letters } = &runs[at];
    let alike = match alphabet {
        Alphabet::Latin => LATIN,
        Alphabet::Greek => GREEK,
        Alphabet::Cyrillic => CYRILLIC,
    };
    if !letters.iter().all(|c| alike.contains(*c)) {
        return false;
    }
    match alphabet {
        // Not the `T` of `ΔT`, nor an abbreviation with the ending of another language.
        Alphabet::Latin => {
            let others = runs.iter().filter(|run| run.alphabet != Alphabet::Latin).map(|run| run.letters.len()).sum::<usize>();
            let abbreviated = at == 0 && letters.len() > 1 && letters.iter().all(|c| c.is_uppercase());
            others > letters.len() && !abbreviated
        }
        Alphabet::Greek if is_symbol(runs, at) => false,
        _ => !(runs.len() == 2 && at == 1 && native.contains(alphabet)),
    }
}

/// Whether Greek letters are those of a formula or a unit: beside an index, a function or an abbreviation, not amid a word.
fn is_symbol(runs: &[Run], at: usize) -> bool {
    let beside = |at: Option<usize>| at.and_then(|at| runs.get(at)).map(|run| &run.letters[..]);
    let (before, after) = (beside(at.checked_sub(1)), beside(Some(at + 1)));
    let longest = if before.is_some() && after.is_some() { 1 } else { INDEX };
    let fits = |letters: &[char]| {
        let word: String = letters.iter().collect();
        letters.len() <= longest || letters.iter().all(|c| c.is_uppercase()) || FUNCTIONS.contains(&word.as_str())
    };
    !runs[at].letters.iter().any(|c| NO_SYMBOLS.contains(*c)) && before.is_none_or(fits) && after.is_none_or(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookalikes_within_a_word_are_noticed() {
        for text in [
            "log in at pаypal.com",
            "аpple sent a bill",
            "gοοgle says so",
            "micrоsоft support",
            "pαypal",
            "αmazon",
            "ΑPPLE",
            "facebооk",
            "the vault of lеdgеr",
            "Αmazon",
            "bіnance",
            "в пaриже было тепло",
            "Mосква",
        ] {
            assert!(disguise(text), "{text}");
        }
    }

    #[test]
    fn formulas_units_and_endings_are_no_disguise() {
        for text in [
            "50μg, 10μF, 5kΩ, 3mΩ, 2μmol",
            "ΔT is 5 K, the α-helix and its Cα, Cβ, Nε",
            "TNFα, IFNγ, NFκB, HIF1α, PPARγ, β2M, κB",
            "sinα + cosβ, sinαcosβ, 2πr, ωt, τmax, νmax, ρair, kν",
            "λx.x, Δν, dα, ηth, χ2, σx",
            "он заболел COVIDом и купил в Googlе новый VIPы",
            "наш CEOм стал USBшный",
            "αβγ и абв and abc",
            "naïve Ångström",
        ] {
            assert!(!disguise(text), "{text}");
        }
    }
}
