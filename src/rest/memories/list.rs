//! Lists of memories, by page number as OpenMemory has them, or by cursor.

use axum::extract::State;

use crate::rest::wire::MemoryOut;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::Principal,
    clock::Period,
    error::{Error, Result},
    http::extract::{Caller, Json, Query},
    ids::{AppId, ProjectId},
    memory::{Cursor, Filter, ListQuery, PageRequest, Reader, SortColumn, State as MemoryState, folded},
    rest::common::{csv, descending, pages, words},
};

/// Entries of a page by number, where none is asked for: that of OpenMemory's list.
const LIST_SIZE: u32 = 50;
/// The same for its filter.
const FILTER_SIZE: u32 = 10;

/// Part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemoryPage {
    items: Vec<MemoryOut>,
    /// How many match in all.
    total: i64,
    /// The page's number; null when paging by cursor.
    page: Option<u32>,
    size: u32,
    /// How many pages there are.
    pages: i64,
    /// Send it as `cursor` for the next part; null at the end and for page numbers.
    next_cursor: Option<String>,
}

/// Conditions and paging of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Written by this app.
    #[param(value_type = Option<Uuid>)]
    app_id: Option<AppId>,
    /// In this project.
    #[param(value_type = Option<Uuid>)]
    project_id: Option<ProjectId>,
    /// Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970.
    #[param(value_type = Option<String>)]
    from_date: Option<Period>,
    /// Happened (or was added) at or before; a date, month or year is included to its end.
    #[param(value_type = Option<String>)]
    to_date: Option<Period>,
    /// With one of these tags, separated by commas.
    categories: Option<String>,
    /// The same as `categories`. For a tag that has a comma itself, there is `tag`.
    tags: Option<String>,
    /// Of one of these kinds, separated by commas.
    memory_type: Option<String>,
    /// In one of these states, separated by commas; active only when absent. `deleted` lists what can still be restored.
    state: Option<String>,
    /// Of this conversation.
    session_id: Option<String>,
    /// What was known and held at this time (of a date: at its end), superseded memories included.
    #[param(value_type = Option<String>)]
    as_of: Option<Period>,
    /// Also memories that have expired.
    show_expired: Option<bool>,
    /// Part of the text, in any case.
    search_query: Option<String>,
    /// `created_at` (the default), `occurred_at` (or added, where that is not known), `updated_at`, `memory` or `app_name`.
    sort_column: Option<String>,
    /// `asc` or `desc`; newest first and from A to Z when absent.
    sort_direction: Option<String>,
    /// From 1.
    page: Option<u32>,
    /// Entries per page, 1 to 200.
    size: Option<u32>,
    /// `next_cursor` of the part before, in whose order it goes on. Switches to paging by cursor.
    cursor: Option<String>,
    /// Entries per part when paging by cursor, 1 to 200. Switches to paging by cursor.
    limit: Option<u32>,
}

/// List memories
#[utoipa::path(get, path = "/memories/", operation_id = "listMemories", tag = "memories",
    params(ListParams, ("tag" = Option<Vec<String>>, Query, description = "With this tag, letter by letter; may be repeated")),
    responses((status = 200, description = "Part of the list", body = MemoryPage)))]
