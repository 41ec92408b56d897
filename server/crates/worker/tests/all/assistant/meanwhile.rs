//! What happens while the assistant thinks comes first: a person who answers, a switch that is turned, a customer who writes on.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::assistant::AnswerState::{self, Drafted, Dropped, Sent};
use domain::messaging::{AiMode, Owner};
use domain::{ChannelId, ConversationId};
use store::TenantTx;
use store::messaging::{channels, conversations};
use worker::{AnswerPoint, testing};

use super::desk::{Desk, QUESTION, hear, say};
use crate::harness::business::begin;

/// What happens meanwhile.
#[derive(Clone, Copy, Debug)]
enum Event {
    PersonAnswers,
    PersonTakesOver,
    SwitchedOff,
    DraftsOnly,
    Disconnected,
    CustomerWritesOn,
}

/// Each event, the answers after it with the newest first, and how many messages the assistant sent.
const EVENTS: [(Event, &[AnswerState], usize); 6] = [
    (Event::PersonAnswers, &[Dropped], 0),
    (Event::PersonTakesOver, &[Dropped], 0),
    (Event::SwitchedOff, &[Dropped], 0),
    (Event::DraftsOnly, &[Drafted], 0),
    (Event::Disconnected, &[Dropped], 0),
    (Event::CustomerWritesOn, &[Sent, Dropped], 1),
];

