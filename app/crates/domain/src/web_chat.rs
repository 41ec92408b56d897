//! What is the web chat of a business: which web sites may show it, and what may a visitor send?

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::ChannelId;
use crate::usage::WARN_AT;

/// The most characters of a visitor's message.
pub const LONGEST_MESSAGE: usize = 2_000;
/// The most characters of a greeting.
pub const LONGEST_GREETING: usize = 300;
/// The most web sites of one business.
pub const MOST_SITES: usize = 20;
/// The most messages that a visitor's browser sends at once.
pub const MOST_AT_ONCE: usize = 10;
/// The hexadecimal digits of the secret by which a visitor's browser proves whose conversation it reads.
pub const SECRET_DIGITS: usize = 64;
/// The platform's id of the one web chat of a business (`channels.external_id`, `contact_identities.scope`).
pub const ACCOUNT: &str = "webchat";

/// How often a caller may do something in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// The span.
    pub span: Duration,
    /// By one visitor.
    pub visitor: u32,
    /// From one network address.
    pub address: u32,
    /// In the web chat of one business.
    pub business: u32,
}

/// How many messages may be sent in a minute.
pub const MESSAGES: Most = Most { span: Duration::from_secs(60), visitor: 15, address: 60, business: 600 };
/// How often new messages may be asked for in a minute.
pub const LOOKS: Most = Most { span: Duration::from_secs(60), visitor: 60, address: 600, business: 12_000 };

/// How often something may happen in one web chat in a longer span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasting {
    /// The span.
    pub span: Duration,
    /// From one network address.
    pub address: u32,
    /// By all visitors together.
    pub business: u32,
}

/// How many visitors may write for the first time in an hour: each is a new contact, whom people and the assistant look at.
pub const BEGINNINGS: Lasting = Lasting { span: Duration::from_secs(3_600), address: 30, business: 300 };
/// How many messages may be sent in a day.
pub const DAILY: Lasting = Lasting { span: Duration::from_secs(86_400), address: 600, business: 10_000 };

/// The percentage of what a business may send and spend that the assistant uses for visitors of its web site. Nobody knows who
/// they are, so the rest is left for customers on other channels. People are told when so much is used.
pub const ASSISTANT_SHARE: i64 = WARN_AT;

/// How much of a limit the assistant uses for visitors.
#[must_use]
pub const fn assistant_share(limit: i64) -> i64 {
    limit.saturating_mul(ASSISTANT_SHARE) / 100
}

/// The web chat of a business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebChat {
    /// Its public key, which stands in its address.
    pub key: String,
    /// The inbox into which visitors write.
    pub channel: ChannelId,
    /// Whether it can be used.
    pub is_on: bool,
    /// The web sites that may show it, as origins (`https://www.example.com`).
    pub origins: Vec<String>,
    /// What visitors read first; empty for the usual words.
    pub greeting: String,
}

impl WebChat {
    /// The element that a web site adds to its pages, for a product at this public address.
    #[must_use]
    pub fn snippet(&self, public_url: &str) -> String {
        format!("<script src=\"{public_url}/chat/{}.js\" async></script>", self.key)
    }
}

/// Whether a text may be the key of a web chat.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

/// Whether a text may be the secret of a visitor's browser.
#[must_use]
pub fn is_secret(text: &str) -> bool {
    text.len() == SECRET_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The origin of a web site that a person typed: its address, with or without `https://` and a path. `None` if it is no
/// address of the web. An origin holds nothing that means anything else in a content security policy.
#[must_use]
pub fn origin(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let is_plain = match url.host()? {
        Host::Domain(name) => {
            let fits = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
            fits && (name.contains('.') || name == "localhost")
        }
        Host::Ipv4(_) => true,
        Host::Ipv6(_) => false,
    };
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    (is_plain && is_anonymous).then(|| url.origin().ascii_serialization()).filter(|origin| origin.len() <= 255)
}

/// The origins of the web sites that a person typed, each once, one on each line.
///
/// # Errors
/// The first one that is no address.
pub fn origins(typed: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for site in typed.split([' ', ',', ';', '\t', '\r', '\n']).filter(|site| !site.is_empty()) {
        let origin = origin(site).ok_or_else(|| site.to_owned())?;
        if !found.contains(&origin) {
            found.push(origin);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{Level, MOST_TOKENS, level};

    #[test]
    fn an_origin_is_what_a_browser_calls_it_and_nothing_else() {
        for (typed, expected) in [
            ("www.example.com", Some("https://www.example.com")),
            ("  HTTPS://Example.com/shop?x=1#top ", Some("https://example.com")),
            ("http://example.com", Some("http://example.com")),
            ("https://example.com:8443", Some("https://example.com:8443")),
            ("https://example.com:443", Some("https://example.com")),
            ("http://127.0.0.1:3000", Some("http://127.0.0.1:3000")),
            ("localhost:8080", Some("https://localhost:8080")),
            ("b\u{fc}cher.example", Some("https://xn--bcher-kva.example")),
            ("", None),
            ("*", None),
            ("https://*.example.com", None),
            ("https://example.com;script-src", None),
            ("https://example.com,example.org", None),
            ("'self'", None),
            ("shop", None),
            ("https://ann:secret@example.com", None),
            ("javascript://example.com/%0aalert(1)", None),
            ("data:text/html,x", None),
            ("https://[::1]", None),
            ("ftp://example.com", None),
        ] {
            assert_eq!(origin(typed).as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn sites_are_read_in_any_list_and_each_counts_once() {
        let read = origins("example.com\n https://example.com/a, shop.example.com\r\n").unwrap();
        assert_eq!(read, ["https://example.com", "https://shop.example.com"]);
        assert_eq!(origins(" \n").unwrap(), Vec::<String>::new());
        assert_eq!(origins("example.com nowhere").unwrap_err(), "nowhere");
    }

    #[test]
    fn visitors_never_use_up_what_customers_need() {
        for limit in [1, 2, 99, 1000, MOST_TOKENS] {
            let share = assistant_share(limit);
            assert!(share < limit && level(share + 1, limit) >= Level::Near, "{limit}");
        }
        assert_eq!((assistant_share(0), assistant_share(1000)), (0, 800));
    }

    #[test]
    fn keys_and_secrets_have_one_form() {
        assert!(is_key("0123456789abcdef01234567"));
        assert!(is_secret(&"0f".repeat(32)));
        for wrong in ["", "0123456789abcdef0123456", "0123456789abcdef0123456Z", "0123456789abcdef0123456\0"] {
            assert!(!is_key(wrong) && !is_secret(wrong), "{wrong:?}");
        }
        assert!(!is_secret(&"0g".repeat(32)) && !is_secret(&"0F".repeat(32)));
    }
}
