//! The last things that happened to a client, as sentences: who did what.

use domain::BusinessId;
use domain::audit::Entry;
use domain::page::{Condition, ListQuery};
use kit::{Ago, Card};
use leptos::prelude::*;
use serde_json::Value;
use store::tenant::TenantTx;

/// Entries that are shown.
const SHOWN: usize = 8;

/// Entries that are read, because some of them are not shown.
const READ: u16 = 40;

/// What the program does by itself all the time, which says nothing of a client.
const HIDDEN: [&str; 3] = ["credential.", "integration.", "access."];

/// Reads the last entries of the audit log about a business, in a transaction of the business.
pub(super) async fn load(tx: &mut TenantTx, business: BusinessId) -> store::Result<Vec<Entry>> {
    let filters = Condition::all([("client.is", business.to_string())]);
    let query = ListQuery { filters, limit: READ, ..ListQuery::default() };
    let entries = store::audit::list(tx, &query).await?.rows.into_iter();
    let told = entries.filter(|entry| !HIDDEN.iter().any(|prefix| entry.action.starts_with(prefix)));
    Ok(told.take(SHOWN).collect())
}

/// The card "Activity".
#[component]
pub(super) fn Activity(entries: Vec<Entry>) -> impl IntoView {
    if entries.is_empty() {
        return view! { <Card title="Activity"><p class="text-fg-2">"Nothing yet."</p></Card> }.into_any();
    }
    let lines = entries.into_iter().map(|entry| {
        view! {
            <li class="flex items-baseline justify-between gap-3">
                <span class="min-w-0">{sentence(&entry)}</span>
                <span class="shrink-0 text-sm text-fg-3"><Ago at=entry.at/></span>
            </li>
        }
    });
    view! { <Card title="Activity"><ul class="flex flex-col gap-2">{lines.collect_view()}</ul></Card> }.into_any()
}

/// An entry as a sentence.
fn sentence(entry: &Entry) -> String {
    let who = entry.actor_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| {
        let who = match entry.actor_kind.as_str() {
            "worker" | "system" => "Slipway",
            "token" => "An API token",
            "provider" => "HighLevel",
            _ => "Somebody",
        };
        who.to_owned()
    });
    format!("{who} {}", action(entry))
}

/// What was done, as the rest of the sentence.
fn action(entry: &Entry) -> String {
    let number = |name: &str| entry.payload.get(name).and_then(Value::as_u64).unwrap_or(0);
    let words = match entry.action.as_str() {
        "business.added" => "added this client",
        "business.changed" => return format!("changed {}", fields(&entry.payload)),
        "business.status" => match entry.payload.get("status").and_then(Value::as_str) {
            Some("paused") => "paused this client",
            _ => "resumed this client",
        },
        "business.archived" => "archived this client",
        "business.offboarded" => {
            let (routes, keys) = (number("routes"), number("keys"));
            return format!("cleaned up: {routes} phone routes switched off, {keys} keys to HighLevel deleted");
        }
        "business.offboarding_retried" => "started the clean-up again",
        "business.reactivated" => "brought this client back",
        "business.deleted" => "moved this client to the trash",
        "business.restored" => "restored this client from the trash",
        "business.location" => "linked the sub-account in HighLevel",
        "business.update_sent" => "updated HighLevel",
        "business.update_failed" => {
            return format!("couldn't update HighLevel. {}", entry.reason.as_deref().unwrap_or_default());
        }
        "business.update_retried" => "tried to update HighLevel again",
        "invite.made" => "sent an invitation",
        "invite.withdrawn" => "canceled an invitation",
        "invite.accepted" => "accepted the invitation",
        "client.assigned" => "assigned a teammate",
        "client.unassigned" => "unassigned a teammate",
        "member.removed" => "removed somebody from the client's users",
        "phone_route.added" => "added a phone route",
        "phone_route.removed" => "removed a phone route",
        "phone_route.changed" | "phone_route.on" | "phone_route.off" => "changed a phone route",
        other => return in_words(other),
    };
    words.to_owned()
}

/// The names of the changed members, as a list.
fn fields(payload: &Value) -> String {
    let names = payload.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let names: Vec<String> = names.map(|name| name.replace("timezone", "time zone").replace('_', " ")).collect();
    match names.as_slice() {
        [] => "the details".to_owned(),
        [one] => format!("the {one}"),
        [most @ .., last] => format!("the {} and {last}", most.join(", ")),
    }
}

/// The name of an action that has no sentence of its own.
fn in_words(action: &str) -> String {
    let words = domain::feature::audit_words(action).map_or_else(|| action.replace(['.', '_'], " "), str::to_owned);
    format!("\u{b7} {words}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn entry(action: &str, actor: Option<&str>, payload: Value) -> Entry {
        Entry {
            id: Uuid::nil(),
            at: chrono::DateTime::UNIX_EPOCH,
            agency: None,
            business: None,
            actor_kind: if actor.is_some() { "person" } else { "worker" }.to_owned(),
            actor_id: None,
            actor_name: actor.map(str::to_owned),
            action: action.to_owned(),
            object_type: "business".to_owned(),
            object_id: None,
            object_name: None,
            result: "ok".to_owned(),
            reason: None,
            request_id: None,
            payload,
        }
    }

    #[test]
    fn entries_read_as_sentences() {
        let maya = Some("Maya Okafor");
        for (action, actor, payload, expected) in [
            ("business.changed", maya, json!({ "fields": ["phone"] }), "Maya Okafor changed the phone"),
            (
                "business.changed",
                maya,
                json!({ "fields": ["city", "postal_code", "timezone"] }),
                "Maya Okafor changed the city, postal code and time zone",
            ),
            ("business.changed", maya, json!({}), "Maya Okafor changed the details"),
            ("business.status", maya, json!({ "status": "paused" }), "Maya Okafor paused this client"),
            ("business.update_sent", None, json!({}), "Slipway updated HighLevel"),
        ] {
            assert_eq!(sentence(&entry(action, actor, payload)), expected);
        }
    }
}
