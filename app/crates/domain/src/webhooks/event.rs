//! What is said of an event: the body of Standard Webhooks, and the message for Slack.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Format;
use crate::notifications::Kind;
use crate::{AgencyId, BusinessId, text};

/// The key of a test, which is no kind of event.
pub const TEST: &str = "test";

/// Something that happened, as endpoints are told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened; `None` for a test.
    pub kind: Option<Kind>,
    /// When.
    pub at: DateTime<Utc>,
    /// What it is about.
    pub about: About,
}

/// What an event is about. Each one carries ids, names and states, never a secret or a person's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A provisioning job.
    Job {
        /// Its id.
        id: Uuid,
        /// The number that people see.
        number: i64,
        /// Name of the client in the order.
        client_name: String,
        /// The client, once it exists.
        client: Option<BusinessId>,
        /// Its location in HighLevel, once it exists.
        location: Option<String>,
        /// Why it failed, or what it asks; empty if neither.
        message: String,
    },
    /// A connection.
    Connection {
        /// Its id.
        id: Uuid,
        /// Name of the account at the provider.
        name: String,
        /// The client whose connection it is; `None` for the agency's own.
        client: Option<BusinessId>,
    },
    /// A client.
    Client {
        /// Its id.
        id: BusinessId,
        /// Its name.
        name: String,
        /// Its location in HighLevel, once it exists.
        location: Option<String>,
    },
    /// A person.
    Person {
        /// The id of the person.
        id: Uuid,
        /// The name; empty if none is known.
        name: String,
    },
    /// A webhook endpoint.
    Webhook {
        /// Its id.
        id: Uuid,
        /// Where it is, as people see it.
        url: String,
    },
    /// Something that is known by its id alone.
    Other {
        /// The id.
        id: Option<Uuid>,
    },
    /// Nothing: a test.
    Nothing,
}

impl Event {
    /// Its stored and wire name.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.kind.map_or(TEST, Kind::key)
    }

    /// The body for endpoints of this format. `origin` begins the links.
    #[must_use]
    pub fn body(&self, format: Format, origin: &str, agency: AgencyId) -> String {
        let body = match format {
            Format::Json => {
                let at = self.at.to_rfc3339_opts(SecondsFormat::Millis, true);
                json!({ "type": self.key(), "timestamp": at, "data": self.data(agency) })
            }
            Format::Slack => self.slack(&format!("{}{}", origin.trim_end_matches('/'), self.path(agency))),
        };
        body.to_string()
    }

    fn data(&self, agency: AgencyId) -> Value {
        let mut data = json!({ "agency_id": agency });
        let (name, value) = match &self.about {
            About::Job { id, number, client_name, client, location, message } => (
                "job",
                json!({ "id": id, "number": number, "client_name": client_name, "client_id": client,
                        "location_id": location, "message": message }),
            ),
            About::Connection { id, name, client } => {
                ("connection", json!({ "id": id, "name": name, "client_id": client }))
            }
            About::Client { id, name, location } => {
                ("client", json!({ "id": id, "name": name, "location_id": location }))
            }
            About::Person { id, name } => ("person", json!({ "id": id, "name": name })),
            About::Webhook { id, url } => ("webhook", json!({ "id": id, "url": url })),
            About::Other { id } => ("subject_id", json!(id)),
            About::Nothing => ("message", json!("This is a test from Slipway.")),
        };
        if let Some(members) = data.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
        data
    }

    /// What happened, in one line.
    fn sentence(&self) -> String {
        let words = match self.kind {
            None => return "This is a test from Slipway.".to_owned(),
            Some(Kind::TodoAssigned) => "A to-do was assigned",
            Some(kind) => kind.words(),
        };
        match &self.about {
            About::Job { number, client_name, message, .. } if message.is_empty() => {
                format!("{words}: {client_name} (#{number})")
            }
            About::Job { number, client_name, message, .. } => {
                format!("{words}: {client_name} (#{number}). {message}")
            }
            About::Connection { name, .. } | About::Client { name, .. } | About::Person { name, .. }
                if !name.is_empty() =>
            {
                format!("{words}: {name}")
            }
            About::Webhook { url, .. } => format!("{words}: {url}"),
            _ => words.to_owned(),
        }
    }

    /// The page that shows more.
    fn path(&self, agency: AgencyId) -> String {
        let page = match &self.about {
            About::Job { id, .. } => format!("/provisioning/{id}"),
            About::Connection { .. } => "/connections".to_owned(),
            About::Client { id, .. } => format!("/clients/{id}"),
            About::Person { .. } => "/team".to_owned(),
            About::Webhook { .. } | About::Nothing => "/webhooks".to_owned(),
            About::Other { .. } => String::new(),
        };
        format!("/a/{agency}{page}")
    }

    fn slack(&self, link: &str) -> Value {
        let line = slack_text(&self.sentence());
        let text = format!("{line}\n<{link}|Open in Slipway>");
        json!({ "text": line, "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": text } }] })
    }
}

