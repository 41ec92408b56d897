//! Defines a step: something that can be found, made and undone. The engine always looks before it makes. Every outcome
//! except success is a [`Stop`], and each variant says what follows.

use std::time::Duration;

use chrono::Utc;
use domain::BusinessId;
use domain::provisioning::{Choice, LEFT_AS_IT_IS, Question, QuestionKind, Step, TodoItem};
use domain::{EffectId, field::FieldError};
use ghl::{Kind, Reason};
use serde_json::{Value, json};
use store::provisioning::Cause;

use super::run::Run;
use crate::retry;
use crate::time_scale::minutes;

/// One step of the plan.
pub trait StepWork {
    /// Looks whether it is done already, by evidence outside and by our own rows.
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop>;
    /// Does it. Only called when `find` found nothing.
    async fn make(run: &mut Run) -> Result<Made, Stop>;
    /// Takes back what can be taken back. Doing it twice changes nothing more.
    async fn undo(run: &mut Run) -> Result<Undone, Stop>;
}

/// A step that is done; what it decides is written with its end, in one transaction.
#[derive(Debug, Default)]
pub struct Made {
    /// What later steps and the job page read.
    pub output: Value,
    /// The line in the log.
    pub message: String,
    /// Writes that are certain now.
    pub confirmed: Vec<(EffectId, String)>,
    /// The location, when it became certain.
    pub location: Option<String>,
    /// The business, when it was created.
    pub business: Option<BusinessId>,
}

impl Made {
    /// A step that found or made this.
    #[must_use]
    pub fn new(message: impl Into<String>, output: Value) -> Self {
        Self { message: message.into(), output, ..Self::default() }
    }
}

/// A step that is undone.
#[derive(Debug, Default)]
pub struct Undone {
    /// What was taken back, parked or kept; empty where nothing had to be.
    pub done: Vec<String>,
    /// What is left for a person.
    pub todo: Vec<TodoItem>,
}

/// Why a step does not go on right now.
#[derive(Debug)]
pub enum Stop {
    /// It rests: a poll, a limit, evidence to come. Counts as no failure.
    Wait {
        /// In words.
        reason: String,
        /// How long, unscaled.
        delay: Duration,
    },
    /// HighLevel is left alone for a moment. However long that lasts, it is no failure and no question.
    Hold {
        /// In words.
        reason: String,
        /// How long, unscaled.
        delay: Duration,
    },
    /// It failed and may be tried again.
    Again(Cause),
    /// HighLevel fails or cannot be reached: waited out with ever longer pauses, which use up no try.
    Outage(Cause),
    /// A permission is missing: a location's token is minted anew once, then a person is asked.
    Scope(Box<Question>),
    /// A person has to answer.
    Ask(Box<Question>),
    /// It will not work.
    GiveUp(Cause),
    /// The token was not accepted: renewed once; a renewed one that is refused, too, is trouble of HighLevel's.
    Unauthorised,
    /// A person wants the job stopped.
    Cancel,
    /// The claim is gone; nothing may be decided.
    Lost,
    /// The process was asked to end: between two steps the job is given back to whoever comes next.
    Leaving,
    /// Our own database is away, which passes by itself. What it refuses for good is [`Stop::Again`], which is counted.
    Trouble(store::Error),
    /// A test ends the worker here.
    #[cfg(feature = "testing")]
    Died,
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Stale => Self::Lost,
            away if away.passes() => Self::Trouble(away),
            // What the database or a key refuses now it refuses again: a few tries, then a person sees it.
            other => Self::again("records", format!("Slipway could not write down or read what it needs: {other}.")),
        }
    }
}

impl Stop {
    /// A failure that may pass.
    #[must_use]
    pub fn again(class: &'static str, detail: impl Into<String>) -> Self {
        Self::Again(Cause { class, detail: detail.into() })
    }

    /// A rest of this length.
    #[must_use]
    pub fn wait(reason: impl Into<String>, delay: Duration) -> Self {
        Self::Wait { reason: reason.into(), delay }
    }

    /// Whether it says something of the world outside, and not of our own database, this worker or a person's wish.
    #[must_use]
    pub const fn is_outside(&self) -> bool {
        matches!(
            self,
            Self::Wait { .. }
                | Self::Hold { .. }
                | Self::Again(_)
                | Self::Outage(_)
                | Self::Scope(_)
                | Self::Ask(_)
                | Self::GiveUp(_)
                | Self::Unauthorised
        )
    }

