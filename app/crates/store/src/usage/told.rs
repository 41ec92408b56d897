//! Who is told that a limit comes near or is reached? Those who manage the agency, each once in its day or month and for one
//! limit.

use chrono::NaiveDate;
use domain::BusinessId;
use domain::notifications::Kind;
use domain::usage::{Level, grouped, level};

use crate::events::{self, Event};
use crate::{Result, TenantTx};

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Messages of a month.
    Messages,
    /// Tokens of a day.
    Tokens,
}

/// A counter and its limit.
pub(super) struct Counter {
    /// What it counts.
    pub unit: Unit,
    /// `day` or `month`.
    pub period: String,
    /// Its first day.
    pub begun: NaiveDate,
    /// Its name.
    pub label: String,
    /// What is used.
    pub used: i64,
    /// What may be used.
    pub limit: i64,
    /// Whether people were told that the limit comes near.
    pub is_warned: bool,
    /// Whether people were told that the limit is reached.
    pub is_stopped: bool,
    /// The name of the business.
    pub name: String,
}

impl Counter {
    /// Whether people know what there is to know.
    const fn is_told(&self) -> bool {
        match level(self.used, self.limit) {
            Level::Free => true,
            Level::Near => self.is_warned || self.is_stopped,
            Level::Reached => self.is_stopped,
        }
    }

    /// What people read.
    fn detail(&self, is_reached: bool) -> String {
        let (used, limit) = (grouped(self.used, ','), grouped(self.limit, ','));
        match (self.unit, is_reached) {
            (Unit::Messages, false) => format!("{used} of {limit} messages are sent."),
            (Unit::Messages, true) => format!(
                "{used} of {limit} messages are sent. The assistant writes drafts only; people can still answer."
            ),
            (Unit::Tokens, false) => format!("The assistant used {used} of today's {limit} tokens."),
            (Unit::Tokens, true) => format!(
                "The assistant used {used} of today's {limit} tokens. People answer until midnight UTC, when a new day begins."
            ),
        }
    }

    /// What makes the event one.
    fn key(&self, business: BusinessId, is_reached: bool) -> String {
        let (limit, stage) = (self.limit, if is_reached { "reached" } else { "near" });
        let of = match self.unit {
            Unit::Messages => self.label.clone(),
            Unit::Tokens => format!("tokens:{}", self.label),
        };
        format!("{}:{business}:{of}:{limit}:{stage}", Kind::UsageLimit)
    }
}

/// What a limit that comes near means where visitors write, too (`domain::web_chat::ASSISTANT_SHARE`).
const IN_WEB_CHAT: &str =
    " In web chat people answer now; the assistant keeps what is left for customers on other channels.";

async fn has_web_chat(tx: &mut TenantTx, business: BusinessId) -> Result<bool> {
    let is_on = sqlx::query_scalar!(
        r#"select exists (select from web_chats where sub_account_id = $1 and is_on) as "is_on!""#,
        business.0
    );
    Ok(is_on.fetch_one(tx.conn()).await?)
}

/// Tells who manages the agency, unless they know it.
pub(super) async fn tell(tx: &mut TenantTx, business: BusinessId, counter: &Counter) -> Result<()> {
    if counter.is_told() {
        return Ok(());
    }
    let is_reached = level(counter.used, counter.limit) == Level::Reached;
    sqlx::query!(
        "update usage_counters set warned_at = coalesce(warned_at, now()), stopped_at = case when $4 then now() end
         where sub_account_id = $1 and period = $2 and period_start = $3",
        business.0,
        counter.period,
        counter.begun,
        is_reached
    )
    .execute(tx.conn())
    .await?;
    let mut detail = counter.detail(is_reached);
    if !is_reached && has_web_chat(tx, business).await? {
        detail.push_str(IN_WEB_CHAT);
    }
    let event = Event {
        kind: Kind::UsageLimit,
        key: counter.key(business, is_reached),
        subject: Some(business.0),
        business: Some(business),
        to: None,
        title: &counter.name,
        detail: &detail,
    };
    events::tell(tx, &event).await?;
    tracing::info!(event = "usage.limit", %business, unit = ?counter.unit, used = counter.used, limit = counter.limit, is_reached, "a business comes near one of its limits");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_of_each_limit_is_told_once_and_in_words_of_its_own() {
        let counter = |unit, used, is_warned, is_stopped| Counter {
            unit,
            period: "day".to_owned(),
            begun: NaiveDate::default(),
            label: "2026-11-30".to_owned(),
            used,
            limit: 1000,
            is_warned,
            is_stopped,
            name: "Shop".to_owned(),
        };
        for (used, is_warned, is_stopped, is_told) in [
            (799, false, false, true),
            (800, false, false, false),
            (900, true, false, true),
            (1000, true, false, false),
            (1100, true, true, true),
        ] {
            assert_eq!(counter(Unit::Tokens, used, is_warned, is_stopped).is_told(), is_told, "{used}");
        }
        let business = BusinessId(uuid::Uuid::nil());
        let mut seen = std::collections::BTreeSet::new();
        for unit in [Unit::Messages, Unit::Tokens] {
            for is_reached in [false, true] {
                let one = counter(unit, 1000, false, false);
                assert!(seen.insert(one.detail(is_reached)) && seen.insert(one.key(business, is_reached)));
            }
        }
    }
}
