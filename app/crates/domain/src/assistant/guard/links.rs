//! Which links does a text contain, and does the business give them? A link is what a phone makes one: an address with a
//! scheme, and a bare name of a host.

use url::Url;

use super::super::settings::link;

/// The last parts of hosts that phones make links of without a scheme.
const ENDS: &[&str] = &[
    "com", "net", "org", "info", "biz", "edu", "gov", "io", "co", "app", "dev", "me", "ly", "gl", "gg", "ai", "tv",
    "cc", "to", "link", "xyz", "top", "shop", "site", "online", "store", "club", "live", "page", "click", "website",
    "space", "fun", "icu", "vip", "work", "pro", "zip", "mov", "mobi", "name", "tech", "cloud", "health", "dental",
    "clinic", "care", "test", "example", "us", "uk", "ca", "mx", "es", "ar", "cl", "pe", "ec", "ve", "uy", "py", "bo",
    "cr", "pa", "gt", "hn", "ni", "sv", "do", "pr", "cu", "br", "pt", "fr", "de", "it", "nl", "be", "ch", "at", "eu",
    "se", "no", "dk", "fi", "pl", "cz", "ru", "ua", "tr", "gr", "ie", "in", "cn", "jp", "kr", "hk", "sg", "au", "nz",
    "za", "ng", "id", "ph", "th", "vn", "su", "ws", "st", "sh", "is", "im",
];

/// The first link of a text that is none of these.
pub(super) fn foreign(text: &str, given: &[String]) -> Option<String> {
    let given: Vec<Url> = given.iter().filter_map(|one| link(one)).collect();
    let plain = text.replace(['。', '．', '｡'], ".");
    pieces(&plain).find(|piece| is_link(piece) && !is_given(piece, &given)).map(str::to_owned)
}

/// The parts of a text between blanks, brackets and quotes, without the signs that end a sentence.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let ends = |letter: char| letter.is_whitespace() || "()[]{}<>\"'`“”‘’«»,;|*\\¡¿".contains(letter);
    text.split(ends)
        .map(|piece| piece.trim_matches(['.', '!', '?', ':', '…', '-', '–', '—']))
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
    !is_mail(&small) && small.split(['/', ':', '?', '#', '=', '&', '@', '_', '~', '%']).any(is_host)
}

/// Whether this looks like a mail address.
pub(super) fn is_mail(piece: &str) -> bool {
    let Some((local, host)) = piece.split_once('@') else { return false };
    !local.is_empty() && host.contains('.') && !host.contains(['/', '@', ':'])
}

/// Whether this is a name of a host, or an address of numbers.
fn is_host(part: &str) -> bool {
    let labels: Vec<_> = part.split('.').collect();
    let [.., last] = labels[..] else { return false };
    let is_label =
        |label: &&str| !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
    if labels.len() < 2 || !labels.iter().all(is_label) {
        return false;
    }
    let is_numbers = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    is_numbers || ENDS.contains(&last) || last.starts_with("xn--")
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
