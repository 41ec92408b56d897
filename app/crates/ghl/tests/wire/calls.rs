//! Calls every operation once, with every field it can send, against a server that responds with the published
//! examples.

use std::sync::Arc;

use ghl::auth::{self, Class, Installed};
use ghl::custom_fields::{DataType, Model, NewCustomField};
use ghl::locations::{LocationChange, LocationSettings, NewLocation, Prospect, Search, SnapshotLoad};
use ghl::users::{NewUser, Role, UserChange, UserType};
use ghl::{Call, Ghl, Settings, companies, custom_fields, custom_values, locations, snapshots, tags, users};
use outbound::{CallContext, Config, LocalLedger, NoCalls, Outbound, Profile};
use secrecy::SecretString;
use url::Url;

use crate::server::{Act, Seen, Server};

pub const COMPANY: &str = "UAXssdawIWAWD";
pub const LOCATION: &str = "ve9EPM428h8vShlRW1KT";
const SNAPSHOT: &str = "1eM2UgkfaECOYyUdCo9Pa";
const USER: &str = "0IHuJvc2ofPAAA8GzTRi";

pub fn ghl(base: &Url) -> Ghl {
    ghl_with(base, |_| ())
}

pub fn ghl_with(base: &Url, change: impl FnOnce(&mut Profile)) -> Ghl {
    let mut profile = Profile { windows: Vec::new(), ..ghl::profile(base.clone()) };
    change(&mut profile);
    let config = Config { profiles: vec![profile], production: false };
    let http = Outbound::new(config, Arc::new(LocalLedger::default()), Arc::new(NoCalls)).unwrap();
    let settings = Settings {
        base: base.clone(),
        marketplace: Url::parse("https://marketplace.example.com").unwrap(),
        white_label: Url::parse("https://white-label.example.com").unwrap(),
        client_id: "65f0c0ffee0000000000abcd-m1abcdef".into(),
        client_secret: "client-secret-1111".to_owned().into(),
        app_id: "65f0c0ffee0000000000abcd".into(),
    };
    Ghl::new(http, settings)
}

pub fn redirect() -> Url {
    Url::parse("https://app.example.com/api/integrations/ghl/callback").unwrap()
}

/// A call with the token `token-1234`, counted for the company.
pub struct Caller(SecretString, CallContext);

impl Caller {
    pub fn new() -> Self {
        Self("token-1234".to_owned().into(), CallContext::default())
    }

    pub fn call(&self) -> Call<'_> {
        Call { token: &self.0, resource: COMPANY, about: &self.1 }
    }

    pub fn about(&self) -> &CallContext {
        &self.1
    }
}

fn value() -> &'static str {
    r#"{"customValue":{"id":"v1","name":"Business Name","fieldKey":"{{ custom_values.business_name }}","value":"Mark Shoes","locationId":"ve9EPM428h8vShlRW1KT"}}"#
}

fn field() -> &'static str {
    r#"{"customField":{"id":"f1","name":"Pin code","fieldKey":"contact.pincode","dataType":"TEXT","model":"contact"}}"#
}

pub fn new_location() -> NewLocation {
    let some = |text: &str| Some(text.to_owned());
    NewLocation {
        name: "Mark Shoes".into(),
        company_id: COMPANY.into(),
        phone: some("+14100399400"),
        address: some("4th fleet street"),
        city: some("New York"),
        state: some("New York"),
        country: some("US"),
        postal_code: some("10011"),
        website: some("https://markshoes.example.com"),
        timezone: some("America/New_York"),
        prospect: Some(Prospect {
            first_name: "John".into(),
            last_name: "Doe".into(),
            email: "john.doe@example.com".into(),
        }),
        settings: Some(LocationSettings::default()),
        snapshot_id: some(SNAPSHOT),
    }
}

fn change() -> LocationChange {
    let new = new_location();
    LocationChange {
        company_id: new.company_id,
        name: Some(new.name),
        phone: new.phone,
        address: new.address,
        city: new.city,
        state: new.state,
        country: new.country,
        postal_code: new.postal_code,
        website: new.website,
        timezone: new.timezone,
        prospect: new.prospect,
        settings: new.settings,
        snapshot: Some(SnapshotLoad { id: SNAPSHOT.into(), override_existing: false }),
    }
}

