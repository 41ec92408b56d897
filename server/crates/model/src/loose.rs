//! How is a model's JSON read? Fields may be absent, numbers come as text, and texts come whole or in parts.

use serde_json::Value;

/// How a thought begins.
const THOUGHT: &str = "<think>";
/// How a thought ends.
const THOUGHT_END: &str = "</think>";

/// The same value without NUL characters, which the database cannot store.
pub(crate) fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "")),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nul).collect()),
        Value::Object(fields) => {
            let clean = |(name, value): (String, Value)| (name.replace('\0', ""), without_nul(value));
            Value::Object(fields.into_iter().map(clean).collect())
        }
        other => other,
    }
}

/// A content as it came: a text or a list of parts, of which those that are no text are left out.
pub(crate) fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

/// The text of a message, without the thinking that some models write before what they say.
pub(crate) fn said(content: &Value) -> String {
    spoken(&text(content))
}

/// What is said of a text that is still written. Each piece is read once, however many come.
#[derive(Default)]
pub(crate) struct Saying {
    stage: Stage,
    /// What has to be looked at again with the next piece: what may begin or end a thought, or blanks that may be the last.
    held: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Its beginning may be that of a thought.
    #[default]
    Beginning,
    Thinking,
    /// There is no thought, or it ended, and nothing was said.
    Silent,
    Speaking,
}

impl Saying {
    /// Adds a piece, and to `said` what it says. True if that grew.
    pub(crate) fn add(&mut self, piece: &str, said: &mut String) -> bool {
        if self.stage == Stage::Speaking {
            return self.speak(piece, said);
        }
        self.held.push_str(piece);
        if self.stage == Stage::Beginning && !self.has_begun() {
            return false;
        }
        if self.stage == Stage::Thinking && !self.has_thought() {
            return false;
        }
        let held = std::mem::take(&mut self.held);
        let first = held.trim_start();
        if first.is_empty() {
            return false;
        }
        self.stage = Stage::Speaking;
        self.speak(first, said)
    }

    /// Whether it is known that the text begins with a thought or without one.
    fn has_begun(&mut self) -> bool {
        let blanks = self.held.len() - self.held.trim_start().len();
        self.held.drain(..blanks);
        if self.held.starts_with(THOUGHT) {
            self.held.drain(..THOUGHT.len());
            self.stage = Stage::Thinking;
            return true;
        }
        if THOUGHT.starts_with(self.held.as_str()) {
            return false;
        }
        self.stage = Stage::Silent;
        true
    }

    /// Whether the thought ended. Of one that goes on, what may be the beginning of its end is held.
    fn has_thought(&mut self) -> bool {
        if let Some(at) = self.held.find(THOUGHT_END) {
            self.held.drain(..at + THOUGHT_END.len());
            self.stage = Stage::Silent;
            return true;
        }
        let length = self.held.len();
        let least = length.saturating_sub(THOUGHT_END.len() - 1);
        let cut = (least..length).find(|at| self.held.is_char_boundary(*at)).unwrap_or(length);
        self.held.drain(..cut);
        false
    }

    /// Says a piece. Blanks at its end wait for what follows.
    fn speak(&mut self, piece: &str, said: &mut String) -> bool {
        let words = piece.trim_end();
        if !words.is_empty() {
            said.push_str(&self.held);
            said.push_str(words);
            self.held.clear();
        }
        self.held.push_str(&piece[words.len()..]);
        !words.is_empty()
    }
}

fn spoken(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix(THOUGHT).map(|thought| thought.split_once(THOUGHT_END)) {
        Some(Some((_, said))) => said.trim().to_owned(),
        Some(None) => String::new(),
        None => text.to_owned(),
    }
}

/// A count, also if it is sent as text; zero if absent.
pub(crate) fn count(value: &Value) -> u32 {
    let number = match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().map(|float| float as u64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.map_or(0, |number| u32::try_from(number).unwrap_or(u32::MAX))
}

/// A short text, such as the name of a model; empty if absent.
pub(crate) fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().chars().take(100).collect()
}

