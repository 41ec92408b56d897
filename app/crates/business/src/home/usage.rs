//! The chart of the last days as SVG, two bars for each day, and the same numbers as a table for whoever does not see it.

use chrono::NaiveTime;
use domain::language::Language;
use domain::usage::Day;
use kit::{Card, Region};
use leptos::prelude::*;

use crate::messages::usage_texts;

/// Height of the chart in its own units.
const HEIGHT: f64 = 96.0;
/// Width of one day, with its space.
const DAY: f64 = 100.0;
/// Width of one bar.
const BAR: f64 = 36.0;

/// The card with the chart; nothing while the business has no channel.
#[component]
pub(super) fn UsageCard(
    language: Language,
    /// The days, oldest first.
    days: Option<Vec<Day>>,
) -> impl IntoView {
    let texts = usage_texts(language);
    let card = days.map(|days| {
        let is_empty = days.iter().all(|day| day.messages == 0 && day.answers == 0);
        let shown = if is_empty {
            view! { <p class="text-fg-2">{texts.nothing_in_days}</p> }.into_any()
        } else {
            view! { <DayChart language days/> }.into_any()
        };
        view! { <Card title=texts.last_days>{shown}</Card> }
    });
    view! { <Region key="usage" topics="conversation.changed:*" class="empty:hidden">{card}</Region> }
}

/// Messages that were sent, and answers of the assistant.
#[component]
fn DayChart(language: Language, days: Vec<Day>) -> impl IntoView {
    let texts = usage_texts(language);
    let most = days.iter().map(|day| day.messages.max(day.answers)).max().unwrap_or(0).max(1);
    let bars = days.iter().zip(0_u32..).map(|(day, n)| {
        let left = f64::from(n).mul_add(DAY, (DAY - 2.0 * BAR - 4.0) / 2.0);
        view! { {bar("text-info", left, day.messages, most)}{bar("text-ok", left + BAR + 4.0, day.answers, most)} }
    });
    let bars = bars.collect_view();
    let count = u32::try_from(days.len()).unwrap_or(0);
    let frame = format!("0 0 {} {HEIGHT}", f64::from(count) * DAY);
    let ends = days.first().zip(days.last()).map(|(first, last)| {
        let (first, last) = (date(language, first), date(language, last));
        view! { <p class="flex justify-between text-xs text-fg-3" aria-hidden="true"><span>{first}</span><span>{last}</span></p> }
    });
    let rows = days.iter().rev().map(|day| row(language, day)).collect_view();
    view! {
        <div class="flex flex-col gap-2">
            <p class="flex flex-wrap gap-x-4 gap-y-1 text-xs text-fg-2">
                <Legend class="text-info" word=texts.sent/>
                <Legend class="text-ok" word=texts.answered/>
            </p>
            <svg class="h-24 w-full" viewBox=frame preserveAspectRatio="none" role="img" aria-label=texts.chart>{bars}</svg>
            {ends}
            <p class="text-xs text-fg-3">{texts.days_begin}</p>
            <details class="text-sm">
                <summary class="fold">{texts.as_table}</summary>
                <table class="mt-2 w-full max-w-md text-start tabular-nums">
                    <caption class="sr-only">{texts.last_days}</caption>
                    <thead><tr class="text-xs text-fg-2"><th scope="col" class="py-1 text-start font-medium">{texts.day}</th><th scope="col" class="py-1 ps-4 text-end font-medium">{texts.sent}</th><th scope="col" class="py-1 ps-4 text-end font-medium">{texts.answered}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </div>
    }
}

/// One bar. A day with anything in it has a bar that can be seen.
fn bar(class: &'static str, left: f64, count: i64, most: i64) -> impl IntoView {
    #[expect(clippy::cast_precision_loss, reason = "counts of a day are small")]
    let share = count as f64 / most as f64;
    let height = if count > 0 { (share * HEIGHT).max(3.0) } else { 0.0 };
    let top = HEIGHT - height;
    view! { <rect class=class x=format!("{left:.1}") y=format!("{top:.1}") width=BAR.to_string() height=format!("{height:.1}") fill="currentColor"/> }
}

/// What a colour of the chart stands for.
#[component]
fn Legend(class: &'static str, word: &'static str) -> impl IntoView {
    view! {
        <span class="inline-flex items-center gap-1.5">
            <svg class=class width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="2" fill="currentColor"/></svg>
            {word}
        </span>
    }
}

fn row(language: Language, day: &Day) -> impl IntoView + use<> {
    let number = usage_texts(language).number;
    view! {
        <tr class="border-t border-line" data-row=day.day.to_string()>
            <th scope="row" class="py-1 text-start font-normal">{date(language, day)}</th>
            <td class="py-1 text-end">{number(day.messages)}</td>
            <td class="py-1 text-end">{number(day.answers)}</td>
        </tr>
    }
}

fn date(language: Language, day: &Day) -> String {
    language.date(day.day.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn the_chart_has_a_bar_for_each_number_and_the_table_has_the_numbers() {
        let day =
            |n: u32, messages, answers| Day { day: NaiveDate::from_ymd_opt(2026, 11, n).unwrap(), messages, answers };
        let days = vec![day(1, 0, 0), day(2, 1, 0), day(3, 12_400, 3)];
        for (language, number) in [(Language::English, "12,400"), (Language::Spanish, "12,400")] {
            let html = Owner::new().with(|| view! { <DayChart language days=days.clone()/> }.to_html());
            assert_eq!(html.matches("<rect").count(), 2 * days.len() + 2, "and one for each colour");
            assert!(html.contains(number) && !html.contains("NaN") && !html.contains(" style="), "{html}");
        }
        let empty = Owner::new().with(|| view! { <DayChart language=Language::English days=Vec::new()/> }.to_html());
        assert!(empty.contains("0 0 0 96"), "{empty}");
    }

    #[test]
    fn days_without_anything_are_said_in_words() {
        let day = |messages| Day { day: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(), messages, answers: 0 };
        for language in Language::ALL {
            let drawn = |day: Day| Owner::new().with(|| view! { <UsageCard language days=Some(vec![day])/> }.to_html());
            let (nothing, chart) = (usage_texts(language).nothing_in_days, drawn(day(1)));
            assert!(drawn(day(0)).contains(nothing) && !drawn(day(0)).contains("<svg"), "{}", drawn(day(0)));
            assert!(!chart.contains(nothing) && chart.contains("<svg"), "{chart}");
        }
    }
}
