//! The consent screen that a person sees who is asked to install the app. It shows who asks, for what, and on which
//! locations.
//!
//! The page works without scripts. Approve and cancel both lead back to the callback.

use std::fmt::Write;

use axum::{
    extract::{Query, State},
    http::{StatusCode, Uri},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;
use url::{Host, Url};

use crate::{
    Simulator,
    control::actions,
    defaults, demo,
    page::html::{esc, page, select},
    records::Company,
    world::World,
};

use super::installs::Consent;

/// The query of the consent link.
#[derive(Debug, Default, Deserialize)]
pub struct ConsentQuery {
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    scope: String,
    state: Option<String>,
    company: Option<String>,
}

/// Path of the consent page. The standard host serves it here; [`crate::WHITE_LABEL`] plus this path represents the
/// host of white-labelled agencies.
pub const PAGE: &str = "/v2/oauth/chooselocation";

/// True if a white-labelled agency opens the standard host, which does not know it.
fn is_unknown_at_host(world: &World, company: &str, at: &Uri) -> bool {
    at.path() == PAGE && world.companies.get(company).is_some_and(Company::is_white_labelled)
}

const STRANGER: &str = "No integration found with the ID";

/// `GET /v2/oauth/chooselocation`, also under [`crate::WHITE_LABEL`].
pub async fn show(State(sim): State<Simulator>, at: Uri, Query(consent_query): Query<ConsentQuery>) -> Response {
    if let Some(why) = refusal(&sim, &consent_query) {
        return refused(why);
    }
    let sim_state = sim.lock();
    let wanted = consent_query.company.as_deref().unwrap_or(demo::HARBOR);
    let known =
        sim_state.world.companies.keys().find(|id| *id == wanted).or_else(|| sim_state.world.companies.keys().next());
    let company = known.cloned().unwrap_or_default();
    if is_unknown_at_host(&sim_state.world, &company, &at) {
        return refused(STRANGER);
    }
    Html(page("Install Slipway", &screen(&sim_state.world, &consent_query, &company, at.path()))).into_response()
}

/// Returns why the consent cannot lead to a callback, in HighLevel's words (HighLevel API §2.1). `None` if it can.
fn refusal(sim: &Simulator, consent_query: &ConsentQuery) -> Option<&'static str> {
    if consent_query.client_id != sim.config.client_id {
        return Some(STRANGER);
    }
    if consent_query.response_type != "code" || !callback_known(sim, &consent_query.redirect_uri) {
        return Some("The redirect URI is not one of those registered for this app");
    }
    let known = defaults().scopes;
    let mut scopes = consent_query.scope.split_whitespace().peekable();
    if scopes.peek().is_none() || scopes.any(|scope| !known.contains(&scope)) {
        return Some("This integration cannot be added, please contact the developer");
    }
    None
}

fn callback_known(sim: &Simulator, uri: &str) -> bool {
    if !sim.config.redirect_uris.is_empty() {
        return sim.config.redirect_uris.iter().any(|known| known == uri);
    }
    Url::parse(uri).is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    })
}

fn refused(why: &str) -> Response {
    let body = format!(
        "<main class=\"narrow\"><section role=\"alert\"><h1>This app cannot be installed</h1><p>{}.</p>\
         <p class=\"dim\">There is no way back to the app from here; check its client id, callback and scopes.</p></section></main>",
        esc(why)
    );
    (StatusCode::BAD_REQUEST, Html(page("This app cannot be installed", &body))).into_response()
}

fn screen(world: &World, consent_query: &ConsentQuery, company: &str, at: &str) -> String {
    let mut hidden = String::new();
    for (name, value) in [
        ("response_type", consent_query.response_type.as_str()),
        ("client_id", &consent_query.client_id),
        ("redirect_uri", &consent_query.redirect_uri),
        ("scope", &consent_query.scope),
        ("company", company),
    ] {
        let _ = write!(hidden, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", esc(value));
    }
    if let Some(state) = &consent_query.state {
        let _ = write!(hidden, "<input type=\"hidden\" name=\"state\" value=\"{}\">", esc(state));
    }
    let name = world.companies.get(company).map_or("", |company| company.name.as_str());
    format!(
        "<main class=\"narrow\"><header><div class=\"logo\" aria-hidden=\"true\">S</div><div><h1>Install Slipway</h1>\
         <span class=\"dim\">Simulated HighLevel marketplace</span></div></header>\
         <section><h2>You are signed in as an admin of {}</h2>{}</section>\
         <form method=\"post\" action=\"{at}\">{hidden}\
         <section><h2>Slipway asks for</h2>{}</section>\
         <section><h2>Where should it be installed?</h2>{}</section>\
         <section><details><summary>What the simulator may do differently</summary>{}</details></section>\
         <div class=\"actions\"><button name=\"decision\" value=\"approve\">Approve and install</button>\
         <button class=\"plain\" name=\"decision\" value=\"cancel\">Cancel</button></div></form></main>",
        esc(name),
        companies(world, consent_query, company, at),
        scopes(&consent_query.scope),
        places(world, company),
        oddities(),
    )
}

fn companies(world: &World, consent_query: &ConsentQuery, current: &str, at: &str) -> String {
    let mut html = String::from("<nav aria-label=\"Switch account\"><span class=\"dim\">Switch to</span>");
    for company in world.companies_in_order().into_iter().filter(|company| company.id != current) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", &consent_query.response_type)
            .append_pair("client_id", &consent_query.client_id)
            .append_pair("redirect_uri", &consent_query.redirect_uri)
            .append_pair("scope", &consent_query.scope)
            .append_pair("company", &company.id);
        if let Some(state) = &consent_query.state {
            query.append_pair("state", state);
        }
        let link = format!("{at}?{}", query.finish());
        let _ = write!(html, "<a href=\"{}\">{}</a>", esc(link), esc(&company.name));
    }
    html + "</nav>"
}

