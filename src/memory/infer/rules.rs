//! Facts by rules, where no model is asked: the items of lists and the paragraphs of a text, each a memory of its own.

use super::model::{Fact, Message};

/// Shorter pieces are a heading or a greeting, and stay with what follows them.
const SHORTEST: usize = 12;

/// The pieces of what people said; answers of assistants are left out unless nobody else speaks.
pub(super) fn facts(messages: &[Message]) -> Vec<Fact> {
    let by_people: Vec<_> = messages.iter().filter(|m| m.role != "assistant" && m.role != "system" && m.role != "tool").collect();
    let spoken = if by_people.is_empty() { messages.iter().collect() } else { by_people };
    let pieces = spoken.iter().flat_map(|message| pieces(&message.content));
    pieces.map(|text| Fact { text, categories: Vec::new() }).collect()
}

fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut open = String::new();
    let close = |open: &mut String, pieces: &mut Vec<String>| {
        if !open.is_empty() {
            pieces.push(std::mem::take(open));
        }
    };
    for line in text.lines() {
        let line = line.trim();
        match item(line) {
            Some(item) => {
                // A heading ends with a colon and tells what its items are.
                let heading = open.strip_suffix(':').filter(|h| !h.contains('\n')).map(str::to_owned);
                if heading.is_none() {
                    close(&mut open, &mut pieces);
                }
                pieces.push(heading.map_or_else(|| item.to_owned(), |heading| format!("{heading}: {item}")));
            }
            None if line.is_empty() => {
                if open.len() >= SHORTEST && !open.ends_with(':') {
                    close(&mut open, &mut pieces);
                }
            }
            None => {
                if open.ends_with(':') && pieces.last().is_some_and(|last| last.starts_with(open.trim_end_matches(':'))) {
                    open.clear();
                }
                if !open.is_empty() {
                    open.push('\n');
                }
                open.push_str(line);
            }
        }
    }
    if !(open.ends_with(':') && pieces.last().is_some_and(|last| last.starts_with(open.trim_end_matches(':')))) {
        close(&mut open, &mut pieces);
    }
    pieces
}

/// The text of a list item.
fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*', '•', '+']).or_else(|| {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        (1..=3).contains(&digits).then(|| line[digits..].strip_prefix(['.', ')'])).flatten()
    })?;
    let text = rest.strip_prefix(' ')?.trim();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_items_become_pieces() {
        assert_eq!(
            pieces("Ann lives in Oslo.\nShe has a dog.\n\nBob lives in Bergen."),
            ["Ann lives in Oslo.\nShe has a dog.", "Bob lives in Bergen."]
        );
        assert_eq!(
            pieces("Ann likes:\n- tea\n- rye bread\n\nBob likes coffee a lot."),
            ["Ann likes: tea", "Ann likes: rye bread", "Bob likes coffee a lot."]
        );
        assert_eq!(pieces("1. first thing\n2) second thing\n* third"), ["first thing", "second thing", "third"]);
        assert_eq!(pieces("one line"), ["one line"]);
        assert_eq!(pieces("Hi!\n\nI moved to Rome last week."), ["Hi!\nI moved to Rome last week."]);
        assert_eq!(pieces("-5 degrees in May 2023"), ["-5 degrees in May 2023"], "a number is no item");
        assert!(pieces(" \n ").is_empty());
    }

    #[test]
    fn what_assistants_say_is_no_fact_about_people() {
        let say = |role: &str, content: &str| Message { role: role.into(), content: content.into() };
        let both = [say("user", "I moved to Rome."), say("assistant", "Rome is the capital of Italy.")];
        assert_eq!(facts(&both).iter().map(|f| f.text.as_str()).collect::<Vec<_>>(), ["I moved to Rome."]);
        assert_eq!(facts(&both[1..]).len(), 1);
    }
}
