//! How is the window of WhatsApp's Embedded Signup asked for, and whose messages about it can be believed?

use url::Url;

use super::consent::{Way, consent_url};
use crate::client::Meta;
use crate::settings::Settings;

/// What makes the consent page the signup, in the version that tells the page that opened it what was set up (Meta, Embedded
/// Signup).
const EXTRAS: &str = r#"{"setup":{},"sessionInfoVersion":"3","version":"v4"}"#;

/// Where Meta's own consent page stands, and the other origin that sends the messages of its signup.
const OWN: [&str; 2] = ["https://www.facebook.com", "https://web.facebook.com"];

/// The address of the signup for a window of its own. `redirect` is as for every consent: the window comes back there with the
/// code. `None` without a configuration, which the signup needs.
#[must_use]
pub fn signup_url(meta: &Meta, redirect: &Url, state: &str) -> Option<Url> {
    meta.settings.config_id.as_ref()?;
    let mut url = consent_url(meta, Way::Whatsapp, redirect, state, false);
    url.query_pairs_mut().append_pair("display", "popup").append_pair("extras", EXTRAS);
    Some(url)
}

impl Settings {
    /// The origins that send messages of the signup; `None` without a configuration, which the signup needs.
    #[must_use]
    pub fn signup_origins(&self) -> Option<Vec<String>> {
        self.config_id.as_ref()?;
        let dialog = self.dialog.origin().ascii_serialization();
        Some(if OWN.contains(&dialog.as_str()) { OWN.map(str::to_owned).to_vec() } else { vec![dialog] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::testing::settings;

    #[test]
    fn only_the_host_of_the_consent_page_is_believed_and_none_without_a_configuration() {
        let mut known = settings("https://graph.example.com");
        assert_eq!(known.signup_origins(), None);
        known.config_id = Some("555".into());
        for (dialog, expected) in [
            ("https://www.facebook.com", OWN.to_vec()),
            ("https://web.facebook.com/", OWN.to_vec()),
            ("https://www.facebook.com.example.com", vec!["https://www.facebook.com.example.com"]),
            ("http://127.0.0.1:4700/meta/dialog", vec!["http://127.0.0.1:4700"]),
        ] {
            known.dialog = Url::parse(dialog).unwrap();
            assert_eq!(known.signup_origins().unwrap(), expected, "{dialog}");
        }
    }
}
