//! How does a person write to a customer for a later time, and change the mind before it?

use chrono::{DateTime, TimeDelta, Utc};
use domain::messaging::Channel;
use domain::permission::Right;
use domain::text;
use domain::{ConversationId, MessageId, ScheduledId};
use serde_json::{Value, json};
use store::messaging::at_their_time;
use store::messaging::enclosed;
use store::messaging::outgoing::{self, TEMPLATE};
use store::messaging::scheduled::{self, Acted, NewScheduled};
use store::tenant::TenantTx;
use uuid::Uuid;

use super::choices;
use super::files::{self, Attached};
use super::once::{self, Once};
use super::reply::typed;
use super::template::filled;
use super::{in_use, open_for_words, record};
use crate::{BusinessActor, Refusal};

/// The longest time for which a message can wait.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// When a message goes out, and in which conversation.
#[derive(Clone, Copy, Debug)]
pub struct Later<'a> {
    /// The conversation.
    pub conversation: ConversationId,
    /// The moment.
    pub at: DateTime<Utc>,
    /// Whether it is scheduled although it could not be sent at that time as things are now.
    pub anyway: bool,
    /// The message of the conversation that it quotes.
    pub reply_to: Option<MessageId>,
    /// The key of the form: sent twice, it schedules once.
    pub key: &'a str,
}

/// Schedules an answer: its text, and the answers below it that the customer can give with one tap, one on each line. What
/// may be sent is judged again at its time.
///
/// # Errors
/// `Invalid` if the text is empty or too long, what stands below it does not fit, the time is over or more than a year ahead, or the window will be closed at
/// that time; `NotFound` if there is no such conversation; `State` if its channel is disconnected, or as many messages wait
/// as may; `KeyReused` if the key came with something else.
pub async fn schedule_message(
    actor: &BusinessActor,
    later: &Later<'_>,
    (text, choices): (&str, &str),
    now: DateTime<Utc>,
) -> Result<ScheduledId, Refusal> {
    schedule(actor, later, (text, choices), None, now).await
}

/// Schedules an answer with files, each of which goes as a message of its own after the text, which may be empty.
///
/// # Errors
/// As [`schedule_message`], and `Invalid` if the channel does not take one of the files, or there is no room for them.
pub async fn schedule_with_files(
    actor: &BusinessActor,
    later: &Later<'_>,
    (text, choices): (&str, &str),
    attached: Attached,
    now: DateTime<Utc>,
) -> Result<ScheduledId, Refusal> {
    let attached = Some(attached).filter(|attached| !attached.files.is_empty());
    schedule(actor, later, (text, choices), attached, now).await
}

async fn schedule(
    actor: &BusinessActor,
    later: &Later<'_>,
    (text, choices): (&str, &str),
    attached: Option<Attached>,
    now: DateTime<Utc>,
) -> Result<ScheduledId, Refusal> {
    let allowed = actor.require(Right::InboxReply)?;
    let is_empty = text.trim().is_empty();
    let text = if attached.is_some() && is_empty { String::new() } else { typed("text", text, "an answer")? };
    in_time(later.at, now)?;
    let mut tx = allowed.begin().await?;
    let quoted = later.reply_to.map(|id| id.to_string()).unwrap_or_default();
    let brought = attached.iter().flat_map(|attached| &attached.files).map(|file| hex::encode(file.sha256));
    let brought: Vec<String> = brought.collect();
    let of_form = [quoted.as_str(), &text, choices].into_iter().chain(brought.iter().map(String::as_str));
    let of_form: Vec<&str> = of_form.collect();
    let key = match begin(&mut tx, later, "inbox.schedule", &of_form).await? {
        Begun::Before(id) => return Ok(id),
        Begun::Now(key) => key,
    };
    let place = outgoing::place(&mut tx, later.conversation).await?;
    in_use(&place)?;
    if !later.anyway {
        open_then(&mut tx, later.conversation, later.at).await?;
    }
    let mut details = choices::details(place.kind, choices, &text)?;
    choices::without_files(&details, attached.is_some())?;
    if let Some(attached) = attached {
        enclosed::enclose(&mut details, &files::keep(&mut tx, place.kind, attached).await?);
    }
    let new = NewScheduled {
        conversation: later.conversation,
        user: actor.user(),
        kind: "text",
        body: &text,
        details,
        reply_to: later.reply_to,
        at: later.at,
    };
    finish(tx, key, &new).await
}

/// Schedules a template with its values, in the order of the template's variables.
///
/// # Errors
/// As [`schedule_message`], and `Invalid` with each value that is missing or does not fit, or if the template is not
/// approved or the customer refuses advertising.
pub async fn schedule_template(
    actor: &BusinessActor,
    later: &Later<'_>,
    (template, values): (Uuid, &[String]),
    now: DateTime<Utc>,
) -> Result<ScheduledId, Refusal> {
    let allowed = actor.require(Right::InboxReply)?;
    in_time(later.at, now)?;
    let mut tx = allowed.begin().await?;
    let values: Vec<String> = values.iter().map(|value| text::line(value)).collect();
    let of_form: Vec<String> = [template.to_string()].into_iter().chain(values.iter().cloned()).collect();
    let of_form: Vec<&str> = of_form.iter().map(String::as_str).collect();
    let key = match begin(&mut tx, later, "inbox.schedule_template", &of_form).await? {
        Begun::Before(id) => return Ok(id),
        Begun::Now(key) => key,
    };
    let place = outgoing::place(&mut tx, later.conversation).await?;
    in_use(&place)?;
    let (body, details) = filled(&mut tx, &place, template, values).await?;
    let new = NewScheduled {
        conversation: later.conversation,
        user: actor.user(),
        kind: TEMPLATE,
        body: &body,
        details,
        reply_to: None,
        at: later.at,
    };
    finish(tx, key, &new).await
}

