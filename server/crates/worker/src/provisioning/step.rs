//! Defines a step: something that can be found, made and undone. The engine always looks before it makes. Every outcome
//! except success is a [`Stop`], and each variant says what follows.

use std::time::Duration;

use chrono::Utc;
use domain::BusinessId;
use domain::provisioning::{Choice, KEEP_ON_UNDO_CONSEQUENCE, Question, QuestionKind, Step, TodoItem};
use domain::{EffectId, field::FieldError};
use ghl::{Kind, Reason};
use serde_json::{Value, json};
use store::provisioning::Cause;

use super::run::Run;
use crate::retry;
use crate::time_scale::minutes;

/// The work of one step of the plan.
pub trait StepWork {
    /// Checks by evidence in HighLevel and by our own rows whether the step is done already. `None` if it is not.
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop>;
    /// Carries out the step. Called only if `find` returned `None`.
    async fn make(run: &mut Run) -> Result<Made, Stop>;
    /// Undoes what can be undone. Calling it twice has no further effect.
    async fn undo(run: &mut Run) -> Result<Undone, Stop>;
}

/// A finished step. Its decisions are recorded together with its end, in one transaction.
#[derive(Debug, Default)]
pub struct Made {
    /// Output that later steps and the job page read.
    pub output: Value,
    /// The line for the job's log.
    pub message: String,
    /// Writes that are now known to have happened, each with the id of its result.
    pub confirmed: Vec<(EffectId, String)>,
    /// The location's id, if this step determined it.
    pub location: Option<String>,
    /// The business, if this step created it.
    pub business: Option<BusinessId>,
}

impl Made {
    /// A finished step with this log line and output.
    #[must_use]
    pub fn new(message: impl Into<String>, output: Value) -> Self {
        Self { message: message.into(), output, ..Self::default() }
    }
}

/// The result of undoing a step.
#[derive(Debug, Default)]
pub struct Undone {
    /// What was undone, parked or kept; empty if there was nothing to undo.
    pub done: Vec<String>,
    /// What is left to a person.
    pub todo: Vec<TodoItem>,
}

/// Why a step does not continue right now.
#[derive(Debug)]
pub enum Stop {
    /// The step waits for a poll, a limit or evidence. This does not count as a failure.
    Wait {
        /// The reason in words.
        reason: String,
        /// How long to wait, unscaled.
        delay: Duration,
    },
    /// HighLevel must not be called for a while. This is never a failure or a question, however long it lasts.
    Hold {
        /// The reason in words.
        reason: String,
        /// How long to wait, unscaled.
        delay: Duration,
    },
    /// The attempt failed and may be retried.
    Again(Cause),
    /// HighLevel fails or is unreachable. The step waits with growing pauses, which use up no attempt.
    Outage(Cause),
    /// A permission is missing. A location's token is minted anew once; then a person is asked.
    Scope(Box<Question>),
    /// A person must answer a question.
    Ask(Box<Question>),
    /// The step cannot succeed.
    GiveUp(Cause),
    /// HighLevel refused the token, which is renewed once. If the renewed token is refused too, the problem is
    /// HighLevel's.
    Unauthorised,
    /// A person wants the job stopped.
    Cancel,
    /// The claim is lost, so this worker may not decide anything.
    Lost,
    /// The process was asked to stop. Between two steps the job is released for another worker.
    Leaving,
    /// Our own database is unavailable, which passes by itself. An error that does not pass is [`Stop::Again`],
    /// which counts as a failure.
    Trouble(store::Error),
    /// A test killed the worker here.
    #[cfg(feature = "testing")]
    Died,
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Stale => Self::Lost,
            away if away.is_retryable() => Self::Trouble(away),
            // An error of the database or of an encryption key that does not pass will occur again: a few
            // attempts, then a person sees it.
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

    /// A wait of this length.
    #[must_use]
    pub fn wait(reason: impl Into<String>, delay: Duration) -> Self {
        Self::Wait { reason: reason.into(), delay }
    }

    /// Returns true if the stop is about HighLevel or about a question for a person, and not about our own
    /// database, this worker or a request to cancel.
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

