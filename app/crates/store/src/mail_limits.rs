//! Limits how many mails people can make us send in a day. One address gets only a few mails, whoever asks, so
//! that nobody is flooded in our name; an agency may send as many as an agency of any size needs. A mail is counted when
//! it is queued, and given back when it is never sent.

use std::time::Duration;

use domain::AgencyId;
use sqlx::PgConnection;

use crate::throttle::{self, DailyLimitReached, Key};
use crate::{Db, PlatformTx, Result, TenantTx};

/// Mails a day to one address from one agency, or from the platform.
pub const PER_SENDER_AND_ADDRESS: i32 = 5;
/// Mails a day to one address from all agencies and the platform together.
pub const PER_ADDRESS: i32 = 12;
/// Mails a day from one agency to all addresses.
pub const IN_ALL: i32 = 500;

/// The limit that was reached, and the time until its next day begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitReached {
    /// The limit of an address.
    Address(Duration),
    /// The limit of an agency.
    Agency(Duration),
}

/// A mail that was counted. Give it back when the mail is never sent.
#[derive(Clone, Debug)]
pub struct Counted([Key; 3]);

impl Counted {
    /// The mail to this address that an earlier transaction counted for an agency, or for the platform (`None`).
    #[must_use]
    pub fn earlier(agency: Option<AgencyId>, to: &str) -> Self {
        Self(keys(agency, to).map(|(key, _)| key))
    }
}

/// The keys of a mail, each with its limit. The key of the sender comes first, so transactions that count several mails
/// of one agency run one after the other and never wait for each other in a circle.
fn keys(agency: Option<AgencyId>, to: &str) -> [(Key, i32); 3] {
    let to = to.trim().to_lowercase();
    let from = agency.map_or_else(|| "platform".to_owned(), |id| id.to_string());
    [
        (Key::of("mails of", &from), IN_ALL),
        (Key::of("mails to", format_args!("{from}|{to}")), PER_SENDER_AND_ADDRESS),
        (Key::of("mails to", &to), PER_ADDRESS),
    ]
}

/// The key that counts the mails of a day with which the account of this address can reset its password.
#[must_use]
pub fn resets_of_day(email: &str) -> Key {
    Key::of("resets of a day", email)
}

async fn count(
    conn: &mut PgConnection,
    agency: Option<AgencyId>,
    to: &str,
) -> Result<std::result::Result<Counted, LimitReached>> {
    let limits = keys(agency, to);
    let keys = limits.map(|(key, _)| key);
    let Err(DailyLimitReached { at, wait }) = throttle::count_daily_on(conn, &limits).await? else {
        return Ok(Ok(Counted(keys)));
    };
    throttle::uncount_daily_on(conn, &keys[..at]).await?;
    Ok(Err(if at == 0 { LimitReached::Agency(wait) } else { LimitReached::Address(wait) }))
}

/// Counts a mail that a person caused to this address, in the transaction that queues it. When a limit is reached,
/// returns it and counts nothing.
pub async fn take_in(tx: &mut TenantTx, to: &str) -> Result<std::result::Result<Counted, LimitReached>> {
    let agency = tx.home().await?;
    count(tx.conn(), agency, to).await
}

/// Like `take_in`, for a mail of the platform.
pub async fn take_in_platform(tx: &mut PlatformTx, to: &str) -> Result<std::result::Result<Counted, LimitReached>> {
    count(tx.conn(), None, to).await
}

/// Gives a mail back that is never sent.
pub async fn give_back(db: &Db, mail: Counted) -> Result<()> {
    throttle::uncount_daily(db, &mail.0).await
}

/// Like `give_back`, in the transaction that records that the mail is not sent.
pub async fn give_back_in(tx: &mut TenantTx, mail: &Counted) -> Result<()> {
    throttle::uncount_daily_on(tx.conn(), &mail.0).await
}
