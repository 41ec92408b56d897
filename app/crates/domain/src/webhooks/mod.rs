//! What may a webhook endpoint of an agency be, and what is known of a delivery to it? An endpoint is an address of
//! somebody else that gets the events it chose, as signed JSON or as a message for Slack.

mod delivery;
pub mod event;
pub mod schedule;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

pub use self::delivery::{Attempt, Delivery, DeliveryDetail, DeliveryState, Trouble};
use crate::WebhookId;
use crate::field::FieldError;
use crate::notifications::Kind;
use crate::public_address::is_public;
use crate::text;

/// The most characters of an address.
pub const URL: usize = 2000;
/// The most characters of a description.
pub const DESCRIPTION: usize = 120;
/// The most endpoints of an agency.
pub const MOST_ENDPOINTS: i64 = 20;

/// What an endpoint is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebhookFormat"))]
pub enum Format {
    /// JSON, signed as Standard Webhooks says.
    #[default]
    Json,
    /// A message for an incoming webhook of Slack, without a signature. Its address is a secret.
    Slack,
}

impl Format {
    /// The value in `webhook_endpoints.format`, in forms and in the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Slack => "slack",
        }
    }

    /// The format with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Json, Self::Slack].into_iter().find(|format| format.key() == key)
    }
}

/// Why an endpoint gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebhookOff"))]
pub enum Off {
    /// A person turned it off.
    Person,
    /// Every delivery of the last days failed.
    Failures,
    /// It answered 410: it is gone for good.
    Gone,
}

impl Off {
    /// The value in `webhook_endpoints.disabled_because`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Failures => "failures",
            Self::Gone => "gone",
        }
    }

    /// The cause with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Person, Self::Failures, Self::Gone].into_iter().find(|cause| cause.key() == key)
    }
}

/// A webhook endpoint as people and programs see it. Its secret is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where it is. The address of a Slack endpoint is a secret, so only its host is shown.
    pub url: String,
    /// What it is sent.
    pub format: Format,
    /// What it is for; empty if nobody said.
    pub description: String,
    /// The events that it gets.
    pub events: Vec<Kind>,
    /// Whether it gets events.
    pub active: bool,
    /// Why it gets none; `None` if it is on.
    pub off_because: Option<Off>,
    /// When it was turned off.
    pub off_since: Option<DateTime<Utc>>,
    /// Since when every delivery failed; `None` if the last one arrived.
    pub failing_since: Option<DateTime<Utc>>,
    /// When a delivery arrived last.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Until when deliveries also carry a signature by the secret before the present one.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A webhook endpoint with its secret, right after it was made or got a new one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebhookSecret {
    /// The endpoint.
    pub webhook: Webhook,
    /// The secret that signs its deliveries: `whsec_` and base64. `None` for Slack. It cannot be read again.
    pub secret: Option<String>,
}

const fn switched_on() -> bool {
    true
}

/// A webhook endpoint to add, or all that an existing one becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewWebhook {
    /// Where it is: an https address. Left out in a change, it stays as it is.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = URL)))]
    pub url: String,
    /// What it is sent. It cannot be changed later.
    #[serde(default)]
    pub format: Format,
    /// What it is for.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = DESCRIPTION)))]
    pub description: String,
    /// The events that it gets: one or more.
    pub events: Vec<Kind>,
    /// Whether it gets events.
    #[serde(default = "switched_on")]
    pub active: bool,
}

impl NewWebhook {
    /// The endpoint in the form that is stored. Whether its address may be called at all is decided with the network
    /// (`outbound`). An empty address is an error unless the endpoint has one already.
    ///
    /// # Errors
    /// One entry for each field that is not acceptable.
    pub fn check(mut self, has_address: bool) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let typed = self.url.trim().to_owned();
        self.url = match (typed.is_empty(), has_address) {
            (true, true) => String::new(),
            _ => address(&typed).map(Into::into).unwrap_or_else(|detail| {
                errors.push(FieldError::new("/url", detail));
                String::new()
            }),
        };
        self.description = text::optional(&self.description, DESCRIPTION).unwrap_or_else(|wrong| {
            errors.push(FieldError::new("/description", wrong.say("a description")));
            String::new()
        });
        self.events = Kind::ALL.into_iter().filter(|kind| self.events.contains(kind)).collect();
        if self.events.is_empty() {
            errors.push(FieldError::new("/events", "Choose at least one event."));
        }
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
}

/// The refusal of an address that is not public.
pub const NOT_PUBLIC: &str = "Use a public address that begins with https://.";

