//! What do the pages of one contact read: what is known of the person, what was said, and what can be merged or taken out?

use chrono_tz::Tz;
use domain::ContactId;
use domain::brand::Brand;
use domain::messaging::view::ContactView;
use domain::page::Page;
use domain::phone;
use kit::Address;
use store::messaging::contact_page::{self, ContactRow, ConversationRow};
use store::messaging::contacts;
use store::messaging::merging::{self, Merge, Pair};
use store::tenant::TenantTx;
use web::error::{Error, Result};
use web::guard::ServerContext;

use super::super::read::Place;
use super::texts::Texts;

/// The parameter that names the contact that becomes part of this one.
pub(super) const WITH: &str = "with";

/// What the page of a contact shows.
pub(super) struct One {
    /// The brand of the agency.
    pub brand: Brand,
    /// Where the page is.
    pub place: Place,
    /// The time zone of the business.
    pub zone: Tz,
    /// The contact.
    pub contact: ContactView,
    /// What was said, by channel.
    pub conversations: Vec<ConversationRow>,
    /// What can be taken out of it again, the newest first.
    pub merges: Vec<Merge>,
}

/// A contact that may become part of another one.
pub(super) struct Other {
    /// The contact.
    pub contact: ContactView,
    /// What was said with it.
    pub conversations: Vec<ConversationRow>,
    /// What is known of both.
    pub pair: Pair,
}

/// Whether the other contact is chosen.
pub(super) enum Chosen {
    /// It is.
    One(Box<Other>),
    /// It is not: a page of those to choose from.
    None(Page<ContactRow>),
}

/// What the page on which two contacts become one shows.
pub(super) struct Two {
    /// The brand of the agency.
    pub brand: Brand,
    /// Where the page is.
    pub place: Place,
    /// The time zone of the business.
    pub zone: Tz,
    /// The contact that stays.
    pub contact: ContactView,
    /// The other one.
    pub other: Chosen,
}

/// Reads the page of a contact.
///
/// # Errors
/// `NotFound` if there is no such contact.
pub(super) async fn one(context: &ServerContext, contact: &str) -> Result<One> {
    let (place, mut tx) = begin(context).await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let zone = store::businesses::get(&mut tx, place.business).await?.zone();
    let contact = contacts::get(&mut tx, id(contact)?).await?;
    let conversations = contact_page::conversations(&mut tx, contact.id).await?;
    let merges = merging::of(&mut tx, contact.id).await?;
    tx.commit().await?;
    Ok(One { brand, place, zone, contact, conversations, merges })
}

/// Reads the page on which another contact becomes part of this one.
///
/// # Errors
/// `NotFound` if there is no such contact, or the address names one that is not there.
pub(super) async fn two(context: &ServerContext, contact: &str, at: &Address) -> Result<Two> {
    let (place, mut tx) = begin(context).await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let zone = store::businesses::get(&mut tx, place.business).await?.zone();
    let contact = contacts::get(&mut tx, id(contact)?).await?;
    let other = match at.get(WITH) {
        "" => Chosen::None(contact_page::list(&mut tx, &at.query()).await?),
        other => Chosen::One(Box::new(beside(&mut tx, contact.id, id(other)?).await?)),
    };
    tx.commit().await?;
    Ok(Two { brand, place, zone, contact, other })
}

async fn beside(tx: &mut TenantTx, contact: ContactId, other: ContactId) -> Result<Other> {
    Ok(Other {
        contact: contacts::get(tx, other).await?,
        conversations: contact_page::conversations(tx, other).await?,
        pair: merging::pair(tx, contact, other).await?,
    })
}

async fn begin(context: &ServerContext) -> Result<(Place, TenantTx)> {
    let (access, tx) = context.business_page().await?;
    Ok((Place::new(&access, context.caller()?.user), tx))
}

fn id(text: &str) -> Result<ContactId> {
    text.parse().map_err(|_| Error::NotFound)
}

/// What a contact is called: its name, or the best that is known.
pub(super) fn called(words: &'static Texts, name: &str, handle: Option<&str>, others: [Option<&str>; 2]) -> String {
    let handle = handle.filter(|handle| !handle.is_empty()).map(|handle| format!("@{handle}"));
    let others = others.into_iter().flatten().map(ToOwned::to_owned);
    let mut known = [Some(name.to_owned()), handle].into_iter().flatten().chain(others);
    known.find(|text| !text.is_empty()).map_or_else(|| words.somebody.to_owned(), |text| phone::shown(&text))
}

/// The same for a contact with all that is known.
pub(super) fn name(words: &'static Texts, contact: &ContactView) -> String {
    let handle = contact.identities.iter().find_map(|one| one.username.as_deref());
    called(words, &contact.name, handle, [contact.phone.as_deref(), contact.email.as_deref()])
}
