//! Which files may a person send to a customer, and what becomes of them? Each goes as a message of its own after the text.
//! What the channel does not take is refused before anything is sent.

use std::path::PathBuf;

use domain::messaging::Channel;
use domain::{MessageId, text};
use meta::media::SentAs;
use store::messaging::disk::Arriving;
use store::messaging::enclosed::{self, Enclosed};
use store::messaging::files;
use store::messaging::outgoing::{NewOutgoing, Place};
use store::tenant::TenantTx;

use crate::Refusal;

/// The most files of one answer.
pub const MOST_FILES: usize = 5;
/// The field of the form.
const FIELD: &str = "files";
/// The most characters of a name.
const LONGEST_NAME: usize = 120;
/// Why nothing is stored although the channel would take it.
const FULL: &str = "This client has no file storage left. Your Slipway administrator can add more.";

const MEGABYTE: usize = 1024 * 1024;

/// A file that a person attached, while it lies among those that arrive.
#[derive(Debug)]
pub struct ArrivedFile {
    /// Where it lies.
    pub file: Arriving,
    /// The name that the person's machine gave it.
    pub name: String,
    /// Its type, by its content.
    pub mime: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its checksum.
    pub sha256: [u8; 32],
}

/// The files of an answer, and the room for them.
#[derive(Debug)]
pub struct Attached {
    /// The files, in the order in which they are sent.
    pub files: Vec<ArrivedFile>,
    /// The folder of the files of all businesses.
    pub root: PathBuf,
    /// The most bytes of files of one business.
    pub room: u64,
}

/// The channel in the words of the platform. `None` if it carries no files from here.
const fn platform(kind: Channel) -> Option<meta::send::Channel> {
    match kind {
        Channel::Whatsapp => Some(meta::send::Channel::Whatsapp),
        Channel::Facebook => Some(meta::send::Channel::Messenger),
        Channel::Instagram => Some(meta::send::Channel::Instagram),
        Channel::Webchat | Channel::Voice | Channel::Sms | Channel::Email => None,
    }
}

/// Whether a person can attach files to an answer on this channel.
#[must_use]
pub const fn takes_files(kind: Channel) -> bool {
    platform(kind).is_some()
}

/// As what each file is sent, or why one of them cannot be.
fn judged(kind: Channel, files: &[ArrivedFile]) -> Result<Vec<SentAs>, Refusal> {
    let refused = |why: String| Refusal::field(FIELD, &why);
    let Some(channel) = platform(kind) else {
        return Err(refused(format!("Files cannot be sent on {}.", kind.name())));
    };
    if files.len() > MOST_FILES {
        return Err(refused(format!("Attach at most {MOST_FILES} files.")));
    }
    let judge = |file: &ArrivedFile| {
        let name = name(&file.name);
        if file.bytes == 0 {
            return Err(refused(format!("This file is empty: {name}")));
        }
        let sent = SentAs::of(channel, file.mime)
            .ok_or_else(|| refused(format!("{} does not take this kind of file: {name}", kind.name())))?;
        let most = sent.largest(channel);
        if usize::try_from(file.bytes).is_ok_and(|bytes| bytes <= most) {
            return Ok(sent);
        }
        let most = most / MEGABYTE;
        Err(refused(format!("{} takes at most {most} MB of such a file: {name}", kind.name())))
    };
    files.iter().map(judge).collect()
}

/// The name of a file without the folders around it.
fn name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let line: String = text::line(last).chars().take(LONGEST_NAME).collect();
    if line.is_empty() { "file".to_owned() } else { line }
}

/// Queues a message for each file, and moves the files to their place. `new` is the text before them; without one the first
/// file quotes.
pub(super) async fn queue(
    tx: &mut TenantTx,
    place: &Place,
    new: &NewOutgoing<'_>,
    attached: Attached,
) -> Result<Vec<MessageId>, Refusal> {
    let files = keep(tx, place.kind, attached).await?;
    Ok(enclosed::queue(tx, new, &files).await?)
}

