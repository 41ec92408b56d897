//! The demo world that a new simulator starts with.
//!
//! It holds three agencies: one that can do everything, one whose plan is too low, and one whose names collide with
//! the first one's so that mixed-up tenants become visible.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    Config,
    grants::{App, Class, Grant, Token},
    ids::digest,
    knobs::Knobs,
    records::{Company, CustomValue, Location, Snapshot, Tag, User},
    world::Transaction,
};

/// Harbor Marketing, on the top plan.
pub const HARBOR: &str = "HarborMktg0000000001";
/// Tidewater Agency, whose plan is too low to create locations by API.
pub const TIDEWATER: &str = "TidewaterAg000000002";
/// Lighthouse Media, whose location and snapshot names collide with Harbor's.
pub const CANARY: &str = "CanaryCompny00000003";
/// Every demo company.
pub const COMPANIES: [&str; 3] = [HARBOR, TIDEWATER, CANARY];

/// Location Bright Dental, of Harbor.
pub const BRIGHT_DENTAL: &str = "BrightDental00000001";
/// Location Luna Yoga, of Harbor.
pub const LUNA_YOGA: &str = "LunaYoga000000000002";
/// Location Summit Realty, of Harbor.
pub const SUMMIT_REALTY: &str = "SummitRealty00000003";
/// The only location of Tidewater.
pub const TIDEWATER_ONE: &str = "TidewaterOne00000021";
/// Location Bright Dental, of Lighthouse Media ([`CANARY`]).
pub const CANARY_BRIGHT: &str = "CanaryBright00000011";
/// Location Luna Yoga, of Lighthouse Media ([`CANARY`]).
pub const CANARY_LUNA: &str = "CanaryLuna0000000012";
/// Location Summit Realty, of Lighthouse Media ([`CANARY`]).
pub const CANARY_SUMMIT: &str = "CanarySummit00000013";
/// The demo locations that have a constant of their own.
const NAMED: [&str; 7] =
    [BRIGHT_DENTAL, LUNA_YOGA, SUMMIT_REALTY, TIDEWATER_ONE, CANARY_BRIGHT, CANARY_LUNA, CANARY_SUMMIT];

/// A location that Harbor provisioned in the past weeks.
pub struct EarlierLocation {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its city.
    pub city: &'static str,
    /// Its state.
    pub state: &'static str,
    /// The name of the snapshot that fits it; empty if it was made without one.
    pub snapshot: &'static str,
}

/// Harbor's earlier locations, oldest first.
pub const EARLIER: [EarlierLocation; 10] = [
    earlier("CedarFamily000000031", "Cedar Family Dental", "Portland", "OR", DENTAL),
    earlier("BlueHeron00000000032", "Blue Heron Fitness", "Tampa", "FL", FITNESS),
    earlier("MasonWolfe0000000033", "Mason & Wolfe Realty", "Savannah", "GA", REALTY),
    earlier("IvyStreet00000000034", "Ivy Street Yoga", "Madison", "WI", FITNESS),
    earlier("Northgate00000000035", "Northgate Orthodontics", "Seattle", "WA", DENTAL),
    earlier("HarperHomes000000036", "Harper Homes", "Raleigh", "NC", REALTY),
    earlier("RiversidePil00000037", "Riverside Pilates", "Richmond", "VA", FITNESS),
    earlier("OakParkSmiles0000038", "Oak Park Smiles", "Chicago", "IL", DENTAL),
    earlier("SummitStrong00000039", "Summit Strength Club", "Boulder", "CO", FITNESS),
    earlier("WillowCreek000000040", "Willow Creek Dental", "Nashville", "TN", DENTAL),
];

/// Harbor's locations that were made by hand in HighLevel, before it provisioned any.
pub const BY_HAND: [EarlierLocation; 4] = [
    earlier("PalmettoVet000000051", "Palmetto Animal Clinic", "Charleston", "SC", ""),
    earlier("GoldenGate0000000052", "Golden Gate Chiropractic", "San Francisco", "CA", ""),
    earlier("MapleRoofing00000053", "Maple & Sons Roofing", "Burlington", "VT", ""),
    earlier("DesertBloom000000054", "Desert Bloom Med Spa", "Phoenix", "AZ", ""),
];

