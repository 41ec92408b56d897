//! The actions that change the world from outside the API. Every button and every `/_sim` route calls one of them.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::{
    Simulator, demo,
    faults::{self, Fault, Rule},
    ghl::installs::{self, Consent},
    grants::{Class, Grant, Refresh, Token},
    ids::{digest, new_uuid},
    knobs::Knobs,
    records::{Company, Location},
    simulator::TransactionError,
    webhooks::{self, Signature},
    world::Transaction,
};

/// Why a transaction failed, in words.
pub(crate) fn said(error: TransactionError<String>) -> String {
    match error {
        TransactionError::Refused(why) => why,
        TransactionError::Disk(error) => format!("The simulator cannot write its log: {error}"),
    }
}

/// Adds fault rules, given as one rule or a list. Refuses all of them if one is invalid.
pub fn set_faults(sim: &Simulator, rules: Value) -> Result<(), String> {
    let rules = if rules.is_array() { rules } else { json!([rules]) };
    let rules: Vec<Rule> = serde_json::from_value(rules).map_err(|error| format!("That is no fault: {error}"))?;
    if let Some(mistake) = rules.iter().find_map(Rule::mistake) {
        return Err(mistake);
    }
    let transaction = |tx: &mut Transaction<'_>| {
        faults::set(tx, rules);
        Ok(())
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Removes every fault. Calls that one delays go on.
pub fn clear_faults(sim: &Simulator) -> Result<(), String> {
    let transaction = |tx: &mut Transaction<'_>| {
        for id in tx.world.faults.keys() {
            tx.remove::<Fault>(id);
        }
        Ok(())
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Changes the given switches and leaves the others alone. Returns all switches.
pub fn set_knobs(sim: &Simulator, given: &Value) -> Result<Value, String> {
    let transaction = |tx: &mut Transaction<'_>| {
        let mut all = knobs_json(&tx.world.knobs());
        for (name, value) in given.as_object().ok_or("Give the switches as an object.")? {
            let current = all.get(name).ok_or_else(|| format!("There is no switch called {name}."))?;
            let value = alike(current, value).ok_or_else(|| format!("{name} cannot be {value}."))?;
            all.insert(name.clone(), value);
        }
        let mut knobs: Knobs = serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
        knobs.id = Knobs::ID.into();
        knobs.advanced_ms = tx.world.knobs().advanced_ms;
        check_knobs(&knobs)?;
        tx.put(&knobs);
        Ok(())
    };
    sim.run_transaction(transaction).map_err(said)?;
    Ok(Value::Object(knobs_json(&sim.lock().world.knobs())))
}

fn check_knobs(knobs: &Knobs) -> Result<(), String> {
    if !["before", "after", "never"].contains(&knobs.install_event.as_str()) {
        return Err("install_event is before, after or never.".into());
    }
    if !["suffix", "refuse"].contains(&knobs.custom_value_collision.as_str()) {
        return Err("custom_value_collision is suffix or refuse.".into());
    }
    Ok(())
}

/// The switches that can be changed, as JSON.
pub fn knobs_json(knobs: &Knobs) -> Map<String, Value> {
    let mut all = serde_json::to_value(knobs).unwrap_or_default().as_object().cloned().unwrap_or_default();
    all.remove("id");
    all.remove("advanced_ms");
    all
}

/// Converts a value to the type of the current one, because forms send only text. `None` if that is impossible.
fn alike(current: &Value, value: &Value) -> Option<Value> {
    match (current, value) {
        (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::String(_), Value::String(_)) => Some(value.clone()),
        (Value::Number(_), Value::String(text)) => text.trim().parse::<u64>().ok().map(Value::from),
        (Value::Bool(_), Value::String(text)) => Some(Value::from(matches!(text.as_str(), "true" | "on" | "1"))),
        _ => None,
    }
}

/// Resets to the demo world. Installs and credentials are kept unless `all` is set.
pub fn reset(sim: &Simulator, all: bool) -> Result<(), String> {
    sim.lock().reset(&sim.config, all).map_err(|error| said(TransactionError::Disk(error)))
}

/// Moves the clock forward by this many milliseconds.
pub fn advance(sim: &Simulator, milliseconds: i64) -> Result<(), String> {
    if milliseconds < 0 {
        return Err("Time only moves forward.".into());
    }
    {
        let transaction = |tx: &mut Transaction<'_>| {
            let knobs = tx.world.knobs();
            tx.put(&Knobs { advanced_ms: knobs.advanced_ms.saturating_add(milliseconds), ..knobs });
            Ok(())
        };
        sim.run_transaction(transaction).map_err(said)?;
    }
    // Taking the lock again applies everything that is now due.
    drop(sim.lock());
    Ok(())
}

