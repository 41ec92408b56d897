//! How long did work wait for a person, apart from the time that it ran? The answer comes from the stored attempts alone.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::AttemptView;

/// The time between an attempt that ended with a question, or gave up, and the attempt that a person began after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    /// Waits that are over, in milliseconds.
    pub millis: i64,
    /// When the present wait began; `None` if nobody is waited for.
    pub since: Option<DateTime<Utc>>,
}

impl Waited {
    /// The waits between the attempts of a step, first to last.
    #[must_use]
    pub fn between(attempts: &[AttemptView], ended: Option<DateTime<Utc>>) -> Self {
        let mut waited = Self::default();
        for (at, attempt) in attempts.iter().enumerate() {
            let asks = matches!(attempt.outcome.as_deref(), Some("ask" | "gave_up"));
            let Some(from) = attempt.finished_at.filter(|_| asks) else { continue };
            match attempts.get(at + 1) {
                Some(next) => waited.millis += (next.started_at - from).num_milliseconds().max(0),
                None => waited.since = Some(from),
            }
        }
        waited.closed(ended)
    }

    /// The same once the work has ended: nobody is waited for any more.
    #[must_use]
    pub fn closed(self, ended: Option<DateTime<Utc>>) -> Self {
        match (self.since, ended) {
            (Some(since), Some(ended)) => {
                Self { millis: self.millis + (ended - since).num_milliseconds().max(0), since: None }
            }
            _ => self,
        }
    }

    /// The waits of several steps, of which at most one waits now.
    #[must_use]
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter()
            .fold(Self::default(), |sum, one| Self { millis: sum.millis + one.millis, since: sum.since.or(one.since) })
    }

    /// True if there is a wait worth showing.
    #[must_use]
    pub const fn is_shown(self) -> bool {
        self.millis >= 1_000 || self.since.is_some()
    }

    /// The waits that are over.
    #[must_use]
    pub fn over(self) -> TimeDelta {
        TimeDelta::milliseconds(self.millis)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn attempt(outcome: Option<&str>, from: i64, to: Option<i64>) -> AttemptView {
        AttemptView {
            attempt: 1,
            outcome: outcome.map(ToOwned::to_owned),
            error_class: None,
            error_detail: None,
            input: Value::Null,
            started_at: at(from),
            finished_at: to.map(at),
        }
    }

    #[test]
    fn only_the_time_after_a_question_or_a_failure_is_a_wait_for_a_person() {
        let tries = [
            attempt(Some("again"), 0, Some(2)),
            attempt(Some("ask"), 10, Some(12)),
            attempt(Some("done"), 2_292, None),
        ];
        let waited = Waited::between(&tries, Some(at(2_300)));
        assert_eq!(waited, Waited { millis: 2_280_000, since: None });
    }

    #[test]
    fn an_open_question_is_waited_for_until_the_job_ends() {
        let tries = [attempt(Some("ask"), 0, Some(5))];
        let waits = Waited::between(&tries, None);
        assert_eq!(waits, Waited { millis: 0, since: Some(at(5)) });
        assert_eq!(waits.closed(Some(at(65))), Waited { millis: 60_000, since: None });
        let sum = Waited::sum([Waited { millis: 500, since: None }, waits]);
        assert_eq!(sum, Waited { millis: 500, since: Some(at(5)) });
        assert!(sum.is_shown() && !Waited { millis: 500, since: None }.is_shown());
    }
}
