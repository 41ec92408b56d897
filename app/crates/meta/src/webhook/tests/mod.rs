//! Is every body read, and the same way in every dress? Samples with what they say, further cases, and laws.

mod cases;
mod laws;
mod mutations;
mod samples;

use domain::messaging::inbound::{Item, What};
use serde_json::Value;

use super::read;

/// Every sample by name.
fn samples() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/fixtures");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut samples: Vec<(String, String)> = files
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    samples.sort();
    samples
}

/// The samples that are webhooks.
fn webhooks() -> Vec<(String, String)> {
    samples().into_iter().filter(|(name, _)| is_webhook(name)).collect()
}

/// Those that are none.
fn others() -> Vec<(String, String)> {
    samples().into_iter().filter(|(name, _)| !is_webhook(name)).collect()
}

fn is_webhook(name: &str) -> bool {
    ["wa_", "ig_", "fb_"].iter().any(|platform| name.starts_with(platform))
}

fn items(body: &Value) -> Vec<Item> {
    read(body.to_string().as_bytes()).unwrap()
}

fn keys(items: &[Item]) -> Vec<String> {
    let mut keys: Vec<String> = items.iter().map(|item| item.key.clone()).collect();
    keys.sort();
    keys
}

const fn says_nothing(item: &Item) -> bool {
    matches!(item.what, What::Unreadable(_) | What::Other(_))
}

/// What an item says in one line: no absent or empty fields, and long ids cut in the middle.
fn line(item: &Item) -> String {
    let what = compact(&serde_json::to_value(&item.what).unwrap()).unwrap_or_default();
    let at = item.at.map_or_else(|| "-".to_owned(), |at| at.format("%H:%M:%S").to_string());
    shorten(&format!("{at} {} {what}", item.key))
}

fn compact(value: &Value) -> Option<Value> {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter_map(|(name, value)| Some((name.clone(), compact(value)?)));
            Some(Value::Object(kept.collect())).filter(|kept| kept.as_object().is_some_and(|kept| !kept.is_empty()))
        }
        Value::Array(all) => {
            let kept: Vec<Value> = all.iter().filter_map(compact).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        other => Some(other.clone()),
    }
}

fn shorten(line: &str) -> String {
    let is_id = |letter: char| letter.is_ascii_alphanumeric() || "-_=.+".contains(letter);
    let mut short = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let length = rest.find(|letter| !is_id(letter)).unwrap_or(rest.len());
        match &rest[..length] {
            id if id.len() > 40 => short.extend([&id[..6], "…", &id[id.len() - 6..]]),
            id => short.push_str(id),
        }
        let next = rest[length..].chars().next();
        short.extend(next);
        rest = &rest[length + next.map_or(0, char::len_utf8)..];
    }
    short
}
