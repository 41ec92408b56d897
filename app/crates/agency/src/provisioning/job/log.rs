//! The log of a step or of the whole job: plain text, oldest line first, which the browser's own search finds. The
//! filter by text, level and step is in the address. The whole log can be downloaded.

use chrono::{DateTime, Utc};
use domain::provisioning::{AttemptView, LogLine as Line, Step};
use kit::labels::provisioning as labels;
use kit::time::span;
use kit::{ButtonStyle, Glyph, Icon, LogLine, LogView};
use leptos::prelude::*;

use super::view::JobPageContext;

/// Maximum number of log lines shown at once. The download has the rest.
pub const LINES: u16 = 2_000;

/// The log with its filter.
#[component]
pub fn Log(
    /// The job.
    page: JobPageContext,
    /// Its lines, oldest first.
    lines: Vec<Line>,
    /// True if older ones are left out.
    more: bool,
    /// The selected attempt, if there is one.
    attempt: Option<AttemptView>,
) -> impl IntoView {
    let all = page.at.get("all") == "1";
    let filtered = !page.at.get("q").is_empty() || !page.at.get("level").is_empty();
    // Times count from the start of the job when the address says so.
    let since = (page.at.get("times") == "since").then(|| page.job.row.started_at.unwrap_or(page.job.row.created_at));
    let lines: Vec<LogLine> = lines
        .into_iter()
        .filter(|line| within(line.at, attempt.as_ref()))
        .map(|line| told(&line, all, since))
        .collect();
    let (label, empty) = match (filtered, all) {
        (true, _) => ("Log, filtered", "No line matches. Clear the filter to see everything."),
        (false, true) => ("Log of the job", "Nothing logged yet."),
        (false, false) => ("Log of this step", "Nothing logged for this step yet."),
    };
    let older = more.then(|| view! { <p class="border-b border-line px-4 py-2 text-xs text-fg-3">"Older lines are left out here. The download holds all of them."</p> });
    view! {
        <Filter page=page/>
        {older}
        <LogView label=label lines=lines empty=empty/>
    }
}

/// True if a moment lies within an attempt. Without an attempt it is always true.
#[must_use]
pub fn within(at: DateTime<Utc>, attempt: Option<&AttemptView>) -> bool {
    attempt.is_none_or(|one| at >= one.started_at && one.finished_at.is_none_or(|end| at <= end))
}

/// A line as it is shown. Where the lines of several steps are mixed, each names its step.
#[must_use]
pub fn told(line: &Line, mixed: bool, since: Option<DateTime<Utc>>) -> LogLine {
    let step = line.step.filter(|_| mixed).map(|step| format!("{}: ", Step::label(step))).unwrap_or_default();
    LogLine {
        key: line.id.to_string(),
        time: match since {
            Some(since) => format!("+{}", span((line.at - since).num_milliseconds().max(0))),
            None => line.at.format("%H:%M:%S").to_string(),
        },
        exact: line.at.format("%-d %b %Y, %H:%M:%S%.3f UTC").to_string(),
        tone: labels::level(line.level, line.status),
        text: format!("{step}{}", line.message),
        // The numbers and ids behind the sentence, as indented JSON.
        detail: line.details.as_ref().filter(|details| !details.is_null()).map(|details| format!("{details:#}")),
    }
}

/// The filter by text, level and step: a form that is sent as a GET request.
#[component]
fn Filter(page: JobPageContext) -> impl IntoView {
    let at = page.at.clone();
    let hidden = at
        .others(&["q", "level", "all"])
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    let level = at.get("level").to_owned();
    let options = [("", "Every level"), ("warn", "Warnings and errors"), ("error", "Errors only")]
        .map(|(value, label)| view! { <option value=value selected={value == level}>{label}</option> })
        .into_iter()
        .collect_view();
    let (times, turned) =
        if at.get("times") == "since" { ("Show the time of day", "") } else { ("Show times since the begin", "since") };
    let active = !at.get("q").is_empty() || !level.is_empty() || at.get("all") == "1";
    let clear = active.then(|| view! { <a class=ButtonStyle::Quiet.class() href=at.with("q", "").with("level", "").with("all", "").href()>"Clear"</a> });
    view! {
        <form method="get" action=at.path.clone() class="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2" role="search" aria-label="Filter the log">
            {hidden}
            <input class="control w-44 max-sm:w-full" type="search" name="q" value=at.get("q").to_owned() placeholder="Find in the log" aria-label="Find in the log" data-key="/"/>
            <select class="control control-select w-44 max-sm:w-full" name="level" aria-label="Level">{options}</select>
            <label class="flex min-h-8 items-center gap-2 text-sm"><input class="tick" type="checkbox" name="all" value="1" checked={at.get("all") == "1"}/>"All steps"</label>
            <button type="submit" class=ButtonStyle::Secondary.class()>"Apply"</button>
            {clear}
            <a class=format!("{} sm:ms-auto", ButtonStyle::Quiet.class()) href=at.with("times", turned).href() aria-label=times title=times><Icon of=Glyph::Clock/></a>
            <button type="button" class=format!("scripted {}", ButtonStyle::Quiet.class()) data-copy=page.link.clone() aria-label="Copy a link to this view" title="Copy a link to this view"><Icon of=Glyph::Copy/></button>
            <a class=ButtonStyle::Quiet.class() href=format!("{}/log", page.path)><Icon of=Glyph::Download/>"Download"</a>
        </form>
    }
}
