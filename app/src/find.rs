//! The search for pages, clients, jobs and people of the current area, limited to what the caller may open. Without
//! scripts it is a page; with scripts the same form is a dialog that updates while typing (`find`, `find_platform`). A
//! leading character narrows it: `#` jobs, `@` people and clients, `/` pages, `>` operations.

use domain::page::ListQuery;
use domain::permission::Right;
use leptos::prelude::*;
use store::tenant::PlatformTx;

use crate::error::Result;
use crate::frame::palette::{FindForm, Found, Results};
use crate::frame::{Area, Crumb, Frame, Shell, nav};
use crate::guard::{TenantContext, server_context};
use crate::page::loaded;
use crate::page_frame::frame;
use crate::provisioning::words;
use crate::title::PageTitle;
use crate::ui::{Address, Glyph, PageHeader};

/// Maximum number of hits of each kind.
const MOST: usize = 6;

/// What to find: the words, and the leading character if one narrowed the search.
struct FindQuery {
    only: Option<char>,
    words: String,
}

impl FindQuery {
    fn read(typed: &str) -> Self {
        let typed = domain::text::line(typed);
        let only = typed.chars().next().filter(|first| matches!(first, '#' | '@' | '/' | '>'));
        let words = typed.trim_start_matches(|letter| Some(letter) == only).trim();
        Self { only, words: domain::text::folded(words) }
    }

    /// True if hits of this kind are wanted. Without a leading character every kind is wanted.
    fn wants(&self, kind: char) -> bool {
        self.only.is_none_or(|only| only == kind)
    }

    /// True if the text contains the words, or their letters in this order: "nwc" finds "New client".
    fn fits(&self, text: &str) -> bool {
        let text = domain::text::folded(text);
        let mut rest = text.chars();
        text.contains(&self.words) || self.words.chars().all(|letter| rest.any(|other| other == letter))
    }

    fn query(&self, words: &str) -> ListQuery {
        ListQuery { q: words.to_owned(), limit: u16::try_from(MOST).unwrap_or(6), ..ListQuery::default() }
    }
}

/// Finds what matches in an agency's area, as a piece of the page.
#[server(prefix = "/do", endpoint = "find")]
pub async fn find(agency: String, #[server(default)] q: String) -> Result<String> {
    let context = server_context()?;
    let mut tenant = context.agency("find", &agency).await?;
    let found = in_agency(&mut tenant, &q).await?;
    tenant.commit().await?;
    Ok(view! { <Results typed=q found=found/> }.to_html())
}

/// Finds what matches in the platform's area, as a piece of the page.
#[server(prefix = "/do", endpoint = "find_platform")]
pub async fn find_platform(#[server(default)] q: String) -> Result<String> {
    let context = server_context()?;
    let mut tx = context.platform("find_platform").await?;
    let found = in_platform(&mut tx, &q).await?;
    tx.commit().await?;
    Ok(view! { <Results typed=q found=found/> }.to_html())
}

/// The Find page of an agency.
#[component]
pub fn FindInAgency() -> impl IntoView {
    let context = server_context();
    let typed = Address::current().get("q").to_owned();
    loaded(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let found = in_agency(&mut tenant, &typed).await?;
        tenant.commit().await?;
        Ok(page(frame(&context, vec![Crumb::current("Find")]), typed, found))
    })
}

/// The Find page of the platform.
#[component]
pub fn FindInPlatform() -> impl IntoView {
    let context = server_context();
    let typed = Address::current().get("q").to_owned();
    loaded(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let found = in_platform(&mut tx, &typed).await?;
        tx.commit().await?;
        Ok(page(frame(&context, vec![Crumb::current("Find")]), typed, found))
    })
}

fn page(frame: Frame, typed: String, found: Vec<Found>) -> impl IntoView {
    let at = frame.find.clone();
    // The form is on the page itself, so the dialog would only be in its way, and nothing here changes by itself.
    let frame = Frame { find: None, live: None, ..frame };
    view! {
        <PageTitle text="Find"/>
        <Shell frame=frame>
            <PageHeader title="Find"/>
            <div class="max-w-2xl">
                {at.map(|at| view! { <FindForm at=at typed=typed.clone()/> })}
                <Results typed=typed found=found/>
            </div>
        </Shell>
    }
}

async fn in_agency(tenant: &mut TenantContext, typed: &str) -> Result<Vec<Found>> {
    let find_query = FindQuery::read(typed);
    let base = format!("/a/{}", tenant.access.slug);
    let role = tenant.access.role.clone();
    let may = |right| role.allows(right);
    let mut found = pages(&find_query, Area::Agency, &base, may);
    if find_query.wants('>') && may(Right::Provision) && find_query.fits("New client Create") {
        found.push(Found::new("Do", Glyph::Plus, "New client", "", format!("{base}/provisioning/new")));
    }
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
            Found::new("Jobs", Glyph::Job, &what, words::job(&row).1, format!("{base}/provisioning/{}", row.id))
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

async fn in_platform(tx: &mut PlatformTx, typed: &str) -> Result<Vec<Found>> {
    let find_query = FindQuery::read(typed);
    let mut found = pages(&find_query, Area::Platform, "/admin", |right| right == Right::PlatformRead);
    if find_query.words.is_empty() {
        return Ok(found);
    }
    let query = find_query.query(&find_query.words);
    let searched = |list: &str| format!("/admin/{list}?{}", serde_urlencoded(&find_query.words));
    if find_query.wants('@') {
        let rows = store::agencies::list(tx, &query).await?.rows;
        found.extend(
            rows.into_iter().map(|row| {
                Found::new("Agencies", Glyph::Globe, &row.agency.name, "", format!("/a/{}", row.agency.slug))
            }),
        );
        let rows = store::businesses::list_platform(tx, None, &query).await?.rows;
        found.extend(rows.into_iter().map(|row| {
            let of = row.agency_name.unwrap_or_default();
            Found::new("Businesses", Glyph::Client, &row.name, &of, searched("businesses"))
        }));
        let rows = store::identity::list(tx, &query).await?.rows;
        found.extend(
            rows.into_iter().map(|row| Found::new("People", Glyph::Person, &row.email, &row.name, searched("people"))),
        );
    }
    Ok(found)
}

fn serde_urlencoded(words: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish()
}

fn pages(find_query: &FindQuery, area: Area, base: &str, may: impl Fn(Right) -> bool) -> Vec<Found> {
    let entries =
        nav(area, base, "", may).into_iter().filter(|item| find_query.wants('/') && find_query.fits(item.label));
    entries.map(|item| Found::new("Go to", item.icon, item.label, "", item.href)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_sign_narrows_and_letters_in_order_are_enough() {
        let find_query = FindQuery::read(" #214 ");
        assert_eq!((find_query.only, find_query.words.as_str()), (Some('#'), "214"));
        assert!(find_query.wants('#') && !find_query.wants('@'));
        let find_query = FindQuery::read("Snp");
        assert!(find_query.wants('@') && find_query.fits("Snapshots") && !find_query.fits("Team"));
    }

    #[test]
    fn only_pages_that_may_be_opened_are_found() {
        let found = pages(&FindQuery::read(""), Area::Agency, "/a/x", |right| right == Right::TeamRead);
        assert_eq!(found.iter().map(|one| one.href.as_str()).collect::<Vec<_>>(), ["/a/x/team"]);
    }
}