/// The arguments of a call, which come as JSON or as a text of JSON. `Null` if they cannot be read.
pub(crate) fn arguments(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).map(without_nul).unwrap_or_default(),
        Value::Object(_) => value.clone(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_found_whole_and_in_parts_and_thinking_is_not_said() {
        for (content, text) in [
            (json!(" We open at nine.\n"), "We open at nine."),
            (
                json!([{"type": "text", "text": "We open "}, {"type": "image"}, 7, {"text": "at nine."}]),
                "We open at nine.",
            ),
            (json!("<think>The customer asks.</think>\n\nAt nine."), "At nine."),
            (json!("<think>The customer asks"), ""),
            (json!(null), ""),
            (json!({"text": "odd"}), ""),
            (json!([null, {"text": null}]), ""),
        ] {
            assert_eq!(said(&content), text, "{content}");
        }
    }

    /// What is said of a text that comes in pieces of this many characters, after each piece.
    fn told(text: &str, length: usize) -> Vec<String> {
        let letters: Vec<char> = text.chars().collect();
        let (mut saying, mut said, mut moments) = (Saying::default(), String::new(), Vec::new());
        for piece in letters.chunks(length) {
            let before = said.len();
            let grew = saying.add(&piece.iter().collect::<String>(), &mut said);
            assert_eq!(grew, said.len() > before, "{said}");
            moments.push(said.clone());
        }
        moments
    }

    #[test]
    fn wherever_a_text_is_cut_the_same_is_said_and_a_thought_at_no_moment() {
        for text in [
            "<think>The customer asks. \u{2615}</think>\n\nAt  nine.\n \nCome! ",
            " \n<think></think>At nine.",
            "<think>Zo\u{eb} asks </thin, k> </think> Zo\u{eb}.",
            "<think>The customer",
            "<thinking> is no thought.",
            "<th",
            " \nAt nine. <think>\n",
            " \n ",
            "",
        ] {
            let whole = if THOUGHT.starts_with(text) { String::new() } else { said(&json!(text)) };
            for length in 1..=text.len().max(1) {
                let moments = told(text, length);
                assert_eq!(moments.last().cloned().unwrap_or_default(), whole, "{length}: {text}");
                for moment in moments {
                    assert!(whole.starts_with(&moment), "{moment:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_long_text_is_not_read_again_with_each_piece() {
        let (mut saying, mut said) = (Saying::default(), String::new());
        saying.add(THOUGHT, &mut said);
        for _ in 0..1000 {
            saying.add("What do they ask, Zo\u{eb}? ", &mut said);
            assert!(saying.held.len() < THOUGHT_END.len(), "{}", saying.held);
        }
        saying.add(THOUGHT_END, &mut said);
        for at in 1..=1000 {
            saying.add("At nine.", &mut said);
            assert_eq!((saying.held.as_str(), said.len()), ("", at * "At nine.".len()));
        }
    }

    #[test]
    fn counts_and_arguments_are_read_in_every_dress() {
        for (value, number) in [
            (json!(7), 7),
            (json!("7"), 7),
            (json!(7.9), 7),
            (json!(-1), 0),
            (json!(u64::MAX), u32::MAX),
            (json!(null), 0),
            (json!("many"), 0),
        ] {
            assert_eq!(count(&value), number, "{value}");
        }
        let reason = json!({"reason": "r"});
        assert_eq!(arguments(&json!("{\"reason\":\"r\\u0000\"}")), reason);
        assert_eq!(arguments(&reason), reason);
        for odd in [json!("{\"reason\": \"unfini"), json!(""), json!(7), json!(null)] {
            assert_eq!(arguments(&odd), Value::Null, "{odd}");
        }
    }

    #[test]
    fn no_nul_is_left_anywhere() {
        let clean = without_nul(json!({"a\u{0}": ["b\u{0}c", {"d": "\u{0}"}], "n": 1}));
        assert_eq!(clean, json!({"a": ["bc", {"d": ""}], "n": 1}));
    }
}
