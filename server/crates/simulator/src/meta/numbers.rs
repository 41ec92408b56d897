//! Which WhatsApp id a phone number has. In Brazil, Mexico and Argentina it is not always the number that was asked for.

/// The digits of a number or WhatsApp id. `None` if there are too few or too many, or anything else that no number has.
pub fn digits(number: &str) -> Option<String> {
    let fits = number.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.'));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (fits && (7..=15).contains(&digits.len())).then_some(digits)
}

/// The WhatsApp id of a number given as digits.
///
/// Brazilian numbers from area code 31 up lose the ninth digit, Mexican mobiles have a 1 and Argentine ones a 9 after the country
/// code, however they are written.
pub fn wa_id(digits: &str) -> String {
    if let Some(rest) = digits.strip_prefix("55").filter(|rest| rest.len() == 11) {
        let (area, number) = rest.split_at(2);
        if area >= "31" && number.starts_with('9') {
            return format!("55{area}{}", &number[1..]);
        }
    }
    if let Some(rest) = digits.strip_prefix("52").filter(|rest| rest.len() == 10) {
        return format!("521{rest}");
    }
    if let Some(rest) = digits.strip_prefix("54").filter(|rest| rest.len() == 10) {
        return format!("549{rest}");
    }
    digits.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_from_numbers_only_where_they_do_at_whatsapp() {
        for (number, id) in [
            ("+1 (650) 555-0101", "16505550101"),
            ("+55 31 99876-5432", "553198765432"),
            ("+55 11 99876-5432", "5511998765432"),
            ("+55 31 9876-5432", "553198765432"),
            ("+52 55 1234 5678", "5215512345678"),
            ("+52 1 55 1234 5678", "5215512345678"),
            ("+54 11 2345-6789", "5491123456789"),
            ("+54 9 11 2345-6789", "5491123456789"),
        ] {
            let found = wa_id(&digits(number).unwrap());
            assert_eq!(found, id, "{number}");
            assert_eq!(wa_id(&found), found, "the id of an id is the id");
        }
        for wrong in ["", "+1", "US.13491208655302741918", "call me", "1234567890123456"] {
            assert_eq!(digits(wrong), None, "{wrong}");
        }
    }
}
