//! Where the clients keep their files. Everything here follows from a few folders, so that it can be tried for any system.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::client::Client;

/// An operating system, as far as the places of files differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// Linux, and whatever else keeps its settings as Linux does.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Os {
    /// The one that this program runs on.
    #[must_use]
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// For whom a client is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// For everything that this person does on this machine.
    User,
    /// For one folder. Such files are usually committed, and others get them.
    Project,
}

/// The folders from which all places follow.
#[derive(Debug, Clone)]
pub struct Places {
    /// Whose rules hold.
    pub os: Os,
    /// The home folder.
    pub home: PathBuf,
    /// `XDG_CONFIG_HOME`, or `.config` in the home folder: some programs use it on every system.
    pub config_home: PathBuf,
    /// `APPDATA` of Windows.
    pub app_data: PathBuf,
    /// The folder of [`Scope::Project`].
    pub project: Option<PathBuf>,
    /// `CLAUDE_CONFIG_DIR`, which moves everything of Claude Code.
    pub claude_config_dir: Option<PathBuf>,
    /// `CODEX_HOME`, which moves everything of Codex.
    pub codex_home: Option<PathBuf>,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON; its client stops at a comment.
    Json,
    /// JSON with comments; its client stops at a comma after the last element.
    #[serde(rename = "json-with-comments")]
    JsonWithComments,
    /// JSON with comments and commas after the last element.
    Jsonc,
    /// TOML.
    Toml,
}

/// A file of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it lies, whether it is there or not.
    pub path: PathBuf,
    /// Its form.
    pub format: Format,
}

impl Places {
    /// The places of a home folder, with nothing moved.
    #[must_use]
    pub fn of_home(os: Os, home: impl Into<PathBuf>) -> Self {
        let home = home.into();
        Self {
            os,
            config_home: home.join(".config"),
            app_data: home.join("AppData").join("Roaming"),
            project: None,
            claude_config_dir: None,
            codex_home: None,
            home,
        }
    }

    /// The places of this process; `None` where there is no home folder.
    #[must_use]
    pub fn current() -> Option<Self> {
        Self::of_environment(Os::current(), |name| std::env::var_os(name))
    }

    /// The places that variables of the environment name; empty and relative ones count as absent.
    pub fn of_environment(os: Os, variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = if os == Os::Windows { folder("USERPROFILE").or_else(|| folder("HOME")) } else { folder("HOME") };
        let mut places = Self::of_home(os, home?);
        if let Some(path) = folder("XDG_CONFIG_HOME") {
            places.config_home = path;
        }
        if let Some(path) = folder("APPDATA") {
            places.app_data = path;
        }
        places.claude_config_dir = folder("CLAUDE_CONFIG_DIR");
        places.codex_home = folder("CODEX_HOME");
        Some(places)
    }

    /// The same places, for this project.
    #[must_use]
    pub fn with_project(mut self, project: impl Into<PathBuf>) -> Self {
        self.project = Some(project.into());
        self
    }

    pub(crate) fn claude_dir(&self) -> PathBuf {
        self.claude_config_dir.clone().unwrap_or_else(|| self.home.join(".claude"))
    }

    /// It lies beside the folder of Claude Code, and in it where that was moved.
    pub(crate) fn claude_json(&self) -> PathBuf {
        self.claude_config_dir.as_ref().unwrap_or(&self.home).join(".claude.json")
    }

    pub(crate) fn codex_dir(&self) -> PathBuf {
        self.codex_home.clone().unwrap_or_else(|| self.home.join(".codex"))
    }

    pub(crate) fn zed_dir(&self) -> PathBuf {
        match self.os {
            Os::Windows => self.app_data.join("Zed"),
            Os::Linux | Os::MacOs => self.config_home.join("zed"),
        }
    }

    /// Where programs built on Electron keep their files.
    pub(crate) fn program_dir(&self, name: &str) -> PathBuf {
        match self.os {
            Os::Linux => self.config_home.join(name),
            Os::MacOs => self.home.join("Library").join("Application Support").join(name),
            Os::Windows => self.app_data.join(name),
        }
    }
}

/// The file that names the MCP servers of a client; `None` where it has none for that scope.
#[must_use]
pub fn servers(client: Client, scope: Scope, places: &Places) -> Option<Place> {
    let (path, format) = match scope {
        Scope::User => match client {
            Client::ClaudeCode => (places.claude_json(), Format::Json),
            Client::ClaudeDesktop => (places.program_dir("Claude").join("claude_desktop_config.json"), Format::Json),
            Client::Codex => (places.codex_dir().join("config.toml"), Format::Toml),
            Client::Cursor => (places.home.join(".cursor").join("mcp.json"), Format::Jsonc),
            Client::VsCode => (places.program_dir("Code").join("User").join("mcp.json"), Format::Jsonc),
            Client::Gemini => (places.home.join(".gemini").join("settings.json"), Format::JsonWithComments),
            Client::Windsurf => (places.home.join(".codeium").join("windsurf").join("mcp_config.json"), Format::Jsonc),
            Client::OpenCode => (opencode(&places.config_home.join("opencode")), Format::Jsonc),
            Client::Zed => (places.zed_dir().join("settings.json"), Format::Jsonc),
        },
        Scope::Project => {
            let project = places.project.as_ref()?;
            match client {
                Client::ClaudeCode => (project.join(".mcp.json"), Format::Json),
                Client::Codex => (project.join(".codex").join("config.toml"), Format::Toml),
                Client::Cursor => (project.join(".cursor").join("mcp.json"), Format::Jsonc),
                Client::VsCode => (project.join(".vscode").join("mcp.json"), Format::Jsonc),
                Client::Gemini => (project.join(".gemini").join("settings.json"), Format::JsonWithComments),
                Client::OpenCode => (opencode(project), Format::Jsonc),
                Client::Zed => (project.join(".zed").join("settings.json"), Format::Jsonc),
                Client::ClaudeDesktop | Client::Windsurf => return None,
            }
        }
    };
    Some(Place { path, format })
}

