//! What was said before and after: the memories of each session in their order, by slot.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{clock::Timestamp, ids::MemoryId};

/// No slot.
pub const NONE: u32 = u32::MAX;

/// A memory's place in its session: its position where the client told one, then time, then the order of adding.
pub type Place = (i64, Timestamp, MemoryId);

/// Neighbours by slot.
#[derive(Default)]
pub struct Sessions {
    members: HashMap<String, BTreeSet<(Place, u32)>>,
    slots: Vec<Option<(String, Place)>>,
    /// Slots of the memory before and the one after.
    around: Vec<[u32; 2]>,
    /// Sessions whose neighbours are to be told anew.
    touched: HashSet<String>,
}

impl Sessions {
    /// Puts a slot in a session, taking it out of the one it was in.
    pub fn set(&mut self, slot: u32, place: Option<(&str, Place)>) {
        let at = slot as usize;
        if self.slots.len() <= at {
            self.slots.resize(at + 1, None);
            self.around.resize(at + 1, [NONE; 2]);
        }
        if let Some((session, old)) = self.slots[at].take() {
            self.around[at] = [NONE; 2];
            if let Some(members) = self.members.get_mut(&session) {
                members.remove(&(old, slot));
                if members.is_empty() {
                    self.members.remove(&session);
                }
            }
            self.touched.insert(session);
        }
        if let Some((session, place)) = place {
            self.members.entry(session.to_owned()).or_default().insert((place, slot));
            self.slots[at] = Some((session.to_owned(), place));
            self.touched.insert(session.to_owned());
        }
    }

    /// Tells neighbours anew where anything changed; to be called before they are read.
    pub fn settle(&mut self) {
        for session in self.touched.drain() {
            let Some(members) = self.members.get(&session) else { continue };
            let mut before = NONE;
            for (_, slot) in members {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_follow_position_then_time_then_adding() {
        let mut sessions = Sessions::default();
        let ids: Vec<_> = (0..5).map(|_| MemoryId::new()).collect();
        let place = |position: i64, at: i64, id: usize| (position, Timestamp(at), ids[id]);
        sessions.set(0, Some(("s", place(i64::MAX, 5, 0))));
        sessions.set(1, Some(("s", place(i64::MAX, 5, 1))));
        sessions.set(2, Some(("s", place(1, 9, 2))));
        sessions.set(3, Some(("t", place(i64::MAX, 0, 3))));
        sessions.settle();
        assert_eq!(sessions.around(), [[2, 1], [0, NONE], [NONE, 0], [NONE, NONE]]);
        sessions.set(0, None);
        sessions.set(3, Some(("s", place(i64::MAX, 4, 4))));
        sessions.settle();
        assert_eq!(sessions.around(), [[NONE, NONE], [3, NONE], [NONE, 3], [2, 1]]);
    }
}
