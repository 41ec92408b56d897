//! Checks that names and comments use the words of the glossary. Words that were given up do not come back.

use super::{Findings, rust_files};

/// A word that was given up, and the term that stands for it.
const GIVEN_UP: [(&str, &str); 12] = [
    ("chore", "background job"),
    ("chores", "background jobs"),
    ("deed", "operation"),
    ("deeds", "operations"),
    ("doomed", "to erase"),
    ("everybodys", "shared"),
    ("halfway", "pending second factor"),
    ("lap", "measurement"),
    ("rival", "competitor"),
    ("spot", "associated data"),
    ("unasked", "unsolicited"),
    ("vitals", "process health"),
];

/// Every given-up word in a name or comment. Texts in quotes are stored or sent, so they are not judged.
pub fn all() -> Findings {
    let files = rust_files();
    let judged = files.iter().filter(|(name, _)| !name.ends_with("checks/vocabulary.rs"));
    judged.flat_map(|(name, text)| of(name, text)).collect()
}

fn of(name: &str, text: &str) -> Findings {
    let mut findings = Findings::new();
    for (number, line) in without_quotes(text).lines().enumerate() {
        for word in line.split(|letter: char| !letter.is_alphanumeric()).flat_map(parts) {
            if let Some((word, term)) = GIVEN_UP.iter().find(|(given_up, _)| *given_up == word) {
                findings.push(format!("{name}:{}: “{word}” is not in the glossary: write {term}.", number + 1));
            }
        }
    }
    findings
}

/// The words of a name in `CamelCase`, in small letters. Names in `snake_case` come split.
fn parts(name: &str) -> Vec<String> {
    if !name.chars().any(char::is_lowercase) {
        return vec![name.to_lowercase()];
    }
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_uppercase() => word.push(letter),
            _ => words.push(letter.to_lowercase().collect()),
        }
    }
    words
}

/// The text with everything in quotes removed. Line breaks stay, so line numbers are right.
fn without_quotes(text: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(letter) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            match quote(rest) {
                Some(length) => {
                    kept.extend(rest[..length].chars().filter(|letter| *letter == '\n'));
                    rest = &rest[length..];
                    continue;
                }
                None => letter.len_utf8(),
            }
        };
        kept.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    kept
}

/// Length of the quote that the text begins with: a text, a raw text or a quotation mark as a character.
fn quote(text: &str) -> Option<usize> {
    if text.starts_with("'\"'") {
        return Some(3);
    }
    if let Some(raw) = text.strip_prefix("r#\"") {
        return Some(raw.find("\"#").map_or(text.len(), |end| end + 5));
    }
    let body = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = body.find(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    });
    Some(end.map_or(text.len(), |end| end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_up_word_is_found_in_names_and_comments_and_not_in_quotes() {
        let text = "// A chore.\nstruct OldDeed;\nlet the_lap = LAP;\nlet x = \"a \\\" chore\";\nlet y = r#\"deed \"\n\"#;\nlet z = '\"'; // vitals\nfn overlap() {}\n";
        let lines: Vec<String> = of("a.rs", text).iter().map(|one| one.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(lines, ["a.rs:1:", "a.rs:2:", "a.rs:3:", "a.rs:3:", "a.rs:7:"]);
    }
}
