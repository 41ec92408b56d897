//! The business's own details, and the form that corrects them.

#![expect(clippy::too_many_arguments, reason = "the form has a field for each detail")]

use domain::business::Business;
use domain::clients::ClientDetails;
use domain::field::FieldError;
use domain::language::Language;
use domain::provisioning::zone_label_in;
use kit::{Button, ButtonStyle, Card, Filled, Form, KeyValue, KeyValues, TextField};
use leptos::prelude::*;
use operations::Refusal;
use operations::own_business::{self, OwnDetails};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

use crate::messages::{Messages, messages};

/// Corrects the business's own details.
#[server(prefix = "/do", endpoint = "change_own_details")]
pub async fn change_own_details(
    #[server(default)] email: String,
    #[server(default)] phone: String,
    #[server(default)] website: String,
    #[server(default)] address: String,
    #[server(default)] city: String,
    #[server(default)] state: String,
    #[server(default)] postal_code: String,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let own = OwnDetails { email, phone, website, address, city, state, postal_code };
    own_business::change_details(&actor, own).await.map_err(at_fields)?;
    let texts = messages(context.request.language);
    flash_notice(&context, "change_own_details", texts.details_saved).await
}

/// Errors at the names that the fields have here.
fn at_fields(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Invalid(errors) => {
            let plain = |error: FieldError| FieldError::new(error.pointer.trim_start_matches('/'), error.detail);
            Error::Invalid(errors.into_iter().map(plain).collect())
        }
        other => other.into(),
    }
}

/// The card "Your business".
#[component]
pub(super) fn Details(
    language: Language,
    texts: &'static Messages,
    business: Business,
    filled: Filled,
    may: bool,
) -> impl IntoView {
    let known = ClientDetails::from(&business);
    let or_dash = |value: &str| if value.is_empty() { "—".to_owned() } else { value.to_owned() };
    let street = [&known.address, &known.city, &known.state, &known.postal_code];
    let place = street.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    let (email, phone, website, timezone) = (
        or_dash(&known.email),
        or_dash(&domain::phone::shown(&known.phone)),
        or_dash(&known.website),
        or_dash(&zone_label_in(language, &known.timezone)),
    );
    let form = may.then(|| view! { <Correct texts id=business.id.to_string() known filled/> });
    view! {
        <Card title=texts.your_business>
            <KeyValues>
                <KeyValue name=texts.email>{email}</KeyValue>
                <KeyValue name=texts.phone>{phone}</KeyValue>
                <KeyValue name=texts.website>{website}</KeyValue>
                <KeyValue name=texts.address>{or_dash(&place)}</KeyValue>
                <KeyValue name=texts.time_zone>{timezone}</KeyValue>
            </KeyValues>
            {form}
        </Card>
    }
}

/// The form, folded away until it is needed or came back with an error.
#[component]
fn Correct(texts: &'static Messages, id: String, known: ClientDetails, filled: Filled) -> impl IntoView {
    let open = filled.came_back();
    view! {
        <details class="mt-4 border-t border-line pt-3" open=open>
            <summary class="fold w-fit py-1 text-sm font-medium">{texts.edit_details}</summary>
            <Form action="/do/change_own_details" filled=filled hidden=vec![("business", id)] class="flex flex-col gap-4 pt-3">
                <TextField name="email" label=texts.email kind="email" value=known.email autocomplete="email" maxlength=255_u32/>
                <TextField name="phone" label=texts.phone kind="tel" value=known.phone autocomplete="tel" maxlength=32_u32/>
                <TextField name="website" label=texts.website value=known.website autocomplete="url" inputmode="url" maxlength=255_u32/>
                <TextField name="address" label=texts.street_address value=known.address autocomplete="street-address" maxlength=255_u32/>
                <TextField name="city" label=texts.city value=known.city autocomplete="address-level2" maxlength=120_u32/>
                <TextField name="state" label=texts.state value=known.state autocomplete="address-level1" maxlength=120_u32/>
                <TextField name="postal_code" label=texts.postal_code value=known.postal_code autocomplete="postal-code" maxlength=32_u32/>
                <div><Button look=ButtonStyle::Primary>{texts.save_details}</Button></div>
            </Form>
        </details>
    }
}
