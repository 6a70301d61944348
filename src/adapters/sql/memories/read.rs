//! Reading memories. Every statement carries the tenant, and the project where the caller is bound to one.

use sqlx::FromRow;
use uuid::Uuid;

use super::{
    SqlMemoryStore,
    rows::{HistoryRow, MEMORY_COLUMNS, MemoryRow, StoredRow},
};
use crate::{
    adapters::sql::{Engine, Session, Sql, id_list, ids_in, session::Query, statements, words_in, words_of},
    clock::Timestamp,
    error::{Error, Result},
    ids::{MemoryId, ProjectId},
    memory::{
        Changes, Cursor, EmbeddingModel, Filter, HistoryEntry, Key, ListQuery, Memory, Page, PageRequest, Placement, SortColumn,
        StoredMemory,
    },
    tenancy::TenantScope,
};

/// The conditions of a list, over parameters $1 to $14. What happened on a date happened on that
/// day of the reader, whose clock is ahead of UTC by $14.
fn list_where(e: Engine) -> String {
    let happened = "COALESCE(CASE WHEN m.occurred_at % 86400000000 = 0 THEN m.occurred_at - $14 ELSE m.occurred_at END, m.created_at)";
    let (states, apps, types, tags) = (words_in(e, "$3"), ids_in(e, "$4"), words_in(e, "$5"), words_in(e, "$6"));
    let tagged = words_of(e, "m.tags");
    let contains = match e {
        // Not LIKE: SQLite folds the case of ASCII alone, and Postgres that of its locale. See `substring`.
        Engine::Sqlite => "GLOB",
        Engine::Postgres => "~",
    };
    format!(
        " FROM memories m JOIN apps a ON a.id = m.app_id WHERE m.tenant_id = $1 AND (m.project_id = $2 OR $2 IS NULL) \
          AND m.state IN {states} AND ($4 = '[]' OR m.app_id IN {apps}) AND ($5 = '[]' OR m.memory_type IN {types}) \
          AND ($6 = '[]' OR EXISTS (SELECT 1 FROM {tagged} AS tag WHERE tag.value IN {tags})) AND (m.session_id = $7 OR $7 IS NULL) \
          AND ({happened} >= $8 OR $8 IS NULL) AND ({happened} <= $9 OR $9 IS NULL) AND (m.content {contains} $10 OR $10 IS NULL) \
          AND ((m.created_at <= $11 AND (m.superseded_at IS NULL OR m.superseded_at > $11)) OR $11 IS NULL) \
          AND ($12 OR m.pinned OR m.expires_at IS NULL OR m.expires_at > $13 OR m.state = 'deleted') "
    )
}
fn count(e: Engine) -> String {
    format!("SELECT COUNT(*) {}", list_where(e))
}

/// What lies behind a key and an id, $15 and $16, in an order; from the start where the key is none. An order that an index
/// has takes no such key, for `OR` keeps both engines from seeking in it.
fn list_ordered(e: Engine, key: &str, descending: bool) -> String {
    let (behind, direction) = if descending { ("<", "DESC") } else { (">", "ASC") };
    let or_none = if matches!(key, BY_TEXT | BY_APP) { " OR $15 IS NULL" } else { "" };
    format!(
        "SELECT {MEMORY_COLUMNS}{} AND (({key}, m.id) {behind} ($15, $16){or_none}) \
         ORDER BY {key} {direction}, m.id {direction} LIMIT $17 OFFSET $18",
        list_where(e)
    )
}

