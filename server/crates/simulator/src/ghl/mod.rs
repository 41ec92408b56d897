//! What happens to a call of the HighLevel wire? Fault, route, version, token, limit, class, scope, tenant, body,
//! handler: in this order, and whatever the end, the journal is written before the caller hears of it.

pub mod call;
pub mod companies;
pub mod consent;
pub mod countries;
pub mod custom_fields;
pub mod custom_values;
mod entrance;
pub mod installs;
pub mod locations;
pub mod marketplace;
pub mod oauth;
pub mod reply;
pub mod routes;
pub mod shape;
pub mod snapshots;
pub mod tags;
pub mod timezones;
pub mod users;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    Config,
    faults::Rule,
    grants::{Class, Grant},
    journal::{Entry, Heard, Outcome, masked},
    limits::{Rates, WINDOW_MS},
    simulator::Inside,
    webhooks::Event,
    world::{Done, Transaction},
};

use call::Call;
use reply::Answer;
use routes::{Access, Route};

pub use entrance::wire;

/// A call as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query, undecoded.
    pub query: String,
    /// `Authorization` header.
    pub authorization: Option<String>,
    /// `Version` header.
    pub version: Option<String>,
    /// Body, or why it could not be read.
    pub body: Result<Value, String>,
}

/// What a call led to.
pub struct Handled {
    /// What is answered, unless it is withheld.
    pub answer: Answer,
    /// Rate-limit headers, for calls that were counted.
    pub rates: Option<Rates>,
    /// Webhooks to send.
    pub events: Vec<Event>,
}

/// How far a call got before it was refused or done.
#[derive(Default)]
struct Trail {
    grant: Option<Grant>,
    rates: Option<Rates>,
    limited: bool,
}

/// Meets the fault that is set for a call, if any.
pub(crate) fn meet_fault(inside: &mut Inside, method: &str, path: &str) -> std::io::Result<Option<Rule>> {
    let mut tx = Transaction::new(&inside.world, &inside.clock);
    let rule = crate::faults::meet(&mut tx, method, path);
    let changes = tx.done().changes;
    inside.commit(None, changes)?;
    Ok(rule)
}

/// Does a call and writes it into the journal.
pub(crate) fn handle(
    inside: &mut Inside,
    config: &Config,
    request: &Request,
    fault: Option<&Rule>,
) -> std::io::Result<Handled> {
    let mut trail = Trail::default();
    let mut done = Done::default();
    let executes = fault.is_none_or(Rule::executes);
    let result = if executes { attempt(inside, config, request, &mut trail, &mut done) } else { Ok(injected(fault)) };
    let outcome = match &result {
        _ if !executes => Outcome::NotExecuted,
        Ok(_) => Outcome::Executed,
        Err(_) if trail.limited => Outcome::Limited,
        Err(_) => Outcome::Refused,
    };
    let answer = result.unwrap_or_else(|refusal| refusal);
    if !executes {
        // Nothing is looked at, but the journal says whose call it was.
        trail.grant =
            oauth::grant_of(&Transaction::new(&inside.world, &inside.clock), request.authorization.as_deref()).ok();
    }
    let entry = Entry {
        n: inside.next(),
        at: inside.now(),
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        body: request.body.as_ref().map_or(Value::Null, masked),
        token: trail.grant.as_ref().map_or("none", |grant| grant.class.word()).into(),
        app: trail.grant.as_ref().map(|grant| grant.app.clone()),
        resource: trail.grant.as_ref().map(|grant| grant.resource().to_owned()),
        status: answer.status,
        outcome,
        answer: if fault.is_some_and(Rule::withholds) { Heard::Withheld } else { Heard::Answered },
        fault: fault.map(|rule| rule.fault.word().to_owned()),
        created: done.created.take(),
        changed: done.changes.iter().map(|change| format!("{}/{}", change.0, change.1)).collect(),
    };
    inside.commit(Some(entry), done.changes)?;
    Ok(Handled { answer, rates: trail.rates, events: done.events })
}

fn injected(fault: Option<&Rule>) -> Answer {
    let status = fault.and_then(|rule| rule.status).unwrap_or(500);
    Answer { status, body: Value::Null }
}

