//! How does the file of a customer's message get here? Written to the disk while the platform sends it, judged by its
//! content, and stored under its checksum among the files of the business.

mod sweep;

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::messaging::Channel;
use domain::messaging::file::NO_ROOM;
use domain::{AgencyId, AttachmentId, BusinessId};
use meta::Kind;
use meta::media::Fetched;
use outbound::CallContext;
use store::messaging::attachments::{self, Lost, Stored, Waiting};
use store::messaging::disk::{self, Arriving};
use store::messaging::{files, room};
use store::queue::Claimed;
use url::Url;

pub use self::sweep::sweep;
use super::send::{Line, Opened, Place, open};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::{hours, minutes};

const MEGABYTE: u64 = 1024 * 1024;
/// The most bytes of a document, and of any other file.
const DOCUMENT: u64 = 100 * MEGABYTE;
const OTHER: u64 = 25 * MEGABYTE;
/// How long platforms keep files (Meta, media).
const KEPT: TimeDelta = TimeDelta::days(7);
/// So many tries that fail for now follow soon after each other. Later ones cost nothing: an outage loses no file that the
/// platform still has.
const SOON: i32 = 5;
/// How long a file waits for a connection or a platform that works again.
const LATER: Duration = minutes(15);
/// How long a file waits for room: files become too old, or somebody gives more room.
const NEXT_DAY: Duration = hours(24);

/// Fetches the file of a work item. One that is fetched, given up or erased needs nothing. Those that are fetched at once
/// may exceed the room of their business by their own size.
pub async fn fetch(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(business), Some(id)) = (item.agency, item.business, item.subject.map(AttachmentId)) else {
        return Ok(());
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let Some(waiting) = attachments::waiting(&mut tx, id).await? else { return Ok(()) };
    let used = room::used(&mut tx).await?;
    tx.commit().await?;
    let room = worker.files_per_client.saturating_sub(used);
    match arrive(worker, (agency, business), (&waiting, item.attempt), room).await? {
        Arrived::File(file, fetched) => store_file(worker, (agency, business), &waiting, (file, fetched)).await,
        Arrived::NoRoom => no_room(worker, (agency, business), &waiting).await,
        Arrived::Lost(how, why) => {
            let mut tx = tenant_tx(worker, agency, Some(business)).await?;
            attachments::lost(&mut tx, &waiting, how, why).await?;
            tx.commit().await?;
            tracing::info!(event = "media.lost", attachment = %id, why, "the file of a message is not fetched");
            Ok(())
        }
    }
}

/// Says in the conversation and to the agency that a file waits for room, and lets it be tried again while the platform has it.
async fn no_room(worker: &Worker, (agency, business): (AgencyId, BusinessId), waiting: &Waiting) -> Result<(), Failed> {
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    if is_kept(waiting) {
        attachments::no_room(&mut tx, waiting).await?;
    } else {
        attachments::lost(&mut tx, waiting, Lost::Expired, NO_ROOM).await?;
    }
    room::tell(&mut tx, worker.files_per_client, true).await?;
    tx.commit().await?;
    tracing::info!(event = "media.no_room", attachment = %waiting.id, "the file of a message finds no room");
    if is_kept(waiting) { Err(Failed::held("there is no room for the files of its client", NEXT_DAY)) } else { Ok(()) }
}

/// Moves a file to its place and records it. Until the record is committed nobody erases the file.
async fn store_file(
    worker: &Worker,
    (agency, business): (AgencyId, BusinessId),
    waiting: &Waiting,
    (file, fetched): (Arriving, Fetched),
) -> Result<(), Failed> {
    let (mime, sha256) = (file.kind().await.map_err(unstored)?, fetched.sha256);
    let bytes = i64::try_from(fetched.length).unwrap_or(i64::MAX);
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    files::lock(&mut tx, &sha256).await?;
    if !attachments::stored(&mut tx, waiting, &Stored { sha256, mime, bytes }).await? {
        return Ok(());
    }
    room::tell(&mut tx, worker.files_per_client, false).await?;
    file.keep(&worker.media, business, &sha256).await.map_err(unstored)?;
    tx.commit().await?;
    tracing::info!(event = "media.stored", attachment = %waiting.id, mime, bytes, "the file of a message was stored");
    Ok(())
}

/// What follows when the disk refuses. A full one is waited for.
fn unstored(error: std::io::Error) -> Failed {
    if disk::is_full(&error) {
        return disk_full();
    }
    Failed::new(format!("a file could not be stored: {error}"))
}

