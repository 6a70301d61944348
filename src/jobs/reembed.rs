//! The move of a tenant to the configured embedding model while it is used: vectors of both models lie side by side until
//! the tenant has all of the new one, then searches read by those.

use super::{
    failure::{Cure, Failure},
    index::{IndexJob, away},
};
use crate::tenancy::TenantScope;

/// Memories embedded at a time.
const BATCH: u32 = 256;

/// Makes what is missing, then switches. May be killed anywhere and repeated.
///
/// # Errors
/// What keeps the tenant where it is; what was made until then is kept.
pub async fn run(job: &IndexJob, scope: &TenantScope) -> Result<(), Failure> {
    let model = job.embedders.current().model();
    loop {
        // A text that the new model will never take is found by its words; it does not hold up the others.
        let mut refused = 0;
        let mut setback = None;
        let mut last = None;
        while setback.is_none() {
            let ids = job.store.unembedded(scope, model, last, BATCH).await.map_err(|e| away(&e))?;
            last = ids.last().copied();
            if last.is_none() {
                break;
            }
            for (_, failure) in job.run(scope, &ids).await {
                match failure.cure {
                    Cure::None => refused += 1,
                    Cure::Wait | Cure::Retry => setback = Some(failure),
                }
            }
        }
        // What was added meanwhile, and is not embedded yet, keeps the tenant where it is. A setback does not have to: it
        // may be the old model's, which is not needed any more then.
        if job.store.read_by(scope, model, refused).await.map_err(|e| away(&e))? {
            tracing::info!(tenant = %scope.tenant(), model = %model.id, refused, "the tenant is read by another embedding model now");
            return Ok(());
        }
        if let Some(setback) = setback {
            return Err(setback);
        }
    }
}
