//! One thing that the assistant knows: the form that adds or changes it, or what was read of it, and the passages that are
//! searched.

use std::collections::BTreeMap;

use domain::KnowledgeId;
use domain::assistant::view::KnowledgeView;
use domain::assistant::{KnowledgeKind, LONGEST_CONTENT, LONGEST_TITLE};
use domain::language::Language;
use kit::{Ago, Button, ButtonLink, ButtonStyle, Card, Confirm, Filled, Form, Region, TextArea, TextField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};

use super::knowledge_sources::ReadSource;
use super::place::{Around, Part, Place};
use super::texts::{Texts, texts};

/// A question, text, page or file of the knowledge.
#[component]
pub fn AssistantSource() -> impl IntoView {
    let context = server_context();
    let params = use_params_map();
    let id = params.with_untracked(|params| params.get("knowledge")).unwrap_or_default();
    load_page(async move {
        let context = context?;
        let id: KnowledgeId = id.parse().map_err(|_| Error::NotFound)?;
        let (place, known) = read(&context, id).await?;
        let language = context.request.language;
        let words = texts(language);
        let typed = filled(&context.request, "change_knowledge");
        let own = typed.values.get("knowledge").is_some_and(|typed| *typed == id.to_string());
        let filled = if own { typed } else { Filled { values: fields(&known), ..Filled::default() } };
        let name = if known.kind == KnowledgeKind::Qa { known.question.clone() } else { known.title.clone() };
        let (kind, changed, back) = (known.kind, known.updated_at, place.at(Part::Knowledge));
        let form = if kind.is_read() {
            let (topics, place) = (format!("knowledge.changed:{id}"), place.clone());
            view! { <Region key="source" topics class="flex flex-col gap-4"><ReadSource language place known/></Region> }
                .into_any()
        } else {
            view! {
                <SourceForm language place=place.clone() kind known=Some(id) filled back/>
                <Passages words passages=known.passages/>
            }
            .into_any()
        };
        let hidden = place.hidden_with("knowledge", id);
        Ok(view! {
            <Around context place part=Part::Knowledge name>
                <div class="flex max-w-3xl flex-col gap-4">
                    {form}
                    <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                        <p class="grow text-sm text-fg-3">{words.changed}" "<Ago at=changed/></p>
                        <Confirm action="/do/remove_knowledge" label=words.remove verb=words.remove hidden look=ButtonStyle::Quiet>{words.remove_what}</Confirm>
                    </div>
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext, id: KnowledgeId) -> Result<(Place, KnowledgeView)> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let known = store::assistant::knowledge::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok((Place::new(&access, brand), known))
}

/// What is known as the fields of its form.
fn fields(known: &KnowledgeView) -> BTreeMap<String, String> {
    let fields = match known.kind {
        KnowledgeKind::Qa => [("question", &known.question), ("content", &known.content)],
        KnowledgeKind::Text | KnowledgeKind::Page | KnowledgeKind::File => {
            [("title", &known.title), ("content", &known.content)]
        }
    };
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// The form of something new, or of something known.
#[component]
pub(super) fn SourceForm(
    language: Language,
    place: Place,
    kind: KnowledgeKind,
    known: Option<KnowledgeId>,
    filled: Filled,
    /// Where somebody goes who changes nothing.
    back: String,
) -> impl IntoView {
    let words = texts(language);
    let (action, about, verb) = match known {
        None => ("/do/add_knowledge", place.hidden(), add(words, kind)),
        Some(id) => ("/do/change_knowledge", place.hidden_with("knowledge", id), words.save),
    };
    let hidden: Vec<_> = about.into_iter().chain([("kind", kind.key().to_owned())]).collect();
    let title = if known.is_some() { words.change } else { verb };
    view! {
        <Card title=title>
            <Form action=action filled=filled hidden=hidden guard=true>
                <Fields words kind/>
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>{verb}</Button>
                    <ButtonLink href=back look=ButtonStyle::Quiet>{words.cancel}</ButtonLink>
                </div>
            </Form>
        </Card>
    }
}

/// What the button of a new source says.
const fn add(words: &'static Texts, kind: KnowledgeKind) -> &'static str {
    match kind {
        KnowledgeKind::Qa => words.add_question,
        KnowledgeKind::Text | KnowledgeKind::Page | KnowledgeKind::File => words.add_text,
    }
}

#[component]
fn Fields(words: &'static Texts, kind: KnowledgeKind) -> impl IntoView {
    let (title, content) = (most(LONGEST_TITLE), most(LONGEST_CONTENT));
    match kind {
        KnowledgeKind::Qa => view! {
            <TextField name="question" label=words.question help=words.question_help autocomplete="off" maxlength=title required=true/>
            <TextArea name="content" label=words.answer rows=4 maxlength=content required=true/>
        }
        .into_any(),
        KnowledgeKind::Text | KnowledgeKind::Page | KnowledgeKind::File => view! {
            <TextField name="title" label=words.title autocomplete="off" maxlength=title required=true/>
            <TextArea name="content" label=words.content help=words.content_help rows=12 maxlength=content required=true/>
        }
        .into_any(),
    }
}

/// A length as browsers count it.
fn most(characters: usize) -> u32 {
    u32::try_from(characters).unwrap_or(u32::MAX)
}

/// The passages of a text, which are what is searched. A single one is the text itself.
#[component]
fn Passages(words: &'static Texts, passages: Vec<String>) -> impl IntoView {
    let many = passages.len() > 1;
    let lines = passages.into_iter().map(|passage| {
        view! { <li class="border-t border-line px-4 py-2.5 text-sm break-words whitespace-pre-line first:border-0">{passage}</li> }
    });
    many.then(|| {
        view! {
            <Card title=words.passages flush=true><ol>{lines.collect_view()}</ol></Card>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_holds_what_is_known_under_the_names_of_its_fields() {
        let known = |kind| KnowledgeView {
            id: KnowledgeId(uuid::Uuid::nil()),
            kind,
            title: "Prices".into(),
            question: "What does it cost?".into(),
            content: "80 dollars.".into(),
            passages: Vec::new(),
            origin: String::new(),
            state: domain::assistant::sources::SourceState::Ready,
            problem: None,
            read_at: None,
            updated_at: chrono::DateTime::default(),
        };
        let names = |kind| fields(&known(kind)).into_keys().collect::<Vec<_>>();
        assert_eq!(names(KnowledgeKind::Qa), ["content", "question"]);
        assert_eq!(names(KnowledgeKind::Text), ["content", "title"]);
    }
}