pub(super) async fn list_memories(
    State(reader): State<Reader>,
    Caller(by): Caller,
    Query(params): Query<ListParams>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<MemoryPage>> {
    let mut tags = listed_tags([params.categories.as_deref(), params.tags.as_deref()]);
    tags.extend(pairs.into_iter().filter(|(name, _)| name == "tag").map(|(_, tag)| tag));
    let filter = Filter {
        project: params.project_id,
        apps: params.app_id.into_iter().collect(),
        tags,
        types: words(csv(params.memory_type.as_deref()))?,
        states: words(csv(params.state.as_deref()))?,
        session_id: params.session_id,
        from: params.from_date.map(Period::first),
        to: params.to_date.map(Period::last),
        ahead: params.to_date.or(params.from_date).map_or(0, Period::ahead),
        as_of: params.as_of.map(Period::last),
        show_expired: params.show_expired == Some(true),
    };
    let paging = Paging { page: params.page, size: params.size, cursor: params.cursor, limit: params.limit, default: LIST_SIZE };
    let order = (params.sort_column.as_deref(), params.sort_direction.as_deref());
    answer(&reader, &by, filter, params.search_query, order, paging).await
}

/// Tags of comma lists. A list may as well be one tag that has commas: it is looked for as a whole, too.
fn listed_tags(lists: [Option<&str>; 2]) -> Vec<String> {
    let of = |list: &str| csv(Some(list)).chain(list.contains(',').then(|| list.trim())).map(str::to_owned).collect::<Vec<_>>();
    lists.into_iter().flatten().flat_map(of).collect()
}

/// Conditions and paging of a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemoryFilter)]
pub(super) struct FilterIn {
    /// From 1.
    #[serde(default)]
    page: Option<u32>,
    /// Entries per page, 1 to 200.
    #[serde(default)]
    size: Option<u32>,
    /// `next_cursor` of the part before, in whose order it goes on. Switches to paging by cursor.
    #[serde(default)]
    cursor: Option<String>,
    /// Entries per part when paging by cursor, 1 to 200. Switches to paging by cursor.
    #[serde(default)]
    limit: Option<u32>,
    /// Part of the text, in any case.
    #[serde(default)]
    search_query: Option<String>,
    /// Written by one of these apps.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    app_ids: Option<Vec<AppId>>,
    /// With one of these tags; a category's id is its name.
    #[serde(default)]
    category_ids: Option<Vec<String>>,
    /// The same as `category_ids`.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// In this project.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    project_id: Option<ProjectId>,
    /// Of one of these kinds.
    #[serde(default)]
    memory_types: Option<Vec<String>>,
    /// In one of these states; active and paused when absent. `deleted` lists what can still be restored.
    #[serde(default)]
    states: Option<Vec<String>>,
    /// Of this conversation.
    #[serde(default)]
    session_id: Option<String>,
    /// `created_at` (the default), `occurred_at` (or added, where that is not known), `updated_at`, `memory` or `app_name`.
    #[serde(default)]
    sort_column: Option<String>,
    /// `asc` or `desc`; newest first and from A to Z when absent.
    #[serde(default)]
    sort_direction: Option<String>,
    /// Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from_date: Option<Period>,
    /// Happened (or was added) at or before; a date, month or year is included to its end.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    to_date: Option<Period>,
    /// What was known and held at this time (of a date: at its end), superseded memories included.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    as_of: Option<Period>,
    /// Also memories that have expired.
    #[serde(default)]
    show_expired: Option<bool>,
    /// Archived ones as well.
    #[serde(default)]
    show_archived: Option<bool>,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// List memories by conditions in a body
///
/// Paused memories are listed too, so that they can be resumed.
#[utoipa::path(post, path = "/memories/filter", operation_id = "filterMemories", tag = "memories", request_body = FilterIn,
    responses((status = 200, description = "Part of the list", body = MemoryPage)))]
pub(super) async fn filter_memories(
    State(reader): State<Reader>,
    Caller(by): Caller,
    Json(body): Json<FilterIn>,
) -> Result<Json<MemoryPage>> {
    let mut states: Vec<MemoryState> = words(body.states.iter().flatten().map(String::as_str))?;
    if states.is_empty() {
        states = vec![MemoryState::Active, MemoryState::Paused];
        if body.as_of.is_some() {
            states.push(MemoryState::Superseded);
        }
    }
    if body.show_archived == Some(true) && !states.contains(&MemoryState::Archived) {
        states.push(MemoryState::Archived);
    }
    let filter = Filter {
        project: body.project_id,
        apps: body.app_ids.unwrap_or_default(),
        tags: body.category_ids.into_iter().chain(body.tags).flatten().collect(),
        types: words(body.memory_types.iter().flatten().map(String::as_str))?,
        states,
        session_id: body.session_id,
        from: body.from_date.map(Period::first),
        to: body.to_date.map(Period::last),
        ahead: body.to_date.or(body.from_date).map_or(0, Period::ahead),
        as_of: body.as_of.map(Period::last),
        show_expired: body.show_expired == Some(true),
    };
    let paging = Paging { page: body.page, size: body.size, cursor: body.cursor, limit: body.limit, default: FILTER_SIZE };
    let order = (body.sort_column.as_deref(), body.sort_direction.as_deref());
    answer(&reader, &by, filter, body.search_query, order, paging).await
}

/// What a request said about paging.
struct Paging {
    page: Option<u32>,
    size: Option<u32>,
    cursor: Option<String>,
    limit: Option<u32>,
    default: u32,
}

impl Paging {
    fn request(&self) -> Result<PageRequest> {
        if self.cursor.is_none() && self.limit.is_none() {
            return Ok(PageRequest::Number { page: self.page.unwrap_or(1), size: self.size.unwrap_or(self.default) });
        }
        if self.page.is_some() {
            return Err(Error::invalid("Send either page and size, or cursor and limit, not both."));
        }
        let cursor = self.cursor.as_deref().filter(|text| !text.is_empty()).map(str::parse).transpose()?;
        Ok(PageRequest::After { cursor, size: self.limit.or(self.size).unwrap_or(self.default) })
    }
}

