//! Handles people whom HighLevel refuses: the job adds all others and asks for each refused person whether to retry or
//! to continue without them.

use domain::provisioning::{Choice, Question, TodoItem};
use domain::todos::TodoKind;
use ghl::{Kind, Reason};
use serde_json::json;
use store::provisioning as rows;

use super::{fold, noted};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Stop, answer, choice, decide};

/// The answer "without this one".
const LEAVE: &str = "leave_out";
/// The answer "without all of these".
const LEAVE_ALL: &str = "leave_out_all";

/// The people whom the job continues without, by lower-case address.
#[must_use]
pub fn left_out(run: &Run) -> Vec<String> {
    noted(run, "left_out")
}

/// HighLevel's reason for refusing one person. A problem of the integration or of HighLevel itself is not about
/// one person and is returned as a stop.
pub fn why(run: &Run, error: ghl::Error) -> Result<String, Stop> {
    match error.kind {
        Kind::Invalid(_) | Kind::NotFound | Kind::Refused(Reason::Other | Reason::Location) => Ok(error.message),
        _ => Err(Stop::outside(run.step, &error)),
    }
}

/// Builds the question about the refused people.
pub fn question(run: &Run, refused: &[(String, String)]) -> Question {
    let said: Vec<String> =
        refused.iter().map(|(email, why)| format!("{email} ({})", why.trim_end_matches('.'))).collect();
    let what = format!("HighLevel rejected {}.", said.join(", "));
    let known = refused.iter().any(|(_, why)| why.to_lowercase().contains("exist"));
    let effect = match known {
        true => "Everyone else is in the sub-account. The address may belong to someone in another HighLevel account.",
        false => "Everyone else is in the sub-account.",
    };
    let mut question = decide(run.step, &what, effect);
    question.choices.retain(|choice| choice.key != "skip");
    question.choices.extend(refused.iter().map(|(email, _)| Choice {
        value: Some(fold(Some(email))),
        ..choice(LEAVE, &format!("Continue without {email}"), "You'll need to add them in HighLevel yourself.")
    }));
    if refused.len() > 1 {
        let all: Vec<String> = refused.iter().map(|(email, _)| fold(Some(email))).collect();
        let consequence = format!("You'll need to add these in HighLevel yourself: {}.", all.join(", "));
        question.choices.push(choice(LEAVE_ALL, "Continue without all of them", &consequence));
    }
    question.ask = "How should the job continue?".into();
    question
}

/// Stores whom a person's answer leaves out.
pub async fn note_answer(run: &mut Run) -> Result<(), Stop> {
    let input = run.input();
    let without: Vec<String> = match answer(&input) {
        Some((LEAVE, Some(email))) => vec![email.to_owned()],
        Some((LEAVE_ALL, _)) => asked_about(run).await?,
        _ => return Ok(()),
    };
    let mut all = left_out(run);
    let before = all.len();
    all.extend(
        without.into_iter().filter(|email| run.job.order.users.iter().any(|user| fold(Some(&user.email)) == *email)),
    );
    all.sort_unstable();
    all.dedup();
    if all.len() == before {
        return Ok(());
    }
    let mut output = run.output(run.step);
    if !output.is_object() {
        output = json!({});
    }
    output["left_out"] = json!(all);
    let mut tx = run.tx().await?;
    rows::save_output(&mut tx, &run.job.fence, run.step, &output).await?;
    run.commit(tx).await?;
    run.keep_output(output);
    Ok(())
}

/// Everybody in the order who is not in the location: the people whom the answer "all of them" meant.
async fn asked_about(run: &mut Run) -> Result<Vec<String>, Stop> {
    let location = run.location()?;
    let ghl_access = run.company().await?;
    let known = super::read(run, &ghl_access).await?;
    let here = |email: &str| known.iter().any(|user| super::same(user, email) && super::reaches(user, &location));
    let missing = run.job.order.users.iter().filter(|user| !here(&user.email));
    Ok(missing.map(|user| fold(Some(&user.email))).collect())
}

/// The to-dos that this step leaves to the agency's staff.
#[must_use]
pub fn left_to_a_person(run: &Run) -> Vec<TodoItem> {
    let without = left_out(run).into_iter().map(|email| {
        let why = "HighLevel rejected them, and the job continued without them.";
        TodoItem::new(TodoKind::AddUser, format!("Add {email} in HighLevel"), why).about(email)
    });
    let differs = noted(run, "differs").into_iter().map(|what| {
        let why = "This person already has a HighLevel login; what they may do elsewhere stays as it is.";
        TodoItem::new(TodoKind::CheckUser, what.clone(), why).about(what)
    });
    without.chain(differs).collect()
}