const fn earlier(
    id: &'static str,
    name: &'static str,
    city: &'static str,
    state: &'static str,
    snapshot: &'static str,
) -> EarlierLocation {
    EarlierLocation { id, name, city, state, snapshot }
}

/// Time zone of a state in which the demo world has a location.
#[must_use]
pub fn timezone(state: &str) -> &'static str {
    match state {
        "CA" | "OR" | "WA" => "America/Los_Angeles",
        "AZ" => "America/Phoenix",
        "CO" => "America/Denver",
        "IL" | "TN" | "TX" | "WI" => "America/Chicago",
        _ => "America/New_York",
    }
}

/// True if the location belongs to the demo world.
pub(crate) fn has_location(id: &str) -> bool {
    NAMED.contains(&id) || EARLIER.iter().chain(&BY_HAND).any(|place| place.id == id)
}

/// Name of Harbor's snapshot for dental practices.
pub const DENTAL: &str = "Dental Pro";
/// Name of Harbor's snapshot for real estate offices.
pub const REALTY: &str = "Real Estate Starter";
/// Name of Harbor's snapshot for studios and gyms.
pub const FITNESS: &str = "Fitness Studio";

/// Snapshot Dental Pro, of Harbor.
pub const DENTAL_PRO: &str = "DentalPro00000000001";
/// Snapshot Real Estate Starter, of Harbor.
pub const REAL_ESTATE_STARTER: &str = "RealEstate0000000002";
/// Snapshot Fitness Studio, of Harbor.
pub const FITNESS_STUDIO: &str = "FitnessStud000000003";
/// Snapshot Dental Pro, of Lighthouse Media ([`CANARY`]).
pub const CANARY_DENTAL: &str = "CanaryDental00000011";

/// Private integration token of Harbor, agency level.
pub const HARBOR_PIT: &str = "pit-511b0a7d-0000-4000-8000-000000000001";
/// Private integration token of Bright Dental, location level.
pub const BRIGHT_PIT: &str = "pit-511b0a7d-0000-4000-8000-000000000002";

/// The user who approves installs for Harbor.
pub const HARBOR_ADMIN: &str = "HarborMayaUser000001";

/// Creates the demo world.
pub(crate) fn make(tx: &mut Transaction<'_>, config: &Config, knobs: Knobs) {
    tx.put(&knobs);
    tx.put(&App { id: config.app_id.clone(), name: "Slipway".into() });
    companies(tx);
    locations(tx);
    earlier_locations(tx);
    snapshots(tx);
    users(tx);
    details(tx);
    crate::demo_crm::make(tx, BRIGHT_DENTAL, CANARY_BRIGHT);
    integrations(tx);
    crate::demo_script::make(tx);
}

fn companies(tx: &mut Transaction<'_>) {
    let rows = [
        (HARBOR, "Harbor Marketing", "maya@harbor.test", "Maya Okafor", 497, "0-100-001"),
        (TIDEWATER, "Tidewater Agency", "hello@tidewater.test", "Ben Marsh", 97, "0-100-002"),
        (CANARY, "Lighthouse Media", "ops@lighthouse.test", "Iris Vale", 497, "0-100-003"),
    ];
    for (id, name, email, owner, plan, number) in rows {
        tx.put(&Company {
            id: id.into(),
            name: name.into(),
            email: email.into(),
            phone: "+13055550199".into(),
            owner: owner.into(),
            plan,
            country: "US".into(),
            timezone: "America/New_York".into(),
            relationship_number: number.into(),
            domain: String::new(),
        });
    }
}