fn disk_full() -> Failed {
    tracing::error!(
        event = "media.disk_full",
        "the disk of the files has no room; files wait until there is: free some or make it larger"
    );
    Failed::held("the disk of the files is full", LATER)
}

/// Says in the conversation that a file could not be fetched, after the last try.
pub async fn put_aside(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let (Some(agency), Some(business), Some(id)) = (item.agency, item.business, item.subject.map(AttachmentId)) else {
        return Ok(());
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    if let Some(waiting) = attachments::waiting(&mut tx, id).await? {
        attachments::lost(
            &mut tx,
            &waiting,
            Lost::Failed,
            "The file could not be fetched, though we tried for a while.",
        )
        .await?;
    }
    tx.commit().await
}

/// What came of a fetch.
enum Arrived {
    File(Arriving, Fetched),
    NoRoom,
    Lost(Lost, &'static str),
}

/// Writes a file to the disk, as far as its kind and the room of its business allow.
async fn arrive(
    worker: &Worker,
    (agency, business): (AgencyId, BusinessId),
    (file, attempt): (&Waiting, i32),
    room: u64,
) -> Result<Arrived, Failed> {
    let most = if file.kind == "document" { DOCUMENT } else { OTHER };
    if room == 0 {
        return Ok(Arrived::NoRoom);
    }
    let (arriving, mut to) = Arriving::begin(&worker.media).await.map_err(unstored)?;
    let fetched = match (&file.media_id, file.url.as_deref().map(Url::parse)) {
        (Some(id), _) if file.channel == Channel::Whatsapp => {
            let place = Place { agency, business, channel: file.inbox };
            let Some(line) = line(worker, place, file).await? else {
                return Ok(Arrived::Lost(Lost::Expired, "The connection did not work until the file was gone."));
            };
            meta::media::fetch(&worker.meta, line.call(), id, &file.account, most.min(room), &mut to).await
        }
        (_, Some(Ok(url))) => {
            let about = CallContext { agency: Some(agency.0), business: Some(business.0), ..CallContext::default() };
            meta::media::fetch_public(&worker.meta, &about, &url, most.min(room), &mut to).await
        }
        (_, Some(Err(_)) | None) => {
            return Ok(Arrived::Lost(Lost::Failed, "The platform named no address for the file."));
        }
    };
    match fetched {
        Ok(fetched) => {
            to.sync_all().await.map_err(unstored)?;
            Ok(Arrived::File(arriving, fetched))
        }
        Err(error) if error.kind == Kind::Media && room < most => Ok(Arrived::NoRoom),
        Err(error) => {
            // Also what could not be written passes.
            if error.passes() && !disk::has_room(&worker.media).await.map_err(unstored)? {
                return Err(disk_full());
            }
            judged(error, file, attempt)
        }
    }
}

/// The line of the file's channel. `None` if it did not work for as long as the platform keeps the file.
async fn line(worker: &Worker, place: Place, file: &Waiting) -> Result<Option<std::sync::Arc<Line>>, Failed> {
    match open(worker, place).await? {
        Opened::Line(line) => Ok(Some(line)),
        Opened::Paused | Opened::Closed if is_kept(file) => {
            Err(Failed::held("the connection of its channel does not work", LATER))
        }
        Opened::Paused | Opened::Closed => Ok(None),
    }
}

fn is_kept(file: &Waiting) -> bool {
    Utc::now() - file.since < KEPT
}

/// What an error means for the file: try again, or say why it is lost.
fn judged(error: meta::Error, file: &Waiting, attempt: i32) -> Result<Arrived, Failed> {
    match &error.kind {
        _ if error.passes() && error.until().is_none() && attempt > SOON && is_kept(file) => {
            Err(Failed::held(error.to_string(), LATER))
        }
        _ if error.passes() => Err(error.into()),
        kind if kind.stops_channel() && is_kept(file) => Err(Failed::held(error.to_string(), LATER)),
        Kind::Media => Ok(Arrived::Lost(Lost::Failed, "The file is too large, or damaged.")),
        Kind::NotFound => Ok(Arrived::Lost(Lost::Expired, "The platform no longer has the file.")),
        _ => Ok(Arrived::Lost(Lost::Failed, "The platform did not give the file.")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn a_full_disk_is_waited_for_and_costs_no_try() {
        for (kind, hold) in [
            (ErrorKind::StorageFull, Some(LATER)),
            (ErrorKind::QuotaExceeded, Some(LATER)),
            (ErrorKind::PermissionDenied, None),
        ] {
            assert_eq!(unstored(kind.into()).hold, hold, "{kind}");
        }
    }
}
