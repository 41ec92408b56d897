//! Progress indicators: a native bar for one number, a segmented bar for parts in different states, and a row of dots
//! for the steps of a job. Widths are SVG geometry, because the content security policy forbids inline styles.

use leptos::prelude::*;

use crate::chip::Tone;
use crate::tenths;

/// A bar for one number and its maximum.
#[component]
pub fn Progress(
    /// What is measured, for assistive technology.
    #[prop(into)]
    label: String,
    /// Current value.
    value: u32,
    /// Maximum value.
    max: u32,
    /// Tone of the bar; use `Warn` near a limit.
    #[prop(default = Tone::Running)]
    tone: Tone,
) -> impl IntoView {
    let class = format!("progress {}", tone.text());
    view! { <progress class=class value=value.to_string() max=max.max(1).to_string() aria-label=label>{format!("{value} of {max}")}</progress> }
}

/// One part of a segmented bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What the part counts: "done".
    pub label: String,
    /// The count.
    pub count: u32,
    /// Tone of the part.
    pub tone: Tone,
}

/// A bar of parts; the width of each part is proportional to its count.
#[component]
pub fn SegmentBar(
    /// The parts, in order.
    parts: Vec<Segment>,
) -> impl IntoView {
    let total = parts.iter().map(|part| part.count).sum::<u32>().max(1);
    let label = parts
        .iter()
        .filter(|part| part.count > 0)
        .map(|part| format!("{} {}", part.count, part.label))
        .collect::<Vec<_>>()
        .join(", ");
    // Positions in tenths.
    let share = |count: u32| i64::from(count) * 10_000 / i64::from(total);
    let mut before = 0;
    let bars = parts
        .into_iter()
        .filter(|part| part.count > 0)
        .map(|part| {
            let left = share(before);
            before += part.count;
            let width = (share(before) - left - 30).max(10);
            view! { <rect class=ground(part.tone) x=tenths(left) y="0" width=tenths(width) height="4" fill="currentColor" /> }
        })
        .collect_view();
    view! { <svg class="h-1 w-full overflow-hidden rounded-full" viewBox="0 0 1000 4" preserveAspectRatio="none" role="img" aria-label=label>{bars}</svg> }
}

/// The steps of a job as a row of dots; the words are read aloud, not shown.
#[component]
pub fn StepDots(
    /// One tone per step, in order.
    steps: Vec<Tone>,
    /// The same in words: "step 5 of 11, running".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let dots = steps.into_iter().map(|tone| view! { <i class=ground(tone)></i> }).collect_view();
    view! { <span class="dots" role="img" aria-label=label>{dots}</span> }
}

/// The CSS class for the colour of a filled shape; what has not begun or was cancelled is faint.
const fn ground(tone: Tone) -> &'static str {
    match tone {
        Tone::Waiting | Tone::Cancelled => "text-trace",
        _ => tone.text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_bar_fill_it_in_their_order() {
        let part = |count| Segment { label: "done".to_owned(), count, tone: Tone::Ok };
        let parts = vec![part(1), part(0), part(9), part(1)];
        let html = Owner::new().with(|| view! { <SegmentBar parts/> }.to_html());
        for place in ["x=\"0.0\"", "x=\"90.9\"", "x=\"909.0\"", "width=\"87.9\"", "width=\"88.0\""] {
            assert!(html.contains(place), "{place} is missing in {html}");
        }
        assert_eq!(html.matches("<rect").count(), 3);
    }
}
