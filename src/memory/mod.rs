//! THE DOMAIN: memories of a tenant, and finding them again.
//!
//! One small service for each thing that can be done, and an edge takes the ones that it needs: [`Writer`] stores and changes,
//! [`Recall`] finds, [`Reader`] lists, [`Revisions`] go back, [`Reviews`] decide, [`Erasure`] ends, [`Inference`] takes facts
//! from text, [`learning::Learning`] learns from use, [`Contexts`] puts together what a model should know. Below them stand
//! [`Gate`] (what may be stored, and how), [`Settings`] (what a tenant has chosen), [`Embeddings`] (texts to vectors) and
//! [`Reach`] (who may). `model` is what all of them speak of, and knows none of them. The outside world lies behind the stores.

mod access;
pub mod context;
mod embedding;
mod erase;
mod fnv;
mod gate;
mod gist;
mod infer;
mod invisible;
pub mod learning;
mod model;
mod reach;
mod read;
mod recall;
mod review;
mod revise;
mod served;
mod services;
mod settings;
mod signals;
mod store;
mod strength;
mod text;
mod write;

pub use access::AccessRecorder;
pub use context::Contexts;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use embedding::windows;
pub use embedding::{
    Embedder, Embedders, Embedding, EmbeddingStore, Embeddings, FIRST_LOOK, LeftPlace, ModelError, OnRoll, PlaceStore, embed_texts,
    windows_of,
};
pub use erase::{Doomed, Erasure, ErasureStore, Receipt};
pub(crate) use gate::{Embed, FOR_REVIEW, HELD_FOR, clean_text};
pub use gate::{
    ForgottenStore, Gate, GateCountStore, GateCounts, GateParts, RULES, Said, Sayings, classifier, folded, held_because, junk, talk,
    warm_up,
};
pub use gist::same_text;
pub use infer::{
    Answer, Extractor, Fact, InferInput, Inference, InferenceMode, Inferred, Message, ModelInference, Operation, OperationStore,
    Resolution, Setback, Spent, Step,
};
pub use invisible::shown;
pub use model::*;
pub use reach::Reach;
pub use read::Reader;
pub use recall::{DenseQuery, INDEXED_WITHIN, IndexWatch, Neighbours, Point, Recall, VectorIndex, WorkingSet, WorkingSets, matrix};
pub use review::{Decided, ReviewDecision, ReviewEntry, ReviewPage, ReviewRow, ReviewStore, Reviews, why as why_review};
pub use revise::{Author, LifecycleStore, Past, Restored, Reversal, Reverted, Revisions, Undone, Window, Written};
pub use served::Served;
pub use services::Memories;
pub use settings::{Choice, Chosen, GateSettings, LearnedWeights, Redaction, ReviewPolicy, Settings, SettingsStore, TenantSettings};
pub use signals::Wake;
pub use store::{AccessRecord, AccessStore, ChangeLog, Changes, ListStore, MemoryStore};
pub use write::{AddOptions, Writer};
