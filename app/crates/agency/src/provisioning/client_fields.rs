//! The fields of an order's `client`, shared by the form for a new business and the form for changed input: the
//! same labels, kinds and choices.

use domain::provisioning::{COUNTRIES, Client};
use kit::{Choice, Select, TextField, ZoneField};
use leptos::prelude::*;
use web::zones::zones;

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
    let text = |label: &'static str, autocomplete: &'static str, most: u32| {
        view! { <TextField name=field label=label value=value.clone() autocomplete=autocomplete maxlength=most/> }
            .into_any()
    };
    match name {
        "name" => view! { <TextField name=field label="Business name" value=value autocomplete="organization" maxlength=200_u32 required=true autofocus=!editing/> }.into_any(),
        "email" if !editing => view! { <TextField name=field label="Owner's email" kind="email" value=value autocomplete="email" maxlength=254_u32 help="Needed unless you enter a phone number under More details."/> }.into_any(),
        "email" => view! { <TextField name=field label="Email" kind="email" value=value autocomplete="email" maxlength=254_u32 help="Enter an email or a phone number."/> }.into_any(),
        "phone" => view! { <TextField name=field label="Phone" kind="tel" value=value autocomplete="tel" maxlength=32_u32 help="With country code, such as +1 305 555 0100."/> }.into_any(),
        "first_name" => text("First name", "given-name", 100),
        "last_name" => text("Last name", "family-name", 100),
        // Not of the browser's kind `url`, because an address without https:// is accepted too.
        "website" => view! { <TextField name=field label="Website" value=value autocomplete="url" inputmode="url" maxlength=2048_u32/> }.into_any(),
        "address" => text("Street address", "street-address", 255),
        "city" => text("City", "address-level2", 120),
        "state" => text("State or region", "address-level1", 120),
        "postal_code" => text("Postal code", "postal-code", 32),
        "country" => {
            let choices = COUNTRIES.iter().map(|(code, label)| Choice::new(*code, *label)).collect::<Vec<_>>();
            view! { <Select name=field label="Country" choices=choices value=value empty="Choose a country" required=true/> }.into_any()
        }
        _ => {
            let help = if editing { "Search by city or name." } else { "Search by city or name, or leave it to the address." };
            view! { <ZoneField name=field zones=zones() value=value help=help required=editing/> }.into_any()
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
