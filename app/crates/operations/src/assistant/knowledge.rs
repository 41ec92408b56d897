//! How does what an assistant knows change? A question with its answer, or a text with its title, counts from the next
//! message on.

use domain::KnowledgeId;
use domain::assistant::sources::page_address;
use domain::assistant::view::KnowledgeView;
use domain::assistant::{KnowledgeKind, LONGEST_CONTENT, LONGEST_TITLE};
use domain::field::FieldError;
use domain::permission::Right;
use domain::text::{self, TextError};
use serde_json::{Value, json};
use store::assistant::knowledge;
use store::audit::{self, Act};
use store::tenant::TenantTx;

use crate::{BusinessActor, Refusal};

/// Something that the assistant is to know, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A question and its answer.
    Question {
        /// The question.
        question: String,
        /// The answer.
        answer: String,
    },
    /// A text.
    Text {
        /// Its title.
        title: String,
        /// The text.
        content: String,
    },
}

impl Typed {
    /// What it is.
    const fn kind(&self) -> KnowledgeKind {
        match self {
            Self::Question { .. } => KnowledgeKind::Qa,
            Self::Text { .. } => KnowledgeKind::Text,
        }
    }

    /// The question or title, and the answer or text, as they are stored. Errors stand at the fields `question`, `title`
    /// and `content`.
    fn checked(&self) -> Result<(String, String), Refusal> {
        let (head, typed_head, typed_content, what) = match self {
            Self::Question { question, answer } => ("question", question, answer, ["a question", "an answer"]),
            Self::Text { title, content } => ("title", title, content, ["a title", "a text"]),
        };
        let mut errors = Vec::new();
        let title = text::name(typed_head, LONGEST_TITLE).unwrap_or_else(|error| {
            errors.push(FieldError::new(head, error.say(what[0])));
            String::new()
        });
        let content = text::lines(typed_content);
        let wrong = match (content.is_empty(), text::fits(&content, LONGEST_CONTENT)) {
            (true, _) => Some(TextError::Empty),
            (false, false) => Some(TextError::Long(LONGEST_CONTENT)),
            (false, true) => None,
        };
        errors.extend(wrong.map(|error| FieldError::new("content", error.say(what[1]))));
        if errors.is_empty() { Ok((title, content)) } else { Err(Refusal::Invalid(errors)) }
    }
}

/// Adds something that the assistant knows.
///
/// # Errors
/// `Invalid` with the fields that are wrong; `State` if the business has as much knowledge as is searched.
pub async fn add(actor: &BusinessActor, typed: Typed) -> Result<KnowledgeId, Refusal> {
    let allowed = actor.require(Right::AssistantManage)?;
    let (title, content) = typed.checked()?;
    let mut tx = allowed.begin().await?;
    let added = match &typed {
        Typed::Question { .. } => knowledge::add_qa(&mut tx, &title, &content).await,
        Typed::Text { .. } => knowledge::add_text(&mut tx, &title, &content).await,
    };
    let id = added.map_err(full)?;
    record(&mut tx, id, "knowledge.added", json!({ "kind": typed.kind().key() })).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes something that the assistant knows.
///
/// # Errors
/// As `add`; `NotFound` if it is not known, or of the other kind.
pub async fn change(actor: &BusinessActor, id: KnowledgeId, typed: Typed) -> Result<(), Refusal> {
    let allowed = actor.require(Right::AssistantManage)?;
    let (title, content) = typed.checked()?;
    let mut tx = allowed.begin().await?;
    if knowledge::get(&mut tx, id).await?.kind != typed.kind() {
        return Err(Refusal::NotFound);
    }
    knowledge::change(&mut tx, id, &title, &content).await.map_err(full)?;
    record(&mut tx, id, "knowledge.changed", json!({ "kind": typed.kind().key() })).await?;
    Ok(tx.commit().await?)
}

/// Removes something that the assistant knows. Answers that were given keep their sources.
///
/// # Errors
/// `NotFound` if it is not known.
pub async fn remove(actor: &BusinessActor, id: KnowledgeId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AssistantManage)?.begin().await?;
    let known = knowledge::get(&mut tx, id).await?;
    knowledge::delete(&mut tx, id).await?;
    record(&mut tx, id, "knowledge.removed", named(&known)).await?;
    Ok(tx.commit().await?)
}

/// A refusal because the business has as much knowledge as a search reads in time.
pub(super) fn full(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(what) if what == knowledge::FULL => Refusal::State(
            "Your knowledge is full, so nothing was saved. Remove what's outdated, then try again.".to_owned(),
        ),
        other => other.into(),
    }
}

/// What the audit log says of a source: its kind, and the site of a page or the name of a file.
pub(super) fn named(known: &KnowledgeView) -> Value {
    let name = match known.kind {
        KnowledgeKind::Page => page_address(&known.origin).ok().and_then(|url| url.host_str().map(ToOwned::to_owned)),
        KnowledgeKind::File => Some(known.origin.clone()),
        KnowledgeKind::Qa | KnowledgeKind::Text => None,
    };
    json!({ "kind": known.kind.key(), "name": name })
}

/// Writes the audit row. What is known stays out of the log.
async fn record(tx: &mut TenantTx, id: KnowledgeId, action: &'static str, payload: Value) -> Result<(), Refusal> {
    Ok(audit::record(tx, Act::new(action, "knowledge").object(id).payload(payload)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(typed: &Typed) -> Vec<String> {
        match typed.checked() {
            Err(Refusal::Invalid(errors)) => errors.into_iter().map(|error| error.pointer).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let question =
            |question: &str, answer: &str| Typed::Question { question: question.into(), answer: answer.into() };
        let text = |title: &str, content: &str| Typed::Text { title: title.into(), content: content.into() };
        let (long, longer) = ("a".repeat(LONGEST_TITLE + 1), "b".repeat(LONGEST_CONTENT + 1));
        assert_eq!(wrong(&question("When?", "At nine.")), Vec::<String>::new());
        assert_eq!(wrong(&question(" \u{200b}", "\n")), ["question", "content"]);
        assert_eq!(wrong(&question(&long, &longer)), ["question", "content"]);
        assert_eq!(wrong(&text("", "")), ["title", "content"]);
        assert_eq!(text(" Our  prices ", " 80\r\n90 ").checked().unwrap(), ("Our prices".into(), "80\n90".into()));
    }
}
