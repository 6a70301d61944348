//! What a person, a script or an agent keeps and asks from a terminal: `jmem add`, `search`, `context`, `list`, and an export.

use std::io::{Read, Write};

use anyhow::Context;
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};

use super::{NOT_THERE, Where, answered};

/// `jmem add`
#[derive(Debug, Args)]
pub struct Add {
    /// What to remember; `-` reads it from standard input.
    text: String,
    #[command(flatten)]
    at: Where,
    /// A label; may be given several times.
    #[arg(long = "tag")]
    tags: Vec<String>,
    /// Who said it.
    #[arg(long)]
    speaker: Option<String>,
    /// When it happened: a time or a date.
    #[arg(long)]
    occurred_at: Option<String>,
    /// Take facts from it, where the server can.
    #[arg(long)]
    infer: bool,
    /// Never hold it back.
    #[arg(long)]
    force: bool,
    /// Print the server's JSON.
    #[arg(long)]
    json: bool,
}

impl Add {
    /// Stores it and tells what became of it.
    pub async fn run(self) -> anyhow::Result<()> {
        let mut text = self.text;
        if text == "-" {
            text.clear();
            std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        }
        let mut body = json!({ "text": text, "tags": self.tags, "infer": self.infer, "force": self.force });
        for (name, value) in [("speaker", self.speaker), ("occurred_at", self.occurred_at)] {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        let answer = self.at.server()?.call(Method::POST, "/api/v1/memories/?wait=true", Some(&body)).await?;
        if self.json {
            println!("{answer}");
            return Ok(());
        }
        // One memory, or what became of each piece.
        let rows = answer["results"].as_array().cloned().unwrap_or_else(|| vec![answer]);
        for row in rows {
            let said = row["message"].as_str().or_else(|| row["reason"].as_str()).map(|why| format!(" ({why})")).unwrap_or_default();
            let text = row["memory"].as_str().or_else(|| row["text"].as_str()).unwrap_or_default();
            println!("{} {}  {text}{said}", row["event"].as_str().unwrap_or("ADD"), row["id"].as_str().unwrap_or("-"));
        }
        Ok(())
    }
}

/// `jmem search`
#[derive(Debug, Args)]
pub struct Search {
    /// A question, or some words.
    query: String,
    #[command(flatten)]
    at: Where,
    /// Hits at most.
    #[arg(long, default_value_t = 10)]
    limit: u32,
    /// Print the server's JSON.
    #[arg(long)]
    json: bool,
}

impl Search {
    /// Prints the hits, best first; none is exit code 4.
    pub async fn run(self) -> anyhow::Result<()> {
        let body = json!({ "query": self.query, "limit": self.limit });
        let answer = self.at.server()?.call(Method::POST, "/api/v1/memories/search", Some(&body)).await?;
        let hits = answer["results"].as_array().cloned().unwrap_or_default();
        if self.json {
            println!("{answer}");
        } else {
            hits.iter().for_each(print_memory);
        }
        if hits.is_empty() {
            let why = answer["reason"].as_str().map(|reason| format!(" ({reason})")).unwrap_or_default();
            return Err(super::Failure::with(NOT_THERE, format!("Nothing is remembered about that{why}.")));
        }
        Ok(())
    }
}

/// `jmem context`
#[derive(Debug, Args)]
pub struct ContextOf {
    /// What is being talked about; without it, who the user is and what is new.
    query: Option<String>,
    #[command(flatten)]
    at: Where,
    /// Size of the text at most.
    #[arg(long, default_value_t = 1000)]
    tokens: u32,
    /// Print the server's JSON.
    #[arg(long)]
    json: bool,
}

impl ContextOf {
    /// Prints the text that a model should read before it answers.
    pub async fn run(self) -> anyhow::Result<()> {
        let body = json!({ "query": self.query, "tokens": self.tokens });
        let answer = self.at.server()?.call(Method::POST, "/api/v1/context", Some(&body)).await?;
        if self.json {
            println!("{answer}");
        } else {
            print!("{}", answer["text"].as_str().unwrap_or_default());
        }
        Ok(())
    }
}

/// `jmem list`
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    at: Where,
    /// Memories at most, 1 to 100.
    #[arg(long, default_value_t = 20)]
    limit: u32,
    /// Page, from 1.
    #[arg(long, default_value_t = 1)]
    page: u32,
    /// Print the server's JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    /// Prints a page of memories, newest first.
    pub async fn run(self) -> anyhow::Result<()> {
        let path = format!("/api/v1/memories/?page={}&size={}", self.page, self.limit);
        let answer = self.at.server()?.call(Method::GET, &path, None).await?;
        if self.json {
            println!("{answer}");
            return Ok(());
        }
        answer["items"].as_array().into_iter().flatten().for_each(print_memory);
        if let Some(total) = answer["total"].as_u64() {
            println!("{} in all", crate::cli::counted(total, "memory"));
        }
        Ok(())
    }
}

/// An export over REST, in place of the operator's own.
pub struct ExportFrom(pub Where);

impl ExportFrom {
    /// Writes JSON lines to standard output as they come.
    pub async fn run(self) -> anyhow::Result<()> {
        let server = self.0.server()?;
        let mut answer = answered(server.request(Method::GET, "/api/v1/export")).await?;
        let mut out = std::io::stdout().lock();
        while let Some(chunk) = answer.chunk().await.context("the export broke off: what was written is not all of it")? {
            out.write_all(&chunk)?;
        }
        out.flush().map_err(Into::into)
    }
}

/// `2026-03-01 claude: text`
fn print_memory(memory: &Value) {
    let text = |names: &[&str]| names.iter().find_map(|name| memory[*name].as_str()).unwrap_or_default().to_owned();
    let date = text(&["occurred_at", "created_at"]);
    let date = if date.is_empty() { memory["created_at"].as_i64().map(day).unwrap_or_default() } else { date };
    let day = date.split('T').next().unwrap_or_default();
    println!("{}  {day} {}: {}", text(&["id"]), text(&["app_name", "app"]), text(&["memory", "content", "text"]).replace('\n', " "));
}

/// The day of seconds since 1970.
fn day(secs: i64) -> String {
    crate::clock::Timestamp::from_secs(secs).rfc3339()
}
