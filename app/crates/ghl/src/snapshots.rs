//! Lists an agency's snapshots and reports how far one has been loaded into a location.
//! No call and no event reports that a load is done, and HighLevel does not document the possible status values.
//! So this module infers done and failed from the status and the lists of assets (HighLevel API, snapshot status).
//! Anything else counts as still running, until the caller's own deadline.

use serde::Deserialize;

use crate::client::{Call, Ghl, Parts, Result, read};
use crate::error::Kind;
use crate::ops::{LIST_SNAPSHOTS, SNAPSHOT_STATUS};
use crate::tolerant::{list as items, string_enum, texts, word};

string_enum! {
    /// Where a snapshot comes from.
    SnapshotKind {
        /// Made by the agency.
        Own = "own",
        /// Shared with the agency.
        Imported = "imported",
    }
}

/// A snapshot of an agency.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Snapshot {
    /// Its id.
    #[serde(alias = "_id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// Own or imported.
    #[serde(rename = "type", default = "SnapshotKind::unnamed")]
    pub kind: SnapshotKind,
}

impl SnapshotKind {
    fn unnamed() -> Self {
        Self::Other(String::new())
    }
}

/// Which assets of a snapshot have been loaded and which have not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Assets {
    /// HighLevel's status value.
    #[serde(default, deserialize_with = "word")]
    pub status: String,
    /// Kinds of assets that are completely loaded.
    #[serde(default, deserialize_with = "texts")]
    pub completed: Vec<String>,
    /// Kinds of assets that are not loaded yet.
    #[serde(default, deserialize_with = "texts")]
    pub pending: Vec<String>,
}

/// How far a snapshot has been loaded into a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Load {
    /// There is no record of the load yet.
    NotStarted,
    /// In progress, or an unknown status. This includes a status that says done while some assets are still
    /// pending.
    Running(Assets),
    /// Everything is loaded.
    Done(Assets),
    /// HighLevel gave up.
    Failed(Assets),
}

#[derive(Deserialize)]
struct Snapshots {
    #[serde(default, deserialize_with = "items")]
    snapshots: Vec<Snapshot>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    data: Option<Assets>,
}

/// All snapshots of the company, own and imported; the response is not paged.
pub async fn list(ghl: &Ghl, call: Call<'_>, company: &str) -> Result<Vec<Snapshot>> {
    let query = [("companyId", company)];
    let answer: Snapshots = ghl.call(&LIST_SNAPSHOTS, call, Parts { query: &query, ..Parts::default() }).await?;
    Ok(answer.snapshots)
}

/// How far the latest load of this snapshot into this location is. Before it begins, HighLevel returns null, an
/// empty object or 404.
pub async fn status(ghl: &Ghl, call: Call<'_>, company: &str, snapshot: &str, location: &str) -> Result<Load> {
    let query = [("companyId", company)];
    let parts = Parts { ids: &[snapshot, location], query: &query, body: None };
    match ghl.answer(&SNAPSHOT_STATUS, call, parts).await {
        Ok(answer) if answer.body.iter().all(u8::is_ascii_whitespace) => Ok(Load::NotStarted),
        Ok(answer) => Ok(load(read::<Option<Status>>(&SNAPSHOT_STATUS, &answer)?)),
        Err(error) if error.kind == Kind::NotFound => Ok(Load::NotStarted),
        Err(error) => Err(error),
    }
}

fn load(answer: Option<Status>) -> Load {
    let Some(assets) = answer.and_then(|status| status.data) else { return Load::NotStarted };
    if assets == Assets::default() {
        return Load::NotStarted;
    }
    let word = assets.status.to_lowercase();
    let finished = ["completed", "complete", "success", "done"].contains(&word.as_str());
    if word.contains("fail") || word.contains("error") {
        Load::Failed(assets)
    } else if assets.pending.is_empty() && (finished || (word.is_empty() && !assets.completed.is_empty())) {
        Load::Done(assets)
    } else {
        Load::Running(assets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Load {
        load(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_published_example_is_under_way() {
        let Load::Running(assets) = read(include_str!("fixtures/snapshot_status.json")) else { panic!("running") };
        assert_eq!((assets.completed.len(), assets.pending.len()), (4, 3));
    }

    #[test]
    fn nothing_yet_comes_in_many_shapes() {
        for json in [
            "null",
            "{}",
            r#"{"data":null}"#,
            r#"{"data":{}}"#,
            r#"{"data":{"status":null,"completed":null,"pending":[]}}"#,
        ] {
            assert_eq!(read(json), Load::NotStarted, "{json}");
        }
    }

    #[test]
    fn done_and_failed_are_read_from_what_is_there() {
        for json in [
            r#"{"data":{"status":"completed","completed":["a"],"pending":[]}}"#,
            r#"{"data":{"status":"Success"}}"#,
            r#"{"data":{"completed":["a"]}}"#,
        ] {
            assert!(matches!(read(json), Load::Done(_)), "{json}");
        }
        for json in [r#"{"data":{"status":"failed","completed":["a"]}}"#, r#"{"data":{"status":"IMPORT_ERROR"}}"#] {
            assert!(matches!(read(json), Load::Failed(_)), "{json}");
        }
        for json in [
            r#"{"data":{"status":"completed","completed":["a"],"pending":["b"]}}"#,
            r#"{"data":{"status":"processing","completed":["a"],"pending":[]}}"#,
            r#"{"data":{"status":"warming up"}}"#,
            r#"{"data":{"status":"pending","pending":["a"]}}"#,
        ] {
            assert!(matches!(read(json), Load::Running(_)), "{json}");
        }
    }
}
