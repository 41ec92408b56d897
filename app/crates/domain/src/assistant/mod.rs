//! What does the assistant do with a customer's message? It answers from what the business knows, as a draft or by itself,
//! or it hands over to people; each time it leaves an answer with its sources and its trace.

#[cfg(feature = "text")]
pub mod guard;
#[cfg(feature = "text")]
pub mod hours;
#[cfg(feature = "text")]
pub mod passages;
pub mod rehearsal;
#[cfg(feature = "text")]
pub mod rules;
pub mod settings;
pub mod sources;
#[cfg(feature = "text")]
pub mod terms;
pub mod view;
pub mod word_diff;

use serde::{Deserialize, Serialize};

use crate::KnowledgeId;
use crate::messaging::words;

/// The most characters of an answer (`ai_answers.draft`).
pub const LONGEST_ANSWER: usize = 8000;
/// The most characters of the text of a source (`knowledge.content`).
pub const LONGEST_CONTENT: usize = 100_000;
/// The most characters of a question or a title of a source.
pub const LONGEST_TITLE: usize = 500;
/// The most characters of a passage (`knowledge_passages.content`).
pub const LONGEST_PASSAGE: usize = 2000;

words! {
    /// What became of an answer (`ai_answers.state`).
    AnswerState {
        /// The assistant works on it.
        Thinking = "thinking",
        /// A draft waits for a person.
        Drafted = "drafted",
        /// It was sent as the assistant wrote it.
        Sent = "sent",
        /// A person sent it in other words.
        Edited = "edited",
        /// A person did not want it.
        Dismissed = "dismissed",
        /// Something else came first: a newer message, or a person's answer.
        Dropped = "dropped",
        /// The assistant handed over to people.
        HandedOver = "handed_over",
        /// It could not be written.
        Failed = "failed",
    }
}

impl AnswerState {
    /// Whether nothing changes it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Thinking | Self::Drafted)
    }
}

words! {
    /// Why the assistant hands over to people.
    HandOver {
        /// The customer asked for a person.
        AskedForPerson = "asked_for_person",
        /// Nothing that the business knows answers the question.
        NoKnowledge = "no_knowledge",
        /// It is about a topic that the business keeps to itself.
        NeverTopic = "never_topic",
        /// The customer is angry.
        Angry = "angry",
        /// The assistant answered too often, in a row or within an hour.
        TooManyReplies = "too_many_replies",
        /// The business's tokens of the day are used up.
        Budget = "budget",
        /// The model does not answer.
        ProviderDown = "provider_down",
        /// The answer was not fit to be sent.
        Blocked = "blocked",
        /// The model asked for a person.
        ModelAsked = "model_asked",
        /// Nothing may be sent to the customer now.
        OutsideWindow = "outside_window",
    }
}

words! {
    /// What a source is (`knowledge.kind`).
    KnowledgeKind {
        /// A question and its answer.
        Qa = "qa",
        /// A text.
        Text = "text",
        /// A page of a web site.
        Page = "page",
        /// A file, of which only the text is kept.
        File = "file",
    }
}

impl KnowledgeKind {
    /// Whether a worker reads it. People write the others.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Page | Self::File)
    }
}

/// What an answer is taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The source.
    pub knowledge: KnowledgeId,
    /// Its title or question.
    #[serde(default)]
    pub title: String,
    /// The passage.
    #[serde(default)]
    pub passage: String,
}

/// What the assistant decided to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Answer with this text.
    Answer {
        /// The text.
        text: String,
        /// What it is taken from.
        sources: Vec<Source>,
        /// How sure the assistant is, from 0 to 1.
        confidence: f32,
    },
    /// Leave it to people.
    HandOver {
        /// Why.
        reason: HandOver,
    },
}

/// The steps of an answer, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The steps.
    #[serde(default)]
    pub steps: Vec<TraceStep>,
}

/// One step of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// Its name: `rules`, `search`, `model`, `guard`, `send` …
    pub name: String,
    /// When it ended, in milliseconds from the beginning.
    #[serde(default)]
    pub at_ms: u32,
    /// What it found, in words.
    #[serde(default)]
    pub detail: String,
}

/// Number of steps of a trace that are kept.
const MOST_STEPS: usize = 30;
/// The most characters of a step's detail.
const LONGEST_DETAIL: usize = 300;

impl Trace {
    /// Adds a step. A detail that is too long is cut, and steps after the thirtieth are left out, so that a trace fits its
    /// column.
    pub fn step(&mut self, name: &str, at_ms: u32, detail: impl Into<String>) {
        if self.steps.len() < MOST_STEPS {
            let detail = detail.into().chars().take(LONGEST_DETAIL).collect();
            self.steps.push(TraceStep { name: name.to_owned(), at_ms, detail });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_under_its_key_and_written_as_it() {
        for state in AnswerState::ALL {
            assert_eq!(AnswerState::parse(state.key()), Some(*state));
            assert_eq!(serde_json::to_value(state).expect("JSON"), state.key());
        }
        for reason in HandOver::ALL {
            assert_eq!(HandOver::parse(reason.key()), Some(*reason));
            assert_eq!(serde_json::to_value(reason).expect("JSON"), reason.key());
        }
        for kind in KnowledgeKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("JSON"), kind.key());
        }
        let open: Vec<_> = AnswerState::ALL.iter().filter(|state| !state.is_final()).collect();
        assert_eq!(open, [&AnswerState::Thinking, &AnswerState::Drafted]);
    }

    #[test]
    fn a_trace_fits_its_column_whatever_is_written_into_it() {
        let mut trace = Trace::default();
        for number in 0..1000 {
            trace.step("model", number, "\u{1f600}\"\\".repeat(5000));
        }
        assert_eq!(trace.steps.len(), MOST_STEPS);
        assert!(serde_json::to_string(&trace).expect("JSON").len() <= 65_536);
    }

    #[test]
    fn a_trace_and_a_source_of_another_version_are_read_as_far_as_they_go() {
        let trace: Trace =
            serde_json::from_value(serde_json::json!({ "steps": [{ "name": "x" }], "new": 1 })).expect("a trace");
        assert_eq!(trace.steps[0].at_ms, 0);
        assert_eq!(serde_json::from_value::<Trace>(serde_json::json!({})).expect("a trace"), Trace::default());
    }
}
