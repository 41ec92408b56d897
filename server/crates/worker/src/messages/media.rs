//! How does the file of a customer's message get here? Fetched from the platform, judged by its content, and stored under its
//! checksum.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use domain::messaging::{Channel, file};
use domain::{AgencyId, AttachmentId, BusinessId};
use meta::Kind;
use outbound::CallContext;
use sha2::{Digest, Sha256};
use store::messaging::attachments::{self, Lost, Stored, Waiting};
use store::queue::Claimed;
use url::Url;

use super::send::{Line, Opened, Place, open};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::minutes;

const MEGABYTE: usize = 1024 * 1024;
/// The most bytes of a document, and of any other file.
const DOCUMENT: usize = 100 * MEGABYTE;
const OTHER: usize = 25 * MEGABYTE;
/// How long platforms keep files (Meta, media).
const KEPT: TimeDelta = TimeDelta::days(7);
/// How long a file waits for a connection that works again.
const LATER: Duration = minutes(15);

/// Fetches the file of a work item. One that is fetched, given up or erased needs nothing.
pub async fn fetch(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(business), Some(id)) = (item.agency, item.business, item.subject.map(AttachmentId)) else {
        return Ok(());
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let waiting = attachments::waiting(&mut tx, id).await?;
    tx.commit().await?;
    let Some(waiting) = waiting else { return Ok(()) };
    let got = match bytes(worker, agency, business, &waiting).await? {
        Got::Bytes(bytes) => {
            let kept = keep(&worker.media, &bytes)
                .await
                .map_err(|error| Failed::new(format!("a file could not be stored: {error}")))?;
            Ok(kept)
        }
        Got::Lost(how, why) => Err((how, why)),
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    match got {
        Ok((sha256, mime, bytes)) => {
            attachments::stored(&mut tx, &waiting, &Stored { sha256, mime, bytes }).await?;
            tracing::info!(event = "media.stored", attachment = %id, mime, bytes, "the file of a message was stored");
        }
        Err((how, why)) => {
            attachments::lost(&mut tx, &waiting, how, why).await?;
            tracing::info!(event = "media.lost", attachment = %id, why, "the file of a message is not fetched");
        }
    }
    Ok(tx.commit().await?)
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
enum Got {
    Bytes(Bytes),
    Lost(Lost, &'static str),
}

async fn bytes(worker: &Worker, agency: AgencyId, business: BusinessId, file: &Waiting) -> Result<Got, Failed> {
    let most = if file.kind == "document" { DOCUMENT } else { OTHER };
    let fetched = match (&file.media_id, file.url.as_deref().map(Url::parse)) {
        (Some(id), _) if file.channel == Channel::Whatsapp => {
            let place = Place { agency, business, channel: file.inbox };
            let Some(line) = line(worker, place, file).await? else {
                return Ok(Got::Lost(Lost::Expired, "The connection did not work until the file was gone."));
            };
            let fetched = meta::media::fetch(&worker.meta, line.call(), id, &file.account, most).await;
            fetched.map(|(_, bytes)| bytes)
        }
        (_, Some(Ok(url))) => {
            let about = CallContext { agency: Some(agency.0), business: Some(business.0), ..CallContext::default() };
            meta::media::fetch_public(&worker.meta, &about, &url, most).await
        }
        (_, Some(Err(_)) | None) => return Ok(Got::Lost(Lost::Failed, "The platform named no address for the file.")),
    };
    match fetched {
        Ok(bytes) => Ok(Got::Bytes(bytes)),
        Err(error) => judged(error, file),
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
fn judged(error: meta::Error, file: &Waiting) -> Result<Got, Failed> {
    match &error.kind {
        _ if error.passes() => Err(error.into()),
        kind if kind.stops_channel() && is_kept(file) => Err(Failed::held(error.to_string(), LATER)),
        Kind::Media => Ok(Got::Lost(Lost::Failed, "The file is too large, or damaged.")),
        Kind::NotFound => Ok(Got::Lost(Lost::Expired, "The platform no longer has the file.")),
        _ => Ok(Got::Lost(Lost::Failed, "The platform did not give the file.")),
    }
}

/// Stores a file under its checksum, whole or not at all. Returns the checksum, the type and the size.
async fn keep(root: &Path, bytes: &Bytes) -> std::io::Result<([u8; 32], &'static str, i64)> {
    let sha256: [u8; 32] = Sha256::digest(bytes).into();
    let path = root.join(file::path(&sha256));
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let is_there = tokio::fs::metadata(&path).await.is_ok_and(|known| i64::try_from(known.len()) == Ok(length));
    if !is_there {
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        let part = path.with_extension(format!("{}.part", store::new_id::<uuid::Uuid>()));
        write(&part, bytes).await?;
        tokio::fs::rename(&part, &path).await?;
    }
    Ok((sha256, kind_of(bytes), length))
}

async fn write(path: &Path, bytes: &Bytes) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt as _;
    let mut file = tokio::fs::File::create(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}

/// The type of a file by its first bytes, whatever its sender says.
fn kind_of(bytes: &[u8]) -> &'static str {
    infer::get(bytes).map_or("application/octet-stream", |kind| kind.mime_type())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_what_a_file_is() {
        for (bytes, expected) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead", "audio/opus"),
            (b"just words", "application/octet-stream"),
            (b"", "application/octet-stream"),
        ] {
            assert_eq!(kind_of(bytes), expected);
        }
        let page = kind_of(b"<!DOCTYPE html><script>alert(1)</script>");
        assert!(!file::is_shown(page), "{page} is never shown in the browser");
    }

    #[tokio::test]
    async fn the_same_file_is_stored_once() {
        let root = std::env::temp_dir().join(format!("slipway-media-{}", store::new_id::<uuid::Uuid>()));
        let bytes = Bytes::from_static(b"\x89PNG\r\n\x1a\n");
        let first = keep(&root, &bytes).await.unwrap();
        assert_eq!(keep(&root, &bytes).await.unwrap(), first);
        let path = root.join(file::path(&first.0));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        std::fs::remove_dir_all(root).unwrap();
    }
}
