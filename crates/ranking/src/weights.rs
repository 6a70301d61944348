//! The constants of the ranking, printed by `examples/fit`, which says how they are made. What they were fitted on is named in NOTICE.

use crate::{chance, signals::COUNT};

/// For memories of few words.
#[rustfmt::skip]
pub const SHORT: [f32; COUNT] = [
    2.896, // dense
    0.145, // lexical
    -0.357, // both
    2.896, // dense_squared
    0.619, // lexical_squared
    1.373, // around
    -0.643, // before
    -0.221, // after
    0.617, // two_away
    0.239, // three_away
    1.514, // answers
    -0.986, // asks
    -0.175, // covered
    2.472, // covered_around
    0.423, // window
    1.994, // session
    1.563, // speaker
    -0.522, // speaker_fused
    2.934, // date
    1.613, // length
    1.366, // when
    1.435, // many
    1.365, // pair
    -0.154, // brief
];
/// For long ones.
#[rustfmt::skip]
pub const LONG: [f32; COUNT] = [
    2.603, // dense
    0.587, // lexical
    0.662, // both
    2.407, // dense_squared
    0.656, // lexical_squared
    0.333, // around
    -0.423, // before
    1.341, // after
    0.016, // two_away
    0.112, // three_away
    -0.425, // answers
    0.496, // asks
    0.910, // covered
    0.039, // covered_around
    0.965, // window
    2.147, // session
    2.473, // speaker
    1.630, // speaker_fused
    2.463, // date
    0.401, // length
    0.536, // when
    -0.460, // many
    0.119, // pair
    0.000, // brief
];
/// Of [`Chance`](chance::Chance).
#[rustfmt::skip]
pub const CHANCE: [f32; chance::COUNT] = [
    0.888, // known
    1.067, // known_squared
    0.000, // covered_most
    0.293, // nearest
    0.000, // words_most
    -1.758, // names_unknown
    0.172, // has_names
    -5.754, // size
    0.817, // silent
    0.545, // nearest_unknown
    1.211, // covered
    0.458, // near
    0.577, // lexical
    0.854, // speaker
    0.684, // date
    0.504, // behind
    0.447, // around
];
/// What its sum begins with.
pub const CHANCE_BIAS: f32 = -1.820;
