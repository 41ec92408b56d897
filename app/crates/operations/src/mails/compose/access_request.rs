//! The mail by which a member of an agency asks for a right. It is not sent if the person has the right by now or left,
//! or if the recipient can no longer grant it.

use domain::access::{agency as member_of, agency_access};
use domain::permission::Right;
use domain::{AgencyId, UserId};
use mail::{Body, Kind, sanitize_name};

use super::{Composer, Unsent, existing};

impl Composer {
    /// Sends `to` the request of `from` for a right.
    pub(super) async fn access_request(
        &self,
        agency: AgencyId,
        from: UserId,
        to: UserId,
        right: Right,
    ) -> Result<(), Unsent> {
        let mut tx = self.begin(agency, None).await?;
        let Some(place) = existing(store::agencies::get(&mut tx).await)? else { return Ok(()) };
        let brand = store::agencies::brand(&mut tx).await?;
        tx.commit().await?;
        let asker = store::identity::caller(&self.db, from).await?;
        let asker = asker.and_then(|asker| Some((agency_access(&asker, agency)?, asker)));
        let recipient = store::identity::caller(&self.db, to).await?.filter(|recipient| {
            let access = member_of(recipient, &agency.to_string());
            access.is_some_and(|access| access.allows(Right::TeamManage) && access.allows(right))
        });
        let (Some((access, asker)), Some(recipient), None) = (asker, recipient, place.deleted_at) else {
            return Ok(self.give_back_of(Some(agency), to).await?);
        };
        if access.allows(right) {
            return Ok(self.give_back_of(Some(agency), to).await?);
        }
        let name = sanitize_name(if asker.name.is_empty() { &asker.email } else { &asker.name });
        let subject = format!("{name} asks for a right in {}", sanitize_name(&place.name));
        let body = Body::saying(format!(
            "{name} ({email}) is {role} of {place} and asks to be able to {right}.",
            email = asker.email,
            role = sanitize_name(access.role.label()),
            place = sanitize_name(&place.name),
            right = right.words(),
        ))
        .and("If that is right, give them a role that includes it:")
        .with_button("Open the team", format!("{}/a/{}/team", self.origin, place.slug))
        .and("If not, do nothing.");
        let sender = self.sender(&brand);
        self.deliver_from(sender, Kind::RightRequested, recipient.email, subject, body).await
    }
}
