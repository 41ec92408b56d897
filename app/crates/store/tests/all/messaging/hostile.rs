//! Does text that Postgres cannot store cost anything but itself, wherever it enters?

use domain::messaging::inbound::{Origin, Status, StatusState};
use domain::messaging::{Channel, Sender};
use serde_json::json;
use store::messaging::channels::{self, NewChannel};
use store::messaging::contacts::{self, ContactChange};
use store::messaging::outgoing::{self, NewOutgoing};
use store::messaging::templates::{self, Listed};
use store::messaging::{reactions, statuses};
use store::new_id;

use super::{World, ago, phone, text};
use crate::inboxes::reply;

fn listed(name: &str, language: &str) -> Listed {
    Listed {
        external_id: "1\0".to_owned(),
        name: name.to_owned(),
        language: language.to_owned(),
        category: "MARKETING\0".to_owned(),
        status: "\0APPROVED".to_owned(),
        components: json!([{ "type": "BODY", "text": "Hi\0 {{1}}", "\0": null }]),
    }
}

#[tokio::test]
async fn templates_are_kept_without_zero_bytes_and_one_without_a_name_is_left_out() {
    let world = World::new(Channel::Whatsapp).await;
    let mut tx = world.tx().await;
    let all = [listed("a\0b", "en\0_US"), listed("\0", "en"), listed("c", "\0"), listed("d", "es")];
    templates::replace(&mut tx, "waba", &all).await.unwrap();
    tx.commit().await.unwrap();
    let kept = world.row("select jsonb_agg(jsonb_build_array(name, language, category, status, external_id, components -> 0 ->> 'text') order by name) from message_templates").await;
    let whole = |name: &str, language: &str| json!([name, language, "MARKETING", "APPROVED", "1", "Hi {{1}}"]);
    assert_eq!(kept, json!([whole("ab", "en_US"), whole("d", "es")]));
}

#[tokio::test]
async fn names_of_people_and_what_is_written_to_them_are_kept_without_zero_bytes() {
    let world = World::new(Channel::Whatsapp).await;
    let mut person = phone("16505550101");
    (person.name, person.username) = (Some("A\0da".to_owned()), Some("a\0da".to_owned()));
    let mut message = text("m1", &person, Origin::Customer, "\0hi\0");
    (message.kind, message.reply_to, message.details) = ("te\0xt".into(), Some("x\0".into()), json!({ "\0": "\0" }));
    let first = world.receive(&message, ago(60)).await;
    let mut tx = world.tx().await;
    let contact = contacts::resolve(&mut tx, &world.channel, &person, ago(50)).await.unwrap().unwrap();
    assert_eq!(contacts::get(&mut tx, contact).await.unwrap().name, "Ada");
    let to = ContactChange {
        name: "Ms\0 Day".into(),
        email: Some("ada\0@example.com".into()),
        phone: None,
        company: "\0Day".into(),
        note: "\0".into(),
    };
    contacts::change(&mut tx, contact, &to).await.unwrap();
    let kept = contacts::get(&mut tx, contact).await.unwrap();
    assert_eq!(
        (kept.name.as_str(), kept.email.as_deref(), kept.note.as_str()),
        ("Ms Day", Some("ada@example.com"), "")
    );
    let new =
        NewOutgoing { details: json!({ "a\0": "\0" }), ..reply(first.conversation, Sender::Person, "We are\0 open.") };
    outgoing::add(&mut tx, &new).await.unwrap();
    outgoing::note(&mut tx, first.conversation, None, "She\0 called.").await.unwrap();
    tx.commit().await.unwrap();
    let bodies = world.row("select jsonb_agg(body order by happened_at) from messages").await;
    assert_eq!(bodies, json!(["hi", "We are open.", "She called."]));
}

#[tokio::test]
async fn what_is_said_of_messages_and_accounts_fails_no_item() {
    let world = World::new(Channel::Whatsapp).await;
    world.receive(&text("m1", &phone("16505550101"), Origin::Customer, "hi"), ago(60)).await;
    let mut tx = world.tx().await;
    let status = |message: &str| Status {
        message: message.to_owned(),
        state: StatusState::Failed,
        person: phone("1650\0"),
        correlation: Some("\0".to_owned()),
        error_code: Some("1\0".to_owned()),
        error_text: Some("\0".to_owned()),
        billable: None,
        category: Some("\0".to_owned()),
    };
    for id in ["m1", "m\0", "unknown"] {
        statuses::report(&mut tx, &world.channel, None, &status(id)).await.unwrap();
    }
    reactions::react(&mut tx, &world.channel, &phone("16505550101"), false, "m1", "\0👍", None).await.unwrap().unwrap();
    assert_eq!(channels::find(&mut tx, Channel::Whatsapp, "account\0").await.unwrap(), None);
    let new = NewChannel {
        kind: Channel::Whatsapp,
        external_id: "account\0",
        integration: new_id(),
        name: "",
        display_address: "",
    };
    assert!(matches!(channels::upsert(&mut tx, &new).await, Err(store::Error::Refused(_))));
    tx.commit().await.unwrap();
}
