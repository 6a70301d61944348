//! Corpora as tenants, and questions as the product asks them.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use ranking::{
    chance::{Names, Usual},
    dates::{self, Asked},
    facts::{Facts, Wants},
    lexical::{LexicalIndex, Words},
    sessions::Sessions,
    signals::{self, Evidence},
    speakers::Speakers,
    windows,
};
use serde::Deserialize;

use crate::vectors::Vectors;

/// How much of a text one vector stands for, as in the product.
const WINDOW: usize = 800;
/// As in the product: how much nearer the nearest of several windows is by chance.
const BY_CHANCE: f32 = 0.6;

#[derive(Deserialize, Clone)]
pub struct Memory {
    pub tenant: String,
    pub order: usize,
    pub text: String,
    pub speaker: Option<String>,
    pub date: Option<String>,
    pub session: Option<String>,
}

#[derive(Deserialize, Clone)]
pub struct Query {
    pub tenant: String,
    pub cat: String,
    pub text: String,
    pub relevant: Vec<usize>,
}

/// Questions that nothing answers are in this category.
pub const ADVERSARIAL: &str = "5";
/// Questions that have nothing to do with the tenant are in this one.
pub const STRANGE: &str = "strange";

/// One set of tenants and questions.
pub struct Corpus {
    pub name: String,
    pub tenants: Vec<Tenant>,
    pub queries: Vec<Query>,
}

/// One tenant's memories as a working set holds them.
pub struct Tenant {
    pub name: String,
    pub memories: Vec<Memory>,
    lexical: LexicalIndex,
    pub speakers: Speakers,
    sessions: Sessions<usize>,
    /// The day of each, and those that it tells of.
    days: Vec<Vec<NaiveDate>>,
    facts: Vec<Facts>,
    pub lengths: Vec<f32>,
    vectors: Vec<Vec<f32>>,
}

impl Corpus {
    /// Reads `<name>.memories.jsonl` and `<name>.queries.jsonl`; `bare` leaves sessions out.
    pub fn read(folder: &str, name: &str, bare: bool) -> Self {
        let mut memories: Vec<Memory> = lines(&format!("{folder}/{name}.memories.jsonl"));
        if bare {
            memories.iter_mut().for_each(|memory| memory.session = None);
        }
        Self {
            name: format!("{name}{}", if bare { "-bare" } else { "" }),
            tenants: tenants(memories),
            queries: lines(&format!("{folder}/{name}.queries.jsonl")),
        }
    }

    /// The same cut into tenants of so many memories without sessions, as somebody has who begins. Each question is of the first of
    /// them that has an answer.
    pub fn small(&self, size: usize) -> Self {
        let mut queries = Vec::new();
        let mut memories = Vec::new();
        for tenant in &self.tenants {
            let part = |at: usize| format!("{}~{}", tenant.name, at / size);
            memories.extend(tenant.memories.iter().enumerate().map(|(at, m)| Memory { tenant: part(at), session: None, ..m.clone() }));
            for query in self.queries.iter().filter(|query| query.tenant == tenant.name) {
                let places: Vec<_> = tenant.memories.iter().enumerate().filter(|(_, m)| query.relevant.contains(&m.order)).collect();
                let Some((first, _)) = places.first() else { continue };
                let relevant = places.iter().filter(|(at, _)| at / size == first / size).map(|(_, m)| m.order).collect();
                queries.push(Query { tenant: part(*first), relevant, ..query.clone() });
            }
        }
        Self { name: format!("{}~{size}", self.name), tenants: tenants(memories), queries }
    }

    /// Adds questions that have nothing to do with anybody here, each to one tenant; and questions of its own, letter by letter from
    /// their end: those mean nothing.
    pub fn with_strange(mut self, others: &[Query]) -> Self {
        let reversed =
            |query: &Query| query.text.split(' ').map(|word| word.chars().rev().collect::<String>()).collect::<Vec<_>>().join(" ");
        let own: Vec<String> = self.queries.iter().step_by(5).map(reversed).collect();
        let all: Vec<String> = own.into_iter().chain(others.iter().step_by(5).map(|query| query.text.clone())).collect();
        for (number, text) in all.into_iter().enumerate() {
            let tenant = self.tenants[number * 7 % self.tenants.len()].name.clone();
            self.queries.push(Query { tenant, cat: STRANGE.into(), text, relevant: Vec::new() });
        }
        self
    }

    /// Every text that is to be embedded, and whether it is a question.
    pub fn texts(&self) -> impl Iterator<Item = (bool, String)> {
        let memories = self.tenants.iter().flat_map(|tenant| tenant.memories.iter().flat_map(spoken)).map(|text| (false, text));
        let asked = |query| self.tenants.iter().map(move |tenant: &Tenant| (true, tenant.asked(query)));
        memories.chain(self.queries.iter().flat_map(asked))
    }

    pub fn embed(&mut self, vectors: &Vectors) {
        for tenant in &mut self.tenants {
            tenant.vectors = tenant
                .memories
                .iter()
                .map(|memory| spoken(memory).iter().flat_map(|text| vectors.of(false, text)).copied().collect())
                .collect();
        }
    }
}

fn lines<T: for<'a> Deserialize<'a>>(path: &str) -> Vec<T> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).expect("a line of the corpus")).collect()
}