fn sort_column(name: &str) -> Result<SortColumn> {
    match name {
        "created_at" => Ok(SortColumn::CreatedAt),
        "occurred_at" => Ok(SortColumn::OccurredAt),
        "updated_at" => Ok(SortColumn::UpdatedAt),
        "memory" | "content" | "text" => Ok(SortColumn::Text),
        "app_name" => Ok(SortColumn::AppName),
        _ => Err(Error::invalid("sort_column must be 'created_at', 'occurred_at', 'updated_at', 'memory' or 'app_name'.")),
    }
}

/// The order that was asked for; where it was not, that of the cursor, else newest first, but from A to Z.
fn order(column: Option<&str>, direction: Option<&str>, begun: Option<&Cursor>) -> Result<(SortColumn, bool)> {
    let named = column.filter(|name| !name.is_empty()).map(sort_column).transpose()?;
    let sort = named.or(begun.map(|cursor| cursor.by)).unwrap_or_default();
    Ok((sort, descending(direction, begun.map_or(sort.is_time(), |cursor| cursor.descending))?))
}

async fn answer(
    reader: &Reader,
    by: &Principal,
    filter: Filter,
    contains: Option<String>,
    (column, direction): (Option<&str>, Option<&str>),
    paging: Paging,
) -> Result<Json<MemoryPage>> {
    let request = paging.request()?;
    let (begun, page, size) = match &request {
        PageRequest::Number { page, size } => (None, Some(*page), *size),
        PageRequest::After { cursor, size } => (cursor.as_ref(), None, *size),
    };
    let (sort, descending) = order(column, direction, begun)?;
    let contains = contains.filter(|text| !text.is_empty());
    let found = reader.list(by, ListQuery { filter, contains, sort, descending, page: request }).await?;
    Ok(Json(MemoryPage {
        items: folded(found.items).into_iter().map(|(memory, alike)| MemoryOut { alike, ..MemoryOut::listed(memory) }).collect(),
        total: found.total,
        page,
        size,
        pages: pages(found.total, size),
        next_cursor: found.next.map(|cursor| cursor.to_string()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Key;

    fn paging(page: Option<u32>, cursor: Option<&str>, limit: Option<u32>) -> Result<PageRequest> {
        Paging { page, size: None, cursor: cursor.map(str::to_owned), limit, default: 10 }.request()
    }

    #[test]
    fn a_list_of_tags_may_be_a_tag() {
        let tags = |categories, tags| listed_tags([categories, tags]);
        assert_eq!(tags(Some("a"), Some(" b,, c ")), ["a", "b", "c", "b,, c"]);
        assert_eq!(tags(None, Some("Paris, France")), ["Paris", "France", "Paris, France"]);
        assert!(tags(Some(""), None).is_empty());
    }

    #[test]
    fn cursors_stand_beside_page_numbers() {
        assert_eq!(paging(None, None, None).expect("fits"), PageRequest::Number { page: 1, size: 10 });
        assert_eq!(paging(Some(3), None, None).expect("fits"), PageRequest::Number { page: 3, size: 10 });
        assert_eq!(paging(None, None, Some(5)).expect("fits"), PageRequest::After { cursor: None, size: 5 });
        assert_eq!(paging(None, Some(""), None).expect("fits"), PageRequest::After { cursor: None, size: 10 });
        let cursor = Cursor { by: SortColumn::Text, descending: false, key: Key::Text("b".into()), id: crate::ids::MemoryId::new() };
        let after = paging(None, Some(&cursor.to_string()), Some(5)).expect("fits");
        assert_eq!(after, PageRequest::After { cursor: Some(cursor), size: 5 });
        assert!(paging(None, Some("'; drop"), None).is_err() && paging(Some(1), None, Some(5)).is_err());
    }

    #[test]
    fn a_list_goes_on_in_the_order_that_it_began_in() {
        assert_eq!(order(None, None, None).expect("fits"), (SortColumn::CreatedAt, true));
        assert_eq!(order(Some(""), Some(""), None).expect("fits"), (SortColumn::CreatedAt, true));
        assert_eq!(order(Some("occurred_at"), None, None).expect("fits"), (SortColumn::OccurredAt, true));
        assert_eq!(order(Some("updated_at"), Some("ASC"), None).expect("fits"), (SortColumn::UpdatedAt, false));
        assert_eq!(order(Some("memory"), None, None).expect("fits"), (SortColumn::Text, false));
        assert!(order(Some("strength"), None, None).is_err() && order(None, Some("up"), None).is_err());
        let begun = Cursor { by: SortColumn::AppName, descending: true, key: Key::Text("b".into()), id: crate::ids::MemoryId::new() };
        assert_eq!(order(None, None, Some(&begun)).expect("fits"), (SortColumn::AppName, true));
        assert_eq!(order(Some("app_name"), None, Some(&begun)).expect("fits"), (SortColumn::AppName, true));
    }
}
