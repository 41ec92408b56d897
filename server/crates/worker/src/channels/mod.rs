//! How is the account that a person consented to made to send and receive messages? Step by step, each of which can fail
//! visibly, be repeated, and be done twice without harm.

mod access;
mod leave;
mod look;
mod pin;

use domain::channel_setup::Step;
use domain::integration::{Integration, Kind};
use domain::{AgencyId, BusinessId, IntegrationId};
use meta::{Call, Login, accounts, instagram, whatsapp};
use outbound::CallContext;
use store::integrations::{self, SetupFacts};
use store::messaging::channels::{self, NewChannel};
use store::queue::Claimed;

pub(crate) use self::access::{Access, access};
pub use self::leave::{TRIES as LEAVE_TRIES, leave};
use self::look::{Seen, look, record};
pub use self::look::{TRIES as CHECK_TRIES, check};
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::lost_channel::lost;
use crate::integrations::tokens::tenant_tx;

/// What a step needs.
struct Setup<'a> {
    worker: &'a Worker,
    agency: AgencyId,
    business: BusinessId,
    integration: Integration,
    facts: SetupFacts,
    access: Access,
}

/// How a step ended.
enum Ended {
    /// It is done.
    Done,
    /// A person has to do something; the sentence says what.
    Failed(String),
    /// The token is dead, so the account has to be connected again; the sentence says why.
    Dead(String),
}

/// What a person reads if there is no token any more.
const NO_ACCESS: &str = "Our access to this account has ended. Reconnect it.";

/// Goes on with the setup of a channel until a step needs a person or an event.
pub async fn set_up(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(business), Some(id)) = (item.agency, item.business, item.subject.map(IntegrationId)) else {
        return Ok(());
    };
    set_up_now(worker, agency, business, id).await
}

