//! How does an assistant come to know a page or a file? A person names the page or sends the file; a worker takes its text. A
//! page is read again whenever somebody asks.

use domain::KnowledgeId;
use domain::assistant::KnowledgeKind;
use domain::assistant::sources::{LARGEST_FILE, page_address};
use domain::permission::Right;
use domain::text;
use ghl::Ghl;
use serde_json::{Value, json};
use store::assistant::{knowledge, sources};
use store::audit::{self, Act};
use store::tenant::TenantTx;

use super::knowledge::{full, named};
use crate::inbox::{ArrivedFile, Attached};
use crate::{BusinessActor, Refusal};

/// The field of the address of a page.
const ADDRESS: &str = "address";
/// The field of files.
const FILES: &str = "files";
/// The most characters of the name of a file.
const LONGEST_NAME: usize = 200;

/// Adds a page of a web site, which is read soon.
///
/// # Errors
/// `Invalid` if the address cannot be a page of the public internet, or the page is known; `State` if too much waits, or there are
/// too many sources.
pub async fn add_page(actor: &BusinessActor, ghl: &Ghl, typed: &str) -> Result<KnowledgeId, Refusal> {
    let allowed = actor.require(Right::AssistantManage)?;
    let url = page_address(typed).map_err(|detail| Refusal::field(ADDRESS, detail))?;
    if !ghl.outbound().permits_public(&url) {
        return Err(Refusal::field(ADDRESS, "Use a public address that begins with https://."));
    }
    let mut tx = allowed.begin().await?;
    let id = sources::add_page(&mut tx, url.as_str()).await.map_err(refused)?;
    let name = url.host_str().unwrap_or_default();
    record(&mut tx, id, "knowledge.added", json!({ "kind": KnowledgeKind::Page.key(), "name": name })).await?;
    tx.commit().await?;
    Ok(id)
}

/// Adds the files of a form, whose texts are taken soon. Returns how many there are. Only their texts are kept.
///
/// # Errors
/// `Invalid` if there is no file, or one is empty or too large; `State` if too much waits.
pub async fn add_files(actor: &BusinessActor, attached: Option<Attached>) -> Result<usize, Refusal> {
    let allowed = actor.require(Right::AssistantManage)?;
    let files = attached.map(|attached| attached.files).unwrap_or_default();
    if files.is_empty() {
        return Err(Refusal::field(FILES, "Choose a file."));
    }
    let mut read = Vec::new();
    for file in &files {
        read.push((name(&file.name), bytes(file).await?));
    }
    let mut tx = allowed.begin().await?;
    for (name, bytes) in &read {
        let id = sources::add_file(&mut tx, name, bytes).await.map_err(refused)?;
        let payload = json!({ "kind": KnowledgeKind::File.key(), "name": name });
        record(&mut tx, id, "knowledge.added", payload).await?;
    }
    tx.commit().await?;
    Ok(read.len())
}

/// The bytes of a file that may be read.
async fn bytes(file: &ArrivedFile) -> Result<Vec<u8>, Refusal> {
    if file.bytes == 0 {
        return Err(Refusal::field(FILES, "This file is empty."));
    }
    if u64::try_from(LARGEST_FILE).is_ok_and(|most| file.bytes > most) {
        return Err(Refusal::field(FILES, "Choose a file of at most 10 MB."));
    }
    file.file.bytes().await.map_err(|error| Refusal::Fault(format!("a file could not be read: {error}")))
}

/// The name of a file without the folders around it.
fn name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let line: String = text::line(last).chars().take(LONGEST_NAME).collect();
    if line.is_empty() { "file".to_owned() } else { line }
}

/// Lets a page be read again now.
///
/// # Errors
/// `NotFound` if it is no page that is known.
pub async fn read_again(actor: &BusinessActor, id: KnowledgeId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AssistantManage)?.begin().await?;
    let known = knowledge::get(&mut tx, id).await?;
    if known.kind != KnowledgeKind::Page {
        return Err(Refusal::NotFound);
    }
    sources::read_again(&mut tx, id).await?;
    record(&mut tx, id, "knowledge.reread", named(&known)).await?;
    Ok(tx.commit().await?)
}

/// Why a source cannot be added.
fn refused(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(what) if what == sources::KNOWN => {
            Refusal::field(ADDRESS, "The assistant already knows this page.")
        }
        store::Error::Refused(what) if what == sources::BUSY => {
            Refusal::State("Many pages and files are waiting to be read. Add more once some are done.".to_owned())
        }
        other => full(other),
    }
}

/// Writes the audit row, with the site of a page or the name of a file. What is known stays out of the log.
async fn record(tx: &mut TenantTx, id: KnowledgeId, action: &'static str, payload: Value) -> Result<(), Refusal> {
    Ok(audit::record(tx, Act::new(action, "knowledge").object(id).payload(payload)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_a_name() {
        for (given, expected) in [
            ("../../etc/passwd", "passwd"),
            ("a\\b\\prices.csv", "prices.csv"),
            ("", "file"),
            ("a\r\nb.txt", "a b.txt"),
        ] {
            assert_eq!(name(given), expected, "{given:?}");
        }
        assert_eq!(name(&"x".repeat(999)).len(), LONGEST_NAME);
    }
}
