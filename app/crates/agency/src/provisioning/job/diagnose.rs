//! Explains why a step takes much longer than usual: what is known about it, with evidence, and the one button
//! that helps.

use chrono::{DateTime, Utc};
use domain::integration::IntegrationStatus;
use domain::provisioning::{CallLine, JobLease, JobStatus, Operation, StepStatus, StepView};
use islands::job::{self, StepState};
use kit::labels::integration::tone;
use kit::labels::provisioning as labels;
use kit::time::{now, span};
use kit::{Ago, ButtonLink, ButtonStyle, Elapsed, KeyValue, KeyValues, PostButton, StatusPill, Tone, Until};
use leptos::prelude::*;

use super::head::{step_usually, usually};
use super::view::JobPageContext;

/// Seconds since the last call after which HighLevel counts as silent.
const PATIENCE: i64 = 60;

/// What is known about a step beyond the job itself.
#[derive(Clone)]
pub struct Diagnosis {
    /// The job's last call to HighLevel; `None` if there was none yet.
    pub last: Option<CallLine>,
    /// The state of the agency's integration.
    pub connection: IntegrationStatus,
}

/// True if a running step has taken more than three times as long as nine in ten did.
#[must_use]
pub fn is_stuck(step: &StepView) -> bool {
    job::is_stuck(&StepState::from(step), now())
}

/// The finding: what holds the step up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The step is over or has not begun.
    Nothing,
    /// The job asks a person or has failed. The card above says what to do.
    Person,
    /// The integration has to be repaired first.
    Integration,
    /// The worker is gone: its lease has expired.
    Lost,
    /// HighLevel's rate limit is used up.
    Limited,
    /// The job waits for its next attempt or poll.
    WaitingForNextAttempt,
    /// The job waits in the queue.
    Queued,
    /// A worker has the job, but HighLevel has not answered for a while.
    Silent,
    /// A worker has the job, and calls are answered.
    Slow,
}

impl Finding {
    /// The finding that the facts support.
    #[must_use]
    pub fn of(
        status: JobStatus,
        step: Option<StepStatus>,
        hold: JobLease,
        facts: &Diagnosis,
        at: DateTime<Utc>,
    ) -> Self {
        match status {
            _ if step != Some(StepStatus::Started) || status.is_finished() && status != JobStatus::Failed => {
                Self::Nothing
            }
            JobStatus::Failed | JobStatus::AwaitingInput => Self::Person,
            _ if facts.connection.state.needs_person() => Self::Integration,
            JobStatus::InProgress if hold.until.is_none_or(|until| until < at) => Self::Lost,
            _ if facts.last.as_ref().is_some_and(|call| call.status == Some(429) || call.quota_left == Some(0)) => {
                Self::Limited
            }
            JobStatus::Retrying => Self::WaitingForNextAttempt,
            JobStatus::Pending => Self::Queued,
            _ if facts.last.as_ref().is_none_or(|call| (at - call.at).num_seconds() > PATIENCE) => Self::Silent,
            _ => Self::Slow,
        }
    }

    /// The text of the finding: what it means and what to press.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Nothing => ("This step is not running.", "Nothing to do."),
            Self::Person => ("It waits for a person.", "Use one of the buttons above."),
            Self::Integration => {
                ("The HighLevel connection needs a person.", "Reconnect HighLevel; the job then continues by itself.")
            }
            Self::Lost => (
                "The worker running it stopped.",
                "Nothing to do – another one takes over within about a minute. If this doesn't change, no worker is running: tell your Slipway administrator.",
            ),
            Self::Limited => (
                "HighLevel is rate-limiting us.",
                "Nothing to do – we'll continue as soon as the limit resets. Fewer jobs at once leave more calls to each.",
            ),
            Self::WaitingForNextAttempt => (
                "It waits until it checks again.",
                "Check now skips the wait. That's safe: nothing is ever sent twice.",
            ),
            Self::Queued => ("It waits in the queue.", "Nothing to do – it starts when a worker is free."),
            Self::Silent => (
                "HighLevel hasn't answered for a while.",
                "Give it a minute: a call ends by itself after 45 seconds, and we check what it did before repeating anything. Cancel takes effect after the current call.",
            ),
            Self::Slow => (
                "It's working, only slower than usual.",
                "Nothing to do – HighLevel is answering. It's slow today, or this client is larger than most.",
            ),
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Nothing | Self::Queued => Tone::Waiting,
            Self::Person => Tone::Asks,
            Self::Integration | Self::Lost => Tone::Failed,
            Self::Limited | Self::WaitingForNextAttempt => Tone::Retrying,
            Self::Silent | Self::Slow => Tone::Warn,
        }
    }
}