const BY_CREATED: &str = "m.created_at";
const BY_OCCURRED: &str = "COALESCE(m.occurred_at, m.created_at)";
const BY_UPDATED: &str = "m.updated_at";
const BY_TEXT: &str = "substr(m.content, 1, 200)";
const BY_APP: &str = "a.name";
statements! {
    GET: (|_| format!("SELECT {MEMORY_COLUMNS} FROM memories m JOIN apps a ON a.id = m.app_id \
              WHERE m.tenant_id = $1 AND m.id = $2 AND m.state <> 'deleted' AND (m.project_id = $3 OR $3 IS NULL)"));
    SEQUENCE: "SELECT change_seq FROM tenants WHERE id = $1";
    PLACEMENT: "SELECT collection, moving_to, embedding_model FROM tenants WHERE id = $1";
    UNEMBEDDED: "SELECT m.id FROM memories m WHERE m.tenant_id = $1 AND m.state <> 'deleted' AND (m.id > $3 OR $3 IS NULL) \
        AND NOT EXISTS (SELECT 1 FROM memory_vectors v WHERE v.memory_id = m.id AND v.model = $2 AND v.content_hash = m.content_hash) \
        ORDER BY m.id LIMIT $4";
    EMBEDDED: "SELECT COUNT(*), COUNT(v.memory_id) FROM memories m LEFT JOIN memory_vectors v \
        ON v.memory_id = m.id AND v.model = $2 AND v.content_hash = m.content_hash WHERE m.tenant_id = $1 AND m.state <> 'deleted'";
    COUNT: count;
    BY_CREATED_DESC: (|e| list_ordered(e, BY_CREATED, true));
    BY_CREATED_ASC: (|e| list_ordered(e, BY_CREATED, false));
    BY_OCCURRED_DESC: (|e| list_ordered(e, BY_OCCURRED, true));
    BY_OCCURRED_ASC: (|e| list_ordered(e, BY_OCCURRED, false));
    BY_UPDATED_DESC: (|e| list_ordered(e, BY_UPDATED, true));
    BY_UPDATED_ASC: (|e| list_ordered(e, BY_UPDATED, false));
    BY_TEXT_DESC: (|e| list_ordered(e, BY_TEXT, true));
    BY_TEXT_ASC: (|e| list_ordered(e, BY_TEXT, false));
    BY_APP_DESC: (|e| list_ordered(e, BY_APP, true));
    BY_APP_ASC: (|e| list_ordered(e, BY_APP, false));
    // The chunk is cut after a whole sequence number, never inside one.
    CHANGES: (|_| format!("SELECT {MEMORY_COLUMNS}, CASE WHEN $5 THEN v.vector END AS vector, v.memory_id IS NOT NULL AS embedded, m.seq, \
             (SELECT purged_seq FROM tenants WHERE id = $1) AS purged FROM memories m JOIN apps a ON a.id = m.app_id LEFT JOIN memory_vectors v ON v.memory_id = m.id AND v.model = $3 AND v.content_hash = m.content_hash AND m.state <> 'deleted' \
             WHERE m.tenant_id = $1 AND m.seq > $2 AND m.seq <= COALESCE( \
                 (SELECT seq FROM memories WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT 1 OFFSET $4), 9223372036854775807) ORDER BY m.seq"));
    STORED: (|e| format!("SELECT {MEMORY_COLUMNS}, v.vector, v.memory_id IS NOT NULL AS embedded, m.seq \
             FROM memories m JOIN apps a ON a.id = m.app_id LEFT JOIN memory_vectors v ON v.memory_id = m.id AND v.model = $3 AND v.content_hash = m.content_hash \
             WHERE m.tenant_id = $1 AND m.state <> 'deleted' AND m.id IN {}", ids_in(e, "$2")));
    PURGED: "SELECT purged_seq FROM tenants WHERE id = $1";
    HISTORY: (|e| format!("SELECT h.memory_id, h.version, h.event, h.content, h.metadata, h.tags, h.memory_type, h.confidence, h.pinned, h.expires_at, \
             h.superseded_by, h.state, a.name AS app_name, h.changed_at FROM memory_history h \
             JOIN apps a ON a.id = h.app_id WHERE h.tenant_id = $1 AND h.memory_id IN {} ORDER BY h.memory_id, h.version", ids_in(e, "$2")));
    TAGS: (|e| format!(
        "SELECT tag.value AS name, COUNT(*) AS memories FROM memories m, {} AS tag \
         WHERE m.tenant_id = $1 AND m.state NOT IN ('deleted', 'superseded') AND (m.project_id = $2 OR $2 IS NULL) \
         GROUP BY tag.value ORDER BY memories DESC, name",
        words_of(e, "m.tags")
    ));
}

