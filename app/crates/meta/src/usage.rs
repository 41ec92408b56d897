//! How much of Meta's limits is used? Reads the two headers that come with each answer.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

/// How much is used, and when calls are allowed again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The limit that is used most, in percent; 0 if no header says so.
    pub percent: u32,
    /// How long until calls are allowed again, if they are not now.
    pub regain: Option<Duration>,
}

/// From this percentage on, callers do well to slow down (Meta, rate limits).
const HIGH: u32 = 80;
const COUNTS: [&str; 3] = ["call_count", "total_time", "total_cputime"];

impl Usage {
    /// Whether the next calls should wait.
    #[must_use]
    pub fn is_high(self) -> bool {
        self.percent >= HIGH || self.regain.is_some()
    }

    /// Reads `X-App-Usage` and `X-Business-Use-Case-Usage`; a header that cannot be read counts for nothing.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let json = |name: &str| serde_json::from_slice::<Value>(headers.get(name)?.as_bytes()).ok();
        let app = json("x-app-usage");
        let business = json("x-business-use-case-usage");
        let cases = business.iter().filter_map(Value::as_object).flat_map(serde_json::Map::values);
        let cases = cases.filter_map(Value::as_array).flatten();
        app.iter().chain(cases).fold(Self::default(), |usage, case| usage.max(case))
    }

    fn max(self, case: &Value) -> Self {
        let count = |name: &str| case[name].as_f64().filter(|count| *count > 0.0).unwrap_or_default() as u32;
        let minutes = count("estimated_time_to_regain_access");
        let regain = (minutes > 0).then(|| Duration::from_secs(60) * minutes);
        Self { percent: COUNTS.into_iter().map(count).fold(self.percent, u32::max), regain: self.regain.max(regain) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Usage {
        Usage::read(&pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect())
    }

    #[test]
    fn the_highest_share_and_the_longest_wait_count() {
        let app = ("x-app-usage", r#"{"call_count":28,"total_time":25.9,"total_cputime":"odd"}"#);
        let business = (
            "x-business-use-case-usage",
            r#"{"1":[{"type":"whatsapp","call_count":98,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":5}],"2":[{"call_count":3},7],"3":{}}"#,
        );
        assert_eq!(read(&[app]), Usage { percent: 28, regain: None });
        let both = read(&[app, business]);
        assert_eq!(both, Usage { percent: 98, regain: Some(Duration::from_secs(300)) });
        assert!(both.is_high() && !read(&[app]).is_high());
    }

    #[test]
    fn nonsense_counts_for_nothing() {
        for text in ["", "7", "[]", "{", r#"{"a":[{"call_count":-5,"total_time":null}]}"#, r#"{"call_count":[]}"#] {
            for name in ["x-app-usage", "x-business-use-case-usage"] {
                assert_eq!(read(&[(name, text)]), Usage::default(), "{name}: {text}");
            }
        }
    }
}
