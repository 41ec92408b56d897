//! How much has a business used of what it may send in a month, and what follows from it?

use chrono::NaiveDate;

use crate::BusinessId;
use crate::field::FieldError;

/// The messages a month that a business may send if its agency says nothing else: the default of `message_limit`.
pub const USUAL_LIMIT: i64 = 1000;
/// The highest limit that an agency can set.
pub const MOST: i64 = 1_000_000;
/// The share of a limit, in percent, from which people are told that it comes near.
pub const WARN_AT: i64 = 80;

/// How near a business is to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Far enough from it.
    Free,
    /// At 80 percent or more.
    Near,
    /// It is used up: people still answer, and the assistant only writes drafts.
    Reached,
}

/// How near `used` messages are to a limit.
#[must_use]
pub const fn level(used: i64, limit: i64) -> Level {
    if used >= limit {
        Level::Reached
    } else if used.saturating_mul(100) >= limit.saturating_mul(WARN_AT) {
        Level::Near
    } else {
        Level::Free
    }
}

/// The share of a limit that is used, in whole percent, never more than 100.
#[must_use]
pub fn percent(used: i64, limit: i64) -> u8 {
    if used >= limit {
        return 100;
    }
    u8::try_from(used.max(0).saturating_mul(100) / limit).unwrap_or(100)
}

/// What a business used in this month of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Month {
    /// Messages that were sent through us, by whomever.
    pub messages: i64,
    /// Answers of the assistant that were sent, by itself or by a person.
    pub answers: i64,
    /// Tokens of the language model.
    pub tokens: i64,
    /// The messages that it may send.
    pub limit: i64,
}

impl Month {
    /// How near it is to its limit.
    #[must_use]
    pub const fn level(&self) -> Level {
        level(self.messages, self.limit)
    }
}

/// What one of an agency's clients used in this month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientMonth {
    /// The client.
    pub business: BusinessId,
    /// What it used.
    pub month: Month,
}

/// What a business used in one day of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub day: NaiveDate,
    /// Messages that were sent through us.
    pub messages: i64,
    /// Answers of the assistant that were sent.
    pub answers: i64,
}

/// Reads a limit as a person types it, also with commas between its digits.
///
/// # Errors
/// The error of the field `limit` for what is no number, or one that is too high.
pub fn read_limit(typed: &str) -> Result<i64, FieldError> {
    let digits: String = typed.chars().filter(|sign| !sign.is_whitespace() && *sign != ',').collect();
    let is_number = !digits.is_empty() && digits.chars().all(|sign| sign.is_ascii_digit());
    let limit = digits.parse::<i64>().ok().filter(|limit| is_number && *limit <= MOST);
    limit.ok_or_else(|| FieldError::new("limit", "Enter a whole number from 0 to 1,000,000."))
}

/// A number with its digits in groups: 12,400. A language that groups them otherwise gives its own sign.
#[must_use]
pub fn grouped(number: i64, sign: char) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut told = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            told.push(sign);
        }
        told.push(digit);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_only_rises_and_agrees_with_its_percent() {
        for limit in [0, 1, 2, 5, 99, 100, 1000, MOST] {
            let mut before = Level::Free;
            for used in (0..=limit.min(2000)).chain([limit, limit + 1, limit * 2, i64::MAX]) {
                let now = level(used, limit);
                assert!(now >= before, "{used} of {limit}");
                assert_eq!(now == Level::Reached, percent(used, limit) == 100, "{used} of {limit}");
                let is_far = i64::from(percent(used, limit)) < WARN_AT;
                assert_eq!(now == Level::Free, is_far, "{used} of {limit}");
                before = now;
            }
        }
        assert_eq!((level(799, 1000), level(800, 1000), level(999, 1000)), (Level::Free, Level::Near, Level::Near));
        assert_eq!((level(1000, 1000), level(0, 0)), (Level::Reached, Level::Reached));
        assert_eq!(level(i64::MAX - 1, i64::MAX), Level::Near, "nothing overflows");
        assert_eq!(percent(-5, 10), 0);
    }

    #[test]
    fn a_limit_is_read_as_people_write_it() {
        for (typed, limit) in [("0", 0), (" 1,500 ", 1500), ("20 000", 20_000), ("1000000", MOST)] {
            assert_eq!(read_limit(typed), Ok(limit), "{typed}");
        }
        for typed in ["", " ", "-1", "1000001", "99999999999999999999", "ten", "1e3", "1.5", "+5", "٣", "<b>"] {
            assert_eq!(read_limit(typed).map_err(|error| error.pointer), Err("limit".to_owned()), "{typed}");
        }
    }

    #[test]
    fn digits_are_grouped_from_the_end() {
        for (number, told) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-4000, "-4,000")] {
            assert_eq!(grouped(number, ','), told);
        }
        assert_eq!(grouped(12_400, '.'), "12.400");
    }
}
