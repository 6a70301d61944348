//! Integer matrix kernel of the encoders: f32 activations and stored weights become i16, products add up in i32.
//!
//! Owns the weights as the kernel reads them, and the one hot loop. Does not own the file format (`weights`) or the
//! order of operations in the network (`bert`).
//!
//! Weights have one scale per [`GROUP`] values of a row. Those of 4 bits are stored with four: their differences go into the
//! integers, value times factor, which have room for it; a factor is as precise as the stored scale it comes from.
//!
//! Rounding activations to i16 costs about 1e-5 relative, far below the error of the weights, and lets
//! one multiply-add instruction handle 16 values. The AVX2 and the portable path add the same numbers in the same
//! order and nothing here or in `math` uses fused multiply-add, so a text has the same vector, bit for
//! bit, on every machine.

#![expect(clippy::inline_always, reason = "code reaches the detected instruction set only by inlining")]

use crate::{
    EncoderError,
    simd::Isa,
    weights::{BLOCK, WeightFile, half, nibbles},
};

/// Weights per scale along a row.
const GROUP: usize = 128;
/// i32 lanes of the accumulator: one AVX2 register.
const LANES: usize = 8;
/// Values consumed per step: two for every lane.
const STEP: usize = 2 * LANES;
/// The factor of the largest of the stored scales in a group.
const FACTOR_LIMIT: f32 = 2047.0;
/// Largest activation magnitude after rounding. With int8 weights below `i16::MAX`, so that rounding up cannot wrap; with those of
/// 4 bits, -8 to 7 times a factor, so that the sum of a lane over a group fits.
pub(super) const EIGHT_LIMIT: f32 = 32_000.0;
pub(super) const FOUR_LIMIT: f32 = 8191.0;
const _: () = assert!(GROUP / LANES == 16 && 16.0 * 8.0 * FACTOR_LIMIT * FOUR_LIMIT < 2_147_483_648.0);
/// Adding 1.5 * 2^23 leaves a small f32 rounded to the nearest integer in the low bits of its mantissa.
const ROUND: f32 = 12_582_912.0;

/// The weights of a linear layer, outputs x inputs.
pub(super) struct Matrix {
    values: Values,
    /// Rows x columns / [`GROUP`].
    scales: Vec<f32>,
    rows: usize,
    columns: usize,
}

