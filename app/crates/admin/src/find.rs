//! Searches agencies, businesses and people for the platform, and its pages.

use domain::language::Language;
use domain::permission::Right;
use kit::frame::palette::{Found, Results};
use kit::frame::{Area, Crumb};
use kit::{Address, Glyph};
use leptos::prelude::*;
use store::tenant::PlatformTx;
use web::error::Result;
use web::find::{FindQuery, page, pages};
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// Finds what matches in the platform's area, as a piece of the page.
#[server(prefix = "/do", endpoint = "find_platform")]
pub async fn find_platform(#[server(default)] q: String) -> Result<String> {
    let context = server_context()?;
    let mut tx = context.platform_page().await?;
    let found = in_platform(&mut tx, &q).await?;
    tx.commit().await?;
    Ok(view! { <Results area=Area::Platform typed=q found=found/> }.to_html())
}

/// The Find page of the platform.
#[component]
pub fn FindInPlatform() -> impl IntoView {
    let context = server_context();
    let typed = Address::current().get("q").to_owned();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let found = in_platform(&mut tx, &typed).await?;
        tx.commit().await?;
        let frame = frame(&context, vec![Crumb::current("Find")]);
        Ok(page(frame, Language::English, None, typed, found))
    })
}

async fn in_platform(tx: &mut PlatformTx, typed: &str) -> Result<Vec<Found>> {
    let find_query = FindQuery::read(typed);
    let may = |right: Right| right == Right::PlatformRead;
    let mut found = pages(&find_query, Language::English, Area::Platform, "/admin", may);
    if find_query.words.is_empty() {
        return Ok(found);
    }
    let query = find_query.query(&find_query.words);
    if find_query.wants('@') {
        let rows = store::agencies::list(tx, &query).await?.rows;
        found.extend(rows.into_iter().map(|row| {
            let page = format!("/admin/agencies/{}", row.agency.id);
            Found::new("Agencies", Glyph::Globe, &row.agency.name, "", page)
        }));
        let rows = store::businesses::list_platform(tx, None, &query).await?.rows;
        found.extend(rows.into_iter().map(|row| {
            let of = row.agency_name.unwrap_or_default();
            Found::new("Businesses", Glyph::Client, &row.name, &of, format!("/admin/businesses/{}", row.id))
        }));
        let rows = store::identity::list(tx, &query).await?.rows;
        found.extend(rows.into_iter().map(|row| {
            let page = format!("/admin/people/{}", row.id);
            // Somebody who was invited has no name yet.
            let (title, more) = if row.name.is_empty() { (&row.email, "") } else { (&row.name, row.email.as_str()) };
            Found::new("People", Glyph::Person, title, more, page)
        }));
    }
    Ok(found)
}
