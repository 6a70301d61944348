//! What of a file could not be stored: the first reasons, and how many there are in all.

use std::ops::{Deref, DerefMut};

use serde::Serialize;

/// Reasons that are kept: who has read a hundred needs no other, and a file of another kind may have a million.
const KEPT: usize = 100;

/// Places in a file with the reasons why they were not stored. As a slice, those that are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Failures {
    kept: Vec<(usize, String)>,
    /// Those that are only counted.
    more: usize,
}

impl Failures {
    /// One more.
    pub fn push(&mut self, failure: (usize, String)) {
        if self.kept.len() < KEPT {
            self.kept.push(failure);
        } else {
            self.more += 1;
        }
    }

    /// How many there are beside those that are kept.
    #[must_use]
    pub const fn more(&self) -> usize {
        self.more
    }

    /// How many there are in all.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.kept.len() + self.more
    }
}

impl Extend<(usize, String)> for Failures {
    fn extend<I: IntoIterator<Item = (usize, String)>>(&mut self, failures: I) {
        failures.into_iter().for_each(|failure| self.push(failure));
    }
}

impl Deref for Failures {
    type Target = [(usize, String)];
    fn deref(&self) -> &Self::Target {
        &self.kept
    }
}

impl DerefMut for Failures {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.kept
    }
}

impl IntoIterator for Failures {
    type Item = (usize, String);
    type IntoIter = std::vec::IntoIter<Self::Item>;
    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reasons_are_kept_and_all_are_counted() {
        let mut failures = Failures::default();
        failures.extend((0..250).rev().map(|line| (line, "odd".to_owned())));
        assert_eq!((failures.len(), failures.more(), failures.total()), (100, 150, 250));
        failures.sort_by_key(|(line, _)| *line);
        assert_eq!(failures.first().map(|(line, _)| *line), Some(150));
    }
}
