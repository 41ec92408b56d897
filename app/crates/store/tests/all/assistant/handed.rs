//! Does a customer who is handed over wait for people, is a question found on which nobody works, and does what was overtaken
//! or taken back count no more?

use std::time::Duration;

use domain::assistant::{AnswerState, Trace};
use domain::messaging::inbound::{InboundMessage, Origin, Person};
use domain::messaging::{AiMode, Owner, Sender};
use domain::page::ListQuery;
use domain::{ConversationId, MessageId};
use serde_json::json;
use store::TenantTx;
use store::assistant::answers::{self, Outcome};
use store::assistant::usage::{self, Call};
use store::assistant::{self, knowledge, waiting};
use store::messaging::outgoing;
use store::messaging::{channels, conversations, list, messages};

use super::answers::{answered, new, outcome};
use super::{World, ago};
use crate::inboxes::reply;

const ADA: &str = "16505550101";

/// The assistant sends its answer to a message.
async fn sends(tx: &mut TenantTx, (conversation, trigger): (ConversationId, MessageId)) -> MessageId {
    let line = reply(conversation, Sender::Assistant, "We are open.");
    let reply = outgoing::add(tx, &line).await.unwrap();
    let answer = answers::begin(tx, &new(conversation, trigger, AiMode::Auto)).await.unwrap().unwrap();
    let (trace, sent) = (Trace::default(), AnswerState::Sent);
    let end = Outcome { reply: Some(reply), ..outcome(sent, "We are open.", &[], &trace) };
    answers::finish(tx, answer, &end).await.unwrap();
    reply
}

#[tokio::test]
async fn who_is_handed_over_waits_although_a_line_was_said() {
    let world = World::new().await;
    let (conversation, _) = world.hear(ADA, "A person, please", 20).await;
    let mut tx = world.tx().await;
    let line = reply(conversation, Sender::Assistant, "Somebody answers you here.");
    outgoing::add(&mut tx, &line).await.unwrap();
    let waiting = ListQuery { view: "waiting".into(), ..ListQuery::default() };
    assert!(list::list(&mut tx, &waiting, None).await.unwrap().rows.is_empty());
    conversations::set_ai(&mut tx, conversation, None, Owner::WaitingHuman, None).await.unwrap();
    assert_eq!(list::list(&mut tx, &waiting, None).await.unwrap().rows.len(), 1);
    let line = list::line(&mut tx, conversation).await.unwrap();
    assert!(line.waiting_since.is_some_and(|since| since < ago(15)), "since the customer wrote");
}

#[tokio::test]
async fn a_question_on_which_nobody_works_is_found_and_no_other() {
    for (set, is_found) in [
        ("select 1", true),
        ("update conversations set ai_paused_until = now() - interval '1 minute'", true),
        ("update conversations set ai_paused_until = now() + interval '1 minute'", false),
        ("update conversations set ai_state = 'human'", false),
        ("update conversations set ai_mode = 'off'", false),
        ("update channels set is_active = false", false),
        ("update contacts set opted_out_at = now()", false),
        ("delete from knowledge", false),
        ("delete from knowledge; update channels set ai_mode = 'auto'", true),
        ("update conversations set waiting_since = now()", false),
        ("update conversations set status = 'closed'", false),
    ] {
        let world = World::new().await;
        let (conversation, _) = world.hear(ADA, "Open?", 600).await;
        let mut tx = world.tx().await;
        knowledge::add_qa(&mut tx, "Open?", "From 9 to 5.").await.unwrap();
        tx.commit().await.unwrap();
        world.test.execute(set).await;
        let age = Duration::from_secs(180);
        let found = waiting::unanswered(&mut world.tx().await, age, None).await.unwrap();
        assert_eq!(found == [conversation], is_found, "{set}");
        if is_found {
            let businesses = waiting::businesses(&world.db, age, None).await.unwrap();
            assert_eq!(businesses, [(world.agency, world.business)], "{set}");
            let behind = waiting::unanswered(&mut world.tx().await, age, Some(conversation)).await.unwrap();
            assert!(
                behind.is_empty()
                    && waiting::businesses(&world.db, age, Some(world.business)).await.unwrap().is_empty()
            );
        }
    }
}

#[tokio::test]
async fn a_question_that_has_its_answer_is_not_found_again_and_a_newer_one_is() {
    let world = World::new().await;
    let first = world.hear(ADA, "Open?", 600).await;
    let age = Duration::from_secs(180);
    let mut tx = world.tx().await;
    knowledge::add_qa(&mut tx, "Open?", "From 9 to 5.").await.unwrap();
    let answer = answers::begin(&mut tx, &new(first.0, first.1, AiMode::Draft)).await.unwrap().unwrap();
    assert_eq!(waiting::unanswered(&mut tx, age, None).await.unwrap(), [first.0], "the process may have ended");
    let trace = Trace::default();
    let call = Call { answer: Some(answer), prompt_tokens: 100, completion_tokens: 20, micros: None };
    usage::count(&mut tx, &call).await.unwrap();
    answers::finish(&mut tx, answer, &outcome(AnswerState::Drafted, "Yes.", &[], &trace)).await.unwrap();
    assert!(waiting::unanswered(&mut tx, age, None).await.unwrap().is_empty());
    assert_eq!(answers::asked_last_hour(&mut tx, first.0).await.unwrap(), 1, "drafts cost, too");
    assert!(answers::draft(&mut tx, first.0).await.unwrap().is_some());
    tx.commit().await.unwrap();
    world.hear(ADA, "Tomorrow?", 300).await;
    let mut tx = world.tx().await;
    assert_eq!(waiting::unanswered(&mut tx, age, None).await.unwrap(), [first.0]);
    assert!(answers::draft(&mut tx, first.0).await.unwrap().is_none(), "it answers an older question");
}

