//! Are answers and tokens of the assistant counted once, and does it only draft once all messages of the month are sent?

use std::time::Duration;

use domain::AnswerId;
use domain::assistant::{AnswerState, Trace};
use domain::identity::Role;
use domain::messaging::AiMode;
use domain::usage::{Cost, Today, USUAL_TOKENS};
use store::assistant::answers::{self, NewAnswer, Outcome};
use store::assistant::usage::{Call, count as called};
use store::messaging::channels;
use store::{assistant, usage};
use uuid::Uuid;

use super::World;

impl World {
    /// Begins an answer to a new customer, counts a call for it and ends it. Ending it again changes nothing.
    async fn answers(&self, from: &str, state: AnswerState, call: Call) -> AnswerId {
        let (conversation, trigger) = self.hear(from, "Are you open?", 10).await;
        let mut tx = self.tx().await;
        let new = NewAnswer { conversation, trigger, version: 0, mode: AiMode::Auto };
        let id = answers::begin(&mut tx, &new).await.unwrap().unwrap();
        called(&mut tx, &Call { answer: Some(id), ..call }).await.unwrap();
        let trace = Trace::default();
        let outcome = Outcome {
            state,
            text: Some("We are open."),
            reason: None,
            sources: &[],
            trace: &trace,
            provider: None,
            model: None,
            latency_ms: None,
            reply: None,
        };
        answers::finish(&mut tx, id, &outcome).await.unwrap();
        assert!(answers::finish(&mut tx, id, &outcome).await.is_err());
        tx.commit().await.unwrap();
        id
    }
}

/// A call of so many tokens.
fn call(tokens: u32, micros: Option<i64>) -> Call {
    Call { answer: None, prompt_tokens: tokens, completion_tokens: 1, micros }
}

#[tokio::test]
async fn answers_that_were_sent_count_and_calls_count_always() {
    let world = World::new().await;
    world.answers("16505550101", AnswerState::Sent, call(100, Some(300))).await;
    world.answers("16505550102", AnswerState::HandedOver, call(50, None)).await;
    let draft = world.answers("16505550103", AnswerState::Drafted, call(30, Some(90))).await;
    let month = usage::month(&mut world.tx().await).await.unwrap();
    assert_eq!((month.answers, month.tokens, month.messages), (1, 183, 0));
    assert_eq!(month.cost(), Cost::AtLeast(390), "one of the calls had no price");
    let mut tx = world.tx().await;
    answers::decide(&mut tx, draft, AnswerState::Edited, world.user, None).await.unwrap();
    assert!(answers::decide(&mut tx, draft, AnswerState::Sent, world.user, None).await.is_err());
    // A call whose answer ended, and one of a rehearsal.
    called(&mut tx, &Call { answer: Some(draft), ..call(9, Some(1)) }).await.unwrap();
    called(&mut tx, &call(5, Some(1))).await.unwrap();
    let view = answers::get(&mut tx, draft).await.unwrap();
    assert_eq!((view.prompt_tokens, view.completion_tokens, view.priced_tokens, view.cost_micros), (39, 2, 41, 91));
    tx.commit().await.unwrap();
    let month = usage::month(&mut world.tx().await).await.unwrap();
    assert_eq!((month.answers, month.tokens), (2, 183 + 10 + 6));
    assert_eq!(usage::month(&mut world.elsewhere().await).await.unwrap().answers, 0);
}

#[tokio::test]
async fn the_tokens_of_a_day_are_those_of_its_calls_and_the_lower_limit_holds() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    called(&mut tx, &call(99, None)).await.unwrap();
    assert_eq!(usage::today(&mut tx).await.unwrap(), Today { tokens: 100, limit: USUAL_TOKENS });
    // The settings as they come allow 200,000.
    assert_eq!(assistant::usage::today(&mut tx).await.unwrap().limit, 200_000);
    usage::set_token_limit(&mut tx, world.business, 5).await.unwrap();
    assert_eq!(assistant::usage::today(&mut tx).await.unwrap(), Today { tokens: 100, limit: 5 });
    tx.commit().await.unwrap();
    world.test.execute("update usage_counters set period_start = period_start - 1 where period = 'day'").await;
    assert_eq!(usage::today(&mut world.tx().await).await.unwrap().tokens, 0, "a new day");
    assert_eq!(usage::today(&mut world.elsewhere().await).await.unwrap().tokens, 0);
}

