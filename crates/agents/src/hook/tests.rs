use super::*;

#[test]
fn each_client_is_understood() {
    let claude = r#"{"session_id":"a5f8","transcript_path":"/h/.claude/projects/p/a5f8.jsonl","cwd":"/h/p","prompt_id":"03e3","permission_mode":"default","hook_event_name":"UserPromptSubmit","prompt":"I prefer oat milk. <private>my pin is 1234</private>"}"#;
    let call = Call::parse(Client::ClaudeCode, claude).expect("a call");
    assert_eq!((call.event, call.prompt.as_deref()), (Event::Prompt, Some("I prefer oat milk.")));
    let answer = r#"{"hookSpecificOutput":{"additionalContext":"a \"b\"","hookEventName":"UserPromptSubmit"}}"#;
    assert_eq!(call.answer("a \"b\"").as_deref(), Some(answer));
    assert_eq!(call.source(Path::new("/h"), Path::new("/j")).expect("one").kind, Kind::ClaudeCode);

    let codex = r#"{"session_id":"01a2","transcript_path":null,"cwd":"/h/p","hook_event_name":"SessionEnd","reason":"other"}"#;
    let call = Call::parse(Client::Codex, codex).expect("a call");
    assert_eq!((call.event, call.source(Path::new("/h"), Path::new("/j"))), (Event::SessionEnd, None));

    let cursor = r#"{"conversation_id":"c1","generation_id":"g1","model":"m","hook_event_name":"afterAgentResponse","cursor_version":"2.4","workspace_roots":["/h/p"],"user_email":"a@b.c","transcript_path":null,"text":"Noted. <private>x"}"#;
    let call = Call::parse(Client::Cursor, cursor).expect("a call");
    assert_eq!((call.event, call.cwd.as_deref()), (Event::Answer, Some(Path::new("/h/p"))));
    assert_eq!(call.said, [(Speaker::Assistant, "Noted.".to_owned())]);
    assert_eq!(call.answer("x"), None);
    let cursor = r#"{"conversation_id":"c1","hook_event_name":"sessionStart"}"#;
    assert_eq!(Call::parse(Client::Cursor, cursor).expect("a call").answer("x").as_deref(), Some(r#"{"additional_context":"x"}"#));

    let gemini = r#"{"session_id":"d265","transcript_path":"/h/.gemini/tmp/p/chats/s.jsonl","cwd":"/h/p","hook_event_name":"AfterAgent","timestamp":"2026-11-30T14:45:58.952Z","prompt":"<hook_context>Anna is allergic.</hook_context>\n\nI prefer oat milk.","prompt_response":"Noted.","stop_hook_active":false}"#;
    let call = Call::parse(Client::Gemini, gemini).expect("a call");
    assert_eq!(call.event, Event::TurnEnd);
    assert_eq!(call.said, [(Speaker::User, "I prefer oat milk.".to_owned()), (Speaker::Assistant, "Noted.".to_owned())]);
    assert!(call.event.captures() && !call.event.takes_context(Client::Gemini));
}

#[test]
fn what_is_no_call_is_an_error() {
    for input in ["", "[]", "{}", "{\"hook_event_name\":\"Stop\"}", "{\"session_id\":\"\"}"] {
        assert!(Call::parse(Client::Codex, input).is_err(), "{input}");
    }
    assert!(Call::parse(Client::Codex, "\u{feff}{\"session_id\":\"x\"}").is_ok_and(|call| call.event == Event::Other));
}

#[test]
fn the_transcript_of_cursors_command_line_is_found() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join(".cursor/projects/home-maria-my-kitchen/agent-transcripts");
    fs::create_dir_all(&folder).expect("made");
    let journals = home.path().join("j");
    let call = |session: &str| {
        let input = format!(
            "{{\"hook_event_name\":\"stop\",\"conversation_id\":\"{session}\",\"workspace_roots\":[\"/home/maria/my.kitchen\"],\"transcript_path\":null}}"
        );
        Call::parse(Client::Cursor, &input).expect("a call")
    };
    assert_eq!(call("c1").source(home.path(), &journals), None);
    let prompt = r#"{"hook_event_name":"beforeSubmitPrompt","conversation_id":"c1","generation_id":"g1","prompt":"hello"}"#;
    for _ in 0..2 {
        Call::parse(Client::Cursor, prompt).expect("a call").keep(&journals, "2026-11-30T14:45:58Z").expect("kept");
    }
    let kept = fs::read_to_string(journal::path(&journals, Client::Cursor, "c1")).expect("a journal");
    assert_eq!(kept.lines().count(), 1, "{kept}");
    assert_eq!(call("c1").source(home.path(), &journals).expect("one").kind, Kind::Journal);
    fs::write(folder.join("c1.jsonl"), "").expect("written");
    assert_eq!(call("c1").source(home.path(), &journals).expect("one").path, folder.join("c1.jsonl"));
    fs::write(folder.parent().expect("one").join("x.jsonl"), "").expect("written");
    assert_eq!(call("../x").source(home.path(), &journals), None);
}

#[test]
fn it_is_off_where_a_file_says_so() {
    let home = tempfile::tempdir().expect("a folder");
    let deep = home.path().join("work/secret/deep");
    fs::create_dir_all(&deep).expect("made");
    let off = || is_off(&deep, home.path());
    assert!(!off());
    for (file, text, expected) in [
        ("work/.jmem-off", "", true),
        ("work/secret/.jmem", "capture = false\n", true),
        ("work/secret/.jmem", "capture = true\n", false),
        ("work/secret/.jmem", "other = 1\n", false),
        ("work/secret/.jmem", "capture = ", true),
        ("work/secret/.jmem", "capture = \"no\"", true),
        (".jmem-off", "", true),
    ] {
        let path = home.path().join(file);
        fs::write(&path, text).expect("written");
        assert_eq!(off(), expected, "{file}: {text}");
        fs::remove_file(path).expect("gone");
    }
    // Above the home folder nothing counts.
    fs::write(home.path().join("work/.jmem-off"), "").expect("written");
    assert!(!is_off(&deep, &home.path().join("work/secret")));
    assert!(is_off(&deep, &home.path().join("elsewhere")));
}
