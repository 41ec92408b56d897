//! What the dialogs of Facebook Login and Instagram Login show, and which accounts a person may choose.

use std::fmt::Write;

use crate::{
    page::html::{esc, page, select},
    world::World,
};

use super::{access_records::Assets, dialog::Asked, records::MetaApp};

/// One account that can be ticked.
struct Choice {
    kind: &'static str,
    id: String,
    name: String,
    hint: String,
}

/// The accounts that a person can choose from: those on which they have a role, or whose portfolio they run.
fn choices(world: &World, person: &str) -> Vec<Choice> {
    let mut all = Vec::new();
    let choice =
        |kind, id: &str, name: &str, hint: String| Choice { kind, id: id.to_owned(), name: name.to_owned(), hint };
    for page in world.pages.values().filter(|page| page.roles.contains_key(person)) {
        let may = page.roles.get(person).is_some_and(|tasks| tasks.iter().any(|task| task == "MESSAGING"));
        let hint = if may { page.category.clone() } else { format!("{}, without messages", page.category) };
        all.push(choice("page", &page.id, &page.name, hint));
        if let Some(account) = page.instagram_id.as_ref().and_then(|id| world.instagrams.get(id)) {
            all.push(choice("instagram", &account.id, &account.name, format!("@{}", account.username)));
        }
    }
    for business in world.businesses.values().filter(|business| business.people.iter().any(|one| one == person)) {
        all.push(choice("business", &business.id, &business.name, "Business portfolio".into()));
        for waba in world.wabas.values().filter(|waba| waba.business_id == business.id) {
            all.push(choice("waba", &waba.id, &waba.name, "WhatsApp Business Account".into()));
        }
    }
    all
}

/// The accounts of a form that the person may choose.
pub fn chosen(world: &World, person: &str, ticked: impl Fn(&str) -> Vec<String>) -> Assets {
    let all = choices(world, person);
    let of = |kind: &str| {
        let own = |id: &String| all.iter().any(|choice| choice.kind == kind && choice.id == *id);
        ticked(kind).into_iter().filter(own).collect::<Vec<_>>()
    };
    Assets { pages: of("page"), instagrams: of("instagram"), wabas: of("waba"), businesses: of("business") }
}

/// What the link asked for, as hidden fields of the form.
pub fn hidden(asked: &Asked) -> String {
    let mut html = String::new();
    let state = asked.state.iter().map(|state| ("state", state.as_str()));
    let all = [
        ("client_id", asked.client_id.as_str()),
        ("redirect_uri", &asked.redirect_uri),
        ("scope", &asked.scope),
        ("config_id", &asked.config_id),
        ("response_type", &asked.response_type),
    ];
    for (name, value) in all.into_iter().chain(state) {
        let _ = write!(html, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", esc(value));
    }
    html
}

fn check(name: &str, value: &str, text: &str, hint: &str) -> String {
    format!(
        "<label class=\"check\"><input type=\"checkbox\" name=\"{name}\" value=\"{}\" checked><span>{} <small>{}</small></span></label>",
        esc(value),
        esc(text),
        esc(hint)
    )
}

/// The permissions, which cannot be unticked with a configuration.
fn permissions(app: &MetaApp, asked: &Asked) -> String {
    let scopes = asked.scopes(app);
    if !asked.config_id.is_empty() {
        let items: String = scopes.iter().map(|scope| format!("<li><code>{}</code></li>", esc(scope))).collect();
        return format!("<ul>{items}</ul><p class=\"dim\">All of it is granted, or none.</p>");
    }
    scopes.iter().map(|scope| check("grant", scope, scope, "")).collect()
}

fn framed(app: &MetaApp, whose: &str, action: &str, inner: &str) -> String {
    let title = format!("Connect to {}", app.name);
    let body = format!(
        "<main class=\"narrow\"><header><div class=\"logo\" aria-hidden=\"true\">{}</div><div><h1>{}</h1>\
         <span class=\"dim\">Simulated {whose}</span></div></header><form method=\"post\" action=\"{}\">{inner}\
         <div class=\"actions\"><button name=\"decision\" value=\"allow\">Allow</button>\
         <button class=\"plain\" name=\"decision\" value=\"deny\">Deny</button></div></form></main>",
        esc(app.name.chars().next().unwrap_or('A')),
        esc(&title),
        esc(action)
    );
    page(&title, &body)
}

/// The dialog of Facebook Login.
pub fn facebook(world: &World, app: &MetaApp, asked: &Asked, version: &str) -> String {
    let known = world.people.get(&asked.person).or_else(|| world.people.values().next());
    let Some(person) = known else { return framed(app, "Facebook Login", "", "<p>Nobody has an account.</p>") };
    let mut accounts = String::new();
    for Choice { kind, id, name, hint } in choices(world, &person.id) {
        accounts.push_str(&check(kind, &id, &name, &hint));
    }
    let action = format!("/meta/dialog/{version}/dialog/oauth");
    let inner = format!(
        "{}<input type=\"hidden\" name=\"person\" value=\"{}\"><section><h2>You are logged in as {}</h2>{}</section>\
         <section><h2>Choose what {} may use</h2><p class=\"dim\">What is not ticked loses its connection.</p>{accounts}</section>\
         <section><h2>What it may do</h2>{}</section>",
        hidden(asked),
        esc(&person.id),
        esc(&person.name),
        switch(world, asked, &person.id, &action),
        esc(&app.name),
        permissions(app, asked),
    );
    framed(app, "Facebook Login", &action, &inner)
}

/// Links to the same dialog as another person.
fn switch(world: &World, asked: &Asked, current: &str, action: &str) -> String {
    let mut html = String::from("<nav aria-label=\"Switch account\">");
    for person in world.people.values().filter(|person| person.id != current) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", &asked.client_id).append_pair("redirect_uri", &asked.redirect_uri);
        query.append_pair("scope", &asked.scope).append_pair("config_id", &asked.config_id);
        query.append_pair("response_type", &asked.response_type).append_pair("person", &person.id);
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
        let link = format!("{action}?{}", query.finish());
        let _ = write!(html, "<a href=\"{}\">Not you? Continue as {}</a>", esc(link), esc(&person.name));
    }
    html + "</nav>"
}

/// The dialog of Instagram Login.
pub fn instagram(world: &World, app: &MetaApp, asked: &Asked) -> String {
    let accounts = world.instagrams.values();
    let options: Vec<(String, String)> =
        accounts.map(|account| (account.id.clone(), format!("@{}", account.username))).collect();
    let inner = format!(
        "{}<section><h2>Which account</h2>{}</section><section><h2>What {} may do</h2>{}</section>",
        hidden(asked),
        select("instagram", "Instagram account", &options, ""),
        esc(&app.name),
        permissions(app, asked),
    );
    framed(app, "Instagram Login", "/meta/ig/oauth/authorize", &inner)
}
