//! The services of memories, put together.

use std::{sync::Arc, time::Duration};

use super::models;
use crate::{
    adapters::sql::{Db, SqlMemoryStore, SqlPlaceStore},
    clock::Clock,
    config::Config,
    jobs::IndexJob,
    memory::{
        AccessRecorder, Contexts, Embedders, Embeddings, Erasure, Gate, GateCounts, GateParts, GateSettings, IndexWatch, Indexing,
        Inference, InferenceMode, Memories, MemoryLimits, PlaceStore, Reach, Reader, Recall, Reviews, Revisions, Sayings, Served, Settings,
        TenantSettings, VectorIndex, Wake, WorkingSets, Writer, learning::Learning,
    },
    metering::Usage,
    tenancy::{Nudges, TenancyService},
    transfer::Transfer,
};

/// What the services are made of beside the database.
pub(super) struct Base {
    pub(super) db: Db,
    pub(super) sayings: Sayings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tenancy: TenancyService,
    pub(super) usage: Usage,
    pub(super) nudges: Nudges,
    pub(super) embedders: Embedders,
    pub(super) index: Option<Arc<dyn VectorIndex>>,
}

/// The services, and what background work needs of their parts.
pub(super) struct Built {
    pub(super) memories: Arc<Memories>,
    pub(super) transfer: Transfer,
    pub(super) index_job: IndexJob,
    pub(super) access: AccessRecorder,
    pub(super) gate_counts: GateCounts,
    pub(super) sets: WorkingSets,
}

/// What the services share.
struct Shared {
    store: Arc<SqlMemoryStore>,
    places: Arc<dyn PlaceStore>,
    clock: Arc<dyn Clock>,
    tenancy: TenancyService,
    usage: Usage,
    nudges: Nudges,
    embedders: Embedders,
    index: Option<Arc<dyn VectorIndex>>,
    indexing: Arc<Indexing>,
    wake: Arc<Wake>,
    watch: IndexWatch,
    served: Served,
    access: AccessRecorder,
    gate_counts: GateCounts,
    sets: WorkingSets,
    reach: Reach,
    settings: Settings,
    embeddings: Embeddings,
    limits: MemoryLimits,
}

pub(super) fn build(base: Base, config: &Config) -> anyhow::Result<Built> {
    let shared = Shared::new(base, config);
    let inference = models::inference(config)?;
    let gate = shared.gate();
    let writer = shared.writer(&gate);
    let recall = shared.recall();
    let revisions = shared.revisions();
    let transfer = shared.transfer(&writer, &gate);
    let memories = Memories {
        contexts: Contexts::new(recall.clone()),
        reader: shared.reader(),
        reviews: shared.reviews(&writer, &revisions),
        erasure: shared.erasure(&writer),
        inference: shared.inference(inference, &writer, &recall, &gate),
        learning: shared.learning(&writer, &recall),
        reach: shared.reach.clone(),
        settings: shared.settings.clone(),
        embeddings: shared.embeddings.clone(),
        writer,
        recall,
        revisions,
        gate,
    };
    let index_job = shared.index_job();
    let Shared { access, gate_counts, sets, .. } = shared;
    Ok(Built { memories: Arc::new(memories), transfer, index_job, access, gate_counts, sets })
}

impl Shared {
    fn new(base: Base, config: &Config) -> Self {
        let Base { db, sayings, clock, tenancy, usage, nudges, embedders, index } = base;
        let indexing = Indexing { model: embedders.current().model().clone(), external: index.is_some(), moving: embedders.is_moving() };
        let store = SqlMemoryStore::new(&db, sayings, indexing.clone());
        let reach = Reach::new(store.clone(), tenancy.clone(), usage.clone());
        let gate = GateSettings { junk: config.gate.junk, ..GateSettings::default() };
        let defaults = TenantSettings { gate, ..TenantSettings::default() };
        Self {
            places: SqlPlaceStore::shared(&db),
            indexing: Arc::new(indexing),
            wake: Arc::default(),
            watch: IndexWatch::default(),
            served: Served::default(),
            access: AccessRecorder::new(store.clone()),
            gate_counts: GateCounts::new(store.clone()),
            sets: WorkingSets::new(store.clone(), embedders.models(), index.is_none(), config.index.cache_mib * 1024 * 1024),
            settings: Settings::new(store.clone(), reach.clone(), clock.clone(), defaults),
            embeddings: Embeddings::new(embedders.clone(), store.clone(), config.embedder.inline_limit),
            limits: limits(config),
            store,
            clock,
            tenancy,
            usage,
            nudges,
            embedders,
            index,
            reach,
        }
    }

    fn gate(&self) -> Gate {
        Gate::new(GateParts {
            settings: self.settings.clone(),
            changes: self.store.clone(),
            sets: self.sets.clone(),
            served: self.served.clone(),
            embeddings: self.embeddings.clone(),
            forgotten: self.store.clone(),
            counts: self.gate_counts.clone(),
            clock: self.clock.clone(),
        })
    }

