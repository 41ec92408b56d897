//! Webhooks: addresses of others that are told what happens, by signed JSON or in Slack, and the log of what they were
//! sent. The server functions of the page.

mod form;
mod log;
mod page;

use std::collections::BTreeMap;

use domain::webhooks::{Format, WebhookSecret};
use domain::{WebhookDeliveryId, WebhookId};
use leptos::prelude::*;
use operations::{Refusal, webhooks};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::shown_once::show_once;

pub use self::page::Webhooks;

/// Adds a webhook. Its secret is shown once, on the next page.
#[server(prefix = "/do", endpoint = "create_webhook")]
pub async fn create_webhook(#[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let new = form::read(&fields);
    let format = new.format;
    let made = webhooks::create(&actor, &context.state.vault, &context.state.ghl, new).await;
    show(&context, "create_webhook", made.map_err(|refusal| at_its_field(refusal, format))?).await?;
    back_to_the_list(&context)
}

/// Changes all of a webhook but its kind.
#[server(prefix = "/do", endpoint = "change_webhook")]
pub async fn change_webhook(id: String, #[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let id: WebhookId = id.parse().map_err(|_| Error::NotFound)?;
    let new = form::read(&fields);
    let format = new.format;
    let changed = webhooks::change(&actor, &context.state.vault, &context.state.ghl, id, new).await;
    changed.map_err(|refusal| at_its_field(refusal, format))?;
    flash_notice(&context, "change_webhook", "Webhook saved.").await?;
    back_to_the_list(&context)
}

/// Turns a webhook on or off.
#[server(prefix = "/do", endpoint = "set_webhook_active")]
pub async fn set_webhook_active(id: WebhookId, active: bool) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let webhook = webhooks::set_active(&actor, id, active).await?;
    let text = match webhook.active {
        true => "Webhook turned on. It gets events from now on.",
        false => "Webhook turned off. Events in the meantime won't be sent later.",
    };
    flash_notice(&context, "set_webhook_active", text).await
}

/// Replaces the secret of a webhook. The new one is shown once, on the next page.
#[server(prefix = "/do", endpoint = "rotate_webhook_secret")]
pub async fn rotate_webhook_secret(id: WebhookId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let made = webhooks::rotate(&actor, &context.state.vault, id).await?;
    show(&context, "rotate_webhook_secret", made).await
}

/// Removes a webhook with its log.
#[server(prefix = "/do", endpoint = "remove_webhook")]
pub async fn remove_webhook(id: WebhookId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    webhooks::remove(&actor, id).await?;
    flash_notice(&context, "remove_webhook", "Webhook removed.").await
}

/// Sends a test event to a webhook.
#[server(prefix = "/do", endpoint = "test_webhook")]
pub async fn test_webhook(id: WebhookId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    webhooks::test(&actor, id, &context.state.settings.public_url).await?;
    flash_notice(&context, "test_webhook", "Test sent. See the response in the log below.").await
}

/// Sends a delivery once more.
#[server(prefix = "/do", endpoint = "replay_webhook_delivery")]
pub async fn replay_webhook_delivery(id: WebhookDeliveryId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    webhooks::replay(&actor, id).await?;
    flash_notice(&context, "replay_webhook_delivery", "Sent again. See the response in the log below.").await
}

/// Keeps the secret for the next page, or says that all is done if there is none.
async fn show(context: &ServerContext, operation: &str, made: WebhookSecret) -> Result<()> {
    match made.secret {
        Some(secret) => show_once(context, context.caller()?.user, operation, &secret).await,
        None => flash_notice(context, operation, "Webhook added. Send a test to see it in Slack.").await,
    }
}

/// The refusal of an address, at the field that the form of this kind has for it.
fn at_its_field(refusal: Refusal, format: Format) -> Refusal {
    match refusal {
        Refusal::Invalid(mut errors) => {
            for error in errors.iter_mut().filter(|error| error.pointer == "/url") {
                form::address_field(format).clone_into(&mut error.pointer);
            }
            Refusal::Invalid(errors)
        }
        other => other,
    }
}

/// Leads to the list without the form that was sent.
fn back_to_the_list(context: &ServerContext) -> Result<()> {
    leptos_axum::redirect(&format!("/a/{}/webhooks", context.access()?.slug));
    Ok(())
}
