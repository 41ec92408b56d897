//! How is Meta's inconsistent JSON read? Numbers come as text and ids as numbers, and every field may be absent.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text or an id, also if it is sent as a number or a boolean; `null` and empty text become `None`.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    })
}

/// A text; empty if absent.
pub(crate) fn word<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    text(from).map(Option::unwrap_or_default)
}

/// An id that must be there, as text or as a number.
pub(crate) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    text(from)?.ok_or_else(|| serde::de::Error::custom("an id is missing"))
}

/// A whole number, also if it is sent as text.
pub(crate) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
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

/// A time in seconds since 1970; `0` means never and becomes `None`.
pub(crate) fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(number(from)?.filter(|seconds| *seconds > 0).and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
}

/// A list without the items that cannot be read: one odd asset must not hide the others.
pub(crate) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Array(items) => items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect(),
        _ => Vec::new(),
    })
}

/// A list of texts, also if it is sent as one text with commas or with numbers.
pub(crate) fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Array(items) => items
            .into_iter()
            .filter_map(|item| match item {
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect(),
        Value::String(text) => {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    })
}

/// An object; `None` if it is absent or cannot be read.
pub(crate) fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).ok())
}

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
        texts: Vec<String>,
        #[serde(default, deserialize_with = "list")]
        list: Vec<Named>,
        #[serde(default, deserialize_with = "time")]
        time: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "object")]
        object: Option<Named>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Named {
        #[serde(deserialize_with = "id")]
        id: String,
    }

    fn read(json: &str) -> Loose {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_dress_is_read() {
        for json in [
            r#"{"text":"12","number":12,"flag":true,"texts":["a","1"],"list":[{"id":"7"}],"time":1790000000,"object":{"id":"7"}}"#,
            r#"{"text":12,"number":"12","flag":"true","texts":"a, 1,","list":[{"id":7},{},3],"time":"1790000000","object":{"id":7}}"#,
            r#"{"text":"12","number":12.0,"flag":1,"texts":["a",1,{}],"list":[null,{"id":7}],"time":1790000000.0,"object":{"id":7}}"#,
        ] {
            let loose = read(json);
            assert_eq!((loose.text.as_deref(), loose.number, loose.flag), (Some("12"), Some(12), Some(true)), "{json}");
            assert_eq!((loose.texts.join("+"), loose.time), ("a+1".into(), DateTime::from_timestamp(1_790_000_000, 0)));
            assert_eq!((loose.list, loose.object), (vec![Named { id: "7".into() }], Some(Named { id: "7".into() })));
        }
    }

    #[test]
    fn absent_null_and_nonsense_are_nothing() {
        for json in [
            "{}",
            r#"{"text":null,"number":null,"flag":null,"texts":null,"list":null,"time":null,"object":null}"#,
            r#"{"text":{},"number":"many","flag":"perhaps","texts":{},"list":{},"time":0,"object":[]}"#,
        ] {
            let loose = read(json);
            assert!(loose.text.is_none() && loose.number.is_none() && loose.flag.is_none() && loose.texts.is_empty());
            assert!(loose.list.is_empty() && loose.time.is_none() && loose.object.is_none(), "{json}");
        }
    }
}
