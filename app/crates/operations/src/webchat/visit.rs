//! What happens when a visitor's browser comes by? What the visitor wrote is stored once, however often it is sent, and
//! what was answered is handed over.

use domain::messaging::Direction;
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::provisioning::is_email;
use domain::text;
use domain::web_chat::{LONGEST_MESSAGE, MOST_AT_ONCE, is_secret};
use domain::work::Kind;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::Db;
use store::messaging::channels::{self, ChannelRow};
use store::messaging::messages;
use store::queue::{self, Work};
use store::tenant::{Scope, TenantTx};
use store::webchat::{self, Line, Place};
use uuid::Uuid;

use crate::Refusal;

/// The most characters of a visitor's name.
const LONGEST_NAME: usize = 120;
/// Number of digits of the visitor's hash that people see until a name is known.
const SHOWN: usize = 6;

/// A message, as the visitor's browser sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The id that the browser gave it: the same for each repeat.
    pub id: Uuid,
    /// The text, as typed.
    pub text: String,
}

/// A visit, as the browser sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// The secret of the browser.
    pub secret: String,
    /// The name that the visitor gave; may be empty.
    pub name: String,
    /// The mail address that the visitor gave; may be empty.
    pub email: String,
    /// What the visitor wrote since the last visit.
    pub said: Vec<Said>,
    /// Whether the visitor looks at the messages now.
    pub seen: bool,
}

/// A visit whose fields are checked.
struct Checked {
    visitor: String,
    name: Option<String>,
    email: Option<String>,
    said: Vec<Said>,
    seen: bool,
}

/// Whether the visitor writes for the first time, so that a conversation would begin. Nothing is stored.
///
/// # Errors
/// `Invalid` with the fields that are wrong.
pub async fn begins(db: &Db, place: &Place, visit: &Visit) -> Result<bool, Refusal> {
    let visit = checked(place, visit)?;
    if visit.said.is_empty() {
        return Ok(false);
    }
    let mut tx = TenantTx::begin(db, Scope::Business { user: None, business: place.business }).await?;
    let known = webchat::thread(&mut tx, place.channel, &visit.visitor).await?;
    tx.commit().await?;
    Ok(known.is_none())
}

/// Stores what a visitor wrote in a web chat, and returns the conversation as the visitor sees it. What is returned counts
/// as delivered, and as read if the visitor looks at it.
///
/// # Errors
/// `Invalid` with the fields that are wrong.
pub async fn exchange(db: &Db, place: &Place, visit: &Visit) -> Result<Vec<Line>, Refusal> {
    let visit = checked(place, visit)?;
    let mut tx = TenantTx::begin(db, Scope::Business { user: None, business: place.business }).await?;
    let channel = channels::get(&mut tx, place.channel).await?;
    for said in &visit.said {
        receive(&mut tx, &channel, &visit, said).await?;
    }
    let Some(thread) = webchat::thread(&mut tx, channel.id, &visit.visitor).await? else {
        tx.commit().await?;
        return Ok(Vec::new());
    };
    if let Some(email) = visit.email.as_deref().filter(|_| !visit.said.is_empty()) {
        webchat::set_email(&mut tx, thread.contact, email).await?;
    }
    let lines = webchat::lines(&mut tx, thread.conversation).await?;
    let ours: Vec<_> = lines.iter().filter(|line| line.direction == Direction::Out).map(|line| line.id).collect();
    webchat::fetched(&mut tx, thread.conversation, &ours, visit.seen).await?;
    tx.commit().await?;
    Ok(lines)
}

/// The id by which a visitor is known in one web chat: nobody finds the secret of the browser from it.
fn visitor(place: &Place, secret: &str) -> String {
    hex::encode(Sha256::digest(format!("web chat {} {secret}", place.channel)))
}

