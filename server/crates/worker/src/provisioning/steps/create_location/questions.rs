//! Builds the questions that a person is asked about the creation of a location.

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
        consequence: "The job goes on with this location.".into(),
        needs: value.is_none().then(|| "Location id".into()),
        value,
    }
}

pub fn named(run: &Run, what: &str) -> Question {
    Question {
        kind: QuestionKind::DoByHand,
        ask: "Which location is the client's?".into(),
        choices: vec![
            adopt("Use this location", None),
            choice("again", "Create one", "A location is created by this job."),
        ],
        ..decide(run.step, what, "Nothing was changed.")
    }
}

pub fn which(run: &Run, found: Vec<String>) -> Question {
    let what = format!("Several locations carry this job's mark: {}.", found.join(", "));
    let choices = found.into_iter().map(|id| adopt(&format!("Use {id}"), Some(id))).collect();
    Question {
        kind: QuestionKind::ChooseLocation,
        ask: "Which one is the client's? The others stay as they are and have to be removed in HighLevel.".into(),
        choices,
        ..decide(run.step, &what, "The client exists more than once in HighLevel, and each location may be billed.")
    }
}

/// Asked if the location that this job created was given to another job by a person.
pub fn given_away(run: &Run, location: &str, number: i64) -> Question {
    let what = format!("Location {location} carries this job's mark, and job #{number} has it.");
    Question {
        kind: QuestionKind::ChooseLocation,
        ask: "Which location is this client's? Cancel the job if it needs none.".into(),
        choices: vec![
            adopt("Use another location", None),
            choice("again", "Look again", "The job goes on with the location as soon as the other job is cancelled."),
        ],
        ..decide(run.step, &what, "Two jobs for one location are most likely two orders for one client.")
    }
}

/// Asked if the agency's plan does not allow creating locations through the API; a person can create one.
pub fn by_hand(run: &Run, error: &ghl::Error) -> Question {
    let what =
        format!("HighLevel refused: the agency's plan does not allow creating locations by API ({}).", error.message);
    Question {
        kind: QuestionKind::DoByHand,
        ask: format!(
            "Create the location “{}” in HighLevel and give its id here, or change the plan.",
            run.job.order.client.name
        ),
        choices: vec![
            adopt("I created it", None),
            choice("again", "The plan is changed", "The location is created by this job."),
        ],
        ..decide(
            run.step,
            &what,
            "No new location was found; it is looked for once more before another one is made or the job ends.",
        )
    }
}

/// Asked if nobody knows whether a location without a marker was created. Offers the locations that look like it.
pub fn unmarked(run: &Run, effect: &Effect, alike: &[Location]) -> Question {
    let name = &run.job.order.client.name;
    let what =
        format!("HighLevel gave no clear answer when it was asked to create “{name}”, so it may or may not exist.");
    let mut choices: Vec<Choice> = alike
        .iter()
        .take(OFFERED)
        .map(|location| adopt(&format!("Use {} (“{}”)", location.id, location.name), Some(location.id.clone())))
        .collect();
    choices.push(adopt("Use another location", None));
    let (label, consequence) = match run.undoing {
        true => ("It does not exist", "Nothing has to be undone in HighLevel."),
        false => ("It does not exist: create it", "The location is created by this job."),
    };
    choices.push(Choice { value: Some(effect.marker.clone()), ..choice(DENIED, label, consequence) });
    Question {
        kind: QuestionKind::ChooseLocation,
        ask: "Look into HighLevel: is the location there?".into(),
        choices,
        ..decide(
            run.step,
            &what,
            "Your agency allows no mark in the name and there is no owner with an e-mail address to mark, so nothing tells a new location from an old one. Creating it twice would be billed twice.",
        )
    }
}
