//! How does a call run, and what is noted of it? Before it runs the log says so; it runs apart from whoever waits for it, so that
//! a caller who goes away leaves nothing half done; and how it ended is noted with its approval in one transaction.

use std::time::{Duration, Instant};

use domain::ToolCallId;
use domain::field::FieldError;
use domain::notifications::Kind;
use domain::permission::Right;
use domain::tools::{Outcome, Policy};
use serde_json::{Value, json};
use store::audit;
use store::events::{self, Event};
use store::tenant::TenantTx;
use store::tools::approvals::{self, Claimed, LONGEST_SHOWN, MOST_WAITING, NewApproval};
use store::tools::calls::{self, Ended, NewCall};
use tracing::Instrument as _;

use super::{Called, Caller, Effect, Running, Tool, ToolContext, ToolError, find, log, preview};
use crate::Refusal;

/// The longest that a tool may take.
const LONGEST: Duration = Duration::from_secs(30);
/// The most bytes of a result.
const MOST_RESULT: usize = 256 * 1024;

/// Runs a tool with arguments that fit.
pub(super) type Run = Box<dyn FnOnce(Value) -> Running<Value> + Send>;
/// Says what a tool would do with arguments that fit.
pub(super) type Preview = Box<dyn FnOnce(Value) -> Running<String> + Send>;

/// What is called.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it does to what is stored.
    pub effect: Effect,
    /// The right that whoever made the token needs.
    pub needs: Right,
    /// The names of arguments that the log never shows.
    pub masked: &'a [&'a str],
}

impl Subject<'static> {
    /// A tool of ours.
    pub const fn of(tool: &'static Tool) -> Self {
        Self { name: tool.name, effect: tool.effect, needs: tool.needs, masked: tool.masked }
    }
}

/// A call that is judged, and what holds for it.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// In what it runs.
    pub context: &'a ToolContext,
    /// Who calls.
    pub caller: &'a Caller,
    /// What is called.
    pub subject: Subject<'a>,
    /// What the policy says.
    pub policy: Policy,
}

impl<'a> Call<'a> {
    /// A call under a policy.
    pub const fn new(context: &'a ToolContext, caller: &'a Caller, subject: Subject<'a>, policy: Policy) -> Self {
        Self { context, caller, subject, policy }
    }

    /// Begins a transaction in which it is noted.
    pub async fn begin(&self) -> Result<TenantTx, Refusal> {
        self.context.actor.require(self.subject.needs)?.begin_for_program().await
    }

    /// Notes that it begins.
    async fn note(
        &self,
        tx: &mut TenantTx,
        arguments: &Value,
        claimed: Option<&Claimed>,
    ) -> Result<ToolCallId, ToolError> {
        let new = NewCall {
            token: self.caller.token,
            token_name: &self.caller.name,
            tool: self.subject.name,
            effect: self.subject.effect.key(),
            arguments: &log::masked(arguments, self.subject.masked),
            hash: &log::hash_of(self.subject.name, arguments),
            policy: self.policy,
            approval: claimed.map(|claimed| (claimed.id, claimed.approved_by)),
        };
        Ok(calls::begin(tx, &new).await?)
    }
}

/// Notes a call that does not run.
pub(super) async fn note(
    tx: &mut TenantTx,
    call: &Call<'_>,
    arguments: &Value,
    (outcome, reason): &(Outcome, String),
) -> Result<ToolCallId, ToolError> {
    let id = call.note(tx, arguments, None).await?;
    let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
    calls::end(tx, id, Ended { outcome: *outcome, reason, bytes: None, ms: 0 }).await?;
    Ok(id)
}

/// What a person reads of a call. A preview that fails is noted.
pub(super) async fn shown(call: &Call<'_>, arguments: &Value, preview: Preview) -> Result<String, ToolError> {
    let asked = tokio::time::timeout(LONGEST, preview(arguments.clone())).await;
    let error = match asked.unwrap_or(Err(ToolError::TimedOut)).map(|shown| preview::visible(&shown)) {
        // What a person cannot read whole is not asked about.
        Ok(shown) if shown.chars().count() > LONGEST_SHOWN => ToolError::Invalid(vec![FieldError::new(
            "",
            "This is more than a person can look through. Do less in one call.",
        )]),
        Ok(shown) => return Ok(shown),
        Err(error) => error,
    };
    Err(noted(call, arguments, error).await?)
}

/// The error with which a call ends that does not run, once it is noted.
async fn noted(call: &Call<'_>, arguments: &Value, error: ToolError) -> Result<ToolError, ToolError> {
    let mut tx = call.begin().await?;
    note(&mut tx, call, arguments, &log::failure(&error)).await?;
    tx.commit().await?;
    Ok(error)
}

