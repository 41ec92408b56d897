//! The app that the simulator knows and the key that signs its webhooks.
//!
//! The values are fixed and safe to print: they give access to nothing but a simulator on loopback.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::SigningKey;

/// The marketplace app that the simulator knows. `cargo x up` passes these values to the product.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// OAuth client id: the app id, a dash and a suffix.
    pub client_id: String,
    /// OAuth client secret.
    pub client_secret: String,
    /// Id of the app in the marketplace.
    pub app_id: String,
    /// Public half of the webhook key, base64 of its SubjectPublicKeyInfo.
    pub webhook_public_key: String,
    /// Every scope registered for the app.
    pub scopes: &'static [&'static str],
}

/// The values that the simulator and the product share.
pub fn defaults() -> Defaults {
    Defaults {
        client_id: format!("{APP_ID}-m1slipway"),
        client_secret: "0f5e1b7a-51a7-4c0d-9b0e-511bda4e0001".into(),
        app_id: APP_ID.into(),
        webhook_public_key: webhook_public_key(),
        scopes: SCOPES,
    }
}

/// The Meta app that the simulator knows. `cargo x up` passes these values to the product.
#[derive(Debug, Clone, Copy)]
pub struct MetaDefaults {
    /// Id of the app.
    pub app_id: &'static str,
    /// Secret of the app.
    pub app_secret: &'static str,
    /// Verify token of the webhooks.
    pub verify_token: &'static str,
    /// Id of the app's Instagram half.
    pub ig_app_id: &'static str,
    /// Secret of the app's Instagram half.
    pub ig_app_secret: &'static str,
    /// Version of Graph.
    pub version: &'static str,
    /// Path of Graph, without the version.
    pub graph_path: &'static str,
    /// Path of the dialog of Facebook Login, without the version.
    pub dialog_path: &'static str,
    /// Path of Graph and of the long-lived exchange of Instagram Login, without the version.
    pub ig_graph_path: &'static str,
    /// Path of the dialog of Instagram Login, to which `/oauth/authorize` is added.
    pub ig_dialog_path: &'static str,
    /// Path of the exchange of codes of Instagram Login.
    pub ig_token_path: &'static str,
}

/// The values that the simulated Meta and the product share.
pub const fn meta_defaults() -> MetaDefaults {
    MetaDefaults {
        app_id: "990000000000001",
        app_secret: "test-app-secret",
        verify_token: "test-verify-token",
        ig_app_id: "990000000000002",
        ig_app_secret: "test-ig-app-secret",
        version: "v23.0",
        graph_path: "/meta",
        dialog_path: "/meta/dialog",
        ig_graph_path: "/meta/ig",
        ig_dialog_path: "/meta/ig",
        ig_token_path: "/meta/ig/oauth/access_token",
    }
}

/// The chat model that the simulator plays. `cargo x up` passes these values to the product.
#[derive(Debug, Clone, Copy)]
pub struct LlmDefaults {
    /// Path of its API.
    pub path: &'static str,
    /// A key of its API. Any other key is as good.
    pub key: &'static str,
    /// Name of a model that answers from the passages of a prompt.
    pub model: &'static str,
}

/// The values that the simulated chat model and the product share.
pub const fn llm_defaults() -> LlmDefaults {
    LlmDefaults { path: "/llm/v1", key: "test-model-key", model: "sim-answer" }
}

const APP_ID: &str = "65f0c0ffee5117a4b0a7d0c5";

/// The private half of the key. It is published on purpose, so never trust it outside a development machine.
const WEBHOOK_SEED: [u8; 32] = *b"slipway simulator webhook key 01";

/// Start of an Ed25519 SubjectPublicKeyInfo in DER; the 32 bytes of the key follow it.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The key that signs webhooks.
pub(crate) fn webhook_key() -> SigningKey {
    SigningKey::from_bytes(&WEBHOOK_SEED)
}

fn webhook_public_key() -> String {
    let mut der = SPKI.to_vec();
    der.extend_from_slice(webhook_key().verifying_key().as_bytes());
    STANDARD.encode(der)
}

/// Scopes registered for the app. A consent that asks for any other scope fails without a callback.
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
