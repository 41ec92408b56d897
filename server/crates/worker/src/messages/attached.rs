//! How does the file of a message get to the platform? It is given to it before the message, which then names it. No call
//! for the message begins before that is stored, so a process that ends in between leaves nothing in doubt.

use std::io;
use std::time::Duration;

use chrono::Utc;
use domain::messaging::file;
use meta::media::{self, NewFile, SentAs};
use meta::send::{Channel, File, FileSource};
use outbound::Deadline;
use store::messaging::own_files::{self, OwnFile};
use store::messaging::sends::Due;
use tokio::sync::Semaphore;

use super::send::{CALL, Line, Place};
use super::wire::{self, Called};
use crate::Worker;
use crate::time_scale::secs;

/// How long the platform may take for a file: less than after which a call counts as one that nobody answers.
const UPLOAD: Duration = secs(60);
/// How many files this process holds at once while the platform is given them, because each is whole in memory.
static PLACES: Semaphore = Semaphore::const_new(3);
/// What is kept in place of the platform's id where it fetches the file itself.
const LINKED: &str = "link";
/// The kinds of messages that bring a file.
const KINDS: [&str; 4] = ["image", "video", "audio", "document"];

/// Whether the call for a message may begin.
pub(super) enum Prepared {
    /// It may, with this file if it has one.
    Ready(Option<File>),
    /// It may not; this is what came of it.
    Not(Called),
    /// Somebody else decided about the attempt meanwhile.
    Decided,
}

/// Gives the file of a message to the platform, unless it has it already. The attempt begins anew then, and with it the time
/// by which its call has to end.
pub(super) async fn prepare(
    worker: &Worker,
    place: Place,
    line: &Line,
    (due, deadline): (&mut Due, &mut Deadline),
) -> store::Result<Prepared> {
    let channel = wire::platform(due.kind).filter(|_| KINDS.contains(&due.message_kind.as_str()));
    let Some(channel) = channel else { return Ok(Prepared::Ready(None)) };
    let mut tx = place.begin(worker).await?;
    let own = own_files::of_message(&mut tx, due.message).await?;
    tx.commit().await?;
    let Some(own) = own else { return Ok(Prepared::Not(gone())) };
    let Some(sent) = SentAs::of(channel, &own.mime) else {
        let text = "This channel does not take such a file.";
        return Ok(Prepared::Not(wire::failed("file_type", text)));
    };
    let id = match (&own.media_id, channel) {
        (Some(id), _) => id.clone(),
        (None, Channel::Instagram) => LINKED.to_owned(),
        (None, Channel::Whatsapp | Channel::Messenger) => {
            match upload(worker, place, line, due, (channel, sent, &own)).await {
                Ok(id) => id,
                Err(called) => return Ok(Prepared::Not(called)),
            }
        }
    };
    if own.media_id.is_none() {
        let anew = worker.deadline(CALL);
        let mut tx = place.begin(worker).await?;
        let begun = own_files::uploaded(&mut tx, due, own.id, &id).await?;
        tx.commit().await?;
        let Some(begun) = begun else { return Ok(Prepared::Decided) };
        (due.begun, *deadline) = (begun, anew);
    }
    let source = if channel == Channel::Instagram {
        let Some(link) = link(worker, place, &own) else {
            return Ok(Prepared::Not(wire::failed("file", "Files for Instagram need the secret of an app at Meta.")));
        };
        FileSource::Link(link)
    } else {
        FileSource::Uploaded(id)
    };
    let is_named = channel == Channel::Whatsapp && sent.word() == "document";
    Ok(Prepared::Ready(Some(File {
        kind: sent.kind,
        source,
        caption: None,
        name: is_named.then(|| sent.name(&own.name)),
        voice: channel == Channel::Whatsapp && sent.media_type.ends_with("codecs=opus"),
    })))
}

/// Uploads a file. Returns the platform's id of it, or what it means for the message that there is none.
async fn upload(
    worker: &Worker,
    place: Place,
    line: &Line,
    due: &Due,
    (channel, sent, own): (Channel, SentAs, &OwnFile),
) -> Result<String, Called> {
    let path = worker.media.join(file::path(place.business, &own.sha256));
    let account = line.sender(channel, &due.account).id;
    let call = async {
        let _place = PLACES.acquire().await;
        let content = match tokio::fs::read(path).await {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(gone()),
            Err(error) => {
                tracing::error!(event = "media.unreadable", %error, message = %due.message, "the file of a message could not be read");
                return Err(wire::later(worker, due, "file"));
            }
        };
        let new = NewFile { name: sent.name(&own.name), media_type: sent.media_type.to_owned(), content };
        let uploaded = match channel {
            Channel::Whatsapp => media::upload(&worker.meta, line.call(), account, new).await,
            Channel::Messenger | Channel::Instagram => {
                media::upload_attachment(&worker.meta, line.call(), account, sent.kind, new).await
            }
        };
        uploaded.map_err(|error| wire::not_uploaded(worker, due, &error))
    };
    let ended = tokio::time::timeout(worker.time_scale.guard(UPLOAD), call).await;
    ended.unwrap_or_else(|_| Err(wire::later(worker, due, "upload")))
}

/// The address from which Instagram fetches a file. `None` without the secret of an app.
fn link(worker: &Worker, place: Place, own: &OwnFile) -> Option<String> {
    let (business, file) = (place.business.to_string(), own.id.to_string());
    let until = Utc::now().timestamp() + media::LIVES;
    let signature = media::sign_link(&worker.meta.settings().app_secret, &business, &file, until)?;
    Some(format!("{}/api/meta/files/{business}/{file}?until={until}&signature={signature}", worker.origin))
}

fn gone() -> Called {
    wire::failed("file", "The file is not there any more. Attach it again.")
}