#[derive(FromRow)]
struct ChangeRow {
    #[sqlx(flatten)]
    stored: StoredRow,
    purged: i64,
}

/// One live memory.
pub(super) async fn memory(session: &mut Session, scope: &TenantScope, project: Option<ProjectId>, id: MemoryId) -> Result<Option<Memory>> {
    let row = session.query(&GET).bind(scope.tenant().0).bind(id.0).bind(project.map(|p| p.0)).fetch_optional::<MemoryRow>().await;
    row?.map(Memory::try_from).transpose()
}

/// The tenant's newest change.
async fn newest(session: &mut Session, scope: &TenantScope) -> Result<i64> {
    let row = session.query(&SEQUENCE).bind(scope.tenant().0).scalar_optional::<i64>().await;
    Ok(row?.unwrap_or(1))
}

/// The newest change among the tombstones that were erased.
async fn purged(session: &mut Session, scope: &TenantScope) -> Result<i64> {
    let row = session.query(&PURGED).bind(scope.tenant().0).scalar_optional::<i64>().await;
    Ok(row?.unwrap_or(0))
}

/// Where the tenant's vectors are, and by which it is read.
pub(super) async fn placement(session: &mut Session, scope: &TenantScope) -> Result<Placement> {
    let row = session.query(&PLACEMENT).bind(scope.tenant().0).fetch_optional::<(Option<String>, Option<String>, Option<String>)>().await;
    let (collection, moving_to, model) = row?.unwrap_or_default();
    Ok(Placement { collection, moving_to, model })
}

/// The steps in the lives of these memories: by memory, oldest first.
pub(super) async fn history(session: &mut Session, scope: &TenantScope, ids: &[MemoryId]) -> Result<Vec<(MemoryId, HistoryEntry)>> {
    let list = id_list(ids.iter().map(|id| id.0));
    let rows = session.query(&HISTORY).bind(scope.tenant().0).bind(&list).fetch_all::<HistoryRow>().await;
    rows?.into_iter().map(|row| Ok((MemoryId(row.memory_id), row.try_into()?))).collect()
}

/// Binds what a list is limited to: parameters $1 to $14 of [`list_where`].
fn admitted<'s>(query: Query<'s>, scope: &TenantScope, filter: &Filter, part: Option<&str>, now: Timestamp) -> Result<Query<'s>> {
    Ok(query
        .bind(scope.tenant().0)
        .bind(filter.project.map(|p| p.0))
        .bind(json(filter.wanted_states())?)
        .bind(id_list(filter.apps.iter().map(|a| a.0)))
        .bind(json(&filter.types)?)
        .bind(json(&filter.tags)?)
        .bind(&filter.session_id)
        .bind(filter.from.map(|t| t.0))
        .bind(filter.to.map(|t| t.0))
        .bind(part)
        .bind(filter.as_of.map(|t| t.0))
        .bind(filter.show_expired)
        .bind(now.0)
        .bind(filter.ahead))
}

impl SqlMemoryStore {
    pub(super) async fn do_sequence(&self, scope: &TenantScope) -> Result<i64> {
        newest(&mut self.db.read(scope).await?, scope).await
    }

