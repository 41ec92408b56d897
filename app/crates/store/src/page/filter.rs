//! Which fields of a list can be filtered, with which operators, and how is each written in SQL? A value is read as the
//! type of its field before it is bound, so that no request can make a statement fail.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use domain::page::{Condition, Operator};
use domain::text;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::search::part;

/// Number of values that `any_of` and `none_of` take.
const MOST_VALUES: usize = 100;

/// A field that can be filtered.
pub struct Filter {
    /// Its name in the address.
    pub field: &'static str,
    /// The expression. `{field}` stands for the rest of the name, behind a dot: with the field `custom` and
    /// `c.custom_fields ->> {field}`, the parameter `custom.shoe_size.is` reads the custom field `shoe_size`.
    pub sql: &'static str,
    /// Its type.
    pub kind: Kind,
}

/// The type of a field.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A text, compared as people read it: case does not matter.
    Text,
    /// One of a few texts.
    Choice(&'static [&'static str]),
    /// The id of a row, a UUID.
    Id,
    /// Yes or no.
    Bool,
    /// A time. In an address it is a day in UTC (`2026-01-31`) or a time (`2026-01-31T08:00:00Z`).
    Time,
    /// A number.
    Number,
    /// A set of texts.
    Tags,
}

impl Filter {
    /// A field.
    #[must_use]
    pub const fn new(field: &'static str, sql: &'static str, kind: Kind) -> Self {
        Self { field, sql, kind }
    }

    /// The rest of a field's name if this filter reads it: empty, or what stands for `{field}`.
    fn rest<'a>(&self, field: &'a str) -> Option<&'a str> {
        let rest = field.strip_prefix(self.field)?;
        if self.sql.contains("{field}") { rest.strip_prefix('.') } else { rest.is_empty().then_some("") }
    }
}

impl Kind {
    /// The operators of the type.
    #[must_use]
    pub const fn operators(self) -> &'static [Operator] {
        use Operator::{After, AnyOf, Before, Between, Contains, Empty, Is, IsNot, NoneOf, NotEmpty};
        match self {
            Self::Text | Self::Tags => &[Is, IsNot, AnyOf, NoneOf, Contains, Empty, NotEmpty],
            Self::Choice(_) | Self::Id => &[Is, IsNot, AnyOf, NoneOf, Empty, NotEmpty],
            Self::Bool => &[Is, IsNot, Empty, NotEmpty],
            Self::Time => &[Is, Before, After, Between, Empty, NotEmpty],
            Self::Number => &[Is, IsNot, Before, After, Between, Empty, NotEmpty],
        }
    }
}

/// A filter of a query, read as the type of its field.
pub(super) struct Term {
    /// Its place in the text of the statement.
    pub place: (usize, Operator),
    filter: &'static Filter,
    /// What stands for `{field}`.
    field: String,
    test: Test,
    /// True if the rows are those that do not pass. A row without a value does not pass either.
    negated: bool,
}

