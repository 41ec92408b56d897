//! Where does an attempt at an account come from? From a browser with which the person signed in before, or otherwise
//! from a network. Attempts are counted per account and source, so attackers elsewhere cannot lock a person out.

use domain::UserId;
use store::Db;
use store::throttle::{self as tries, Key};
use uuid::Uuid;

use crate::Refusal;

/// The browser and the network that an attempt comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The client's IP address, as far as it is trusted.
    pub ip: String,
    /// The browser, if somebody signed in with it before.
    pub browser: Option<Browser>,
}

/// A browser and the people who signed in with it.
#[derive(Clone, Debug)]
pub struct Browser {
    /// A random id that the browser keeps.
    pub id: Uuid,
    /// The people, most recent first.
    pub people: Vec<KnownPerson>,
}

/// A person who signed in with a browser, or proved with it that they read the account's mail.
#[derive(Clone, Copy, Debug)]
pub struct KnownPerson {
    /// The person.
    pub user: UserId,
    /// Whether they also showed a second factor with it.
    pub factor: bool,
}

impl Source {
    /// Key that counts attempts of one kind at a person's account from this browser. `None` unless the person signed
    /// in with this browser before.
    pub(super) fn browser_key(&self, what: &str, user: UserId) -> Option<Key> {
        self.key_if(what, user, |_| true)
    }

    /// The same for codes of a second factor, but `None` unless the person showed a code with this browser before.
    /// Whoever reads somebody's mail can set a password, and so make browsers known, as often as they like. That must
    /// not give them more attempts at codes.
    pub(super) fn code_key(&self, user: UserId) -> Option<Key> {
        self.key_if("code", user, |known| known.factor)
    }

    fn key_if(&self, what: &str, user: UserId, fits: impl Fn(&KnownPerson) -> bool) -> Option<Key> {
        let browser = self.browser.as_ref()?;
        let is_known = browser.people.iter().any(|known| known.user == user && fits(known));
        is_known.then(|| Key::of(what, format_args!("{user}|{}", browser.id)))
    }

    /// Key that counts attempts at an email address from one network.
    pub(super) fn network_key(&self, email: &str) -> Key {
        Key::at_account_from_network("account", email, &self.ip)
    }

    /// Key that records that the account's owner signed in from this network recently.
    pub(super) fn known_network_key(&self, email: &str) -> Key {
        Key::at_account_from_network("known", email, &self.ip)
    }
}

/// Key that counts attempts at an email address from everywhere.
pub(super) fn all_sources_key(email: &str) -> Key {
    Key::of("account", email).shared()
}

/// Remembers the network of a person who has shown every proof that was asked of them.
///
/// # Errors
/// `Store` if the database fails.
pub async fn remember_network(db: &Db, source: &Source, email: &str) -> Result<(), Refusal> {
    Ok(tries::remember(db, source.known_network_key(&email.to_lowercase())).await?)
}
