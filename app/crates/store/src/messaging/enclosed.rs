//! Which files go out with a message, and how are those named that wait with a scheduled one? The details of a scheduled message
//! name its files until it goes out or is canceled, and nobody erases them before. Each becomes a message of its own.

use domain::{AttachmentId, BusinessId, MessageId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::attachments::Stored;
use super::outgoing::{self, NewOutgoing, business};
use super::{files, own_files, room};
use crate::{Error, Result, TenantTx};

/// The detail of a scheduled message that names its files.
const FILES: &str = "files";

/// A stored file that goes to a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosed {
    /// The checksum in hexadecimal digits, which is the name of the stored file.
    pub sha256: String,
    /// As what it is sent: `image`, `video`, `audio` or `document`.
    pub kind: String,
    /// The name that the person's machine gave it.
    pub name: String,
    /// Its type, by its content.
    pub mime: String,
    /// Its size in bytes.
    pub bytes: i64,
}

impl Enclosed {
    /// The checksum. Returns `Refused` if it is none.
    fn checksum(&self) -> Result<[u8; 32]> {
        let bytes = hex::decode(&self.sha256).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| Error::Refused("the checksum of a file".into()))
    }
}

/// Writes the files of a scheduled message into its details.
pub fn enclose(details: &mut Value, files: &[Enclosed]) {
    if let Value::Object(fields) = details
        && !files.is_empty()
    {
        fields.insert(FILES.to_owned(), json!(files));
    }
}

/// Takes the files of a scheduled message out of its details.
pub(super) fn take(details: &mut Value) -> Vec<Enclosed> {
    let files = details.as_object_mut().and_then(|fields| fields.remove(FILES));
    files.and_then(|files| serde_json::from_value(files).ok()).unwrap_or_default()
}

/// Queues a message for each file behind the text of `new`; without a text the first one quotes. The files are stored, and
/// the transaction holds their locks.
pub async fn queue(tx: &mut TenantTx, new: &NewOutgoing<'_>, files: &[Enclosed]) -> Result<Vec<MessageId>> {
    let mut sent = Vec::with_capacity(files.len());
    for (at, file) in files.iter().enumerate() {
        let reply_to = new.reply_to.filter(|_| new.body.is_empty() && at == 0);
        let message = NewOutgoing { kind: &file.kind, body: "", reply_to, ..new.clone() };
        let id = outgoing::add(tx, &message).await?;
        let stored = Stored { sha256: file.checksum()?, mime: &file.mime, bytes: file.bytes };
        own_files::add(tx, id, &file.kind, &file.name, &stored).await?;
        sent.push(id);
    }
    Ok(sent)
}

/// The checksums of files, each once and always in one order, so that two transactions never wait for each other's locks.
fn checksums(files: &[Enclosed]) -> Result<Vec<([u8; 32], i64)>> {
    let mut all =
        files.iter().map(|file| file.checksum().map(|sha256| (sha256, file.bytes))).collect::<Result<Vec<_>>>()?;
    all.sort_unstable();
    all.dedup_by_key(|(sha256, _)| *sha256);
    Ok(all)
}

/// Keeps everybody else from storing or erasing these files until the transaction ends.
pub async fn lock(tx: &mut TenantTx, files: &[Enclosed]) -> Result<()> {
    for (sha256, _) in checksums(files)? {
        files::lock(tx, &sha256).await?;
    }
    Ok(())
}

/// Counts the files of a message that is about to wait, except those that the business has already. The transaction holds their
/// locks.
pub(super) async fn count(tx: &mut TenantTx, business: BusinessId, files: &[Enclosed]) -> Result<()> {
    for (sha256, bytes) in checksums(files)? {
        room::count(tx, business, AttachmentId(Uuid::nil()), &sha256, bytes).await?;
    }
    Ok(())
}

/// Gives back the room of the files of a message that waits no more and was not sent. The transaction holds their locks. The
/// sweep erases what nothing else needs.
pub(super) async fn give_back(tx: &mut TenantTx, business: BusinessId, files: &[Enclosed]) -> Result<()> {
    for (sha256, bytes) in checksums(files)? {
        room::give_back(tx, business, &sha256, bytes).await?;
    }
    Ok(())
}

/// The checksums and sizes of the files that wait with the scheduled messages of the business. One that several messages bring
/// is there as often.
pub(super) async fn waiting(tx: &mut TenantTx) -> Result<(Vec<Vec<u8>>, Vec<i64>)> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        r#"select decode(f.value ->> 'sha256', 'hex') as "sha256!", (f.value ->> 'bytes')::bigint as "bytes!"
           from scheduled_messages s cross join lateral jsonb_array_elements(s.details -> 'files') f
           where s.sub_account_id = $1 and s.state in ('waiting', 'missed')"#,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.sha256, row.bytes)).unzip())
}

/// Whether a scheduled message of the business still brings the file with this checksum.
pub(super) async fn is_waiting(tx: &mut TenantTx, sha256: &[u8]) -> Result<bool> {
    Ok(waiting(tx).await?.0.iter().any(|one| one == sha256))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(sha256: &str) -> Enclosed {
        Enclosed {
            sha256: sha256.to_owned(),
            kind: "image".to_owned(),
            name: "a.png".to_owned(),
            mime: "image/png".to_owned(),
            bytes: 9,
        }
    }

    #[test]
    fn files_stand_in_the_details_until_they_are_taken() {
        let mut details = json!({ "choices": ["Yes"] });
        enclose(&mut details, &[]);
        assert_eq!(details, json!({ "choices": ["Yes"] }));
        let files = [file(&"0a".repeat(32))];
        enclose(&mut details, &files);
        assert_eq!(take(&mut details), files);
        assert_eq!(details, json!({ "choices": ["Yes"] }));
        assert!(take(&mut details).is_empty() && take(&mut json!({ "files": "all of them" })).is_empty());
    }

    #[test]
    fn each_checksum_is_locked_once_and_in_one_order() {
        let (one, two) = ("0a".repeat(32), "0b".repeat(32));
        let all = checksums(&[file(&two), file(&one), file(&two)]).unwrap();
        assert_eq!(all, [([10; 32], 9), ([11; 32], 9)]);
        for wrong in ["", "0a", &"0g".repeat(32), &"0a".repeat(33)] {
            assert!(checksums(&[file(wrong)]).is_err(), "{wrong}");
        }
    }
}
