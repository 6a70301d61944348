//! Dense search by Qdrant. One collection holds all tenants (`tenant_id` is its tenant key, with a graph per tenant and
//! none over all); a tenant that has outgrown it lives in a collection of its own ([`Placement`]). A point has the id of
//! its memory, a named vector of the model, and what a search filters on; never a text. A long text has a vector for each of its
//! windows: they lie under a name of their own, as one multivector, of which Qdrant compares the nearest (`max_sim`).

mod collections;
mod fault;
mod wire;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use anyhow::Context;
use async_trait::async_trait;
use qdrant_client::{
    Qdrant, QdrantError,
    qdrant::{
        Condition, DeletePointsBuilder, Filter as QdrantFilter, GetPointsBuilder, PayloadIncludeSelector, PointId, PointStruct, Query,
        QueryPointsBuilder, ScrollPointsBuilder, SearchParamsBuilder, UpsertPointsBuilder, VectorInput,
    },
};
use tokio::{sync::Mutex, time::Instant};
use tonic::Code;
use tracing::Instrument;

use crate::{
    adapters::breaker::Breaker,
    error::Result,
    ids::MemoryId,
    memory::{DenseQuery, EmbeddingModel, Neighbours, Placement, Point, VectorIndex},
    telemetry::part,
    tenancy::TenantScope,
};
use collections::Named;
use fault::{Fault, away, code, failed, is_missing, reason};
use wire::{is_one, memory_id, of_filter, of_tenant, point_struct, without_vector_of};

/// Room in an answer that is to be whole for points whose memories are gone.
const LEAVING: usize = 1_000;
/// Unknown points of one answer that are looked at.
const SUSPECTS: usize = 10;
/// Points listed at a time; what the strict mode of a hosted server still lets through.
const PAGE: u32 = 1_000;

/// Where Qdrant is and how it is used.
#[derive(Debug, Clone)]
pub struct QdrantSettings {
    /// `http(s)://host:port` of the gRPC interface.
    pub url: String,
    pub api_key: Option<String>,
    /// The collection of all tenants.
    pub collection: String,
    pub search_timeout: Duration,
    pub write_timeout: Duration,
    /// Tenants of at most this many memories are scanned whole: every memory gets its cosine.
    pub exact_limit: usize,
    /// Best ones asked for where a tenant is larger.
    pub candidates: usize,
}

/// The index; one connection, multiplexed.
pub struct QdrantIndex {
    client: Qdrant,
    settings: QdrantSettings,
    /// A server whose disk is full still answers searches: each kind of call has a breaker of its own.
    reads: Breaker,
    writes: Breaker,
    /// Collections that were found to fit, with the names of the vectors that they have.
    checked: Mutex<HashMap<String, HashSet<String>>>,
}

impl QdrantIndex {
    /// Connects when first used.
    ///
    /// # Errors
    /// When the address is malformed.
    pub fn new(settings: QdrantSettings) -> anyhow::Result<Self> {
        // The library's own check prints to standard output, which belongs to the stdio transport.
        let client = Qdrant::from_url(&settings.url)
            .api_key(settings.api_key.clone())
            .timeout(settings.write_timeout)
            .connect_timeout(settings.search_timeout)
            .skip_compatibility_check()
            .build()
            .context("the Qdrant client cannot be built")?;
        Ok(Self {
            client,
            settings,
            reads: Breaker::of("Qdrant, for searches"),
            writes: Breaker::of("Qdrant, for writes"),
            checked: Mutex::default(),
        })
    }

    // The client's futures are large: nobody carries them within their own.
    fn read<T>(
        &self,
        limit: Duration,
        operation: impl Future<Output = Result<T, QdrantError>>,
    ) -> impl Future<Output = Result<T, QdrantError>> {
        call(&self.reads, limit, Box::pin(operation))
    }

    fn written<T>(&self, operation: impl Future<Output = Result<T, QdrantError>>) -> impl Future<Output = Result<T, QdrantError>> {
        call(&self.writes, self.settings.write_timeout, Box::pin(operation))
    }

