//! A repeatable random generator for tests. It does not use a library generator, so a failing seed stays valid when
//! libraries change.

/// A row of numbers that a seed names.
pub(crate) struct TestRandom(u64);

impl TestRandom {
    /// The row of this seed, which is not 0.
    pub(crate) fn seed(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The next number below this bound.
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}
