//! What does a person see who is asked to install the app? The consent screen: who asks, for what, on which locations.
//! Works without script; approve and cancel both lead back to the callback.

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

/// What the link asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
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

/// The consent page of a host: the standard one, or under a path of its own that of white-labelled agencies.
pub const PAGE: &str = "/v2/oauth/chooselocation";

/// Whether a white-labelled agency is asked at the standard host, where nobody knows it.
fn is_stranger(world: &World, company: &str, at: &Uri) -> bool {
    at.path() == PAGE && world.companies.get(company).is_some_and(Company::is_white_labelled)
}

const STRANGER: &str = "No integration found with the ID";

/// `GET /v2/oauth/chooselocation`, also under [`crate::WHITE_LABEL`].
pub async fn show(State(sim): State<Simulator>, at: Uri, Query(asked): Query<Asked>) -> Response {
    if let Some(why) = refusal(&sim, &asked) {
        return refused(why);
    }
    let inside = sim.lock();
    let wanted = asked.company.as_deref().unwrap_or(demo::HARBOR);
    let known = inside.world.companies.keys().find(|id| *id == wanted).or_else(|| inside.world.companies.keys().next());
    let company = known.cloned().unwrap_or_default();
    if is_stranger(&inside.world, &company, &at) {
        return refused(STRANGER);
    }
    Html(page("Install Slipway", &screen(&inside.world, &asked, &company, at.path()))).into_response()
}

/// Why there is no callback at all, as the vendor shows it (HighLevel API §2.1).
fn refusal(sim: &Simulator, asked: &Asked) -> Option<&'static str> {
    if asked.client_id != sim.config.client_id {
        return Some(STRANGER);
    }
    if asked.response_type != "code" || !callback_known(sim, &asked.redirect_uri) {
        return Some("The redirect URI is not one of those registered for this app");
    }
    let known = defaults().scopes;
    let mut scopes = asked.scope.split_whitespace().peekable();
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

fn screen(world: &World, asked: &Asked, company: &str, at: &str) -> String {
    let mut hidden = String::new();
    for (name, value) in [
        ("response_type", asked.response_type.as_str()),
        ("client_id", &asked.client_id),
        ("redirect_uri", &asked.redirect_uri),
        ("scope", &asked.scope),
        ("company", company),
    ] {
        let _ = write!(hidden, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", esc(value));
    }
    if let Some(state) = &asked.state {
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
        companies(world, asked, company, at),
        scopes(&asked.scope),
        places(world, company),
        oddities(),
    )
}

fn companies(world: &World, asked: &Asked, current: &str, at: &str) -> String {
    let mut html = String::from("<nav aria-label=\"Switch account\"><span class=\"dim\">Switch to</span>");
    for company in world.companies_in_order().into_iter().filter(|company| company.id != current) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", &asked.response_type)
            .append_pair("client_id", &asked.client_id)
            .append_pair("redirect_uri", &asked.redirect_uri)
            .append_pair("scope", &asked.scope)
            .append_pair("company", &company.id);
        if let Some(state) = &asked.state {
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
    let Decision { asked, mut chosen, approved, single, drop_state, unknown_scope } = read(&body);
    if let Some(why) = refusal(&sim, &asked) {
        return refused(why);
    }
    if is_stranger(&sim.lock().world, &chosen.company, &at) {
        return refused(STRANGER);
    }
    if unknown_scope {
        return refused("This integration cannot be added, please contact the developer");
    }
    let state = asked.state.as_deref().filter(|_| !drop_state);
    if !approved {
        let denied = [("error", "access_denied"), ("error_description", "The user denied access")];
        return back(&asked.redirect_uri, &denied, state);
    }
    chosen.scopes = asked.scope.split_whitespace().map(str::to_owned).collect();
    chosen.single = single;
    match actions::consent(&sim, &chosen, &asked.redirect_uri) {
        Ok(code) => back(&asked.redirect_uri, &[("code", &code)], state),
        Err(why) => refused(&why),
    }
}

/// What the person sent back.
#[derive(Default)]
struct Decision {
    asked: Asked,
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
            "response_type" => decision.asked.response_type = value,
            "client_id" => decision.asked.client_id = value,
            "redirect_uri" => decision.asked.redirect_uri = value,
            "scope" => decision.asked.scope = value,
            "state" => decision.asked.state = Some(value),
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
    // The list of single locations is always sent; it counts only when that kind of install was chosen.
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
    // 302, as the vendor answers; `Redirect` offers 303 and 307 only.
    (StatusCode::FOUND, [(axum::http::header::LOCATION, url.to_string())]).into_response()
}
