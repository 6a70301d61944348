//! Users, tenants, apps and projects on SQL.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use serde_json::json;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{Db, Session, Sql, audit::audit, erase::erase, hold_tenant, memories::erase_deleted_of, statements};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{AppId, ProjectId, TenantId, UserId},
    tenancy::{
        App, AppStats, AppStore, Bounds, Deed, Doer, Member, NewUser, Project, ProjectStore, TenantScope, TenantStats, TenantStore,
        UserStore,
    },
};

fn member(condition: &str) -> String {
    format!(
        "SELECT u.id AS user_id, m.tenant_id, p.id AS project_id, u.email, u.password_hash, u.created_at \
             FROM users u JOIN memberships m ON m.user_id = u.id JOIN projects p ON p.tenant_id = m.tenant_id AND p.is_default \
             WHERE {condition} ORDER BY m.created_at LIMIT 1"
    )
}

/// Whether any tenant is read by the vectors of this model.
///
/// # Errors
/// `unavailable`.
pub async fn any_tenant_reads(db: &Db, model: &str) -> Result<bool> {
    db.system_read().await?.query(&ANY_READS).bind(model).scalar().await
}

/// The reads of the app at hand.
const APP_READS: &str = "FROM access_log l WHERE l.tenant_id = a.tenant_id AND l.app_id = a.id AND ($2 IS NULL OR EXISTS \
         (SELECT 1 FROM memories m WHERE m.tenant_id = l.tenant_id AND m.id = l.memory_id AND m.project_id = $2))";

/// What each app did, in the project `$2` where that is not null.
fn app_stats(condition: &str) -> String {
    format!(
        "SELECT a.id, a.name, a.is_active, a.created_at, \
             (SELECT CAST(COALESCE(SUM(c.count), 0) AS BIGINT) FROM memory_counts c WHERE c.tenant_id = a.tenant_id AND c.app_id = a.id \
              AND c.state <> 'deleted' AND (c.project_id = $2 OR $2 IS NULL)) AS created, \
             (SELECT CAST(COALESCE(SUM(l.count), 0) AS BIGINT) {APP_READS}) AS accessed, (SELECT MIN(l.accessed_at) {APP_READS}) AS first_accessed, (SELECT MAX(l.accessed_at) {APP_READS}) AS last_accessed FROM apps a WHERE a.tenant_id = $1 {condition}"
    )
}

fn project(condition: &str) -> String {
    format!(
        "SELECT p.id, p.name, p.is_default, p.created_at, \
             (SELECT CAST(COALESCE(SUM(c.count), 0) AS BIGINT) FROM memory_counts c WHERE c.tenant_id = p.tenant_id AND c.project_id = p.id \
              AND c.state <> 'deleted') AS memory_count \
             FROM projects p WHERE p.tenant_id = $1 {condition}"
    )
}