    /// What happened, for the log.
    #[must_use]
    pub fn what(&self) -> &str {
        match self {
            Self::Wait { reason, .. } | Self::Hold { reason, .. } => reason,
            Self::Again(cause) | Self::Outage(cause) | Self::GiveUp(cause) => &cause.detail,
            Self::Ask(question) | Self::Scope(question) => &question.what,
            Self::Unauthorised => "HighLevel does not accept the token.",
            _ => "It was interrupted.",
        }
    }

    /// What a refused or failed call means for a step. An answer is no proof of what a write did: that is looked for apart from this.
    #[must_use]
    pub fn outside(step: Step, error: &ghl::Error) -> Self {
        let said = said(error);
        match &error.kind {
            Kind::Unauthorised => Self::Unauthorised,
            Kind::Limited { until, .. } => limited((*until - Utc::now()).to_std().unwrap_or_default()),
            Kind::Held { until } => {
                let delay = retry::after((*until - Utc::now()).to_std().unwrap_or_default());
                Self::Hold { reason: format!("{}.", error.message), delay }
            }
            Kind::Down => Self::Outage(Cause { class: "down", detail: said }),
            Kind::Unclear => Self::Outage(Cause { class: "unclear", detail: said }),
            Kind::Refused(Reason::Scope) => Self::Scope(Box::new(permission(step, &said, error.operation))),
            Kind::Refused(Reason::Grant | Reason::Version) => Self::Ask(Box::new(reconnect(step, &said))),
            Kind::Refused(Reason::Inactive) => Self::Hold {
                reason: format!(
                    "{said} HighLevel has paused it; the job looks again now and then and goes on by itself."
                ),
                delay: retry::around(PAUSED_LOOK),
            },
            Kind::Refused(reason) => {
                let effect = format!("{KEPT} {}", remedy(*reason));
                Self::Ask(Box::new(decide(step, &said, effect.trim_end())))
            }
            Kind::NotFound => {
                let effect = format!("{KEPT} Look in HighLevel whether it was removed there.");
                Self::Ask(Box::new(decide(step, &said, &effect)))
            }
            Kind::Invalid(lines) => Self::Ask(Box::new(fix_input(step, &said, lines))),
        }
    }
}

/// What is true of every question about a call: an answer alone does not say what the call changed.
const KEPT: &str = "What is done so far is kept; what this call may have changed is looked at before it is repeated.";
/// How often it is looked whether HighLevel lets a paused location or agency go on.
const PAUSED_LOOK: Duration = minutes(10);
/// However long HighLevel says that a limit lasts, so often it is looked whether it was lifted.
const LIMIT_LOOK: Duration = minutes(15);

/// Whether HighLevel's answer about a location of ours says that it is not there, or not for us: it has said so with each of these.
#[must_use]
pub const fn is_gone(error: &ghl::Error) -> bool {
    matches!(error.kind, Kind::NotFound | Kind::Refused(Reason::Location) | Kind::Invalid(_))
}

/// What happened, as a sentence: who, doing what, in their words.
pub fn said(error: &ghl::Error) -> String {
    let verb = match error.kind {
        Kind::Refused(_) | Kind::Invalid(_) | Kind::Unauthorised => "HighLevel refused",
        Kind::NotFound => "HighLevel does not know this",
        Kind::Limited { .. } => "HighLevel limits calls",
        Kind::Unclear => "No clear answer from HighLevel",
        Kind::Down | Kind::Held { .. } => "HighLevel could not be reached",
    };
    let words = error.message.trim().trim_end_matches('.');
    if words.is_empty() { format!("{verb} ({}).", error.doing) } else { format!("{verb} ({}): {words}.", error.doing) }
}

/// What a person can do about a refusal that will not pass by itself.
const fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::Plan => "The agency's HighLevel plan does not include this: raise it there, then try again.",
        Reason::Location => {
            "The connection does not reach this location. If it was deleted, undo this job; if the app was taken out of it, install the app there and try again."
        }
        Reason::Removed => "HighLevel no longer offers this call: leave the step out or tell support.",
        Reason::Other => "Look in HighLevel whether the connection's user may do this, then try again.",
        Reason::Scope | Reason::Version | Reason::Grant | Reason::Inactive => "",
    }
}

