//! Operations on phone routes: add, change, switch on and off, remove, ask where a call goes, set the country of
//! numbers without a country code.

use chrono::{DateTime, Utc};
use domain::PhoneRouteId;
use domain::field::FieldError;
use domain::permission::Right;
use domain::phone_routes::{Call, Destination, NewPhoneRoute, PhoneRoute, When, destination, no_number, number};
use domain::provisioning::is_country;
use store::phone_routes::{self as routes, DEFAULT_TAKEN, NUMBER_TAKEN};
use store::tenant::TenantTx;

use crate::{Actor, Refusal};

/// Adds a route.
///
/// # Errors `Invalid` with the fields that are wrong, also if the number has a route already; `State` if somebody else
/// made another client the default one at the same time.
pub async fn add(actor: &Actor, new: NewPhoneRoute) -> Result<PhoneRoute, Refusal> {
    let mut tx = actor.require(Right::PhoneRoutesManage)?.begin().await?;
    let new = checked(&mut tx, new, None).await?;
    let route = routes::add(&mut tx, &new).await.map_err(taken)?;
    tx.commit().await?;
    Ok(route)
}

/// Changes all of a route, also to another number or client.
///
/// # Errors
/// As `add`; `NotFound` if there is no such route.
pub async fn change(actor: &Actor, id: PhoneRouteId, new: NewPhoneRoute) -> Result<PhoneRoute, Refusal> {
    let mut tx = actor.require(Right::PhoneRoutesManage)?.begin().await?;
    routes::get(&mut tx, id).await?;
    let new = checked(&mut tx, new, Some(id)).await?;
    let route = routes::change(&mut tx, id, &new).await.map_err(taken)?;
    tx.commit().await?;
    Ok(route)
}

/// Switches a route on or off. Off, calls to its number go to the default client.
///
/// # Errors
/// `NotFound` if there is no such route.
pub async fn set_active(actor: &Actor, id: PhoneRouteId, active: bool) -> Result<PhoneRoute, Refusal> {
    let mut tx = actor.require(Right::PhoneRoutesManage)?.begin().await?;
    let route = routes::set_active(&mut tx, id, active).await?;
    tx.commit().await?;
    Ok(route)
}

/// Removes a route and returns what it was.
///
/// # Errors
/// `NotFound` if there is no such route.
pub async fn remove(actor: &Actor, id: PhoneRouteId) -> Result<PhoneRoute, Refusal> {
    let mut tx = actor.require(Right::PhoneRoutesManage)?.begin().await?;
    let route = routes::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(route)
}

/// Says where a call goes, by the routes that the actor may see. It changes nothing.
///
/// # Errors
/// `Invalid` if the number or the time cannot be read.
pub async fn resolve(actor: &Actor, call: &Call, now: DateTime<Utc>) -> Result<Destination, Refusal> {
    // The scope of a token stands for the right to change routes, which includes this one.
    let allowed = actor.require(Right::PhoneRoutesRead).or_else(|_| actor.require(Right::PhoneRoutesManage))?;
    let mut tx = allowed.begin().await?;
    let number = number(&call.number, &routes::country(&mut tx).await?);
    let when = When::parse(call.at.as_deref().unwrap_or_default(), now);
    let no_time = || FieldError::new("/at", "Enter a time such as 2026-03-09T17:30, with or without an offset.");
    let (Some(number), Some(when)) = (number.as_ref(), when) else {
        let wrong = [number.is_none().then(no_number), when.is_none().then(no_time)];
        return Err(Refusal::Invalid(wrong.into_iter().flatten().collect()));
    };
    let (route, default) = (routes::find(&mut tx, number).await?, routes::default(&mut tx).await?);
    tx.commit().await?;
    let at = when.instant(route.as_ref()).ok_or_else(|| Refusal::Invalid(vec![no_time()]))?;
    Ok(destination(number, at, route.as_ref(), default.as_ref()))
}

/// Sets the country whose numbers need no country code. Stored numbers stay.
///
/// # Errors
/// `Invalid` if there is no such country.
pub async fn set_country(actor: &Actor, country: &str) -> Result<(), Refusal> {
    let allowed = actor.require(Right::PhoneRoutesManage)?;
    if !is_country(country) {
        return Err(Refusal::field("country", "Choose a country."));
    }
    let mut tx = allowed.begin().await?;
    routes::set_country(&mut tx, country).await?;
    Ok(tx.commit().await?)
}

/// The route in the form that is stored, if its clients are the actor's and no other route has its number.
async fn checked(
    tx: &mut TenantTx,
    mut new: NewPhoneRoute,
    id: Option<PhoneRouteId>,
) -> Result<NewPhoneRoute, Refusal> {
    let mut errors = Vec::new();
    match routes::clients(tx, Some(new.business)).await?.pop() {
        Some(client) if new.timezone.is_empty() => new.timezone = client.timezone,
        Some(_) => {}
        None => errors.push(FieldError::new("/business", "Choose one of your clients.")),
    }
    let overflow = new.overflow.as_ref().map(|overflow| overflow.business).filter(|client| *client != new.business);
    if let Some(client) = overflow
        && routes::clients(tx, Some(client)).await?.is_empty()
    {
        errors.push(FieldError::new("/overflow/business", "Choose one of your clients, or no overflow."));
    }
    if !errors.is_empty() && new.timezone.is_empty() {
        // The zone of a client that is not there is no error of its own.
        "UTC".clone_into(&mut new.timezone);
    }
    let country = routes::country(tx).await?;
    let new = match new.check(&country) {
        Ok(new) => new,
        Err(more) => return Err(Refusal::Invalid(errors.into_iter().chain(more).collect())),
    };
    let known = routes::find(tx, &new.number).await?.filter(|known| Some(known.id) != id);
    if let Some(known) = known {
        let text =
            format!("This number goes to {} already. Change that route, or remove it first.", known.business_name);
        errors.push(FieldError::new("/number", text));
    }
    if errors.is_empty() { Ok(new) } else { Err(Refusal::Invalid(errors)) }
}

fn taken(error: store::Error) -> Refusal {
    match error {
        store::Error::Taken(what) if what == NUMBER_TAKEN => Refusal::field(
            "/number",
            "This number already has a route that you can't see. If the number is yours, ask support.",
        ),
        store::Error::Taken(what) if what == DEFAULT_TAKEN => Refusal::State(
            "Another client is the default and you don't have access to it, or someone just chose it. Check the list, or ask an agency admin.".to_owned(),
        ),
        store::Error::Refused(what) if what == "business" => Refusal::field("/business", "Choose one of your clients."),
        other => other.into(),
    }
}