pub fn new_user() -> NewUser {
    NewUser {
        company_id: COMPANY.into(),
        first_name: "John".into(),
        last_name: "Deo".into(),
        email: "john.deo@example.com".into(),
        password: "Str0ng-Passw0rd!".to_owned().into(),
        phone: Some("+18832327657".into()),
        kind: UserType::Account,
        role: Role::User,
        location_ids: vec![LOCATION.into()],
    }
}

fn user_change() -> UserChange {
    UserChange {
        company_id: COMPANY.into(),
        first_name: Some("John".into()),
        last_name: Some("Deo".into()),
        phone: Some("+18832327657".into()),
        role: Some(Role::Admin),
        location_ids: Some(vec![LOCATION.into(), "HjiMUOsCCHCjtxzEf8PR".into()]),
    }
}

macro_rules! example {
    ($name:literal) => {
        include_str!(concat!("../../src/fixtures/", $name, ".json"))
    };
}

/// Runs `$call` against a server that responds with `$answer`, requires success, and records the request.
macro_rules! record {
    ($into:ident, $name:literal, $answer:expr, |$ghl:ident, $caller:ident| $call:expr) => {{
        let server = Server::play(vec![Act::json(200, $answer)]).await;
        let ($ghl, $caller) = (ghl(&server.url), Caller::new());
        let result = $call.await;
        assert!(result.is_ok(), "{}: {:?}", $name, result.err());
        $into.push(($name, server.seen().remove(0)));
    }};
}

/// The request of each operation, by the operation's name in the table.
pub async fn record_all() -> Vec<(&'static str, Seen)> {
    let mut seen = Vec::new();
    record_auth(&mut seen).await;
    record_company_side(&mut seen).await;
    record_users(&mut seen).await;
    record_location_side(&mut seen).await;
    record_crm(&mut seen).await;
    seen
}

async fn record_crm(all: &mut Vec<(&'static str, Seen)>) {
    for (name, request) in crate::crm::requests() {
        let server = Server::play(vec![Act::json(200, "{}")]).await;
        let (ghl, caller) = (ghl(&server.url), Caller::new());
        let result = ghl::crm::send(&ghl, caller.call(), &request).await;
        assert!(result.is_ok(), "{name}: {:?}", result.err());
        all.push((name, server.seen().remove(0)));
    }
}

async fn record_auth(all: &mut Vec<(&'static str, Seen)>) {
    record!(all, "exchange_code", example!("token_company"), |ghl, caller| auth::exchange(
        &ghl,
        caller.about(),
        "7676cjcbdc6t76cdcbkjcd09821jknnkj",
        &redirect(),
        &Class::Company
    ));
    let old: SecretString = "old-refresh-token".to_owned().into();
    record!(all, "refresh_token", example!("token_location"), |ghl, caller| auth::refresh(
        &ghl,
        caller.about(),
        &old,
        &Class::Location,
        LOCATION
    ));
    record!(all, "location_token", example!("token_minted"), |ghl, caller| auth::location_token(
        &ghl,
        caller.call(),
        COMPANY,
        LOCATION
    ));
    let mut query = Installed::of(COMPANY);
    (query.location, query.name, query.is_installed) = (Some(LOCATION), Some("Mark & Co ·7K2QX9"), Some(true));
    record!(all, "installed_locations", example!("installed_locations"), |ghl, caller| auth::installed_locations(
        &ghl,
        caller.call(),
        &query
    ));
    record!(all, "uninstall", r#"{"success":true}"#, |ghl, caller| auth::uninstall_company(
        &ghl,
        caller.call(),
        COMPANY,
        "The agency disconnected."
    ));
    record!(all, "uninstall", r#"{"success":true}"#, |ghl, caller| auth::uninstall_location(
        &ghl,
        caller.call(),
        LOCATION,
        "The agency disconnected."
    ));
}

