//! What can the rows of a list be ordered by? A key is an expression with a type; the id ends every order, in the same
//! direction, so that one index serves both directions and one comparison of rows finds where a page begins.

use chrono::{DateTime, Datelike as _, Utc};
use domain::page::ListQuery;
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row as _};

use super::List;
use super::cursor::{KeyValue, Position};
use crate::Result;

/// Something that rows can be ordered by.
pub struct Key {
    /// Its name in the address.
    pub name: &'static str,
    /// The expression. An index holds it between the agency and the id; an expression that may be null is in the index
    /// as `coalesce(…)` with the least value of its kind.
    pub sql: &'static str,
    /// Its type.
    pub kind: KeyKind,
    /// True if the expression may be null. Null is less than everything.
    pub is_nullable: bool,
}

/// The type of a key.
#[derive(Clone, Copy)]
pub enum KeyKind {
    /// A text.
    Text,
    /// A time.
    Time,
    /// A whole number.
    Number,
    /// A value of an enum of the database, in its order.
    Choice {
        /// The name of the enum.
        sql_type: &'static str,
        /// Its values.
        of: &'static [&'static str],
    },
}

/// The order of a list without keys: by the id alone.
static BY_ID: Key = Key::text("", "''::text");

impl Key {
    /// A key that is a text, never null.
    #[must_use]
    pub const fn text(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql, kind: KeyKind::Text, is_nullable: false }
    }

    /// A key that is a time, never null.
    #[must_use]
    pub const fn time(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql, kind: KeyKind::Time, is_nullable: false }
    }

    /// A key that is a whole number, never null.
    #[must_use]
    pub const fn number(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql, kind: KeyKind::Number, is_nullable: false }
    }

    /// Says that the expression may be null.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.is_nullable = true;
        self
    }

    fn push(&self, sql: &mut QueryBuilder<Postgres>) {
        match self.kind.least().filter(|_| self.is_nullable) {
            Some(least) => sql.push("coalesce(").push(self.sql).push(", ").push(least).push(")"),
            None => sql.push(self.sql),
        };
    }

    /// Writes the key as a column of the answer.
    pub(super) fn push_column(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push("(");
        self.push(sql);
        sql.push(match self.kind {
            KeyKind::Text | KeyKind::Choice { .. } => ")::text as key",
            KeyKind::Time => ")::timestamptz as key",
            KeyKind::Number => ")::bigint as key",
        });
    }

    /// The position of a row that was read with this key.
    pub(super) fn position(&self, row: &PgRow) -> Result<Position> {
        let key = match self.kind {
            KeyKind::Text | KeyKind::Choice { .. } => KeyValue::Text(row.try_get("key")?),
            KeyKind::Time => KeyValue::Time(row.try_get("key")?),
            KeyKind::Number => KeyValue::Number(row.try_get("key")?),
        };
        Ok(Position { key, id: row.try_get("id")? })
    }
}

impl KeyKind {
    /// The value that stands for null. Nothing in the product is older than the first year.
    const fn least(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("''"),
            Self::Time => Some("'0001-01-01 00:00:00+00'::timestamptz"),
            Self::Number => Some("'-9223372036854775808'::bigint"),
            // Null stays null: the declaration of an enum names a column that is never null.
            Self::Choice { .. } => None,
        }
    }

    /// Reads the value in a cursor. `None` if it is none that the database could compare.
    pub(super) fn read(self, value: &Value) -> Option<KeyValue> {
        match self {
            Self::Text => {
                value.as_str().filter(|text| !text.contains('\0')).map(|text| KeyValue::Text(text.to_owned()))
            }
            Self::Choice { of, .. } => {
                value.as_str().filter(|text| of.contains(text)).map(|text| KeyValue::Text(text.to_owned()))
            }
            Self::Time => {
                let at = DateTime::<Utc>::from_timestamp_micros(value.as_i64()?)?;
                (1..=9999).contains(&at.year()).then_some(KeyValue::Time(at))
            }
            Self::Number => value.as_i64().map(KeyValue::Number),
        }
    }
}

/// An order of a list.
pub(super) struct Order {
    /// Its name in the address.
    pub name: &'static str,
    /// What it compares.
    pub key: &'static Key,
    descends: bool,
}

impl Order {
    /// The order that a query asks for, or the default one of the list.
    pub(super) fn read(list: &List, query: &ListQuery) -> Self {
        let name = query.order(list.orders);
        let key = list.key(name.trim_start_matches('-')).unwrap_or(&BY_ID);
        Self { name, key, descends: name.starts_with('-') }
    }

    /// Writes the condition of the rows after a position.
    pub(super) fn push_after(&self, sql: &mut QueryBuilder<Postgres>, id: &'static str, after: &Position) {
        sql.push(" and (");
        self.key.push(sql);
        sql.push(", ").push(id).push(if self.descends { ") < (" } else { ") > (" });
        match &after.key {
            KeyValue::Text(text) => sql.push_bind(text.clone()),
            KeyValue::Time(at) => sql.push_bind(*at),
            KeyValue::Number(number) => sql.push_bind(*number),
        };
        if let KeyKind::Choice { sql_type, .. } = self.key.kind {
            sql.push("::").push(sql_type);
        }
        sql.push(", ").push_bind(after.id).push(")");
    }

    /// Writes the order.
    pub(super) fn push(&self, sql: &mut QueryBuilder<Postgres>, id: &'static str) {
        let direction = if self.descends { " desc" } else { "" };
        sql.push(" order by ");
        self.key.push(sql);
        sql.push(direction).push(", ").push(id).push(direction);
    }
}
