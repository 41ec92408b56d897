//! What if a contact who wanted no automatic messages agrees to them again? The form that says how, and its server function.

use domain::ContactId;
use kit::{Button, ButtonStyle, Filled, Form, TextField};
use leptos::prelude::*;
use operations::inbox;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

use super::read::Place;
use super::texts::{Texts, texts};

/// The form's action.
pub(super) const ALLOW: &str = "allow_automatic_messages";

/// Lets a contact get automatic messages again.
#[server(prefix = "/do", endpoint = "allow_automatic_messages")]
pub async fn allow_automatic_messages(contact: ContactId, #[server(default)] consent: String) -> Result<()> {
    let context = server_context()?;
    inbox::allow_automatic(&context.business_actor()?, contact, &consent).await?;
    flash_notice(&context, ALLOW, texts(context.request.language).told_opted_in).await
}

/// The form, folded away until it is needed or came back with an error.
#[component]
pub(super) fn AgreedAgain(words: &'static Texts, place: Place, contact: ContactId, filled: Filled) -> impl IntoView {
    let open = filled.came_back();
    let hidden = vec![("business", place.business.to_string()), ("contact", contact.to_string())];
    view! {
        <details class="border-t border-line pt-3" open=open>
            <summary class="fold w-fit py-1 text-sm font-medium">{words.agreed_again}</summary>
            <Form action="/do/allow_automatic_messages" filled=filled hidden=hidden class="flex flex-col gap-4 pt-3">
                <TextField name="consent" label=words.consent autocomplete="off" maxlength=500_u32 help=words.consent_help required=true/>
                <div><Button look=ButtonStyle::Primary>{words.allow_automatic}</Button></div>
            </Form>
        </details>
    }
}
