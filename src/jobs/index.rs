//! The index job: brings SQL's vectors and the vector index to what the memory now is.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    failure::{Cure, Failure},
    job::Job,
    queue::{Claimed, JobKind},
};
use crate::{
    error::{Code, Error, Result},
    failpoint,
    ids::{MemoryId, TenantId},
    memory::{
        ChangeLog, Embedder, Embedders, Embedding, EmbeddingModel, EmbeddingStore, IndexWatch, Memory, ModelError, PlaceStore, Placement,
        Point, StoredMemory, VectorIndex, Wake, embed_texts, windows_of,
    },
    tenancy::TenantScope,
};

/// Index jobs claimed at a time.
const BATCH: u32 = 64;

/// What a round of index jobs of one tenant needs.
#[derive(Clone)]
pub struct IndexJob {
    pub store: Arc<dyn EmbeddingStore>,
    pub changes: Arc<dyn ChangeLog>,
    pub embedders: Embedders,
    /// The vector index outside this process, where there is one.
    pub index: Option<Arc<dyn VectorIndex>>,
    /// Where its points lie, or may.
    pub places: Arc<dyn PlaceStore>,
    /// Is told when a collection was lost.
    pub watch: IndexWatch,
    /// Places that SQL is known to list.
    pub noted: Arc<Mutex<HashSet<(TenantId, String)>>>,
    /// Rung by writes that leave a job behind.
    pub wake: Arc<Wake>,
}

impl JobKind {
    /// Brings vectors and the vector index to what a memory now is.
    pub const INDEX: Self = Self("index");
}

#[async_trait]
impl Job for IndexJob {
    fn kind(&self) -> JobKind {
        JobKind::INDEX
    }

    fn batch(&self) -> u32 {
        BATCH
    }

    fn woken(&self) -> &Notify {
        &self.wake.index
    }

    async fn run(&self, scope: &TenantScope, jobs: &[Claimed]) -> Vec<(Uuid, Failure)> {
        let ids: Vec<_> = jobs.iter().map(|job| MemoryId(job.subject)).collect();
        self.bring_up(scope, &ids).await.into_iter().map(|(id, failure)| (id.0, failure)).collect()
    }
}

impl IndexJob {
    /// Reads the memories' present texts, embeds those without a vector, keeps the vectors in SQL, and brings an
    /// external index up to date. Answers the subjects that failed.
    pub(super) async fn bring_up(&self, scope: &TenantScope, ids: &[MemoryId]) -> Vec<(MemoryId, Failure)> {
        match self.whole(scope, ids).await {
            Ok(()) => Vec::new(),
            Err(failure) if ids.len() == 1 => vec![(ids[0], failure)],
            // One poisonous text must not hold up the others.
            Err(failure) if failure.cure != Cure::Wait => {
                let mut failures = Vec::new();
                for id in ids {
                    if let Err(failure) = self.whole(scope, &[*id]).await {
                        failures.push((*id, failure));
                    }
                }
                failures
            }
            Err(Failure { cure, error }) => ids.iter().map(|id| (*id, Failure { cure, error: error.clone() })).collect(),
        }
    }

    async fn whole(&self, scope: &TenantScope, ids: &[MemoryId]) -> Result<(), Failure> {
        let mut placement = Placement::default();
        if self.index.is_some() || self.embedders.is_moving() {
            placement = self.store.placement(scope).await.map_err(|e| away(&e))?;
        }
        let mut points: HashMap<MemoryId, Point> = HashMap::new();
        let mut setback = None;
        for embedder in self.embedders.needed(&placement) {
            let (ready, failure) = self.vectors(scope, embedder, ids).await?;
            for (memory, vector) in ready {
                let point = points.entry(memory.id).or_insert_with(|| Point { memory, vectors: Vec::new() });
                point.vectors.push((embedder.model().clone(), vector));
            }
            setback = setback.or(failure);
        }
        if let Some(index) = &self.index {
            self.put(&**index, scope, &placement, ids, points).await.map_err(|e| away(&e))?;
        }
        setback.map_or(Ok(()), Err)
    }

