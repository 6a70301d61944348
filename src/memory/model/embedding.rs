//! Which models made a tenant's vectors, where those are, and what a write owes to the indexes.

/// Which model made a vector. Vectors of different models are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmbeddingModel {
    /// Stable name, stored with every vector.
    pub id: String,
    pub dimension: usize,
    /// How much of a text one vector stands for, as [`windows_of`](crate::memory::windows_of) counts it.
    pub window: usize,
}

impl EmbeddingModel {
    /// A model that reads long texts: some 350 words are of one topic more often than not.
    #[must_use]
    pub fn new(id: impl Into<String>, dimension: usize) -> Self {
        Self { id: id.into(), dimension, window: 2_000 }
    }
}

/// Where an external vector index keeps a tenant, and by which vectors the tenant is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// A collection of the tenant's own; `None` for the one that tenants share.
    pub collection: Option<String>,
    /// A collection that is being filled and takes over when that is done.
    pub moving_to: Option<String>,
    /// The id of the embedding model; `None` before the first vector.
    pub model: Option<String>,
}

impl Placement {
    /// Where the tenant is read; `shared` is the collection of those that have none of their own.
    #[must_use]
    pub fn home<'a>(&'a self, shared: &'a str) -> &'a str {
        self.collection.as_deref().unwrap_or(shared)
    }

    /// Where the tenant is written: both places while it moves.
    pub fn in_use<'a>(&'a self, shared: &'a str) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.home(shared)).chain(self.moving_to.as_deref())
    }

    /// Which of a service's models, the configured one first, the tenant is read by: an unknown one cannot be, so the
    /// configured one takes its place.
    #[must_use]
    pub fn reads<'a>(&self, models: &'a [EmbeddingModel]) -> &'a EmbeddingModel {
        models.iter().find(|model| Some(&model.id) == self.model.as_ref()).unwrap_or(&models[0])
    }
}

/// How far a tenant's move to the configured embedding model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingProgress {
    /// The id of the model that searches use.
    pub reads: String,
    /// The id of the configured model.
    pub current: String,
    pub memories: i64,
    /// Those that have a vector of the configured model.
    pub embedded: i64,
}

/// What every write of this process owes to the indexes; constant while it runs.
#[derive(Debug, Clone)]
pub struct Indexing {
    /// Whose vectors come with what is written.
    pub model: EmbeddingModel,
    /// Whether an index outside this process is told of each change.
    pub external: bool,
    /// Whether tenants may still be read by the vectors of another model, which a job has to make as well.
    pub moving: bool,
}

impl Indexing {
    /// Whether a new text leaves a job, even where its vector came with it.
    #[must_use]
    pub const fn texts_leave_jobs(&self) -> bool {
        self.external || self.moving
    }
}
