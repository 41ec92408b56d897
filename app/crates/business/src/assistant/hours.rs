//! How are the hours of an inbox told, and which fields does their form have?

use domain::assistant::hours::{DAYS, Hours, SPANS_A_DAY, TimeOfDay};
use domain::language::Language;
use kit::form::filled;
use kit::{Choice, Filled, Select};
use leptos::prelude::*;

use super::hours_form::{CHOICE, SET, name};
use super::texts::{Texts, texts};

/// The hours in short: "Mon 9:00 AM–5:00 PM, Tue …".
pub(super) fn told(language: Language, hours: &Hours) -> String {
    let words = texts(language);
    if hours.is_always() {
        return words.any_time.to_owned();
    }
    let clock = |time: TimeOfDay| match language {
        Language::English => time.words(),
        Language::Spanish => time.into(),
    };
    let mut groups: Vec<(&str, &str, String)> = Vec::new();
    for ((day, _, _), name) in DAYS.into_iter().zip(words.short_days) {
        let spans = hours.0.day(day).iter().map(|span| format!("{}\u{2013}{}", clock(span.from), clock(span.to)));
        let spans = spans.collect::<Vec<_>>().join(", ");
        match groups.last_mut() {
            Some((_, last, same)) if *same == spans => *last = name,
            _ => groups.push((name, name, spans)),
        }
    }
    let open = groups.into_iter().filter(|(_, _, spans)| !spans.is_empty());
    let lines = open.map(|(first, last, spans)| match first == last {
        true => format!("{first} {spans}"),
        false => format!("{first}\u{2013}{last} {spans}"),
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// The fields of the hours: any time, or times for each day, which are folded away while they do not count.
#[component]
pub(super) fn HoursFields(words: &'static Texts) -> impl IntoView {
    let carried = filled();
    let open = carried.values.get(CHOICE).is_some_and(|choice| choice == SET);
    let choices = vec![Choice::new("any", words.any_time), Choice::new(SET, words.in_hours)];
    let days = DAYS.into_iter().zip(words.days).map(|((_, key, _), day)| {
        let filled = carried.clone();
        view! { <Day words key day filled/> }
    });
    let days = days.collect_view();
    view! {
        <Select name=CHOICE label=words.hours_label choices help=words.hours_help required=true/>
        <details open=open>
            <summary class="fold w-fit py-1 text-sm font-medium">{words.by_day}</summary>
            <div class="pt-2">
                {days}
                <p class="pt-1 text-xs text-fg-3">{words.days_help}</p>
            </div>
        </details>
    }
}

/// The times of a day.
#[component]
fn Day(words: &'static Texts, key: &'static str, day: &'static str, filled: Filled) -> impl IntoView {
    let spans = (0..SPANS_A_DAY).map(|number| {
        let (from, to) = (name(key, number, "from"), name(key, number, "to"));
        let (opens, closes) = ((words.opens)(day, number > 0), (words.closes)(day, number > 0));
        view! {
            <span class="flex items-center gap-1.5">
                <Clock filled=filled.clone() name=from label=opens/>
                <span class="text-fg-3" aria-hidden="true">"\u{2013}"</span>
                <Clock filled=filled.clone() name=to label=closes/>
            </span>
        }
    });
    let spans = spans.collect_view();
    let names = (0..SPANS_A_DAY).flat_map(|number| ["from", "to"].map(|end| name(key, number, end)));
    let errors = names.filter_map(|field| {
        let text = filled.error(&field)?;
        Some(view! { <p class="text-xs text-bad" id=format!("error-{field}")>{text}</p> })
    });
    let errors = errors.collect::<Vec<_>>();
    view! {
        <div class="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-t border-line py-2 first:border-0" role="group" aria-label=day>
            <span class="w-24 text-sm">{day}</span>
            <div class="flex flex-wrap items-center gap-x-4 gap-y-1.5">{spans}</div>
            {errors}
        </div>
    }
}

/// A time of day.
#[component]
fn Clock(filled: Filled, name: String, label: String) -> impl IntoView {
    let error = filled.error(&name).is_some();
    let value = filled.values.get(&name).cloned();
    let (id, describedby) = (format!("field-{name}"), error.then(|| format!("error-{name}")));
    view! { <input class="control w-30" type="time" id=id name=name value=value aria-label=label aria-invalid=error.then_some("true") aria-describedby=describedby/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(json: serde_json::Value) -> Hours {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn hours_are_told_in_both_languages() {
        let span = serde_json::json!([{ "from": "09:00", "to": "17:30" }]);
        let week = hours(
            serde_json::json!({ "mon": span, "tue": span, "thu": span, "sat": [{ "from": "10:00", "to": "14:00" }] }),
        );
        let english = "Mon\u{2013}Tue 9:00 AM\u{2013}5:30 PM; Thu 9:00 AM\u{2013}5:30 PM; Sat 10:00 AM\u{2013}2:00 PM";
        assert_eq!(told(Language::English, &week), english);
        assert_eq!(
            told(Language::Spanish, &week),
            "lun.\u{2013}mar. 09:00\u{2013}17:30; jue. 09:00\u{2013}17:30; sáb. 10:00\u{2013}14:00"
        );
        assert_eq!(told(Language::Spanish, &Hours::default()), "A cualquier hora");
    }
}
