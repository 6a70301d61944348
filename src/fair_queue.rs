//! What waits, taken from the tenants in turn: who sends a thousand does not hold up who sends one.

use std::collections::{HashMap, VecDeque};

use crate::ids::TenantId;

/// A queue per tenant, and whose turn it is.
pub(crate) struct FairQueue<T> {
    waiting: HashMap<TenantId, VecDeque<T>>,
    turns: VecDeque<TenantId>,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self { waiting: HashMap::new(), turns: VecDeque::new() }
    }
}

impl<T> FairQueue<T> {
    pub(crate) fn push(&mut self, tenant: TenantId, item: T) {
        let queue = self.waiting.entry(tenant).or_default();
        if queue.is_empty() {
            self.turns.push_back(tenant);
        }
        queue.push_back(item);
    }

    /// The next item of the tenant whose turn it is, if `fits` takes it.
    pub(crate) fn pop_if(&mut self, fits: impl FnOnce(&T) -> bool) -> Option<T> {
        let tenant = *self.turns.front()?;
        let queue = self.waiting.get_mut(&tenant)?;
        if !queue.front().is_some_and(fits) {
            return None;
        }
        let item = queue.pop_front()?;
        self.turns.pop_front();
        if queue.is_empty() {
            self.waiting.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_take_turns_in_the_order_in_which_they_came() {
        let (many, one) = (TenantId::new(), TenantId::new());
        let mut queue = FairQueue::default();
        for n in 0..3 {
            queue.push(many, n);
        }
        queue.push(one, 100);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop_if(|_| true)).collect();
        assert_eq!(order, [0, 100, 1, 2]);
        assert!(queue.waiting.is_empty());
        queue.push(one, 7);
        assert_eq!(queue.pop_if(|_| false), None);
        assert_eq!(queue.waiting.len(), 1, "what does not fit stays");
    }
}
