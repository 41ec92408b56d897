//! Does anything break the reader, or pass as signed that is not? Repeatable mutations of the samples, in their bytes and in
//! their structure.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::{read, webhooks};
use crate::signature::{sign, verify};
use crate::webhook::key::LONGEST;

/// How many mutations are tried, unless `FUZZ_BODIES` sets another number.
const MUTATIONS: u64 = 20_000;

/// How many are tried here.
fn mutations() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "how long a run takes is for whoever runs it")]
    let asked = std::env::var("FUZZ_BODIES").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(MUTATIONS)
}

/// Numbers that depend only on the seed; a failing seed stays valid when libraries change.
struct TestRandom(u64);

impl TestRandom {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

/// Changes a few bytes: one is replaced, a part is removed, doubled, or brought in from another body.
fn mutate_bytes(random: &mut TestRandom, body: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(body.len());
    let end = (at + random.below(40)).min(body.len());
    match random.below(5) {
        0 => body[at] = random.below(256) as u8,
        1 => _ = body.drain(at..end),
        2 => {
            let part = body[at..end].to_vec();
            body.splice(at..at, part);
        }
        3 => {
            let from = random.below(other.len());
            body.splice(at..end, other[from..(from + 60).min(other.len())].iter().copied());
        }
        _ => {
            const PIECES: [&[u8]; 8] =
                [b"\\ud83d", b"\\u0000", b"\0", b"\xff", b"1e999", b"99999999999999999999999", b"null", b"\\"];
            body.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied());
        }
    }
}

/// Replaces a value somewhere by another one, or removes a field.
fn mutate_value(random: &mut TestRandom, value: &mut Value) {
    let deeper = random.below(6) > 0;
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let name = fields.keys().nth(random.below(fields.len())).cloned().expect("it is one of them");
            if random.below(12) == 0 {
                fields.remove(&name);
            } else {
                mutate_value(random, &mut fields[&name]);
            }
        }
        Value::Array(all) if deeper && !all.is_empty() => {
            let at = random.below(all.len());
            mutate_value(random, &mut all[at]);
        }
        _ => {
            let odd = [
                json!(null),
                json!({}),
                json!([]),
                json!(-1),
                json!(1e300),
                json!(u64::MAX),
                json!("\u{0}"),
                json!(""),
                json!("ä\u{202e}\u{fffd}".repeat(40)),
                json!(true),
                json!([null]),
                json!({"id": []}),
                json!("9".repeat(600)),
                json!([{"id": "1"}, {"id": "1"}]),
                json!(" "),
                json!("revoke"),
            ];
            *value = odd[random.below(odd.len())].clone();
        }
    }
}

/// A mutation of one of the bodies, which is named.
fn mutation(random: &mut TestRandom, bodies: &[Vec<u8>]) -> (usize, Vec<u8>) {
    let of = random.below(bodies.len());
    let mut body = bodies[of].clone();
    if random.below(2) == 0 {
        let mut value: Value = serde_json::from_slice(&body).unwrap();
        (0..=random.below(3)).for_each(|_| mutate_value(random, &mut value));
        return (of, value.to_string().into_bytes());
    }
    let other = &bodies[random.below(bodies.len())];
    for _ in 0..=random.below(3) {
        if !body.is_empty() {
            mutate_bytes(random, &mut body, other);
        }
    }
    (of, body)
}

/// Changes one letter of a header, or its length.
fn forge(random: &mut TestRandom, header: &str) -> String {
    let mut forged = header.to_owned();
    let at = random.below(header.len());
    match random.below(4) {
        0 => forged.truncate(at),
        1 => forged.insert(at, '0'),
        2 => _ = forged.remove(at),
        _ => {
            let other = if forged.as_bytes()[at] == b'7' { "8" } else { "7" };
            forged.replace_range(at..=at, other);
        }
    }
    forged
}

