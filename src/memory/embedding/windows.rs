//! The vectors of texts, window by window, as [`ranking::windows`] cuts them.

use std::ops::Range;

pub use ranking::windows::cut;

use super::{Embedder, ModelError};
use crate::{memory::model::EmbeddingModel, tenancy::TenantScope};

/// A text to be embedded, and who said it.
pub type Spoken<'a> = (Option<&'a str>, &'a str);

/// The vectors of each text, in order: the unit vectors of its windows, end to end.
///
/// # Errors
/// Those of the model.
pub async fn embed_texts(embedder: &dyn Embedder, scope: &TenantScope, texts: &[Spoken<'_>]) -> Result<Vec<Vec<f32>>, ModelError> {
    let windows: Vec<Vec<String>> = texts.iter().map(|(speaker, text)| spoken(*speaker, text, embedder.model().window)).collect();
    let counts: Vec<usize> = windows.iter().map(Vec::len).collect();
    let mut vectors = embedder.embed(scope, windows.into_iter().flatten().collect()).await?.into_iter();
    Ok(counts.into_iter().map(|count| vectors.by_ref().take(count).flatten().collect()).collect())
}

/// How many windows these texts have.
pub fn count<'a>(model: &EmbeddingModel, texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| if is_long(model, text) { cut(text, model.window).len() } else { 1 }).sum()
}

/// Whether a text has more than one window.
#[must_use]
pub fn is_long(model: &EmbeddingModel, text: &str) -> bool {
    ranking::windows::is_long(text, model.window)
}

/// The window of a long text whose vector is nearest to a unit `query`; `vectors` are those of all, end to end.
pub fn nearest<'a>(model: &EmbeddingModel, text: &'a str, vectors: &[f32], query: &[f32]) -> Option<&'a str> {
    let dot = |vector: &[f32]| vector.iter().zip(query).map(|(x, y)| x * y).sum::<f32>();
    let windows = cut(text, model.window).into_iter().zip(vectors.chunks_exact(model.dimension));
    windows.max_by(|a, b| dot(a.1).total_cmp(&dot(b.1))).map(|(window, _)| text[window].trim())
}

/// What the embedder sees: the speaker decides much of what a turn of a conversation means.
fn spoken(speaker: Option<&str>, text: &str, size: usize) -> Vec<String> {
    let of = |range: Range<usize>| {
        speaker.map_or_else(|| text[range.clone()].to_owned(), |speaker| format!("{speaker}: {}", &text[range.clone()]))
    };
    cut(text, size).into_iter().map(of).collect()
}
