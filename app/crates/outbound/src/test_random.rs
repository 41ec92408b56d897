//! A repeatable random number generator for tests. It does not use a library generator, so a failing seed stays
//! valid when libraries change.

/// A sequence of numbers that depends only on the seed.
pub(crate) struct TestRandom(u64);

impl TestRandom {
    /// Starts the sequence of this seed, which must not be 0.
    pub(crate) fn seed(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The next number, smaller than `below`.
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}
