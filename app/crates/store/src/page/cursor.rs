//! What is a cursor? The sort key and id of the last row of a page, and the number of rows that the first page counted.
//! It is bound to its list, order, view, search and filters: a page with others does not begin where this one ended.

use chrono::{DateTime, Utc};
use domain::page::COUNTED;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::KeyKind;

/// Version of the format. A cursor of another version is refused.
pub(super) const VERSION: u8 = 2;

/// The value of a row's sort key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum KeyValue {
    /// A text, or one of the values of a choice.
    Text(String),
    /// A time.
    Time(DateTime<Utc>),
    /// A whole number.
    Number(i64),
}

/// The position of a row in an order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Position {
    /// Its sort key.
    pub key: KeyValue,
    /// Its id, which decides between equal keys.
    pub id: Uuid,
}

/// The mark of whatever a cursor is bound to.
pub(crate) fn binding(to: &impl Serialize) -> String {
    let text = serde_json::to_vec(to).unwrap_or_default();
    let mut hash = hex::encode(Sha256::digest(text));
    hash.truncate(16);
    hash
}

/// The cursor of the page that begins after a row.
pub(crate) fn write(binding: &str, total: Option<i64>, after: &Position) -> Option<String> {
    let key = match &after.key {
        KeyValue::Text(text) => json!(text),
        KeyValue::Time(at) => json!(at.timestamp_micros()),
        KeyValue::Number(number) => json!(number),
    };
    serde_json::to_vec(&(VERSION, binding, total, key, after.id)).ok().map(hex::encode)
}

/// Where a page begins, and how many rows were counted. `None` if the cursor is not one of this binding and kind of key.
pub(crate) fn read(cursor: &str, bound: &str, kind: &KeyKind) -> Option<(Position, Option<i64>)> {
    let bytes = hex::decode(cursor).ok()?;
    let (version, binding, total, key, id): (u8, String, Option<i64>, Value, Uuid) =
        serde_json::from_slice(&bytes).ok()?;
    if version != VERSION || binding != bound {
        return None;
    }
    Some((Position { key: kind.read(&key)?, id }, total.map(|total| total.clamp(0, COUNTED + 1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_by_its_own_binding_only() {
        let id = Uuid::from_u128(7);
        let states = KeyKind::Choice { of: &["OPEN", "DONE"], sql_type: "state" };
        let at = DateTime::from_timestamp_micros(1_767_225_600_123_456).unwrap();
        for (kind, key) in [
            (KeyKind::Text, KeyValue::Text("caf\u{e9} %'\"".to_owned())),
            (KeyKind::Time, KeyValue::Time(at)),
            (KeyKind::Number, KeyValue::Number(-3)),
            (states, KeyValue::Text("DONE".to_owned())),
        ] {
            let bound = binding(&("list", "-created"));
            let after = Position { key, id };
            let cursor = write(&bound, Some(150), &after).unwrap();
            assert_eq!(read(&cursor, &bound, &kind), Some((after, Some(150))));
            assert_eq!(read(&cursor, &binding(&("list", "created")), &kind), None);
            assert_eq!(read(&cursor[..cursor.len() - 2], &bound, &kind), None);
        }
    }

    #[test]
    fn a_cursor_that_the_database_could_not_read_is_refused() {
        let bound = binding(&"list");
        let forged =
            |key: Value| hex::encode(serde_json::to_vec(&(VERSION, &bound, Some(i64::MAX), key, Uuid::nil())).unwrap());
        let states = KeyKind::Choice { of: &["OPEN"], sql_type: "state" };
        for (kind, key) in [
            (KeyKind::Text, json!("a\0b")),
            (KeyKind::Text, json!(1)),
            (KeyKind::Time, json!(i64::MAX)),
            (KeyKind::Time, json!(i64::MIN)),
            (KeyKind::Time, json!(-210_866_803_200_000_001_i64)),
            (KeyKind::Time, json!("2026-01-01")),
            (KeyKind::Number, json!(1.5)),
            (states, json!("'; drop table users")),
        ] {
            assert_eq!(read(&forged(key.clone()), &bound, &kind), None, "{key}");
        }
        let (_, total) = read(&forged(json!("a")), &bound, &KeyKind::Text).unwrap();
        assert_eq!(total, Some(COUNTED + 1), "a forged total is no larger than a counted one");
    }
}
