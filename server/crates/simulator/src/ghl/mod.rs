//! Handles a call to the HighLevel API.
//!
//! Checks run in this order: fault, route, version, token, rate limit, class, scope, tenant, body. Then the handler
//! runs. Whatever the result, the journal is written before the caller gets the answer.

pub mod call;
pub mod companies;
pub mod consent;
pub mod countries;
pub mod crm;
pub mod custom_fields;
pub mod custom_values;
pub(crate) mod entrance;
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
    journal::{Delivery, Entry, Outcome, masked},
    limits::{Rates, WINDOW_MS},
    simulator::SimulatorState,
    webhooks::Event,
    world::{Done, Transaction},
};

use call::Call;
use reply::Answer;
use routes::{Access, Route};

pub use entrance::wire;

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query string, not decoded.
    pub query: String,
    /// `Authorization` header.
    pub authorization: Option<String>,
    /// `Version` header.
    pub version: Option<String>,
    /// Body as JSON, or why it could not be read.
    pub body: Result<Value, String>,
}

/// The result of a call.
pub struct Handled {
    /// The answer to send, unless it is withheld.
    pub answer: Answer,
    /// Values of the rate-limit headers. `None` if the call was not counted or the headers are switched off.
    pub rates: Option<Rates>,
    /// Webhooks to send.
    pub events: Vec<Event>,
}

/// What the journal records about a call, filled in as its checks proceed.
#[derive(Default)]
struct CallContext {
    grant: Option<Grant>,
    rates: Option<Rates>,
    limited: bool,
}

/// Returns the fault rule that hits a call, if any, and updates the rules' counts.
pub(crate) fn match_fault(state: &mut SimulatorState, method: &str, path: &str) -> std::io::Result<Option<Rule>> {
    let mut tx = Transaction::new(&state.world, &state.clock);
    let rule = crate::faults::match_call(&mut tx, method, path);
    let changes = tx.done().changes;
    state.commit(None, changes)?;
    Ok(rule)
}

/// Executes a call and writes it to the journal.
pub(crate) fn handle(
    state: &mut SimulatorState,
    config: &Config,
    request: &Request,
    fault: Option<&Rule>,
) -> std::io::Result<Handled> {
    let mut context = CallContext::default();
    let mut done = Done::default();
    let executes = fault.is_none_or(Rule::executes);
    let result = if executes { attempt(state, config, request, &mut context, &mut done) } else { Ok(injected(fault)) };
    let outcome = match &result {
        _ if !executes => Outcome::NotExecuted,
        Ok(_) => Outcome::Executed,
        Err(_) if context.limited => Outcome::Limited,
        Err(_) => Outcome::Refused,
    };
    let answer = result.unwrap_or_else(|refusal| refusal);
    if !executes {
        // The call is not executed, but the journal records who sent it.
        context.grant =
            oauth::grant_of(&Transaction::new(&state.world, &state.clock), request.authorization.as_deref()).ok();
    }
    let entry = Entry {
        n: state.next(),
        at: state.now(),
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        body: request.body.as_ref().map_or(Value::Null, masked),
        token: context.grant.as_ref().map_or("none", |grant| grant.class.word()).into(),
        app: context.grant.as_ref().map(|grant| grant.app.clone()),
        resource: context.grant.as_ref().map(|grant| grant.resource().to_owned()),
        status: answer.status,
        outcome,
        answer: if fault.is_some_and(Rule::withholds) { Delivery::Withheld } else { Delivery::Answered },
        fault: fault.map(|rule| rule.fault.word().to_owned()),
        created: done.created.take(),
        changed: done.changes.iter().map(|change| format!("{}/{}", change.0, change.1)).collect(),
    };
    state.commit(Some(entry), done.changes)?;
    Ok(Handled { answer, rates: context.rates, events: done.events })
}

fn injected(fault: Option<&Rule>) -> Answer {
    let status = fault.and_then(|rule| rule.status).unwrap_or(500);
    Answer { status, body: Value::Null }
}

fn attempt(
    state: &mut SimulatorState,
    config: &Config,
    request: &Request,
    context: &mut CallContext,
    done: &mut Done,
) -> reply::Outcome {
    let (route, params) =
        routes::find(&request.method, &request.path).ok_or_else(|| reply::no_route(&request.method, &request.path))?;
    if route.access != Access::Open {
        check_version(request, route)?;
        let tx = Transaction::new(&state.world, &state.clock);
        context.grant = Some(oauth::grant_of(&tx, request.authorization.as_deref())?);
        count(state, context)?;
    }
    let call = admit(state, config, request, route, params, context.grant.clone())?;
    let mut tx = Transaction::new(&state.world, &state.clock);
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

fn count(state: &mut SimulatorState, context: &mut CallContext) -> Result<(), Answer> {
    let Some(grant) = &context.grant else { return Ok(()) };
    let (now, window, knobs) = (state.now(), state.clock.delay(WINDOW_MS), state.world.knobs());
    let rates = state.limits.take(&grant.app, grant.resource(), now, window, &knobs);
    context.rates = knobs.rate_headers.then_some(rates);
    context.limited = !rates.allowed;
    if rates.allowed { Ok(()) } else { Err(reply::too_many()) }
}

/// Checks everything the route requires, and that every id in the call belongs to the token's tenant.
fn admit<'a>(
    state: &SimulatorState,
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
        check_tenant(state, &call, grant)?;
    }
    let mut mistakes: Vec<String> = route
        .query
        .iter()
        .filter(|name| call.query_param(name).is_none())
        .map(|name| format!("{name} should not be empty"))
        .collect();
    if let Some(shape) = route.body {
        mistakes.extend(shape::mistakes(shape, &call.body));
    }
    if mistakes.is_empty() { Ok(call) } else { Err(reply::unprocessable(mistakes)) }
}

fn check_tenant(state: &SimulatorState, call: &Call<'_>, grant: &Grant) -> Result<(), Answer> {
    let named = |name: &str| {
        let param = call.params.get(name).map(String::as_str);
        [param, call.query_param(name), call.text(name).filter(|text| !text.is_empty())].into_iter().flatten()
    };
    if named("companyId").any(|company| company != grant.company_id) {
        return Err(reply::forbidden("company"));
    }
    for location in named("locationId") {
        let own = match grant.class {
            Class::Location | Class::LocationPit => grant.location_id.as_deref() == Some(location),
            Class::Company | Class::AgencyPit => {
                state.world.locations.get(location).is_some_and(|known| known.company_id == grant.company_id)
            }
        };
        if !own {
            return Err(reply::forbidden("location"));
        }
    }
    Ok(())
}
