//! A Qdrant server over an exact in-memory index, on the traits that qdrant-client generates: what the adapter sends goes
//! through the real client and over a real connection. It can be told to misbehave.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use qdrant_client::qdrant::{
    self as q, CountResponse, GetResponse, PointsOperationResponse, QueryResponse, ScrollResponse,
    collections_server::CollectionsServer,
    payload_index_params::IndexParams,
    points_selector::PointsSelectorOneOf,
    points_server::{Points, PointsServer},
    query,
    value::Kind,
    vector_input, vectors,
};
use tokio::{net::TcpListener, sync::Notify};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status, transport::Server};
use uuid::Uuid;

use points::{admits, cosine, dense, id, point_id};

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

mod collections;
mod points;

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
    /// Answers every call with this code, as it answers a wrong key.
    Refuses(Code),
    /// Answers every write with this code: a key that may only read, a disk that is full.
    RefusesWrites(Code),
}

/// What a call wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    Reads,
    Writes,
}

/// Upserts wait inside the server for as long as this lives.
pub struct Held {
    gate: Arc<Gate>,
    double: QdrantDouble,
}

#[derive(Default)]
struct Gate {
    waiting: AtomicUsize,
    open: Notify,
}

impl Held {
    /// Upserts that have arrived and wait.
    pub fn waiting(&self) -> usize {
        self.gate.waiting.load(Ordering::SeqCst)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.double.inner.lock().gate = None;
        self.gate.open.notify_waiters();
    }
}

/// All points of a moment, to be put back later.
pub struct Copied(BTreeMap<String, Collection>);

#[derive(Clone, Default)]
struct Collection {
    vectors: HashMap<String, q::VectorParams>,
    hnsw: q::HnswConfigDiff,
    /// Payload indexes: whether each is the tenant's key, and whether graphs are built for its values.
    indexes: BTreeMap<String, (bool, bool)>,
    points: BTreeMap<String, Stored>,
}

#[derive(Clone)]
struct Stored {
    payload: HashMap<String, q::Value>,
    /// One or more of each name.
    vectors: HashMap<String, Vec<Vec<f32>>>,
}

#[derive(Default)]
struct Inner {
    collections: BTreeMap<String, Collection>,
    fault: Option<Fault>,
    gate: Option<Arc<Gate>>,
    keys: Vec<String>,
    calls: usize,
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

    /// Ids of a tenant's points in a collection.
    pub fn of_tenant(&self, collection: &str, tenant: Uuid) -> Vec<String> {
        let own = q::Value { kind: Some(Kind::StringValue(tenant.to_string())) };
        let inner = self.inner.lock();
        let Some(found) = inner.collections.get(collection) else { return Vec::new() };
        found.points.iter().filter(|(_, point)| point.payload.get("tenant_id") == Some(&own)).map(|(id, _)| id.clone()).collect()
    }

    /// Points of a tenant in whatever collection.
    pub fn anywhere(&self, tenant: Uuid) -> usize {
        let collections: Vec<_> = self.inner.lock().collections.keys().cloned().collect();
        collections.iter().map(|collection| self.of_tenant(collection, tenant).len()).sum()
    }

    /// How many points of a tenant have a vector of this name.
    pub fn with_vector(&self, collection: &str, tenant: Uuid, name: &str) -> usize {
        let ids = self.of_tenant(collection, tenant);
        let inner = self.inner.lock();
        ids.iter().filter(|id| inner.collections[collection].points[*id].vectors.contains_key(name)).count()
    }

    /// Removes points behind everybody's back.
    pub fn lose(&self, collection: &str, ids: &[String]) {
        let mut inner = self.inner.lock();
        let points = &mut inner.collections.get_mut(collection).expect("a collection").points;
        points.retain(|id, _| !ids.contains(id));
    }

    /// All that there is, for [`Self::put_back`].
    pub fn copy(&self) -> Copied {
        Copied(self.inner.lock().collections.clone())
    }

