//! The server function that corrects a contact.

use domain::ContactId;
use leptos::prelude::*;
use operations::inbox::{self, ContactForm};
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

use super::texts::texts;

/// Corrects a contact.
#[server(prefix = "/do", endpoint = "change_contact")]
pub async fn change_contact(
    contact: ContactId,
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] phone: String,
    #[server(default)] company: String,
    #[server(default)] note: String,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let form = ContactForm { name, email, phone, company, note };
    inbox::change_contact(&actor, contact, &form).await?;
    flash_notice(&context, "change_contact", texts(context.request.language).told_contact).await
}