/// What a field is tested for.
#[derive(Debug, PartialEq)]
enum Test {
    Empty,
    AnyText(Vec<String>),
    AllTags(Vec<String>),
    Part(String),
    AnyId(Vec<Uuid>),
    Bool(bool),
    Time(Vec<(&'static str, DateTime<Utc>)>),
    Number(Vec<(&'static str, f64)>),
}

impl Term {
    /// Reads a condition. The error says what would be correct.
    pub(super) fn read(filters: &'static [Filter], condition: &Condition) -> Result<Self, String> {
        let found =
            filters.iter().enumerate().find_map(|(at, filter)| Some((at, filter, filter.rest(&condition.field)?)));
        let Some((at, filter, field)) = found else {
            let known: Vec<_> = filters.iter().map(|filter| filter.field).collect();
            return Err(format!("This list has no such filter. It has {}.", known.join(", ")));
        };
        let operator = condition.operator;
        if !filter.kind.operators().contains(&operator) {
            let known: Vec<_> = filter.kind.operators().iter().map(|operator| operator.key()).collect();
            return Err(format!("This filter takes {}.", known.join(", ")));
        }
        let test = match operator {
            Operator::Empty | Operator::NotEmpty => Test::Empty,
            _ => test(filter.kind, operator, &condition.value)?,
        };
        let negated = matches!(operator, Operator::IsNot | Operator::NoneOf | Operator::NotEmpty);
        Ok(Self { place: (at, operator), filter, field: text::line(field), test, negated })
    }

    /// Writes the condition.
    pub(super) fn push(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(if self.negated { "not coalesce(" } else { "(" });
        match &self.test {
            Test::Empty => self.push_empty(sql),
            Test::AnyText(texts) => match self.filter.kind {
                Kind::Tags => self.push_field(sql).push(" && ").push_bind(texts.clone()),
                Kind::Text => {
                    sql.push("folded(");
                    self.push_field(sql).push(") = any(").push_bind(texts.clone()).push(")")
                }
                _ => self.push_field(sql).push(" = any(").push_bind(texts.clone()).push(")"),
            },
            Test::AllTags(texts) => self.push_field(sql).push(" @> ").push_bind(texts.clone()),
            Test::Part(pattern) => {
                sql.push("folded(");
                self.push_field(sql).push(") like ").push_bind(pattern.clone())
            }
            Test::AnyId(ids) => self.push_field(sql).push(" = any(").push_bind(ids.clone()).push(")"),
            Test::Bool(yes) => self.push_field(sql).push(" = ").push_bind(*yes),
            Test::Time(bounds) => self.push_bounds(sql, bounds, ""),
            Test::Number(bounds) => self.push_bounds(sql, bounds, "::float8"),
        };
        sql.push(if self.negated { ", false)" } else { ")" });
    }

    fn push_empty<'a>(&self, sql: &'a mut QueryBuilder<Postgres>) -> &'a mut QueryBuilder<Postgres> {
        match self.filter.kind {
            Kind::Text => {
                sql.push("coalesce(");
                self.push_field(sql).push(", '') = ''")
            }
            Kind::Tags => {
                sql.push("coalesce(cardinality(");
                self.push_field(sql).push("), 0) = 0")
            }
            _ => self.push_field(sql).push(" is null"),
        }
    }

    fn push_bounds<'a, T>(
        &self,
        sql: &'a mut QueryBuilder<Postgres>,
        bounds: &[(&'static str, T)],
        cast: &'static str,
    ) -> &'a mut QueryBuilder<Postgres>
    where
        T: Copy + for<'t> sqlx::Encode<'t, Postgres> + sqlx::Type<Postgres>,
    {
        for (at, (comparison, value)) in bounds.iter().enumerate() {
            sql.push(if at > 0 { " and " } else { "" });
            self.push_field(sql).push(cast).push(*comparison).push_bind(*value);
        }
        sql
    }

    /// Writes the field's expression in parentheses.
    fn push_field<'a>(&self, sql: &'a mut QueryBuilder<Postgres>) -> &'a mut QueryBuilder<Postgres> {
        sql.push("(");
        for (at, piece) in self.filter.sql.split("{field}").enumerate() {
            if at > 0 {
                sql.push_bind(self.field.clone());
            }
            sql.push(piece);
        }
        sql.push(")")
    }
}

fn test(kind: Kind, operator: Operator, value: &str) -> Result<Test, String> {
    match (kind, operator) {
        (Kind::Text, Operator::Contains) => Ok(Test::Part(part(&folded(value)?))),
        (Kind::Text, _) => Ok(Test::AnyText(values(operator, value, folded)?)),
        (Kind::Tags, Operator::Contains) => Ok(Test::AllTags(values(Operator::AnyOf, value, line)?)),
        (Kind::Tags, _) => Ok(Test::AnyText(values(operator, value, line)?)),
        (Kind::Choice(of), _) => Ok(Test::AnyText(values(operator, value, |text| choice(of, text))?)),
        (Kind::Id, _) => Ok(Test::AnyId(values(operator, value, id)?)),
        (Kind::Bool, _) => yes(value).map(Test::Bool),
        (Kind::Time, _) => times(operator, value).map(Test::Time),
        (Kind::Number, _) => numbers(operator, value).map(Test::Number),
    }
}

/// The values of `any_of` and `none_of`, separated by commas, or the one value of another operator.
fn values<T>(operator: Operator, value: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    if !matches!(operator, Operator::AnyOf | Operator::NoneOf) {
        return Ok(vec![read(value)?]);
    }
    let values = value.split(',').filter(|one| !one.trim().is_empty());
    let values = values.take(MOST_VALUES + 1).map(read).collect::<Result<Vec<_>, _>>()?;
    if values.is_empty() || values.len() > MOST_VALUES {
        return Err(format!("Send 1 to {MOST_VALUES} values, separated by commas."));
    }
    Ok(values)
}

fn line(value: &str) -> Result<String, String> {
    let value = text::line(value);
    if value.is_empty() { Err("Send a value.".to_owned()) } else { Ok(value) }
}

fn folded(value: &str) -> Result<String, String> {
    line(value).map(|value| text::folded(&value))
}

fn choice(of: &[&str], value: &str) -> Result<String, String> {
    let value = value.trim();
    if of.contains(&value) { Ok(value.to_owned()) } else { Err(format!("Send one of {}.", of.join(", "))) }
}

fn id(value: &str) -> Result<Uuid, String> {
    value.trim().parse().map_err(|_| "Send an id.".to_owned())
}

fn yes(value: &str) -> Result<bool, String> {
    match value.trim() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err("Send yes or no.".to_owned()),
    }
}

