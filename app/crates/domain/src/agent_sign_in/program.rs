//! Which program asks? What it says of itself is its id: registering stores nothing, so strangers can fill nothing up, and a
//! program that is never used leaves nothing to forget (stateless clients, RFC 7591 appendix A.5.2). Anybody may register
//! any name, so a signature under the id would prove nothing more.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::document::is_address;
use crate::text;

/// The most characters of a name.
const LONGEST_NAME: usize = 80;
/// The most addresses that a program names.
const MOST_REDIRECTS: usize = 8;
/// The most bytes of an address.
pub(super) const LONGEST_REDIRECT: usize = 300;
/// The most bytes of an id.
const LONGEST_ID: usize = 8000;
/// Addresses of programs that a person's own machine opens by a scheme of theirs. Any program there can claim a scheme, so each
/// is one whole address: Cursor's (as its MCP documentation names it). Without the verifier a code is worth nothing to others.
const APPS: [&str; 1] = ["cursor://anysphere.cursor-mcp/oauth/callback"];
/// What an id begins with.
const PREFIX: &str = "slc-";

/// A program, as it registered itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// What it calls itself. Nobody checked it.
    #[serde(rename = "n")]
    pub name: String,
    /// The addresses that a person may be led back to.
    #[serde(rename = "r")]
    pub redirects: Vec<String>,
    /// The address of the document that says so. `None` of a program that registered.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// Why a program cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Its name is too long.
    Name,
    /// None of its addresses may be used, or there are too many.
    Redirects,
}

impl Program {
    /// The program with this name and those of these addresses that may be used. One without a name is called by the host of
    /// its first address.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn new(name: &str, redirects: &[String]) -> Result<Self, Unfit> {
        let fit: Vec<String> = redirects.iter().filter(|one| is_redirect(one)).cloned().collect();
        let first = fit.first().filter(|_| redirects.len() <= MOST_REDIRECTS).ok_or(Unfit::Redirects)?;
        let name = text::optional(name, LONGEST_NAME).map_err(|_| Unfit::Name)?;
        let name = if name.is_empty() { host(first).chars().take(LONGEST_NAME).collect() } else { name };
        Ok(Self { name, redirects: fit, document: None })
    }

    /// Its id, which holds everything that is known of it.
    #[must_use]
    pub fn id(&self) -> String {
        let body = serde_json::to_vec(self).unwrap_or_default();
        body.iter().fold(PREFIX.to_owned(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        })
    }

    /// The program with this id. `None` if the id was not made by [`Self::id`]. One with a document is known only to whoever
    /// read that: anybody can write such an id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let digits = id.strip_prefix(PREFIX).filter(|_| id.len() <= LONGEST_ID)?;
        let program: Self = serde_json::from_slice(&bytes(digits)?).ok()?;
        let known = Self::new(&program.name, &program.redirects).ok()?;
        let known = Self { document: program.document.clone().filter(|address| is_address(address)), ..known };
        (known == program).then_some(program)
    }

    /// Whether a person may be led back to this address: one that it registered, letter by letter. On the person's own
    /// machine the port may be another one (RFC 8252 section 7.3), because a program takes one that is free.
    #[must_use]
    pub fn leads_to(&self, address: &str) -> bool {
        is_redirect(address) && self.redirects.iter().any(|known| known == address || differ_by_port(known, address))
    }
}

/// The host of an address, as it is shown. Letters of other scripts are written so that they cannot pass for Latin ones.
pub(super) fn host(address: &str) -> String {
    Url::parse(address).ok().and_then(|url| url.host_str().map(ToOwned::to_owned)).unwrap_or_default()
}

/// Whether a program on the person's own machine answers at this address.
pub(super) fn is_local(address: &str) -> bool {
    APPS.contains(&address) || Url::parse(address).is_ok_and(|url| on_own_machine(&url))
}

pub(super) fn on_own_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether an address may be led back to: https, or http on the person's own machine, without a fragment or a user, or one of
/// [`APPS`], letter by letter.
fn is_redirect(address: &str) -> bool {
    if APPS.contains(&address) {
        return true;
    }
    let is_plain = address.len() <= LONGEST_REDIRECT && address.bytes().all(|byte| byte.is_ascii_graphic());
    let Some(url) = Url::parse(address).ok().filter(|_| is_plain) else { return false };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && on_own_machine(&url));
    is_safe && url.host().is_some() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none()
}

