//! How does a call run, and what is noted of it? Before it runs the log says so (but see `reading.rs`); it runs apart from whoever
//! waits for it, so that a caller who goes away leaves nothing half done; and how it ended is noted with its approval in one
//! transaction.

use std::time::{Duration, Instant};

use domain::field::FieldError;
use domain::notifications::Kind;
use domain::permission::Right;
use domain::tools::{Outcome, Policy};
use domain::{ToolApprovalId, ToolCallId};
use outbound::Deadline;
use serde_json::{Value, json};
use store::audit;
use store::events::{self, Event};
use store::tenant::TenantTx;
use store::tools::approvals::{self, Claimed, LONGEST_SHOWN, MOST_WAITING, NewApproval};
use store::tools::budgets;
use store::tools::calls::{self, Ended, NewCall};
use tracing::Instrument as _;

use super::{Called, Caller, Effect, Running, Tool, ToolContext, ToolError, find, log, preview};
use crate::Refusal;

/// The longest that a tool may take.
pub const LONGEST: Duration = Duration::from_secs(30);
/// The most bytes of a result.
const MOST_RESULT: usize = 256 * 1024;
/// How often it is tried to note how a call ended.
const TRIES: u32 = 4;
/// The time between two tries. Another call may hold the end of the chain, or the database be away for a moment.
pub(super) const BETWEEN: Duration = Duration::from_secs(1);
/// Why an approved call was not made.
const DIFFERENT: &str = "What this would do is different from what was approved, because something changed meanwhile. Nothing was done. Make the call again to ask anew.";

/// What a program reads that waited for an approval under which another one of its calls runs.
pub(super) const TAKEN: &str =
    "This call was approved, and another call of this token makes it or made it. It runs once.";

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
    /// The names of arguments that the log never shows. `None` for a tool whose arguments nobody knows: the log says which
    /// there were, and none of them.
    pub masked: Option<&'a [&'a str]>,
    /// It runs only under an approval that somebody gave, whatever the policy allows meanwhile.
    pub only_approved: bool,
}

impl Subject<'static> {
    /// A tool of ours.
    pub const fn of(tool: &'static Tool) -> Self {
        let masked = Some(tool.masked);
        Self { name: tool.name, effect: tool.effect, needs: tool.needs, masked, only_approved: false }
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

    /// What the log keeps of its arguments, and the hash of all of them.
    pub fn kept(&self, arguments: &Value) -> (Value, [u8; 32]) {
        let kept = match self.subject.masked {
            Some(names) => log::masked(arguments, names),
            None => log::described(arguments),
        };
        (kept, log::hash_of(self.subject.name, arguments))
    }

    /// Its line in the log.
    pub fn line<'n>(&'n self, kept: &'n Value, hash: &'n [u8; 32]) -> NewCall<'n> {
        NewCall {
            token: self.caller.token,
            token_name: &self.caller.name,
            tool: self.subject.name,
            effect: self.subject.effect.key(),
            arguments: kept,
            hash,
            policy: self.policy,
            approval: None,
        }
    }

    /// Notes that it begins to run. A read of somebody else's waits for the disk once, when it ended: nobody reads its answer before.
    async fn begins(
        &self,
        tx: &mut TenantTx,
        arguments: &Value,
        claimed: Option<&Claimed>,
    ) -> Result<ToolCallId, ToolError> {
        let (kept, hash) = self.kept(arguments);
        let approval = claimed.map(|claimed| (claimed.id, claimed.approved_by));
        let line = NewCall { approval, ..self.line(&kept, &hash) };
        Ok(match (self.subject.effect, approval) {
            (Effect::Read, None) => calls::begin_read(tx, &line).await?,
            _ => calls::begin(tx, &line).await?,
        })
    }
}

