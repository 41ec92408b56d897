//! What does the assistant know? The list of questions and texts with its search, and the form of a new one.

use domain::assistant::KnowledgeKind;
use domain::assistant::view::KnowledgeLine;
use domain::language::Language;
use domain::page::Page;
use kit::{Address, Ago, ButtonLink, ButtonStyle, Card, Empty, Filled, Glyph, Icon, Region};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};

use super::place::{Around, Part, Place};
use super::search::Search;
use super::source::SourceForm;
use super::texts::{Texts, texts};

/// What the page shows.
struct Shown {
    place: Place,
    list: Page<KnowledgeLine>,
    form: Option<(KnowledgeKind, Filled)>,
}

/// The knowledge of the assistant.
#[component]
pub fn AssistantKnowledge() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let Shown { place, list, form } = read(&context, &at).await?;
        let language = context.request.language;
        let words = texts(language);
        let root = place.at(Part::Knowledge);
        let form = form.map(|(kind, filled)| {
            let back = root.clone();
            view! { <SourceForm language place=place.clone() kind known=None filled back/> }
        });
        let list = view! { <List language at=at place=place.clone() list/> };
        Ok(view! {
            <Around context place part=Part::Knowledge>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.knowledge_help}</p>
                    <Adders words root/>
                    <div id="source" class="empty:hidden">{form}</div>
                    {list}
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext, at: &Address) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let list = store::assistant::knowledge::list(&mut tx, &at.query()).await?;
    tx.commit().await?;
    let typed = filled(&context.request, "add_knowledge");
    let kind = KnowledgeKind::parse(at.get("new")).or_else(|| typed.is_bad().then_some(kind_of(&typed)));
    Ok(Shown { place: Place::new(&access, brand), list, form: kind.map(|kind| (kind, typed)) })
}

/// What was typed into a form that came back.
fn kind_of(typed: &Filled) -> KnowledgeKind {
    typed.values.get("kind").and_then(|kind| KnowledgeKind::parse(kind)).unwrap_or(KnowledgeKind::Qa)
}

/// The ways to add something.
#[component]
fn Adders(words: &'static Texts, root: String) -> impl IntoView {
    let add = |kind: KnowledgeKind| format!("{root}?new={}#source", kind.key());
    view! {
        <div class="flex flex-wrap gap-2">
            <ButtonLink href=add(KnowledgeKind::Qa) look=ButtonStyle::Primary>{words.add_question}</ButtonLink>
            <ButtonLink href=add(KnowledgeKind::Text)>{words.add_text}</ButtonLink>
        </div>
    }
}

/// The list with its search.
#[component]
fn List(language: Language, at: Address, place: Place, list: Page<KnowledgeLine>) -> impl IntoView {
    let words = texts(language);
    let (shown, searched) = (list.rows.len(), !at.get("q").is_empty());
    let first = (at.at() > 0)
        .then(|| view! { <a class="btn btn-secondary" href=at.with("cursor", "").href()>{words.first_page}</a> });
    let next = list.next.map(|cursor| {
        view! { <a class="btn btn-secondary" rel="next" href=at.page(&cursor, at.at() + shown).href()>{words.next}<Icon of=Glyph::Right/></a> }
    });
    let lines = list.rows.into_iter().map(|line| view! { <Line words place=place.clone() line/> }).collect_view();
    let body = match (shown, searched) {
        (0, true) => view! { <p class="empty text-fg-2">{words.nothing_found}</p> }.into_any(),
        (0, false) => {
            let (title, text) = words.no_knowledge;
            view! { <Empty title text/> }.into_any()
        }
        _ => view! {
            <Card flush=true><ul>{lines}</ul></Card>
            <div class="flex justify-end gap-2 pt-3 empty:hidden">{first}{next}</div>
        }
        .into_any(),
    };
    view! {
        <Search words label=words.search_knowledge region="knowledge" at/>
        <Region key="knowledge" topics="knowledge.changed:*">{body}</Region>
    }
}

/// A question or a text.
#[component]
fn Line(words: &'static Texts, place: Place, line: KnowledgeLine) -> impl IntoView {
    let href = format!("{}/{}", place.at(Part::Knowledge), line.id);
    let kind = match line.kind {
        KnowledgeKind::Qa => words.a_question,
        KnowledgeKind::Text => words.a_text,
    };
    view! {
        <li class="border-t border-line first:border-0">
            <a class="flex flex-col gap-0.5 px-4 py-3 hover:bg-raised" href=href>
                <span class="font-medium break-words">{line.title}</span>
                <span class="line-clamp-2 text-sm break-words text-fg-2">{line.content}</span>
                <span class="flex flex-wrap gap-x-1.5 text-xs text-fg-3">{kind}" \u{b7} "{words.changed}" "<Ago at=line.updated_at/></span>
            </a>
        </li>
    }
}
