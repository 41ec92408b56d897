//! What did the assistant do with the messages of customers? The list of its answers, the newest first.

use domain::assistant::AnswerState;
use domain::assistant::view::AnswerLine;
use domain::page::Page;
use kit::labels::messaging::glyph;
use kit::plain_list::{ListWords, list_card, view_tabs};
use kit::{Address, Ago, Icon, Region, SearchField, StatusPill, Tone};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;

use super::place::{Around, Part, Place};
use super::texts::{Texts, texts};

/// The views, in the order of the page. Each other than the first is a state.
const VIEWS: [&str; 5] = ["", "drafted", "sent", "handed_over", "failed"];

/// The answers of the assistant.
#[component]
pub fn AssistantAnswers() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let (place, list) = read(&context, &at).await?;
        let words = texts(context.request.language);
        let tabs = view_tabs(words.views, &VIEWS, &at, words.view);
        let list = view! { <List words at=at.clone() place=place.clone() list/> };
        Ok(view! {
            <Around context place part=Part::Answers>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.answers_help}</p>
                    <SearchField at=at.with("new", "") label=words.search_answers region="answers"/>
                    {tabs}
                    {list}
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext, at: &Address) -> Result<(Place, Page<AnswerLine>)> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let list = store::assistant::answers::list(&mut tx, &at.query()).await?;
    tx.commit().await?;
    Ok((Place::new(&access, brand), list))
}

#[component]
fn List(words: &'static Texts, at: Address, place: Place, list: Page<AnswerLine>) -> impl IntoView {
    let said = ListWords {
        none: words.no_answer,
        none_here: words.no_answer_here,
        show_all: words.show_all,
        first_page: words.first_page,
        next: words.next,
    };
    let line = |line: AnswerLine| view! { <Line words place=place.clone() line/> }.into_any();
    let body = list_card(said, &at, list, !at.is_filtered(), line);
    view! { <Region key="answers" topics="conversation.changed:*">{body}</Region> }
}

/// How a state looks.
pub(super) const fn tone(state: AnswerState) -> Tone {
    match state {
        AnswerState::Thinking => Tone::Running,
        AnswerState::Drafted => Tone::Asks,
        AnswerState::Sent | AnswerState::Edited => Tone::Ok,
        AnswerState::Dismissed | AnswerState::Dropped => Tone::Cancelled,
        AnswerState::HandedOver => Tone::Warn,
        AnswerState::Failed => Tone::Failed,
    }
}

/// The contact's name, or the best that is known.
pub(super) fn contact(words: &'static Texts, line: &AnswerLine) -> String {
    if line.contact_name.is_empty() {
        words.unknown_contact.to_owned()
    } else {
        domain::phone::shown(&line.contact_name)
    }
}

/// An answer: whom it is for, what was asked, and what the assistant said to it.
#[component]
fn Line(words: &'static Texts, place: Place, line: AnswerLine) -> impl IntoView {
    let href = format!("{}/{}", place.at(Part::Answers), line.id);
    let name = contact(words, &line);
    let said = if line.text.is_empty() { (words.why)(&line.reason) } else { line.text };
    view! {
        <li class="border-t border-line first:border-0">
            <a class="flex flex-col gap-1 px-4 py-3 hover:bg-raised" href=href>
                <span class="flex flex-wrap items-center gap-x-3 gap-y-1">
                    <span class="inline-flex min-w-0 grow items-center gap-1.5 font-medium"><Icon of=glyph(line.channel)/><span class="min-w-0 truncate">{name}</span></span>
                    <StatusPill tone=tone(line.state)>{(words.state)(line.state)}</StatusPill>
                    <span class="text-xs text-fg-3"><Ago at=line.created_at/></span>
                </span>
                <span class="line-clamp-1 text-sm break-words text-fg-3">{line.question}</span>
                <span class="line-clamp-2 text-sm break-words text-fg-2">{said}</span>
            </a>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::*;

    #[test]
    fn every_view_but_the_first_is_a_state_and_has_a_name_of_its_own() {
        for language in Language::ALL {
            let words = texts(language);
            let names: std::collections::BTreeSet<_> = VIEWS.iter().map(|view| (words.view)(view)).collect();
            assert_eq!(names.len(), VIEWS.len());
        }
        assert!(VIEWS[1..].iter().all(|view| AnswerState::parse(view).is_some()));
    }
}
