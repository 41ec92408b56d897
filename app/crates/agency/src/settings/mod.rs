//! An agency's own settings: its name, how it looks to its clients (`brand`), and how its jobs run (`jobs`).

mod brand;
mod jobs;

use domain::agency::{Agency, Settings, app_address};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Button, ButtonLink, Card, Filled, Form, KeyValue, KeyValues, PageHeader, SettingsNav, TextField};
use leptos::prelude::*;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use self::brand::BrandCard;
use self::jobs::Jobs;

/// Changes the agency's name.
#[server(prefix = "/do", endpoint = "rename_agency")]
pub async fn rename_agency(name: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let name = domain::text::name(&name, 255).map_err(|wrong| Error::field("name", &wrong.say("a name")))?;
    operations::agency::rename(&actor, &name).await?;
    flash_notice(&context, "rename_agency", format!("Your agency is now called {name}.")).await
}

/// Changes how jobs run. Jobs that already run keep the retries they began with.
#[server(prefix = "/do", endpoint = "set_agency_settings")]
pub async fn set_agency_settings(
    max_retries: String,
    jobs_at_once: String,
    #[server(default)] app_address: String,
    #[server(default)] name_marker: Option<String>,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let settings = Settings {
        max_retries: whole("max_retries", &max_retries, 0)?,
        jobs_at_once: whole("jobs_at_once", &jobs_at_once, 1)?,
        app_address: self::app_address(&app_address)
            .ok_or_else(|| Error::field("app_address", "Enter an address such as https://app.example.com."))?,
        name_marker: name_marker.is_some(),
    };
    operations::agency::change_settings(&actor, &settings).await?;
    flash_notice(&context, "set_agency_settings", "Saved. It applies to new jobs.").await
}

/// A whole number from `least` to 20.
fn whole(field: &'static str, typed: &str, least: u8) -> Result<u8> {
    let number = domain::text::number(typed).parse::<u8>().ok().filter(|number| (least..=20).contains(number));
    number.ok_or_else(|| Error::field(field, &format!("Enter a whole number from {least} to 20.")))
}

/// The settings page. Each section has an id, to which the navigation leads.
#[component]
pub fn AgencySettings() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let agency = store::agencies::get(&mut tenant.tx).await?;
        let settings = store::agencies::settings(&mut tenant.tx).await?;
        let own = store::agencies::own_address(&mut tenant.tx, None).await?;
        let brand = store::agencies::brand(&mut tenant.tx).await?;
        let usual = own.unwrap_or_else(|| context.state.settings.highlevel_app.clone());
        tenant.commit().await?;
        let frame = frame(&context, vec![Crumb::current("Settings")]);
        let (naming, jobs) =
            (filled(&context.request, "rename_agency"), filled(&context.request, "set_agency_settings"));
        let branding = filled(&context.request, "set_brand");
        let slug = agency.slug.clone();
        let company = agency.ghl_agency_id.clone();
        Ok(view! {
            <PageTitle text="Settings"/>
            <Shell frame=frame>
                <PageHeader title="Settings"/>
                <SettingsNav base=format!("/a/{slug}/settings")/>
                <div class="flex max-w-3xl flex-col gap-4">
                    <div id="agency" class="scroll-mt-16"><Name agency slug=slug.clone() filled=naming/></div>
                    <div id="brand" class="scroll-mt-16"><BrandCard agency=slug.clone() brand filled=branding/></div>
                    <Jobs agency=slug.clone() settings usual company filled=jobs/>
                    <div id="danger" class="scroll-mt-16"><DangerZone agency=slug/></div>
                </div>
            </Shell>
        })
    })
}

#[component]
fn Name(agency: Agency, slug: String, filled: Filled) -> impl IntoView {
    view! {
        <Card title="Agency">
            <Form action="/do/rename_agency" filled=filled hidden=vec![("agency", slug.clone())]>
                <TextField name="name" label="Name" value=agency.name maxlength=255_u32 help="Shown in the menu, in emails and to your clients." required=true/>
                <div><Button>"Rename"</Button></div>
            </Form>
            <div class="mt-5 border-t border-line pt-4">
                <KeyValues><KeyValue name="Address">{format!("/a/{slug}")}</KeyValue></KeyValues>
            </div>
        </Card>
    }
}

/// What ends more than one thing at once, and where it is done.
#[component]
fn DangerZone(agency: String) -> impl IntoView {
    view! {
        <Card title="Danger zone">
            <div class="flex flex-col gap-4 text-sm">
                <div class="flex flex-wrap items-center justify-between gap-3">
                    <div class="min-w-0">
                        <p class="font-medium">"Disconnect HighLevel"</p>
                        <p class="text-fg-2">"No job can run until you connect again. Nothing is deleted in HighLevel."</p>
                    </div>
                    <ButtonLink href=format!("/a/{agency}/connections")>"Open connections"</ButtonLink>
                </div>
                <div class="border-t border-line pt-4">
                    <p class="font-medium">"Delete this agency"</p>
                    <p class="text-fg-2">"Ask your Slipway administrator. A deleted agency can be restored for 30 days."</p>
                </div>
            </div>
        </Card>
    }
}
