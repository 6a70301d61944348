//! Named points of a write and of a job at which a test has this process die or fail. `JM_FAIL_POINTS` names them, as in
//! `jobs.claimed=crash,index.embedded=error`; each acts once. Only builds with debug assertions look at it: in a release
//! build a point is nothing.

use crate::error::Result;

/// Passes a point.
///
/// # Errors
/// `internal`, where a test asked for it.
pub(crate) fn reached(point: &'static str) -> Result<()> {
    #[cfg(debug_assertions)]
    armed::reached(point)?;
    let _ = point;
    Ok(())
}

#[cfg(debug_assertions)]
mod armed {
    use std::{collections::HashMap, sync::LazyLock};

    use parking_lot::Mutex;

    use crate::error::{Error, Result};

    static ARMED: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(|| {
        let points = std::env::var("JM_FAIL_POINTS").unwrap_or_default();
        let pair = |point: &str| point.split_once('=').map(|(name, action)| (name.to_owned(), action.to_owned()));
        Mutex::new(points.split(',').filter_map(pair).collect())
    });

    pub(super) fn reached(point: &str) -> Result<()> {
        match ARMED.lock().remove(point).as_deref() {
            Some("crash") => std::process::abort(),
            Some(_) => Err(Error::internal(anyhow::anyhow!("the fail point {point} was reached"))),
            None => Ok(()),
        }
    }
}
