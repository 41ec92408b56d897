//! Under which ids does a platform know a person? A phone number and the id for this business are two names of one person,
//! and so are the two spellings of a number in Argentina, Brazil and Mexico.

use std::collections::BTreeSet;

use domain::messaging::Channel;
use domain::messaging::inbound::Person;
use domain::{BusinessId, ContactId};
use uuid::Uuid;

use super::channels::ChannelRow;
use super::trimmed::key;
use crate::{Result, TenantTx, new_id};

/// An id of a person. Ids of pages and Instagram accounts are known only there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Its kind, as the table says it.
    pub kind: &'static str,
    /// The page or account that knows it; empty for an id of the whole business.
    pub scope: String,
    /// The id.
    pub id: String,
}

/// The ids of a person, the one to go by first. A phone number comes before the id for the business.
pub(super) fn of(channel: &ChannelRow, person: &Person) -> Vec<Identity> {
    let scoped = match channel.kind {
        Channel::Facebook => "psid",
        Channel::Instagram => "igsid",
        _ => "webchat",
    };
    let wa_id = person.wa_id.as_deref().map(|id| id.trim_start_matches('+'));
    let all = [
        ("wa_id", "", wa_id),
        ("bsuid", "", person.bsuid.as_deref()),
        ("parent_bsuid", "", person.parent_bsuid.as_deref()),
        (scoped, channel.external_id.as_str(), person.scoped_id.as_deref()),
    ];
    let known = all.into_iter().filter_map(|(kind, scope, id)| Some((kind, scope, key(id?, 255)?)));
    known.map(|(kind, scope, id)| Identity { kind, scope: scope.to_owned(), id: id.to_owned() }).collect()
}

/// The other spelling of a number: with or without the digit that Argentina, Brazil and Mexico once put before mobile
/// numbers. `None` if the number has only one.
pub(super) fn twin(wa_id: &str) -> Option<String> {
    if !wa_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (country, with, short) = match wa_id.get(..2)? {
        // Two digits of the area come before the added nine.
        "55" => (4, "9", 12),
        "52" => (2, "1", 12),
        "54" => (2, "9", 12),
        _ => return None,
    };
    let (head, rest) = wa_id.split_at_checked(country)?;
    let is_short = wa_id.len() == short;
    let local = if is_short { rest } else { rest.strip_prefix(with).filter(|_| wa_id.len() == short + 1)? };
    // In Brazil only mobile numbers got the nine, and they began with 6 to 9. A nine before a landline is somebody else.
    if wa_id.starts_with("55") && !local.starts_with(['6', '7', '8', '9']) {
        return None;
    }
    Some(if is_short { format!("{head}{with}{local}") } else { format!("{head}{local}") })
}

impl Identity {
    /// The same for both spellings of a number.
    fn canonical(&self) -> String {
        let id = match twin(&self.id).filter(|_| self.kind == "wa_id") {
            Some(twin) => twin.max(self.id.clone()),
            None => self.id.clone(),
        };
        format!("{}|{}|{id}", self.kind, self.scope)
    }

    /// The id and its other spelling.
    fn spellings(&self) -> impl Iterator<Item = String> {
        let twin = twin(&self.id).filter(|_| self.kind == "wa_id");
        [Some(self.id.clone()), twin].into_iter().flatten()
    }
}

/// Lets nobody else find or add these ids until the transaction ends. All take them in the same order.
pub(super) async fn lock(tx: &mut TenantTx, business: BusinessId, ids: &[Identity]) -> Result<()> {
    let keys: BTreeSet<_> = ids.iter().map(|id| format!("contact:{business}|{}", id.canonical())).collect();
    for key in keys {
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))::text as lock", key)
            .fetch_one(tx.conn())
            .await?;
    }
    Ok(())
}

/// The contacts that have each of these ids, in the order of the ids, and whether all are stored as they are.
pub(super) async fn holders(
    tx: &mut TenantTx,
    business: BusinessId,
    ids: &[Identity],
) -> Result<(Vec<ContactId>, bool)> {
    let (mut kinds, mut scopes, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        for spelling in id.spellings() {
            kinds.push(id.kind.to_owned());
            scopes.push(id.scope.clone());
            texts.push(spelling);
        }
    }
    let rows = sqlx::query!(
        r#"select i.contact_id as "contact: ContactId", i.kind, i.external_id from unnest($2::text[], $3::text[], $4::text[]) with ordinality as a (kind, scope, id, place)
             join contact_identities i on i.sub_account_id = $1 and i.kind = a.kind and i.scope = a.scope and i.external_id = a.id and i.ended_at is null
           order by a.place"#,
        business.0,
        &kinds,
        &scopes,
        &texts
    )
    .fetch_all(tx.conn())
    .await?;
    let is_whole = ids.iter().all(|id| rows.iter().any(|row| row.kind == id.kind && row.external_id == id.id));
    let mut holders = Vec::new();
    for row in rows {
        if !holders.contains(&row.contact) {
            holders.push(row.contact);
        }
    }
    Ok((holders, is_whole))
}

/// Gives a contact these ids, also those that another contact had.
pub(super) async fn give(
    tx: &mut TenantTx,
    business: BusinessId,
    contact: ContactId,
    ids: &[Identity],
    username: Option<&str>,
) -> Result<()> {
    for id in ids {
        sqlx::query!(
            "insert into contact_identities (id, sub_account_id, contact_id, kind, scope, external_id, username) values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (sub_account_id, kind, scope, external_id) where ended_at is null
             do update set contact_id = excluded.contact_id, username = coalesce(excluded.username, contact_identities.username)",
            new_id::<Uuid>(),
            business.0,
            contact.0,
            id.kind,
            id.scope,
            id.id,
            username
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Ends the ids of these kinds that a contact has, except these.
pub(super) async fn end_others(
    tx: &mut TenantTx,
    business: BusinessId,
    contact: ContactId,
    kept: &[Identity],
) -> Result<()> {
    let kinds: Vec<_> = kept.iter().map(|id| id.kind.to_owned()).collect();
    let texts: Vec<_> = kept.iter().map(|id| id.id.clone()).collect();
    sqlx::query!(
        "update contact_identities set ended_at = now() where sub_account_id = $1 and contact_id = $2 and ended_at is null and kind = any ($3) and external_id <> all ($4)",
        business.0,
        contact.0,
        &kinds,
        &texts
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_other_spelling_lead_to_each_other() {
        for (one, other) in [
            ("5511987654321", Some("551187654321")),
            ("5215512345678", Some("525512345678")),
            ("5491123456789", Some("541123456789")),
            ("16505550101", None),
            ("5511887654321", None),
            ("551133334444", None),
            ("5511933334444", None),
            ("55", None),
            ("", None),
            ("ä5", None),
            ("55119876543210", None),
        ] {
            assert_eq!(twin(one).as_deref(), other, "{one}");
            assert!(other.is_none_or(|other| twin(other).as_deref() == Some(one)), "{one}");
        }
    }
}
