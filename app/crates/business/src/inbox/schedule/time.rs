//! How is the time of a scheduled message read and written? By the clock of the business, whatever the clock of the person
//! shows.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::language::Language;
use domain::messaging::schedule::{Chosen, Shown, chosen};
use web::error::{Error, Result};
use web::guard::ServerContext;

use super::super::day;
use super::texts::{Texts, texts};

/// A moment by the clock of a zone, with its name for the zone.
pub(in crate::inbox) fn when(language: Language, zone: Tz, at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&zone);
    let clock = match language {
        Language::English => "%-I:%M %p %Z",
        Language::Spanish => "%H:%M %Z",
    };
    format!("{}, {}", language.date(day::noon(local.date_naive())), local.format(clock))
}

/// The moment that a person typed, and the zone of the business.
///
/// # Errors
/// `Invalid` if it is no time.
pub(super) async fn typed(context: &ServerContext, typed: &str) -> Result<(Chosen, Tz)> {
    let (place, mut tx) = context.business_page().await?;
    let zone = store::businesses::get(&mut tx, place.id).await?.zone();
    tx.commit().await?;
    let no_time = || Error::field("when", texts(context.request.language).choose_time);
    Ok((chosen(zone, typed).ok_or_else(no_time)?, zone))
}

/// What a person is told of the chosen time: when it is, and what the clock of the business made of it.
pub(super) fn told(words: &Texts, language: Language, (chosen, zone): (Chosen, Tz)) -> String {
    let jump = match chosen.shown {
        Shown::Once => "",
        Shown::Never => words.skipped,
        Shown::Twice => words.twice,
    };
    let told = (words.told)(&when(language, zone, chosen.at));
    if jump.is_empty() { told } else { format!("{told} {jump}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(language: Language, typed: &str) -> String {
        let chosen = chosen(Tz::America__New_York, typed).expect("a time");
        told(texts(language), language, (chosen, Tz::America__New_York))
    }

    #[test]
    fn a_time_is_told_by_the_clock_of_the_business_and_so_is_a_jump_of_it() {
        let once = told_of(Language::English, "2026-07-01T15:05");
        assert!(once.contains("Jul 1, 2026, 3:05 PM EDT"), "{once}");
        let skipped = told_of(Language::English, "2026-03-08T02:30");
        assert!(skipped.contains("3:30 AM EDT") && skipped.contains("doesn't exist"), "{skipped}");
        let twice = told_of(Language::Spanish, "2026-11-01T01:30");
        assert!(twice.contains("1 de noviembre de 2026, 01:30 EDT") && twice.contains("dos veces"), "{twice}");
    }
}
