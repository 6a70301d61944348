//! Wakes the job runner of this process.

use tokio::sync::Notify;

/// Rung when work is left behind. A permit is stored until a runner waits.
#[derive(Debug, Default)]
pub struct Wake {
    /// A memory waits to be indexed.
    pub index: Notify,
    /// An operation waits to be carried out.
    pub infer: Notify,
    /// A tenant waits to move to the configured embedding model.
    pub reembed: Notify,
}