    /// Storage of an older day.
    pub fn put_back(&self, Copied(collections): Copied) {
        self.inner.lock().collections = collections;
    }

    /// Upserts wait inside the server from now on.
    pub fn hold(&self) -> Held {
        let gate = Arc::<Gate>::default();
        self.inner.lock().gate = Some(gate.clone());
        Held { gate, double: self.clone() }
    }

    /// Calls that arrived.
    pub fn calls(&self) -> usize {
        self.inner.lock().calls
    }

    /// Payload indexes for whose values graphs are built.
    pub fn graphs(&self, collection: &str) -> Vec<String> {
        let inner = self.inner.lock();
        inner.collections[collection].indexes.iter().filter(|(_, (_, graph))| *graph).map(|(name, _)| name.clone()).collect()
    }

    /// Every API key that arrived.
    pub fn keys(&self) -> Vec<String> {
        self.inner.lock().keys.clone()
    }

    /// (`payload_m`, `m`, the tenant's key) of a collection.
    pub fn shape(&self, collection: &str) -> (Option<u64>, Option<u64>, Vec<String>) {
        let inner = self.inner.lock();
        let collection = &inner.collections[collection];
        let tenant = collection.indexes.iter().filter(|(_, (tenant, _))| *tenant).map(|(name, _)| name.clone()).collect();
        (collection.hnsw.payload_m, collection.hnsw.m, tenant)
    }

    /// Lets a fault act; answers whether a write is to fail after it is done.
    async fn enter<T>(&self, request: &Request<T>, wants: Wants) -> Result<bool, Status> {
        let fault = {
            let mut inner = self.inner.lock();
            inner.calls += 1;
            inner.keys.extend(request.metadata().get("api-key").and_then(|v| v.to_str().ok()).map(str::to_owned));
            inner.fault
        };
        match fault {
            Some(Fault::Down) => Err(Status::unavailable("down")),
            Some(Fault::Refuses(code)) => Err(Status::new(code, "Must provide an API key or an Authorization bearer token")),
            Some(Fault::RefusesWrites(code)) if wants == Wants::Writes => Err(Status::new(code, "Global write access is required")),
            Some(Fault::Slow(time)) => {
                tokio::time::sleep(time).await;
                Ok(false)
            }
            Some(Fault::ErrorAfterApplying) => Ok(true),
            Some(Fault::NoTenantFilter | Fault::KeepsDeleted | Fault::RefusesWrites(_)) | None => Ok(false),
        }
    }

