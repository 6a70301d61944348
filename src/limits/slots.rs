//! So many at once: what somebody holds, and gives back by letting go.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use metrics::Gauge;
use parking_lot::Mutex;

use crate::error::Result;

/// What somebody may hold so many of at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// A stream of what happens.
    EventStream,
    /// A stream of MCP's legacy transport.
    McpStream,
    /// A file of an import on its way in.
    Upload,
    /// A call that takes much: a context, an export, an import.
    CostlyCall,
}

impl Resource {
    /// How many are held by all together.
    fn gauge(self) -> Option<Gauge> {
        match self {
            Self::EventStream => Some(metrics::gauge!("event_streams")),
            Self::McpStream => Some(metrics::gauge!("mcp_open_streams")),
            Self::Upload | Self::CostlyCall => None,
        }
    }
}

/// Hands out at most so many of a resource to each key.
#[derive(Clone)]
pub(crate) struct Slots<K> {
    resource: Resource,
    most: usize,
    held: Arc<Mutex<HashMap<K, usize>>>,
}

/// One of them, until it is dropped.
pub(crate) struct Slot<K: Hash + Eq> {
    of: Slots<K>,
    key: K,
}

impl<K: Hash + Eq + Clone> Slots<K> {
    pub(crate) fn new(resource: Resource, most: usize) -> Self {
        Self { resource, most, held: Arc::default() }
    }

    /// One more for `key`.
    ///
    /// # Errors
    /// `rate_limited` when it has as many as allowed.
    pub(crate) fn take(&self, key: K) -> Result<Slot<K>> {
        let mut held = self.held.lock();
        let count = held.get(&key).copied().unwrap_or(0);
        if count >= self.most {
            return Err(self.resource.refusal(count));
        }
        held.insert(key.clone(), count + 1);
        drop(held);
        if let Some(gauge) = self.resource.gauge() {
            gauge.increment(1.0);
        }
        Ok(Slot { of: self.clone(), key })
    }
}

impl<K: Hash + Eq> Drop for Slot<K> {
    fn drop(&mut self) {
        if let Some(gauge) = self.of.resource.gauge() {
            gauge.decrement(1.0);
        }
        let mut held = self.of.held.lock();
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_counted_and_given_back() {
        let slots = Slots::new(Resource::EventStream, 2);
        let (first, second) = (slots.take("ann").expect("free"), slots.take("ann").expect("free"));
        let refused = slots.take("ann").err().expect("two are all");
        assert_eq!(refused.detail(), "You have 2 event streams open, as many as allowed. Close a page.");
        assert!(slots.clone().take("bob").is_ok(), "another person's are their own");
        drop(first);
        let third = slots.take("ann").expect("one is free again");
        assert!(slots.take("ann").is_err());
        drop((second, third));
        assert!(slots.held.lock().is_empty(), "nobody is remembered who holds nothing");
        assert!(Slots::new(Resource::Upload, 0).take("ann").is_err());
    }
}
