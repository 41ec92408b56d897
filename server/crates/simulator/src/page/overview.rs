//! The overview page: companies, locations, users, pushes of snapshots, and the latest calls.

use axum::{
    extract::{Query, State},
    response::Html,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::{Simulator, records::Push, world::World};

use super::{
    html::{chip, count, esc, page, table},
    panels,
};

const LAST_CALLS: usize = 40;
/// The link shows only this many calls. Programs read on from the number they know.
const JSON_CALLS: u64 = 500;

#[derive(Deserialize)]
pub struct Asked {
    said: Option<String>,
}

/// `GET /_sim`.
pub async fn show(State(sim): State<Simulator>, Query(asked): Query<Asked>) -> Html<String> {
    let state = sim.lock();
    let (world, now) = (&state.world, state.now());
    let said =
        asked.said.map_or_else(String::new, |said| format!("<p class=\"said info\" role=\"status\">{}</p>", esc(said)));
    let body = format!(
        "<main><header><h1>Simulator</h1><span class=\"dim\">HighLevel, played on this machine</span>\
         <nav><a href=\"/_sim\">Refresh</a><a href=\"/_sim/mail\">Mailbox</a><a href=\"/_sim/hooks\">Webhooks</a><a href=\"/_sim/phone\">Customer's phone</a><a href=\"/_sim/world\">World as JSON</a>\
         <a href=\"/_sim/journal?since={}\">Journal as JSON</a></nav></header>\
         <p class=\"dim\">Time here: {}</p>{said}\
         {}{}{}{}{}{}</main>",
        state.next().saturating_sub(JSON_CALLS + 1),
        esc(now.format("%Y-%m-%d %H:%M:%S UTC")),
        panels::all(world),
        companies(world),
        pushes(world, now),
        locations(world, now),
        people(world),
        calls(&state.tail(LAST_CALLS)),
    );
    Html(page("Simulator", &body))
}

fn section(title: &str, inner: &str) -> String {
    format!("<section><h2>{}</h2>{inner}</section>", esc(title))
}

fn id(id: &str) -> String {
    format!("<span class=\"id\">{}</span>", esc(id))
}

fn companies(world: &World) -> String {
    let rows: Vec<Vec<String>> = world
        .companies_in_order()
        .into_iter()
        .map(|company| {
            let installed = match world.company_install(&company.id) {
                Some(install) if install.future => chip("good", "installed, future locations too"),
                Some(_) => chip("warn", "installed, not on future locations"),
                None => chip("", "not installed"),
            };
            let create = if company.may_create_locations() { chip("good", "yes") } else { chip("bad", "plan too low") };
            let snapshots = world.snapshots.values().filter(|snapshot| snapshot.company_id == company.id);
            let snapshots: Vec<String> = snapshots.map(|snapshot| esc(&snapshot.name)).collect();
            vec![
                format!("<strong>{}</strong><br>{}", esc(&company.name), id(&company.id)),
                format!("${}", company.plan),
                create,
                installed,
                world.locations_of(&company.id).count().to_string(),
                snapshots.join(", "),
            ]
        })
        .collect();
    section("Companies", &table(&["Company", "Plan", "Creates by API", "App", "Locations", "Snapshots"], &rows))
}

fn pushes(world: &World, now: DateTime<Utc>) -> String {
    let mut all: Vec<&Push> = world.pushes.values().collect();
    all.sort_by_key(|push| std::cmp::Reverse(push.started_at));
    if all.is_empty() {
        return section("Snapshots under way", "<p class=\"dim\">None was asked for yet.</p>");
    }
    let rows: Vec<Vec<String>> = all
        .into_iter()
        .take(20)
        .map(|push| {
            let (done, whole, status) = (push.due(now), push.assets.len(), push.status(now));
            let kind = match status {
                "completed" => "good",
                "failed" => "bad",
                _ => "info",
            };
            let location = world.locations.get(&push.location_id).map_or("", |location| location.name.as_str());
            let snapshot = world.snapshots.get(&push.snapshot_id).map_or("", |snapshot| snapshot.name.as_str());
            vec![
                esc(location),
                esc(snapshot),
                chip(kind, status),
                format!("<progress max=\"{whole}\" value=\"{done}\" aria-label=\"Asset groups\"></progress>{done} of {whole} asset groups"),
            ]
        })
        .collect();
    section("Snapshots under way", &table(&["Location", "Snapshot", "Status", "Progress"], &rows))
}

fn locations(world: &World, now: DateTime<Utc>) -> String {
    let mut all: Vec<_> = world.locations.values().collect();
    all.sort_by_key(|location| std::cmp::Reverse(location.date_added));
    let whole = all.len();
    let rows: Vec<Vec<String>> = all
        .into_iter()
        .take(60)
        .map(|location| {
            let company = world.companies.get(&location.company_id).map_or("", |company| company.name.as_str());
            let app = match world.location_install(&location.id) {
                Some(install) if install.active_at <= now => chip("good", "installed"),
                Some(_) => chip("warn", "on its way"),
                None => chip("", "not installed"),
            };
            let values = world.custom_values.values().filter(|value| value.location_id == location.id).count();
            let tags = world.tags.values().filter(|tag| tag.location_id == location.id).count();
            let seen = if location.listed_at <= now { "" } else { "search does not show it yet" };
            let paused = if location.paused { chip("bad", "paused") } else { String::new() };
            vec![
                format!("<strong>{}</strong> {paused}<br>{}", esc(&location.name), id(&location.id)),
                esc(company),
                app,
                format!("{}, {}", count(values, "value"), count(tags, "tag")),
                format!("{}<br><small>{seen}</small>", esc(location.date_added.format("%Y-%m-%d %H:%M:%S"))),
            ]
        })
        .collect();
    let title = format!("Locations ({whole})");
    section(&title, &table(&["Location", "Company", "App", "Holds", "Created"], &rows))
}

fn people(world: &World) -> String {
    let rows: Vec<Vec<String>> = world
        .users
        .values()
        .take(60)
        .map(|user| {
            let places = user.location_ids.iter().filter_map(|id| world.locations.get(id));
            let places: Vec<String> = places.map(|location| esc(&location.name)).collect();
            vec![
                format!("{} {}", esc(&user.first_name), esc(&user.last_name)),
                esc(&user.email),
                format!("{} {}", esc(&user.kind), esc(&user.role)),
                places.join(", "),
            ]
        })
        .collect();
    section("People", &table(&["Name", "Email", "Role", "Locations"], &rows))
}

fn calls(last: &[Value]) -> String {
    let rows: Vec<Vec<String>> = last
        .iter()
        .map(|call| {
            let text = |name: &str| call[name].as_str().unwrap_or_default();
            let heard = if text("answer") == "withheld" { chip("bad", "answer withheld") } else { String::new() };
            let kind = match text("outcome") {
                "executed" => "good",
                "refused" => "bad",
                _ => "warn",
            };
            vec![
                esc(&call["n"]),
                esc(text("at").get(11..19).unwrap_or_default()),
                format!("{} <code>{}</code>", esc(text("method")), esc(text("path"))),
                esc(text("token")),
                format!("{} {} {heard}", chip(kind, text("outcome").replace('_', " ")), esc(&call["status"])),
            ]
        })
        .collect();
    if rows.is_empty() {
        return section("Last calls", "<p class=\"dim\">Nobody has called yet.</p>");
    }
    section("Last calls", &table(&["No.", "Time", "Call", "Token", "Outcome"], &rows))
}
