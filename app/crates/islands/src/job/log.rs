//! The log of a step or of the whole job: plain text, oldest line first, which the browser's own search finds.

use chrono::{DateTime, Utc};
use domain::provisioning::Step;
use kit::labels::provisioning as labels;
use kit::{Address, LogLine, LogLines, LogView, Region};
use leptos::prelude::*;

use super::state::{JobState, LogEntry};

/// Maximum number of log lines shown at once. The download has the rest.
pub const LINES: u16 = 2_000;

/// The log.
#[component]
pub fn StepLog(
    /// The job.
    state: JobState,
    /// Its lines, oldest first.
    lines: Vec<LogEntry>,
    /// True if older ones are left out.
    more: bool,
    /// The address of the page.
    here: Address,
    /// The topics that it shows.
    topics: String,
) -> impl IntoView {
    let filtered = !here.get("q").is_empty() || !here.get("level").is_empty();
    let lines = shown(&state, &lines, &here);
    let (label, empty) = match (filtered, here.get("all") == "1") {
        (true, _) => ("Log, filtered", "No line matches. Clear the filter to see everything."),
        (false, true) => ("Log of the job", "Nothing logged yet."),
        (false, false) => ("Log of this step", "Nothing logged for this step yet."),
    };
    let older = more.then(|| view! { <p class="border-b border-line px-4 py-2 text-xs text-fg-3">"Older lines aren't shown. Download the log to see them all."</p> });
    view! { <Region key="log" topics>{older}<LogView label=label lines=lines empty=empty/></Region> }
}

/// Lines that are added to the log on the page.
#[component]
pub(super) fn MoreLines(
    /// The job.
    state: JobState,
    /// The lines, oldest first.
    lines: Vec<LogEntry>,
    /// The address of the page.
    here: Address,
) -> impl IntoView {
    let lines = shown(&state, &lines, &here);
    view! { <LogLines lines/> }
}

/// The lines that the address asks for, as they are shown.
fn shown(state: &JobState, lines: &[LogEntry], here: &Address) -> Vec<LogLine> {
    let all = here.get("all") == "1";
    // Times count from the start of the job when the address says so.
    let since = (here.get("times") == "since").then(|| state.row.started_at.unwrap_or(state.row.created_at));
    let chosen = state.selected.chosen(here);
    lines
        .iter()
        .filter(|line| chosen.is_none_or(|one| one.contains(line.at)))
        .map(|line| log_line(line, all, since))
        .collect()
}

/// A line as it is shown. Where the lines of several steps are mixed, each names its step.
#[must_use]
pub fn log_line(line: &LogEntry, mixed: bool, since: Option<DateTime<Utc>>) -> LogLine {
    let step = line.step.filter(|_| mixed).map(|step| format!("{}: ", Step::label(step))).unwrap_or_default();
    LogLine {
        key: line.id.to_string(),
        at: line.at,
        since,
        tone: labels::level(line.level, line.status),
        text: format!("{step}{}", line.message),
        detail: line.detail.clone(),
    }
}
