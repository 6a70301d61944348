//! How long both models take to load, and for a text: the best of some rounds over twenty texts and twenty queries.
//!
//! `cargo run --release -p encoders --example speed`

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use encoders::{E5, EncoderError, MiniLm};

const ROUNDS: usize = 8;
const COUNT: u32 = 20;
const QUERIES: [&str; 4] =
    ["Where does Anna live?", "what did we decide about the database", "birthday of my sister", "who prefers green tea"];
const TEXTS: [&str; 4] = [
    "Anna moved from Berlin to Lisbon in March 2023 to work for a robotics start-up, and she still has the flat in Neukölln, \
     which she lets to a colleague who pays the rent late every month.",
    "We decided to use PostgreSQL instead of MongoDB because the reports need joins and nobody on the team has run a replica set \
     before; the migration is planned for the second week of November.",
    "The staging server is at 10.0.3.17 and is rebuilt every night at 02:30 UTC, so whatever is copied there by hand is gone the \
     next morning unless it is in the seed script of the repository.",
    "My doctor told me to cut down on salt and to walk at least 8,000 steps a day, which I manage from Monday to Friday, but at \
     the weekend I mostly read on the balcony and drink green tea.",
];

/// The best time of a round over [`COUNT`] of the texts, for one of them.
fn best(texts: &[&str], embed: impl Fn(&str) -> Vec<f32>) -> Duration {
    let round = |_| {
        let start = Instant::now();
        for text in texts.iter().cycle().take(COUNT as usize) {
            black_box(embed(text));
        }
        start.elapsed() / COUNT
    };
    (0..ROUNDS).map(round).min().unwrap_or_default()
}

fn main() -> Result<(), EncoderError> {
    let start = Instant::now();
    let mini = MiniLm::load()?;
    println!("MiniLM: loaded in {:?}", start.elapsed());
    let start = Instant::now();
    let e5 = E5::load()?;
    println!("E5: loaded in {:?}", start.elapsed());
    for (name, texts) in [("text", TEXTS), ("query", QUERIES)] {
        let (small, large) = (best(&texts, |text| mini.embed(text)), best(&texts, |text| e5.query(text)));
        let pieces = |pieces: &dyn Fn(&str) -> Vec<u32>| texts.iter().map(|text| pieces(text).len()).sum::<usize>() / texts.len();
        println!(
            "{name}: MiniLM {small:?} ({} pieces), E5 {large:?} ({} pieces), factor {:.2}",
            pieces(&|text| mini.pieces(text)),
            pieces(&|text| e5.pieces(&format!("query: {text}"))),
            large.as_secs_f64() / small.as_secs_f64()
        );
    }
    Ok(())
}
