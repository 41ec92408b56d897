//! Operations on webhooks: add, change, turn on and off, replace the secret, remove, send a test, send a delivery
//! again. A secret is returned once.

use domain::identity::Reach;
use domain::permission::Right;
use domain::webhooks::{Delivery, MOST_ENDPOINTS, NOT_PUBLIC, NewWebhook, Webhook, WebhookSecret};
use domain::{WebhookDeliveryId, WebhookId};
use ghl::Ghl;
use secrecy::{ExposeSecret, SecretString};
use store::vault::Vault;
use store::webhooks;

use crate::actor::Allowed;
use crate::{Actor, Refusal};

/// Adds an endpoint. `ghl` knows the network that addresses are judged by.
///
/// # Errors
/// `Invalid` with the fields that are wrong; `State` if the agency has as many endpoints as it may.
pub async fn create(actor: &Actor, vault: &Vault, ghl: &Ghl, new: NewWebhook) -> Result<WebhookSecret, Refusal> {
    let allowed = allowed(actor)?;
    let new = checked(ghl, new, false)?;
    let mut tx = allowed.begin().await?;
    if webhooks::count(&mut tx).await? >= MOST_ENDPOINTS {
        return Err(Refusal::State(format!(
            "There are {MOST_ENDPOINTS} webhooks, which is as many as an agency may have. Remove one first."
        )));
    }
    let (webhook, secret) = webhooks::add(&mut tx, vault, &new).await?;
    tx.commit().await?;
    Ok(shown(webhook, secret))
}

/// Changes all of an endpoint but its format. Without an address it keeps its own.
///
/// # Errors
/// `Invalid` as `create`, also for another format; `NotFound` if there is no such endpoint.
pub async fn change(
    actor: &Actor,
    vault: &Vault,
    ghl: &Ghl,
    id: WebhookId,
    mut new: NewWebhook,
) -> Result<Webhook, Refusal> {
    let mut tx = allowed(actor)?.begin().await?;
    let before = webhooks::get(&mut tx, id).await?;
    if new.format != before.format {
        return Err(Refusal::field("/format", "This can't be changed. Add another webhook."));
    }
    if new.url.trim() == before.url {
        // What is shown of a Slack address is no address, and the present one needs no second look.
        new.url.clear();
    }
    let new = checked(ghl, new, true)?;
    let webhook = webhooks::change(&mut tx, vault, id, &new).await?;
    tx.commit().await?;
    Ok(webhook)
}

/// Turns an endpoint on or off. What happens while it is off is not sent later.
///
/// # Errors
/// `NotFound` if there is no such endpoint.
pub async fn set_active(actor: &Actor, id: WebhookId, active: bool) -> Result<Webhook, Refusal> {
    let mut tx = allowed(actor)?.begin().await?;
    let webhook = webhooks::set_active(&mut tx, id, active).await?;
    tx.commit().await?;
    Ok(webhook)
}

/// Gives an endpoint a new secret. The one before signs, too, for 24 hours.
///
/// # Errors
/// `NotFound` if there is no such endpoint; `State` for Slack, which has no secret.
pub async fn rotate(actor: &Actor, vault: &Vault, id: WebhookId) -> Result<WebhookSecret, Refusal> {
    let mut tx = allowed(actor)?.begin().await?;
    let (webhook, secret) = webhooks::rotate(&mut tx, vault, id).await.map_err(no_secret)?;
    tx.commit().await?;
    Ok(shown(webhook, secret))
}

/// Removes an endpoint with its log and returns what it was.
///
/// # Errors
/// `NotFound` if there is no such endpoint.
pub async fn remove(actor: &Actor, id: WebhookId) -> Result<Webhook, Refusal> {
    let mut tx = allowed(actor)?.begin().await?;
    let webhook = webhooks::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(webhook)
}

/// Sends a test event to an endpoint. `origin` begins the link of a message.
///
/// # Errors
/// `NotFound` if there is no such endpoint; `State` if it is off or a test is on its way.
pub async fn test(actor: &Actor, id: WebhookId, origin: &str) -> Result<Delivery, Refusal> {
    let mut tx = allowed(actor)?.begin().await?;
    let webhook = webhooks::get(&mut tx, id).await?;
    require_on(&webhook)?;
    if webhooks::test_waits(&mut tx, id).await? {
        return Err(Refusal::State("A test is on its way. Its result appears in the log.".to_owned()));
    }
    let delivery = webhooks::add_test(&mut tx, id, webhook.format, origin).await?;
    tx.commit().await?;
    Ok(delivery)
}

/// Sends a delivery once more, under the id that it had.
///
/// # Errors
/// `NotFound` if there is no such delivery; `State` if it is on its way or its endpoint is off.
pub async fn replay(actor: &Actor, id: WebhookDeliveryId) -> Result<Delivery, Refusal> {
    let mut tx = allowed(actor)?.begin().await?;
    let before = webhooks::delivery(&mut tx, id).await?;
    require_on(&webhooks::get(&mut tx, before.webhook).await?)?;
    let delivery = webhooks::replay(&mut tx, id).await.map_err(on_its_way)?;
    tx.commit().await?;
    Ok(delivery)
}

/// The actor with the right. Events speak of every client, so whoever reaches only some may not have them sent.
fn allowed(actor: &Actor) -> Result<Allowed<'_>, Refusal> {
    let right = Right::WebhooksManage;
    let allowed = actor.require(right)?;
    match actor.access(right) {
        Ok(access) if access.reach == Reach::Listed => Err(Refusal::State(
            "Webhooks report on every client, and you only have access to some. Ask an agency admin.".to_owned(),
        )),
        _ => Ok(allowed),
    }
}

/// The endpoint in the form that is stored, with an address that may be called.
fn checked(ghl: &Ghl, new: NewWebhook, has_address: bool) -> Result<NewWebhook, Refusal> {
    let new = new.check(has_address).map_err(Refusal::Invalid)?;
    if new.url.is_empty() {
        return Ok(new);
    }
    let url = domain::webhooks::address(&new.url).map_err(|detail| Refusal::field("/url", detail))?;
    let permitted = ghl.outbound().permits_public(&url);
    let public = domain::webhooks::looks_public(&url) || url.scheme() == "http";
    if permitted && public { Ok(new) } else { Err(Refusal::field("/url", NOT_PUBLIC)) }
}

fn require_on(webhook: &Webhook) -> Result<(), Refusal> {
    match webhook.active {
        true => Ok(()),
        false => Err(Refusal::State("This webhook is off. Turn it on first.".to_owned())),
    }
}

fn shown(webhook: Webhook, secret: Option<SecretString>) -> WebhookSecret {
    let secret = secret.map(|secret| secret.expose_secret().to_owned());
    WebhookSecret { webhook, secret }
}

fn no_secret(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(what) if what == "format" => {
            Refusal::State("Slack webhooks have no secret. Change the address instead.".to_owned())
        }
        other => other.into(),
    }
}

fn on_its_way(error: store::Error) -> Refusal {
    match error {
        store::Error::Stale => Refusal::State("This delivery is on its way already.".to_owned()),
        other => other.into(),
    }
}
