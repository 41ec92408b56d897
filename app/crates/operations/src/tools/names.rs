//! Which first words of names belong to our own tools? No server of somebody else takes one of them as its prefix: its tools would
//! read like ours where people choose what is allowed.

use super::TOOLS;

/// Whether a tool of ours has a name that begins with this word.
pub(crate) fn is_ours(word: &str) -> bool {
    TOOLS.iter().copied().flatten().any(|tool| tool.name.split('_').next() == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_of_our_tools_are_ours_and_others_are_not() {
        for word in ["inbox", "highlevel", "list", "knowledge", "todos", "usage", "business"] {
            assert!(is_ours(word), "{word}");
        }
        for word in ["", "crm", "inbo", "inboxes", "send", "Inbox"] {
            assert!(!is_ours(word), "{word}");
        }
    }
}
