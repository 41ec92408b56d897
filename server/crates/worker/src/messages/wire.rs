//! What is Meta told for a message of ours, and what does its answer mean for the message?

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::messaging::Channel;
use meta::send::{self, Choice, Content, Outgoing, Recipient, Sender, TemplateMessage, TemplatePart};
use meta::{Call, Kind, Login};
use serde_json::Value;
use store::messaging::outgoing::TEMPLATE;
use store::messaging::sends::Due;
use store::messaging::settling::Outcome;

use super::send::Line;
use crate::time_scale::secs;
use crate::{Worker, retry};

/// How often a message is sent that was refused for now. Its waits last for a quarter of an hour at least, so that also
/// whoever sends alone waits out an outage that opens no breaker.
const TRIES: i32 = 24;
/// The base of the wait before the next try, which doubles with each.
const BASE: Duration = secs(2);
/// The longest wait before the next try.
const LONGEST: Duration = secs(60);

/// What came of the call for a message.
pub(super) struct Called {
    /// What it means for the message.
    pub outcome: Outcome,
    /// The id that WhatsApp knows the customer by, if the answer names one.
    pub wa_id: Option<String>,
    /// Why the channel must send nothing more, if it must not.
    pub stop: Option<String>,
    /// The code of the error.
    pub code: Option<String>,
}

/// The channel in the words of the platform. `None` for one that is not Meta's.
pub(super) const fn platform(kind: Channel) -> Option<send::Channel> {
    match kind {
        Channel::Whatsapp => Some(send::Channel::Whatsapp),
        Channel::Instagram => Some(send::Channel::Instagram),
        Channel::Facebook => Some(send::Channel::Messenger),
        Channel::Webchat | Channel::Voice | Channel::Sms | Channel::Email => None,
    }
}

impl Line {
    /// The token of the line for a call.
    pub(super) fn call(&self) -> Call<'_> {
        Call { token: &self.access.token, login: self.access.login, about: &self.about }
    }

    /// Whom a call is made as: an Instagram account that is linked to a page sends through the page.
    pub(super) fn sender<'a>(&'a self, channel: send::Channel, account: &'a str) -> Sender<'a> {
        let page = self
            .page
            .as_deref()
            .filter(|_| channel == send::Channel::Instagram && self.access.login == Login::Facebook);
        Sender { channel, id: page.unwrap_or(account) }
    }
}

/// Where something for a customer goes. An address of digits alone is a WhatsApp number.
pub(super) fn recipient(channel: send::Channel, address: &str) -> Recipient {
    let is_number = address.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit());
    if channel == send::Channel::Whatsapp && is_number {
        Recipient::Phone(address.to_owned())
    } else {
        Recipient::Id(address.to_owned())
    }
}

/// Makes the call, with the file of the message if it has one.
pub(super) async fn send(worker: &Worker, line: &Line, due: &Due, file: Option<send::File>) -> Called {
    let Some(channel) = platform(due.kind) else {
        return failed("channel", "Nothing can be sent on this channel yet.");
    };
    let answer =
        send::send(&worker.meta, line.call(), line.sender(channel, &due.account), &message(channel, due, file)).await;
    match answer {
        Ok(sent) => {
            let wa_id = sent.wa_id.filter(|id| channel == send::Channel::Whatsapp && *id != due.address);
            let outcome = sent.message_id.map_or_else(|| Outcome::InDoubt("no id".to_owned()), Outcome::Accepted);
            Called { outcome, wa_id, stop: None, code: None }
        }
        Err(error) => refused(worker, due, &error, &error.kind),
    }
}

/// What it means for a message that its file was not taken. A second upload leaves a file that nobody uses, so nothing is in
/// doubt.
pub(super) fn not_uploaded(worker: &Worker, due: &Due, error: &meta::Error) -> Called {
    let kind = if matches!(error.kind, Kind::Unclear) { &Kind::Temporary } else { &error.kind };
    refused(worker, due, error, kind)
}

/// A message that failed before its call, and why in plain words.
pub(super) fn failed(code: &str, text: &str) -> Called {
    let outcome = Outcome::Failed { code: code.to_owned(), text: text.to_owned() };
    Called { outcome, wa_id: None, stop: None, code: Some(code.to_owned()) }
}

/// A message whose call did not begin, for a reason that passes.
pub(super) fn later(worker: &Worker, due: &Due, code: &str) -> Called {
    let outcome = outcome(&Kind::Temporary, code, due.attempt, Utc::now(), |wait| worker.time_scale.of(wait));
    Called { outcome, wa_id: None, stop: None, code: Some(code.to_owned()) }
}

fn refused(worker: &Worker, due: &Due, error: &meta::Error, kind: &Kind) -> Called {
    tracing::warn!(event = "message.refused", message = %due.message, kind = ?error.kind, code = error.code, trace = error.trace, cause = %error, "Meta did not take a message");
    let code = code(error);
    let outcome = outcome(kind, &code, due.attempt, Utc::now(), |wait| worker.time_scale.of(wait));
    let stop = kind.stops_channel().then(|| code.clone());
    Called { outcome, wa_id: None, stop, code: Some(code) }
}

/// The message in the platform's words.
fn message(channel: send::Channel, due: &Due, file: Option<send::File>) -> Outgoing {
    let template = due.details.get("template").filter(|_| due.message_kind == TEMPLATE);
    Outgoing {
        to: recipient(channel, &due.address),
        content: match (file, template) {
            (Some(file), _) => Content::File(file),
            (None, Some(template)) => Content::Template(named(template)),
            (None, None) => worded(due),
        },
        reply_to: due.reply_to.clone(),
        own_id: Some(due.message.to_string()),
        late_answer: due.is_late,
    }
}