    /// Writes, and makes the collection anew where it has vanished; answers whether it had.
    async fn write(&self, collection: &str, names: &[Named], points: &[PointStruct]) -> Result<bool> {
        self.ensure(collection, names).await?;
        let request = || UpsertPointsBuilder::new(collection, points.to_vec()).wait(true);
        match self.written(self.client.upsert_points(request())).await {
            Err(error) if is_missing(&error) => {
                self.checked.lock().await.remove(collection);
                self.ensure(collection, names).await?;
                tracing::error!(
                    collection,
                    "the collection was gone from Qdrant and has been made anew; every memory in it is indexed again"
                );
                self.written(self.client.upsert_points(request())).await.map_err(|error| failed(&error))?;
                Ok(true)
            }
            outcome => outcome.map(|_| false).map_err(|error| failed(&error)),
        }
    }

    async fn remove(&self, collection: &str, condition: QdrantFilter) -> Result<()> {
        let request = DeletePointsBuilder::new(collection).points(condition).wait(true);
        match self.written(self.client.delete_points(request)).await {
            // What is not there needs no deleting.
            Err(error) if is_missing(&error) => Ok(()),
            other => other.map(drop).map_err(|error| failed(&error)),
        }
    }

    /// The tenant's points that meet a filter; none where there is no such collection.
    async fn listed(&self, scope: &TenantScope, collection: &str, filter: QdrantFilter) -> Result<HashSet<MemoryId>> {
        let own = scope.tenant().to_string();
        let mut ids = HashSet::new();
        let mut next: Option<PointId> = None;
        loop {
            let mut request = ScrollPointsBuilder::new(collection).filter(filter.clone()).limit(PAGE).with_vectors(false);
            request = request.with_payload(PayloadIncludeSelector { fields: vec!["tenant_id".into()] });
            if let Some(next) = next {
                request = request.offset(next);
            }
            let page = match self.read(self.settings.write_timeout, self.client.scroll(request)).await {
                Err(error) if is_missing(&error) => return Ok(ids),
                page => page.map_err(|error| failed(&error))?,
            };
            // Whatever a server makes of a filter: another tenant's point is none of this one's.
            let of_own = page.result.iter().filter(|p| p.payload.get("tenant_id").and_then(|v| v.as_str()) == Some(&own));
            ids.extend(of_own.filter_map(|point| memory_id(point.id.as_ref())));
            next = page.next_page_offset;
            if next.is_none() {
                return Ok(ids);
            }
        }
    }

    /// Where the tenant is read.
    fn home<'a>(&'a self, placement: &'a Placement) -> &'a str {
        placement.home(&self.settings.collection)
    }
}

/// One call, under a breaker and a time limit.
async fn call<T>(breaker: &Breaker, limit: Duration, operation: impl Future<Output = Result<T, QdrantError>>) -> Result<T, QdrantError> {
    breaker.enter(Instant::now()).map_err(|wait| away(format!("not asked: the next try is in {} ms", wait.as_millis())))?;
    let start = Instant::now();
    let operation = operation.instrument(part!("qdrant", otel.kind = "client"));
    let outcome = match tokio::time::timeout(limit, operation).await {
        Ok(outcome) => outcome,
        Err(_) => Err(away(format!("no answer within {} ms", limit.as_millis()))),
    };
    let label = if outcome.is_ok() { "ok" } else { "failed" };
    metrics::histogram!("vector_index_request_duration_seconds", "outcome" => label).record(start.elapsed().as_secs_f64());
    match &outcome {
        Err(error) if Fault::of(error) != Fault::Request => breaker.failed(Instant::now(), None, &reason(error)),
        _ => breaker.succeeded(),
    }
    outcome
}

