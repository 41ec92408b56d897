//! The mail that says that a connection needs a person, as queued by an earlier version; now it is a notification. It is not sent if the connection works again, or if the person
//! left the agency or was disabled.

use domain::integration::Integration;
use domain::{AgencyId, IntegrationId, UserId};
use mail::{Body, Kind, sanitize_name};

use super::{Composer, Unsent, existing};

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
        let (kind, subject, body) = words(&connection, format!("{}/a/{agency}/connections", self.origin));
        self.deliver_from(self.sender(&brand), kind, person.email, subject, body).await
    }
}

/// The kind, subject and text of the mail about a connection, whose button leads to this page.
pub(super) fn words(connection: &Integration, page: String) -> (Kind, String, Body) {
    let (kind, subject, text) = match &connection.parent_platform_id {
        None => (Kind::CompanyNeedsReauth, "Reconnect HighLevel", "HighLevel no longer accepts our connection to your agency. Running jobs wait, and new clients can't be provisioned until it is renewed. It takes a minute:".to_owned()),
        Some(_) => {
            let name = sanitize_name(connection.platform_name.as_deref().unwrap_or(&connection.platform_id));
            (Kind::LocationNeedsReauth, "Reconnect a client's location", format!("HighLevel no longer accepts our connection to the location of {name}. Nothing of ours reaches it until it is connected again:"))
        }
    };
    (kind, subject.to_owned(), Body::saying(text).with_button("Reconnect HighLevel", page))
}
