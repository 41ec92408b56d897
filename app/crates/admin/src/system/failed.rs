//! Background tasks that failed for good, by kind, and what a super admin may do with them.

use domain::work::Kind;
use kit::{Address, Ago, ButtonStyle, Column, Confirm, Empty, Row, Table};
use leptos::prelude::*;
use store::queue::GivenUp;

/// Background work that failed for good, by kind: how many items, when the last one was given up, and why.
#[component]
pub(super) fn FailedWork(
    /// The failed work, one entry per kind.
    work: Vec<GivenUp>,
    /// True if the viewer may run it again and discard it.
    may: bool,
) -> impl IntoView {
    let columns = vec![
        Column::plain("Task"),
        Column::plain("Tasks").number(),
        Column::plain("Last failed"),
        Column::plain("Last error"),
        Column::plain(""),
    ];
    let row = |one: GivenUp| Row {
        cells: vec![
            view! { <span class="font-medium">{named(&one.kind)}</span> }.into_any(),
            one.count.to_string().into_any(),
            view! { <Ago at=one.last_at/> }.into_any(),
            view! { <span class="break-words text-fg-2">{one.cause}</span> }.into_any(),
            may.then(|| given_up_actions(&one.kind)).into_any(),
        ],
        key: one.kind,
        href: None,
    };
    let rows = work.into_iter().map(row).collect::<Vec<_>>();
    let empty = view! { <Empty title="Nothing failed" text="Work that failed permanently appears here."></Empty> };
    view! {
        <section id="failed" class="mt-6">
            <h2 class="pb-1 text-md font-semibold">"Failed background tasks"</h2>
            <p class="pb-3 text-sm text-fg-2">"Each was tried several times and won't be retried automatically. They're kept for 90 days."</p>
            <Table caption="Failed background tasks" noun=("task", "tasks") region="given-up" topics="" at=Address::current() columns=columns rows=rows empty=empty.into_any()/>
        </section>
    }
}

/// What a super admin may do with given-up work of one kind.
fn given_up_actions(kind: &str) -> AnyView {
    let hidden = || vec![("kind", kind.to_owned())];
    view! {
        <div class="flex flex-wrap items-center justify-end gap-2">
            <Confirm action="/do/retry_given_up_work" label="Run again" verb="Run these tasks again" look=ButtonStyle::Quiet operation=ButtonStyle::Primary hidden=hidden()>
                <p>"All failed tasks of this kind run again, 500 at a time. Emails are sent only if they're still needed."</p>
            </Confirm>
            <Confirm action="/do/discard_given_up_work" label="Discard" verb="Discard these tasks" look=ButtonStyle::Quiet hidden=hidden()>
                <p>"All failed tasks of this kind are deleted and never run. This can't be undone."</p>
            </Confirm>
        </div>
    }
    .into_any()
}

/// The name of a kind of work as people read it. A kind that only another version knows is shown as it is.
fn named(kind: &str) -> String {
    let name = match Kind::parse(kind) {
        Some(Kind::RunJob) => "Provisioning jobs",
        Some(Kind::ResumeJobs) => "Resuming jobs after a reconnect",
        Some(Kind::UpdateLocation) => "Updating clients in HighLevel",
        Some(Kind::OffboardBusiness) => "Offboarding archived clients",
        Some(Kind::SweepMarkers) => "Looking for late sub-accounts",
        Some(Kind::RefreshCredential) => "Renewing tokens",
        Some(Kind::CheckIntegration) => "Checking connections",
        Some(Kind::SyncSnapshots) => "Reading snapshots",
        Some(Kind::SyncLocations) => "Reading sub-accounts",
        Some(Kind::ImportLocations) => "Importing sub-accounts",
        Some(Kind::CheckTodos) => "Checking to-dos",
        Some(Kind::UninstallApp) => "Removing the app from HighLevel",
        Some(Kind::SendMail) => "Sending mails",
        Some(Kind::QueueWebhooks) => "Queuing webhooks",
        Some(Kind::SendWebhook) => "Sending webhooks",
        Some(Kind::ReceiveMessages) => "Processing incoming messages",
        Some(Kind::SendMessages) => "Sending messages to customers",
        Some(Kind::FetchMedia) => "Loading message files",
        Some(Kind::SetUpChannel) => "Setting up channels",
        Some(Kind::CheckChannel) => "Checking channels",
        Some(Kind::LeaveChannel) => "Closing disconnected channels",
        Some(Kind::SyncTemplates) => "Reading message templates",
        Some(Kind::AnswerConversation) => "Assistant answers",
        Some(Kind::ReadKnowledge) => "Reading knowledge pages and files",
        Some(Kind::RehearseCase) => "Assistant rehearsals",
        Some(Kind::ProbeToolServer) => "Checking tool servers",
        Some(Kind::Sweep) => "Periodic work of the previous version",
        None => kind,
    };
    name.to_owned()
}
