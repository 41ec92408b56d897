//! How do messages get to customers? Those of a conversation one after the other, several conversations at once. Each is
//! marked before its call, and what came of it is stored once; a call without a clear answer is never repeated by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::integration::Integration;
use domain::messaging::Channel;
use domain::{AgencyId, BusinessId, ChannelId, IntegrationId};
use outbound::{CallContext, Deadline};
use store::integrations;
use store::messaging::own_files;
use store::messaging::sends::{self, Due, Limits, Next};
use store::messaging::settling::{self, Outcome};
use store::messaging::{channels as inboxes, holding, locks};
use store::queue::Claimed;
use store::tenant::TenantTx;
use tokio::task::JoinSet;

use super::attached::{self, Prepared};
use super::{scheduled, signals, wire};
use crate::channels::{Access, access};
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::{minutes, secs};
use crate::{Worker, retry};

/// How many conversations of a channel are sent to at once.
const AT_ONCE: usize = 4;
/// How long one run goes on with new messages. The rest is left to the next one, so that other channels have their turn.
const TURN: Duration = minutes(2);
/// After this no call lasts, none begins, and none can still be answered.
pub(super) const CALL: Duration = secs(90);
/// How long a report of the platform is waited for when a call had no answer.
const DOUBT: Duration = minutes(10);
/// How long a channel is left alone that a person paused.
const PAUSED: Duration = minutes(5);
/// How often an answer is tried to be stored.
const STORED: u32 = 6;

/// The channel of a work item, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub agency: AgencyId,
    pub business: BusinessId,
    pub channel: ChannelId,
}

/// How a channel is reached.
pub(super) struct Line {
    pub integration: IntegrationId,
    /// The page through which an Instagram account is reached that is linked to one.
    pub page: Option<String>,
    pub access: Access,
    pub about: CallContext,
}

/// What became of a try to open a line.
pub(super) enum Opened {
    Line(Arc<Line>),
    /// A person paused the connection.
    Paused,
    /// There is none that works; what waits was held.
    Closed,
}

impl Place {
    fn of(item: &Claimed) -> Option<Self> {
        Some(Self { agency: item.agency?, business: item.business?, channel: ChannelId(item.subject?) })
    }

    pub(super) async fn begin(self, worker: &Worker) -> store::Result<TenantTx> {
        tenant_tx(worker, self.agency, Some(self.business)).await
    }
}

/// Sends what waits for the channel of a work item, or the sign that its payload names.
pub async fn send(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let Some(place) = Place::of(item) else { return Ok(()) };
    if let Some(sign) = signals::Sign::read(&item.payload) {
        return signals::send(worker, place, sign).await;
    }
    scheduled::release(worker, place.agency, place.business, Some(place.channel)).await?;
    let limits = limits(worker);
    let mut tx = place.begin(worker).await?;
    own_files::take_up(&mut tx, place.channel, &limits).await?;
    sends::tidy(&mut tx, place.channel, &limits).await?;
    tx.commit().await?;
    let line = match open(worker, place).await? {
        Opened::Line(line) => line,
        Opened::Paused => return Err(Failed::held("its connection is paused", PAUSED)),
        Opened::Closed => return Ok(()),
    };
    let is_rest_left = send_all(worker, place, &line).await?;
    let mut tx = place.begin(worker).await?;
    sends::schedule(&mut tx, place.channel, &limits).await?;
    tx.commit().await?;
    if is_rest_left { Err(Failed::held("more messages wait for this channel", Duration::ZERO)) } else { Ok(()) }
}

fn limits(worker: &Worker) -> Limits {
    Limits { call: worker.time_scale.guard(CALL), doubt: worker.time_scale.guard(DOUBT) }
}

/// Opens the line of a channel. Without a connection that works, its messages are held.
pub(super) async fn open(worker: &Worker, place: Place) -> Result<Opened, Failed> {
    let mut tx = place.begin(worker).await?;
    let channel = match inboxes::get(&mut tx, place.channel).await {
        Err(store::Error::NotFound) => return Ok(Opened::Closed),
        found => found?,
    };
    if channel.kind == Channel::Webchat {
        // Its visitors fetch what is for them.
        return Ok(Opened::Closed);
    }
    let integration = match channel.integration {
        Some(id) => Some(integrations::get(&mut tx, id).await?).filter(works),
        None => None,
    };
    if integration.as_ref().is_some_and(|integration| integration.paused_at.is_some()) {
        return Ok(Opened::Paused);
    }
    let opened = match &integration {
        Some(integration) => access(worker, &mut tx, integration).await?,
        None => None,
    };
    let (Some(integration), Some(access)) = (&integration, opened) else {
        holding::hold(&mut tx, place.channel, "connection").await?;
        if let Some(integration) = &integration {
            integrations::needs_reauth(&mut tx, integration.id, "no token").await?;
        }
        tx.commit().await?;
        return Ok(Opened::Closed);
    };
    let page = integrations::setup_facts(&mut tx, integration.id).await?.page;
    tx.commit().await?;
    let about = CallContext {
        agency: Some(place.agency.0),
        business: Some(place.business.0),
        integration: Some(integration.id.0),
        ..CallContext::default()
    };
    Ok(Opened::Line(Arc::new(Line { integration: integration.id, page, access, about })))
}

