//! What can a person do with the channels of a business? Choose an account, repeat a failed step, skip the test,
//! disconnect.

use domain::{ChannelChoiceId, IntegrationId};
use leptos::prelude::*;
use operations::channels;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::request_context::CurrentTenant;

use super::texts::texts;

/// The address of the business's connections.
pub(super) fn address(context: &ServerContext) -> Result<String> {
    let CurrentTenant::Business(place) = &context.request.tenant else { return Err(Error::NotFound) };
    Ok(format!("/b/{}/integrations", place.id))
}

/// Connects one of the accounts that a consent brought.
#[server(prefix = "/do", endpoint = "choose_channel")]
pub async fn choose_channel(choice: ChannelChoiceId, account: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let name = channels::choose(&actor, &context.state.vault, choice, &account).await?;
    let told = (texts(context.request.language).connecting)(&name);
    flash_notice(&context, "choose_channel", told).await?;
    leptos_axum::redirect(&address(&context)?);
    Ok(())
}

/// Connects none of the accounts that a consent brought.
#[server(prefix = "/do", endpoint = "withdraw_channel_choice")]
pub async fn withdraw_channel_choice(choice: ChannelChoiceId) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    channels::withdraw_choice(&actor, &context.state.vault, choice).await?;
    let told = texts(context.request.language).choice_withdrawn;
    flash_notice(&context, "withdraw_channel_choice", told).await?;
    leptos_axum::redirect(&address(&context)?);
    Ok(())
}

/// Repeats the step of a channel's setup that failed.
#[server(prefix = "/do", endpoint = "retry_channel_setup")]
pub async fn retry_channel_setup(integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    channels::retry_setup(&context.business_actor()?, integration).await?;
    flash_notice(&context, "retry_channel_setup", texts(context.request.language).repeated).await
}

/// Ends the wait for the first message.
#[server(prefix = "/do", endpoint = "skip_channel_test")]
pub async fn skip_channel_test(integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    channels::skip_test(&context.business_actor()?, integration).await?;
    flash_notice(&context, "skip_channel_test", texts(context.request.language).test_skipped).await
}

/// Disconnects a channel.
#[server(prefix = "/do", endpoint = "disconnect_channel")]
pub async fn disconnect_channel(integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    channels::disconnect(&context.business_actor()?, integration).await?;
    flash_notice(&context, "disconnect_channel", texts(context.request.language).disconnected).await
}