fn attempt(
    inside: &mut Inside,
    config: &Config,
    request: &Request,
    trail: &mut Trail,
    done: &mut Done,
) -> reply::Outcome {
    let (route, params) =
        routes::find(&request.method, &request.path).ok_or_else(|| reply::no_route(&request.method, &request.path))?;
    if route.access != Access::Open {
        check_version(request, route)?;
        let tx = Transaction::new(&inside.world, &inside.clock);
        trail.grant = Some(oauth::grant_of(&tx, request.authorization.as_deref())?);
        count(inside, trail)?;
    }
    let call = admit(inside, config, request, route, params, trail.grant.clone())?;
    let mut tx = Transaction::new(&inside.world, &inside.clock);
    let answer = (route.handler)(&call, &mut tx)?;
    *done = tx.done();
    Ok(answer)
}

fn check_version(request: &Request, route: &Route) -> Result<(), Answer> {
    let gone = (route.method == "GET" || route.path.starts_with("/oauth/")) && routes::NOT_IN_V3.contains(&route.path);
    match request.version.as_deref() {
        None => Err(reply::version("version header was not found.")),
        Some("v3") if gone => Err(reply::not_in_v3(&request.path)),
        Some(version) if version == "v3" || routes::VERSIONS.contains(&version) => Ok(()),
        Some(_) => Err(reply::version("version header is invalid")),
    }
}

fn count(inside: &mut Inside, trail: &mut Trail) -> Result<(), Answer> {
    let Some(grant) = &trail.grant else { return Ok(()) };
    let (now, window, knobs) = (inside.now(), inside.clock.delay(WINDOW_MS), inside.world.knobs());
    let rates = inside.limits.take(&grant.app, grant.resource(), now, window, &knobs);
    trail.rates = knobs.rate_headers.then_some(rates);
    trail.limited = !rates.allowed;
    if rates.allowed { Ok(()) } else { Err(reply::too_many()) }
}

/// Checks everything the table asks for, and that every id in the call belongs to the token's tenant.
fn admit<'a>(
    inside: &Inside,
    config: &'a Config,
    request: &Request,
    route: &Route,
    params: Vec<(&'static str, String)>,
    grant: Option<Grant>,
) -> Result<Call<'a>, Answer> {
    if let Some(grant) = &grant {
        if !route.access.lets(grant.class) {
            return Err(reply::unauthorised("This authClass type is not allowed to access this scope."));
        }
        if !grant.scopes.iter().any(|scope| scope == route.scope) {
            return Err(reply::unauthorised("The token is not authorized for this scope."));
        }
    }
    let query: BTreeMap<String, String> = url::form_urlencoded::parse(request.query.as_bytes()).into_owned().collect();
    let body = request.body.clone().map_err(reply::bad)?;
    let call = Call { config, params: params.into_iter().collect(), query, body, grant };
    if let Some(grant) = &call.grant {
        check_tenant(inside, &call, grant)?;
    }
    let mut mistakes: Vec<String> = route
        .query
        .iter()
        .filter(|name| call.asked(name).is_none())
        .map(|name| format!("{name} should not be empty"))
        .collect();
    if let Some(shape) = route.body {
        mistakes.extend(shape::mistakes(shape, &call.body));
    }
    if mistakes.is_empty() { Ok(call) } else { Err(reply::unprocessable(mistakes)) }
}

fn check_tenant(inside: &Inside, call: &Call<'_>, grant: &Grant) -> Result<(), Answer> {
    let named = |name: &str| {
        let param = call.params.get(name).map(String::as_str);
        [param, call.asked(name), call.text(name).filter(|text| !text.is_empty())].into_iter().flatten()
    };
    if named("companyId").any(|company| company != grant.company_id) {
        return Err(reply::foreign("company"));
    }
    for location in named("locationId") {
        let own = match grant.class {
            Class::Location | Class::LocationPit => grant.location_id.as_deref() == Some(location),
            Class::Company | Class::AgencyPit => {
                inside.world.locations.get(location).is_some_and(|known| known.company_id == grant.company_id)
            }
        };
        if !own {
            return Err(reply::foreign("location"));
        }
    }
    Ok(())
}
