//! Plain loops, compiled for the vector instructions that the machine turns out to have.

/// The instruction set the numeric loops run on.
#[derive(Clone, Copy)]
pub enum Isa {
    /// 256-bit integer and float vectors, detected at run time.
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    /// Whatever the compiler makes of plain loops for the build target.
    Portable,
}

impl Isa {
    /// Picks the best supported set. The underlying detection is cached, so this is cheap.
    #[must_use]
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            return Self::Avx2(simd);
        }
        Self::Portable
    }

    /// Runs `f` compiled for this instruction set, so that plain loops inside it vectorise.
    /// Everything `f` calls must be `#[inline(always)]` to profit.
    pub fn run(self, f: impl FnOnce()) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => simd.vectorize(f),
            Self::Portable => f(),
        }
    }
}
