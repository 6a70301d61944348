//! Bodies of the actions on many memories.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{ids::MemoryId, memory::Restored};

/// Which memories to archive or restore: a bare list of ids, or an object that holds one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, expecting = "memory_ids must be a list of ids, in an object or by itself")]
#[schema(as = MemoryIds)]
pub(super) enum IdsIn {
    /// A bare list.
    #[schema(value_type = Vec<Uuid>)]
    List(Vec<MemoryId>),
    /// An object.
    Object {
        /// The ids.
        #[schema(value_type = Vec<Uuid>)]
        memory_ids: Vec<MemoryId>,
    },
}

impl IdsIn {
    pub(super) fn ids(self) -> Vec<MemoryId> {
        let (Self::List(ids) | Self::Object { memory_ids: ids }) = self;
        ids
    }
}

/// What was moved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MovedOut {
    message: String,
    /// How many.
    updated: usize,
    /// Which; ids that were not there are missing here.
    ids: Vec<Uuid>,
}

impl MovedOut {
    pub(super) fn of(what: &str, ids: &[MemoryId]) -> Self {
        Self {
            message: format!("Successfully {what} {} memories", ids.len()),
            updated: ids.len(),
            ids: ids.iter().map(|id| id.0).collect(),
        }
    }
}

/// What was restored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RestoredOut {
    message: String,
    /// How many.
    updated: usize,
    /// Which; ids that were not there, or needed nothing, are missing here.
    ids: Vec<Uuid>,
    /// Those that stay deleted (or superseded), since another memory of their project has the same text or key by now.
    conflicts: Vec<Uuid>,
}

impl RestoredOut {
    pub(super) fn of(what: &str, Restored { restored, conflicts }: Restored) -> Self {
        let plain = |ids: Vec<MemoryId>| ids.into_iter().map(|id| id.0).collect();
        Self {
            message: format!("Successfully {what} {} memories", restored.len()),
            updated: restored.len(),
            ids: plain(restored),
            conflicts: plain(conflicts),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_an_id_list_are_read() {
        let id = MemoryId::new();
        for body in [json!([id]), json!({"memory_ids": [id], "user_id": "x"})] {
            let ids = serde_json::from_value::<IdsIn>(body).expect("fits").ids();
            assert_eq!(ids, [id]);
        }
        for body in [json!({}), json!({"memory_ids": null}), json!(["x"]), json!(null)] {
            let error = serde_json::from_value::<IdsIn>(body).expect_err("refused");
            assert!(error.to_string().contains("memory_ids"), "{error}");
        }
    }
}
