//! Phone routing: which client a call to a number goes to, when, and who takes it after hours. The server functions of
//! the page.

mod form;
mod page;

use std::collections::BTreeMap;

use domain::PhoneRouteId;
use domain::phone::shown;
use leptos::prelude::*;
use operations::phone_routes;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};

pub use self::page::PhoneRouting;

/// Adds a phone route.
#[server(prefix = "/do", endpoint = "add_phone_route")]
pub async fn add_phone_route(#[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let new = form::read(&fields).map_err(Error::Invalid)?;
    let route = phone_routes::add(&actor, new).await?;
    let text = format!("Calls to {} go to {} now.", shown(&route.number), route.business_name);
    flash_notice(&context, "add_phone_route", text).await?;
    back_to_the_list(&context)
}

/// Changes all of a phone route.
#[server(prefix = "/do", endpoint = "change_phone_route")]
pub async fn change_phone_route(id: String, #[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let id: PhoneRouteId = id.parse().map_err(|_| Error::NotFound)?;
    let new = form::read(&fields).map_err(Error::Invalid)?;
    let route = phone_routes::change(&actor, id, new).await?;
    flash_notice(
        &context,
        "change_phone_route",
        format!("Saved. It applies from the next call to {} on.", shown(&route.number)),
    )
    .await?;
    back_to_the_list(&context)
}

/// Switches a phone route on or off.
#[server(prefix = "/do", endpoint = "set_phone_route_active")]
pub async fn set_phone_route_active(id: PhoneRouteId, active: bool) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let route = phone_routes::set_active(&actor, id, active).await?;
    let text = match route.active {
        true => format!("Calls to {} go to {} again.", shown(&route.number), route.business_name),
        false => {
            format!("The route for {} is off. Calls go to the default client, if there is one.", shown(&route.number))
        }
    };
    flash_notice(&context, "set_phone_route_active", text).await
}

/// Removes a phone route.
#[server(prefix = "/do", endpoint = "remove_phone_route")]
pub async fn remove_phone_route(id: PhoneRouteId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let route = phone_routes::remove(&actor, id).await?;
    flash_notice(&context, "remove_phone_route", format!("{} no longer has a route.", shown(&route.number))).await
}

/// Sets the country whose numbers need no country code.
#[server(prefix = "/do", endpoint = "set_phone_country")]
pub async fn set_phone_country(country: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    phone_routes::set_country(&actor, &country).await?;
    flash_notice(&context, "set_phone_country", "Saved. Existing numbers stay as they are.").await
}

/// Leads to the list without the form that was sent.
fn back_to_the_list(context: &ServerContext) -> Result<()> {
    leptos_axum::redirect(&format!("/a/{}/phone-routes", context.access()?.slug));
    Ok(())
}
