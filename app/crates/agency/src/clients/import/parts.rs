//! The parts of the import page: how far the list is read, how an import goes on, and one line of the list.

use chrono::{DateTime, TimeDelta, Utc};
use domain::imports::{ImportStatus, Importable, LocationList, Reading};
use kit::{Ago, Banner, ButtonLink, ButtonStyle, Card, Empty, PostButton, Progress, Row, StatusPill, Tone, counted};
use leptos::prelude::*;
use web::clock::now;

use super::page::Facts;

/// The name of a row's field for an address. A key that begins with a digit would be read as a place in a list, and ids of
/// HighLevel may begin with one.
fn email_field(location: &str) -> String {
    format!("email[{OF}{location}]")
}

/// Stands before the id of a location in the name of its field.
pub(super) const OF: &str = "of-";

/// Id of the form that imports the ticked rows.
pub(super) const FORM: &str = "import";

/// How far the list is read, unless it is read and has something to import.
#[component]
pub(super) fn ListState(facts: Facts) -> impl IntoView {
    let Facts { agency, connected, list, .. } = facts;
    let connections = format!("/a/{agency}/connections");
    if !connected {
        return view! {
            <Empty title="HighLevel is not connected" text="Connect HighLevel and we list the sub-accounts you already have, so that you can bring them in as clients.">
                <ButtonLink href=connections look=ButtonStyle::Primary>"Connect HighLevel"</ButtonLink>
            </Empty>
        }
        .into_any();
    }
    let hidden = vec![("agency", agency.clone())];
    match list.reading() {
        Reading::Never => view! {
            <Empty title="Your sub-accounts haven't been read yet" text="We ask HighLevel for the list and change nothing there.">
                <PostButton action="/do/read_locations" hidden=hidden look=ButtonStyle::Primary>"Read sub-accounts"</PostButton>
            </Empty>
        }
        .into_any(),
        Reading::Running => view! { <Banner text="Reading your sub-accounts from HighLevel. The list updates by itself."/> }.into_any(),
        Reading::Failed(at, why) => {
            let text = format!("Couldn't read your sub-accounts. {why}");
            view! {
                <Banner tone=Tone::Warn text=text>
                    <span class="text-sm text-fg-2"><Ago at=at/></span>
                    <PostButton action="/do/read_locations" hidden=hidden>"Try again"</PostButton>
                </Banner>
            }
            .into_any()
        }
        Reading::Done(at) => view! { <Listed agency list at/> }.into_any(),
    }
}

/// What the list has to import, once it is read.
#[component]
fn Listed(agency: String, list: LocationList, at: DateTime<Utc>) -> impl IntoView {
    if list.listed == 0 {
        return view! {
            <div>
                <Empty title="No sub-accounts in HighLevel" text="Your HighLevel account has none yet. Create your first client here and we create its sub-account.">
                    <ButtonLink href=format!("/a/{agency}/provisioning/new") look=ButtonStyle::Primary>"Create a client"</ButtonLink>
                </Empty>
                <p class="pt-3 text-center text-sm text-fg-2">"Read "<Ago at=at/></p>
            </div>
        }
        .into_any();
    }
    let said = if list.left == 0 && !list.progress.is_running() {
        format!("All {} are clients here. Read ", counted(list.listed, "sub-account", "sub-accounts"))
    } else {
        let what = counted(list.left, "sub-account", "sub-accounts");
        format!("We found {what} not in Slipway yet. Select the ones to import, or import all. Read ")
    };
    view! { <p class="text-sm text-fg-2">{said}<Ago at=at/>"."</p> }.into_any()
}

/// How the present import goes on, or how the one of today ended.
#[component]
pub(super) fn Running(facts: Facts) -> impl IntoView {
    let Facts { agency, list, .. } = facts;
    let progress = list.progress;
    let recent = progress.ended_at.is_some_and(|at| now() - at < TimeDelta::days(1));
    if !progress.is_running() && !recent {
        return ().into_any();
    }
    let (total, imported, failed) = (progress.total, progress.imported, progress.failed);
    let (done, left) = (imported.saturating_add(failed), total.saturating_sub(imported).saturating_sub(failed));
    let could_not = (failed > 0).then(|| format!(" {failed} couldn't be imported; the list says why."));
    let said = match progress.is_running() {
        true => format!("{imported} of {total} imported, {left} to go.{}", could_not.unwrap_or_default()),
        false => {
            format!("{} imported.{}", counted(i64::from(imported), "client", "clients"), could_not.unwrap_or_default())
        }
    };
    let title = if progress.is_running() { "Importing" } else { "Import finished" };
    let bar = progress.is_running().then(|| view! { <Progress label="Import" value=done max=total/> });
    let delay = progress.delay.filter(|_| progress.ended_at.is_none()).map(|why| {
        view! { <p class="pt-2 text-sm text-warn">{format!("{why} We'll continue automatically.")}</p> }
    });
    let base = format!("/a/{agency}/clients");
    let failures = (failed > 0)
        .then(|| view! { <ButtonLink href=format!("{base}/import?view=failed")>"Show what failed"</ButtonLink> });
    view! {
        <Card title=title>
            <p class="pb-2" data-announce>{said}</p>
            {bar}
            {delay}
            <div class="flex flex-wrap gap-2 pt-3"><ButtonLink href=base>"Open clients"</ButtonLink>{failures}</div>
        </Card>
    }
    .into_any()
}

/// What stands in the place of an empty list: the state above it says why it is empty.
pub(super) fn nothing() -> AnyView {
    ().into_any()
}

/// One sub-account of the list, with the owner's address and whether to invite them.
pub(super) fn line(agency: &str, row: &Importable) -> Row {
    let place = [row.city.clone(), row.state.clone(), row.country.clone()];
    let place = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let (tone, word) = match (&row.in_trash, row.status) {
        (_, ImportStatus::Waiting) => (Tone::Running, "Importing"),
        (Some(_), _) => (Tone::Cancelled, "In the trash"),
        (None, ImportStatus::Failed) => (Tone::Failed, "Couldn't import"),
        (None, ImportStatus::New) => (Tone::Waiting, "Not imported"),
    };
    let why = match &row.in_trash {
        Some(name) => {
            let trash = format!("/a/{agency}/clients?view=trash");
            let text = format!("{name} is in the trash");
            view! { <a class="link text-xs" href=trash>{text}</a> }.into_any()
        }
        None => row.reason.clone().map(|why| view! { <span class="text-xs text-fg-2">{why}</span> }).into_any(),
    };
    let (id, name) = (row.location_id.clone(), row.name.clone());
    let labels = (format!("Email of the owner of {name}"), format!("Invite the owner of {name}"));
    let email = row.email.clone().unwrap_or_default();
    Row {
        key: id.clone(),
        href: None,
        cells: vec![
            view! { <span class="flex min-w-0 flex-col"><span class="font-medium">{name}</span>{why}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2">{place}</span> }.into_any(),
            view! { <input class="control w-72 max-w-full max-sm:w-full" type="email" name=email_field(&id) value=email form=FORM maxlength="255" autocomplete="off" aria-label=labels.0/> }.into_any(),
            view! { <label class="inline-flex min-h-6 items-center gap-2"><input class="tick" type="checkbox" name="invite[]" value=id form=FORM aria-label=labels.1/><span class="sm:hidden" aria-hidden="true">"Invite the owner"</span></label> }.into_any(),
        ],
    }
}
