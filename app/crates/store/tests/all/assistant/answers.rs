//! Has each message one answer, whatever dies in between, and does it end once?

use domain::assistant::{AnswerState, Source, Trace};
use domain::messaging::{AiMode, Sender};
use domain::page::ListQuery;
use domain::{AnswerId, ConversationId, KnowledgeId, MessageId};
use store::assistant::answers::{self, NewAnswer, Outcome};
use store::assistant::usage::{self, Call};
use store::messaging::outgoing::{self, NewOutgoing};
use store::{Error, TenantTx, new_id};

use super::World;
use crate::inboxes::reply;

pub(super) fn new(conversation: ConversationId, trigger: MessageId, mode: AiMode) -> NewAnswer {
    NewAnswer { conversation, trigger, version: 0, mode }
}

pub(super) fn outcome<'a>(state: AnswerState, text: &'a str, sources: &'a [Source], trace: &'a Trace) -> Outcome<'a> {
    Outcome {
        state,
        text: Some(text),
        reason: None,
        sources,
        trace,
        provider: Some("local"),
        model: None,
        latency_ms: Some(7),
        reply: None,
    }
}

/// Begins an answer and ends it so.
pub(super) async fn answered(
    tx: &mut TenantTx,
    (conversation, trigger): (ConversationId, MessageId),
    state: AnswerState,
    mode: AiMode,
) -> AnswerId {
    let id = answers::begin(tx, &new(conversation, trigger, mode)).await.unwrap().unwrap();
    answers::finish(tx, id, &outcome(state, "We are open.", &[], &Trace::default())).await.unwrap();
    id
}

#[tokio::test]
async fn an_answer_that_was_begun_is_gone_on_with_and_one_that_ended_is_not_written_again() {
    let world = World::new().await;
    let (conversation, trigger) = world.hear("16505550101", "Open?", 5).await;
    let mut tx = world.tx().await;
    let first = answers::begin(&mut tx, &new(conversation, trigger, AiMode::Draft)).await.unwrap().unwrap();
    let again = answers::begin(&mut tx, &new(conversation, trigger, AiMode::Auto)).await.unwrap();
    assert_eq!(again, Some(first), "it died in between");
    let sources = [Source { knowledge: KnowledgeId(first.0), title: "Hours\0".into(), passage: "9 to 5".into() }];
    let mut trace = Trace::default();
    trace.step("search", 3, "one passage\0");
    let call = Call { answer: Some(first), prompt_tokens: 100, completion_tokens: 20, micros: None };
    usage::count(&mut tx, &call).await.unwrap();
    answers::finish(&mut tx, first, &outcome(AnswerState::Drafted, "From 9 to 5.", &sources, &trace)).await.unwrap();
    let once = answers::finish(&mut tx, first, &outcome(AnswerState::Failed, "", &[], &trace)).await;
    assert!(matches!(once, Err(Error::Stale)));
    assert_eq!(answers::begin(&mut tx, &new(conversation, trigger, AiMode::Auto)).await.unwrap(), None);
    let draft = answers::draft(&mut tx, conversation).await.unwrap().unwrap();
    assert_eq!((draft.answer, draft.trigger, draft.text.as_str()), (first, trigger, "From 9 to 5."));
    let view = answers::get(&mut tx, first).await.unwrap();
    assert_eq!((view.line.question.as_str(), view.line.tokens, view.line.mode), ("Open?", 120, AiMode::Auto));
    assert_eq!((view.sources[0].title.as_str(), view.trace.steps[0].detail.as_str()), ("Hours", "one passage"));
    answers::decide(&mut tx, first, AnswerState::Dismissed, world.user, None).await.unwrap();
    assert_eq!(answers::draft(&mut tx, conversation).await.unwrap(), None);
    let twice = answers::decide(&mut tx, first, AnswerState::Sent, world.user, None).await;
    assert!(matches!(twice, Err(Error::Stale)));
    assert!(answers::get(&mut tx, first).await.unwrap().decided_by.is_some());
    assert_eq!(answers::begin(&mut tx, &new(conversation, trigger, AiMode::Auto)).await.unwrap(), None);
    tx.commit().await.unwrap();
    let mut elsewhere = world.elsewhere().await;
    assert!(matches!(answers::get(&mut elsewhere, first).await, Err(Error::NotFound)));
    assert_eq!(answers::list(&mut elsewhere, &ListQuery::default()).await.unwrap().rows, []);
}

