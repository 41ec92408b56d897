//! What does each of Meta's error codes mean? The words of an error are never asked: they change and are translated.

use std::time::Duration;

use super::{Code, Kind, Registration, Restriction, TokenDeath};

/// The meaning of a code, before the operation and the time are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This kind of error.
    Is(Kind),
    /// A rate limit. If nothing states a time, wait this long.
    Limited(Duration),
    /// Refused for now, and certainly not executed.
    Temporary,
    /// Something went wrong on Meta's side, and nothing says before or after the call was executed.
    Doubtful,
}

const SECOND: Duration = Duration::from_secs(1);

/// The meaning of a code and its subcode; `None` if it is not known (Meta, error body and retry classes).
pub(super) fn meaning(code: i64, subcode: Option<i64>) -> Option<Meaning> {
    let by_both = subcode.and_then(|subcode| with_subcode(code, subcode));
    by_both.map(Meaning::Is).or_else(|| by_code(code))
}

fn with_subcode(code: i64, subcode: i64) -> Option<Kind> {
    Some(match (code, subcode) {
        (0 | 102 | 190, _) => Kind::Token(TokenDeath::of(subcode)),
        (10, 2_018_278 | 2_534_022) => Kind::OutsideWindow,
        (100, 36_007) => Kind::Code(Code::Expired),
        (100, 36_008) => Kind::Code(Code::Redirect),
        (100, 36_009) => Kind::Code(Code::Used),
        (100, 33 | 2_018_218) => Kind::NotFound,
        (100, 2_018_001 | 2_534_014) | (200, 1_545_041) => Kind::Undeliverable,
        (200, 2_018_028) => Kind::TestersOnly,
        (100, 2_018_047 | 2_018_109) => Kind::Media,
        (100, 2_388_000..=2_388_999) => Kind::Template,
        _ => return None,
    })
}

fn by_code(code: i64) -> Option<Meaning> {
    let limited = |seconds: u32| Some(Meaning::Limited(SECOND * seconds));
    let kind = match code {
        1 | 2 | 131_000 | 135_000 => return Some(Meaning::Doubtful),
        1200 | 131_016 | 131_057 | 133_004 => return Some(Meaning::Temporary),
        130_429 => return limited(10),
        4 | 17 | 32 | 613 => return limited(60),
        80_001..=80_014 => return limited(5 * 60),
        0 | 102 | 190 => Kind::Token(TokenDeath::Revoked),
        101 => Kind::AppAccess,
        131_056 => Kind::PairRate,
        131_048 | 131_049 | 130_472 => Kind::Withheld,
        131_050 => Kind::OptedOut,
        470 | 131_047 => Kind::OutsideWindow,
        551 | 131_026 | 131_062 => Kind::Undeliverable,
        131_030 => Kind::TestersOnly,
        368 | 131_031 => Kind::Restricted(Restriction::Locked),
        130_497 => Kind::Restricted(Restriction::Country),
        131_042 => Kind::Restricted(Restriction::Unpaid),
        131_045 | 133_010 => Kind::Restricted(Restriction::Unregistered),
        131_052 | 131_053 => Kind::Media,
        132_000..=132_999 => Kind::Template,
        133_005 => Kind::Registration(Registration::WrongPin),
        133_008 => Kind::Registration(Registration::TooManyPins),
        133_009 => Kind::Registration(Registration::TooFast),
        133_006 => Kind::Registration(Registration::NotVerified),
        133_015 => Kind::Registration(Registration::DeletedRecently),
        133_016 => Kind::Registration(Registration::TooOften),
        133_000..=133_014 => Kind::Registration(Registration::Other),
        3 | 10 | 200..=299 | 131_005 => Kind::Permission,
        803 | 9010 => Kind::NotFound,
        33 | 100 | 131_008 | 131_009 | 131_021 | 131_051 => Kind::Invalid,
        _ => return None,
    };
    Some(Meaning::Is(kind))
}
