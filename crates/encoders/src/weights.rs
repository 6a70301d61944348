//! Reader of the `model.q8` weight file; the layout is described in `model/minilm/convert.py`.
//!
//! Owns the checks that make a damaged or foreign file an error instead of wrong vectors. Does not own which
//! tensors the network needs (`forward`). Int8 values are borrowed from the compiled-in bytes, never copied:
//! the operating system pages in only what is used. Scales and vectors, under 1 MB, are decoded once.

use std::collections::HashMap;

use super::MiniLmError;

const MAGIC: &[u8] = b"MINILMQ8";
const VERSION: u32 = 1;
const KIND_VECTOR: u8 = 0;
const KIND_MATRIX: u8 = 1;

/// An int8 matrix, row-major, with one f32 scale per `group` neighbouring values of a row.
pub(super) struct Matrix {
    /// Two's complement int8, kept as bytes so that no copy or cast of the file is needed.
    values: &'static [u8],
    scales: Vec<f32>,
    rows: usize,
    columns: usize,
    group: usize,
}

impl Matrix {
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn group(&self) -> usize {
        self.group
    }

    /// The `columns` int8 values of a row, as bytes.
    pub(super) fn row(&self, row: usize) -> &'static [u8] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// The `columns / group` scales of a row.
    pub(super) fn row_scales(&self, row: usize) -> &[f32] {
        let groups = self.columns / self.group;
        &self.scales[row * groups..(row + 1) * groups]
    }

    /// Adds the dequantised row to `out`, which has `columns` elements.
    pub(super) fn add_row(&self, row: usize, out: &mut [f32]) {
        let groups = self.row(row).chunks_exact(self.group).zip(out.chunks_exact_mut(self.group));
        for ((values, out), scale) in groups.zip(self.row_scales(row)) {
            for (o, v) in out.iter_mut().zip(values) {
                *o += scale * f32::from(v.cast_signed());
            }
        }
    }
}

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
    /// [`MiniLmError::Format`] when magic, version, size or directory are not as expected.
    pub(super) fn parse(bytes: &'static [u8]) -> Result<Self, MiniLmError> {
        let mut cursor = Cursor { bytes, position: 0 };
        if cursor.take(MAGIC.len())? != MAGIC {
            return Err(MiniLmError::Format("the magic bytes are missing"));
        }
        if cursor.u32()? != VERSION {
            return Err(MiniLmError::Format("the version is not supported"));
        }
        let count = cursor.u32()?;
        if cursor.u64()? != bytes.len() as u64 {
            return Err(MiniLmError::Format("the size differs from the size in the header"));
        }
        let mut entries = HashMap::new();
        for _ in 0..count {
            let length = usize::from(u16::from_le_bytes(cursor.array()?));
            let name = std::str::from_utf8(cursor.take(length)?).map_err(|_| MiniLmError::Format("a tensor name is not UTF-8"))?;
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
                return Err(MiniLmError::Format("a tensor name occurs twice"));
            }
        }
        Ok(Self { bytes, entries })
    }

    /// The f32 vector `name` of `length` elements.
    ///
    /// # Errors
    /// [`MiniLmError::Tensor`] when it is missing or has another shape.
    pub(super) fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, MiniLmError> {
        let entry = self.entry(name, KIND_VECTOR, 1, length, 0)?;
        self.floats(name, entry.values, length)
    }

    /// The int8 matrix `name` of `rows` x `columns` with `group` values per scale.
    ///
    /// # Errors
    /// [`MiniLmError::Tensor`] when it is missing or has another shape or grouping.
    pub(super) fn matrix(&self, name: &str, rows: usize, columns: usize, group: usize) -> Result<Matrix, MiniLmError> {
        let entry = self.entry(name, KIND_MATRIX, rows, columns, group)?;
        let values = self.range(name, entry.values, rows * columns)?;
        let scales = self.floats(name, entry.scales, rows * (columns / group))?;
        Ok(Matrix { values, scales, rows, columns, group })
    }

    fn entry(&self, name: &str, kind: u8, rows: usize, columns: usize, group: usize) -> Result<&Entry, MiniLmError> {
        let Some(entry) = self.entries.get(name) else {
            return Err(tensor(name, "it is missing"));
        };
        let found = (entry.kind, entry.rows, entry.columns, entry.group);
        if found == (kind, rows, columns, group) { Ok(entry) } else { Err(tensor(name, "its shape is unexpected")) }
    }

    fn range(&self, name: &str, start: usize, length: usize) -> Result<&'static [u8], MiniLmError> {
        start.checked_add(length).and_then(|end| self.bytes.get(start..end)).ok_or_else(|| tensor(name, "its data lies outside the file"))
    }

    fn floats(&self, name: &str, start: usize, count: usize) -> Result<Vec<f32>, MiniLmError> {
        let bytes = self.range(name, start, count * size_of::<f32>())?;
        let floats: Vec<f32> = bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        if floats.iter().all(|v| v.is_finite()) { Ok(floats) } else { Err(tensor(name, "it holds NaN or infinity")) }
    }
}

