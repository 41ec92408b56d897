//! Lets a person whose role does not open a page of their agency request access. The request goes by mail to the
//! agency's owners and admins and into the audit log.

use domain::permission::Right;
use leptos::prelude::*;
use store::audit::Act;
use store::throttle::Key;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::{mails, throttle};

/// Maximum number of people who get the mail.
const MOST: usize = 10;

/// Asks the agency's owners and admins for a right.
#[server(prefix = "/do", endpoint = "ask_access")]
pub async fn ask_access(agency: String, right: Right) -> Result<()> {
    let context = server_context()?;
    let tenant = context.agency("ask_access", &agency).await?;
    if tenant.access.allows(right) {
        return Err(Error::Conflict("You have this right already. Open the page again.".to_owned()));
    }
    let user = tenant.caller.user;
    tenant.commit().await?;
    throttle::take(&context.state.db, "ask_access", [Key::of("ask", user)]).await?;
    let mut tenant = context.agency("ask_access", &agency).await?;
    let act =
        Act::new("access.asked", "agency").object(tenant.access.id).ended(domain::audit::Outcome::Ok, right.words());
    store::audit::record(&mut tenant.tx, act).await?;
    let granting: Vec<_> = store::memberships::of_agency(&mut tenant.tx)
        .await?
        .into_iter()
        .filter(|member| member.role.allows(Right::TeamManage) && member.role.allows(right))
        .take(MOST)
        .collect();
    let (caller, place) = (tenant.caller.clone(), tenant.access.clone());
    tenant.commit().await?;
    let mut mailed = 0;
    for member in &granting {
        mailed += usize::from(mails::access_request(&context.state, &member.email, &caller, &place, right).await?);
    }
    flash_notice(&context, "ask_access", told(mailed, granting.len())).await
}

/// The message for the person who asked: how many people got a mail, and how many can grant the right.
fn told(mailed: usize, granting: usize) -> String {
    match (mailed, granting) {
        (0, 0) => "Your request is in the audit log. Nobody who can grant it has an account yet.".to_owned(),
        (0, _) => "Your request is in the audit log, but no email was sent: whoever can grant it reached today's limit of emails. Ask them directly, or try again tomorrow.".to_owned(),
        (1, _) => "Request sent to one person who can grant it.".to_owned(),
        (n, _) => format!("Request sent to {n} people who can grant it."),
    }
}
