//! The reference of the settings names what can be set, no more and no less.

use jonathans_memory::config::{ALIASES, Config};

const REFERENCE: &str = include_str!("../../docs/configuration.md");

fn documented() -> Vec<&'static str> {
    let rows = REFERENCE.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).filter(|key| key.contains('.')).collect()
}

#[test]
fn every_setting_is_documented_and_every_documented_key_can_be_set() {
    let documented = documented();
    let defaults: toml::Table = Config::default().redacted().parse().expect("TOML");
    for (section, keys) in &defaults {
        for key in keys.as_table().expect("a section").keys() {
            assert!(documented.contains(&format!("{section}.{key}").as_str()), "{section}.{key} is not in docs/configuration.md");
        }
    }
    for key in documented {
        let name = format!("JM__{}", key.replace('.', "__").to_uppercase());
        // No value fits every key; what matters is that the key is known.
        let complaint = Config::load(None, [(name, "?".to_owned())]).err().map(|e| format!("{e:#}")).unwrap_or_default();
        assert!(!complaint.contains("unknown field"), "docs/configuration.md names {key}, which does not exist: {complaint}");
    }
    for (alias, key) in ALIASES {
        let row = REFERENCE.lines().find(|line| line.starts_with(&format!("| `{key}`"))).unwrap_or_default();
        assert!(row.contains(&format!("`{alias}`")), "{alias} is not named in the row of {key}");
    }
}

#[test]
fn the_sample_has_every_setting_with_its_default() {
    let sample = include_str!("../../config/jmem.toml");
    let is_set =
        |line: &str| line.split_once(" = ").is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b)));
    let settings: Vec<_> = sample
        .lines()
        .filter_map(|line| line.strip_prefix("# ").filter(|line| is_set(line)).or(Some(line).filter(|line| line.starts_with('['))))
        .collect();
    let mut section = "";
    let mut named = Vec::new();
    for line in &settings {
        match line.strip_prefix('[') {
            Some(name) => section = name.trim_end_matches(']'),
            None => named.push(format!("{section}.{}", line.split(' ').next().unwrap_or_default())),
        }
    }
    assert_eq!(named, documented(), "config/jmem.toml has the settings of docs/configuration.md in their order");
    let given: Vec<_> = settings.iter().filter(|line| !line.ends_with(" = …")).copied().collect();
    let config: Config = toml::from_str(&given.join("\n")).expect("the sample is TOML");
    assert_eq!(config.redacted(), Config::default().redacted(), "its values are the defaults");
}

/// What `docs/claims.md` names as `path.rs::test`, with the files that may hold it.
#[test]
fn every_test_that_a_claim_names_is_there() {
    let claims = include_str!("../../docs/claims.md");
    let named = claims.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(".rs::"));
    let mut found = 0;
    for (file, test) in named {
        let path =
            if file.starts_with("src/") || file.starts_with("crates/") { format!("{file}.rs") } else { format!("tests/it/{file}.rs") };
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let stem = test.trim_end_matches('…');
        assert!(text.contains(&format!("fn {stem}")), "{path} has no test {test}");
        found += 1;
    }
    assert!(found > 100, "{found} tests are named");
}

/// Files and folders that `docs/contributing.md` sends people to.
#[test]
fn every_file_that_contributors_are_sent_to_is_there() {
    let guide = include_str!("../../docs/contributing.md");
    let named = guide.split('`').skip(1).step_by(2).filter(|code| code.contains('/') && !code.contains([' ', '<']));
    let missing: Vec<_> = named.filter(|path| !path.starts_with('/') && !std::path::Path::new(path).exists()).collect();
    assert!(missing.is_empty(), "docs/contributing.md names {missing:?}");
}