#[tokio::test]
async fn people_are_told_once_that_the_tokens_come_to_their_end_and_once_at_the_end() {
    let world = World::new().await;
    world.test.person(Role::AgencyOwner, Some(world.agency), None).await;
    let mut tx = world.tx().await;
    usage::set_token_limit(&mut tx, world.business, 100).await.unwrap();
    tx.commit().await.unwrap();
    for (tokens, told) in [(69, 0), (9, 1), (9, 1), (9, 2), (9, 2)] {
        let mut tx = world.tx().await;
        called(&mut tx, &call(tokens, None)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.number("select count(*) from notifications where kind = 'usage.limit'").await, told);
    }
}

#[tokio::test]
async fn where_visitors_write_people_read_what_a_near_limit_means() {
    let world = World::new().await;
    world.test.person(Role::AgencyOwner, Some(world.agency), None).await;
    world
        .test
        .execute("insert into web_chats (sub_account_id, channel_id, is_on) select sub_account_id, id, true from channels on conflict do nothing")
        .await;
    let mut tx = world.tx().await;
    usage::set_token_limit(&mut tx, world.business, 100).await.unwrap();
    tx.commit().await.unwrap();
    for (tokens, told) in [(79, 1), (19, 2)] {
        let mut tx = world.tx().await;
        called(&mut tx, &call(tokens, None)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.number("select count(*) from notifications where kind = 'usage.limit'").await, told);
        let of_visitors = "select count(*) from notifications where kind = 'usage.limit' and detail like '%web chat%'";
        assert_eq!(world.number(of_visitors).await, 1);
    }
}

#[tokio::test]
async fn one_piece_of_work_has_an_answer_until_its_time_is_over() {
    let world = World::new().await;
    let (conversation, trigger) = world.hear("16505550101", "Are you open?", 10).await;
    let mut tx = world.tx().await;
    let new = NewAnswer { conversation, trigger, version: 0, mode: AiMode::Auto };
    let id = answers::begin(&mut tx, &new).await.unwrap().unwrap();
    let (one, other, minute) = (Uuid::from_u128(1), Uuid::from_u128(2), Duration::from_secs(60));
    for (work, lease, taken) in [
        (one, minute, true),
        (other, minute, false),
        (one, Duration::ZERO, true),
        (other, minute, true),
        (one, minute, false),
        // As a clock that is a year ahead writes it.
        (other, minute * (365 * 24 * 60), true),
        (one, minute, true),
        (other, minute, false),
    ] {
        assert_eq!(assistant::take(&mut tx, id, work, lease).await.unwrap(), taken, "{work} {lease:?}");
    }
    assistant::drop_older(&mut tx, conversation, None, "It is over.").await.unwrap();
    assert!(!assistant::take(&mut tx, id, other, minute).await.unwrap(), "it ended");
}

#[tokio::test]
async fn once_the_limit_is_reached_the_assistant_only_drafts() {
    let world = World::new().await;
    let (conversation, _) = world.hear("16505550101", "Hi", 20).await;
    for (mode, limit, expected) in [
        (AiMode::Auto, 1000, AiMode::Auto),
        (AiMode::Auto, 0, AiMode::Draft),
        (AiMode::Draft, 0, AiMode::Draft),
        (AiMode::Off, 0, AiMode::Off),
        (AiMode::Auto, 1, AiMode::Auto),
    ] {
        let mut tx = world.tx().await;
        channels::set_ai_mode(&mut tx, world.channel.id, mode).await.unwrap();
        usage::set_limit(&mut tx, world.business, limit).await.unwrap();
        let facts = assistant::lock(&mut tx, conversation).await.unwrap();
        assert_eq!(facts.mode, expected, "{mode:?} with a limit of {limit}");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn visitors_of_a_web_site_leave_the_last_messages_of_the_month_to_customers() {
    let world = World::new().await;
    let (visitor, _) = world.hear("16505550101", "Hi", 20).await;
    let (customer, _) = world.hear("16505550102", "Hi", 20).await;
    world.test.execute("update conversations set type = 'WEBCHAT' where external_address = '16505550101'").await;
    let mut tx = world.tx().await;
    channels::set_ai_mode(&mut tx, world.channel.id, AiMode::Auto).await.unwrap();
    for (limit, of_visitors) in [(0, AiMode::Draft), (1, AiMode::Draft), (2, AiMode::Auto)] {
        usage::set_limit(&mut tx, world.business, limit).await.unwrap();
        assert_eq!(assistant::lock(&mut tx, visitor).await.unwrap().mode, of_visitors, "{limit}");
    }
    usage::set_limit(&mut tx, world.business, 1).await.unwrap();
    assert_eq!(assistant::lock(&mut tx, customer).await.unwrap().mode, AiMode::Auto);
}
