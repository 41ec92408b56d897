//! Reads the list of an agency's sub-accounts from HighLevel, page by page, and stores it whole. It changes nothing there.

use std::collections::BTreeSet;

use domain::AgencyId;
use domain::business::Details;
use domain::imports::SeenLocation;
use ghl::locations::{self, Location, Search};
use ghl::{Kind, Reason};
use outbound::CallContext;
use store::queue::Claimed;
use store::{imports, integrations};

use super::tokens::{NoToken, agency_tx, ask_company, company};
use crate::Worker;
use crate::failed::Failed;
use crate::provisioning::steps::PARKED;

/// Number of sub-accounts in a page, as many as HighLevel gives.
const PAGE: u32 = 100;

/// Number of pages that are read at most. No company has more sub-accounts.
const MOST_PAGES: u32 = 200;

/// Reads the list and stores it.
pub async fn sync(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(agency) = item.agency else { return Ok(()) };
    let mut tx = agency_tx(worker, agency).await?;
    imports::began(&mut tx).await?;
    tx.commit().await?;
    let about = CallContext { agency: Some(agency.0), integration: item.subject, ..CallContext::default() };
    let why = match read(worker, agency, &about).await {
        Ok((company, seen)) => return put(worker, agency, &company, &seen).await,
        Err(NoToken::Database(error)) => return Err(error.into()),
        Err(why) => why,
    };
    let mut tx = agency_tx(worker, agency).await?;
    imports::unread(&mut tx, &words(&why)).await?;
    tx.commit().await?;
    match why {
        NoToken::HighLevel(error) if error.passes() => Err(error.into()),
        // Another try would be refused as well; a person can ask for one.
        _ => Ok(()),
    }
}

/// Says that the list could not be read, after the last try.
pub async fn give_up(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let Some(agency) = item.agency else { return Ok(()) };
    let mut tx = agency_tx(worker, agency).await?;
    imports::unread(&mut tx, "HighLevel didn't answer for a long time.").await?;
    tx.commit().await
}

/// HighLevel's id of the company, and all its sub-accounts, the oldest first: one that is created meanwhile comes last.
async fn read(worker: &Worker, agency: AgencyId, about: &CallContext) -> Result<(String, Vec<SeenLocation>), NoToken> {
    let company = company(worker, agency).await?.company;
    let (mut known, mut seen) = (BTreeSet::new(), Vec::new());
    for page in 0..MOST_PAGES {
        let skip = page * PAGE;
        let found = ask_company(worker, agency, about, "", move |call| {
            Box::pin(async move {
                let query = Search { company: call.company, email: None, skip, limit: PAGE, newest_first: false };
                locations::search(call.ghl, call.call, &query).await
            })
        });
        let found = found.await?;
        let (count, before) = (found.len(), known.len());
        let new = found.iter().filter(|location| known.insert(location.id.clone()));
        seen.extend(new.filter(|location| !location.name.starts_with(PARKED)).filter_map(cleaned));
        // A short page is the last one. A page with nothing new shows that HighLevel does not go on.
        if count < PAGE as usize || known.len() == before {
            break;
        }
    }
    Ok((company, seen))
}

fn cleaned(location: &Location) -> Option<SeenLocation> {
    let sent = Details {
        email: location.email.clone(),
        phone: location.phone.clone(),
        website: location.website.clone(),
        address: location.address.clone(),
        city: location.city.clone(),
        state: location.state.clone(),
        postal_code: location.postal_code.clone(),
        country: location.country.clone(),
        timezone: location.timezone.clone(),
        notes: None,
    };
    let seen = SeenLocation::read(&location.id, &location.name, &sent)?;
    Some(SeenLocation { added_at: location.date_added, ..seen })
}

/// Stores the list, unless another company was connected meanwhile.
async fn put(worker: &Worker, agency: AgencyId, company: &str, seen: &[SeenLocation]) -> Result<(), Failed> {
    let mut tx = agency_tx(worker, agency).await?;
    if integrations::company(&mut tx).await?.is_none_or(|own| own.platform_id != company) {
        return Ok(());
    }
    let listed = imports::put(&mut tx, company, seen).await?;
    tx.commit().await?;
    tracing::info!(
        event = "locations.read",
        listed = listed.listed,
        added = listed.added,
        gone = listed.gone,
        "the list of sub-accounts was read"
    );
    Ok(())
}

/// Why the list could not be read, for people.
pub(super) fn words(why: &NoToken) -> String {
    match why {
        NoToken::NotConnected | NoToken::Inactive(_) => "HighLevel is not connected.".to_owned(),
        NoToken::NeedsReauth => "The connection to HighLevel has expired. Connect it again.".to_owned(),
        NoToken::Suspended => "HighLevel has paused this account.".to_owned(),
        NoToken::Database(_) => "Our database did not answer.".to_owned(),
        NoToken::HighLevel(error) => match &error.kind {
            Kind::Limited { daily: true, .. } => "HighLevel's limit for today is used up.".to_owned(),
            Kind::Limited { daily: false, .. } => "HighLevel is rate-limiting us.".to_owned(),
            Kind::Refused(Reason::Scope) => {
                "HighLevel did not allow it: a permission is missing. Connect again and allow everything.".to_owned()
            }
            _ if error.passes() => "HighLevel didn't answer.".to_owned(),
            _ => format!("HighLevel refused: {}", error.message),
        },
    }
}
