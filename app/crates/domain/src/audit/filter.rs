//! What may be asked of the audit log by its address: a person, a kind of action, a client, a target, days, and whether
//! what happens all the time is shown. The page, the platform's page and the file read the same parameters.

use crate::feature::{self, AuditName};
use crate::page::{Condition, ListQuery, Operator};

/// The parameter that also shows what happens all the time.
pub const SYSTEM: &str = "system";

/// Number of actions that one filter of the list takes.
const MOST_NAMES: usize = 100;

/// The actions about one client of several that another row tells of together: shown to whoever asks about one client.
const TOLD_TOGETHER: &[&str] = &["credential.carried_out"];

/// The parameters of the filters, in the order of the form.
pub const FILTERS: [&str; 6] = ["person", "kind", "client", "target", "from", "to"];

/// A kind of actions: its key in the address, what people call it, and the features that belong to it.
#[derive(Debug, PartialEq, Eq)]
pub struct ActionKind {
    /// Its key in the address.
    pub key: &'static str,
    /// What people call it.
    pub label: &'static str,
    features: &'static [&'static str],
}

/// Every kind of actions.
pub const KINDS: &[ActionKind] = &[
    kind("jobs", "Jobs", &["provisioning", "presets", "drafts", "todos"]),
    kind("clients", "Clients", &["clients", "business", "imports", "usage"]),
    kind("connections", "HighLevel connections", &["integrations", "snapshots"]),
    kind("team", "Team and roles", &["team", "roles"]),
    kind("security", "Sign-in and security", &["account", "home", "server", "audit"]),
    kind("settings", "Settings", &["settings", "notifications", "saved_views"]),
    kind("phone", "Phone routing", &["phone_routes"]),
    kind("conversations", "Conversations and channels", &["inbox", "channels", "webchat", "assistant"]),
    kind(
        "api",
        "API and webhooks",
        &["tokens", "tools", "agent_sign_in", "tool_servers", "webhooks", "incoming_events"],
    ),
    kind("platform", "Platform", &["platform"]),
];

const fn kind(key: &'static str, label: &'static str, features: &'static [&'static str]) -> ActionKind {
    ActionKind { key, label, features }
}

impl ActionKind {
    /// The kind with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.key == key)
    }

    fn names(&self) -> impl Iterator<Item = &'static AuditName> {
        let own = feature::FEATURES.iter().filter(|feature| self.features.contains(&feature.key));
        own.flat_map(|feature| feature.audit)
    }
}

/// The query that the parameters of an address mean. An unknown kind matches nothing, as other filters do.
#[must_use]
pub fn query<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> ListQuery {
    let mut query = ListQuery::read(parameters.clone());
    let get = |name: &str| {
        let mut sent = parameters.clone().filter(|(_, value)| !value.is_empty());
        sent.find(|(one, _)| *one == name).map_or("", |(_, value)| value)
    };
    for (name, field) in [("person", "by"), ("client", "client"), ("target", "target")] {
        if !get(name).is_empty() {
            query.filters.push(condition(field, Operator::Is, get(name).to_owned()));
        }
    }
    if !get("kind").is_empty() {
        let names = ActionKind::parse(get("kind")).map(|kind| joined(kind.names())).unwrap_or_default();
        let names = if names.is_empty() { get("kind").to_owned() } else { names };
        query.filters.push(condition("action", Operator::AnyOf, names));
    }
    if !get("from").is_empty() || !get("to").is_empty() {
        let day = |name: &str, otherwise: &str| if get(name).is_empty() { otherwise } else { get(name) }.to_owned();
        let days = format!("{},{}", day("from", "2000-01-01"), day("to", "2999-12-31"));
        query.filters.push(condition("created", Operator::Between, days));
    }
    if let Some(names) = searched(&query.q) {
        query.q.clear();
        query.filters.push(condition("action", Operator::AnyOf, names));
    }
    if get(SYSTEM) != "yes" {
        let routine = routine();
        let left_out: Vec<&str> = match get("client") {
            "" => std::iter::once(routine.as_str()).chain(TOLD_TOGETHER.iter().copied()).collect(),
            _ => vec![routine.as_str()],
        };
        query.filters.push(condition("action", Operator::NoneOf, left_out.join(",")));
    }
    query
}