statements! {
    ANY_READS: "SELECT EXISTS (SELECT 1 FROM tenants WHERE embedding_model = $1)";
    INSERT_TENANT: "INSERT INTO tenants (id, name, status, change_seq, created_at) VALUES ($1, $2, 'active', 1, $3)";
    INSERT_USER: "INSERT INTO users (id, email, password_hash, external_subject, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    INSERT_MEMBERSHIP: "INSERT INTO memberships (tenant_id, user_id, role, created_at) VALUES ($1, $2, 'owner', $3)";
    INSERT_PROJECT: "INSERT INTO projects (id, tenant_id, name, is_default, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    MEMBER_BY_EMAIL: (|_| member("u.email = $1"));
    MEMBER_BY_SUBJECT: (|_| member("u.external_subject = $1"));
    MEMBER_BY_ID: (|_| member("u.id = $1 AND m.tenant_id = $2"));
    NOTE: "INSERT INTO service_audit (id, action, subject_id, detail, at) VALUES ($1, $2, $3, $4, $5)";
    ANY_USER: "SELECT EXISTS (SELECT 1 FROM users)";
    SET_PASSWORD: "UPDATE users SET password_hash = $2 WHERE id = $1";
    TOUCH_LOGIN: "UPDATE users SET last_login_at = $2 WHERE id = $1";
    INSERT_APP: "INSERT INTO apps (id, tenant_id, name, is_active, created_at) VALUES ($1, $2, $3, TRUE, $4) ON CONFLICT DO NOTHING";
    APP_COUNT: "SELECT COUNT(*) FROM apps WHERE tenant_id = $1";
    PROJECT_COUNT: "SELECT COUNT(*) FROM projects WHERE tenant_id = $1";
    APP_BY_NAME: "SELECT id, name, is_active, created_at FROM apps WHERE tenant_id = $1 AND name = $2";
    APP_ONE: (|_| app_stats("AND a.id = $3"));
    APP_ALL: (|_| app_stats("ORDER BY a.name"));
    SET_APP_ACTIVE: "UPDATE apps SET is_active = $3 WHERE tenant_id = $1 AND id = $2";
    PROJECT_ONE: (|_| project("AND p.id = $2"));
    PROJECT_ALL: (|_| project("ORDER BY p.is_default DESC, p.created_at"));
    RENAME_PROJECT: "UPDATE projects SET name = $3 WHERE tenant_id = $1 AND id = $2";
    FORGET_OPERATIONS: "DELETE FROM operations WHERE tenant_id = $1 AND project_id = $2 AND state <> 'queued'";
    DELETE_PROJECT: "DELETE FROM projects WHERE tenant_id = $1 AND id = $2 AND NOT is_default \
        AND NOT EXISTS (SELECT 1 FROM memories m WHERE m.tenant_id = $1 AND m.project_id = $2) \
        AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.tenant_id = $1 AND o.project_id = $2) \
        AND NOT EXISTS (SELECT 1 FROM credentials c WHERE c.tenant_id = $1 AND c.project_id = $2)";
    STATS: "SELECT (SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM memory_counts WHERE tenant_id = $1 AND state <> 'deleted') AS memories, \
        (SELECT COUNT(*) FROM apps WHERE tenant_id = $1) AS apps";
}

