//! Which calls are there on the calendars of a location? List them, find free slots, book and cancel an appointment.

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};

use super::Request;
use crate::ops::{BOOK_APPOINTMENT, FREE_SLOTS, GET_APPOINTMENT, LIST_CALENDARS, UPDATE_APPOINTMENT};

/// An appointment to book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"), deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewAppointment {
    /// Id of the calendar.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub calendar_id: String,
    /// Id of the contact.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub contact_id: String,
    /// When it begins: one of the free slots, with its offset.
    pub start_time: DateTime<FixedOffset>,
    /// When it ends. Left out, the calendar decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<DateTime<FixedOffset>>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub title: Option<String>,
    /// Id of the team member who takes it. Left out, the calendar decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub assigned_user_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Booked<'a> {
    location_id: &'a str,
    #[serde(flatten)]
    new: &'a NewAppointment,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    appointment_status: &'static str,
}

/// The calendars of a location: `calendars`.
#[must_use]
pub fn list(location: &str) -> Request {
    Request::new(&LIST_CALENDARS).query("locationId", Some(location))
}

/// The free slots of a calendar between two times at most 31 days apart: dates, each with `slots`. Other fields may stand
/// beside the dates.
#[must_use]
pub fn free_slots(calendar: &str, from: DateTime<Utc>, to: DateTime<Utc>, timezone: Option<&str>) -> Request {
    let milliseconds = |time: DateTime<Utc>| Some(time.timestamp_millis().to_string());
    Request::new(&FREE_SLOTS)
        .id(calendar)
        .query("startDate", milliseconds(from))
        .query("endDate", milliseconds(to))
        .query("timezone", timezone)
}

/// Books an appointment. The contact is notified as the calendar says.
#[must_use]
pub fn book(location: &str, new: &NewAppointment) -> Request {
    Request::new(&BOOK_APPOINTMENT).body(&Booked { location_id: location, new })
}

/// One appointment, in `event` or in `appointment`.
#[must_use]
pub fn get(appointment: &str) -> Request {
    Request::new(&GET_APPOINTMENT).id(appointment)
}

/// Sets an appointment to cancelled. It stays in the calendar's history.
#[must_use]
pub fn cancel(appointment: &str) -> Request {
    Request::new(&UPDATE_APPOINTMENT).id(appointment).body(&Status { appointment_status: "cancelled" })
}
