//! A Qdrant server over an exact in-memory index, on the traits that qdrant-client generates: what the adapter sends goes
//! through the real client and over a real connection. It can be told to misbehave.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use qdrant_client::qdrant::{
    self as q, CollectionOperationResponse, CountResponse, GetCollectionInfoResponse, GetResponse, PointsOperationResponse, QueryResponse,
    collections_server::{Collections, CollectionsServer},
    condition::ConditionOneOf,
    r#match::MatchValue,
    point_id::PointIdOptions,
    points_selector::PointsSelectorOneOf,
    points_server::{Points, PointsServer},
    query,
    value::Kind,
    vector, vector_input, vectors, vectors_config,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};

/// What the server does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answers `UNAVAILABLE`.
    Down,
    /// Answers after this time.
    Slow(Duration),
    /// Does a write and then says that it failed.
    ErrorAfterApplying,
    /// Searches and deletes in all tenants.
    NoTenantFilter,
    /// Says that it deleted, and did not.
    KeepsDeleted,
}

#[derive(Default)]
struct Collection {
    vectors: HashMap<String, q::VectorParams>,
    hnsw: q::HnswConfigDiff,
    /// Payload indexes, and whether each is the tenant's key.
    indexes: BTreeMap<String, bool>,
    points: BTreeMap<String, Stored>,
}

#[derive(Clone)]
struct Stored {
    payload: HashMap<String, q::Value>,
    vectors: HashMap<String, Vec<f32>>,
}

#[derive(Default)]
struct Inner {
    collections: BTreeMap<String, Collection>,
    fault: Option<Fault>,
    keys: Vec<String>,
}

