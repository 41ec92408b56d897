//! The page on which another contact becomes part of this one: which one, and what will be.

use kit::frame::{Crumb, Shell};
use kit::plain_list::list_card;
use kit::title::PageTitle;
use kit::{Address, PageHeader, Region, SearchField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::messaging::contact_page::ContactRow;
use web::brand::BrandAccent;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::actions::MERGE;
use super::list::{Line, list_words};
use super::preview::Preview;
use super::read::{Chosen, Two, WITH, name, two};
use super::texts::texts;

/// Another contact becomes part of this one.
#[component]
pub fn MergeContact() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    let contact = use_params_map().with_untracked(|params| params.get("contact")).unwrap_or_default();
    load_page(async move {
        let context = context?;
        let Two { brand, place, zone, contact, other } = two(&context, &contact, &at).await?;
        let language = context.request.language;
        let words = texts(language);
        let called = name(words, &contact);
        let root = format!("/b/{}/contacts", place.business);
        let crumbs = vec![
            Crumb::link(words.contacts, root.clone()),
            Crumb::link(called.clone(), format!("{root}/{}", contact.id)),
            Crumb::current(words.merge),
        ];
        let frame = frame(&context, crumbs);
        let typed = filled(&context.request, MERGE);
        let title = (words.merge_into)(&called);
        let body = match other {
            Chosen::One(other) => view! { <Preview language zone place contact other=*other typed/> }.into_any(),
            Chosen::None(mut page) => {
                page.rows.retain(|row| row.id != contact.id);
                let choose = at.clone();
                let line = move |row: ContactRow| {
                    let href = choose.with(WITH, &row.id.to_string()).href();
                    view! { <Line language row href/> }.into_any()
                };
                let list = list_card(list_words(words), &at, page, !at.is_filtered(), line);
                view! {
                    <p class="text-fg-2">{words.merge_help}</p>
                    <SearchField at label=words.search region="contacts"/>
                    <Region key="contacts" topics="conversation.changed:*">{list}</Region>
                }
                .into_any()
            }
        };
        Ok(view! {
            <PageTitle text=title.clone()/>
            <Shell frame=frame>
                <BrandAccent brand/>
                <PageHeader title=title/>
                <div class="flex max-w-3xl flex-col gap-4">{body}</div>
            </Shell>
        })
    })
}
