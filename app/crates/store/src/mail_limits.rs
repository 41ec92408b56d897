//! Limits how many mails people can make us send in a day: few to one address, whoever asks, so nobody is flooded in
//! our name; per agency as many as an agency of any size needs. What did not leave is given back.

use std::time::Duration;

use domain::AgencyId;
use sqlx::PgConnection;

use crate::throttle::{self, Key, Spent};
use crate::{Db, PlatformTx, Result, TenantTx};

/// To one address from one agency, or from the platform.
pub const FROM_ONE: i32 = 5;
/// To one address from everybody here.
pub const TO_ONE: i32 = 12;
/// From one agency to everybody.
pub const IN_ALL: i32 = 500;

/// What is used up, and in how long its next day begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// What one address may get.
    Address(Duration),
    /// What one agency may send.
    Agency(Duration),
}

/// A mail that was counted. Give it back when the mail does not leave.
#[derive(Clone, Debug)]
#[must_use = "a mail that does not leave is given back"]
pub struct Counted([Key; 3]);

/// The keys of a mail, each with its limit. The address first: what it refuses is not counted for the agency.
fn keys(agency: Option<AgencyId>, to: &str) -> [(Key, i32); 3] {
    let to = to.trim().to_lowercase();
    let from = agency.map_or_else(|| "platform".to_owned(), |id| id.to_string());
    [
        (Key::of("mails to", format_args!("{from}|{to}")), FROM_ONE),
        (Key::of("mails to", &to), TO_ONE),
        (Key::of("mails of", &from), IN_ALL),
    ]
}

fn judged(keys: &[(Key, i32); 3], spent: std::result::Result<i32, Spent>) -> std::result::Result<Counted, Full> {
    match spent {
        Ok(_) => Ok(Counted(keys.map(|(key, _)| key))),
        Err(Spent { at, wait }) if at + 1 < keys.len() => Err(Full::Address(wait)),
        Err(Spent { wait, .. }) => Err(Full::Agency(wait)),
    }
}

async fn count(
    conn: &mut PgConnection,
    agency: Option<AgencyId>,
    to: &str,
) -> Result<std::result::Result<Counted, Full>> {
    let keys = keys(agency, to);
    Ok(judged(&keys, throttle::spend_on(conn, &keys).await?))
}

/// Counts a mail of a person's making to this address, or says what is used up and counts nothing. `agency` is absent for the
/// platform's own.
pub async fn take(db: &Db, agency: Option<AgencyId>, to: &str) -> Result<std::result::Result<Counted, Full>> {
    let keys = keys(agency, to);
    Ok(judged(&keys, throttle::spend(db, &keys).await?))
}

/// The same in the transaction that writes what the mail is about. When something is used up, that transaction must not be kept.
pub async fn take_in(tx: &mut TenantTx, to: &str) -> Result<std::result::Result<Counted, Full>> {
    let agency = tx.home().await?;
    count(tx.conn(), agency, to).await
}

/// The same for a mail of the platform's own.
pub async fn take_in_platform(tx: &mut PlatformTx, to: &str) -> Result<std::result::Result<Counted, Full>> {
    count(tx.conn(), None, to).await
}

/// Gives a mail back that did not leave.
pub async fn give_back(db: &Db, mail: Counted) -> Result<()> {
    throttle::unspend(db, &mail.0).await
}
