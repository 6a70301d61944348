//! Rows of the memory tables, and vectors as bytes.

use std::str::FromStr;

use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    adapters::sql::{Session, statements},
    clock::Timestamp,
    error::{Error, Result},
    ids::{AppId, CredentialId, MemoryId, ProjectId, UserId},
    memory::{HistoryEntry, Memory, Metadata, Source, StoredMemory},
    tenancy::TenantScope,
};

/// The columns that [`MemoryRow`] reads, of `memories m` joined with `apps a`.
pub(super) const MEMORY_COLUMNS: &str = "m.id, m.project_id, m.app_id, a.name AS app_name, m.user_id, m.credential_id, m.content, m.content_hash, \
    m.metadata, m.tags, m.memory_type, m.pattern_signature, m.strength, m.confidence, m.access_count, m.last_accessed_at, m.speaker, \
    m.occurred_at, m.session_id, m.position, m.state, m.pinned, m.expires_at, m.superseded_by, m.superseded_at, m.trust, m.flags, \
    m.held_for, m.source, m.version, m.created_at, m.updated_at, m.deleted_at";

#[derive(FromRow)]
pub(super) struct MemoryRow {
    pub id: Uuid,
    project_id: Uuid,
    app_id: Uuid,
    app_name: String,
    user_id: Uuid,
    credential_id: Option<Uuid>,
    pub content: String,
    pub content_hash: String,
    pub metadata: Json<Metadata>,
    pub tags: Json<Vec<String>>,
    pub memory_type: String,
    pattern_signature: Option<String>,
    strength: f64,
    pub confidence: f64,
    access_count: i64,
    last_accessed_at: Option<i64>,
    pub speaker: Option<String>,
    occurred_at: Option<i64>,
    session_id: Option<String>,
    position: Option<i64>,
    pub state: String,
    pinned: bool,
    expires_at: Option<i64>,
    superseded_by: Option<Uuid>,
    superseded_at: Option<i64>,
    trust: f64,
    flags: Json<Vec<String>>,
    held_for: Option<String>,
    source: Option<Json<Source>>,
    pub version: i64,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
}

impl TryFrom<MemoryRow> for Memory {
    type Error = Error;

    fn try_from(row: MemoryRow) -> Result<Self> {
        Ok(Self {
            id: MemoryId(row.id),
            project: ProjectId(row.project_id),
            app: AppId(row.app_id),
            app_name: row.app_name,
            user: UserId(row.user_id),
            credential: row.credential_id.map(CredentialId),
            text: row.content,
            hash: row.content_hash,
            metadata: row.metadata.0,
            tags: row.tags.0,
            memory_type: word(&row.memory_type)?,
            pattern_signature: row.pattern_signature,
            strength: row.strength,
            confidence: row.confidence,
            access_count: row.access_count,
            last_accessed_at: row.last_accessed_at.map(Timestamp),
            speaker: row.speaker,
            occurred_at: row.occurred_at.map(Timestamp),
            session_id: row.session_id,
            position: row.position,
            state: word(&row.state)?,
            pinned: row.pinned,
            expires_at: row.expires_at.map(Timestamp),
            superseded_by: row.superseded_by.map(MemoryId),
            superseded_at: row.superseded_at.map(Timestamp),
            trust: row.trust,
            flags: row.flags.0,
            held_for: row.held_for.filter(|_| row.state == "held"),
            source: row.source.map(|source| source.0),
            version: row.version,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            deleted_at: row.deleted_at.filter(|_| row.state == "deleted").map(Timestamp),
        })
    }
}

#[derive(FromRow)]
pub(super) struct HistoryRow {
    pub memory_id: Uuid,
    version: i64,
    event: String,
    content: String,
    metadata: Json<Metadata>,
    tags: Json<Vec<String>>,
    memory_type: Option<String>,
    confidence: Option<f64>,
    pinned: Option<bool>,
    expires_at: Option<i64>,
    superseded_by: Option<Uuid>,
    state: String,
    app_name: String,
    changed_at: i64,
}

impl TryFrom<HistoryRow> for HistoryEntry {
    type Error = Error;

    fn try_from(row: HistoryRow) -> Result<Self> {
        Ok(Self {
            version: row.version,
            event: word(&row.event)?,
            text: row.content,
            metadata: row.metadata.0,
            tags: row.tags.0,
            memory_type: row.memory_type.as_deref().map(word).transpose()?,
            confidence: row.confidence,
            pinned: row.pinned,
            expires_at: row.expires_at.map(Timestamp),
            superseded_by: row.superseded_by.map(MemoryId),
            state: word(&row.state)?,
            app_name: row.app_name,
            changed_at: Timestamp(row.changed_at),
        })
    }
}

#[derive(FromRow)]
pub(super) struct StoredRow {
    #[sqlx(flatten)]
    memory: MemoryRow,
    embedded: bool,
    vector: Option<Vec<u8>>,
    pub seq: i64,
}

impl TryFrom<StoredRow> for StoredMemory {
    type Error = Error;

    fn try_from(row: StoredRow) -> Result<Self> {
        Ok(Self { memory: row.memory.try_into()?, embedded: row.embedded, vector: row.vector.as_deref().map(vector_from_bytes) })
    }
}

statements! {
    GET: (|_| format!("SELECT {MEMORY_COLUMNS} FROM memories m JOIN apps a ON a.id = m.app_id \
              WHERE m.tenant_id = $1 AND m.id = $2 AND m.state <> 'deleted' AND (m.project_id = $3 OR $3 IS NULL)"));
}

/// One live memory.
pub(super) async fn memory(session: &mut Session, scope: &TenantScope, project: Option<ProjectId>, id: MemoryId) -> Result<Option<Memory>> {
    let row = session.query(&GET).bind(scope.tenant().0).bind(id.0).bind(project.map(|p| p.0)).fetch_optional::<MemoryRow>().await;
    row?.map(Memory::try_from).transpose()
}

/// A stored word that this program does not know is a fault of ours, not of the caller.
pub(super) fn word<T: FromStr<Err = Error>>(text: &str) -> Result<T> {
    text.parse().map_err(|e: Error| Error::internal(anyhow::anyhow!("unknown word in the database: {e}")))
}

/// Vectors are stored as little-endian 32-bit floats.
pub(super) fn vector_to_bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|v| v.to_le_bytes()).collect()
}

pub(super) fn vector_from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}
