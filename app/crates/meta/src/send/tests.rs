//! Is the body of each message the one that its channel takes, and is every other message refused?

use serde_json::json;

use super::*;
use crate::media::FileKind;

fn text(body: &str) -> Content {
    Content::Text { body: body.into(), preview: false }
}

fn to_phone(content: Content) -> Outgoing {
    let to = Recipient::Phone("16505550101".into());
    Outgoing { to, content, reply_to: None, own_id: None, late_answer: false }
}

fn to_id(content: Content) -> Outgoing {
    Outgoing { to: Recipient::Id("7100000000000101".into()), ..to_phone(content) }
}

fn file(kind: FileKind, source: FileSource) -> File {
    File { kind, source, caption: None, name: None, voice: false }
}

fn link(kind: FileKind) -> File {
    file(kind, FileSource::Link("https://files.example.com/a".into()))
}

fn uploaded(kind: FileKind) -> File {
    file(kind, FileSource::Uploaded("4490".into()))
}

fn choices(count: usize) -> Content {
    let choice = |n: usize| Choice { id: format!("c{n}"), title: format!("Choice {n}") };
    Content::Choices { body: "Pick one".into(), choices: (0..count).map(choice).collect() }
}

fn reaction(emoji: Option<&str>) -> Content {
    Content::Reaction { to: "mid.1".into(), emoji: emoji.map(str::to_owned) }
}

/// The part of a WhatsApp body that belongs to the kind of message.
fn whatsapp(content: Content) -> Value {
    let mut body = body(Channel::Whatsapp, &to_phone(content)).unwrap();
    let common = ["messaging_product", "recipient_type", "to"].map(|name| body[name].take());
    assert_eq!(common, ["whatsapp", "individual", "+16505550101"].map(Value::from));
    body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    body
}

#[test]
fn whatsapp_bodies_are_those_of_the_contract() {
    let named = |file: File| File { caption: Some("c".into()), name: Some("a.pdf".into()), voice: true, ..file };
    let cases = [
        (text("Hello"), json!({"type": "text", "text": {"body": "Hello", "preview_url": false}})),
        (Content::File(uploaded(FileKind::Image)), json!({"type": "image", "image": {"id": "4490"}})),
        (
            Content::File(named(link(FileKind::Document))),
            json!({"type": "document", "document": {"link": "https://files.example.com/a", "caption": "c", "filename": "a.pdf"}}),
        ),
        (
            Content::File(File { voice: true, ..uploaded(FileKind::Audio) }),
            json!({"type": "audio", "audio": {"id": "4490", "voice": true}}),
        ),
        (Content::File(uploaded(FileKind::Sticker)), json!({"type": "sticker", "sticker": {"id": "4490"}})),
        (
            choices(1),
            json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "Pick one"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "c0", "title": "Choice 0"}}]}}}),
        ),
        (reaction(Some("😀")), json!({"type": "reaction", "reaction": {"message_id": "mid.1", "emoji": "😀"}})),
        (reaction(None), json!({"type": "reaction", "reaction": {"message_id": "mid.1", "emoji": ""}})),
    ];
    for (content, expected) in cases {
        assert_eq!(whatsapp(content), expected);
    }
}

#[test]
fn a_template_carries_each_kind_of_variable() {
    let parts = vec![
        TemplatePart::HeaderFile(File { caption: Some("left out".into()), ..link(FileKind::Image) }),
        TemplatePart::Body(vec![(None, "Jessica".into()), (Some("day".into()), "Monday".into())]),
        TemplatePart::ReplyButton { index: 0, payload: "CONFIRM".into() },
        TemplatePart::UrlButton { index: 1, text: "order/123".into() },
        TemplatePart::CodeButton { index: 2, code: "FALL25".into() },
        TemplatePart::HeaderText(vec![(None, "A-1".into())]),
        TemplatePart::Other(json!({"type": "odd"})),
    ];
    let message = |parts| TemplateMessage { name: "order_confirmation".into(), language: "en_US".into(), parts };
    let expected = json!({"type": "template", "template": {"name": "order_confirmation", "language": {"code": "en_US"},
    "components": [
        {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://files.example.com/a"}}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Jessica"},
            {"type": "text", "parameter_name": "day", "text": "Monday"}]},
        {"type": "button", "sub_type": "quick_reply", "index": "0",
            "parameters": [{"type": "payload", "payload": "CONFIRM"}]},
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "order/123"}]},
        {"type": "button", "sub_type": "copy_code", "index": "2",
            "parameters": [{"type": "coupon_code", "coupon_code": "FALL25"}]},
        {"type": "header", "parameters": [{"type": "text", "text": "A-1"}]},
        {"type": "odd"}
    ]}});
    assert_eq!(whatsapp(Content::Template(message(parts))), expected);
    let bare = json!({"name": "order_confirmation", "language": {"code": "en_US"}});
    assert_eq!(whatsapp(Content::Template(message(vec![])))["template"], bare);
}

#[test]
fn quotes_own_ids_and_customers_without_a_number_are_carried() {
    let mut message =
        Outgoing { reply_to: Some("wamid.1".into()), own_id: Some("out-1".into()), ..to_phone(text("x")) };
    let sent = body(Channel::Whatsapp, &message).unwrap();
    assert_eq!(sent["context"], json!({"message_id": "wamid.1"}));
    assert_eq!(sent["biz_opaque_callback_data"], "out-1");
    message.to = Recipient::Id("US.134".into());
    let sent = body(Channel::Whatsapp, &message).unwrap();
    assert!(sent["recipient"] == "US.134" && sent["to"].is_null());
    message.content = reaction(Some("😀"));
    assert!(body(Channel::Whatsapp, &message).unwrap()["context"].is_null(), "a reaction quotes nothing");
    message.to = Recipient::Phone("+16505550101".into());
    assert_eq!(body(Channel::Whatsapp, &message).unwrap()["to"], "+16505550101");
}

