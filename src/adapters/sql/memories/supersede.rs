//! What an add does to other memories: the one whose place is taken, those that it is linked with, and those of its
//! session that live on.

use std::time::Duration;

use uuid::Uuid;

use super::unit::Write;
use crate::{
    adapters::sql::statements,
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::{MemoryId, ProjectId},
    jobs::Priority,
    memory::{Event, Insert, MemoryType},
};

/// How long a working memory without an end of its own outlives the last of its session: a conversation that is taken up
/// the next morning still has it, one of last week does not.
const WORKING_KEPT: Duration = Duration::from_hours(24);
/// Ends of a session are moved at most this often, so that a long one does not write all of its memories again with each.
const WORKING_STEP: Duration = Duration::from_hours(1);

statements! {
    SUPERSEDE: "UPDATE memories SET state = 'superseded', superseded_by = $4, superseded_at = $5, version = version + 1, seq = $6, \
        updated_at = $5 WHERE tenant_id = $1 AND id = $2 AND (project_id = $3 OR $3 IS NULL) AND state NOT IN ('deleted', 'superseded')";
    SAME_SUPERSEDED: "SELECT id FROM memories WHERE tenant_id = $1 AND project_id = $2 AND content_hash = $3 AND state = 'superseded' \
        AND superseded_at = $4 ORDER BY id LIMIT 1";
    EXTEND_WORKING: "UPDATE memories SET expires_at = $4, seq = $6 WHERE tenant_id = $1 AND project_id = $2 AND session_id = $3 \
        AND memory_type = 'working' AND state NOT IN ('deleted', 'superseded') AND expires_at > $5 AND expires_at < $7";
    PAIR: "SELECT COUNT(*) FROM memories one JOIN memories other ON other.tenant_id = one.tenant_id AND other.project_id = one.project_id \
        WHERE one.tenant_id = $1 AND one.id = $2 AND other.id = $3 AND one.state <> 'deleted' AND other.state <> 'deleted' \
        AND (one.project_id = $4 OR $4 IS NULL)";
    LINK: "INSERT INTO memory_links (tenant_id, from_id, to_id, created_at) SELECT $1, $2, $3, $4 \
        WHERE NOT EXISTS (SELECT 1 FROM memory_links WHERE tenant_id = $1 AND from_id = $3 AND to_id = $2) ON CONFLICT DO NOTHING";
}

/// The end of a working memory that was given none.
pub(super) fn end_of_working(memory: &Insert, now: Timestamp) -> Option<Timestamp> {
    (memory.content.memory_type == MemoryType::Working && !memory.content.pinned).then(|| now.plus(WORKING_KEPT))
}

impl Write<'_> {
    /// Takes the place of a live memory of the project.
    ///
    /// # Errors
    /// `not_found`.
    pub(super) async fn supersede(&mut self, project: ProjectId, old: MemoryId, new: Option<MemoryId>) -> Result<()> {
        if self.end_of(Some(project), old, new).await? {
            return Ok(());
        }
        Err(Error::new(
            Code::NotFound,
            "'supersedes' names no memory of this project whose place can be taken. List yours to see which ids exist.",
        ))
    }

    /// What a memory says holds no longer; false when there is no live one of that id.
    pub(super) async fn end_of_validity(&mut self, old: MemoryId, new: Option<MemoryId>) -> Result<bool> {
        self.end_of(None, old, new).await
    }

    async fn end_of(&mut self, project: Option<ProjectId>, old: MemoryId, new: Option<MemoryId>) -> Result<bool> {
        // The old one may be of this very call: its first step is told before its second is made.
        self.record_created().await?;
        let done = self
            .session
            .query(&SUPERSEDE)
            .bind(self.scope.tenant().0)
            .bind(old.0)
            .bind(project.map(|p| p.0))
            .bind(new.map(|id| id.0))
            .bind(self.now.0)
            .bind(self.sequence)
            .execute()
            .await;
        if done? == 0 {
            return Ok(false);
        }
        self.history(&[old], Event::Superseded).await?;
        if self.indexing.external {
            self.jobs.entry(old.0).or_insert(Priority::Normal);
        }
        Ok(true)
    }

    /// The memory of this hash that held until then: an import that is repeated brings it once.
    pub(super) async fn same_superseded(&mut self, project: ProjectId, hash: &str, until: Timestamp) -> Result<Option<MemoryId>> {
        let found = self
            .session
            .query(&SAME_SUPERSEDED)
            .bind(self.scope.tenant().0)
            .bind(project.0)
            .bind(hash)
            .bind(until.0)
            .scalar_optional::<Uuid>()
            .await;
        Ok(found?.map(MemoryId))
    }

    /// The working memories of a session live on with it. Bookkeeping, and no new version: nothing that was said changes.
    pub(super) async fn extend_working(&mut self, project: ProjectId, session: &str) -> Result<()> {
        let end = self.now.plus(WORKING_KEPT);
        self.session
            .query(&EXTEND_WORKING)
            .bind(self.scope.tenant().0)
            .bind(project.0)
            .bind(session)
            .bind(end.0)
            .bind(self.now.0)
            .bind(self.sequence)
            .bind(end.minus(WORKING_STEP).0)
            .execute()
            .await
            .map(drop)
    }

    /// Links two memories of one project; once is enough.
    ///
    /// # Errors
    /// `not_found`.
    pub(super) async fn link(&mut self, one: MemoryId, other: MemoryId) -> Result<()> {
        if self.linked_pair(None, one, other).await? {
            return Ok(());
        }
        Err(Error::new(Code::NotFound, "'related' names a memory that is not in this project. List yours to see which ids exist."))
    }

    /// False when one of the two is not there, or they are of two projects.
    pub(super) async fn linked_pair(&mut self, project: Option<ProjectId>, one: MemoryId, other: MemoryId) -> Result<bool> {
        let pair = self
            .session
            .query(&PAIR)
            .bind(self.scope.tenant().0)
            .bind(one.0)
            .bind(other.0)
            .bind(project.map(|p| p.0))
            .scalar::<i64>()
            .await;
        if pair? == 0 {
            return Ok(false);
        }
        self.session.query(&LINK).bind(self.scope.tenant().0).bind(one.0).bind(other.0).bind(self.now.0).execute().await?;
        Ok(true)
    }
}

/// Ids as the database has them.
pub(super) fn uuids(ids: &[MemoryId]) -> impl Iterator<Item = Uuid> {
    ids.iter().map(|id| id.0)
}
