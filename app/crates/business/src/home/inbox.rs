//! The card of the inbox: how many conversations are open, and how many customers wait.

use domain::BusinessId;
use kit::{ButtonLink, Card, Glyph, Region};
use leptos::prelude::*;
use store::messaging::list::InboxCounts;
use store::messaging::{channels, list};
use store::tenant::TenantTx;
use web::error::Result;

use crate::messages::Messages;

/// The numbers of open conversations; nothing while the business has no channel.
pub(super) async fn counts(tx: &mut TenantTx) -> Result<Option<InboxCounts>> {
    if channels::list(tx).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(list::counts(tx, None).await?))
}

/// The card "Inbox"; nothing while the business has no channel.
#[component]
pub(super) fn InboxCard(texts: &'static Messages, business: BusinessId, counts: Option<InboxCounts>) -> impl IntoView {
    let card = counts.map(|counts| {
        let text = (texts.inbox_counts)(counts.open, counts.waiting, counts.unread);
        view! {
            <Card title=texts.inbox>
                <div class="flex flex-wrap items-center gap-3">
                    <p class="min-w-0 grow text-fg-2">{text}</p>
                    <ButtonLink href=format!("/b/{business}/inbox") icon=Glyph::Inbox>{texts.open_inbox}</ButtonLink>
                </div>
            </Card>
        }
    });
    view! { <Region key="inbox" topics="conversation.changed:* channel.changed:*" class="empty:hidden">{card}</Region> }
}
