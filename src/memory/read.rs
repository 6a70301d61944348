//! Reading without a question: lists, single memories, their history and who read them.

use std::sync::Arc;

use super::{
    access::AccessRecorder,
    model::{Access, AccessEntry, Filter, HistoryEntry, ListQuery, Memory, Page, PageRequest},
    reach::Reach,
    served::Served,
    store::{AccessStore, ListStore},
    text::{checked_filter, checked_part},
};
use crate::{
    auth::{Principal, Scope},
    clock::Clock,
    error::{Code, Error, Result},
    ids::{AppId, MemoryId, ShortId},
    plans::Meter,
    tenancy::TenancyService,
};

/// Most entries of one page.
const MAX_PAGE: u32 = 200;

/// Reads memories of one tenant at a time; cheap to clone.
#[derive(Clone)]
pub struct Reader {
    pub reach: Reach,
    pub lists: Arc<dyn ListStore>,
    pub reads: Arc<dyn AccessStore>,
    pub access: AccessRecorder,
    /// What each app was given lately.
    pub served: Served,
    pub tenancy: TenancyService,
    pub clock: Arc<dyn Clock>,
}

impl Reader {
    /// Part of the memories that match.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`, `not_found` (project).
    pub async fn list(&self, by: &Principal, mut query: ListQuery) -> Result<Page<Memory>> {
        by.require(Scope::MemoryRead)?;
        let (PageRequest::Number { size, .. } | PageRequest::After { size, .. }) = query.page;
        if !(1..=MAX_PAGE).contains(&size) || matches!(query.page, PageRequest::Number { page: 0, .. }) {
            return Err(Error::invalid(format!("A page has 1 to {MAX_PAGE} entries, and pages are numbered from 1.")));
        }
        if let PageRequest::After { cursor: Some(cursor), .. } = &query.page
            && (cursor.by, cursor.descending) != (query.sort, query.descending)
        {
            return Err(Error::invalid("This cursor belongs to a list in another order. Begin again without it, or ask for that order."));
        }
        let app = self.reach.reader(by, Meter::Reads).await?;
        // Lists show deleted memories to who asks for them; no search does.
        let asked = Filter { project: query.filter.project, ..Filter::default() };
        query.filter.project = self.reach.readable_project(by, &asked).await?;
        checked_filter(&mut query.filter)?;
        query.contains.as_deref().map(checked_part).transpose()?;
        let page = self.lists.list(&by.scope, &query).await?;
        let now = self.clock.now();
        self.served.note(&by.scope, app.id, page.items.iter().map(|m| m.id));
        self.access.note(&by.scope, app.id, Access::List, now, page.items.iter().map(|m| m.id));
        metrics::counter!("memory_operations_total", "operation" => "list").increment(1);
        Ok(page)
    }

    /// One memory.
    ///
    /// # Errors
    /// `not_found`, `insufficient_scope`, `app_paused`.
    pub async fn get(&self, by: &Principal, id: MemoryId) -> Result<Memory> {
        by.require(Scope::MemoryRead)?;
        let app = self.reach.reader(by, Meter::Reads).await?;
        let memory = self.reach.visible(by, id).await?;
        self.access.note(&by.scope, app.id, Access::Get, self.clock.now(), [id]);
        Ok(memory)
    }

    /// The memory that a model means by an id or the short form of one; `None` for a text that is neither, or a short form that none
    /// has. Whether the caller may see it is for the next call to say.
    ///
    /// # Errors
    /// `conflict` where several memories have that short form.
    pub async fn named(&self, by: &Principal, text: &str) -> Result<Option<MemoryId>> {
        let text = text.trim().trim_start_matches('[').trim_end_matches(']');
        if let Ok(id) = text.parse() {
            return Ok(Some(id));
        }
        let Ok(short) = text.parse::<ShortId>() else { return Ok(None) };
        match self.lists.of_short_id(&by.scope, short).await?[..] {
            [] => Ok(None),
            [id] => Ok(Some(id)),
            _ => Err(Error::new(
                Code::Conflict,
                format!("Several memories have the short id {short}. Search or list with detail 'full', and send the whole id."),
            )),
        }
    }

    /// A memory as its writer just stored it, which is no use of it.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn written(&self, by: &Principal, id: MemoryId) -> Result<Memory> {
        by.require(Scope::MemoryRead)?;
        self.reach.visible(by, id).await
    }

    /// The steps in the life of a memory, oldest first.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn history(&self, by: &Principal, id: MemoryId) -> Result<Vec<HistoryEntry>> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        self.reach.visible(by, id).await?;
        self.lists.history(&by.scope, id).await
    }

    /// Who read a memory, latest first, and how many entries there are.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn access_log(&self, by: &Principal, id: MemoryId, page: u32, size: u32) -> Result<(Vec<AccessEntry>, i64)> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        self.reach.visible(by, id).await?;
        self.access.flush().await;
        self.reads.access_log(&by.scope, id, page.max(1), size.clamp(1, MAX_PAGE)).await
    }

    /// What an app read, most read first, with counts, and how many memories there are.
    ///
    /// # Errors
    /// `not_found` (app), `insufficient_scope`.
    pub async fn accessed_by(&self, by: &Principal, app: AppId, page: u32, size: u32) -> Result<(Vec<(Memory, i64)>, i64)> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        self.tenancy.app_stats(&by.scope, by.project, app).await?;
        self.access.flush().await;
        let (items, total) = self.reads.accessed_by(&by.scope, by.project, app, page.max(1), size.clamp(1, MAX_PAGE)).await?;
        Ok((items, total))
    }

    /// Tags in use, with the number of memories that carry each.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`.
    pub async fn tags(&self, by: &Principal) -> Result<Vec<(String, i64)>> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        self.lists.tags(&by.scope, by.project).await
    }
}
