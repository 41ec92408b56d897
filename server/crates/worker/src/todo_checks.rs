//! Asks HighLevel which to-dos of an agency are done: a parked location that somebody deleted there is not known any
//! more. It asks about a few at a time, and about each one more rarely the longer it is open.

use domain::AgencyId;
use ghl::locations;
use outbound::{CallContext, Priority};
use store::queue::Claimed;
use store::todos::{self, Due};

use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::{NoToken, agency_tx, ask_company};
use crate::provisioning::step::is_gone;

/// To-dos that one run asks about.
const MOST: i64 = 20;

/// What HighLevel says about a to-do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// It is done.
    Done,
    /// It is not done, or nobody can tell now.
    Open,
}

/// Asks about the to-dos of an agency that are due.
pub async fn check(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(agency) = item.agency else { return Ok(()) };
    let mut tx = agency_tx(worker, agency).await?;
    let due = todos::due(&mut tx, MOST).await?;
    let company = store::integrations::company(&mut tx).await?.map(|company| company.platform_id);
    drop(tx);
    let (mut done, asked) = (0_usize, due.len());
    for one in due {
        // Another company does not know the locations of this one, which does not mean that they are gone.
        let answer = match one.company.is_some() && one.company == company {
            true => ask(worker, agency, &one).await?,
            false => Answer::Open,
        };
        let mut tx = agency_tx(worker, agency).await?;
        match answer {
            Answer::Done => todos::checked(&mut tx, one.id).await?,
            Answer::Open => todos::check_later(&mut tx, one.id, |time| worker.time_scale.of(time)).await?,
        }
        tx.commit().await?;
        done += usize::from(answer == Answer::Done);
    }
    tracing::info!(event = "todos.checked", %agency, asked, done, "HighLevel was asked about to-dos");
    Ok(())
}

async fn ask(worker: &Worker, agency: AgencyId, one: &Due) -> Result<Answer, Failed> {
    let about = CallContext { agency: Some(agency.0), priority: Priority::Background, ..CallContext::default() };
    let heard = ask_company(worker, agency, &about, &one.location, |company_call| {
        Box::pin(locations::get(company_call.ghl, company_call.call, company_call.subject))
    });
    match heard.await {
        Err(NoToken::HighLevel(error)) if is_gone(&error) => Ok(Answer::Done),
        Err(NoToken::HighLevel(error)) if error.passes() => Err(error.into()),
        Err(NoToken::Database(error)) => Err(error.into()),
        // Without a working integration nothing can be asked; there may be one later.
        Ok(_) | Err(_) => Ok(Answer::Open),
    }
}
