//! Checks a `.env` file for lines that do not mean what their author intended. The `dotenvy` crate reads the file; this
//! module reports a line that the crate rejects instead of dropping it, and reports a value in which the crate would
//! substitute something for a `$`.

use std::collections::BTreeMap;

/// Returns the values of a file by name, and a sentence for each line that is not usable as written.
#[must_use]
pub fn read(text: &str) -> (BTreeMap<String, String>, Vec<String>) {
    let mut values = BTreeMap::new();
    let mut problems: Vec<String> = text.lines().filter_map(substituted).collect();
    for pair in dotenvy::from_read_iter(text.as_bytes()) {
        match pair {
            Ok((name, value)) => {
                values.insert(name, value);
            }
            Err(dotenvy::Error::LineParse(part, _)) => {
                // The error holds the value without its name, or the whole line.
                let line = text.lines().find(|line| line.contains(part.as_str())).unwrap_or_default();
                let name = name_of(line);
                problems.push(format!(
                    "{name} in .env cannot be read: put its value between single quotes, as in NAME='a value'."
                ));
            }
            Err(error) => problems.push(format!(".env cannot be read: {error}.")),
        }
    }
    (values, problems)
}

/// Returns a sentence if the line's value holds a `$` that would be replaced.
fn substituted(line: &str) -> Option<String> {
    let (name, value) = line.trim().split_once('=')?;
    let value = value.trim();
    let literal = name.starts_with('#') || value.starts_with('\'') || !value.replace("\\$", "").contains('$');
    (!literal).then(|| {
        format!(
            "{} in .env holds a $, which is replaced there: put its value between single quotes, as in NAME='a$b'.",
            name_of(line)
        )
    })
}

/// Returns the name before the `=`, never the value, because that may be a secret.
fn name_of(line: &str) -> &str {
    let name = line.split('=').next().unwrap_or_default().trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let plain = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { name } else { "A line" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_taken_is_named_and_never_shown() {
        let (values, problems) = read(
            "LISTEN_ADDR=127.0.0.1:1\nMAIL_FROM=Slipway <hush@example.com>\n# A=$B\nSMTP_URL=smtp://u:hu$sh@h\nGHL_APP_ID='a$b'\nhush hush\n",
        );
        assert_eq!((values["LISTEN_ADDR"].as_str(), values["GHL_APP_ID"].as_str()), ("127.0.0.1:1", "a$b"));
        let text = problems.join("\n");
        assert!(text.contains("MAIL_FROM") && text.contains("SMTP_URL") && text.contains("A line"), "{text}");
        assert_eq!(problems.len(), 3, "{text}");
        assert!(!text.contains("hush"), "{text}");
    }

    #[test]
    fn the_sample_is_read_whole_when_its_marks_are_taken_away() {
        let sample = include_str!("../../../.env.sample");
        let settings: String = sample
            .lines()
            .map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| {
                        rest.split('=').next().is_some_and(|name| {
                            name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !name.is_empty()
                        })
                    })
                    .unwrap_or(line)
            })
            .fold(String::new(), |all, line| all + line + "\n");
        let (values, problems) = read(&settings);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(values["MAIL_FROM"], "Slipway <no-reply@example.com>");
        assert!(values.len() > 15, "{values:?}");
    }
}