enum Values {
    /// Two's complement int8, kept as bytes so that no copy or cast of the file is needed.
    Eight(&'static [u8]),
    /// 4 bits, and for every [`BLOCK`] of them a factor.
    Four(&'static [u8], Vec<i16>),
}

impl Matrix {
    /// The matrix `name` of a weight file, of int8 or 4 bits.
    ///
    /// # Errors
    /// [`EncoderError::Tensor`] when it is missing or has another shape.
    pub(super) fn read(file: &WeightFile, name: &str, rows: usize, columns: usize) -> Result<Self, EncoderError> {
        if !file.is_four(name) {
            let (values, scales) = file.eight(name, rows, columns, GROUP)?;
            return Ok(Self { values: Values::Eight(values), scales, rows, columns });
        }
        let (values, stored) = file.four(name, rows, columns)?;
        let stored: Vec<f32> = stored.as_chunks().0.iter().map(|b| half(u16::from_le_bytes(*b))).collect();
        let mut scales = Vec::with_capacity(rows * (columns / GROUP));
        let mut factors = Vec::with_capacity(stored.len());
        for group in stored.as_chunks::<{ GROUP / BLOCK }>().0 {
            let peak = group.iter().fold(0.0_f32, |peak, scale| peak.max(scale.abs()));
            let inverse = if peak > 0.0 { FACTOR_LIMIT / peak } else { 0.0 };
            scales.push(peak / FACTOR_LIMIT);
            factors.extend(group.iter().map(|scale| low_half((scale * inverse + ROUND).to_bits())));
        }
        Ok(Self { values: Values::Four(values, factors), scales, rows, columns })
    }

    /// Writes the integers of a row into `out`, which has as many elements.
    #[inline(always)]
    fn expand<D: Dot>(&self, dot: D, row: usize, out: &mut [i16]) {
        match &self.values {
            Values::Eight(values) => {
                for (o, v) in out.iter_mut().zip(&values[row * self.columns..(row + 1) * self.columns]) {
                    *o = i16::from(v.cast_signed());
                }
            }
            Values::Four(values, factors) => {
                let blocks = values[row * self.columns / 2..(row + 1) * self.columns / 2].as_chunks().0;
                let factors = &factors[row * (self.columns / BLOCK)..];
                for ((out, block), factor) in out.as_chunks_mut().0.iter_mut().zip(blocks).zip(factors) {
                    *out = dot.expand(block, *factor);
                }
            }
        }
    }
}

/// Activations rounded to i16, one scale per token.
pub(super) struct Quantised {
    /// Tokens x width, row-major.
    values: Vec<i16>,
    /// One factor per token: activation = scale * value.
    scales: Vec<f32>,
    width: usize,
}

impl Quantised {
    /// Rounds `x`, tokens x `width` row-major, to integers up to `limit`. A row of zeros keeps the scale 0.
    pub(super) fn new(isa: Isa, x: &[f32], width: usize, limit: f32) -> Self {
        let mut values = vec![0; x.len()];
        let mut scales = vec![0.0; x.len() / width];
        isa.run(
            #[inline(always)]
            || quantise(x, width, limit, &mut values, &mut scales),
        );
        Self { values, scales, width }
    }
}

#[inline(always)]
fn quantise(x: &[f32], width: usize, limit: f32, values: &mut [i16], scales: &mut [f32]) {
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
            *scale = peak / limit;
            let inverse = limit / peak;
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
/// `w` is outputs x inputs, `x` tokens x inputs, `y` tokens x outputs.
pub(super) fn add_product(isa: Isa, w: &Matrix, x: &Quantised, y: &mut [f32]) {
    debug_assert_eq!(w.columns, x.width);
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2(simd) => simd.vectorize(avx2::Product { simd, w, x, y }),
        Isa::Portable => product(PortableDot, w, x, y),
    }
}

/// A way to multiply one weight row with a few tokens at once.
trait Dot: Copy {
    /// The 4-bit values of a block, see [`nibbles`], times `factor`.
    fn expand(self, block: &[u8; BLOCK / 2], factor: i16) -> [i16; BLOCK];

    /// The dot product of the row with each of `T` activation rows, without the activation scale.
    fn dot<const T: usize>(self, row: Row, x: [&[i16]; T]) -> [f32; T];
}

/// A weight row as integers, its scales, and its number.
#[derive(Clone, Copy)]
struct Row<'a> {
    values: &'a [i16],
    scales: &'a [f32],
    output: usize,
}

/// Weight rows outside, tokens inside: every weight is read from memory once per text.
#[inline(always)]
fn product<D: Dot>(dot: D, w: &Matrix, x: &Quantised, y: &mut [f32]) {
    let mut values = vec![0; w.columns];
    let y: &mut [&mut [f32]] = &mut y.chunks_exact_mut(w.rows).collect::<Vec<_>>();
    for (output, scales) in w.scales.chunks_exact(w.columns / GROUP).enumerate() {
        w.expand(dot, output, &mut values);
        let row = Row { values: &values, scales, output };
        // Six sums hide the latency of the multiply-add; smaller blocks take the remainder.
        let token = blocks::<D, 6>(dot, row, x, y, 0);
        let token = blocks::<D, 2>(dot, row, x, y, token);
        blocks::<D, 1>(dot, row, x, y, token);
    }
}

/// Takes `T` tokens at a time, from `token` on, as long as there are so many. Returns the first that is left.
#[inline(always)]
fn blocks<D: Dot, const T: usize>(dot: D, row: Row, x: &Quantised, y: &mut [&mut [f32]], mut token: usize) -> usize {
    while token + T <= x.scales.len() {
        let rows = std::array::from_fn(|i| &x.values[(token + i) * x.width..(token + i + 1) * x.width]);
        let sums = dot.dot::<T>(row, rows);
        for (i, sum) in sums.into_iter().enumerate() {
            y[token + i][row.output] += sum * x.scales[token + i];
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
    fn expand(self, block: &[u8; BLOCK / 2], factor: i16) -> [i16; BLOCK] {
        nibbles(*block).map(|v| v * factor)
    }

    #[inline(always)]
    #[expect(clippy::cast_precision_loss, reason = "the AVX2 conversion rounds the same way")]
    fn dot<const T: usize>(self, row: Row, x: [&[i16]; T]) -> [f32; T] {
        let mut totals = [[0.0_f32; LANES]; T];
        let groups = row.values.as_chunks::<GROUP>().0;
        for (g, (weights, scale)) in groups.iter().zip(row.scales).enumerate() {
            for (total, tokens) in totals.iter_mut().zip(x) {
                let mut products = [0_i32; GROUP];
                for ((p, w), a) in products.iter_mut().zip(weights).zip(&tokens[g * GROUP..(g + 1) * GROUP]) {
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

    use super::{BLOCK, Dot as DotProduct, GROUP, Matrix, Quantised, Row, STEP, fold, product};

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
        fn expand(self, block: &[u8; BLOCK / 2], factor: i16) -> [i16; BLOCK] {
            let (avx, avx2) = (self.0.avx, self.0.avx2);
            let bytes = avx2._mm256_cvtepu8_epi16(cast(*block));
            let (low, high) = (avx2._mm256_and_si256(bytes, avx._mm256_set1_epi16(15)), avx2._mm256_srli_epi16::<4>(bytes));
            let scaled = |values| {
                let values = avx2._mm256_sub_epi16(values, avx._mm256_set1_epi16(8));
                avx2._mm256_mullo_epi16(values, avx._mm256_set1_epi16(factor))
            };
            cast([scaled(low), scaled(high)])
        }

        #[inline(always)]
        fn dot<const T: usize>(self, row: Row, x: [&[i16]; T]) -> [f32; T] {
            let (avx, avx2) = (self.0.avx, self.0.avx2);
            let mut totals = [avx._mm256_setzero_ps(); T];
            let groups = row.values.as_chunks::<GROUP>().0;
            for (g, (weights, scale)) in groups.iter().zip(row.scales).enumerate() {
                let activations: [&[[i16; STEP]]; T] = std::array::from_fn(|t| x[t][g * GROUP..(g + 1) * GROUP].as_chunks::<STEP>().0);
                let mut sums = [avx._mm256_setzero_si256(); T];
                for (i, w) in weights.as_chunks::<STEP>().0.iter().enumerate() {
                    let w = cast(*w);
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
