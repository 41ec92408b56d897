//! The page on which a client's data is edited, and how its form is read. Field names are the JSON pointers of the data, so
//! the errors of its check belong to their fields.

use std::collections::BTreeMap;

use domain::BusinessId;
use domain::clients::{ClientDetails, ClientView, NOTES, UpdateState};
use domain::permission::Right;
use domain::provisioning::{COUNTRIES, zone_named};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Button, ButtonLink, ButtonStyle, Card, Choice, Filled, Form, FormSection, PageHeader, Select, TextArea, TextField,
    ZoneField,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::clients;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::zones::zones;

/// Changes a client's data.
#[server(prefix = "/do", endpoint = "edit_client")]
pub async fn edit_client(business: String, #[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let business: BusinessId = business.parse().map_err(|_| Error::NotFound)?;
    let client = clients::edit(&context.actor()?, business, &read(&fields)).await?;
    flash_notice(&context, "edit_client", told(&client)).await?;
    leptos_axum::redirect(&format!("/a/{}/clients/{}", context.access()?.slug, client.id));
    Ok(())
}

/// Says what a change leads to.
fn told(client: &ClientView) -> String {
    let waits = client.highlevel_update.as_ref().is_some_and(|update| update.state == UpdateState::Waiting);
    if waits { "Saved. We are updating HighLevel now.".to_owned() } else { "Saved.".to_owned() }
}

/// Reads the form. A field that is missing is empty. A time zone is read by what people call it.
fn read(fields: &BTreeMap<String, String>) -> ClientDetails {
    ClientDetails::each(|name| {
        let typed = fields.get(&format!("/{name}")).cloned().unwrap_or_default();
        let zone = if name == "timezone" { zone_named(&typed) } else { None };
        zone.unwrap_or(typed)
    })
}

/// The page.
#[component]
pub fn EditClient() -> impl IntoView {
    let context = server_context();
    let named = use_params_map().read_untracked().get("business").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let business = store::businesses::find_ref(&mut tenant.tx, &named).await?.ok_or(Error::NotFound)?;
        let place = tenant.access.clone();
        tenant.commit().await?;
        if !place.reaches(business.id) || !place.allows(Right::ClientsManage) {
            return Err(Error::NotFound);
        }
        let (clients, name) = (format!("/a/{}/clients", place.slug), business.name.clone());
        let page = format!("{clients}/{}", business.id);
        let crumbs =
            vec![Crumb::link("Clients", clients), Crumb::link(name.clone(), page.clone()), Crumb::current("Edit")];
        let frame = frame(&context, crumbs);
        let typed = filled(&context.request, "edit_client");
        let has_location = business.ghl_location_id.is_some();
        let hidden = vec![("agency", place.slug), ("business", business.id.to_string())];
        Ok(view! {
            <PageTitle text=format!("Edit {name}")/>
            <Shell frame=frame>
                <PageHeader title=format!("Edit {name}")/>
                <div class="max-w-3xl">
                    <EditForm details=ClientDetails::from(&business) typed hidden page has_location/>
                </div>
            </Shell>
        })
    })
}

#[component]
fn EditForm(
    details: ClientDetails,
    typed: Filled,
    hidden: Vec<(&'static str, String)>,
    page: String,
    has_location: bool,
) -> impl IntoView {
    let help = has_location.then_some("Saved here right away, then updated in HighLevel.");
    let (notes, contact) = (details.notes.clone(), details.clone());
    view! {
        <Card>
            <Form action="/do/edit_client" filled=typed hidden=hidden guard=true>
                <FormSection title="Client" help=help.unwrap_or("Saved here. This client has no sub-account in HighLevel.")>
                    <Contact details=contact/>
                </FormSection>
                <FormSection title="Address">
                    <Place details/>
                </FormSection>
                <FormSection title="Notes" help="Only your team sees them.">
                    <TextArea name="/notes" label="Notes" value=notes maxlength=u32::try_from(NOTES).unwrap_or(u32::MAX)/>
                </FormSection>
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>"Save"</Button>
                    <ButtonLink href=page look=ButtonStyle::Quiet>"Cancel"</ButtonLink>
                </div>
            </Form>
        </Card>
    }
}

#[component]
fn Contact(details: ClientDetails) -> impl IntoView {
    let ClientDetails { name, email, phone, website, .. } = details;
    view! {
        <TextField name="/name" label="Business name" value=name autocomplete="off" maxlength=200_u32 required=true/>
        <div class="grid gap-4 sm:grid-cols-2">
            <TextField name="/email" label="Email" kind="email" value=email autocomplete="off" maxlength=254_u32/>
            <TextField name="/phone" label="Phone" kind="tel" value=phone autocomplete="off" maxlength=32_u32/>
        </div>
        // Not of the browser's kind `url`, because an address without https:// is accepted too.
        <TextField name="/website" label="Website" value=website autocomplete="off" inputmode="url" maxlength=2048_u32/>
    }
}

#[component]
fn Place(details: ClientDetails) -> impl IntoView {
    let ClientDetails { address, city, state, postal_code, country, timezone, .. } = details;
    let countries = COUNTRIES.iter().map(|(code, label)| Choice::new(*code, *label)).collect::<Vec<_>>();
    view! {
        <TextField name="/address" label="Street address" value=address autocomplete="off" maxlength=255_u32/>
        <div class="grid gap-4 sm:grid-cols-3">
            <TextField name="/city" label="City" value=city autocomplete="off" maxlength=120_u32/>
            <TextField name="/state" label="State or region" value=state autocomplete="off" maxlength=120_u32/>
            <TextField name="/postal_code" label="Postal code" value=postal_code autocomplete="off" maxlength=32_u32/>
        </div>
        <div class="grid gap-4 sm:grid-cols-2">
            <Select name="/country" label="Country" choices=countries value=country empty="Choose a country" required=true/>
            <ZoneField name="/timezone" zones=zones() value=timezone required=true/>
        </div>
    }
}
