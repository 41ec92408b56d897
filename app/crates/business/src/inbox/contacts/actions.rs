//! The server functions that make one contact of two, and two of it again.

use domain::ContactId;
use kit::Undo;
use leptos::prelude::*;
use operations::inbox;
use web::error::{Error, Result};
use web::flash_notice::{flash_notice, undoable_notice};
use web::guard::{ServerContext, server_context};
use web::request_context::CurrentTenant;

use super::texts::texts;

/// The operation that makes a contact part of another one.
pub(super) const MERGE: &str = "merge_contacts";
/// The operation that takes it out again.
pub(super) const UNDO: &str = "undo_contact_merge";

/// Makes a contact part of another one.
#[server(prefix = "/do", endpoint = "merge_contacts")]
pub async fn merge_contacts(contact: ContactId, other: ContactId) -> Result<()> {
    let context = server_context()?;
    inbox::merge_contacts(&context.business_actor()?, contact, other).await?;
    let CurrentTenant::Business(place) = &context.request.tenant else { return Err(Error::NotFound) };
    let fields = [("business", place.id.to_string()), ("contact", contact.to_string()), ("merged", other.to_string())];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let undo = Undo { action: format!("/do/{UNDO}"), fields };
    undoable_notice(&context, MERGE, texts(context.request.language).told_merged, Some(undo)).await?;
    lead_to(&context, contact)
}

/// Takes a contact out of another one again.
#[server(prefix = "/do", endpoint = "undo_contact_merge")]
pub async fn undo_contact_merge(contact: ContactId, merged: ContactId) -> Result<()> {
    let context = server_context()?;
    inbox::undo_contact_merge(&context.business_actor()?, contact, merged).await?;
    flash_notice(&context, UNDO, texts(context.request.language).told_undone).await?;
    lead_to(&context, contact)
}

/// Leads to the page of a contact.
fn lead_to(context: &ServerContext, contact: ContactId) -> Result<()> {
    let CurrentTenant::Business(place) = &context.request.tenant else { return Err(Error::NotFound) };
    leptos_axum::redirect(&format!("/b/{}/contacts/{contact}", place.id));
    Ok(())
}