/// Invalidates credentials and returns how many were affected.
pub fn expire(sim: &Simulator, asked: &Value) -> Result<usize, String> {
    let text = |name: &str| asked.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (company, location) = (text("companyId"), text("locationId"));
    let meant = |grant: &Grant| {
        company.is_none_or(|company| grant.company_id == company)
            && location.is_none_or(|location| grant.location_id.as_deref() == Some(location))
    };
    let transaction = |tx: &mut Transaction<'_>| match text("what").unwrap_or("access") {
        "access" => Ok(expire_access(tx, meant)),
        "refresh" => Ok(expire_refresh(tx, meant)),
        "scope" => {
            let scope = text("scope").ok_or("Name the scope to take away.")?;
            Ok(take_scope(tx, scope, meant))
        }
        "grant" => {
            let owner = location.and_then(|id| tx.world.locations.get(id)).map(|l| l.company_id.as_str());
            let company = company.or(owner).ok_or("Name the company or the location to uninstall.")?;
            Ok(usize::from(installs::uninstall(tx, company, location)))
        }
        other => Err(format!("{other} cannot expire; say access, refresh, scope or grant.")),
    };
    sim.run_transaction(transaction).map_err(said)
}

fn expire_access(tx: &mut Transaction<'_>, meant: impl Fn(&Grant) -> bool) -> usize {
    let now = tx.now;
    let live = |token: &&Token| token.expires_at.is_some_and(|at| at > now) && meant(&token.grant);
    let hit: Vec<Token> = tx.world.tokens.values().filter(live).cloned().collect();
    for token in &hit {
        tx.put(&Token { expires_at: Some(now), ..token.clone() });
    }
    hit.len()
}

fn expire_refresh(tx: &mut Transaction<'_>, meant: impl Fn(&Grant) -> bool) -> usize {
    let now = tx.now;
    let live = |refresh: &&Refresh| refresh.expires_at > now && meant(&refresh.grant);
    let hit: Vec<Refresh> = tx.world.refreshes.values().filter(live).cloned().collect();
    for refresh in &hit {
        tx.put(&Refresh { expires_at: now - TimeDelta::milliseconds(1), ..refresh.clone() });
    }
    hit.len()
}

fn take_scope(tx: &mut Transaction<'_>, scope: &str, meant: impl Fn(&Grant) -> bool) -> usize {
    let mut count = 0;
    let world = tx.world;
    let less = |grant: &Grant| {
        let scopes = grant.scopes.iter().filter(|own| *own != scope).cloned().collect();
        Grant { scopes, ..grant.clone() }
    };
    for token in world.tokens.values().filter(|token| meant(&token.grant)) {
        tx.put(&Token { grant: less(&token.grant), ..token.clone() });
        count += 1;
    }
    for refresh in world.refreshes.values().filter(|refresh| meant(&refresh.grant)) {
        tx.put(&Refresh { grant: less(&refresh.grant), ..refresh.clone() });
    }
    count
}

