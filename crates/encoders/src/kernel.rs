//! Integer matrix kernel of the embedder: f32 activations become i16, weights stay int8, products add up in i32.
//!
//! Owns the one hot loop. Does not own the file format (`weights`) or the
//! order of operations in the network (`forward`).
//!
//! Rounding activations to i16 costs about 1e-5 relative, far below the error of the int8 weights, and lets
//! one multiply-add instruction handle 16 values. The AVX2 and the portable path add the same numbers in the same
//! order and nothing here or in `math` uses fused multiply-add, so a text has the same vector, bit for
//! bit, on every machine.

#![expect(clippy::inline_always, reason = "code reaches the detected instruction set only by inlining")]

use super::weights::Matrix;
use crate::simd::Isa;

/// Weights per scale along a row; linear layers must be stored with this grouping.
pub(super) const GROUP: usize = 128;
/// i32 lanes of the accumulator: one AVX2 register.
const LANES: usize = 8;
/// int8 values consumed per step: two for every lane.
const STEP: usize = 2 * LANES;
/// Largest activation magnitude after rounding; below `i16::MAX` so that rounding up cannot wrap.
const ACTIVATION_LIMIT: f32 = 32_000.0;
/// Adding 1.5 * 2^23 leaves a small f32 rounded to the nearest integer in the low bits of its mantissa.
const ROUND: f32 = 12_582_912.0;

/// Activations rounded to i16, one scale per token.
pub(super) struct Quantised {
    /// Tokens x width, row-major.
    values: Vec<i16>,
    /// One factor per token: activation = scale * value.
    scales: Vec<f32>,
    width: usize,
}

impl Quantised {
    /// Rounds `x`, tokens x `width` row-major. A row of zeros keeps the scale 0.
    pub(super) fn new(isa: Isa, x: &[f32], width: usize) -> Self {
        let mut values = vec![0; x.len()];
        let mut scales = vec![0.0; x.len() / width];
        isa.run(
            #[inline(always)]
            || quantise(x, width, &mut values, &mut scales),
        );
        Self { values, scales, width }
    }
}

#[inline(always)]
fn quantise(x: &[f32], width: usize, values: &mut [i16], scales: &mut [f32]) {
    let rows = x.chunks_exact(width).zip(values.chunks_exact_mut(width));
    for ((row, out), scale) in rows.zip(scales) {
        let mut peaks = [0.0_f32; LANES];
        for chunk in row.as_chunks::<LANES>().0 {
            for (peak, v) in peaks.iter_mut().zip(chunk) {
                // A plain comparison vectorises; f32::max would handle NaN, which cannot occur here.
                *peak = if v.abs() > *peak { v.abs() } else { *peak };
            }
        }
        let peak = peaks.into_iter().fold(0.0, f32::max);
        if peak > 0.0 {
            *scale = peak / ACTIVATION_LIMIT;
            let inverse = ACTIVATION_LIMIT / peak;
            for (q, v) in out.iter_mut().zip(row) {
                *q = low_half((v * inverse + ROUND).to_bits());
            }
        }
    }
}

/// The integer that adding [`ROUND`] left in the low 16 bits of the mantissa.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the low half is the two's complement integer")]
fn low_half(bits: u32) -> i16 {
    (bits as u16).cast_signed()
}

/// Adds `W x` to `y` for every token.
///
/// `w` is outputs x inputs with [`GROUP`] grouping, `x` tokens x inputs, `y` tokens x outputs.
pub(super) fn add_product(isa: Isa, w: &Matrix, x: &Quantised, y: &mut [f32]) {
    debug_assert_eq!((w.columns(), w.group()), (x.width, GROUP));
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2(simd) => simd.vectorize(avx2::Product { simd, w, x, y }),
        Isa::Portable => product(PortableDot, w, x, y),
    }
}

/// A way to multiply one weight row with a few tokens at once.
trait Dot: Copy {
    /// The dot product of the row with each of `T` activation rows, without the activation scale.
    fn dot<const T: usize>(self, row: &[u8], scales: &[f32], x: [&[i16]; T]) -> [f32; T];
}

/// Weight rows outside, tokens inside: every weight is read from memory once per text.
#[inline(always)]
fn product<D: Dot>(dot: D, w: &Matrix, x: &Quantised, y: &mut [f32]) {
    for output in 0..w.rows() {
        let mut token = 0;
        // Six accumulators hide the latency of the multiply-add; smaller blocks take the remainder.
        token = blocks::<D, 6>(dot, w, x, y, output, token);
        token = blocks::<D, 2>(dot, w, x, y, output, token);
        blocks::<D, 1>(dot, w, x, y, output, token);
    }
}

