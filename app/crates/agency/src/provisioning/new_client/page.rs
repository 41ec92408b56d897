//! The page for a new business: a form in four short groups on the left, and the plan on the right. The form is
//! filled from another job (`?from=`), with an example (`?demo`), or with what was typed when it comes back.
//! Nothing is created before "Create client".

use domain::page::ListQuery;
use domain::presets::Preset;
use domain::provisioning::Client;
use domain::snapshot::Snapshot;
use domain::{JobId, PresetId, SnapshotId, integration};
use islands::plan::{FORM, LivePlan, Plan, PlanPanel, PlanState};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Banner, Button, ButtonLink, ButtonStyle, Choice, Filled, Form, FormSection, PageHeader, Select, Tone,
};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, TenantContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::extras::Extras;
use super::plan::plan;
use super::presets::{PresetList, SavePreset};
use super::sample::sample;
use crate::provisioning::client_fields::{ClientField, ClientFields};
use crate::provisioning::order_form::{Fields, read, write};

/// The form's fields about the business, below its name, and about its contact person.
const BUSINESS: [&str; 8] = ["website", "phone", "address", "city", "state", "postal_code", "country", "timezone"];
const PERSON: [&str; 3] = ["first_name", "last_name", "email"];

/// How many examples are tried to find one that does not look like an existing business or job.
const MOST_EXAMPLES: usize = 50;

/// What the page shows.
struct New {
    agency: String,
    fields: Fields,
    filled: Filled,
    plan: Plan,
    snapshots: Vec<Snapshot>,
    /// Why a job could not create anything now; `None` if it could.
    connection: Option<String>,
    once: String,
    checked: bool,
    like: Option<String>,
    presets: Vec<Preset>,
    /// The preset that the form begins with.
    preset: Option<PresetId>,
    /// What saving or deleting a preset has to say.
    notice: Option<String>,
}

/// The page for a new business.
#[component]
pub fn NewClientPage() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let new = gather(&context, &at).await?;
        let root = format!("/a/{}", new.agency);
        let frame =
            frame(&context, vec![Crumb::link("Jobs", format!("{root}/provisioning")), Crumb::current("New client")]);
        // This page is typed into, so it does not refresh itself.
        let frame = kit::frame::Frame { live: None, notice: None, ..frame };
        let meta = "Creates a location in HighLevel, fills it from a snapshot and invites the owner.";
        let anyway = new.fields.contains_key("create_anyway");
        let state = PlanState { base: root.clone(), plan: new.plan.clone(), anyway };
        let panel = view! { <LivePlan operation="/do/check_job".to_owned()/><PlanPanel state/> };
        let example = view! { <ButtonLink href=format!("{root}/provisioning/new?demo=1") look=ButtonStyle::Secondary>"Fill with an example"</ButtonLink> };
        Ok(view! {
            <PageTitle text="New client"/>
            <Shell frame=frame>
                <PageHeader title="New client" meta=meta.into_any()>{example}</PageHeader>
                <div class="grid items-start gap-8 lg:grid-cols-[minmax(0,42rem)_minmax(18rem,26rem)]">
                    <div class="flex min-w-0 flex-col gap-5"><Notes new=&new root=root/><Order new=new/></div>
                    <aside class="lg:sticky lg:top-16" aria-label="Plan">{panel}</aside>
                </div>
            </Shell>
        })
    })
}

async fn gather(context: &ServerContext, at: &Address) -> Result<New> {
    let mut tenant = context.page().await?;
    let snapshots = store::snapshots::offered(&mut tenant.tx).await?;
    let presets = store::presets::list(&mut tenant.tx).await?;
    let operation = if context.request.flash_of("save_preset").is_some() { "save_preset" } else { "start_job" };
    let kept = context.request.flash_of(operation).map(|flash| flash.values.clone());
    let preset = at.get("preset").parse::<PresetId>().ok().filter(|id| presets.iter().any(|one| one.id == *id));
    let like = at.get("from").parse::<JobId>().ok();
    let (fields, like) = match (kept, like) {
        (Some(kept), _) => (kept, None),
        (None, Some(job)) => {
            match store::provisioning::get(&mut tenant.tx, job).await {
                // There is nothing to copy, so the form begins as usual.
                Err(store::Error::Unreadable(_)) => (fresh(&mut tenant).await?, None),
                read => {
                    let job = read?;
                    (write(&job.order), Some(format!("#{} {}", job.row.number, job.row.client_name)))
                }
            }
        }
        (None, None) if preset.is_some() => (of_preset(&mut tenant, preset).await?, None),
        (None, None) if !at.get("demo").is_empty() => (demo(&mut tenant, &snapshots).await?, None),
        (None, None) => (fresh(&mut tenant).await?, None),
    };
    let fields = with_snapshot(fields, at.get("snapshot"));
    let mut filled = filled(&context.request, operation);
    filled.values.clone_from(&fields);
    let new = New {
        agency: tenant.access.slug.clone(),
        plan: plan(&mut tenant.tx, &fields).await?,
        connection: integration_status(&mut tenant).await?,
        once: store::new_id::<uuid::Uuid>().to_string(),
        checked: at.get("checked") == "1" && !filled.is_bad(),
        fields,
        filled,
        snapshots,
        like,
        presets,
        preset,
        notice: context.request.flash.as_ref().and_then(|flash| flash.notice.clone()),
    };
    tenant.commit().await?;
    Ok(new)
}

