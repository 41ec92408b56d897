//! The platform's page of tool servers: the programs that agencies may run, each as a whole command line.

use domain::ToolCommandId;
use domain::identity::Role;
use domain::tool_servers::{NAME, NewToolCommand, PROGRAM, ToolCommand};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Button, ButtonStyle, Card, Confirm, Empty, Filled, Form, PageHeader, PostButton, StatusPill, TextArea, TextField,
    Tone, counted,
};
use leptos::prelude::*;
use operations::platform::tool_commands;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

/// Lets agencies run a program with these arguments, one a line.
#[server(prefix = "/do", endpoint = "allow_tool_command")]
pub async fn allow_tool_command(name: String, program: String, #[server(default)] arguments: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let new = NewToolCommand::typed(&name, &program, &arguments);
    tool_commands::allow(&actor, &new).await?;
    flash_notice(&context, "allow_tool_command", format!("Agencies can run {} now.", new.name)).await
}

/// Says whether tool servers that use a program are started.
#[server(prefix = "/do", endpoint = "set_tool_command_active")]
pub async fn set_tool_command_active(command: ToolCommandId, active: bool) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let name = tool_commands::set_active(&actor, command, active).await?;
    let told = match active {
        true => format!("Agencies can run {name} again."),
        false => format!("{name} is blocked for all agencies."),
    };
    flash_notice(&context, "set_tool_command_active", told).await
}

/// The page of programs that agencies may run.
#[component]
pub fn ToolCommands() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let commands = store::tool_servers::commands(&mut tx).await?;
        tx.commit().await?;
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let filled = filled(&context.request, "allow_tool_command");
        let frame = frame(&context, vec![Crumb::current("Tool servers")]);
        Ok(view! {
            <PageTitle text="Tool servers"/>
            <Shell frame=frame>
                <PageHeader title="Tool servers" meta="The programs that agencies may run as tool servers. They pick one by name and can't change how it starts.".into_any()/>
                <div class="grid items-start gap-4 xl:grid-cols-[2fr_1fr]">
                    <List commands may/>
                    {may.then(|| view! { <New filled/> })}
                </div>
            </Shell>
        })
    })
}

#[component]
fn List(commands: Vec<ToolCommand>, may: bool) -> impl IntoView {
    if commands.is_empty() {
        return view! { <Empty title="No programs yet" text="Allow a program, and agencies can offer its tools to their clients' AI agents. Until then they have the built-in tools."/> }.into_any();
    }
    let lines = commands.into_iter().map(|command| view! { <One command may/> }).collect_view();
    view! { <Card flush=true><ul>{lines}</ul></Card> }.into_any()
}

/// How many servers of agencies use a program.
fn used(servers: i64) -> String {
    match servers {
        0 => "Not used yet".to_owned(),
        servers => format!("Used by {}", counted(servers, "tool server", "tool servers")),
    }
}

/// What ends when a program is blocked.
fn blocked(servers: i64) -> String {
    match servers {
        0 => "Agencies can no longer add it.".to_owned(),
        servers => format!("{}. AI agents lose its tools until you allow it again.", used(servers)),
    }
}

#[component]
fn One(command: ToolCommand, may: bool) -> impl IntoView {
    let (tone, word) = if command.active { (Tone::Ok, "Allowed") } else { (Tone::Cancelled, "Blocked") };
    let line = [command.program.clone()].into_iter().chain(command.arguments.clone()).collect::<Vec<_>>().join(" ");
    let button = may.then(|| {
        let action = "/do/set_tool_command_active";
        let hidden = vec![("command", command.id.to_string()), ("active", (!command.active).to_string())];
        if command.active {
            view! { <Confirm action label="Block" verb="Block this program" look=ButtonStyle::Quiet hidden=hidden>{blocked(command.servers)}</Confirm> }.into_any()
        } else {
            view! { <PostButton action look=ButtonStyle::Quiet hidden=hidden>"Allow again"</PostButton> }.into_any()
        }
    });
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
            <div class="flex min-w-0 grow basis-60 flex-col gap-1">
                <p class="flex flex-wrap items-center gap-2"><span class="font-medium">{command.name}</span><StatusPill tone=tone>{word}</StatusPill></p>
                <p class="break-all text-sm"><code>{line}</code></p>
                <p class="text-sm text-fg-2">{used(command.servers)}</p>
            </div>
            {button}
        </li>
    }
}

#[component]
fn New(filled: Filled) -> impl IntoView {
    let most = |most: usize| u32::try_from(most).unwrap_or(u32::MAX);
    view! {
        <Card title="Allow a program">
            <Form action="/do/allow_tool_command" filled=filled>
                <TextField name="name" label="Name" required=true maxlength=most(NAME) help="Agencies choose it by this name."/>
                <TextField name="program" label="Program" required=true maxlength=most(PROGRAM) help="Its full path on every server, such as /usr/bin/node. It runs with a client's access, so only allow what you trust."/>
                <TextArea name="arguments" label="Arguments" help="One per line. They aren't run through a shell."/>
                <div><Button look=ButtonStyle::Primary>"Allow program"</Button></div>
            </Form>
        </Card>
    }
}
