//! How long may a text be on each channel, and where is a longer one cut? Each platform counts in a unit of its own.

use unicode_segmentation::UnicodeSegmentation;

use super::Channel;

/// The unit in which a platform counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Characters (Unicode scalar values).
    Chars,
    /// Bytes of UTF-8.
    Bytes,
}

/// The longest text of one message, and how it is counted (Meta, sending).
#[must_use]
pub const fn limit(channel: Channel) -> (usize, Unit) {
    match channel {
        Channel::Whatsapp => (4096, Unit::Chars),
        Channel::Instagram => (1000, Unit::Bytes),
        Channel::Facebook => (2000, Unit::Chars),
        Channel::Sms => (1600, Unit::Chars),
        Channel::Webchat | Channel::Voice | Channel::Email => (8000, Unit::Chars),
    }
}

fn size(text: &str, unit: Unit) -> usize {
    match unit {
        Unit::Chars => text.chars().count(),
        Unit::Bytes => text.len(),
    }
}

/// Whether one message holds the text.
#[must_use]
pub fn fits(channel: Channel, text: &str) -> bool {
    let (most, unit) = limit(channel);
    size(text, unit) <= most
}

/// The text in parts that one message each holds: cut between paragraphs, else sentences, else words, and never inside
/// what people see as one character, unless that alone is too long.
#[must_use]
pub fn split(channel: Channel, text: &str) -> Vec<String> {
    let (most, unit) = limit(channel);
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if size(rest, unit) <= most {
            parts.push(rest.to_owned());
            break;
        }
        let (head, tail) = rest.split_at(cut(rest, most, unit));
        parts.push(head.trim_end().to_owned());
        rest = tail.trim_start();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Where to cut a text that is too long: never 0, so that each round takes something.
fn cut(text: &str, most: usize, unit: Unit) -> usize {
    let mut end = 0;
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += size(grapheme, unit);
        if used > most {
            break;
        }
        end = at + grapheme.len();
    }
    if end == 0 {
        return within_one_character(text, most, unit);
    }
    let head = &text[..end];
    // A cut in the last half reads well; an earlier one makes many short messages.
    let from = head.char_indices().nth(head.chars().count() / 2).map_or(0, |(at, _)| at);
    let after = |separators: &[&str]| {
        let found = separators.iter().filter_map(|sep| head.rfind(sep).map(|at| at + sep.len()));
        found.max().filter(|at| *at > from)
    };
    after(&["\n\n"])
        .or_else(|| after(&["\n"]))
        .or_else(|| after(&[". ", "! ", "? ", "… ", "。", "！", "？"]))
        .or_else(|| after(&[" "]))
        .unwrap_or(end)
}

/// A single visible character that is longer than a message: cut between its scalar values.
fn within_one_character(text: &str, most: usize, unit: Unit) -> usize {
    let mut end = 0;
    for (count, (at, c)) in text.char_indices().enumerate() {
        let next = at + c.len_utf8();
        let used = if unit == Unit::Chars { count + 1 } else { next };
        if used > most {
            break;
        }
        end = next;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_fits_and_nothing_is_lost() {
        let family = "👨‍👩‍👧‍👦";
        let texts = [
            "word ".repeat(3000),
            family.repeat(600),
            "ä".repeat(5000),
            "A sentence that ends. ".repeat(500),
            format!("{}\n\n{}", "first ".repeat(150), "second ".repeat(150)),
            format!("e{}", "\u{301}".repeat(5000)),
            "short".to_owned(),
        ];
        for channel in Channel::ALL {
            for text in &texts {
                let parts = split(channel, text);
                assert!(parts.iter().all(|part| fits(channel, part)), "{channel:?}");
                let without = |text: &str| text.split_whitespace().collect::<String>();
                assert_eq!(without(&parts.concat()), without(text), "{channel:?}");
            }
        }
        assert!(split(Channel::Instagram, &family.repeat(600)).iter().all(|part| part.ends_with(family)));
        assert_eq!(split(Channel::Whatsapp, "  "), Vec::<String>::new());
    }
}
