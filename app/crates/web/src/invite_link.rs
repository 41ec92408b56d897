//! Shows the link of an invitation once, on the page that asked for it, to be copied and handed on.

use kit::{Card, CopyId};
use leptos::prelude::*;

use crate::error::Result;
use crate::guard::ServerContext;
use crate::shown_once::{show_once, shown_once};

/// Keeps a new link, by its secret, for the next page.
///
/// # Errors
/// When nobody is signed in, or the session cannot be written.
pub async fn show_link(context: &ServerContext, operation: &str, secret: &str) -> Result<()> {
    let link = format!("{}/invite/{secret}", context.state.settings.public_url);
    show_once(context, context.caller()?.user, operation, &link).await
}

/// The link that this operation left to be shown; `None` if there is none.
///
/// # Errors
/// When it was kept for somebody else.
pub async fn shown_link(context: &ServerContext, operation: &str) -> Result<Option<String>> {
    shown_once(context, context.caller()?.user, operation).await
}

/// The card with a new link.
#[component]
pub fn InviteLink(
    /// The link.
    link: String,
) -> impl IntoView {
    view! {
        <Card title="Invitation link">
            <p class="pb-2 text-fg-2">"Send this link yourself. It works once, for 7 days, and you won't see it again. Earlier links no longer work."</p>
            <p class="break-all"><CopyId id=link tail=0 label="Copy link"/></p>
        </Card>
    }
}
