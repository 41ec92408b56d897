//! A table of the simulated world: records by id, and by what calls look them up with, so that a call takes as long among a
//! hundred thousand records as among ten.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use chrono::{DateTime, Utc};

use crate::world::Record;

/// Records of one kind. Reading works as on a map from id to record.
#[derive(Debug, Clone)]
pub struct Table<T> {
    records: BTreeMap<String, T>,
    /// For each key the records that have it, oldest first.
    keyed: BTreeMap<String, BTreeSet<(DateTime<Utc>, String)>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { records: BTreeMap::new(), keyed: BTreeMap::new() }
    }
}

impl<T> Deref for Table<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &Self::Target {
        &self.records
    }
}

impl<T: Record> Table<T> {
    /// Adds a record, or replaces the one with its id.
    pub fn insert(&mut self, record: T) {
        self.remove(record.id());
        for key in record.keys() {
            self.keyed.entry(key).or_default().insert((record.since(), record.id().to_owned()));
        }
        self.records.insert(record.id().to_owned(), record);
    }

    /// Removes a record.
    pub fn remove(&mut self, id: &str) {
        let Some(record) = self.records.remove(id) else { return };
        for key in record.keys() {
            if let Some(ids) = self.keyed.get_mut(&key) {
                ids.remove(&(record.since(), id.to_owned()));
                if ids.is_empty() {
                    self.keyed.remove(&key);
                }
            }
        }
    }

    /// The records that have a key, oldest first.
    pub fn of(&self, key: &str) -> impl DoubleEndedIterator<Item = &T> {
        self.keyed.get(key).into_iter().flatten().filter_map(|(_, id)| self.records.get(id))
    }

    /// The records that have a key and are not older and not younger than this, oldest first.
    pub fn between(&self, key: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> impl DoubleEndedIterator<Item = &T> {
        let within = move |ids: &BTreeSet<(DateTime<Utc>, String)>| {
            let after = (from, String::new());
            ids.range(after..).take_while(|(since, _)| *since <= to).map(|(_, id)| id.clone()).collect::<Vec<_>>()
        };
        let ids = self.keyed.get(key).map(within).unwrap_or_default();
        ids.into_iter().filter_map(|id| self.records.get(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Tag;

    fn tag(id: &str, location: &str) -> Tag {
        Tag { id: id.into(), location_id: location.into(), name: "vip".into() }
    }

    #[test]
    fn a_record_is_found_by_its_keys_until_it_changes_or_goes() {
        let mut table = Table::default();
        table.insert(tag("1", "here"));
        table.insert(tag("2", "here"));
        table.insert(tag("1", "there"));
        let found = |table: &Table<Tag>, key: &str| table.of(key).map(|tag| tag.id.clone()).collect::<Vec<_>>();
        assert_eq!((found(&table, "here"), found(&table, "there")), (vec!["2".into()], vec!["1".to_owned()]));
        table.remove("2");
        assert!(found(&table, "here").is_empty() && table.len() == 1);
    }
}
