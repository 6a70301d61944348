//! How strong a memory is now: what feedback made of it, faded with the time since it was last used and reinforced by use.
//! A pure function of the memory and the moment, so nothing fades in the database, and switching decay off brings
//! everything back.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    memory::model::{Memory, MemoryType},
};

/// Decay takes nothing below this tenth of the range: what fades stays to be found.
pub const FLOOR: f64 = 0.1;
/// The part of what is missing to full strength that use alone can make up: being returned must not be what makes a memory
/// be returned.
const REINFORCED: f64 = 0.2;
/// Uses that make up half of that part.
const HALF_USES: f64 = 10.0;

/// After how long unused a memory of a kind has lost half of what it can lose; `None` for what does not fade.
#[must_use]
pub const fn half_life(kind: MemoryType) -> Option<Duration> {
    match kind {
        MemoryType::Episodic => Some(Duration::from_hours(90 * 24)),
        MemoryType::Semantic => Some(Duration::from_hours(365 * 24)),
        MemoryType::Working => Some(Duration::from_hours(24)),
        MemoryType::Associative => Some(Duration::from_hours(180 * 24)),
        // A skill is not lost by time: it is used when it is needed.
        MemoryType::Procedural => None,
    }
}

/// The memory's strength at `now`, in `0..=1`. Without `decay` it is the stored one. With it, use reinforces, and what lies
/// above [`FLOOR`] halves with each [`half_life`] since the memory was made, changed, last used or spoken for; what is
/// pinned, and what feedback has brought below the floor, does not fade.
#[must_use]
pub fn effective_strength(memory: &Memory, now: Timestamp, decay: bool) -> f64 {
    if decay { Vitals::of(memory).at(now) } else { memory.strength.clamp(0.0, 1.0) }
}

/// What strength depends on, apart from the memory's contents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vitals {
    pub memory_type: MemoryType,
    /// As feedback made it, in `0..=1`.
    pub strength: f64,
    pub pinned: bool,
    /// How often a search found it or somebody opened it.
    pub access_count: i64,
    /// When it was made, changed, last used or spoken for, whichever came last.
    pub since: Timestamp,
}

impl Vitals {
    /// Those of a memory.
    #[must_use]
    pub fn of(memory: &Memory) -> Self {
        let made = memory.created_at.max(memory.updated_at);
        Self {
            memory_type: memory.content.memory_type,
            strength: memory.strength,
            pinned: memory.content.pinned,
            access_count: memory.access_count,
            since: memory.last_accessed_at.map_or(made, |read| read.max(made)),
        }
    }

    /// The strength with use counted and nothing faded, in `0..=1`.
    #[must_use]
    pub fn reinforced(&self) -> f64 {
        let strength = self.strength.clamp(0.0, 1.0);
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let uses = self.access_count.max(0) as f64;
        strength + (1.0 - strength) * REINFORCED * uses / (uses + HALF_USES)
    }

    /// The strength at a moment, in `0..=1`, with decay on.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> f64 {
        let strength = self.reinforced();
        let Some(half_life) = half_life(self.memory_type).filter(|_| !self.pinned && strength > FLOOR) else { return strength };
        #[expect(clippy::cast_precision_loss, reason = "a part of a half-life needs no more precision")]
        let unused = now.0.saturating_sub(self.since.0).max(0) as f64 / 1e6;
        (strength - FLOOR).mul_add((-unused / half_life.as_secs_f64()).exp2(), FLOOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const DAY: Duration = Duration::from_hours(24);

    fn vitals(memory_type: MemoryType, strength: f64, days: u32, access_count: i64) -> Vitals {
        Vitals { memory_type, strength, pinned: false, access_count, since: NOW.minus(DAY * days) }
    }

    /// Every mix of kind, strength, age and use on a grid, with values at and beyond the edges.
    fn grid() -> impl Iterator<Item = Vitals> {
        let strengths = [-0.5, 0.0, 0.05, 0.1, 0.100_001, 0.5, 0.9, 1.0, 1.5];
        let ages = [0, 1, 30, 90, 365, 3_650, 36_500];
        MemoryType::ALL.iter().flat_map(move |kind| {
            strengths.into_iter().flat_map(move |strength| {
                ages.into_iter().flat_map(move |days| [-1, 0, 1, 10, i64::MAX].map(|uses| vitals(*kind, strength, days, uses)))
            })
        })
    }

    #[test]
    fn half_of_what_can_be_lost_goes_with_each_half_life() {
        for (kind, days) in
            [(MemoryType::Episodic, 90), (MemoryType::Semantic, 365), (MemoryType::Working, 1), (MemoryType::Associative, 180)]
        {
            assert!((vitals(kind, 0.9, days, 0).at(NOW) - 0.5).abs() < 1e-9, "{kind}");
            assert!((vitals(kind, 0.9, 2 * days, 0).at(NOW) - 0.3).abs() < 1e-9, "{kind}");
        }
        assert!((vitals(MemoryType::Procedural, 0.9, 3_650, 0).at(NOW) - 0.9).abs() < 1e-9);
    }

    #[test]
    fn strength_stays_within_its_bounds() {
        for v in grid() {
            let (full, now) = (v.reinforced(), v.at(NOW));
            assert!((0.0..=1.0).contains(&now) && now <= full, "{v:?}: {now} of {full}");
            assert!(now >= full.min(FLOOR), "{v:?}: {now}");
            let clamped = v.strength.clamp(0.0, 1.0);
            assert!(full >= clamped && full <= clamped + REINFORCED, "{v:?}: {full}");
        }
    }

    #[test]
    fn time_only_takes_and_use_only_gives() {
        for v in grid() {
            let mut last = v.at(NOW);
            for days in [1, 10, 100, 1_000] {
                let later = v.at(NOW.plus(DAY * days));
                assert!(later <= last, "{v:?} after {days} days");
                last = later;
            }
            let used = Vitals { access_count: v.access_count.saturating_add(1), since: NOW, ..v };
            assert!(used.at(NOW) >= v.at(NOW), "{v:?}");
            assert!((used.at(NOW) - used.reinforced()).abs() < 1e-12, "use restarts the clock: {v:?}");
            let pinned = Vitals { pinned: true, ..v };
            assert!((pinned.at(NOW) - v.reinforced()).abs() < 1e-12, "{v:?}");
            let stronger = Vitals { strength: v.strength + 0.1, ..v };
            assert!(stronger.at(NOW) >= v.at(NOW) - 1e-12, "decay keeps the order: {v:?}");
        }
    }

    #[test]
    fn a_clock_that_lags_fades_nothing() {
        let v = Vitals { since: NOW.plus(DAY), ..vitals(MemoryType::Working, 0.8, 0, 0) };
        assert!((v.at(NOW) - 0.8).abs() < 1e-12);
        let always = Vitals { since: Timestamp(i64::MIN), ..v };
        assert!((always.at(Timestamp(i64::MAX)) - FLOOR).abs() < 1e-12);
    }
}
