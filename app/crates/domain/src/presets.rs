//! Presets: what a new client starts from, under a name. A preset has everything of an order that is not about the one
//! client: snapshot, custom values, tags, users, country and time zone.

use serde::{Deserialize, Serialize};

use crate::PresetId;
use crate::provisioning::{Client, NewJob};

/// Most presets of an agency.
pub const MOST: i64 = 50;
/// Longest name, in characters.
pub const LONGEST_NAME: usize = 80;

/// A preset as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preset {
    /// Its id.
    pub id: PresetId,
    /// Its name, unique in the agency.
    pub name: String,
}

/// The order that a preset keeps of this one: without what is about the one client.
#[must_use]
pub fn kept(order: &NewJob) -> NewJob {
    let client =
        Client { country: order.client.country.clone(), timezone: order.client.timezone.clone(), ..Client::default() };
    NewJob { client, create_anyway: false, ..order.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_one_client_is_not_kept() {
        let client = Client {
            name: "Bright Dental".to_owned(),
            email: "owner@bright.example".to_owned(),
            country: "US".to_owned(),
            timezone: "America/New_York".to_owned(),
            ..Client::default()
        };
        let order = NewJob { client, tags: vec!["vip".to_owned()], create_anyway: true, ..NewJob::default() };
        let kept = kept(&order);
        assert_eq!((kept.client.name.as_str(), kept.client.email.as_str(), kept.create_anyway), ("", "", false));
        assert_eq!((kept.client.country.as_str(), kept.client.timezone.as_str()), ("US", "America/New_York"));
        assert_eq!(kept.tags, ["vip"]);
    }
}
