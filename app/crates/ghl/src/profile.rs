//! How HighLevel may be called: at which host, how often and for how long.

use std::time::Duration;

use outbound::{Profile, RateWindow};
use url::Url;

/// Our name for HighLevel in requests, in the call log and in the keys of its rate window.
pub(crate) const PROVIDER: &str = "ghl";

/// The profile of HighLevel at this URL. It allows 100 calls in any 10 s and 200 000 a day, for each app and location
/// or company (HighLevel API, rate limits).
#[must_use]
pub fn profile(base: Url) -> Profile {
    let window = RateWindow { name: PROVIDER, burst: 100, interval: Duration::from_secs(10), daily: Some(200_000) };
    Profile { windows: vec![window], ..Profile::new(PROVIDER, vec![base]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settle time of a write in doubt and the lease of its job build on these (reliability model, 3.3).
    #[test]
    fn no_call_lasts_longer_than_forty_five_seconds() {
        let deadlines = profile(Url::parse("https://services.example.com").unwrap()).deadlines;
        assert_eq!(deadlines.background, Duration::from_secs(45));
        assert!(deadlines.interactive < deadlines.background && deadlines.connect < deadlines.interactive);
    }
}
