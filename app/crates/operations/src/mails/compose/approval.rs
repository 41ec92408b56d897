//! The mail that tells the owner of a business that an AI agent waits for a person. It is not sent if somebody decided
//! meanwhile, if the owner wants no such mails, or in their quiet hours.

use std::time::Duration;

use chrono::Utc;
use domain::language::Language;
use domain::notifications::timing::quiet_for;
use domain::notifications::{Channel, Kind as Event};
use domain::tools::names;
use domain::{AgencyId, BusinessId, UserId};
use mail::{Body, Button, Group, Kind, sanitize_name};
use store::notifications::unsubscribe;
use store::tools::told::{self, Owed, Waiting};

use super::{Composer, Unsent, existing};
use crate::mails::messages::{Messages, messages};
use crate::secret::Secret;
use crate::tools::find;

/// Lifetime of the link that stops such mails, after the last mail that carries it.
const UNSUBSCRIBE: Duration = Duration::from_secs(30 * 24 * 3600);

impl Composer {
    /// Tells an owner how many calls wait, and leads to them.
    pub(super) async fn approval_waits(
        &self,
        agency: AgencyId,
        business: BusinessId,
        user: UserId,
    ) -> Result<(), Unsent> {
        #[expect(clippy::disallowed_methods, reason = "approvals end and quiet hours pass by the clock on the wall")]
        let now = Utc::now();
        let mut tx = self.begin(agency, Some(business)).await?;
        let Some(owed) = told::owed(&mut tx, user, now).await? else { return Ok(()) };
        let Some(found) = existing(store::businesses::get(&mut tx, business).await)? else { return Ok(()) };
        // What lies in the trash asks nobody.
        if found.deleted_at.is_some() || store::agencies::get(&mut tx).await?.deleted_at.is_some() {
            return Ok(());
        }
        let usual = store::businesses::language(&mut tx, business).await?;
        tx.commit().await?;
        // Owners get no summary of a day, so whoever chose one gets this.
        if matches!(owed.rules.channel(Event::ToolApproval), Channel::Off | Channel::App) {
            return Ok(());
        }
        if let Some(wait) = quiet_for(&owed.rules, now).filter(|_| !owed.rules.urgent()) {
            return Err(Unsent::Later("the person has quiet hours", wait));
        }
        let language = self.language_of(user, usual).await?;
        let mut tx = self.begin(agency, None).await?;
        let brand = store::agencies::brand(&mut tx).await?;
        let secret = Secret::new();
        let fresh = (secret.expose(), secret.hash());
        let link = unsubscribe::offer(&mut tx, fresh, user, &[Event::ToolApproval], UNSUBSCRIBE).await?;
        tx.commit().await?;
        let (texts, origin) = (messages(language), &self.origin);
        let subject = (texts.event)(Event::ToolApproval, &sanitize_name(&found.name));
        let (settings, stop) = (format!("{origin}/me/notifications"), format!("{origin}/unsubscribe/{link}"));
        let page = format!("{origin}/b/{business}/ai-tools/approvals");
        let mut body = Body::saying(format!("{subject}. {}", (texts.calls_wait)(owed.count)));
        body.groups = vec![named(texts, language, &owed, &page)];
        let body = body
            .with_button(texts.decide, page)
            .because(texts.why)
            .with_link(texts.choose, settings)
            .with_link(texts.stop, stop);
        let sender = self.sender(&brand, language);
        tracing::info!(event = "mail.approval_waits", %agency, %business, %user, "an owner is told that an AI agent waits");
        self.deliver_from(sender, Kind::Notification, owed.email, subject, body).await
    }
}

/// Which agents want to call which tools, as the page of approvals says it.
fn named(texts: &Messages, language: Language, owed: &Owed, page: &str) -> Group {
    let line = |label: String| Button { label, href: page.to_owned() };
    let mut lines: Vec<Button> = owed.newest.iter().map(|call| line(said(language, call))).collect();
    let more = owed.count - i64::try_from(lines.len()).unwrap_or(i64::MAX);
    if more > 0 {
        lines.push(line((texts.and_more)(more)));
    }
    Group { heading: String::new(), lines }
}

/// An agent, and the tool in words of the language: that of another server keeps its name.
fn said(language: Language, call: &Waiting) -> String {
    let own = find(&call.tool).map(|tool| tool.title);
    let title = match language {
        Language::Spanish => names::in_spanish(&call.tool).or(own),
        Language::English => own,
    };
    format!("{}: {}", sanitize_name(&call.agent), sanitize_name(title.unwrap_or(&call.tool)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(agent: &str, tool: &str) -> Waiting {
        Waiting { agent: agent.to_owned(), tool: tool.to_owned() }
    }

    #[test]
    fn a_call_is_named_by_its_agent_and_tool_in_the_language_of_the_owner() {
        let known = call("Claude", "todos_complete_task");
        assert_eq!(said(Language::English, &known), "Claude: Complete a to-do");
        assert_eq!(said(Language::Spanish, &known), "Claude: Completar una tarea");
        assert_eq!(said(Language::Spanish, &call("Claude", "prices_delete")), "Claude: prices_delete");
    }
}
