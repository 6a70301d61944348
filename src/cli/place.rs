//! Where a command finds the data: where it was told, where it stands, or where this user's server last began.
//!
//! A command that only looks or changes never begins a second, empty data directory beside the one that is meant.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::bail;

use crate::{
    config::{Config, ServerConfig},
    data_dir::DataDir,
};

/// What a command may do where there are no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// Begin them: that is what it is for.
    Here,
    /// Begin them in this user's own folder, unless their server has some elsewhere or somebody said where.
    Unless,
    /// Begin them where it was told to, and not where it happens to stand.
    WhereTold,
    /// Refuse.
    Never,
}

/// The settings with the data directory that is meant. `home` is where servers leave word of theirs.
///
/// # Errors
/// A sentence where there are no data and the command may not begin any.
pub fn found(mut config: Config, beginning: Beginning, home: Option<&Path>) -> anyhow::Result<Config> {
    if beginning == Beginning::Here || DataDir::of(&config).holds_data(&config) {
        return Ok(config);
    }
    let told = config.server.data_dir != ServerConfig::default().data_dir || config.database.url.is_some();
    let asked = config.server.data_dir.clone();
    if !told && let Some(home) = home {
        for known in noted(home).into_iter().chain([home.join(OWN)]) {
            config.server.data_dir.clone_from(&known);
            if DataDir::of(&config).holds_data(&config) {
                eprintln!("jmem: using the data in {}", known.display());
                return Ok(config);
            }
        }
        config.server.data_dir.clone_from(&asked);
        // A client starts it wherever its person happens to work: data do not belong there.
        if beginning == Beginning::Unless {
            config.server.data_dir = home.join(OWN);
        }
    }
    match (beginning, told) {
        (Beginning::Unless, _) | (Beginning::WhereTold, true) => Ok(config),
        _ => bail!(
            "no data here ({}). Where does the server keep them? Say so with --data-dir or JM_DATA_DIR{}; 'jmem serve' begins new ones",
            asked.display(),
            if config.database.url.is_some() { ", and JM_SECRET_KEY if it has one" } else { "" }
        ),
    }
}

/// Leaves word of where a server's data are. Nothing depends on it: what fails here is not told.
pub fn note(data_dir: &Path, home: Option<&Path>) {
    let Some(home) = home else { return };
    if let (Ok(path), Ok(())) = (fs::canonicalize(data_dir), fs::create_dir_all(home)) {
        let _ = fs::write(home.join(NOTE), path.to_string_lossy().as_bytes());
    }
}

/// The folder for such notes of this user: `$XDG_STATE_HOME/jmem`, `~/.local/state/jmem` where that is not set.
pub fn home() -> Option<PathBuf> {
    let of = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    of("XDG_STATE_HOME").or_else(|| of("HOME").map(|home| home.join(".local/state"))).map(|state| state.join("jmem"))
}

/// Name of the file.
const NOTE: &str = "data_dir";
/// Where data begin for who says nothing and stands anywhere, in the same folder.
const OWN: &str = "data";

fn noted(home: &Path) -> Option<PathBuf> {
    fs::read_to_string(home.join(NOTE)).ok().map(|text| PathBuf::from(text.trim())).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(env: &[(&str, &str)]) -> Config {
        Config::load(None, env.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))).expect("valid")
    }

    #[test]
    fn data_are_looked_for_before_they_are_begun() {
        let folder = tempfile::tempdir().expect("a directory");
        let (data, home) = (folder.path().join("data"), folder.path().join("state/jmem"));
        fs::create_dir(&data).expect("made");
        let told = data.to_str().expect("utf-8");
        let refused = |env: &[(&str, &str)], beginning| found(config(env), beginning, Some(&home)).expect_err("refused").to_string();

        // Nothing anywhere: only what begins data may begin them. The tests stand in a folder without data.
        assert!(refused(&[], Beginning::Never).contains("--data-dir"));
        assert!(refused(&[], Beginning::WhereTold).contains("./data"));
        assert!(refused(&[("JM_DATA_DIR", told)], Beginning::Never).contains(told));
        for (env, beginning) in
            [(&[][..], Beginning::Here), (&[][..], Beginning::Unless), (&[("JM_DATA_DIR", told)][..], Beginning::WhereTold)]
        {
            found(config(env), beginning, Some(&home)).expect("may begin");
        }
        assert_eq!(found(config(&[]), Beginning::Unless, Some(&home)).expect("begins").server.data_dir, home.join(OWN));
        // A server has begun elsewhere, and left word.
        fs::write(data.join("memory.db"), "").expect("written");
        note(&data, Some(&home));
        for beginning in [Beginning::Never, Beginning::WhereTold, Beginning::Unless] {
            let config = found(config(&[]), beginning, Some(&home)).expect("found");
            assert_eq!(config.server.data_dir, fs::canonicalize(&data).expect("there"));
        }
        assert_eq!(found(config(&[]), Beginning::Here, Some(&home)).expect("begins").server.data_dir, Path::new("./data"));
        let elsewhere = folder.path().join("typo");
        let elsewhere = elsewhere.to_str().expect("utf-8");
        assert!(refused(&[("JM_DATA_DIR", elsewhere)], Beginning::Never).contains("typo"), "what was said is not second-guessed");
        assert!(!Path::new(elsewhere).exists());
    }

    #[test]
    fn another_database_needs_the_key_that_its_server_has() {
        let folder = tempfile::tempdir().expect("a directory");
        let env = [("DATABASE_URL", "postgres://x/y"), ("JM_DATA_DIR", folder.path().to_str().expect("utf-8"))];
        let error = found(config(&env), Beginning::Never, None).expect_err("a key would be made, and open nothing").to_string();
        assert!(error.contains("JM_SECRET_KEY"), "{error}");
        let with_key = [&env[..], &[("JM_SECRET_KEY", "9f1c02b7e5a84d63c0de17f2385b6ad94e70c1aa2f86d35b7719e4028cfb5d36")]].concat();
        found(config(&with_key), Beginning::Never, None).expect("all is there");
        fs::write(folder.path().join("master.key"), "x").expect("written");
        found(config(&env), Beginning::Never, None).expect("the key lies here");
    }
}
