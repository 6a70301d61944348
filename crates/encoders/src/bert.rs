//! Forward pass of a BERT encoder, from piece numbers to a unit sentence vector.
//!
//! Owns the architecture: tensor names, shapes and order of operations. Does not own tokenisation, the file
//! format, the numeric loops (`kernel`, `math`) or how many layers a model has. One text at a time, so there is no padding and no mask.

#![expect(clippy::inline_always, reason = "code reaches the detected instruction set only by inlining")]

use crate::{
    EncoderError,
    kernel::{Matrix, Quantised, add_product},
    math,
    simd::Isa,
    table::Table,
    weights::WeightFile,
};

/// Elements of every hidden state, and of the sentence vector.
pub(super) const DIMENSION: usize = 384;
const HEADS: usize = 12;
const HEAD: usize = DIMENSION / HEADS;
const INTERMEDIATE: usize = 4 * DIMENSION;
/// Rows of the position table: the most pieces that a text can have.
pub(super) const POSITIONS: usize = 512;

/// What distinguishes the networks.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Number of layers.
    pub(super) layers: usize,
    /// Whether the value projections carry a second matrix with the rounding error of the first.
    pub(super) value_residuals: bool,
    /// Largest activation magnitude after rounding, by the kind of the weights.
    pub(super) activation_limit: f32,
}

/// The loaded network.
pub(super) struct Encoder {
    words: Table,
    positions: Table,
    /// Added to every token: the network was trained with two segments, here there is one.
    segment: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    activation_limit: f32,
    isa: Isa,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

/// Scale and shift of a layer norm, [`DIMENSION`] each.
struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Norm {
    fn read(file: &WeightFile, name: &str) -> Result<Self, EncoderError> {
        Ok(Self { weight: file.vector(&format!("{name}.weight"), DIMENSION)?, bias: file.vector(&format!("{name}.bias"), DIMENSION)? })
    }

    /// Normalises x + y into `x`, both tokens x [`DIMENSION`].
    fn apply_sum(&self, isa: Isa, x: &mut [f32], y: &[f32]) {
        isa.run(
            #[inline(always)]
            || {
                for (x, y) in x.iter_mut().zip(y) {
                    *x += y;
                }
                math::layer_norm(x, &self.weight, &self.bias);
            },
        );
    }
}

/// y = W x + b, where W may carry a second matrix with the rounding error of the first.
struct Linear {
    weight: Matrix,
    residual: Option<Matrix>,
    bias: Vec<f32>,
}

impl Linear {
    fn read(file: &WeightFile, name: &str, inputs: usize, outputs: usize) -> Result<Self, EncoderError> {
        Ok(Self {
            weight: Matrix::read(file, &format!("{name}.weight"), outputs, inputs)?,
            residual: None,
            bias: file.vector(&format!("{name}.bias"), outputs)?,
        })
    }

    /// Tokens x inputs to tokens x outputs.
    fn apply(&self, isa: Isa, x: &Quantised, tokens: usize) -> Vec<f32> {
        let mut y = self.bias.repeat(tokens);
        add_product(isa, &self.weight, x, &mut y);
        if let Some(residual) = &self.residual {
            add_product(isa, residual, x, &mut y);
        }
        y
    }
}

impl Layer {
    fn read(file: &WeightFile, layer: usize, value_residuals: bool) -> Result<Self, EncoderError> {
        let name = |part: &str| format!("layer.{layer}.{part}");
        let square = |part: &str| Linear::read(file, &name(part), DIMENSION, DIMENSION);
        let mut value = square("value")?;
        if value_residuals {
            value.residual = Some(Matrix::read(file, &name("value.residual"), DIMENSION, DIMENSION)?);
        }
        Ok(Self {
            query: square("query")?,
            key: square("key")?,
            value,
            attention_output: square("attention_output")?,
            attention_norm: Norm::read(file, &name("attention_norm"))?,
            intermediate: Linear::read(file, &name("intermediate"), DIMENSION, INTERMEDIATE)?,
            output: Linear::read(file, &name("output"), INTERMEDIATE, DIMENSION)?,
            output_norm: Norm::read(file, &name("output_norm"))?,
        })
    }

