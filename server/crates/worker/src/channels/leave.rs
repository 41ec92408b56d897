//! How does Meta stop sending us what arrives at an account that a person disconnected? The queue tells it with the last
//! token, then deletes the token whatever Meta answered. Without this, webhooks of the account would arrive for ever.

use domain::IntegrationId;
use domain::channel_setup::Step;
use domain::integration::{Integration, Kind};
use domain::work::Kind as WorkKind;
use meta::{Call, Login, accounts, instagram, whatsapp};
use outbound::CallContext;
use store::credentials::{self, Opened};
use store::integrations::{self, SetupFacts};
use store::queue::{self, Claimed, Work};
use store::tenant::TenantTx;

use super::access::login;
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;

/// How often leaving is tried.
pub const TRIES: i32 = 18;

/// What our app is subscribed to for an account.
enum Subscribed<'a> {
    /// A WhatsApp Business account, for all its numbers.
    Whatsapp(&'a str),
    /// A page, for itself and for the Instagram account that is linked to it.
    Page(&'a str),
    /// An Instagram account.
    Instagram(&'a str),
}

/// Ends the subscription of a channel that was disconnected. One that was connected again keeps it.
pub async fn leave(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(business), Some(id)) = (item.agency, item.business, item.subject.map(IntegrationId)) else {
        return Ok(());
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let integration = match integrations::get(&mut tx, id).await {
        Err(store::Error::NotFound) => return Ok(()),
        found => found?,
    };
    // An earlier attempt may have ended the subscription although it failed.
    if integration.is_active {
        return subscribe_again(tx, &integration).await;
    }
    let facts = integrations::setup_facts(&mut tx, id).await?;
    let Some(last) = credentials::open_ended(&mut tx, &worker.vault, id, "leaving").await? else { return Ok(()) };
    tx.commit().await?;
    let about = CallContext {
        agency: Some(agency.0),
        business: Some(business.0),
        integration: Some(id.0),
        ..CallContext::default()
    };
    let told = tell(worker, &integration, &facts, &last, &about).await?;
    let is_last = item.attempt >= TRIES;
    let refused = match told {
        Ok(()) => None,
        Err(error) if error.passes() && !is_last => return Err(error.into()),
        // With the token the subscription ended as well.
        Err(meta::Error { kind: meta::Kind::Token(_) | meta::Kind::NotFound, .. }) => None,
        Err(error) => Some(error),
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let now = integrations::get(&mut tx, id).await?;
    if now.is_active {
        return subscribe_again(tx, &now).await;
    }
    if let Some(error) = &refused {
        tracing::warn!(event = "channel.leave_failed", integration = %id, %error, "the app could not be unsubscribed from an account");
        let what = "Meta didn't let us stop its messages. Remove the app in the account's settings at Meta.";
        integrations::record_notice(&mut tx, id, "unsubscribe", false, what).await?;
    }
    credentials::remove_ended(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// Tells Meta, unless another connection needs the same subscription.
async fn tell(
    worker: &Worker,
    integration: &Integration,
    facts: &SetupFacts,
    last: &Opened,
    about: &CallContext,
) -> store::Result<meta::Result<()>> {
    let login = login(integration.kind, last.kind);
    let subscribed = subscribed(integration, facts, login);
    let (waba, page) = match subscribed {
        Subscribed::Whatsapp(waba) => (Some(waba), None),
        Subscribed::Page(page) => (None, Some(page)),
        Subscribed::Instagram(_) => (None, None),
    };
    if integrations::is_needed_elsewhere(&worker.db, integration.id, waba, page).await? {
        return Ok(Ok(()));
    }
    let (meta, call) = (&worker.meta, Call { token: &last.access, login, about });
    Ok(match subscribed {
        Subscribed::Whatsapp(waba) => whatsapp::unsubscribe(meta, call, waba).await,
        Subscribed::Page(page) => accounts::unsubscribe(meta, call, page).await,
        Subscribed::Instagram(account) => instagram::unsubscribe(meta, call, account).await,
    })
}

fn subscribed<'a>(integration: &'a Integration, facts: &'a SetupFacts, login: Login) -> Subscribed<'a> {
    let id = integration.platform_id.as_str();
    match (integration.kind, login) {
        (Kind::Whatsapp, _) => Subscribed::Whatsapp(facts.waba.as_deref().unwrap_or(id)),
        (Kind::Instagram, Login::Instagram) => Subscribed::Instagram(id),
        _ => Subscribed::Page(facts.page.as_deref().unwrap_or(id)),
    }
}

/// The account was connected again while its subscription was being ended. A setup that has not come to the subscription
/// yet makes it by itself.
async fn subscribe_again(mut tx: TenantTx, integration: &Integration) -> Result<(), Failed> {
    let step = integration.setup_step.as_deref().and_then(Step::parse);
    if matches!(step, Some(Step::Permissions | Step::Register | Step::Subscribe)) {
        return Ok(());
    }
    let id = integration.id;
    integrations::set_setup(&mut tx, id, Some(Step::Subscribe), None).await?;
    queue::add(&mut tx, &Work::new(WorkKind::SetUpChannel).subject(id.0).once(format!("channel.set_up:{id}"))).await?;
    Ok(tx.commit().await?)
}
