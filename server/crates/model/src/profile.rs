//! How may a language model be called: at which host, how often, for how long and with what size?

use std::time::Duration;

use outbound::{Profile, RateWindow};
use url::Url;

/// The key of the model's calls in requests, in the call log and in metrics.
pub const PROVIDER: &str = "model";
/// The window that bounds the calls of each agency, so that no agency uses up what the provider grants to all.
pub(crate) const WINDOW: &str = "model";

/// Calls of an agency in a minute.
const A_MINUTE: u32 = 120;
/// The largest answer in bytes. A reply is a text of a few thousand letters.
const LARGEST: usize = 1024 * 1024;

/// The profile of the model at this address; without an address nothing may be called.
#[must_use]
pub fn profile(base: Option<&Url>) -> Profile {
    let window = RateWindow { name: WINDOW, burst: A_MINUTE, interval: Duration::from_secs(60), daily: None };
    let hosts = base.into_iter().cloned().collect();
    Profile { windows: vec![window], max_response: LARGEST, streaming: true, ..Profile::new(PROVIDER, hosts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_address_of_the_settings_may_be_called() {
        assert!(profile(None).hosts.is_empty());
        let base = Url::parse("https://models.example.com/v1").unwrap();
        let profile = profile(Some(&base));
        assert_eq!(profile.hosts, [base]);
        assert!(profile.streaming && !profile.multipart && profile.key.len() <= 16);
    }
}
