//! The page of tool servers: third-party programs whose tools the clients' AI agents can use, what each listed last, and
//! the form for a new one.

use domain::identity::Reach;
use domain::tool_servers::{NewToolServer, PREFIX, ToolServer, full_name};
use domain::{BusinessId, ToolCommandId, ToolServerId};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Ago, Button, ButtonStyle, Card, Choice, Confirm, Empty, Filled, Form, PageHeader, PostButton, Region, Select,
    StatusPill, TextField, Tone, counted,
};
use leptos::prelude::*;
use operations::tool_servers;
use store::phone_routes::Client;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

/// The changes that the list shows.
const TOPICS: &str = "tool_servers.changed:*";

/// Sets up a tool server, for one client or for all.
#[server(prefix = "/do", endpoint = "add_tool_server")]
pub async fn add_tool_server(prefix: String, command: String, #[server(default)] business: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let prefix = domain::text::line(&prefix);
    let command = command.parse::<ToolCommandId>().map_err(|_| Error::field("command", "Choose a program."))?;
    let business = match business.as_str() {
        "" => None,
        id => Some(id.parse::<BusinessId>().map_err(|_| Error::field("business", "Choose one of your clients."))?),
    };
    let told = format!("Tool server {prefix} added. Its tools will appear here in a moment.");
    tool_servers::add(&actor, &NewToolServer { prefix, command, business }).await?;
    flash_notice(&context, "add_tool_server", told).await
}

/// Turns a tool server on or off.
#[server(prefix = "/do", endpoint = "set_tool_server_active")]
pub async fn set_tool_server_active(server: ToolServerId, active: bool) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let prefix = tool_servers::set_active(&actor, server, active).await?;
    let word = if active { "on" } else { "off" };
    flash_notice(&context, "set_tool_server_active", format!("Tool server {prefix} turned {word}.")).await
}

/// Asks a tool server which tools it has.
#[server(prefix = "/do", endpoint = "ask_tool_server")]
pub async fn ask_tool_server(server: ToolServerId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    tool_servers::ask(&actor, server).await?;
    flash_notice(&context, "ask_tool_server", "Checking the tool server. The list updates when it answers.").await
}

/// Removes a tool server.
#[server(prefix = "/do", endpoint = "remove_tool_server")]
pub async fn remove_tool_server(server: ToolServerId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let prefix = tool_servers::remove(&actor, server).await?;
    flash_notice(&context, "remove_tool_server", format!("Tool server {prefix} removed.")).await
}

/// The page of tool servers.
#[component]
pub fn ToolServers() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let frame = frame(&context, vec![Crumb::current("Tool servers")]);
        if context.access()?.reach == Reach::Listed {
            return Ok(view! { <PageTitle text="Tool servers"/><Shell frame=frame><NotAll/></Shell> }.into_any());
        }
        let mut tenant = context.page().await?;
        let agency = tenant.access.slug.clone();
        let servers = store::tool_servers::list(&mut tenant.tx).await?;
        let commands = store::tool_servers::choices(&mut tenant.tx).await?;
        let clients = store::phone_routes::clients(&mut tenant.tx, None).await?;
        tenant.commit().await?;
        let filled = filled(&context.request, "add_tool_server");
        let of_list = agency.clone();
        Ok(view! {
            <PageTitle text="Tool servers"/>
            <Shell frame=frame>
                <PageHeader title="Tool servers" meta="Third-party programs that give your clients' AI agents more tools.".into_any()/>
                <div class="grid items-start gap-4 xl:grid-cols-[2fr_1fr]">
                    <Region key="servers" topics=TOPICS><List agency=of_list servers=servers/></Region>
                    <New agency commands clients filled/>
                </div>
            </Shell>
        }
        .into_any())
    })
}

/// What somebody sees who reaches only some clients: a server may serve all of them.
#[component]
fn NotAll() -> impl IntoView {
    view! {
        <PageHeader title="Tool servers"/>
        <Empty title="For all clients only" text="A tool server can work for every client, and you only have access to some of them. Ask an agency admin for access."/>
    }
}

#[component]
fn List(agency: String, servers: Vec<ToolServer>) -> impl IntoView {
    if servers.is_empty() {
        return view! { <Empty title="No tool servers yet" text="A tool server gives your clients' AI agents more tools, such as a price list or a booking system. Add one of the programs that your Slipway administrator approved."/> }.into_any();
    }
    let lines = servers.into_iter().map(|server| view! { <One agency=agency.clone() server=server/> }).collect_view();
    view! { <Card flush=true><ul>{lines}</ul></Card> }.into_any()
}

/// Tone and word of the state of a server.
fn state(server: &ToolServer) -> (Tone, &'static str) {
    match server {
        ToolServer { allowed: false, .. } => (Tone::Failed, "No longer allowed"),
        ToolServer { active: false, .. } => (Tone::Cancelled, "Off"),
        ToolServer { trouble: Some(_), .. } => (Tone::Failed, "Not answering"),
        ToolServer { probed_at: None, .. } => (Tone::Waiting, "Not checked yet"),
        ToolServer { set_aside, .. } if !set_aside.is_empty() => (Tone::Warn, "Some tools can't be used"),
        _ => (Tone::Ok, "Working"),
    }
}

