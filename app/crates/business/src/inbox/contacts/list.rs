//! All contacts of a business, the newest first, with a search by name, number, mail address or user name.

use domain::BusinessId;
use domain::brand::Brand;
use domain::language::Language;
use domain::page::Page;
use domain::phone;
use kit::frame::{Crumb, Shell};
use kit::plain_list::{ListWords, list_card};
use kit::title::PageTitle;
use kit::{Address, Ago, PageHeader, Region, SearchField, StatusPill, Tone};
use leptos::prelude::*;
use store::messaging::contact_page::{self, ContactRow};
use web::brand::BrandAccent;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

use super::super::texts as inbox_texts;
use super::read::called;
use super::texts::{Texts, texts};

/// The contacts of a business.
#[component]
pub fn Contacts() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let (brand, business, page) = read(&context, &at).await?;
        let language = context.request.language;
        let words = texts(language);
        let frame = frame(&context, vec![Crumb::current(words.contacts)]);
        let search = view! { <SearchField at=at.clone() label=words.search region="contacts"/> };
        let line = move |row: ContactRow| {
            let href = format!("/b/{business}/contacts/{}", row.id);
            view! { <Line language row href/> }.into_any()
        };
        let body = list_card(list_words(words), &at, page, !at.is_filtered(), line);
        Ok(view! {
            <PageTitle text=words.contacts.to_owned()/>
            <Shell frame=frame>
                <BrandAccent brand/>
                <PageHeader title=words.contacts/>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.help}</p>
                    {search}
                    <Region key="contacts" topics="conversation.changed:*">{body}</Region>
                </div>
            </Shell>
        })
    })
}

async fn read(context: &ServerContext, at: &Address) -> Result<(Brand, BusinessId, Page<ContactRow>)> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let page = contact_page::list(&mut tx, &at.query()).await?;
    tx.commit().await?;
    Ok((brand, access.id, page))
}

/// What a list of contacts says around its lines.
pub(super) const fn list_words(words: &'static Texts) -> ListWords {
    ListWords {
        none: words.none,
        none_here: words.none_here,
        show_all: words.show_all,
        first_page: words.first_page,
        next: words.next,
    }
}

/// A contact: who it is, where they write, how else they are reached, and when they last wrote.
#[component]
pub(super) fn Line(language: Language, row: ContactRow, href: String) -> impl IntoView {
    let words = texts(language);
    let name = row_name(language, &row);
    let phone = row.phone.map(|number| phone::shown(&number));
    let known = [row.handle.map(|handle| format!("@{handle}")), phone, row.email];
    let known: Vec<String> = known.into_iter().flatten().filter(|text| *text != name).collect();
    let out = row.opted_out_at.map(|_| view! { <StatusPill tone=Tone::Cancelled>{words.opted_out}</StatusPill> });
    let last =
        row.last_activity_at.map(|at| view! { <span class="text-xs text-fg-3">{words.last_wrote}" "<Ago at/></span> });
    view! {
        <li class="border-t border-line first:border-0">
            <a class="flex flex-col gap-1 px-4 py-3 hover:bg-raised" href=href>
                <span class="flex flex-wrap items-center gap-x-3 gap-y-1">
                    <span class="min-w-0 grow basis-40 truncate font-medium" dir="auto">{name}</span>
                    {out}
                    {last}
                </span>
                <span class="flex flex-wrap gap-x-3 gap-y-1 text-sm text-fg-2">
                    <span>{channels(language, &row.kinds)}</span>
                    <span class="min-w-0 break-words" dir="auto">{known.join(" \u{b7} ")}</span>
                </span>
            </a>
        </li>
    }
}

/// What a contact of the list is called.
pub(crate) fn row_name(language: Language, row: &ContactRow) -> String {
    let others = [row.phone.as_deref(), row.email.as_deref()];
    called(texts(language), &row.name, row.handle.as_deref(), others)
}

/// Where a contact writes, by the kinds of its ids.
pub(crate) fn channels(language: Language, kinds: &[String]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for kind in kinds {
        let name = (inbox_texts::texts(language).identity)(kind);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_named_once_whatever_ids_it_gave() {
        let kinds = ["bsuid", "igsid", "parent_bsuid", "wa_id"].map(ToOwned::to_owned);
        assert_eq!(channels(Language::English, &kinds), "WhatsApp, Instagram");
        assert_eq!(channels(Language::Spanish, &[]), "");
    }

    #[test]
    fn somebody_is_called_by_the_best_that_is_known() {
        let words = texts(Language::English);
        assert_eq!(called(words, "Ana", Some("ana"), [None, None]), "Ana");
        assert_eq!(called(words, "", Some("ana"), [Some("+1"), None]), "@ana");
        assert_eq!(called(words, "", None, [Some("+13055550142"), Some("a@b.test")]), "+1 305-555-0142");
        assert_eq!(called(words, "", None, [None, Some("a@b.test")]), "a@b.test");
        assert_eq!(called(words, "", Some(""), [None, None]), words.somebody);
    }
}
