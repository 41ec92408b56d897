//! The search for pages, clients, jobs and people of the current area, limited to what the caller may open. Without
//! scripts it is a page; with scripts the same form is a dialog that updates while typing (`find`, `find_platform`). A
//! leading character narrows it: `#` jobs, `@` people and clients, `/` pages, `>` operations.

use domain::language::Language;
use domain::permission::Right;
use kit::frame::palette::{Found, Results};
use kit::frame::{Area, Crumb};
use kit::labels::provisioning as labels;
use kit::{Address, Glyph};
use leptos::prelude::*;
use web::error::Result;
use web::find::{FindQuery, MOST, page, pages};
use web::guard::{TenantContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

/// Finds what matches in an agency's area, as a piece of the page.
#[server(prefix = "/do", endpoint = "find")]
pub async fn find(#[server(default)] q: String) -> Result<String> {
    let context = server_context()?;
    let mut tenant = context.page().await?;
    let found = in_agency(&mut tenant, &q).await?;
    tenant.commit().await?;
    Ok(view! { <Results area=Area::Agency typed=q found=found/> }.to_html())
}

/// The Find page of an agency.
#[component]
pub fn FindInAgency() -> impl IntoView {
    let context = server_context();
    let typed = Address::current().get("q").to_owned();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let found = in_agency(&mut tenant, &typed).await?;
        tenant.commit().await?;
        let frame = frame(&context, vec![Crumb::current("Find")]);
        Ok(page(frame, Language::English, None, typed, found))
    })
}

async fn in_agency(tenant: &mut TenantContext, typed: &str) -> Result<Vec<Found>> {
    let find_query = FindQuery::read(typed);
    let base = format!("/a/{}", tenant.access.slug);
    let role = tenant.access.role.clone();
    let may = |right| role.allows(right);
    let mut found = pages(&find_query, Language::English, Area::Agency, &base, may);
    if find_query.words.is_empty() && find_query.only.is_none() {
        return Ok(found);
    }
    if find_query.wants('@') && may(Right::ClientsRead) {
        let rows = store::businesses::list(&mut tenant.tx, &find_query.query(&find_query.words)).await?.rows;
        found.extend(rows.into_iter().map(|row| {
            Found::new(
                "Clients",
                Glyph::Client,
                &row.name,
                row.city.as_deref().unwrap_or_default(),
                format!("{base}/clients/{}", row.id),
            )
        }));
    }
    if find_query.wants('#') && may(Right::ProvisionRead) {
        let number = find_query.words.parse::<i64>().is_ok_and(|_| find_query.only == Some('#'));
        let words = if number { format!("#{}", find_query.words) } else { find_query.words.clone() };
        let rows = store::provisioning::list(&mut tenant.tx, &find_query.query(&words)).await?.rows;
        found.extend(rows.into_iter().map(|row| {
            let what = format!("#{} {}", row.number, row.client_name);
            Found::new("Jobs", Glyph::Job, &what, &labels::job(&row).1, format!("{base}/provisioning/{}", row.id))
        }));
    }
    if find_query.wants('@') && may(Right::TeamRead) {
        let people = store::memberships::of_agency(&mut tenant.tx).await?;
        let people = people
            .into_iter()
            .filter(|one| domain::text::folded(&format!("{} {}", one.name, one.email)).contains(&find_query.words))
            .take(MOST);
        found.extend(people.map(|one| {
            let name = if one.name.is_empty() { &one.email } else { &one.name };
            Found::new("People", Glyph::Person, name, one.role.label(), format!("{base}/team"))
        }));
    }
    Ok(found)
}
