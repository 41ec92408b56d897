//! What did a rehearsal come to? Its page: how far it is, what would be answered, at what cost, and each question with both
//! answers.

use domain::RehearsalId;
use domain::assistant::rehearsal::{RunKind, RunView};
use domain::assistant::view::SettingsView;
use kit::Region;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::page::load_page;

use super::super::place::{Around, Part, Place};
use super::compare::Compared;
use super::summary::Summary;
use super::texts::texts;

/// A rehearsal of the assistant.
#[component]
pub fn AssistantRehearsal() -> impl IntoView {
    let context = server_context();
    let params = use_params_map();
    let id = params.with_untracked(|params| params.get("rehearsal")).unwrap_or_default();
    load_page(async move {
        let context = context?;
        let id: RehearsalId = id.parse().map_err(|_| Error::NotFound)?;
        let (place, run, settings) = read(&context, id).await?;
        let language = context.request.language;
        let name = (texts(language).rehearsal_of)(&language.date(run.line.created_at));
        let cases = run.cases.clone().into_iter().map(|case| view! { <Compared language place=place.clone() case/> });
        let cases = cases.collect_view();
        let summary = view! { <Summary language place=place.clone() run settings/> };
        let topics = format!("rehearsal.changed:{id} assistant.changed:*");
        Ok(view! {
            <Around context place part=Part::Rehearsals name>
                <Region key="rehearsal" topics class="flex max-w-4xl flex-col gap-4">
                    {summary}
                    <ol class="flex flex-col gap-4">{cases}</ol>
                </Region>
            </Around>
        })
    })
}

async fn read(context: &ServerContext, id: RehearsalId) -> Result<(Place, RunView, SettingsView)> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let run = store::assistant::rehearsal::get(&mut tx, id).await?;
    let settings = store::assistant::settings::view(&mut tx).await?;
    tx.commit().await?;
    if run.kind == RunKind::Chat {
        return Err(Error::NotFound);
    }
    Ok((Place::new(&access, brand), run, settings))
}
