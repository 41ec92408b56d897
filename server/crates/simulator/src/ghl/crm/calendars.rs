//! Serves calendars and appointments. Each day has free slots at nine, ten and eleven; a slot that is booked is gone
//! (HighLevel API §5.4).

use chrono::{DateTime, Days, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::{
    crm::{CrmKind, CrmRecord},
    ids::new_id,
    world::Transaction,
};

use super::super::{
    call::Call,
    reply::{Answer, Outcome, bad, ok, unprocessable},
    shape::{Field, Kind, may, need},
};
use super::{PLACE, all, known, own};

const STATUS: Kind = Kind::OneOf(&["new", "confirmed", "cancelled", "showed", "noshow", "invalid"]);

/// Body of a booking.
pub const NEW: &[Field] = &[
    PLACE,
    need("calendarId", Kind::Filled),
    need("contactId", Kind::Filled),
    need("startTime", Kind::Filled),
    may("endTime", Kind::Text),
    may("title", Kind::Text),
    may("appointmentStatus", STATUS),
    may("assignedUserId", Kind::Text),
    may("toNotify", Kind::Flag),
];

/// Body of a change.
pub const CHANGED: &[Field] = &[
    may("title", Kind::Text),
    may("appointmentStatus", STATUS),
    may("startTime", Kind::Text),
    may("endTime", Kind::Text),
    may("assignedUserId", Kind::Text),
    may("toNotify", Kind::Flag),
];

/// `GET /calendars/`.
pub fn list(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(json!({"calendars": all(call, tx, CrmKind::Calendar).into_iter().map(CrmRecord::json).collect::<Vec<_>>()}))
}

/// `GET /calendars/{calendarId}/free-slots`: dates, and a trace id beside them.
pub fn free_slots(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let calendar = known(call, tx, CrmKind::Calendar, call.param("calendarId"))?;
    let time = |name: &str| {
        call.query_param(name).and_then(|text| text.parse().ok()).and_then(DateTime::from_timestamp_millis)
    };
    let (Some(from), Some(to)) = (time("startDate"), time("endDate")) else {
        return Err(unprocessable(vec!["startDate must be a number".into(), "endDate must be a number".into()]));
    };
    if to < from || to - from > TimeDelta::days(31) {
        return Err(bad("The date range must not exceed 31 days"));
    }
    let taken = taken(tx, &calendar.id);
    let mut days = Map::new();
    let mut day = from.date_naive();
    while day <= to.date_naive() {
        let free: Vec<String> = [9, 10, 11]
            .into_iter()
            .filter_map(|hour| day.and_hms_opt(hour, 0, 0))
            .map(|slot| slot.and_utc())
            .filter(|slot| *slot >= from && *slot < to && !taken.contains(slot))
            .map(|slot| slot.to_rfc3339())
            .collect();
        days.insert(day.to_string(), json!({"slots": free}));
        let Some(next) = day.checked_add_days(Days::new(1)) else { break };
        day = next;
    }
    ok(Value::Object(days))
}

/// `POST /calendars/events/appointments`.
pub fn book(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let calendar = known(call, tx, CrmKind::Calendar, call.text("calendarId").unwrap_or_default())?;
    known(call, tx, CrmKind::Contact, call.text("contactId").unwrap_or_default())?;
    let Some(start) = call.text("startTime").and_then(instant) else {
        return Err(unprocessable(vec!["startTime must be a valid ISO 8601 date string".into()]));
    };
    if taken(tx, &calendar.id).contains(&start) {
        return Err(bad("The slot you have selected is no longer available."));
    }
    let mut appointment = CrmRecord {
        id: new_id(20),
        location_id: own(call).into(),
        kind: CrmKind::Appointment,
        parent: calendar.id,
        since: tx.now,
        fields: Map::from_iter([
            ("title".to_owned(), json!("Appointment")),
            ("appointmentStatus".to_owned(), json!("confirmed")),
            ("isRecurring".to_owned(), json!(false)),
        ]),
    };
    appointment.fill(&call.body);
    tx.put(&appointment);
    ok(appointment.json())
}

/// `GET /calendars/events/appointments/{eventId}`, in the form of the live service.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(json!({"appointment": named(call, tx)?.json()}))
}

/// `PUT /calendars/events/appointments/{eventId}`: changes only the given properties.
pub fn update(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let mut appointment = named(call, tx)?;
    appointment.fill(&call.body);
    tx.put(&appointment);
    ok(appointment.json())
}

fn named(call: &Call<'_>, tx: &Transaction<'_>) -> Result<CrmRecord, Answer> {
    known(call, tx, CrmKind::Appointment, call.param("eventId"))
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// When the appointments of a calendar begin that were not cancelled.
fn taken(tx: &Transaction<'_>, calendar: &str) -> Vec<DateTime<Utc>> {
    let booked = tx.world.crm.of(calendar).filter(|record| record.kind == CrmKind::Appointment);
    booked
        .filter(|one| one.text("appointmentStatus") != "cancelled")
        .filter_map(|one| instant(one.text("startTime")))
        .collect()
}
