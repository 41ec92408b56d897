//! How does the assistant come to know what a page or a file says? A worker fetches the page or takes the file, keeps its text
//! and says why it could not. What was read before stays whatever happens, and each text is cut into passages once.

mod again;
mod bounded;
mod fetch;
mod text;

use std::time::Duration;

use domain::assistant::sources::Problem;
use domain::{AgencyId, BusinessId, KnowledgeId};
use sha2::{Digest as _, Sha256};
use store::assistant::knowledge::FULL;
use store::assistant::sources::{self, Read, Settled};
use store::queue::Claimed;
use store::tenant::TenantTx;

pub use again::read_due;
use text::Text;

use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::secs;

/// How often a source is tried before it counts as one that cannot be read.
pub const TRIES: i32 = 5;
/// A file is opened at most so often: one that ends the process each time is given up.
const OPENED: i32 = 3;
/// How long taking the text out of a page or file may take.
const READING: Duration = secs(20);

/// The source of a work item, and whose it is.
#[derive(Clone, Copy, Debug)]
struct Place {
    agency: AgencyId,
    business: BusinessId,
    id: KnowledgeId,
}

impl Place {
    fn of(item: &Claimed) -> Option<Self> {
        Some(Self { agency: item.agency?, business: item.business?, id: KnowledgeId(item.subject?) })
    }

    async fn begin(self, worker: &Worker) -> store::Result<TenantTx> {
        tenant_tx(worker, self.agency, Some(self.business)).await
    }
}

/// Reads the source of a work item, if it waits.
pub async fn read(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(place) = Place::of(item) else { return Ok(()) };
    let mut tx = place.begin(worker).await?;
    let waiting = sources::waiting(&mut tx, place.id).await?;
    tx.commit().await?;
    let Some(waiting) = waiting else { return Ok(()) };
    let read = match waiting.upload {
        Some(_) if item.attempt > OPENED => Err(Problem::Unreadable),
        Some(bytes) => bounded::run(READING, move |until| text::of_file(&waiting.origin, &bytes, until)).await?,
        None => page(worker, &waiting.origin).await?,
    };
    match read {
        Ok(text) => keep(worker, place, &text).await,
        Err(why) if why.passes() && item.attempt < TRIES => Err(Failed::new("the web site does not answer")),
        Err(why) => Ok(lose(worker, place, why).await?),
    }
}

/// Fetches a page and takes its text.
async fn page(worker: &Worker, address: &str) -> Result<Result<Text, Problem>, Failed> {
    match fetch::fetch(worker, address).await {
        Ok(page) => bounded::run(READING, move |until| text::of_page(&page, until)).await,
        Err(why) => Ok(Err(why)),
    }
}

/// Keeps the text of a source. One that exceeds the room of its business changes nothing.
async fn keep(worker: &Worker, place: Place, text: &Text) -> Result<(), Failed> {
    let sum = Sha256::new().chain_update(text.title.as_deref().unwrap_or_default()).chain_update(b"\0");
    let sha256 = sum.chain_update(&text.content).finalize().into();
    let read = Read { title: text.title.as_deref(), content: &text.content, sha256 };
    let mut tx = place.begin(worker).await?;
    let settled = match sources::settle(&mut tx, place.id, &read).await {
        Err(store::Error::Refused(what)) if what == FULL => {
            drop(tx);
            return Ok(lose(worker, place, Problem::Full).await?);
        }
        settled => settled?,
    };
    tx.commit().await?;
    let is_new = settled == Settled::New;
    tracing::info!(event = "knowledge.read", knowledge = %place.id, is_new, characters = text.content.len(), "a source of the assistant was read");
    Ok(())
}

/// Says why a source could not be read.
async fn lose(worker: &Worker, place: Place, why: Problem) -> store::Result<()> {
    let mut tx = place.begin(worker).await?;
    sources::fail(&mut tx, place.id, why).await?;
    tx.commit().await?;
    tracing::info!(event = "knowledge.unread", knowledge = %place.id, why = why.key(), "a source of the assistant could not be read");
    Ok(())
}

/// Says that a source could not be read, after the last try.
pub async fn give_up(worker: &Worker, item: &Claimed) -> store::Result<()> {
    match Place::of(item) {
        Some(place) => lose(worker, place, Problem::Unreadable).await,
        None => Ok(()),
    }
}
