//! How is the assistant tried before it answers customers? A person asks it in a test chat, or rehearses the saved settings on
//! what customers asked before. Workers ask it; nothing reaches a customer.

use std::collections::BTreeSet;

use domain::assistant::rehearsal::{
    CaseState, LONGEST_QUESTION, MOST_CASES, Mark, QUESTIONS_A_DAY, REHEARSALS_A_DAY, RunKind, RunView,
};
use domain::permission::Right;
use domain::text::{self, TextError};
use domain::{MessageId, RehearsalCaseId, RehearsalId};
use serde_json::json;
use store::assistant::rehearsal::{self as stored, NewCase, NewRun};
use store::assistant::settings;
use store::audit::{self, Act};

use crate::{BusinessActor, Refusal};

/// A question of a test chat.
#[derive(Clone, Debug)]
pub struct Question {
    /// As typed.
    pub text: String,
    /// Whether the settings in use are tried, and not the saved ones.
    pub is_published: bool,
    /// The test chat that goes on. `None` for a new one.
    pub chat: Option<RehearsalId>,
}

/// Asks the assistant a question. The test chat goes on if its settings are still those that are tried and it has room; else a
/// new one begins.
///
/// # Errors
/// `Invalid` with the field that is wrong; `State` while the last question waits for its answer; `DailyLimit` after as many
/// questions as a day has.
pub async fn try_out(actor: &BusinessActor, question: &Question) -> Result<(), Refusal> {
    let allowed = actor.require(Right::AssistantManage)?;
    let typed = typed(&question.text)?;
    let mut tx = allowed.begin().await?;
    stored::one_at_a_time(&mut tx).await?;
    if stored::asked_today(&mut tx).await? >= QUESTIONS_A_DAY {
        let most = QUESTIONS_A_DAY;
        return Err(Refusal::DailyLimit(format!("{most} questions were asked in a day, which is the most.")));
    }
    let row = settings::get(&mut tx).await?;
    let settings = if question.is_published { row.in_force() } else { row.settings };
    let chat = stored::chat(&mut tx, actor.user()).await?.filter(|chat| Some(chat.line.id) == question.chat);
    if chat.as_ref().is_some_and(is_thinking) {
        return Err(Refusal::State("The assistant is still working on your last question.".to_owned()));
    }
    let fits = |chat: &RunView| {
        chat.settings == settings && chat.line.is_published == question.is_published && chat.cases.len() < MOST_CASES
    };
    let (run, position) = match chat.filter(fits) {
        Some(chat) => (chat.line.id, chat.cases.len()),
        None => {
            let new = NewRun {
                kind: RunKind::Chat,
                is_published: question.is_published,
                version: row.version,
                settings: &settings,
                by: actor.user(),
            };
            (stored::begin(&mut tx, &new).await?, 0)
        }
    };
    let new = NewCase { question: &typed, trigger: None, then_text: "", then_sender: None };
    stored::add(&mut tx, run, position, &new).await?;
    Ok(tx.commit().await?)
}

fn is_thinking(chat: &RunView) -> bool {
    chat.cases.iter().any(|case| case.state == CaseState::Waiting)
}

/// A question, cleaned.
fn typed(question: &str) -> Result<String, Refusal> {
    let typed = text::lines(question);
    if typed.is_empty() {
        return Err(Refusal::field("question", &TextError::Empty.say("a question")));
    }
    if !text::fits(&typed, LONGEST_QUESTION) {
        return Err(Refusal::field("question", &TextError::Long(LONGEST_QUESTION).say("a question")));
    }
    Ok(typed)
}

