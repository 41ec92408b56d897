//! Applies snapshots to locations, one asset group at a time.
//!
//! When a group completes, its assets appear in the location with new ids. A custom value that already exists keeps
//! its key; the snapshot's value of the same name gets a different key.

use std::collections::BTreeSet;

use crate::{
    ids::{new_id, new_uuid},
    records::{CustomField, CustomValue, Push, Snapshot, Tag},
    world::{Transaction, World},
};

/// Starts a push of a snapshot into a location. `overrides` says whether conflicting assets are overwritten.
pub fn push(tx: &mut Transaction<'_>, snapshot: &Snapshot, location: &str, overrides: bool) {
    let knobs = tx.world.knobs();
    tx.put(&Push {
        id: new_id(20),
        snapshot_id: snapshot.id.clone(),
        location_id: location.into(),
        company_id: snapshot.company_id.clone(),
        overrides,
        mode: knobs.snapshot_mode,
        started_at: tx.now,
        ends_at: tx.now + tx.delay(knobs.snapshot_ms),
        assets: snapshot.assets.clone(),
        applied: 0,
    });
}

/// Adds the assets of every group that is due by now.
pub fn apply_due_groups(tx: &mut Transaction<'_>) {
    let world: &World = tx.world;
    for push in world.pushes.of(Push::LOADING) {
        let due = push.due(tx.now);
        if due <= push.applied {
            continue;
        }
        if let Some(snapshot) = world.snapshots.get(&push.snapshot_id) {
            for group in &push.assets[push.applied..due] {
                add_group(tx, snapshot, push, group);
            }
        }
        tx.put(&Push { applied: due, ..push.clone() });
    }
}

fn add_group(tx: &mut Transaction<'_>, snapshot: &Snapshot, push: &Push, group: &str) {
    match group {
        "custom_values" => values(tx, snapshot, push),
        "custom_fields" => fields(tx, snapshot, push),
        "tags" => tags(tx, snapshot, &push.location_id),
        _ => {}
    }
}

fn values(tx: &mut Transaction<'_>, snapshot: &Snapshot, push: &Push) {
    let mut taken = value_keys(tx.world, &push.location_id);
    let loaded_before =
        tx.world.pushes.of(&push.location_id).any(|other| other.id != push.id && other.snapshot_id == push.snapshot_id);
    for (name, value) in &snapshot.custom_values {
        let there = value_named(tx.world, &push.location_id, name);
        // If the same snapshot was pushed here before, its own values exist already. They are overwritten or kept.
        if let (Some(old), true) = (there, loaded_before || push.overrides) {
            if push.overrides {
                tx.put(&CustomValue { value: value.clone(), ..old.clone() });
            }
            continue;
        }
        let field_key = free_key("custom_values", name, &taken);
        taken.insert(field_key.clone());
        tx.put(&CustomValue {
            id: new_id(20),
            location_id: push.location_id.clone(),
            name: name.clone(),
            field_key: format!("{{{{ {field_key} }}}}"),
            value: value.clone(),
        });
    }
}

fn fields(tx: &mut Transaction<'_>, snapshot: &Snapshot, push: &Push) {
    for (name, data_type) in &snapshot.custom_fields {
        let there = tx
            .world
            .custom_fields
            .of(&push.location_id)
            .any(|field| field.model == "contact" && same_name(&field.name, name));
        if !there {
            tx.put(&CustomField {
                id: new_id(20),
                location_id: push.location_id.clone(),
                name: name.clone(),
                field_key: format!("contact.{}", key_of(name)),
                placeholder: String::new(),
                data_type: data_type.clone(),
                position: 0.0,
                model: "contact".into(),
            });
        }
    }
}

fn tags(tx: &mut Transaction<'_>, snapshot: &Snapshot, location: &str) {
    for name in &snapshot.tags {
        if tag_named(tx.world, location, name).is_none() {
            tx.put(&Tag { id: new_uuid(), location_id: location.into(), name: name.to_lowercase() });
        }
    }
}

/// Finds a tag of a location by name. Tag names are lower case.
pub fn tag_named<'w>(world: &'w World, location: &str, name: &str) -> Option<&'w Tag> {
    let name = name.trim().to_lowercase();
    world.tags.of(location).find(|tag| tag.name == name)
}

/// Finds a custom value of a location by name; see [`same_name`].
pub fn value_named<'w>(world: &'w World, location: &str, name: &str) -> Option<&'w CustomValue> {
    world.custom_values.of(location).find(|value| same_name(&value.name, name))
}

/// Keys of a location's custom values, without the braces.
pub fn value_keys(world: &World, location: &str) -> BTreeSet<String> {
    let values = world.custom_values.of(location);
    values.map(|value| value.field_key.trim_matches(['{', '}', ' ']).to_owned()).collect()
}

/// Returns the key for a name, with a number appended if the plain key is taken.
pub fn free_key(group: &str, name: &str, taken: &BTreeSet<String>) -> String {
    let plain = format!("{group}.{}", key_of(name));
    if !taken.contains(&plain) {
        return plain;
    }
    (1_u32..).map(|number| format!("{plain}_{number}")).find(|key| !taken.contains(key)).unwrap_or(plain)
}

/// Turns a name into a key: lower case, words joined by underscores.
pub fn key_of(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "value".into() } else { words.join("_") }
}

/// True if the two names produce the same key: case, punctuation and white space do not matter.
pub fn same_name(one: &str, other: &str) -> bool {
    key_of(one) == key_of(other)
}
