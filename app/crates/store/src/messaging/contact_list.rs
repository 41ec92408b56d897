//! Which contacts does a business have? The newest first, page by page, all of them or those that match some words.

use chrono::{DateTime, Utc};
use domain::{ContactId, text};

use super::outgoing::business;
use crate::page::part;
use crate::{Result, TenantTx};

/// The most contacts of a page.
pub const MOST: i64 = 100;

/// A contact as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactLine {
    /// Its id.
    pub id: ContactId,
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
    /// The phone number in international form.
    pub phone: Option<String>,
    /// The company.
    pub company: String,
    /// When the contact was added.
    pub created_at: DateTime<Utc>,
    /// When the person last wrote.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// Since when the person wants no automatic messages.
    pub opted_out_at: Option<DateTime<Utc>>,
}

/// The contacts behind one of them, the newest first, and the one behind which there are more, if there are. Words match a
/// part of the name, company or mail address, or the digits of a part of the number; no words match all. One that is being
/// erased is left out.
pub async fn list(
    tx: &mut TenantTx,
    words: &str,
    after: Option<ContactId>,
    most: i64,
) -> Result<(Vec<ContactLine>, Option<ContactId>)> {
    let (business, most) = (business(tx)?, most.clamp(1, MOST));
    let words = text::searchable(&text::line(words));
    let pattern = if words.is_empty() { String::new() } else { part(&words) };
    let mut rows = sqlx::query_as!(
        ContactLine,
        r#"select id as "id: ContactId", name, email, phone, company, created_at, last_activity_at, opted_out_at from contacts
           where sub_account_id = $1 and erasing_at is null and ($2::uuid is null or id < $2)
             and ($3 = '' or searchable(name || e'\n' || company || e'\n' || coalesce(email, '')) like $3 or $4 <> '' and phone like '%' || $4 || '%')
           order by id desc limit $5"#,
        business.0,
        after.map(|id| id.0),
        pattern,
        digits(&words),
        most + 1
    )
    .fetch_all(tx.conn())
    .await?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let has_more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| has_more).map(|row| row.id);
    Ok((rows, next))
}

/// The digits of a part of a number. Empty if the words are no number, or fewer than three digits.
fn digits(words: &str) -> String {
    if words.chars().any(char::is_alphabetic) {
        return String::new();
    }
    let digits: String = text::number(words).chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 3 { String::new() } else { digits }
}
