//! How is a sentence that is written in English elsewhere said in another language? Both are patterns, in which `{}`
//! stands for a part that changes; the parts come in the same order.

/// The sentence in the other language, if the pattern is that of the sentence. `inside` says what becomes of each part.
pub fn said(text: &str, pattern: &str, other: &str, inside: impl Fn(&str) -> String) -> Option<String> {
    let mut found = parts(text, pattern)?.into_iter().map(inside);
    let mut pieces = other.split("{}");
    let first = pieces.next().unwrap_or_default().to_owned();
    Some(pieces.fold(first, |said, piece| format!("{said}{}{piece}", found.next().unwrap_or_default())))
}

/// What stands in a text where the pattern has `{}`; each part is not empty and as short as it can be. `None` if the text
/// is another one.
fn parts<'a>(text: &'a str, pattern: &str) -> Option<Vec<&'a str>> {
    let mut pieces = pattern.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut found = Vec::new();
    let pieces: Vec<&str> = pieces.collect();
    for (n, piece) in pieces.iter().enumerate() {
        let is_last = n + 1 == pieces.len();
        let (part, behind) = if is_last {
            (rest.strip_suffix(*piece)?, "")
        } else {
            rest.split_once(*piece).filter(|_| !piece.is_empty())?
        };
        if part.is_empty() {
            return None;
        }
        found.push(part);
        rest = behind;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_keeps_its_place_and_is_as_short_as_it_can_be() {
        for (text, pattern, other, expected) in [
            ("Wait.", "Wait.", "Espere.", Some("Espere.")),
            ("At most 5 files.", "At most {} files.", "Como m\u{e1}ximo {}.", Some("Como m\u{e1}ximo 5.")),
            ("Bay: a: b", "{}: {}", "{} \u{2014} {}", Some("Bay \u{2014} a: b")),
            ("At most  files.", "At most {} files.", "Como m\u{e1}ximo {}.", None),
            ("Wait. Now", "Wait.", "Espere.", None),
            ("", "{}", "{}", None),
        ] {
            assert_eq!(said(text, pattern, other, str::to_owned).as_deref(), expected, "{text}");
        }
        let loud = said("now then", "{} then", "{} luego", str::to_uppercase);
        assert_eq!(loud.as_deref(), Some("NOW luego"));
    }
}