    /// Brings the index to what SQL says of the memories. It looks before it writes, for making vectors takes its time, and
    /// afterwards: what has gone meanwhile, perhaps with its whole tenant, has gone from the index too.
    async fn put(
        &self,
        index: &dyn VectorIndex,
        scope: &TenantScope,
        placement: &Placement,
        ids: &[MemoryId],
        mut points: HashMap<MemoryId, Point>,
    ) -> Result<()> {
        let mut live = self.store.live(scope, ids).await?;
        points.retain(|id, _| live.contains(id));
        if !points.is_empty() {
            self.note(index, scope, placement).await?;
            if index.upsert(scope, placement, points.into_values().collect()).await? {
                self.watch.suspect_all();
            }
            failpoint::reached("index.upserted")?;
            live = self.store.live(scope, ids).await?;
        }
        let gone: Vec<_> = ids.iter().copied().filter(|id| !live.contains(id)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        for collection in self.places_of(index, scope, placement).await? {
            index.delete(scope, &collection, &gone).await?;
        }
        failpoint::reached("index.deleted")
    }

    /// Notes where points will lie before the first one does. Asked of SQL once in the life of a process for each place.
    async fn note(&self, index: &dyn VectorIndex, scope: &TenantScope, placement: &Placement) -> Result<()> {
        let key = |collection: &str| (scope.tenant(), collection.to_owned());
        let new: Vec<_> = {
            let noted = self.noted.lock();
            placement.in_use(index.shared()).filter(|collection| !noted.contains(&key(collection))).collect()
        };
        if !new.is_empty() {
            self.places.note(scope, &new).await?;
            self.noted.lock().extend(new.into_iter().map(key));
        }
        Ok(())
    }

    /// Every collection that points of the tenant may lie in.
    async fn places_of(&self, index: &dyn VectorIndex, scope: &TenantScope, placement: &Placement) -> Result<BTreeSet<String>> {
        let noted = self.places.noted(scope).await?;
        Ok(noted.into_iter().chain(placement.in_use(index.shared()).map(str::to_owned)).collect())
    }

    /// Memories whose vectors of `model` SQL has and a collection of the index has not.
    ///
    /// # Errors
    /// Those of the index and the store.
    pub async fn unproven(&self, scope: &TenantScope, collection: Option<&str>, model: &EmbeddingModel) -> Result<HashSet<MemoryId>> {
        let Some(index) = &self.index else { return Ok(HashSet::new()) };
        let placement = self.store.placement(scope).await?;
        let held = index.held(scope, collection.unwrap_or_else(|| placement.home(index.shared())), model).await?;
        let has_vector = |id: &MemoryId| held.get(id).copied().unwrap_or(false);
        let roll = self.store.roll(scope, model).await?;
        Ok(roll.into_iter().filter(|on_roll| on_roll.embedded).map(|on_roll| on_roll.id).filter(|id| !has_vector(id)).collect())
    }

    /// The memories that are still there with their vectors; those that SQL did not have are made, and kept there. Where the
    /// model fails, those that were there, and why.
    async fn vectors(
        &self,
        scope: &TenantScope,
        embedder: &dyn Embedder,
        ids: &[MemoryId],
    ) -> Result<(Vec<(Memory, Vec<f32>)>, Option<Failure>), Failure> {
        let model = embedder.model();
        let (mut ready, mut missing) = (Vec::new(), Vec::new());
        for StoredMemory { memory, vector, .. } in self.changes.stored(scope, model, ids).await.map_err(|e| away(&e))? {
            // One that was made when a text had one vector, however long it was, is made anew.
            let whole = |vector: &Vec<f32>| vector.len() == windows_of(&memory.content.text, model.window).len() * model.dimension;
            match vector.filter(whole) {
                Some(vector) => ready.push((memory, vector)),
                None => missing.push(memory),
            }
        }
        if missing.is_empty() {
            return Ok((ready, None));
        }
        let texts: Vec<_> = missing.iter().map(|m| (m.origin.speaker.as_deref(), m.content.text.as_str())).collect();
        let vectors = match embed_texts(embedder, scope, &texts).await {
            Ok(vectors) => vectors,
            Err(error) => {
                let cure = match error {
                    ModelError::Unavailable(_) => Cure::Wait,
                    ModelError::Faulty(_) => Cure::Retry,
                    ModelError::Refused(_) => Cure::None,
                };
                return Ok((ready, Some(Failure { cure, error: error.to_string() })));
            }
        };
        let made: Vec<_> =
            missing.iter().zip(&vectors).map(|(m, v)| Embedding { id: m.id, hash: m.hash.clone(), vector: v.clone() }).collect();
        failpoint::reached("index.embedded").map_err(|e| away(&e))?;
        self.store.store_vectors(scope, model, &made).await.map_err(|e| away(&e))?;
        failpoint::reached("index.stored").map_err(|e| away(&e))?;
        ready.extend(missing.into_iter().zip(vectors));
        Ok((ready, None))
    }
}

/// What the stores report: trouble that can heal is waited for, a fault of ours is tried again a few times.
pub(super) fn away(error: &Error) -> Failure {
    let cure = if error.code() == Code::Unavailable { Cure::Wait } else { Cure::Retry };
    Failure { cure, error: error.to_string() }
}
