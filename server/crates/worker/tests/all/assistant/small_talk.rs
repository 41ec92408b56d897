//! Who has what they wanted, and who speaks of automatic messages: neither is pestered, and nobody is left alone.

use domain::assistant::AnswerState::{Dropped, HandedOver, Sent};
use domain::messaging::{AiMode, Owner};

use super::desk::{Desk, QUESTION};

#[tokio::test]
async fn thanks_are_no_question_and_the_next_one_is_answered() {
    let desk = Desk::new(AiMode::Auto).await;
    for (at, worker) in (0..).zip([desk.harness.worker.clone(), desk.model("answer")]) {
        let from = format!("1650555010{at}");
        let ada = desk.hears(&from, QUESTION).await;
        desk.finish(&worker).await;
        desk.hears(&from, "Perfect, thank you so much 👍").await;
        desk.finish(&worker).await;
        assert_eq!((desk.states(ada).await, desk.sent(ada).await.len()), (vec![Dropped, Sent], 1));
        assert_eq!((desk.line(ada).await.owner, desk.notes(ada).await.len()), (Owner::Bot, 0));
        desk.hears(&from, QUESTION).await;
        desk.finish(&worker).await;
        assert_eq!(desk.states(ada).await, [Sent, Dropped, Sent]);
    }
    assert_eq!(desk.sim.llm_journal().len(), 2, "nobody is asked about thanks");
}

#[tokio::test]
async fn whoever_complains_of_automatic_answers_gets_a_person() {
    for mode in [AiMode::Draft, AiMode::Auto] {
        let desk = Desk::new(mode).await;
        let ada = desk.hears("16505550101", QUESTION).await;
        desk.finish(&desk.harness.worker).await;
        desk.hears("16505550101", "I only ever get an automated response, let me speak to a person!").await;
        desk.finish(&desk.harness.worker).await;
        assert_eq!(desk.states(ada).await[0], HandedOver, "{mode:?}");
        assert_eq!(desk.line(ada).await.owner, Owner::WaitingHuman, "{mode:?}");
    }
}
