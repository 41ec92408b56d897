//! Defines how a location is recognised as belonging to a job: by a marker in its name or, if the agency forbids that,
//! by a marker behind a plus sign in the owner's e-mail address. If neither is possible, a person decides about an
//! unclear answer.

use domain::provisioning::Client;
use ghl::locations::{Location, Prospect};
use store::provisioning::MarkedIn;

/// Length of a marker.
pub const LENGTH: usize = 10;
/// The characters of a marker: Crockford's base32, in which no two characters look alike.
pub const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Where the marker of this client's location is put.
#[must_use]
pub fn place(name_marker: bool, client: &Client) -> MarkedIn {
    match (name_marker, prospect(client)) {
        (true, _) => MarkedIn::Name,
        (false, Some(_)) => MarkedIn::Email,
        (false, None) => MarkedIn::Nowhere,
    }
}

/// The owner. HighLevel accepts one only with all three fields (HighLevel API, create location), so this is `None`
/// if one is empty.
#[must_use]
pub fn prospect(client: &Client) -> Option<Prospect> {
    let whole = [&client.first_name, &client.last_name, &client.email].iter().all(|part| !part.is_empty());
    whole.then(|| Prospect {
        first_name: client.first_name.clone(),
        last_name: client.last_name.clone(),
        email: client.email.clone(),
    })
}

/// The name with a marker appended.
#[must_use]
pub fn marked(name: &str, marker: &str) -> String {
    format!("{name} ·{marker}")
}

/// The address with a marker in its tag: `ana+0abc…@host` reaches `ana@host`.
#[must_use]
pub fn tagged(email: &str, marker: &str) -> String {
    let (local, host) = email.rsplit_once('@').unwrap_or((email, ""));
    format!("{local}+{}@{host}", marker.to_lowercase())
}

/// The address without its marker, or `None` if it has no marker.
#[must_use]
pub fn untagged(email: &str) -> Option<String> {
    let (local, host) = email.rsplit_once('@')?;
    let (bare, tag) = local.rsplit_once('+')?;
    let is_marker = tag.len() == LENGTH && tag.bytes().all(|byte| LETTERS.contains(&byte.to_ascii_uppercase()));
    is_marker.then(|| format!("{bare}@{host}"))
}

/// Returns true if the location has this marker in its name or address.
#[must_use]
pub fn carries(location: &Location, marker: &str) -> bool {
    names(&location.name, marker) || location.email.as_deref().is_some_and(|email| addresses(email, marker))
}

/// Returns true if the name contains this marker.
#[must_use]
pub fn names(name: &str, marker: &str) -> bool {
    name.contains(&format!("·{marker}"))
}

fn addresses(email: &str, marker: &str) -> bool {
    email.to_lowercase().contains(&format!("+{}@", marker.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_goes_where_the_agency_allows_it() {
        let whole = Client {
            first_name: "Ana".into(),
            last_name: "Lee".into(),
            email: "ana@x.example".into(),
            ..Client::default()
        };
        let part = Client { last_name: String::new(), ..whole.clone() };
        assert_eq!(place(true, &part), MarkedIn::Name);
        assert_eq!(place(false, &whole), MarkedIn::Email);
        assert_eq!(place(false, &part), MarkedIn::Nowhere);
    }

    #[test]
    fn an_address_takes_a_marker_and_gives_it_back() {
        for email in ["ana@x.example", "ana+shop@x.example", "a.b@x.example"] {
            let with = tagged(email, "0ABCDEFGHJ");
            assert!(domain::provisioning::is_email(&with), "{with}");
            assert_eq!(untagged(&with).as_deref(), Some(email));
            assert!(addresses(&with, "0ABCDEFGHJ") && !addresses(&with, "1ABCDEFGHJ"));
        }
        for email in ["ana@x.example", "ana+shop@x.example", "ana+0123456789a@x.example", "ana"] {
            assert_eq!(untagged(email), None, "{email}");
        }
    }
}
