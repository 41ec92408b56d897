//! What do pages show of the assistant? Its settings and their versions, what it knows, its drafts, and its answers with
//! their traces.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::settings::Settings;
use super::sources::{Problem, SourceState};
use super::{AnswerState, KnowledgeKind, Source, Trace};
use crate::messaging::{AiMode, Channel};
use crate::{AnswerId, ConversationId, KnowledgeId, MessageId};

/// A draft that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftView {
    /// The answer.
    pub answer: AnswerId,
    /// The message that it answers.
    pub trigger: MessageId,
    /// Its text.
    pub text: String,
    /// What it is taken from.
    pub sources: Vec<Source>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
}

/// A line of the list of answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerLine {
    /// Its id.
    pub id: AnswerId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The contact's name, or the best we know.
    pub contact_name: String,
    /// The kind of channel.
    pub channel: Channel,
    /// What the assistant was to do.
    pub mode: AiMode,
    /// What became of it.
    pub state: AnswerState,
    /// The beginning of the customer's message; empty if it is gone.
    pub question: String,
    /// The beginning of the answer; empty if there is none.
    pub text: String,
    /// Why it ended so: the key of a [`HandOver`](super::HandOver), or a word of ours; empty without one.
    pub reason: String,
    /// Tokens of the model, of prompt and answer.
    pub tokens: i64,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
}

/// An answer with its trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerView {
    /// What the list says of it, with whole texts.
    pub line: AnswerLine,
    /// The message that it answers.
    pub trigger: MessageId,
    /// The version of the settings; 0 for those that nobody published.
    pub version: i32,
    /// What it is taken from.
    pub sources: Vec<Source>,
    /// The steps.
    pub trace: Trace,
    /// Who wrote it: `local`, `openai` or `anthropic`; empty if nobody was asked.
    pub provider: String,
    /// The model, as its provider calls it; empty if none was asked.
    pub model: String,
    /// Tokens of the prompt.
    pub prompt_tokens: i32,
    /// Tokens of the answer.
    pub completion_tokens: i32,
    /// Those of its tokens whose cost is known.
    pub priced_tokens: i32,
    /// What these cost, in millionths of a US dollar.
    pub cost_micros: i64,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<i32>,
    /// The message that was sent.
    pub reply: Option<MessageId>,
    /// The name of the person who decided about the draft.
    pub decided_by: Option<String>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
}

/// A line of the list of sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeLine {
    /// Its id.
    pub id: KnowledgeId,
    /// What it is.
    pub kind: KnowledgeKind,
    /// Its title, or the question.
    pub title: String,
    /// The beginning of its text, or of the answer.
    pub content: String,
    /// Number of its passages.
    pub passages: i64,
    /// The address of a page or the name of a file; empty for what people write.
    pub origin: String,
    /// How far a page or file is read.
    pub state: SourceState,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A source as it is edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeView {
    /// Its id.
    pub id: KnowledgeId,
    /// What it is.
    pub kind: KnowledgeKind,
    /// Its title; empty for a question.
    pub title: String,
    /// The question; empty for a text.
    pub question: String,
    /// Its text, or the answer.
    pub content: String,
    /// Its passages, in their order.
    pub passages: Vec<String>,
    /// The address of a page or the name of a file; empty for what people write.
    pub origin: String,
    /// How far a page or file is read.
    pub state: SourceState,
    /// Why it could not be read the last time.
    pub problem: Option<Problem>,
    /// When it was last read.
    pub read_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The settings as they are edited and as they apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// As they are edited.
    pub draft: Settings,
    /// As they were last published. `None` if they never were; then the default ones apply.
    pub published: Option<Settings>,
    /// The number of the published version; 0 if there is none.
    pub version: i32,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// The name of who published it.
    pub published_by: Option<String>,
}

/// A line of the list of published versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionLine {
    /// Its number, from 1.
    pub version: i32,
    /// When it was published.
    pub created_at: DateTime<Utc>,
    /// The name of who published it.
    pub published_by: Option<String>,
}
