//! Facts by rules, where no model is asked: the items of lists and the paragraphs of a text, each a memory of its own.

use super::model::{Fact, Message};

/// Shorter pieces are a heading or a greeting, and stay with what follows them.
const SHORTEST: usize = 12;

/// The pieces of what people said, at most `most`: the last one holds all that is left. Answers of assistants are left out
/// unless nobody else says anything.
pub(super) fn facts(messages: &[Message], most: usize) -> Vec<Fact> {
    let of = |spoken: &dyn Fn(&Message) -> bool| -> Vec<String> {
        messages.iter().filter(|message| spoken(message)).flat_map(|message| pieces(&message.content)).collect()
    };
    let mut all = of(&|message| !matches!(message.role.as_str(), "assistant" | "system" | "tool"));
    if all.is_empty() {
        all = of(&|_| true);
    }
    if all.len() > most {
        let rest = all.split_off(most - 1).join("\n");
        all.push(rest);
    }
    all.into_iter().map(|text| Fact { text, categories: Vec::new() }).collect()
}

/// What people said: all of it where nobody but an assistant did. Empty messages say nothing.
pub(super) fn of_people(messages: &[Message]) -> Vec<&Message> {
    let said = |message: &&Message| !message.content.trim().is_empty();
    let people = |message: &&Message| !matches!(message.role.as_str(), "assistant" | "system" | "tool");
    let of_people: Vec<_> = messages.iter().filter(said).filter(people).collect();
    if of_people.is_empty() { messages.iter().filter(said).collect() } else { of_people }
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
        assert_eq!(facts(&both, 9).iter().map(|f| f.text.as_str()).collect::<Vec<_>>(), ["I moved to Rome."]);
        assert_eq!(facts(&both[1..], 9).len(), 1);
        assert_eq!(facts(&[say("user", " "), say("assistant", "Noted.")], 9).len(), 1, "somebody said something");
    }

    #[test]
    fn a_long_list_loses_nothing() {
        let list = (0..30).map(|n| format!("- item number {n}")).collect::<Vec<_>>().join("\n");
        let few = facts(&[Message { role: "user".into(), content: list }], 10);
        assert_eq!((few.len(), few[0].text.as_str()), (10, "item number 0"));
        assert!(few[9].text.starts_with("item number 9\n") && few[9].text.ends_with("item number 29"));
    }
}
