//! What is read is what serde wrote: of every kind of value and word, and of no text that is no JSON.

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::JobId;
use domain::credential::{CredentialKind, Slot};
use domain::integration::Kind;
use domain::provisioning::{JobStatus, LogLevel, Step, StepStatus};
use domain::todos::TodoKind;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{FromJson, Json, read, written};

fn travels<T: Serialize + FromJson + PartialEq + Debug>(values: impl IntoIterator<Item = T>) {
    for value in values {
        let text = written(&value);
        assert_eq!(read::<T>(&text), Some(value), "{text}");
    }
}

/// The same value, as serde knows it.
fn known(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(digits) => serde_json::from_str(&digits).unwrap(),
        Json::Text(text) => Value::String(text),
        Json::List(items) => items.into_iter().map(known).collect(),
        Json::Object(members) => Value::Object(members.into_iter().map(|(name, value)| (name, known(value))).collect()),
    }
}

#[test]
fn every_text_of_json_is_read_as_serde_reads_it() {
    for text in [
        "null",
        " true ",
        "[]",
        "{}",
        "[[[]],{}]",
        "\"\"",
        "\"a \\\"quote\\\", a \\\\ and a \\/\"",
        "\"\\b\\f\\n\\r\\t\\u0000\\u00e9\\ud83d\\ude00\"",
        "\"Peluquería 😀 <b>\"",
        "{\"a\":1,\"b\":[true,false,null,-2.5e3],\"c\":{\"d\":\"e\"}}",
        "\t{ \"a\" : [ 1 , 2 ] ,\r\n\"b\" : 0 }\n",
    ] {
        assert_eq!(Json::parse(text).map(known), serde_json::from_str(text).ok(), "{text}");
    }
}

#[test]
fn what_is_no_json_is_not_read() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        " ",
        "nul",
        "tru",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud83d\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ude00\"",
        "\"a\nb\"",
        "1 2",
        "another version",
        "<html>",
        &deep,
    ] {
        assert_eq!(Json::parse(text), None, "{text:.40}");
    }
}

#[test]
fn a_text_that_was_cut_off_is_not_read() {
    let whole = "{\"state\":{\"name\":\"Bright \\u00e9\",\"steps\":[1,2.5,null]},\"at\":true}";
    for end in 0..whole.len() {
        assert_eq!(Json::parse(&whole[..end]), None, "{end}");
    }
    assert!(Json::parse(whole).is_some());
}

#[test]
fn times_and_days_arrive_to_the_nanosecond() {
    let steps = (0..4_000_i64).map(|step| {
        let nanos = [0, 60_000_000, 123_456_000, 123_456_789][usize::try_from(step % 4).unwrap()];
        DateTime::from_timestamp(1_600_000_000 + step * 90_061, nanos).unwrap()
    });
    travels::<DateTime<Utc>>(steps);
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    travels((0..800).map(|days| first + TimeDelta::days(days)));
    for text in ["", "2026-10-04", "2026-10-04T15:17:42", "2026-13-04T15:17:42Z", "2026-10-04T25:17:42Z", "T Z"] {
        assert_eq!(read::<DateTime<Utc>>(&written(&text)), None, "{text}");
    }
}

#[test]
fn numbers_arrive_as_they_were() {
    travels([0, 1, -1, i64::MAX, i64::MIN]);
    travels([0, 7, i32::MAX, i32::MIN]);
    travels([0.0, 0.5, 5.0, -2.25, 60.0, 224.317, 0.001, 86_400.125, 1e21, 5e-7]);
    assert_eq!(read::<i32>("3000000000"), None);
    assert_eq!(read::<u32>("-1"), None);
    for text in ["1.5", "\"1\"", "null", "--1", "1-2", "+"] {
        assert_eq!(read::<i64>(text), None, "{text}");
    }
    for text in ["-", ".", "e", "1.2.3", "1e", "1e9999999999"] {
        assert_eq!(read::<f64>(text), None, "{text}");
    }
}

#[test]
fn ids_and_words_arrive_as_they_were() {
    travels([Uuid::nil(), Uuid::max(), Uuid::from_u128(0x0197_a000_0000_7000_8000_0000_0000_0001)]);
    travels([JobId::from(Uuid::max())]);
    for text in ["", "0197a000", "0197a000-0000-7000-8000-00000000000g", "0197a000-0000-7000-8000-0000000000011"] {
        assert_eq!(read::<Uuid>(&written(&text)), None, "{text}");
    }
    travels(Step::ALL);
    travels([StepStatus::Started, StepStatus::Completed, StepStatus::Failed, StepStatus::Skipped, StepStatus::Undone]);
    travels(JobStatus::ALL);
    travels([LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error]);
    travels(TodoKind::ALL);
    travels(CredentialKind::ALL);
    travels([Slot::Current, Slot::Next, Slot::Backup, Slot::Previous]);
    travels([Kind::Whatsapp, Kind::Instagram, Kind::Facebook, Kind::Vapi, Kind::GoogleCalendar]);
    travels([Kind::Email, Kind::Gohighlevel, Kind::Stripe, Kind::Twilio, Kind::Sendgrid]);
    assert_eq!(read::<Step>("\"SOMETHING_NEW\""), None);
}

#[test]
fn lists_and_what_may_be_absent_arrive_as_they_were() {
    travels([Some("a".to_owned()), None]);
    travels([vec![Some(true), None], Vec::new()]);
    assert_eq!(read::<Vec<bool>>("[true,1]"), None);
    assert_eq!(read::<Option<bool>>("1"), None, "what is there has to be of the kind");
}
