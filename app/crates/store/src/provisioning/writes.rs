//! Compares the writes that were carried out at the provider with the recorded effects: every write must have its
//! effect, and every confirmed effect its write. It counts per object and kind, so that a write made twice is not
//! explained by another write to the same object.

use std::collections::BTreeMap;

use serde_json::Value;

/// Prefix of the name of a parked location.
const PARKED: &str = "[parked] ";

/// Whether a change may be carried out after it was given up as absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// Nothing is delayed on its way: a write that was given up was not carried out.
    Never,
    /// A worker that was frozen may send a change after others gave it up and made it themselves. This does no
    /// harm, because the same change made twice has one result. It never applies to a write that creates
    /// something.
    Changes,
}

/// How often one object was written in one way.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    carried_out: usize,
    certain: usize,
    absent: usize,
}

impl Tally {
    const fn agrees(self, late: Late) -> bool {
        let most = match late {
            Late::Never => self.certain,
            Late::Changes => self.certain + self.absent,
        };
        self.certain <= self.carried_out && self.carried_out <= most
    }
}

/// Whether a line of the simulator's journal is a write that was carried out. Token requests are not writes in
/// this sense: getting a token again changes nothing for the business.
#[must_use]
pub fn is_write(call: &Value) -> bool {
    let path = call["path"].as_str().unwrap_or_default();
    matches!(call["method"].as_str(), Some("POST" | "PUT" | "DELETE"))
        && !path.starts_with("/oauth/")
        && !path.contains("/search")
        && call["outcome"] == "executed"
}

/// Describes every difference between the journal and the effects (kind, state, the provider's id).
#[must_use]
pub fn differences(journal: &[Value], effects: &[(String, String, Option<String>)], late: Late) -> Vec<String> {
    let mut found = Vec::new();
    let mut tallies: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    for call in journal.iter().filter(|call| is_write(call)) {
        match written(call) {
            Some(what) => tallies.entry(what).or_default().carried_out += 1,
            None => found.push(format!("nobody of ours writes this: {call}")),
        }
    }
    for (kind, state, id) in effects {
        match (state.as_str(), id.as_deref()) {
            ("IN_DOUBT", _) => found.push(format!("{kind} is still in doubt")),
            ("CONFIRMED", Some(id)) => tallies.entry((kind_pair(kind), id)).or_default().certain += 1,
            // Only a change knows the id of its object in advance.
            ("ABSENT", Some(id)) => tallies.entry((kind_pair(kind), id)).or_default().absent += 1,
            _ => {}
        }
    }
    for ((kind, id), tally) in tallies.into_iter().filter(|(_, tally)| !tally.agrees(late)) {
        found.push(format!("{kind} of {id}: {tally:?}"));
    }
    found
}

/// The kind of write that an effect makes. Adding a user to a location and removing one are the same kind, because
/// only the list that is sent differs.
fn kind_pair(kind: &str) -> &str {
    match kind {
        "detach_user" => "add_user",
        "restore_value" => "set_value",
        "restore_name" | "update_location" => "finish_location",
        other => other,
    }
}

/// The kind of write that a call makes, and the id of the object that it wrote.
fn written(call: &Value) -> Option<(&'static str, &str)> {
    let (method, path, body) = (call["method"].as_str()?, call["path"].as_str()?, &call["body"]);
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let of_path = parts.last().copied()?;
    match (method, parts.as_slice()) {
        ("POST", ["locations"]) => Some(("create_location", new(call, "locations/")?)),
        ("POST", ["users"]) => Some(("create_user", new(call, "users/")?)),
        ("POST", ["locations", _, "customValues"]) => Some(("add_value", new(call, "customValues/")?)),
        ("POST", ["locations", _, "tags"]) => Some(("add_tag", new(call, "tags/")?)),
        ("PUT", ["locations", _]) if body["snapshot"].is_object() => Some(("load_snapshot", of_path)),
        ("PUT", ["locations", _]) if parks(body) => Some(("park_location", of_path)),
        ("PUT", ["locations", _]) => Some(("finish_location", of_path)),
        ("PUT", ["users", _]) => Some(("add_user", of_path)),
        ("PUT", ["locations", _, "customValues", _]) => Some(("set_value", of_path)),
        ("DELETE", ["locations", _, "customValues", _]) => Some(("remove_value", of_path)),
        ("DELETE", ["locations", _, "tags", _]) => Some(("remove_tag", of_path)),
        _ => None,
    }
}

