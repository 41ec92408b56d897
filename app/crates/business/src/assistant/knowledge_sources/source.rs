//! One page or file that the assistant knows: where it comes from, how far it is read and why not, and its passages.

use domain::assistant::view::KnowledgeView;
use domain::assistant::{KnowledgeKind, LONGEST_CONTENT};
use domain::language::Language;
use kit::{Ago, Card, Glyph, KeyValue, KeyValues, PostButton};
use leptos::prelude::*;

use super::SourceStatePill;
use super::texts::{Texts, texts};
use crate::assistant::place::Place;
use crate::assistant::texts as common;

/// A page or file that a worker reads.
#[component]
pub(in crate::assistant) fn ReadSource(language: Language, place: Place, known: KnowledgeView) -> impl IntoView {
    let (words, common) = (texts(language), common::texts(language));
    let is_page = known.kind == KnowledgeKind::Page;
    let why = known.problem.map(|problem| {
        let kept = (!known.content.is_empty()).then_some(words.kept);
        view! { <p class="text-fg-2">{(words.problem)(problem)}" "{kept}</p> }
    });
    let again = is_page.then(|| {
        let hidden = place.hidden_with("knowledge", known.id);
        view! { <PostButton action="/do/reread_knowledge" hidden icon=Glyph::Refresh>{words.read_again}</PostButton> }
    });
    let label = if is_page { words.address } else { words.file };
    let read_at = known.read_at.map_or_else(|| common.none.into_any(), |at| view! { <Ago at/> }.into_any());
    let is_cut = (known.content.chars().count() >= LONGEST_CONTENT)
        .then(|| view! { <p class="text-sm text-fg-2">{words.cut}</p> });
    view! {
        <Card>
            <div class="flex flex-col gap-4">
                <div class="flex flex-wrap items-center justify-between gap-2"><SourceStatePill words state=known.state/>{again}</div>
                {why}
                <KeyValues>
                    <KeyValue name=label><Origin is_page origin=known.origin.clone()/></KeyValue>
                    <KeyValue name=words.read_at>{read_at}</KeyValue>
                </KeyValues>
                {is_cut}
            </div>
        </Card>
        <Passages words passages=known.passages/>
    }
}

/// The address of a page as a link, or the name of a file.
#[component]
fn Origin(is_page: bool, origin: String) -> impl IntoView {
    let is_link = is_page && (origin.starts_with("https://") || origin.starts_with("http://"));
    if is_link {
        let href = origin.clone();
        view! { <a class="link break-all" href=href target="_blank" rel="noopener noreferrer nofollow">{origin}</a> }
            .into_any()
    } else {
        view! { <span class="break-all">{origin}</span> }.into_any()
    }
}

/// The passages that are searched.
#[component]
fn Passages(words: &'static Texts, passages: Vec<String>) -> impl IntoView {
    (!passages.is_empty()).then(|| {
        let lines = passages.into_iter().map(|passage| {
            view! { <li class="border-t border-line px-4 py-2.5 text-sm break-words whitespace-pre-line first:border-0" dir="auto">{passage}</li> }
        });
        view! { <Card title=words.passages flush=true><ol>{lines.collect_view()}</ol></Card> }
    })
}

#[cfg(test)]
mod tests {
    use domain::assistant::sources::{Problem, SourceState};
    use domain::brand::{Brand, BrandChoice};
    use domain::{AgencyId, BusinessId};
    use uuid::Uuid;

    use super::*;

    fn html(origin: &str, kind: KnowledgeKind, problem: Option<Problem>) -> String {
        let known = KnowledgeView {
            id: domain::KnowledgeId(Uuid::nil()),
            kind,
            title: "Hours".to_owned(),
            question: String::new(),
            content: "<b>9 to 5</b>".to_owned(),
            passages: vec!["<b>9 to 5</b>".to_owned()],
            origin: origin.to_owned(),
            state: if problem.is_some() { SourceState::Failed } else { SourceState::Ready },
            problem,
            read_at: Some(chrono::DateTime::default()),
            updated_at: chrono::DateTime::default(),
        };
        let (business, agency) = (BusinessId(Uuid::nil()), AgencyId(Uuid::nil()));
        let brand = Brand { agency, name: "Harbor".to_owned(), choice: BrandChoice::default() };
        let place = Place { business, brand, manages: true, connects: true };
        Owner::new().with(|| view! { <ReadSource language=Language::English place known/> }.to_html())
    }

    #[test]
    fn an_address_is_a_link_only_if_a_browser_may_follow_it() {
        let page = html("https://shop.example.com/hours", KnowledgeKind::Page, None);
        assert!(
            page.contains("href=\"https://shop.example.com/hours\"") && page.contains("/do/reread_knowledge"),
            "{page}"
        );
        let page = html("javascript:alert(1)", KnowledgeKind::Page, None);
        assert!(!page.contains("href=\"javascript"), "{page}");
        let file = html("https://x.example/<i>.csv", KnowledgeKind::File, None);
        assert!(!file.contains("<a ") && !file.contains("<i>") && !file.contains("reread_knowledge"), "{file}");
    }

    #[test]
    fn what_could_not_be_read_says_why_and_what_was_read_stays() {
        let page = html("https://shop.example.com/", KnowledgeKind::Page, Some(Problem::NotFound));
        let words = texts(Language::English);
        assert!(page.contains((words.problem)(Problem::NotFound)) && page.contains(words.kept), "{page}");
        assert!(page.contains("9 to 5") && !page.contains("<b>9"), "{page}");
    }
}
