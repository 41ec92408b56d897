//! Do the connections of the agency's clients work? One sentence says it of all; a list names those that need
//! attention, and all are listed on demand.

use domain::integration::{self, Integration, LocationCounts, State};
use domain::page::Page;
use kit::labels::integration::tone;
use kit::{
    Address, Card, Column, Region, Row, SavedView, SavedViews, StatusIcon, StatusPill, Table, Tone, ViewsOfList,
    counted,
};
use leptos::prelude::*;
use web::clock::now;

/// The view of the list that the page shows unless its address names another one.
pub(super) const EXCEPTIONS: &str = "trouble";

/// True if the address asks for nothing but the exceptions.
pub(super) fn is_summary(at: &Address) -> bool {
    at.get("view").is_empty() && !at.is_filtered()
}

/// One sentence about all of them. None works while the company's own connection does not; one that was claimed without
/// a company works by itself.
fn sentence(counts: LocationCounts, company: State) -> (Tone, String) {
    let LocationCounts { all, troubled, paused } = counts;
    let them = counted(all, "sub-account", "sub-accounts");
    let until = match company {
        State::Expired => "reconnected",
        State::Disconnected => "connected",
        State::Paused => "resumed",
        State::Suspended => "opened again by HighLevel",
        State::NotConnected | State::Connecting | State::Working | State::Quiet | State::RenewSoon | State::Error => {
            let parts = [(troubled, "needs attention", "need attention"), (paused, "paused", "paused")];
            let parts =
                parts.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, more)| counted(count, one, more));
            let parts = parts.collect::<Vec<_>>().join(", ");
            return match (parts.is_empty(), all) {
                (true, 1) => (Tone::Ok, format!("{them}, working")),
                (true, _) => (Tone::Ok, format!("{them}, all working")),
                (false, _) => (if troubled > 0 { Tone::Warn } else { Tone::Waiting }, format!("{them}: {parts}")),
            };
        }
    };
    (Tone::Failed, format!("{them}, none working until HighLevel is {until}"))
}

/// The sentence and the list.
#[component]
pub(super) fn Locations(
    /// Slug of the agency.
    agency: String,
    /// Address of the page.
    at: Address,
    /// How many there are.
    counts: LocationCounts,
    /// State of the agency's own connection.
    company: State,
    /// The rows of the list.
    page: Page<Integration>,
    /// The views of the list that people saved.
    saved: ViewsOfList,
) -> impl IntoView {
    let summary = is_summary(&at);
    let nothing = counts.all == 0 && page.rows.is_empty() && summary;
    let text = match nothing {
        true => {
            let text = match company {
                State::Disconnected => "None while HighLevel is disconnected.",
                _ => "None yet. Each client you set up gets its own connection here.",
            };
            view! { <p class="text-fg-2">{text}</p> }.into_any()
        }
        false => {
            let (tone, words) = sentence(counts, company);
            let all = (summary && counts.all > 0)
                .then(|| view! { <a class="link" href=at.with("view", "all").href()>"Show all"</a> });
            view! { <p class="flex flex-wrap items-center gap-x-4 gap-y-1"><span class="flex min-w-0 items-start gap-2"><span class="mt-[3px]"><StatusIcon tone=tone/></span><span>{words}</span></span>{all}</p> }.into_any()
        }
    };
    let table = (!page.rows.is_empty() || !summary).then(|| view! { <List agency at page saved/> });
    view! {
        <Card title="Client sub-accounts">
            <Region key="locations" topics="integration.changed:* business.changed:*">{text}</Region>
        </Card>
        {table}
    }
}

#[component]
fn List(agency: String, at: Address, page: Page<Integration>, saved: ViewsOfList) -> impl IntoView {
    let tools = view! { <SavedViews at=at.clone() saved/> };
    let (next, total) = (page.next, page.total);
    let rows: Vec<Row> = page.rows.into_iter().map(|connection| line(&agency, &connection)).collect();
    let columns = vec![Column::plain("Client sub-account"), Column::plain("State"), Column::plain("Why").wide_only()];
    let views = [("", "Needs attention"), ("all", "All"), ("off", "Disconnected")];
    let views = views.map(|(key, label)| SavedView { key, label, count: None }).into();
    view! {
        <Table caption="Client sub-accounts" noun=("client", "clients") topics="integration.changed:* business.changed:*" at=at columns=columns rows=rows next=next total=total views=views search="Search sub-accounts" tools=tools.into_any() empty=().into_any()/>
    }
}

fn line(agency: &str, connection: &Integration) -> Row {
    let status = integration::state(Some(connection), now());
    let name = connection.platform_name.clone().unwrap_or_else(|| connection.platform_id.clone());
    Row {
        key: connection.id.to_string(),
        href: connection.business.map(|business| format!("/a/{agency}/clients/{business}")),
        cells: vec![
            view! { <span class="font-medium">{name}</span> }.into_any(),
            view! { <StatusPill tone=tone(status.state) plain=true evidence=status.because.clone()>{status.state.label()}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2">{status.because}</span> }.into_any(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_says_how_all_of_them_are() {
        let said = |all, troubled, paused, company| sentence(LocationCounts { all, troubled, paused }, company);
        assert_eq!(said(27, 0, 0, State::Working), (Tone::Ok, "27 sub-accounts, all working".to_owned()));
        assert_eq!(said(1, 0, 0, State::Quiet), (Tone::Ok, "1 sub-account, working".to_owned()));
        assert_eq!(said(2, 0, 0, State::NotConnected).0, Tone::Ok, "claimed without their company");
        let two = "27 sub-accounts: 2 need attention, 1 paused";
        assert_eq!(said(27, 2, 1, State::Error), (Tone::Warn, two.to_owned()));
        let (tone, text) = said(27, 0, 0, State::Expired);
        assert_eq!((tone, text.contains("all working")), (Tone::Failed, false));
        assert!(text.contains("none working until HighLevel is reconnected"), "{text}");
    }

    #[test]
    fn the_page_shows_the_exceptions_unless_its_address_asks_for_more() {
        for (query, wanted) in [("", true), ("view=all", false), ("q=bright", false), ("sort=-created", true)] {
            assert_eq!(is_summary(&Address::new("/a/harbor/connections", query)), wanted, "{query}");
        }
    }
}
