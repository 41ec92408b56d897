//! The mail that says that a connection needs a person, as queued by an earlier version; now it is a notification. It is
//! not sent if the connection works again, or if the person left the agency or was disabled.

use domain::integration::Integration;
use domain::language::Language;
use domain::{AgencyId, IntegrationId, UserId};
use mail::{Body, Kind, sanitize_name};

use super::{Composer, Unsent, existing};
use crate::mails::messages::messages;

impl Composer {
    /// Asks a member of the agency to connect an integration again.
    pub(super) async fn needs_reauth(
        &self,
        agency: AgencyId,
        integration: IntegrationId,
        user: UserId,
    ) -> Result<(), Unsent> {
        let person = store::identity::caller(&self.db, user).await?;
        let member = person.filter(|person| domain::access::agency(person, &agency.to_string()).is_some());
        let Some(person) = member else { return Ok(()) };
        let mut tx = self.begin(agency, None).await?;
        let Some(connection) = existing(store::integrations::get(&mut tx, integration).await)? else { return Ok(()) };
        let brand = store::agencies::brand(&mut tx).await?;
        tx.commit().await?;
        // The integration was repaired before the mail was sent, so there is nothing to do.
        if connection.needs_reauth_at.is_none() {
            return Ok(());
        }
        tracing::info!(event = "mail.needs_reauth", %agency, %integration, "a connection needs a person; they get a mail");
        let language = person.language.unwrap_or_default();
        let (kind, subject, body) = words(language, &connection, format!("{}/a/{agency}/connections", self.origin));
        self.deliver_from(self.sender(&brand, language), kind, person.email, subject, body).await
    }
}

/// The kind, subject and text of the mail about a connection, whose button leads to this page.
pub(super) fn words(language: Language, connection: &Integration, page: String) -> (Kind, String, Body) {
    let texts = messages(language);
    let (kind, subject, text) = match &connection.parent_platform_id {
        None => (Kind::CompanyNeedsReauth, texts.reconnect, texts.company_lost.to_owned()),
        Some(_) => {
            let name = sanitize_name(connection.platform_name.as_deref().unwrap_or(&connection.platform_id));
            (Kind::LocationNeedsReauth, texts.location_subject, (texts.location_lost)(&name))
        }
    };
    (kind, subject.to_owned(), Body::saying(text).with_button(texts.reconnect, page))
}
