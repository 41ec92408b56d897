//! Does an answer give a number that the business never gave? A model that invents a price or a time is told from one that
//! repeats it; words alone do not tell them apart. Times of day are compared by what they mean.

mod times;

use std::collections::BTreeSet;
use std::ops::Range;

use domain::text::{plain_digit, plain_width};

use times::{Half, Time};

/// The signs of money.
const MONEY: &str = "$€£";
/// What stands between the two ends of a span of hours.
const SPANS: [&str; 14] =
    ["-", "–", "—", "to", "until", "till", "and", "a", "al", "a las", "hasta", "hasta las", "y", "y las"];

/// A number of a text.
struct Figure {
    /// Its digits, without what stands between them and without zeros that say nothing; of a time those of the hour and of
    /// the minutes.
    digits: Vec<String>,
    /// Whether it is an amount of money.
    is_money: bool,
    /// Whether it is written as a time: then only what it means counts.
    is_time: bool,
    /// The times of day that it may mean, in minutes since midnight.
    times: Vec<u16>,
}

impl Figure {
    fn of_time(time: &Time) -> Self {
        let parts = [Some(time.hour), Some(time.minute).filter(|minute| *minute > 0)];
        let digits = parts.into_iter().flatten().map(|part| part.to_string()).collect();
        Self { digits, is_money: false, is_time: true, times: time.meant.clone() }
    }

    /// Its hours, if it is a plain number that may be one of the twelve.
    fn hour(&self) -> Option<u16> {
        let [digits] = self.digits.as_slice() else { return None };
        let hour = digits.parse().ok().filter(|hour| (1..=12).contains(hour));
        hour.filter(|_| !self.is_money && !self.is_time)
    }
}

/// The numbers that may be said.
struct Known {
    /// Those of every figure.
    all: BTreeSet<String>,
    /// Those of figures that are written neither as times nor as money.
    plain: BTreeSet<String>,
    times: BTreeSet<u16>,
}

impl Known {
    fn of(figures: impl IntoIterator<Item = Figure>) -> Self {
        let mut known = Self { all: BTreeSet::new(), plain: BTreeSet::new(), times: BTreeSet::new() };
        for figure in figures {
            if !figure.is_time && !figure.is_money {
                known.plain.extend(figure.digits.iter().cloned());
            }
            known.all.extend(figure.digits);
            known.times.extend(figure.times);
        }
        known
    }

    fn has(&self, figure: &Figure) -> bool {
        let among = if figure.is_time { &self.plain } else { &self.all };
        let is_meant = figure.is_time && figure.times.iter().any(|time| self.times.contains(time));
        is_meant || figure.digits.iter().all(|digits| among.contains(digits))
    }
}

/// Whether an answer has a number that stands in no text of the business. One that the customer wrote may be repeated, unless
/// it is an amount of money.
pub(super) fn invents<'a>(answer: &str, business: impl IntoIterator<Item = &'a str>, question: &str) -> bool {
    let given = Known::of(business.into_iter().flat_map(figures));
    let asked = Known::of(figures(question).into_iter().filter(|figure| !figure.is_money));
    let is_known = |figure: &Figure| given.has(figure) || !figure.is_money && asked.has(figure);
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
    let is_money = |letter: Option<&char>| letter.is_some_and(|letter| MONEY.contains(*letter));
    let (mut found, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        let from = at;
        if !letters[from].is_ascii_digit() {
            at += 1;
            continue;
        }
        let is_paid = is_money(letters[..from].iter().rfind(|letter| !letter.is_whitespace()));
        if let Some(time) = times::at(&letters, from).filter(|_| !is_paid) {
            at = time.end;
            found.push((from..at, Figure::of_time(&time)));
            continue;
        }
        at = end_of_number(&letters, from);
        let written: String = letters[from..at].iter().collect();
        let is_full_hour = written == "00" && from > 0 && letters[from - 1] == ':';
        if !is_full_hour {
            let is_money = is_paid || is_money(letters[at..].iter().find(|letter| !letter.is_whitespace()));
            found.push((
                from..at,
                Figure { digits: vec![digits(&written)], is_money, is_time: false, times: Vec::new() },
            ));
        }
    }
    spans(&letters, &mut found);
    let named = Figure { digits: Vec::new(), is_money: false, is_time: true, times: times::named(&letters) };
    found.into_iter().map(|(_, figure)| figure).chain([named]).collect()
}

/// Where the number ends that begins here, with the points and commas inside it.
fn end_of_number(letters: &[char], from: usize) -> usize {
    let is_digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let mut at = from;
    while is_digit(at) || at > from && matches!(letters.get(at), Some('.' | ',')) && is_digit(at + 1) {
        at += 1;
    }
    at
}

/// Lets the ends of a span mean times, too: "9 to 5 pm", and "9 to 5", which is a span of nothing but hours.
fn spans(letters: &[char], found: &mut [(Range<usize>, Figure)]) {
    for at in 1..found.len() {
        let between = &letters[found[at - 1].0.end..found[at].0.start];
        let between: String = between.iter().map(|letter| times::small(*letter)).collect();
        let Some(first) = found[at - 1].1.hour().filter(|_| SPANS.contains(&between.trim())) else { continue };
        match found[at].1.hour() {
            Some(last) if last <= first => found[at].1.times = times::meant(last, 0, Half::Afternoon),
            None if found[at].1.is_time => {}
            _ => continue,
        }
        found[at - 1].1.times = times::meant(first, 0, Half::Either);
    }
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
    fn times_are_compared_by_what_they_mean() {
        for (business, said) in [
            ("Open until 5 pm.", "We close at 17:00."),
            ("Abrimos de 9 a.m. a 5:30 p.m.", "De 9:00 a 17:30 h."),
            ("Open 9:00-17:00", "From 9 am to 5 p.m."),
            ("From 2 to 5 pm", "14:00–17:00"),
            ("Monday to Friday, 9 to 5", "Monday to Friday, 9:00 to 17:00"),
            ("Closed from noon", "Closed from 12 pm"),
            ("In summer 9-12 and 14-18", "14:00 to 18:00"),
            ("Dura 2 horas", "Dura 2 h"),
            ("Hasta las 8 de la noche", "Until 20:00"),
        ] {
            assert!(!invents(said, [business], "When?"), "{business}: {said}");
        }
        for (business, said) in [
            ("Open until 5 pm.", "Open until 5 am."),
            ("Open until 5 pm.", "Open until 18:00."),
            ("Open until 17:30.", "Open until 5 pm."),
            ("We have 5 dentists.", "Open until 17:00."),
            ("Rooms 2 to 5", "Open until 17:00."),
            ("A check costs $5.", "Until 5 p.m."),
        ] {
            assert!(invents(said, [business], "When?"), "{business}: {said}");
        }
        assert!(!invents("Yes, at 5 pm.", ["Open until 17:30."], "Are you open at 17:00?"), "the customer named it");
    }

    #[test]
    fn hostile_texts_are_read_without_harm() {
        for text in [
            "",
            "\0",
            "....",
            "1.",
            ".1",
            "1,,2",
            "$",
            "00",
            ":00",
            "9:00:",
            "9:",
            "9h",
            "9 a",
            "9 -",
            "- 9",
            "١٢",
            &"1.".repeat(5000),
        ] {
            let _ = invents(text, KNOWN, text);
        }
    }
}
