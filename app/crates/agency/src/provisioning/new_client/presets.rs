//! Presets on the page for a new client: begin with one, save what the form has as one, delete one.

use std::collections::BTreeMap;

use domain::PresetId;
use domain::presets::Preset;
use kit::{Button, ButtonStyle, Confirm, TextField};
use leptos::prelude::*;
use operations::presets;
use web::error::{Error, Result};
use web::flash::Flash;
use web::flash_notice::flash_notice;
use web::guard::server_context;

use crate::provisioning::order_form::read;

/// Saves what the form has, beside the one client, as a preset. The form comes back as it was.
#[server(prefix = "/do", endpoint = "save_preset")]
pub async fn save_preset(#[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let name = fields.get("preset").cloned().unwrap_or_default();
    let order = read(&fields).kept().map_err(Error::Invalid)?;
    let name = presets::save(&actor, &name, &order).await?;
    let page = format!("/a/{}/provisioning/new", context.access()?.slug);
    let values = fields.into_iter().filter(|(name, _)| name != "preset" && !Flash::is_secret(name)).collect();
    let notice = Some(format!("Preset \u{201c}{name}\u{201d} saved."));
    Flash { operation: "start_job".to_owned(), notice, values, ..Flash::default() }.keep(&context.session).await?;
    leptos_axum::redirect(&page);
    Ok(())
}

/// Deletes a preset.
#[server(prefix = "/do", endpoint = "remove_preset")]
pub async fn remove_preset(id: PresetId) -> Result<()> {
    let context = server_context()?;
    let name = presets::remove(&context.actor()?, id).await?;
    flash_notice(&context, "remove_preset", format!("Preset \u{201c}{name}\u{201d} deleted.")).await
}

/// The agency's presets, each with a link that begins the form with it.
#[component]
pub fn PresetList(presets: Vec<Preset>, agency: String, current: Option<PresetId>) -> impl IntoView {
    if presets.is_empty() {
        return ().into_any();
    }
    let lines = presets.into_iter().map(|preset| {
        let here = current == Some(preset.id);
        let hidden = vec![("agency", agency.clone()), ("id", preset.id.to_string())];
        let href = format!("/a/{agency}/provisioning/new?preset={}", preset.id);
        let remove = here.then(|| {
            view! {
                <Confirm action="/do/remove_preset" label="Delete preset" verb="Delete preset" hidden=hidden>
                    "Clients created with it stay as they are."
                </Confirm>
            }
        });
        let class = ButtonStyle::Secondary.class();
        view! { <li class="flex items-center gap-1"><a class=class href=href aria-current=here.then_some("true")>{preset.name}</a>{remove}</li> }
    });
    view! {
        <section aria-label="Presets" class="flex flex-wrap items-center gap-2">
            <h2 class="text-sm text-fg-2">"Start from a preset"</h2>
            <ul class="flex flex-wrap items-center gap-2">{lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// The part of the form that saves a preset.
#[component]
pub fn SavePreset() -> impl IntoView {
    view! {
        <details>
            <summary class="fold w-fit py-1 text-sm text-fg-2">"Save as preset"</summary>
            <div class="flex flex-wrap items-end gap-3 pt-2">
                <div class="min-w-0 grow"><TextField name="preset" label="Preset name" placeholder="Dental" help="Keeps the snapshot, values, tags, users, country and time zone, not the client."/></div>
                <Button formaction="/do/save_preset" novalidate=true>"Save preset"</Button>
            </div>
        </details>
    }
}
