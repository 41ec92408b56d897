//! The mails that tell a person what happened: one at a time, several at once, or the summary of a day. None is sent of
//! what the person saw meanwhile, of what is not so any more, or in the person's quiet hours.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::language::Language;
use domain::notifications::timing::quiet_for;
use domain::notifications::{Channel, Kind as Event, Severity, shown};
use domain::{AgencyId, IntegrationId, NotificationId, UserId};
use mail::{Body, Kind, sanitize_name};
use store::notifications::{self, Taken, unsubscribe};
use store::tenant::TenantTx;

use super::summary::Summary;
use super::{Composer, Unsent, existing};
use crate::mails::messages::messages;
use crate::secret::Secret;

/// Lifetime of the link that stops such mails, after the last mail that carries it.
const UNSUBSCRIBE: Duration = Duration::from_secs(30 * 24 * 3600);

/// When to look again at a notification that another worker sends just now.
const BUSY: Duration = Duration::from_secs(120);

/// A mail that is ready.
struct Ready {
    kind: Kind,
    language: Language,
    to: String,
    subject: String,
    body: Body,
    /// Until when a summary stands for everything that waited.
    until: Option<DateTime<Utc>>,
}

impl Composer {
    /// Tells a person what happened, along with what else waits for them.
    pub(super) async fn notification(&self, agency: AgencyId, id: NotificationId) -> Result<(), Unsent> {
        let mut tx = self.begin(agency, None).await?;
        let Some(owed) = notifications::owed(&mut tx, id).await? else { return Ok(()) };
        match owed.rules.channel(owed.kind) {
            Channel::Mail => {}
            Channel::Digest => {
                notifications::leave_to_digest(&mut tx, id).await?;
                return Ok(tx.commit().await?);
            }
            Channel::Off | Channel::App => return Ok(()),
        }
        let breaks_through = owed.rules.urgent() && owed.kind.severity() == Severity::NeedsYou;
        #[expect(clippy::disallowed_methods, reason = "quiet hours are hours of the clock on the wall")]
        let now = Utc::now();
        if let Some(wait) = quiet_for(&owed.rules, now).filter(|_| !breaks_through) {
            return Err(Unsent::Later("the person has quiet hours", wait));
        }
        let taken = notifications::take(&mut tx, owed.user, id).await?;
        if taken.is_empty() {
            let busy = notifications::is_being_mailed(&mut tx, id).await?;
            let later = Unsent::Later("another mail of this person is under way", BUSY);
            return if busy { Err(later) } else { Ok(()) };
        }
        let language = store::identity::language(&mut tx, owed.user).await?.unwrap_or_default();
        let (base, texts) = (format!("{}/a/{}", self.origin, owed.slug), messages(language));
        let (kind, subject, body) = match taken.as_slice() {
            [one] => self.one(&mut tx, language, one, &base).await?,
            several => {
                let summary = Summary::of(several, 0);
                let subject = (texts.several)(&summary.first(texts), summary.others());
                (Kind::Notification, subject, summary.body(language, &owed.rules, &base))
            }
        };
        let ready = Ready { kind, language, to: owed.email, subject, body, until: None };
        self.tell(tx, agency, owed.user, &taken, ready).await
    }

    /// Sends the summary of a day.
    pub(super) async fn digest(&self, agency: AgencyId, user: UserId) -> Result<(), Unsent> {
        let mut tx = self.begin(agency, None).await?;
        let Some(digest) = notifications::take_digest(&mut tx, user).await? else { return Ok(tx.commit().await?) };
        let language = store::identity::language(&mut tx, user).await?.unwrap_or_default();
        let texts = messages(language);
        let summary = Summary::of(&digest.named, digest.more);
        let body = summary.body(language, &digest.rules, &format!("{}/a/{}", self.origin, digest.slug));
        let subject = (texts.summary)(&summary.first(texts), summary.others());
        let (kind, until) = (Kind::Digest, Some(digest.at));
        let ready = Ready { kind, language, to: digest.email, subject, body, until };
        self.tell(tx, agency, user, &digest.named, ready).await
    }

    /// The mail about one notification.
    async fn one(
        &self,
        tx: &mut TenantTx,
        language: Language,
        one: &Taken,
        base: &str,
    ) -> Result<(Kind, String, Body), Unsent> {
        let texts = messages(language);
        if let (Event::ConnectionLost, Some(id)) = (one.kind, one.subject)
            && let Some(connection) = existing(store::integrations::get(tx, IntegrationId(id)).await)?
            && connection.kind.channel().is_none()
        {
            return Ok(super::reauth::words(language, &connection, format!("{base}/connections")));
        }
        let subject = (texts.event)(one.kind, &sanitize_name(&one.title));
        let body = Body::saying(format!("{subject}."));
        let detail = plain(&(texts.detail)(one.kind, &one.detail));
        let body = if detail.is_empty() { body } else { body.and(detail) };
        let body =
            body.with_button((texts.event_button)(one.kind), shown::link(one.kind, one.subject, one.business, base));
        Ok((Kind::Notification, subject, body))
    }

    /// Offers the link that stops such mails, sends the mail, and records that it was sent. What could not be sent is
    /// given back.
    async fn tell(
        &self,
        mut tx: TenantTx,
        agency: AgencyId,
        user: UserId,
        taken: &[Taken],
        ready: Ready,
    ) -> Result<(), Unsent> {
        let secret = Secret::new();
        let mut kinds: Vec<Event> = taken.iter().map(|one| one.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let fresh = (secret.expose(), secret.hash());
        let link = unsubscribe::offer(&mut tx, fresh, user, &kinds, UNSUBSCRIBE).await?;
        let brand = store::agencies::brand(&mut tx).await?;
        tx.commit().await?;
        let Ready { kind, language, to, subject, body, until } = ready;
        let origin = &self.origin;
        let (settings, stop) = (format!("{origin}/me/notifications"), format!("{origin}/unsubscribe/{link}"));
        let texts = messages(language);
        let body = body.because(texts.why).with_link(texts.choose, settings).with_link(texts.stop, stop);
        let sent = self.deliver_from(self.sender(&brand, language), kind, to, subject, body).await;
        let ids: Vec<NotificationId> = taken.iter().map(|one| one.id).collect();
        let mut tx = self.begin(agency, None).await?;
        match (&sent, until) {
            (Ok(()), Some(until)) => notifications::digested(&mut tx, user, until).await?,
            (Ok(()), None) => notifications::mailed(&mut tx, &ids).await?,
            (Err(_), _) => notifications::release(&mut tx, &ids).await?,
        }
        tx.commit().await?;
        if sent.is_ok() {
            tracing::info!(event = "mail.notified", %agency, %user, count = ids.len(), kind = kind.key(), "a person was told by mail");
        }
        sent
    }
}

/// How many characters of a detail a mail shows.
const LONGEST: usize = 300;

/// A detail without anything that a mail program would turn into a link.
fn plain(detail: &str) -> String {
    let line = domain::text::line(detail);
    let words = line.split_whitespace().map(sanitize_name).filter(|word| !word.is_empty());
    let text = words.collect::<Vec<_>>().join(" ");
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.truncate(short.trim_end().len());
        short.push('\u{2026}');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_short_and_leads_nowhere() {
        assert_eq!(plain(" HighLevel said:\n see http://evil.example/x "), "HighLevel said: see http evil example x");
        assert_eq!(plain(""), "");
        let long = plain(&"word ".repeat(200));
        assert!(long.chars().count() <= LONGEST + 1 && long.ends_with('\u{2026}'), "{long}");
    }
}
