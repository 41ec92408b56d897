//! How are the hours of an inbox read from their form, and filled in? Field names are `/hours` for the choice, and
//! `/hours/mon/0/from` for each time.

use chrono::Weekday;
use domain::assistant::hours::{DAYS, Hours, SPANS_A_DAY, Span, TimeOfDay};
use domain::field::FieldError;

use super::form::Fields;

/// The choice of hours that is read from the fields of the days. Any other choice stands for any time.
pub(super) const SET: &str = "set";

/// The field of that choice.
pub(super) const CHOICE: &str = "/hours";

/// The field of a time.
pub(super) fn name(day: &str, number: usize, end: &str) -> String {
    format!("{CHOICE}/{day}/{number}/{end}")
}

/// Reads the hours. Times that do not count are not read.
///
/// # Errors
/// One entry for each time that is none, and one if no day has a time.
pub(super) fn read(fields: &Fields) -> Result<Hours, Vec<FieldError>> {
    let text = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let (mut hours, mut errors) = (Hours::default(), Vec::new());
    if text(CHOICE) != SET {
        return Ok(hours);
    }
    for (day, key, _) in DAYS {
        for number in 0..SPANS_A_DAY {
            let (from, to) = (name(key, number, "from"), name(key, number, "to"));
            if text(&from).is_empty() && text(&to).is_empty() {
                continue;
            }
            match (text(&from).parse::<TimeOfDay>(), text(&to).parse::<TimeOfDay>()) {
                (Ok(from), Ok(to)) => hours.0.day_mut(day).push(Span { from, to }),
                (Err(wrong), _) => errors.push(FieldError::new(from, wrong.to_string())),
                (_, Err(wrong)) => errors.push(FieldError::new(to, wrong.to_string())),
            }
        }
    }
    if errors.is_empty() && hours.is_always() {
        errors.push(FieldError::new(CHOICE, "Fill in at least one day, or choose any time."));
    }
    if errors.is_empty() { Ok(hours) } else { Err(errors) }
}

/// The hours as the fields of their form. The form of an inbox that is always open offers working days, nine to five.
pub(super) fn write(hours: &Hours) -> Fields {
    let mut fields = Fields::new();
    fields.insert(CHOICE.to_owned(), if hours.is_always() { "any" } else { SET }.to_owned());
    for (day, key, _) in DAYS {
        if hours.is_always() && !matches!(day, Weekday::Sat | Weekday::Sun) {
            fields.insert(name(key, 0, "from"), "09:00".to_owned());
            fields.insert(name(key, 0, "to"), "17:00".to_owned());
        }
        for (number, span) in hours.0.day(day).iter().enumerate() {
            fields.insert(name(key, number, "from"), span.from.into());
            fields.insert(name(key, number, "to"), span.to.into());
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::*;

    fn hours(json: serde_json::Value) -> Hours {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn hours_survive_their_form() {
        for json in [
            serde_json::json!({}),
            serde_json::json!({ "mon": [{ "from": "09:00", "to": "12:00" }, { "from": "13:00", "to": "17:00" }] }),
            serde_json::json!({ "fri": [{ "from": "18:00", "to": "02:00" }], "sun": [{ "from": "00:00", "to": "00:00" }] }),
        ] {
            let hours = hours(json);
            assert_eq!(read(&write(&hours)).unwrap(), hours);
        }
    }

    #[test]
    fn what_is_no_time_is_marked_at_its_field_and_no_hours_at_all_are_asked_about() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let wrong = Fields::from([
            field("/hours", "set"),
            field("/hours/mon/0/from", "9"),
            field("/hours/mon/0/to", "17:00"),
            field("/hours/sun/1/from", "10:00"),
        ]);
        for error in read(&wrong).unwrap_err() {
            assert_ne!(web::translate::translate(Language::Spanish, &error.detail), error.detail);
        }
        let pointers: Vec<_> = read(&wrong).unwrap_err().into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["/hours/mon/0/from", "/hours/sun/1/to"]);
        assert_eq!(read(&Fields::from([field("/hours", "set")])).unwrap_err()[0].pointer, "/hours");
        assert!(read(&Fields::from([field("/hours", "any"), field("/hours/mon/0/from", "9")])).unwrap().is_always());
    }
}
