//! Embedding tables: one row of numbers per piece or position, read where it lies in the file.
//!
//! Owns the forms in which rows are stored and how they become f32. Does not own the directory of the file (`weights`) or
//! matrix products (`kernel`).

use crate::{
    EncoderError,
    bert::DIMENSION,
    weights::{BLOCK, WeightFile, half, nibbles},
};

/// Bytes of the 4-bit values and of the f16 scales of a row.
const FOUR_VALUES: usize = DIMENSION / 2;
const FOUR_SCALES: usize = DIMENSION / BLOCK * 2;

/// A table of rows of [`DIMENSION`] numbers.
pub(super) enum Table {
    /// Two's complement int8, one scale per row.
    Eight {
        /// Rows x [`DIMENSION`], as bytes.
        values: &'static [u8],
        /// One factor per row.
        scales: Vec<f32>,
    },
    /// 4 bits, one f16 scale per [`BLOCK`] values; see [`nibbles`].
    Four {
        /// Rows x [`FOUR_VALUES`].
        values: &'static [u8],
        /// Rows x [`FOUR_SCALES`].
        scales: &'static [u8],
    },
    /// Plain numbers.
    Floats(Vec<f32>),
}

impl Table {
    /// The int8 table `name` of `rows` rows.
    ///
    /// # Errors
    /// [`EncoderError::Tensor`] when it is missing or has another shape.
    pub(super) fn eight(file: &WeightFile, name: &str, rows: usize) -> Result<Self, EncoderError> {
        let (values, scales) = file.eight(name, rows, DIMENSION, DIMENSION)?;
        Ok(Self::Eight { values, scales })
    }

    /// The 4-bit table `name` of `rows` rows.
    ///
    /// # Errors
    /// [`EncoderError::Tensor`] when it is missing or has another shape.
    pub(super) fn four(file: &WeightFile, name: &str, rows: usize) -> Result<Self, EncoderError> {
        let (values, scales) = file.four(name, rows, DIMENSION)?;
        Ok(Self::Four { values, scales })
    }

    /// The f32 table `name` of `rows` rows.
    ///
    /// # Errors
    /// [`EncoderError::Tensor`] when it is missing or has another shape.
    pub(super) fn floats(file: &WeightFile, name: &str, rows: usize) -> Result<Self, EncoderError> {
        Ok(Self::Floats(file.vector(name, rows * DIMENSION)?))
    }

    /// Adds a row to `out`, which has [`DIMENSION`] elements.
    pub(super) fn add_row(&self, row: usize, out: &mut [f32]) {
        match self {
            Self::Eight { values, scales } => {
                for (o, v) in out.iter_mut().zip(&values[row * DIMENSION..(row + 1) * DIMENSION]) {
                    *o += scales[row] * f32::from(v.cast_signed());
                }
            }
            Self::Four { values, scales } => {
                let blocks = values[row * FOUR_VALUES..(row + 1) * FOUR_VALUES].as_chunks().0;
                let scales = scales[row * FOUR_SCALES..(row + 1) * FOUR_SCALES].as_chunks().0;
                for ((block, scale), out) in blocks.iter().zip(scales).zip(out.as_chunks_mut::<BLOCK>().0) {
                    let scale = half(u16::from_le_bytes(*scale));
                    for (o, v) in out.iter_mut().zip(nibbles(*block)) {
                        *o += scale * f32::from(v);
                    }
                }
            }
            Self::Floats(values) => {
                for (o, v) in out.iter_mut().zip(&values[row * DIMENSION..(row + 1) * DIMENSION]) {
                    *o += v;
                }
            }
        }
    }
}
