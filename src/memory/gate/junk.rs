//! What is no memory: talk that says nothing, requests of the moment, the output of tools, the prompts of other programs, notes
//! about a conversation. Rules for what is certain, the classifier for the rest; both are meant to miss rather than to take a
//! fact for junk.

use std::{collections::HashSet, sync::LazyLock};

use super::classifier;
use crate::memory::lexical::words;

/// Grows with every change of the rules.
pub const VERSION: u32 = 2;

/// Words of greetings, thanks, agreement and waiting: a short text of these alone says nothing.
const EMPTY: &str = "hi hello hey yo hiya howdy greetings good morning afternoon evening night day bye goodbye cya see ya later \
    thanks thank you thx ty cheers much so a lot very many appreciated appreciate it np no problem welcome you're ok okay k kk yes yep \
    yeah yup no nope nah sure fine great cool nice awesome perfect wonderful excellent alright right got gotcha understood noted done \
    lol haha hahaha hehe rofl lmao wow oh ah uh um hmm hm huh please sorry oops well let me think one moment second sec wait hold on \
    just continue go ahead next again more test testing asdf qwerty foo bar baz blah lorem ipsum dolor sit amet what's up whats sup \
    how are is going the that this it i see agree agreed exactly indeed absolutely definitely maybe and to for all your help that's \
    looks sounds works correct true ping pong anyone there how's it's today worries at anything else there's doing been while tonight \
    weekend happy glad love sir madam friend guys everyone folks team bro dude buddy hey there i'm im back here ready let's start \
    begin proceed makes sense good-bye cheerio ta cu ttyl brb afk omg idk np yay woohoo congrats totally fair enough point of \
    course certainly interesting hear nice meet meeting pleasure mine too same here night sleep tight take care";
static EMPTY_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| EMPTY.split_whitespace().collect());
/// Why a text is junk: `encoded`, `empty_talk`, or `nothing_lasting` as far as the classifier can tell; `None` for what may
/// be a memory. A turn of a conversation that is kept with its speaker may say little: the turns around it need it.
#[must_use]
pub fn why(text: &str, is_turn: bool) -> Option<&'static str> {
    if is_encoded(text) {
        return Some("encoded");
    }
    if is_turn {
        return None;
    }
    let said: Vec<_> = words(text).collect();
    if said.len() <= 10 && said.iter().all(|word| EMPTY_WORDS.contains(word.as_str())) {
        return Some("empty_talk");
    }
    classifier::is_junk(text).then_some("nothing_lasting")
}

/// Whether a text asks to be remembered: a person's own word.
#[must_use]
pub fn asks_to_remember(text: &str) -> bool {
    words(text).next().is_some_and(|word| word == "remember")
}

/// One long run without a space, or mostly such runs: base64, hex, hashes.
fn is_encoded(text: &str) -> bool {
    let run = |word: &&str| {
        word.len() >= 40 && !word.contains("://") && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=_-:".contains(&b))
    };
    let long: usize = text.split_whitespace().filter(run).map(str::len).sum();
    long * 2 > text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known() {
        for (text, kind) in [
            ("ok, thanks!", "empty_talk"),
            ("\u{1f44d}\u{1f44d}", "empty_talk"),
            ("{\"status\": \"ok\", \"items\": [1, 2]}", "nothing_lasting"),
            ("aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8=", "encoded"),
            ("2026-01-02T10:00:00Z INFO server started on port 80", "nothing_lasting"),
            ("You are a helpful assistant that answers in JSON.", "nothing_lasting"),
            ("No relevant memories found.", "nothing_lasting"),
            ("The user asked a question", "nothing_lasting"),
        ] {
            assert_eq!(why(text, false), Some(kind), "{text}");
        }
    }

    #[test]
    fn facts_are_no_junk() {
        for text in [
            "Maria says hello to everyone in Norwegian",
            "The user asked Maria to marry him in 2019",
            "You are my sister's favourite author",
            "The user has no siblings",
            "My assistant at work is called Jon",
            "Deploys fail with exit codes when the disk is full on build-7",
            "no peanuts for me",
            "https://example.com/a/very/long/address/of/some/page/that/matters?with=parameters is my portfolio",
            "Insert Coin is the name of our book club",
            "Error handling is what the user likes best about Rust",
            "{\"project\": \"orchard\", \"language\": \"Go 1.22\", \"deploy\": \"fly.io, region ams\"}",
            "\u{5d0}\u{5d7}\u{5d5}\u{5ea}\u{5d9} \u{5d2}\u{5e8}\u{5d4} \u{5d1}\u{5d7}\u{5d9}\u{5e4}\u{5d4}",
            "ok is what my cat is called by the neighbours' children",
        ] {
            assert_eq!(why(text, false), None, "{text}");
        }
        assert_eq!(why("Thanks, Caroline!", true), None, "a turn of a conversation");
    }
}
