//! Reader of the weight files; their layout is described in the `convert.py` of each model.
//!
//! Owns the checks that make a damaged or foreign file an error instead of wrong vectors, and how stored values are decoded.
//! Does not own which tensors the network needs (`bert`). Int8 and 4-bit values are borrowed from the compiled-in bytes,
//! never copied: the operating system pages in only what is used. Scales and vectors, a few MB, are decoded once.

#![expect(clippy::inline_always, reason = "code reaches the detected instruction set only by inlining")]

use std::collections::HashMap;

use crate::EncoderError;

const VERSION: u32 = 1;
const KIND_VECTOR: u8 = 0;
const KIND_EIGHT: u8 = 1;
const KIND_FOUR: u8 = 2;
/// Neighbouring 4-bit values of a row that share a scale.
pub(super) const BLOCK: usize = 32;

/// Directory entry of a tensor.
struct Entry {
    kind: u8,
    rows: usize,
    columns: usize,
    group: usize,
    values: usize,
    scales: usize,
}

/// A parsed file: the directory and the bytes it points into.
pub(super) struct WeightFile {
    bytes: &'static [u8],
    entries: HashMap<&'static str, Entry>,
}

impl WeightFile {
    /// Reads the header and the directory.
    ///
    /// # Errors
    /// [`EncoderError::Format`] when magic, version, size or directory are not as expected.
    pub(super) fn parse(bytes: &'static [u8], magic: [u8; 8]) -> Result<Self, EncoderError> {
        let mut cursor = Cursor { bytes, position: 0 };
        if cursor.take(magic.len())? != magic {
            return Err(EncoderError::Format("the magic bytes are missing"));
        }
        if cursor.u32()? != VERSION {
            return Err(EncoderError::Format("the version is not supported"));
        }
        let count = cursor.u32()?;
        if cursor.u64()? != bytes.len() as u64 {
            return Err(EncoderError::Format("the size differs from the size in the header"));
        }
        let mut entries = HashMap::new();
        for _ in 0..count {
            let length = usize::from(u16::from_le_bytes(cursor.array()?));
            let name = std::str::from_utf8(cursor.take(length)?).map_err(|_| EncoderError::Format("a tensor name is not UTF-8"))?;
            let [kind] = cursor.array()?;
            let entry = Entry {
                kind,
                rows: cursor.size32()?,
                columns: cursor.size32()?,
                group: cursor.size32()?,
                values: cursor.size64()?,
                scales: cursor.size64()?,
            };
            if entries.insert(name, entry).is_some() {
                return Err(EncoderError::Format("a tensor name occurs twice"));
            }
        }
        Ok(Self { bytes, entries })
    }

    /// The f32 vector `name` of `length` elements.
    ///
    /// # Errors
    /// [`EncoderError::Tensor`] when it is missing or has another shape.
    pub(super) fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, EncoderError> {
        let entry = self.entry(name, KIND_VECTOR, 1, length, 0)?;
        self.floats(name, entry.values, length)
    }

    /// The values, as bytes, and the scales of the int8 matrix `name` of `rows` x `columns` with `group` values per scale.
    ///
    /// # Errors
    /// [`EncoderError::Tensor`] when it is missing or has another shape or grouping.
    pub(super) fn eight(&self, name: &str, rows: usize, columns: usize, group: usize) -> Result<(&'static [u8], Vec<f32>), EncoderError> {
        let entry = self.entry(name, KIND_EIGHT, rows, columns, group)?;
        let values = self.range(name, entry.values, rows * columns)?;
        Ok((values, self.floats(name, entry.scales, rows * (columns / group))?))
    }

    /// Whether `name` is a matrix of 4 bits.
    pub(super) fn is_four(&self, name: &str) -> bool {
        self.entries.get(name).is_some_and(|entry| entry.kind == KIND_FOUR)
    }

    /// The values, see [`nibbles`], and the scales, see [`half`], of the 4-bit matrix `name` of `rows` x `columns`.
    ///
    /// # Errors
    /// [`EncoderError::Tensor`] when it is missing or has another shape.
    pub(super) fn four(&self, name: &str, rows: usize, columns: usize) -> Result<(&'static [u8], &'static [u8]), EncoderError> {
        let entry = self.entry(name, KIND_FOUR, rows, columns, BLOCK)?;
        let values = self.range(name, entry.values, rows * columns / 2)?;
        let scales = self.range(name, entry.scales, rows * (columns / BLOCK) * 2)?;
        let finite = scales.as_chunks().0.iter().all(|b| half(u16::from_le_bytes(*b)).is_finite());
        if finite { Ok((values, scales)) } else { Err(tensor(name, "it holds NaN or infinity")) }
    }

    fn entry(&self, name: &str, kind: u8, rows: usize, columns: usize, group: usize) -> Result<&Entry, EncoderError> {
        let Some(entry) = self.entries.get(name) else {
            return Err(tensor(name, "it is missing"));
        };
        let found = (entry.kind, entry.rows, entry.columns, entry.group);
        if found == (kind, rows, columns, group) { Ok(entry) } else { Err(tensor(name, "its shape is unexpected")) }
    }

    fn range(&self, name: &str, start: usize, length: usize) -> Result<&'static [u8], EncoderError> {
        start.checked_add(length).and_then(|end| self.bytes.get(start..end)).ok_or_else(|| tensor(name, "its data lies outside the file"))
    }

    fn floats(&self, name: &str, start: usize, count: usize) -> Result<Vec<f32>, EncoderError> {
        let bytes = self.range(name, start, count * size_of::<f32>())?;
        let floats: Vec<f32> = bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        if floats.iter().all(|v| v.is_finite()) { Ok(floats) } else { Err(tensor(name, "it holds NaN or infinity")) }
    }
}

