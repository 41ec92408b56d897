//! The mail by which a member of an agency asks for a right, or for access to one client. It is not sent if the person
//! has it by now or left, or if the recipient can no longer grant it.

use domain::access::{AgencyAccess, agency as member_of, agency_access};
use domain::identity::AgencyRole;
use domain::permission::Right;
use domain::{AgencyId, BusinessId, UserId};
use mail::{Body, Kind, sanitize_name};

use super::{Composer, Unsent, existing};
use crate::mails::messages::{Request, Words, messages};

impl Composer {
    /// Sends `to` the request of `from` for a right, or for a client.
    pub(super) async fn access_request(
        &self,
        agency: AgencyId,
        from: UserId,
        to: UserId,
        (right, client): (Right, Option<BusinessId>),
    ) -> Result<(), Unsent> {
        let mut tx = self.begin(agency, None).await?;
        let Some(place) = existing(store::agencies::get(&mut tx).await)? else { return Ok(()) };
        let brand = store::agencies::brand(&mut tx).await?;
        let client = match client {
            Some(id) => match existing(store::businesses::get(&mut tx, id).await)? {
                Some(business) if business.deleted_at.is_none() => Some(business),
                _ => return Ok(self.give_back_of(Some(agency), to).await?),
            },
            None => None,
        };
        tx.commit().await?;
        let has = |access: &AgencyAccess| {
            access.allows(right) && client.as_ref().is_none_or(|business| access.reaches(business.id))
        };
        let asker = store::identity::caller(&self.db, from).await?;
        let asker = asker.and_then(|asker| Some((agency_access(&asker, agency)?, asker)));
        let recipient = store::identity::caller(&self.db, to).await?.filter(|recipient| {
            let access = member_of(recipient, &agency.to_string());
            access.is_some_and(|access| access.allows(Right::TeamManage) && has(&access))
        });
        let (Some((access, asker)), Some(recipient), None) = (asker, recipient, place.deleted_at) else {
            return Ok(self.give_back_of(Some(agency), to).await?);
        };
        if has(&access) {
            return Ok(self.give_back_of(Some(agency), to).await?);
        }
        let name = sanitize_name(if asker.name.is_empty() { &asker.email } else { &asker.name });
        let language = recipient.language.unwrap_or_default();
        let (texts, base) = (messages(language), format!("{}/a/{}", self.origin, place.slug));
        let role = match &access.role {
            AgencyRole::BuiltIn(role) => language.role(*role).to_owned(),
            AgencyRole::Custom(own) => sanitize_name(&own.name),
        };
        let (email, at) = (asker.email.as_str(), sanitize_name(&place.name));
        let asks = |what: &str, about: Words| {
            let text = (about.text)(&Request { name: &name, email, role: &role, place: &at, what });
            Body::saying(text).and(about.what_to_do)
        };
        let (subject, body) = match client {
            Some(business) => {
                let client = sanitize_name(&business.name);
                let page = format!("{base}/clients/{}", business.id);
                let body = asks(&client, texts.asks_for_client).with_button(texts.open_client, page);
                ((texts.asks_subject)(&name, &client), body)
            }
            None => {
                let body = asks((texts.right)(right), texts.asks_for_right);
                ((texts.asks_subject)(&name, &at), body.with_button(texts.open_team, format!("{base}/team")))
            }
        };
        let body = body.and(texts.asks_or_nothing);
        let sender = self.sender(&brand, language);
        self.deliver_from(sender, Kind::RightRequested, recipient.email, subject, body).await
    }
}
