//! Deserializers for HighLevel's inconsistent JSON: numbers as text and text as numbers, `null` for absent values,
//! `id` or `_id`, times in three formats (HighLevel API, client parsing rules).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text, also if it is sent as a number or a boolean; `null` and empty text become `None`.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    })
}

/// A whole number, also if it is sent as text.
pub(crate) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(number) => whole(&number),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))
}

/// A boolean, also if it is sent as text or as a number.
pub(crate) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Bool(flag) => Some(flag),
        Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        Value::Number(number) => Some(number.as_i64() != Some(0)),
        _ => None,
    })
}

/// A text; empty if absent.
pub(crate) fn word<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    text(from).map(Option::unwrap_or_default)
}

/// A list; `null` becomes an empty list. An item that does not parse makes the whole list fail: if it were left
/// out, a page could look like the last one, and a search for a created object could look empty.
pub(crate) fn list<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(Vec::new()),
        items => serde_json::from_value(items).map_err(serde::de::Error::custom),
    }
}

/// A list of texts; items of other types are left out.
pub(crate) fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    })
}

/// A time as ISO text, as epoch milliseconds or as `{_seconds, _nanoseconds}`.
pub(crate) fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => match text.parse::<i64>() {
            Ok(millis) => DateTime::from_timestamp_millis(millis),
            Err(_) => DateTime::parse_from_rfc3339(&text).ok().map(Into::into),
        },
        Value::Number(millis) => whole(&millis).and_then(DateTime::from_timestamp_millis),
        Value::Object(fields) => {
            fields.get("_seconds").and_then(Value::as_i64).and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        }
        _ => None,
    })
}

/// Defines an enum of HighLevel's values with room for unknown values.
macro_rules! string_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// An unknown value, kept as it was received.
            Other(String),
        }

        impl $name {
            /// HighLevel's value for this variant.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $(_ if word.eq_ignore_ascii_case($word) => Self::$variant,)*
                    _ => Self::Other(word.to_owned()),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
                let word = crate::tolerant::text(from)?.unwrap_or_default();
                Ok(Self::from(word.as_str()))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use string_enum;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Loose {
        #[serde(default, deserialize_with = "text")]
        text: Option<String>,
        #[serde(default, deserialize_with = "number")]
        number: Option<i64>,
        #[serde(default, deserialize_with = "flag")]
        flag: Option<bool>,
        #[serde(default, deserialize_with = "texts")]
        list: Vec<String>,
        #[serde(default, deserialize_with = "time")]
        time: Option<DateTime<Utc>>,
    }

    fn read(json: &str) -> Loose {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_dress_is_read() {
        let at = DateTime::from_timestamp(1_767_607_200, 0);
        for json in [
            r#"{"text":"12","number":12,"flag":true,"list":["a"],"time":"2026-01-05T10:00:00.000Z"}"#,
            r#"{"text":12,"number":"12","flag":"true","list":["a",{"odd":1}],"time":1767607200000}"#,
            r#"{"text":"12","number":12.0,"flag":1,"list":["a"],"time":{"_seconds":1767607200,"_nanoseconds":0}}"#,
        ] {
            let loose = read(json);
            assert_eq!(loose.text.as_deref(), Some("12"));
            assert_eq!(loose.number, Some(12));
            assert_eq!(loose.flag, Some(true));
            assert_eq!(loose.list, ["a"]);
            assert_eq!(loose.time, at);
        }
    }

    #[test]
    fn absent_null_and_nonsense_are_nothing() {
        for json in [
            "{}",
            r#"{"text":null,"number":null,"flag":null,"list":null,"time":null}"#,
            r#"{"text":{},"number":"many","flag":"perhaps","list":{},"time":"yesterday"}"#,
        ] {
            let loose = read(json);
            assert!(
                loose.text.is_none()
                    && loose.number.is_none()
                    && loose.flag.is_none()
                    && loose.list.is_empty()
                    && loose.time.is_none()
            );
        }
    }
}
