//! Lets a person whose role does not open a page of their agency, or who repaired the job of a client that is not
//! assigned to them, request access. The request goes by mail to the agency's owners and admins and into the audit log.

use domain::JobId;
use domain::permission::Right;
use leptos::prelude::*;
use operations::access_requests;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Asks the agency's owners and admins for a right, or for access to the client of a job.
#[server(prefix = "/do", endpoint = "ask_access")]
pub async fn ask_access(right: Right, #[server(default)] job: Option<JobId>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let requested = access_requests::send(&actor, right, job).await?;
    flash_notice(&context, "ask_access", told(requested.mailed, requested.granting)).await
}

/// The message for the person who asked: how many people got a mail, and how many can grant the right.
fn told(mailed: usize, granting: usize) -> String {
    match (mailed, granting) {
        (0, 0) => "Your request is in the audit log. No one who can grant it has an account yet.".to_owned(),
        (0, _) => "Your request is in the audit log, but no email was sent: the people who can grant it reached today's email limit. Ask them directly, or try again tomorrow.".to_owned(),
        (1, _) => "Request sent to one person who can grant it.".to_owned(),
        (n, _) => format!("Request sent to {n} people who can grant it."),
    }
}
