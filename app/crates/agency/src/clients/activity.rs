//! The last things that happened to a client, as sentences: who did what.

use domain::BusinessId;
use domain::audit::{Entry, Repeated, filter, folded};
use domain::page::{Condition, ListQuery};
use kit::audit_log::Sentence;
use kit::{Ago, Card};
use leptos::prelude::*;
use store::tenant::TenantTx;

/// Lines that are shown.
const SHOWN: usize = 8;

/// Entries that are read, because some of them say the same.
const READ: u16 = 40;

/// Reads the last entries of the audit log about a business, in a transaction of the business.
pub(super) async fn load(tx: &mut TenantTx, business: BusinessId) -> store::Result<Vec<Repeated>> {
    let mut filters = Condition::all([("client.is", business.to_string())]);
    filters.push(filter::without_routine());
    let query = ListQuery { filters, limit: READ, ..ListQuery::default() };
    let entries = store::audit::list(tx, &query).await?.rows;
    let told: Vec<Entry> = entries.into_iter().filter(|entry| entry.action != "access.denied").collect();
    Ok(folded(told).into_iter().take(SHOWN).collect())
}

/// The card "Activity".
#[component]
pub(super) fn Activity(entries: Vec<Repeated>) -> impl IntoView {
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
