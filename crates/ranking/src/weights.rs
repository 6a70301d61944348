//! The constants of the ranking, printed by `examples/fit`, which says how they are made. What they were fitted on is named in NOTICE.

use crate::{chance, signals::COUNT};

/// For memories of few words.
#[rustfmt::skip]
pub const SHORT: [f32; COUNT] = [
    2.975, // dense
    0.147, // lexical
    -0.432, // both
    2.997, // dense_squared
    0.598, // lexical_squared
    1.342, // around
    -0.580, // before
    -0.156, // after
    0.670, // two_away
    0.236, // three_away
    1.527, // answers
    -0.997, // asks
    -0.181, // covered
    2.452, // covered_around
    0.317, // window
    1.808, // session
    1.531, // speaker
    -0.508, // speaker_fused
    2.827, // date
    1.526, // length
    1.352, // when
    1.410, // many
    1.438, // pair
    -0.165, // brief
];
/// For long ones.
#[rustfmt::skip]
pub const LONG: [f32; COUNT] = [
    2.563, // dense
    0.513, // lexical
    0.628, // both
    2.550, // dense_squared
    0.673, // lexical_squared
    0.471, // around
    -0.367, // before
    1.229, // after
    0.168, // two_away
    0.190, // three_away
    -0.405, // answers
    0.496, // asks
    0.746, // covered
    0.195, // covered_around
    0.987, // window
    1.855, // session
    2.381, // speaker
    1.623, // speaker_fused
    2.161, // date
    0.354, // length
    0.565, // when
    -0.479, // many
    0.204, // pair
    0.000, // brief
];
/// Of [`Chance`](chance::Chance).
#[rustfmt::skip]
pub const CHANCE: [f32; chance::COUNT] = [
    1.217, // known
    0.929, // known_squared
    0.000, // covered_most
    0.301, // nearest
    0.000, // words_most
    -1.664, // names_unknown
    0.170, // has_names
    -6.017, // size
    0.474, // silent
    0.557, // nearest_unknown
    1.157, // covered
    0.440, // near
    0.591, // lexical
    0.847, // speaker
    0.611, // date
    0.507, // behind
    0.535, // around
];
/// What its sum begins with.
pub const CHANCE_BIAS: f32 = -1.725;