/// The server; it lives as long as the runtime.
#[derive(Clone, Default)]
pub struct QdrantDouble {
    /// What `QDRANT_URL` is to be.
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

impl QdrantDouble {
    /// On a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let double = Self { url, inner: Arc::default() };
        let services = Server::builder()
            .add_service(PointsServer::new(double.clone()))
            .add_service(CollectionsServer::new(double.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(services);
        double
    }

    pub fn fault(&self, fault: Option<Fault>) {
        self.inner.lock().fault = fault;
    }

    /// A collection with one named vector, as somebody else may have made it.
    pub fn make(&self, collection: &str, vector: &str, size: u64, distance: q::Distance) {
        let params = q::VectorParams { size, distance: distance.into(), ..q::VectorParams::default() };
        let made = Collection { vectors: HashMap::from([(vector.to_owned(), params)]), ..Collection::default() };
        self.inner.lock().collections.insert(collection.to_owned(), made);
    }

    /// Drops a collection behind everybody's back.
    pub fn drop_collection(&self, collection: &str) {
        self.inner.lock().collections.remove(collection);
    }

    /// Ids in a collection; empty for one that is not there.
    pub fn ids(&self, collection: &str) -> Vec<String> {
        self.inner.lock().collections.get(collection).map(|c| c.points.keys().cloned().collect()).unwrap_or_default()
    }

    /// Every API key that arrived.
    pub fn keys(&self) -> Vec<String> {
        self.inner.lock().keys.clone()
    }

    /// (`payload_m`, `m`, the tenant's key) of a collection.
    pub fn shape(&self, collection: &str) -> (Option<u64>, Option<u64>, Vec<String>) {
        let inner = self.inner.lock();
        let collection = &inner.collections[collection];
        let tenant = collection.indexes.iter().filter(|(_, tenant)| **tenant).map(|(name, _)| name.clone()).collect();
        (collection.hnsw.payload_m, collection.hnsw.m, tenant)
    }

    /// Lets a fault act; answers whether a write is to fail after it is done.
    async fn enter<T>(&self, request: &Request<T>) -> Result<bool, Status> {
        let fault = {
            let mut inner = self.inner.lock();
            inner.keys.extend(request.metadata().get("api-key").and_then(|v| v.to_str().ok()).map(str::to_owned));
            inner.fault
        };
        match fault {
            Some(Fault::Down) => Err(Status::unavailable("down")),
            Some(Fault::Slow(time)) => {
                tokio::time::sleep(time).await;
                Ok(false)
            }
            Some(Fault::ErrorAfterApplying) => Ok(true),
            Some(Fault::NoTenantFilter | Fault::KeepsDeleted) | None => Ok(false),
        }
    }

    fn with<T>(&self, collection: &str, work: impl FnOnce(&mut Collection, Option<Fault>) -> Result<T, Status>) -> Result<T, Status> {
        let mut inner = self.inner.lock();
        let fault = inner.fault;
        let found = inner.collections.get_mut(collection);
        work(found.ok_or_else(|| Status::not_found(format!("Collection `{collection}` doesn't exist!")))?, fault)
    }
}

fn done(fails: bool) -> Result<Response<PointsOperationResponse>, Status> {
    if fails { Err(Status::internal("it broke after the work was done")) } else { Ok(Response::new(PointsOperationResponse::default())) }
}

fn id(id: Option<&q::PointId>) -> Result<String, Status> {
    match id.and_then(|id| id.point_id_options.as_ref()) {
        Some(PointIdOptions::Uuid(uuid)) => Ok(uuid.clone()),
        _ => Err(Status::invalid_argument("points have UUIDs here")),
    }
}

fn point_id(uuid: &str) -> q::PointId {
    q::PointId { point_id_options: Some(PointIdOptions::Uuid(uuid.to_owned())) }
}

/// Whether a point meets a filter. A condition that the adapter does not use is an error, not a match.
fn admits(filter: &q::Filter, uuid: &str, point: &Stored, fault: Option<Fault>) -> Result<bool, Status> {
    if !filter.should.is_empty() || !filter.must_not.is_empty() {
        return Err(Status::unimplemented("only `must` is known here"));
    }
    for condition in &filter.must {
        let holds = match condition.condition_one_of.as_ref() {
            Some(ConditionOneOf::Field(field)) if field.key == "tenant_id" && fault == Some(Fault::NoTenantFilter) => true,
            Some(ConditionOneOf::Field(field)) => field_holds(field, point)?,
            Some(ConditionOneOf::HasId(ids)) => {
                ids.has_id.iter().map(|i| id(Some(i))).collect::<Result<Vec<_>, _>>()?.iter().any(|i| i == uuid)
            }
            _ => return Err(Status::unimplemented("this condition is not known here")),
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

fn field_holds(field: &q::FieldCondition, point: &Stored) -> Result<bool, Status> {
    let kinds: Vec<&Kind> = match point.payload.get(&field.key).and_then(|v| v.kind.as_ref()) {
        None => return Ok(false),
        Some(Kind::ListValue(list)) => list.values.iter().filter_map(|v| v.kind.as_ref()).collect(),
        Some(one) => vec![one],
    };
    let word = |wanted: &String| kinds.iter().any(|kind| matches!(kind, Kind::StringValue(have) if have == wanted));
    if let Some(range) = &field.range {
        #[expect(clippy::cast_precision_loss, reason = "as the server does")]
        let number = |kind: &&Kind| if let Kind::IntegerValue(n) = kind { Some(*n as f64) } else { None };
        return Ok(kinds.iter().filter_map(number).any(|n| range.gte.is_none_or(|gte| n >= gte) && range.lte.is_none_or(|lte| n <= lte)));
    }
    match field.r#match.as_ref().and_then(|m| m.match_value.as_ref()) {
        Some(MatchValue::Keyword(one)) => Ok(word(one)),
        Some(MatchValue::Keywords(any)) => Ok(any.strings.iter().any(word)),
        _ => Err(Status::unimplemented("this match is not known here")),
    }
}

fn dense(vector: &q::Vector) -> Option<Vec<f32>> {
    match vector.vector.as_ref()? {
        vector::Vector::Dense(dense) => Some(dense.data.clone()),
        _ => None,
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f32::MIN_POSITIVE)
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

/// Methods that the adapter does not call, written as `async_trait` would: it does not look into macros.
macro_rules! unknown {
    ($($method:ident($request:ident) -> $response:ident),+ $(,)?) => {
        $(fn $method<'life0, 'async_trait>(&'life0 self, _: Request<q::$request>) -> Answer<'async_trait, q::$response>
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async { Err(Status::unimplemented(stringify!($method))) })
        })+
    };
}

#[tonic::async_trait]
impl Points for QdrantDouble {
    async fn upsert(&self, request: Request<q::UpsertPoints>) -> Result<Response<PointsOperationResponse>, Status> {
        let fails = self.enter(&request).await?;
        let request = request.into_inner();
        if request.wait != Some(true) {
            return Err(Status::invalid_argument("a write that is not waited for"));
        }
        self.with(&request.collection_name, |collection, _| {
            for point in &request.points {
                let Some(vectors::VectorsOptions::Vectors(named)) = point.vectors.as_ref().and_then(|v| v.vectors_options.as_ref()) else {
                    return Err(Status::invalid_argument("vectors have names here"));
                };
                let mut vectors = HashMap::new();
                for (name, vector) in &named.vectors {
                    let params = collection
                        .vectors
                        .get(name)
                        .ok_or_else(|| Status::invalid_argument(format!("Not existing vector name error: {name}")))?;
                    let values = dense(vector).ok_or_else(|| Status::invalid_argument("not dense"))?;
                    if values.len() as u64 != params.size {
                        return Err(Status::invalid_argument(format!(
                            "Vector dimension error: expected dim: {}, got {}",
                            params.size,
                            values.len()
                        )));
                    }
                    vectors.insert(name.clone(), values);
                }
                collection.points.insert(id(point.id.as_ref())?, Stored { payload: point.payload.clone(), vectors });
            }
            Ok(())
        })?;
        done(fails)
    }

    async fn delete(&self, request: Request<q::DeletePoints>) -> Result<Response<PointsOperationResponse>, Status> {
        let fails = self.enter(&request).await?;
        let request = request.into_inner();
        let Some(PointsSelectorOneOf::Filter(filter)) = request.points.and_then(|p| p.points_selector_one_of) else {
            return Err(Status::invalid_argument("points are deleted by filter here: nothing else names the tenant"));
        };
        self.with(&request.collection_name, |collection, fault| {
            let mut gone = Vec::new();
            for (uuid, point) in &collection.points {
                if fault != Some(Fault::KeepsDeleted) && admits(&filter, uuid, point, fault)? {
                    gone.push(uuid.clone());
                }
            }
            for uuid in gone {
                collection.points.remove(&uuid);
            }
            Ok(())
        })?;
        done(fails)
    }

    async fn get(&self, request: Request<q::GetPoints>) -> Result<Response<GetResponse>, Status> {
        self.enter(&request).await?;
        let request = request.into_inner();
        let ids = request.ids.iter().map(|i| id(Some(i))).collect::<Result<Vec<_>, _>>()?;
        let result = self.with(&request.collection_name, |collection, _| {
            let point = |uuid: &String| {
                let payload = collection.points.get(uuid)?.payload.clone();
                Some(q::RetrievedPoint { id: Some(point_id(uuid)), payload, ..q::RetrievedPoint::default() })
            };
            Ok(ids.iter().filter_map(point).collect())
        })?;
        Ok(Response::new(GetResponse { result, ..GetResponse::default() }))
    }

    async fn query(&self, request: Request<q::QueryPoints>) -> Result<Response<QueryResponse>, Status> {
        self.enter(&request).await?;
        let request = request.into_inner();
        let Some(query::Variant::Nearest(input)) = request.query.and_then(|q| q.variant) else {
            return Err(Status::unimplemented("only nearest"));
        };
        let Some(vector_input::Variant::Dense(wanted)) = input.variant else { return Err(Status::unimplemented("only dense")) };
        let filter = request.filter.ok_or_else(|| Status::invalid_argument("a search without a filter sees all tenants"))?;
        let name = request.using.unwrap_or_default();
        let result = self.with(&request.collection_name, |collection, fault| {
            let mut scored = Vec::new();
            for (uuid, point) in &collection.points {
                let Some(values) = point.vectors.get(&name) else { continue };
                if admits(&filter, uuid, point, fault)? {
                    scored.push(q::ScoredPoint {
                        id: Some(point_id(uuid)),
                        score: cosine(values, &wanted.data),
                        ..q::ScoredPoint::default()
                    });
                }
            }
            scored.sort_by(|a, b| b.score.total_cmp(&a.score));
            scored.truncate(usize::try_from(request.limit.unwrap_or(10)).unwrap_or(usize::MAX));
            Ok(scored)
        })?;
        Ok(Response::new(QueryResponse { result, ..QueryResponse::default() }))
    }

    async fn count(&self, request: Request<q::CountPoints>) -> Result<Response<CountResponse>, Status> {
        self.enter(&request).await?;
        let count = self.ids(&request.get_ref().collection_name).len() as u64;
        Ok(Response::new(CountResponse { result: Some(q::CountResult { count }), ..CountResponse::default() }))
    }

    async fn create_field_index(
        &self,
        request: Request<q::CreateFieldIndexCollection>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        self.enter(&request).await?;
        let request = request.into_inner();
        let params = request.field_index_params.and_then(|p| p.index_params);
        let tenant = matches!(params, Some(q::payload_index_params::IndexParams::KeywordIndexParams(k)) if k.is_tenant == Some(true));
        self.with(&request.collection_name, |collection, _| {
            collection.indexes.insert(request.field_name, tenant);
            Ok(())
        })?;
        done(false)
    }

    async fn create_vector_name(&self, request: Request<q::CreateVectorNameRequest>) -> Result<Response<PointsOperationResponse>, Status> {
        self.enter(&request).await?;
        let request = request.into_inner();
        let Some(q::create_vector_name_request::VectorConfig::DenseConfig(config)) = request.vector_config else {
            return Err(Status::unimplemented("only dense"));
        };
        self.with(&request.collection_name, |collection, _| {
            let params = q::VectorParams { size: config.size, distance: config.distance, ..q::VectorParams::default() };
            collection.vectors.insert(request.vector_name, params);
            Ok(())
        })?;
        done(false)
    }

    unknown! {
        update_vectors(UpdatePointVectors) -> PointsOperationResponse,
        delete_vectors(DeletePointVectors) -> PointsOperationResponse,
        set_payload(SetPayloadPoints) -> PointsOperationResponse,
        overwrite_payload(SetPayloadPoints) -> PointsOperationResponse,
        delete_payload(DeletePayloadPoints) -> PointsOperationResponse,
        clear_payload(ClearPayloadPoints) -> PointsOperationResponse,
        delete_field_index(DeleteFieldIndexCollection) -> PointsOperationResponse,
        delete_vector_name(DeleteVectorNameRequest) -> PointsOperationResponse,
        search(SearchPoints) -> SearchResponse,
        search_batch(SearchBatchPoints) -> SearchBatchResponse,
        search_groups(SearchPointGroups) -> SearchGroupsResponse,
        scroll(ScrollPoints) -> ScrollResponse,
        recommend(RecommendPoints) -> RecommendResponse,
        recommend_batch(RecommendBatchPoints) -> RecommendBatchResponse,
        recommend_groups(RecommendPointGroups) -> RecommendGroupsResponse,
        discover(DiscoverPoints) -> DiscoverResponse,
        discover_batch(DiscoverBatchPoints) -> DiscoverBatchResponse,
        update_batch(UpdateBatchPoints) -> UpdateBatchResponse,
        query_batch(QueryBatchPoints) -> QueryBatchResponse,
        query_groups(QueryPointGroups) -> QueryGroupsResponse,
        facet(FacetCounts) -> FacetResponse,
        search_matrix_pairs(SearchMatrixPoints) -> SearchMatrixPairsResponse,
        search_matrix_offsets(SearchMatrixPoints) -> SearchMatrixOffsetsResponse,
    }
}

#[tonic::async_trait]
impl Collections for QdrantDouble {
    async fn get(&self, request: Request<q::GetCollectionInfoRequest>) -> Result<Response<GetCollectionInfoResponse>, Status> {
        self.enter(&request).await?;
        let map = self.with(&request.get_ref().collection_name, |collection, _| Ok(collection.vectors.clone()))?;
        let vectors = q::VectorsConfig { config: Some(vectors_config::Config::ParamsMap(q::VectorParamsMap { map })) };
        let params = q::CollectionParams { vectors_config: Some(vectors), ..q::CollectionParams::default() };
        let config = q::CollectionConfig { params: Some(params), ..q::CollectionConfig::default() };
        let result = Some(q::CollectionInfo { config: Some(config), ..q::CollectionInfo::default() });
        Ok(Response::new(GetCollectionInfoResponse { result, ..GetCollectionInfoResponse::default() }))
    }

    async fn create(&self, request: Request<q::CreateCollection>) -> Result<Response<CollectionOperationResponse>, Status> {
        self.enter(&request).await?;
        let request = request.into_inner();
        let Some(vectors_config::Config::ParamsMap(named)) = request.vectors_config.and_then(|v| v.config) else {
            return Err(Status::invalid_argument("vectors have names here"));
        };
        let mut inner = self.inner.lock();
        if inner.collections.contains_key(&request.collection_name) {
            return Err(Status::already_exists(format!("Collection `{}` already exists!", request.collection_name)));
        }
        let made = Collection { vectors: named.map, hnsw: request.hnsw_config.unwrap_or_default(), ..Collection::default() };
        inner.collections.insert(request.collection_name, made);
        Ok(Response::new(CollectionOperationResponse { result: true, ..CollectionOperationResponse::default() }))
    }

    async fn collection_exists(
        &self,
        request: Request<q::CollectionExistsRequest>,
    ) -> Result<Response<q::CollectionExistsResponse>, Status> {
        self.enter(&request).await?;
        let exists = self.inner.lock().collections.contains_key(&request.get_ref().collection_name);
        let result = Some(q::CollectionExists { exists });
        Ok(Response::new(q::CollectionExistsResponse { result, ..q::CollectionExistsResponse::default() }))
    }

    unknown! {
        list(ListCollectionsRequest) -> ListCollectionsResponse,
        update(UpdateCollection) -> CollectionOperationResponse,
        delete(DeleteCollection) -> CollectionOperationResponse,
        update_aliases(ChangeAliases) -> CollectionOperationResponse,
        list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse,
        list_aliases(ListAliasesRequest) -> ListAliasesResponse,
        collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse,
        update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse,
        create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse,
        delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse,
        list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse,
    }
}
