//! Whom does a text tell how to reach? Its phone numbers, mail addresses and names of accounts must be the customer's own, or
//! ones that the business gives out.

use super::links::{is_mail, pieces};
use super::{Context, plain};

/// Number of digits of a phone number, at least.
const SHORTEST: usize = 7;
/// Number of digits that one way to write a number may have more than another: a country and an area.
const PREFIX: usize = 5;
/// Number of digits of a price, at most.
const PRICE: usize = 6;
/// Number of years that stand beside each other, at most.
const YEARS: usize = 3;
/// Letters of the name of an account, at least.
const ACCOUNT: usize = 3;

/// The first phone number, mail address or account of a text that is nobody's who may be named in it.
pub(super) fn stranger(answer: &str, context: &Context<'_>) -> Option<String> {
    let (settings, passages) = (context.settings, context.passages);
    let own = [settings.instructions.as_str()].into_iter().chain(settings.told());
    let links = settings.links.iter().map(String::as_str);
    let known: Vec<&str> = own.chain(links).chain(passages.iter().copied()).collect();
    let contact = [context.contact_phone, context.contact_email].into_iter().flatten();
    let known = known.into_iter().chain(contact).collect::<Vec<_>>().join("\nand\n");
    let (answer, known) = (plain(answer), plain(&known));
    let known_addresses = addresses(&known);
    let address = addresses(&answer).into_iter().find(|address| !known_addresses.contains(address));
    address.or_else(|| {
        let (known_numbers, known_groups) = (numbers(&known), groups(&known));
        let is_known = |number: &Vec<&str>| {
            let digits = number.concat();
            known_numbers.iter().any(|one| is_same(&one.concat(), &digits))
                || is_spread(number) && number.iter().all(|group| known_groups.contains(group))
        };
        numbers(&answer).into_iter().find(|number| !is_known(number)).map(|number| number.concat())
    })
}

/// The mail addresses and names of accounts of a text, in small letters.
fn addresses(text: &str) -> Vec<String> {
    let small = text.to_lowercase();
    let bare = pieces(&small).map(|piece| piece.strip_prefix("mailto:").unwrap_or(piece));
    bare.filter(|piece| is_mail(piece) || is_account(piece)).map(str::to_owned).collect()
}

fn is_account(piece: &str) -> bool {
    let name = piece.strip_prefix('@').unwrap_or_default();
    name.chars().filter(|letter| letter.is_alphanumeric()).count() >= ACCOUNT
}

/// The phone numbers of a text, as groups of digits. Whatever stands between two digits and is no letter hides nothing.
fn numbers(text: &str) -> Vec<Vec<&str>> {
    text.split(char::is_alphabetic).flat_map(run).filter(|number| is_number(number)).collect()
}

/// The groups of digits between two letters, apart where a price begins, without prices, dates and hours.
fn run(text: &str) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    for (at, part) in text.split(['$', '€', '£']).enumerate() {
        let mut tokens = tokens(part).peekable();
        if at > 0 {
            tokens.next_if(|token| groups(token).concat().len() <= PRICE);
        }
        found.push(tokens.filter(|token| !is_date(token) && !is_hours(token)).flat_map(groups).collect());
    }
    found
}

/// The digits between blanks and brackets, with the signs that stand inside prices, dates and hours.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_ascii_digit() || "-–:./,".contains(letter);
    let parts = text.split(move |letter: char| !is_part(letter));
    parts.map(|part| part.trim_matches(|letter: char| !letter.is_ascii_digit())).filter(|part| !part.is_empty())
}

fn groups(text: &str) -> Vec<&str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|group| !group.is_empty()).collect()
}

fn is_number(groups: &[&str]) -> bool {
    let is_years = groups.len() <= YEARS && groups.iter().all(|group| is_year(group));
    !is_years && groups.concat().len() >= SHORTEST
}

/// Whether groups are longer than digits one by one, which stand in every text: hours and sizes that the business gives, in
/// another order.
fn is_spread(groups: &[&str]) -> bool {
    groups.concat().len() * 2 >= groups.len() * 3
}

fn is_year(group: &str) -> bool {
    group.len() == 4 && (group.starts_with("19") || group.starts_with("20"))
}

fn is_below(group: &str, most: u8) -> bool {
    group.len() <= 2 && group.parse::<u8>().is_ok_and(|number| number <= most)
}

/// Whether these digits are a date with the year at its beginning or end.
fn is_date(token: &str) -> bool {
    match groups(token)[..] {
        [year, month, day] if is_year(year) => is_below(month, 12) && is_below(day, 31),
        [one, other, year] if is_year(year) => is_below(one, 31) && is_below(other, 31),
        _ => false,
    }
}

/// Whether these digits are times of day.
fn is_hours(token: &str) -> bool {
    token.split(['-', '–', ',']).all(|part| {
        part.split_once([':', '.'])
            .is_some_and(|(hour, minute)| is_below(hour, 24) && minute.len() == 2 && is_below(minute, 59))
    })
}

/// Whether two numbers are the same, one perhaps without its country or area.
fn is_same(one: &str, other: &str) -> bool {
    let plain =
        |number: &str| number.strip_prefix("00").or_else(|| number.strip_prefix('0')).unwrap_or(number).to_owned();
    let (one, other) = (plain(one), plain(other));
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let is_longer = short.len() >= SHORTEST && long.len() - short.len() <= PREFIX && long.ends_with(&short);
    short == long || is_longer
}
