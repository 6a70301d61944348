//! The calls about collections.

use qdrant_client::qdrant::{
    self as q, CollectionOperationResponse, GetCollectionInfoResponse, collections_server::Collections, vectors_config,
};
use tonic::{Request, Response, Status};

use super::{Answer, Collection, QdrantDouble, Wants};

#[tonic::async_trait]
impl Collections for QdrantDouble {
    async fn get(&self, request: Request<q::GetCollectionInfoRequest>) -> Result<Response<GetCollectionInfoResponse>, Status> {
        self.enter(&request, Wants::Reads).await?;
        let map = self.with(&request.get_ref().collection_name, |collection, _| Ok(collection.vectors.clone()))?;
        let vectors = q::VectorsConfig { config: Some(vectors_config::Config::ParamsMap(q::VectorParamsMap { map })) };
        let params = q::CollectionParams { vectors_config: Some(vectors), ..q::CollectionParams::default() };
        let config = q::CollectionConfig { params: Some(params), ..q::CollectionConfig::default() };
        let result = Some(q::CollectionInfo { config: Some(config), ..q::CollectionInfo::default() });
        Ok(Response::new(GetCollectionInfoResponse { result, ..GetCollectionInfoResponse::default() }))
    }

    async fn create(&self, request: Request<q::CreateCollection>) -> Result<Response<CollectionOperationResponse>, Status> {
        self.enter(&request, Wants::Writes).await?;
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
        self.enter(&request, Wants::Reads).await?;
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
