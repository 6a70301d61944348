//! What was said before and after: the memories of each session in their order, by slot.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::NONE;

/// Neighbours by slot; `P` says where in its session a memory stands.
pub struct Sessions<P> {
    members: HashMap<String, Members<P>>,
    slots: Vec<Option<(String, P)>>,
    /// Slots of the memory before and the one after.
    around: Vec<[u32; 2]>,
    /// The session of each slot, as a number below [`Self::count`].
    number_of: Vec<u32>,
    free: Vec<u32>,
    count: u32,
    /// Sessions whose neighbours are to be told anew.
    touched: HashSet<String>,
}

struct Members<P> {
    number: u32,
    slots: BTreeSet<(P, u32)>,
}

impl<P> Default for Sessions<P> {
    fn default() -> Self {
        let (members, touched) = (HashMap::new(), HashSet::new());
        Self { members, slots: Vec::new(), around: Vec::new(), number_of: Vec::new(), free: Vec::new(), count: 0, touched }
    }
}

impl<P: Ord + Clone> Sessions<P> {
    /// Puts a slot in a session, taking it out of the one it was in.
    pub fn set(&mut self, slot: u32, place: Option<(&str, P)>) {
        let at = slot as usize;
        if self.slots.len() <= at {
            self.slots.resize(at + 1, None);
            self.around.resize(at + 1, [NONE; 2]);
            self.number_of.resize(at + 1, NONE);
        }
        if let Some((session, old)) = self.slots[at].take() {
            self.around[at] = [NONE; 2];
            self.number_of[at] = NONE;
            if let Some(members) = self.members.get_mut(&session) {
                members.slots.remove(&(old, slot));
                if members.slots.is_empty() {
                    self.free.push(members.number);
                    self.members.remove(&session);
                }
            }
            self.touched.insert(session);
        }
        if let Some((session, place)) = place {
            let (free, count) = (&mut self.free, &mut self.count);
            let mut number = || {
                free.pop().unwrap_or_else(|| {
                    *count += 1;
                    *count - 1
                })
            };
            let members = self.members.entry(session.to_owned()).or_insert_with(|| Members { number: number(), slots: BTreeSet::new() });
            members.slots.insert((place.clone(), slot));
            self.number_of[at] = members.number;
            self.slots[at] = Some((session.to_owned(), place));
            self.touched.insert(session.to_owned());
        }
    }

    /// Tells neighbours anew where anything changed; to be called before they are read.
    pub fn settle(&mut self) {
        for session in self.touched.drain() {
            let Some(members) = self.members.get(&session) else { continue };
            let mut before = NONE;
            for (_, slot) in &members.slots {
                self.around[*slot as usize] = [before, NONE];
                if let Some(around) = self.around.get_mut(before as usize) {
                    around[1] = *slot;
                }
                before = *slot;
            }
        }
    }

    /// Slots of the memory before and after each slot's; [`NONE`] where there is none. Empty without sessions.
    #[must_use]
    pub fn around(&self) -> &[[u32; 2]] {
        if self.members.is_empty() { &[] } else { &self.around }
    }

    /// The session of each slot, a number below [`Self::count`] or [`NONE`]. Empty without sessions.
    #[must_use]
    pub fn numbers(&self) -> &[u32] {
        if self.members.is_empty() { &[] } else { &self.number_of }
    }

    /// One more than the highest number of a session.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_follow_their_places() {
        let mut sessions = Sessions::default();
        sessions.set(0, Some(("s", (i64::MAX, 5, 0))));
        sessions.set(1, Some(("s", (i64::MAX, 5, 1))));
        sessions.set(2, Some(("s", (1, 9, 2))));
        sessions.set(3, Some(("t", (i64::MAX, 0, 3))));
        sessions.settle();
        assert_eq!(sessions.around(), [[2, 1], [0, NONE], [NONE, 0], [NONE, NONE]]);
        assert_eq!((sessions.numbers(), sessions.count()), (&[0, 0, 0, 1][..], 2));
        sessions.set(0, None);
        sessions.set(3, Some(("s", (i64::MAX, 4, 4))));
        sessions.settle();
        assert_eq!(sessions.around(), [[NONE, NONE], [3, NONE], [NONE, 3], [2, 1]]);
        sessions.set(0, Some(("u", (0, 0, 0))));
        assert_eq!((sessions.numbers(), sessions.count()), (&[1, 0, 0, 0][..], 2), "a number is taken again");
    }
}
