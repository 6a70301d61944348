//! The instruction set that loops over vectors run on: that of the local model's kernels. Under a name of its own, because who
//! scans vectors need not know that there is a local model.

pub(crate) use encoders::simd::Isa;
