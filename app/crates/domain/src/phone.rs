//! Which number is a phone number as people write it, in the one form that is kept and sent (E.164, `+13055550100`)?
//! The numbering plans are Google's, by the `phonenumber` crate; what stands here is how people paste numbers.

use std::str::FromStr;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, country};

use crate::text;

/// The longest text that is looked at: a number in words of a link, with room.
const LONGEST: usize = 64;

/// The number in international form. Without a country code in it, it is read as in `country` (two letters, any case), and only if
/// that country's plan has such a number and it is written as people there do. `None` when it cannot be told for certain,
/// or when an extension would be lost.
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
    // A zero of the national form inside an international number, `+44 (0)20 …`, is known by the plan of its own country.
    let whole = first.format().mode(Mode::E164).to_string();
    let region = region_of(&first);
    let own = region.and_then(|region| country::Id::from_str(region).ok());
    let number = own.and_then(|own| phonenumber::parse(Some(own), &whole).ok()).unwrap_or(first.clone());
    let (full, shown) = (number.format().mode(Mode::E164).to_string(), digits_of(&typed));
    // Of an international number nothing else is ever left out.
    let code = number.code().value().to_string();
    let trunk = region.and_then(|region| DATABASE.by_id(region)?.national_prefix()).unwrap_or_default();
    let rest = full.get(1 + code.len()..).unwrap_or_default();
    let explained = shown == full[1..] || shown == format!("{code}{trunk}{rest}");
    let full = if abroad && !explained { format!("+{shown}") } else { full };
    let digits = full.len() - 1;
    // The plan of code 1 has numbers of one length only; what other plans allow changes too often to refuse by.
    if number.code().value() == 1 && digits != 11 {
        return None;
    }
    let named = first.code().source() == country::Source::Idd || shown.ends_with(&full[1..]);
    let certain = abroad || (number.is_valid() && (named || as_at_home(&typed, &number)));
    ((8..=15).contains(&digits) && certain && !full.starts_with("+0")).then_some(full)
}

/// What a person pasted, in the signs a plan is written in: any script's digits, any dash, any space, without the scheme of a link.
fn plain(typed: &str) -> String {
    let one = |letter: char| match text::plain_digit(text::plain_width(letter)) {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{FE58}' | '\u{FE63}' | '\u{2043}' => '-',
        '\u{2024}' | '\u{30FB}' | '\u{B7}' => '.',
        letter => letter,
    };
    // Marks of direction beside a number order it on a screen and are no part of it.
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

/// The country that a code belongs to first.
fn region_of(number: &PhoneNumber) -> Option<&'static str> {
    DATABASE.region(&number.code().value())?.first().copied()
}

/// Whether the digits are those by which people in that country write it, or those without the prefix where it shares the code 1.
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
