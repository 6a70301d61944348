//! The direction of the arrows, read from the sources: `mcp | rest | web -> memory, tenancy, auth, jobs -> ports <- adapters`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// The domain: it knows its ports, never what lies behind them or in front of it.
const DOMAIN: &[&str] =
    &["memory", "transfer", "tenancy", "auth", "oauth", "live", "limits", "jobs", "plans", "metering", "billing", "webhooks"];
/// Crates that the domain does without.
const OUTSIDE: &[&str] = &["axum", "rmcp", "sqlx", "qdrant_client", "async_openai", "reqwest"];
/// Modules of the crate that the domain does without.
const EDGES: &[&str] = &["adapters", "http", "mcp", "rest", "web", "app", "cli", "server"];
/// What anybody may use.
const TOOLS: &[&str] = &[
    "clock",
    "config",
    "cut_text",
    "data_dir",
    "error",
    "failpoint",
    "fair_queue",
    "fuzz",
    "ids",
    "lib",
    "main",
    "personal_url",
    "shutdown",
    "simd",
    "telemetry",
    "turns",
];
/// Who may name an adapter: the adapters themselves and the composition.
const COMPOSITION: &[&str] = &["adapters", "app", "cli", "lib", "main"];
/// Who may put a statement together: column names that a restore has just read from the database itself.
const COMPOSER: &str = "adapters/sql/backup/sqlite.rs";
/// Who may make the proof of tenancy.
const PROVERS: &[&str] =
    &["auth/", "tenancy/", "jobs/", "billing/", "adapters/sql/jobs.rs", "adapters/sql/places.rs", "adapters/sql/oauth/"];

/// One source file.
struct Source {
    /// Relative to `src`, with forward slashes.
    path: String,
    text: String,
    /// Its tokens, one after the other, without comments; `::` is one of them, and a literal is [`LITERAL`].
    code: Vec<String>,
    /// As they are written, with their quotes.
    literals: Vec<String>,
}

/// Stands in the code for each literal.
const LITERAL: &str = "\"\"";

impl Source {
    fn of(path: String, text: String) -> Self {
        let (mut code, mut literals) = (Vec::new(), Vec::new());
        flatten(text.parse().unwrap_or_else(|error| panic!("{path}: {error}")), &mut code, &mut literals);
        Self { path, text, code, literals }
    }

    /// The first part of the path: `memory` for `memory/add.rs`, `app` for `app.rs`.
    fn module(&self) -> &str {
        self.path.split('/').next().expect("a path").trim_end_matches(".rs")
    }

    /// Each place where these tokens follow each other.
    fn places(&self, tokens: &[&str]) -> impl Iterator<Item = usize> {
        self.code.windows(tokens.len()).enumerate().filter(move |(_, window)| **window == *tokens).map(|(at, _)| at)
    }

    fn names_crate(&self, name: &str) -> bool {
        let used = self.places(&[name, "::"]).any(|at| at == 0 || self.code[at - 1] != ".");
        used || self.places(&["use", name, ";"]).next().is_some()
    }

    /// What the file names directly below `root`, through `root::a` and `root::{a, b}`.
    fn named_below(&self, root: &str) -> Vec<&str> {
        let mut named = Vec::new();
        for at in self.places(&[root, "::"]).filter(|at| *at == 0 || self.code[at - 1] != "$") {
            let rest = &self.code[at + 2..];
            if rest[0] != "{" {
                named.push(rest[0].as_str());
                continue;
            }
            let mut depth = 0usize;
            for (token, next) in rest.iter().zip(&rest[1..]) {
                match token.as_str() {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                if depth == 1 && (token == "{" || token == ",") && next != "}" {
                    named.push(next.as_str());
                }
            }
        }
        named
    }
}

impl Source {
    /// Where the module of this file lies: `["memory", "write"]` for `memory/write/mod.rs`.
    fn place(&self) -> Vec<&str> {
        self.path.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect()
    }