/// The [`BLOCK`] values, -8 to 7, of 16 bytes: first the low halves of all, then the high ones.
#[inline(always)]
pub(super) fn nibbles(bytes: [u8; BLOCK / 2]) -> [i16; BLOCK] {
    let mut values = [0; BLOCK];
    let (low, high) = values.split_at_mut(BLOCK / 2);
    for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
        *low = i16::from(byte & 15) - 8;
        *high = i16::from(byte >> 4) - 8;
    }
    values
}

/// The number whose half-precision bits these are. NaN and infinity stay what they are.
#[inline(always)]
pub(super) fn half(bits: u16) -> f32 {
    /// 2^112, by which the exponents of the two formats differ.
    const BIAS: f32 = f32::from_bits((127 + 112) << 23);
    let (sign, magnitude) = (u32::from(bits & 0x8000) << 16, u32::from(bits & 0x7fff) << 13);
    if bits & 0x7c00 == 0x7c00 { f32::from_bits(sign | 0x7f80_0000 | magnitude) } else { f32::from_bits(sign | magnitude) * BIAS }
}

fn tensor(name: &str, problem: &'static str) -> EncoderError {
    EncoderError::Tensor { name: name.to_owned(), problem }
}

/// Sequential reader that reports the end of the file as an error.
struct Cursor {
    bytes: &'static [u8],
    position: usize,
}

impl Cursor {
    fn take(&mut self, length: usize) -> Result<&'static [u8], EncoderError> {
        let end = self.position + length;
        let taken = self.bytes.get(self.position..end).ok_or(EncoderError::Format("the directory is cut off"))?;
        self.position = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], EncoderError> {
        let (chunks, _) = self.take(N)?.as_chunks();
        Ok(chunks[0])
    }

    fn u32(&mut self) -> Result<u32, EncoderError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, EncoderError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn size32(&mut self) -> Result<usize, EncoderError> {
        usize::try_from(self.u32()?).map_err(|_| EncoderError::Format("a dimension is too large"))
    }

    fn size64(&mut self) -> Result<usize, EncoderError> {
        usize::try_from(self.u64()?).map_err(|_| EncoderError::Format("an offset is too large"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAGIC: [u8; 8] = *b"FOR-TEST";

    fn parse(bytes: Vec<u8>) -> Result<WeightFile, EncoderError> {
        WeightFile::parse(bytes.leak(), MAGIC)
    }

    /// A file with one vector `v` = [1, 2] and one 1 x 2 matrix `m` = 0.5 * [4, -4].
    fn sample() -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(2_u32.to_le_bytes());
        bytes.extend(0_u64.to_le_bytes());
        let data = 24 + 2 * (2 + 1 + 1 + 12 + 16) as u64;
        for (name, kind, group, values, scales) in [(b'v', KIND_VECTOR, 0_u32, data, 0), (b'm', KIND_EIGHT, 2, data + 8, data + 10)] {
            bytes.extend([1, 0, name, kind]);
            bytes.extend([1_u32, 2, group].into_iter().flat_map(u32::to_le_bytes));
            bytes.extend([values, scales].into_iter().flat_map(u64::to_le_bytes));
        }
        bytes.extend([1.0_f32, 2.0].into_iter().flat_map(f32::to_le_bytes));
        bytes.extend([4, (-4_i8).cast_unsigned()]);
        bytes.extend(0.5_f32.to_le_bytes());
        let size = bytes.len() as u64;
        bytes[16..24].copy_from_slice(&size.to_le_bytes());
        bytes
    }

    #[test]
    fn a_small_file_is_read() {
        let file = parse(sample()).unwrap();
        assert_eq!(file.vector("v", 2).unwrap(), [1.0, 2.0]);
        let (values, scales) = file.eight("m", 1, 2, 2).unwrap();
        assert_eq!((values, scales.as_slice()), ([4, (-4_i8).cast_unsigned()].as_slice(), [0.5].as_slice()));
    }

    #[test]
    fn damaged_files_are_errors() {
        assert!(matches!(parse(Vec::new()), Err(EncoderError::Format(_))));
        assert!(matches!(parse(b"version https://example".to_vec()), Err(EncoderError::Format(_))));
        for length in 0..sample().len() {
            assert!(parse(sample()[..length].to_vec()).is_err(), "cut to {length} bytes");
        }
        let mut bytes = sample();
        bytes[8] = 9;
        assert!(matches!(parse(bytes), Err(EncoderError::Format(_))));
        let mut outside = sample();
        outside[24 + 4 + 12 + 7] = 0x7f;
        assert!(matches!(parse(outside).unwrap().vector("v", 2), Err(EncoderError::Tensor { .. })));
    }

    #[test]
    fn missing_or_misshapen_tensors_are_errors() {
        let file = parse(sample()).unwrap();
        assert!(file.vector("w", 2).is_err());
        assert!(file.vector("v", 3).is_err());
        assert!(file.vector("m", 2).is_err());
        assert!(file.eight("m", 1, 2, 1).is_err());
        assert!(file.four("m", 1, 2).is_err());
    }

    #[test]
    fn small_numbers_are_decoded() {
        for (bits, number) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x0001, 5.960_464_5e-8), (0, 0.0), (0xfc00, f32::NEG_INFINITY)]
        {
            assert_eq!(half(bits).to_bits(), f32::to_bits(number), "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
        let values = nibbles(std::array::from_fn(|i| if i == 0 { 0xf0 } else { 0x87 }));
        assert_eq!((values[0], values[16], values[1], values[17]), (-8, 7, -1, 0));
    }
}
