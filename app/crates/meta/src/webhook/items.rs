//! What was read so far? The items of a body, and the account that the next one is for.

use chrono::{DateTime, Utc};
use domain::messaging::inbound::{Account, Item, What};
use serde_json::Value;

use super::key::{fingerprint, key};

/// The items of a body.
pub(super) struct Items {
    /// The account that the next item is for.
    account: Account,
    all: Vec<Item>,
}

impl Items {
    /// No items yet, for an account.
    pub(super) const fn of(account: Account) -> Self {
        Self { account, all: Vec::new() }
    }

    /// The account that the next item is for.
    pub(super) const fn account(&self) -> &Account {
        &self.account
    }

    /// Reads with these items for another account, and returns to the one before.
    pub(super) fn with(&mut self, account: Account, read: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.account, account);
        read(self);
        self.account = before;
    }

    /// Adds an item. Its key is made of a kind and the platform's ids; of the element itself if there are no ids.
    pub(super) fn push(&mut self, raw: &Value, at: Option<DateTime<Utc>>, (kind, ids): (&str, &[&str]), what: What) {
        let key = match ids {
            [] => key(&self.account, kind, &[&fingerprint(&[raw])]),
            ids => key(&self.account, kind, ids),
        };
        self.all.push(Item { account: self.account.clone(), key, at, what, raw: raw.clone() });
    }

    /// Adds an element that could not be read.
    pub(super) fn unreadable(&mut self, raw: &Value, why: &str) {
        self.push(raw, None, ("unreadable", &[]), What::Unreadable(why.to_owned()));
    }

    /// All of them.
    pub(super) fn all(self) -> Vec<Item> {
        self.all
    }
}
