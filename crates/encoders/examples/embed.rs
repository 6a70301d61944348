//! Embeds one text a line of standard input, each a JSON string, and writes the vectors to standard output as little-endian f32.
//!
//! `cargo run --release -p encoders --example embed -- e5|minilm query|passage < lines.txt > vectors.bin`

use std::io::{BufWriter, Write, stdin, stdout};

use encoders::{E5, MiniLm};

const THREADS: usize = 2;

type Embed = Box<dyn Fn(&str) -> Vec<f32> + Sync>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let embed: Embed = match arguments[..] {
        ["minilm", ..] => {
            let model = MiniLm::load()?;
            Box::new(move |text| model.embed(text))
        }
        ["e5", "query"] => {
            let model = E5::load()?;
            Box::new(move |text| model.query(text))
        }
        ["e5", "passage"] => {
            let model = E5::load()?;
            Box::new(move |text| model.passage(text))
        }
        _ => return Err("usage: embed e5|minilm query|passage".into()),
    };
    let lines = stdin().lines().collect::<Result<Vec<_>, _>>()?;
    let texts = lines.iter().map(|line| serde_json::from_str(line)).collect::<Result<Vec<String>, _>>()?;
    let share = texts.len().div_ceil(THREADS).max(1);
    let vectors: Vec<Vec<f32>> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            texts.chunks(share).map(|texts| scope.spawn(|| texts.iter().map(|text| embed(text)).collect::<Vec<_>>())).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no text makes it panic")).collect()
    });
    let mut out = BufWriter::new(stdout().lock());
    for value in vectors.iter().flatten() {
        out.write_all(&value.to_le_bytes())?;
    }
    Ok(out.flush()?)
}
