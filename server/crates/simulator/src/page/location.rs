//! The page of one location. It has the address of HighLevel's own application, because the product links there.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::{Simulator, records::Location, world::World};

use super::html::{esc, page, table};

/// `GET /v2/location/{id}/dashboard`.
pub async fn show(State(sim): State<Simulator>, Path(id): Path<String>) -> Response {
    let state = sim.lock();
    let Some(location) = state.world.locations.get(&id) else {
        let body = "<main><h1>No such location</h1><p><a href=\"/_sim\">To the simulator</a></p></main>";
        return (StatusCode::NOT_FOUND, Html(page("No such location", body))).into_response();
    };
    let body = format!(
        "<main><header><h1>{}</h1><span class=\"dim\">a location of HighLevel, played on this machine</span>\
         <nav><a href=\"/_sim\">To the simulator</a></nav></header>{}</main>",
        esc(&location.name),
        holds(&state.world, location),
    );
    Html(page(&location.name, &body)).into_response()
}

/// The location's details and everything in it.
fn holds(world: &World, location: &Location) -> String {
    let at = &location.id;
    let company = world.companies.get(&location.company_id).map_or("", |company| company.name.as_str());
    let details = [
        ("Company", company),
        ("Id", at),
        ("Email", &location.email),
        ("Phone", &location.phone),
        ("Website", &location.website),
        ("City", &location.city),
        ("Country", &location.country),
        ("Time zone", &location.timezone),
    ];
    let details = details.iter().filter(|(_, value)| !value.is_empty());
    let details = details.map(|(name, value)| vec![esc(name), esc(value)]).collect::<Vec<_>>();
    let users = world.users.values().filter(|user| user.location_ids.contains(at));
    let users = users
        .map(|user| vec![esc(format!("{} {}", user.first_name, user.last_name)), esc(&user.email), esc(&user.role)]);
    let values = world.custom_values.values().filter(|value| value.location_id == *at);
    let values = values.map(|value| vec![esc(&value.name), esc(&value.value)]);
    let tags = world.tags.values().filter(|tag| tag.location_id == *at).map(|tag| vec![esc(&tag.name)]);
    [
        section("Details", &["What", "Value"], details),
        section("Users", &["Name", "Email", "Role"], users.collect()),
        section("Custom values", &["Name", "Value"], values.collect()),
        section("Tags", &["Tag"], tags.collect()),
    ]
    .concat()
}

fn section(title: &str, heads: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return format!("<section><h2>{title}</h2><p class=\"dim\">None.</p></section>");
    }
    format!("<section><h2>{title}</h2>{}</section>", table(heads, &rows))
}
