//! Which files lie on the disk although nobody needs them any more? Those that are kept no longer and those that their writers
//! took back are erased first; then one part of all folders is compared with what the businesses need, so that in time nothing
//! is left over. And which were never fetched, because their work is lost?

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::Utc;
use domain::messaging::file;
use domain::{AttachmentId, BusinessId};
use store::Db;
use store::messaging::disk::{ARRIVING, erase};
use store::messaging::{files, room};

use super::unstored;
use crate::Worker;
use crate::batch::{Budget, Done};
use crate::failed::Failed;
use crate::time_scale::{hours, minutes};

/// A younger file is left alone: it may still arrive.
const YOUNG: Duration = hours(1);
/// A file that waits for longer than this has lost its work, unless it waits in a queue.
const LOST: Duration = hours(1);
/// How long one part is the next one: all 256 of them take less than a day.
const TURN: Duration = minutes(5);
/// After this the room that the files of a business take is summed anew.
const COUNTED: Duration = hours(24);
/// The most files that are compared in one statement.
const TOGETHER: usize = 500;

/// Erases files that nobody needs, and lets workers fetch those whose work is lost.
pub async fn sweep(worker: &Worker, budget: Budget) -> Result<Done, Failed> {
    let go_on = || budget.is_left();
    let fetched = fetch_lost(worker).await?;
    expire(&worker.db, worker.files_kept_months).await?;
    let (removed, trouble) = erase_removed(&worker.db, &worker.media, &go_on).await?;
    if removed.more {
        return Ok(removed);
    }
    // The remainder of a division by 256 fits.
    let turn = u64::try_from(Utc::now().timestamp()).unwrap_or_default() / TURN.as_secs() % 256;
    let part = file::part(u8::try_from(turn).unwrap_or_default());
    let orphans = erase_orphans(&worker.db, &worker.media, &part, &go_on).await?;
    let rows = removed.rows + orphans;
    if rows > 0 {
        tracing::info!(event = "media.swept", files = rows, "files that nobody needs any more were erased");
    }
    trouble.map_or(Ok(Done { rows: rows + fetched, more: false }), Err)
}

/// Lets workers fetch the files whose work is lost. Returns how many.
async fn fetch_lost(worker: &Worker) -> Result<u64, Failed> {
    let lost = files::lost(&worker.db, worker.time_scale.of(LOST)).await?;
    for (business, id) in &lost {
        let mut tx = files::begin(&worker.db, *business).await?;
        files::fetch(&mut tx, *id).await?;
        tx.commit().await?;
    }
    Ok(lost.len() as u64)
}

/// Lets the oldest of the files go that came more than so many months ago. Returns how many.
async fn expire(db: &Db, months: u16) -> Result<u64, Failed> {
    let mut gone = 0;
    for (business, aged) in files::aged(db, months).await? {
        let mut tx = files::begin(db, business).await?;
        gone += files::expire(&mut tx, &aged).await?;
        tx.commit().await?;
    }
    if gone > 0 {
        tracing::info!(event = "media.expired", files = gone, months, "files that are kept no longer are erased");
    }
    Ok(gone)
}

