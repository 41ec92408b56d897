//! The page of the assistant: what is in use and what is not published yet, what it may do on each channel, its settings,
//! and its versions.

use domain::assistant::view::{SettingsView, VersionLine};
use kit::{Address, Filled, Region};
use leptos::prelude::*;
use store::messaging::channels;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};

use super::form::{self, Fields};
use super::hours_form;
use super::inboxes::{Inbox, Inboxes};
use super::place::{Around, Part, Place};
use super::publish::Publish;
use super::settings::SettingsForm;
use super::versions::Versions;

/// What the page shows.
struct Shown {
    place: Place,
    settings: SettingsView,
    versions: Vec<VersionLine>,
    inboxes: Vec<Inbox>,
}

/// The assistant of a business.
#[component]
pub fn Assistant() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let Shown { place, settings, versions, inboxes } = read(&context, at.get("channel")).await?;
        let language = context.request.language;
        let typed = held(filled(&context.request, "save_assistant"), || form::write(&settings.draft));
        let current = settings.version;
        let publish = view! { <Publish language place=place.clone() settings/> };
        let inboxes = view! { <Inboxes language place=place.clone() inboxes/> };
        let form = view! { <SettingsForm language place=place.clone() filled=typed/> };
        let versions = view! { <Versions language place=place.clone() current versions/> };
        Ok(view! {
            <Around context place part=Part::Assistant>
                <div class="flex max-w-3xl flex-col gap-6">
                    <Region key="publish" topics="assistant.changed:*">{publish}</Region>
                    {inboxes}
                    {form}
                    <Region key="versions" topics="assistant.changed:*">{versions}</Region>
                </div>
            </Around>
        })
    })
}

/// Reads the page. `changed` is the channel whose form is open.
async fn read(context: &ServerContext, changed: &str) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let settings = store::assistant::settings::view(&mut tx).await?;
    let versions = store::assistant::settings::versions(&mut tx).await?;
    let typed = filled(&context.request, "set_channel_assistant");
    let mut inboxes = Vec::new();
    for channel in channels::list(&mut tx).await? {
        let hours = store::assistant::channel_hours(&mut tx, channel.id).await?;
        let id = channel.id.to_string();
        let form = (id == changed).then(|| {
            let own = typed.values.get("channel").is_some_and(|typed| *typed == id);
            held(if own { typed.clone() } else { Filled::default() }, || hours_form::write(&hours))
        });
        inboxes.push(Inbox { channel, hours, form });
    }
    tx.commit().await?;
    Ok(Shown { place: Place::new(&access, brand), settings, versions, inboxes })
}

/// What came back of a form, or these values if nothing did.
fn held(mut filled: Filled, values: impl FnOnce() -> Fields) -> Filled {
    if filled.values.is_empty() {
        filled.values = values();
    }
    filled
}
