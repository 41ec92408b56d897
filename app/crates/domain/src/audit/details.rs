//! What else does an entry of the audit log know? Its facts in words, and what changed from which value to which.
//! Ids are left out, because nobody reads them.

use serde_json::Value;
use uuid::Uuid;

use super::Entry;
use super::sentence::fact;
use crate::identity::Role;
use crate::permission::Right;

/// A fact of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is called.
    pub name: String,
    /// Its value before the change, if the entry knows it.
    pub before: Option<String>,
    /// Its value.
    pub value: String,
}

/// The member of an entry's facts that has the values before the change.
pub const BEFORE: &str = "before";

/// The facts of an entry that people can read. Of what has a value before the change, only what differs is listed.
#[must_use]
pub fn facts(entry: &Entry) -> Vec<Fact> {
    let Some(members) = entry.payload.as_object() else { return Vec::new() };
    let before = members.get(BEFORE).and_then(Value::as_object);
    let mut facts: Vec<Fact> = Vec::new();
    for (name, value) in members.iter().filter(|(name, _)| *name != BEFORE) {
        let was = before.and_then(|before| before.get(name));
        if was == Some(value) {
            continue;
        }
        let said = |value: &Value| readable(name, value).unwrap_or_else(|| "empty".to_owned());
        let now = if was.is_some() { Some(said(value)) } else { readable(name, value) };
        if let Some(value) = now {
            facts.push(Fact { name: words(name), before: was.map(said), value });
        }
    }
    facts
}

/// A value as text, unless it is an id. Rights, roles and reaches are called what the pages call them.
fn readable(name: &str, value: &Value) -> Option<String> {
    match (name, value) {
        (_, Value::Bool(true)) => return Some("yes".to_owned()),
        (_, Value::Bool(false)) => return Some("no".to_owned()),
        ("reach", Value::String(reach)) => {
            return Some(if reach == "all" { "all" } else { "only assigned ones" }.to_owned());
        }
        ("role", Value::String(key)) => {
            return Some(Role::parse(key).map_or_else(|| key.clone(), |role| role.label().to_owned()));
        }
        ("rights", Value::Array(keys)) => {
            let rights = keys.iter().filter_map(Value::as_str).filter_map(Right::parse).map(Right::label);
            return Some(rights.collect::<Vec<_>>().join(", ")).filter(|rights| !rights.is_empty());
        }
        _ => {}
    }
    fact(value).filter(|text| Uuid::try_parse(text).is_err())
}

/// The name of a member in words: `max_retries` becomes "Max retries".
fn words(name: &str) -> String {
    if name == "reach" {
        return "Clients".to_owned();
    }
    let name = name.replace('_', " ");
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::entry;
    use super::*;

    fn of(payload: Value) -> Vec<(String, Option<String>, String)> {
        facts(&entry("agency.settings", payload)).into_iter().map(|one| (one.name, one.before, one.value)).collect()
    }

    #[test]
    fn a_change_says_from_what_to_what_and_leaves_out_what_is_the_same() {
        let payload = json!({
            "max_retries": 5, "name_marker": true, "app_address": "",
            "before": { "max_retries": 3, "name_marker": true, "app_address": "https://app.example.com" },
        });
        let text = str::to_owned;
        assert_eq!(
            of(payload),
            [
                (text("App address"), Some(text("https://app.example.com")), text("empty")),
                (text("Max retries"), Some(text("3")), text("5")),
            ]
        );
    }

    #[test]
    fn roles_and_rights_are_called_what_the_pages_call_them() {
        let payload = json!({
            "role": "Agency admin", "reach": "all", "before": { "role": "agency_staff", "reach": "listed" },
        });
        let text = str::to_owned;
        assert_eq!(
            of(payload),
            [
                (text("Clients"), Some(text("only assigned ones")), text("all")),
                (text("Role"), Some(text("Agency staff")), text("Agency admin")),
            ]
        );
        let rights = of(json!({ "rights": ["audit.read", "team.manage"] })).remove(0).2;
        assert_eq!(rights, format!("{}, {}", Right::AuditRead.label(), Right::TeamManage.label()));
    }

    #[test]
    fn ids_and_what_nobody_can_read_are_left_out() {
        let payload = json!({ "owner": Uuid::nil(), "rules": { "a": 1 }, "note": "", "paused": true });
        assert_eq!(of(payload), [("Paused".to_owned(), None, "yes".to_owned())]);
    }
}
