//! How much has a business used of what it may send in a month and spend on the language model in a day, and what follows
//! from it?

use chrono::NaiveDate;

use crate::BusinessId;
use crate::field::FieldError;

/// The messages a month that a business may send if its agency says nothing else: the default of `message_limit`.
pub const USUAL_LIMIT: i64 = 1000;
/// The highest limit that an agency can set.
pub const MOST: i64 = 1_000_000;
/// The tokens a day that a business may spend if its agency says nothing else: the default of `token_limit`.
pub const USUAL_TOKENS: i64 = 1_000_000;
/// The highest limit of tokens that an agency can set.
pub const MOST_TOKENS: i64 = 100_000_000;
/// The requests a minute that programs of a business may send if its agency says nothing else: the default of `request_limit`.
pub const USUAL_REQUESTS: i32 = 60;
/// The highest limit of requests that an agency can set: as many as it may send itself.
pub const MOST_REQUESTS: i32 = 600;
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
    /// Those of the tokens whose cost is known.
    pub priced_tokens: i64,
    /// What these cost, in millionths of a US dollar.
    pub cost_micros: i64,
    /// The messages that it may send.
    pub limit: i64,
}

impl Month {
    /// How near it is to its limit.
    #[must_use]
    pub const fn level(&self) -> Level {
        level(self.messages, self.limit)
    }

    /// What its tokens cost.
    #[must_use]
    pub const fn cost(&self) -> Cost {
        Cost::of(self.tokens, self.priced_tokens, self.cost_micros)
    }
}

/// What tokens cost, in millionths of a US dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// All of it is known.
    Known(i64),
    /// So much is known; further tokens were spent when nobody had said what they cost.
    AtLeast(i64),
    /// Nobody said what they cost.
    Unknown,
}

impl Cost {
    /// The cost of tokens of which those in `priced` cost `micros`.
    #[must_use]
    pub const fn of(tokens: i64, priced: i64, micros: i64) -> Self {
        if priced >= tokens {
            Self::Known(micros)
        } else if priced > 0 {
            Self::AtLeast(micros)
        } else {
            Self::Unknown
        }
    }

    /// The cost in English, to the cent.
    #[must_use]
    pub fn told(self) -> String {
        match self {
            Self::Known(micros) => dollars(micros),
            Self::AtLeast(micros) if micros >= CENT => format!("{} or more", dollars(micros)),
            Self::AtLeast(_) | Self::Unknown => "Unknown".to_owned(),
        }
    }
}

/// A cent, in millionths of a dollar.
pub const CENT: i64 = 10_000;

/// An amount in US dollars to the cent. One below a cent is no zero.
fn dollars(micros: i64) -> String {
    let cents = micros.max(0).saturating_add(CENT / 2) / CENT;
    match micros {
        1..CENT => "less than 1\u{a2}".to_owned(),
        _ => format!("${}.{:02}", grouped(cents / 100, ','), cents % 100),
    }
}

/// The tokens that a business spent in this day of UTC, and may spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Today {
    /// Spent.
    pub tokens: i64,
    /// What it may spend.
    pub limit: i64,
}

impl Today {
    /// The same under the limit that the business set its assistant, too; 0 for none.
    #[must_use]
    pub fn within(self, own: u32) -> Self {
        let own = Some(i64::from(own)).filter(|own| *own > 0);
        Self { limit: own.map_or(self.limit, |own| own.min(self.limit)), ..self }
    }

    /// How near it is to its limit.
    #[must_use]
    pub const fn level(&self) -> Level {
        level(self.tokens, self.limit)
    }
}

/// What one of an agency's clients used in this month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientMonth {
    /// The client.
    pub business: BusinessId,
    /// What it used.
    pub month: Month,
    /// Its tokens of today.
    pub today: Today,
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
    let limit = whole(typed).filter(|limit| *limit <= MOST);
    limit.ok_or_else(|| FieldError::new("limit", "Enter a whole number from 0 to 1,000,000."))
}

/// Reads a limit of tokens as a person types it, also with commas between its digits.
///
/// # Errors
/// The error of the field `tokens` for what is no number, or one that is too high.
pub fn read_tokens(typed: &str) -> Result<i64, FieldError> {
    let limit = whole(typed).filter(|limit| *limit <= MOST_TOKENS);
    limit.ok_or_else(|| FieldError::new("tokens", "Enter a whole number from 0 to 100,000,000."))
}

/// Reads a limit of requests as a person types it. Programs are stopped by their tokens, not by a limit of zero.
///
/// # Errors
/// The error of the field `requests` for what is no number, zero, or one that is too high.
pub fn read_requests(typed: &str) -> Result<i32, FieldError> {
    let limit = whole(typed).and_then(|limit| i32::try_from(limit).ok());
    let limit = limit.filter(|limit| (1..=MOST_REQUESTS).contains(limit));
    limit.ok_or_else(|| FieldError::new("requests", "Enter a whole number from 1 to 600."))
}

/// A whole number as people type it.
fn whole(typed: &str) -> Option<i64> {
    let digits: String = typed.chars().filter(|sign| !sign.is_whitespace() && *sign != ',').collect();
    let is_number = !digits.is_empty() && digits.chars().all(|sign| sign.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
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
    fn a_limit_of_tokens_is_read_as_people_write_it() {
        for (typed, limit) in [("0", 0), ("200,000", 200_000), ("100000000", MOST_TOKENS)] {
            assert_eq!(read_tokens(typed), Ok(limit), "{typed}");
        }
        for typed in ["", "-1", "100000001", "many"] {
            assert_eq!(read_tokens(typed).map_err(|error| error.pointer), Err("tokens".to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_limit_of_requests_is_read_as_people_write_it() {
        for (typed, limit) in [("1", 1), (" 60 ", USUAL_REQUESTS), ("600", MOST_REQUESTS)] {
            assert_eq!(read_requests(typed), Ok(limit), "{typed}");
        }
        for typed in ["", "0", "-1", "601", "99999999999", "many"] {
            assert_eq!(read_requests(typed).map_err(|error| error.pointer), Err("requests".to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_cost_that_nobody_knows_is_never_told_as_nothing() {
        for (tokens, priced, micros, told) in [
            (0, 0, 0, "$0.00"),
            (100, 100, 0, "$0.00"),
            (100, 100, 200, "less than 1\u{a2}"),
            (100, 100, 9_999, "less than 1\u{a2}"),
            (100, 100, CENT, "$0.01"),
            (100, 100, 1_234_567_890, "$1,234.57"),
            (100, 40, 80_000, "$0.08 or more"),
            (100, 40, 200, "Unknown"),
            (100, 0, 0, "Unknown"),
        ] {
            assert_eq!(Cost::of(tokens, priced, micros).told(), told, "{priced} of {tokens} cost {micros}");
        }
    }

    #[test]
    fn the_lower_of_two_limits_holds() {
        let today = Today { tokens: 80, limit: 100 };
        for (own, limit, near) in
            [(0, 100, Level::Near), (90, 90, Level::Near), (80, 80, Level::Reached), (500, 100, Level::Near)]
        {
            let within = today.within(own);
            assert_eq!((within.limit, within.level()), (limit, near), "{own}");
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