    /// Transforms the hidden states `x`, tokens x [`DIMENSION`], in place.
    fn apply(&self, isa: Isa, limit: f32, x: &mut [f32]) {
        let tokens = x.len() / DIMENSION;
        let input = Quantised::new(isa, x, DIMENSION, limit);
        let query = self.query.apply(isa, &input, tokens);
        let key = self.key.apply(isa, &input, tokens);
        let value = self.value.apply(isa, &input, tokens);
        let mut mixed = vec![0.0; x.len()];
        isa.run(
            #[inline(always)]
            || attention(&query, &key, &value, &mut mixed),
        );
        let mixed = Quantised::new(isa, &mixed, DIMENSION, limit);
        self.attention_norm.apply_sum(isa, x, &self.attention_output.apply(isa, &mixed, tokens));

        let mut inner = self.intermediate.apply(isa, &Quantised::new(isa, x, DIMENSION, limit), tokens);
        isa.run(
            #[inline(always)]
            || math::gelu(&mut inner),
        );
        let inner = Quantised::new(isa, &inner, INTERMEDIATE, limit);
        self.output_norm.apply_sum(isa, x, &self.output.apply(isa, &inner, tokens));
    }
}

/// Multi-head self-attention; all arguments are tokens x [`DIMENSION`], heads side by side in a row.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "the head width is 32")]
fn attention(query: &[f32], key: &[f32], value: &[f32], out: &mut [f32]) {
    let tokens = query.len() / DIMENSION;
    let scale = 1.0 / (HEAD as f32).sqrt();
    // The keys of one head, transposed to HEAD x tokens: the inner loops then run over neighbours.
    let mut keys = vec![0.0; HEAD * tokens];
    let mut scores = vec![0.0; tokens];
    for head in (0..DIMENSION).step_by(HEAD) {
        for (token, row) in key.chunks_exact(DIMENSION).enumerate() {
            for (d, k) in row[head..head + HEAD].iter().enumerate() {
                keys[d * tokens + token] = *k;
            }
        }
        for (row, out) in query.chunks_exact(DIMENSION).zip(out.chunks_exact_mut(DIMENSION)) {
            scores.fill(0.0);
            for (q, keys) in row[head..head + HEAD].iter().zip(keys.chunks_exact(tokens)) {
                let q = q * scale;
                for (s, k) in scores.iter_mut().zip(keys) {
                    *s += q * k;
                }
            }
            math::softmax(&mut scores);
            let mut mixed = [0.0_f32; HEAD];
            for (p, row) in scores.iter().zip(value.chunks_exact(DIMENSION)) {
                for (m, v) in mixed.iter_mut().zip(&row[head..head + HEAD]) {
                    *m += p * v;
                }
            }
            out[head..head + HEAD].copy_from_slice(&mixed);
        }
    }
}

impl Encoder {
    /// Collects the tensors of the network from `file`; the tables have rows for all pieces and for [`POSITIONS`].
    ///
    /// # Errors
    /// [`EncoderError::Tensor`] for the first tensor that is missing or has another shape.
    pub(super) fn read(file: &WeightFile, shape: Shape, words: Table, positions: Table) -> Result<Self, EncoderError> {
        Ok(Self {
            words,
            positions,
            segment: file.vector("embeddings.segment", DIMENSION)?,
            norm: Norm::read(file, "embeddings.norm")?,
            layers: (0..shape.layers).map(|layer| Layer::read(file, layer, shape.value_residuals)).collect::<Result<_, _>>()?,
            activation_limit: shape.activation_limit,
            isa: Isa::detect(),
        })
    }

    /// The unit sentence vector, [`DIMENSION`] long, of 1 to [`POSITIONS`] piece numbers.
    pub(super) fn encode(&self, ids: &[u32]) -> Vec<f32> {
        self.encode_with(self.isa, ids)
    }

    /// [`Self::encode`] on a given instruction set.
    pub(super) fn encode_with(&self, isa: Isa, ids: &[u32]) -> Vec<f32> {
        let mut x = self.segment.repeat(ids.len());
        for (position, (id, row)) in ids.iter().zip(x.chunks_exact_mut(DIMENSION)).enumerate() {
            self.words.add_row(*id as usize, row);
            self.positions.add_row(position, row);
        }
        isa.run(
            #[inline(always)]
            || math::layer_norm(&mut x, &self.norm.weight, &self.norm.bias),
        );
        for layer in &self.layers {
            layer.apply(isa, self.activation_limit, &mut x);
        }
        let mut pooled = vec![0.0; DIMENSION];
        isa.run(
            #[inline(always)]
            || {
                // The mean differs from the sum by a factor that normalisation removes.
                for row in x.chunks_exact(DIMENSION) {
                    for (p, v) in pooled.iter_mut().zip(row) {
                        *p += v;
                    }
                }
                math::normalise(&mut pooled);
            },
        );
        pooled
    }
}
