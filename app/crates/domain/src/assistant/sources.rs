//! Where does knowledge come from that nobody typed? From pages of web sites and from files: how far each is read, why one
//! could not be read, and which addresses a person may give.

use std::time::Duration;

use serde::{Deserialize, Serialize};
#[cfg(feature = "text")]
use url::Url;

use crate::messaging::words;
#[cfg(feature = "text")]
use crate::webhooks::looks_public;

/// The most bytes of a page of a web site.
pub const LARGEST_PAGE: usize = 2 * 1024 * 1024;
/// The most bytes of a file (`knowledge.upload`).
pub const LARGEST_FILE: usize = 10 * 1024 * 1024;
/// The most characters of an address or of the name of a file (`knowledge.origin`).
pub const LONGEST_ORIGIN: usize = 2048;
/// A page is read again when it was last read longer ago than this.
pub const REREAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

words! {
    /// How far a source is read (`knowledge.state`). What people write is always ready.
    SourceState {
        /// A worker reads it soon. What was read before goes on being searched.
        Waiting = "waiting",
        /// It is read.
        Ready = "ready",
        /// It could not be read. What was read before goes on being searched.
        Failed = "failed",
    }
}

words! {
    /// Why a source could not be read (`knowledge.problem`).
    Problem {
        /// The web site has no such page.
        NotFound = "not_found",
        /// The web site does not show the page to us.
        Refused = "refused",
        /// The web site does not answer, or its name or certificate is wrong.
        Unreachable = "unreachable",
        /// The address, or the one that it leads to, is not of the public internet.
        NotPublic = "not_public",
        /// The page leads on to others without an end.
        Redirected = "redirected",
        /// There are more bytes than are read, also after they are unpacked.
        TooLarge = "too_large",
        /// It is of a kind that nobody reads: a picture, a program.
        WrongKind = "wrong_kind",
        /// There is no text in it.
        Empty = "empty",
        /// It opens with a password alone.
        Protected = "protected",
        /// It is damaged, or reading it took too long.
        Unreadable = "unreadable",
        /// The business has as much knowledge as is searched.
        Full = "full",
    }
}

impl Problem {
    /// Whether it may be gone in a moment.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(self, Self::Unreachable)
    }
}

/// Reads the address of a page as a person typed it. An address without a scheme means https.
///
/// # Errors
/// What is wrong with it, in words.
#[cfg(feature = "text")]
pub fn page_address(typed: &str) -> Result<Url, &'static str> {
    const WRONG: &str = "Enter the whole address of the page, such as https://example.com/prices.";
    const NOT_PUBLIC: &str = "Use a public address that begins with https://.";
    let typed = typed.trim();
    if typed.chars().count() > LONGEST_ORIGIN {
        return Err("This address is too long.");
    }
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let mut url = Url::parse(&whole).map_err(|_| WRONG)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave the name and password out of the address.");
    }
    url.set_fragment(None);
    // Whether an address without TLS may be called at all is asked of the client that calls it.
    match url.scheme() {
        "https" if looks_public(&url) => {}
        "http" if url.host().is_some() => {}
        _ => return Err(NOT_PUBLIC),
    }
    if url.as_str().len() > LONGEST_ORIGIN { Err("This address is too long.") } else { Ok(url) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_under_its_key() {
        for state in SourceState::ALL {
            assert_eq!(SourceState::parse(state.key()), Some(*state));
        }
        for problem in Problem::ALL {
            assert_eq!(Problem::parse(problem.key()), Some(*problem));
        }
    }

    #[cfg(feature = "text")]
    #[test]
    fn an_address_is_whole_and_public() {
        for (typed, expected) in [
            ("https://shop.example.com/hours?x=1#top", "https://shop.example.com/hours?x=1"),
            ("  shop.example.com/hours ", "https://shop.example.com/hours"),
            ("http://127.0.0.1:4700/_sim/shop", "http://127.0.0.1:4700/_sim/shop"),
        ] {
            assert_eq!(page_address(typed).map(String::from), Ok(expected.to_owned()), "{typed}");
        }
        for wrong in [
            "",
            "hours",
            "https://",
            "https://localhost/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://me:secret@shop.example.com/",
            "ftp://shop.example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            assert!(page_address(wrong).is_err(), "{wrong}");
        }
        let long = format!("https://shop.example.com/{}", "x".repeat(LONGEST_ORIGIN));
        assert!(page_address(&long).is_err());
    }
}