/// Installs the app as the consent screen does and returns the authorization code.
pub fn consent(sim: &Simulator, consent: &Consent, redirect_uri: &str) -> Result<String, String> {
    let transaction = |tx: &mut Transaction<'_>| {
        let company = tx.world.companies.get(&consent.company).ok_or("There is no such company.")?;
        let foreign = |id: &&String| tx.world.locations.get(*id).is_none_or(|l| l.company_id != company.id);
        if let Some(id) = consent.locations.iter().chain(&consent.single).find(foreign) {
            return Err(format!("{} has no location {id}.", company.name));
        }
        Ok(installs::install(tx, &sim.config, consent, redirect_uri))
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Reads a consent from a body. By default it grants all of the app's scopes on every location.
pub fn consent_of(sim: &Simulator, body: &Value) -> Consent {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let company = text("companyId").unwrap_or(demo::HARBOR).to_owned();
    let list = body.get("locationIds").and_then(Value::as_array);
    let locations = match list {
        Some(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => sim.lock().world.locations_of(&company).map(|location| location.id.clone()).collect(),
    };
    let all = crate::defaults().scopes;
    let asked = |scopes: &str| scopes.split_whitespace().map(str::to_owned).collect();
    Consent {
        company,
        single: text("locationId").map(str::to_owned),
        locations,
        future: body.get("future").and_then(Value::as_bool).unwrap_or(true),
        scopes: text("scopes").map_or_else(|| all.iter().map(|scope| (*scope).to_owned()).collect(), asked),
    }
}

/// Adds a company, or changes its plan, its name and its white-label domain.
pub fn set_company(sim: &Simulator, body: &Value) -> Result<Value, String> {
    let id = body["id"].as_str().filter(|id| !id.is_empty()).ok_or("Name the company by its id.")?;
    let number = body["plan"].as_u64().or_else(|| body["plan"].as_str().and_then(|text| text.parse().ok()));
    let plan = number.and_then(|plan| u32::try_from(plan).ok());
    let transaction = |tx: &mut Transaction<'_>| {
        let fresh = || Company {
            id: id.into(),
            name: id.into(),
            email: format!("owner@{}.test", id.to_lowercase()),
            phone: String::new(),
            owner: "Sam Field".into(),
            plan: 497,
            country: "US".into(),
            timezone: "America/New_York".into(),
            relationship_number: format!("0-200-{:03}", tx.world.companies.len()),
            domain: String::new(),
        };
        let mut company = tx.world.companies.get(id).cloned().unwrap_or_else(fresh);
        company.plan = plan.unwrap_or(company.plan);
        if let Some(name) = body["name"].as_str() {
            name.clone_into(&mut company.name);
        }
        if let Some(domain) = body["domain"].as_str() {
            domain.trim().clone_into(&mut company.domain);
        }
        tx.put(&company);
        Ok(json!({"id": company.id, "name": company.name, "plan": company.plan, "domain": company.domain}))
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Pauses a location or resumes it.
pub fn set_location(sim: &Simulator, body: &Value) -> Result<(), String> {
    let id = body["id"].as_str().unwrap_or_default();
    let active = body["active"].as_bool().unwrap_or_else(|| body["active"] != json!("false"));
    let transaction = |tx: &mut Transaction<'_>| {
        let location = tx.world.locations.get(id).ok_or("There is no such location.")?.clone();
        tx.put(&Location { paused: !active, ..location });
        Ok(())
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Deletes a location as a person does in HighLevel's own screens. The install and its tokens are removed too.
pub fn delete_location(sim: &Simulator, id: &str) -> Result<(), String> {
    let transaction = |tx: &mut Transaction<'_>| {
        let location = tx.world.locations.get(id).ok_or("There is no such location.")?.clone();
        installs::uninstall(tx, &location.company_id, Some(id));
        tx.remove::<Location>(id);
        Ok(())
    };
    sim.run_transaction(transaction).map_err(said)
}

/// Creates a private integration token and returns it.
pub fn add_pit(sim: &Simulator, body: &Value) -> Result<String, String> {
    let secret = format!("pit-{}", new_uuid());
    let list = body["scopes"].as_array();
    let transaction = |tx: &mut Transaction<'_>| {
        let location = body["locationId"].as_str().filter(|id| !id.is_empty());
        let known = location.map(|id| tx.world.locations.get(id).ok_or("There is no such location.")).transpose()?;
        let company = known.map_or_else(|| body["companyId"].as_str().unwrap_or_default(), |l| l.company_id.as_str());
        if !tx.world.companies.contains_key(company) {
            return Err("There is no such company.".into());
        }
        let usual = if location.is_some() { demo::LOCATION_PIT_SCOPES } else { demo::AGENCY_PIT_SCOPES };
        let usual = || usual.iter().map(|scope| (*scope).to_owned()).collect();
        let asked = |list: &Vec<Value>| list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let id = digest(&secret);
        let grant = Grant {
            class: if location.is_some() { Class::LocationPit } else { Class::AgencyPit },
            app: format!("integration-{}", &id[..8]),
            company_id: company.into(),
            location_id: location.map(str::to_owned),
            user_id: String::new(),
            scopes: list.map_or_else(usual, asked),
        };
        tx.put(&Token { id, grant, expires_at: None });
        Ok(())
    };
    sim.run_transaction(transaction).map_err(said)?;
    Ok(secret)
}

/// How an event is sent.
pub struct Sending {
    /// URL to send to, instead of the configured one.
    pub url: Option<String>,
    /// How many times the same body is sent.
    pub copies: usize,
    /// Whether and how the signature is broken.
    pub signature: Signature,
}

/// Sends a signed event and returns the receiver's answer to each copy.
pub async fn emit(sim: &Simulator, fields: &Value, sending: Sending) -> Result<Value, String> {
    if fields["type"].as_str().is_none_or(str::is_empty) {
        return Err("An event needs a type.".into());
    }
    let (body, url) = {
        let state = sim.lock();
        let url = sending.url.unwrap_or_else(|| state.world.knobs().webhook_url);
        (webhooks::envelope(fields, &sim.config.app_id, state.now()), url)
    };
    if url.is_empty() {
        return Err("No address for webhooks is set. Fill in the switch \u{201c}Webhooks go to\u{201d} (webhook_url) with whatever listens for them, such as http://127.0.0.1:3000/api/webhooks/ghl.".into());
    }
    let mut answers = Vec::new();
    for _ in 0..sending.copies.clamp(1, 100) {
        let answer = webhooks::send(&url, &body, sending.signature).await;
        if answer == Ok(429) {
            webhooks::redeliver(sim, url.clone(), body.clone(), sending.signature);
        }
        answers.push(match answer {
            Ok(status) => json!({"status": status}),
            Err(error) => json!({"error": error}),
        });
    }
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    Ok(json!({"event": event, "deliveries": answers}))
}