#[test]
fn no_mutation_ends_the_reader_or_makes_more_than_it_was_given() {
    let bodies: Vec<Vec<u8>> = webhooks().into_iter().map(|(_, body)| body.into_bytes()).collect();
    let (mut read_at_all, all) = (0, mutations());
    for seed in 1..=all {
        let mut random = TestRandom(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (_, body) = mutation(&mut random, &bodies);
        let Ok(items) = read(&body) else { continue };
        read_at_all += 1;
        let stored = serde_json::to_string(&items).unwrap();
        assert!(!stored.contains("\\u0000"), "seed {seed}: the database refuses NUL");
        assert!(stored.len() <= 2000 + 12 * body.len(), "seed {seed}: {} of {}", stored.len(), body.len());
        assert!(items.iter().all(|item| item.key.len() <= LONGEST), "seed {seed}");
    }
    assert!(read_at_all > all / 2, "{read_at_all}");
}

#[test]
fn no_mutation_passes_under_the_signature_of_what_it_was_and_no_forged_header_under_any() {
    let secrets = [SecretString::from("test-app-secret"), SecretString::from("")];
    let bodies: Vec<Vec<u8>> = webhooks().into_iter().map(|(_, body)| body.into_bytes()).collect();
    let headers: Vec<String> = bodies.iter().map(|body| sign(&secrets[0], body)).collect();
    for (body, header) in bodies.iter().zip(&headers) {
        assert_eq!(verify(&secrets, body, header), Some(0));
    }
    for seed in 1..=mutations() {
        let mut random = TestRandom(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (of, body) = mutation(&mut random, &bodies);
        let is_same = body == bodies[of];
        assert_eq!(verify(&secrets, &body, &headers[of]).is_some(), is_same, "seed {seed}");
        let forged = forge(&mut random, &headers[of]);
        assert!(forged == headers[of] || verify(&secrets, &bodies[of], &forged).is_none(), "seed {seed}: {forged}");
    }
}

/// The elements that a platform repeats within one body, each list as long as it gets.
#[test]
fn what_is_made_of_a_long_body_grows_with_its_length_alone() {
    let messages = |count: usize| -> Value {
        (0..count).map(|n| json!({"from": "1", "id": format!("wamid.{n}"), "timestamp": "1790000000", "type": "text", "text": {"body": "x"}})).collect()
    };
    let contacts = |count: usize| -> Value {
        (0..count).map(|n| json!({"wa_id": n.to_string(), "profile": {"name": "A"}})).collect()
    };
    let whatsapp = |field: &str, value: Value| json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]});
    let page = |event: Value| json!({"object": "page", "entry": [{"id": "1", "messaging": [event]}]});
    let mids = |count: usize| -> Value { (0..count).map(|n| json!(format!("m_{n}"))).collect() };
    let files = |count: usize| -> Value {
        (0..count).map(|_| json!({"type": "image", "payload": {"url": "https://a.test/b"}})).collect()
    };
    let shapes: [&dyn Fn(usize) -> Value; 5] = [
        &|n| {
            whatsapp(
                "messages",
                json!({"metadata": {"phone_number_id": "1"}, "contacts": contacts(n), "messages": messages(n)}),
            )
        },
        &|n| {
            whatsapp(
                "history",
                json!({"history": [{"metadata": {"phase": 0}, "threads": [{"id": "1", "messages": messages(n)}]}]}),
            )
        },
        &|n| page(json!({"sender": {"id": "2"}, "delivery": {"mids": mids(n), "watermark": 1_790_000_000_000_u64}})),
        &|n| page(json!({"sender": {"id": "2"}, "message": {"mid": "m", "attachments": files(n)}})),
        &|n| page(json!({"sender": {"id": "2"}, "message": {"mid": "m", "text": "a\u{301}".repeat(n)}})),
    ];
    for (at, shape) in shapes.iter().enumerate() {
        let size = |count: usize| {
            let body = shape(count).to_string();
            serde_json::to_string(&read(body.as_bytes()).unwrap()).unwrap().len() as f64 / body.len() as f64
        };
        let (short, long) = (size(200), size(2000));
        assert!(long <= short * 1.1, "shape {at}: {short} of each byte, then {long}");
    }
}
