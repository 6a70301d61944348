//! Questions that ask for what is known at all, such as "What do you know about me?": no word of theirs tells one memory from
//! another, so each bears on them.

use std::{collections::HashSet, sync::LazyLock};

use crate::words::{is_common, runs_on, words};

/// Words of asking, telling and remembering, beside the common words of their languages, a language a line.
static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("overview.txt").split_whitespace().collect());

/// The same in scripts that write no spaces, common words included; the longest first.
static RUNS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut runs: Vec<_> = include_str!("overview_runs.txt").split_whitespace().collect();
    runs.sort_unstable_by_key(|run| std::cmp::Reverse(run.len()));
    runs
});

/// Whether a question asks for all that is known. A single word does not: it is looked for.
#[must_use]
pub fn asks_for_all(question: &str) -> bool {
    let mut words = words(question).peekable();
    let Some(first) = words.next() else { return false };
    let alone = words.peek().is_none();
    let runs_on = |word: &str| !word.is_ascii() && word.chars().any(runs_on);
    if alone && !runs_on(&first) {
        return false;
    }
    std::iter::once(first).chain(words).all(|word| if runs_on(&word) { is_made_of_runs(&word) } else { tells_nothing(&word) })
}

fn tells_nothing(word: &str) -> bool {
    WORDS.contains(word) || is_common(word)
}

/// Whether nothing is left of a run once its phrases are cut off from its beginning, each time the longest. More than two must be
/// there: fewer are a word that is looked for.
fn is_made_of_runs(word: &str) -> bool {
    let (mut rest, mut phrases) = (word, 0);
    while let Some(run) = RUNS.iter().find(|run| rest.starts_with(**run)) {
        rest = &rest[run.len()..];
        phrases += 1;
    }
    rest.is_empty() && phrases > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_without_content_ask_for_all() {
        for question in [
            "What do you know about me?",
            "what is there to know",
            "Tell me everything you remember about me, please.",
            "Who am I?",
            "list all memories",
            "Summarize what you have stored so far",
            "¿Qué sabes de mí?",
            "Was weißt du über mich?",
            "Que sais-tu de moi ?",
            "O que você sabe sobre mim?",
            "Что ты знаешь обо мне?",
            "你知道关于我的什么?",
            "你对我了解多少",
            "你還記得我什麼嗎",
            "私について何を知っていますか?",
            "나에 대해 무엇을 알고 있나요?",
            "คุณรู้อะไรเกี่ยวกับฉันบ้าง",
        ] {
            assert!(asks_for_all(question), "{question}");
        }
    }

    #[test]
    fn questions_with_content_do_not() {
        for question in [
            "",
            "?!",
            "everything",
            "profile",
            "What do you know about my sister?",
            "Who is Anna?",
            "tell me about Rust",
            "what do you remember about the deploy",
            "¿Qué sabes de mi coche?",
            "Was weißt du über Hamburg?",
            "Что ты знаешь о собаке?",
            "你知道我的狗叫什么吗?",
            "我喜欢喝什么茶",
            "私の犬について何を知っていますか?",
            "나의 강아지에 대해 무엇을 알고 있나요?",
            "zxqv plugh",
        ] {
            assert!(!asks_for_all(question), "{question}");
        }
    }
}
