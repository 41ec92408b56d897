//! How far are the pages and files of the knowledge read? A source waits until a worker took its text. A page is read again
//! and again; of a file only the text stays. Whatever could not be read leaves what was read before.

use std::time::Duration;

use domain::assistant::KnowledgeKind;
use domain::assistant::sources::Problem;
use domain::work::Kind;
use domain::{AgencyId, BusinessId, KnowledgeId};
use uuid::Uuid;

use super::knowledge::{FULL, changed, cut};
use crate::messaging::outgoing::business;
use crate::queue::{self, Work};
use crate::{Db, Error, PlatformTx, Result, TenantTx, found, new_id, removal};

/// What `Refused` carries when the page is known already.
pub const KNOWN: &str = "knowledge_page_known";
/// What `Refused` carries when too many sources of the business wait to be read.
pub const BUSY: &str = "knowledge_busy";
/// The most sources of a business that wait at once.
const MOST_WAITING: i64 = 20;
/// The most sources of a business, those among them that could not be read: each is kept, and each page is read again and again.
const MOST: i64 = 1000;
/// The most sources that `due` finds at once.
const FOUND: i64 = 500;

/// Adds a page of a web site, which a worker reads soon. Its address is its title until then. Returns `Refused(KNOWN)` if the
/// page is known, `Refused(BUSY)` if too many sources wait, and `Refused(FULL)` if there are too many.
pub async fn add_page(tx: &mut TenantTx, address: &str) -> Result<KnowledgeId> {
    let business = business(tx)?;
    let is_known = sqlx::query_scalar!(
        r#"select exists (select from knowledge where sub_account_id = $1 and kind = 'page' and origin = $2) as "is_known!""#,
        business.0,
        address
    )
    .fetch_one(tx.conn())
    .await?;
    if is_known {
        return Err(Error::Refused(KNOWN.to_owned()));
    }
    add(tx, KnowledgeKind::Page, address, None).await
}

/// Adds a file, whose text a worker takes soon. Its name is its title. Returns `Refused(BUSY)` if too many sources wait, and
/// `Refused(FULL)` if there are too many.
pub async fn add_file(tx: &mut TenantTx, name: &str, bytes: &[u8]) -> Result<KnowledgeId> {
    add(tx, KnowledgeKind::File, name, Some(bytes)).await
}

async fn add(tx: &mut TenantTx, kind: KnowledgeKind, origin: &str, upload: Option<&[u8]>) -> Result<KnowledgeId> {
    let (business, id) = (business(tx)?, new_id::<KnowledgeId>());
    sqlx::query!(
        "insert into knowledge (id, sub_account_id, kind, title, content, origin, state, upload) values ($1, $2, $3, left($4, 500), '', $4, 'waiting', $5)",
        id.0,
        business.0,
        kind.key(),
        origin,
        upload
    )
    .execute(tx.conn())
    .await?;
    let there = sqlx::query!(
        r#"select count(*) as "sources!", count(*) filter (where state = 'waiting') as "waiting!" from knowledge where sub_account_id = $1 and kind in ('page', 'file')"#,
        business.0
    )
    .fetch_one(tx.conn())
    .await?;
    if there.sources > MOST {
        return Err(Error::Refused(FULL.to_owned()));
    }
    if there.waiting > MOST_WAITING {
        return Err(Error::Refused(BUSY.to_owned()));
    }
    ask(tx, id).await?;
    changed(tx, id).await?;
    Ok(id)
}

/// Lets a worker read the source. It is asked once, however often this is called before it looks.
async fn ask(tx: &mut TenantTx, id: KnowledgeId) -> Result<()> {
    let once = format!("knowledge:{id}");
    queue::add(tx, &Work::new(Kind::ReadKnowledge).subject(id).once(once)).await.map(|_| ())
}

/// Lets a page be read again. One that waits is read anyway.
pub async fn read_again(tx: &mut TenantTx, id: KnowledgeId) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update knowledge set state = 'waiting' where sub_account_id = $1 and id = $2 and kind = 'page'",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    ask(tx, id).await?;
    changed(tx, id).await
}

/// A source that waits to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The address of the page, or the name of the file.
    pub origin: String,
    /// The file. `None` for a page.
    pub upload: Option<Vec<u8>>,
}

/// A source that waits. `None` if it does not wait, or is gone.
pub async fn waiting(tx: &mut TenantTx, id: KnowledgeId) -> Result<Option<Waiting>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Waiting,
        "select origin, upload from knowledge where sub_account_id = $1 and id = $2 and kind in ('page', 'file') and state = 'waiting'",
        business.0,
        id.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// What was read.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    /// The title. Without one the address or name stays.
    pub title: Option<&'a str>,
    /// The text, at least one character.
    pub content: &'a str,
    /// The checksum of both.
    pub sha256: [u8; 32],
}

