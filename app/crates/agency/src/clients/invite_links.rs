//! How is an invitation to a client sent again, or its link handed over? Each makes a new link; older ones end.

use domain::BusinessId;
use leptos::prelude::*;
use operations::invitations;
use uuid::Uuid;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::invite_link::show_link;

/// Sends an invitation to a business again.
#[server(prefix = "/do", endpoint = "resend_client_invite")]
pub async fn resend_client_invite(business: BusinessId, invite: Uuid) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let email = invitations::resend_to_business(&actor, business, invite).await?;
    let told = format!("Invitation sent to {email}. The link works for 7 days; older ones ended.");
    flash_notice(&context, "resend_client_invite", told).await
}

/// Makes a new link of an invitation to a business, and shows it once.
#[server(prefix = "/do", endpoint = "copy_client_invite_link")]
pub async fn copy_client_invite_link(business: BusinessId, invite: Uuid) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let secret = invitations::new_link_to_business(&actor, business, invite).await?;
    show_link(&context, "copy_client_invite_link", secret.expose()).await
}
