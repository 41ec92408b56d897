//! How is a JSON value read as a number, a text, a time or an id? As serde writes them; anything else is `None`.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::parse::Json;

/// A value that is read from JSON.
pub(crate) trait FromJson: Sized {
    /// The value; `None` if the JSON is of another shape.
    fn from_json(json: &Json) -> Option<Self>;
}

/// A member of an object. One that is absent is read like `null`.
pub(crate) fn member<T: FromJson>(json: &Json, name: &str) -> Option<T> {
    T::from_json(json.get(name).unwrap_or(&Json::Null))
}

/// The text of a value.
pub(super) fn text(json: &Json) -> Option<&str> {
    if let Json::Text(text) = json { Some(text) } else { None }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &Json) -> Option<Self> {
        if *json == Json::Null { Some(None) } else { T::from_json(json).map(Some) }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &Json) -> Option<Self> {
        let Json::List(items) = json else { return None };
        items.iter().map(T::from_json).collect()
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(json: &Json) -> Option<Self> {
        T::from_json(json).map(Self::new)
    }
}

impl FromJson for bool {
    fn from_json(json: &Json) -> Option<Self> {
        if let Json::Bool(value) = json { Some(*value) } else { None }
    }
}

impl FromJson for String {
    fn from_json(json: &Json) -> Option<Self> {
        text(json).map(str::to_owned)
    }
}

impl FromJson for i64 {
    fn from_json(json: &Json) -> Option<Self> {
        if let Json::Number(digits) = json { digits.parse().ok() } else { None }
    }
}

impl FromJson for i32 {
    fn from_json(json: &Json) -> Option<Self> {
        i64::from_json(json)?.try_into().ok()
    }
}

impl FromJson for u32 {
    fn from_json(json: &Json) -> Option<Self> {
        i64::from_json(json)?.try_into().ok()
    }
}

impl FromJson for f64 {
    fn from_json(json: &Json) -> Option<Self> {
        if let Json::Number(digits) = json { decimal(digits) } else { None }
    }
}

impl FromJson for Uuid {
    fn from_json(json: &Json) -> Option<Self> {
        uuid(text(json)?)
    }
}

impl FromJson for NaiveDate {
    fn from_json(json: &Json) -> Option<Self> {
        day(text(json)?)
    }
}

impl FromJson for DateTime<Utc> {
    fn from_json(json: &Json) -> Option<Self> {
        moment(text(json)?)
    }
}

/// A decimal number. Up to fifteen digits it is exact; of more, the last may differ, which no duration on a page shows.
fn decimal(text: &str) -> Option<f64> {
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, digits) = digits.strip_prefix('-').map_or((1.0, digits), |digits| (-1.0, digits));
    let mut power = power.parse::<i32>().ok()?;
    let (mut value, mut is_part, mut is_empty) = (0.0, false, true);
    for mark in digits.chars() {
        match mark.to_digit(10) {
            Some(digit) => {
                value = value * 10.0 + f64::from(digit);
                power = power.saturating_sub(i32::from(is_part));
                is_empty = false;
            }
            None if mark == '.' && !is_part => is_part = true,
            None => return None,
        }
    }
    let scale = 10.0_f64.powi(power.saturating_abs());
    (!is_empty).then_some(sign * if power < 0 { value / scale } else { value * scale })
}

/// An id, of which only the digits count.
fn uuid(text: &str) -> Option<Uuid> {
    let (mut number, mut digits) = (0_u128, 0);
    for mark in text.chars().filter(|mark| *mark != '-') {
        number = (number << 4) | u128::from(mark.to_digit(16)?);
        digits += 1;
    }
    (digits == 32).then_some(Uuid::from_u128(number))
}

/// A day: "2026-10-04".
fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    NaiveDate::from_ymd_opt(year, month, parts.next()?.parse().ok()?)
}

/// A time in UTC: "2026-10-04T15:17:42.060Z", with up to nine digits after the point, or none.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, part) = time.split_once('.').unwrap_or((time, "0"));
    let places = u32::try_from(part.len()).ok()?;
    let nanos = part.parse::<u32>().ok()?.checked_mul(10_u32.pow(9_u32.checked_sub(places)?))?;
    let mut parts = time.splitn(3, ':');
    let hour = parts.next()?.parse().ok()?;
    let minute = parts.next()?.parse().ok()?;
    let second = parts.next()?.parse().ok()?;
    Some(day(date)?.and_hms_nano_opt(hour, minute, second, nanos)?.and_utc())
}