#[tokio::test]
async fn drafts_that_something_overtook_are_dropped_and_everything_is_listed_newest_first() {
    let world = World::new().await;
    let first = world.hear("16505550101", "Open?", 9).await;
    let second = world.hear("16505550101", "Tomorrow?", 5).await;
    let (stranger, _) = world.hear("16505550199", "Hi", 5).await;
    let mut tx = world.tx().await;
    let old = answered(&mut tx, first, AnswerState::Drafted, AiMode::Draft).await;
    assert_eq!(answers::drop_drafts(&mut tx, stranger, "newer").await.unwrap(), 0);
    assert_eq!(answers::drop_drafts(&mut tx, first.0, &"n".repeat(900)).await.unwrap(), 1);
    assert_eq!(answers::drop_drafts(&mut tx, first.0, "newer").await.unwrap(), 0);
    tx.commit().await.unwrap();
    let mut tx = world.tx().await;
    let new = answered(&mut tx, second, AnswerState::Drafted, AiMode::Draft).await;
    let ids = async |tx: &mut TenantTx, view: &str| {
        let query = ListQuery { view: view.into(), ..ListQuery::default() };
        let page = answers::list(tx, &query).await.unwrap();
        page.rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut tx, "").await, [new, old]);
    assert_eq!(ids(&mut tx, "drafted").await, [new]);
    assert_eq!(ids(&mut tx, "failed").await, []);
    let found =
        answers::list(&mut tx, &ListQuery { q: "WE ARE".into(), limit: 1, ..ListQuery::default() }).await.unwrap();
    assert_eq!((found.rows[0].id, found.total, found.next.is_some()), (new, Some(2), true));
    for text in ["'; --", "\0", "%", "{user}"] {
        for query in [
            ListQuery { q: text.into(), ..ListQuery::default() },
            ListQuery { view: text.into(), ..ListQuery::default() },
            ListQuery { cursor: Some(text.into()), ..ListQuery::default() },
        ] {
            assert!(answers::list(&mut tx, &query).await.is_ok(), "{query:?}");
        }
    }
}

#[tokio::test]
async fn automatic_answers_are_counted_until_a_person_writes() {
    let world = World::new().await;
    let mut last = None;
    for number in 0..3 {
        let heard = world.hear("16505550101", "More?", 60 - number).await;
        let mut tx = world.tx().await;
        answered(&mut tx, heard, AnswerState::Sent, AiMode::Auto).await;
        tx.commit().await.unwrap();
        last = Some(heard);
    }
    let (conversation, _) = last.unwrap();
    let heard = world.hear("16505550101", "And a draft?", 10).await;
    let mut tx = world.tx().await;
    let draft = answered(&mut tx, heard, AnswerState::Drafted, AiMode::Draft).await;
    answers::decide(&mut tx, draft, AnswerState::Sent, world.user, None).await.unwrap();
    assert_eq!(
        answers::replies_in_a_row(&mut tx, conversation).await.unwrap(),
        3,
        "what a person sent is no automatic answer"
    );
    assert_eq!(answers::replies_last_hour(&mut tx, conversation).await.unwrap(), 3);
    assert!(answers::answered_before(&mut tx, conversation).await.unwrap());
    let own = NewOutgoing { user: Some(world.user), ..reply(conversation, Sender::Person, "It is me.") };
    outgoing::add(&mut tx, &own).await.unwrap();
    assert_eq!(answers::replies_in_a_row(&mut tx, conversation).await.unwrap(), 0, "a person wrote");
    tx.commit().await.unwrap();
    world.test.execute("update ai_answers set created_at = created_at - interval '25 hours'").await;
    let mut tx = world.tx().await;
    assert_eq!(answers::replies_last_hour(&mut tx, conversation).await.unwrap(), 0);
    let nobody = answers::begin(&mut tx, &new(conversation, new_id(), AiMode::Auto)).await;
    assert!(matches!(nobody, Err(Error::Refused(_))), "a message that does not exist");
}