/// Gives a message that waits another time.
///
/// # Errors
/// `NotFound` if there is none; `Invalid` as [`schedule_message`]; `State` if it was sent or canceled meanwhile.
pub async fn reschedule_message(
    actor: &BusinessActor,
    id: ScheduledId,
    (at, anyway): (DateTime<Utc>, bool),
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let (conversation, is_template) = scheduled::place(&mut tx, id).await?;
    in_time(at, now)?;
    if !is_template && !anyway {
        open_then(&mut tx, conversation, at).await?;
    }
    let conversation = done(scheduled::move_to(&mut tx, id, at).await?)?;
    record(&mut tx, conversation, "message.rescheduled").await?;
    Ok(tx.commit().await?)
}

/// Sends a message that waits at once.
///
/// # Errors
/// `NotFound` if there is none; `Invalid` if the window is closed; `State` if it was sent or canceled meanwhile, or its
/// channel is disconnected.
pub async fn send_scheduled_now(actor: &BusinessActor, id: ScheduledId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let (conversation, is_template) = scheduled::place(&mut tx, id).await?;
    let place = outgoing::place(&mut tx, conversation).await?;
    // What ended already says so, whatever the window is.
    let conversation = done(at_their_time::send_now(&mut tx, id, conversation).await?)?;
    let may_go = if is_template { in_use(&place) } else { open_for_words(&place, "message") };
    may_go?;
    record(&mut tx, conversation, "message.sent_early").await?;
    Ok(tx.commit().await?)
}

/// Cancels a message that waits.
///
/// # Errors
/// `NotFound` if there is none; `State` if it was sent or canceled meanwhile.
pub async fn cancel_scheduled(actor: &BusinessActor, id: ScheduledId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let conversation = done(scheduled::cancel(&mut tx, id).await?)?;
    record(&mut tx, conversation, "message.unscheduled").await?;
    Ok(tx.commit().await?)
}

/// Refuses a time that is over or too far ahead.
fn in_time(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if at > now && at <= now + LONGEST {
        return Ok(());
    }
    Err(Refusal::field("when", "Choose a time from now on, at most a year ahead."))
}

/// Refuses a time at which a person's own words may not be sent if the customer does not write again.
async fn open_then(tx: &mut TenantTx, conversation: ConversationId, at: DateTime<Utc>) -> Result<(), Refusal> {
    if scheduled::window_at(tx, conversation, at).await?.allows_text() {
        return Ok(());
    }
    let place = outgoing::place(tx, conversation).await?;
    let text = match place.kind {
        Channel::Whatsapp => {
            "The reply window will be closed by then. Unless the customer writes again, only a template can be sent. Choose an earlier time, schedule a template, or check this box."
        }
        _ => {
            "The reply window will be closed by then. Unless the customer writes again, nothing can be sent. Choose an earlier time, or check this box."
        }
    };
    Err(Refusal::field("anyway", text))
}

/// What became of the key of a form.
enum Begun {
    /// The same form scheduled this.
    Before(ScheduledId),
    /// It is new.
    Now(Uuid),
}

async fn begin(tx: &mut TenantTx, later: &Later<'_>, act: &'static str, values: &[&str]) -> Result<Begun, Refusal> {
    let (conversation, at) = (later.conversation.to_string(), later.at.to_rfc3339());
    let values: Vec<&str> = [conversation.as_str(), &at].into_iter().chain(values.iter().copied()).collect();
    Ok(match once::begin(tx, later.key, act, &values).await? {
        Once::Done(done) => Begun::Before(id(&done).ok_or(Refusal::NotFound)?),
        Once::New(key) => Begun::Now(key),
    })
}

/// What the same form scheduled before.
fn id(done: &Value) -> Option<ScheduledId> {
    serde_json::from_value(done.clone()).ok()
}

async fn finish(mut tx: TenantTx, key: Uuid, new: &NewScheduled<'_>) -> Result<ScheduledId, Refusal> {
    let id = scheduled::add(&mut tx, new).await.map_err(full)?;
    once::finish(&mut tx, key, &json!(id)).await?;
    record(&mut tx, new.conversation, "message.scheduled").await?;
    tx.commit().await?;
    Ok(id)
}

/// The conversation in which an act was done, or how the message had ended before.
fn done(acted: Acted) -> Result<ConversationId, Refusal> {
    match acted {
        Acted::Done(conversation) => Ok(conversation),
        Acted::Sent => Err(Refusal::State("Too late: the message was sent or is being sent.".to_owned())),
        Acted::Canceled => Err(Refusal::State("This message was already canceled.".to_owned())),
    }
}

/// A refusal because as many messages wait as may.
fn full(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(what) if what == scheduled::FULL => Refusal::State(
            "You've reached the limit of 500 scheduled messages. Cancel one, or wait until some are sent.".to_owned(),
        ),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_waits_for_a_time_from_now_on_and_at_most_a_year() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for (ahead, expected) in [
            (TimeDelta::zero(), false),
            (TimeDelta::seconds(-1), false),
            (TimeDelta::seconds(1), true),
            (LONGEST, true),
            (LONGEST + TimeDelta::seconds(1), false),
        ] {
            assert_eq!(in_time(now + ahead, now).is_ok(), expected, "{ahead}");
        }
    }

    #[test]
    fn how_a_message_ended_is_told_as_it_was() {
        let conversation = ConversationId(Uuid::nil());
        assert_eq!(done(Acted::Done(conversation)).expect("it was done"), conversation);
        let told = [Acted::Sent, Acted::Canceled].map(|acted| done(acted).expect_err("it had ended").to_string());
        assert_ne!(told[0], told[1]);
    }
}
