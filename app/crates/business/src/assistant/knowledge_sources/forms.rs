//! The forms by which a person adds a page of a web site or a file to what the assistant knows.

use domain::assistant::KnowledgeKind;
use domain::assistant::sources::LONGEST_ORIGIN;
use domain::language::Language;
use kit::{Button, ButtonLink, ButtonStyle, Card, Filled, Form, TextField, UploadField};
use leptos::prelude::*;
use web::page::filled;
use web::request_context::RequestContext;

use super::texts::texts;
use crate::assistant::place::Place;
use crate::assistant::texts as common;

/// Types of files that the browser offers. What a file is is judged by its content.
const OFFERED: &str = ".pdf,.docx,.csv,.tsv,.txt,.md,.html";

/// The operation that adds a source of this kind.
const fn operation(kind: KnowledgeKind) -> &'static str {
    match kind {
        KnowledgeKind::Page => "add_knowledge_page",
        KnowledgeKind::File => "add_knowledge_files",
        KnowledgeKind::Qa | KnowledgeKind::Text => "add_knowledge",
    }
}

/// The form of the last post for this kind of source.
pub(in crate::assistant) fn of_kind(request: &RequestContext, kind: KnowledgeKind) -> Filled {
    filled(request, operation(kind))
}

/// The form of a new page or file.
#[component]
pub(in crate::assistant) fn AddSource(
    language: Language,
    place: Place,
    kind: KnowledgeKind,
    filled: Filled,
    /// Where somebody goes who adds nothing.
    back: String,
) -> impl IntoView {
    let (words, common) = (texts(language), common::texts(language));
    let is_file = kind == KnowledgeKind::File;
    let title = if is_file { words.add_file } else { words.add_page };
    let field = move || {
        if is_file {
            view! { <UploadField name="files" label=words.file accept=OFFERED help=words.file_help required=true/> }
                .into_any()
        } else {
            let most = u32::try_from(LONGEST_ORIGIN).unwrap_or(u32::MAX);
            view! { <TextField name="address" label=words.address help=words.address_help inputmode="url" autocomplete="off" maxlength=most required=true/> }
                .into_any()
        }
    };
    view! {
        <Card title=title>
            <Form action=format!("/do/{}", operation(kind)) filled=filled hidden=place.hidden() upload=is_file>
                {field()}
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>{title}</Button>
                    <ButtonLink href=back look=ButtonStyle::Quiet>{common.cancel}</ButtonLink>
                </div>
            </Form>
        </Card>
    }
}
