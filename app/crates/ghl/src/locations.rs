//! Creates, finds, reads and changes locations.
//! `create` costs money, and HighLevel has no idempotency key that would make a repetition safe (HighLevel API,
//! retry safety). So the caller puts a marker into the name first and searches for it after an unclear outcome.
//! Search cannot filter by name, may lag behind, and returns no total.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::client::{Call, Ghl, Parts, Result, json};
use crate::ops::{CREATE_LOCATION, GET_LOCATION, SEARCH_LOCATIONS, TIMEZONES, UPDATE_LOCATION};
use crate::tolerant::{list, text, texts, time, word};

/// The owner of the business; all three fields or none. It does not create a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prospect {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Becomes the location's e-mail address, which is the only field that search can filter by.
    pub email: String,
}

/// Settings of a location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationSettings {
    /// Whether two contacts may have the same address.
    pub allow_duplicate_contact: bool,
    /// Whether a contact may have the same opportunity twice.
    pub allow_duplicate_opportunity: bool,
    /// Whether Facebook contacts are merged by name.
    pub allow_facebook_name_merge: bool,
    /// Whether contacts keep the location's time zone.
    pub disable_contact_timezone: bool,
}

/// A location to create. A field that is `None` is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewLocation {
    /// Name; not unique in HighLevel.
    pub name: String,
    /// Id of the company.
    pub company_id: String,
    /// Phone number in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Two-letter country code, upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Website.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Time zone, one of `timezones`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The owner.
    #[serde(skip_serializing_if = "Option::is_none", rename = "prospectInfo")]
    pub prospect: Option<Prospect>,
    /// Settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<LocationSettings>,
    /// Snapshot to load. HighLevel loads it after the creation, not during it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<String>,
}

/// A snapshot to load into an existing location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotLoad {
    /// The snapshot.
    pub id: String,
    /// Overwrites assets that conflict; set only if a person chose it.
    #[serde(rename = "override")]
    pub override_existing: bool,
}

/// Changes of a location. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationChange {
    /// Id of the company; required.
    pub company_id: String,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Phone number in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Two-letter country code, upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Website.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The owner.
    #[serde(skip_serializing_if = "Option::is_none", rename = "prospectInfo")]
    pub prospect: Option<Prospect>,
    /// Settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<LocationSettings>,
    /// Snapshot to load. It is loaded again each time it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotLoad>,
}

/// A location as HighLevel knows it. Search returns fewer fields than reading by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Its id.
    #[serde(alias = "_id")]
    pub id: String,
    /// Id of the company.
    #[serde(default, deserialize_with = "text")]
    pub company_id: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// Owner's first name.
    #[serde(default, deserialize_with = "text")]
    pub first_name: Option<String>,
    /// Owner's last name.
    #[serde(default, deserialize_with = "text")]
    pub last_name: Option<String>,
    /// Owner's e-mail address.
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
    /// Phone number.
    #[serde(default, deserialize_with = "text")]
    pub phone: Option<String>,
    /// Street.
    #[serde(default, deserialize_with = "text")]
    pub address: Option<String>,
    /// City.
    #[serde(default, deserialize_with = "text")]
    pub city: Option<String>,
    /// State.
    #[serde(default, deserialize_with = "text")]
    pub state: Option<String>,
    /// Country.
    #[serde(default, deserialize_with = "text")]
    pub country: Option<String>,
    /// Postal code.
    #[serde(default, deserialize_with = "text")]
    pub postal_code: Option<String>,
    /// Website.
    #[serde(default, deserialize_with = "text")]
    pub website: Option<String>,
    /// Time zone.
    #[serde(default, deserialize_with = "text")]
    pub timezone: Option<String>,
    /// Domain.
    #[serde(default, deserialize_with = "text")]
    pub domain: Option<String>,
    /// When it was created, if HighLevel reports it.
    #[serde(default, alias = "createdAt", deserialize_with = "time")]
    pub date_added: Option<DateTime<Utc>>,
    /// HighLevel's id of the request.
    #[serde(default, deserialize_with = "text")]
    pub trace_id: Option<String>,
}

/// A query for one page of a company's locations.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The company.
    pub company: &'a str,
    /// Only locations with exactly this e-mail address.
    pub email: Option<&'a str>,
    /// Number of locations to skip.
    pub skip: u32,
    /// Maximum number of locations; a shorter page is the last one.
    pub limit: u32,
    /// Whether the newest come first.
    pub newest_first: bool,
}

