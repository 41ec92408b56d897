//! Which call to HighLevel has no answer yet? It is shown as soon as it is sent; after a few seconds also what happens
//! if no answer comes.

use chrono::{DateTime, Utc};
use domain::provisioning::CallInFlight;
use kit::{ClockTime, Region, StatusIcon, Tone};
use leptos::prelude::*;

/// The call that was sent and has no answer yet.
#[component]
pub fn InFlight(
    /// The call; `None` if none is on its way.
    call: Option<CallInFlight>,
    /// The moment for which it is shown.
    at: DateTime<Utc>,
    /// The topics that it shows.
    topics: String,
) -> impl IntoView {
    let content = call.map(|call| view! { <Call call at/> });
    view! { <Region key="flight" topics class="empty:hidden">{content}</Region> }
}

#[component]
fn Call(call: CallInFlight, at: DateTime<Utc>) -> impl IntoView {
    let (late, over) = (at >= call.late_at(), at >= call.gives_up_at());
    let tone = if late { Tone::Warn } else { Tone::Running };
    let said = match (late, over) {
        (_, true) => Some("HighLevel didn't answer in time. Checking what it did before anything is repeated."),
        (true, false) => Some("HighLevel hasn't answered yet. We'll check what it did before repeating anything."),
        (false, false) => None,
    };
    let ends = (!over).then(|| view! { ", no answer yet, gives up at "<ClockTime at=call.gives_up_at()/> });
    view! {
        <div class=format!("mb-4 flex gap-2.5 rounded-card px-3 py-2 text-sm {}", tone.filled()) role="status">
            <span class="mt-[3px]"><StatusIcon tone=tone/></span>
            <div class="min-w-0">
                {said.map(|said| view! { <p class="font-medium">{said}</p> })}
                <p class="break-words">
                    <span class="font-mono text-xs">{call.method}" "{call.endpoint}</span>
                    " sent "<ClockTime at=call.sent_at/>{ends}
                </p>
            </div>
        </div>
    }
}
