//! A business: a client of an agency, the unit of isolation.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::integration::State;
use crate::{AgencyId, BusinessId};

/// A business as lists and pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// Its id.
    pub id: BusinessId,
    /// The agency that manages it.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// How addresses name it inside its agency.
    pub slug: String,
    /// `trial`, `active`, `paused` or `deleted`.
    pub status: String,
    /// HighLevel's id of the location, once it exists.
    pub ghl_location_id: Option<String>,
    /// Details a person may change.
    pub details: Details,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Since when it lies in the trash.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A business in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessRow {
    /// Its id.
    pub id: BusinessId,
    /// The agency that manages it.
    pub agency: AgencyId,
    /// That agency's name, in lists over several.
    pub agency_name: Option<String>,
    /// Its name.
    pub name: String,
    /// How addresses name it inside its agency.
    pub slug: String,
    /// `trial`, `active`, `paused` or `deleted`.
    pub status: String,
    /// HighLevel's id of the location, once it exists.
    pub ghl_location_id: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Two-letter country.
    pub country: Option<String>,
    /// How its own connection to HighLevel stands.
    pub highlevel: State,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Since when it lies in the trash.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// How many businesses there are, by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessCounts {
    /// All that are not in the trash.
    pub all: i64,
    /// Working.
    pub active: i64,
    /// On trial.
    pub trial: i64,
    /// Paused.
    pub paused: i64,
    /// In the trash.
    pub deleted: i64,
}

/// What a person may change about a business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Details {
    /// Mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Web address.
    pub website: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Two-letter country.
    pub country: Option<String>,
    /// Time zone by name; empty means UTC.
    pub timezone: Option<String>,
    /// Free notes.
    pub notes: Option<String>,
}

/// A business to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewBusiness {
    /// Its name.
    pub name: String,
    /// The wanted slug; a number is put behind it when it is taken.
    pub slug: String,
    /// HighLevel's id of its location, when it has one.
    pub ghl_location_id: Option<String>,
    /// Everything else.
    pub details: Details,
}
