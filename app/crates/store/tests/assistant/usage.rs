//! Are answers and tokens of the assistant counted once, and does it only draft once all messages of the month are sent?

use domain::assistant::{AnswerState, Trace};
use domain::messaging::AiMode;
use store::assistant;
use store::assistant::answers::{self, NewAnswer, Outcome};
use store::messaging::channels;
use store::usage;

use super::World;

impl World {
    /// Begins an answer to a new customer and ends it. Ending it again changes nothing.
    async fn answers(&self, from: &str, state: AnswerState, tokens: u32) -> domain::AnswerId {
        let (conversation, trigger) = self.hear(from, "Are you open?", 10).await;
        let mut tx = self.tx().await;
        let new = NewAnswer { conversation, trigger, version: 0, mode: AiMode::Auto };
        let id = answers::begin(&mut tx, &new).await.unwrap().unwrap();
        let trace = Trace::default();
        let outcome = Outcome {
            state,
            text: Some("We are open."),
            reason: None,
            sources: &[],
            trace: &trace,
            provider: None,
            model: None,
            prompt_tokens: tokens,
            completion_tokens: 1,
            cost_micros: 0,
            latency_ms: None,
            reply: None,
        };
        answers::finish(&mut tx, id, &outcome).await.unwrap();
        assert!(answers::finish(&mut tx, id, &outcome).await.is_err());
        tx.commit().await.unwrap();
        id
    }
}

#[tokio::test]
async fn answers_that_were_sent_count_and_tokens_count_always() {
    let world = World::new().await;
    world.answers("16505550101", AnswerState::Sent, 100).await;
    world.answers("16505550102", AnswerState::HandedOver, 50).await;
    let draft = world.answers("16505550103", AnswerState::Drafted, 30).await;
    let month = usage::month(&mut world.tx().await).await.unwrap();
    assert_eq!((month.answers, month.tokens, month.messages), (1, 183, 0));
    let mut tx = world.tx().await;
    answers::decide(&mut tx, draft, AnswerState::Edited, world.user, None).await.unwrap();
    assert!(answers::decide(&mut tx, draft, AnswerState::Sent, world.user, None).await.is_err());
    tx.commit().await.unwrap();
    let month = usage::month(&mut world.tx().await).await.unwrap();
    assert_eq!((month.answers, month.tokens), (2, 183));
    assert_eq!(usage::month(&mut world.elsewhere().await).await.unwrap().answers, 0);
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