fn checked(place: &Place, visit: &Visit) -> Result<Checked, Refusal> {
    if !is_secret(&visit.secret) {
        return Err(Refusal::field("visitor", "Send the secret of the browser: 64 hexadecimal digits."));
    }
    if visit.said.len() > MOST_AT_ONCE {
        return Err(Refusal::field("said", &format!("Send at most {MOST_AT_ONCE} messages at once.")));
    }
    let mut said = Vec::new();
    for one in &visit.said {
        let text = text::lines(&one.text);
        if text.is_empty() {
            return Err(Refusal::field("said", &text::TextError::Empty.say("a message")));
        }
        if !text::fits(&text, LONGEST_MESSAGE) {
            return Err(Refusal::field("said", &text::TextError::Long(LONGEST_MESSAGE).say("a message")));
        }
        said.push(Said { id: one.id, text });
    }
    // A name or an address that cannot be one is left out, so that it never costs the message.
    let name = text::name(&visit.name, LONGEST_NAME).ok();
    let email = Some(text::address(&visit.email)).filter(|email| is_email(email) && email.len() <= 254);
    Ok(Checked { visitor: visitor(place, &visit.secret), name, email, said, seen: visit.seen })
}

/// Stores a message, and lets the assistant look at it if it is its turn.
async fn receive(tx: &mut TenantTx, channel: &ChannelRow, visit: &Checked, said: &Said) -> Result<(), Refusal> {
    let person = Person {
        scoped_id: Some(visit.visitor.clone()),
        name: visit.name.clone(),
        username: Some(format!("visitor-{}", &visit.visitor[..SHOWN])),
        ..Person::default()
    };
    let message = InboundMessage {
        // With the visitor in front, nobody's id hides the message of somebody else.
        id: format!("{}:{}", visit.visitor, said.id),
        person,
        origin: Origin::Customer,
        kind: "text".to_owned(),
        text: said.text.clone(),
        attachments: Vec::new(),
        reply_to: None,
        details: json!({}),
    };
    let Some(received) = messages::receive(tx, channel, None, &message).await? else { return Ok(()) };
    if received.wakes_assistant {
        let conversation = received.conversation;
        let work = Work::new(Kind::AnswerConversation).subject(conversation.0).once(format!("answer:{conversation}"));
        queue::add(tx, &work).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::{AgencyId, BusinessId, ChannelId};

    use super::*;

    fn place(channel: u128) -> Place {
        Place {
            agency: AgencyId(Uuid::nil()),
            business: BusinessId(Uuid::nil()),
            channel: ChannelId(Uuid::from_u128(channel)),
            name: "Bright Dental".to_owned(),
            origins: Vec::new(),
            greeting: String::new(),
        }
    }

    fn visit(text: &str) -> Visit {
        let said = vec![Said { id: Uuid::nil(), text: text.to_owned() }];
        Visit { secret: "0f".repeat(32), said, ..Visit::default() }
    }

    #[test]
    fn a_visitor_is_another_one_in_each_web_chat_and_the_secret_is_not_in_the_name() {
        let (one, other) = ("0f".repeat(32), "1e".repeat(32));
        let known = visitor(&place(1), &one);
        assert_eq!(known, visitor(&place(1), &one));
        assert!(known != visitor(&place(2), &one) && known != visitor(&place(1), &other));
        assert!(known.len() == 64 && !known.contains(&one));
    }

    #[test]
    fn what_is_no_message_is_refused_and_what_is_no_name_is_left_out() {
        let long = "x".repeat(LONGEST_MESSAGE + 1);
        for (text, fits) in [("Hello", true), (&long[1..], true), (long.as_str(), false), (" \n", false)] {
            assert_eq!(checked(&place(1), &visit(text)).is_ok(), fits, "{} characters", text.len());
        }
        let many = Visit { said: vec![visit("x").said[0].clone(); MOST_AT_ONCE + 1], ..visit("x") };
        assert!(checked(&place(1), &many).is_err());
        for secret in ["", "0f", &"0F".repeat(32)] {
            let nobody = Visit { secret: secret.to_owned(), ..visit("x") };
            assert!(checked(&place(1), &nobody).is_err(), "{secret:?}");
        }
        let odd = Visit { name: " \u{200b}".to_owned(), email: "ana@".to_owned(), ..visit("x") };
        let odd = checked(&place(1), &odd).ok().unwrap();
        assert_eq!((odd.name, odd.email), (None, None));
        let named = Visit { name: " Ana  Diaz ".to_owned(), email: "ana@example.com".to_owned(), ..visit("x") };
        let named = checked(&place(1), &named).ok().unwrap();
        assert_eq!((named.name.as_deref(), named.email.as_deref()), (Some("Ana Diaz"), Some("ana@example.com")));
    }
}
