//! How is an amount of money read and shown? In millionths, in the currency of whoever is billed, which nobody here knows.

/// The largest amount: a million.
pub const MOST: i64 = 1_000_000_000_000;
/// The digits behind the point.
const DIGITS: usize = 6;

/// An amount as people type it, with a point or a comma before its fraction. `None` if it is none, or too large.
#[must_use]
pub fn read(typed: &str) -> Option<i64> {
    let typed = typed.trim();
    let (whole, rest) = typed.split_once(['.', ',']).unwrap_or((typed, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|one| one.is_ascii_digit());
    if !is_number(whole) || !is_number(rest) || rest.len() > DIGITS {
        return None;
    }
    let rest: i64 = format!("{rest:0<DIGITS$}").parse().ok()?;
    let micros = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(rest)?;
    (micros <= MOST).then_some(micros)
}

/// An amount with at least two digits behind the point, or none.
#[must_use]
pub fn shown(micros: i64) -> String {
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    if rest == 0 {
        return whole.to_string();
    }
    let rest = format!("{rest:0DIGITS$}");
    format!("{whole}.{:0<2}", rest.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_type_it_and_shown_as_they_read_it() {
        for (typed, micros, told) in [
            ("0", 0, "0"),
            ("5", 5_000_000, "5"),
            (" 0.05 ", 50_000, "0.05"),
            ("0,05", 50_000, "0.05"),
            ("1.5", 1_500_000, "1.50"),
            ("0.004", 4_000, "0.004"),
            ("0.000001", 1, "0.000001"),
            ("1000000", MOST, "1000000"),
        ] {
            assert_eq!(read(typed), Some(micros), "{typed}");
            assert_eq!(shown(micros), told);
            assert_eq!(read(told), Some(micros), "what is shown is read again");
        }
        for wrong in [
            "",
            ".",
            "5.",
            ".5",
            "-1",
            "1.2.3",
            "1,000.00",
            "0.0000001",
            "1000000.000001",
            "9".repeat(30).as_str(),
            "five",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