#[inline(always)]
fn blocks<D: Dot, const T: usize>(dot: D, w: &Matrix, x: &Quantised, y: &mut [f32], output: usize, mut token: usize) -> usize {
    let (row, scales) = (w.row(output), w.row_scales(output));
    while token + T <= x.scales.len() {
        let rows = std::array::from_fn(|i| &x.values[(token + i) * x.width..(token + i + 1) * x.width]);
        let sums = dot.dot::<T>(row, scales, rows);
        for (i, sum) in sums.into_iter().enumerate() {
            y[(token + i) * w.rows() + output] += sum * x.scales[token + i];
        }
        token += T;
    }
    token
}

/// Folds the lanes of an accumulator; both paths must use this order.
#[inline(always)]
fn fold(l: [f32; LANES]) -> f32 {
    ((l[0] + l[4]) + (l[1] + l[5])) + ((l[2] + l[6]) + (l[3] + l[7]))
}

#[derive(Clone, Copy)]
struct PortableDot;

impl Dot for PortableDot {
    #[inline(always)]
    #[expect(clippy::cast_precision_loss, reason = "the AVX2 conversion rounds the same way")]
    fn dot<const T: usize>(self, row: &[u8], scales: &[f32], x: [&[i16]; T]) -> [f32; T] {
        let mut totals = [[0.0_f32; LANES]; T];
        let groups = row.as_chunks::<GROUP>().0;
        for (g, (weights, scale)) in groups.iter().zip(scales).enumerate() {
            let mut wide = [0_i16; GROUP];
            for (wide, w) in wide.iter_mut().zip(weights) {
                *wide = i16::from(w.cast_signed());
            }
            for (total, tokens) in totals.iter_mut().zip(x) {
                let mut products = [0_i32; GROUP];
                for ((p, w), a) in products.iter_mut().zip(&wide).zip(&tokens[g * GROUP..(g + 1) * GROUP]) {
                    *p = i32::from(*w) * i32::from(*a);
                }
                // Halving sums vectorise well. i32 sums are exact, so the order may differ from AVX2 here.
                let mut length = GROUP;
                while length > STEP {
                    length /= 2;
                    let (low, high) = products.split_at_mut(length);
                    for (l, h) in low.iter_mut().zip(high) {
                        *l += *h;
                    }
                }
                let sums: [i32; LANES] = std::array::from_fn(|lane| products[2 * lane] + products[2 * lane + 1]);
                for (t, s) in total.iter_mut().zip(sums) {
                    *t += scale * s as f32;
                }
            }
        }
        totals.map(fold)
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    //! The same dot product with explicit 256-bit instructions.

    use pulp::{NullaryFnOnce, cast, x86::V3};

    use super::{Dot as DotProduct, GROUP, Matrix, Quantised, STEP, fold, product};

    /// The arguments of [`product`]. A closure would do the same, but the compiler does not always inline
    /// closures, and without inlining every instruction becomes a function call.
    pub(super) struct Product<'a> {
        pub(super) simd: V3,
        pub(super) w: &'a Matrix,
        pub(super) x: &'a Quantised,
        pub(super) y: &'a mut [f32],
    }

    impl NullaryFnOnce for Product<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            product(Dot(self.simd), self.w, self.x, self.y);
        }
    }

    #[derive(Clone, Copy)]
    struct Dot(V3);

    impl DotProduct for Dot {
        #[inline(always)]
        fn dot<const T: usize>(self, row: &[u8], scales: &[f32], x: [&[i16]; T]) -> [f32; T] {
            let (avx, avx2) = (self.0.avx, self.0.avx2);
            let mut totals = [avx._mm256_setzero_ps(); T];
            let groups = row.as_chunks::<GROUP>().0;
            for (g, (weights, scale)) in groups.iter().zip(scales).enumerate() {
                let activations: [&[[i16; STEP]]; T] = std::array::from_fn(|t| x[t][g * GROUP..(g + 1) * GROUP].as_chunks::<STEP>().0);
                let mut sums = [avx._mm256_setzero_si256(); T];
                for (i, w) in weights.as_chunks::<STEP>().0.iter().enumerate() {
                    let w = avx2._mm256_cvtepi8_epi16(cast(*w));
                    for t in 0..T {
                        let products = avx2._mm256_madd_epi16(w, cast(activations[t][i]));
                        sums[t] = avx2._mm256_add_epi32(sums[t], products);
                    }
                }
                let scale = avx._mm256_set1_ps(*scale);
                for t in 0..T {
                    let product = avx._mm256_mul_ps(scale, avx._mm256_cvtepi32_ps(sums[t]));
                    totals[t] = avx._mm256_add_ps(totals[t], product);
                }
            }
            totals.map(|total| fold(cast(total)))
        }
    }
}