fn tensor(name: &str, problem: &'static str) -> MiniLmError {
    MiniLmError::Tensor { name: name.to_owned(), problem }
}

/// Sequential reader that reports the end of the file as an error.
struct Cursor {
    bytes: &'static [u8],
    position: usize,
}

impl Cursor {
    fn take(&mut self, length: usize) -> Result<&'static [u8], MiniLmError> {
        let end = self.position + length;
        let taken = self.bytes.get(self.position..end).ok_or(MiniLmError::Format("the directory is cut off"))?;
        self.position = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], MiniLmError> {
        let (chunks, _) = self.take(N)?.as_chunks();
        Ok(chunks[0])
    }

    fn u32(&mut self) -> Result<u32, MiniLmError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, MiniLmError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn size32(&mut self) -> Result<usize, MiniLmError> {
        usize::try_from(self.u32()?).map_err(|_| MiniLmError::Format("a dimension is too large"))
    }

    fn size64(&mut self) -> Result<usize, MiniLmError> {
        usize::try_from(self.u64()?).map_err(|_| MiniLmError::Format("an offset is too large"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: Vec<u8>) -> Result<WeightFile, MiniLmError> {
        WeightFile::parse(bytes.leak())
    }

    /// A file with one vector `v` = [1, 2] and one 1 x 2 matrix `m` = 0.5 * [4, -4].
    fn sample() -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(2_u32.to_le_bytes());
        bytes.extend(0_u64.to_le_bytes());
        let data = 24 + 2 * (2 + 1 + 1 + 12 + 16) as u64;
        for (name, kind, group, values, scales) in [(b'v', KIND_VECTOR, 0_u32, data, 0), (b'm', KIND_MATRIX, 2, data + 8, data + 10)] {
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
        let matrix = file.matrix("m", 1, 2, 2).unwrap();
        let mut row = [1.0, 1.0];
        matrix.add_row(0, &mut row);
        assert!((row[0] - 3.0).abs() < 1e-6 && (row[1] + 1.0).abs() < 1e-6, "{row:?}");
    }

    #[test]
    fn damaged_files_are_errors() {
        assert!(matches!(parse(Vec::new()), Err(MiniLmError::Format(_))));
        assert!(matches!(parse(b"version https://example".to_vec()), Err(MiniLmError::Format(_))));
        for length in 0..sample().len() {
            assert!(parse(sample()[..length].to_vec()).is_err(), "cut to {length} bytes");
        }
        let mut bytes = sample();
        bytes[8] = 9;
        assert!(matches!(parse(bytes), Err(MiniLmError::Format(_))));
        let mut outside = sample();
        outside[24 + 4 + 12 + 7] = 0x7f;
        assert!(matches!(parse(outside).unwrap().vector("v", 2), Err(MiniLmError::Tensor { .. })));
    }

    #[test]
    fn missing_or_misshapen_tensors_are_errors() {
        let file = parse(sample()).unwrap();
        assert!(file.vector("w", 2).is_err());
        assert!(file.vector("v", 3).is_err());
        assert!(file.vector("m", 2).is_err());
        assert!(file.matrix("m", 1, 2, 1).is_err());
    }
}
