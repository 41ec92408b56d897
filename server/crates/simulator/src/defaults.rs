//! Which app does the simulator know, and with which key does it sign? Fixed values, safe to print: they open
//! nothing but a simulator on loopback.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::SigningKey;

/// The marketplace app the simulator knows, as `cargo x up` hands it to the product.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// OAuth client id: app id, a dash, a suffix.
    pub client_id: String,
    /// OAuth client secret.
    pub client_secret: String,
    /// Id of the app in the marketplace.
    pub app_id: String,
    /// Public half of the webhook key, base64 of its SubjectPublicKeyInfo.
    pub webhook_public_key: String,
    /// Every scope that is registered for the app.
    pub scopes: &'static [&'static str],
}

/// The values both sides agree on.
pub fn defaults() -> Defaults {
    Defaults {
        client_id: format!("{APP_ID}-m1slipway"),
        client_secret: "0f5e1b7a-51a7-4c0d-9b0e-511bda4e0001".into(),
        app_id: APP_ID.into(),
        webhook_public_key: webhook_public_key(),
        scopes: SCOPES,
    }
}

const APP_ID: &str = "65f0c0ffee5117a4b0a7d0c5";

/// The private half; published on purpose, so never to be trusted outside a development machine.
const WEBHOOK_SEED: [u8; 32] = *b"slipway simulator webhook key 01";

/// Start of an Ed25519 SubjectPublicKeyInfo in DER; the 32 bytes of the key follow.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The key webhooks are signed with.
pub(crate) fn webhook_key() -> SigningKey {
    SigningKey::from_bytes(&WEBHOOK_SEED)
}

fn webhook_public_key() -> String {
    let mut der = SPKI.to_vec();
    der.extend_from_slice(webhook_key().verifying_key().as_bytes());
    STANDARD.encode(der)
}

/// Scopes registered for the app. A consent that asks for another one fails without a callback.
const SCOPES: &[&str] = &[
    "businesses.readonly",
    "businesses.write",
    "calendars.readonly",
    "calendars.write",
    "calendars/events.readonly",
    "calendars/events.write",
    "calendars/groups.readonly",
    "calendars/groups.write",
    "campaigns.readonly",
    "companies.readonly",
    "contacts.readonly",
    "contacts.write",
    "conversations.readonly",
    "conversations.write",
    "conversations/message.readonly",
    "conversations/message.write",
    "forms.readonly",
    "invoices.readonly",
    "invoices.write",
    "links.readonly",
    "links.write",
    "locations.readonly",
    "locations.write",
    "locations/customFields.readonly",
    "locations/customFields.write",
    "locations/customValues.readonly",
    "locations/customValues.write",
    "locations/tags.readonly",
    "locations/tags.write",
    "locations/tasks.readonly",
    "locations/templates.readonly",
    "marketplace-installer-details.readonly",
    "medias.readonly",
    "medias.write",
    "oauth.readonly",
    "oauth.write",
    "opportunities.readonly",
    "opportunities.write",
    "payments/orders.readonly",
    "payments/transactions.readonly",
    "phonenumbers.read",
    "phonenumbers.write",
    "pipelines.create",
    "saas/company.read",
    "saas/company.write",
    "saas/location.read",
    "saas/location.write",
    "snapshots.readonly",
    "snapshots.write",
    "surveys.readonly",
    "users.readonly",
    "users.write",
    "workflows.readonly",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_key_is_a_spki_of_44_bytes() {
        let key = STANDARD.decode(defaults().webhook_public_key).unwrap();
        assert_eq!(key.len(), 44);
        assert_eq!(&key[12..], webhook_key().verifying_key().as_bytes());
    }

    #[test]
    fn the_client_id_begins_with_the_app_id() {
        let defaults = defaults();
        assert_eq!(defaults.client_id.split('-').next(), Some(defaults.app_id.as_str()));
    }
}
