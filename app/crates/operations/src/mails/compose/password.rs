//! The mails whose link sets a password: the first one of the platform's staff, and a new one for who forgot it. They
//! are not sent if the person was disabled, or if the link was replaced or a password was set meanwhile.

use std::time::Duration;

use domain::language::Language;
use domain::person::Person;
use domain::{AgencyId, UserId};
use mail::{Body, Kind, Sender};
use store::invites;
use store::mail_limits::{self, Counted};
use store::tenant::PlatformTx;
use uuid::Uuid;

use super::{Composer, Unsent, existing};
use crate::mails::FIRST_PASSWORD;
use crate::mails::messages::messages;
use crate::secret::Secret;

impl Composer {
    /// Sends a new member of the platform's staff the link that sets their first password.
    pub(super) async fn first_password(&self, link: Uuid, user: UserId) -> Result<(), Unsent> {
        let Some((person, secret)) = self.renew_password_link(link, user, FIRST_PASSWORD).await? else {
            return Ok(self.give_back_of(None, user).await?);
        };
        let Some(role) = person.platform else { return Ok(self.give_back_of(None, user).await?) };
        let language = self.language_of(user, Language::English).await?;
        let (origin, texts) = (&self.origin, messages(language));
        let body = Body::saying((texts.platform_text)(origin, language.role(role)))
            .with_button(texts.set_your_password, format!("{origin}/password/{}", secret.expose()))
            .and(texts.platform_link);
        let sender = Sender { language, ..Sender::default() };
        self.deliver_from(sender, Kind::Platform, person.email, texts.platform_subject.to_owned(), body).await
    }

    /// Sends a person who forgot the password a link that works for so many minutes.
    pub(super) async fn reset(&self, link: Uuid, user: UserId, minutes: u32) -> Result<(), Unsent> {
        let valid = Duration::from_secs(u64::from(minutes) * 60);
        let Some((person, secret)) = self.renew_password_link(link, user, valid).await? else {
            return Ok(self.give_back_reset(user).await?);
        };
        let usual = self.usual_language(user).await?;
        let language = self.language_of(user, usual).await?;
        let texts = messages(language);
        let lasting = match minutes {
            0..120 => (texts.minutes)(minutes),
            _ => (texts.hours)(minutes / 60),
        };
        let link = format!("{}/password/{}", self.origin, secret.expose());
        let body =
            Body::saying(texts.reset_text).with_button(texts.reset_subject, link).and((texts.reset_link)(&lasting));
        let sender = Sender { language, ..Sender::default() };
        self.deliver_from(sender, Kind::Reset, person.email, texts.reset_subject.to_owned(), body).await
    }

    /// Gives the open link of a person who may sign in a new secret and lifetime. `None` if the link ended or the person
    /// may no longer sign in.
    async fn renew_password_link(
        &self,
        link: Uuid,
        user: UserId,
        valid: Duration,
    ) -> store::Result<Option<(Person, Secret)>> {
        let secret = Secret::new();
        let mut tx = PlatformTx::begin(&self.db, None).await?;
        let person = existing(store::identity::get(&mut tx, user).await)?;
        let Some(person) = person.filter(|person| person.disabled_at.is_none()) else { return Ok(None) };
        let renewed = invites::renew_password_link(&mut tx, link, secret.hash(), valid).await;
        if existing(renewed)?.is_none() {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some((person, secret)))
    }

    /// Gives a mail back that was counted for an agency, or for the platform, and is never sent to this person.
    pub(super) async fn give_back_of(&self, agency: Option<AgencyId>, user: UserId) -> store::Result<()> {
        let Some(email) = self.address(user).await? else { return Ok(()) };
        mail_limits::give_back(&self.db, Counted::earlier(agency, &email)).await
    }

    /// Gives back one of the mails of a day with which a person can reset the password.
    pub(super) async fn give_back_reset(&self, user: UserId) -> store::Result<()> {
        let Some(email) = self.address(user).await? else { return Ok(()) };
        let key = mail_limits::resets_of_day(&domain::text::account(&email));
        store::throttle::uncount_daily(&self.db, &[key]).await
    }

    async fn address(&self, user: UserId) -> store::Result<Option<String>> {
        let mut tx = PlatformTx::begin(&self.db, None).await?;
        Ok(existing(store::identity::get(&mut tx, user).await)?.map(|person| person.email))
    }
}
