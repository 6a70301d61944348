//! [`ListStore`] on SQL: pages of memories, their history, their tags. Every statement carries the tenant, and the project where
//! the caller is bound to one.

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    SqlMemoryStore,
    rows::{HistoryRow, MemoryRow, history_columns, memory_columns},
};
use crate::{
    adapters::sql::{Engine, Session, Sql, id_list, ids_in, session::Query, statements, words_in, words_of},
    clock::Timestamp,
    error::{Error, Result},
    ids::{MemoryId, ProjectId, ShortId},
    memory::{Cursor, Filter, HistoryEntry, Key, ListQuery, ListStore, Memory, Page, PageRequest, SortColumn},
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
        "SELECT {columns}{} AND (({key}, m.id) {behind} ($15, $16){or_none}) \
         ORDER BY {key} {direction}, m.id {direction} LIMIT $17 OFFSET $18",
        list_where(e),
        columns = memory_columns()
    )
}

const BY_CREATED: &str = "m.created_at";
const BY_OCCURRED: &str = "COALESCE(m.occurred_at, m.created_at)";
const BY_UPDATED: &str = "m.updated_at";
const BY_TEXT: &str = "substr(m.content, 1, 200)";
const BY_APP: &str = "a.name";
/// The index `memories_short_id` has just this expression.
fn of_short_id(e: Engine) -> String {
    let ending = match e {
        Engine::Sqlite => "substr(id, 12)",
        Engine::Postgres => "substring(uuid_send(id) FROM 12)",
    };
    format!("SELECT id FROM memories WHERE tenant_id = $1 AND {ending} IN ($2, $3) LIMIT 2")
}

statements! {
    OF_SHORT_ID: of_short_id;
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
    HISTORY: (|e| format!(
        "SELECT {} FROM memory_history h JOIN apps a ON a.id = h.app_id WHERE h.tenant_id = $1 AND h.memory_id IN {} \
         ORDER BY h.memory_id, h.version",
        history_columns(),
        ids_in(e, "$2")
    ));
    // Those in the states, but for what has ended.
    TOTAL: (|e| format!(
        "SELECT (SELECT CAST(COALESCE(SUM(c.count), 0) AS BIGINT) FROM memory_counts c WHERE c.tenant_id = $1 \
            AND (c.project_id = $2 OR $2 IS NULL) AND c.state IN {states}) \
         - (SELECT COUNT(*) FROM memories m WHERE m.tenant_id = $1 AND m.expires_at <= $4 AND NOT $5 AND NOT m.pinned \
            AND (m.project_id = $2 OR $2 IS NULL) AND m.state IN {states} AND m.state <> 'deleted')",
        states = words_in(e, "$3")
    ));
    TAGS: "SELECT tag, CAST(SUM(count) AS BIGINT) AS memories FROM tag_counts WHERE tenant_id = $1 AND (project_id = $2 OR $2 IS NULL) \
        GROUP BY tag ORDER BY memories DESC, tag";
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

/// How many a list has in all: counted one by one only where it is limited by more than project and states.
async fn total(session: &mut Session, scope: &TenantScope, filter: &Filter, part: Option<&str>, now: Timestamp) -> Result<i64> {
    let Filter { project, ref states, show_expired, ahead, .. } = *filter;
    let counted = Filter { project, states: states.clone(), show_expired, ahead, ..Filter::default() };
    if *filter != counted || part.is_some() {
        return admitted(session.query(&COUNT), scope, filter, part, now)?.scalar().await;
    }
    let query = session.query(&TOTAL).bind(scope.tenant().0).bind(project.map(|p| p.0)).bind(json(filter.wanted_states())?);
    query.bind(now.0).bind(show_expired).scalar().await
}

#[async_trait]
impl ListStore for SqlMemoryStore {
    async fn list(&self, scope: &TenantScope, query: &ListQuery) -> Result<Page<Memory>> {
        let now = query.filter.as_of.unwrap_or_else(|| self.db.clock.now());
        let part = query.contains.as_ref().map(|text| substring(text, self.db.engine()));
        let (limit, offset, size) = match query.page {
            // One more than asked for tells whether there is a next page.
            PageRequest::After { size, .. } => (i64::from(size) + 1, 0, size),
            PageRequest::Number { page, size } => (i64::from(size), offset(page, size), size),
        };
        let mut session = self.db.read(scope).await?;
        let total = total(&mut session, scope, &query.filter, part.as_deref(), now).await?;
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

    async fn history(&self, scope: &TenantScope, id: MemoryId) -> Result<Vec<HistoryEntry>> {
        let mut session = self.db.read(scope).await?;
        Ok(history(&mut session, scope, &[id]).await?.into_iter().map(|(_, step)| step).collect())
    }

    async fn tags(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<(String, i64)>> {
        let mut session = self.db.read(scope).await?;

        session.query(&TAGS).bind(scope.tenant().0).bind(project.map(|p| p.0)).fetch_all::<(String, i64)>().await
    }

    async fn of_short_id(&self, scope: &TenantScope, short: ShortId) -> Result<Vec<MemoryId>> {
        let [one, other] = short.endings();
        let mut session = self.db.read(scope).await?;
        let found = session.query(&OF_SHORT_ID).bind(scope.tenant().0).bind(&one[..]).bind(&other[..]).scalars::<Uuid>().await?;
        Ok(found.into_iter().map(MemoryId).collect())
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
