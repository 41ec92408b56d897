//! What would the assistant say? A test chat asks it as a customer would; a rehearsal asks it what customers asked before, and
//! puts what it would say beside what was said then. Nothing of it reaches a customer.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::settings::Settings;
use super::{Source, Trace};
use crate::messaging::{Channel, Sender, words};
use crate::{ConversationId, MessageId, RehearsalCaseId, RehearsalId};

/// The most questions of a rehearsal, and of a test chat.
pub const MOST_CASES: usize = 20;
/// The most characters of a question in a test chat.
pub const LONGEST_QUESTION: usize = 2000;
/// The most characters of what was said then (`ai_rehearsal_cases.then_text`).
pub const LONGEST_THEN: usize = 8000;
/// Number of questions that a business may ask in test chats within 24 hours.
pub const QUESTIONS_A_DAY: i64 = 200;
/// Number of rehearsals that a business may begin within 24 hours.
pub const REHEARSALS_A_DAY: i64 = 20;

words! {
    /// What asks the assistant (`ai_rehearsals.kind`).
    RunKind {
        /// A person, one question after the other.
        Chat = "chat",
        /// A list of past questions.
        Rehearsal = "rehearsal",
    }
}

words! {
    /// How far a rehearsal is (`ai_rehearsals.state`).
    RunState {
        /// Questions wait for their answer.
        Running = "running",
        /// Each question has what became of it.
        Done = "done",
        /// A person ended it before.
        Cancelled = "cancelled",
    }
}

words! {
    /// What became of a question (`ai_rehearsal_cases.state`).
    CaseState {
        /// Nothing yet.
        Waiting = "waiting",
        /// It would be answered.
        Answered = "answered",
        /// It would be handed over to people.
        HandedOver = "handed_over",
        /// Nobody would be answered.
        Quiet = "quiet",
        /// It could not be tried.
        Failed = "failed",
        /// The rehearsal was cancelled before.
        Cancelled = "cancelled",
    }
}

words! {
    /// What a person makes of an answer, compared with the one of then (`ai_rehearsal_cases.mark`).
    Mark {
        /// It is better.
        Better = "better",
        /// It is as good.
        Same = "same",
        /// It is worse.
        Worse = "worse",
    }
}

/// Something that a customer asked and that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastQuestion {
    /// The customer's message.
    pub message: MessageId,
    /// The customer's name, or the best we know.
    pub contact_name: String,
    /// The kind of channel.
    pub channel: Channel,
    /// The beginning of the message.
    pub question: String,
    /// The beginning of the answer.
    pub answer: String,
    /// When it was asked.
    pub at: DateTime<Utc>,
}

/// How many questions ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Those that are not decided.
    pub waiting: usize,
    /// Those that would be answered.
    pub answered: usize,
    /// Those that people would answer.
    pub handed_over: usize,
    /// Those to which nothing would be said.
    pub quiet: usize,
    /// Those that could not be tried, or were cancelled.
    pub untried: usize,
}

impl Tally {
    /// Counts these.
    #[must_use]
    pub fn of(states: impl IntoIterator<Item = CaseState>) -> Self {
        let mut tally = Self::default();
        for state in states {
            *match state {
                CaseState::Waiting => &mut tally.waiting,
                CaseState::Answered => &mut tally.answered,
                CaseState::HandedOver => &mut tally.handed_over,
                CaseState::Quiet => &mut tally.quiet,
                CaseState::Failed | CaseState::Cancelled => &mut tally.untried,
            } += 1;
        }
        tally
    }

    /// All of them.
    #[must_use]
    pub const fn all(&self) -> usize {
        self.waiting + self.answered + self.handed_over + self.quiet + self.untried
    }
}

/// A line of the list of rehearsals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLine {
    /// Its id.
    pub id: RehearsalId,
    /// How far it is.
    pub state: RunState,
    /// Whether it tried the settings in use, and not the saved ones.
    pub is_published: bool,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// The name of who began it.
    pub by: Option<String>,
    /// What became of its questions.
    pub tally: Tally,
}

/// A rehearsal or test chat with its questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// What the list says of it.
    pub line: RunLine,
    /// What asks.
    pub kind: RunKind,
    /// The settings that it tried.
    pub settings: Settings,
    /// Its questions, in their order.
    pub cases: Vec<CaseView>,
}

