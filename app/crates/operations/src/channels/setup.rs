//! How does a person go on with a channel: repeat a failed step of its setup, skip the test, disconnect?

use domain::IntegrationId;
use domain::channel_setup::Step;
use domain::permission::Right;
use domain::work::Kind as WorkKind;
use store::messaging::channels;
use store::queue::{self, Work};
use store::tenant::TenantTx;
use store::{credentials, integrations};

use crate::{BusinessActor, Refusal};

/// Begins a transaction in which this integration is one of the business's channels.
pub(super) async fn of_channel(actor: &BusinessActor, id: IntegrationId) -> Result<TenantTx, Refusal> {
    let mut tx = actor.require(Right::ChannelsConnect)?.begin_with_agency().await?;
    let known = integrations::get(&mut tx, id).await?;
    if known.business != Some(actor.access().id) || known.kind.channel().is_none() {
        return Err(Refusal::NotFound);
    }
    Ok(tx)
}

/// Repeats the step of the setup that failed. While the first message is waited for, the subscription is made again,
/// because nothing else brings it.
///
/// # Errors
/// `NotFound` if there is no such channel; `State` if it is set up.
pub async fn retry_setup(actor: &BusinessActor, id: IntegrationId) -> Result<(), Refusal> {
    let mut tx = of_channel(actor, id).await?;
    let known = integrations::get(&mut tx, id).await?;
    let step = known.setup_step.as_deref().and_then(Step::parse);
    let step = match step.ok_or_else(|| Refusal::State("This is already set up.".to_owned()))? {
        Step::Test => Step::Subscribe,
        step => step,
    };
    integrations::set_setup(&mut tx, id, Some(step), None).await?;
    queue::add(&mut tx, &Work::new(WorkKind::SetUpChannel).subject(id.0).once(format!("channel.set_up:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Asks Meta about the channel's access, in the background.
///
/// # Errors
/// `NotFound` if there is no such channel.
pub async fn check(actor: &BusinessActor, id: IntegrationId) -> Result<(), Refusal> {
    let mut tx = of_channel(actor, id).await?;
    queue::add(&mut tx, &Work::new(WorkKind::CheckChannel).subject(id.0).once(format!("channel.check:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Ends the wait for the first message.
///
/// # Errors
/// `NotFound` if there is no such channel, or it does not wait.
pub async fn skip_test(actor: &BusinessActor, id: IntegrationId) -> Result<(), Refusal> {
    let mut tx = of_channel(actor, id).await?;
    integrations::skip_test(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// Disconnects a channel, and queues that Meta stops sending us what arrives there. Its conversations stay, and connecting
/// the same account again goes on with them.
///
/// # Errors
/// `NotFound` if there is no such channel.
pub async fn disconnect(actor: &BusinessActor, id: IntegrationId) -> Result<(), Refusal> {
    let mut tx = of_channel(actor, id).await?;
    integrations::disconnect(&mut tx, id, "asked by a person").await?;
    credentials::revoke_all(&mut tx, id).await?;
    // Never in this transaction: whatever Meta answers, the channel is disconnected here.
    queue::add(&mut tx, &Work::new(WorkKind::LeaveChannel).subject(id.0).once(format!("channel.leave:{id}"))).await?;
    for channel in channels::list(&mut tx).await?.into_iter().filter(|channel| channel.integration == Some(id)) {
        channels::set_active(&mut tx, channel.id, false).await?;
    }
    Ok(tx.commit().await?)
}