/// A text, with the answers below it that the customer can give with one tap.
fn worded(due: &Due) -> Content {
    let titles = due.details.get("choices").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let numbered = (1..).zip(titles).map(|(at, title)| Choice { id: format!("{at}"), title: title.to_owned() });
    let (body, choices) = (due.body.clone(), numbered.collect::<Vec<_>>());
    if choices.is_empty() { Content::Text { body, preview: true } } else { Content::Choices { body, choices } }
}

fn named(template: &Value) -> TemplateMessage {
    let text = |name: &str| template.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let parts = template.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    TemplateMessage {
        name: text("name"),
        language: text("language"),
        parts: parts.into_iter().map(TemplatePart::Other).collect(),
    }
}

/// The code of an error as it is kept: Meta's own, or our word for what happened.
fn code(error: &meta::Error) -> String {
    match (error.code, error.subcode) {
        (Some(code), Some(subcode)) => format!("{code}/{subcode}"),
        (Some(code), None) => code.to_string(),
        (None, _) => match error.kind {
            Kind::Unclear => "no_answer".to_owned(),
            Kind::Down | Kind::Held { .. } => "unreachable".to_owned(),
            _ => error.status.map_or_else(|| "refused".to_owned(), |status| format!("http_{status}")),
        },
    }
}

/// The wait before the next try, after so many.
fn again(attempts: u32) -> Duration {
    retry::around(BASE.saturating_mul(2_u32.saturating_pow(attempts.min(16))).min(LONGEST))
}

/// What an error means for the message. `scaled` turns a wait into that of this build.
fn outcome(
    kind: &Kind,
    code: &str,
    attempt: i32,
    now: DateTime<Utc>,
    scaled: impl Fn(Duration) -> Duration,
) -> Outcome {
    let code = code.to_owned();
    let attempts = u32::try_from(attempt).unwrap_or(1);
    match kind {
        kind if kind.stops_channel() => Outcome::Held(code),
        Kind::Limited { until } | Kind::Held { until } => {
            let wait = (*until - now).to_std().unwrap_or_default();
            Outcome::Again { wait: retry::after(wait), code }
        }
        Kind::PairRate => Outcome::Again { wait: scaled(meta::pair_wait(attempts)), code },
        Kind::Temporary | Kind::Down if attempt < TRIES => Outcome::Again { wait: scaled(again(attempts)), code },
        Kind::Unclear => Outcome::InDoubt(code),
        kind => Outcome::Failed { code, text: kind.sentence().to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use meta::{Restriction, TokenDeath};
    use store::messaging::settling::Outcome::{Again, Failed, Held, InDoubt};

    use super::*;

    fn of(kind: &Kind, attempt: i32) -> Outcome {
        outcome(kind, "1", attempt, DateTime::UNIX_EPOCH, |wait| wait)
    }

    #[test]
    fn each_kind_of_error_has_one_meaning() {
        let until = DateTime::UNIX_EPOCH + Duration::from_secs(60);
        for kind in
            [Kind::Token(TokenDeath::Expired), Kind::Permission, Kind::AppAccess, Kind::Restricted(Restriction::Unpaid)]
        {
            assert!(matches!(of(&kind, 1), Held(_)), "{kind:?}");
        }
        for kind in [Kind::Limited { until }, Kind::Held { until }] {
            for attempt in [1, 50] {
                let Again { wait, .. } = of(&kind, attempt) else { panic!("{kind:?}") };
                assert!((60..=72).contains(&wait.as_secs()), "{wait:?}");
            }
        }
        for kind in [
            Kind::Restricted(Restriction::Country),
            Kind::OutsideWindow,
            Kind::Withheld,
            Kind::Undeliverable,
            Kind::OptedOut,
            Kind::Media,
            Kind::Template,
            Kind::Invalid,
        ] {
            assert!(matches!(of(&kind, 1), Failed { .. }) && !kind.stops_channel(), "{kind:?}");
        }
        for kind in [Kind::Temporary, Kind::Down] {
            assert!(matches!(of(&kind, TRIES - 1), Again { .. }) && matches!(of(&kind, TRIES), Failed { .. }));
        }
        assert!(matches!(of(&Kind::PairRate, 2), Again { wait, .. } if wait == secs(16)));
        assert!(matches!(of(&Kind::Unclear, 1), InDoubt(_)));
    }

    #[test]
    fn no_message_fails_in_an_outage_of_a_quarter_of_an_hour() {
        for kind in [Kind::Temporary, Kind::Down] {
            let (mut attempt, mut waited) = (1, Duration::ZERO);
            while let Again { wait, .. } = of(&kind, attempt) {
                assert!(attempt > 1 || wait < secs(6), "{wait:?} after the first try");
                waited += wait;
                attempt += 1;
            }
            assert!((15 * 60..60 * 60).contains(&waited.as_secs()), "{kind:?}: {waited:?}");
        }
    }

    #[test]
    fn digits_are_a_number_and_everything_else_an_id() {
        assert_eq!(recipient(send::Channel::Whatsapp, "16505550101"), Recipient::Phone("16505550101".to_owned()));
        assert_eq!(recipient(send::Channel::Whatsapp, "US.134"), Recipient::Id("US.134".to_owned()));
        assert_eq!(recipient(send::Channel::Messenger, "7100"), Recipient::Id("7100".to_owned()));
    }
}
