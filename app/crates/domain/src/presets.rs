//! Presets: what a new client starts from, under a name. A preset has everything of an order that is not about the one
//! client: snapshot, custom values, tags, users, country and time zone.

use serde::{Deserialize, Serialize};

use crate::provisioning::{Client, NewJob, NewUser};
use crate::{PresetId, text};

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

/// The order that a preset keeps of this one: without what is about the one client, and without what nobody can see.
#[must_use]
pub fn kept(order: &NewJob) -> NewJob {
    let client = Client {
        country: text::line(&order.client.country),
        timezone: text::line(&order.client.timezone),
        ..Client::default()
    };
    let user = |user: &NewUser| NewUser {
        first_name: text::line(&user.first_name),
        last_name: text::line(&user.last_name),
        email: text::address(&user.email),
        role: user.role,
    };
    NewJob {
        client,
        snapshot_id: order.snapshot_id,
        users: order.users.iter().map(user).collect(),
        custom_values: order.custom_values.iter().map(|(name, value)| (text::line(name), text::lines(value))).collect(),
        tags: order.tags.iter().map(|tag| text::line(tag)).collect(),
        invite_owner: order.invite_owner,
        create_anyway: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provisioning::UserRole;

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

    #[test]
    fn what_nobody_can_see_is_not_kept() {
        let hidden = "\u{202e}Vip\u{200b} \u{feff}";
        let user = NewUser {
            first_name: hidden.to_owned(),
            last_name: hidden.to_owned(),
            email: "\u{200b}ana@x.example".to_owned(),
            role: UserRole::Admin,
        };
        let order = NewJob {
            users: vec![user],
            custom_values: [(hidden.to_owned(), hidden.to_owned())].into(),
            tags: vec![hidden.to_owned()],
            ..NewJob::default()
        };
        let kept = kept(&order);
        assert_eq!((kept.users[0].first_name.as_str(), kept.users[0].last_name.as_str()), ("Vip", "Vip"));
        assert_eq!((kept.users[0].email.as_str(), kept.users[0].role), ("ana@x.example", UserRole::Admin));
        assert_eq!(kept.custom_values.into_iter().collect::<Vec<_>>(), [("Vip".to_owned(), "Vip".to_owned())]);
        assert_eq!(kept.tags, ["Vip"]);
    }
}
