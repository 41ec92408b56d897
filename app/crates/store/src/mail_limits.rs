//! Limits how many mails people can make us send in a day. One address gets only a few mails, whoever asks, so
//! that nobody is flooded in our name; an agency may send as many as an agency of any size needs. A mail that was
//! not sent is not counted.

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

/// A mail that was counted. Give it back when the mail is not sent.
#[derive(Clone, Debug)]
#[must_use = "a mail that does not leave is given back"]
pub struct Counted([Key; 3]);

/// The keys of a mail, each with its limit. The keys of the address come first, so a mail that they refuse is not
/// counted for the agency.
fn keys(agency: Option<AgencyId>, to: &str) -> [(Key, i32); 3] {
    let to = to.trim().to_lowercase();
    let from = agency.map_or_else(|| "platform".to_owned(), |id| id.to_string());
    [
        (Key::of("mails to", format_args!("{from}|{to}")), PER_SENDER_AND_ADDRESS),
        (Key::of("mails to", &to), PER_ADDRESS),
        (Key::of("mails of", &from), IN_ALL),
    ]
}

fn judged(
    keys: &[(Key, i32); 3],
    spent: std::result::Result<i32, DailyLimitReached>,
) -> std::result::Result<Counted, LimitReached> {
    match spent {
        Ok(_) => Ok(Counted(keys.map(|(key, _)| key))),
        Err(DailyLimitReached { at, wait }) if at + 1 < keys.len() => Err(LimitReached::Address(wait)),
        Err(DailyLimitReached { wait, .. }) => Err(LimitReached::Agency(wait)),
    }
}

async fn count(
    conn: &mut PgConnection,
    agency: Option<AgencyId>,
    to: &str,
) -> Result<std::result::Result<Counted, LimitReached>> {
    let keys = keys(agency, to);
    Ok(judged(&keys, throttle::count_daily_on(conn, &keys).await?))
}

/// Counts a mail that a person caused to this address. When a limit is reached, returns it and counts nothing.
/// `agency` is `None` for a mail of the platform.
pub async fn take(db: &Db, agency: Option<AgencyId>, to: &str) -> Result<std::result::Result<Counted, LimitReached>> {
    let keys = keys(agency, to);
    Ok(judged(&keys, throttle::count_daily(db, &keys).await?))
}

/// Like `take`, in the transaction that writes what the mail is about. When a limit is reached, that transaction
/// must not be committed.
pub async fn take_in(tx: &mut TenantTx, to: &str) -> Result<std::result::Result<Counted, LimitReached>> {
    let agency = tx.home().await?;
    count(tx.conn(), agency, to).await
}

/// Like `take_in`, for a mail of the platform.
pub async fn take_in_platform(tx: &mut PlatformTx, to: &str) -> Result<std::result::Result<Counted, LimitReached>> {
    count(tx.conn(), None, to).await
}

/// Gives a mail back that was not sent.
pub async fn give_back(db: &Db, mail: Counted) -> Result<()> {
    throttle::uncount_daily(db, &mail.0).await
}