    /// Describes what happened, for the log.
    #[must_use]
    pub fn what(&self) -> &str {
        match self {
            Self::Wait { reason, .. } | Self::Hold { reason, .. } => reason,
            Self::Again(cause) | Self::Outage(cause) | Self::GiveUp(cause) => &cause.detail,
            Self::Ask(question) | Self::Scope(question) => &question.what,
            Self::Unauthorised => "HighLevel rejected our access.",
            _ => "It was interrupted.",
        }
    }

    /// Converts a refused or failed call into the consequence for a step. An answer does not prove what a write
    /// did; that is checked separately.
    #[must_use]
    pub fn outside(step: Step, error: &ghl::Error) -> Self {
        let said = describe_error(error);
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
                reason: format!("{said} HighLevel has paused it. We check now and then and continue automatically."),
                delay: retry::around(PAUSED_LOOK),
            },
            Kind::Refused(reason) => {
                let effect = format!("{KEPT} {}", remedy(*reason));
                Self::Ask(Box::new(decide(step, &said, effect.trim_end())))
            }
            Kind::NotFound => {
                let effect = format!("{KEPT} Check in HighLevel whether it was removed there.");
                Self::Ask(Box::new(decide(step, &said, &effect)))
            }
            Kind::Invalid(lines) => Self::Ask(Box::new(fix_input(step, &said, lines))),
        }
    }
}

/// True of every question about a call: the answer alone does not say what the call changed.
const KEPT: &str = "Everything done so far is kept. We check what this call may have changed before repeating it.";
/// How often to check whether HighLevel has reopened a paused location or agency.
const PAUSED_LOOK: Duration = minutes(10);
/// How often to check whether a limit was lifted, however long HighLevel says that it lasts.
const LIMIT_LOOK: Duration = minutes(15);

/// Returns true if HighLevel's answer means that a location of ours does not exist or is not accessible to us. It
/// has used each of these answers for that.
#[must_use]
pub const fn is_gone(error: &ghl::Error) -> bool {
    matches!(error.kind, Kind::NotFound | Kind::Refused(Reason::Location) | Kind::Invalid(_))
}

/// Describes an error in one sentence: who did what, with HighLevel's own message.
pub fn describe_error(error: &ghl::Error) -> String {
    let doing = error.doing;
    let what = match error.kind {
        Kind::Refused(_) | Kind::Unauthorised => format!("HighLevel didn't allow {doing}"),
        Kind::Invalid(_) => format!("HighLevel rejected the details while {doing}"),
        Kind::NotFound => format!("HighLevel couldn't find this while {doing}"),
        Kind::Limited { .. } => format!("HighLevel is rate-limiting us while {doing}"),
        Kind::Unclear => format!("HighLevel had a problem while {doing}"),
        Kind::Down | Kind::Held { .. } => format!("HighLevel couldn't be reached while {doing}"),
    };
    let words = error.message.trim().trim_end_matches('.');
    if says_nothing(words) { format!("{what}.") } else { format!("{what}: {words}.") }
}

/// True of the phrase of a status, with or without its number: people learn nothing from it.
fn says_nothing(words: &str) -> bool {
    const PHRASES: [&str; 10] = [
        "",
        "Bad Gateway",
        "Bad Request",
        "Conflict",
        "Forbidden",
        "Gateway Timeout",
        "Internal Server Error",
        "Not Found",
        "Service Unavailable",
        "Unprocessable Entity",
    ];
    let phrase = words.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ' ');
    PHRASES.iter().any(|known| known.eq_ignore_ascii_case(phrase))
}

/// What a person can do about a refusal that does not pass by itself.
const fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::Plan => "Your HighLevel plan doesn't include this. Upgrade it there, then retry.",
        Reason::Location => {
            "Our connection doesn't reach this sub-account. If it was deleted, undo this job; if the app was removed from it, install the app there and retry."
        }
        Reason::Removed => "HighLevel no longer offers this call. Skip the step or contact support.",
        Reason::Other => "Check in HighLevel whether the connection's user may do this, then retry.",
        Reason::Scope | Reason::Version | Reason::Grant | Reason::Inactive => "",
    }
}