fn parks(body: &Value) -> bool {
    body["name"].as_str().is_some_and(|name| name.starts_with(PARKED))
}

/// The id of the object that a call created, among all that it changed.
fn new<'a>(call: &'a Value, table: &str) -> Option<&'a str> {
    call["changed"].as_array()?.iter().filter_map(Value::as_str).find_map(|one| one.strip_prefix(table))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn create() -> Value {
        let changed = json!(["pushes/P1", "locations/L1", "installs/L1"]);
        json!({"method": "POST", "path": "/locations/", "outcome": "executed", "created": "P1", "changed": changed})
    }

    fn put(path: &str, body: &Value) -> Value {
        json!({"method": "PUT", "path": path, "outcome": "executed", "body": body, "changed": ["locations/L1"]})
    }

    fn rename() -> Value {
        put("/locations/L1", &json!({"name": "Ada Dental"}))
    }

    fn effect(kind: &str, state: &str, id: &str) -> (String, String, Option<String>) {
        (kind.to_owned(), state.to_owned(), Some(id.to_owned()))
    }

    fn count(journal: &[Value], effects: &[(&str, &str)], late: Late) -> usize {
        let effects: Vec<_> = effects.iter().map(|(kind, state)| effect(kind, state, "L1")).collect();
        differences(journal, &effects, late).len()
    }

    const MADE: (&str, &str) = ("create_location", "CONFIRMED");
    const NAMED: (&str, &str) = ("finish_location", "CONFIRMED");

    #[test]
    fn one_write_and_one_effect_agree_and_what_is_no_write_does_not_count() {
        let mut refused = rename();
        refused["outcome"] = json!("refused");
        let token = json!({"method": "POST", "path": "/oauth/locationToken", "outcome": "executed"});
        let search = json!({"method": "POST", "path": "/users/search/filter-by-email", "outcome": "executed"});
        let journal = [create(), rename(), refused, token, search];
        assert_eq!(count(&journal, &[MADE, NAMED], Late::Never), 0);
    }

    #[test]
    fn a_change_that_nobody_recorded_or_made_twice_is_not_explained_by_the_create() {
        assert_eq!(count(&[create(), rename()], &[MADE], Late::Never), 1);
        assert_eq!(count(&[create(), rename(), rename()], &[MADE, NAMED], Late::Never), 1);
        assert_eq!(count(&[create(), rename()], &[MADE, ("park_location", "CONFIRMED")], Late::Never), 2);
        let unknown = put("/locations/L1/tags/T1", &json!({"name": "vip"}));
        assert_eq!(count(&[unknown], &[], Late::Changes), 1);
    }

    #[test]
    fn what_is_believed_but_was_not_carried_out_is_found_and_so_is_a_doubt() {
        for late in [Late::Never, Late::Changes] {
            assert_eq!(count(&[create()], &[MADE, NAMED], late), 1);
            assert_eq!(count(&[create(), rename()], &[MADE, NAMED, NAMED], late), 1);
            assert_eq!(count(&[create()], &[MADE, ("finish_location", "IN_DOUBT")], late), 1);
        }
    }

    #[test]
    fn the_ways_of_one_address_are_told_apart_by_what_is_sent() {
        let load = put("/locations/L1", &json!({"snapshot": {"id": "S1", "override": false}}));
        let park = put("/locations/L1", &json!({"name": "[parked] Ada Dental"}));
        let all = [("load_snapshot", "CONFIRMED"), NAMED, ("park_location", "CONFIRMED")];
        assert_eq!(count(&[load.clone(), rename(), park], &all, Late::Never), 0);
        assert_eq!(count(&[load.clone(), load], &all[..2], Late::Never), 2);
    }

    #[test]
    fn a_frozen_worker_may_repeat_a_change_it_recorded_and_nothing_else() {
        let given_up = ("finish_location", "ABSENT");
        let twice = [create(), rename(), rename()];
        assert_eq!(count(&twice, &[MADE, given_up, NAMED], Late::Changes), 0);
        assert_eq!(count(&twice, &[MADE, given_up, NAMED], Late::Never), 1);
        assert_eq!(count(&twice, &[MADE, NAMED], Late::Changes), 1);
        let made_twice = [create(), create(), rename()];
        assert_eq!(count(&made_twice, &[MADE, NAMED], Late::Changes), 1);
    }
}
