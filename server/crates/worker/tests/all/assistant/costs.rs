//! Every call of the model is counted, whatever becomes of its answer, and a message is paid for once.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::ConversationId;
use domain::assistant::AnswerState::{Dropped, HandedOver, Sent};
use domain::messaging::{AiMode, Owner};
use domain::usage::{Cost, Month};
use domain::work::{Kind, Queue};
use store::messaging::conversations;
use store::queue::{self, Work};
use store::usage;
use worker::{AnswerPoint, testing};

use super::desk::{Desk, PRICES, QUESTION};
use crate::harness::business::begin;

impl Desk {
    async fn month(&self) -> Month {
        usage::month(&mut self.tx().await).await.unwrap()
    }

    /// The tokens of the newest answer of a conversation, and what they cost.
    async fn paid(&self, conversation: ConversationId) -> (i64, Cost) {
        let answer = self.answers(conversation).await.remove(0);
        let tokens = i64::from(answer.prompt_tokens) + i64::from(answer.completion_tokens);
        let micros = PRICES.cost(answer.prompt_tokens.unsigned_abs(), answer.completion_tokens.unsigned_abs());
        assert!((answer.cost_micros - micros).abs() <= 2, "each call is rounded: {answer:?}");
        (tokens, Cost::of(tokens, i64::from(answer.priced_tokens), answer.cost_micros))
    }
}

#[tokio::test]
async fn what_a_call_cost_is_known_of_its_answer_and_of_its_month() {
    let desk = Desk::new(AiMode::Auto).await;
    let mut all = 0;
    for (at, (script, state)) in (0..).zip([("answer", Sent), ("hand_off", HandedOver), ("malformed", HandedOver)]) {
        let ada = desk.hears(&format!("1650555010{at}"), QUESTION).await;
        desk.finish(&desk.model(script)).await;
        assert_eq!(desk.states(ada).await, [state], "{script}");
        let (tokens, cost) = desk.paid(ada).await;
        assert!(tokens > 0 && matches!(cost, Cost::Known(1..)), "{script}: {tokens} {cost:?}");
        all += tokens;
        let month = desk.month().await;
        assert_eq!((month.tokens, month.priced_tokens), (all, all), "{script}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_answer_came_too_late_is_counted() {
    let desk = Desk::new(AiMode::Auto).await;
    let ada = desk.hears("16505550101", QUESTION).await;
    let (db, business, agency) = (desk.harness.work.clone(), desk.business, desk.harness.agency);
    let worker = desk.model("answer").answering_until(move |point| {
        if point == AnswerPoint::Thought {
            let meanwhile = async {
                let mut tx = begin(agency, &db, business).await;
                conversations::set_ai(&mut tx, ada, None, Owner::Human, None).await.unwrap();
                tx.commit().await.unwrap();
            };
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(meanwhile));
        }
        false
    });
    desk.finish(&worker).await;
    assert_eq!(desk.states(ada).await, [Dropped]);
    let (tokens, _) = desk.paid(ada).await;
    assert_eq!((tokens > 0, desk.month().await.tokens), (true, tokens));
}

#[tokio::test]
async fn a_process_that_ends_after_the_call_pays_twice_and_both_are_counted() {
    let desk = Desk::new(AiMode::Auto).await;
    let ada = desk.hears("16505550101", QUESTION).await;
    let died = AtomicBool::new(false);
    let mortal = desk.model("answer");
    let mortal = mortal.answering_until(move |now| now == AnswerPoint::Thought && !died.swap(true, Ordering::SeqCst));
    desk.waits_end().await;
    desk.run(&mortal).await;
    desk.finish(&mortal.restarted()).await;
    let (tokens, _) = desk.paid(ada).await;
    assert_eq!((desk.states(ada).await, desk.sim.llm_journal().len()), (vec![Sent], 2));
    let other = desk.hears("16505550102", QUESTION).await;
    desk.finish(&desk.model("answer")).await;
    let (once, _) = desk.paid(other).await;
    assert!(once > 0 && tokens > once * 3 / 2 && desk.month().await.tokens == tokens + once, "{once} of {tokens}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_pieces_of_work_for_one_message_ask_the_model_once() {
    let desk = Desk::new(AiMode::Auto).await;
    let ada = desk.hears("16505550101", QUESTION).await;
    let (db, business, agency, other) =
        (desk.harness.work.clone(), desk.business, desk.harness.agency, desk.model("answer"));
    let ran = AtomicBool::new(false);
    let worker = desk.model("answer").answering_until(move |point| {
        if point == AnswerPoint::Begun && !ran.swap(true, Ordering::SeqCst) {
            let meanwhile = async {
                let mut tx = begin(agency, &db, business).await;
                queue::add(&mut tx, &Work::new(Kind::AnswerConversation).subject(ada)).await.unwrap();
                tx.commit().await.unwrap();
                testing::run_due_in(&other, &[Queue::Assistant]).await;
            };
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(meanwhile));
        }
        false
    });
    desk.finish(&worker).await;
    assert_eq!((desk.states(ada).await, desk.sent(ada).await.len()), (vec![Sent], 1));
    assert_eq!(desk.sim.llm_journal().len(), 1, "the other one waits");
}