/// The most characters of a text in a message for Slack.
const SLACK: usize = 500;

/// A text that Slack shows as it is: no mention, link or format can be made by a name.
fn slack_text(text: &str) -> String {
    let mut shown = String::new();
    for letter in text::line(text).chars().take(SLACK) {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            // Between a letter and a mark of format, a character without width keeps the mark a mark.
            '*' | '_' | '~' | '`' => shown.extend(['\u{200b}', letter]),
            _ => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &str) -> Event {
        Event {
            kind: Some(Kind::JobFailed),
            at: "2026-03-08T12:00:00.5Z".parse().unwrap(),
            about: About::Job {
                id: Uuid::from_u128(1),
                number: 7,
                client_name: name.to_owned(),
                client: None,
                location: Some("L1".to_owned()),
                message: "HighLevel refused the phone number.".to_owned(),
            },
        }
    }

    #[test]
    fn the_body_is_the_one_of_standard_webhooks() {
        let agency = AgencyId(Uuid::from_u128(9));
        let body: Value = serde_json::from_str(&job("Bay Dental").body(Format::Json, "https://x", agency)).unwrap();
        assert_eq!(
            body,
            json!({
                "type": "job.failed", "timestamp": "2026-03-08T12:00:00.500Z",
                "data": { "agency_id": agency, "job": { "id": Uuid::from_u128(1), "number": 7, "client_name": "Bay Dental",
                    "client_id": null, "location_id": "L1", "message": "HighLevel refused the phone number." } }
            })
        );
        let test = Event { kind: None, at: DateTime::UNIX_EPOCH, about: About::Nothing };
        assert_eq!(test.key(), TEST);
    }

    #[test]
    fn slack_gets_a_line_and_a_link_and_no_name_becomes_a_mention() {
        let agency = AgencyId(Uuid::from_u128(9));
        let event = job("<!channel> & *Co*\n<https://evil.example|x>");
        let body: Value = serde_json::from_str(&event.body(Format::Slack, "https://x.example/", agency)).unwrap();
        let text = body["blocks"][0]["text"]["text"].as_str().unwrap();
        let line = "A job failed: &lt;!channel&gt; &amp; \u{200b}*Co\u{200b}* &lt;https://evil.example|x&gt; (#7). HighLevel refused the phone number.";
        assert_eq!(body["text"], line);
        let link = format!("https://x.example/a/{agency}/provisioning/{}", Uuid::from_u128(1));
        assert_eq!(text, format!("{line}\n<{link}|Open in Slipway>"));
        let long = job(&"<".repeat(5000)).body(Format::Slack, "https://x", agency);
        assert!(long.len() < 6_000, "a section has at most 3000 characters: {}", long.len());
    }

    #[test]
    fn every_event_has_a_page_and_a_sentence() {
        let agency = AgencyId(Uuid::nil());
        for (about, page) in [
            (About::Connection { id: Uuid::nil(), name: "Harbor".into(), client: None }, "/connections"),
            (About::Client { id: BusinessId(Uuid::nil()), name: "Bay".into(), location: None }, "/clients/"),
            (About::Person { id: Uuid::nil(), name: String::new() }, "/team"),
            (About::Webhook { id: Uuid::nil(), url: "https://a.example".into() }, "/webhooks"),
            (About::Other { id: None }, ""),
        ] {
            let event = Event { kind: Some(Kind::ConnectionLost), at: DateTime::UNIX_EPOCH, about };
            assert!(event.path(agency).starts_with(&format!("/a/{agency}{page}")));
            assert!(event.sentence().starts_with("A connection was lost"));
        }
    }
}