#[async_trait]
impl VectorIndex for QdrantIndex {
    async fn search(&self, scope: &TenantScope, query: &DenseQuery<'_>) -> Result<Neighbours> {
        let whole = query.memories <= self.settings.exact_limit;
        // A small tenant gets a cosine for every memory, and conditions are applied later, to what is newest. Points that are
        // about to be removed are among them, and must take nobody's place.
        let (filter, limit) = if whole {
            (of_tenant(scope), query.memories + query.memories.max(LEAVING))
        } else {
            (of_filter(scope, query.filter), self.settings.candidates)
        };
        let request = |nearest: Query, name: &str| {
            let request = QueryPointsBuilder::new(self.home(query.placement))
                .query(nearest)
                .using(name)
                .filter(filter.clone())
                .limit(limit as u64)
                .params(SearchParamsBuilder::default().exact(whole))
                .with_payload(false);
            self.read(self.settings.search_timeout, self.client.query(request))
        };
        let short = request(Query::new_nearest(query.vector.to_vec()), &query.model.id);
        let long = async {
            if !query.long {
                return Ok(Vec::new());
            }
            match request(Query::new_nearest(VectorInput::new_multi(vec![query.vector.to_vec()])), &Named::windows(query.model).name).await
            {
                // Nothing long has been written to this collection yet.
                Err(error) if code(&error) == Some(Code::InvalidArgument) => Ok(Vec::new()),
                answer => Ok(answer?.result),
            }
        };
        let (short, long) = futures::try_join!(async { Ok(short.await?.result) }, long).map_err(|error| failed(&error))?;
        let best_only = !whole || short.len().max(long.len()) >= limit;
        // A memory lies under one name or the other.
        let scores = short.iter().chain(&long).filter_map(|point| Some((memory_id(point.id.as_ref())?, point.score))).collect();
        Ok(Neighbours { scores, best_only })
    }

    async fn look_into(&self, scope: &TenantScope, placement: &Placement, unknown: &[MemoryId]) {
        let ids: Vec<PointId> = unknown.iter().take(SUSPECTS).map(|id| id.0.to_string().into()).collect();
        let request = GetPointsBuilder::new(self.home(placement), ids).with_payload(true);
        let Ok(points) = self.read(self.settings.search_timeout, self.client.get_points(request)).await else { return };
        let own = scope.tenant().to_string();
        let foreign = points.result.iter().filter(|p| p.payload.get("tenant_id").and_then(|v| v.as_str()) != Some(&own)).count();
        if foreign > 0 {
            metrics::counter!("isolation_blocked_total").increment(foreign as u64);
            tracing::error!(tenant = %own, foreign, "Qdrant answered points of another tenant; they were dropped");
        }
    }

    fn shared(&self) -> &str {
        &self.settings.collection
    }

    fn answers(&self) -> bool {
        self.reads.is_closed() && self.writes.is_closed()
    }

    async fn upsert(&self, scope: &TenantScope, placement: &Placement, points: Vec<Point>) -> Result<bool> {
        let name =
            |(model, vector): &(EmbeddingModel, Vec<f32>)| if is_one(model, vector) { Named::one(model) } else { Named::windows(model) };
        // Whoever searches by a model asks for its name: it is there from the first point on, though that be a long one.
        let models = points.iter().flat_map(|p| &p.vectors).map(|(model, _)| Named::one(model));
        let names: BTreeSet<_> = models.chain(points.iter().flat_map(|p| &p.vectors).map(name)).collect();
        let names: Vec<_> = names.into_iter().collect();
        let points: Vec<_> = points.into_iter().map(|p| point_struct(scope, p)).collect();
        let mut anew = false;
        for collection in placement.in_use(self.shared()) {
            anew |= self.write(collection, &names, &points).await?;
        }
        Ok(anew)
    }

    async fn delete(&self, scope: &TenantScope, collection: &str, ids: &[MemoryId]) -> Result<()> {
        let mut condition = of_tenant(scope);
        condition.must.push(Condition::has_id(ids.iter().map(|id| id.0.to_string())));
        self.remove(collection, condition).await
    }

    async fn clear(&self, scope: &TenantScope, collection: &str) -> Result<()> {
        self.remove(collection, of_tenant(scope)).await
    }

    async fn held(&self, scope: &TenantScope, collection: &str, model: &EmbeddingModel) -> Result<HashMap<MemoryId, bool>> {
        let all = self.listed(scope, collection, of_tenant(scope)).await?;
        if all.is_empty() {
            return Ok(HashMap::new());
        }
        let without = self.listed(scope, collection, without_vector_of(scope, model)).await?;
        Ok(all.into_iter().map(|id| (id, !without.contains(&id))).collect())
    }
}
