//! Changes how an agency looks to its clients: colour, reply address and logo.

mod logo;

use domain::brand::{BrandChoice, Color};
use domain::permission::Right;
use sha2::{Digest, Sha256};
use store::agencies;

use crate::{Actor, Refusal};

/// What becomes of the logo.
pub enum LogoChange {
    /// It stays.
    Keep,
    /// The agency has none any more.
    Remove,
    /// A picture that somebody uploaded takes its place.
    Replace(Vec<u8>),
}

/// What somebody chose.
pub struct NewBrand {
    /// The accent colour; `None` for the product's own.
    pub accent: Option<Color>,
    /// The address to which people answer mails of the agency.
    pub reply_to: Option<String>,
    /// The logo.
    pub logo: LogoChange,
}

/// Changes the brand.
///
/// # Errors
/// `Forbidden` if the actor may not manage the agency; `Invalid` for a picture that is no PNG or JPEG, or too large;
/// `Store` if the database fails.
pub async fn change(actor: &Actor, new: NewBrand) -> Result<(), Refusal> {
    let allowed = actor.require(Right::AgencyManage)?;
    let NewBrand { accent, reply_to, logo } = new;
    // A picture is read before the transaction begins: it takes a moment.
    let (logo, keep) = match logo {
        LogoChange::Keep => (None, true),
        LogoChange::Remove => (None, false),
        LogoChange::Replace(uploaded) => (Some(logo::clean(uploaded).await?), false),
    };
    let mut tx = allowed.begin().await?;
    agencies::hold_brand(&mut tx).await?;
    let before = agencies::brand(&mut tx).await?.choice;
    let mark = if keep { before.logo } else { logo.as_deref().map(mark) };
    if !keep {
        agencies::set_logo(&mut tx, logo.as_deref()).await?;
    }
    agencies::set_brand(&mut tx, &BrandChoice { accent, reply_to, logo: mark }).await?;
    Ok(tx.commit().await?)
}

/// A mark that changes with the picture, so that browsers fetch a new one.
fn mark(image: &[u8]) -> String {
    hex::encode(&Sha256::digest(image)[..8])
}
