//! What do the script of a web chat and the server say to each other? A visit is read leniently: what is missing or of another
//! type counts as not sent, and only what cannot be JSON is refused.

use axum::body::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::messaging::{Direction, Sender};
use domain::web_chat::MOST_AT_ONCE;
use operations::webchat::{Said, Visit};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::webchat::Line;
use uuid::Uuid;

/// Length of a version, in hexadecimal digits.
const VERSION: usize = 16;

/// A body as it came.
pub(super) struct Asked {
    /// Whether it says that it is JSON.
    pub is_json: bool,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What a browser asks.
pub(super) struct Asking {
    /// The visit.
    pub visit: Visit,
    /// The version of the conversation that the browser has; empty if it has none.
    pub version: String,
}

/// Reads a body.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(super) fn visit(asked: &Asked) -> Result<Asking, &'static str> {
    if !asked.is_json {
        return Err("Send application/json.");
    }
    let body: Value = serde_json::from_slice(&asked.bytes).map_err(|_| "Send one JSON object.")?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let none = Vec::new();
    let said = body["said"].as_array().unwrap_or(&none);
    // Each counts for the whole business, so one body must not hold as many as it may get in a minute.
    if said.len() > MOST_AT_ONCE {
        return Err("Send fewer messages at once.");
    }
    let said = said.iter().map(|one| -> Result<Said, &'static str> {
        let id = one["id"].as_str().and_then(|id| Uuid::try_parse(id).ok()).ok_or("Give each message a UUID.")?;
        Ok(Said { id, text: one["text"].as_str().unwrap_or_default().to_owned() })
    });
    let visit = Visit {
        secret: text("visitor"),
        name: text("name"),
        email: text("email"),
        said: said.collect::<Result<_, _>>()?,
        seen: body["seen"].as_bool().unwrap_or_default(),
    };
    Ok(Asking { visit, version: text("version") })
}

/// The conversation as the browser gets it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Answer {
    /// Names this state of the conversation.
    version: String,
    /// Its messages, in their order. Left out if the browser has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<Shown>>,
}

/// A message as the browser gets it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Shown {
    /// The browser's own id of a message that it sent, else ours.
    id: String,
    /// `visitor`, `assistant` or `business`.
    from: &'static str,
    text: String,
    at: String,
}

/// The answer to a browser that has this version.
pub(super) fn answer(lines: &[Line], known: &str) -> Answer {
    let lines: Vec<Shown> = lines.iter().map(shown).collect();
    let mut hash = Sha256::new();
    for line in &lines {
        for part in [line.id.as_str(), line.from, &line.text, &line.at] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
    }
    let version: String = hex::encode(hash.finalize()).chars().take(VERSION).collect();
    let is_known = version == known;
    Answer { version, lines: (!is_known).then_some(lines) }
}

fn shown(line: &Line) -> Shown {
    let own = line.external_id.as_deref().and_then(|id| id.rsplit_once(':')).map(|(_, own)| own.to_owned());
    let from = match (line.direction, line.sender) {
        (Direction::In, _) => "visitor",
        (_, Sender::Assistant) => "assistant",
        _ => "business",
    };
    let id = own.filter(|_| line.direction == Direction::In).unwrap_or_else(|| line.id.to_string());
    Shown { id, from, text: line.body.clone(), at: stamp(line.at) }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use domain::MessageId;
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> Result<Asking, &'static str> {
        visit(&Asked { is_json: true, bytes: Bytes::from(body.to_owned()) })
    }

    fn line(direction: Direction, sender: Sender, external: Option<&str>) -> Line {
        Line {
            id: MessageId(Uuid::nil()),
            direction,
            sender,
            body: "<b>".to_owned(),
            at: DateTime::UNIX_EPOCH,
            external_id: external.map(str::to_owned),
        }
    }

    #[test]
    fn whatever_is_missing_counts_as_not_sent() {
        for body in ["{}", "[]", "null", "3", r#"{"visitor":3,"said":"x","seen":"yes","name":null}"#] {
            let asking = read(body).ok().unwrap();
            assert_eq!((asking.visit, asking.version.as_str()), (Visit::default(), ""), "{body}");
        }
        for body in ["", "{", "\u{0}", r#"{"said":[{}]}"#, r#"{"said":[{"id":"1","text":"x"}]}"#] {
            assert!(read(body).is_err(), "{body:?}");
        }
        assert!(visit(&Asked { is_json: false, bytes: Bytes::from_static(b"{}") }).is_err(), "a form of another site");
        let id = "018f4d5e-0000-7000-8000-000000000001";
        let many = json!({ "said": vec![json!({ "id": id, "text": "x" }); MOST_AT_ONCE + 1] });
        assert!(read(&many.to_string()).is_err(), "one body does not use up what all visitors may send");
        let body = json!({ "visitor": "a", "said": [{ "id": id, "text": "x" }], "seen": true, "version": "v" });
        let asking = read(&body.to_string()).ok().unwrap();
        assert_eq!((asking.visit.said[0].id.to_string().as_str(), asking.version.as_str()), (id, "v"));
        assert!(asking.visit.seen);
    }

    #[test]
    fn a_browser_gets_only_what_is_new_and_no_id_of_another() {
        let lines = [
            line(Direction::In, Sender::Contact, Some("secret-hash:own")),
            line(Direction::Out, Sender::Assistant, None),
            line(Direction::Out, Sender::Person, None),
        ];
        let first = answer(&lines, "");
        let shown = serde_json::to_value(&first).unwrap();
        assert_eq!(shown["lines"][0]["id"], "own");
        assert!(!shown.to_string().contains("secret-hash"));
        let from: Vec<_> = first.lines.as_ref().unwrap().iter().map(|line| line.from).collect();
        assert_eq!(from, ["visitor", "assistant", "business"]);
        assert_eq!(answer(&lines, &first.version).lines, None);
        assert!(answer(&lines[..2], &first.version).lines.is_some());
    }
}