fn locations(tx: &mut Transaction<'_>) {
    let rows = [
        (BRIGHT_DENTAL, HARBOR, "Bright Dental", "Ana", "Lee", "owner@brightdental.test", "Miami", "FL", "33101"),
        (LUNA_YOGA, HARBOR, "Luna Yoga", "Mira", "Stone", "hello@lunayoga.test", "Austin", "TX", "78701"),
        (SUMMIT_REALTY, HARBOR, "Summit Realty", "Cole", "Hart", "cole@summitrealty.test", "Denver", "CO", "80202"),
        (TIDEWATER_ONE, TIDEWATER, "Tidewater Bakery", "Joan", "Reed", "joan@bakery.test", "Norfolk", "VA", "23510"),
        (CANARY_BRIGHT, CANARY, "Bright Dental", "Ana", "Lee", "owner@brightdental.test", "Miami", "FL", "33101"),
        (CANARY_LUNA, CANARY, "Luna Yoga", "Mira", "Stone", "hello@lunayoga.test", "Austin", "TX", "78701"),
        (CANARY_SUMMIT, CANARY, "Summit Realty", "Cole", "Hart", "cole@summitrealty.test", "Denver", "CO", "80202"),
    ];
    for (days, (id, company, name, first, last, email, city, state, postal)) in (1_i64..).zip(rows) {
        let added = tx.now - TimeDelta::days(90 - days * 7);
        tx.put(&Location {
            id: id.into(),
            company_id: company.into(),
            name: name.into(),
            phone: format!("+1305555010{days}"),
            email: email.into(),
            first_name: first.into(),
            last_name: last.into(),
            address: format!("{days} Fleet St"),
            city: city.into(),
            state: state.into(),
            country: "US".into(),
            postal_code: postal.into(),
            website: String::new(),
            timezone: timezone(state).into(),
            settings: json!({}),
            social: json!({}),
            date_added: added,
            listed_at: added,
            paused: false,
        });
    }
}

/// Number of days since the first of the earlier locations.
const EARLIER_DAYS: i64 = 36;

fn earlier_locations(tx: &mut Transaction<'_>) {
    let by_hand = (0_i64..).zip(BY_HAND).map(|(number, place)| (EARLIER_DAYS + number, 200, place));
    let earlier = (0_i64..).zip(EARLIER).map(|(number, place)| (number, EARLIER_DAYS, place));
    for (number, days, place) in by_hand.chain(earlier) {
        let added = tx.now - TimeDelta::days(days - number * 3);
        let host: String = place.name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        tx.put(&Location {
            id: place.id.into(),
            company_id: HARBOR.into(),
            name: place.name.into(),
            phone: format!("+130555502{number:02}"),
            email: format!("office@{host}.test"),
            first_name: String::new(),
            last_name: String::new(),
            address: format!("{} Harbor Road", number + 1),
            city: place.city.into(),
            state: place.state.into(),
            country: "US".into(),
            postal_code: String::new(),
            website: String::new(),
            timezone: timezone(place.state).into(),
            settings: json!({}),
            social: json!({}),
            date_added: added,
            listed_at: added,
            paused: false,
        });
    }
}

const ASSETS: [&str; 9] =
    ["tags", "custom_fields", "custom_values", "forms", "surveys", "calendars", "pipelines", "funnels", "workflows"];

