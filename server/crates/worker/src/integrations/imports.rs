//! Imports an agency's sub-accounts as clients, one after the other. Each becomes a client with its connection and token
//! in one transaction, or is left with the reason why not. Nothing is changed in HighLevel: a token is made, which is a
//! cache of the company's.

use domain::business::{Details, NewBusiness};
use domain::credential::CredentialKind;
use domain::work::{Kind as WorkKind, Mail};
use domain::{AgencyId, BusinessId, IntegrationId, phone};
use ghl::auth::Tokens;
use ghl::{Kind, Reason};
use outbound::CallContext;
use store::imports::{self, Next, Obstacle};
use store::queue::{self, Claimed, Work};
use store::{TenantTx, businesses, credentials, integrations, memberships};

use super::locations::words;
use super::tokens::{NoToken, agency_tx, ask_company, company, secret, tenant_tx};
use crate::Worker;
use crate::failed::Failed;
use crate::time_scale::minutes;

/// Number of sub-accounts of one run. The rest waits in the queue, behind the imports of other agencies.
const AT_A_TIME: usize = 25;

const GONE: &str = "HighLevel no longer has this sub-account. Read the list again.";
const UNANSWERED: &str = "HighLevel didn't answer for a long time. Import it again.";
const ELSEWHERE: &str =
    "This sub-account is already in use on this platform, so it can't be imported here. If it is yours, ask support.";

/// Imports some of what waits, and queues the rest.
pub async fn import(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(integration)) = (item.agency, item.subject.map(IntegrationId)) else { return Ok(()) };
    for _ in 0..AT_A_TIME {
        let mut tx = agency_tx(worker, agency).await?;
        let next = imports::next(&mut tx).await?;
        tx.commit().await?;
        let Some(next) = next else { return Ok(()) };
        if let Err(why) = one(worker, agency, integration, &next).await {
            return stopped(worker, agency, why).await;
        }
    }
    let mut tx = agency_tx(worker, agency).await?;
    if imports::waiting(&mut tx).await? > 0 {
        queue::add(&mut tx, &imports::work(agency, integration)).await?;
    }
    Ok(tx.commit().await?)
}

/// Says why the import does not go on: it waits for what passes, and gives up what no wait would mend.
async fn stopped(worker: &Worker, agency: AgencyId, why: NoToken) -> Result<(), Failed> {
    let said = words(&why);
    let failed = match why {
        NoToken::Database(error) => return Err(error.into()),
        NoToken::Suspended => Some(Failed::held("HighLevel has paused the account", minutes(15))),
        NoToken::HighLevel(error) => Some(Failed::from(error)),
        NoToken::NotConnected | NoToken::NeedsReauth | NoToken::Inactive(_) => None,
    };
    let mut tx = agency_tx(worker, agency).await?;
    match failed {
        Some(_) => imports::delayed(&mut tx, &said).await?,
        None => imports::fail_all(&mut tx, &said).await?,
    }
    tx.commit().await?;
    failed.map_or(Ok(()), Err)
}

/// Gives up everything that waits, after the last try.
pub async fn give_up(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let Some(agency) = item.agency else { return Ok(()) };
    let mut tx = agency_tx(worker, agency).await?;
    imports::fail_all(&mut tx, UNANSWERED).await?;
    tx.commit().await
}

/// How a sub-account can be reached.
enum Access {
    /// With this token.
    Token(Box<Tokens>),
    /// Not now: HighLevel has paused it.
    Paused(String),
    /// Not at all: our app is not installed there.
    NotInstalled,
}

/// Imports one sub-account, or records why it cannot be.
async fn one(worker: &Worker, agency: AgencyId, integration: IntegrationId, next: &Next) -> Result<(), NoToken> {
    let mut tx = agency_tx(worker, agency).await?;
    let obstacle = imports::obstacle(&mut tx, &next.location).await?;
    tx.commit().await?;
    if let Some(obstacle) = obstacle {
        return refuse(worker, agency, next, &in_the_way(&obstacle)).await;
    }
    let company = company(worker, agency).await?.company;
    let Some(access) = access(worker, agency, integration, &next.location).await? else {
        return refuse(worker, agency, next, GONE).await;
    };
    match create(worker, agency, &company, next, access).await {
        Err(store::Error::Taken(_)) => refuse(worker, agency, next, ELSEWHERE).await,
        // Another process imported it.
        Err(store::Error::Stale) => Ok(()),
        done => Ok(done?),
    }
}

