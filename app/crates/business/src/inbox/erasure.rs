//! What if a customer asks to be forgotten? The button that says what goes, and its server function.

use domain::ContactId;
use kit::{ButtonStyle, Confirm};
use leptos::prelude::*;
use operations::inbox;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::request_context::CurrentTenant;

use super::read::Place;
use super::texts::{Texts, texts};

/// Erases a contact with everything that was said.
#[server(prefix = "/do", endpoint = "erase_contact")]
pub async fn erase_contact(contact: ContactId) -> Result<()> {
    let context = server_context()?;
    inbox::erase_contact(&context.business_actor()?, contact).await?;
    flash_notice(&context, "erase_contact", texts(context.request.language).told_erased).await?;
    let CurrentTenant::Business(place) = &context.request.tenant else { return Err(Error::NotFound) };
    // The conversation is not there any more.
    leptos_axum::redirect(&format!("/b/{}/inbox", place.id));
    Ok(())
}

/// The button. It says what goes and what stays.
#[component]
pub(super) fn Erase(words: &'static Texts, place: Place, contact: ContactId) -> impl IntoView {
    let hidden = vec![("business", place.business.to_string()), ("contact", contact.to_string())];
    view! {
        <div class="border-t border-line pt-3">
            // The words of the quiet button begin where those above it begin.
            <div class="-ms-3">
                <Confirm action="/do/erase_contact" label=words.erase verb=words.erase hidden=hidden look=ButtonStyle::Quiet start=true>
                    {words.erase_what}
                </Confirm>
            </div>
        </div>
    }
}