/// Rehearses the saved settings on messages of customers that were answered.
///
/// # Errors
/// `Invalid` if there is none or too many; `NotFound` if one is no message of a customer of the business that was answered;
/// `State` while another rehearsal runs; `DailyLimit` after as many rehearsals as a day has.
pub async fn start_rehearsal(actor: &BusinessActor, messages: &[MessageId]) -> Result<RehearsalId, Refusal> {
    let allowed = actor.require(Right::AssistantManage)?;
    let messages = chosen(messages)?;
    let mut tx = allowed.begin().await?;
    stored::one_at_a_time(&mut tx).await?;
    if stored::runs(&mut tx).await? {
        return Err(Refusal::State("Another rehearsal is running. Wait until it's done, or cancel it.".to_owned()));
    }
    if stored::begun_today(&mut tx, RunKind::Rehearsal).await? >= REHEARSALS_A_DAY {
        let most = REHEARSALS_A_DAY;
        return Err(Refusal::DailyLimit(format!("{most} rehearsals were begun in a day, which is the most.")));
    }
    let row = settings::get(&mut tx).await?;
    let new = NewRun {
        kind: RunKind::Rehearsal,
        is_published: false,
        version: row.version,
        settings: &row.settings,
        by: actor.user(),
    };
    let run = stored::begin(&mut tx, &new).await?;
    for (position, message) in messages.iter().enumerate() {
        let past = stored::past(&mut tx, *message).await?.ok_or(Refusal::NotFound)?;
        let new = NewCase {
            question: &past.question,
            trigger: Some(*message),
            then_text: &past.then_text,
            then_sender: Some(past.then_sender),
        };
        stored::add(&mut tx, run, position, &new).await?;
    }
    let act = Act::new("rehearsal.started", "rehearsal").object(run);
    audit::record(&mut tx, act.payload(json!({ "questions": messages.len() }))).await?;
    tx.commit().await?;
    Ok(run)
}

/// The messages, each once, in the order of the form.
fn chosen(messages: &[MessageId]) -> Result<Vec<MessageId>, Refusal> {
    let mut known = BTreeSet::new();
    let messages: Vec<MessageId> = messages.iter().copied().filter(|message| known.insert(*message)).collect();
    match messages.len() {
        0 => Err(Refusal::field("messages", "Choose at least one question.")),
        1..=MOST_CASES => Ok(messages),
        _ => Err(Refusal::field("messages", &format!("Choose at most {MOST_CASES} questions."))),
    }
}

/// Ends a rehearsal before it is done. What was answered until then stays.
///
/// # Errors
/// `NotFound` if there is no such rehearsal; `State` if it ended before.
pub async fn cancel_rehearsal(actor: &BusinessActor, run: RehearsalId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AssistantManage)?.begin().await?;
    match stored::cancel(&mut tx, run).await {
        Err(store::Error::Stale) => return Err(Refusal::State("This rehearsal has already ended.".to_owned())),
        done => done?,
    }
    audit::record(&mut tx, Act::new("rehearsal.cancelled", "rehearsal").object(run)).await?;
    Ok(tx.commit().await?)
}

/// Keeps what a person makes of an answer, compared with the one of then. Returns the rehearsal.
///
/// # Errors
/// `NotFound` if there is no such question of a rehearsal, or it has no result.
pub async fn mark_rehearsed(actor: &BusinessActor, case: RehearsalCaseId, mark: Mark) -> Result<RehearsalId, Refusal> {
    let mut tx = actor.require(Right::AssistantManage)?.begin().await?;
    let run = stored::mark(&mut tx, case, mark).await?;
    tx.commit().await?;
    Ok(run)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_question_is_cleaned_and_neither_empty_nor_endless() {
        assert_eq!(typed(" Are you\u{0} open? \r\n").unwrap(), "Are you open?");
        for wrong in ["", " \u{200b}\n", &"a".repeat(LONGEST_QUESTION + 1)] {
            assert!(matches!(typed(wrong), Err(Refusal::Invalid(errors)) if errors[0].pointer == "question"));
        }
    }

    #[test]
    fn each_message_is_chosen_once_and_some_but_not_too_many_are() {
        let ids = |count: u128| (0..count).map(|at| MessageId(Uuid::from_u128(at))).collect::<Vec<_>>();
        let most = MOST_CASES as u128;
        for (messages, fits) in [(ids(0), false), (ids(1), true), (ids(most), true), (ids(most + 1), false)] {
            assert_eq!(chosen(&messages).is_ok(), fits, "{}", messages.len());
        }
        let twice: Vec<MessageId> = ids(most).into_iter().chain(ids(most)).collect();
        assert_eq!(chosen(&twice).unwrap(), ids(most));
    }
}
