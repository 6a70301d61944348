//! Dense search by Qdrant. One collection holds all tenants (`tenant_id` is its tenant key, with a graph per tenant and
//! none over all); a tenant that has outgrown it lives in a collection of its own ([`Placement`]). A point has the id of
//! its memory, a named vector of the model, and what a search filters on; never a text.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use anyhow::Context;
use async_trait::async_trait;
use qdrant_client::{
    Payload, Qdrant, QdrantError,
    qdrant::{
        CollectionInfo, Condition, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, CreateVectorNameRequestBuilder,
        DeletePointsBuilder, DenseVectorCreationConfigBuilder, Distance, FieldType, Filter as QdrantFilter, GetPointsBuilder,
        HnswConfigDiffBuilder, IntegerIndexParamsBuilder, KeywordIndexParamsBuilder, NamedVectors, PointId, PointStruct,
        QueryPointsBuilder, Range, ScoredPoint, SearchParamsBuilder, UpsertPointsBuilder, VectorParams, VectorParamsBuilder,
        VectorsConfigBuilder, point_id::PointIdOptions, vectors_config,
    },
};
use tokio::{sync::Mutex, time::Instant};
use tonic::{Code, Status};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    adapters::breaker::Breaker,
    error::{Error, Result},
    ids::MemoryId,
    memory::{DenseQuery, EmbeddingModel, Filter, Memory, Neighbours, Placement, Point, State, VectorIndex},
    telemetry::part,
    tenancy::TenantScope,
};

/// Links of each point in its tenant's graph.
const PAYLOAD_M: u64 = 16;
/// Room in an answer that is to be whole for points whose memories are gone.
const LEAVING: usize = 1_000;
/// Unknown points of one answer that are looked at.
const SUSPECTS: usize = 10;
/// What searches filter on besides the tenant.
const KEYWORDS: [&str; 6] = ["project_id", "app_id", "memory_type", "tags", "state", "session_id"];

