//! Compares one request per operation with `tests/wire/requests.txt`. If that file changes, the requests to
//! HighLevel have changed: review it.
//! After an intended change, delete the file and run the test. It writes the file again and fails once.

use std::fmt::Write;
use std::path::Path;

use crate::calls::{LOCATION, ghl, record_all};
use crate::server::{Seen, Server};

const SECRETS: [&str; 6] = [
    "token-1234",
    "client-secret-1111",
    "7676cjcbdc6t76cdcbkjcd09821jknnkj",
    "old-refresh-token",
    "Str0ng-Passw0rd!",
    "Str0ng-Passw0rd%21",
];
/// Headers that tell nothing about our code, or differ in every run.
const NOISE: [&str; 3] = ["host", "content-length", "user-agent"];

fn show(name: &str, seen: &Seen) -> String {
    let mut text = format!("### {name}\n{}\n", seen.line);
    for (name, value) in seen.headers.iter().filter(|(name, _)| !NOISE.contains(&name.as_str())) {
        writeln!(text, "{name}: {value}").unwrap();
    }
    writeln!(text, "\n{}", seen.body).unwrap();
    SECRETS.iter().fold(text, |text, secret| text.replace(secret, "[masked]"))
}

#[tokio::test]
async fn each_operation_sends_what_its_snapshot_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/requests.txt");
    let now: String = record_all().await.iter().map(|(name, seen)| show(name, seen)).collect();
    let Ok(before) = std::fs::read_to_string(&file) else {
        std::fs::write(&file, now).unwrap();
        panic!("there was no snapshot; it has been written, read it");
    };
    for (now, before) in now.split("### ").zip(before.split("### ")) {
        assert_eq!(now, before);
    }
    assert_eq!(now.len(), before.len());
}

#[tokio::test]
async fn every_operation_of_the_table_is_recorded() {
    let recorded = record_all().await;
    for op in ghl::OPS {
        let (_, seen) =
            recorded.iter().find(|(name, _)| *name == op.name).unwrap_or_else(|| panic!("{} is missing", op.name));
        assert!(seen.line.starts_with(&format!("{} ", op.method)), "{}", op.name);
        let version = seen.headers.iter().find(|(name, _)| name == "version").map(|(_, value)| value.as_str());
        assert_eq!(version, op.version, "{}", op.name);
        let bearer = seen.headers.iter().any(|(name, value)| name == "authorization" && value == "Bearer token-1234");
        assert_eq!(bearer, op.token != ghl::TokenClass::App, "{}", op.name);
    }
}

/// Programs of before and after count in the same stored window while both run.
#[tokio::test]
async fn calls_of_a_location_count_under_the_app_and_the_location() {
    let ghl = ghl(&Server::play(Vec::new()).await.url);
    assert_eq!(ghl.rate_key(LOCATION).to_string(), format!("ghl:{}:{LOCATION}", ghl.app_id()));
}