/// The same without the queue, for the demo world, which is complete before any worker runs.
///
/// # Errors
/// When Meta or the database does not answer.
pub async fn set_up_now(
    worker: &Worker,
    agency: AgencyId,
    business: BusinessId,
    id: IntegrationId,
) -> Result<(), Failed> {
    // Each step may be begun a second time, when the account is connected again meanwhile.
    for _ in 0..2 * Step::ALL.len() {
        let mut tx = tenant_tx(worker, agency, Some(business)).await?;
        let integration = integrations::get(&mut tx, id).await?;
        let step = integration.setup_step.as_deref().and_then(Step::parse);
        let step = step.filter(|step| *step != Step::Test && integration.is_active);
        let Some(step) = step else { return Ok(()) };
        let facts = integrations::setup_facts(&mut tx, id).await?;
        let Some(access) = access(worker, &mut tx, &integration).await? else {
            integrations::needs_reauth(&mut tx, id, "no token").await?;
            integrations::set_setup(&mut tx, id, Some(step), Some(NO_ACCESS)).await?;
            return Ok(tx.commit().await?);
        };
        tx.commit().await?;
        let setup = Setup { worker, agency, business, integration, facts, access };
        let ended = setup.run(step).await?;
        if !setup.keep(step, ended).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Says on the channel's card that its setup was given up, and offers to try again.
pub async fn put_aside(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let (Some(agency), Some(business), Some(id)) = (item.agency, item.business, item.subject.map(IntegrationId)) else {
        return Ok(());
    };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let integration = integrations::get(&mut tx, id).await?;
    if let Some(step) = integration.setup_step.as_deref().and_then(Step::parse) {
        let why = "Meta couldn't be reached, though we tried for a while. Try again.";
        integrations::set_setup(&mut tx, id, Some(step), Some(why)).await?;
    }
    tx.commit().await
}

impl Setup<'_> {
    /// Stores how a step ended. Returns whether the setup goes on.
    async fn keep(&self, step: Step, ended: Ended) -> Result<bool, Failed> {
        let opens = step == Step::Subscribe && matches!(ended, Ended::Done);
        let display = if opens { self.display().await } else { None };
        let id = self.integration.id;
        let mut tx = tenant_tx(self.worker, self.agency, Some(self.business)).await?;
        let now = store::credentials::peek(&mut tx, id).await?;
        if now.is_none_or(|now| now.version != self.access.version) {
            // Connected again meanwhile: the new token begins with its own first step.
            return Ok(true);
        }
        let (Ended::Failed(why) | Ended::Dead(why)) = &ended else {
            if opens {
                self.open_channel(&mut tx, display.as_deref()).await?;
            }
            integrations::set_setup(&mut tx, id, step.next(self.integration.kind), None).await?;
            integrations::record_success(&mut tx, id).await?;
            tx.commit().await?;
            return Ok(true);
        };
        if matches!(ended, Ended::Dead(_)) {
            lost(&mut tx, id, self.access.version, "token refused").await?;
        }
        integrations::set_setup(&mut tx, id, Some(step), Some(why)).await?;
        tx.commit().await?;
        tracing::info!(event = "channel.setup_failed", integration = %id, step = step.key(), "a step of a channel's setup needs a person");
        Ok(false)
    }

    async fn run(&self, step: Step) -> Result<Ended, Failed> {
        let done = match step {
            Step::Permissions => return self.permissions().await,
            Step::Register => self.register().await,
            Step::Subscribe => self.subscribe().await,
            Step::Test => return Ok(Ended::Done),
        };
        match done {
            Ok(()) => Ok(Ended::Done),
            Err(error) if error.passes() => Err(error.into()),
            Err(error) if matches!(error.kind, meta::Kind::Token(_)) => {
                Ok(Ended::Dead(error.kind.sentence().to_owned()))
            }
            Err(error) => Ok(Ended::Failed(error.kind.sentence().to_owned())),
        }
    }

    /// Asks Meta what was granted, so that trying again finds what was granted meanwhile.
    async fn permissions(&self) -> Result<Ended, Failed> {
        let place = (self.agency, self.business);
        let seen = match look(self.worker, place, &self.integration, &self.access).await {
            Ok(seen) => seen,
            Err(error) if error.passes() => return Err(error.into()),
            Err(error) => return Ok(Ended::Failed(error.kind.sentence().to_owned())),
        };
        if let Seen::Dead(_) = seen {
            return Ok(Ended::Dead(NO_ACCESS.to_owned()));
        }
        let mut tx = tenant_tx(self.worker, self.agency, Some(self.business)).await?;
        record(&mut tx, &self.integration, &self.access, &seen).await?;
        integrations::record_check(&mut tx, self.integration.id).await?;
        let missing = integrations::get(&mut tx, self.integration.id).await?.scopes_missing;
        tx.commit().await?;
        if missing.is_empty() {
            return Ok(Ended::Done);
        }
        let missing = missing.join(", ");
        Ok(Ended::Failed(format!("These permissions weren't granted: {missing}. Reconnect and keep them checked.")))
    }

    /// Registers a WhatsApp number. One that is registered already stays so.
    async fn register(&self) -> meta::Result<()> {
        let (meta, about) = (&self.worker.meta, self.about());
        let (call, number) = (self.call(&about), self.integration.platform_id.as_str());
        if whatsapp::number(meta, call, number).await?.is_registered() {
            return Ok(());
        }
        whatsapp::register(meta, call, number, &pin::of(meta, number)).await
    }

    /// Subscribes our app to what the account receives. Repeating it changes nothing.
    async fn subscribe(&self) -> meta::Result<()> {
        let (meta, about) = (&self.worker.meta, self.about());
        let (call, id) = (self.call(&about), self.integration.platform_id.as_str());
        match (self.integration.kind, &self.facts.page) {
            (Kind::Whatsapp, _) => whatsapp::subscribe(meta, call, self.facts.waba.as_deref().unwrap_or(id)).await,
            // An account that was linked to a page before and now signs in with Instagram itself still has the page's id.
            (Kind::Instagram, page) if page.is_none() || self.access.login == Login::Instagram => {
                instagram::subscribe(meta, call, id).await
            }
            (_, Some(page)) => accounts::subscribe(meta, call, page).await,
            (_, None) => accounts::subscribe(meta, call, id).await,
        }
    }

    /// The channel's inbox: a new one, or the one that the account had before, with its history.
    async fn open_channel(&self, tx: &mut store::tenant::TenantTx, display: Option<&str>) -> store::Result<()> {
        let Some(kind) = self.integration.kind.channel() else { return Ok(()) };
        let name = self.integration.platform_name.as_deref().unwrap_or_default();
        let new = NewChannel {
            kind,
            external_id: &self.integration.platform_id,
            integration: self.integration.id,
            name,
            display_address: display.unwrap_or(name),
        };
        let channel = channels::upsert(tx, &new).await?;
        store::messaging::holding::release(tx, channel).await?;
        if self.integration.kind == Kind::Whatsapp {
            store::messaging::templates::request(tx, self.integration.id).await?;
        }
        Ok(())
    }

    /// The number that people see. Without it the name is shown.
    async fn display(&self) -> Option<String> {
        if self.integration.kind != Kind::Whatsapp {
            return None;
        }
        let about = self.about();
        let number = whatsapp::number(&self.worker.meta, self.call(&about), &self.integration.platform_id).await;
        number.ok().map(|number| domain::text::line(&number.display)).filter(|display| !display.is_empty())
    }

    fn about(&self) -> CallContext {
        CallContext {
            agency: Some(self.agency.0),
            business: Some(self.business.0),
            integration: Some(self.integration.id.0),
            ..CallContext::default()
        }
    }

    fn call<'a>(&'a self, about: &'a CallContext) -> Call<'a> {
        Call { token: &self.access.token, login: self.access.login, about }
    }
}
