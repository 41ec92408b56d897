//! Points two webhooks of the demo world at the simulator, which shows what arrives at `/_sim/hooks`: one with signed JSON
//! and one as Slack gets it.

use domain::AgencyId;
use domain::notifications::Kind;
use domain::webhooks::{Format, NewWebhook};
use operations::Actor;
use store::tenant::TenantTx;

use super::agency_scope;
use crate::boot::compose::Core;
use crate::boot::config::Config;

/// Adds the webhooks, unless the agency has one already.
///
/// # Errors
/// When the database fails.
pub async fn add(config: &Config, core: &Core, agency: AgencyId, actor: &Actor) -> anyhow::Result<()> {
    let mut tx = TenantTx::begin(&core.db, agency_scope(agency)).await?;
    let known = store::webhooks::list(&mut tx).await?;
    tx.commit().await?;
    if !known.is_empty() {
        return Ok(());
    }
    let base = config.ghl.base.as_str().trim_end_matches('/');
    let webhooks = [
        (Format::Slack, "slack", "Slack #onboarding", vec![Kind::JobFailed, Kind::JobNeedsInput, Kind::ConnectionLost]),
        (Format::Json, "crm", "Our CRM", vec![Kind::JobFinished, Kind::ClientCreated]),
    ];
    for (format, name, description, events) in webhooks {
        let url = format!("{base}/_sim/hooks/{name}");
        let new = NewWebhook { url, format, description: description.to_owned(), events, active: true };
        let made = operations::webhooks::create(actor, &core.vault, &core.ghl, new).await?;
        operations::webhooks::test(actor, made.webhook.id, &config.origin()).await?;
    }
    Ok(())
}