    /// What the file names within this crate, from its root on: through `crate::`, `super::` and `self::`. Its tests do not count.
    fn names(&self) -> Vec<Vec<String>> {
        let tests = self.places(&["cfg", "(", "test", ")", "]", "mod"]).next().unwrap_or(self.code.len());
        let code = &self.code[..tests];
        let place = self.place();
        let mut all = Vec::new();
        for at in (0..code.len().saturating_sub(1)).filter(|at| code[at + 1] == "::") {
            let first = code[at].as_str();
            if !matches!(first, "crate" | "super" | "self") || (at > 0 && matches!(code[at - 1].as_str(), "::" | "$")) {
                continue;
            }
            let mut found = Vec::new();
            tree(code, at, &[], &mut found);
            all.extend(found.into_iter().map(|path| {
                let mut base: Vec<&str> = if path[0] == "crate" { Vec::new() } else { place.clone() };
                let ups = path.iter().take_while(|part| *part == "super").count();
                base.truncate(base.len().saturating_sub(ups));
                let rest = path.iter().skip(ups.max(1)).map(String::as_str);
                base.into_iter().chain(rest).map(str::to_owned).collect()
            }));
        }
        all
    }
}

/// The paths of a use tree that begins at a token, each behind `prefix`; answers where it ends.
fn tree(code: &[String], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match code.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while code[at] != "}" {
                    at = if code[at] == "," { at + 1 } else { tree(code, at, &path, found) };
                }
                return at + 1;
            }
            Some(part) if part.starts_with(|c: char| c.is_alphanumeric() || c == '_') => path.push(part.to_owned()),
            _ => {}
        }
        if code.get(at + 1).is_none_or(|next| next != "::") {
            found.push(path);
            // `a as b`, `*` and the like, as far as the next one of a list.
            while code.get(at).is_some_and(|token| !matches!(token.as_str(), "," | "}" | ";")) && !prefix.is_empty() {
                at += 1;
            }
            return if prefix.is_empty() { at + 1 } else { at };
        }
        at += 2;
    }
}

/// Takes the groups apart, and the documentation out.
fn flatten(tokens: TokenStream, code: &mut Vec<String>, literals: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => code.push(ident.to_string()),
            TokenTree::Literal(literal) => {
                literals.push(literal.to_string());
                code.push(LITERAL.to_owned());
            }
            TokenTree::Punct(punct) => {
                let is_colon = |next: &TokenTree| matches!(next, TokenTree::Punct(punct) if punct.as_char() == ':');
                let doubled = punct.as_char() == ':' && punct.spacing() == Spacing::Joint && tokens.next_if(is_colon).is_some();
                code.push(if doubled { "::".to_owned() } else { punct.to_string() });
            }
            TokenTree::Group(group) if is_documentation(&group) => {}
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                code.push(open.to_owned());
                flatten(group.stream(), code, literals);
                code.push(close.to_owned());
            }
        }
    }
}

/// A comment of `///` or `//!`, which the parser hands over as an attribute.
fn is_documentation(group: &Group) -> bool {
    let named = |token: Option<TokenTree>| matches!(token, Some(TokenTree::Ident(name)) if name == "doc");
    group.delimiter() == Delimiter::Bracket && named(group.stream().into_iter().next())
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 50, "only {} sources found", files.len());
    let read = |file: PathBuf| {
        let path = file.strip_prefix(&root).expect("below src").to_str().expect("UTF-8").replace('\\', "/");
        Source::of(path, fs::read_to_string(&file).expect("UTF-8"))
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
fn every_room_has_its_place() {
    let known = |module: &str| [DOMAIN, EDGES, TOOLS].iter().any(|list| list.contains(&module));
    none(
        "belongs to the domain, the edges or the tools: say which in tests/it/architecture.rs",
        &offences(|source| Some(source.module().to_owned()).filter(|module| !known(module)).into_iter().collect()),
    );
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
            let edges = source.named_below("crate").into_iter().filter(|name| EDGES.contains(name));
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
            source.named_below("crate").into_iter().filter(|name| !free && *name == "adapters").map(str::to_owned).collect()
        }),
    );
}

