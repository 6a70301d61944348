//! The service that both edges call: its parts, and what every verb shares.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::{
    access::AccessRecorder,
    embedders::Embedders,
    gate::{GateCounts, Served},
    infer::Inference,
    learning::Learning,
    lifecycle::LifecycleStore,
    model::Actor,
    places::PlaceStore,
    ports::{MemoryStore, OperationStore, VectorIndex},
    review::ReviewStore,
    settings::SettingsCache,
    watch::IndexWatch,
    working_sets::WorkingSets,
};
use crate::{
    auth::Principal,
    clock::Clock,
    error::Result,
    tenancy::{App, Nudges, TenancyService},
};

/// Sizes that a memory or query must keep.
#[derive(Debug, Clone)]
pub struct MemoryLimits {
    /// Longest text, in bytes.
    pub text_bytes: usize,
    /// Largest metadata, in bytes of JSON.
    pub metadata_bytes: usize,
    /// Longest query, in bytes.
    pub query_bytes: usize,
    /// Most memories of one call.
    pub batch: usize,
    /// An add of at most this many memories waits for its embeddings.
    pub inline_limit: usize,
    /// Weight of the dense leg.
    pub dense_weight: f32,
    /// How long a search waits for the embedding of its query.
    pub query_timeout: Duration,
}

/// Rung when work is left behind; a ring that nobody hears is kept for whoever comes next.
#[derive(Debug, Default)]
pub struct Wake {
    /// A memory waits to be indexed.
    pub index: Notify,
    /// An operation waits to be carried out.
    pub infer: Notify,
    /// A tenant waits to move to the configured embedding model.
    pub reembed: Notify,
}

/// What the service is made of.
#[derive(Clone)]
pub struct MemoryServiceParts {
    /// The relational truth.
    pub store: Arc<dyn MemoryStore>,
    /// Text to vectors.
    pub embedders: Embedders,
    /// The vector index outside this process, where there is one.
    pub index: Option<Arc<dyn VectorIndex>>,
    /// Where its points lie, or may.
    pub places: Arc<dyn PlaceStore>,
    /// What is known of gaps in it.
    pub watch: IndexWatch,
    /// Apps and projects.
    pub tenancy: TenancyService,
    /// What is in memory of each tenant.
    pub sets: WorkingSets,
    /// Where reads are noted.
    pub access: AccessRecorder,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Wakes the job runner when a write left a job behind.
    pub wake: Arc<Wake>,
    /// Tells those who watch a tenant that its memories changed.
    pub nudges: Nudges,
    /// How facts are taken from text.
    pub inference: Inference,
    /// What is acknowledged before it is done.
    pub operations: Arc<dyn OperationStore>,
    /// What each app was given lately.
    pub served: Served,
    /// How often the write gate decided what.
    pub gate_counts: GateCounts,
    /// What tenants have chosen.
    pub settings: SettingsCache,
    /// Undo, restore, links and the end of memories.
    pub lifecycle: Arc<dyn LifecycleStore>,
    /// What people should look at, and what they have forgotten on purpose.
    pub reviews: Arc<dyn ReviewStore>,
    /// What tenants have switched on of learning.
    pub learning: Learning,
    /// Sizes.
    pub limits: MemoryLimits,
}

/// Memories of one tenant at a time. Each call checks the principal's scopes, its project and its app.
#[derive(Clone)]
pub struct MemoryService {
    pub(super) parts: MemoryServiceParts,
}

impl MemoryService {
    /// Builds the service.
    #[must_use]
    pub const fn new(parts: MemoryServiceParts) -> Self {
        Self { parts }
    }

    /// Whether every new text leaves a job: to tell the index, or to make the vector that the tenant is still read by.
    pub(super) const fn writes_leave_jobs(&self) -> bool {
        self.parts.index.is_some() || self.parts.embedders.is_moving()
    }

    /// Refuses the calls of a paused app.
    ///
    /// # Errors
    /// `app_paused`, `unavailable`.
    pub async fn admit(&self, by: &Principal) -> Result<()> {
        self.parts.tenancy.admit(&by.scope, &by.client).await
    }

    /// The app that the principal speaks for, refused while paused, and the provenance of what it does.
    pub(super) async fn actor(&self, by: &Principal) -> Result<(App, Actor)> {
        let app = self.parts.tenancy.active_app(&by.scope, &by.client).await?;
        let actor = Actor { user: by.user, credential: by.credential, app: app.id };
        Ok((app, actor))
    }
}