fn scopes(asked: &str) -> String {
    let mut html = String::from("<ul class=\"columns\">");
    for scope in asked.split_whitespace() {
        let _ = write!(html, "<li><code>{}</code></li>", esc(scope));
    }
    html + "</ul>"
}

fn places(world: &World, company: &str) -> String {
    let mut boxes = String::new();
    let mut options = Vec::new();
    for location in world.locations_of(company) {
        let place = [location.city.as_str(), location.state.as_str()].join(", ");
        let place = place.trim_matches([',', ' ']);
        let (id, name) = (esc(&location.id), esc(&location.name));
        let _ = write!(
            boxes,
            "<label class=\"check\"><input type=\"checkbox\" name=\"location\" value=\"{id}\" checked>\
             <span>{name} <small>{}</small></span></label>",
            esc(place),
        );
        options.push((location.id.clone(), location.name.clone()));
    }
    format!(
        "<fieldset><legend>As agency admin</legend><label class=\"check\">\
         <input type=\"radio\" name=\"as\" value=\"company\" checked>The agency, on these locations</label>\
         <div class=\"inset\">{boxes}<label class=\"check\"><input type=\"checkbox\" name=\"future\" value=\"yes\" checked>\
         <strong>Install to all future locations</strong></label></div></fieldset>\
         <fieldset><legend>As admin of one location</legend><label class=\"check\">\
         <input type=\"radio\" name=\"as\" value=\"location\">This location only</label>\
         <div class=\"inset\">{}</div></fieldset>",
        select("single", "Location", &options, ""),
    )
}

fn oddities() -> &'static str {
    "<p class=\"dim\">The real service has shown each of these.</p>\
     <label class=\"check\"><input type=\"checkbox\" name=\"drop_state\" value=\"yes\">Leave the state out of the callback</label>\
     <label class=\"check\"><input type=\"checkbox\" name=\"unknown_scope\" value=\"yes\">Refuse a scope as unknown, without a callback</label>"
}

/// `POST /v2/oauth/chooselocation`, also under [`crate::WHITE_LABEL`].
pub async fn decide(State(sim): State<Simulator>, at: Uri, body: String) -> Response {
    let Decision { consent_query, mut chosen, approved, single, drop_state, unknown_scope } = read(&body);
    if let Some(why) = refusal(&sim, &consent_query) {
        return refused(why);
    }
    if is_unknown_at_host(&sim.lock().world, &chosen.company, &at) {
        return refused(STRANGER);
    }
    if unknown_scope {
        return refused("This integration cannot be added, please contact the developer");
    }
    let state = consent_query.state.as_deref().filter(|_| !drop_state);
    if !approved {
        let denied = [("error", "access_denied"), ("error_description", "The user denied access")];
        return back(&consent_query.redirect_uri, &denied, state);
    }
    chosen.scopes = consent_query.scope.split_whitespace().map(str::to_owned).collect();
    chosen.single = single;
    match actions::consent(&sim, &chosen, &consent_query.redirect_uri) {
        Ok(code) => back(&consent_query.redirect_uri, &[("code", &code)], state),
        Err(why) => refused(&why),
    }
}

/// The form that the person submitted.
#[derive(Default)]
struct Decision {
    consent_query: ConsentQuery,
    chosen: Consent,
    approved: bool,
    single: Option<String>,
    drop_state: bool,
    unknown_scope: bool,
}

fn read(body: &str) -> Decision {
    let mut decision = Decision::default();
    let mut as_location = false;
    for (name, value) in url::form_urlencoded::parse(body.as_bytes()).into_owned() {
        match name.as_str() {
            "response_type" => decision.consent_query.response_type = value,
            "client_id" => decision.consent_query.client_id = value,
            "redirect_uri" => decision.consent_query.redirect_uri = value,
            "scope" => decision.consent_query.scope = value,
            "state" => decision.consent_query.state = Some(value),
            "company" => decision.chosen.company = value,
            "location" => decision.chosen.locations.push(value),
            "future" => decision.chosen.future = true,
            "as" => as_location = value == "location",
            "single" => decision.single = Some(value),
            "decision" => decision.approved = value == "approve",
            "drop_state" => decision.drop_state = true,
            "unknown_scope" => decision.unknown_scope = true,
            _ => {}
        }
    }
    // The form always contains a single location. It counts only if the person chose to install on one location.
    decision.single = as_location.then(|| decision.single.unwrap_or_default());
    decision
}

fn back(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>) -> Response {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return refused("The redirect URI is no address");
    };
    {
        let mut query = url.query_pairs_mut();
        for (name, value) in pairs {
            query.append_pair(name, value);
        }
        if let Some(state) = state {
            query.append_pair("state", state);
        }
    }
    // HighLevel answers 302; `Redirect` offers only 303 and 307.
    (StatusCode::FOUND, [(axum::http::header::LOCATION, url.to_string())]).into_response()
}