    /// Waits where upserts are held.
    async fn pass(&self) {
        let gate = self.inner.lock().gate.clone();
        if let Some(gate) = gate {
            let open = gate.open.notified();
            gate.waiting.fetch_add(1, Ordering::SeqCst);
            open.await;
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

#[tonic::async_trait]
impl Points for QdrantDouble {
    async fn upsert(&self, request: Request<q::UpsertPoints>) -> Result<Response<PointsOperationResponse>, Status> {
        let fails = self.enter(&request, Wants::Writes).await?;
        self.pass().await;
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
                    let (values, many) = dense(vector).ok_or_else(|| Status::invalid_argument("not dense"))?;
                    if many && params.multivector_config.is_none() {
                        return Err(Status::invalid_argument("Conversion between multi and regular vectors failed"));
                    }
                    if let Some(odd) = values.iter().find(|one| one.len() as u64 != params.size) {
                        return Err(Status::invalid_argument(format!(
                            "Vector dimension error: expected dim: {}, got {}",
                            params.size,
                            odd.len()
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
        let fails = self.enter(&request, Wants::Writes).await?;
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
        self.enter(&request, Wants::Reads).await?;
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
        self.enter(&request, Wants::Reads).await?;
        let request = request.into_inner();
        let Some(query::Variant::Nearest(input)) = request.query.and_then(|q| q.variant) else {
            return Err(Status::unimplemented("only nearest"));
        };
        let wanted = match input.variant {
            Some(vector_input::Variant::Dense(wanted)) => wanted.data,
            Some(vector_input::Variant::MultiDense(many)) if many.vectors.len() == 1 => many.vectors[0].data.clone(),
            _ => return Err(Status::unimplemented("only one dense vector")),
        };
        let filter = request.filter.ok_or_else(|| Status::invalid_argument("a search without a filter sees all tenants"))?;
        let name = request.using.unwrap_or_default();
        let result = self.with(&request.collection_name, |collection, fault| {
            if !collection.vectors.contains_key(&name) {
                return Err(Status::invalid_argument(format!("Not existing vector name error: {name}")));
            }
            let mut scored = Vec::new();
            for (uuid, point) in &collection.points {
                let Some(values) = point.vectors.get(&name) else { continue };
                if admits(&filter, uuid, point, fault)? {
                    scored.push(q::ScoredPoint {
                        id: Some(point_id(uuid)),
                        score: values.iter().map(|one| cosine(one, &wanted)).fold(f32::MIN, f32::max),
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

    async fn scroll(&self, request: Request<q::ScrollPoints>) -> Result<Response<ScrollResponse>, Status> {
        self.enter(&request, Wants::Reads).await?;
        let request = request.into_inner();
        let filter = request.filter.ok_or_else(|| Status::invalid_argument("a list without a filter is of all tenants"))?;
        let from = request.offset.as_ref().map(|offset| id(Some(offset))).transpose()?;
        let limit = request.limit.unwrap_or(10) as usize;
        let (result, next_page_offset) = self.with(&request.collection_name, |collection, fault| {
            let mut listed = Vec::new();
            for (uuid, point) in &collection.points {
                if from.as_ref().is_some_and(|from| uuid < from) || !admits(&filter, uuid, point, fault)? {
                    continue;
                }
                if listed.len() == limit {
                    return Ok((listed, Some(point_id(uuid))));
                }
                listed.push(q::RetrievedPoint { id: Some(point_id(uuid)), payload: point.payload.clone(), ..q::RetrievedPoint::default() });
            }
            Ok((listed, None))
        })?;
        Ok(Response::new(ScrollResponse { result, next_page_offset, ..ScrollResponse::default() }))
    }

    async fn count(&self, request: Request<q::CountPoints>) -> Result<Response<CountResponse>, Status> {
        self.enter(&request, Wants::Reads).await?;
        let count = self.ids(&request.get_ref().collection_name).len() as u64;
        Ok(Response::new(CountResponse { result: Some(q::CountResult { count }), ..CountResponse::default() }))
    }

    async fn create_field_index(
        &self,
        request: Request<q::CreateFieldIndexCollection>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        self.enter(&request, Wants::Writes).await?;
        let request = request.into_inner();
        let params = request.field_index_params.and_then(|p| p.index_params);
        let (tenant, graph) = match params {
            Some(IndexParams::KeywordIndexParams(k)) => (k.is_tenant == Some(true), k.enable_hnsw != Some(false)),
            Some(IndexParams::IntegerIndexParams(k)) => (false, k.enable_hnsw != Some(false)),
            _ => (false, true),
        };
        self.with(&request.collection_name, |collection, _| {
            collection.indexes.insert(request.field_name, (tenant, graph));
            Ok(())
        })?;
        done(false)
    }

    async fn create_vector_name(&self, request: Request<q::CreateVectorNameRequest>) -> Result<Response<PointsOperationResponse>, Status> {
        self.enter(&request, Wants::Writes).await?;
        let request = request.into_inner();
        let Some(q::create_vector_name_request::VectorConfig::DenseConfig(config)) = request.vector_config else {
            return Err(Status::unimplemented("only dense"));
        };
        self.with(&request.collection_name, |collection, _| {
            let multivector_config = config.multivector_config;
            let params = q::VectorParams { size: config.size, distance: config.distance, multivector_config, ..q::VectorParams::default() };
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