/// The actions whose words have the text in them. `None` if there is no text, or it is in none or all of them.
fn searched(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let has = |words: &str| words.split(['{', '}', '|', '[', ']']).any(|piece| piece.contains(&text));
    let found: Vec<_> = feature::audit_names().filter(|name| has(name.words) || has(name.failed)).collect();
    (!text.is_empty() && (1..=MOST_NAMES).contains(&found.len())).then(|| joined(found.into_iter()))
}

/// The actions that happen all the time.
fn routine() -> String {
    joined(feature::audit_names().filter(|name| name.is_routine))
}

/// The condition that leaves out what happens all the time.
#[must_use]
pub fn without_routine() -> Condition {
    condition("action", Operator::NoneOf, routine())
}

fn condition(field: &str, operator: Operator, value: String) -> Condition {
    Condition { field: field.to_owned(), operator, value }
}

fn joined<'a>(names: impl Iterator<Item = &'a AuditName>) -> String {
    names.map(|name| name.action).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &[(&str, &str)]) -> Vec<String> {
        let query = super::query(query.iter().copied());
        query.filters.iter().map(|one| format!("{}={}", one.parameter(), one.value)).collect()
    }

    #[test]
    fn each_parameter_is_a_filter_of_the_list() {
        let filters =
            asked(&[("person", "p"), ("client", "c"), ("target", "t"), ("to", "2026-11-30"), ("system", "yes")]);
        assert_eq!(filters, ["by.is=p", "client.is=c", "target.is=t", "created.between=2000-01-01,2026-11-30"]);
        let kind = asked(&[("kind", "team"), ("system", "yes")]).remove(0);
        assert!(kind.starts_with("action.any_of=") && kind.contains("member.removed"), "{kind}");
        assert_eq!(asked(&[("kind", "what"), ("system", "yes")]), ["action.any_of=what"]);
        assert_eq!(asked(&[("result.is", "denied"), ("system", "yes")]), ["result.is=denied"]);
    }

    #[test]
    fn what_happens_all_the_time_is_left_out_unless_it_is_asked_for() {
        let left_out = asked(&[]).remove(0);
        assert!(left_out.starts_with("action.none_of=") && left_out.contains("credential.opened"), "{left_out}");
        assert!(left_out.contains("platform.entered") && !left_out.contains("provisioning.start"), "{left_out}");
        assert!(asked(&[("system", "yes")]).is_empty());
    }

    #[test]
    fn what_one_row_tells_of_many_clients_is_shown_for_each_of_them_alone() {
        for action in TOLD_TOGETHER {
            assert!(feature::audit_names().any(|name| name.action == *action && !name.is_routine), "{action}");
            assert!(asked(&[])[0].contains(action), "the agency reads one row");
            assert!(!asked(&[("client", "c")])[1].contains(action) && !without_routine().value.contains(action));
        }
    }

    #[test]
    fn a_search_finds_the_words_on_the_screen() {
        let query = query([("q", "Canceled"), ("system", "yes")].into_iter());
        assert_eq!(query.q, "");
        assert!(query.filters[0].value.split(',').any(|action| action == "provisioning.cancel"), "{query:?}");
        let unknown = super::query([("q", "0198c0de"), ("system", "yes")].into_iter());
        assert_eq!((unknown.q.as_str(), unknown.filters.len()), ("0198c0de", 0), "it may be an id");
    }

    #[test]
    fn every_action_has_one_kind_and_a_filter_takes_all_of_them() {
        for feature in feature::FEATURES.iter().filter(|feature| !feature.audit.is_empty()) {
            let kinds = KINDS.iter().filter(|kind| kind.features.contains(&feature.key)).count();
            assert_eq!(kinds, 1, "feature {} belongs to one of the kinds in audit/filter.rs", feature.key);
        }
        for kind in KINDS {
            let count = kind.names().count();
            assert!((1..=MOST_NAMES).contains(&count), "{}: a filter takes 1 to 100 values, not {count}", kind.key);
        }
    }
}
