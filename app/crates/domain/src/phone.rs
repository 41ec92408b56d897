//! Reads a phone number as people write it and returns the one form that is stored and sent (E.164,
//! `+13055550100`).
//! The numbering plans are Google's, from the `phonenumber` crate. This module handles the ways in which people
//! paste numbers.

use std::str::FromStr;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, country};

use crate::text;

/// Length limit of an input; generous for a number inside a link.
const LONGEST: usize = 64;

/// The number in international form. A number without a country code is read as a number of `country` (two
/// letters, any case). It is accepted only if that country's plan contains it and it is written as people there
/// write it. Returns `None` if the number is not certain, or if it has an extension, which would be lost.
#[must_use]
pub fn read(typed: &str, country: &str) -> Option<String> {
    let typed = plain(typed);
    if typed.is_empty()
        || typed.len() > LONGEST
        || typed.chars().any(|letter| !letter.is_ascii_digit() && !"+ -.()/".contains(letter))
    {
        return None;
    }
    let home = country::Id::from_str(&country.to_uppercase()).ok();
    let abroad = typed.starts_with('+');
    if !abroad && home.is_none() {
        return None;
    }
    let first = phonenumber::parse(home, &typed).ok().filter(|number| number.extension().is_none())?;
    // In an international number such as `+44 (0)20 …`, the national zero is recognized by the plan of the
    // number's own country.
    let whole = first.format().mode(Mode::E164).to_string();
    let region = region_of(&first);
    let own = region.and_then(|region| country::Id::from_str(region).ok());
    let number = own.and_then(|own| phonenumber::parse(Some(own), &whole).ok()).unwrap_or(first.clone());
    let (full, shown) = (number.format().mode(Mode::E164).to_string(), digits_of(&typed));
    // Nothing but that zero may be left out of an international number.
    let code = number.code().value().to_string();
    let trunk = region.and_then(|region| DATABASE.by_id(region)?.national_prefix()).unwrap_or_default();
    let rest = full.get(1 + code.len()..).unwrap_or_default();
    let explained = shown == full[1..] || shown == format!("{code}{trunk}{rest}");
    let full = if abroad && !explained { format!("+{shown}") } else { full };
    let digits = full.len() - 1;
    // Numbers of country code 1 all have the same length. The lengths in other plans change too often to reject a
    // number by.
    if number.code().value() == 1 && digits != 11 {
        return None;
    }
    let named = first.code().source() == country::Source::Idd || shown.ends_with(&full[1..]);
    let certain = abroad || (number.is_valid() && (named || as_at_home(&typed, &number)));
    ((8..=15).contains(&digits) && certain && !full.starts_with("+0")).then_some(full)
}

/// A stored number as people read it: "+1 305-555-0100". Text that is no number stays as it is, such as the name that
/// stands where a number stands if nothing else is known.
#[must_use]
pub fn shown(number: &str) -> String {
    let is_number =
        number.starts_with('+') && number.chars().all(|letter| letter.is_ascii_digit() || "+ -.()".contains(letter));
    let known = phonenumber::parse(None, number).ok().filter(|_| is_number);
    let grouped = known.map(|known| known.format().mode(Mode::International).to_string());
    // Grouping changes no digit.
    grouped.filter(|text| digits_of(text) == digits_of(number)).unwrap_or_else(|| number.to_owned())
}

/// What a person pasted, in the characters that a numbering plan uses: digits of any script, any dash and any
/// space become plain, and the scheme of a link is removed.
fn plain(typed: &str) -> String {
    let one = |letter: char| match text::plain_digit(text::plain_width(letter)) {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{FE58}' | '\u{FE63}' | '\u{2043}' => '-',
        '\u{2024}' | '\u{30FB}' | '\u{B7}' => '.',
        letter => letter,
    };
    // Direction marks only control how the number is displayed; they are not part of it.
    let shown: String = text::line(typed)
        .chars()
        .filter(|letter| !matches!(letter, '\u{200E}' | '\u{200F}' | '\u{61C}'))
        .map(one)
        .collect();
    let bare = match shown.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &shown[4..],
        _ => &shown,
    };
    bare.trim().to_owned()
}

