//! Checks whether an integration still works: it makes the cheapest HighLevel call and records the result. It renews a
//! refused token once, as a job does, and resumes jobs that waited for the integration.

use domain::{AgencyId, IntegrationId};
use ghl::auth::Installed;
use ghl::{Kind, Reason};
use outbound::{CallContext, Priority};
use store::integrations;
use store::queue::Claimed;

use super::tokens::{NoToken, agency_tx, ask_company};
use crate::Worker;
use crate::failed::Failed;

/// Checks the agency's company integration. In the payload, `asked` means that a person waits for the result;
/// `resume` means that a job's call was refused (nothing reads it).
pub async fn check(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(integration)) = (item.agency, item.subject.map(IntegrationId)) else { return Ok(()) };
    let asked = item.payload["asked"] == true;
    let priority = if asked { Priority::Interactive } else { Priority::Background };
    let about =
        CallContext { agency: Some(agency.0), integration: Some(integration.0), priority, ..CallContext::default() };
    let heard = ask_company(worker, agency, &about, "", |company_call| {
        Box::pin(ghl::companies::get(company_call.ghl, company_call.call, company_call.company))
    });
    let heard = heard.await;
    let future = match &heard {
        Ok(_) => future_locations(worker, agency, &about).await?,
        Err(_) => None,
    };
    let mut tx = agency_tx(worker, agency).await?;
    // The check used the token of the company in use now, so it says nothing about an integration that has since
    // been replaced.
    if integrations::company(&mut tx).await?.is_none_or(|own| own.id != integration) {
        return Ok(());
    }
    match heard {
        Ok(company) => {
            integrations::set_name(&mut tx, integration, &company.name).await?;
            integrations::set_installs_future(&mut tx, integration, future).await?;
            integrations::set_domain(&mut tx, integration, company.domain.as_deref()).await?;
            integrations::record_success(&mut tx, integration).await?;
            // The integration works, so questions that asked a person to reconnect are settled.
            store::provisioning::resume_after_recovery(&mut tx, integration).await?;
        }
        Err(NoToken::HighLevel(error)) => match error.kind {
            Kind::Limited { until, daily: true } => integrations::limited(&mut tx, integration, until).await?,
            _ if error.passes() => return Err(error.into()),
            Kind::Refused(Reason::Inactive) => {
                integrations::suspended(&mut tx, integration, &error.message).await?;
            }
            _ => integrations::failed(&mut tx, integration, error.operation).await?,
        },
        Err(NoToken::Database(error)) => return Err(error.into()),
        Err(NoToken::NeedsReauth | NoToken::NotConnected | NoToken::Inactive(_) | NoToken::Suspended) => {}
    }
    Ok(tx.commit().await?)
}

/// Returns whether HighLevel installs the app in new locations, or `None` if that is unknown or already known to
/// be so. While the stored value is not true, HighLevel is asked each time, because the agency may have ticked the
/// option there meanwhile.
async fn future_locations(worker: &Worker, agency: AgencyId, about: &CallContext) -> Result<Option<bool>, Failed> {
    let mut tx = agency_tx(worker, agency).await?;
    if integrations::company(&mut tx).await?.is_none_or(|own| own.installs_future_locations == Some(true)) {
        return Ok(None);
    }
    drop(tx);
    let listed = ask_company(worker, agency, about, "", |company_call| {
        Box::pin(async move {
            let query = Installed { limit: 1, ..Installed::of(company_call.company) };
            ghl::auth::installed_locations(company_call.ghl, company_call.call, &query).await
        })
    });
    // A private token may not make this call; the value then stays unknown.
    Ok(listed.await.ok().and_then(|page| page.install_to_future_locations))
}
