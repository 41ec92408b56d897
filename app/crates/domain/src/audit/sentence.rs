//! How does an entry of the audit log read? As a sentence: who, what was done, and what it was done to.
//!
//! The words of an action are declared by its feature (`feature::named`). They are alternatives, separated by ` | `:
//! the first one counts of which everything is known. `{target}` stands for what the action was done to, `{client}` for the
//! client it belongs to, `{reason}` for the reason, and any other name in braces for the fact of that name.
//! `[status=paused]` in front of an alternative requires that fact to have that value. A person who does something to
//! their own account is no `{target}`, so "changed their name" is an alternative of "changed the name of {target}".

use serde_json::Value;

use super::Entry;
use crate::feature::{self, AuditName};
use crate::identity::Role;

/// What is said of an action that only another version of the program knows.
const UNKNOWN: &str = "made a change to {target} | made a change";

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// What the action was done to.
    Target(String),
    /// The client it belongs to.
    Client(String),
}

impl Part {
    /// The text of the piece.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Target(text) | Self::Client(text) => text,
        }
    }
}

/// Who did it, as people are called: never an id. The program itself is called Slipway.
#[must_use]
pub fn who(entry: &Entry) -> String {
    if let Some(name) = entry.actor_name.as_deref().filter(|name| !name.is_empty()) {
        return if entry.actor_kind == "token" { format!("API token {name}") } else { name.to_owned() };
    }
    let declared = feature::audit_name(&entry.action).map_or("", |name| name.by);
    match entry.actor_kind.as_str() {
        "worker" => "Slipway",
        "provider" => "HighLevel",
        "system" if declared.is_empty() => "Slipway",
        "token" if declared.is_empty() => "An API token",
        "system" | "token" => declared,
        _ => "A former user",
    }
    .to_owned()
}

/// What was done, as the rest of the sentence that begins with the name.
#[must_use]
pub fn predicate(entry: &Entry) -> Vec<Part> {
    let words = words(feature::audit_name(&entry.action), entry.result == "ok");
    words.split(" | ").find_map(|alternative| parts(alternative, entry)).unwrap_or_default()
}

/// The whole sentence as plain text.
#[must_use]
pub fn plain(entry: &Entry) -> String {
    let rest: String = predicate(entry).iter().map(Part::text).collect();
    format!("{} {rest}", who(entry))
}

/// What the action was done to, by name. `None` if the entry knows no name.
#[must_use]
pub fn target(entry: &Entry) -> Option<String> {
    if entry.object_type == "endpoint" {
        return entry.object_id.as_deref().map(page_name);
    }
    let named = ["name", "email", "title"].iter().find_map(|key| entry.payload.get(key)?.as_str());
    let name = named.or(entry.object_name.as_deref()).filter(|name| !name.trim().is_empty())?;
    Some(name.to_owned())
}

fn words(name: Option<&AuditName>, went_well: bool) -> &'static str {
    match name {
        None => UNKNOWN,
        Some(name) if went_well || name.failed.is_empty() => name.words,
        Some(name) => name.failed,
    }
}

/// An alternative with what its placeholders stand for. `None` if one of them is not known.
fn parts(alternative: &str, entry: &Entry) -> Option<Vec<Part>> {
    let mut rest = guarded(alternative, entry)?;
    let mut parts = Vec::new();
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(part(name, entry)?);
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Some(parts)
}

/// The alternative without its condition. `None` if the condition does not hold.
fn guarded<'a>(alternative: &'a str, entry: &Entry) -> Option<&'a str> {
    let Some(condition) = alternative.strip_prefix('[') else { return Some(alternative) };
    let (condition, rest) = condition.split_once("] ")?;
    let (name, value) = condition.split_once('=')?;
    (fact(entry.payload.get(name)?)? == value).then_some(rest)
}

fn part(name: &str, entry: &Entry) -> Option<Part> {
    let own = entry.object_type == "person" && entry.actor_id.map(|id| id.to_string()) == entry.object_id;
    match name {
        "target" if own => None,
        "target" => target(entry).map(Part::Target),
        "client" => entry.business_name.clone().filter(|name| !name.is_empty()).map(Part::Client),
        "reason" => entry.reason.clone().filter(|reason| !reason.is_empty()).map(Part::Text),
        "role" => entry.payload.get(name).and_then(Value::as_str).map(role),
        _ => fact(entry.payload.get(name)?).map(Part::Text),
    }
}