fn times(operator: Operator, value: &str) -> Result<Vec<(&'static str, DateTime<Utc>)>, String> {
    Ok(match operator {
        Operator::Before => vec![(" < ", span(value)?.0)],
        Operator::After => vec![(" >= ", span(value)?.0)],
        Operator::Between => {
            let (first, last) = two(value)?;
            vec![(" >= ", span(first)?.0), (" < ", span(last)?.1)]
        }
        _ => vec![(" >= ", span(value)?.0), (" < ", span(value)?.1)],
    })
}

/// The first moment of a day or time, and the first one after it.
fn span(value: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), String> {
    let value = value.trim();
    let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    let read = match day {
        Some(day) => Some((day.and_utc(), TimeDelta::days(1))),
        None => DateTime::parse_from_rfc3339(value).ok().map(|at| (at.to_utc(), TimeDelta::microseconds(1))),
    };
    // The database knows no times much further away.
    let read = read.filter(|(at, _)| (1..=9998).contains(&at.year()));
    read.map(|(at, long)| (at, at + long)).ok_or_else(|| "Send a day like 2026-01-31.".to_owned())
}

fn numbers(operator: Operator, value: &str) -> Result<Vec<(&'static str, f64)>, String> {
    Ok(match operator {
        Operator::Before => vec![(" < ", number(value)?)],
        Operator::After => vec![(" > ", number(value)?)],
        Operator::Between => {
            let (least, most) = two(value)?;
            vec![(" >= ", number(least)?), (" <= ", number(most)?)]
        }
        _ => vec![(" = ", number(value)?)],
    })
}

fn number(value: &str) -> Result<f64, String> {
    let number = value.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "Send a number.".to_owned())
}