/// A number of tools in words.
fn tools(number: usize) -> String {
    counted(i64::try_from(number).unwrap_or(i64::MAX), "tool", "tools")
}

#[component]
fn One(agency: String, server: ToolServer) -> impl IntoView {
    let (tone, word) = state(&server);
    let hidden = vec![("agency", agency), ("server", server.id.to_string())];
    let (turned, turn) = if server.active { ("false", "Turn off") } else { ("true", "Turn on") };
    let turning = hidden.iter().cloned().chain([("active", turned.to_owned())]).collect::<Vec<_>>();
    let serves = match (&server.business, &server.business_name) {
        (None, _) => "Every client".to_owned(),
        (Some(_), Some(name)) => name.clone(),
        (Some(_), None) => "One client".to_owned(),
    };
    let names = server.tools.iter().map(|tool| {
        view! { <li><code>{full_name(&server.prefix, &tool.name)}</code>" "<span class="text-fg-2">{tool.description.chars().take(160).collect::<String>()}</span></li> }
    });
    let names = names.collect_view();
    let aside = server.set_aside.iter().map(|one| {
        view! { <li><code>{one.name.clone()}</code>" "<span class="text-fg-2">{one.reason.clone()}</span></li> }
    });
    let aside = aside.collect_view();
    let aside = (!server.set_aside.is_empty()).then(|| {
        let title = format!("{} can't be used", tools(server.set_aside.len()));
        view! {
            <details>
                <summary class="fold text-sm text-warn">{title}</summary>
                <ul class="flex flex-col gap-1 break-words pt-2 text-sm">{aside}</ul>
            </details>
        }
    });
    let asked = server.probed_at.map(|at| view! { " · checked "<Ago at=at/> });
    let verb = format!("Remove {}", server.prefix);
    view! {
        <li class="flex flex-col gap-2 border-t border-line px-4 py-3 first:border-0">
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <div class="flex min-w-0 grow basis-60 flex-col gap-1">
                    <p class="flex flex-wrap items-center gap-2"><span class="font-medium">{server.prefix.clone()}</span><StatusPill tone=tone>{word}</StatusPill></p>
                    <p class="text-sm text-fg-2">{server.command.clone()}" · "{serves}{asked}</p>
                </div>
                <PostButton action="/do/ask_tool_server" look=ButtonStyle::Quiet hidden=hidden.clone()>"Check again"</PostButton>
                <PostButton action="/do/set_tool_server_active" look=ButtonStyle::Quiet hidden=turning>{turn}</PostButton>
                <Confirm action="/do/remove_tool_server" label="Remove" verb=verb look=ButtonStyle::Quiet hidden=hidden>"Your clients' AI agents lose its tools right away."</Confirm>
            </div>
            {server.trouble.clone().map(|why| view! { <p class="break-words text-sm text-fg-2">{why}</p> })}
            <details>
                <summary class="fold text-sm">{tools(server.tools.len())}</summary>
                <ul class="flex flex-col gap-1 break-words pt-2 text-sm">{names}</ul>
            </details>
            {aside}
        </li>
    }
}

#[component]
fn New(agency: String, commands: Vec<(ToolCommandId, String)>, clients: Vec<Client>, filled: Filled) -> impl IntoView {
    if commands.is_empty() {
        return view! { <Card title="New tool server"><p class="text-sm text-fg-2">"Your Slipway administrator hasn't approved any programs yet. Once they do, you can add one here."</p></Card> }.into_any();
    }
    let commands: Vec<Choice> = commands.into_iter().map(|(id, name)| Choice::new(id.to_string(), name)).collect();
    let clients: Vec<Choice> =
        clients.into_iter().map(|client| Choice::new(client.id.to_string(), client.name)).collect();
    let longest = u32::try_from(PREFIX).unwrap_or(u32::MAX);
    view! {
        <Card title="New tool server">
            <Form action="/do/add_tool_server" filled=filled hidden=vec![("agency", agency)]>
                <Select name="command" label="Program" choices=commands required=true help="Each client gets its own process, with access to its own sub-account only."/>
                <TextField name="prefix" label="Prefix" required=true maxlength=longest placeholder="crm" help="Starts the name of each tool: with crm, list_tags becomes crm_list_tags."/>
                <Select name="business" label="Client" choices=clients empty="Every client"/>
                <div><Button look=ButtonStyle::Primary>"Add tool server"</Button></div>
            </Form>
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_says_first_what_has_to_be_mended_first() {
        let server = ToolServer {
            id: ToolServerId(uuid::Uuid::nil()),
            prefix: "demo".to_owned(),
            command: "everything".to_owned(),
            allowed: true,
            business: None,
            business_name: None,
            active: true,
            tools: Vec::new(),
            set_aside: Vec::new(),
            probed_at: Some(chrono::DateTime::UNIX_EPOCH),
            trouble: None,
        };
        assert_eq!(state(&server).1, "Working");
        assert_eq!(state(&ToolServer { probed_at: None, ..server.clone() }).1, "Not checked yet");
        let silent = ToolServer { trouble: Some("It ended.".to_owned()), ..server.clone() };
        assert_eq!(state(&silent).1, "Not answering");
        assert_eq!(state(&ToolServer { active: false, ..silent.clone() }).1, "Off");
        assert_eq!(state(&ToolServer { allowed: false, active: false, ..silent }).1, "No longer allowed");
    }
}
