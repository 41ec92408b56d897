//! Shows the entries of an audit log: who did what to what, and how it ended.

use domain::audit::Entry;
use domain::page::Page;
use leptos::prelude::*;

use crate::{Address, Ago, Column, Empty, PageHeader, Row, StatusPill, Table, Tone};

/// The entries of an audit log.
#[component]
pub fn AuditLog(
    /// The address of the page.
    at: Address,
    /// The entries.
    page: Page<Entry>,
    /// The topics that the log follows; see `Table`.
    #[prop(default = "*")]
    topics: &'static str,
    /// Additional controls above the table.
    #[prop(optional, into)]
    tools: Option<AnyView>,
) -> impl IntoView {
    let empty = view! { <Empty title="Nothing yet" text="Every sensitive action will appear here and cannot be edited."></Empty> };
    let columns = vec![
        Column::plain("When"),
        Column::plain("Who"),
        Column::plain("What").lead(),
        Column::plain("To what"),
        Column::plain("Result").mark(),
        Column::plain("Why").wide_only(),
        Column::plain("Request").wide_only(),
    ];
    let rows = page.rows.into_iter().map(line).collect::<Vec<_>>();
    view! {
        <PageHeader title="Audit log"/>
        <Table caption="Audit log" topics=topics at=at columns=columns rows=rows next=page.next total=page.total search="Search actions" tools=tools.unwrap_or_else(|| ().into_any()) empty=empty.into_any()/>
    }
}

fn line(entry: Entry) -> Row {
    let to_what = object(&entry);
    let who = entry.actor_name.unwrap_or_else(|| match entry.actor_kind.as_str() {
        "worker" => "Background work".to_owned(),
        "system" => "The system".to_owned(),
        "provider" => "HighLevel".to_owned(),
        "token" => "An API token".to_owned(),
        _ => "Somebody".to_owned(),
    });
    let (tone, word) = match entry.result.as_str() {
        "ok" => (Tone::Ok, "Done"),
        "denied" => (Tone::Warn, "Denied"),
        _ => (Tone::Failed, "Failed"),
    };
    let request =
        entry.request_id.map(|id| id.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect::<String>());
    Row {
        key: entry.id.to_string(),
        href: None,
        cells: vec![
            view! { <Ago at=entry.at/> }.into_any(),
            view! { <span>{who}</span> }.into_any(),
            view! { <span>{in_words(&entry.action)}</span> }.into_any(),
            view! { <span class="text-fg-2">{to_what}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2">{entry.reason.unwrap_or_default()}</span> }.into_any(),
            view! { <span class="font-mono text-xs text-fg-3">{request.unwrap_or_default()}</span> }.into_any(),
        ],
    }
}

/// The action in the words of the feature that writes it. An action of a version that is gone becomes a sentence:
/// `member.added` becomes "Member added".
fn in_words(action: &str) -> String {
    if let Some(words) = domain::feature::audit_words(action) {
        return words.to_owned();
    }
    let mut letters = action.chars().map(|letter| if matches!(letter, '.' | '_') { ' ' } else { letter });
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What the action was done to: its name if the entry knows one, else its kind and the end of its id.
fn object(entry: &Entry) -> String {
    let named = ["name", "email", "title"].iter().find_map(|key| entry.payload.get(key)?.as_str());
    let named = named.or(entry.object_name.as_deref().filter(|name| !name.is_empty()));
    match (named, &entry.object_id) {
        (Some(name), _) => name.to_owned(),
        (None, Some(id)) => {
            let tail = id.get(id.len().saturating_sub(6)..).unwrap_or(id);
            format!("{} \u{2026}{tail}", entry.object_type.replace('_', " "))
        }
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn actions_read_as_sentences() {
        assert_eq!(in_words("member.added"), "Member added");
        assert_eq!(in_words("session.sign_in"), "Signed in");
        assert_eq!(in_words("member.promoted_twice"), "Member promoted twice");
        assert_eq!(in_words("provisioning.cancel_asked"), "Provisioning cancel asked");
        assert_eq!(in_words(""), "");
    }
}