/// Where Qdrant is and how it is used.
#[derive(Debug, Clone)]
pub struct QdrantSettings {
    /// `http(s)://host:port` of the gRPC interface.
    pub url: String,
    /// The service's own key.
    pub api_key: Option<String>,
    /// The collection of all tenants.
    pub collection: String,
    /// Longest search.
    pub search_timeout: Duration,
    /// Longest write.
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
    breaker: Breaker,
    /// Collections that were found to fit, with the models that they fit.
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
        Ok(Self { client, settings, breaker: Breaker::default(), checked: Mutex::default() })
    }

    /// Makes or checks the shared collection, so that a wrong one is found at start. A server that does not answer is
    /// no error: searches go on by words until it does.
    ///
    /// # Errors
    /// When the collection does not fit a model.
    pub async fn prepare(&self, models: &[EmbeddingModel]) -> anyhow::Result<()> {
        match self.ensure(&self.settings.collection, models).await {
            Ok(()) => Ok(()),
            Err(Unfit::Away(error)) => {
                tracing::warn!(%error, "Qdrant does not answer yet; searching by words until it does");
                Ok(())
            }
            Err(Unfit::Wrong(error)) => Err(error),
        }
    }

    async fn ensure(&self, collection: &str, models: &[EmbeddingModel]) -> Result<(), Unfit> {
        let mut checked = self.checked.lock().await;
        let known = checked.entry(collection.to_owned()).or_default();
        if !models.is_empty() && models.iter().all(|model| known.contains(&model.id)) {
            return Ok(());
        }
        if self.client.collection_exists(collection).await? {
            for model in models {
                self.check(collection, model).await?;
            }
        } else {
            self.create(collection, models).await?;
        }
        self.index_payload(collection).await?;
        known.extend(models.iter().map(|model| model.id.clone()));
        Ok(())
    }

    async fn create(&self, collection: &str, models: &[EmbeddingModel]) -> Result<(), Unfit> {
        let mut vectors = VectorsConfigBuilder::default();
        for model in models {
            vectors.add_named_vector_params(&model.id, VectorParamsBuilder::new(model.dimension as u64, Distance::Cosine));
        }
        let request = CreateCollectionBuilder::new(collection)
            .vectors_config(vectors)
            // No graph over all tenants: nobody searches them together.
            .hnsw_config(HnswConfigDiffBuilder::default().m(0).payload_m(PAYLOAD_M))
            .on_disk_payload(true);
        match self.client.create_collection(request).await {
            // Another node was faster.
            Err(QdrantError::ResponseError { status }) if status.code() == Code::AlreadyExists => {
                for model in models {
                    self.check(collection, model).await?;
                }
                Ok(())
            }
            other => Ok(other.map(drop)?),
        }
    }

    async fn check(&self, collection: &str, model: &EmbeddingModel) -> Result<(), Unfit> {
        let info = self.client.collection_info(collection).await?.result.unwrap_or_default();
        if let Some(params) = named_vector(info, &model.id) {
            let cosine = params.distance == i32::from(Distance::Cosine);
            let fits = params.size == model.dimension as u64 && cosine;
            let found = format!("{} dimensions and {} distance", params.size, if cosine { "cosine" } else { "another" });
            return if fits {
                Ok(())
            } else {
                Err(Unfit::Wrong(anyhow::anyhow!(
                    "the Qdrant collection '{collection}' holds vectors '{}' of {found}; this server makes {} dimensions for cosine distance. \
                     Set embedder.dimensions to what is there, or name another collection (MAIN_QDRANT_COLLECTION_NAME) and run 'jmem reindex'",
                    model.id,
                    model.dimension
                )))
            };
        }
        let config = DenseVectorCreationConfigBuilder::new(model.dimension as u64, Distance::Cosine);
        let request = CreateVectorNameRequestBuilder::new(collection, &model.id, config).wait(true);
        self.client.create_vector_name(request).await.map(drop).map_err(|error| match Unfit::from(error) {
            away @ Unfit::Away(_) => away,
            Unfit::Wrong(error) => Unfit::Wrong(error.context(format!(
                "the Qdrant collection '{collection}' has no vectors named '{}', and this Qdrant cannot add them. \
                 Name another collection (MAIN_QDRANT_COLLECTION_NAME) and run 'jmem reindex'",
                model.id
            ))),
        })
    }

    async fn index_payload(&self, collection: &str) -> Result<(), Unfit> {
        let field = |name, kind| CreateFieldIndexCollectionBuilder::new(collection, name, kind).wait(true);
        let tenant = KeywordIndexParamsBuilder::default().is_tenant(true);
        self.client.create_field_index(field("tenant_id", FieldType::Keyword).field_index_params(tenant)).await?;
        for name in KEYWORDS {
            self.client.create_field_index(field(name, FieldType::Keyword)).await?;
        }
        let when = IntegerIndexParamsBuilder::new(false, true);
        self.client.create_field_index(field("when", FieldType::Integer).field_index_params(when)).await?;
        Ok(())
    }

    /// One call, under the breaker and its time limit.
    async fn call<T>(&self, limit: Duration, operation: impl Future<Output = Result<T, QdrantError>>) -> Result<T, QdrantError> {
        let away = |why: String| QdrantError::ResponseError { status: Status::unavailable(why) };
        self.breaker.enter(Instant::now()).map_err(|wait| away(format!("not asked: the next try is in {} ms", wait.as_millis())))?;
        let start = Instant::now();
        let operation = Box::pin(operation).instrument(part!("qdrant", otel.kind = "client"));
        let outcome = match tokio::time::timeout(limit, operation).await {
            Ok(outcome) => outcome,
            Err(_) => Err(away(format!("no answer within {} ms", limit.as_millis()))),
        };
        let label = if outcome.is_ok() { "ok" } else { "failed" };
        metrics::histogram!("vector_index_request_duration_seconds", "outcome" => label).record(start.elapsed().as_secs_f64());
        match &outcome {
            Err(error) if is_away(error) => self.breaker.failed(Instant::now(), None),
            _ => self.breaker.succeeded(),
        }
        outcome
    }

    /// Writes, and makes the collection anew where it has vanished: `jmem reindex` then fills it.
    async fn write(&self, collection: &str, models: &[EmbeddingModel], points: &[PointStruct]) -> Result<()> {
        self.ensure(collection, models).await?;
        let request = || UpsertPointsBuilder::new(collection, points.to_vec()).wait(true);
        let outcome = self.call(self.settings.write_timeout, self.client.upsert_points(request())).await;
        if outcome.as_ref().is_err_and(|error| code(error) == Some(Code::NotFound)) {
            self.checked.lock().await.remove(collection);
            self.ensure(collection, models).await?;
            self.call(self.settings.write_timeout, self.client.upsert_points(request())).await.map_err(failed)?;
            return Ok(());
        }
        outcome.map(drop).map_err(failed)
    }

    async fn remove(&self, placement: &Placement, condition: QdrantFilter) -> Result<()> {
        for collection in self.collections(placement) {
            let request = DeletePointsBuilder::new(collection).points(condition.clone()).wait(true);
            match self.call(self.settings.write_timeout, self.client.delete_points(request)).await {
                // What is not there needs no deleting.
                Err(error) if code(&error) == Some(Code::NotFound) => {}
                other => drop(other.map_err(failed)?),
            }
        }
        Ok(())
    }

    /// Where the tenant is written: both places while it moves.
    fn collections<'a>(&'a self, placement: &'a Placement) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.home(placement)).chain(placement.moving_to.as_deref())
    }

    /// Where the tenant is read.
    fn home<'a>(&'a self, placement: &'a Placement) -> &'a str {
        placement.collection.as_deref().unwrap_or(&self.settings.collection)
    }
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
        let request = QueryPointsBuilder::new(self.home(query.placement))
            .query(query.vector.to_vec())
            .using(&query.model.id)
            .filter(filter)
            .limit(limit as u64)
            .params(SearchParamsBuilder::default().exact(whole))
            .with_payload(false);
        let answer = self.call(self.settings.search_timeout, self.client.query(request)).await.map_err(failed)?;
        let best_only = !whole || answer.result.len() >= limit;
        let scores = answer.result.iter().filter_map(|point| Some((memory_id(point)?, point.score))).collect();
        Ok(Neighbours { scores, best_only })
    }

    async fn look_into(&self, scope: &TenantScope, placement: &Placement, unknown: &[MemoryId]) {
        let ids: Vec<PointId> = unknown.iter().take(SUSPECTS).map(|id| id.0.to_string().into()).collect();
        let request = GetPointsBuilder::new(self.home(placement), ids).with_payload(true);
        let Ok(points) = self.call(self.settings.search_timeout, self.client.get_points(request)).await else { return };
        let own = scope.tenant().to_string();
        let foreign = points.result.iter().filter(|p| p.payload.get("tenant_id").and_then(|v| v.as_str()) != Some(&own)).count();
        if foreign > 0 {
            metrics::counter!("isolation_blocked_total").increment(foreign as u64);
            tracing::error!(tenant = %own, foreign, "Qdrant answered points of another tenant; they were dropped");
        }
    }

    async fn upsert(&self, scope: &TenantScope, placement: &Placement, points: Vec<Point>) -> Result<()> {
        let models: BTreeMap<_, _> = points.iter().flat_map(|p| &p.vectors).map(|(model, _)| (&model.id, model)).collect();
        let models: Vec<_> = models.into_values().cloned().collect();
        let points: Vec<_> = points.into_iter().map(|p| point_struct(scope, p)).collect();
        for collection in self.collections(placement) {
            self.write(collection, &models, &points).await?;
        }
        Ok(())
    }

    async fn delete(&self, scope: &TenantScope, placement: &Placement, ids: &[MemoryId]) -> Result<()> {
        let mut condition = of_tenant(scope);
        condition.must.push(Condition::has_id(ids.iter().map(|id| id.0.to_string())));
        self.remove(placement, condition).await
    }

    async fn delete_tenant(&self, scope: &TenantScope, placement: &Placement) -> Result<()> {
        self.remove(placement, of_tenant(scope)).await
    }
}