/// A limit passes by itself, be it the day's: nobody is asked, and it is looked now and then whether it was lifted.
fn limited(told: Duration) -> Stop {
    let reason = match told > retry::TOLD_CAP {
        true => "HighLevel's limit for today is used up; the job goes on by itself when it is lifted.",
        false => "HighLevel limits the number of calls; the job goes on when there is room.",
    };
    Stop::Hold { reason: reason.into(), delay: retry::after(told.min(LIMIT_LOOK)) }
}

/// A question about a permission that the connection lacks; names it where it is known.
fn permission(step: Step, said: &str, operation: &str) -> Question {
    match ghl::scope(operation) {
        Some(scope) => lacking(step, &format!("{said} The connection lacks the permission {scope}."), &[scope]),
        None => lacking(step, said, &["unknown"]),
    }
}

/// A question about permissions; only connecting again gives them, so nothing else lets the job go on by itself.
#[must_use]
pub fn lacking(step: Step, what: &str, scopes: &[&str]) -> Question {
    let fields = scopes.iter().map(|scope| FieldError::new("/scopes", (*scope).to_owned())).collect();
    Question { fields, ..reconnect(step, what) }
}

/// A question about a connection that does not open the door any more.
#[must_use]
pub fn reconnect(step: Step, what: &str) -> Question {
    Question {
        step,
        kind: QuestionKind::Reconnect,
        what: what.into(),
        effect: KEPT.into(),
        ask: "Connect HighLevel again on the Connections page: the job then goes on by itself.".into(),
        choices: vec![choice("again", "Go on", "The step is tried again with the new connection.")],
        fields: Vec::new(),
    }
}

/// A question without a better answer than trying again, leaving the step out, or undoing.
#[must_use]
pub fn decide(step: Step, what: &str, effect: &str) -> Question {
    let mut choices = vec![choice("again", "Try again", "The step begins anew.")];
    if let Some(consequence) = step.skip_consequence() {
        choices.push(choice("skip", "Leave this step out", consequence));
    }
    Question {
        step,
        kind: QuestionKind::Decide,
        what: what.into(),
        effect: effect.into(),
        ask: "How should the job go on?".into(),
        choices,
        fields: Vec::new(),
    }
}

/// A question about input that HighLevel did not take; names the fields its complaints speak of.
#[must_use]
pub fn fix_input(step: Step, what: &str, lines: &[String]) -> Question {
    const FIELDS: [(&str, &str); 9] = [
        ("email", "email"),
        ("phone", "phone"),
        ("timezone", "timezone"),
        ("country", "country"),
        ("website", "website"),
        ("postal", "postal_code"),
        ("city", "city"),
        ("state", "state"),
        ("name", "name"),
    ];
    let fields = lines
        .iter()
        .filter_map(|line| {
            let lower = line.to_lowercase();
            let (_, field) = FIELDS.iter().find(|(word, _)| lower.contains(word))?;
            Some(FieldError::new(format!("/input/{field}"), line.clone()))
        })
        .collect();
    Question {
        kind: QuestionKind::FixInput,
        ask: "Change the client's data, or try again.".into(),
        fields,
        ..decide(step, what, &format!("HighLevel did not accept the data. {KEPT}"))
    }
}

/// The same question while the job is being undone: whatever HighLevel says, the job can be ended. Nothing is corrected any more.
#[must_use]
pub fn while_undoing(question: Question) -> Question {
    let mut choices = question.choices;
    choices.retain(|choice| choice.key != "skip");
    choices.push(choice("skip", "Leave it as it is", LEFT_AS_IT_IS));
    match question.kind {
        QuestionKind::FixInput => Question {
            kind: QuestionKind::Decide,
            ask: "How should the undoing go on?".into(),
            fields: Vec::new(),
            choices,
            ..question
        },
        _ => Question { choices, ..question },
    }
}

/// An answer that needs nothing typed.
#[must_use]
pub fn choice(key: &str, label: &str, consequence: &str) -> Choice {
    Choice { key: key.into(), label: label.into(), consequence: consequence.into(), needs: None, value: None }
}

/// The answer a person gave to this step's question, if any.
#[must_use]
pub fn answer(input: &Value) -> Option<(&str, Option<&str>)> {
    let answer = input.get("answer")?;
    Some((answer.get("choice")?.as_str()?, answer.get("value").and_then(Value::as_str)))
}

/// What the journal of a step says about one thing undone.
#[must_use]
pub fn note(undone: &Undone) -> Value {
    json!({ "done": undone.done, "todo": undone.todo })
}
