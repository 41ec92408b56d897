//! Does an answer give a number that the business never gave? A model that invents a price or a time is told from one that
//! repeats it; words alone do not tell them apart.

use std::collections::BTreeSet;

use domain::text::{plain_digit, plain_width};

/// The signs of money.
const MONEY: &str = "$€£";

/// A number of a text.
struct Figure {
    /// Its digits, without what stands between them and without zeros that say nothing.
    digits: String,
    /// Whether it is an amount of money.
    is_money: bool,
}

/// Whether an answer has a number that stands in no text of the business. One that the customer wrote may be repeated, unless
/// it is an amount of money.
pub(super) fn invents<'a>(answer: &str, business: impl IntoIterator<Item = &'a str>, question: &str) -> bool {
    let given: BTreeSet<String> = business.into_iter().flat_map(figures).map(|figure| figure.digits).collect();
    let asked = figures(question).into_iter().filter(|figure| !figure.is_money);
    let asked: BTreeSet<String> = asked.map(|figure| figure.digits).collect();
    let is_known =
        |figure: &Figure| given.contains(&figure.digits) || !figure.is_money && asked.contains(&figure.digits);
    figures(answer).iter().any(|figure| !is_known(figure))
}

fn figures(text: &str) -> Vec<Figure> {
    text.lines().flat_map(|line| of_line(without_mark(line))).collect()
}

/// A line without the number by which a list counts it.
fn without_mark(line: &str) -> &str {
    let line = line.trim_start();
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_mark = (1..=2).contains(&(line.len() - rest.len())) && (rest.starts_with(". ") || rest.starts_with(") "));
    if is_mark { rest } else { line }
}

fn of_line(line: &str) -> Vec<Figure> {
    let letters: Vec<char> = line.chars().map(|letter| plain_digit(plain_width(letter))).collect();
    let is_digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let is_money = |letter: Option<&char>| letter.is_some_and(|letter| MONEY.contains(*letter));
    let (mut found, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        let from = at;
        while is_digit(at) || at > from && matches!(letters.get(at), Some('.' | ',')) && is_digit(at + 1) {
            at += 1;
        }
        if at == from {
            at += 1;
            continue;
        }
        let written: String = letters[from..at].iter().collect();
        let is_full_hour = written == "00" && from > 0 && letters[from - 1] == ':';
        if !is_full_hour {
            let before = letters[..from].iter().rfind(|letter| !letter.is_whitespace());
            let after = letters[at..].iter().find(|letter| !letter.is_whitespace());
            found.push(Figure { digits: digits(&written), is_money: is_money(before) || is_money(after) });
        }
    }
    found
}

fn digits(written: &str) -> String {
    let whole = written.strip_suffix(".00").or_else(|| written.strip_suffix(",00")).unwrap_or(written);
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let plain = digits.trim_start_matches('0');
    if plain.is_empty() { "0".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 2] =
        ["A cleaning costs $1,200.50, a check $120.", "Open from 09:00 to 17:30, also on 29.11.2026."];

    #[test]
    fn what_the_business_gave_is_told_from_what_is_invented() {
        for known in [
            "We are open.",
            "It is $120.00, or 1200.50 dollars.",
            "From 9 to 17:30.",
            "At 9:00.",
            "1. A check, $120\n2) A cleaning, $ 1,200.50",
            "On 29.11.2026",
            "You asked for 7 people.",
            "１２０",
        ] {
            assert!(!invents(known, KNOWN, "For 7 people, and is it $20?"), "{known}");
        }
        for invented in [
            "A cleaning costs $20.",
            "It is 20 €",
            "$12",
            "$0",
            "At 8:00.",
            "1,200.75",
            "12 a.m.",
            "２０ people",
            "$7",
            "5. 8",
        ] {
            assert!(invents(invented, KNOWN, "For 7 people, and is it $20?"), "{invented}");
        }
    }

    #[test]
    fn hostile_texts_are_read_without_harm() {
        for text in ["", "\0", "....", "1.", ".1", "1,,2", "$", "00", ":00", "9:00:", "١٢", &"1.".repeat(5000)] {
            let _ = invents(text, KNOWN, text);
        }
    }
}
