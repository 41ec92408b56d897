//! What do AI agents ask for at a client? One line says how many calls wait for a person, with the way to decide.

use domain::BusinessId;
use domain::access::AgencyAccess;
use domain::permission::Right;
use kit::{Banner, ButtonLink, Tone};
use leptos::prelude::*;
use store::tenant::TenantTx;

/// The number of calls that wait, in a transaction of the client; none for whoever may not decide.
pub(super) async fn waiting(tx: &mut TenantTx, place: &AgencyAccess) -> store::Result<i64> {
    if !place.allows(Right::ToolsApprove) {
        return Ok(0);
    }
    store::tools::approvals::count_waiting(tx).await
}

/// The line; nothing if no call waits.
#[component]
pub(super) fn Approvals(
    /// The client.
    business: BusinessId,
    /// How many calls wait.
    waiting: i64,
) -> impl IntoView {
    let href = format!("/b/{business}/ai-tools/approvals");
    (waiting > 0).then(|| {
        let text = match waiting {
            1 => "An AI agent asks for approval.".to_owned(),
            many => format!("AI agents ask for {many} approvals."),
        };
        view! { <Banner tone=Tone::Asks text><ButtonLink href>"Open approvals"</ButtonLink></Banner> }
    })
}
