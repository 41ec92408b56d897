//! A small bar chart of weeks as SVG, and the same numbers as a table for whoever does not see it.

use domain::dates;
use domain::weeks::Week;
use kit::{counted, tenths};
use leptos::prelude::*;

/// Height of the chart in its own units.
const HEIGHT: i64 = 96;
/// Width of one week, with its space.
const WEEK: u32 = 100;
/// Width of one bar.
const BAR: u32 = 28;
/// Space between the two bars of a week.
const GAP: u32 = 4;

/// Two bars for each week: jobs that started, and clients that were added.
#[component]
pub fn WeekChart(
    /// The weeks, oldest first.
    weeks: Vec<Week>,
) -> impl IntoView {
    let most = weeks.iter().map(|week| week.jobs.max(week.clients)).max().unwrap_or(0).max(1);
    let bars = weeks
        .iter()
        .zip(0_u32..)
        .map(|(week, n)| {
            let left = n * WEEK + (WEEK - 2 * BAR - GAP) / 2;
            let jobs = format!("Week of {}: {}", day(week), counted(week.jobs, "job", "jobs"));
            let clients = format!("Week of {}: {}", day(week), counted(week.clients, "client", "clients"));
            view! { {bar("text-info", left, week.jobs, most, jobs)}{bar("text-ok", left + BAR + GAP, week.clients, most, clients)} }
        })
        .collect_view();
    let count = u32::try_from(weeks.len()).unwrap_or(0);
    let frame = format!("0 0 {} {HEIGHT}", count * WEEK);
    let rows = weeks.iter().map(row).collect_view();
    let ends = weeks.first().zip(weeks.last()).map(|(first, last)| {
        view! { <p class="flex justify-between text-xs text-fg-3" aria-hidden="true"><span>{day(first)}</span><span>{day(last)}</span></p> }
    });
    view! {
        <div class="flex flex-col gap-2">
            <p class="flex flex-wrap gap-x-4 gap-y-1 text-xs text-fg-2">
                <Key class="text-info" word="Jobs started"/>
                <Key class="text-ok" word="Clients added"/>
                <span class="ms-auto text-fg-3 tabular-nums">{format!("Highest bar: {most}")}</span>
            </p>
            <svg class="h-24 w-full" viewBox=frame preserveAspectRatio="none" role="img" aria-label="Jobs started and clients added, week by week. The table below has the numbers.">{bars}</svg>
            {ends}
            <details class="text-sm">
                <summary class="fold">"Show as a table"</summary>
                <table class="mt-2 w-full max-w-md text-start tabular-nums">
                    <caption class="sr-only">"Jobs started and clients added, week by week"</caption>
                    <thead><tr class="text-xs text-fg-2"><th scope="col" class="py-1 text-start font-medium">"Week of"</th><th scope="col" class="py-1 text-end font-medium">"Jobs started"</th><th scope="col" class="py-1 text-end font-medium">"Clients added"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </div>
    }
}

/// One bar, with its number on hover. A week with anything in it has a bar that can be seen.
fn bar(class: &'static str, left: u32, count: i64, most: i64, told: String) -> impl IntoView {
    let whole = HEIGHT * 10;
    let height = if count > 0 { ((count * whole + most / 2) / most).max(30) } else { 0 };
    let top = whole - height;
    view! { <rect class=class x=left.to_string() y=tenths(top) width=BAR.to_string() height=tenths(height) fill="currentColor"><title>{told}</title></rect> }
}

/// What a colour of the chart stands for.
#[component]
fn Key(class: &'static str, word: &'static str) -> impl IntoView {
    view! {
        <span class="inline-flex items-center gap-1.5">
            <svg class=class width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="2" fill="currentColor"/></svg>
            {word}
        </span>
    }
}

fn row(week: &Week) -> impl IntoView + use<> {
    view! {
        <tr class="border-t border-line" data-row=week.start.to_string()>
            <th scope="row" class="py-1 text-start font-normal">{day(week)}</th>
            <td class="py-1 text-end">{week.jobs}</td>
            <td class="py-1 text-end">{week.clients}</td>
        </tr>
    }
}

fn day(week: &Week) -> String {
    dates::day(week.start)
}
