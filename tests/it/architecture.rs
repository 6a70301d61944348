//! The direction of the arrows, read from the sources: `mcp | rest | web -> memory, tenancy, auth, jobs -> ports <- adapters`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The domain: it knows its ports, never what lies behind them or in front of it.
const DOMAIN: &[&str] = &["memory", "tenancy", "auth", "live", "limits", "jobs"];
/// Crates that the domain does without.
const OUTSIDE: &[&str] = &["axum", "rmcp", "sqlx", "qdrant_client", "async_openai", "reqwest"];
/// Modules of the crate that the domain does without.
const EDGES: &[&str] = &["adapters", "http", "mcp", "rest", "web", "app", "cli", "server"];
/// Who may name an adapter: the adapters themselves and the composition.
const COMPOSITION: &[&str] = &["adapters", "app", "cli", "lib", "main"];
/// Who may put a statement together: column names that a restore has just read from the database itself.
const COMPOSER: &str = "adapters/sql/backup/sqlite.rs";
/// Who may make the proof of tenancy.
const PROVERS: &[&str] = &["auth/", "tenancy/", "jobs/", "adapters/sql/jobs.rs", "adapters/sql/places.rs"];

/// One source file: what it says, apart from its comments, and its string literals.
struct Source {
    /// Relative to `src`, with forward slashes.
    path: String,
    text: String,
    code: String,
    literals: Vec<String>,
}

impl Source {
    /// The first part of the path: `memory` for `memory/add.rs`, `app` for `app.rs`.
    fn module(&self) -> &str {
        self.path.split('/').next().expect("a path").trim_end_matches(".rs")
    }

    fn names_crate(&self, name: &str) -> bool {
        self.code.match_indices(name).any(|(at, _)| {
            let (before, after) = (&self.code[..at], self.code[at + name.len()..].trim_start());
            let whole = !before.ends_with(is_word) && !before.ends_with('.') && !after.starts_with(is_word);
            whole && (after.starts_with("::") || (after.starts_with(';') && before.trim_end().ends_with("use")))
        })
    }

    /// The top-level modules of this crate that the file names, through `crate::a` and `crate::{a, b}`.
    fn modules_named(&self) -> Vec<&str> {
        let mut named = Vec::new();
        for (at, prefix) in self.code.match_indices("crate::") {
            if self.code[..at].ends_with(['$', '_']) || self.code[..at].ends_with(is_word) {
                continue;
            }
            let rest = self.code[at + prefix.len()..].trim_start();
            if let Some(group) = rest.strip_prefix('{') {
                let mut depth = 0usize;
                let mut expected = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => expected = true,
                        c if expected && is_word(c) => {
                            named.push(word(&group[at..]));
                            expected = false;
                        }
                        _ => {}
                    }
                }
            } else {
                named.push(word(rest));
            }
        }
        named
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &str) -> &str {
    text.split(|c| !is_word(c)).next().unwrap_or_default()
}

/// Parts a source into code and literals and drops the comments: enough of Rust's lexing for the questions asked here.
fn lex(text: &str) -> (String, Vec<String>) {
    let (mut code, mut literals) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = &rest[rest.find("*/").map_or(rest.len(), |end| end + 2)..];
        } else if let Some(end) = raw_string(rest, &code) {
            let quote = rest.find('"').expect("a raw string") + 1;
            literals.push(rest[quote..end].trim_end_matches('#').trim_end_matches('"').to_owned());
            code.push_str("\"\"");
            rest = &rest[end..];
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = end.map_or(rest.len(), |end| end + 1);
            literals.push(rest[1..end].to_owned());
            code.push_str("\"\"");
            rest = rest.get(end + 1..).unwrap_or_default();
        } else if let Some(end) = char_literal(rest) {
            code.push_str("' '");
            rest = &rest[end..];
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    (code, literals)
}

fn raw_string(rest: &str, before: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.chars().take_while(|c| *c == '#').count();
    if before.ends_with(is_word) || !after[hashes..].starts_with('"') {
        return None;
    }
    let start = rest.len() - after.len() + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    rest[start..].find(&close).map(|end| start + end + close.len())
}

