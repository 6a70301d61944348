//! Rows of the memory tables, and vectors as bytes.

use std::str::FromStr;

use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    adapters::sql::{Session, session::Query, statements},
    clock::Timestamp,
    error::{Error, Result},
    ids::{AppId, CredentialId, MemoryId, ProjectId, UserId},
    memory::{Content, HistoryEntry, Memory, Metadata, Origin, Source, StoredMemory},
    tenancy::TenantScope,
};

/// The columns of what a version holds, in the order of [`bind_content`], each with what stands for it in the history of older
/// programs: one list for insert, new version, history and reader.
pub(super) const CONTENT: [(&str, Option<&str>); 7] = [
    ("content", None),
    ("metadata", None),
    ("tags", None),
    ("memory_type", Some("'semantic'")),
    ("confidence", Some("1.0")),
    ("pinned", Some("FALSE")),
    ("expires_at", None),
];
/// The columns of where a memory came from, in the order of [`bind_origin`].
pub(super) const ORIGIN: [&str; 5] = ["speaker", "occurred_at", "session_id", "position", "source"];

pub(super) fn content() -> impl Iterator<Item = &'static str> {
    CONTENT.into_iter().map(|(column, _)| column)
}

/// Columns with commas, each written as `of` says.
pub(super) fn listed<'a>(columns: impl Iterator<Item = &'a str>, of: impl FnMut(&'a str) -> String) -> String {
    columns.map(of).collect::<Vec<_>>().join(", ")
}

/// Parameters with commas, from a number on.
pub(super) fn parameters(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// The columns that [`MemoryRow`] reads, of `memories m` joined with `apps a`.
pub(super) fn memory_columns() -> String {
    const OWN: [&str; 19] = [
        "id",
        "project_id",
        "app_id",
        "user_id",
        "credential_id",
        "content_hash",
        "pattern_signature",
        "strength",
        "access_count",
        "last_accessed_at",
        "state",
        "superseded_by",
        "superseded_at",
        "trust",
        "flags",
        "held_for",
        "version",
        "created_at",
        "updated_at",
    ];
    listed(OWN.into_iter().chain(content()).chain(ORIGIN), |column| format!("m.{column}")) + ", m.deleted_at, a.name AS app_name"
}

/// Binds [`CONTENT`].
pub(super) fn bind_content<'s>(query: Query<'s>, content: &Content) -> Query<'s> {
    query
        .bind(&content.text)
        .bind(Json(&content.metadata))
        .bind(Json(&content.tags))
        .bind(content.memory_type.as_str())
        .bind(content.confidence)
        .bind(content.pinned)
        .bind(content.expires_at.map(|t| t.0))
}

/// Binds [`ORIGIN`].
pub(super) fn bind_origin<'s>(query: Query<'s>, origin: &Origin) -> Query<'s> {
    query
        .bind(&origin.speaker)
        .bind(origin.occurred_at.map(|t| t.0))
        .bind(&origin.session_id)
        .bind(origin.position)
        .bind(origin.source.as_ref().map(Json))
}

#[derive(FromRow)]
struct ContentRow {
    content: String,
    metadata: Json<Metadata>,
    tags: Json<Vec<String>>,
    memory_type: String,
    confidence: f64,
    pinned: bool,
    expires_at: Option<i64>,
}

impl TryFrom<ContentRow> for Content {
    type Error = Error;

    fn try_from(row: ContentRow) -> Result<Self> {
        Ok(Self {
            text: row.content,
            metadata: row.metadata.0,
            tags: row.tags.0,
            memory_type: word(&row.memory_type)?,
            confidence: row.confidence,
            pinned: row.pinned,
            expires_at: row.expires_at.map(Timestamp),
        })
    }
}

#[derive(FromRow)]
struct OriginRow {
    speaker: Option<String>,
    occurred_at: Option<i64>,
    session_id: Option<String>,
    position: Option<i64>,
    source: Option<Json<Source>>,
}

impl From<OriginRow> for Origin {
    fn from(row: OriginRow) -> Self {
        Self {
            speaker: row.speaker,
            occurred_at: row.occurred_at.map(Timestamp),
            session_id: row.session_id,
            position: row.position,
            source: row.source.map(|source| source.0),
        }
    }
}

#[derive(FromRow)]
pub(super) struct MemoryRow {
    pub id: Uuid,
    project_id: Uuid,
    app_id: Uuid,
    app_name: String,
    user_id: Uuid,
    credential_id: Option<Uuid>,
    #[sqlx(flatten)]
    content: ContentRow,
    #[sqlx(flatten)]
    origin: OriginRow,
    content_hash: String,
    pattern_signature: Option<String>,
    strength: f64,
    access_count: i64,
    last_accessed_at: Option<i64>,
    state: String,
    superseded_by: Option<Uuid>,
    superseded_at: Option<i64>,
    trust: f64,
    flags: Json<Vec<String>>,
    held_for: Option<String>,
    version: i64,
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
            content: row.content.try_into()?,
            origin: row.origin.into(),
            hash: row.content_hash,
            pattern_signature: row.pattern_signature,
            strength: row.strength,
            access_count: row.access_count,
            last_accessed_at: row.last_accessed_at.map(Timestamp),
            state: word(&row.state)?,
            superseded_by: row.superseded_by.map(MemoryId),
            superseded_at: row.superseded_at.map(Timestamp),
            trust: row.trust,
            flags: row.flags.0,
            held_for: row.held_for.filter(|_| row.state == "held"),
            version: row.version,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            deleted_at: row.deleted_at.filter(|_| row.state == "deleted").map(Timestamp),
        })
    }
}

/// The columns that [`HistoryRow`] reads, of `memory_history h` joined with `apps a`.
pub(super) fn history_columns() -> String {
    let known = |(column, older): (&str, Option<&str>)| match older {
        Some(older) => format!("COALESCE(h.{column}, {older}) AS {column}"),
        None => format!("h.{column}"),
    };
    let content = CONTENT.map(known).join(", ");
    format!(
        "h.memory_id, h.version, h.event, {content}, h.memory_type IS NOT NULL AS is_whole, h.superseded_by, h.state, a.name AS app_name, h.changed_at"
    )
}

#[derive(FromRow)]
pub(super) struct HistoryRow {
    pub memory_id: Uuid,
    version: i64,
    event: String,
    #[sqlx(flatten)]
    content: ContentRow,
    is_whole: bool,
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
            content: row.content.try_into()?,
            is_whole: row.is_whole,
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
    GET: (|_| format!("SELECT {columns} FROM memories m JOIN apps a ON a.id = m.app_id \
              WHERE m.tenant_id = $1 AND m.id = $2 AND m.state <> 'deleted' AND (m.project_id = $3 OR $3 IS NULL)", columns = memory_columns()));
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
