//! Which programs of others give AI agents more tools here? The servers that the agency set up, with what each offers and
//! what of it cannot be used. Only the agency changes them.

use domain::tool_servers::{ToolServer, full_name};
use kit::{Ago, Card, StatusPill, Tone, grouped};
use leptos::prelude::*;

use super::texts::Texts;

/// The most characters of what a tool says of itself.
const DESCRIPTION: usize = 160;

/// How a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The platform does not allow its program any more.
    NotAllowed,
    /// The agency turned it off.
    Off,
    /// It did not answer the last time.
    Silent,
    /// Nobody asked it yet.
    NotAsked,
    /// Some of its tools cannot be used.
    SomeAside,
    /// It works.
    Working,
}

impl State {
    #[cfg(test)]
    pub const ALL: [Self; 6] =
        [Self::NotAllowed, Self::Off, Self::Silent, Self::NotAsked, Self::SomeAside, Self::Working];

    /// What has to be known first.
    fn of(server: &ToolServer) -> Self {
        match server {
            ToolServer { allowed: false, .. } => Self::NotAllowed,
            ToolServer { active: false, .. } => Self::Off,
            ToolServer { trouble: Some(_), .. } => Self::Silent,
            ToolServer { probed_at: None, .. } => Self::NotAsked,
            ToolServer { set_aside, .. } if !set_aside.is_empty() => Self::SomeAside,
            _ => Self::Working,
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::NotAllowed | Self::Silent => Tone::Failed,
            Self::Off => Tone::Cancelled,
            Self::NotAsked => Tone::Waiting,
            Self::SomeAside => Tone::Warn,
            Self::Working => Tone::Ok,
        }
    }
}

/// The servers; nothing without one.
#[component]
pub(super) fn Servers(words: &'static Texts, servers: Vec<ToolServer>) -> impl IntoView {
    if servers.is_empty() {
        return ().into_any();
    }
    let lines = servers.into_iter().map(|server| view! { <Server words server/> }).collect_view();
    view! {
        <Card title=words.servers flush=true>
            <p class="border-b border-line px-4 py-3 text-sm text-fg-2">{words.servers_help}</p>
            <ul>{lines}</ul>
        </Card>
    }
    .into_any()
}

/// A server. Whatever it says of itself is a text of somebody else.
#[component]
fn Server(words: &'static Texts, server: ToolServer) -> impl IntoView {
    let state = State::of(&server);
    let asked =
        server.probed_at.map(|at| view! { <span class="text-sm text-fg-3">{words.asked_at}" "<Ago at/></span> });
    let count = grouped(i64::try_from(server.tools.len()).unwrap_or(i64::MAX));
    let tools = server.tools.iter().map(|tool| {
        let (name, text) = (full_name(&server.prefix, &tool.name), tool.description.chars().take(DESCRIPTION));
        view! { <li><code>{name}</code>" "<span class="text-fg-2">{text.collect::<String>()}</span></li> }
    });
    let tools = tools.collect_view();
    let aside = server.set_aside.iter().map(|one| {
        view! { <li><code>{one.name.clone()}</code>" "<span class="text-fg-2">{(words.aside_reason)(&one.reason)}</span></li> }
    });
    let aside = aside.collect_view();
    let aside = (!server.set_aside.is_empty()).then(|| {
        view! {
            <p class="text-sm font-medium">{words.set_aside}</p>
            <ul class="flex flex-col gap-1 text-sm break-words">{aside}</ul>
        }
    });
    view! {
        <li class="flex flex-col gap-2 border-t border-line px-4 py-3 first:border-0">
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <span class="min-w-0 grow basis-40 font-medium break-words">{server.prefix.clone()}</span>
                {asked}
                <StatusPill tone=state.tone()>{(words.server_state)(state)}</StatusPill>
            </div>
            <details>
                <summary class="text-sm">{(words.tools_offered)(&count)}</summary>
                <ul class="flex flex-col gap-1 pt-2 text-sm break-words">{tools}</ul>
            </details>
            {aside}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::ToolServerId;
    use domain::tool_servers::SetAside;

    use super::*;

    #[test]
    fn a_state_says_first_what_has_to_be_known_first() {
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
            probed_at: Some(DateTime::UNIX_EPOCH),
            trouble: None,
        };
        let aside = vec![SetAside { name: "x".to_owned(), reason: "y".to_owned() }];
        let silent = ToolServer { trouble: Some("It ended.".to_owned()), ..server.clone() };
        for (server, state) in [
            (server.clone(), State::Working),
            (ToolServer { set_aside: aside, ..server.clone() }, State::SomeAside),
            (ToolServer { probed_at: None, ..server }, State::NotAsked),
            (silent.clone(), State::Silent),
            (ToolServer { active: false, ..silent.clone() }, State::Off),
            (ToolServer { allowed: false, active: false, ..silent }, State::NotAllowed),
        ] {
            assert_eq!(State::of(&server), state);
        }
    }
}
