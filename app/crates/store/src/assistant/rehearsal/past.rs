//! What did customers ask before, and what was said to it? The newest answered messages of a business, and each with the
//! conversation up to it.

use chrono::{DateTime, Utc};
use domain::MessageId;
use domain::assistant::rehearsal::{LONGEST_THEN, PastQuestion};
use domain::messaging::{Channel, Sender};

use super::super::turn::TurnMessage;
use crate::messaging::outgoing::business;
use crate::{Result, TenantTx};

/// Number of messages of a conversation that are read before a question, and after it.
const BEFORE: i64 = 30;
const AFTER: i64 = 20;

/// A question of a customer with what was said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The customer's words, up to this message, since the business last spoke.
    pub question: String,
    /// What the business said next.
    pub then_text: String,
    /// Who said it.
    pub then_sender: Sender,
}

/// The newest messages of customers that were answered: of each conversation at most a few.
pub async fn past_questions(tx: &mut TenantTx, most: i64) -> Result<Vec<PastQuestion>> {
    let business = business(tx)?;
    let found = sqlx::query_as!(
        PastQuestion,
        r#"select m.id as "message!: MessageId", c.contact_name as "contact_name!", c.type as "channel!: Channel", left(m.body, 300) as "question!", left(a.body, 300) as "answer!", m.happened_at as "at!"
           from (select id, contact_name, type from conversations where sub_account_id = $1 order by last_message_at desc, id desc limit 100) c
             cross join lateral (select id, body, happened_at from messages where sub_account_id = $1 and conversation_id = c.id and direction = 'in' and sender = 'contact'
               and kind not in ('system', 'unsupported') and revoked_at is null and body <> '' order by happened_at desc, id desc limit 10) m
             cross join lateral (select direction, body from messages where sub_account_id = $1 and conversation_id = c.id and direction in ('in', 'out') and kind <> 'system'
               and revoked_at is null and status not in ('failed', 'cancelled') and (happened_at, id) > (m.happened_at, m.id) order by happened_at, id limit 1) a
           where a.direction = 'out' and a.body <> '' order by m.happened_at desc, m.id desc limit $2"#,
        business.0,
        most.clamp(1, 100)
    );
    Ok(found.fetch_all(tx.conn()).await?)
}

/// A message of a customer with what was said to it. `None` if there is no such message, or nobody answered it.
pub async fn past(tx: &mut TenantTx, message: MessageId) -> Result<Option<Past>> {
    let before = said_until(tx, message).await?;
    if before.last().is_none_or(|last| last.id != message || last.sender != Sender::Contact) {
        return Ok(None);
    }
    let from = before.iter().rposition(|one| one.sender != Sender::Contact).map_or(0, |at| at + 1);
    let question = joined(before[from..].iter().map(|one| one.text.as_str()), "\n", usize::MAX);
    let after = said_after(tx, message).await?;
    let answer: Vec<&TurnMessage> = after.iter().take_while(|one| one.sender != Sender::Contact).collect();
    let then_text = joined(answer.iter().map(|one| one.text.as_str()), "\n\n", LONGEST_THEN);
    let Some(first) = answer.first().filter(|_| !question.is_empty() && !then_text.is_empty()) else { return Ok(None) };
    Ok(Some(Past { question, then_text, then_sender: first.sender }))
}

/// Texts that say something, one below the other.
fn joined<'a>(texts: impl Iterator<Item = &'a str>, between: &str, most: usize) -> String {
    let texts: Vec<&str> = texts.map(str::trim).filter(|text| !text.is_empty()).collect();
    texts.join(between).chars().take(most).collect()
}

struct Row {
    id: MessageId,
    sender: String,
    text: String,
    happened_at: DateTime<Utc>,
}

impl From<Row> for TurnMessage {
    fn from(row: Row) -> Self {
        let sender = Sender::parse(&row.sender).unwrap_or(Sender::System);
        Self { id: row.id, sender, text: row.text, at: row.happened_at }
    }
}

/// What either side said up to a message, and the message, oldest first. Empty if there is no such message.
pub async fn said_until(tx: &mut TenantTx, message: MessageId) -> Result<Vec<TurnMessage>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Row,
        r#"select s.id as "id: MessageId", s.sender, left(s.body, 4000) as "text!", s.happened_at from messages m join messages s on s.sub_account_id = m.sub_account_id
             and s.conversation_id = m.conversation_id and (s.happened_at, s.id) <= (m.happened_at, m.id)
           where m.sub_account_id = $1 and m.id = $2 and s.direction in ('in', 'out') and s.kind <> 'system' and s.revoked_at is null and s.status not in ('failed', 'cancelled')
           order by s.happened_at desc, s.id desc limit $3"#,
        business.0,
        message.0,
        BEFORE
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().rev().map(TurnMessage::from).collect())
}

/// What either side said after a message, oldest first.
async fn said_after(tx: &mut TenantTx, message: MessageId) -> Result<Vec<TurnMessage>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Row,
        r#"select s.id as "id: MessageId", s.sender, left(s.body, 4000) as "text!", s.happened_at from messages m join messages s on s.sub_account_id = m.sub_account_id
             and s.conversation_id = m.conversation_id and (s.happened_at, s.id) > (m.happened_at, m.id)
           where m.sub_account_id = $1 and m.id = $2 and s.direction in ('in', 'out') and s.kind <> 'system' and s.revoked_at is null and s.status not in ('failed', 'cancelled')
           order by s.happened_at, s.id limit $3"#,
        business.0,
        message.0,
        AFTER
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(TurnMessage::from).collect())
}