/// Id, company, name, kind, names of custom values, tags.
type SnapshotRow =
    (&'static str, &'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

fn snapshots(tx: &mut Transaction<'_>) {
    let rows: [SnapshotRow; 4] = [
        (
            DENTAL_PRO,
            HARBOR,
            DENTAL,
            "own",
            &["Booking link", "Practice name", "Emergency phone"],
            &["patient", "recall due"],
        ),
        (
            REAL_ESTATE_STARTER,
            HARBOR,
            REALTY,
            "imported",
            &["Agent name", "Listing page", "Office phone"],
            &["buyer", "seller"],
        ),
        (
            FITNESS_STUDIO,
            HARBOR,
            FITNESS,
            "own",
            &["Booking link", "Studio name", "Class schedule"],
            &["member", "trial"],
        ),
        (CANARY_DENTAL, CANARY, "Dental Pro", "own", &["Booking link", "Practice name"], &["patient"]),
    ];
    for (id, company, name, kind, values, tags) in rows {
        tx.put(&Snapshot {
            id: id.into(),
            company_id: company.into(),
            name: name.into(),
            kind: kind.into(),
            assets: ASSETS.map(str::to_owned).to_vec(),
            custom_values: values.iter().map(|name| ((*name).to_owned(), "to be filled".to_owned())).collect(),
            custom_fields: vec![("Preferred day".into(), "TEXT".into()), ("Referred by".into(), "TEXT".into())],
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        });
    }
}

/// Id, company, first name, last name, e-mail, type and role, locations.
type UserRow =
    (&'static str, &'static str, [&'static str; 2], &'static str, [&'static str; 2], &'static [&'static str]);

fn users(tx: &mut Transaction<'_>) {
    let rows: [UserRow; 5] = [
        (HARBOR_ADMIN, HARBOR, ["Maya", "Okafor"], "maya@harbor.test", ["agency", "admin"], &[]),
        ("HarborNoahUser000002", HARBOR, ["Noah", "Lindqvist"], "noah@harbor.test", ["agency", "user"], &[]),
        (
            "BrightTessUser000003",
            HARBOR,
            ["Tess", "Moreau"],
            "tess@brightdental.test",
            ["account", "user"],
            &[BRIGHT_DENTAL],
        ),
        ("TidewatrBenUser00004", TIDEWATER, ["Ben", "Marsh"], "ben@tidewater.test", ["agency", "admin"], &[]),
        ("CanaryIrisUser000005", CANARY, ["Iris", "Vale"], "iris@lighthouse.test", ["agency", "admin"], &[]),
    ];
    for (id, company, [first, last], email, [kind, role], places) in rows {
        tx.put(&User {
            id: id.into(),
            company_id: company.into(),
            first_name: first.into(),
            last_name: last.into(),
            email: email.into(),
            phone: String::new(),
            kind: kind.into(),
            role: role.into(),
            location_ids: places.iter().map(|place| (*place).to_owned()).collect(),
            permissions: json!({"contactsEnabled": true, "conversationsEnabled": true}),
            scopes: None,
            platform_language: "en_US".into(),
            date_added: tx.now - TimeDelta::days(60),
        });
    }
}

/// Adds a custom value and a tag. The canary agency's location gets the same names with other contents.
fn details(tx: &mut Transaction<'_>) {
    for (number, location, link) in [
        (1, BRIGHT_DENTAL, "https://brightdental.example/book"),
        (2, CANARY_BRIGHT, "https://canary.example/never-show-this"),
    ] {
        tx.put(&CustomValue {
            id: format!("DemoBookingLink0000{number}"),
            location_id: location.into(),
            name: "Booking link".into(),
            field_key: "{{ custom_values.booking_link }}".into(),
            value: link.into(),
        });
        tx.put(&Tag {
            id: format!("DemoTagPatient00000{number}"),
            location_id: location.into(),
            name: "patient".into(),
        });
    }
}

fn integrations(tx: &mut Transaction<'_>) {
    let rows: [(&str, Class, Option<&str>, &[&str]); 2] = [
        (HARBOR_PIT, Class::AgencyPit, None, AGENCY_PIT_SCOPES),
        (BRIGHT_PIT, Class::LocationPit, Some(BRIGHT_DENTAL), LOCATION_PIT_SCOPES),
    ];
    for (secret, class, location, scopes) in rows {
        let id = digest(secret);
        let grant = Grant {
            class,
            app: format!("integration-{}", &id[..8]),
            company_id: HARBOR.into(),
            location_id: location.map(str::to_owned),
            user_id: HARBOR_ADMIN.into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        tx.put(&Token { id, grant, expires_at: None });
    }
}

/// Scopes of an agency's private integration. It can have no `oauth` scope (HighLevel API §3.1).
pub(crate) const AGENCY_PIT_SCOPES: &[&str] = &[
    "companies.readonly",
    "locations.readonly",
    "locations.write",
    "snapshots.readonly",
    "snapshots.write",
    "users.readonly",
    "users.write",
    "marketplace-installer-details.readonly",
];

/// Scopes of a location's private integration in the demo world.
pub(crate) const LOCATION_PIT_SCOPES: &[&str] = &[
    "locations.readonly",
    "locations/customValues.readonly",
    "locations/customValues.write",
    "locations/customFields.readonly",
    "locations/customFields.write",
    "locations/tags.readonly",
    "locations/tags.write",
    "users.readonly",
];