/// The file that names the hooks of a client; `None` where it has none.
#[must_use]
pub fn hooks(client: Client, scope: Scope, places: &Places) -> Option<Place> {
    let project = || places.project.as_ref();
    let (path, format) = match (client, scope) {
        (Client::ClaudeCode, Scope::User) => (places.claude_dir().join("settings.json"), Format::Json),
        // The file of this person alone: nobody else's turns are to be kept because a file was committed.
        (Client::ClaudeCode, Scope::Project) => (project()?.join(".claude").join("settings.local.json"), Format::Json),
        (Client::Codex, Scope::User) => (places.codex_dir().join("hooks.json"), Format::Json),
        (Client::Codex, Scope::Project) => (project()?.join(".codex").join("hooks.json"), Format::Json),
        (Client::Cursor, Scope::User) => (places.home.join(".cursor").join("hooks.json"), Format::Jsonc),
        (Client::Cursor, Scope::Project) => (project()?.join(".cursor").join("hooks.json"), Format::Jsonc),
        (Client::Gemini, _) => return servers(client, scope, places),
        _ => return None,
    };
    Some(Place { path, format })
}

/// `OpenCode` reads both names; what is there already is used.
fn opencode(folder: &Path) -> PathBuf {
    let with_comments = folder.join("opencode.jsonc");
    if with_comments.exists() { with_comments } else { folder.join("opencode.json") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(client: Client, os: Os) -> String {
        let places = Places::of_home(os, "/h");
        servers(client, Scope::User, &places).expect("each has one").path.to_string_lossy().replace('\\', "/")
    }

    #[test]
    fn every_system_has_its_own_places() {
        assert_eq!(shown(Client::VsCode, Os::Linux), "/h/.config/Code/User/mcp.json");
        assert_eq!(shown(Client::VsCode, Os::MacOs), "/h/Library/Application Support/Code/User/mcp.json");
        assert_eq!(shown(Client::VsCode, Os::Windows), "/h/AppData/Roaming/Code/User/mcp.json");
        assert_eq!(shown(Client::ClaudeDesktop, Os::MacOs), "/h/Library/Application Support/Claude/claude_desktop_config.json");
        assert_eq!(shown(Client::ClaudeDesktop, Os::Windows), "/h/AppData/Roaming/Claude/claude_desktop_config.json");
        assert_eq!(shown(Client::Zed, Os::MacOs), "/h/.config/zed/settings.json");
        assert_eq!(shown(Client::Zed, Os::Windows), "/h/AppData/Roaming/Zed/settings.json");
        assert_eq!(shown(Client::OpenCode, Os::MacOs), "/h/.config/opencode/opencode.json");
        assert_eq!(shown(Client::Windsurf, Os::Windows), "/h/.codeium/windsurf/mcp_config.json");
    }

    #[test]
    fn variables_move_the_places_of_their_programs() {
        let variable = |name: &str| {
            let value = match name {
                "HOME" => "/h",
                "XDG_CONFIG_HOME" => "/x",
                "CLAUDE_CONFIG_DIR" => "/claude",
                "CODEX_HOME" => "relative",
                _ => return None,
            };
            Some(OsString::from(value))
        };
        let places = Places::of_environment(Os::Linux, variable).expect("a home");
        assert_eq!(servers(Client::ClaudeCode, Scope::User, &places).expect("one").path, Path::new("/claude/.claude.json"));
        assert_eq!(hooks(Client::ClaudeCode, Scope::User, &places).expect("one").path, Path::new("/claude/settings.json"));
        assert_eq!(servers(Client::Zed, Scope::User, &places).expect("one").path, Path::new("/x/zed/settings.json"));
        assert_eq!(servers(Client::Codex, Scope::User, &places).expect("one").path, Path::new("/h/.codex/config.toml"));
        assert!(Places::of_environment(Os::Linux, |_| None).is_none());
    }

    #[test]
    fn a_project_needs_a_folder_and_a_client_that_knows_projects() {
        let places = Places::of_home(Os::Linux, "/h");
        assert_eq!(servers(Client::Cursor, Scope::Project, &places), None);
        let places = places.with_project("/p");
        assert_eq!(servers(Client::Cursor, Scope::Project, &places).expect("one").path, Path::new("/p/.cursor/mcp.json"));
        assert_eq!(servers(Client::Windsurf, Scope::Project, &places), None);
        assert_eq!(servers(Client::ClaudeDesktop, Scope::Project, &places), None);
    }
}