/// A character, not a lifetime.
fn char_literal(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if inner.starts_with('\\') {
        return inner[2..].find('\'').map(|end| end + 4);
    }
    let c = inner.chars().next()?;
    inner[c.len_utf8()..].starts_with('\'').then(|| c.len_utf8() + 2)
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 50, "only {} sources found", files.len());
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("UTF-8");
        let (code, literals) = lex(&text);
        let path = file.strip_prefix(&root).expect("below src").to_str().expect("UTF-8").replace('\\', "/");
        Source { path, text, code, literals }
    };
    files.into_iter().map(read).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Fails with every offence at once.
fn none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}\n  {}", offences.join("\n  "));
}

fn offences(mut of: impl FnMut(&Source) -> Vec<String>) -> Vec<String> {
    sources()
        .iter()
        .flat_map(|source| of(source).into_iter().map(|what| format!("src/{}: {what}", source.path)).collect::<Vec<_>>())
        .collect()
}

#[test]
fn the_domain_names_neither_edges_nor_drivers() {
    none(
        "the domain imports no driver and no edge",
        &offences(|source| {
            if !DOMAIN.contains(&source.module()) {
                return Vec::new();
            }
            let drivers = OUTSIDE.iter().copied().filter(|name| source.names_crate(name));
            let edges = source.modules_named().into_iter().filter(|name| EDGES.contains(name));
            drivers.chain(edges).map(str::to_owned).collect()
        }),
    );
}

#[test]
fn only_the_composition_names_adapters() {
    none(
        "adapters are named by the composition alone",
        &offences(|source| {
            let free = COMPOSITION.contains(&source.module());
            source.modules_named().into_iter().filter(|name| !free && *name == "adapters").map(str::to_owned).collect()
        }),
    );
}

#[test]
fn adapters_name_no_edge() {
    none(
        "adapters know the domain, not who calls it",
        &offences(|source| {
            let bound = source.module() == "adapters";
            let edges = source.modules_named().into_iter().filter(|name| bound && *name != "adapters" && EDGES.contains(name));
            edges.map(str::to_owned).collect()
        }),
    );
}

#[test]
fn only_few_make_the_proof_of_tenancy() {
    none(
        "TenantScope::verified is called only where tenancy has just been proven",
        &offences(|source| {
            let free = PROVERS.iter().any(|prover| source.path.starts_with(prover));
            source.code.matches("TenantScope::verified").filter(|_| !free).map(str::to_owned).collect()
        }),
    );
}

#[test]
fn sql_stays_in_its_adapter() {
    none(
        "sqlx and SQL text lie in adapters/sql",
        &offences(|source| {
            if source.path.starts_with("adapters/sql/") {
                return Vec::new();
            }
            let is_sql = |text: &&String| ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "].iter().any(|verb| text.contains(verb));
            let driver = source.names_crate("sqlx").then(|| "sqlx".to_owned());
            driver.into_iter().chain(source.literals.iter().filter(is_sql).cloned()).collect()
        }),
    );
}

#[test]
fn no_statement_is_put_together_at_run_time() {
    none(
        "statements are constants",
        &offences(|source| source.code.matches("AssertSqlSafe").filter(|_| source.path != COMPOSER).map(str::to_owned).collect()),
    );
    let composed = sources().iter().find(|source| source.path == COMPOSER).expect("it is there").code.matches("AssertSqlSafe(").count();
    assert_eq!(composed, 1, "one statement, in one place");
}

#[test]
fn every_module_says_what_it_is() {
    none(
        "a source file opens with //!",
        &offences(|source| if source.text.starts_with("//! ") { Vec::new() } else { vec!["no module comment".into()] }),
    );
}

#[test]
fn the_reader_of_sources_reads() {
    let text = r##"use crate::{a::{x, y}, b, /* c, */ d::e}; // crate::f
        fn g<'l>(v: &'l str) -> char { crate::h(r#"crate::i "SELECT"#, "crate::\"j", '"', '\''); sqlx::query; my_sqlx::z; self.sqlx }"##;
    let (code, literals) = lex(text);
    let source = Source { path: "memory/x.rs".into(), text: text.into(), code, literals };
    assert_eq!(source.modules_named(), ["a", "b", "d", "h"]);
    assert_eq!(source.literals, ["crate::i \"SELECT", "crate::\\\"j"]);
    assert!(source.names_crate("sqlx") && !source.names_crate("z") && !source.names_crate("query"));
    assert_eq!(source.module(), "memory");
}
