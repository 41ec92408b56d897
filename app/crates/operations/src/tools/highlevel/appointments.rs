//! Which tools find free slots in the calendars of the client's HighLevel sub-account, and book and cancel appointments?

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::field::FieldError;
use domain::permission::Right;
use ghl::crm::calendars::{self, NewAppointment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::{rows, text, unwrapped};
use super::{connected, contact, who};
use crate::tools::arguments::{NoArguments, flat, reads, told, typed};
use crate::tools::preview::quoted;
use crate::tools::schema::{of_input, of_output};
use crate::tools::{Effect, Tool, ToolContext, ToolError};

/// The longest time that one search covers (HighLevel API, calendars).
const LONGEST: TimeDelta = TimeDelta::days(31);

pub(in crate::tools) const TOOLS: &[Tool] = &[
    Tool {
        name: "highlevel_list_calendars",
        title: "List HighLevel calendars",
        description: "Lists the calendars of the client's HighLevel sub-account.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<NoArguments>,
        output: of_output::<Calendars>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, list),
        preview: reads,
    },
    Tool {
        name: "highlevel_list_slots",
        title: "List free slots",
        description: "Lists the free slots of a HighLevel calendar between two times that are at most 31 days apart.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<ListSlots>,
        output: of_output::<Slots>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, slots),
        preview: reads,
    },
    Tool {
        name: "highlevel_book_appointment",
        title: "Book an appointment",
        description: "Books an appointment in a HighLevel calendar for a contact. Take a free slot. The contact is notified as the calendar says. After an unclear end, list the free slots before you repeat it.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<NewAppointment>,
        output: of_output::<Appointment>,
        masked: &["title"],
        run: |context, arguments| typed(context, arguments, book),
        preview: |context, arguments| told(context, arguments, told_of_book),
    },
    Tool {
        name: "highlevel_cancel_appointment",
        title: "Cancel an appointment",
        description: "Cancels an appointment in a HighLevel calendar. It stays there as cancelled, and its slot becomes free.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<CancelAppointment>,
        output: of_output::<Appointment>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, cancel),
        preview: |context, arguments| told(context, arguments, told_of_cancel),
    },
];

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListSlots {
    /// HighLevel's id of the calendar.
    #[schemars(length(min = 1, max = 64))]
    calendar_id: String,
    /// The first time, such as `2026-10-28T00:00:00Z`.
    from: DateTime<Utc>,
    /// The last time, at most 31 days later.
    to: DateTime<Utc>,
    /// The time zone of the answer, such as `America/New_York`. Left out, that of the calendar.
    #[schemars(length(min = 1, max = 64))]
    timezone: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CancelAppointment {
    /// HighLevel's id of the appointment.
    #[schemars(length(min = 1, max = 64))]
    appointment_id: String,
}

#[derive(Serialize, JsonSchema)]
struct Calendars {
    /// The calendars, as HighLevel sends them.
    calendars: Vec<Value>,
}

#[derive(Serialize, JsonSchema)]
struct Slots {
    /// For each date, when the free slots begin.
    days: BTreeMap<String, Vec<Value>>,
}

#[derive(Serialize, JsonSchema)]
struct Appointment {
    /// The appointment, as HighLevel sends it.
    appointment: Value,
}

async fn list(context: ToolContext, _: NoArguments) -> Result<Calendars, ToolError> {
    let highlevel = connected(&context, Right::InboxRead)?;
    let mut answer = highlevel.ask(context.now, &calendars::list(highlevel.location())).await?;
    Ok(Calendars { calendars: rows(&mut answer, "calendars") })
}

async fn slots(context: ToolContext, input: ListSlots) -> Result<Slots, ToolError> {
    let highlevel = connected(&context, Right::InboxRead)?;
    if input.to <= input.from || input.to - input.from > LONGEST {
        let detail = "Give a time after `from` and at most 31 days later.";
        return Err(ToolError::Invalid(vec![FieldError::new("/to", detail)]));
    }
    let request = calendars::free_slots(&input.calendar_id, input.from, input.to, input.timezone.as_deref());
    Ok(Slots { days: days(highlevel.ask(context.now, &request).await?) })
}

/// The dates of an answer. Other fields may stand beside them.
fn days(answer: Value) -> BTreeMap<String, Vec<Value>> {
    let Value::Object(fields) = answer else { return BTreeMap::new() };
    let dates = fields.into_iter().filter(|(name, _)| name.parse::<NaiveDate>().is_ok());
    dates.map(|(date, mut day)| (date, rows(&mut day, "slots"))).collect()
}

async fn book(context: ToolContext, input: NewAppointment) -> Result<Appointment, ToolError> {
    let highlevel = connected(&context, Right::InboxReply)?;
    ahead(&context, &input)?;
    let answer = highlevel.ask(context.now, &calendars::book(highlevel.location(), &input)).await?;
    Ok(Appointment { appointment: unwrapped(answer, &["appointment", "event"]) })
}

/// An appointment begins in the future and ends after it begins.
fn ahead(context: &ToolContext, input: &NewAppointment) -> Result<(), ToolError> {
    let wrong = |place: &str, detail: &str| Err(ToolError::Invalid(vec![FieldError::new(place, detail)]));
    if input.start_time < context.now {
        return wrong("/start_time", "This time is past.");
    }
    if input.end_time.is_some_and(|end| end <= input.start_time) {
        return wrong("/end_time", "It ends before it begins.");
    }
    Ok(())
}

async fn told_of_book(context: ToolContext, input: NewAppointment) -> Result<String, ToolError> {
    let highlevel = connected(&context, Right::InboxReply)?;
    ahead(&context, &input)?;
    let mut answer = highlevel.ask(context.now, &calendars::list(highlevel.location())).await?;
    let calendars = rows(&mut answer, "calendars");
    let calendar = calendars.iter().find(|calendar| text(calendar, "id") == input.calendar_id);
    let Some(calendar) = calendar.map(|calendar| flat(text(calendar, "name"))) else {
        return Err(ToolError::Invalid(vec![FieldError::new("/calendar_id", "There is no such calendar.")]));
    };
    let contact = contact(&context, &input.contact_id).await?;
    let title = input.title.as_ref().map(|title| format!(" {}", quoted(title.trim()))).unwrap_or_default();
    let end = input.end_time.map(|end| format!(" to {}", end.to_rfc3339())).unwrap_or_default();
    let start = input.start_time.to_rfc3339();
    Ok(format!("Books{title} in the calendar \"{calendar}\" for {}, {start}{end}.", who(&contact)))
}

/// The appointment with this id.
async fn known(context: &ToolContext, id: &str) -> Result<Value, ToolError> {
    let highlevel = connected(context, Right::InboxReply)?;
    let answer = highlevel.ask(context.now, &calendars::get(id)).await?;
    Ok(unwrapped(answer, &["appointment", "event"]))
}

async fn cancel(context: ToolContext, input: CancelAppointment) -> Result<Appointment, ToolError> {
    let highlevel = connected(&context, Right::InboxReply)?;
    let answer = highlevel.ask(context.now, &calendars::cancel(&input.appointment_id)).await?;
    Ok(Appointment { appointment: unwrapped(answer, &["appointment", "event"]) })
}

async fn told_of_cancel(context: ToolContext, input: CancelAppointment) -> Result<String, ToolError> {
    let appointment = known(&context, &input.appointment_id).await?;
    let whose = match text(&appointment, "contactId") {
        "" => String::new(),
        id => format!(" of {}", who(&contact(&context, id).await?)),
    };
    let (title, start) = (flat(text(&appointment, "title")), flat(text(&appointment, "startTime")));
    Ok(format!("Cancels the appointment \"{title}\"{whose}, {start}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_dates_are_days() {
        let found = days(json!({
            "2026-10-28": {"slots": ["2026-10-28T10:00:00-05:00"]},
            "2026-10-29": {"slots": []},
            "traceId": "8cf33664", "_dates_": {"slots": ["x"]},
        }));
        assert_eq!(found.keys().collect::<Vec<_>>(), ["2026-10-28", "2026-10-29"]);
        assert_eq!(found["2026-10-28"], [json!("2026-10-28T10:00:00-05:00")]);
        assert!(days(Value::Null).is_empty());
    }
}
