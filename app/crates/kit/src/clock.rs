//! How are the times of a page kept current in the browser? Once a second and after each change of the page every `<time>`
//! that carries a time is written anew, in the viewer's time zone; an attribute of the element says which kind of time it shows.

use domain::language::Language;
use js_sys::{Array, Function, Intl, Object, Reflect};
use leptos::leptos_dom::helpers::document;
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use leptos::web_sys::{Document, Element};

use crate::time::{relative_in, span, to_the_minute, within};

/// The attributes with a moment, in milliseconds. Whatever carries one of them is written by the browser.
const MOMENTS: [&str; 6] = ["data-since", "data-until", "data-ago", "data-exact", "data-clock", "data-at"];
/// The elements whose text or title is a time of day.
const LOCAL: &str = "time[data-exact],time[data-clock],time[data-ago],time[data-until],time[data-at]";
/// Holds the moment that an element was written for in the viewer's zone.
const WRITTEN: &str = "data-local";

/// Writes all times of the page as of now. Call it after the page, or a part of it, changed.
pub fn refresh(document: &Document) {
    localise(document);
    tick(document);
}

/// The language of the page.
pub(crate) fn language(document: &Document) -> Language {
    let language = document.document_element().and_then(|root| Language::parse(&root.get_attribute("lang")?));
    language.unwrap_or_default()
}

/// Rewrites all ticking times of the page.
pub fn tick(document: &Document) {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit an i64")]
    let now = js_sys::Date::now() as i64;
    let language = language(document);
    for_each(document, "time[data-since],time[data-until],time[data-ago]", |time| {
        if let Some(words) = Ticking::of(time).map(|ticking| ticking.words(now, language)) {
            set_text(time, &words);
        }
    });
}

/// Writes times of day in the viewer's time zone.
pub fn localise(document: &Document) {
    for_each(document, LOCAL, |time| {
        let moments = MOMENTS.iter().filter(|name| **name != "data-since");
        let Some(at) = moments.into_iter().find_map(|name| moment(time, name)) else { return };
        if moment(time, WRITTEN) == Some(at) {
            return;
        }
        let in_full = ZONE.with(|zone| {
            if time.has_attribute("data-exact") {
                set_text(time, &words(&zone.full, at));
            } else if time.has_attribute("data-clock") {
                let format = if time.has_attribute("data-minute") { &zone.of_minute } else { &zone.of_day };
                set_text(time, &words(format, at));
            }
            let is_log = time.has_attribute("data-clock") || time.has_attribute("data-at");
            zone.title(at, is_log)
        });
        drop(time.set_attribute("title", &in_full));
        drop(time.set_attribute(WRITTEN, &at.to_string()));
    });
}

/// True if the browser rewrites this element's text and title, so that a difference there is not a change.
pub fn ticks(element: &Element) -> bool {
    element.tag_name() == "TIME" && MOMENTS.iter().any(|name| element.has_attribute(name))
}

/// A time whose words change by themselves.
#[derive(Debug, PartialEq, Eq)]
enum Ticking {
    /// How long it is since a moment.
    Since(i64),
    /// The same in whole minutes.
    Minutes(i64),
    /// How long it is until a moment, what is shown afterwards, and the sentence around the time.
    Until(i64, String, Option<String>),
    /// How long ago a moment is.
    Ago(i64),
}

impl Ticking {
    fn of(time: &Element) -> Option<Self> {
        if let Some(since) = moment(time, "data-since") {
            return Some(if time.has_attribute("data-minutes") { Self::Minutes(since) } else { Self::Since(since) });
        }
        if let Some(until) = moment(time, "data-until") {
            let past = time.get_attribute("data-past").unwrap_or_default();
            return Some(Self::Until(until, past, time.get_attribute("data-around")));
        }
        moment(time, "data-ago").map(Self::Ago)
    }

    /// What it shows at this moment.
    fn words(self, now: i64, language: Language) -> String {
        match self {
            Self::Since(since) => span((now - since) / 1000 * 1000),
            Self::Minutes(since) => span(to_the_minute(now - since)),
            Self::Until(until, past, _) if until <= now => past,
            Self::Until(until, _, around) => within(around.as_deref(), span((until - now) / 1000 * 1000)),
            Self::Ago(at) => relative_in(now - at, language),
        }
    }
}

/// The time in an attribute, in whole milliseconds as the server writes it.
fn moment(time: &Element, name: &str) -> Option<i64> {
    time.get_attribute(name)?.parse().ok()
}

thread_local! {
    static ZONE: Zone = Zone::of_viewer();
}

/// How times are written in the viewer's time zone, and in UTC. Formats are made once, because that takes long.
struct Zone {
    /// Date, time and abbreviation of the zone: "Nov 28, 2026, 10:17:42 AM EST".
    full: Function,
    /// Time of day: "10:17:42 AM", "10:17:42".
    of_day: Function,
    /// Time of day to the minute: "10:17 AM", "10:17".
    of_minute: Function,
    /// As `full` in UTC, and the same with milliseconds.
    utc: Function,
    utc_millis: Function,
    /// Name of the zone: "America/New_York".
    name: String,
}