/// A role as the middle of a sentence calls it. A role that an agency created keeps its name.
fn role(stored: &str) -> Part {
    let known = Role::parse(stored).or_else(|| Role::ALL.into_iter().find(|role| role.label() == stored));
    Part::Text(known.map_or_else(|| stored.to_owned(), |role| role.label().to_lowercase()))
}

/// A fact as text: a text, a number, yes or no, or a list of texts. `None` if it is empty or anything else.
pub(super) fn fact(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Array(list) => list_of(list.iter().filter_map(Value::as_str)),
        Value::Null | Value::Object(_) => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

/// Names of fields as a list: "city, postal code and time zone".
fn list_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let words = |name: &str| match name {
        "timezone" => "time zone".to_owned(),
        // What the settings of the assistant call it.
        "never" => "topics for people only".to_owned(),
        name => name.replace('_', " "),
    };
    let names: Vec<String> = names.map(words).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// What people call a page or an act that somebody was refused: the entry of the sidebar, or the words of its address.
fn page_name(endpoint: &str) -> String {
    let page = feature::pages().find(|page| page.path == endpoint).and_then(|page| page.nav);
    page.map_or_else(
        || {
            let parts = endpoint.split('/').filter(|part| !part.starts_with('{') && part.len() > 1);
            let words = parts.filter_map(spoken).collect::<Vec<_>>().join(" ").replace(['_', '-'], " ");
            if words.is_empty() { "a page".to_owned() } else { words }
        },
        |entry| entry.label.to_owned(),
    )
}

/// The word for a part of an address. `None` for a part that tells a reader nothing.
fn spoken(part: &str) -> Option<&str> {
    match part {
        "api" | "do" | "integrations" => None,
        "ghl" => Some("HighLevel"),
        "meta" => Some("Meta"),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::entry;
    use super::*;

    #[test]
    fn an_entry_reads_as_a_sentence() {
        let job = |action: &str| Entry {
            object_type: "job".to_owned(),
            object_name: Some("#27 Luna Yoga".to_owned()),
            ..entry(action, json!({}))
        };
        assert_eq!(plain(&job("provisioning.cancel")), "Maya canceled job #27 Luna Yoga");
        assert_eq!(plain(&entry("business.status", json!({ "status": "paused" }))), "Maya paused Bright Dental");
        let fields = json!({ "fields": ["city", "postal_code", "timezone"] });
        assert_eq!(
            plain(&entry("business.changed", fields)),
            "Maya changed the city, postal code and time zone of Bright Dental"
        );
        let fields = json!({ "fields": ["greeting", "never"] });
        assert!(plain(&entry("assistant.changed", fields)).contains("greeting and topics for people only"));
        assert_eq!(plain(&entry("business.changed", json!({}))), "Maya changed the details of Bright Dental");
        let gone = Entry { object_name: None, ..entry("business.changed", json!({})) };
        assert_eq!(plain(&gone), "Maya changed the details of a client");
        assert_eq!(plain(&entry("token.made", json!({ "name": "CI" }))), "Maya created the API token CI");
    }

    #[test]
    fn what_was_added_is_named_as_far_as_the_entry_knows_it() {
        let of = |action: &str, payload| plain(&Entry { object_name: None, ..entry(action, payload) });
        let file = json!({ "kind": "file", "name": "prices.csv" });
        assert_eq!(of("knowledge.added", file), "Maya added the file prices.csv to the assistant's knowledge");
        let file = json!({ "kind": "file" });
        assert_eq!(of("knowledge.added", file), "Maya added a file to the assistant's knowledge");
        assert_eq!(of("knowledge.added", json!({})), "Maya added knowledge for the assistant");
        assert_eq!(of("snippet.changed", json!({ "name": "Hours" })), "Maya changed the snippet Hours");
        assert_eq!(of("tool_policy.changed", json!({})), "Maya changed what an AI agent may do");
    }

    #[test]
    fn what_was_changed_or_removed_is_named_too() {
        let of = |action: &str, payload| plain(&Entry { object_name: None, ..entry(action, payload) });
        let host = || json!({ "host": "hooks.example.com" });
        assert_eq!(of("webhook.changed", host()), "Maya changed the webhook to hooks.example.com");
        assert_eq!(of("webhook.removed", host()), "Maya removed the webhook to hooks.example.com");
        assert_eq!(of("webhook.removed", json!({ "format": "json" })), "Maya removed a webhook");
        assert_eq!(of("snippet.removed", json!({ "name": "Hours" })), "Maya removed the snippet Hours");
        let page = json!({ "kind": "page", "name": "example.com" });
        assert_eq!(
            of("knowledge.removed", page.clone()),
            "Maya removed a page of example.com from the assistant's knowledge"
        );
        assert_eq!(of("knowledge.reread", page), "Maya had the assistant read a page of example.com again");
        let text = json!({ "kind": "text", "name": "" });
        assert_eq!(of("knowledge.removed", text), "Maya removed a text from the assistant's knowledge");
    }

    #[test]
    fn who_did_it_is_never_an_id_or_somebody() {
        let of = |kind: &str, name: Option<&str>, action: &str| {
            let (actor_kind, actor_name) = (kind.to_owned(), name.map(str::to_owned));
            who(&Entry { actor_kind, actor_name, ..entry(action, json!({})) })
        };
        assert_eq!(of("worker", None, "credential.opened"), "Slipway");
        assert_eq!(of("system", None, "tries.throttled"), "Slipway");
        assert_eq!(of("system", None, "session.sign_in"), "A visitor");
        assert_eq!(of("provider", None, "install.arrived"), "HighLevel");
        assert_eq!(of("token", Some("CI"), "provisioning.start"), "API token CI");
        assert_eq!(of("token", None, "answer_link.used"), "The client");
        assert_eq!(of("person", None, "role.made"), "A former user");
        let slipway = Entry {
            actor_kind: "worker".to_owned(),
            actor_name: None,
            object_type: "credential".to_owned(),
            ..entry("credential.opened", json!({}))
        };
        assert_eq!(plain(&slipway), "Slipway used HighLevel access of Bright Dental");
    }

    #[test]
    fn what_people_do_to_their_own_account_names_nobody_else() {
        let person = |id: u128| Entry {
            object_type: "person".to_owned(),
            object_id: Some(uuid::Uuid::from_u128(id).to_string()),
            object_name: Some("Noah".to_owned()),
            ..entry("person.renamed", json!({}))
        };
        assert_eq!(plain(&person(3)), "Maya changed their name");
        assert_eq!(plain(&person(4)), "Maya changed the name of Noah");
        let joined =
            Entry { action: "member.added".to_owned(), payload: json!({ "role": "agency_staff" }), ..person(3) };
        assert_eq!(plain(&joined), "Maya joined as agency staff");
        let changed = |business: Option<&str>, role: &str| Entry {
            action: "member.role_changed".to_owned(),
            business_name: business.map(str::to_owned),
            payload: json!({ "role": role }),
            ..person(4)
        };
        let of_business = plain(&changed(Some("Bright Dental"), "Business owner"));
        assert_eq!(of_business, "Maya changed the role of Noah at Bright Dental to business owner");
        assert_eq!(plain(&changed(None, "Agency admin")), "Maya changed the role of Noah to agency admin");
    }

    #[test]
    fn a_failure_and_an_unknown_action_have_words_of_their_own() {
        let failed = Entry { result: "failed".to_owned(), ..entry("session.confirmed", json!({})) };
        assert_eq!(plain(&failed), "Maya could not confirm their identity");
        assert_eq!(plain(&entry("member.promoted_twice", json!({}))), "Maya made a change to Bright Dental");
        let refused = Entry {
            object_type: "endpoint".to_owned(),
            object_id: Some("/a/{agency}/settings".to_owned()),
            ..entry("access.denied", json!({}))
        };
        assert_eq!(plain(&refused), "Maya was refused access to Settings");
        let connect = Entry { object_id: Some("/api/integrations/ghl/connect".to_owned()), ..refused };
        assert_eq!(plain(&connect), "Maya was refused access to HighLevel connect");
    }

    #[test]
    fn every_action_has_a_sentence_whatever_is_known_of_it() {
        for name in feature::audit_names() {
            for words in [name.words, name.failed].into_iter().filter(|words| !words.is_empty()) {
                let alternatives: Vec<&str> = words.split(" | ").collect();
                let last = alternatives.last().copied().unwrap_or_default();
                assert!(!last.contains(['{', '[']), "{}: the last words need something: {last}", name.action);
                for one in alternatives {
                    let said = one.split_once("] ").map_or(one, |(_, said)| said);
                    let begins_small = said.starts_with(|letter: char| letter.is_ascii_lowercase());
                    assert!(begins_small, "{}: words follow a name: {one}", name.action);
                    assert_eq!(one.matches('{').count(), one.matches('}').count(), "{}: {one}", name.action);
                    assert!(!one.ends_with('.') && one == one.trim(), "{}: {one}", name.action);
                }
            }
        }
    }
}
