//! Operations on jobs from a page: start, retry, resume, cancel, undo. All are plain form posts. Everything typed
//! comes back when a field is refused. "Add a row" and "check only" also come back with everything typed, but
//! without errors.

#![expect(missing_docs, reason = "the server macro writes a struct of the arguments without docs")]

use std::collections::BTreeMap;

use domain::provisioning::{Answer, ClientChange, Operation, Resume};
use domain::{DraftId, JobId};
use islands::plan::{PlanPanel, PlanState};
use kit::preview;
use leptos::prelude::*;
use operations::{Actor, drafts};
use web::error::{Error, Result};
use web::fault::internal_error;
use web::flash::Flash;
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};

use super::new_client::plan::plan;
use super::order_form::{Fields, changed, read, rows};

/// Starts a job from the form for a new business.
#[server(prefix = "/do", endpoint = "start_job")]
pub async fn start_job(#[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let page = format!("/a/{}/provisioning", context.access()?.slug);
    let draft = save_draft(&actor, &fields).await?;
    if let Some(more) = wanted_rows(&fields) {
        return come_back(&context, more_rows(fields.clone(), more), &format!("{page}/new?row={more}#rows-{more}"))
            .await;
    }
    let order = read(&fields).check().map_err(Error::Invalid)?;
    if fields.get("intent").is_some_and(|intent| intent == "check") {
        return come_back(&context, fields, &format!("{page}/new?checked=1")).await;
    }
    // One key per rendered page and order: a second press starts no second job, but a changed order after "back"
    // starts one.
    let once = fields.get("once").filter(|once| (8..=64).contains(&once.len()));
    let key = once.map(|once| format!("{once}-{}", store::provisioning::fingerprint(&order)));
    let started = drafts::start(&actor, &order, key.as_deref(), draft).await?;
    leptos_axum::redirect(&format!("{page}/{}", started.job));
    Ok(())
}

/// Returns the plan for the form as it stands: as typed state for the island of the page, or as HTML for a part of it. It
/// stores nothing but the person's own draft.
#[server(prefix = "/do", endpoint = "check_job")]
pub async fn check_job(#[server(flatten)] fields: BTreeMap<String, String>) -> Result<String> {
    let context = server_context()?;
    save_draft(&context.actor()?, &fields).await?;
    let mut tenant = context.page().await?;
    let plan = plan(&mut tenant.tx, &fields).await?;
    let base = format!("/a/{}", tenant.access.slug);
    tenant.commit().await?;
    let state = PlanState { base, plan, anyway: fields.contains_key("create_anyway") };
    match fields.get(preview::TYPED) {
        Some(_) => serde_json::to_string(&state).map_err(internal_error),
        None => Ok(view! { <PlanPanel state/> }.to_html()),
    }
}

/// Saves what the form has as the draft that it names. A form without a draft, as a program may send it, keeps none.
async fn save_draft(actor: &Actor, fields: &Fields) -> Result<Option<DraftId>> {
    let Some(draft) = fields.get("draft").and_then(|id| id.parse::<DraftId>().ok()) else { return Ok(None) };
    drafts::save(actor, draft, fields).await?;
    Ok(Some(draft))
}

/// The kind of row that the form should get one more of. It becomes part of an address, so only known kinds are
/// returned.
fn wanted_rows(fields: &Fields) -> Option<&'static str> {
    let kind = fields.get("intent")?.strip_prefix("add_")?;
    ["users", "custom_values"].into_iter().find(|known| *known == kind)
}

/// The same form with one more row of a kind.
fn more_rows(mut fields: Fields, kind: &str) -> Fields {
    let shown = rows(&fields, kind, 1);
    fields.insert(format!("rows_{kind}"), (shown + 1).to_string());
    fields
}

/// Redirects to a page with everything typed and without errors.
async fn come_back(context: &ServerContext, fields: Fields, to: &str) -> Result<()> {
    let values = fields.into_iter().filter(|(name, _)| !Flash::is_secret(name)).collect();
    Flash { operation: "start_job".to_owned(), error: None, notice: None, values, ..Flash::default() }
        .keep(&context.session)
        .await?;
    leptos_axum::redirect(to);
    Ok(())
}

/// Retries the failed step, or ends the current wait.
#[server(prefix = "/do", endpoint = "retry_job")]
pub async fn retry_job(#[server(default)] id: Vec<String>) -> Result<()> {
    steer("retry_job", Operation::Retry, id).await
}

/// Stops jobs after their current call and undoes what they made.
#[server(prefix = "/do", endpoint = "cancel_job")]
pub async fn cancel_job(#[server(default)] id: Vec<String>) -> Result<()> {
    steer("cancel_job", Operation::Cancel, id).await
}

/// Undoes what stopped jobs made.
#[server(prefix = "/do", endpoint = "undo_job")]
pub async fn undo_job(#[server(default)] id: Vec<String>) -> Result<()> {
    steer("undo_job", Operation::Undo, id).await
}

