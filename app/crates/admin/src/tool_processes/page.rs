//! The page "Tool processes": each process of every server with its client, its state and what it uses.

use std::collections::BTreeMap;

use domain::BusinessId;
use domain::identity::Role;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Ago, Banner, ButtonStyle, Column, Confirm, Empty, Glyph, PageHeader, PostButton, Region, Row, StatusPill,
    Table, Tone, grouped,
};
use leptos::prelude::*;
use operations::platform::tool_hosts::{self, HostView};
use operations::platform::tool_processes::{ProcessState, ProcessView};
use store::tenant::PlatformTx;
use uuid::Uuid;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

/// A process and the server that runs it.
struct Placed {
    process: ProcessView,
    /// The id of the server.
    host: Uuid,
    /// Its name; `None` for this one until it reported itself.
    name: Option<String>,
}

/// What the page shows.
struct Shown {
    processes: Vec<Placed>,
    names: BTreeMap<BusinessId, String>,
    all_stopped: bool,
    may: bool,
}

/// The processes of tool servers.
#[component]
pub fn ToolProcesses() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let Shown { processes, names, all_stopped, may } = read(&context).await?;
        let rows: Vec<Row> = processes.into_iter().map(|placed| line(placed, &names, may)).collect();
        let frame = frame(&context, vec![Crumb::current("Tool processes")]);
        let switch = may.then(|| view! { <Switch all_stopped/> });
        let stopped = all_stopped.then(
            || view! { <div class="pb-4"><Banner tone=Tone::Warn text="AI tools are stopped for every client."/></div> },
        );
        let empty = view! {
            <Region key="processes" topics="tool_call.changed:* tool_process.changed:*">
                <Empty title="No running processes" text="A process starts when an AI agent calls a tool of a third-party tool server, and stops after ten idle minutes."/>
            </Region>
        };
        Ok(view! {
            <PageTitle text="Tool processes"/>
            <Shell frame=frame>
                <PageHeader title="Tool processes" meta="What third-party tool servers run right now, for each client.".into_any()>{switch}</PageHeader>
                {stopped}
                <Table
                    caption="Tool processes" noun=("process", "processes")
                    region="processes" topics="tool_call.changed:* tool_process.changed:*"
                    at=at columns=columns() rows=rows empty=empty.into_any()
                />
            </Shell>
        })
    })
}

async fn read(context: &ServerContext) -> Result<Shown> {
    let mut tx = context.platform_page().await?;
    let all_stopped = store::tools::kill::all_stopped(&mut tx).await?;
    let processes = placed(context, tool_hosts::hosts(&mut tx).await?).await;
    let names = names(&mut tx, &processes).await?;
    tx.commit().await?;
    let may = context.caller()?.platform == Some(Role::SuperAdmin);
    Ok(Shown { processes, names, all_stopped, may })
}

/// The processes of this server as they are now, and those of the others as these said last.
async fn placed(context: &ServerContext, hosts: Vec<HostView>) -> Vec<Placed> {
    let mut all = Vec::new();
    let own = context.state.tool_processes.get();
    if let Some(own) = own {
        let host = own.host();
        let name = hosts.iter().find(|one| one.id == host).map(|one| one.host.clone());
        all.extend(own.shown().await.into_iter().map(|process| Placed { process, host, name: name.clone() }));
    }
    for HostView { id: host, host: name, processes } in hosts {
        if own.is_none_or(|own| own.host() != host) {
            all.extend(processes.into_iter().map(|process| Placed { process, host, name: Some(name.clone()) }));
        }
    }
    all
}

/// The names of the clients that have a process.
async fn names(tx: &mut PlatformTx, processes: &[Placed]) -> Result<BTreeMap<BusinessId, String>> {
    let mut names = BTreeMap::new();
    for Placed { process, .. } in processes {
        if names.contains_key(&process.business) {
            continue;
        }
        match store::platform::business(tx, process.business).await {
            Err(store::Error::NotFound) => {}
            known => {
                names.insert(process.business, known?.row.name);
            }
        }
    }
    Ok(names)
}

