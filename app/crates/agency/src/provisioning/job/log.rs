//! The filter of the log by text, level and step, which is in the address, and the link that downloads the whole log.

use chrono::{DateTime, Utc};
use domain::provisioning::AttemptView;
use kit::{ButtonStyle, Glyph, Icon};
use leptos::prelude::*;

use super::view::JobPageContext;

/// True if a moment lies within an attempt. Without an attempt it is always true.
#[must_use]
pub fn within(at: DateTime<Utc>, attempt: Option<&AttemptView>) -> bool {
    attempt.is_none_or(|one| at >= one.started_at && one.finished_at.is_none_or(|end| at <= end))
}

/// The filter by text, level and step: a form that is sent as a GET request.
#[component]
pub fn Filter(
    /// The job.
    page: JobPageContext,
) -> impl IntoView {
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
        if at.get("times") == "since" { ("Show time of day", "") } else { ("Show elapsed time", "since") };
    let active = !at.get("q").is_empty() || !level.is_empty() || at.get("all") == "1";
    let clear = active.then(|| view! { <a class=ButtonStyle::Quiet.class() href=at.with("q", "").with("level", "").with("all", "").href()>"Clear"</a> });
    // While the job runs, its monitor adds lines for the filter with which the page was opened.
    let live = page.job.row.status.is_finished().then_some("log");
    view! {
        <form method="get" action=at.path.clone() data-live-search=live class="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2" role="search" aria-label="Filter the log">
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