impl<'a> Search<'a> {
    /// The newest hundred of a company.
    pub fn of(company: &'a str) -> Self {
        Self { company, email: None, skip: 0, limit: 100, newest_first: true }
    }
}

#[derive(Deserialize)]
struct Wrapped {
    location: Location,
}

/// Creating returns a flat object and reading a wrapped one; both forms are accepted for both calls.
#[derive(Deserialize)]
#[serde(untagged)]
enum One {
    Wrapped(Wrapped),
    Flat(Location),
}

impl From<One> for Location {
    fn from(one: One) -> Self {
        match one {
            One::Wrapped(wrapped) => wrapped.location,
            One::Flat(location) => location,
        }
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default, deserialize_with = "list")]
    locations: Vec<Location>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Zones {
    Wrapped {
        #[serde(alias = "timezones")]
        #[serde(rename = "timeZones", deserialize_with = "texts")]
        zones: Vec<String>,
    },
    Flat(Vec<String>),
}

/// Creates a location. Never repeat it without searching first.
pub async fn create(ghl: &Ghl, call: Call<'_>, new: &NewLocation) -> Result<Location> {
    let parts = Parts { body: json(&CREATE_LOCATION, new)?, ..Parts::default() };
    ghl.call::<One>(&CREATE_LOCATION, call, parts).await.map(Into::into)
}

/// Reads one location.
pub async fn get(ghl: &Ghl, call: Call<'_>, id: &str) -> Result<Location> {
    ghl.call::<One>(&GET_LOCATION, call, Parts { ids: &[id], ..Parts::default() }).await.map(Into::into)
}

/// One page of locations. A location that was created seconds ago may be missing.
pub async fn search(ghl: &Ghl, call: Call<'_>, query: &Search<'_>) -> Result<Vec<Location>> {
    let (skip, limit) = (query.skip.to_string(), query.limit.to_string());
    let order = if query.newest_first { "desc" } else { "asc" };
    let mut pairs = vec![("companyId", query.company), ("skip", &skip), ("limit", &limit), ("order", order)];
    pairs.extend(query.email.map(|email| ("email", email)));
    let page: Page = ghl.call(&SEARCH_LOCATIONS, call, Parts { query: &pairs, ..Parts::default() }).await?;
    Ok(page.locations)
}

/// Changes a location. Sending the same change again does no harm, unless it contains a snapshot.
pub async fn update(ghl: &Ghl, call: Call<'_>, id: &str, change: &LocationChange) -> Result<Location> {
    let parts = Parts { ids: &[id], body: json(&UPDATE_LOCATION, change)?, ..Parts::default() };
    ghl.call::<One>(&UPDATE_LOCATION, call, parts).await.map(Into::into)
}

/// The time zones that a location may have; fewer than the IANA zone names.
pub async fn timezones(ghl: &Ghl, call: Call<'_>, id: &str) -> Result<Vec<String>> {
    let zones: Zones = ghl.call(&TIMEZONES, call, Parts { ids: &[id], ..Parts::default() }).await?;
    Ok(match zones {
        Zones::Wrapped { zones } | Zones::Flat(zones) => zones,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_and_wrapped_answers_are_read() {
        let flat: One = serde_json::from_str(include_str!("fixtures/location_created.json")).unwrap();
        let flat = Location::from(flat);
        assert_eq!(flat.id, "ve9EPM428h8vShlRW1KT");
        assert_eq!(flat.domain, None, "empty text is nothing");
        let wrapped = format!(r#"{{"location":{}}}"#, include_str!("fixtures/location_created.json"));
        let wrapped: One = serde_json::from_str(&wrapped).unwrap();
        assert_eq!(Location::from(wrapped), flat);
    }

    #[test]
    fn a_page_without_locations_is_empty() {
        for json in ["{}", r#"{"locations":null}"#, r#"{"locations":[]}"#] {
            assert!(serde_json::from_str::<Page>(json).unwrap().locations.is_empty());
        }
    }

    #[test]
    fn time_zones_come_as_a_list_or_in_an_object() {
        for json in [r#"["US/Central"]"#, r#"{"timeZones":["US/Central"]}"#, r#"{"timezones":["US/Central"]}"#] {
            let (Zones::Wrapped { zones } | Zones::Flat(zones)) = serde_json::from_str(json).unwrap();
            assert_eq!(zones, ["US/Central"]);
        }
    }

    #[test]
    fn nothing_is_sent_that_was_not_given() {
        let new = NewLocation { name: "A".into(), company_id: "c".into(), ..NewLocation::default() };
        assert_eq!(serde_json::to_string(&new).unwrap(), r#"{"name":"A","companyId":"c"}"#);
    }
}
