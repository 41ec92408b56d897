//! Which laws hold for all bodies? Order, batches, spelling and broken neighbours change no item.

use serde_json::{Value, json};

use super::{items, keys, read, says_nothing, webhooks};
use crate::webhook::key::LONGEST;
use crate::webhook::wire_form::wire_form;

/// The lists whose elements stand alone.
const LISTS: [&str; 7] = ["entry", "changes", "messaging", "standby", "messages", "statuses", "message_echoes"];

fn parsed() -> Vec<(String, Value)> {
    webhooks().into_iter().map(|(name, body)| (name, serde_json::from_str(&body).unwrap())).collect()
}

/// Applies a change to every object and list, those inside first.
fn everywhere(value: &mut Value, change: &mut impl FnMut(&str, &mut Value), name: &str) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, inner)| everywhere(inner, change, name)),
        Value::Array(all) => all.iter_mut().for_each(|inner| everywhere(inner, change, "")),
        _ => {}
    }
    change(name, value);
}

/// All entries of the samples for one object.
fn entries(object: &str) -> Vec<Value> {
    let of = parsed().into_iter().filter(|(_, body)| body["object"] == object);
    of.flat_map(|(_, body)| body["entry"].as_array().unwrap().clone()).collect()
}

#[test]
fn order_and_batches_change_no_key() {
    for object in ["whatsapp_business_account", "page", "instagram"] {
        let all = entries(object);
        let body = |entries: &[Value]| json!({"object": object, "entry": entries});
        let together = items(&body(&all));
        assert!(together.len() >= all.len());
        for turn in 0..all.len() {
            let mut turned = all.clone();
            turned.rotate_left(turn);
            if turn % 2 == 0 {
                turned.reverse();
            }
            assert_eq!(keys(&items(&body(&turned))), keys(&together), "{object} {turn}");
            let (one, other) = turned.split_at(turn);
            let apart = [items(&body(one)), items(&body(other))].concat();
            assert_eq!(keys(&apart), keys(&together), "{object} {turn}");
        }
    }
}

#[test]
fn elements_in_one_list_are_read_as_in_lists_of_their_own() {
    let changes =
        entries("whatsapp_business_account").into_iter().flat_map(|entry| entry["changes"].as_array().unwrap().clone());
    let values: Vec<Value> =
        changes.map(|change| change["value"].clone()).filter(|value| !value["messages"].is_null()).collect();
    let all = |name: &str| -> Vec<Value> {
        values.iter().flat_map(|value| value[name].as_array().cloned().unwrap_or_default()).collect()
    };
    let body = |messages: Vec<Value>| {
        let value = json!({"metadata": values[0]["metadata"], "contacts": all("contacts"), "messages": messages});
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
    };
    let together = items(&body(all("messages")));
    assert_eq!(together.len(), values.len());
    let apart: Vec<_> =
        all("messages").into_iter().rev().flat_map(|message| items(&body(vec![message]))).rev().collect();
    assert_eq!(apart, together);
}

#[test]
fn a_broken_element_costs_only_itself() {
    for (name, body) in parsed() {
        let sound = items(&body);
        for broken in [json!(null), json!(7), json!("x"), json!([]), json!({}), json!({"id": {}}), json!([[[1]]])] {
            for list in LISTS {
                for front in [true, false] {
                    let (mut with, mut lists) = (body.clone(), 0);
                    everywhere(
                        &mut with,
                        &mut |name, value| {
                            if let (true, Value::Array(all)) = (name == list, value) {
                                all.insert(if front { 0 } else { all.len() }, broken.clone());
                                lists += 1;
                            }
                        },
                        "",
                    );
                    let read = items(&with);
                    let kept: Vec<_> = read.iter().filter(|item| sound.contains(item)).cloned().collect();
                    assert_eq!(kept, sound, "{name} {list} {broken}");
                    assert_eq!(read.len(), sound.len() + lists, "{name} {list} {broken}");
                    assert!(
                        read.iter().all(|item| sound.contains(item) || says_nothing(item)),
                        "{name} {list} {broken}"
                    );
                }
            }
        }
    }
}

#[test]
fn metas_own_spelling_says_the_same() {
    for (name, body) in webhooks() {
        let wire = wire_form(&body);
        assert!(wire.is_ascii());
        assert_eq!(read(wire.as_bytes()), read(body.as_bytes()), "{name}");
    }
}

#[test]
fn ids_and_times_may_be_numbers() {
    for (name, body) in parsed() {
        let mut dressed = body.clone();
        everywhere(
            &mut dressed,
            &mut |_, value| {
                if let Some(number) = value.as_str().and_then(|text| text.parse::<u64>().ok()) {
                    *value = json!(number);
                }
            },
            "",
        );
        for (plain, dressed) in items(&body).into_iter().zip(items(&dressed)) {
            assert_eq!((&plain.account, plain.at), (&dressed.account, dressed.at), "{name}");
            if plain.key.rsplit(':').next().is_some_and(|last| last.len() != 64) {
                assert_eq!((&plain.key, &plain.what), (&dressed.key, &dressed.what), "{name}");
            }
        }
    }
}

#[test]
fn every_sample_has_keys_of_its_own() {
    let all: Vec<_> = parsed().iter().flat_map(|(_, body)| items(body)).collect();
    let mut keys = keys(&all);
    assert!(keys.iter().all(|key| key.len() <= LONGEST && key.is_ascii()));
    let before = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), before);
}

#[test]
fn no_body_is_an_error_unless_it_is_no_json() {
    for body in ["", "{", "hello", "[1,]", "{} {}", "\u{0}", "{'a':1}"] {
        assert!(read(body.as_bytes()).is_err(), "{body}");
    }
    for (body, count) in [
        ("null", 1),
        ("7", 1),
        ("[]", 1),
        ("{}", 1),
        ("\"x\"", 1),
        (r#"{"object":"page"}"#, 1),
        (r#"{"object":"page","entry":[]}"#, 0),
        (r#"{"object":"page","entry":[{}]}"#, 1),
        (r#"{"object":"page","entry":{"id":"1","messaging":[]}}"#, 0),
        (r#"{"object":"page","entry":"x"}"#, 1),
        (r#"{"object":["x"],"entry":[{"id":"1"}]}"#, 1),
        (r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{}, {"value":[]}]}]}"#, 2),
        (r#"{"object":"permissions","entry":[{"id":"1","time":1790000000},{"id":"2"}]}"#, 2),
    ] {
        assert_eq!(read(body.as_bytes()).map(|items| items.len()), Ok(count), "{body}");
    }
    let deep = "[".repeat(100_000);
    assert!(read(deep.as_bytes()).is_err());
}
