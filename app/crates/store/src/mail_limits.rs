//! How many mails may people make us send to somebody in a day? Few to one address, whoever asks, so that nobody is flooded in
//! our name; as many in all as an agency of any size needs.

use domain::AgencyId;

use crate::throttle::{self, Key};
use crate::{Db, Result};

/// To one address from one agency, or from the platform.
pub const FROM_ONE: i32 = 5;
/// To one address from everybody here.
pub const TO_ONE: i32 = 12;
/// From one agency to everybody.
pub const IN_ALL: i32 = 500;

/// What is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// What one address may get.
    Address,
    /// What one agency may send.
    Agency,
}

/// Counts a mail of a person's making to this address, or says what is used up and counts nothing.
pub async fn take(db: &Db, agency: Option<AgencyId>, to: &str) -> Result<std::result::Result<(), Full>> {
    let to = to.trim().to_lowercase();
    let from = agency.map_or_else(|| "platform".to_owned(), |id| id.to_string());
    let of_agency = (Key::of("mails of", &from), IN_ALL);
    // The address first: what it refuses is not counted for the agency.
    let address = [(Key::of("mails to", format_args!("{from}|{to}")), FROM_ONE), (Key::of("mails to", &to), TO_ONE)];
    match throttle::spend(db, &[address[0], address[1], of_agency]).await? {
        Ok(()) => Ok(Ok(())),
        Err(full) if full.at < address.len() => Ok(Err(Full::Address)),
        Err(_) => Ok(Err(Full::Agency)),
    }
}
