//! What do the counters say of a line? It ran if anything in it or around it ran.

use std::collections::BTreeMap;

/// Counts from here on are differences below zero: threads that count at the same time lose some.
const BELOW_ZERO: usize = usize::MAX / 2;

/// The lines before `end` that can run, and whether they did. A region is its first and last line and its count.
pub fn of(regions: impl Iterator<Item = (usize, usize, usize)>, end: usize) -> BTreeMap<usize, bool> {
    let mut lines = BTreeMap::new();
    for (first, last, count) in regions {
        for line in first..=last.min(end.saturating_sub(1)) {
            *lines.entry(line).or_insert(false) |= (1..BELOW_ZERO).contains(&count);
        }
    }
    lines
}

/// The line at which the tests of a file begin, or one that it does not have. They are not measured.
pub fn tests_begin(text: &str) -> usize {
    text.lines().position(|line| line == "#[cfg(test)]").map_or(usize::MAX, |at| at + 1)
}

/// Lines as people read them, such as `3, 7-9`.
pub fn ranges(lines: impl Iterator<Item = usize>) -> Vec<String> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match found.last_mut() {
            Some((_, last)) if *last + 1 == line => *last = line,
            _ => found.push((line, line)),
        }
    }
    let shown =
        |(first, last): (usize, usize)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    found.into_iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ran_if_anything_of_it_did() {
        let lines = of([(1, 1, 0), (1, 1, 4), (2, 4, 0), (3, 3, 1), (5, 5, usize::MAX - 1)].into_iter(), usize::MAX);
        assert_eq!(lines.into_iter().collect::<Vec<_>>(), [(1, true), (2, false), (3, true), (4, false), (5, false)]);
    }

    #[test]
    fn tests_are_not_measured() {
        let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(tests_begin(text), 3);
        assert_eq!(of([(1, 1, 1), (3, 4, 1)].into_iter(), 3).len(), 1);
        assert_eq!(tests_begin("fn a() {}\n"), usize::MAX);
    }

    #[test]
    fn lines_that_follow_one_another_are_one_range() {
        assert_eq!(ranges([1, 2, 3, 7, 9, 10].into_iter()), ["1-3", "7", "9-10"]);
        assert!(ranges(std::iter::empty()).is_empty());
    }
}
