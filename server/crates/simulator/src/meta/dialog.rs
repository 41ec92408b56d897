//! The dialogs in which a person connects accounts: Facebook Login and Instagram Login.
//!
//! The pages work without scripts. Every decision leads back to the callback.

use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use url::{Host, Url};

use crate::{
    Simulator,
    control::actions::said,
    page::html::{esc, page},
    world::{Transaction, World},
};

use super::{
    consents::{self, Decision},
    dialog_page,
    records::MetaApp,
    signup_dialog,
    templates::Query as Fields,
};

/// What the link to a dialog asks for, and what the person's form adds.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The app, or its Instagram half.
    pub client_id: String,
    /// Where the person goes back to.
    pub redirect_uri: String,
    /// Given back unchanged. `None` if there was none.
    pub state: Option<String>,
    /// The permissions, separated by commas.
    pub scope: String,
    /// Configuration of Facebook Login for Business. Empty without one.
    pub config_id: String,
    /// `code`, possibly with `granted_scopes`.
    pub response_type: String,
    /// The chosen person. Empty before one was chosen.
    pub person: String,
}

/// What a person who refuses at Facebook Login brings back.
pub const DENIED: [(&str, &str); 4] = [
    ("error_reason", "user_denied"),
    ("error", "access_denied"),
    ("error_code", "200"),
    ("error_description", "Permissions error"),
];

impl Asked {
    /// Reads the link, or the form with what the link asked for.
    pub fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Self {
            client_id: text("client_id"),
            redirect_uri: text("redirect_uri"),
            state: fields.get("state").cloned(),
            scope: text("scope"),
            config_id: text("config_id"),
            response_type: text("response_type"),
            person: text("person"),
        }
    }

    /// The permissions that are asked for: those of the configuration, if there is one.
    pub fn scopes(&self, app: &MetaApp) -> Vec<String> {
        match app.configs.get(&self.config_id) {
            Some(config) => config.scopes.clone(),
            None => {
                let scopes = self.scope.split([',', ' ']).filter(|scope| !scope.is_empty());
                scopes.map(str::to_owned).collect()
            }
        }
    }
}

/// The app of a dialog, or why the dialog cannot lead back to it.
pub fn app_of(world: &World, asked: &Asked, instagram: bool) -> Result<MetaApp, &'static str> {
    let is = |app: &&MetaApp| asked.client_id == *(if instagram { &app.ig_id } else { &app.id });
    let app = world
        .meta_apps
        .values()
        .find(is)
        .ok_or("Invalid App ID: The provided app ID does not look like a valid app ID")?;
    if asked.response_type.split(',').next() != Some("code") {
        return Err("Invalid Request: response_type has to be code");
    }
    if !is_registered(app, &asked.redirect_uri) {
        return Err(
            "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth Settings",
        );
    }
    if !asked.config_id.is_empty() && !app.configs.contains_key(&asked.config_id) {
        return Err("Invalid Parameter: the configuration does not exist");
    }
    if asked.scopes(app).is_empty() {
        return Err("Invalid Scopes: no permission is asked for");
    }
    Ok(app.clone())
}

fn is_registered(app: &MetaApp, uri: &str) -> bool {
    if !app.redirect_uris.is_empty() {
        return app.redirect_uris.iter().any(|known| known == uri);
    }
    Url::parse(uri).is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    })
}

/// The page that says why a dialog cannot go on.
pub fn refused(why: &str) -> Response {
    let body = format!(
        "<main class=\"narrow\"><section role=\"alert\"><h1>This does not work</h1><p>{}.</p>\
         <p class=\"dim\">There is no way back to the app from here; check its id, callback and permissions.</p></section></main>",
        esc(why)
    );
    (StatusCode::BAD_REQUEST, Html(page("This does not work", &body))).into_response()
}

/// `GET /dialog/oauth`.
pub async fn show(State(sim): State<Simulator>, Path(version): Path<String>, Query(query): Query<Fields>) -> Response {
    let asked = Asked::read(&query);
    let state = sim.lock();
    match app_of(&state.world, &asked, false) {
        Ok(app) if signup_dialog::is_asked(&query) => {
            Html(signup_dialog::page_of(&state.world, &app, &asked, &version)).into_response()
        }
        Ok(app) => Html(dialog_page::facebook(&state.world, &app, &asked, &version)).into_response(),
        Err(why) => refused(why),
    }
}

/// `GET /oauth/authorize` of Instagram.
pub async fn show_instagram(State(sim): State<Simulator>, Query(query): Query<Fields>) -> Response {
    let asked = Asked::read(&query);
    let state = sim.lock();
    match app_of(&state.world, &asked, true) {
        Ok(app) => Html(dialog_page::instagram(&state.world, &app, &asked)).into_response(),
        Err(why) => refused(why),
    }
}

