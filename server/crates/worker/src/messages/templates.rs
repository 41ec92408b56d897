//! Which templates may a WhatsApp number send? The platform's whole list replaces what we knew.

use domain::IntegrationId;
use outbound::CallContext;
use serde_json::Value;
use store::integrations;
use store::messaging::templates::{self, Listed};
use store::queue::Claimed;

use crate::Worker;
use crate::channels::access;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;

/// Reads the templates of the account of a work item.
pub async fn sync(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(business), Some(id)) = (item.agency, item.business, item.subject.map(IntegrationId)) else {
        return Ok(());
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let integration = match integrations::get(&mut tx, id).await {
        Err(store::Error::NotFound) => return Ok(()),
        found => found?,
    };
    let waba = integrations::setup_facts(&mut tx, id).await?.waba;
    let opened = access(worker, &mut tx, &integration).await?;
    tx.commit().await?;
    let (Some(waba), Some(access), None) = (waba, opened, integration.needs_reauth_at) else { return Ok(()) };
    let about = CallContext {
        agency: Some(agency.0),
        business: Some(business.0),
        integration: Some(id.0),
        ..CallContext::default()
    };
    let call = meta::Call { token: &access.token, login: access.login, about: &about };
    let all = meta::templates::list_all(&worker.meta, call, &waba).await?;
    let listed: Vec<_> = all.iter().filter_map(listed).collect();
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    templates::replace(&mut tx, &waba, &listed).await?;
    tx.commit().await?;
    tracing::info!(event = "templates.synced", integration = %id, count = listed.len(), "the templates of an account were read");
    Ok(())
}

/// A template as it is stored. One that names no language or status cannot be sent.
fn listed(template: &meta::templates::Template) -> Option<Listed> {
    let is_word = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
    let is_whole = is_word(&template.name, 512) && is_word(&template.language, 16);
    if !is_whole || template.status.is_empty() || template.category.is_empty() {
        return None;
    }
    Some(Listed {
        external_id: template.id.clone(),
        name: template.name.clone(),
        language: template.language.clone(),
        category: template.category.clone(),
        status: template.status.clone(),
        components: serde_json::to_value(&template.components).unwrap_or(Value::Null),
    })
}
