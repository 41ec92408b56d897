//! What does the search of a business find? Its pages, and the contacts of its inbox, as far as the caller may open them. Without scripts it is
//! a page; with scripts the same form is a dialog that updates while typing. A leading character narrows it: `@` contacts,
//! `/` pages.

use domain::brand::Brand;
use domain::language::Language;
use domain::permission::Right;
use domain::phone;
use kit::frame::palette::{Found, Results};
use kit::frame::{Area, Crumb, find_texts};
use kit::{Address, Glyph};
use leptos::prelude::*;
use store::messaging::contact_page::{self, ContactRow};
use web::error::Result;
use web::find::{FindQuery, MOST, page, pages};
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

use super::contacts::{channels, row_name};

/// Finds what matches in a business, as a piece of the page.
#[server(prefix = "/do", endpoint = "find_in_business")]
pub async fn find_in_business(#[server(default)] q: String) -> Result<String> {
    let context = server_context()?;
    let (found, _) = in_business(&context, &q).await?;
    // The address of an operation is in no language.
    provide_context(context.request.language);
    Ok(view! { <Results area=Area::Business typed=q found/> }.to_html())
}

/// The Find page of a business.
#[component]
pub fn FindInBusiness() -> impl IntoView {
    let context = server_context();
    let typed = Address::current().get("q").to_owned();
    load_page(async move {
        let context = context?;
        let (found, brand) = in_business(&context, &typed).await?;
        let language = context.request.language;
        let frame = frame(&context, vec![Crumb::current(find_texts(language).title)]);
        Ok(page(frame, language, Some(brand), typed, found))
    })
}

async fn in_business(context: &ServerContext, typed: &str) -> Result<(Vec<Found>, Brand)> {
    let (access, mut tx) = context.business_page().await?;
    let (query, language) = (FindQuery::read(typed), context.request.language);
    let base = format!("/b/{}", access.id);
    let mut found = pages(&query, language, Area::Business, &base, |right| access.allows(right));
    let asks = !query.words.is_empty() || query.only == Some('@');
    if asks && query.wants('@') && access.allows(Right::InboxRead) {
        let rows = contact_page::first(&mut tx, &query.words, MOST).await?;
        found.extend(rows.into_iter().map(|row| contact(language, &base, &row)));
    }
    let brand = store::agencies::brand(&mut tx).await?;
    tx.commit().await?;
    Ok((found, brand))
}

/// A contact with the number, by which somebody who typed a part of it sees who is meant, else with where the person writes, and
/// when they last wrote.
fn contact(language: Language, base: &str, row: &ContactRow) -> Found {
    let name = row_name(language, row);
    let number = row.phone.as_deref().map(phone::shown).filter(|number| *number != name);
    let note = number.unwrap_or_else(|| channels(language, &row.kinds));
    let href = format!("{base}/contacts/{}", row.id);
    Found::new(find_texts(language).contacts, Glyph::Person, &name, &note, href).last_at(row.last_activity_at)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::ContactId;

    use super::*;

    #[test]
    fn a_contact_is_called_by_the_best_that_is_known_and_leads_to_its_page() {
        let at = DateTime::from_timestamp(1_700_000_000, 0);
        let row = ContactRow {
            id: ContactId(uuid::Uuid::nil()),
            name: String::new(),
            email: None,
            phone: Some("+13055550142".to_owned()),
            handle: None,
            kinds: vec!["wa_id".to_owned(), "igsid".to_owned()],
            last_activity_at: at,
            opted_out_at: None,
        };
        let found = contact(Language::Spanish, "/b/x", &row);
        assert_eq!((found.group, found.what.as_str()), ("Contactos", "+1 305-555-0142"));
        assert_eq!((found.note.as_str(), found.at), ("WhatsApp, Instagram", at));
        assert_eq!(found.href, format!("/b/x/contacts/{}", row.id));
        let named = contact(Language::English, "/b/x", &ContactRow { name: "Ana".to_owned(), ..row });
        assert_eq!((named.what.as_str(), named.note.as_str()), ("Ana", "+1 305-555-0142"));
    }
}