fn works(integration: &Integration) -> bool {
    integration.is_active && integration.needs_reauth_at.is_none()
}

/// Sends until nothing more can be sent now, or the turn is over. Returns true if more may wait.
async fn send_all(worker: &Worker, place: Place, line: &Arc<Line>) -> Result<bool, Failed> {
    let (begun, turn) = (Instant::now(), worker.time_scale.guard(TURN));
    let mut running = JoinSet::new();
    let mut go_on = true;
    loop {
        while go_on && begun.elapsed() < turn && running.len() < AT_ONCE {
            // It begins before the message is marked: others count from the mark, and nothing is sent after they gave the
            // call up.
            let deadline = worker.deadline(CALL);
            match take(worker, place).await? {
                Next::Nothing => break,
                Next::Dropped => {}
                Next::Send(due) => {
                    // The answer is stored even if this run is given up meanwhile.
                    let (tasks, worker, line) = (worker.tasks_to_finish.clone(), worker.clone(), Arc::clone(line));
                    let call = async move { one(&worker, place, &line, (*due, deadline)).await };
                    running.spawn(tasks.spawn(call));
                }
            }
        }
        match running.join_next().await {
            None => return Ok(go_on && begun.elapsed() >= turn),
            Some(Ok(Ok(done))) => go_on &= done?,
            Some(Ok(Err(error)) | Err(error)) => {
                return Err(Failed::new(format!("a message ended in a panic: {error}")));
            }
        }
    }
}

async fn take(worker: &Worker, place: Place) -> store::Result<Next> {
    let mut tx = place.begin(worker).await?;
    let next = sends::next(&mut tx, place.channel).await?;
    tx.commit().await?;
    Ok(next)
}

/// Makes the call for one message and stores what came of it. Returns false if the line sends nothing more.
async fn one(
    worker: &Worker,
    place: Place,
    line: &Line,
    (mut due, mut deadline): (Due, Deadline),
) -> store::Result<bool> {
    let called = match attached::prepare(worker, place, line, (&mut due, &mut deadline)).await? {
        // This process stood still meanwhile, and others may have given the attempt up.
        Prepared::Ready(_) if worker.is_over(&deadline) => wire::later(worker, &due, "late"),
        Prepared::Ready(file) => deadline.bounds(wire::send(worker, line, &due, file)).await,
        Prepared::Not(called) => called,
        Prepared::Decided => return Ok(true),
    };
    let due = &due;
    let mut tries = 0;
    loop {
        match keep(worker, place, line, due, &called).await {
            Err(error) if error.is_retryable() && tries < STORED => {
                tries += 1;
                tokio::time::sleep(worker.time_scale.guard(retry::full_jitter(secs(1), tries))).await;
            }
            // It stays marked as being sent; a report of the platform decides.
            Err(error) => {
                tracing::error!(event = "message.answer_lost", %error, message = %due.message, "what came of a message could not be stored");
                return Err(error);
            }
            Ok(()) => return Ok(called.stop.is_none()),
        }
    }
}

/// Stores what came of a call. A refusal of the connection stops the channel, unless somebody connected it again while the
/// call was on its way: the message then goes out by the new token.
async fn keep(worker: &Worker, place: Place, line: &Line, due: &Due, called: &wire::Called) -> store::Result<()> {
    let mut tx = place.begin(worker).await?;
    let stop = match &called.stop {
        Some(cause) if holding::is_in_use(&mut tx, line.integration, line.access.version).await? => Some(cause),
        _ => None,
    };
    let again = Outcome::Again { wait: Duration::ZERO, code: called.code.clone().unwrap_or_default() };
    let outcome = if called.stop.is_some() && stop.is_none() { &again } else { &called.outcome };
    // The rows in the order in which every transaction locks them.
    if stop.is_none() && matches!(outcome, Outcome::Accepted(_)) {
        integrations::record_success(&mut tx, line.integration).await?;
    }
    locks::conversation(&mut tx, due.conversation).await?;
    let counted = settling::settle(&mut tx, due, outcome).await?;
    if let Some(wa_id) = &called.wa_id {
        settling::learn(&mut tx, due.conversation, wa_id).await?;
    }
    if let Some(cause) = stop {
        holding::hold(&mut tx, place.channel, cause).await?;
        integrations::needs_reauth(&mut tx, line.integration, cause).await?;
    }
    tx.commit().await?;
    let (code, stop) = (called.code.as_deref(), stop.map(String::as_str));
    tracing::info!(event = "message.sent", channel = %place.channel, message = %due.message, attempt = due.attempt, code, stop, counted, "a message to a customer was sent, or not");
    Ok(())
}