fn of_tenant(scope: &TenantScope) -> QdrantFilter {
    QdrantFilter::must([Condition::matches("tenant_id", scope.tenant().to_string())])
}

/// The conditions of a search, so that a large tenant's candidates are all of use.
fn of_filter(scope: &TenantScope, filter: &Filter) -> QdrantFilter {
    let mut all = of_tenant(scope);
    let words = |all: &mut QdrantFilter, field: &str, words: Vec<String>| {
        if !words.is_empty() {
            all.must.push(Condition::matches(field, words));
        }
    };
    words(&mut all, "project_id", filter.project.iter().map(ToString::to_string).collect());
    words(&mut all, "app_id", filter.apps.iter().map(ToString::to_string).collect());
    words(&mut all, "memory_type", filter.types.iter().map(ToString::to_string).collect());
    words(&mut all, "tags", filter.tags.clone());
    words(&mut all, "session_id", filter.session_id.iter().cloned().collect());
    let states = if filter.states.is_empty() { &[State::Active][..] } else { &filter.states };
    words(&mut all, "state", states.iter().map(ToString::to_string).collect());
    if filter.from.is_some() || filter.to.is_some() {
        #[expect(clippy::cast_precision_loss, reason = "microseconds of this age fit in 53 bits")]
        let micros = |at: crate::clock::Timestamp| at.0 as f64;
        // The day of a date is the reader's: a little more is asked for, and what does not belong is left out by who asked.
        let wide = std::time::Duration::from_micros(filter.ahead.unsigned_abs());
        let (from, to) = (filter.from.map(|at| at.minus(wide)), filter.to.map(|at| at.plus(wide)));
        let range = Range { gte: from.map(micros), lte: to.map(micros), ..Range::default() };
        all.must.push(Condition::range("when", range));
    }
    all
}