/// The switch that stops the tools of everybody.
#[component]
fn Switch(all_stopped: bool) -> impl IntoView {
    if all_stopped {
        return view! { <PostButton action="/do/resume_all_tools" icon=Glyph::Play>"Turn AI tools back on"</PostButton> }
            .into_any();
    }
    view! {
        <Confirm action="/do/stop_all_tools" label="Stop all AI tools" verb="Stop all AI tools" look=ButtonStyle::Danger icon=Glyph::Stop>
            "Every AI agent of every client is refused until you turn the tools back on. Calls that already started run to their end."
        </Confirm>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::plain("Client").lead(),
        Column::plain("State").mark(),
        Column::plain("Tool server"),
        Column::plain("Runs on"),
        Column::plain("Process").number().wide_only(),
        Column::plain("Calls").number(),
        Column::plain("Memory").number().wide_only(),
        Column::plain("Restarts").number().wide_only(),
        Column::plain("Started"),
        Column::plain("Last used"),
        Column::plain(""),
    ]
}

const fn state(state: ProcessState) -> (Tone, &'static str) {
    match state {
        ProcessState::Starting => (Tone::Running, "Starting"),
        ProcessState::Running => (Tone::Ok, "Running"),
        ProcessState::BackingOff => (Tone::Failed, "Keeps crashing"),
        ProcessState::Stopping => (Tone::Cancelled, "Stopping"),
    }
}

/// One process.
fn line(placed: Placed, names: &BTreeMap<BusinessId, String>, may: bool) -> Row {
    let Placed { process, host, name } = placed;
    let (tone, word) = state(process.state);
    let client = names.get(&process.business).cloned().unwrap_or_else(|| process.business.to_string());
    let calls = match process.in_use {
        0 => count(process.calls),
        busy => format!("{} ({busy} now)", count(process.calls)),
    };
    let ago = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or_else(|| "\u{2014}".into_any(), |at| view! { <Ago at/> }.into_any())
    };
    let memory =
        process.memory.map_or_else(|| "\u{2014}".to_owned(), |bytes| format!("{} MB", count(bytes / 1_000_000)));
    let acts = may.then(|| acts(&process.id, host, &client));
    let key = format!("{host}:{}", process.id);
    Row {
        href: Some(format!("/admin/businesses/{}", process.business)),
        cells: vec![
            view! { <span class="font-medium">{client}</span> }.into_any(),
            view! { <StatusPill tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <span class="break-all">{process.server}</span> }.into_any(),
            name.unwrap_or_else(|| "this server".to_owned()).into_any(),
            process.pid.map_or_else(|| "\u{2014}".to_owned(), |pid| pid.to_string()).into_any(),
            calls.into_any(),
            memory.into_any(),
            count(process.restarts).into_any(),
            ago(process.started_at),
            ago(process.used_at),
            acts.into_any(),
        ],
        key,
    }
}

/// The ways to stop and restart a process.
fn acts(id: &str, host: Uuid, client: &str) -> AnyView {
    let hidden = || vec![("process", id.to_owned()), ("host", host.to_string())];
    let about = format!(" of {client}");
    let restart_about = about.clone();
    view! {
        <span class="flex flex-wrap justify-end gap-1">
            <PostButton action="/do/restart_tool_process" look=ButtonStyle::Quiet hidden=hidden()>"Restart"<span class="sr-only">{restart_about}</span></PostButton>
            <PostButton action="/do/stop_tool_process" look=ButtonStyle::Quiet hidden=hidden()>"Stop"<span class="sr-only">{about}</span></PostButton>
        </span>
    }
    .into_any()
}

/// A count as people read it.
fn count(count: u64) -> String {
    grouped(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_state_has_a_word_and_a_shape_of_its_own() {
        let all = [ProcessState::Starting, ProcessState::Running, ProcessState::BackingOff, ProcessState::Stopping];
        assert_eq!(all.map(|one| state(one).1).into_iter().collect::<BTreeSet<_>>().len(), all.len());
        assert_eq!(all.map(|one| state(one).0).into_iter().collect::<std::collections::HashSet<_>>().len(), all.len());
    }
}