/// A limit passes by itself, even a daily one. Nobody is asked; the job checks from time to time whether the limit
/// was lifted.
fn limited(told: Duration) -> Stop {
    let reason = match told > retry::TOLD_CAP {
        true => "HighLevel's limit for today is used up. We'll continue automatically when it resets.",
        false => "HighLevel is rate-limiting us. We'll continue automatically.",
    };
    Stop::Hold { reason: reason.into(), delay: retry::after(told.min(LIMIT_LOOK)) }
}

/// A question about a permission that the integration lacks. Names the permission if it is known.
fn permission(step: Step, said: &str, operation: &str) -> Question {
    match ghl::scope(operation) {
        Some(scope) => missing_scopes_question(
            step,
            &format!("{said} The connection is missing the permission {scope}."),
            &[scope],
        ),
        None => missing_scopes_question(step, said, &["unknown"]),
    }
}

/// A question about missing permissions. Only reconnecting grants them, so nothing else resumes the job.
#[must_use]
pub fn missing_scopes_question(step: Step, what: &str, scopes: &[&str]) -> Question {
    let fields = scopes.iter().map(|scope| FieldError::new("/scopes", (*scope).to_owned())).collect();
    Question { fields, ..reconnect(step, what) }
}

/// A question about an integration that no longer works.
#[must_use]
pub fn reconnect(step: Step, what: &str) -> Question {
    Question {
        step,
        kind: QuestionKind::Reconnect,
        what: what.into(),
        effect: KEPT.into(),
        ask: "Reconnect HighLevel on the Connections page. The job then continues automatically.".into(),
        choices: vec![choice("again", "Retry", "The step runs again with the new connection.")],
        fields: Vec::new(),
    }
}

/// A question with no better answers than to retry, to skip the step or to undo the job.
#[must_use]
pub fn decide(step: Step, what: &str, effect: &str) -> Question {
    let mut choices = vec![choice("again", "Retry", "The step starts over.")];
    if let Some(consequence) = step.skip_consequence() {
        choices.push(choice("skip", "Skip this step", consequence));
    }
    Question {
        step,
        kind: QuestionKind::Decide,
        what: what.into(),
        effect: effect.into(),
        ask: "How should the job continue?".into(),
        choices,
        fields: Vec::new(),
    }
}

/// A question about input that HighLevel rejected. Names the fields that its error messages mention.
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
        ask: "Fix the client's details, or retry.".into(),
        fields,
        ..decide(step, what, &format!("HighLevel rejected the client's details. {KEPT}"))
    }
}

/// The same question while the job is being undone. A person can end the job whatever HighLevel says; input can no
/// longer be corrected.
#[must_use]
pub fn while_undoing(question: Question) -> Question {
    let mut choices = question.choices;
    choices.retain(|choice| choice.key != "skip");
    choices.push(choice("skip", "Leave it as is", KEEP_ON_UNDO_CONSEQUENCE));
    match question.kind {
        QuestionKind::FixInput => Question {
            kind: QuestionKind::Decide,
            ask: "How should the rollback continue?".into(),
            fields: Vec::new(),
            choices,
            ..question
        },
        _ => Question { choices, ..question },
    }
}

/// A choice that needs no typed value.
#[must_use]
pub fn choice(key: &str, label: &str, consequence: &str) -> Choice {
    Choice { key: key.into(), label: label.into(), consequence: consequence.into(), needs: None, value: None }
}

/// The answer that a person gave to this step's question, as choice and value; `None` if there is none.
#[must_use]
pub fn answer(input: &Value) -> Option<(&str, Option<&str>)> {
    let answer = input.get("answer")?;
    Some((answer.get("choice")?.as_str()?, answer.get("value").and_then(Value::as_str)))
}

/// The JSON note about an undone step that its row stores.
#[must_use]
pub fn note(undone: &Undone) -> Value {
    json!({ "done": undone.done, "todo": undone.todo })
}

#[cfg(test)]
mod tests {
    use super::says_nothing;

    #[test]
    fn the_phrase_of_a_status_is_no_reason() {
        for words in ["", "Unprocessable Entity", "422 Unprocessable Entity", "500 internal server error"] {
            assert!(says_nothing(words), "{words}");
        }
        assert!(!says_nothing("phone must be valid") && !says_nothing("404 locations found"));
    }
}
