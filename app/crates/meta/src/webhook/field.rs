//! How is a field read that may be absent, text or a number? Every reader of a webhook reads fields with these functions,
//! and each bounds what it lets in.

use chrono::{DateTime, Utc};
use domain::text;
use serde_json::{Map, Value};

/// The longest id, in bytes. The platform's own are at most about 200.
const ID: usize = 512;
/// The longest text of a message, in characters. The platform's own limits are lower.
const TEXT: usize = 20_000;
/// The longest name, title or other line, in characters.
const LINE: usize = 1000;
/// The longest word of the platform for a kind, in characters.
const WORD: usize = 100;
/// The longest address, in bytes.
const URL: usize = 4096;
/// The longest name of a file, in characters.
const FILE_NAME: usize = 255;
/// The first and the last second that an event may have: 2009, when the first of the products began, and 2100.
const TIMES: std::ops::Range<i64> = 1_230_768_000..4_102_444_800;
/// Numbers from here on are milliseconds: as seconds they would lie beyond the year 5000, as milliseconds after 1973.
const MILLISECONDS: i64 = 100_000_000_000;

/// The elements of a list. A single element is taken as a list of one, nothing as an empty one.
pub(crate) fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(all) => all,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// An id, also if it is sent as a number. `None` if it is empty, or too long to be one.
pub(crate) fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(id).filter(|id| !id.is_empty() && id.len() <= ID)
}

/// WhatsApp's id of a person, without the plus that some senders add.
pub(crate) fn wa_id(value: &Value) -> Option<String> {
    id(value).map(|id| id.trim_start_matches('+').to_owned()).filter(|id| !id.is_empty())
}

/// A text of several lines, cleaned and cut; empty if there is none.
pub(crate) fn lines(value: &Value) -> String {
    cut(&text::lines(cut(&plain(value), TEXT)), TEXT).to_owned()
}

/// A text of one line, cleaned and cut. `None` if there is none.
pub(crate) fn line(value: &Value) -> Option<String> {
    Some(one_line(value, LINE)).filter(|line| !line.is_empty())
}

/// A word of the platform, such as a type; `none` if there is none.
pub(crate) fn word(value: &Value) -> String {
    let word = one_line(value, WORD);
    if word.is_empty() { "none".to_owned() } else { word }
}

/// A boolean, also if it is sent as text or as a number.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => Some(number.as_i64() != Some(0)),
        Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// A finite number whose size is at most `most`, also if it is sent as text.
pub(crate) fn number(value: &Value, most: f64) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.abs() <= most)
}

/// A time: seconds or milliseconds, as number or text, or RFC 3339. `None` if it is absent or absurd.
pub(crate) fn time(value: &Value) -> Option<DateTime<Utc>> {
    let time = match value {
        Value::String(text) => match text.trim().parse() {
            Ok(number) => epoch(number),
            Err(_) => DateTime::parse_from_rfc3339(text.trim()).ok().map(Into::into),
        },
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64)).and_then(epoch),
        _ => None,
    };
    time.filter(|time| TIMES.contains(&time.timestamp()))
}

fn epoch(number: i64) -> Option<DateTime<Utc>> {
    if number < MILLISECONDS { DateTime::from_timestamp(number, 0) } else { DateTime::from_timestamp_millis(number) }
}

/// An address of the web. `None` if it is none, or too long.
pub(crate) fn url(value: &Value) -> Option<String> {
    let url = value.as_str()?.trim();
    let web = ["https://", "http://"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|own| own.eq_ignore_ascii_case(scheme)));
    (web && url.len() <= URL && url.bytes().all(|byte| byte.is_ascii_graphic())).then(|| url.to_owned())
}

/// The name of a file without folders.
pub(crate) fn file_name(value: &Value) -> Option<String> {
    let line = one_line(value, LINE);
    let name = line.rsplit(['/', '\\']).next().map(str::trim).unwrap_or_default();
    Some(cut(name, FILE_NAME).to_owned()).filter(|name| !name.trim_matches('.').is_empty())
}

/// The fields with these names as lines; those that are absent are left out. `None` if all are.
pub(crate) fn pick(from: &Value, names: &[&str]) -> Option<Value> {
    let found = names.iter().filter_map(|name| Some(((*name).to_owned(), Value::String(line(&from[*name])?))));
    let found: Map<String, Value> = found.collect();
    (!found.is_empty()).then_some(Value::Object(found))
}

/// Puts a detail among others, if there is one.
pub(crate) fn put(details: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        details.insert(name.to_owned(), value.into());
    }
}

fn one_line(value: &Value, most: usize) -> String {
    cut(&text::line(cut(&plain(value), most)), most).to_owned()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

/// The first characters of a text.
fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_dress_is_read() {
        assert_eq!(id(&json!(17_841_400_000_000_001_u64)).as_deref(), Some("17841400000000001"));
        assert_eq!(wa_id(&json!("+16505550101")).as_deref(), Some("16505550101"));
        let noon = DateTime::from_timestamp(1_790_000_001, 0);
        for dress in [
            json!("1790000001"),
            json!(1_790_000_001),
            json!(1_790_000_001_000_u64),
            json!("1790000001000"),
            json!(1_790_000_001.0),
            json!("2026-09-21T14:13:21Z"),
            json!(" 1790000001 "),
        ] {
            assert_eq!(time(&dress), noon, "{dress}");
        }
        assert_eq!([json!(true), json!("TRUE"), json!(1)].map(|dress| flag(&dress)), [Some(true); 3]);
        assert_eq!([json!(1.5), json!("1.5")].map(|dress| number(&dress, 90.0)), [Some(1.5); 2]);
    }

    #[test]
    fn nonsense_is_nothing() {
        for odd in [
            json!(null),
            json!({}),
            json!([1]),
            json!(""),
            json!("yesterday"),
            json!(-1),
            json!(0),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(1e300),
            json!("99999999999999999999"),
            json!(true),
        ] {
            assert_eq!(time(&odd), None, "{odd}");
        }
        assert_eq!(id(&json!("x".repeat(ID + 1))), None);
        assert_eq!([json!("NaN"), json!("inf"), json!(91)].map(|odd| number(&odd, 90.0)), [None; 3]);
        for odd in ["javascript:alert(1)", "https://a b", "ftp://a", "//a", "https://a\u{202e}b", "", "httpsä://"] {
            assert_eq!(url(&json!(odd)), None, "{odd}");
        }
        assert_eq!(url(&json!("x".repeat(9000))), None);
    }

    #[test]
    fn texts_are_cleaned_and_cut() {
        assert_eq!(lines(&json!("  a\u{202e}b\r\nc \u{0}")), "ab\nc");
        assert_eq!(lines(&json!("x".repeat(TEXT * 2))).len(), TEXT);
        assert_eq!(line(&json!(" \n ")), None);
        assert_eq!(word(&json!({})), "none");
        for (sent, name) in [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\a\\b.pdf", Some("b.pdf")),
            ("..", None),
            ("a/", None),
            ("invoice 2026-09.pdf", Some("invoice 2026-09.pdf")),
            ("a\u{202e}fdp.exe", Some("afdp.exe")),
        ] {
            assert_eq!(file_name(&json!(sent)).as_deref(), name, "{sent}");
        }
        assert_eq!(file_name(&json!("x".repeat(900))).unwrap().len(), FILE_NAME);
    }
}