fn two(value: &str) -> Result<(&str, &str), String> {
    value.split_once(',').ok_or_else(|| "Send two values, separated by a comma.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    static FILTERS: [Filter; 8] = [
        Filter::new("name", "c.name", Kind::Text),
        Filter::new("stage", "c.stage", Kind::Choice(&["lead", "customer"])),
        Filter::new("owner", "c.owner_id", Kind::Id),
        Filter::new("vip", "c.vip", Kind::Bool),
        Filter::new("created", "c.created_at", Kind::Time),
        Filter::new("score", "c.score", Kind::Number),
        Filter::new("tag", "c.tags", Kind::Tags),
        Filter::new("custom", "c.custom_fields ->> {field}", Kind::Text),
    ];

    fn sql(parameter: &str, value: &str) -> Result<String, String> {
        let condition = Condition::all([(parameter, value)]).pop().expect("an operator");
        let mut sql = QueryBuilder::new("");
        Term::read(&FILTERS, &condition)?.push(&mut sql);
        Ok(sql.into_string())
    }

    #[test]
    fn each_filter_is_written_by_its_type_and_values_are_bound() {
        for (parameter, value, text) in [
            ("name.is", "Ann'; --", "(folded((c.name)) = any($1))"),
            ("name.none_of", "ann,bea", "not coalesce(folded((c.name)) = any($1), false)"),
            ("name.contains", "50%", "(folded((c.name)) like $1)"),
            ("name.empty", "yes", "(coalesce((c.name), '') = '')"),
            ("stage.any_of", "lead,customer", "((c.stage) = any($1))"),
            ("stage.is_not", "lead", "not coalesce((c.stage) = any($1), false)"),
            ("owner.is", "01a21351-0cef-75f9-82b7-0609813837a9", "((c.owner_id) = any($1))"),
            ("owner.not_empty", "", "not coalesce((c.owner_id) is null, false)"),
            ("vip.is", "yes", "((c.vip) = $1)"),
            ("created.after", "2026-01-31", "((c.created_at) >= $1)"),
            ("created.between", "2026-01-01,2026-01-31", "((c.created_at) >= $1 and (c.created_at) < $2)"),
            ("score.before", "10", "((c.score)::float8 < $1)"),
            ("score.between", "1,2.5", "((c.score)::float8 >= $1 and (c.score)::float8 <= $2)"),
            ("tag.any_of", "new,vip", "((c.tags) && $1)"),
            ("tag.contains", "new,vip", "((c.tags) @> $1)"),
            ("tag.empty", "yes", "(coalesce(cardinality((c.tags)), 0) = 0)"),
            ("custom.shoe_size.is", "9", "(folded((c.custom_fields ->> $1)) = any($2))"),
            ("custom.a') or true --.is", "9", "(folded((c.custom_fields ->> $1)) = any($2))"),
        ] {
            assert_eq!(sql(parameter, value).as_deref(), Ok(text), "{parameter}={value}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_and_never_bound() {
        for (parameter, value) in [
            ("nobody.is", "x"),
            ("name.before", "x"),
            ("name.is", "\0"),
            ("name.extra.is", "x"),
            ("custom.is", "x"),
            ("stage.is", "other"),
            ("stage.any_of", " , "),
            ("owner.is", "me"),
            ("vip.is", "maybe"),
            ("created.after", "yesterday"),
            ("created.after", "-4714-01-01"),
            ("created.is", "+262142-12-31"),
            ("created.between", "2026-01-01"),
            ("score.is", "NaN"),
            ("score.is", "inf"),
            ("score.is", "1e999"),
            ("score.between", "1"),
        ] {
            assert!(sql(parameter, value).is_err(), "{parameter}={value}");
        }
        assert!(sql("name.any_of", &"x,".repeat(MOST_VALUES)).is_ok());
        assert!(sql("name.any_of", &"x,".repeat(MOST_VALUES + 1)).is_err());
    }

    #[test]
    fn a_day_is_all_of_it() {
        let of = |operator, value| times(operator, value).expect("a time");
        let day = |text: &str| DateTime::parse_from_rfc3339(text).expect("a time").to_utc();
        assert_eq!(of(Operator::Is, "2026-01-31"), of(Operator::Between, "2026-01-31,2026-01-31"));
        assert_eq!(of(Operator::Is, "2026-01-31")[1], (" < ", day("2026-02-01T00:00:00Z")));
        assert_eq!(of(Operator::Before, "2026-01-31")[0].1, of(Operator::After, "2026-01-31")[0].1);
        assert_eq!(of(Operator::After, "2026-01-31T02:00:00+02:00")[0].1, day("2026-01-31T00:00:00Z"));
    }
}