/// The form as a preset begins it. A preset that a newer version saved in another form begins it as usual.
async fn of_preset(tenant: &mut TenantContext, preset: Option<PresetId>) -> Result<Fields> {
    let Some(preset) = preset else { return fresh(tenant).await };
    match store::presets::order(&mut tenant.tx, preset).await {
        Err(store::Error::Unreadable(_)) => fresh(tenant).await,
        read => Ok(write(&read?)),
    }
}

/// The form with the snapshot that the address names, unless one is chosen already.
fn with_snapshot(mut fields: Fields, asked: &str) -> Fields {
    if let (Ok(snapshot), false) = (asked.parse::<SnapshotId>(), fields.contains_key("/snapshot_id")) {
        fields.insert("/snapshot_id".to_owned(), snapshot.to_string());
    }
    fields
}

/// The first example that does not look like an existing business or job, with the first snapshot on offer.
async fn demo(tenant: &mut TenantContext, snapshots: &[Snapshot]) -> Result<Fields> {
    let snapshot = snapshots.first().map(|snapshot| snapshot.id.to_string());
    for turn in 0..MOST_EXAMPLES {
        let fields = sample(turn, snapshot.clone());
        if store::provisioning::duplicates(&mut tenant.tx, &read(&fields).order.client).await?.is_empty() {
            return Ok(fields);
        }
    }
    Ok(sample(MOST_EXAMPLES, snapshot))
}

/// The default values of the form: country and time zone of the last business, because the next one is usually
/// nearby.
async fn fresh(tenant: &mut TenantContext) -> Result<Fields> {
    let last =
        store::provisioning::list(&mut tenant.tx, &ListQuery { limit: 1, ..ListQuery::default() }).await?.rows.pop();
    let mut fields = Fields::from([("/invite_owner".to_owned(), "on".to_owned())]);
    if let Some(last) = last {
        let client = match store::provisioning::get(&mut tenant.tx, last.id).await {
            Err(store::Error::Unreadable(_)) => return Ok(fields),
            read => read?.order.client,
        };
        fields.insert("/client/country".to_owned(), client.country);
        fields.insert("/client/timezone".to_owned(), client.timezone);
    }
    Ok(fields)
}

/// What is wrong with the agency's HighLevel integration, if a person has to fix it; otherwise `None`.
async fn integration_status(tenant: &mut TenantContext) -> Result<Option<String>> {
    let connection = store::integrations::company(&mut tenant.tx).await?;
    let Some(connection) = connection else { return Ok(Some("HighLevel is not connected.".to_owned())) };
    let integration_status = integration::state(Some(&connection), web::clock::now());
    Ok(integration_status.state.needs_person().then_some(integration_status.because))
}

/// The notes above the form.
#[component]
fn Notes<'a>(new: &'a New, root: String) -> impl IntoView + use<> {
    let connect = new.connection.clone().map(|because| {
        view! {
            <Banner tone=Tone::Warn text=format!("{because} A job would stop at its first step until this is mended.")>
                <ButtonLink href=format!("{root}/connections")>"Open Connections"</ButtonLink>
            </Banner>
        }
    });
    let checked = new.checked.then(|| match &new.connection {
        None => view! { <Banner tone=Tone::Ok text="Checked: everything fits, and nothing was created. The plan shows what Create client will do."/> },
        Some(_) => view! { <Banner tone=Tone::Warn text="Checked: the form is complete, and nothing was created. The connection has to be mended first."/> },
    });
    let like = new.like.clone().map(
        |like| view! { <Banner text=format!("Filled in like job {like}. Change what differs before you create it.")/> },
    );
    let notice = new.notice.clone().map(|text| view! { <Banner tone=Tone::Ok text=text/> });
    let presets = view! { <PresetList presets=new.presets.clone() agency=new.agency.clone() current=new.preset/> };
    view! { {connect}{checked}{like}{notice}{presets} }
}

