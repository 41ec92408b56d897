//! Which contacts, calendars and pipelines does the demo world begin with?

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    crm::{CrmKind, CrmRecord},
    world::Transaction,
};

/// Adds records to a location of the demo world and to its namesake in the canary agency, which have the same names and other
/// contents.
pub fn make(tx: &mut Transaction<'_>, location: &str, namesake: &str) {
    for (number, location, mail) in [(1, location, "patients.example"), (2, namesake, "never-show-this.example")] {
        let record = |id: &str, kind: CrmKind, days: i64, fields: Value| CrmRecord {
            id: format!("{id}{number}"),
            location_id: location.into(),
            kind,
            parent: String::new(),
            since: tx.now - TimeDelta::days(days),
            fields: fields.as_object().cloned().unwrap_or_default(),
        };
        let person = |first: &str, last: &str, phone: &str, tags: Value| {
            json!({
                "firstName": first, "lastName": last, "name": format!("{first} {last}"), "phone": phone, "tags": tags,
                "email": format!("{}@{mail}", first.to_lowercase()), "type": "lead", "source": "website", "dnd": false,
            })
        };
        let stages: Vec<Value> = ["New lead", "Contacted", "Booked"]
            .iter()
            .enumerate()
            .map(|(at, name)| json!({"id": format!("00000000-0000-4000-8000-00000000{number}00{at}"), "name": name, "position": at}))
            .collect();
        let records = [
            record(
                "DemoContactRosa0000",
                CrmKind::Contact,
                30,
                person("Rosa", "Kent", "+13055550111", json!(["patient"])),
            ),
            record("DemoContactOmar0000", CrmKind::Contact, 20, person("Omar", "Diaz", "+13055550112", json!([]))),
            record(
                "DemoCalendar0000000",
                CrmKind::Calendar,
                60,
                json!({"name": "Consultation", "calendarType": "event", "isActive": true, "slotDuration": 60, "slotDurationUnit": "mins"}),
            ),
            record(
                "DemoPipeline0000000",
                CrmKind::Pipeline,
                60,
                json!({"name": "New patients", "stages": stages, "showInFunnel": true, "showInPieChart": true}),
            ),
        ];
        for record in &records {
            tx.put(record);
        }
    }
}
