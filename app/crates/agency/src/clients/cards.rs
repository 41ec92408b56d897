//! The cards on the page of a client that say what it is: details, connection, set-up and jobs.

use domain::business::Business;
use domain::clients::{LocationUpdate, UpdateState};
use domain::integration::{Integration, State, state};
use domain::provisioning::{JobRow, JobView, zone_label};
use kit::labels::integration::tone;
use kit::labels::provisioning as labels;
use kit::{Ago, ButtonLink, ButtonStyle, Card, Chip, CopyId, KeyValue, KeyValues, PostButton, StatusPill, Tone};
use leptos::prelude::*;
use web::clock::now;

/// The card "Details", with how far HighLevel knows of the last change.
#[component]
pub(super) fn Details(
    /// The client.
    business: Business,
    /// The last change that HighLevel had to be told of.
    update: Option<LocationUpdate>,
    /// Address of the page on which the data is edited; `None` if the reader may not.
    edit: Option<String>,
    /// Agency and client.
    hidden: Vec<(&'static str, String)>,
) -> impl IntoView {
    let details = business.details;
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "\u{2014}".to_owned());
    let place = [details.address, details.city, details.state, details.postal_code, details.country];
    let place = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let may = edit.is_some();
    let edit = edit.map(|href| view! { <ButtonLink href=href look=ButtonStyle::Quiet>"Edit"</ButtonLink> }.into_any());
    let update = update.map(|update| view! { <Update update may hidden/> });
    let notes = details.notes.map(|notes| {
        view! { <KeyValue name="Notes"><span class="whitespace-pre-line">{notes}</span></KeyValue> }
    });
    let zone = details.timezone.map(|zone| zone_label(&zone));
    view! {
        <Card title="Details" aside=edit.into_any()>
            <KeyValues>
                <KeyValue name="Email">{or_dash(details.email)}</KeyValue>
                <KeyValue name="Phone">{or_dash(details.phone.map(|number| domain::phone::shown(&number)))}</KeyValue>
                <KeyValue name="Website">{or_dash(details.website)}</KeyValue>
                <KeyValue name="Address">{if place.is_empty() { "\u{2014}".to_owned() } else { place }}</KeyValue>
                <KeyValue name="Time zone">{or_dash(zone)}</KeyValue>
                {notes}
            </KeyValues>
            {update}
        </Card>
    }
}

/// How far HighLevel knows of the last change.
#[component]
fn Update(update: LocationUpdate, may: bool, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let (look, word) = match update.state {
        UpdateState::Waiting => (Tone::Running, "Updating HighLevel"),
        UpdateState::Done => (Tone::Ok, "HighLevel is up to date"),
        UpdateState::Failed => (Tone::Failed, "HighLevel wasn't updated"),
    };
    let at = update.ended_at.unwrap_or(update.asked_at);
    let retry = (may && update.state != UpdateState::Done).then(|| {
        view! { <PostButton action="/do/retry_client_update" hidden=hidden>"Retry"</PostButton> }
    });
    view! {
        <div class="mt-3 flex flex-wrap items-center justify-between gap-2 border-t border-line pt-3">
            <div class="flex min-w-0 flex-col gap-1">
                <p class="flex flex-wrap items-center gap-2 text-sm"><StatusPill tone=look plain=true>{word}</StatusPill><span class="text-fg-3"><Ago at/></span></p>
                {update.note.map(|note| view! { <p class="text-sm text-fg-2">{note}</p> })}
            </div>
            {retry}
        </div>
    }
}

/// The card "Connection".
#[component]
pub(super) fn Connection(
    /// The connection of the client's sub-account.
    connection: Option<Integration>,
    /// Address of the connections; `None` if the reader may not open them.
    connections: Option<String>,
) -> impl IntoView {
    let found = state(connection.as_ref(), now());
    // One that is paused goes on by what paused it, which is not there.
    let broken = found.state.needs_person() && found.state != State::Paused;
    let repair = connections.filter(|_| broken).map(|href| {
        view! { <div class="pt-3"><ButtonLink href=href>"Open connections"</ButtonLink></div> }
    });
    let location = connection.map(|connection| {
        view! { <p class="pt-3 text-sm">"Sub-account ID " <CopyId id=connection.platform_id/></p> }
    });
    let pill = view! { <StatusPill tone=tone(found.state)>{found.state.label()}</StatusPill> };
    view! {
        <Card title="Connection" aside=pill.into_any()>
            <p class="text-fg-2">{found.because}</p>
            {location}
            {repair}
        </Card>
    }
}

/// The card "Setup": what the job that set the client up loaded and created.
#[component]
pub(super) fn Setup(
    /// Address of the agency.
    base: String,
    /// The job; `None` if there was none, or if what it knew was deleted.
    job: Option<JobView>,
) -> impl IntoView {
    let Some(job) = job else {
        let none = "This client wasn't set up by a job here, or its job is older than 90 days.";
        return view! { <Card title="Setup"><p class="text-fg-2">{none}</p></Card> }.into_any();
    };
    let (row, order) = (job.row, job.order);
    let values = order.custom_values.into_keys().collect::<Vec<_>>();
    let users = order.users.iter().map(|user| format!("{} {}", user.first_name, user.last_name)).collect::<Vec<_>>();
    let by = row.requested_by_name.unwrap_or_else(|| "API".to_owned());
    let snapshot = row.snapshot.map_or_else(|| "No snapshot".to_owned(), |snapshot| snapshot.name);
    view! {
        <Card title="Setup">
            <KeyValues>
                <KeyValue name="Snapshot">{snapshot}</KeyValue>
                <KeyValue name="Custom values">{chips(values)}</KeyValue>
                <KeyValue name="Tags">{chips(order.tags)}</KeyValue>
                <KeyValue name="HighLevel users">{chips(users)}</KeyValue>
                <KeyValue name="Started by">{by}", "<Ago at=row.created_at/></KeyValue>
                <KeyValue name="Job"><a class="link" href=format!("{base}/provisioning/{}", row.id)>{format!("Job #{}", row.number)}</a></KeyValue>
            </KeyValues>
        </Card>
    }
    .into_any()
}

/// Names beside each other; a dash if there are none.
fn chips(names: Vec<String>) -> AnyView {
    if names.is_empty() {
        return "\u{2014}".into_any();
    }
    let chips = names.into_iter().map(|name| view! { <Chip>{name}</Chip> }).collect_view();
    view! { <span class="flex flex-wrap gap-1">{chips}</span> }.into_any()
}

/// The card "Jobs": the jobs of the client, if there are any.
#[component]
pub(super) fn Jobs(
    /// Address of the agency.
    base: String,
    /// The jobs, newest first.
    jobs: Vec<JobRow>,
) -> impl IntoView {
    if jobs.is_empty() {
        return ().into_any();
    }
    let lines = jobs.into_iter().map(move |job| {
        let (look, word) = labels::job(&job);
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2.5 first:border-0">
                <a class="grow whitespace-nowrap hover:underline" href=format!("{base}/provisioning/{}", job.id)>{format!("Job #{}", job.number)}</a>
                <StatusPill tone=look plain=true>{word}</StatusPill>
                <span class="text-sm text-fg-2"><Ago at=job.created_at/></span>
            </li>
        }
    });
    view! { <Card title="Jobs" flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}
