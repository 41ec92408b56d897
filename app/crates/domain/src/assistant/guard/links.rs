//! Which links does a text contain, and does the business give them? A link is what a phone makes one: an address with a
//! scheme, and a bare name of a host.

use url::Url;

use super::super::settings::link;
use super::plain;

/// The last parts of hosts that phones make links of without a scheme.
const ENDS: &[&str] = &[
    "com", "net", "org", "info", "biz", "edu", "gov", "io", "co", "app", "dev", "me", "ly", "gl", "gg", "ai", "tv",
    "cc", "to", "link", "xyz", "top", "shop", "site", "online", "store", "club", "live", "page", "click", "website",
    "space", "fun", "icu", "vip", "work", "pro", "zip", "mov", "mobi", "name", "tech", "cloud", "health", "dental",
    "clinic", "care", "test", "example", "us", "uk", "ca", "mx", "es", "ar", "cl", "pe", "ec", "ve", "uy", "py", "bo",
    "cr", "pa", "gt", "hn", "ni", "sv", "do", "pr", "cu", "br", "pt", "fr", "de", "it", "nl", "be", "ch", "at", "eu",
    "se", "no", "dk", "fi", "pl", "cz", "ru", "ua", "tr", "gr", "ie", "in", "cn", "jp", "kr", "hk", "sg", "au", "nz",
    "za", "ng", "id", "ph", "th", "vn", "su", "ws", "st", "sh", "is", "im", "tk", "ml", "ga", "cf", "gq", "pw", "win",
    "bid", "loan", "men", "date", "stream", "download", "cam", "cyou", "cfd", "sbs", "buzz", "rest", "quest", "world",
    "life", "today", "news", "group", "agency", "company", "email", "la", "li", "lv", "lt", "ro", "hu", "my", "tw",
    "ae", "il", "sa", "eg", "ma",
];

/// The first link of a text that is none of these.
pub(super) fn foreign(text: &str, given: &[String]) -> Option<String> {
    let given: Vec<Url> = given.iter().filter_map(|one| link(one)).collect();
    pieces(&plain(text)).find(|piece| is_link(piece) && !is_given(piece, &given)).map(str::to_owned)
}

/// The parts of a text between blanks, brackets and quotes, without the signs that stand before and behind them.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let ends = |letter: char| letter.is_whitespace() || "()[]{}<>\"'`“”‘’«»,;|*\\¡¿".contains(letter);
    text.split(ends)
        .map(|piece| piece.trim_matches(|letter: char| !letter.is_alphanumeric() && !"/@".contains(letter)))
        .filter(|piece| !piece.is_empty())
}

fn is_link(piece: &str) -> bool {
    let small = piece.to_lowercase();
    if ["javascript:", "data:", "mailto:", "tel:", "sms:", "intent:"].iter().any(|scheme| small.starts_with(scheme)) {
        return true;
    }
    if small.contains(":/") || small.starts_with("www.") {
        return true;
    }
    // A mail address is no link; whose it is, is asked elsewhere.
    let parts = |letter: char| !letter.is_alphanumeric() && !"-.".contains(letter);
    !is_mail(&small)
        && (small.split(parts).any(is_host) || small.split_once('/').is_some_and(|(host, _)| is_any_host(host)))
}

/// Whether this looks like a mail address.
pub(super) fn is_mail(piece: &str) -> bool {
    let Some((local, host)) = piece.split_once('@') else { return false };
    !local.is_empty() && host.contains('.') && !host.contains(['/', '@', ':'])
}

/// Whether this is a name of a host with a usual end, or an address of numbers.
fn is_host(part: &str) -> bool {
    let Some(labels) = labels(part) else { return false };
    let is_numbers = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    is_numbers || labels.last().is_some_and(|last| ENDS.contains(last) || last.starts_with("xn--"))
}

/// Whether this is a name of a host with any end: with a page behind it, it is a link.
fn is_any_host(part: &str) -> bool {
    let last = labels(part).and_then(|labels| labels.last().copied());
    last.is_some_and(|last| last.chars().count() > 1 && last.chars().all(char::is_alphabetic))
}

/// The parts of what may be a name of a host.
fn labels(part: &str) -> Option<Vec<&str>> {
    let labels: Vec<_> = part.trim_matches('.').split('.').collect();
    let is_label =
        |label: &&str| !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
    (labels.len() > 1 && labels.iter().all(is_label)).then_some(labels)
}

/// Whether the business gives this link: its host or one below it, or a page below an address.
fn is_given(piece: &str, given: &[Url]) -> bool {
    let whole = if piece.contains("://") { piece.to_owned() } else { format!("https://{piece}") };
    let Ok(url) = Url::parse(&whole) else { return false };
    let is_plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    is_plain && url.port().is_none() && given.iter().any(|one| is_below(&url, one))
}

fn is_below(url: &Url, given: &Url) -> bool {
    let (Some(host), Some(of)) = (url.domain(), given.domain()) else { return false };
    let (host, of) = (host.trim_end_matches('.'), of.trim_end_matches('.'));
    let start = given.path().trim_end_matches('/');
    if start.is_empty() && given.query().is_none() {
        return host == of || host.strip_suffix(of).is_some_and(|rest| rest.ends_with('.'));
    }
    let same_page = url.path().strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    host == of && same_page && (given.query().is_none() || given.query() == url.query())
}