/// The form.
#[component]
fn Order(new: New) -> impl IntoView {
    let hidden = vec![("agency", new.agency.clone()), ("once", new.once.clone())];
    // `filled` holds these values already. The fields use them only when `filled` is empty.
    let client: Client = read(&new.fields).order.client;
    let owner = client.clone();
    let choices =
        new.snapshots.iter().map(|snapshot| Choice::new(snapshot.id.to_string(), said(snapshot))).collect::<Vec<_>>();
    let none =
        if choices.is_empty() { "None on offer: connect HighLevel and sync, or go on without" } else { "No snapshot" };
    let snapshot = new.fields.get("/snapshot_id").cloned().unwrap_or_default();
    let fields = new.fields;
    view! {
        <Form id=FORM action="/do/start_job" preview="/do/check_job" filled=new.filled hidden=hidden class="flex flex-col gap-7">
            // Enter presses the first button of a form. That is this one, which submits the form, and not one that
            // adds a row.
            <button type="submit" class="sr-only" tabindex="-1" aria-hidden="true">"Create client"</button>
            <FormSection title="Business">
                <ClientField name="name" client=client.clone()/>
                <div class="grid gap-4 sm:grid-cols-2"><ClientFields names=BUSINESS.to_vec() client=client.clone()/></div>
            </FormSection>
            <FormSection title="Contact person" help="Owns the business here once invited. An email or a phone number is needed.">
                <div class="grid gap-4 sm:grid-cols-2"><ClientFields names=PERSON.to_vec() client=owner/></div>
            </FormSection>
            <FormSection title="Snapshot" help="What the new location starts with. Only read from HighLevel, never changed.">
                <Select name="/snapshot_id" label="Snapshot" choices=choices value=snapshot empty=none/>
            </FormSection>
            <Extras fields=fields/>
            <SavePreset/>
            <div class="sticky bottom-0 -mx-4 flex flex-wrap gap-2 border-t border-line bg-canvas px-4 py-3 max-sm:static">
                <Button look=ButtonStyle::Primary>"Create client"</Button>
                <Button name="intent" value="check" novalidate=true>"Check only"</Button>
            </div>
        </Form>
    }
}

/// "Dental Pro · dental".
fn said(snapshot: &Snapshot) -> String {
    match snapshot.niche.as_deref().filter(|niche| !niche.is_empty()) {
        Some(niche) => format!("{} \u{b7} {niche}", snapshot.name),
        None => snapshot.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form as it comes back after these fields were posted.
    fn back(typed: &[(&str, &str)]) -> String {
        let fields: Fields = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let errors = read(&fields).check().expect_err("something is wrong");
        let errors = errors.into_iter().map(|error| (error.pointer, error.detail)).collect();
        let new = New {
            agency: "harbor".to_owned(),
            filled: Filled { errors, values: fields.clone(), message: None },
            fields,
            plan: Plan::default(),
            snapshots: Vec::new(),
            connection: None,
            once: String::new(),
            checked: false,
            like: None,
            presets: Vec::new(),
            preset: None,
            notice: None,
        };
        Owner::new().with(|| view! { <Order new=new/> }.to_html())
    }

    #[test]
    fn enter_sends_the_form() {
        let html = back(&[("/client/name", "Bright Dental")]);
        let form = html.split("<form").nth(1).expect("the form is there");
        let first = form.split('<').find(|tag| tag.contains("type=\"submit\"")).expect("it has buttons");
        assert!(!first.contains("name=") && !first.contains("formnovalidate") && !first.contains("hidden "), "{first}");
    }

    #[test]
    fn every_error_is_marked_at_its_field_and_linked_from_the_top() {
        let html = back(&[
            ("/client/name", "Bright Dental"),
            ("/client/email", "not-an-email"),
            ("/client/phone", "12"),
            ("/client/website", "foo bar"),
            ("/client/country", "US"),
            ("/client/timezone", "UTC"),
            ("/users/0/first_name", "Ana"),
        ]);
        let wrong = ["client/email", "client/phone", "client/website", "users/0/last_name", "users/0/email"];
        for name in wrong {
            let id = format!("id=\"field-/{name}\"");
            let tag = html.split('<').find(|tag| tag.contains(&id)).expect("the field is there");
            assert!(tag.contains("aria-invalid=\"true\"") && tag.contains(&format!("error-/{name}")), "{tag}");
            assert!(html.contains(&format!("id=\"error-/{name}\"")), "{name} says nothing");
            assert!(html.contains(&format!("href=\"#field-/{name}\"")), "no link leads to {name}");
        }
        assert_eq!(html.matches("aria-invalid").count(), wrong.len(), "a sound field is marked");
    }
}
