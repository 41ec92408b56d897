//! How may Meta be called: at which hosts, for how long and with what sizes? Calls and files have profiles of their own,
//! so that slow files never open the circuit breaker of messages.

use std::time::Duration;

use outbound::{Deadlines, Profile};

use crate::settings::Settings;

/// The key of Meta's calls in requests, in the call log and in metrics.
pub const PROVIDER: &str = "meta";
/// The key of uploads and downloads of files.
pub const MEDIA_PROVIDER: &str = "meta-media";

/// The largest file that is read or sent, in bytes: WhatsApp takes and delivers documents up to 100 MB (Meta, WhatsApp
/// media). The rest is room for the form around it.
pub(crate) const LARGEST_FILE: usize = 100 * 1024 * 1024;

/// The domains below which files of Messenger and Instagram lie: each file has an address of its own at one of the
/// distribution hosts (Meta, media).
pub(crate) const FILE_DOMAINS: &[&str] = &["fbsbx.com", "fbcdn.net", "cdninstagram.com"];

/// The profiles of calls and of files. There is no fixed rate limit: Meta reports how much of its limits is used in
/// headers, and a call above them in an error.
#[must_use]
pub fn profiles(settings: &Settings) -> [Profile; 2] {
    let own = [&settings.graph, &settings.instagram.graph, &settings.instagram.token].map(Clone::clone);
    let files = std::iter::once(&settings.graph).chain(&settings.media).cloned().collect();
    let calls = Profile::new(PROVIDER, own.to_vec());
    let media = Profile::new(MEDIA_PROVIDER, files);
    let (connect, long) = (media.deadlines.connect, Duration::from_secs(120));
    let deadlines = Deadlines { connect, interactive: long, background: long };
    let domains = FILE_DOMAINS;
    [calls, Profile { domains, deadlines, max_response: LARGEST_FILE, streaming: true, multipart: true, ..media }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::testing::settings;

    /// The settle time of a send in doubt builds on these.
    #[test]
    fn no_send_lasts_longer_than_forty_five_seconds_and_no_file_longer_than_two_minutes() {
        let [calls, media] = profiles(&settings("https://graph.example.com"));
        assert_eq!(calls.deadlines.background, Duration::from_secs(45));
        assert_eq!(media.deadlines.background, Duration::from_secs(120));
        assert!(!calls.multipart && !calls.streaming && media.multipart && media.streaming);
    }

    #[test]
    fn files_come_from_known_hosts_only_and_the_keys_fit_the_call_log() {
        let profiles = profiles(&settings("https://graph.example.com"));
        let origins =
            profiles.each_ref().map(|profile| profile.hosts.iter().map(|host| host.as_str()).collect::<Vec<_>>());
        let [calls, media] = origins;
        assert!(calls.contains(&"https://graph.example.com/") && !calls.contains(&"https://files.example.com/"));
        assert_eq!(media, ["https://graph.example.com/", "https://files.example.com/"]);
        assert!([PROVIDER, MEDIA_PROVIDER].iter().all(|key| key.len() <= 16));
    }
}
