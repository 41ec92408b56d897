//! What is certain about a message, whatever the network or Meta does to its call?

use meta::send::{self, Channel, Content, Outgoing, Recipient, Sender};
use meta::{Error, Kind, Verdict, accounts, people};

use crate::server::{Act, Server};
use crate::world::{Caller, meta};

fn message(content: Content) -> Outgoing {
    Outgoing { to: Recipient::Id("710".into()), content, reply_to: None, own_id: None, late_answer: false }
}

async fn sent(act: Act, content: Content) -> Result<send::Sent, Error> {
    let server = Server::play(vec![act]).await;
    let (meta, caller) = (meta(&server.url), Caller::new());
    let sender = Sender { channel: Channel::Instagram, id: "178" };
    send::send(&meta, caller.call(), sender, &message(content)).await
}

fn text() -> Content {
    Content::Text { body: "Hi".into(), preview: false }
}

#[tokio::test]
async fn a_send_whose_outcome_is_not_known_is_never_called_a_failure() {
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"message_id\":";
    let acts = [
        Act::ResetAfter,
        Act::BreakOff(broken.as_bytes().to_vec()),
        Act::json(200, "<html>"),
        Act::json(200, ""),
        Act::json(200, "{}"),
        Act::json(200, r#"{"recipient_id":"710"}"#),
        Act::json(200, r#"{"messages":[{}]}"#),
        Act::json(502, "<html>Bad Gateway</html>"),
        Act::json(500, r#"{"error":{"code":2,"message":"m","is_transient":true}}"#),
        Act::json(302, ""),
    ];
    for act in acts {
        let error = sent(act.clone(), text()).await.unwrap_err();
        assert_eq!((&error.kind, error.verdict()), (&Kind::Unclear, Verdict::Unknown), "{act:?}: {error}");
    }
}

#[tokio::test]
async fn a_send_that_certainly_was_not_executed_is_called_so() {
    let acts = [
        (Act::json(400, r#"{"error":{"code":10,"error_subcode":2534022}}"#), Kind::OutsideWindow, Verdict::Refused),
        (Act::json(400, r#"{"error":{"code":131056}}"#), Kind::PairRate, Verdict::NotExecuted),
        (Act::json(503, r#"{"error":{"code":131016}}"#), Kind::Temporary, Verdict::NotExecuted),
    ];
    for (act, kind, verdict) in acts {
        let error = sent(act, text()).await.unwrap_err();
        assert_eq!((error.kind.clone(), error.verdict()), (kind, verdict), "{error}");
    }
    let empty = Content::Text { body: " ".into(), preview: false };
    let error = sent(Act::Silence, empty).await.unwrap_err();
    assert_eq!((error.kind.clone(), error.verdict(), error.status), (Kind::Invalid, Verdict::Refused, None));
}

#[tokio::test]
async fn nothing_that_is_not_an_id_becomes_a_path() {
    let server = Server::play(vec![]).await;
    let (meta, caller) = (meta(&server.url), Caller::new());
    for id in ["", "..", "1/../2", "1?x", "1#", "1 2", "ä"] {
        let error = accounts::unsubscribe(&meta, caller.call(), id).await.unwrap_err();
        assert_eq!(error.kind, Kind::Invalid, "{id}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_reaction_needs_no_id_and_a_closed_port_no_answer() {
    let reaction = Content::Reaction { to: "aWdf".into(), emoji: Some("❤".into()) };
    let done = sent(Act::json(200, r#"{"recipient_id":"710"}"#), reaction).await.unwrap();
    assert_eq!((done.message_id, done.user_id.as_deref()), (None, Some("710")));
    let (meta, caller) = (meta(&"http://127.0.0.1:1".parse().unwrap()), Caller::new());
    let sender = Sender { channel: Channel::Instagram, id: "178" };
    let error = send::send(&meta, caller.call(), sender, &message(text())).await.unwrap_err();
    assert_eq!((error.kind.clone(), error.verdict()), (Kind::Down, Verdict::NotExecuted));
}

#[tokio::test]
async fn no_success_is_an_error_and_an_unknown_customer_is_none() {
    let server = Server::play(vec![
        Act::json(200, r#"{"success":false}"#),
        Act::json(403, r#"{"error":{"code":230,"message":"consent"}}"#),
        Act::json(400, r#"{"error":{"code":100,"error_subcode":2018218}}"#),
        Act::json(401, r#"{"error":{"code":190,"error_subcode":463}}"#),
    ])
    .await;
    let (meta, caller) = (meta(&server.url), Caller::new());
    assert_eq!(accounts::unsubscribe(&meta, caller.call(), "201").await.unwrap_err().kind, Kind::Invalid);
    let person = async || people::get(&meta, caller.call(), people::Platform::Messenger, "710").await;
    assert_eq!((person().await.unwrap(), person().await.unwrap()), (None, None));
    assert!(matches!(person().await.unwrap_err().kind, Kind::Token(_)));
}