/// Notes a call that does not run.
pub(super) async fn note(
    tx: &mut TenantTx,
    call: &Call<'_>,
    arguments: &Value,
    (outcome, reason): &(Outcome, String),
) -> Result<ToolCallId, ToolError> {
    let (kept, hash) = call.kept(arguments);
    let id = calls::begin(tx, &call.line(&kept, &hash)).await?;
    let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
    calls::end(tx, id, Ended { outcome: *outcome, reason, bytes: None, ms: 0 }).await?;
    Ok(id)
}

/// Counts a call that is refused. The log tells of it once in a minute, without its arguments: a program that goes on all day
/// fills nothing.
pub(super) async fn refused(
    tx: &mut TenantTx,
    call: &Call<'_>,
    hash: &[u8; 32],
    error: &ToolError,
) -> Result<(), ToolError> {
    let (token, tool) = (call.caller.token, call.subject.name);
    let (outcome, reason) = log::failure(error);
    budgets::count_refused(tx, token).await?;
    if calls::told_in_a_minute(tx, token, tool, (outcome, reason.as_str())).await? {
        return Ok(());
    }
    let id = calls::begin(tx, &call.line(&json!({}), hash)).await?;
    Ok(calls::end(tx, id, Ended { outcome, reason: Some(&reason), bytes: None, ms: 0 }).await?)
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

/// Runs a call that was judged, in the transaction of the judgement. What was approved runs with the arguments that were shown,
/// if it would still do what was shown.
pub(super) async fn run(
    mut tx: TenantTx,
    call: &Call<'_>,
    claimed: Option<Claimed>,
    arguments: Value,
    (preview, run): (Preview, Run),
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
    // It begins before the call is noted: others count from the note, and nothing is done once they gave the call up.
    let deadline = Deadline::after(LONGEST);
    let id = call.begins(&mut tx, &arguments, claimed.as_ref()).await?;
    tx.commit().await?;
    let (context, caller) = (call.context.clone(), call.caller.clone());
    let (tool, needs) = (call.subject.name.to_owned(), call.subject.needs);
    let is_read = call.subject.effect == Effect::Read;
    let (approval, shown) = claimed.map(|claimed| (claimed.id, claimed.shown)).unzip();
    let work = async move {
        let began = Instant::now();
        let ran = in_time(deadline, as_shown(shown, arguments, preview, run)).await.map(bounded);
        let took = began.elapsed();
        let (context, result) = (&context, &ran);
        if let Err(error) = in_tries(BETWEEN, || settle(context, needs, (id, approval), result, took)).await {
            tracing::error!(event = "tool.not_noted", business = %caller.business, call = %id, %error, "the log does not know how a call of a tool ended");
            // What a write did is told all the same. A read is made again, and no answer leaves without its line in the log.
            if is_read {
                return Err(error);
            }
        }
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(event = "tool.called", business = %caller.business, %tool, call = %id, ms, ok = ran.is_ok(), "a tool was called");
        ran.map(|(result, _)| result)
    };
    Ok(Called { result: to_its_end(work).await?, log: id, dry_run: false })
}

/// Does this by the deadline. What has not begun by then, because the process stood still, is not done, and no call outside that
/// belongs to it is made later.
async fn in_time(deadline: Deadline, work: impl Future<Output = Result<Value, ToolError>>) -> Result<Value, ToolError> {
    if deadline.is_over() {
        return Err(ToolError::TimedOut);
    }
    tokio::time::timeout(LONGEST, deadline.bounds(work)).await.unwrap_or(Err(ToolError::TimedOut))
}

/// Runs a tool. What was approved runs only if it would still do what a person read.
async fn as_shown(shown: Option<String>, arguments: Value, preview: Preview, run: Run) -> Result<Value, ToolError> {
    if let Some(shown) = shown {
        let told = preview(arguments.clone()).await?;
        if preview::visible(&told) != shown {
            return Err(Refusal::State(DIFFERENT.to_owned()).into());
        }
    }
    run(arguments).await
}

/// Does this until it goes well, a few times.
pub(super) async fn in_tries<T, F>(between: Duration, work: impl Fn() -> F) -> Result<T, ToolError>
where
    F: Future<Output = Result<T, ToolError>>,
{
    for _ in 1..TRIES {
        if let Ok(done) = work().await {
            return Ok(done);
        }
        tokio::time::sleep(between).await;
    }
    work().await
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
    (id, approval): (ToolCallId, Option<ToolApprovalId>),
    ran: &Result<(Value, usize), ToolError>,
    took: Duration,
) -> Result<(), ToolError> {
    let mut tx = context.actor.require(needs)?.begin_for_program().await?;
    let failed = ran.as_ref().err().map(log::failure);
    if let Some(approval) = approval {
        approvals::settle(&mut tx, approval, failed.as_ref().map(|(_, why)| why.as_str()), Some(id)).await?;
    }
    let ended = Ended {
        outcome: failed.as_ref().map_or(Outcome::Done, |(outcome, _)| *outcome),
        reason: failed.as_ref().map(|(_, why)| why.as_str()),
        bytes: ran.as_ref().ok().map(|(_, bytes)| i32::try_from(*bytes).unwrap_or(i32::MAX)),
        ms: i32::try_from(took.as_millis()).unwrap_or(i32::MAX),
    };
    calls::end(&mut tx, id, ended).await?;
    Ok(tx.commit().await?)
}

/// A result of at most 256 kB, and its bytes. A longer one is left out: what was done is done.
pub(super) fn bounded(result: Value) -> (Value, usize) {
    let bytes = result.to_string().len();
    if bytes <= MOST_RESULT {
        return (result, bytes);
    }
    let left_out = json!({ "omitted_bytes": bytes, "detail": "The answer is larger than 256 kB. Ask for fewer rows." });
    let bytes = left_out.to_string().len();
    (left_out, bytes)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn how_a_call_ended_is_noted_though_the_database_fails_a_few_times() {
        for (failures, expected) in [(0, 1), (1, 2), (3, 4), (4, 4), (9, 4)] {
            let tried = Cell::new(0);
            let work = || {
                tried.set(tried.get() + 1);
                let fails = tried.get() <= failures;
                async move { if fails { Err(ToolError::TimedOut) } else { Ok(()) } }
            };
            let done = in_tries(Duration::ZERO, work).await;
            assert_eq!((tried.get(), done.is_ok()), (expected, failures < 4), "{failures} failures");
        }
    }

    #[tokio::test]
    async fn a_process_that_stood_still_after_its_note_does_nothing() {
        for (left, does) in [(LONGEST, true), (Duration::ZERO, false)] {
            let done = Cell::new(false);
            let work = async {
                done.set(true);
                Ok(Value::Null)
            };
            let ran = in_time(Deadline::after(left), work).await;
            assert_eq!((done.get(), ran.is_ok()), (does, does), "{left:?}: {ran:?}");
        }
    }

    #[tokio::test]
    async fn what_was_approved_does_what_was_shown_or_nothing() {
        for (shown, runs) in [(None, true), (Some("Deletes Ana."), true), (Some("Deletes Bob."), false)] {
            let preview: Preview =
                Box::new(|_| -> Running<String> { Box::pin(async { Ok("Deletes Ana.".to_owned()) }) });
            let run: Run = Box::new(|arguments| -> Running<Value> { Box::pin(async move { Ok(arguments) }) });
            let ran = as_shown(shown.map(str::to_owned), json!({ "id": 1 }), preview, run).await;
            assert_eq!(ran.is_ok(), runs, "{shown:?}: {ran:?}");
        }
    }

    #[test]
    fn a_long_result_is_left_out() {
        assert_eq!(bounded(json!({ "a": 1 })), (json!({ "a": 1 }), 7));
        let (long, bytes) = bounded(json!({ "text": "x".repeat(MOST_RESULT) }));
        assert!(bytes < 200 && bytes == long.to_string().len() && long["omitted_bytes"].as_u64().unwrap() > 256 * 1024);
    }
}
