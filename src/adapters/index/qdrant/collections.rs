//! The collections: made as the product needs them, checked where somebody else made them.

use qdrant_client::qdrant::{
    CollectionInfo, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, CreateVectorNameRequestBuilder,
    DenseVectorCreationConfigBuilder, Distance, FieldType, HnswConfigDiffBuilder, IntegerIndexParamsBuilder, KeywordIndexParamsBuilder,
    MultiVectorComparator, MultiVectorConfigBuilder, VectorParams, VectorParamsBuilder, VectorsConfigBuilder, vectors_config,
};
use tonic::Code;

use super::{
    QdrantIndex,
    fault::{Fault, Unfit, advice, code, reason},
};
use crate::memory::EmbeddingModel;

/// Links of each point in its tenant's graph.
const PAYLOAD_M: u64 = 16;
/// What searches filter on besides the tenant.
const KEYWORDS: [&str; 6] = ["project_id", "app_id", "memory_type", "tags", "state", "session_id"];

/// Vectors of a collection by their name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) name: String,
    dimension: u64,
    /// Several of each point, one a window.
    many: bool,
}

impl Named {
    pub(super) fn one(model: &EmbeddingModel) -> Self {
        Self { name: model.id.clone(), dimension: model.dimension as u64, many: false }
    }

    /// Where the windows of long texts lie.
    pub(super) fn windows(model: &EmbeddingModel) -> Self {
        Self { name: format!("{}-windows", model.id), many: true, ..Self::one(model) }
    }

    fn many(&self) -> Option<MultiVectorConfigBuilder> {
        self.many.then(|| MultiVectorConfigBuilder::new(MultiVectorComparator::MaxSim))
    }
}

impl QdrantIndex {
    /// Makes or checks the shared collection, so that what an operator has to see to is found at start. A server that does not
    /// answer is no error: searches go on by words until it does.
    ///
    /// # Errors
    /// When the collection does not fit a model, or the server refuses this service.
    pub async fn prepare(&self, models: &[EmbeddingModel]) -> anyhow::Result<()> {
        let names: Vec<_> = models.iter().map(Named::one).collect();
        match self.ensure(&self.settings.collection, &names).await {
            // The breaker has said why.
            Err(Unfit::Failed(error)) if Fault::of(&error) == Fault::Away => Ok(()),
            Err(Unfit::Failed(error)) if Fault::of(&error) == Fault::Refused => Err(advice(&error)),
            Err(Unfit::Failed(error)) => Err(anyhow::anyhow!("Qdrant does not take a request ({})", reason(&error))),
            Err(Unfit::Wrong(error)) => Err(error),
            Ok(()) => Ok(()),
        }
    }

    pub(super) async fn ensure(&self, collection: &str, names: &[Named]) -> Result<(), Unfit> {
        let mut checked = self.checked.lock().await;
        let known = checked.entry(collection.to_owned()).or_default();
        if !names.is_empty() && names.iter().all(|named| known.contains(&named.name)) {
            return Ok(());
        }
        if self.written(self.client.collection_exists(collection)).await? {
            for named in names {
                self.check(collection, named).await?;
            }
        } else {
            self.create(collection, names).await?;
        }
        self.index_payload(collection).await?;
        known.extend(names.iter().map(|named| named.name.clone()));
        Ok(())
    }

    async fn create(&self, collection: &str, names: &[Named]) -> Result<(), Unfit> {
        let mut vectors = VectorsConfigBuilder::default();
        for named in names {
            let mut params = VectorParamsBuilder::new(named.dimension, Distance::Cosine);
            if let Some(many) = named.many() {
                params = params.multivector_config(many);
            }
            vectors.add_named_vector_params(&named.name, params);
        }
        let request = CreateCollectionBuilder::new(collection)
            .vectors_config(vectors)
            // No graph over all tenants: nobody searches them together.
            .hnsw_config(HnswConfigDiffBuilder::default().m(0).payload_m(PAYLOAD_M))
            .on_disk_payload(true);
        match self.written(self.client.create_collection(request)).await {
            // Another node was faster.
            Err(error) if code(&error) == Some(Code::AlreadyExists) => {
                for named in names {
                    self.check(collection, named).await?;
                }
                Ok(())
            }
            other => Ok(other.map(drop)?),
        }
    }

    async fn check(&self, collection: &str, named: &Named) -> Result<(), Unfit> {
        let info = self.written(self.client.collection_info(collection)).await?.result.unwrap_or_default();
        if let Some(params) = named_vector(info, &named.name) {
            let cosine = params.distance == i32::from(Distance::Cosine);
            let fits = params.size == named.dimension && cosine && params.multivector_config.is_some() == named.many;
            let found = format!("{} dimensions and {} distance", params.size, if cosine { "cosine" } else { "another" });
            return if fits {
                Ok(())
            } else {
                Err(Unfit::Wrong(anyhow::anyhow!(
                    "the Qdrant collection '{collection}' holds vectors '{}' of {found}; this server makes {} dimensions for cosine distance. \
                     Set embedder.dimensions to what is there, or name another collection (MAIN_QDRANT_COLLECTION_NAME) and run 'jmem reindex'",
                    named.name,
                    named.dimension
                )))
            };
        }
        let mut config = DenseVectorCreationConfigBuilder::new(named.dimension, Distance::Cosine);
        if let Some(many) = named.many() {
            config = config.multivector_config(many);
        }
        let request = CreateVectorNameRequestBuilder::new(collection, &named.name, config).wait(true);
        match self.written(self.client.create_vector_name(request)).await {
            Err(error) if Fault::of(&error) == Fault::Request => Err(Unfit::Wrong(anyhow::anyhow!(
                "the Qdrant collection '{collection}' has no vectors named '{}', and this Qdrant cannot add them ({}). \
                 Name another collection (MAIN_QDRANT_COLLECTION_NAME) and run 'jmem reindex'",
                named.name,
                reason(&error)
            ))),
            other => Ok(other.map(drop)?),
        }
    }

    /// Qdrant builds a graph for each value of an indexed field that is common enough: for the tenant's alone that is of use. On the
    /// others it would be graphs over everybody, since all memories are active and most are of one kind.
    async fn index_payload(&self, collection: &str) -> Result<(), Unfit> {
        let field = |name, kind| CreateFieldIndexCollectionBuilder::new(collection, name, kind).wait(true);
        let tenant = field("tenant_id", FieldType::Keyword).field_index_params(KeywordIndexParamsBuilder::default().is_tenant(true));
        self.written(self.client.create_field_index(tenant)).await?;
        for name in KEYWORDS {
            let word = field(name, FieldType::Keyword).field_index_params(KeywordIndexParamsBuilder::default().enable_hnsw(false));
            self.written(self.client.create_field_index(word)).await?;
        }
        let when = IntegerIndexParamsBuilder::new(false, true).enable_hnsw(false);
        self.written(self.client.create_field_index(field("when", FieldType::Integer).field_index_params(when))).await?;
        Ok(())
    }
}

fn named_vector(info: CollectionInfo, name: &str) -> Option<VectorParams> {
    match info.config?.params?.vectors_config?.config? {
        vectors_config::Config::ParamsMap(mut named) => named.map.remove(name),
        vectors_config::Config::Params(_) => None,
    }
}
