//! The worker processes with their last heartbeat, and the queues with what waits in them.

use domain::work::Queue;
use kit::{Address, Ago, Card, Column, Empty, Row, StatusPill, Table, Tone, grouped};
use leptos::prelude::*;
use store::platform::Process;
use store::queue::QueueDepth;

/// The worker processes.
#[component]
pub(super) fn Workers(
    /// The processes, the last heard first.
    processes: Vec<Process>,
) -> impl IntoView {
    if processes.is_empty() {
        return view! {
            <div id="workers"><Card title="Workers"><p class="text-fg-2">"None has reported in the last day. Start one with "<code>"slipway worker"</code>"."</p></Card></div>
        }
        .into_any();
    }
    let lines = processes.into_iter().map(|one| {
        let (tone, word) = if one.is_silent { (Tone::Failed, "Silent") } else { (Tone::Ok, "Running") };
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span class="min-w-0 grow truncate font-medium">{one.host}</span>
                <StatusPill tone=tone plain=true>{word}</StatusPill>
                <span class="w-full text-sm text-fg-2">"Last heartbeat "<Ago at=one.seen_at/>", started "<Ago at=one.started_at/>", version "{one.version}</span>
            </li>
        }
    });
    view! { <div id="workers"><Card title="Workers"><ul class="flex flex-col gap-3">{lines.collect_view()}</ul></Card></div> }.into_any()
}

/// The queues: what waits, what runs and what failed.
#[component]
pub(super) fn Queues(
    /// The queues.
    queues: Vec<QueueDepth>,
) -> impl IntoView {
    let columns = vec![
        Column::plain("Queue"),
        Column::plain("Waiting").number(),
        Column::plain("Running").number(),
        Column::plain("Failed").number(),
        Column::plain("Oldest").named(),
    ];
    let rows = queues.into_iter().map(line).collect::<Vec<_>>();
    let empty = view! { <Empty title="No queues" text="They appear once the database is set up."></Empty> };
    view! {
        <section id="queues">
            <h2 class="pb-2 text-md font-semibold">"Queues"</h2>
            <Table caption="Queues" noun=("queue", "queues") region="queues" topics="" at=Address::current() columns=columns rows=rows empty=empty.into_any()/>
        </section>
    }
}

fn line(queue: QueueDepth) -> Row {
    let failed = if queue.failed > 0 {
        view! { <a class="text-bad underline underline-offset-2" href="#failed">{grouped(queue.failed)}</a> }.into_any()
    } else {
        "0".into_any()
    };
    Row {
        cells: vec![
            view! { <span class="font-medium">{named(&queue.queue)}</span> }.into_any(),
            grouped(queue.waiting).into_any(),
            grouped(queue.running).into_any(),
            failed,
            queue.oldest_ready.map_or_else(|| ().into_any(), |at| view! { <Ago at=at/> }.into_any()),
        ],
        key: queue.queue,
        href: None,
    }
}

/// The name of a queue as people read it. One that only another version knows is shown as it is.
fn named(key: &str) -> String {
    let name = match Queue::parse(key) {
        Some(Queue::Provisioning) => "Jobs",
        Some(Queue::Background) => "Background tasks",
        Some(Queue::Mail) => "Emails",
        Some(Queue::WebhooksOut) => "Webhooks",
        Some(Queue::Imports) => "Imports",
        Some(Queue::MessagesIn) => "Messages from customers",
        Some(Queue::MessagesOut) => "Messages to customers",
        Some(Queue::Media) => "Message attachments",
        Some(Queue::Assistant) => "AI replies",
        Some(Queue::Rehearsals) => "AI rehearsals",
        Some(Queue::ToolServers) => "Tool server checks",
        None => key,
    };
    name.to_owned()
}
