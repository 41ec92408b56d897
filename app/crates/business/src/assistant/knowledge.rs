//! What does the assistant know? The list of questions, texts, pages and files with its search, and the form of a new one.

use domain::assistant::KnowledgeKind;
use domain::assistant::sources::SourceState;
use domain::assistant::view::KnowledgeLine;
use domain::language::Language;
use domain::page::Page;
use kit::plain_list::{ListWords, list_card};
use kit::{Address, Ago, ButtonLink, ButtonStyle, Filled, Region, SearchField};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};

use super::knowledge_sources::{self, AddSource, SourceStatePill, of_kind};
use super::place::{Around, Part, Place};
use super::source::SourceForm;
use super::texts::texts;

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
            let (back, place) = (root.clone(), place.clone());
            if kind.is_read() {
                view! { <AddSource language place kind filled back/> }.into_any()
            } else {
                view! { <SourceForm language place kind known=None filled back/> }.into_any()
            }
        });
        let list = view! { <List language at=at place=place.clone() list/> };
        Ok(view! {
            <Around context place part=Part::Knowledge>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.knowledge_help}</p>
                    <Adders language root/>
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
    Ok(Shown { place: Place::new(&access, brand), list, form: form(context, at) })
}

/// The form that is open: the one that was asked for, or one that came back.
fn form(context: &ServerContext, at: &Address) -> Option<(KnowledgeKind, Filled)> {
    let typed = filled(&context.request, "add_knowledge");
    let came_back =
        [KnowledgeKind::Page, KnowledgeKind::File].into_iter().find(|kind| of_kind(&context.request, *kind).is_bad());
    let kind =
        KnowledgeKind::parse(at.get("new")).or(came_back).or_else(|| typed.is_bad().then_some(kind_of(&typed)))?;
    Some((kind, of_kind(&context.request, kind)))
}

/// What was typed into a form that came back.
fn kind_of(typed: &Filled) -> KnowledgeKind {
    typed.values.get("kind").and_then(|kind| KnowledgeKind::parse(kind)).unwrap_or(KnowledgeKind::Qa)
}

/// The ways to add something.
#[component]
fn Adders(language: Language, root: String) -> impl IntoView {
    let (words, sources) = (texts(language), knowledge_sources::texts(language));
    let add = |kind: KnowledgeKind| format!("{root}?new={}#source", kind.key());
    view! {
        <div class="flex flex-wrap gap-2">
            <ButtonLink href=add(KnowledgeKind::Qa) look=ButtonStyle::Primary>{words.add_question}</ButtonLink>
            <ButtonLink href=add(KnowledgeKind::Text)>{words.add_text}</ButtonLink>
            <ButtonLink href=add(KnowledgeKind::Page)>{sources.add_page}</ButtonLink>
            <ButtonLink href=add(KnowledgeKind::File)>{sources.add_file}</ButtonLink>
        </div>
    }
}

/// The list with its search.
#[component]
fn List(language: Language, at: Address, place: Place, list: Page<KnowledgeLine>) -> impl IntoView {
    let words = texts(language);
    let said = ListWords {
        none: words.no_knowledge,
        none_here: words.nothing_found,
        show_all: words.show_all,
        first_page: words.first_page,
        next: words.next,
    };
    let line = |line: KnowledgeLine| view! { <Line language place=place.clone() line/> }.into_any();
    let body = list_card(said, &at, list, at.get("q").is_empty(), line);
    view! {
        <SearchField at=at.with("new", "") label=words.search_knowledge region="knowledge"/>
        <Region key="knowledge" topics="knowledge.changed:*">{body}</Region>
    }
}

/// A question, text, page or file.
#[component]
fn Line(language: Language, place: Place, line: KnowledgeLine) -> impl IntoView {
    let (words, sources) = (texts(language), knowledge_sources::texts(language));
    let href = format!("{}/{}", place.at(Part::Knowledge), line.id);
    let kind = match line.kind {
        KnowledgeKind::Qa => words.a_question,
        KnowledgeKind::Text => words.a_text,
        KnowledgeKind::Page => sources.a_page,
        KnowledgeKind::File => sources.a_file,
    };
    let state = (line.state != SourceState::Ready)
        .then(|| view! { <span><SourceStatePill words=sources state=line.state/></span> });
    let origin = (line.kind.is_read() && line.origin != line.title)
        .then(|| view! { <span class="text-sm break-all text-fg-2">{line.origin}</span> });
    view! {
        <li class="border-t border-line first:border-0">
            <a class="flex flex-col gap-0.5 px-4 py-3 hover:bg-raised" href=href>
                <span class="font-medium break-words">{line.title}</span>
                {origin}
                {state}
                <span class="line-clamp-2 text-sm break-words text-fg-2">{line.content}</span>
                <span class="flex flex-wrap gap-x-1.5 text-xs text-fg-3">{kind}" \u{b7} "{words.changed}" "<Ago at=line.updated_at/></span>
            </a>
        </li>
    }
}