/// The card: the finding, what to press, and the facts behind it.
#[component]
pub fn Diagnose(
    /// The job.
    page: JobPageContext,
    /// The step.
    step: StepView,
    /// What else is known.
    facts: Diagnosis,
) -> impl IntoView {
    let status = page.job.row.status;
    let finding = Finding::of(status, step.status, page.hold, &facts, now());
    let (what, press) = finding.words();
    let button = press_for(&page, finding);
    view! {
        <div class="flex flex-col gap-4 p-4 text-sm">
            <div class="flex flex-col gap-1.5">
                <h3 class="text-md font-semibold"><StatusPill tone=finding.tone() plain=true>{what}</StatusPill></h3>
                <p class="max-w-[68ch] text-fg-2">{press}</p>
                {button.map(|button| view! { <div class="pt-1">{button}</div> })}
            </div>
            <Facts page step facts/>
        </div>
    }
}

fn press_for(page: &JobPageContext, finding: Finding) -> Option<AnyView> {
    match finding {
        Finding::Integration => Some(view! { <ButtonLink href=format!("/a/{}/connections", page.agency) look=ButtonStyle::Primary>"Open Connections"</ButtonLink> }.into_any()),
        Finding::WaitingForNextAttempt if page.may && page.job.operations.contains(&Operation::Retry) => {
            Some(view! { <PostButton action="/do/retry_job" hidden=page.hidden() look=ButtonStyle::Primary>"Check now"</PostButton> }.into_any())
        }
        _ => None,
    }
}

/// The facts behind the finding.
#[component]
fn Facts(page: JobPageContext, step: StepView, facts: Diagnosis) -> impl IntoView {
    let row = page.job.row.clone();
    let worker = worker(page.hold, row.status);
    let call = last_call(facts.last.as_ref());
    let quota = facts.last.as_ref().and_then(|call| call.quota_left).map_or_else(
        || "Not known yet".to_owned(),
        |left| format!("{left} calls left in the window, as of the last call"),
    );
    let waits = step.waiting.clone().map(|waiting| {
        view! { <KeyValue name="Waiting">{waiting.reason}" \u{b7} "<Until at=waiting.until past="a moment"/>" left"</KeyValue> }
    });
    let left = row.max_retries.saturating_sub(row.retry_count).max(0);
    let retries = format!("{left} of {} left, then a person is asked", row.max_retries);
    let taken = step.started_at.map(|since| view! { <Elapsed since=since until=step.finished_at/> });
    let usual = step_usually(step.typical).unwrap_or_else(|| "no history yet".to_owned());
    let usual_job = usually(page.job.typical).unwrap_or_else(|| "no history yet".to_owned());
    view! {
        <KeyValues>
            <KeyValue name="This step">{taken}" \u{b7} "{usual}</KeyValue>
            <KeyValue name="Whole job">{usual_job}</KeyValue>
            <KeyValue name="Worker">{worker}</KeyValue>
            <KeyValue name="Last call">{call}</KeyValue>
            <KeyValue name="HighLevel's limit">{quota}</KeyValue>
            {waits}
            <KeyValue name="Retries">{retries}</KeyValue>
            <KeyValue name="Connection">
                <StatusPill tone=tone(facts.connection.state) plain=true>{facts.connection.state.label()}</StatusPill>
                <span class="block text-fg-2">{facts.connection.because}</span>
            </KeyValue>
        </KeyValues>
    }
}

