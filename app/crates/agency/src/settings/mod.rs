//! An agency's own settings: its name, how its jobs run, and how it looks to its clients (`brand`).

mod brand;

use domain::agency::{Agency, Settings, app_address};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Button, ButtonLink, ButtonStyle, Card, Checkbox, CopyId, Filled, Form, KeyValue, KeyValues, PageHeader, TextField,
};
use leptos::prelude::*;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use self::brand::BrandCard;

/// Changes the agency's name.
#[server(prefix = "/do", endpoint = "rename_agency")]
pub async fn rename_agency(name: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let name = domain::text::name(&name, 255).map_err(|wrong| Error::field("name", &wrong.say("a name")))?;
    operations::agency::rename(&actor, &name).await?;
    flash_notice(&context, "rename_agency", format!("The agency is called {name} now.")).await
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
            .ok_or_else(|| Error::field("app_address", "Give an address such as https://app.example.com."))?,
        name_marker: name_marker.is_some(),
    };
    operations::agency::change_settings(&actor, &settings).await?;
    flash_notice(&context, "set_agency_settings", "Saved. Jobs that start from now on follow it.").await
}

/// A whole number from `least` to 20.
fn whole(field: &'static str, typed: &str, least: u8) -> Result<u8> {
    let number = domain::text::number(typed).parse::<u8>().ok().filter(|number| (least..=20).contains(number));
    number.ok_or_else(|| Error::field(field, &format!("Give a whole number from {least} to 20.")))
}

/// The settings page.
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
        let (named, branded) = (slug.clone(), slug.clone());
        let notifications = format!("/a/{slug}/settings/notifications");
        Ok(view! {
            <PageTitle text="Settings"/>
            <Shell frame=frame>
                <PageHeader title="Settings">
                    <ButtonLink href=notifications>"Notification defaults"</ButtonLink>
                </PageHeader>
                <div class="grid items-start gap-4 lg:grid-cols-2">
                    <Jobs agency=slug settings usual filled=jobs/>
                    <div class="flex flex-col gap-4">
                        <Name agency slug=named filled=naming/>
                        <BrandCard agency=branded brand filled=branding/>
                    </div>
                </div>
            </Shell>
        })
    })
}

#[component]
fn Name(agency: Agency, slug: String, filled: Filled) -> impl IntoView {
    let Agency { name, ghl_agency_id: company, .. } = agency;
    view! {
        <Card title="Agency">
            <Form action="/do/rename_agency" filled=filled hidden=vec![("agency", slug.clone())]>
                <TextField name="name" label="Name" value=name maxlength=255_u32 help="Shown in the menu, in mails and to your clients." required=true/>
                <div><Button>"Rename"</Button></div>
            </Form>
            <div class="mt-5 border-t border-line pt-4">
                <KeyValues>
                    <KeyValue name="Address">{format!("/a/{slug}")}</KeyValue>
                    <KeyValue name="HighLevel company">{company.map_or_else(|| "not connected yet".into_any(), |id| view! { <CopyId id=id/> }.into_any())}</KeyValue>
                </KeyValues>
            </div>
        </Card>
    }
}

#[component]
fn Jobs(agency: String, settings: Settings, usual: String, filled: Filled) -> impl IntoView {
    view! {
        <Card title="Provisioning">
            <Form action="/do/set_agency_settings" filled=filled hidden=vec![("agency", agency)]>
                <TextField name="max_retries" label="Retries" kind="number" inputmode="numeric" value=settings.max_retries.to_string()
                    help="How often a step that failed is tried again by itself, 0 to 20. With 0 every failure waits for a person." required=true/>
                <TextField name="jobs_at_once" label="Jobs at once" kind="number" inputmode="numeric" value=settings.jobs_at_once.to_string()
                    help="So many jobs of yours run side by side, 1 to 20; the rest wait in line. HighLevel's limit of 100 calls in 10 seconds is shared by all of them." required=true/>
                <TextField name="app_address" label="Where you open HighLevel" kind="url" value=settings.app_address placeholder=usual.clone() maxlength=255_u32
                    help=format!("Links to a client's location lead there. Left empty it is {usual}. Fill it in if you open HighLevel at another address.")/>
                <Checkbox name="name_marker" label="Mark a new location's name until its job has ended" checked=settings.name_marker
                    help="If HighLevel creates a location and its answer is lost, the mark proves that it is ours, and the job goes on by itself. The mark is gone when the job is done. Without it the mark stands in the owner's email until then, behind a plus sign; where there is no owner either, such a job stops and a person has to look in HighLevel."/>
                <div><Button look=ButtonStyle::Primary>"Save"</Button></div>
            </Form>
        </Card>
    }
}
