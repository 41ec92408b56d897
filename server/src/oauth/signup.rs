//! What does the window of WhatsApp's Embedded Signup bring? It comes back to the callback of every consent. The page there
//! hands the code to our page that opened the window, which has heard from Meta what was set up and brings both.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use domain::channel_setup::Account;
use domain::integration::Kind;
use web::opened_windows::OPENER_POLICY;

/// What the state of a consent in a window ends with. It is part of the state, so nobody takes it off.
const MARK: &str = ".window";

/// The script of the page to which the window comes back.
const SCRIPT: &str = include_str!("signup_window.js");

/// The parameters of the callback.
type Query = [(String, String)];

fn value<'a>(query: &'a Query, wanted: &str) -> Option<&'a str> {
    query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

/// The state with which a consent begins. `window` says that it begins in a window of its own.
pub(super) fn state(secret: &str, window: bool) -> String {
    if window { format!("{secret}{MARK}") } else { secret.to_owned() }
}

/// Whether a window comes back with its answer, which our page has yet to take.
pub(super) fn is_window(query: &Query) -> bool {
    value(query, "state").is_some_and(|state| state.ends_with(MARK)) && value(query, "window") != Some("done")
}

/// Lets the window and the page that opened it keep hold of each other.
pub(super) fn opened() -> [(HeaderName, HeaderValue); 1] {
    [(HeaderName::from_static(OPENER_POLICY), HeaderValue::from_static("unsafe-none"))]
}

/// The page to which the window comes back. It is the same for everybody and uses up nothing.
pub(super) fn page() -> Response {
    let nonce = web::token::Secret::new();
    let nonce = nonce.expose();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>WhatsApp</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"></head>\
         <body><main><h1>WhatsApp</h1></main><script nonce=\"{nonce}\">{SCRIPT}</script></body></html>"
    );
    ([(header::CONTENT_SECURITY_POLICY, policy)], opened(), Html(html)).into_response()
}

/// What Meta told our page that was set up. A browser brings it, so it only chooses among what Meta itself grants.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SetUp {
    number: Option<String>,
    waba: Option<String>,
}

impl SetUp {
    /// Reads the parameters of the callback.
    pub(super) fn read(query: &Query) -> Self {
        let named = |name| value(query, name).filter(|id| !id.is_empty()).map(str::to_owned);
        Self { number: named("phone_number_id"), waba: named("waba_id") }
    }

    /// Of the accounts that a consent brought the number that was set up, else the numbers of its WhatsApp account. All of
    /// them if none of these is granted.
    pub(super) fn among(&self, kind: Kind, accounts: Vec<Account>) -> Vec<Account> {
        if kind != Kind::Whatsapp {
            return accounts;
        }
        let (number, others) = parted(accounts, |account| self.number.as_deref() == Some(account.id.as_str()));
        if !number.is_empty() {
            return number;
        }
        let (of_account, others) = parted(others, |account| self.waba.is_some() && account.waba == self.waba);
        if of_account.is_empty() { others } else { of_account }
    }
}

fn parted(accounts: Vec<Account>, is_meant: impl Fn(&Account) -> bool) -> (Vec<Account>, Vec<Account>) {
    accounts.into_iter().partition(is_meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn number(id: &str, waba: &str) -> Account {
        let (id, waba) = (id.to_owned(), Some(waba.to_owned()));
        Account { name: id.clone(), id, address: String::new(), waba, page: None, unusable: None }
    }

    #[test]
    fn a_window_is_known_by_its_state_until_its_answer_was_taken() {
        assert!(is_window(&query(&[("code", "AQ"), ("state", state("5ec2e7", true).as_str())])));
        assert!(is_window(&query(&[("error", "access_denied"), ("state", state("5ec2e7", true).as_str())])));
        for pairs in [
            vec![("code", "AQ"), ("state", "5ec2e7")],
            vec![("code", "AQ"), ("state", "5ec2e7.window"), ("window", "done")],
            vec![("code", "AQ"), ("window", "true")],
            vec![],
        ] {
            assert!(!is_window(&query(&pairs)), "{pairs:?}");
        }
    }

    #[test]
    fn what_the_browser_tells_only_chooses_among_what_is_granted() {
        let granted = || vec![number("1", "A"), number("2", "A"), number("3", "B")];
        for (told, expected) in [
            (vec![("phone_number_id", "2"), ("waba_id", "A")], vec!["2"]),
            (vec![("phone_number_id", "2")], vec!["2"]),
            (vec![("waba_id", "A")], vec!["1", "2"]),
            (vec![("waba_id", "B"), ("phone_number_id", "")], vec!["3"]),
            (vec![("phone_number_id", "9"), ("waba_id", "B")], vec!["3"]),
            (vec![("phone_number_id", "9"), ("waba_id", "Z")], vec!["1", "2", "3"]),
            (vec![], vec!["1", "2", "3"]),
        ] {
            let set_up = SetUp::read(&query(&told));
            let left = set_up.among(Kind::Whatsapp, granted());
            assert_eq!(left.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), expected, "{told:?}");
            assert_eq!(set_up.among(Kind::Facebook, granted()), granted(), "{told:?}");
        }
    }
}
