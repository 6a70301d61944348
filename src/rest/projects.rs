//! `/projects`: named spaces of memories within the tenant. A credential bound to one project sees that one alone.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    RestParts,
    common::{Message, manages_tenant},
};
use crate::{
    auth::Scope,
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::ProjectId,
    memory::Gate,
    tenancy::{Project, TenancyService},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        list_projects, create_project;
        get_project, rename_project, delete_project;
    }
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub(super) struct ProjectOut {
    id: Uuid,
    name: String,
    /// Where memories go when no project is named.
    is_default: bool,
    /// Memories that are not deleted.
    total_memories: i64,
    /// RFC 3339.
    created_at: String,
}

impl From<Project> for ProjectOut {
    fn from(p: Project) -> Self {
        Self { id: p.id.0, name: p.name, is_default: p.is_default, total_memories: p.memory_count, created_at: p.created_at.rfc3339() }
    }
}

/// All projects that the caller sees.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectList {
    total: usize,
    /// The default one first.
    projects: Vec<ProjectOut>,
}

/// A project's name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectName {
    /// 1 to 100 characters, unique in the account.
    #[schema(example = "work")]
    name: String,
}

/// List projects
#[utoipa::path(get, path = "/projects/", operation_id = "listProjects", tag = "projects",
    responses((status = 200, description = "The default one first", body = ProjectList)))]
async fn list_projects(State(tenancy): State<TenancyService>, Caller(by): Caller) -> Result<Json<ProjectList>> {
    by.require(Scope::MemoryRead)?;
    let mut projects = tenancy.projects(&by.scope).await?;
    projects.retain(|p| by.project.is_none_or(|bound| bound == p.id));
    Ok(Json(ProjectList { total: projects.len(), projects: projects.into_iter().map(ProjectOut::from).collect() }))
}

/// Create a project
#[utoipa::path(post, path = "/projects/", operation_id = "createProject", tag = "projects", request_body = ProjectName,
    responses((status = 201, description = "The new project", body = ProjectOut)))]
async fn create_project(
    State(tenancy): State<TenancyService>,
    State(gate): State<Gate>,
    Caller(by): Caller,
    Json(body): Json<ProjectName>,
) -> Result<Response> {
    manages_tenant(&by)?;
    let name = gate.clean_name(&by.scope, body.name).await?;
    let project = tenancy.create_project(&by.scope, by.doer(), &name).await?;
    let location = format!("/api/v1/projects/{}", project.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(ProjectOut::from(project))).into_response())
}

/// Read a project
#[utoipa::path(get, path = "/projects/{project_id}", operation_id = "getProject", tag = "projects",
    params(("project_id" = Uuid, Path, description = "The project")),
    responses((status = 200, description = "The project", body = ProjectOut)))]
async fn get_project(State(tenancy): State<TenancyService>, Caller(by): Caller, Path(id): Path<ProjectId>) -> Result<Json<ProjectOut>> {
    by.require(Scope::MemoryRead)?;
    by.project_for_read(Some(id))?;
    Ok(Json(tenancy.project(&by.scope, id).await?.into()))
}

/// Rename a project
#[utoipa::path(put, path = "/projects/{project_id}", operation_id = "renameProject", tag = "projects", request_body = ProjectName,
    params(("project_id" = Uuid, Path, description = "The project")),
    responses((status = 200, description = "The project as it is now", body = ProjectOut)))]
async fn rename_project(
    State(tenancy): State<TenancyService>,
    State(gate): State<Gate>,
    Caller(by): Caller,
    Path(id): Path<ProjectId>,
    Json(body): Json<ProjectName>,
) -> Result<Json<ProjectOut>> {
    manages_tenant(&by)?;
    let name = gate.clean_name(&by.scope, body.name).await?;
    Ok(Json(tenancy.rename_project(&by.scope, by.doer(), id, &name).await?.into()))
}

/// Delete an empty project
///
/// What was deleted in it cannot be restored then: it is erased.
#[utoipa::path(delete, path = "/projects/{project_id}", operation_id = "deleteProject", tag = "projects",
    params(("project_id" = Uuid, Path, description = "The project")),
    responses((status = 200, description = "It is gone", body = Message)))]
async fn delete_project(State(tenancy): State<TenancyService>, Caller(by): Caller, Path(id): Path<ProjectId>) -> Result<Json<Message>> {
    manages_tenant(&by)?;
    tenancy.delete_project(&by.scope, by.doer(), id).await?;
    Ok(Json(Message::new("Project deleted")))
}
