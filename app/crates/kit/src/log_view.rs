//! Shows a log as real text: lines with a time and a level, which the browser's own search finds. Announcements
//! are off. The view follows the end of the log while it is scrolled there (the live island does that), and every
//! line has an address of its own.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::chip::Tone;
use crate::time::ClockTime;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Stable key; the line's address is `#line-<key>`.
    pub key: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The moment that times count from; `None` shows the time of day.
    pub since: Option<DateTime<Utc>>,
    /// Level of the line; `Waiting` is an ordinary line.
    pub tone: Tone,
    /// Text of the line, with secrets masked.
    pub text: String,
    /// Collapsed details of the line, such as numbers, ids or an answer, with secrets masked. `None` if there are
    /// none.
    pub detail: Option<String>,
}

/// Lines in the order they were written.
#[component]
pub fn LogView(
    /// What the log is of, for assistive technology.
    #[prop(into)]
    label: String,
    /// The lines.
    lines: Vec<LogLine>,
    /// Text that is shown before the first line.
    #[prop(default = "Nothing logged yet.".to_owned(), into)]
    empty: String,
) -> impl IntoView {
    let none = lines.is_empty().then(|| view! { <p class="p-3 text-fg-3">{empty}</p> });
    view! { <div class="log" role="log" aria-live="off" aria-label=label tabindex="0" data-follow>{none}<LogLines lines=lines/></div> }
}

/// The lines of a log without its frame, for lines that are added to a log on the page.
#[component]
pub fn LogLines(
    /// The lines.
    lines: Vec<LogLine>,
) -> impl IntoView {
    lines.into_iter().map(line).collect_view()
}

fn line(line: LogLine) -> impl IntoView {
    let mark = match line.tone {
        Tone::Failed => "log-line log-bad",
        Tone::Warn | Tone::Retrying | Tone::Asks => "log-line log-warn",
        Tone::Ok => "log-line log-ok",
        _ => "log-line",
    };
    let word = match line.tone {
        Tone::Failed => "Error: ",
        Tone::Warn | Tone::Retrying | Tone::Asks => "Warning: ",
        _ => "",
    };
    let anchor = format!("line-{}", line.key);
    let text = view! { <span class="sr-only">{word}</span>{line.text} };
    let said = match line.detail {
        None => view! { <span class="min-w-0">{text}</span> }.into_any(),
        Some(detail) => view! { <details class="log-more"><summary>{text}<span class="log-dots" aria-hidden="true">"\u{2026}"</span></summary><pre>{detail}</pre></details> }.into_any(),
    };
    view! {
        <div class=mark id=anchor.clone()>
            <a class="log-time" href=format!("#{anchor}")><ClockTime at=line.at since=line.since/></a>
            {said}
        </div>
    }
}
