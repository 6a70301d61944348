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
        Inference, Memories, MemoryLimits, Reach, Reader, Recall, Reviews, Revisions, Sayings, Served, Settings, TenantSettings,
        VectorIndex, Wake, WorkingSets, Writer, learning::Learning,
    },
    tenancy::{Nudges, TenancyService},
    transfer::Transfer,
};

/// What the services are made of beside the database.
pub(super) struct Base {
    pub(super) db: Db,
    pub(super) sayings: Sayings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tenancy: TenancyService,
    pub(super) nudges: Nudges,
    pub(super) embedders: Embedders,
    pub(super) index: Option<Arc<dyn VectorIndex>>,
}

/// The services, and what background work needs of their parts.
pub(super) struct Built {
    pub(super) memories: Memories,
    pub(super) transfer: Transfer,
    pub(super) index_job: IndexJob,
    pub(super) access: AccessRecorder,
    pub(super) gate_counts: GateCounts,
    pub(super) sets: WorkingSets,
}

pub(super) fn build(base: Base, config: &Config) -> anyhow::Result<Built> {
    let Base { db, sayings, clock, tenancy, nudges, embedders, index } = base;
    let limits = limits(config);
    let indexing = Indexing { model: embedders.current().model().clone(), external: index.is_some(), moving: embedders.is_moving() };
    let store = SqlMemoryStore::new(&db, sayings, indexing.clone());
    let places = SqlPlaceStore::shared(&db);
    let (indexing, wake, watch, served) = (Arc::new(indexing), Arc::<Wake>::default(), IndexWatch::default(), Served::default());
    let (access, gate_counts) = (AccessRecorder::new(store.clone()), GateCounts::new(store.clone()));
    let sets = WorkingSets::new(store.clone(), embedders.models(), index.is_none(), config.index.cache_mib * 1024 * 1024);
    let reach = Reach::new(store.clone(), tenancy.clone());
    let defaults = TenantSettings { gate: GateSettings { junk: config.gate.junk, ..GateSettings::default() }, ..TenantSettings::default() };
    let settings = Settings::new(store.clone(), reach.clone(), clock.clone(), defaults);
    let embeddings = Embeddings::new(embedders.clone(), store.clone(), config.embedder.inline_limit);
    let gate = Gate::new(GateParts {
        settings: settings.clone(),
        changes: store.clone(),
        sets: sets.clone(),
        served: served.clone(),
        embeddings: embeddings.clone(),
        forgotten: store.clone(),
        counts: gate_counts.clone(),
        clock: clock.clone(),
    });
    let writer = Writer {
        reach: reach.clone(),
        store: store.clone(),
        gate: gate.clone(),
        embeddings: embeddings.clone(),
        settings: settings.clone(),
        limits: limits.clone(),
        indexing: indexing.clone(),
        wake: wake.clone(),
        nudges: nudges.clone(),
    };
    let recall = Recall {
        reach: reach.clone(),
        changes: store.clone(),
        sets: sets.clone(),
        embedders: embedders.clone(),
        index: index.clone(),
        watch: watch.clone(),
        settings: settings.clone(),
        access: access.clone(),
        served: served.clone(),
        clock: clock.clone(),
        limits: limits.clone(),
    };
    let revisions = Revisions {
        reach: reach.clone(),
        store: store.clone(),
        embeddings: embeddings.clone(),
        access: access.clone(),
        wake: wake.clone(),
        clock: clock.clone(),
    };
    let transfer = Transfer {
        reach: reach.clone(),
        lists: store.clone(),
        writer: writer.clone(),
        gate: gate.clone(),
        settings: settings.clone(),
        tenancy: tenancy.clone(),
        limits: limits.clone(),
        clock: clock.clone(),
    };
    let memories = Memories {
        contexts: Contexts::new(recall.clone()),
        reader: Reader {
            reach: reach.clone(),
            lists: store.clone(),
            reads: store.clone(),
            access: access.clone(),
            served: served.clone(),
            tenancy: tenancy.clone(),
            clock: clock.clone(),
        },
        reviews: Reviews {
            reach: reach.clone(),
            store: store.clone(),
            changes: store.clone(),
            lifecycle: store.clone(),
            writer: writer.clone(),
            revisions: revisions.clone(),
            indexing: indexing.clone(),
            nudges,
        },
        erasure: Erasure {
            reach: reach.clone(),
            store: store.clone(),
            writer: writer.clone(),
            tenancy: tenancy.clone(),
            forgotten: store.clone(),
            operations: store.clone(),
            vectors: store.clone(),
            index: index.clone(),
            places: places.clone(),
            watch: watch.clone(),
            embedders: embedders.clone(),
            sets: sets.clone(),
            access: access.clone(),
            served,
            gate_counts: gate_counts.clone(),
            settings: settings.clone(),
            wake: wake.clone(),
            clock: clock.clone(),
        },
        inference: Inference {
            mode: models::inference(config)?,
            reach: reach.clone(),
            operations: store.clone(),
            writer: writer.clone(),
            gate: gate.clone(),
            recall: recall.clone(),
            embeddings: embeddings.clone(),
            settings: settings.clone(),
            limits: limits.clone(),
            wake: wake.clone(),
            clock: clock.clone(),
        },
        learning: Learning {
            reach: reach.clone(),
            store: store.clone(),
            changes: store.clone(),
            writer: writer.clone(),
            recall: recall.clone(),
            settings: settings.clone(),
            access: access.clone(),
            tenancy,
            indexing,
            limits,
            clock,
        },
        reach,
        writer,
        recall,
        revisions,
        settings,
        gate,
        embeddings,
    };
    let index_job = IndexJob { store: store.clone(), changes: store, embedders, index, places, watch, noted: Arc::default(), wake };
    Ok(Built { memories, transfer, index_job, access, gate_counts, sets })
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