async fn happen(tx: &mut TenantTx, event: Event, channel: ChannelId, ada: ConversationId) {
    match event {
        Event::PersonAnswers => say(tx, ada, "I am on it.").await,
        Event::PersonTakesOver => conversations::set_ai(tx, ada, None, Owner::Human, None).await.unwrap(),
        Event::SwitchedOff => conversations::set_ai(tx, ada, Some(AiMode::Off), Owner::Bot, None).await.unwrap(),
        Event::DraftsOnly => channels::set_ai_mode(tx, channel, AiMode::Draft).await.unwrap(),
        Event::Disconnected => channels::set_active(tx, channel, false).await.unwrap(),
        Event::CustomerWritesOn => {
            hear(tx, channel, "16505550101", QUESTION, 100).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_while_it_thinks_comes_first() {
    for (event, states, sent) in EVENTS {
        let desk = Desk::new(AiMode::Auto).await;
        let ada = desk.hears("16505550101", QUESTION).await;
        let (db, channel, business, agency) =
            (desk.harness.work.clone(), desk.channel, desk.business, desk.harness.agency);
        let happened = AtomicBool::new(false);
        let worker = desk.model("answer").answering_until(move |point| {
            if point == AnswerPoint::Thought && !happened.swap(true, Ordering::SeqCst) {
                let meanwhile = async {
                    let mut tx = begin(agency, &db, business).await;
                    happen(&mut tx, event, channel, ada).await;
                    tx.commit().await.unwrap();
                };
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(meanwhile));
            }
            false
        });
        desk.finish(&worker).await;
        assert_eq!(desk.states(ada).await, states, "{event:?}");
        assert_eq!(desk.sent(ada).await.len(), sent, "{event:?}");
        let answers = desk.answers(ada).await;
        assert!(answers.iter().all(|answer| !answer.trace.steps.is_empty()), "{event:?}");
    }
}

#[tokio::test]
async fn what_happens_before_it_begins_leaves_nothing_behind() {
    for (event, ..) in EVENTS.iter().filter(|(_, states, _)| *states == [Dropped]) {
        let desk = Desk::new(AiMode::Auto).await;
        let ada = desk.hears("16505550101", QUESTION).await;
        let mut tx = desk.work().await;
        happen(&mut tx, *event, desk.channel, ada).await;
        tx.commit().await.unwrap();
        desk.finish(&desk.model("answer")).await;
        assert!(desk.answers(ada).await.is_empty() && desk.sent(ada).await.is_empty(), "{event:?}");
        assert!(desk.sim.llm_journal().is_empty(), "{event:?}: nobody is asked");
    }
}

#[tokio::test]
async fn a_draft_is_dropped_when_the_customer_writes_again() {
    let desk = Desk::new(AiMode::Draft).await;
    let worker = desk.harness.worker.clone();
    let ada = desk.hears("16505550101", QUESTION).await;
    desk.finish(&worker).await;
    assert_eq!(desk.states(ada).await, [Drafted]);
    desk.hears("16505550101", "And what does a cleaning for children cost?").await;
    desk.finish(&worker).await;
    assert_eq!(desk.states(ada).await, [Drafted, Dropped]);
    assert!(desk.sent(ada).await.is_empty());
}

#[tokio::test]
async fn a_message_that_came_while_the_answer_was_on_its_way_is_answered_too() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.harness.worker.clone();
    let ada = desk.hears("16505550101", QUESTION).await;
    desk.finish(&worker).await;
    desk.hears("16505550101", QUESTION).await;
    // By the platform it was written before our answer, which it crossed.
    let crossed = "update messages set happened_at = (select min(happened_at) + interval '1 millisecond' from messages where direction = 'in')
         where direction = 'in' and happened_at = (select max(happened_at) from messages where direction = 'in')";
    desk.harness.db.execute(crossed).await;
    desk.finish(&worker).await;
    assert_eq!((desk.states(ada).await, desk.sent(ada).await.len()), (vec![Sent, Sent], 2));
}

#[tokio::test]
async fn a_question_whose_work_was_lost_is_taken_up() {
    let desk = Desk::new(AiMode::Draft).await;
    let worker = desk.harness.worker.clone();
    let ada = desk.hears("16505550101", QUESTION).await;
    let lost = "delete from work_ready; delete from work_scheduled; update conversations set waiting_since = now() - interval '10 minutes'";
    desk.harness.db.execute(lost).await;
    desk.finish(&worker).await;
    assert!(desk.states(ada).await.is_empty());
    testing::run_periodic(&worker).await.unwrap();
    desk.finish(&worker).await;
    assert_eq!(desk.states(ada).await, [Drafted]);
}

#[tokio::test]
async fn a_stop_gets_its_line_once_whatever_the_customer_adds() {
    let desk = Desk::new(AiMode::Auto).await;
    let worker = desk.harness.worker.clone();
    for text in ["STOP", "Thanks", QUESTION] {
        desk.hears("16505550101", text).await;
    }
    desk.finish(&worker).await;
    let ada = desk.hears("16505550101", QUESTION).await;
    desk.finish(&worker).await;
    assert_eq!((desk.states(ada).await, desk.sent(ada).await.len()), (vec![Sent], 1));
    let line = desk.line(ada).await;
    assert!(line.owner == Owner::WaitingHuman && line.waiting_since.is_some(), "a person answers, as was promised");
}

#[tokio::test]
async fn without_tokens_people_read_once_a_day_that_a_draft_is_missing() {
    for limit in [
        "update sub_accounts set token_limit = 1",
        "insert into ai_agents (sub_account_id, version, published) select id, 1, '{\"daily_tokens\": 1}' from sub_accounts",
    ] {
        let desk = Desk::new(AiMode::Draft).await;
        let worker = desk.model("answer");
        desk.hears("16505550101", QUESTION).await;
        desk.finish(&worker).await;
        desk.harness.db.execute(limit).await;
        for _ in 0..2 {
            let ben = desk.hears("16505550102", QUESTION).await;
            desk.finish(&worker).await;
            assert_eq!((desk.states(ben).await[0], desk.notes(ben).await.len()), (Dropped, 1), "{limit}");
            let line = desk.line(ben).await;
            assert!(line.owner == Owner::Bot && line.waiting_since.is_some(), "{limit}");
        }
        assert_eq!(desk.sim.llm_journal().len(), 1, "{limit}: nobody is asked any more");
    }
}

#[tokio::test]
async fn visitors_of_a_web_site_do_not_spend_the_last_tokens_of_the_day() {
    let desk = Desk::new(AiMode::Draft).await;
    let worker = desk.model("answer");
    let ada = desk.hears("16505550101", QUESTION).await;
    desk.finish(&worker).await;
    assert_eq!(desk.states(ada).await, vec![Drafted]);
    // What was spent is more than the share of visitors, and less than all.
    desk.harness.db.execute("update sub_accounts b set token_limit = u.tokens * 10 / 9 from usage_counters u where u.sub_account_id = b.id and u.period = 'day'").await;
    let visitor = desk.hears("16505550102", QUESTION).await;
    desk.harness.db.execute("update conversations set type = 'WEBCHAT' where external_address = '16505550102'").await;
    desk.finish(&worker).await;
    assert_eq!(desk.states(visitor).await[0], Dropped);
    let ben = desk.hears("16505550103", QUESTION).await;
    desk.finish(&worker).await;
    assert_eq!(desk.states(ben).await, vec![Drafted]);
}