async fn record_company_side(all: &mut Vec<(&'static str, Seen)>) {
    let company =
        r#"{"company":{"id":"UAXssdawIWAWD","name":"Harbor","plan":497,"status":"active_paid","locationCount":3}}"#;
    record!(all, "get_company", company, |ghl, caller| companies::get(&ghl, caller.call(), COMPANY));
    record!(all, "list_snapshots", example!("snapshots"), |ghl, caller| snapshots::list(&ghl, caller.call(), COMPANY));
    record!(all, "snapshot_status", example!("snapshot_status"), |ghl, caller| snapshots::status(
        &ghl,
        caller.call(),
        COMPANY,
        SNAPSHOT,
        LOCATION
    ));
    let search = Search { email: Some("john.doe+x@example.com"), skip: 100, ..Search::of(COMPANY) };
    record!(all, "search_locations", r#"{"locations":[]}"#, |ghl, caller| locations::search(
        &ghl,
        caller.call(),
        &search
    ));
    record!(all, "create_location", example!("location_created"), |ghl, caller| locations::create(
        &ghl,
        caller.call(),
        &new_location()
    ));
    record!(all, "get_location", example!("location_created"), |ghl, caller| locations::get(
        &ghl,
        caller.call(),
        LOCATION
    ));
    record!(all, "update_location", example!("location_created"), |ghl, caller| locations::update(
        &ghl,
        caller.call(),
        LOCATION,
        &change()
    ));
    record!(all, "timezones", r#"{"timeZones":["US/Central"]}"#, |ghl, caller| locations::timezones(
        &ghl,
        caller.call(),
        LOCATION
    ));
}

async fn record_users(all: &mut Vec<(&'static str, Seen)>) {
    record!(all, "search_users", r#"{"users":[],"count":0}"#, |ghl, caller| users::of_location(
        &ghl,
        caller.call(),
        COMPANY,
        LOCATION
    ));
    record!(all, "find_users", r#"{"users":[],"count":0}"#, |ghl, caller| users::find(
        &ghl,
        caller.call(),
        COMPANY,
        " John.Deo@example.com "
    ));
    record!(all, "get_user", example!("user_created"), |ghl, caller| users::get(&ghl, caller.call(), USER));
    record!(all, "create_user", example!("user_created"), |ghl, caller| users::create(
        &ghl,
        caller.call(),
        &new_user()
    ));
    record!(all, "update_user", example!("user_created"), |ghl, caller| users::update(
        &ghl,
        caller.call(),
        USER,
        &user_change()
    ));
}

async fn record_location_side(all: &mut Vec<(&'static str, Seen)>) {
    record!(all, "list_custom_values", r#"{"customValues":[]}"#, |ghl, caller| custom_values::list(
        &ghl,
        caller.call(),
        LOCATION
    ));
    record!(all, "add_custom_value", value(), |ghl, caller| custom_values::add(
        &ghl,
        caller.call(),
        LOCATION,
        "Business Name",
        "Mark Shoes"
    ));
    record!(all, "set_custom_value", value(), |ghl, caller| custom_values::set(
        &ghl,
        caller.call(),
        LOCATION,
        "v1",
        "Business Name",
        "Mark Shoes"
    ));
    record!(all, "remove_custom_value", r#"{"succeded":true}"#, |ghl, caller| custom_values::remove(
        &ghl,
        caller.call(),
        LOCATION,
        "v1"
    ));
    let new = NewCustomField {
        name: "Pin code".into(),
        data_type: DataType::Text,
        placeholder: Some("Pin code".into()),
        position: Some(0),
        model: Model::Contact,
    };
    record!(all, "list_custom_fields", r#"{"customFields":[]}"#, |ghl, caller| custom_fields::list(
        &ghl,
        caller.call(),
        LOCATION,
        None
    ));
    record!(all, "add_custom_field", field(), |ghl, caller| custom_fields::add(&ghl, caller.call(), LOCATION, &new));
    record!(all, "remove_custom_field", r#"{"succeded":true}"#, |ghl, caller| custom_fields::remove(
        &ghl,
        caller.call(),
        LOCATION,
        "f1"
    ));
    record!(all, "list_tags", r#"{"tags":[]}"#, |ghl, caller| tags::list(&ghl, caller.call(), LOCATION));
    record!(all, "add_tag", r#"{"tag":{"id":"t1","name":"vip"}}"#, |ghl, caller| tags::add(
        &ghl,
        caller.call(),
        LOCATION,
        "vip"
    ));
    record!(all, "remove_tag", "", |ghl, caller| tags::remove(&ghl, caller.call(), LOCATION, "t1"));
}
