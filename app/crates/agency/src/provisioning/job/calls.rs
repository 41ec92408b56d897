//! Every call of a job to HighLevel: time, endpoint, answer, duration, and how much of the rate limit was left. A call
//! that was sent and has no answer yet stands at the end.
//! Steps run one after the other, so the calls of a step are those made while it ran.

use domain::provisioning::{CallInFlight, CallLine, StepView};
use kit::labels::provisioning as labels;
use kit::{ClockTime, CopyId, Elapsed, StatusIcon, Tone, counted};
use leptos::prelude::*;

use super::view::JobPageContext;

/// The calls of a step, or of the whole job.
#[component]
pub fn Calls(
    /// The job.
    page: JobPageContext,
    /// The step.
    step: StepView,
    /// The job's calls, oldest first.
    calls: Vec<CallLine>,
) -> impl IntoView {
    let all = page.at.get("all") == "1";
    let total = calls.len();
    let mine = |call: &CallLine| {
        step.started_at.is_some_and(|since| call.at >= since) && step.finished_at.is_none_or(|end| call.at <= end)
    };
    let calls: Vec<CallLine> = calls.into_iter().filter(|call| all || mine(call)).collect();
    // Only the current step can have a call on its way.
    let flight = page.flight.clone().filter(|_| all || page.job.row.current_step == Some(step.step));
    let shown = calls.len() + usize::from(flight.is_some());
    let shown = counted(i64::try_from(shown).unwrap_or(0), "call", "calls");
    let (words, href) =
        if all { ("Only this step", page.href("all", "")) } else { ("Whole job", page.href("all", "1")) };
    let switch = (all || calls.len() < total)
        .then(|| view! { <a class="underline underline-offset-2 hover:text-fg" href=href>{words}</a> });
    let table = if calls.is_empty() && flight.is_none() {
        view! { <p class="p-4 text-sm text-fg-3">"This step made no calls to HighLevel."</p> }.into_any()
    } else {
        view! { <CallTable calls flight/> }.into_any()
    };
    view! {
        <p class="flex gap-3 border-b border-line px-4 py-2 text-xs text-fg-3 tabular-nums">{shown}{switch}</p>
        {table}
    }
}

/// The row of a call that has no answer yet.
fn in_flight(call: CallInFlight) -> impl IntoView {
    let ends = call.gives_up_at();
    let CallInFlight { method, endpoint, sent_at } = call;
    view! {
        <tr role="row">
            <td role="cell" class="font-mono text-xs text-fg-3"><ClockTime at=sent_at/></td>
            <td role="cell" class="font-mono text-xs break-all text-fg"><span class="text-fg-3">{method}</span>" "{endpoint}</td>
            <td role="cell"><span class="inline-flex items-center gap-1.5 whitespace-nowrap"><StatusIcon tone=Tone::Running/>"no answer yet"</span></td>
            <td role="cell" class="text-end whitespace-nowrap"><Elapsed since=sent_at/></td>
            <td role="cell" colspan="3">"gives up at "<ClockTime at=ends/></td>
        </tr>
    }
}

#[component]
fn CallTable(calls: Vec<CallLine>, #[prop(optional_no_strip)] flight: Option<CallInFlight>) -> impl IntoView {
    let lines = calls
        .into_iter()
        .map(|call| {
            let status = call.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let request = call.request_id.map(|id| view! { <CopyId id=id/> });
            let left = call.quota_left.map(|left| format!("{left} left")).unwrap_or_default();
            view! {
                <tr role="row">
                    <td role="cell" class="font-mono text-xs text-fg-3"><ClockTime at=call.at/></td>
                    <td role="cell" class="font-mono text-xs break-all text-fg"><span class="text-fg-3">{call.method}</span>" "{call.endpoint}</td>
                    <td role="cell"><span class="inline-flex items-center gap-1.5 whitespace-nowrap"><StatusIcon tone=labels::call(call.status)/>{status}</span></td>
                    <td role="cell" class="text-end whitespace-nowrap">{format!("{} ms", call.ms)}</td>
                    <td role="cell" class="whitespace-nowrap">{call.outcome}</td>
                    <td role="cell" class="whitespace-nowrap">{request}</td>
                    <td role="cell" class="text-end whitespace-nowrap">{left}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="overflow-x-auto">
            <table class="table [&_th]:static" role="table">
                <caption class="sr-only">"Calls to HighLevel"</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Time"</th>
                        <th role="columnheader" scope="col">"Call"</th>
                        <th role="columnheader" scope="col">"Status"</th>
                        <th role="columnheader" scope="col" class="text-end">"Took"</th>
                        <th role="columnheader" scope="col">"Outcome"</th>
                        <th role="columnheader" scope="col">"Request"</th>
                        <th role="columnheader" scope="col" class="text-end">"Limit"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{lines}{flight.map(in_flight)}</tbody>
            </table>
        </div>
    }
}