/// Asks a person about a call, once for the same call, and tells those who may decide.
pub(super) async fn ask(call: &Call<'_>, arguments: Value, preview: Preview) -> Result<Called, ToolError> {
    let shown = shown(call, &arguments, preview).await?;
    let mut tx = call.begin().await?;
    let new = NewApproval {
        token: call.caller.token,
        token_name: &call.caller.name,
        tool: call.subject.name,
        arguments: &arguments,
        hash: &log::hash_of(call.subject.name, &arguments),
        shown: &shown,
        now: call.context.now,
    };
    let (id, is_new) = approvals::ask(&mut tx, &new).await?;
    if is_new && approvals::waiting_of(&mut tx, call.caller.token).await? > MOST_WAITING {
        drop(tx);
        let most =
            format!("{MOST_WAITING} calls of this token wait for a person already. Wait until somebody decided.");
        return Err(noted(call, &arguments, Refusal::State(most).into()).await?);
    }
    note(&mut tx, call, &arguments, &(Outcome::Waiting, String::new())).await?;
    if is_new {
        let access = call.context.actor.access();
        let event = Event {
            kind: Kind::ToolApproval,
            key: format!("{}:{id}", Kind::ToolApproval),
            subject: Some(access.id.0),
            business: Some(access.id),
            to: None,
            title: &access.name,
            // Not what is shown: that may name a customer, and goes when they are erased.
            detail: find(call.subject.name).map_or(call.subject.name, |tool| tool.title),
        };
        events::tell(&mut tx, &event).await?;
    }
    tx.commit().await?;
    tracing::info!(event = "tool.asked", business = %call.caller.business, tool = call.subject.name, approval = %id, "a call of a tool waits for a person");
    Err(ToolError::Waiting(id))
}

/// Runs a call that was judged, in the transaction of the judgement. What was approved runs with the arguments that were shown.
pub(super) async fn run(
    mut tx: TenantTx,
    call: &Call<'_>,
    claimed: Option<Claimed>,
    arguments: Value,
    run: Run,
) -> Result<Called, ToolError> {
    let arguments = match &claimed {
        None => arguments,
        Some(claimed) => {
            if log::hash_of(&claimed.tool, &claimed.arguments)[..] != claimed.hash[..] {
                return Err(Refusal::Fault(format!("the arguments of approval {} were changed", claimed.id)).into());
            }
            claimed.arguments.clone()
        }
    };
    let id = call.note(&mut tx, &arguments, claimed.as_ref()).await?;
    tx.commit().await?;
    let (context, caller) = (call.context.clone(), call.caller.clone());
    let (tool, needs) = (call.subject.name.to_owned(), call.subject.needs);
    let work = async move {
        let began = Instant::now();
        let ran = tokio::time::timeout(LONGEST, run(arguments)).await.unwrap_or(Err(ToolError::TimedOut));
        let ran = ran.map(bounded);
        let took = began.elapsed();
        if let Err(error) = settle(&context, needs, (id, claimed), &ran, took).await {
            tracing::error!(event = "tool.not_noted", business = %caller.business, call = %id, %error, "the log does not know how a call of a tool ended");
        }
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(event = "tool.called", business = %caller.business, %tool, call = %id, ms, ok = ran.is_ok(), "a tool was called");
        ran
    };
    Ok(Called { result: to_its_end(work).await?, log: id, dry_run: false })
}

/// Runs a call to its end, also if its caller leaves: what began is noted with how it ended.
#[expect(clippy::disallowed_methods, reason = "a call that began is noted with its end, though nobody waits")]
async fn to_its_end(work: impl Future<Output = Result<Value, ToolError>> + Send + 'static) -> Result<Value, ToolError> {
    let task = tokio::spawn(audit::within(audit::current(), work).in_current_span());
    task.await.map_err(|error| ToolError::Refused(Refusal::Fault(error.to_string())))?
}

/// Notes how a call ended, with its approval.
async fn settle(
    context: &ToolContext,
    needs: Right,
    (id, claimed): (ToolCallId, Option<Claimed>),
    ran: &Result<Value, ToolError>,
    took: Duration,
) -> Result<(), ToolError> {
    let mut tx = context.actor.require(needs)?.begin_for_program().await?;
    let failed = ran.as_ref().err().map(log::failure);
    if let Some(claimed) = claimed {
        approvals::settle(&mut tx, claimed.id, failed.as_ref().map(|(_, why)| why.as_str()), Some(id)).await?;
    }
    let ended = Ended {
        outcome: failed.as_ref().map_or(Outcome::Done, |(outcome, _)| *outcome),
        reason: failed.as_ref().map(|(_, why)| why.as_str()),
        bytes: ran.as_ref().ok().map(|value| i32::try_from(value.to_string().len()).unwrap_or(i32::MAX)),
        ms: i32::try_from(took.as_millis()).unwrap_or(i32::MAX),
    };
    calls::end(&mut tx, id, ended).await?;
    Ok(tx.commit().await?)
}

/// A result of at most 256 kB. A longer one is left out: what was done is done.
fn bounded(result: Value) -> Value {
    let bytes = result.to_string().len();
    if bytes <= MOST_RESULT {
        return result;
    }
    json!({ "omitted_bytes": bytes, "detail": "The answer is larger than 256 kB. Ask for fewer rows." })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_result_is_left_out() {
        assert_eq!(bounded(json!({ "a": 1 })), json!({ "a": 1 }));
        let long = bounded(json!({ "text": "x".repeat(MOST_RESULT) }));
        assert!(long.to_string().len() < 200 && long["omitted_bytes"].as_u64().unwrap() > 256 * 1024);
    }
}
