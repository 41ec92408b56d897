//! How does text become safe where the renderer writes it as it is? Leptos escapes text and attributes, but neither what stands in a
//! `<textarea>` nor what `leptos_meta` puts into the `<title>`. Both go through here, and `cargo x ci` refuses other such places.

/// Text as an element that holds text alone may carry it: a browser reads exactly `text` from it, and nothing in it is markup.
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
