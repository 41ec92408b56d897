//! In which words do two texts differ? The longest common run of words stays; what stands between is removed or added.

/// The most words of a text that are compared. Of a longer one the rest counts as changed.
const MOST: usize = 400;

/// What became of some words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Both texts have them.
    Both,
    /// Only the first text has them.
    Removed,
    /// Only the second text has them.
    Added,
}

/// Words that follow one another and share what became of them, with the blanks behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What became of them.
    pub kept: Kept,
    /// The words.
    pub text: String,
}

/// The pieces of two texts in their order. Those that are not `Added` make the first text, those that are not `Removed` the
/// second one, but for blanks.
#[must_use]
pub fn word_diff(before: &str, after: &str) -> Vec<Piece> {
    let (old, new): (Vec<&str>, Vec<&str>) = (words(before), words(after));
    let (old_near, old_rest) = old.split_at(old.len().min(MOST));
    let (new_near, new_rest) = new.split_at(new.len().min(MOST));
    let mut pieces = Vec::new();
    let lengths = common(old_near, new_near);
    let (mut at, mut to) = (0, 0);
    while at < old_near.len() || to < new_near.len() {
        let is_same = at < old_near.len() && to < new_near.len() && old_near[at].trim() == new_near[to].trim();
        if is_same {
            push(&mut pieces, Kept::Both, new_near[to]);
            (at, to) = (at + 1, to + 1);
        } else if to == new_near.len() || at < old_near.len() && lengths[at + 1][to] >= lengths[at][to + 1] {
            push(&mut pieces, Kept::Removed, old_near[at]);
            at += 1;
        } else {
            push(&mut pieces, Kept::Added, new_near[to]);
            to += 1;
        }
    }
    old_rest.iter().for_each(|word| push(&mut pieces, Kept::Removed, word));
    new_rest.iter().for_each(|word| push(&mut pieces, Kept::Added, word));
    pieces
}

/// The words of a text, each with the blanks behind it.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let blanks = rest[end..].find(|letter: char| !letter.is_whitespace()).unwrap_or(rest.len() - end);
        let (word, left) = rest.split_at(end + blanks);
        words.push(word);
        rest = left;
    }
    words
}

/// For each pair of places, how many words the rests of both texts have in common, in their order.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<u16>> {
    let mut lengths = vec![vec![0_u16; new.len() + 1]; old.len() + 1];
    for at in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            lengths[at][to] = if old[at].trim() == new[to].trim() {
                lengths[at + 1][to + 1] + 1
            } else {
                lengths[at + 1][to].max(lengths[at][to + 1])
            };
        }
    }
    lengths
}

fn push(pieces: &mut Vec<Piece>, kept: Kept, word: &str) {
    match pieces.last_mut() {
        Some(last) if last.kept == kept => {
            if !last.text.ends_with(char::is_whitespace) {
                last.text.push(' ');
            }
            last.text.push_str(word);
        }
        _ => pieces.push(Piece { kept, text: word.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces as one line: `-removed- +added+ both`.
    fn shown(before: &str, after: &str) -> String {
        let pieces = word_diff(before, after).into_iter().map(|piece| {
            let text = piece.text.trim();
            match piece.kept {
                Kept::Both => text.to_owned(),
                Kept::Removed => format!("-{text}-"),
                Kept::Added => format!("+{text}+"),
            }
        });
        pieces.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_both_say_stays_and_the_rest_is_marked() {
        for (before, after, expected) in [
            ("", "", ""),
            ("", "Yes.", "+Yes.+"),
            ("Yes.", "", "-Yes.-"),
            ("We open at 9.", "We open at 8.", "We open at -9.- +8.+"),
            ("We open at 9.", "On Mondays we open at 9.", "-We- +On Mondays we+ open at 9."),
            ("a  b\nc", "a b c", "a b c"),
            ("one two three", "three one two", "+three+ one two -three-"),
        ] {
            assert_eq!(shown(before, after), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn both_texts_come_back_whatever_they_are() {
        let long = "word other é 9 ".repeat(300);
        let texts = ["", "a", "a b a b", "b a", " a\u{a0}b \n c ", "🦷 ñ <b>", long.as_str(), "other word other"];
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for before in texts {
            for after in texts {
                let pieces = word_diff(before, after);
                let without = |left_out: Kept| {
                    let kept = pieces.iter().filter(|piece| piece.kept != left_out);
                    plain(&kept.map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(" "))
                };
                assert_eq!(without(Kept::Added), plain(before), "{before:?} {after:?}");
                assert_eq!(without(Kept::Removed), plain(after), "{before:?} {after:?}");
                assert!(pieces.windows(2).all(|pair| pair[0].kept != pair[1].kept), "{pieces:?}");
            }
        }
    }
}