fn point_struct(scope: &TenantScope, Point { memory, vectors }: Point) -> PointStruct {
    let id = memory.id.0.to_string();
    let named = |all: NamedVectors, (model, vector): (EmbeddingModel, Vec<f32>)| all.add_vector(model.id, vector);
    PointStruct::new(id, vectors.into_iter().fold(NamedVectors::default(), named), payload(scope, memory))
}

fn payload(scope: &TenantScope, memory: Memory) -> Payload {
    let mut payload = Payload::new();
    payload.insert("tenant_id", scope.tenant().to_string());
    payload.insert("project_id", memory.project.to_string());
    payload.insert("app_id", memory.app.to_string());
    payload.insert("memory_type", memory.memory_type.as_str());
    payload.insert("state", memory.state.as_str());
    payload.insert("tags", memory.tags);
    if let Some(session) = memory.session_id {
        payload.insert("session_id", session);
    }
    payload.insert("when", memory.occurred_at.unwrap_or(memory.created_at).0);
    payload
}

fn memory_id(point: &ScoredPoint) -> Option<MemoryId> {
    match point.id.as_ref()?.point_id_options.as_ref()? {
        PointIdOptions::Uuid(text) => Uuid::parse_str(text).ok().map(MemoryId),
        PointIdOptions::Num(_) => None,
    }
}

fn named_vector(info: CollectionInfo, name: &str) -> Option<VectorParams> {
    match info.config?.params?.vectors_config?.config? {
        vectors_config::Config::ParamsMap(mut named) => named.map.remove(name),
        vectors_config::Config::Params(_) => None,
    }
}

/// Why a collection cannot be used.
enum Unfit {
    /// The server does not answer.
    Away(Error),
    /// Somebody has to do something.
    Wrong(anyhow::Error),
}

impl From<QdrantError> for Unfit {
    fn from(error: QdrantError) -> Self {
        if is_away(&error) { Self::Away(failed(error)) } else { Self::Wrong(anyhow::Error::new(error).context("Qdrant refuses")) }
    }
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Away(error) => error,
            Unfit::Wrong(error) => Self::internal(error),
        }
    }
}

fn code(error: &QdrantError) -> Option<Code> {
    match error {
        QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => Some(status.code()),
        _ => None,
    }
}

/// Whether waiting may help. A server that cannot be reached is reported as `Internal`.
fn is_away(error: &QdrantError) -> bool {
    match code(error) {
        Some(Code::InvalidArgument | Code::NotFound | Code::AlreadyExists | Code::FailedPrecondition | Code::Unimplemented) | None => false,
        Some(_) => true,
    }
}

fn failed(error: QdrantError) -> Error {
    if is_away(&error) {
        return Error::unavailable("The vector index does not answer now. Try again in a moment.", 1).with_source(error);
    }
    Error::internal(error)
}