/// What became of something that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It does not wait any more: another worker was faster, or it is gone.
    Gone,
    /// It says what it said before.
    Same,
    /// It says something new, which is searched from now on.
    New,
}

/// Keeps what was read of a source that waits, and erases the file. The passages are replaced only if the text is another
/// one. Returns `Refused(FULL)` if the business has too many passages; then nothing may be committed.
pub async fn settle(tx: &mut TenantTx, id: KnowledgeId, read: &Read<'_>) -> Result<Settled> {
    let business = business(tx)?;
    let known = sqlx::query!(
        "select content_hash, origin from knowledge where sub_account_id = $1 and id = $2 and state = 'waiting' for update",
        business.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(known) = known else { return Ok(Settled::Gone) };
    let is_same = known.content_hash.as_deref() == Some(&read.sha256[..]);
    let title = read.title.unwrap_or(&known.origin);
    sqlx::query!(
        "update knowledge set state = 'ready', problem = null, read_at = now(), upload = null, content_hash = $3, title = left($4, 500), content = $5
         where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        &read.sha256[..],
        title,
        read.content
    )
    .execute(tx.conn())
    .await?;
    if !is_same {
        let heading: String = title.chars().take(domain::assistant::LONGEST_TITLE).collect();
        cut(tx, id, &heading, read.content).await?;
    }
    changed(tx, id).await?;
    Ok(if is_same { Settled::Same } else { Settled::New })
}

/// Records that a source that waits could not be read, and erases the file. What was read before stays. Returns false if it
/// does not wait any more.
pub async fn fail(tx: &mut TenantTx, id: KnowledgeId, why: Problem) -> Result<bool> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update knowledge set state = 'failed', problem = $3, read_at = now(), upload = null where sub_account_id = $1 and id = $2 and state = 'waiting'",
        business.0,
        id.0,
        why.key()
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    changed(tx, id).await?;
    Ok(true)
}

/// A source that is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The agency.
    pub agency: AgencyId,
    /// The business.
    pub business: BusinessId,
    /// The source.
    pub id: KnowledgeId,
}

/// Some of the sources that are due, and where the search goes on.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The sources.
    pub due: Vec<Due>,
    /// Behind which source the next ones are; `None` if these are all.
    pub next: Option<(BusinessId, KnowledgeId)>,
}

/// Pages that were last read longer ago than `age`, and sources that wait longer than `lost`, in the order of their ids,
/// behind one of them. Those of businesses in the trash, or that rest, are left out.
pub async fn due(db: &Db, age: Duration, lost: Duration, after: Option<(BusinessId, KnowledgeId)>) -> Result<Found> {
    let (business, id) = after.map_or((Uuid::nil(), Uuid::nil()), |(business, id)| (business.0, id.0));
    let mut tx = removal::begin(db, age.min(lost)).await?;
    let rows = sqlx::query!(
        r#"select sub_account_id as "business: BusinessId", id as "id: KnowledgeId" from knowledge
           where kind in ('page', 'file') and (sub_account_id, id) > ($1, $2)
             and (kind = 'page' and state <> 'waiting' and read_at < now() - make_interval(secs => $3) or state = 'waiting' and updated_at < now() - make_interval(secs => $4))
           order by sub_account_id, id limit $5"#,
        business,
        id,
        age.as_secs_f64(),
        lost.as_secs_f64(),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    let is_whole = i64::try_from(rows.len()).is_ok_and(|count| count < FOUND);
    let next = rows.last().filter(|_| !is_whole).map(|last| (last.business, last.id));
    let (businesses, ids): (Vec<_>, Vec<_>) = rows.iter().map(|row| (row.business.0, row.id.0)).unzip();
    let mut tx = PlatformTx::begin(db, None).await?;
    let due = sqlx::query_as!(
        Due,
        r#"select b.agency_id as "agency: AgencyId", b.id as "business: BusinessId", w.id as "id!: KnowledgeId"
           from unnest($1::uuid[], $2::uuid[]) as w (business, id)
             join sub_accounts b on b.id = w.business and b.deleted_at is null and b.status in ('trial', 'active')
             join agencies a on a.id = b.agency_id and a.deleted_at is null"#,
        &businesses,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Found { due, next })
}

/// Lets a worker read a source that is due.
pub async fn take_up(tx: &mut TenantTx, id: KnowledgeId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update knowledge set state = 'waiting' where sub_account_id = $1 and id = $2 and kind = 'page' and state <> 'waiting'",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    ask(tx, id).await
}