/// Reads an address that a person typed.
///
/// # Errors
/// What is wrong with it, in words.
pub fn address(typed: &str) -> Result<Url, &'static str> {
    if typed.chars().count() > URL {
        return Err("This address is too long.");
    }
    let mut url = Url::parse(typed).map_err(|_| "Enter the whole address, such as https://example.com/webhooks.")?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(NOT_PUBLIC);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave the name and password out of the address. Deliveries are signed instead.");
    }
    url.set_fragment(None);
    if url.as_str().len() > URL { Err("This address is too long.") } else { Ok(url) }
}

/// True if an address may lead to the public internet, as far as its text tells. Names are looked up when it is called.
#[must_use]
pub fn looks_public(url: &Url) -> bool {
    let host = match url.host() {
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        Some(Host::Domain(name)) => is_public_name(name),
        None => false,
    };
    url.scheme() == "https" && host && url.username().is_empty() && url.password().is_none()
}

/// True for a name with a dot that is not one of a local network.
fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let closed = ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "localdomain", "arpa", "onion"];
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.') && !closed.contains(&last)
}

/// What is shown of an address that is a secret: its scheme and host.
#[must_use]
pub fn masked(url: &Url) -> String {
    format!("{}/\u{2026}", url.origin().ascii_serialization())
}

/// The host of a stored address, which is all that others than its managers read. Empty if it cannot be read.
#[must_use]
pub fn host(url: &str) -> String {
    address(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(change: impl FnOnce(&mut NewWebhook)) -> Result<NewWebhook, Vec<String>> {
        let mut webhook: NewWebhook = serde_json::from_value(serde_json::json!({
            "url": " https://example.com/hooks#x ", "events": ["job.failed", "client.created", "job.failed"]
        }))
        .unwrap();
        change(&mut webhook);
        webhook.check(false).map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn an_endpoint_is_checked_field_by_field() {
        let sound = new(|webhook| webhook.description = "  Our\u{a0}CRM ".to_owned()).unwrap();
        assert_eq!((sound.url.as_str(), sound.description.as_str()), ("https://example.com/hooks", "Our CRM"));
        assert_eq!(sound.events, [Kind::JobFailed, Kind::ClientCreated], "each event once, in order");
        assert!(sound.active && sound.format == Format::Json);
        assert_eq!(sound.clone().check(true), Ok(sound), "what is stored is read the same");
        let all = new(|webhook| {
            webhook.url = "example.com".to_owned();
            webhook.description = "x".repeat(DESCRIPTION + 1);
            webhook.events.clear();
        });
        assert_eq!(all.unwrap_err(), ["/url", "/description", "/events"]);
        assert_eq!(new(|webhook| webhook.url.clear()).unwrap_err(), ["/url"]);
        let kept = NewWebhook { url: String::new(), ..new(|_| ()).unwrap() };
        assert_eq!(kept.clone().check(true), Ok(kept), "a change may leave the address out");
    }

    #[test]
    fn an_address_is_whole_and_has_no_password() {
        for typed in ["", "example.com/x", "//example.com", "ftp://example.com", "javascript:alert(1)", "https://"] {
            assert!(address(typed).is_err(), "{typed}");
        }
        for typed in ["https://me@example.com", "https://me:secret@example.com", "https://:x@example.com"] {
            assert!(address(typed).unwrap_err().contains("password"), "{typed}");
        }
        assert!(address(&format!("https://example.com/{}", "x".repeat(URL))).is_err());
        assert!(address(&format!("https://example.com/{}", "\u{e4}".repeat(URL / 2))).is_err(), "as it is stored");
    }

    #[test]
    fn an_address_of_a_closed_network_is_told_by_its_text() {
        for typed in [
            "https://example.com",
            "https://hooks.slack.com/services/T/B/x",
            "https://8.8.8.8:8443/x",
            "https://[2606:4700:4700::1111]/",
            "https://xn--bcher-kva.example/",
        ] {
            assert!(looks_public(&address(typed).unwrap()), "{typed}");
        }
        for typed in [
            "http://example.com",
            "https://localhost/x",
            "https://LOCALHOST./x",
            "https://db",
            "https://printer.local/",
            "https://metadata.google.internal/computeMetadata/v1/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.1.2.3:6379/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://[fe80::1]/",
            "https://100.64.1.1",
        ] {
            assert!(!looks_public(&address(typed).unwrap()), "{typed}");
        }
    }

    #[test]
    fn a_slack_address_shows_its_host_alone() {
        let url = address("https://hooks.slack.com/services/T0/B0/secret?x=secret").unwrap();
        assert_eq!(masked(&url), "https://hooks.slack.com/\u{2026}");
        assert_eq!(host(&masked(&url)), "hooks.slack.com");
        assert_eq!((host("https://example.com/x?key=secret"), host("<b>")), ("example.com".to_owned(), String::new()));
    }
}
