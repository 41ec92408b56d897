//! Escapes text for the places where the renderer writes it unescaped. Leptos escapes text and attributes, but
//! neither the content of a `<textarea>` nor what `leptos_meta` puts into the `<title>`. Both use this file, and
//! `cargo x ci` rejects other such places.

/// Escapes text for an element that may hold only text. A browser reads exactly `text` from the result, and
/// nothing in it is markup.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_in_it_is_markup() {
        assert_eq!(escaped("</title><b a=\"x\">&amp;"), "&lt;/title&gt;&lt;b a=\"x\"&gt;&amp;amp;");
        assert_eq!(escaped("Ünï 🦷"), "Ünï 🦷");
    }
}
