//! A business, which is a client of an agency and the unit of tenant isolation.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::clients::{Offboarding, OwnerState};
use crate::integration::State;
use crate::{AgencyId, BusinessId, SnapshotId};

/// A business as lists and pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// Its id.
    pub id: BusinessId,
    /// The agency that manages it.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// Its name in URLs, unique inside its agency.
    pub slug: String,
    /// `trial`, `active`, `paused`, `archived` or `deleted`.
    pub status: String,
    /// HighLevel's id of the location; `None` until it exists.
    pub ghl_location_id: Option<String>,
    /// Details a person may change.
    pub details: Details,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was archived; `None` if it is not.
    pub archived_at: Option<DateTime<Utc>>,
    /// When what an archived one had was ended; `None` until then.
    pub offboarded_at: Option<DateTime<Utc>>,
    /// What of an archived one was ended, or why it was not.
    pub offboarding: Option<Offboarding>,
    /// When it was moved to the trash; `None` if it is not there.
    pub deleted_at: Option<DateTime<Utc>>,
}

#[cfg(feature = "text")]
impl Business {
    /// Its time zone; UTC while it has none that is known.
    #[must_use]
    pub fn zone(&self) -> chrono_tz::Tz {
        self.details.timezone.as_deref().and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::Tz::UTC)
    }
}

/// A business in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Business"))]
pub struct BusinessRow {
    /// Its id.
    pub id: BusinessId,
    /// The agency that manages it.
    pub agency: AgencyId,
    /// That agency's name, in lists that contain several agencies.
    pub agency_name: Option<String>,
    /// Its name.
    pub name: String,
    /// Its name in URLs, unique inside its agency.
    pub slug: String,
    /// `trial`, `active`, `paused`, `archived` or `deleted`.
    pub status: String,
    /// HighLevel's id of the location; `None` until it exists.
    pub ghl_location_id: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Two-letter country code.
    pub country: Option<String>,
    /// State of its own integration with HighLevel.
    pub highlevel: State,
    /// Name of the snapshot that its last job loaded; `None` if there was none.
    pub snapshot: Option<String>,
    /// Whether its owner uses the product.
    pub owner: OwnerState,
    /// When its owner was invited; `None` if nobody was.
    pub owner_invited_at: Option<DateTime<Utc>>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it or a job of it was last changed.
    pub last_activity_at: DateTime<Utc>,
    /// When it was moved to the trash; `None` if it is not there.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Number of businesses by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessCounts {
    /// All businesses that are not in the trash.
    pub all: i64,
    /// Active.
    pub active: i64,
    /// On trial.
    pub trial: i64,
    /// Paused.
    pub paused: i64,
    /// Archived.
    pub archived: i64,
    /// In the trash.
    pub deleted: i64,
}

/// What a person may change about a business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Details {
    /// E-mail address.
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
    /// Two-letter country code.
    pub country: Option<String>,
    /// IANA name of the time zone; empty means UTC.
    pub timezone: Option<String>,
    /// Free notes.
    pub notes: Option<String>,
}

/// A business to create.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewBusiness {
    /// Its name.
    pub name: String,
    /// The requested slug; a number is appended if it is already used.
    pub slug: String,
    /// HighLevel's id of its location, if it has one.
    pub ghl_location_id: Option<String>,
    /// All other fields.
    pub details: Details,
}

/// What was set up for a business, as its own people read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// The snapshot that its location began with.
    pub snapshot: Option<SnapshotId>,
    /// Tags that were created.
    pub tags: Vec<String>,
    /// Custom values that were filled in: name and value.
    pub values: Vec<(String, String)>,
    /// When all of it was done.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Somebody at the agency whom the people of a business may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Their name; may be empty.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
}
