//! Installs and uninstalls the app, and serves the list of locations it is installed on (HighLevel API §2.5, §6.4).

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    grants::{Class, Grant, Install},
    records::{Company, Location},
    webhooks::Event,
    world::Transaction,
};

use super::{
    call::Call,
    reply::{Outcome, bad, ok},
};

/// What a person agreed to on the consent screen.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// The agency.
    pub company: String,
    /// The one location to install on. `None` if the agency installs the app.
    pub single: Option<String>,
    /// Locations that the agency chose.
    pub locations: Vec<String>,
    /// Whether the app is also installed on future locations.
    pub future: bool,
    /// The granted scopes.
    pub scopes: Vec<String>,
}

/// Installs the app as agreed and returns an authorization code.
pub fn install(tx: &mut Transaction<'_>, config: &crate::Config, consent: &Consent, redirect_uri: &str) -> String {
    let user_id = admin_of(tx, &consent.company);
    let class = if consent.single.is_some() { Class::Location } else { Class::Company };
    let grant = Grant {
        class,
        app: config.client_id.clone(),
        company_id: consent.company.clone(),
        location_id: consent.single.clone(),
        user_id: user_id.clone(),
        scopes: consent.scopes.clone(),
    };
    let all = tx.world.locations_of(&consent.company).all(|location| consent.locations.contains(&location.id));
    let fresh = |location: Option<&str>, now| Install {
        id: Install::key(Some(&consent.company), location),
        company_id: consent.company.clone(),
        location_id: location.map(str::to_owned),
        user_id: user_id.clone(),
        scopes: consent.scopes.clone(),
        future: consent.future && location.is_none(),
        all: all && location.is_none(),
        installed_at: now,
        active_at: now,
    };
    if consent.single.is_none() {
        tx.put(&fresh(None, tx.now));
    }
    let chosen = consent.single.iter().chain(consent.locations.iter().filter(|_| consent.single.is_none()));
    for location in chosen {
        let install = fresh(Some(location), tx.now);
        announce(tx, &install, Duration::ZERO);
        tx.put(&install);
    }
    super::oauth::code(tx, grant, redirect_uri, consent.locations.clone())
}

/// The user who approves: the agency's first admin.
fn admin_of(tx: &Transaction<'_>, company: &str) -> String {
    let mut people = tx.world.users.of(company);
    people.find(|user| user.kind == "agency" && user.role == "admin").map_or_else(String::new, |user| user.id.clone())
}

/// Installs the app on a new location, with a delay, if its agency chose "future locations".
pub fn install_on_new_location(tx: &mut Transaction<'_>, location: &Location) {
    let lag = tx.delay(tx.world.knobs().install_lag_ms);
    let Some(company) = tx.world.company_install(&location.company_id).filter(|install| install.future) else {
        return;
    };
    let install = Install {
        id: Install::key(None, Some(&location.id)),
        location_id: Some(location.id.clone()),
        installed_at: tx.now,
        active_at: tx.now + lag,
        ..company.clone()
    };
    announce(tx, &install, lag.to_std().unwrap_or_default());
    tx.put(&install);
}

fn announce(tx: &mut Transaction<'_>, install: &Install, after: Duration) {
    let knobs = tx.world.knobs();
    // "after" gives the browser time to return first; "before" makes the webhook arrive first.
    let after = match knobs.install_event.as_str() {
        "never" => return,
        "before" => after,
        _ => after + tx.delay(2_000).to_std().unwrap_or_default(),
    };
    let company = tx.world.companies.get(&install.company_id);
    let (white_labelled, white_label) = company.map_or((false, json!({})), Company::white_label);
    let company = company.map(|company| company.name.clone());
    let fields = json!({
        "type": "INSTALL", "installType": "Location", "locationId": install.location_id,
        "companyId": install.company_id, "userId": install.user_id, "companyName": company,
        "isWhitelabelCompany": white_labelled, "whitelabelDetails": white_label,
    });
    tx.emit(Event { fields, after });
}

/// `GET /oauth/installedLocations`.
pub fn installed_locations(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    if call.query_param("appId") != Some(&call.config.app_id) {
        return Err(bad("App not found"));
    }
    let (skip, limit) = call.page(20)?;
    let wanted = call.query_param("isInstalled").map(|text| text == "true");
    let name = call.query_param("query").map(str::to_lowercase);
    let all: Vec<&Location> = tx.world.locations_of(call.company()).filter(|l| l.listed_at <= tx.now).collect();
    let count = all.len();
    let rows: Vec<Value> = all
        .into_iter()
        .filter(|location| name.as_ref().is_none_or(|name| location.name.to_lowercase().contains(name)))
        .filter(|location| call.query_param("locationId").is_none_or(|id| id == location.id))
        .map(|location| row(tx, call, location))
        .filter(|row| wanted.is_none_or(|wanted| row["isInstalled"] == json!(wanted)))
        .skip(skip)
        .take(limit)
        .collect();
    let future = tx.world.company_install(call.company()).is_some_and(|install| install.future);
    ok(json!({"locations": rows, "count": count, "installToFutureLocations": future}))
}

fn row(tx: &Transaction<'_>, call: &Call<'_>, location: &Location) -> Value {
    let address = [&location.address, &location.city, &location.state, &location.postal_code];
    let address: Vec<&str> = address.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let install = tx.world.location_install(&location.id).filter(|install| install.active_at <= tx.now);
    let mut row = json!({
        "_id": location.id, "name": location.name, "address": address.join(", "), "isInstalled": install.is_some(),
    });
    if let Some(install) = install {
        row["versionId"] = json!(call.config.app_id);
        row["installedAt"] = json!(install.installed_at);
    }
    row
}

/// Removes the app from a location or, if `location` is `None`, from a whole agency. Returns false if it was not
/// installed.
pub fn uninstall(tx: &mut Transaction<'_>, company: &str, location: Option<&str>) -> bool {
    let world = tx.world;
    let meant = |c: &str, l: Option<&str>| c == company && (location.is_none() || l == location);
    let installs = world.installs.values().filter(|i| meant(&i.company_id, i.location_id.as_deref()));
    let installs: Vec<String> = installs.map(|install| install.id.clone()).collect();
    for id in &installs {
        tx.remove::<Install>(id);
    }
    let oauth = |grant: &Grant| matches!(grant.class, Class::Company | Class::Location);
    for token in world.tokens.values() {
        if oauth(&token.grant) && meant(&token.grant.company_id, token.grant.location_id.as_deref()) {
            tx.remove::<crate::grants::Token>(&token.id);
        }
    }
    for refresh in world.refreshes.values() {
        if meant(&refresh.grant.company_id, refresh.grant.location_id.as_deref()) {
            tx.remove::<crate::grants::Refresh>(&refresh.id);
        }
    }
    if !installs.is_empty() {
        let fields = match location {
            Some(location) => json!({"type": "UNINSTALL", "companyId": company, "locationId": location}),
            None => json!({"type": "UNINSTALL", "companyId": company}),
        };
        tx.emit(Event { fields, after: Duration::ZERO });
    }
    !installs.is_empty()
}