#[tokio::test]
async fn an_answer_that_never_arrived_told_nobody_anything() {
    let world = World::new().await;
    let heard = world.hear(ADA, "Open?", 20).await;
    let mut tx = world.tx().await;
    sends(&mut tx, heard).await;
    tx.commit().await.unwrap();
    for (status, counts) in [("sent", true), ("failed", false), ("cancelled", false), ("read", true)] {
        let sql = "update messages set status = $1 where direction = 'out'";
        sqlx::query(sql).bind(status).execute(world.test.superuser()).await.unwrap();
        let mut tx = world.tx().await;
        assert_eq!(answers::answered_before(&mut tx, heard.0).await.unwrap(), counts, "{status}");
        assert_eq!(answers::replies_in_a_row(&mut tx, heard.0).await.unwrap(), i64::from(counts), "{status}");
        assert_eq!(answers::replies_last_hour(&mut tx, heard.0).await.unwrap(), i64::from(counts), "{status}");
    }
}

#[tokio::test]
async fn whoever_gives_a_conversation_back_lets_the_count_begin_anew() {
    let world = World::new().await;
    let heard = world.hear(ADA, "Open?", 20).await;
    let mut tx = world.tx().await;
    sends(&mut tx, heard).await;
    conversations::set_ai(&mut tx, heard.0, None, Owner::WaitingHuman, None).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.tx().await;
    assert_eq!(answers::replies_in_a_row(&mut tx, heard.0).await.unwrap(), 1);
    conversations::set_ai(&mut tx, heard.0, None, Owner::Bot, None).await.unwrap();
    assert_eq!(answers::replies_in_a_row(&mut tx, heard.0).await.unwrap(), 0);
}

#[tokio::test]
async fn drafts_end_where_somebody_answers_elsewhere_and_where_the_assistant_is_switched_off() {
    for is_echo in [true, false] {
        let world = World::new().await;
        let heard = world.hear(ADA, "Open?", 20).await;
        let (own, _) = world.hear("16505550102", "Open?", 20).await;
        let mut tx = world.tx().await;
        answered(&mut tx, heard, AnswerState::Drafted, AiMode::Draft).await;
        if is_echo {
            let echo = InboundMessage {
                id: "echo".to_owned(),
                person: Person { wa_id: Some(ADA.to_owned()), ..Person::default() },
                origin: Origin::Echo,
                kind: "text".to_owned(),
                text: "Yes, we are.".to_owned(),
                attachments: Vec::new(),
                reply_to: None,
                details: json!({}),
            };
            messages::receive(&mut tx, &world.channel, Some(ago(5)), &echo).await.unwrap();
        } else {
            conversations::set_ai(&mut tx, own, Some(AiMode::Draft), Owner::Bot, None).await.unwrap();
            channels::set_ai_mode(&mut tx, world.channel.id, AiMode::Off).await.unwrap();
            assistant::drop_of_channel(&mut tx, world.channel.id, "off").await.unwrap();
        }
        assert!(answers::draft(&mut tx, heard.0).await.unwrap().is_none(), "{is_echo}");
        let states = answers::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
        assert_eq!(states.iter().map(|line| line.state).collect::<Vec<_>>(), [AnswerState::Dropped], "{is_echo}");
    }
}

#[tokio::test]
async fn what_a_customer_takes_back_is_quoted_nowhere() {
    let world = World::new().await;
    let heard = world.hear(ADA, "My secret", 20).await;
    let (other, _) = world.hear("16505550102", "Hi", 20).await;
    let mut tx = world.tx().await;
    answered(&mut tx, heard, AnswerState::Drafted, AiMode::Draft).await;
    let note = outgoing::note(&mut tx, heard.0, None, "Last message: My secret").await.unwrap();
    assistant::quotes(&mut tx, note, &[heard.1]).await.unwrap();
    outgoing::note(&mut tx, heard.0, Some(world.user), "She called.").await.unwrap();
    outgoing::note(&mut tx, other, None, "Last message: Hi").await.unwrap();
    tx.commit().await.unwrap();
    world.test.execute("update messages set external_id = 'theirs' where body = 'My secret'").await;
    let person = Person { wa_id: Some(ADA.to_owned()), ..Person::default() };
    for _ in 0..2 {
        let mut tx = world.tx().await;
        messages::revoke(&mut tx, &world.channel, &person, "theirs").await.unwrap();
        assert_eq!(assistant::lock(&mut tx, heard.0).await.unwrap().newest_inbound, None, "nothing is to be answered");
        tx.commit().await.unwrap();
    }
    assert_eq!(world.number("select count(*) from messages where body like '%secret%'").await, 0);
    assert_eq!(
        world.number("select count(*) from messages where body in ('She called.', 'Last message: Hi')").await,
        2
    );
    assert_eq!(world.number("select count(*) from ai_answers where state = 'dropped' and draft is null").await, 1);
}