#[derive(FromRow)]
struct MemberRow {
    user_id: Uuid,
    tenant_id: Uuid,
    project_id: Uuid,
    email: Option<String>,
    password_hash: Option<String>,
    created_at: i64,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            user: UserId(row.user_id),
            tenant: TenantId(row.tenant_id),
            default_project: ProjectId(row.project_id),
            email: row.email,
            password_hash: row.password_hash,
            created_at: Timestamp(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct AppRow {
    id: Uuid,
    name: String,
    is_active: bool,
    created_at: i64,
}

impl From<AppRow> for App {
    fn from(row: AppRow) -> Self {
        Self { id: AppId(row.id), name: row.name, is_active: row.is_active, created_at: Timestamp(row.created_at) }
    }
}

#[derive(FromRow)]
struct AppStatsRow {
    #[sqlx(flatten)]
    app: AppRow,
    created: i64,
    accessed: i64,
    first_accessed: Option<i64>,
    last_accessed: Option<i64>,
}

impl From<AppStatsRow> for AppStats {
    fn from(row: AppStatsRow) -> Self {
        Self {
            app: row.app.into(),
            memories_created: row.created,
            memories_accessed: row.accessed,
            first_accessed: row.first_accessed.map(Timestamp),
            last_accessed: row.last_accessed.map(Timestamp),
        }
    }
}

#[derive(FromRow)]
struct ProjectRow {
    id: Uuid,
    name: String,
    is_default: bool,
    created_at: i64,
    memory_count: i64,
}

impl From<ProjectRow> for Project {
    fn from(row: ProjectRow) -> Self {
        Self {
            id: ProjectId(row.id),
            name: row.name,
            is_default: row.is_default,
            memory_count: row.memory_count,
            created_at: Timestamp(row.created_at),
        }
    }
}

/// Users, tenants, projects and apps in SQL.
pub struct SqlTenancyStore {
    db: Db,
    bounds: Bounds,
}

impl SqlTenancyStore {
    /// A store over a database, whose tenants may have so many of each.
    #[must_use]
    pub fn shared(db: &Db, bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { db: db.clone(), bounds })
    }

    /// Appends to the tenant's audit trail, in the transaction of what was done.
    async fn tell(
        &self,
        session: &mut Session,
        scope: &TenantScope,
        by: Doer,
        action: &str,
        subject: Uuid,
        detail: serde_json::Value,
    ) -> Result<()> {
        let credential = by.credential.map(|id| id.0);
        audit(session, scope, by.user.0, credential, action, Some(subject), detail, self.db.clock.now()).await
    }

    async fn insert_project(&self, session: &mut Session, project: &Project, tenant: TenantId) -> Result<bool> {
        let done = session
            .query(&INSERT_PROJECT)
            .bind(project.id.0)
            .bind(tenant.0)
            .bind(&project.name)
            .bind(project.is_default)
            .bind(project.created_at.0)
            .execute()
            .await;
        Ok(done? == 1)
    }
}

/// Appends to the audit trail, of the tenant or of the service, in a session of the system.
pub(super) async fn note(session: &mut Session, deed: Deed, now: Timestamp) -> Result<()> {
    let Deed { by, action, subject, detail } = deed;
    if let Some((scope, by)) = by {
        return audit(session, &scope, by.user.0, by.credential.map(|id| id.0), action, subject, detail, now).await;
    }
    session.query(&NOTE).bind(Uuid::now_v7()).bind(action).bind(subject).bind(Json(&detail)).bind(now.0).execute().await.map(drop)
}

async fn app_named(session: &mut Session, scope: &TenantScope, name: &str) -> Result<Option<App>> {
    let row = session.query(&APP_BY_NAME).bind(scope.tenant().0).bind(name).fetch_optional::<AppRow>().await;
    Ok(row?.map(App::from))
}

async fn count(session: &mut Session, scope: &TenantScope, what: &'static Sql) -> Result<i64> {
    session.query(what).bind(scope.tenant().0).scalar::<i64>().await
}

#[async_trait]
impl UserStore for SqlTenancyStore {
    async fn provision(&self, user: NewUser) -> Result<Option<Member>> {
        let now = self.db.clock.now();
        let (tenant, id) = (TenantId::new(), UserId::new());
        let project = Project { id: ProjectId::new(), name: "default".into(), is_default: true, memory_count: 0, created_at: now };
        let mut session = self.db.system_write().await?;
        let inserted = session
            .query(&INSERT_USER)
            .bind(id.0)
            .bind(&user.email)
            .bind(&user.password_hash)
            .bind(&user.external_subject)
            .bind(now.0)
            .execute()
            .await?;
        if inserted == 0 {
            return Ok(None);
        }
        let name = user.email.clone().unwrap_or_else(|| id.to_string());
        session.query(&INSERT_TENANT).bind(tenant.0).bind(&name).bind(now.0).execute().await?;
        session.query(&INSERT_MEMBERSHIP).bind(tenant.0).bind(id.0).bind(now.0).execute().await?;
        self.insert_project(&mut session, &project, tenant).await?;
        let (email, password_hash) = (user.email, user.password_hash);
        let member = Member { user: id, tenant, default_project: project.id, email, password_hash, created_at: now };
        let by = Some((member.scope(), member.doer()));
        note(&mut session, Deed { by, action: "account.create", subject: None, detail: json!({}) }, now).await?;
        session.commit().await?;
        Ok(Some(member))
    }