#[test]
fn adapters_name_no_edge() {
    none(
        "adapters know the domain, not who calls it",
        &offences(|source| {
            let bound = source.module() == "adapters";
            let edges = source.named_below("crate").into_iter().filter(|name| bound && *name != "adapters" && EDGES.contains(name));
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
            let made = source.places(&["TenantScope", "::", "verified"]).filter(|_| !free);
            made.map(|_| "TenantScope::verified".to_owned()).collect()
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
        &offences(|source| {
            let composed = source.places(&["AssertSqlSafe"]).filter(|_| source.path != COMPOSER);
            composed.map(|_| "AssertSqlSafe".to_owned()).collect()
        }),
    );
    let composed = sources().iter().find(|source| source.path == COMPOSER).expect("it is there").places(&["AssertSqlSafe", "("]).count();
    assert_eq!(composed, 1, "one statement, in one place");
}

/// Modules that lie beside each other name each other in one direction, on every level.
#[test]
fn no_modules_go_round_in_a_circle() {
    let sources = sources();
    let modules: BTreeSet<Vec<String>> = sources
        .iter()
        .flat_map(|source| {
            let place: Vec<String> = source.place().into_iter().map(str::to_owned).collect();
            (1..=place.len()).map(move |n| place[..n].to_vec()).collect::<Vec<_>>()
        })
        .collect();
    // What a module that lies beside others names of those, by where they lie.
    let mut arrows: BTreeMap<&[String], BTreeMap<&str, BTreeMap<&str, &str>>> = BTreeMap::new();
    for source in &sources {
        let from = modules.get(&source.place().into_iter().map(str::to_owned).collect::<Vec<_>>()).expect("it is a module");
        for name in source.names() {
            let Some(to) = (1..=name.len()).rev().find_map(|n| modules.get(&name[..n])) else { continue };
            let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
            if let (Some(a), Some(b)) = (from.get(shared), to.get(shared)) {
                arrows.entry(&from[..shared]).or_default().entry(a).or_default().entry(b).or_insert(&source.path);
            }
        }
    }
    assert!(arrows.values().map(BTreeMap::len).sum::<usize>() > 100, "too few names were read: {arrows:?}");
    let mut circles = Vec::new();
    for (place, beside) in &arrows {
        for start in beside.keys() {
            let (mut seen, mut next) = (BTreeSet::new(), vec![*start]);
            while let Some(module) = next.pop() {
                for (to, file) in beside.get(module).into_iter().flatten() {
                    if to == start {
                        circles.push(format!("{}: {start} … {module} (src/{file})", place.join("/")));
                    } else if seen.insert(*to) {
                        next.push(to);
                    }
                }
            }
        }
    }
    none("modules name each other in a circle", &circles);
}

#[test]
fn the_model_knows_nothing_of_the_domain_around_it() {
    none(
        "memory::model is what the rooms of memory speak of; it names none of them",
        &offences(|source| {
            let bound = source.path.starts_with("memory/model/");
            let outside =
                |name: &Vec<String>| name.first().is_some_and(|top| top == "memory") && name.get(1).is_some_and(|room| room != "model");
            source.names().into_iter().filter(|name| bound && outside(name)).map(|name| name.join("::")).collect()
        }),
    );
}

#[test]
fn ports_are_small() {
    none(
        "a port has at most ten methods: one for each aggregate",
        &offences(|source| {
            let mut large = Vec::new();
            for at in source.places(&["trait"]) {
                let open = at + source.code[at..].iter().position(|token| token == "{").expect("a trait has a body");
                let (mut depth, mut methods) = (0, 0);
                for token in &source.code[open..] {
                    match token.as_str() {
                        "{" => depth += 1,
                        "}" if depth == 1 => break,
                        "}" => depth -= 1,
                        "fn" if depth == 1 => methods += 1,
                        _ => {}
                    }
                }
                if methods > 10 {
                    large.push(format!("{} has {methods}", source.code[at + 1]));
                }
            }
            large
        }),
    );
}

#[test]
fn bodies_are_read_and_written_in_one_way() {
    none(
        "http::extract::Json answers what does not fit as the rest of the server does; axum's own does not",
        &offences(|source| {
            let free = source.module() == "http";
            source.named_below("axum").into_iter().filter(|name| !free && *name == "Json").map(str::to_owned).collect()
        }),
    );
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
    let text = r##"//! crate::k "SELECT"
        use crate::{a::{x, y}, b, /* c, */ d::e,}; // crate::f
        /// crate::l
        fn g<'l>(v: &'l str) -> char { crate::h(r#"crate::i "SELECT"#, "crate::\"j", '"', '\''); sqlx::query; my_sqlx::z; self.sqlx }"##;
    let source = Source::of("memory/x.rs".into(), text.into());
    assert_eq!(source.named_below("crate"), ["a", "b", "d", "h"]);
    assert_eq!(source.literals, [r##"r#"crate::i "SELECT"#"##, r#""crate::\"j""#, r#"'"'"#, r"'\''"]);
    assert!(source.names_crate("sqlx") && !source.names_crate("z") && !source.names_crate("query"));
    assert_eq!(source.module(), "memory");
    let text = "//! x\nuse super::{y::{self, Z as Q}, *};\nuse crate::{a::b, c::{d, e::f}};\nfn g() -> crate::h::I { self::j(); }\n#[cfg(test)]\nmod tests { use crate::k; }";
    let names: Vec<_> = Source::of("memory/x.rs".into(), text.into()).names().iter().map(|name| name.join("::")).collect();
    assert_eq!(names, ["memory::y::self", "memory::y::Z", "memory", "a::b", "c::d", "c::e::f", "h::I", "memory::x::j"]);
}