/// A question, what was said then, and what the assistant would say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    /// Its id.
    pub id: RehearsalCaseId,
    /// The conversation in which it was asked. `None` in a test chat.
    pub conversation: Option<ConversationId>,
    /// The question.
    pub question: String,
    /// What was said then; empty in a test chat.
    pub then_text: String,
    /// Who said it.
    pub then_sender: Option<Sender>,
    /// What became of it.
    pub state: CaseState,
    /// What the assistant would say; empty if nothing. While it waits in a test chat, what is written so far.
    pub answer: String,
    /// Why it would say nothing, or hand over: the key of a [`HandOver`](super::HandOver), or a word of ours.
    pub reason: String,
    /// What the answer is taken from.
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
    /// Its cost in millionths of a US dollar. `None` if the price is not known.
    pub cost_micros: Option<i64>,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<i32>,
    /// What a person makes of it.
    pub mark: Option<Mark>,
}

/// What a rehearsal cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens of prompts.
    pub prompt_tokens: i64,
    /// Tokens of answers.
    pub completion_tokens: i64,
    /// Millionths of a US dollar. `None` if the price of one answer is not known.
    pub cost_micros: Option<i64>,
}

impl RunView {
    /// What its questions cost so far.
    #[must_use]
    pub fn spent(&self) -> Spent {
        let paid = || self.cases.iter().filter(|case| case.prompt_tokens > 0 || case.completion_tokens > 0);
        Spent {
            prompt_tokens: paid().map(|case| i64::from(case.prompt_tokens)).sum(),
            completion_tokens: paid().map(|case| i64::from(case.completion_tokens)).sum(),
            cost_micros: paid().map(|case| case.cost_micros).sum(),
        }
    }

    /// How many answers are better, as good and worse.
    #[must_use]
    pub fn marks(&self) -> [usize; 3] {
        let count = |mark| self.cases.iter().filter(|case| case.mark == Some(mark)).count();
        [count(Mark::Better), count(Mark::Same), count(Mark::Worse)]
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn case(state: CaseState, tokens: i32, cost_micros: Option<i64>, mark: Option<Mark>) -> CaseView {
        CaseView {
            id: RehearsalCaseId(Uuid::nil()),
            conversation: None,
            question: "Are you open?".to_owned(),
            then_text: String::new(),
            then_sender: None,
            state,
            answer: String::new(),
            reason: String::new(),
            sources: Vec::new(),
            trace: Trace::default(),
            provider: String::new(),
            model: String::new(),
            prompt_tokens: tokens,
            completion_tokens: 0,
            cost_micros,
            latency_ms: None,
            mark,
        }
    }

    fn run(cases: Vec<CaseView>) -> RunView {
        let line = RunLine {
            id: RehearsalId(Uuid::nil()),
            state: RunState::Done,
            is_published: false,
            created_at: DateTime::UNIX_EPOCH,
            by: None,
            tally: Tally::of(cases.iter().map(|case| case.state)),
        };
        RunView { line, kind: RunKind::Rehearsal, settings: Settings::default(), cases }
    }

    #[test]
    fn every_state_is_counted_once() {
        let tally = Tally::of(CaseState::ALL.iter().copied());
        assert_eq!(tally.all(), CaseState::ALL.len());
        let expected = Tally { waiting: 1, answered: 1, handed_over: 1, quiet: 1, untried: 2 };
        assert_eq!(tally, expected);
    }

    #[test]
    fn a_cost_is_known_if_the_price_of_each_answer_is() {
        let answered = |tokens, cost| case(CaseState::Answered, tokens, cost, Some(Mark::Better));
        for (cases, cost) in [
            (vec![], Some(0)),
            (vec![answered(0, None)], Some(0)),
            (vec![answered(9, Some(4)), answered(0, None), answered(1, Some(2))], Some(6)),
            (vec![answered(9, Some(4)), answered(1, None)], None),
        ] {
            let tokens = cases.iter().map(|case| i64::from(case.prompt_tokens)).sum::<i64>();
            let marks = [cases.len(), 0, 0];
            let run = run(cases);
            assert_eq!((run.spent().prompt_tokens, run.spent().cost_micros, run.marks()), (tokens, cost, marks));
        }
    }

    #[test]
    fn every_word_is_found_under_its_key() {
        for kind in RunKind::ALL {
            assert_eq!(RunKind::parse(kind.key()), Some(*kind));
        }
        for state in RunState::ALL {
            assert_eq!(RunState::parse(state.key()), Some(*state));
        }
        for state in CaseState::ALL {
            assert_eq!(CaseState::parse(state.key()), Some(*state));
        }
        for mark in Mark::ALL {
            assert_eq!(Mark::parse(mark.key()), Some(*mark));
        }
    }
}
