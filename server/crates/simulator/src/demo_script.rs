//! Which sub-account and token does the script that follows a deployment hand over? The demo world knows both, so that the
//! script runs as it is written.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    grants::{Class, Grant, Token},
    ids::digest,
    records::Location,
    world::Transaction,
};

/// The sub-account. It names no company, so any agency's client may have it, and no company's lists show it.
pub const LOCATION: &str = "123";
/// Its token.
pub const TOKEN: &str = "fake";

/// Adds the sub-account and its token, which has every scope and never expires.
pub(crate) fn make(tx: &mut Transaction<'_>) {
    let added = tx.now - TimeDelta::days(1);
    tx.put(&Location {
        id: LOCATION.into(),
        name: "Smoke test".into(),
        country: "US".into(),
        timezone: "America/New_York".into(),
        settings: json!({}),
        social: json!({}),
        date_added: added,
        listed_at: added,
        ..Location::default()
    });
    let grant = Grant {
        class: Class::LocationPit,
        app: "integration-script".into(),
        company_id: String::new(),
        location_id: Some(LOCATION.into()),
        user_id: String::new(),
        scopes: crate::defaults().scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    tx.put(&Token { id: digest(TOKEN), grant, expires_at: None });
}