fn spoken(memory: &Memory) -> Vec<String> {
    let of = |text: &str| memory.speaker.as_ref().map_or_else(|| text.to_owned(), |speaker| format!("{speaker}: {text}"));
    windows::cut(&memory.text, WINDOW).into_iter().map(|range| of(&memory.text[range])).collect()
}

fn tenants(memories: Vec<Memory>) -> Vec<Tenant> {
    let mut names: Vec<String> = Vec::new();
    let mut by: HashMap<String, Vec<Memory>> = HashMap::new();
    for memory in memories {
        if !by.contains_key(&memory.tenant) {
            names.push(memory.tenant.clone());
        }
        by.entry(memory.tenant.clone()).or_default().push(memory);
    }
    names.into_iter().map(|name| Tenant::new(by.remove(&name).expect("just put there"), name)).collect()
}

/// All that is known of a tenant for one question.
pub struct Asking<'t> {
    tenant: &'t Tenant,
    cosines: Vec<f32>,
    words: Words,
    date: Vec<f32>,
    speaker: Vec<bool>,
    wants: Wants,
    names: Names,
    usual: Usual,
}

impl Asking<'_> {
    pub fn evidence<'a>(&'a self, eligible: &'a [bool]) -> Evidence<'a> {
        Evidence {
            cosines: &self.cosines,
            far: &[],
            words: &self.words,
            lengths: &self.tenant.lengths,
            eligible,
            facts: &self.tenant.facts,
            around: self.tenant.sessions.around(),
            session_of: self.tenant.sessions.numbers(),
            sessions: self.tenant.sessions.count(),
            date: &self.date,
            speaker: &self.speaker,
            wants: self.wants,
            names: self.names,
            usual: self.usual,
            dense_weight: signals::DENSE,
        }
    }
}

impl Tenant {
    fn new(memories: Vec<Memory>, name: String) -> Self {
        let mut tenant = Self {
            name,
            memories: Vec::new(),
            lexical: LexicalIndex::default(),
            speakers: Speakers::default(),
            sessions: Sessions::default(),
            days: Vec::new(),
            facts: Vec::new(),
            lengths: Vec::new(),
            vectors: Vec::new(),
        };
        for (slot, memory) in (0u32..).zip(&memories) {
            let day = memory.date.as_ref().and_then(|date| date.parse::<NaiveDate>().ok());
            let date = day.map(|day| day.format("[%-d %B %Y] ").to_string()).unwrap_or_default();
            let speaker = memory.speaker.as_ref().map(|speaker| format!("{speaker}: ")).unwrap_or_default();
            tenant.lexical.set(slot, Some(&format!("{date}{speaker}{}", memory.text)));
            let speaker = tenant.speakers.set(slot, memory.speaker.as_deref());
            tenant.sessions.set(slot, memory.session.as_deref().map(|session| (session, memory.order)));
            tenant.days.push(day.into_iter().flat_map(|day| dates::told(&memory.text, day).into_iter().chain([day])).collect());
            tenant.facts.push(Facts::of(&memory.text, speaker));
            tenant.lengths.push(tenant.lexical.length(slot));
        }
        tenant.sessions.settle();
        tenant.memories = memories;
        tenant
    }

    /// The places of the memories with these orders.
    pub fn places(&self, relevant: &[usize]) -> Vec<usize> {
        (0..self.memories.len()).filter(|at| relevant.contains(&self.memories[*at].order)).collect()
    }

    /// What the dense leg asks.
    fn asked(&self, query: &Query) -> String {
        self.speakers.cut_from(&query.text)
    }

    pub fn ask(&self, query: &Query, vectors: &Vectors) -> Asking<'_> {
        let question = vectors.of(true, &self.asked(query));
        let nearest = |windows: &Vec<f32>| {
            let windows = windows.chunks_exact(question.len());
            windows.map(|v| v.iter().zip(question).map(|(x, y)| x * y).sum::<f32>()).fold(f32::NEG_INFINITY, f32::max)
        };
        let mut cosines: Vec<f32> = self.vectors.iter().map(nearest).collect();
        let n = cosines.len() as f32;
        let mean = cosines.iter().sum::<f32>() / n;
        let deviation = (cosines.iter().map(|c| (c - mean).powi(2)).sum::<f32>() / n).sqrt();
        for (cosine, windows) in cosines.iter_mut().zip(&self.vectors) {
            *cosine -= BY_CHANCE * deviation * ((windows.len() / question.len()) as f32).ln();
        }
        let today = NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
        let year_with =
            |month| self.days.iter().filter_map(|days| days.last()).filter(|day| day.month() == month).map(NaiveDate::year).max();
        let named = dates::named(&query.text, &Asked { today, year_with: &year_with });
        let matches = |days: &Vec<NaiveDate>| days.iter().flat_map(|day| named.iter().map(|when| when.matches(*day))).fold(0.0, f32::max);
        Asking {
            tenant: self,
            cosines,
            words: self.lexical.look(&query.text, self.memories.len(), self.sessions.around()),
            date: if named.is_empty() { Vec::new() } else { self.days.iter().map(matches).collect() },
            speaker: self.speakers.named_in(&query.text),
            wants: Wants::of(&query.text),
            names: Names::of(&query.text, &self.lexical),
            usual: vectors.usual(),
        }
    }
}
