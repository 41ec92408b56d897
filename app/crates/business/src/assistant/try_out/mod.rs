//! What would the assistant say to me? The test chat: a person asks as a customer would, and reads the answer with its
//! sources, its checks and its cost.

use domain::assistant::rehearsal::{CaseState, CaseView, LONGEST_QUESTION, MOST_CASES, RunView};
use domain::language::Language;
use kit::{Address, Button, ButtonLink, ButtonStyle, Card, Choice, Empty, Filled, Form, Region, Select, TextArea};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};

use super::place::{Around, Part, Place};
use super::rehearsal::PUBLISHED;
use super::rehearsal::outcome::{Grounds, Verdict};
use super::rehearsal::texts::texts;

/// The value of the field `settings` that stands for the saved settings.
const SAVED: &str = "saved";

/// What the page shows.
struct Shown {
    place: Place,
    chat: Option<RunView>,
    /// Whether there are settings in use that somebody published.
    is_published: bool,
}

/// The test chat of the assistant.
#[component]
pub fn AssistantTryOut() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let Shown { place, chat, is_published } = read(&context, !at.get("new").is_empty()).await?;
        let language = context.request.language;
        let words = texts(language);
        let typed = filled(&context.request, "try_assistant");
        let shown = chat.as_ref().map_or_else(|| "*".to_owned(), |chat| chat.line.id.to_string());
        let topics = format!("rehearsal.changed:{shown}");
        let form = view! { <Ask language place=place.clone() chat=chat.clone() is_published filled=typed/> };
        let said = view! { <Said language place=place.clone() chat/> };
        Ok(view! {
            <Around context place part=Part::TryOut>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.try_help}</p>
                    <Region key="chat" topics>{said}</Region>
                    {form}
                </div>
            </Around>
        })
    })
}

/// Reads the page. A new chat begins empty.
async fn read(context: &ServerContext, is_new: bool) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let settings = store::assistant::settings::view(&mut tx).await?;
    let user = context.caller()?.user;
    let chat = if is_new { None } else { store::assistant::rehearsal::chat(&mut tx, user).await? };
    tx.commit().await?;
    Ok(Shown { place: Place::new(&access, brand), chat, is_published: settings.version > 0 })
}

/// The form of the next question.
#[component]
fn Ask(language: Language, place: Place, chat: Option<RunView>, is_published: bool, filled: Filled) -> impl IntoView {
    let words = texts(language);
    let mut hidden = place.hidden();
    hidden.extend(chat.as_ref().map(|chat| ("chat", chat.line.id.to_string())));
    let tried = chat.as_ref().is_some_and(|chat| chat.line.is_published);
    let choices = vec![Choice::new(SAVED, words.saved), Choice::new(PUBLISHED, words.published)];
    let value = if tried { PUBLISHED } else { SAVED };
    let choice = move || view! { <Select name="settings" label=words.tried_settings choices=choices value/> };
    let over = chat.is_some().then(|| {
        let href = format!("{}?new=1", place.at(Part::TryOut));
        view! { <ButtonLink href look=ButtonStyle::Quiet>{words.start_over}</ButtonLink> }
    });
    let most = u32::try_from(LONGEST_QUESTION).unwrap_or(u32::MAX);
    view! {
        <Card>
            <Form action="/do/try_assistant" filled=filled hidden=hidden>
                <TextArea name="question" label=words.question rows=2 maxlength=most required=true/>
                {is_published.then(choice)}
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>{words.ask}</Button>
                    {over}
                </div>
            </Form>
        </Card>
    }
}

/// What was asked and answered.
#[component]
fn Said(language: Language, place: Place, chat: Option<RunView>) -> impl IntoView {
    let words = texts(language);
    let Some(chat) = chat.filter(|chat| !chat.cases.is_empty()) else {
        let (title, text) = words.nothing_asked;
        return view! { <Empty title text/> }.into_any();
    };
    let is_full = chat.cases.len() >= MOST_CASES;
    let full = is_full.then(|| view! { <p class="text-sm text-fg-3">{words.chat_is_full}</p> });
    let turns = chat.cases.into_iter().map(|case| view! { <Turn language place=place.clone() case/> });
    let turns = turns.collect_view();
    view! {
        <div class="flex flex-col gap-3">
            <p class="text-sm text-fg-3">{(words.tried_with)(chat.line.is_published)}</p>
            <div role="log" aria-label=words.try_out><ol class="flex flex-col gap-3">{turns}</ol></div>
            {full}
        </div>
    }
    .into_any()
}

/// A question with its answer, or what is written of it so far. What grows is read out when it is done.
#[component]
fn Turn(language: Language, place: Place, case: CaseView) -> impl IntoView {
    let words = texts(language);
    let is_waiting = case.state == CaseState::Waiting;
    let so_far = (is_waiting && !case.answer.is_empty()).then(|| {
        view! { <p class="text-2xs text-fg-3">{words.so_far}</p> }
    });
    let answer = (!case.answer.is_empty()).then(|| {
        view! { <p class="break-words whitespace-pre-line" dir="auto">{case.answer.clone()}</p> }
    });
    view! {
        <li class="flex flex-col gap-2">
            <div class="ms-8 self-end rounded-card bg-raised px-3 py-2">
                <p class="text-2xs text-fg-3">{words.you}</p>
                <p class="break-words whitespace-pre-line" dir="auto">{case.question.clone()}</p>
            </div>
            <div class="me-8 flex flex-col gap-2 self-start rounded-card border border-line px-3 py-2" aria-busy=is_waiting.then_some("true")>
                <Verdict language case=case.clone()/>
                {answer}
                {so_far}
                <Grounds language place case/>
            </div>
        </li>
    }
}