/// Erases the files that are to be erased, and their rows. One that cannot be erased goes behind all others and is
/// told once the rest is done.
async fn erase_removed(
    db: &Db,
    root: &Path,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<(Done, Option<Failed>), Failed> {
    let mut rows = 0;
    loop {
        let removed = files::removed(db).await?;
        if removed.is_empty() {
            return Ok((Done { rows, more: false }, None));
        }
        let mut trouble = None;
        for one in &removed {
            match let_go(db, root, (one.business, &one.sha256), Some(one.id)).await {
                Ok(_) => rows += 1,
                Err(error) => {
                    let mut tx = files::begin(db, one.business).await?;
                    files::postpone(&mut tx, one.id).await?;
                    tx.commit().await?;
                    trouble.get_or_insert(error);
                }
            }
        }
        if trouble.is_some() || !go_on() {
            return Ok((Done { rows, more: trouble.is_none() }, trouble));
        }
    }
}

/// Erases a file unless its business needs it, and forgets the row of one that is to be erased. Returns whether it erased
/// the file. Whoever stores the same file waits for this transaction.
async fn let_go(
    db: &Db,
    root: &Path,
    (business, sha256): (BusinessId, &[u8]),
    row: Option<AttachmentId>,
) -> Result<bool, Failed> {
    let mut tx = files::begin(db, business).await?;
    files::lock(&mut tx, sha256).await?;
    let is_needed = !files::needed(&mut tx, &[sha256.to_vec()]).await?.is_empty();
    if !is_needed {
        erase(&root.join(file::path(business, sha256))).await.map_err(unstored)?;
    }
    if let Some(row) = row {
        files::forget(&mut tx, row).await?;
    }
    tx.commit().await?;
    Ok(!is_needed)
}

/// Erases the files of one part of each business that it does not need, all files of businesses that were erased, and what
/// never arrived. Returns how many. What a run leaves comes with the next turns, each of which begins with another business.
async fn erase_orphans(db: &Db, root: &Path, part: &str, go_on: &(dyn Fn() -> bool + Sync)) -> Result<u64, Failed> {
    let mut gone = 0;
    for path in old_files(&root.join(ARRIVING)).await? {
        erase(&path).await.map_err(unstored)?;
        gone += 1;
    }
    let mut businesses = businesses(root).await?;
    let middle = usize::from(rand::random::<u16>()) % businesses.len().max(1);
    businesses.rotate_left(middle);
    for business in businesses {
        if !go_on() {
            break;
        }
        let folder = root.join(business.to_string());
        let mut tx = files::begin(db, business).await?;
        let is_there = files::has_business(&mut tx).await?;
        room::correct(&mut tx, COUNTED).await?;
        tx.commit().await?;
        if is_there {
            gone += erase_unneeded(db, root, business, &folder.join(part)).await?;
            continue;
        }
        for part in entries(&folder).await? {
            gone += erase_unneeded(db, root, business, &part).await?;
            remove_empty(&part).await;
        }
        remove_empty(&folder).await;
    }
    Ok(gone)
}

/// Erases the files of a folder that its business does not need.
async fn erase_unneeded(db: &Db, root: &Path, business: BusinessId, folder: &Path) -> Result<u64, Failed> {
    let name = |path: PathBuf| file::checksum(path.file_name()?.to_str()?).map(Vec::from);
    let stored: Vec<Vec<u8>> = old_files(folder).await?.into_iter().filter_map(name).collect();
    let mut gone = 0;
    for some in stored.chunks(TOGETHER) {
        let mut tx = files::begin(db, business).await?;
        let needed = files::needed(&mut tx, some).await?;
        drop(tx);
        for sha256 in some.iter().filter(|sha256| !needed.contains(sha256)) {
            gone += u64::from(let_go(db, root, (business, sha256), None).await?);
        }
    }
    Ok(gone)
}

/// The businesses that have a folder.
async fn businesses(root: &Path) -> Result<Vec<BusinessId>, Failed> {
    let of = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        name.parse::<BusinessId>().ok().filter(|id| id.to_string() == name)
    };
    Ok(entries(root).await?.into_iter().filter_map(of).collect())
}

/// What lies in a folder. A folder that is not there has nothing in it.
async fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut all = Vec::new();
    let mut listed = match tokio::fs::read_dir(folder).await {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(all),
        Err(error) => return Err(unstored(error)),
    };
    while let Some(entry) = listed.next_entry().await.map_err(unstored)? {
        all.push(entry.path());
    }
    Ok(all)
}

/// The files of a folder that are not young.
async fn old_files(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let now = SystemTime::now();
    let mut old = Vec::new();
    for path in entries(folder).await? {
        // One that is gone meanwhile is no file any more.
        let Ok(about) = tokio::fs::metadata(&path).await else { continue };
        let age = about.modified().ok().and_then(|at| now.duration_since(at).ok());
        if about.is_file() && age.is_some_and(|age| age >= YOUNG) {
            old.push(path);
        }
    }
    Ok(old)
}

/// Removes a folder if nothing is in it.
async fn remove_empty(folder: &Path) {
    // One that has something in it stays, and so does one that is gone.
    let _ = tokio::fs::remove_dir(folder).await;
}

#[cfg(test)]
mod tests;
