//! The last things that happened to one agency, business or person, as sentences: who did what.

use domain::AgencyId;
use domain::audit::{Repeated, filter, folded};
use domain::page::{Condition, ListQuery};
use kit::audit_log::Sentence;
use kit::{Ago, Card};
use leptos::prelude::*;
use store::tenant::PlatformTx;

/// Lines that are shown.
const SHOWN: usize = 10;

/// Entries that are read, because some of them say the same.
const READ: u16 = 50;

/// Reads the last entries of the audit log of an agency, or of all with `None`. `which` is a filter and its value.
pub async fn load(
    tx: &mut PlatformTx,
    agency: Option<AgencyId>,
    which: Option<(&str, String)>,
) -> store::Result<Vec<Repeated>> {
    let mut filters = Condition::all(which);
    filters.push(filter::without_routine());
    let query = ListQuery { filters, limit: READ, ..ListQuery::default() };
    let entries = store::audit::list_platform(tx, agency, &query).await?.rows;
    Ok(folded(entries).into_iter().take(SHOWN).collect())
}

/// The card "Activity".
#[component]
pub fn Activity(
    /// What happened, newest first.
    entries: Vec<Repeated>,
) -> impl IntoView {
    if entries.is_empty() {
        return view! { <Card title="Activity"><p class="text-fg-2">"Nothing yet."</p></Card> }.into_any();
    }
    let lines = entries.into_iter().map(|Repeated { entry, times, .. }| {
        let at = entry.at;
        let times = (times > 1).then(|| format!(", {times} times"));
        view! {
            <li class="flex items-baseline justify-between gap-3">
                <span class="min-w-0"><Sentence entry/>{times}</span>
                <span class="shrink-0 text-sm text-fg-3"><Ago at/></span>
            </li>
        }
    });
    view! { <Card title="Activity"><ul class="flex flex-col gap-2">{lines.collect_view()}</ul></Card> }.into_any()
}
