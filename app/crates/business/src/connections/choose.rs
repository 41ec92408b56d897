//! Which of the accounts that a consent brought is connected? The person who consented chooses, within an hour.

use domain::ChannelChoiceId;
use domain::channel_setup::Account;
use domain::language::Language;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Card, PageHeader, PostButton};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use web::brand::{BrandAccent, BrandMark};
use web::error::Error;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;
use web::translate::translate;

use super::texts::texts;
use crate::messages::messages;

/// The accounts to choose from.
#[component]
pub fn ChooseChannel() -> impl IntoView {
    let context = server_context();
    let params = use_params_map();
    let choice = params.with_untracked(|params| params.get("choice")).unwrap_or_default();
    load_page(async move {
        let context = context?;
        let id: ChannelChoiceId = choice.parse().map_err(|_| Error::NotFound)?;
        let (place, mut tx) = context.business_page().await?;
        let choice = store::channel_choices::get(&mut tx, id).await?;
        let brand = store::agencies::brand(&mut tx).await?;
        tx.commit().await?;
        let language = context.request.language;
        let words = texts(language);
        if choice.chosen.is_some() {
            return Err(Error::Conflict(words.choice_made.to_owned()));
        }
        let title = (words.choose_title)(choice.kind);
        let back = format!("/b/{}/integrations", place.id);
        let frame = frame(&context, vec![Crumb::link(messages(language).connections, back), Crumb::current(title)]);
        let hidden = vec![("business", place.id.to_string()), ("choice", id.to_string())];
        let none = hidden.clone();
        let lines =
            choice.accounts.into_iter().map(move |account| view! { <Line language account hidden=hidden.clone()/> });
        let lines = lines.collect_view();
        Ok(view! {
            <PageTitle text=title/>
            <Shell frame=frame>
                <BrandAccent brand=brand.clone()/>
                <div class="pb-4"><BrandMark brand/></div>
                <PageHeader title=title/>
                <div class="flex max-w-2xl flex-col gap-4">
                    <p class="text-fg-2">{words.choose_help}</p>
                    <Card flush=true><ul>{lines}</ul></Card>
                    <div><PostButton action="/do/withdraw_channel_choice" hidden=none>{words.choose_none}</PostButton></div>
                </div>
            </Shell>
        })
    })
}

#[component]
fn Line(language: Language, account: Account, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let words = texts(language);
    let hidden: Vec<_> = hidden.into_iter().chain([("account", account.id)]).collect();
    let about = format!(": {}", account.name);
    let act = match account.unusable {
        Some(why) => view! { <p class="text-sm text-fg-3">{translate(language, &why)}</p> }.into_any(),
        None => {
            view! { <PostButton action="/do/choose_channel" hidden>{words.choose_this}<span class="sr-only">{about}</span></PostButton> }
                .into_any()
        }
    };
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
            <span class="min-w-0 grow basis-56">
                <span class="block font-medium">{account.name}</span>
                <span class="block text-sm text-fg-3">{account.address}</span>
            </span>
            {act}
        </li>
    }
}
