//! `search_memory`: finds what answers a question, and says why each hit stands where it does.

use rmcp::model::{JsonObject, ToolAnnotations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Detail, MemoryTool, NOTE, Reply, fenced, line, lines_under, period, reads};
use crate::{
    auth::{Principal, Scope},
    clock::{Period, Timestamp},
    error::Result,
    memory::{Filter, Hit, LeftOut, Memories, Metadata, SearchQuery, Source},
};

pub(super) struct SearchMemory;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Args {
    /// Question or keywords
    query: String,
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// Least score (0 to 1); without it, what is likely to help
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    threshold: Option<f64>,
    /// With any of these tags
    #[serde(default)]
    tags: Vec<String>,
    /// Earliest time or date
    #[serde(default)]
    from: String,
    /// Latest
    #[serde(default)]
    to: String,
    /// short or full
    #[serde(default)]
    detail: String,
}

const fn ten() -> u32 {
    10
}

/// Hits, best first, and what is to be known about the answer: in short a line each, else in full. Every client pays for the schema at each
/// start, so it tells what there always is.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    lines: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<JsonObject>")]
    results: Option<Vec<Found>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    left_out: Option<LeftOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    degraded: Option<bool>,
    note: &'static str,
}

#[derive(Serialize)]
struct Found {
    id: String,
    memory: String,
    #[serde(flatten)]
    remarks: Remarks,
    created_at: String,
    updated_at: String,
    score: f64,
    app: String,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<String>,
}

/// What a model is to know of a memory beside its text, each where there is any. The parts of a score and the hash say
/// nothing to a model and cost it more than the text: REST has them.
#[derive(Serialize)]
struct Remarks {
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    metadata: Metadata,
    /// Where it is below 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    /// What it was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    /// Others that say the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    alike: Option<usize>,
}

impl From<Hit> for Found {
    fn from(Hit { memory, scores, alike, .. }: Hit) -> Self {
        let below_one = |part: f64| Some(part).filter(|part| *part < 1.0);
        Self {
            id: memory.id.to_string(),
            memory: memory.content.text,
            remarks: Remarks {
                metadata: memory.content.metadata,
                trust: below_one(memory.trust),
                flags: memory.flags,
                confidence: below_one(memory.content.confidence),
                source: memory.origin.source,
                alike: Some(alike).filter(|alike| *alike > 0),
            },
            created_at: memory.created_at.rfc3339(),
            updated_at: memory.updated_at.rfc3339(),
            score: rounded(scores.score),
            app: memory.app_name,
            tags: memory.content.tags,
            speaker: memory.origin.speaker,
            occurred_at: memory.origin.occurred_at.map(Timestamp::rfc3339),
        }
    }
}

/// Six decimals: more are noise of the conversion from 32 bits, and tokens for the model.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e6).round() / 1e6
}

/// OpenMemory's text, without the hash. `reason` is new, there only when the answer is short: an empty list alone helps nobody.
#[derive(Serialize)]
struct Text<'a> {
    note: &'static str,
    results: Vec<TextHit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct TextHit<'a> {
    id: &'a str,
    memory: &'a str,
    #[serde(flatten)]
    remarks: &'a Remarks,
    created_at: &'a str,
    updated_at: &'a str,
    score: f64,
}

impl<'a> From<&'a Found> for TextHit<'a> {
    fn from(found: &'a Found) -> Self {
        let Found { id, memory, remarks, created_at, updated_at, score, .. } = found;
        Self { id, memory, remarks, created_at, updated_at, score: *score }
    }
}

impl MemoryTool for SearchMemory {
    const NAME: &'static str = "search_memory";
    const TITLE: &'static str = "Search memory";
    const DESCRIPTION: &'static str = "Call this every time the user asks anything, before you answer: it finds what is \
known about them, by meaning and by words.";
    const SCOPE: Scope = Scope::MemoryRead;
    type Args = Args;
    type Output = Output;

    fn annotations() -> ToolAnnotations {
        reads()
    }

    async fn run(memories: &Memories, by: &Principal, args: Args) -> Result<Reply<Output>> {
        let filter = Filter {
            tags: args.tags,
            from: period("from", &args.from)?.map(Period::first),
            to: period("to", &args.to)?.map(Period::last),
            ahead: period("to", &args.to)?.or(period("from", &args.from)?).map_or(0, Period::ahead),
            ..Filter::default()
        };
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let query = SearchQuery { text: args.query, limit, threshold: args.threshold, nearest: false, filter };
        let answer = memories.recall.search(by, query).await?;
        if Detail::of(&args.detail)? == Detail::Short {
            let lines: Vec<_> = answer.hits.iter().map(|hit| line(&hit.memory, hit.alike)).collect();
            let why = answer.reason.map(|reason| match reason {
                "nothing_relevant" => "Nothing is known about this: ask the user, and remember what they say.".to_owned(),
                reason => format!("Nothing more: {reason}"),
            });
            let text = lines_under(NOTE, &lines, why.as_deref());
            let degraded = Some(true).filter(|_| answer.degraded);
            return Ok(Reply {
                text,
                data: Output { lines: Some(lines), reason: answer.reason, degraded, note: NOTE, ..Output::default() },
            });
        }
        let results: Vec<_> = answer.hits.into_iter().map(Found::from).collect();
        let text = fenced(&Text { note: NOTE, results: results.iter().map(TextHit::from).collect(), reason: answer.reason })?;
        let data = Output {
            results: Some(results),
            reason: answer.reason,
            left_out: Some(answer.left_out),
            degraded: Some(answer.degraded),
            note: NOTE,
            lines: None,
        };
        Ok(Reply { text, data })
    }
}
