//! Does a connection still work? Asks HighLevel the cheapest question it can answer and writes down what it said.

use domain::IntegrationId;
use outbound::About;
use store::integrations;
use store::queue::Claimed;

use super::tokens::{self, NoToken, agency_tx};
use crate::Worker;
use crate::chores::Failed;

/// Checks the agency's own connection.
pub async fn check(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(integration)) = (item.agency, item.subject.map(IntegrationId)) else { return Ok(()) };
    let heard = match tokens::company(worker, agency).await {
        Ok(company) => {
            let about = About { agency: Some(agency.0), integration: Some(integration.0), ..About::default() };
            let call = ghl::Call { token: &company.token, resource: &company.company, about: &about };
            ghl::companies::get(&worker.ghl, call, &company.company)
                .await
                .map(|company| company.name)
                .map_err(NoToken::Outside)
        }
        Err(why) => Err(why),
    };
    let mut tx = agency_tx(worker, agency).await?;
    // What was asked with the token of the company in use says nothing about a connection that is not it any more.
    if integrations::company(&mut tx).await?.is_none_or(|own| own.id != integration) {
        return Ok(());
    }
    match heard {
        Ok(name) => {
            integrations::set_name(&mut tx, integration, &name).await?;
            integrations::ok(&mut tx, integration).await?;
            // Whatever asked to connect again has its answer: it works.
            store::provisioning::healed(&mut tx, integration).await?;
        }
        Err(NoToken::Outside(error)) if error.passes() => return Err(error.into()),
        Err(NoToken::Outside(error)) => integrations::failed(&mut tx, integration, error.operation).await?,
        Err(NoToken::Trouble(error)) => return Err(error.into()),
        Err(NoToken::NeedsReauth | NoToken::NotConnected | NoToken::Inactive(_)) => {}
    }
    Ok(tx.commit().await?)
}
