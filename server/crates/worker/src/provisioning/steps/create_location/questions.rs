//! Builds the questions that a person is asked about the creation of a location.

use domain::field::FieldError;
use domain::provisioning::{Choice, Question, QuestionKind};
use ghl::locations::Location;
use store::provisioning::Effect;

use crate::provisioning::run::Run;
use crate::provisioning::step::{choice, decide};

/// The answer "it does not exist".
pub const DENIED: &str = "denied";
/// Maximum number of locations offered; a person can always type another id.
const OFFERED: usize = 5;

fn adopt(label: &str, value: Option<String>) -> Choice {
    Choice {
        key: "adopt".into(),
        label: label.into(),
        consequence: "The job continues with it. Nothing is created.".into(),
        needs: value.is_none().then(|| "Sub-account ID".into()),
        value,
    }
}

/// The question that was answered with something that cannot be taken, with the error at its field. A job of a former
/// version does not know what it asked and is asked for a location.
pub fn again(run: &Run, asked: Option<Question>, error: &str) -> Question {
    let fields = vec![FieldError::new("/answer/value", error)];
    match asked {
        Some(asked) => Question { fields, ..asked },
        None => Question { fields, ..named(run, error) },
    }
}

fn named(run: &Run, what: &str) -> Question {
    Question {
        kind: QuestionKind::ChooseLocation,
        ask: "Which sub-account is the client's?".into(),
        choices: vec![
            adopt("Continue with this sub-account", None),
            choice("again", "Create one", "This job creates the sub-account."),
        ],
        ..decide(run.step, what, "Nothing was changed.")
    }
}

pub fn which(run: &Run, found: Vec<String>) -> Question {
    let what = format!("Several sub-accounts carry this job's mark: {}.", found.join(", "));
    let choices = found.into_iter().map(|id| adopt(&format!("Use {id}"), Some(id))).collect();
    Question {
        kind: QuestionKind::ChooseLocation,
        ask: "Which one is the client's? The others stay as they are; delete them in HighLevel.".into(),
        choices,
        ..decide(run.step, &what, "The client exists more than once in HighLevel, and each sub-account may be billed.")
    }
}

/// Asked if the location that this job created was given to another job by a person.
pub fn given_away(run: &Run, location: &str, number: i64) -> Question {
    let what = format!("Sub-account {location} carries this job's mark, but belongs to job #{number}.");
    Question {
        kind: QuestionKind::ChooseLocation,
        ask: "Which sub-account is this client's? Cancel the job if it needs none.".into(),
        choices: vec![
            adopt("Use another sub-account", None),
            choice(
                "again",
                "Check again",
                "The job continues with the sub-account as soon as the other job is canceled.",
            ),
        ],
        ..decide(run.step, &what, "Two jobs for one sub-account are most likely two orders for one client.")
    }
}

/// Asked if the agency's plan does not allow creating locations through the API; a person can create one.
pub fn by_hand(run: &Run) -> Question {
    Question {
        kind: QuestionKind::DoByHand,
        ask: format!(
            "Upgrade your plan, or create “{}” in HighLevel yourself and choose it here.",
            run.job.order.client.name
        ),
        choices: vec![
            choice("again", "I've upgraded – try again", "This job creates the sub-account."),
            adopt("Continue with this sub-account", None),
        ],
        ..decide(
            run.step,
            "Your HighLevel plan can't create sub-accounts through the API.",
            "You need HighLevel's $497 plan, or create the sub-account by hand and continue. We found no new sub-account, and look once more before anything is created.",
        )
    }
}

/// Asked if nobody knows whether a location without a marker was created. Offers the locations that look like it.
pub fn unmarked(run: &Run, effect: &Effect, alike: &[Location]) -> Question {
    let name = &run.job.order.client.name;
    let what = format!("HighLevel didn't answer in time when asked to create “{name}”, so it may or may not exist.");
    let mut choices: Vec<Choice> = alike
        .iter()
        .take(OFFERED)
        .map(|location| adopt(&format!("Use {} (“{}”)", location.id, location.name), Some(location.id.clone())))
        .collect();
    choices.push(adopt("Use another sub-account", None));
    let (label, consequence) = match run.undoing {
        true => ("It doesn't exist", "There is nothing to roll back in HighLevel."),
        false => ("It doesn't exist: create it", "This job creates the sub-account."),
    };
    choices.push(Choice { value: Some(effect.marker.clone()), ..choice(DENIED, label, consequence) });
    Question {
        kind: QuestionKind::ChooseLocation,
        ask: "Look in HighLevel: is the sub-account there?".into(),
        choices,
        ..decide(
            run.step,
            &what,
            "Your agency doesn't tag new sub-accounts and there's no owner's email address to tag, so we can't tell a new sub-account from an old one. Creating it twice would be billed twice.",
        )
    }
}
