//! `GET /memories/categories`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Result,
    http::extract::{Caller, Json},
    memory::Reader,
};

/// A tag as a category of OpenMemory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Category {
    /// The same as the name.
    id: String,
    name: String,
    /// Always null: tags have no description.
    description: Option<String>,
    /// How many memories carry it.
    count: i64,
}

/// Tags in use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Categories {
    categories: Vec<Category>,
    total: usize,
}

/// List tags in use
#[utoipa::path(get, path = "/memories/categories", operation_id = "listCategories", tag = "memories",
    responses((status = 200, description = "Every tag with its number of memories", body = Categories)))]
pub(super) async fn list_categories(State(reader): State<Reader>, Caller(by): Caller) -> Result<Json<Categories>> {
    let categories: Vec<Category> =
        reader.tags(&by).await?.into_iter().map(|(name, count)| Category { id: name.clone(), name, description: None, count }).collect();
    Ok(Json(Categories { total: categories.len(), categories }))
}