/// Moves the files to their place, as what a channel takes them for. Until the transaction ends nobody erases them; if it fails,
/// the sweep finds them.
pub(super) async fn keep(tx: &mut TenantTx, kind: Channel, attached: Attached) -> Result<Vec<Enclosed>, Refusal> {
    let sent_as = judged(kind, &attached.files)?;
    let business = tx.business().ok_or(Refusal::NotFound)?;
    let all: u64 = attached.files.iter().map(|file| file.bytes).sum();
    if files::used(tx).await?.saturating_add(all) > attached.room {
        return Err(Refusal::field(FIELD, FULL));
    }
    let named = |(arrived, sent_as): (&ArrivedFile, &SentAs)| Enclosed {
        sha256: hex::encode(arrived.sha256),
        kind: sent_as.word().to_owned(),
        name: name(&arrived.name),
        mime: arrived.mime.to_owned(),
        bytes: i64::try_from(arrived.bytes).unwrap_or(i64::MAX),
    };
    let files: Vec<Enclosed> = attached.files.iter().zip(&sent_as).map(named).collect();
    enclosed::lock(tx, &files).await?;
    for arrived in attached.files {
        let kept = arrived.file.keep(&attached.root, business, &arrived.sha256).await;
        kept.map_err(|error| Refusal::Fault(format!("a file could not be stored: {error}")))?;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of this type and size.
    async fn file(name: &str, mime: &'static str, bytes: u64) -> ArrivedFile {
        let root = std::env::temp_dir().join("slipway-attached");
        let (file, _) = Arriving::begin(&root).await.expect("the folder of the test can be written");
        ArrivedFile { file, name: name.to_owned(), mime, bytes, sha256: [0; 32] }
    }

    async fn why(kind: Channel, files: &[(&str, &'static str, u64)]) -> Option<String> {
        let mut all = Vec::new();
        for (name, mime, bytes) in files {
            all.push(file(name, mime, *bytes).await);
        }
        match judged(kind, &all) {
            Ok(_) => None,
            Err(Refusal::Invalid(errors)) => errors.into_iter().next().map(|error| error.detail),
            Err(other) => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn what_a_channel_does_not_take_is_refused_in_plain_words() {
        let large = 6 * MEGABYTE as u64;
        for (kind, files, expected) in [
            (Channel::Whatsapp, &[("a.png", "image/png", 9)][..], None),
            (Channel::Whatsapp, &[("a.gif", "image/gif", 9)], None),
            (Channel::Facebook, &[("a.png", "image/png", large)], None),
            (Channel::Whatsapp, &[("a.png", "image/png", large)], Some("at most 5 MB")),
            (Channel::Whatsapp, &[("a.png", "image/png", 0)], Some("empty")),
            (Channel::Whatsapp, &[("C:\\x\\run.png", "application/x-executable", 9)], Some("kind of file: run.png")),
            (Channel::Whatsapp, &[("a.txt", "text/plain", 9); MOST_FILES], None),
            (Channel::Whatsapp, &[("a.txt", "text/plain", 9); MOST_FILES + 1], Some("at most 5 files")),
            (Channel::Instagram, &[("a.png", "image/png", 9)], None),
            (Channel::Instagram, &[("a.txt", "text/plain", 9)], Some("Instagram does not take")),
            (Channel::Sms, &[("a.png", "image/png", 9)], Some("cannot be sent")),
        ] {
            let found = why(kind, files).await;
            let is_right = match (&found, expected) {
                (Some(found), Some(expected)) => found.contains(expected),
                (None, None) => true,
                _ => false,
            };
            assert!(is_right, "{kind:?} {files:?}: {found:?}");
        }
    }

    #[test]
    fn a_hostile_name_stays_a_name() {
        for (given, expected) in
            [("../../etc/passwd", "passwd"), ("a\\b\\c.png", "c.png"), ("", "file"), ("a\r\nb.png", "a b.png")]
        {
            assert_eq!(name(given), expected, "{given:?}");
        }
        assert_eq!(name(&"x".repeat(999)).len(), LONGEST_NAME);
    }
}
