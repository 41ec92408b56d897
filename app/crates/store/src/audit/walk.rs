//! Walks a chain from its beginning or its cut and checks that each row is unchanged and in its place.

use std::collections::HashSet;

use domain::audit::ChainReport;
use sqlx::PgConnection;
use uuid::Uuid;

use super::hash::{self, Linked};
use super::seal::associated_data;
use crate::Result;
use crate::envelope::AssociatedData;
use crate::vault::Vault;

/// Action and object type of the audit row that an erasure writes about itself.
const ERASED: (&str, &str) = ("audit.erased", "audit_event");

/// How far a walk has come.
pub(super) struct Walk {
    pub chain: Uuid,
    pub seq: i64,
    pub hash: Vec<u8>,
    /// Name of the last signed head behind the cut.
    pub checkpoint: Option<Vec<u8>>,
    emptied: Vec<(i64, Uuid)>,
    erased_rows: HashSet<String>,
}

/// Associated data of a cut's signature.
pub(super) const fn cut_associated_data(chain: Uuid) -> AssociatedData {
    AssociatedData { table: "audit_cuts", ..associated_data(chain) }
}

impl Walk {
    /// Starts at the beginning of a chain, or behind its cut if it has one. A cut whose signature is not ours is a
    /// fault.
    pub async fn begin(conn: &mut PgConnection, chain: Uuid, vault: &Vault, report: &mut ChainReport) -> Result<Self> {
        let cut =
            sqlx::query!("select seq, hash, checkpoint_hash, signature from audit_cuts where chain_id = $1", chain)
                .fetch_optional(conn)
                .await?;
        let mut walk = Self {
            chain,
            seq: 0,
            hash: hash::first(chain),
            checkpoint: None,
            emptied: Vec::new(),
            erased_rows: HashSet::new(),
        };
        let Some(cut) = cut else { return Ok(walk) };
        let opened = vault.open_bytes(&cut_associated_data(chain), &cut.signature).await;
        let said = hash::cut((chain, cut.seq, &cut.hash), cut.checkpoint_hash.as_deref());
        if opened.is_ok_and(|bytes| *bytes == said) {
            (walk.seq, walk.hash, walk.checkpoint) = (cut.seq, cut.hash, cut.checkpoint_hash);
            report.cut = Some(walk.seq);
        } else {
            report.faults.push(format!("cut at row {}: its signature is not ours", cut.seq));
        }
        Ok(walk)
    }

    /// Reads and checks the next links with their rows, at most `most` of them.
    pub async fn piece(&mut self, conn: &mut PgConnection, most: i64, report: &mut ChainReport) -> Result<Vec<Linked>> {
        let rows = sqlx::query_as!(
            Linked,
            r#"select l.seq, l.event_id, l.prev_hash, l.hash, l.hash_version as link_version, l.created_at as linked_at, e.hash_version as "hash_version?", e.created_at as "created_at?",
                      e.chain_id as "chain_id?", e.agency_id, e.sub_account_id, e.actor_kind as "actor_kind?", e.actor_id, e.on_behalf_of, e.impersonation_id,
                      e.action as "action?", e.object_type as "object_type?", e.object_id, e.result as "result?", e.reason, e.request_id, host(e.ip) as ip, e.session_ref,
                      e.salt as "salt?", e.payload::text as payload, e.erasable_hash, e.content_hash as "content_hash?"
               from audit_links l left join audit_events e on e.id = l.event_id
               where l.chain_id = $1 and l.seq > $2 order by l.seq limit $3"#,
            self.chain,
            self.seq,
            most
        )
        .fetch_all(conn)
        .await?;
        for row in &rows {
            self.step(row, report);
        }
        Ok(rows)
    }

    fn step(&mut self, row: &Linked, report: &mut ChainReport) {
        let mut fault = |what: &str| report.faults.push(format!("row {} ({}): {what}", row.seq, row.event_id));
        if row.seq != self.seq + 1 {
            fault("links before it are missing");
        }
        if row.prev_hash != self.hash {
            fault("it does not follow the row before");
        }
        match &row.content_hash {
            None => fault("the row is gone"),
            Some(_) if row.chain_id != Some(self.chain) => fault("the row was moved to another agency"),
            Some(_) if row.hash_version != Some(row.link_version) => {
                fault("the row claims another version than its link")
            }
            Some(content) => {
                let empty = row.salt.as_ref().is_some_and(Vec::is_empty);
                let edited = match row.link_version {
                    1 if empty => !row.is_empty(),
                    1 => row.whole() != *content,
                    _ if empty => !row.is_empty() || row.kept() != *content,
                    _ => row.erasable_hash.as_ref() != Some(&row.erasable()) || row.kept() != *content,
                };
                if edited {
                    fault("the row was changed");
                }
                if row.link(content) != row.hash {
                    fault("the row and its link do not belong together");
                }
                if empty {
                    self.emptied.push((row.seq, row.event_id));
                    report.erased += 1;
                }
                if (row.action.as_deref(), row.object_type.as_deref()) == (Some(ERASED.0), Some(ERASED.1)) {
                    self.erased_rows.extend(row.object_id.clone());
                }
            }
        }
        report.links += 1;
        self.seq = row.seq;
        self.hash.clone_from(&row.hash);
    }

    /// Reports rows that were emptied although no audit row of the chain says so.
    pub fn unexplained(&self, report: &mut ChainReport) {
        for (seq, id) in &self.emptied {
            if !self.erased_rows.contains(&id.to_string()) {
                report.faults.push(format!("row {seq} ({id}): it was emptied, and no act says by whom and why"));
            }
        }
    }
}