fn in_the_way(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Client(name) => format!("It is a client already: {name}."),
        Obstacle::Trash(name) => {
            format!("The client {name} has this sub-account and is in the trash. Restore it instead.")
        }
        Obstacle::Job(number) => format!("Job #{number} is setting this sub-account up. Wait until it is done."),
    }
}

async fn refuse(worker: &Worker, agency: AgencyId, next: &Next, why: &str) -> Result<(), NoToken> {
    let mut tx = agency_tx(worker, agency).await?;
    imports::failed(&mut tx, next.id, why).await?;
    Ok(tx.commit().await?)
}

/// Makes a token for the location. `None` if HighLevel does not know the location any more.
async fn access(
    worker: &Worker,
    agency: AgencyId,
    integration: IntegrationId,
    location: &str,
) -> Result<Option<Access>, NoToken> {
    let about = CallContext { agency: Some(agency.0), integration: Some(integration.0), ..CallContext::default() };
    let minted = ask_company(worker, agency, &about, location, |call| {
        Box::pin(ghl::auth::location_token(call.ghl, call.call, call.company, call.subject))
    });
    match minted.await {
        Ok(tokens) => return Ok(Some(Access::Token(Box::new(tokens)))),
        Err(NoToken::HighLevel(error)) => match error.kind {
            Kind::Refused(Reason::Inactive) => return Ok(Some(Access::Paused(error.message))),
            Kind::Refused(_) | Kind::NotFound | Kind::Invalid(_) => {}
            _ => return Err(NoToken::HighLevel(error)),
        },
        Err(why) => return Err(why),
    }
    // The same refusal is given for a location without the app and for one that is gone.
    let found = ask_company(worker, agency, &about, location, |call| {
        Box::pin(ghl::locations::get(call.ghl, call.call, call.subject))
    });
    match found.await {
        Ok(_) => Ok(Some(Access::NotInstalled)),
        Err(NoToken::HighLevel(error)) => match error.kind {
            Kind::Refused(Reason::Inactive) => Ok(Some(Access::Paused(error.message))),
            Kind::Refused(_) | Kind::NotFound | Kind::Invalid(_) => Ok(None),
            _ => Err(NoToken::HighLevel(error)),
        },
        Err(why) => Err(why),
    }
}

/// Creates the client with everything that a provisioned one has: details, connection, token, and the owner's
/// invitation if a person asked for it.
async fn create(worker: &Worker, agency: AgencyId, company: &str, next: &Next, access: Access) -> store::Result<()> {
    let business: BusinessId = store::new_id();
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    imports::done(&mut tx, next.id, business, &next.location).await?;
    let new = NewBusiness {
        name: next.name.clone(),
        slug: String::new(),
        ghl_location_id: Some(next.location.clone()),
        details: details(next),
    };
    businesses::add(&mut tx, &new).await?;
    let connection =
        integrations::upsert_location(&mut tx, Some(business), &next.location, company, Some(&next.name)).await?;
    record_access(&mut tx, worker, connection, access).await?;
    // A person who sees only assigned clients would not see the one that they have just imported.
    if let Some(user) = next.by {
        match memberships::assign(&mut tx, user).await {
            Ok(()) | Err(store::Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    if next.invites && next.details.email.is_some() {
        let mail = serde_json::to_value(Mail::InviteOwner).unwrap_or_default();
        queue::add(&mut tx, &Work::new(WorkKind::SendMail).subject(business).payload(mail)).await?;
    }
    tx.commit().await?;
    worker.cache.forget(connection);
    Ok(())
}

/// What HighLevel says of the client, with the phone number in the form in which numbers are compared here.
fn details(next: &Next) -> Details {
    let mut details = next.details.clone();
    let country = details.country.clone().unwrap_or_default();
    details.phone = details.phone.map(|number| phone::read(&number, &country).unwrap_or(number));
    details
}

async fn record_access(
    tx: &mut TenantTx,
    worker: &Worker,
    connection: IntegrationId,
    access: Access,
) -> store::Result<()> {
    match access {
        Access::Token(tokens) => {
            credentials::put(tx, &worker.vault, connection, &secret(&tokens, CredentialKind::OauthLocation)).await?;
            integrations::record_success(tx, connection).await?;
        }
        Access::Paused(said) => {
            integrations::suspended(tx, connection, &said).await?;
        }
        Access::NotInstalled => {
            integrations::failed(tx, connection, "our app is not installed in this sub-account").await?;
        }
    }
    Ok(())
}