    async fn member_by_email(&self, email: &str) -> Result<Option<Member>> {
        let mut session = self.db.system_read().await?;
        let row = session.query(&MEMBER_BY_EMAIL).bind(email).fetch_optional::<MemberRow>().await;
        Ok(row?.map(Member::from))
    }

    async fn member_by_subject(&self, subject: &str) -> Result<Option<Member>> {
        let mut session = self.db.system_read().await?;
        let row = session.query(&MEMBER_BY_SUBJECT).bind(subject).fetch_optional::<MemberRow>().await;
        Ok(row?.map(Member::from))
    }

    async fn member(&self, user: UserId, tenant: TenantId) -> Result<Option<Member>> {
        let mut session = self.db.system_read().await?;
        let row = session.query(&MEMBER_BY_ID).bind(user.0).bind(tenant.0).fetch_optional::<MemberRow>().await;
        Ok(row?.map(Member::from))
    }

    async fn is_empty(&self) -> Result<bool> {
        let mut session = self.db.system_read().await?;
        let any = session.query(&ANY_USER).scalar::<bool>().await;
        Ok(!any?)
    }

    async fn set_password(&self, user: UserId, hash: &str, deed: Deed) -> Result<()> {
        let mut session = self.db.system_write().await?;
        session.query(&SET_PASSWORD).bind(user.0).bind(hash).execute().await?;
        note(&mut session, deed, self.db.clock.now()).await?;
        session.commit().await
    }

    async fn touch_login(&self, member: &Member) -> Result<()> {
        let (user, now) = (member.user, self.db.clock.now());
        let mut session = self.db.system_write().await?;
        session.query(&TOUCH_LOGIN).bind(user.0).bind(now.0).execute().await?;
        let by = Some((member.scope(), member.doer()));
        note(&mut session, Deed { by, action: "account.sign_in", subject: None, detail: json!({}) }, now).await?;
        session.commit().await
    }

    async fn note(&self, deed: Deed) -> Result<()> {
        let mut session = self.db.system_write().await?;
        note(&mut session, deed, self.db.clock.now()).await?;
        session.commit().await
    }
}

#[async_trait]
impl AppStore for SqlTenancyStore {
    async fn find_app(&self, scope: &TenantScope, name: &str) -> Result<Option<App>> {
        let mut session = self.db.read(scope).await?;
        app_named(&mut session, scope, name).await
    }

    async fn app_by_name(&self, scope: &TenantScope, name: &str) -> Result<App> {
        if let Some(app) = self.find_app(scope, name).await? {
            return Ok(app);
        }
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        // Somebody else may have been faster.
        if let Some(app) = app_named(&mut session, scope, name).await? {
            return Ok(app);
        }
        let instead = "Use the name of an app that is there, or ask the operator for more.";
        Bounds::check(count(&mut session, scope, &APP_COUNT).await?, self.bounds.apps, "apps", "limits.apps", instead)?;
        let id = AppId::new();
        session.query(&INSERT_APP).bind(id.0).bind(scope.tenant().0).bind(name).bind(now.0).execute().await?;
        session.commit().await?;
        Ok(App { id, name: name.to_owned(), is_active: true, created_at: now })
    }

    async fn app(&self, scope: &TenantScope, id: AppId, project: Option<ProjectId>) -> Result<Option<AppStats>> {
        let mut session = self.db.read(scope).await?;
        let row =
            session.query(&APP_ONE).bind(scope.tenant().0).bind(project.map(|p| p.0)).bind(id.0).fetch_optional::<AppStatsRow>().await;
        Ok(row?.map(AppStats::from))
    }

    async fn apps(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<AppStats>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&APP_ALL).bind(scope.tenant().0).bind(project.map(|p| p.0)).fetch_all::<AppStatsRow>().await;
        Ok(rows?.into_iter().map(AppStats::from).collect())
    }