fn differ_by_port(one: &str, other: &str) -> bool {
    let without_port = |address: &str| {
        let mut url = Url::parse(address).ok().filter(|url| url.scheme() == "http" && on_own_machine(url))?;
        url.set_port(None).ok()?;
        Some(url)
    };
    without_port(one).is_some_and(|one| without_port(other) == Some(one))
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let is_hex = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hex || !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(redirects: &[&str]) -> Result<Program, Unfit> {
        Program::new("Claude", &redirects.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn an_address_is_https_or_on_the_persons_own_machine() {
        for good in [
            "https://claude.ai/api/mcp/auth_callback",
            "https://chatgpt.com/connector_platform_oauth_redirect",
            "http://localhost:6274/oauth/callback",
            "http://127.0.0.1:33418/",
            "http://[::1]:8080/callback?x=1",
            "https://vscode.dev/redirect",
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
        ] {
            assert!(program(&[good]).is_ok(), "{good}");
        }
        for bad in [
            "http://claude.ai/callback",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "https://claude.ai/#x",
            "https://user@claude.ai/",
            "https://:secret@claude.ai/",
            "javascript:alert(1)",
            "data:text/html,x",
            "cursor://callback",
            "cursor://anysphere.cursor-mcp/oauth/callback/",
            "cursor://anysphere.cursor-mcp/oauth/callback?x=1",
            "cursor://anysphere.cursor-mcp/oauth/callback#x",
            "Cursor://anysphere.cursor-mcp/oauth/callback",
            "cursor://anysphere.cursor-mcp/oauth/../callback",
            "cursor://evil@anysphere.cursor-mcp/oauth/callback",
            "vscode://anysphere.cursor-mcp/oauth/callback",
            "https://a.example/\r\nx: y",
            "https://a.example/ b",
            "//a.example",
            "",
        ] {
            assert_eq!(program(&[bad]), Err(Unfit::Redirects), "{bad}");
        }
        assert_eq!(program(&[&format!("https://a.example/{}", "x".repeat(300))]), Err(Unfit::Redirects));
        assert_eq!(program(&["https://a.example/"; 9]), Err(Unfit::Redirects));
        let some = program(&["cursor://callback", "https://a.example/"]).unwrap();
        assert_eq!(some.redirects, ["https://a.example/"], "what may not be used is left out");
    }

    #[test]
    fn a_person_is_led_to_a_registered_address_alone() {
        let one = program(&["https://a.example/cb", "http://127.0.0.1:1/cb"]).unwrap();
        for good in ["https://a.example/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb", "http://127.0.0.1/cb"] {
            assert!(one.leads_to(good), "{good}");
        }
        for bad in [
            "https://a.example/cb/",
            "https://a.example/cb?x",
            "https://a.example:444/cb",
            "https://A.example/cb",
            "https://evil.example/cb",
            "http://127.0.0.1:1/other",
            "http://localhost:1/cb",
            "http://a.example/cb",
            "",
        ] {
            assert!(!one.leads_to(bad), "{bad}");
        }
    }

    #[test]
    fn programs_that_people_use_are_led_back_to() {
        let editor = program(&["https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"]).unwrap();
        for address in [
            "https://vscode.dev/redirect",
            "http://127.0.0.1:33418/",
            "http://127.0.0.1:33418",
            "http://127.0.0.1:59656/",
        ] {
            assert!(editor.leads_to(address), "{address}");
        }
        let cursor = program(&APPS).unwrap();
        assert!(cursor.leads_to(APPS[0]) && !editor.leads_to(APPS[0]));
        assert!(is_local(APPS[0]) && is_local("http://127.0.0.1:33418/") && !is_local("https://vscode.dev/redirect"));
        assert_eq!(Program::parse(&cursor.id()), Some(cursor));
    }

    #[test]
    fn an_id_says_what_was_registered_and_no_other_text_is_one() {
        let one = Program::new("<b>Cla\u{202e}ude</b>", &["https://a.example/cb".to_owned()]).unwrap();
        assert_eq!(one.name, "<b>Claude</b>", "nothing invisible is kept; markup is text");
        assert_eq!(Program::parse(&one.id()), Some(one.clone()));
        let own = |body: &str| body.bytes().fold(PREFIX.to_owned(), |id, byte| format!("{id}{byte:02x}"));
        for (what, id) in [
            ("an address that may not be used", own(r#"{"n":"x","r":["http://evil.example/"]}"#)),
            ("a name that was not cleaned", own("{\"n\":\" x \",\"r\":[\"https://a.example/\"]}")),
            ("no name", own(r#"{"n":"","r":["https://a.example/"]}"#)),
            ("something else", own("[]")),
            ("a document that lies nowhere", own(r#"{"n":"x","r":["https://a.example/"],"u":"https://a.example/"}"#)),
            ("more than that", own(r#"{"n":"x","r":["https://a.example/"],"x":1}"#)),
            ("half a byte", format!("{}a", one.id())),
            ("no hex", format!("{PREFIX}zz")),
            ("letters of other scripts", format!("{PREFIX}\u{e9}\u{e9}")),
            ("nothing", String::new()),
            ("too much", format!("{PREFIX}{}", "00".repeat(4000))),
        ] {
            assert_eq!(Program::parse(&id), None, "{what}");
        }
        assert_eq!(Program::new("", &one.redirects).unwrap().name, "a.example");
        assert_eq!(Program::new(&"x".repeat(81), &one.redirects), Err(Unfit::Name));
    }
}