    pub(super) async fn do_list(&self, scope: &TenantScope, query: &ListQuery) -> Result<Page<Memory>> {
        let now = query.filter.as_of.unwrap_or_else(|| self.db.clock.now());
        let part = query.contains.as_ref().map(|text| substring(text, self.db.engine()));
        let (limit, offset, size) = match query.page {
            // One more than asked for tells whether there is a next page.
            PageRequest::After { size, .. } => (i64::from(size) + 1, 0, size),
            PageRequest::Number { page, size } => (i64::from(size), offset(page, size), size),
        };
        let mut session = self.db.read(scope).await?;
        let total = admitted(session.query(&COUNT), scope, &query.filter, part.as_deref(), now)?.scalar().await?;
        let rows = admitted(session.query(ordered(query.sort, query.descending)), scope, &query.filter, part.as_deref(), now)?;
        let rows = match begin(query) {
            (Begin::Time(key), id) => rows.bind(key).bind(id),
            (Begin::Text(key), id) => rows.bind(key).bind(id),
        };
        let rows = rows.bind(limit).bind(offset).fetch_all::<MemoryRow>().await;
        let mut items = rows?.into_iter().map(Memory::try_from).collect::<Result<Vec<_>>>()?;
        let size = size as usize;
        let more = items.len() > size;
        items.truncate(size);
        let next = items.last().filter(|_| more).map(|last| Cursor::behind(last, query.sort, query.descending));
        Ok(Page { items, total, next })
    }

    pub(super) async fn do_changes_since(
        &self,
        scope: &TenantScope,
        models: &[EmbeddingModel],
        vectors: bool,
        sequence: i64,
        limit: usize,
    ) -> Result<Changes> {
        let tenant = scope.tenant().0;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut session = self.db.read(scope).await?;
        let newest = newest(&mut session, scope).await?;
        let placement = placement(&mut session, scope).await?;
        if newest <= sequence {
            let purged = purged(&mut session, scope).await?;
            return Ok(Changes { sequence: newest, memories: Vec::new(), complete: true, placement, purged });
        }
        let model = placement.reads(models);
        let rows =
            session.query(&CHANGES).bind(tenant).bind(sequence).bind(&model.id).bind(limit).bind(vectors).fetch_all::<ChangeRow>().await;
        let rows = rows?;
        let last = rows.last().map_or(newest, |row| row.stored.seq);
        // A memory may have changed again since the newest number was read. It is answered as it is then, since its older
        // change is found no more; but the answer is called no newer than what was read before it.
        let complete = i64::try_from(rows.len()).unwrap_or(i64::MAX) <= limit || last >= newest;
        // It must not be older than the rows: a tombstone that they lack is told of by it.
        let purged = match rows.last() {
            Some(row) => row.purged,
            None => purged(&mut session, scope).await?,
        };
        let memories = rows.into_iter().map(|row| row.stored.try_into()).collect::<Result<_>>()?;
        Ok(Changes { sequence: if complete { newest } else { last }, memories, complete, placement, purged })
    }

    pub(super) async fn do_stored(&self, scope: &TenantScope, model: &EmbeddingModel, ids: &[MemoryId]) -> Result<Vec<StoredMemory>> {
        let list = id_list(ids.iter().map(|id| id.0));
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&STORED).bind(scope.tenant().0).bind(&list).bind(&model.id).fetch_all::<StoredRow>().await;
        rows?.into_iter().map(TryInto::try_into).collect()
    }

    pub(super) async fn do_unembedded(
        &self,
        scope: &TenantScope,
        model: &EmbeddingModel,
        after: Option<MemoryId>,
        limit: u32,
    ) -> Result<Vec<MemoryId>> {
        let mut session = self.db.read(scope).await?;
        let ids = session
            .query(&UNEMBEDDED)
            .bind(scope.tenant().0)
            .bind(&model.id)
            .bind(after.map(|id| id.0))
            .bind(i64::from(limit))
            .scalars::<Uuid>()
            .await;
        Ok(ids?.into_iter().map(MemoryId).collect())
    }

    pub(super) async fn do_embedded(&self, scope: &TenantScope, model: &EmbeddingModel) -> Result<(i64, i64)> {
        let mut session = self.db.read(scope).await?;
        let counts = session.query(&EMBEDDED).bind(scope.tenant().0).bind(&model.id).fetch_one::<(i64, i64)>().await;
        counts
    }

    pub(super) async fn do_history(&self, scope: &TenantScope, id: MemoryId) -> Result<Vec<HistoryEntry>> {
        let mut session = self.db.read(scope).await?;
        Ok(history(&mut session, scope, &[id]).await?.into_iter().map(|(_, step)| step).collect())
    }

    pub(super) async fn do_tags(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<(String, i64)>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&TAGS).bind(scope.tenant().0).bind(project.map(|p| p.0)).fetch_all::<(String, i64)>().await;
        rows
    }
}