/// The main country of the number's country code.
fn region_of(number: &PhoneNumber) -> Option<&'static str> {
    DATABASE.region(&number.code().value())?.first().copied()
}

/// Whether the digits are written as people in that country write the number. For country code 1, the prefix may
/// be missing.
fn as_at_home(typed: &str, number: &PhoneNumber) -> bool {
    digits_of(typed) == digits_of(&number.format().mode(Mode::National).to_string()) || number.code().value() == 1
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_paste_them() {
        for (typed, country, kept) in [
            ("+1 (305) 555-0100", "US", "+13055550100"),
            ("\u{202d}+1 305\u{2011}555\u{2011}0100\u{202c}", "US", "+13055550100"),
            ("+1\u{202f}305\u{a0}555\u{2009}0100", "de", "+13055550100"),
            ("305\u{fe0d}555\u{feff}0100", "US", "+13055550100"),
            (
                "\u{ff0b}\u{ff11}\u{ff13}\u{ff10}\u{ff15}\u{ff15}\u{ff15}\u{ff15}\u{ff10}\u{ff11}\u{ff10}\u{ff10}",
                "US",
                "+13055550100",
            ),
            ("\u{200e}+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨\u{200f}", "AE", "+442079460958"),
            ("tel:+1-305-555-0100", "US", "+13055550100"),
            ("TEL: (305) 555-0100", "US", "+13055550100"),
            ("+44 (0)20 7946 0958", "US", "+442079460958"),
            ("+44 (0)20 7946 0958", "GB", "+442079460958"),
            ("+49 (0) 30 / 12 34 56-7", "AT", "+49301234567"),
            ("020 7946 0958", "GB", "+442079460958"),
            ("0044 20 7946 0958", "DE", "+442079460958"),
            ("011 44 20 7946 0958", "US", "+442079460958"),
            ("0044 (0)20 7946 0958", "DE", "+442079460958"),
            ("030 1234567", "DE", "+49301234567"),
            ("06 1234 5678", "IT", "+390612345678"),
            ("+39 06 1234 5678", "US", "+390612345678"),
            ("912 345 678", "ES", "+34912345678"),
            ("+54 9 11 2345-6789", "AR", "+5491123456789"),
            ("1 305 555 0100", "US", "+13055550100"),
            ("305.555.0100", "PR", "+13055550100"),
            ("+15551234567", "US", "+15551234567"),
            ("+800 1234 5678", "US", "+80012345678"),
        ] {
            assert_eq!(read(typed, country).as_deref(), Some(kept), "{typed:?} in {country}");
            assert_eq!(read(kept, country).as_deref(), Some(kept), "{kept} again");
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            assert_eq!(digits(&shown(kept)), digits(kept), "{kept} as it is shown");
        }
    }

    #[test]
    fn a_number_is_shown_in_groups() {
        assert_eq!(shown("+13055550100"), "+1 305-555-0100");
        assert_eq!(shown("+1 305 555 0100"), "+1 305-555-0100");
        for name in ["", "front desk", "Ana +13055550100", "+13055550100 Ana", "@zoe", "305 555 0100"] {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn what_is_not_certain_is_refused() {
        for (typed, country) in [
            ("3055550100", "DE"),
            ("0305550100", "US"),
            ("3051550100", "US"),
            ("305555010", "US"),
            ("305 555 0100", ""),
            ("305 555 0100", "ZZ"),
            ("+0305555010", "US"),
            ("+1305555010", "US"),
            ("+12", "US"),
            ("+1234567890123456", "US"),
            ("+1305call00", "US"),
            ("1-800-FLOWERS", "US"),
            ("+1 305 555 0100 ext 5", "US"),
            ("911", "US"),
            ("\u{200b}", "US"),
            ("", "US"),
        ] {
            assert_eq!(read(typed, country), None, "{typed:?} in {country}");
        }
    }
}