/// The person's form: single fields, and the ticked boxes.
fn read_form(body: &str) -> (Fields, Vec<(String, String)>) {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    (pairs.iter().cloned().collect(), pairs)
}

fn ticked(pairs: &[(String, String)], wanted: &str) -> Vec<String> {
    pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.clone()).collect()
}

/// `POST /dialog/oauth`.
pub async fn decide(State(sim): State<Simulator>, body: String) -> Response {
    let (fields, pairs) = read_form(&body);
    let asked = Asked::read(&fields);
    let app = match app_of(&sim.lock().world, &asked, false) {
        Ok(app) => app,
        Err(why) => return refused(why),
    };
    if fields.get("decision").map(String::as_str) != Some("allow") {
        return back(&asked, &DENIED, "_=_");
    }
    let config = app.configs.get(&asked.config_id);
    // With a configuration nothing can be unticked: all of it is granted, or none.
    let ticked_scopes = ticked(&pairs, "grant");
    let all = asked.scopes(&app);
    let kept = |scope: &&String| config.is_some() || ticked_scopes.contains(scope);
    let (granted, declined): (Vec<&String>, Vec<&String>) = all.iter().partition(kept);
    let owned = |list: Vec<&String>| list.into_iter().cloned().collect::<Vec<_>>();
    let decision = Decision {
        app: app.id.clone(),
        person: asked.person.clone(),
        scopes: owned(granted).into_iter().chain(["public_profile".to_owned()]).collect(),
        declined: owned(declined),
        assets: dialog_page::chosen(&sim.lock().world, &asked.person, |kind| ticked(&pairs, kind)),
        redirect_uri: Some(asked.redirect_uri.clone()),
    };
    let system_user = config.is_some_and(|config| config.system_user);
    let transaction = |tx: &mut Transaction<'_>| {
        if !tx.world.people.contains_key(&decision.person) {
            return Err("Nobody is logged in.".to_owned());
        }
        Ok(consents::facebook(tx, &decision, system_user))
    };
    match sim.run_transaction(transaction).map_err(said) {
        Ok(code) => {
            let (granted, denied) = (decision.scopes.join(","), decision.declined.join(","));
            let mut pairs = vec![("code", code.as_str())];
            if asked.response_type.contains("granted_scopes") {
                pairs.extend([("granted_scopes", granted.as_str()), ("denied_scopes", denied.as_str())]);
            }
            back(&asked, &pairs, "_=_")
        }
        Err(why) => refused(&why),
    }
}

/// `POST /oauth/authorize` of Instagram.
pub async fn decide_instagram(State(sim): State<Simulator>, body: String) -> Response {
    let (fields, pairs) = read_form(&body);
    let asked = Asked::read(&fields);
    let app = match app_of(&sim.lock().world, &asked, true) {
        Ok(app) => app,
        Err(why) => return refused(why),
    };
    if fields.get("decision").map(String::as_str) != Some("allow") {
        let denied = [
            ("error", "access_denied"),
            ("error_reason", "user_denied"),
            ("error_description", "The user denied your request"),
        ];
        return back(&asked, &denied, "_");
    }
    let granted = ticked(&pairs, "grant");
    let (scopes, declined) = asked.scopes(&app).into_iter().partition(|scope| granted.contains(scope));
    let mut decision = Decision { app: app.ig_id, scopes, declined, ..Decision::default() };
    decision.redirect_uri = Some(asked.redirect_uri.clone());
    decision.assets.instagrams = ticked(&pairs, "instagram").into_iter().take(1).collect();
    match sim.run_transaction(|tx| consents::instagram(tx, &decision)).map_err(said) {
        Ok(code) => back(&asked, &[("code", &code)], "_"),
        Err(why) => refused(&why),
    }
}

fn back(asked: &Asked, pairs: &[(&str, &str)], fragment: &str) -> Response {
    match address_back(asked, pairs, fragment) {
        Some(url) => (StatusCode::FOUND, [(header::LOCATION, url.to_string())]).into_response(),
        None => refused("The redirect URI is no address"),
    }
}

/// Where the person goes back to. `None` if that is no address.
pub fn address_back(asked: &Asked, pairs: &[(&str, &str)], fragment: &str) -> Option<Url> {
    let mut url = Url::parse(&asked.redirect_uri).ok()?;
    {
        let mut query = url.query_pairs_mut();
        for (name, value) in pairs {
            query.append_pair(name, value);
        }
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
    }
    url.set_fragment(Some(fragment));
    Some(url)
}