impl Zone {
    fn of_viewer() -> Self {
        let language = language(&document());
        let time = [("hour", "numeric"), ("minute", "2-digit"), ("second", "2-digit")];
        let rest = [("year", "numeric"), ("month", "short"), ("day", "numeric"), ("timeZoneName", "short")];
        let full = [&time[..], &rest[..]].concat();
        let local = format(language, &full, None);
        let name = Reflect::get(&local.resolved_options(), &"timeZone".into());
        Self {
            full: local.format(),
            of_day: format(language, &time, None).format(),
            of_minute: format(language, &time[..2], None).format(),
            utc: format(language, &[&full[..], &[("timeZone", "UTC")]].concat(), None).format(),
            utc_millis: format(language, &[&full[..], &[("timeZone", "UTC")]].concat(), Some(3)).format(),
            name: name.ok().and_then(|name| name.as_string()).unwrap_or_default(),
        }
    }

    /// The time in full with its zone, and in UTC.
    fn title(&self, at: i64, millis: bool) -> String {
        let (local, utc) = (words(&self.full, at), words(if millis { &self.utc_millis } else { &self.utc }, at));
        title(&local, &self.name, &utc)
    }
}

/// A format of English as it is written in the United States, or of Spanish as in Latin America, with 24 hours.
fn format(language: Language, options: &[(&str, &str)], fraction: Option<u8>) -> Intl::DateTimeFormat {
    let chosen = Object::new();
    let (locale, hours) = match language {
        Language::English => ("en-US", "h12"),
        Language::Spanish => ("es-MX", "h23"),
    };
    drop(Reflect::set(&chosen, &"hourCycle".into(), &hours.into()));
    for (key, value) in options {
        drop(Reflect::set(&chosen, &(*key).into(), &(*value).into()));
    }
    if let Some(digits) = fraction {
        drop(Reflect::set(&chosen, &"fractionalSecondDigits".into(), &digits.into()));
    }
    Intl::DateTimeFormat::new(&Array::of1(&locale.into()), &chosen)
}

/// The moment in this format. Some browsers put a narrow space before "AM", which the server does not.
fn words(format: &Function, at: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a date fit an f64")]
    let said = format.call1(&JsValue::UNDEFINED, &(at as f64).into());
    said.ok().and_then(|words| words.as_string()).unwrap_or_default().replace('\u{202f}', " ")
}

/// The hover text of a time: as the viewer's clock shows it, with the name of the zone, and in UTC.
fn title(local: &str, zone: &str, utc: &str) -> String {
    if zone.is_empty() || zone == "UTC" { utc.to_owned() } else { format!("{local} ({zone}) \u{b7} {utc}") }
}

/// Sets the text only if it differs, so that a text selection inside is not lost every second.
pub fn set_text(element: &Element, words: &str) {
    if element.text_content().as_deref() != Some(words) {
        element.set_text_content(Some(words));
    }
}

/// Calls `act` with every element that matches the selector.
pub fn for_each(document: &Document, selector: &str, mut act: impl FnMut(&Element)) {
    each(document, selector, &mut act);
}

/// The loop of `for_each`. It exists once in the browser's code, however many callers there are.
fn each(document: &Document, selector: &str, act: &mut dyn FnMut(&Element)) {
    let Ok(found) = document.query_selector_all(selector) else { return };
    for at in 0..found.length() {
        if let Some(element) = found.item(at).and_then(|node| node.dyn_into::<Element>().ok()) {
            act(&element);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_ticks_shows_what_is_true_at_this_moment() {
        assert_eq!(Ticking::Since(1_000).words(132_900, Language::English), "2m 11s");
        assert_eq!(Ticking::Minutes(1_000).words(132_900, Language::English), "2m");
        let until = |around: Option<&str>| Ticking::Until(10_000, "now".to_owned(), around.map(str::to_owned));
        assert_eq!(until(None).words(3_500, Language::English), "6s");
        assert_eq!(until(Some("about \u{2026} left")).words(3_500, Language::English), "about 6s left");
        assert_eq!(until(Some("about \u{2026} left")).words(10_000, Language::English), "now");
        assert_eq!(Ticking::Ago(0).words(36 * 86_400_000, Language::English), "36 days ago");
        assert_eq!(Ticking::Ago(0).words(36 * 86_400_000, Language::Spanish), "hace 36 días");
    }

    #[test]
    fn a_hover_text_names_the_zone_and_utc() {
        let (local, utc) = ("Nov 28, 2026, 10:17:42 AM EST", "Nov 28, 2026, 3:17:42 PM UTC");
        assert_eq!(title(local, "America/New_York", utc), format!("{local} (America/New_York) \u{b7} {utc}"));
        assert_eq!(title(utc, "UTC", utc), utc);
    }
}
