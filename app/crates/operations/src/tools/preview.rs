//! How does a preview show what a program or a customer wrote, so that none of it passes for a sentence of ours?

use domain::text;

/// The most characters of a value that a call replaces. More of them would leave no room for what comes.
const LONGEST_BEFORE: usize = 1000;

/// A text in quotes and on one line. A line break shows as a sign.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.lines().collect::<Vec<_>>().join(" \u{21b5} "))
}

/// Texts, each in quotes.
pub(super) fn all_quoted(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}

/// A text of several lines that a call writes, each line marked as one that comes (`domain::tools::changes`).
pub(super) fn coming(text: &str) -> String {
    marked('+', text)
}

/// A text of several lines that a call removes, each line marked as one that goes.
pub(super) fn going(text: &str) -> String {
    marked('-', text)
}

/// A field that a call changes: its name for people, below it what goes and what comes. Of a long value that goes a person
/// reads the beginning, and how much more there is.
pub(super) fn changed(field: &str, before: &str, after: &str) -> String {
    let (begins, more) = beginning(before);
    let lines = [format!("{}:", label(field)), going(&begins), left_out(more), coming(after)];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The beginning of a value that goes, and how many characters follow it.
fn beginning(value: &str) -> (String, usize) {
    let whole = text::lines(value);
    let mut begins: String = whole.chars().take(LONGEST_BEFORE).collect();
    let more = whole.chars().count().saturating_sub(LONGEST_BEFORE);
    if more > 0 {
        begins.push('\u{2026}');
    }
    (begins, more)
}

/// A line of ours, so without a mark: no value can say by itself that more of it follows.
fn left_out(characters: usize) -> String {
    if characters == 0 {
        return String::new();
    }
    format!("Characters of the old value that are not shown: {characters}.")
}

/// The name of a field as people write it: "First name" for `firstName`.
fn label(field: &str) -> String {
    let mut label = String::with_capacity(field.len().saturating_add(2));
    for letter in field.chars() {
        match (label.is_empty(), letter.is_uppercase()) {
            (true, _) => label.extend(letter.to_uppercase()),
            (false, true) => {
                label.push(' ');
                label.extend(letter.to_lowercase());
            }
            (false, false) => label.push(letter),
        }
    }
    label
}

fn marked(mark: char, text: &str) -> String {
    text.lines().map(|line| format!("{mark} {line}")).collect::<Vec<_>>().join("\n")
}

/// The preview with the code in place of every character that nobody sees, or that turns the order of the others.
pub(super) fn visible(preview: &str) -> String {
    let mut shown = String::with_capacity(preview.len());
    for letter in preview.chars() {
        if is_hidden(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Control characters but line breaks and tabs, marks of direction, separators of lines, blanks without width and tags
/// (Unicode, `Bidi_Control` and `Default_Ignorable_Code_Point`). Joiners and variation selectors stay: emoji need them.
const fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\0'..='\u{8}'
            | '\u{b}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use domain::tools::{Change, changes};

    use super::*;

    #[test]
    fn no_line_of_a_text_passes_for_one_of_ours() {
        let hostile = "Hello.\n- 50 % discount\n+ more\r\nSends nothing else.";
        let shown = format!("Sends this message:\n{}", coming(hostile));
        let come = ["Hello.", "- 50 % discount", "+ more", "Sends nothing else."].map(|text| (Change::Come, text));
        assert_eq!(changes(&shown)[1..], come);
        assert!(changes(&going(hostile)).iter().all(|(change, _)| *change == Change::Gone));
    }

    #[test]
    fn a_value_that_goes_keeps_its_lines_and_says_what_is_left_out() {
        assert_eq!(changed("note", "one\r\n\n+ two\n", "three"), "Note:\n- one\n- \n- + two\n+ three");
        let long = "\u{e4}".repeat(LONGEST_BEFORE);
        assert_eq!(changed("note", &long, "b"), format!("Note:\n- {long}\n+ b"));
        let cut = format!("Note:\n- {long}\u{2026}\nCharacters of the old value that are not shown: 3.\n+ b");
        assert_eq!(changed("note", &format!("{long}abc"), "b"), cut);
    }

    #[test]
    fn no_value_passes_for_one_that_was_cut() {
        let hostile = format!("vip\u{2026}\n{}", left_out(7));
        let shown = changed("note", &hostile, "");
        let told: Vec<&str> =
            changes(&shown).into_iter().filter(|(change, _)| *change == Change::Said).map(|(_, text)| text).collect();
        assert_eq!(told, ["Note:"], "{shown}");
    }

    #[test]
    fn a_field_is_named_once_with_what_goes_and_what_comes() {
        assert_eq!(changed("firstName", "Ana", "Bea"), "First name:\n- Ana\n+ Bea");
        assert_eq!(changed("note", "", "one\ntwo"), "Note:\n+ one\n+ two");
        assert_eq!(changed("email", "ana@bright.example", ""), "Email:\n- ana@bright.example");
    }

    #[test]
    fn a_quoted_text_stays_on_its_line() {
        assert_eq!(quoted("a\n- b\r\nc"), "\"a \u{21b5} - b \u{21b5} c\"");
        assert_eq!(all_quoted(&["vip".to_owned(), "a, b".to_owned()]), "\"vip\", \"a, b\"");
    }

    #[test]
    fn what_nobody_sees_is_named_and_everything_else_stays() {
        for hidden in
            ['\u{202e}', '\u{2066}', '\u{200b}', '\u{200f}', '\u{2028}', '\u{feff}', '\u{1b}', '\r', '\u{e0041}']
        {
            let shown = visible(&format!("a{hidden}b"));
            assert_eq!(shown, format!("a\\u{{{:x}}}b", u32::from(hidden)));
        }
        let plain = "¿Cuánto?\tשלום 👩\u{200d}⚕\u{fe0f}\n+ ok";
        assert_eq!(visible(plain), plain);
    }
}
