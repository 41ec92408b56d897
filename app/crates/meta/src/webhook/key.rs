//! Which items are the same? The idempotency key of an item is made of its account, its kind and the ids that the
//! platform gives, so that it is the same in every body that repeats it (Meta, webhooks: events may come more than once).

use domain::messaging::inbound::Account;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The longest key, in bytes; the column for it holds as many characters.
pub(super) const LONGEST: usize = 300;

/// The key of an item. It is readable unless an id is so long or so odd that two keys could be mistaken for each other.
pub(super) fn key(account: &Account, kind: &str, parts: &[&str]) -> String {
    let (platform, id) = (platform(account), account.id());
    let odd = |part: &&str| part.bytes().any(|byte| byte == b':' || !byte.is_ascii_graphic());
    let plain = [&[platform, id, kind], parts].concat();
    let length = plain.iter().map(|part| part.len() + 1).sum::<usize>();
    if length <= LONGEST && !plain.iter().any(odd) {
        return plain.join(":");
    }
    let mut hash = Sha256::new();
    plain.iter().for_each(|part| absorb_text(&mut hash, part));
    [platform, "~", &hex::encode(hash.finalize())].join(":")
}

const fn platform(account: &Account) -> &'static str {
    match account {
        Account::PhoneNumber(_) => "whatsapp",
        Account::Waba(_) => "waba",
        Account::Page(_) => "page",
        Account::Instagram(_) => "instagram",
        Account::Unknown(_) => "unknown",
    }
}

/// What tells a value from every other. Neither the order of its fields nor the spelling of its texts matters.
pub(super) fn fingerprint(values: &[&Value]) -> String {
    let mut hash = Sha256::new();
    values.iter().for_each(|value| absorb(&mut hash, value));
    hex::encode(hash.finalize())
}

fn absorb(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            hash.update(b"{");
            for name in names {
                absorb_text(hash, name);
                absorb(hash, &fields[name]);
            }
            hash.update(b"}");
        }
        Value::Array(all) => {
            hash.update(b"[");
            all.iter().for_each(|one| absorb(hash, one));
            hash.update(b"]");
        }
        Value::String(text) => absorb_text(hash, text),
        other => {
            hash.update(b"=");
            hash.update(other.to_string().as_bytes());
            hash.update(b";");
        }
    }
}

/// Takes a text with its length, so that two texts are not one.
fn absorb_text(hash: &mut Sha256, text: &str) {
    hash.update(b"\"");
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn different_ids_never_make_one_key() {
        let accounts = [
            Account::Page("1".to_owned()),
            Account::Instagram("1".to_owned()),
            Account::Page("1:message".to_owned()),
            Account::Page("x".repeat(512)),
            Account::Page(String::new()),
        ];
        let parts: [&[&str]; 7] = [&[], &["a"], &["a", "b"], &["a:b"], &["ab"], &["", "ab"], &["ä b"]];
        let mut keys = Vec::new();
        for account in &accounts {
            for kind in ["message", "status", "a word: of the platform", &"é".repeat(200)] {
                keys.extend(parts.iter().map(|parts| key(account, kind, parts)));
            }
        }
        assert!(keys.iter().all(|key| key.len() <= LONGEST), "{keys:?}");
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn a_fingerprint_is_of_the_content() {
        let (one, other) = (json!({"a": 1, "b": ["x", "y"]}), json!({"b": ["x", "y"], "a": 1}));
        assert_eq!(fingerprint(&[&one]), fingerprint(&[&other]));
        let different = [
            json!({"a": 1}),
            json!({"a": "1"}),
            json!({"b": 1}),
            json!([]),
            json!({}),
            json!(null),
            json!([[], []]),
            json!([["x", "y"]]),
            json!(["x", "y"]),
            json!(["xy"]),
            json!(["x", ["y"]]),
        ];
        let mut prints: Vec<String> = different.iter().map(|value| fingerprint(&[value])).collect();
        prints.sort();
        prints.dedup();
        assert_eq!(prints.len(), different.len());
    }
}