#[test]
fn messenger_and_instagram_bodies_are_those_of_the_contract() {
    let attachment = json!({"attachment": {"type": "file", "payload": {"url": "https://files.example.com/a"}}});
    let replies =
        json!({"text": "Pick one", "quick_replies": [{"content_type": "text", "title": "Choice 0", "payload": "c0"}]});
    let cases = [
        (text("Hello"), json!({"text": "Hello"})),
        (Content::File(link(FileKind::Document)), attachment),
        (choices(1), replies),
    ];
    for (content, expected) in cases {
        let both = Outgoing { own_id: Some("out-1".into()), reply_to: Some("m_1".into()), ..to_id(content) };
        let mut with_metadata = expected.clone();
        with_metadata["metadata"] = "out-1".into();
        let recipient = json!({"id": "7100000000000101"});
        assert_eq!(
            body(Channel::Messenger, &both).unwrap(),
            json!({"recipient": recipient, "messaging_type": "RESPONSE", "message": with_metadata, "reply_to": {"mid": "m_1"}})
        );
        assert_eq!(body(Channel::Instagram, &both).unwrap(), json!({"recipient": recipient, "message": expected}));
    }
    let by_id = body(Channel::Messenger, &to_id(Content::File(uploaded(FileKind::Video)))).unwrap();
    assert_eq!(by_id["message"]["attachment"], json!({"type": "video", "payload": {"attachment_id": "4490"}}));
}

#[test]
fn a_late_answer_has_the_tag_of_a_person_and_nothing_else_has() {
    for channel in [Channel::Messenger, Channel::Instagram] {
        let mut message = to_id(text("Sorry for the wait"));
        assert!(body(channel, &message).unwrap()["tag"].is_null());
        message.late_answer = true;
        let late = body(channel, &message).unwrap();
        assert_eq!((&late["messaging_type"], &late["tag"]), (&"MESSAGE_TAG".into(), &"HUMAN_AGENT".into()));
    }
}

#[test]
fn instagram_sends_and_takes_back_one_reaction() {
    for heart in ["❤", "❤️"] {
        let body = body(Channel::Instagram, &to_id(reaction(Some(heart)))).unwrap();
        assert_eq!(body["payload"], json!({"message_id": "mid.1", "reaction": "love"}));
    }
    let back = body(Channel::Instagram, &to_id(reaction(None))).unwrap();
    assert_eq!((&back["sender_action"], &back["payload"]), (&"unreact".into(), &json!({"message_id": "mid.1"})));
}

#[test]
fn what_a_channel_cannot_carry_is_refused_before_it_is_sent() {
    use Channel::{Instagram, Messenger, Whatsapp};
    let captioned = |kind| Content::File(File { caption: Some("c".into()), ..link(kind) });
    let template = Content::Template(TemplateMessage { name: "t".into(), language: "en".into(), parts: vec![] });
    let twins = {
        let one = Choice { id: "c".into(), title: "a".into() };
        Content::Choices { body: "b".into(), choices: vec![one.clone(), one] }
    };
    let sticker_header = TemplatePart::HeaderFile(link(FileKind::Sticker));
    let odd_template = TemplateMessage { name: "t".into(), language: "en".into(), parts: vec![sticker_header] };
    let phone = |number: &str| Outgoing { to: Recipient::Phone(number.into()), ..to_phone(text("x")) };
    let late = |message: Outgoing| Outgoing { late_answer: true, ..message };
    let cases = [
        (Whatsapp, to_phone(text(" \n")), Unfit::Empty),
        (Whatsapp, to_phone(choices(0)), Unfit::Choices),
        (Whatsapp, to_phone(choices(4)), Unfit::Choices),
        (Messenger, to_id(choices(14)), Unfit::Choices),
        (Whatsapp, to_phone(twins), Unfit::Choices),
        (Whatsapp, to_phone(captioned(FileKind::Audio)), Unfit::Caption),
        (Whatsapp, to_phone(captioned(FileKind::Sticker)), Unfit::Caption),
        (Messenger, to_id(captioned(FileKind::Image)), Unfit::Caption),
        (Instagram, to_id(Content::File(uploaded(FileKind::Image))), Unfit::Source),
        (Instagram, to_id(Content::File(link(FileKind::Sticker))), Unfit::Kind),
        (Whatsapp, to_phone(Content::Template(odd_template)), Unfit::Kind),
        (Messenger, to_id(template.clone()), Unfit::Template),
        (Instagram, to_id(template), Unfit::Template),
        (Messenger, to_id(reaction(Some("❤"))), Unfit::Reaction),
        (Instagram, to_id(reaction(Some("😀"))), Unfit::Reaction),
        (Messenger, to_phone(text("x")), Unfit::Recipient),
        (Whatsapp, late(to_phone(text("x"))), Unfit::LateAnswer),
        (Whatsapp, phone("12 34 56"), Unfit::Recipient),
        (Whatsapp, phone("++165055501"), Unfit::Recipient),
        (Whatsapp, phone("1234"), Unfit::Recipient),
        (Whatsapp, phone("１６５０５５５０１０１"), Unfit::Recipient),
    ];
    for (channel, message, unfit) in cases {
        assert_eq!(body(channel, &message), Err(unfit), "{channel:?} {message:?}");
    }
}
