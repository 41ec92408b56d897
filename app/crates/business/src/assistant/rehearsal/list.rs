//! Which rehearsals were there, and how is a new one begun? The page of rehearsals.

use domain::assistant::rehearsal::{PastQuestion, RunLine, RunState};
use domain::language::Language;
use kit::{Ago, Card, Region, StatusPill, Tone};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};

use super::super::place::{Around, Part, Place};
use super::super::texts as assistant;
use super::choose::Choose;
use super::texts::texts;

/// Number of past questions to choose from.
const OFFERED: i64 = 40;

/// The rehearsals of the assistant.
#[component]
pub fn AssistantRehearsals() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let (place, questions, runs) = read(&context).await?;
        let language = context.request.language;
        let words = texts(language);
        let typed = filled(&context.request, "start_rehearsal");
        let form = view! { <Choose language place=place.clone() questions filled=typed/> };
        let runs = view! { <Runs language place=place.clone() runs/> };
        Ok(view! {
            <Around context place part=Part::Rehearsals>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.rehearsals_help}</p>
                    {form}
                    <Region key="rehearsals" topics="rehearsal.changed:*">{runs}</Region>
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext) -> Result<(Place, Vec<PastQuestion>, Vec<RunLine>)> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let questions = store::assistant::rehearsal::past_questions(&mut tx, OFFERED).await?;
    let runs = store::assistant::rehearsal::list(&mut tx).await?;
    tx.commit().await?;
    Ok((Place::new(&access, brand), questions, runs))
}

/// How the state of a rehearsal looks.
pub(super) const fn tone(state: RunState) -> Tone {
    match state {
        RunState::Running => Tone::Running,
        RunState::Done => Tone::Ok,
        RunState::Cancelled => Tone::Cancelled,
    }
}

#[component]
fn Runs(language: Language, place: Place, runs: Vec<RunLine>) -> impl IntoView {
    let (words, common) = (texts(language), assistant::texts(language));
    let none = runs.is_empty().then(|| view! { <p class="p-4 text-fg-2">{words.none_before}</p> });
    let lines = runs.into_iter().map(|run| {
        let href = format!("{}/{}", place.at(Part::Rehearsals), run.id);
        let by = run.by.map(|by| view! { <span>{(common.by)(&by)}</span> });
        view! {
            <li class="border-t border-line first:border-0">
                <a class="flex flex-col gap-1 px-4 py-3 hover:bg-raised" href=href>
                    <span class="flex flex-wrap items-center gap-x-3 gap-y-1">
                        <span class="min-w-0 grow font-medium">{(words.questions)(run.tally.all())}</span>
                        <StatusPill tone=tone(run.state)>{(words.run_state)(run.state)}</StatusPill>
                        <span class="flex flex-wrap gap-x-1 text-xs text-fg-3"><Ago at=run.created_at/>{by}</span>
                    </span>
                    <span class="text-sm text-fg-2">{(words.pass_mark)(&run.tally)}</span>
                </a>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Card title=words.done_before flush=true>{none}<ul class="empty:hidden">{lines}</ul></Card> }
}
