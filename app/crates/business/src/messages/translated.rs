//! Is everything called something else in each language? Tests of texts ask it of each of their lists.

/// Expects that each of these has another name in English than in Spanish.
pub(crate) fn assert_translated<K: Copy + std::fmt::Debug, V: PartialEq>(
    all: &[K],
    english: fn(K) -> V,
    spanish: fn(K) -> V,
) {
    assert!(!all.is_empty(), "nothing was compared");
    for one in all {
        assert!(english(*one) != spanish(*one), "{one:?} is called the same in both languages");
    }
}
