//! Why may a message not be sent any more when its turn comes? It waited too long, the window closed, or the customer wants
//! no such messages.

use chrono::TimeDelta;
use domain::messaging::window::Window;
use domain::messaging::{Channel, Sender, template};

use super::first::Row;
use super::outgoing::TEMPLATE;

/// The code of a message that was dropped because the window had closed.
pub const WINDOW_CLOSED: &str = "window_closed";
/// The code of a message that waited so long that it means something else by now.
pub const TOO_OLD: &str = "too_old";
/// The code of a message that was dropped because the customer wants no such messages any more.
pub const UNWANTED: &str = "unwanted";

/// A message that waited longer than this is not sent any more.
const STALE: TimeDelta = TimeDelta::hours(24);
/// The same for an automatic answer, which fits only the moment of the question.
const STALE_ANSWER: TimeDelta = TimeDelta::hours(1);

/// Why a message may not be sent any more, if it may not: its code and the words for it.
pub(super) fn refusal(row: &Row, channel: Channel, open: Window) -> Option<(&'static str, &'static str)> {
    let waited = row.now - row.waited_since;
    if waited > STALE {
        return Some((TOO_OLD, "It waited for more than a day and was not sent. Check whether it still fits."));
    }
    if waited > STALE_ANSWER && row.is_automatic() {
        return Some((
            TOO_OLD,
            "This automatic answer waited for more than an hour and was not sent. Answer yourself.",
        ));
    }
    if is_unwanted(row) {
        return Some((
            UNWANTED,
            "The customer asked for no such messages after this one was written, so it was not sent.",
        ));
    }
    let allowed = match Sender::parse(&row.sender) {
        _ if row.kind == TEMPLATE && channel == Channel::Whatsapp => true,
        Some(Sender::Person) => open.allows_text(),
        // A person read the draft and sent it.
        Some(Sender::Assistant) if row.is_of_person => open.allows_text(),
        _ => open.allows_automation(),
    };
    if allowed {
        return None;
    }
    let text = if channel == Channel::Whatsapp {
        "The customer last wrote more than 24 hours ago, so it was not sent. Send a template instead."
    } else {
        "The customer last wrote too long ago, so it was not sent. You can answer when they write again."
    };
    Some((WINDOW_CLOSED, text))
}

/// Whether the customer refused such messages by now: advertising, whoever sends it, or what no person sends by hand.
fn is_unwanted(row: &Row) -> bool {
    let is_marketing =
        row.kind == TEMPLATE && row.details["template"]["category"].as_str().is_some_and(template::is_marketing);
    let is_mass = matches!(Sender::parse(&row.sender), Some(Sender::Automation | Sender::Campaign));
    is_marketing && (row.is_opted_out || row.refuses_marketing) || is_mass && row.is_opted_out
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::{ConversationId, MessageId};
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    fn row(sender: Sender, is_of_person: bool, minutes: i64) -> Row {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1000);
        Row {
            id: Uuid::nil(),
            message: MessageId(Uuid::nil()),
            conversation: ConversationId(Uuid::nil()),
            waited_since: now - TimeDelta::minutes(minutes),
            kind: "text".to_owned(),
            sender: sender.key().to_owned(),
            is_of_person,
            body: String::new(),
            details: Value::Null,
            reply_to: None,
            address: String::new(),
            window_closes_at: None,
            is_opted_out: false,
            refuses_marketing: false,
            has_arrived: false,
            is_overtaken: false,
            now,
        }
    }

    #[test]
    fn late_goes_only_what_a_person_read_and_an_automatic_answer_only_soon() {
        let until = DateTime::UNIX_EPOCH;
        let (free, late) = (Window::Free { until }, Window::Late { until });
        for (sender, is_of_person, minutes, open, expected) in [
            (Sender::Person, true, 90, late, None),
            (Sender::Assistant, true, 90, late, None),
            (Sender::Assistant, false, 0, late, Some(WINDOW_CLOSED)),
            (Sender::Assistant, false, 59, free, None),
            (Sender::Assistant, false, 61, free, Some(TOO_OLD)),
            (Sender::Person, true, 25 * 60, free, Some(TOO_OLD)),
        ] {
            let found = refusal(&row(sender, is_of_person, minutes), Channel::Facebook, open);
            assert_eq!(found.map(|(code, _)| code), expected, "{sender:?} {minutes}");
        }
    }
}
