//! The snippets of a business: the list, and the form of a new one or of the one that the address names.

use domain::BusinessId;
use domain::brand::Brand;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Button, ButtonLink, ButtonStyle, Card, Confirm, Empty, Filled, Form, PageHeader, TextArea, TextField,
};
use leptos::prelude::*;
use store::messaging::snippets::{self, Snippet};
use web::brand::BrandAccent;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::texts::{Texts, texts};

/// What the page shows.
struct Shown {
    brand: Brand,
    business: BusinessId,
    list: Vec<Snippet>,
    /// The one that is being changed.
    edited: Option<Snippet>,
}

/// The texts that people put into their answers.
#[component]
pub fn Snippets() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let shown = read(&context, &at).await?;
        let words = texts(context.request.language);
        let operation = if shown.edited.is_some() { "change_snippet" } else { "add_snippet" };
        let typed = filled(&context.request, operation);
        let crumbs =
            vec![Crumb::link(words.inbox, format!("/b/{}/inbox", shown.business)), Crumb::current(words.snippets)];
        let frame = frame(&context, crumbs);
        let Shown { brand, business, list, edited } = shown;
        let form = view! { <SnippetForm words business edited typed/> };
        Ok(view! {
            <PageTitle text=words.snippets.to_owned()/>
            <Shell frame=frame>
                <BrandAccent brand/>
                <PageHeader title=words.snippets/>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.snippets_help}</p>
                    {form}
                    <List words business list/>
                </div>
            </Shell>
        })
    })
}

async fn read(context: &ServerContext, at: &Address) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let list = snippets::list(&mut tx).await?;
    tx.commit().await?;
    let edited = at.get("edit");
    let edited = list.iter().find(|snippet| snippet.id.to_string() == edited).cloned();
    Ok(Shown { brand, business: access.id, list, edited })
}

/// The form of a new snippet, or of one that is being changed.
#[component]
fn SnippetForm(words: &'static Texts, business: BusinessId, edited: Option<Snippet>, typed: Filled) -> impl IntoView {
    let (action, title) = match edited {
        Some(_) => ("/do/change_snippet", words.change_snippet),
        None => ("/do/add_snippet", words.add_snippet),
    };
    let id = edited.as_ref().map(|snippet| ("snippet", snippet.id.to_string()));
    let hidden: Vec<_> = [("business", business.to_string())].into_iter().chain(id).collect();
    let back = edited.is_some().then(|| {
        view! { <ButtonLink href=format!("/b/{business}/snippets") look=ButtonStyle::Quiet>{words.discard}</ButtonLink> }
    });
    let (name, body) = edited.map(|snippet| (snippet.name, snippet.body)).unwrap_or_default();
    view! {
        <Card title=title>
            <Form action=action filled=typed hidden=hidden guard=true>
                <TextField name="name" label=words.snippet_name value=name autocomplete="off" maxlength=80_u32 required=true/>
                <TextArea name="text" label=words.snippet_text value=body rows=4 maxlength=10_000_u32 required=true/>
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>{title}</Button>
                    {back}
                </div>
            </Form>
        </Card>
    }
}

#[component]
fn List(words: &'static Texts, business: BusinessId, list: Vec<Snippet>) -> impl IntoView {
    if list.is_empty() {
        let (title, text) = words.no_snippets;
        return view! { <Empty title text/> }.into_any();
    }
    let lines = list.into_iter().map(|snippet| view! { <Line words business snippet/> }).collect_view();
    view! { <Card flush=true><ul>{lines}</ul></Card> }.into_any()
}

#[component]
fn Line(words: &'static Texts, business: BusinessId, snippet: Snippet) -> impl IntoView {
    let Snippet { id, name, body } = snippet;
    let of = name.clone();
    let hidden = vec![("business", business.to_string()), ("snippet", id.to_string())];
    let edit = format!("/b/{business}/snippets?edit={id}");
    view! {
        <li class="flex flex-wrap items-start gap-2 border-t border-line px-4 py-3 first:border-0">
            <div class="flex min-w-0 grow basis-60 flex-col gap-0.5">
                <span class="font-medium break-words">{name}</span>
                <span class="line-clamp-2 text-sm break-words whitespace-pre-line text-fg-2">{body}</span>
            </div>
            <a class="btn btn-secondary" href=edit>{words.change_snippet}<span class="sr-only">": "{of}</span></a>
            <Confirm action="/do/remove_snippet" label=words.remove_snippet verb=words.remove_snippet hidden look=ButtonStyle::Quiet>{words.remove_snippet_what}</Confirm>
        </li>
    }
}