    async fn set_app_active(&self, scope: &TenantScope, by: Doer, id: AppId, active: bool) -> Result<bool> {
        let mut session = self.db.write(scope).await?;
        let done = session.query(&SET_APP_ACTIVE).bind(scope.tenant().0).bind(id.0).bind(active).execute().await;
        let found = done? > 0;
        if found {
            let action = if active { "app.resume" } else { "app.pause" };
            self.tell(&mut session, scope, by, action, id.0, json!({})).await?;
        }
        session.commit().await?;
        Ok(found)
    }
}

#[async_trait]
impl ProjectStore for SqlTenancyStore {
    async fn projects(&self, scope: &TenantScope) -> Result<Vec<Project>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&PROJECT_ALL).bind(scope.tenant().0).fetch_all::<ProjectRow>().await;
        Ok(rows?.into_iter().map(Project::from).collect())
    }

    async fn project(&self, scope: &TenantScope, id: ProjectId) -> Result<Option<Project>> {
        let mut session = self.db.read(scope).await?;
        let row = session.query(&PROJECT_ONE).bind(scope.tenant().0).bind(id.0).fetch_optional::<ProjectRow>().await;
        Ok(row?.map(Project::from))
    }

    async fn create_project(&self, scope: &TenantScope, by: Doer, name: &str) -> Result<Option<Project>> {
        let created_at = self.db.clock.now();
        let project = Project { id: ProjectId::new(), name: name.to_owned(), is_default: false, memory_count: 0, created_at };
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        let instead = "Delete one that is empty, or ask the operator for more.";
        Bounds::check(count(&mut session, scope, &PROJECT_COUNT).await?, self.bounds.projects, "projects", "limits.projects", instead)?;
        let inserted = self.insert_project(&mut session, &project, scope.tenant()).await?;
        if inserted {
            self.tell(&mut session, scope, by, "project.create", project.id.0, json!({})).await?;
        }
        session.commit().await?;
        Ok(inserted.then_some(project))
    }

    async fn rename_project(&self, scope: &TenantScope, by: Doer, id: ProjectId, name: &str) -> Result<Option<bool>> {
        let mut session = self.db.write(scope).await?;
        let done = session.query(&RENAME_PROJECT).bind(scope.tenant().0).bind(id.0).bind(name).execute_unique().await?;
        match done {
            None => Ok(Some(false)),
            Some(0) => Ok(None),
            Some(_) => {
                self.tell(&mut session, scope, by, "project.rename", id.0, json!({})).await?;
                session.commit().await.map(|()| Some(true))
            }
        }
    }

    async fn delete_project(&self, scope: &TenantScope, by: Doer, id: ProjectId) -> Result<Option<bool>> {
        if self.project(scope, id).await?.is_none() {
            return Ok(None);
        }
        let mut session = self.db.write(scope).await?;
        // No memory may arrive between the look and the deletion.
        hold_tenant(&mut session, scope).await?;
        // What was deleted in it cannot be restored without it.
        erase_deleted_of(&mut session, scope, id.0).await?;
        session.query(&FORGET_OPERATIONS).bind(scope.tenant().0).bind(id.0).execute().await?;
        let done = session.query(&DELETE_PROJECT).bind(scope.tenant().0).bind(id.0).execute().await;
        if done? == 0 {
            return Ok(Some(false));
        }
        self.tell(&mut session, scope, by, "project.delete", id.0, json!({})).await?;
        session.commit().await?;
        Ok(Some(true))
    }
}

#[async_trait]
impl TenantStore for SqlTenancyStore {
    async fn erase(&self, scope: &TenantScope) -> Result<BTreeMap<&'static str, u64>> {
        erase(&self.db, scope).await
    }

    async fn stats(&self, scope: &TenantScope) -> Result<TenantStats> {
        let mut session = self.db.read(scope).await?;
        let row = session.query(&STATS).bind(scope.tenant().0).fetch_one::<(i64, i64)>().await;
        let (total_memories, total_apps) = row?;
        Ok(TenantStats { total_memories, total_apps })
    }
}
