//! How is a text cut into the passages that are searched? Between paragraphs, so that each passage says one thing; a paragraph
//! that is too long is cut between sentences, else words.

use unicode_segmentation::UnicodeSegmentation;

use super::LONGEST_PASSAGE;

/// Paragraphs are put together as long as they have no more characters than this.
const GOAL: usize = 900;

/// The passages of a text, each with 1 to [`LONGEST_PASSAGE`] characters.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let mut passages: Vec<String> = Vec::new();
    let pieces = paragraphs(text).into_iter().flat_map(cut);
    for piece in pieces {
        match passages.last_mut().filter(|last| size(last) + size(piece) < GOAL) {
            Some(last) => {
                last.push_str("\n\n");
                last.push_str(piece);
            }
            None => passages.push(piece.to_owned()),
        }
    }
    passages
}

/// The parts between empty lines, without the ones that are blank.
fn paragraphs(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            found.push(text[from..at].trim());
            from = at + line.len();
        }
        at += line.len();
    }
    found.push(text[from..].trim());
    found.retain(|paragraph| !paragraph.is_empty());
    found
}

fn size(text: &str) -> usize {
    text.chars().count()
}

/// A paragraph in parts of at most [`GOAL`] characters.
fn cut(paragraph: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = paragraph;
    while size(rest) > GOAL {
        let (head, tail) = rest.split_at(end(rest));
        parts.push(head.trim());
        rest = tail.trim_start();
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

/// Where the first part of a long text ends: never 0.
fn end(text: &str) -> usize {
    let most = text.char_indices().nth(GOAL).map_or(text.len(), |(at, _)| at);
    let head = &text[..most];
    let half = text.char_indices().nth(GOAL / 2).map_or(0, |(at, _)| at);
    let after = |signs: &[&str]| {
        let found = signs.iter().filter_map(|sign| head.rfind(sign).map(|at| at + sign.len()));
        found.max().filter(|at| *at > half)
    };
    let reads_well = after(&["\n"]).or_else(|| after(&[". ", "! ", "? ", "。", "！", "？"])).or_else(|| after(&[" "]));
    reads_well.unwrap_or_else(|| whole_character(text, most))
}

/// The end of the last visible character that ends before this place. One that is longer than a passage is cut.
fn whole_character(text: &str, most: usize) -> usize {
    let ends = text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
    ends.take_while(|end| *end <= most).last().unwrap_or(most)
}

const _: () = assert!(GOAL <= LONGEST_PASSAGE, "a passage has room for a part");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_passage_fits_and_nothing_is_lost() {
        for text in [
            "word ".repeat(5000),
            "👨‍👩‍👧‍👦".repeat(1500),
            "ä".repeat(5000),
            format!("e{}", "\u{301}".repeat(5000)),
            "A sentence that ends. ".repeat(500),
            (0..200).map(|number| format!("Paragraph {number}.\n \n")).collect(),
            "one line\nand the next\n\n\n\nlast".to_owned(),
            "\n\n".to_owned(),
            String::new(),
        ] {
            let passages = split(&text);
            assert!(passages.iter().all(|one| (1..=LONGEST_PASSAGE).contains(&size(one))));
            let without = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(without(&passages.concat()), without(&text));
        }
    }

    #[test]
    fn short_paragraphs_stay_together_and_long_ones_apart() {
        assert_eq!(split("One.\n\nTwo."), ["One.\n\nTwo."]);
        let (one, two) = ("a ".repeat(300), "b ".repeat(300));
        assert_eq!(split(&format!("{one}\n\n{two}")), [one.trim(), two.trim()]);
        assert_eq!(split(" \n "), [""; 0]);
    }
}
