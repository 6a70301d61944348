//! What the crate does, by hand, in a home folder that is named: for trying its files against the programs that read them.
//!
//! `agents connect CLIENT user|project personal URL | bearer URL KEY | variable URL NAME | command PROGRAM ARG…`,
//! `agents remove CLIENT user|project`; with what a hook was handed on standard input, `agents turns CLIENT` and
//! `agents context CLIENT TEXT`.
//! `HOME` is the home folder, the current folder is the project, `HOOK` is a program that hooks run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use agents::hook::Call;
use agents::transcript::Limits;
use agents::{Captures, Client, Door, Hooks, Places, Plan, Receipts, Scope, Session, Wanted, disconnect};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let places = Places::current().ok_or("no home folder")?.with_project(std::env::current_dir()?);
    let state = places.home.join(".agents-state");
    match words.as_slice() {
        ["connect", client, scope, door @ ..] => connect(&places, &state, client.parse()?, self::scope(scope)?, &self::door(door)?),
        ["remove", client, scope] => {
            let scope = self::scope(scope)?;
            let project = places.project.as_deref().filter(|_| scope == Scope::Project);
            show(&disconnect(client.parse()?, scope, project, &Receipts::new(state.join("receipts")))?);
            Ok(())
        }
        ["turns", client] => turns(&places, &state, client.parse()?),
        ["context", client, text] => {
            let call = Call::parse(client.parse()?, &std::io::read_to_string(std::io::stdin())?)?;
            call.answer(text).into_iter().for_each(|answer| println!("{answer}"));
            Ok(())
        }
        _ => Err("see the head of this file".into()),
    }
}

fn connect(places: &Places, state: &Path, client: Client, scope: Scope, door: &Door) -> Outcome {
    let hooks = std::env::var("HOOK").ok().filter(|_| Hooks::known_to(client));
    let hooks = hooks.map(|program| Hooks { program, args: vec![client.id().to_owned()], context: true, capture: true });
    let wanted = Wanted { client, scope, name: "memory", door: Some(door), hooks: hooks.as_ref() };
    show(&Plan::new(places, &wanted)?.apply(&Receipts::new(state.join("receipts")))?);
    Ok(())
}

/// Prints what is new in a session, as a hook would send it.
fn turns(places: &Places, state: &Path, client: Client) -> Outcome {
    let call = Call::parse(client, &std::io::read_to_string(std::io::stdin())?)?;
    let captures = Captures::new(state.join("captures"));
    call.keep(&captures.journals(), "2026-11-30T14:45:58Z")?;
    if !call.event.captures() {
        return Ok(());
    }
    let Some(source) = call.source(&places.home, &captures.journals()) else { return Ok(()) };
    let session = Session { client, id: call.session.clone(), source };
    let Some(mut capture) = captures.open(&session, Duration::from_secs(5))? else { return Ok(()) };
    let batch = capture.next(&Limits::default())?;
    for turn in &batch.turns {
        println!("{:?}: {}", turn.speaker, turn.text);
    }
    Ok(capture.sent(&batch)?)
}

fn show(reports: &[agents::Report]) {
    for report in reports {
        println!("{:?} {}", report.outcome, report.file.display());
    }
}

fn scope(word: &str) -> Result<Scope, String> {
    match word {
        "user" => Ok(Scope::User),
        "project" => Ok(Scope::Project),
        other => Err(format!("{other} is no scope")),
    }
}

fn door(words: &[&str]) -> Result<Door, String> {
    match words {
        ["personal", url] => Ok(Door::personal(*url)),
        ["bearer", url, key] => Ok(Door::bearer(*url, *key)),
        ["variable", url, name] => Ok(Door::bearer_from(*url, *name)),
        ["command", program, args @ ..] => {
            Ok(Door::command(PathBuf::from(program).to_string_lossy(), args.iter().map(ToString::to_string)))
        }
        other => Err(format!("{other:?} is no door")),
    }
}
