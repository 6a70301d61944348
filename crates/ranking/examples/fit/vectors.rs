//! Vectors of texts, kept in a file: making them takes longer than all the rest.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
};

use encoders::{E5, MiniLm};
use ranking::chance::Usual;

const DIMENSION: usize = 384;

/// Which model.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Model {
    E5,
    MiniLm,
}

pub struct Vectors {
    model: Model,
    made: HashMap<String, Vec<f32>>,
}

impl Vectors {
    /// Those of these texts: from `<file>.keys` and `<file>.f32` where they are, else made and put there.
    pub fn of_texts(model: Model, file: &str, texts: impl Iterator<Item = (bool, String)>) -> Self {
        let mut vectors = Self { model, made: read(file).unwrap_or_default() };
        let keys: HashSet<String> = texts.map(|(question, text)| key(question, &text)).collect();
        let missing: Vec<String> = keys.into_iter().filter(|key| !vectors.made.contains_key(key)).collect();
        if !missing.is_empty() {
            eprintln!("embedding {} texts", missing.len());
            vectors.make(&missing);
            vectors.write(file).expect("the vectors can be kept");
        }
        vectors
    }

    pub fn of(&self, question: bool, text: &str) -> &[f32] {
        &self.made[&key(question, text)]
    }

    /// As the product has it for the model.
    pub const fn usual(&self) -> Usual {
        match self.model {
            Model::E5 => Usual { mean: 0.76, deviation: 0.022 },
            Model::MiniLm => Usual { mean: 0.11, deviation: 0.09 },
        }
    }

    fn make(&mut self, keys: &[String]) {
        let (e5, minilm) = (E5::load().expect("the model is whole"), MiniLm::load().expect("the model is whole"));
        let next = AtomicUsize::new(0);
        let embed = |key: &str| match self.model {
            Model::MiniLm => minilm.embed(&key[1..]),
            Model::E5 if key.starts_with('q') => e5.query(&key[1..]),
            Model::E5 => e5.passage(&key[1..]),
        };
        let work = || {
            let mut made = Vec::new();
            while let Some(key) = keys.get(next.fetch_add(1, Ordering::Relaxed)) {
                made.push((key.clone(), embed(key)));
            }
            made
        };
        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
        });
        self.made.extend(made);
    }

    fn write(&self, file: &str) -> std::io::Result<()> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (key, vector) in &self.made {
            writeln!(keys, "{}", serde_json::to_string(key)?)?;
            vector.iter().for_each(|value| values.extend(value.to_le_bytes()));
        }
        fs::write(format!("{file}.keys"), keys)?;
        fs::write(format!("{file}.f32"), values)
    }
}

fn key(question: bool, text: &str) -> String {
    format!("{}{text}", if question { 'q' } else { 'p' })
}

fn read(file: &str) -> Option<HashMap<String, Vec<f32>>> {
    let keys = fs::read_to_string(format!("{file}.keys")).ok()?;
    let values = fs::read(format!("{file}.f32")).ok()?;
    let row = |bytes: &[u8]| bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    let keys = keys.lines().map(|line| serde_json::from_str(line).expect("a text"));
    Some(keys.zip(values.chunks_exact(DIMENSION * 4).map(row)).collect())
}