/// Applies one operation to every job whose state allows it. The message says how many jobs did not allow it.
async fn steer(name: &'static str, operation: Operation, ids: Vec<String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let ids =
        ids.iter().map(|id| id.parse()).collect::<std::result::Result<Vec<JobId>, _>>().map_err(|_| Error::NotFound)?;
    let applied = operations::provisioning::apply(&actor, operation, &ids).await?;
    flash_notice(&context, name, confirmation(operation, applied.done, applied.late)).await
}

/// What happens to the jobs now, and how many were in no state for it. What a rollback leaves to a person is not known
/// yet, so nothing is promised of it.
fn confirmation(operation: Operation, done: usize, late: usize) -> String {
    let (jobs, its, page) = match done {
        1 => ("the job".to_owned(), "its", "Its page lists"),
        _ => (format!("{done} jobs"), "their", "Their pages list"),
    };
    let text = match (operation, done) {
        (Operation::Retry | Operation::Resume, 1) => "Job resumed.".to_owned(),
        (Operation::Retry | Operation::Resume, _) => format!("{jobs} resumed."),
        (Operation::Cancel, _) => {
            format!("Canceling {jobs} after {its} current step, then rolling back. {page} what's left for you to do.")
        }
        (Operation::Undo, _) => format!("Rolling back {jobs}. {page} what's left for you to do."),
    };
    let were = if late == 1 { "was" } else { "were" };
    match (late, operation) {
        (0, _) => text,
        (_, Operation::Retry | Operation::Resume) => format!("{text} {late} {were} already running or done."),
        (_, Operation::Cancel | Operation::Undo) => format!("{text} {late} {were} already canceled or done."),
    }
}

/// Resumes a job with changed input, with an answer, or without the failed step.
#[server(prefix = "/do", endpoint = "resume_job")]
pub async fn resume_job(id: String, #[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let id: JobId = id.parse().map_err(|_| Error::NotFound)?;
    operations::provisioning::resume(&actor, id, &asked(&fields)).await?;
    let page = format!("/a/{}/provisioning/{id}", context.access()?.slug);
    flash_notice(&context, "resume_job", confirmation(Operation::Resume, 1, 0)).await?;
    leptos_axum::redirect(&page);
    Ok(())
}

/// The body of a resume request, from the fields of any of its forms.
fn asked(fields: &Fields) -> Resume {
    let is_changed = fields.keys().any(|name| name.starts_with("/input/"));
    let input = is_changed.then(|| ClientChange::each(|name| changed(fields, name)));
    let value = fields.get("/answer/value").map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    Resume {
        input,
        answer: fields.get("/answer").map(|choice| Answer { choice: choice.clone(), value }),
        skip: fields.contains_key("skip"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_form_of_a_resume_asks_for_what_it_shows() {
        assert_eq!(asked(&fields(&[])), Resume::default());
        assert!(asked(&fields(&[("skip", "on")])).skip);
        let changed = asked(&fields(&[("/input/email", "a@b.example")])).input.unwrap();
        assert_eq!((changed.email.as_deref(), changed.name), (Some("a@b.example"), None));
        let answer = asked(&fields(&[("/answer", "adopt"), ("/answer/value", " L1 ")])).answer.unwrap();
        assert_eq!((answer.choice.as_str(), answer.value.as_deref()), ("adopt", Some("L1")));
    }

    #[test]
    fn a_form_keeps_growing_by_one_row() {
        let grown = more_rows(fields(&[("/users/0/email", "a@b.example"), ("rows_users", "2")]), "users");
        assert_eq!(rows(&grown, "users", 1), 3);
    }

    #[test]
    fn a_form_grows_by_what_it_knows_only() {
        assert_eq!(wanted_rows(&fields(&[("intent", "add_users")])), Some("users"));
        assert_eq!(wanted_rows(&fields(&[("intent", "add_custom_values")])), Some("custom_values"));
        for strange in ["add_", "add_x", "add_users\r\nset-cookie: a=b", "check", "add_Users"] {
            assert_eq!(wanted_rows(&fields(&[("intent", strange)])), None, "{strange:?}");
        }
    }

    #[test]
    fn sentences_agree_with_numbers() {
        assert_eq!(confirmation(Operation::Retry, 1, 0), "Job resumed.");
        assert_eq!(confirmation(Operation::Retry, 2, 1), "2 jobs resumed. 1 was already running or done.");
        let canceled = confirmation(Operation::Cancel, 1, 2);
        assert!(canceled.starts_with("Canceling the job after its current step"), "{canceled}");
        assert!(canceled.ends_with("2 were already canceled or done."), "{canceled}");
        for operation in [Operation::Cancel, Operation::Undo] {
            assert!(!confirmation(operation, 1, 0).contains("is undone"), "nothing is promised before it is done");
        }
    }
}
