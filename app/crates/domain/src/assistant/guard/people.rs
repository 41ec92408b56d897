//! Whom does a text tell how to reach? Its phone numbers and mail addresses must be the customer's own, or ones that the
//! business gives out.

use super::Context;
use super::links::{is_mail, pieces};
use crate::text;

/// Number of digits of a phone number, at least and at most.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// The first phone number or mail address of a text that is nobody's who may be named in it.
pub(super) fn stranger(answer: &str, context: &Context<'_>) -> Option<String> {
    let (settings, passages) = (context.settings, context.passages);
    let own = [settings.instructions.as_str()].into_iter().chain(settings.told());
    let links = settings.links.iter().map(String::as_str);
    let known: Vec<&str> = own.chain(links).chain(passages.iter().copied()).collect();
    let contact = [context.contact_phone, context.contact_email].into_iter().flatten();
    let known = known.into_iter().chain(contact).collect::<Vec<_>>().join("\n");
    let (known_mails, known_numbers) = (mails(&known), numbers(&known));
    let mail = mails(answer).into_iter().find(|mail| !known_mails.contains(mail));
    mail.or_else(|| numbers(answer).into_iter().find(|number| !known_numbers.iter().any(|one| is_same(one, number))))
}

/// The mail addresses of a text, in small letters.
fn mails(text: &str) -> Vec<String> {
    let small = text.to_lowercase();
    let bare = pieces(&small).map(|piece| piece.strip_prefix("mailto:").unwrap_or(piece));
    bare.filter(|piece| is_mail(piece)).map(str::to_owned).collect()
}

/// The phone numbers of a text, as digits.
fn numbers(text: &str) -> Vec<String> {
    let plain: String = text.chars().map(|letter| text::plain_digit(text::plain_width(letter))).collect();
    let is_part = |letter: char| {
        letter.is_ascii_digit() || letter.is_whitespace() && letter != '\n' || "+-.()‐‑–".contains(letter)
    };
    plain.split(|letter: char| !is_part(letter)).filter_map(number).collect()
}

/// The digits of a run of digits and the signs between them, if it is a phone number.
fn number(run: &str) -> Option<String> {
    let groups: Vec<&str> =
        run.split(|letter: char| !letter.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let digits = groups.concat();
    (DIGITS.contains(&digits.len()) && !is_date(&groups)).then_some(digits)
}

/// Whether groups of digits are years, or a date with the year at its beginning or end, perhaps before an hour.
fn is_date(groups: &[&str]) -> bool {
    let is_year = |group: &str| group.len() == 4 && (group.starts_with("19") || group.starts_with("20"));
    let is_below = |group: &str, most: u8| group.len() <= 2 && group.parse::<u8>().is_ok_and(|number| number <= most);
    match groups {
        [year, month, day] if is_year(year) => is_below(month, 12) && is_below(day, 31),
        [year, month, day, hour] if is_year(year) => is_below(month, 12) && is_below(day, 31) && is_below(hour, 24),
        [one, other, year] if is_year(year) => is_below(one, 31) && is_below(other, 31),
        [one, other, year, hour] if is_year(year) => is_below(one, 31) && is_below(other, 31) && is_below(hour, 24),
        years => years.iter().all(|group| is_year(group)),
    }
}

/// Whether two numbers are the same, one perhaps without its country or area.
fn is_same(one: &str, other: &str) -> bool {
    let plain =
        |number: &str| number.strip_prefix("00").or_else(|| number.strip_prefix('0')).unwrap_or(number).to_owned();
    let (one, other) = (plain(one), plain(other));
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.len() >= *DIGITS.start() && long.ends_with(&short))
}
