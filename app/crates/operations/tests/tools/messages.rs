//! Does a program write only where and as often as it may?

use chrono::{TimeDelta, Utc};
use domain::field::FieldError;
use operations::Refusal;
use operations::tools::ToolError;
use serde_json::{Value, json};

use super::World;

fn hi(world: &World, key: &str) -> Value {
    json!({ "conversation": world.conversation, "text": "Hi", "key": key })
}

fn places(error: ToolError) -> Vec<String> {
    match error {
        ToolError::Invalid(errors) => errors.into_iter().map(|FieldError { pointer, .. }| pointer).collect(),
        _ => Vec::new(),
    }
}

/// The texts of the conversation, oldest first.
async fn texts(world: &World) -> Vec<String> {
    let page = world.call("inbox_list_messages", json!({ "conversation": world.conversation })).await.unwrap();
    let messages = page["messages"].as_array().unwrap();
    messages.iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_same_key_sends_once_and_another_text_under_it_is_refused() {
    let world = World::new().await;
    let first = world.call("inbox_send_message", hi(&world, "k")).await.unwrap();
    assert_eq!(world.call("inbox_send_message", hi(&world, "k")).await.unwrap(), first);
    let other = json!({ "conversation": world.conversation, "text": "Bye", "key": "k" });
    let refused = world.call("inbox_send_message", other).await;
    assert!(matches!(refused, Err(ToolError::Refused(Refusal::KeyReused))), "{refused:?}");
    assert_eq!(texts(&world).await, ["Are you open?", "Hi"]);
}

#[tokio::test]
async fn programs_that_make_up_the_same_key_get_messages_of_their_own() {
    let world = World::new().await;
    let tokens = [uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2)];
    for (token, text) in [(tokens[0], "Hi"), (tokens[1], "Bye"), (tokens[0], "Hi")] {
        let context = store::audit::Context { token: Some(token), ..store::audit::Context::default() };
        let arguments = json!({ "conversation": world.conversation, "text": text, "key": "1" });
        store::audit::within(context, world.call("inbox_send_message", arguments)).await.unwrap();
    }
    assert_eq!(texts(&world).await, ["Are you open?", "Hi", "Bye"]);
}

#[tokio::test]
async fn nothing_is_sent_or_scheduled_for_a_time_when_the_window_is_closed() {
    let world = World::new().await;
    let late = json!({ "conversation": world.conversation, "text": "Hi", "key": "k", "when": Utc::now() + TimeDelta::days(2) });
    let refused = world.call("inbox_schedule_message", late).await.unwrap_err();
    assert_eq!(places(refused), ["/conversation"]);
    world.test.execute("update conversations set window_closes_at = now() - interval '1 hour'").await;
    let refused = world.call("inbox_send_message", hi(&world, "k")).await.unwrap_err();
    assert_eq!(places(refused), ["/conversation"]);
    let known = world.call("inbox_get_conversation", json!({ "conversation": world.conversation })).await.unwrap();
    assert_eq!(known["may_send"], "template");
    assert_eq!(texts(&world).await, ["Are you open?"]);
}

#[tokio::test]
async fn a_late_answer_is_left_to_people() {
    let world = World::new().await;
    let late = "update channels set type = 'FACEBOOK', late_answers = true; \
                update conversations set type = 'FACEBOOK', window_closes_at = now() - interval '1 hour'";
    world.test.execute(late).await;
    let refused = world.call("inbox_send_message", hi(&world, "k")).await.unwrap_err();
    assert_eq!(places(refused), ["/conversation"]);
    let known = world.call("inbox_get_conversation", json!({ "conversation": world.conversation })).await.unwrap();
    assert_eq!(known["may_send"], "person_only");
}

#[tokio::test]
async fn whoever_wants_no_automatic_messages_gets_none() {
    let world = World::new().await;
    let template =
        json!({ "conversation": world.conversation, "template": world.template, "values": ["ten"], "key": "t" });
    world.test.execute("update contacts set opted_out_at = now()").await;
    for (name, arguments) in [("inbox_send_message", hi(&world, "k")), ("inbox_send_template", template)] {
        let refused = world.call(name, arguments).await;
        assert!(matches!(refused, Err(ToolError::Refused(Refusal::State(_)))), "{name}: {refused:?}");
    }
    assert_eq!(texts(&world).await, ["Are you open?"]);
}

#[tokio::test]
async fn messages_are_read_back_page_by_page_and_long_ones_are_cut() {
    let world = World::new().await;
    for n in 0..5 {
        let text = format!("{n}{}", "x".repeat(if n == 4 { 4000 } else { 0 }));
        let note = json!({ "conversation": world.conversation, "text": text, "key": format!("n{n}") });
        world.call("inbox_add_note", note).await.unwrap();
    }
    let (mut cursor, mut read) = (Value::Null, Vec::new());
    loop {
        let page = json!({ "conversation": world.conversation, "limit": 2, "cursor": cursor });
        let page = world.call("inbox_list_messages", page).await.unwrap();
        let messages = page["messages"].as_array().unwrap().clone();
        read.extend(messages.into_iter().rev());
        cursor = page["older"].clone();
        if cursor.is_null() {
            break;
        }
    }
    let shown: Vec<&str> = read.iter().map(|one| &one["text"].as_str().unwrap()[..1]).collect();
    assert_eq!(shown, ["4", "3", "2", "1", "0", "A"]);
    assert_eq!((&read[0]["is_cut"], &read[1]["is_cut"]), (&json!(true), &json!(false)));
}
