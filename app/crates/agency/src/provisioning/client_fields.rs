//! The fields of an order's `client`, shared by the form for a new business and the form for changed input: the
//! same labels, kinds and choices.

use domain::provisioning::{COUNTRIES, Client, TIMEZONES};
use kit::{Choice, Select, TextField};
use leptos::prelude::*;

use super::order_form::{CLIENT, member};

/// Field names in the form for a new business, in the same sequence as `CLIENT`.
const NEW: [&str; 12] = [
    "/client/name",
    "/client/email",
    "/client/phone",
    "/client/first_name",
    "/client/last_name",
    "/client/website",
    "/client/address",
    "/client/city",
    "/client/state",
    "/client/postal_code",
    "/client/country",
    "/client/timezone",
];

/// The same in the form for changed input.
const EDIT: [&str; 12] = [
    "/input/name",
    "/input/email",
    "/input/phone",
    "/input/first_name",
    "/input/last_name",
    "/input/website",
    "/input/address",
    "/input/city",
    "/input/state",
    "/input/postal_code",
    "/input/country",
    "/input/timezone",
];

/// Several fields of the order's `client`.
///
/// Like every field they must be created inside their form, because only there are the posted values and errors
/// known.
#[component]
pub fn ClientFields(
    /// Their names in the order; each is one of `CLIENT`.
    names: Vec<&'static str>,
    /// True if they change a job instead of starting one.
    #[prop(optional)]
    editing: bool,
    /// Their initial values.
    client: Client,
) -> impl IntoView {
    names
        .into_iter()
        .map(|name| view! { <ClientField name=name editing=editing client=client.clone()/> })
        .collect_view()
}

/// One field of the order's `client`.
#[component]
pub fn ClientField(
    /// Its name in the order; one of `CLIENT`.
    name: &'static str,
    /// True if it changes a job instead of starting one.
    #[prop(optional)]
    editing: bool,
    /// Its initial value is taken from here.
    client: Client,
) -> impl IntoView {
    let at = CLIENT.iter().position(|one| *one == name).unwrap_or_default();
    let field = if editing { EDIT[at] } else { NEW[at] };
    let mut client = client;
    let value = member(&mut client, name).map(std::mem::take).unwrap_or_default();
    let text = |label: &'static str, kind: &'static str, autocomplete: &'static str, most: u32, required: bool| {
        view! { <TextField name=field label=label kind=kind value=value.clone() autocomplete=autocomplete maxlength=most required=required/> }.into_any()
    };
    match name {
        "name" => text("Name of the business", "text", "organization", 200, true),
        "email" => view! { <TextField name=field label="Email" kind="email" value=value autocomplete="email" maxlength=254_u32 help="An email or a phone number is needed."/> }.into_any(),
        "phone" => view! { <TextField name=field label="Phone" kind="tel" value=value autocomplete="tel" maxlength=32_u32 help="With country code, such as +1 305 555 0100."/> }.into_any(),
        "first_name" => text("First name", "text", "given-name", 100, false),
        "last_name" => text("Last name", "text", "family-name", 100, false),
        // Not of the browser's kind `url`, because an address without https:// is accepted too.
        "website" => view! { <TextField name=field label="Website" value=value autocomplete="url" inputmode="url" maxlength=2048_u32/> }.into_any(),
        "address" => text("Street and number", "text", "street-address", 255, false),
        "city" => text("City", "text", "address-level2", 120, false),
        "state" => text("State or region", "text", "address-level1", 120, false),
        "postal_code" => text("Postal code", "text", "postal-code", 32, false),
        "country" => {
            let choices = COUNTRIES.iter().map(|(code, label)| Choice::new(*code, *label)).collect::<Vec<_>>();
            view! { <Select name=field label="Country" choices=choices value=value empty="Choose a country" required=true/> }.into_any()
        }
        _ => {
            let choices = TIMEZONES.iter().map(|zone| Choice::new(*zone, zone.replace('_', " "))).collect::<Vec<_>>();
            view! { <Select name=field label="Time zone" choices=choices value=value empty="Choose a time zone" required=true/> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_the_client() {
        for (at, name) in CLIENT.into_iter().enumerate() {
            assert_eq!(NEW[at], format!("/client/{name}"));
            assert_eq!(EDIT[at], format!("/input/{name}"));
        }
    }
}
