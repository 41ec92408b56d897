//! How does Meta spell a body? Without white space, with every character beyond ASCII escaped, and `/` as `\/`; the tests
//! sign and read this form, too.

/// The text of a JSON document in Meta's spelling, with its fields in their order.
pub(crate) fn wire_form(text: &str) -> String {
    let (mut wire, mut inside, mut escaped) = (String::with_capacity(text.len()), false, false);
    for letter in text.chars() {
        let quote = letter == '"' && !escaped;
        match letter {
            _ if !inside && letter.is_ascii_whitespace() => {}
            '/' if inside => wire.push_str("\\/"),
            _ if letter.is_ascii() => wire.push(letter),
            _ => letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| wire.push_str(&format!("\\u{unit:04x}"))),
        }
        inside ^= quote;
        escaped = letter == '\\' && !escaped && inside;
    }
    wire
}