fn json<T: serde::Serialize>(words: &[T]) -> Result<String> {
    serde_json::to_string(words).map_err(Error::internal)
}

/// The statement of an order.
fn ordered(by: SortColumn, descending: bool) -> &'static Sql {
    match (by, descending) {
        (SortColumn::CreatedAt, true) => &BY_CREATED_DESC,
        (SortColumn::CreatedAt, false) => &BY_CREATED_ASC,
        (SortColumn::OccurredAt, true) => &BY_OCCURRED_DESC,
        (SortColumn::OccurredAt, false) => &BY_OCCURRED_ASC,
        (SortColumn::UpdatedAt, true) => &BY_UPDATED_DESC,
        (SortColumn::UpdatedAt, false) => &BY_UPDATED_ASC,
        (SortColumn::Text, true) => &BY_TEXT_DESC,
        (SortColumn::Text, false) => &BY_TEXT_ASC,
        (SortColumn::AppName, true) => &BY_APP_DESC,
        (SortColumn::AppName, false) => &BY_APP_ASC,
    }
}

/// The key behind which a page begins.
enum Begin {
    Time(i64),
    Text(Option<String>),
}

/// Where a page begins: behind its cursor, or behind what comes before everything.
fn begin(query: &ListQuery) -> (Begin, Uuid) {
    match &query.page {
        PageRequest::After { cursor: Some(Cursor { key: Key::Time(at), id, .. }), .. } => (Begin::Time(at.0), id.0),
        PageRequest::After { cursor: Some(Cursor { key: Key::Text(text), id, .. }), .. } => (Begin::Text(Some(text.clone())), id.0),
        _ if !query.sort.is_time() => (Begin::Text(None), Uuid::nil()),
        _ if query.descending => (Begin::Time(i64::MAX), Uuid::max()),
        _ => (Begin::Time(i64::MIN), Uuid::nil()),
    }
}

/// Rows before a page that is counted from 1.
pub(super) fn offset(page: u32, size: u32) -> i64 {
    i64::from(page.saturating_sub(1)) * i64::from(size)
}

/// A pattern that matches `text` anywhere, whatever its case: a GLOB on SQLite, a regular expression on Postgres. Each
/// cased letter becomes a class of its two forms, so that neither engine's idea of case matters.
fn substring(text: &str, engine: Engine) -> String {
    let mut pattern = String::with_capacity(4 * text.len() + 2);
    for c in text.chars() {
        let forms = [single(c.to_lowercase()), single(c.to_uppercase())];
        match forms {
            [Some(lower), Some(upper)] if lower != upper => pattern.extend(['[', lower, upper, ']']),
            _ => match engine {
                Engine::Sqlite if matches!(c, '*' | '?' | '[') => pattern.extend(['[', c, ']']),
                Engine::Postgres if c.is_ascii_punctuation() => pattern.extend(['\\', c]),
                _ => pattern.push(c),
            },
        }
    }
    match engine {
        Engine::Sqlite => format!("*{pattern}*"),
        Engine::Postgres => pattern,
    }
}

/// The only character, where there is one.
fn single(mut forms: impl Iterator<Item = char>) -> Option<char> {
    forms.next().filter(|_| forms.next().is_none())
}
