//! Element-wise and row-wise f32 functions of the network: layer norm, softmax, GELU, normalisation.
//!
//! Owns approximations of `exp` and `erf` accurate to about 2e-7, written with plain multiplications and
//! additions so that they vectorise and round identically on every machine. Does not own matrix products
//! (`kernel`).
//!
//! Everything is `#[inline(always)]` because it is meant to be compiled into `Isa::run`.

#![expect(clippy::inline_always, reason = "code reaches the detected instruction set only by inlining")]

use std::f32::consts::{FRAC_1_SQRT_2, LOG2_E};

const LANES: usize = 8;
/// The epsilon the model was trained with. In f32 it only guards against division by zero.
const NORM_EPSILON: f32 = 1e-12;

/// Sum of `f(x)` in eight interleaved partial sums; `x.len()` must be a multiple of eight.
#[inline(always)]
fn sum(x: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    for chunk in x.as_chunks::<LANES>().0 {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane += f(*v);
        }
    }
    lanes.into_iter().fold(0.0, |a, b| a + b)
}

/// Normalises every row of `x` (rows x `weight.len()`) to mean 0 and variance 1, then scales and shifts.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "row widths are far below 2^24")]
pub(super) fn layer_norm(x: &mut [f32], weight: &[f32], bias: &[f32]) {
    let width = weight.len();
    for row in x.chunks_exact_mut(width) {
        let mean = sum(row, |v| v) / width as f32;
        let variance = sum(row, |v| (v - mean) * (v - mean)) / width as f32;
        let factor = 1.0 / (variance + NORM_EPSILON).sqrt();
        for ((v, w), b) in row.iter_mut().zip(weight).zip(bias) {
            *v = (*v - mean) * factor * w + b;
        }
    }
}

/// Turns `scores` into probabilities in place. Any length from 1.
#[inline(always)]
pub(super) fn softmax(scores: &mut [f32]) {
    let peak = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for s in &mut *scores {
        *s = exp(*s - peak);
    }
    let total: f32 = scores.iter().sum();
    let factor = 1.0 / total;
    for s in scores {
        *s *= factor;
    }
}

/// The exact (erf) form of GELU, in place.
#[inline(always)]
pub(super) fn gelu(x: &mut [f32]) {
    for v in x {
        *v = 0.5 * *v * (1.0 + erf(*v * FRAC_1_SQRT_2));
    }
}

/// Scales `x` to length 1. A zero vector stays zero.
#[inline(always)]
pub(super) fn normalise(x: &mut [f32]) {
    let length = sum(x, |v| v * v).sqrt();
    if length > 0.0 {
        for v in x {
            *v /= length;
        }
    }
}

/// `e^x` for `x <= 0`; arguments below -87 give about 1e-38 instead of a denormal.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// 1.5 * 2^23: adding it rounds to an integer, kept in the low bits of the mantissa.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, so that the reduced argument keeps its low bits.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * LOG2_E + ROUND;
    let power = shifted - ROUND;
    let r = x - power * LN2_HIGH - power * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_2e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 0.166_666_65;
    p = p * r + 0.5;
    let fraction = p * r * r + r + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127);
    fraction * f32::from_bits(exponent << 23)
}

/// The error function after Abramowitz and Stegun, formula 7.1.26.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let mut p = 1.061_405_4;
    p = p * t - 1.453_152;
    p = p * t + 1.421_413_8;
    p = p * t - 0.284_496_74;
    p = p * t + 0.254_829_6;
    (1.0 - p * t * exp(-x * x)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_erf_match_known_values() {
        for (x, expected) in [(0.0, 1.0), (-1.0, 0.367_879_44), (-10.0, 4.539_993e-5), (-0.1, 0.904_837_4)] {
            assert!((exp(x) / expected - 1.0).abs() < 1e-6, "exp({x}) = {}", exp(x));
        }
        assert!(exp(-1000.0) < 2e-38);
        for (x, expected) in [(0.0, 0.0), (0.5, 0.520_499_9), (-1.0, -0.842_700_8), (3.0, 0.999_977_9), (9.0, 1.0)] {
            assert!((erf(x) - expected).abs() < 5e-7, "erf({x}) = {}", erf(x));
        }
    }

    #[test]
    fn softmax_sums_to_one_and_keeps_order() {
        let mut scores = [1.0, 3.0, 2.0];
        softmax(&mut scores);
        assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(scores[1] > scores[2] && scores[2] > scores[0]);
    }

    #[test]
    fn normalising_zero_stays_zero() {
        let mut x = [0.0; 8];
        normalise(&mut x);
        assert!(x.iter().all(|v| *v == 0.0));
    }
}