    fn writer(&self, gate: &Gate) -> Writer {
        Writer {
            reach: self.reach.clone(),
            store: self.store.clone(),
            gate: gate.clone(),
            embeddings: self.embeddings.clone(),
            settings: self.settings.clone(),
            limits: self.limits.clone(),
            indexing: self.indexing.clone(),
            wake: self.wake.clone(),
            nudges: self.nudges.clone(),
        }
    }

    fn recall(&self) -> Recall {
        Recall {
            reach: self.reach.clone(),
            changes: self.store.clone(),
            sets: self.sets.clone(),
            embedders: self.embedders.clone(),
            index: self.index.clone(),
            watch: self.watch.clone(),
            settings: self.settings.clone(),
            access: self.access.clone(),
            served: self.served.clone(),
            clock: self.clock.clone(),
            limits: self.limits.clone(),
        }
    }

    fn revisions(&self) -> Revisions {
        Revisions {
            reach: self.reach.clone(),
            store: self.store.clone(),
            embeddings: self.embeddings.clone(),
            access: self.access.clone(),
            wake: self.wake.clone(),
            clock: self.clock.clone(),
        }
    }

    fn transfer(&self, writer: &Writer, gate: &Gate) -> Transfer {
        Transfer {
            reach: self.reach.clone(),
            lists: self.store.clone(),
            writer: writer.clone(),
            gate: gate.clone(),
            settings: self.settings.clone(),
            tenancy: self.tenancy.clone(),
            limits: self.limits.clone(),
            clock: self.clock.clone(),
        }
    }

    fn reader(&self) -> Reader {
        Reader {
            reach: self.reach.clone(),
            lists: self.store.clone(),
            reads: self.store.clone(),
            access: self.access.clone(),
            served: self.served.clone(),
            tenancy: self.tenancy.clone(),
            clock: self.clock.clone(),
        }
    }

    fn reviews(&self, writer: &Writer, revisions: &Revisions) -> Reviews {
        Reviews {
            reach: self.reach.clone(),
            store: self.store.clone(),
            changes: self.store.clone(),
            lifecycle: self.store.clone(),
            writer: writer.clone(),
            revisions: revisions.clone(),
            indexing: self.indexing.clone(),
            nudges: self.nudges.clone(),
        }
    }

    fn erasure(&self, writer: &Writer) -> Erasure {
        Erasure {
            reach: self.reach.clone(),
            store: self.store.clone(),
            writer: writer.clone(),
            tenancy: self.tenancy.clone(),
            forgotten: self.store.clone(),
            operations: self.store.clone(),
            vectors: self.store.clone(),
            index: self.index.clone(),
            places: self.places.clone(),
            watch: self.watch.clone(),
            embedders: self.embedders.clone(),
            sets: self.sets.clone(),
            access: self.access.clone(),
            served: self.served.clone(),
            gate_counts: self.gate_counts.clone(),
            reads: self.usage.counted().clone(),
            settings: self.settings.clone(),
            wake: self.wake.clone(),
            clock: self.clock.clone(),
        }
    }

    fn inference(&self, mode: InferenceMode, writer: &Writer, recall: &Recall, gate: &Gate) -> Inference {
        Inference {
            mode,
            reach: self.reach.clone(),
            operations: self.store.clone(),
            writer: writer.clone(),
            gate: gate.clone(),
            recall: recall.clone(),
            embeddings: self.embeddings.clone(),
            usage: self.usage.clone(),
            settings: self.settings.clone(),
            limits: self.limits.clone(),
            wake: self.wake.clone(),
            clock: self.clock.clone(),
        }
    }

    fn learning(&self, writer: &Writer, recall: &Recall) -> Learning {
        Learning {
            reach: self.reach.clone(),
            store: self.store.clone(),
            changes: self.store.clone(),
            writer: writer.clone(),
            recall: recall.clone(),
            settings: self.settings.clone(),
            access: self.access.clone(),
            tenancy: self.tenancy.clone(),
            indexing: self.indexing.clone(),
            limits: self.limits.clone(),
            clock: self.clock.clone(),
        }
    }

    fn index_job(&self) -> IndexJob {
        IndexJob {
            store: self.store.clone(),
            changes: self.store.clone(),
            embedders: self.embedders.clone(),
            index: self.index.clone(),
            places: self.places.clone(),
            watch: self.watch.clone(),
            noted: Arc::default(),
            wake: self.wake.clone(),
        }
    }
}

fn limits(config: &Config) -> MemoryLimits {
    MemoryLimits {
        text_bytes: config.limits.text_bytes,
        metadata_bytes: config.limits.metadata_bytes,
        query_bytes: config.limits.query_bytes,
        batch: config.limits.batch,
        inline_limit: config.embedder.inline_limit,
        dense_weight: config.index.dense_weight,
        query_timeout: Duration::from_millis(config.embedder.query_timeout_ms),
    }
}