fn worker(hold: JobLease, status: JobStatus) -> AnyView {
    let times = match hold.claims {
        0 => "Not picked up yet".to_owned(),
        1 => "picked up once".to_owned(),
        n => format!("picked up {n} times"),
    };
    match hold.until {
        _ if status.is_finished() => view! { "None: the job has ended \u{b7} "{times} }.into_any(),
        Some(until) if status == JobStatus::InProgress && until >= now() => {
            view! { "Working: its claim is good for "<Until at=until past="a moment"/>" \u{b7} "{times} }.into_any()
        }
        Some(until) if status == JobStatus::InProgress => {
            view! { "Gone: its claim ended "<Ago at=until/>" \u{b7} "{times} }.into_any()
        }
        _ if status == JobStatus::Pending => match hold.ahead {
            0 => view! { "None yet; next in line for your agency" }.into_any(),
            n => view! { {format!("None yet; {n} of your agency's jobs are ahead of it")} }.into_any(),
        },
        _ => view! { "Waiting, not using a worker \u{b7} "{times} }.into_any(),
    }
}

fn last_call(call: Option<&CallLine>) -> AnyView {
    let Some(call) = call.cloned() else { return "none yet".into_any() };
    let status = call.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    view! {
        <span class="font-mono text-xs break-all">{call.method}" "{call.endpoint}</span>
        <span class="block text-fg-2">
            <StatusPill tone=labels::call(call.status) plain=true>{status}</StatusPill>
            {format!(" {} \u{b7} {} \u{b7} ", call.outcome, span(i64::from(call.ms)))}<Ago at=call.at/>
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::integration::State;

    use super::*;

    fn facts(
        state: State,
        until: Option<i64>,
        call: Option<(i64, Option<i32>)>,
    ) -> (Diagnosis, JobLease, DateTime<Utc>) {
        let at = now();
        let last = call.map(|(ago, status)| CallLine {
            at: at - TimeDelta::seconds(ago),
            method: "GET".to_owned(),
            endpoint: "/locations/{id}".to_owned(),
            status,
            outcome: "ok".to_owned(),
            ms: 200,
            request_id: None,
            quota_left: Some(40),
        });
        let hold = JobLease { until: until.map(|seconds| at + TimeDelta::seconds(seconds)), claims: 1, ahead: 0 };
        (Diagnosis { last, connection: IntegrationStatus { state, because: String::new() } }, hold, at)
    }

    #[test]
    fn the_finding_is_the_worst_that_the_facts_show() {
        let running = Some(StepStatus::Started);
        let cases = [
            (JobStatus::InProgress, State::Working, Some(30), Some((5, Some(200))), Finding::Slow),
            (JobStatus::InProgress, State::Working, Some(30), Some((90, Some(200))), Finding::Silent),
            (JobStatus::InProgress, State::Working, Some(30), Some((5, Some(429))), Finding::Limited),
            (JobStatus::InProgress, State::Working, Some(-5), Some((5, Some(200))), Finding::Lost),
            (JobStatus::InProgress, State::Expired, Some(-5), Some((5, Some(200))), Finding::Integration),
            (JobStatus::Retrying, State::Working, None, Some((5, Some(200))), Finding::WaitingForNextAttempt),
            (JobStatus::Pending, State::Working, None, None, Finding::Queued),
            (JobStatus::Failed, State::Working, None, None, Finding::Person),
            (JobStatus::Completed, State::Working, None, None, Finding::Nothing),
        ];
        for (status, state, until, call, wanted) in cases {
            let (facts, hold, at) = facts(state, until, call);
            assert_eq!(
                Finding::of(status, running, hold, &facts, at),
                wanted,
                "{status:?} {state:?} {until:?} {call:?}"
            );
        }
        let (facts, hold, at) = facts(State::Working, None, None);
        assert_eq!(Finding::of(JobStatus::InProgress, None, hold, &facts, at), Finding::Nothing);
    }
}
