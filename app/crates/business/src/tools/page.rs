//! The page of AI tools: the agents that have hands on the business, the form for a new one, the lines that connect it, and
//! the switch that stops them all.

use domain::ApiTokenId;
use domain::language::Language;
use domain::person::ApiToken;
use domain::tool_servers::ToolServer;
use kit::{
    Ago, Button, ButtonLink, ButtonStyle, Card, Choice, Confirm, Empty, Filled, Form, Glyph, PostButton, Region,
    Select, TextField,
};
use leptos::prelude::*;
use operations::tokens::Lifetime;
use operations::tool_servers;
use operations::tools::tokens::{LONGEST_NAME, opens_tools};
use store::agent_sign_ins::Renewed;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::shown_once::shown_once;

use super::connect_card::{Connect, Lines};
use super::place::{Around, Part, Place};
use super::server_functions::NEW_TOKEN;
use super::servers::Servers;
use super::texts::{Texts, texts};

/// What the page shows.
struct Shown {
    place: Place,
    agents: Vec<ApiToken>,
    /// Those of them that people signed in by browser.
    renewed: Vec<Renewed>,
    /// The third-party tool servers that serve the business.
    servers: Vec<ToolServer>,
    /// The token that was just made.
    fresh: Option<String>,
    base: String,
    typed: Filled,
}

/// The agents of a business.
#[component]
pub fn AiTools() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let Shown { place, agents, servers, renewed, fresh, base, typed } = read(&context).await?;
        let words = texts(context.request.language);
        let name = place.name.clone();
        let lines = Lines { base, business: place.business, name };
        let is_fresh = fresh.is_some();
        let connect = fresh.map(|secret| view! { <Connect words lines=lines.clone() secret/> });
        let example = (!is_fresh).then(|| view! { <Connect words lines/> });
        let list = view! { <Agents words place=place.clone() agents renewed/> };
        let others = view! { <Servers words servers/> };
        let form = view! { <NewAgent words place=place.clone() typed/> };
        let switch = view! { <Switch words place=place.clone()/> };
        Ok(view! {
            <Around context place part=Part::Agents>
                <div class="flex flex-col gap-4">
                    <p class="max-w-3xl text-fg-2">{words.help}</p>
                    {connect}
                    // The form follows the agents where there is one column, and stands beside everything where there are two.
                    <div class="grid items-start gap-4 xl:grid-cols-[2fr_1fr] xl:grid-rows-[auto_1fr]">
                        <div class="min-w-0">{list}</div>
                        <div class="grid min-w-0 items-start gap-4 md:grid-cols-2 xl:col-start-2 xl:row-span-2 xl:row-start-1 xl:grid-cols-1">{form}{switch}</div>
                        <div class="flex min-w-0 flex-col gap-4">{example}{others}</div>
                    </div>
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let place = Place::read(&access, &mut tx).await?;
    let tokens = store::api_tokens::list(&mut tx).await?;
    let renewed = store::agent_sign_ins::list(&mut tx).await?;
    tx.commit().await?;
    Ok(Shown {
        place,
        agents: tokens.into_iter().filter(opens_tools).collect(),
        servers: tool_servers::of_client(&context.state.db, access.agency, access.id).await?,
        renewed,
        fresh: shown_once(context, context.caller()?.user, NEW_TOKEN).await?,
        base: context.state.settings.public_url.clone(),
        typed: filled(&context.request, "create_tool_token"),
    })
}

/// The agents, each with what it may do.
#[component]
fn Agents(words: &'static Texts, place: Place, agents: Vec<ApiToken>, renewed: Vec<Renewed>) -> impl IntoView {
    let lines = agents.iter().map(|agent| {
        let renewed = renewed.iter().find(|one| one.token == agent.id).cloned();
        view! { <Agent words place=place.clone() agent=agent.clone() renewed/> }
    });
    let lines = lines.collect_view();
    let body = if agents.is_empty() {
        let (title, text) = words.no_agent;
        view! { <Empty title text/> }.into_any()
    } else {
        view! { <Card title=words.agents flush=true><ul>{lines}</ul></Card> }.into_any()
    };
    view! { <Region key="agents" topics="tool_policy.changed:*">{body}</Region> }
}

#[component]
fn Agent(words: &'static Texts, place: Place, agent: ApiToken, renewed: Option<Renewed>) -> impl IntoView {
    let (href, about) = (agent_page(&place, agent.id), format!(": {}", agent.name));
    let used = match agent.last_used_at {
        Some(at) => view! { {words.used}" "<Ago at/> }.into_any(),
        None => words.never_used.into_any(),
    };
    // A token that is renewed each hour ends when its agent stays away.
    let end = renewed.as_ref().map_or(agent.expires_at, |renewed| Some(renewed.expires_at));
    let language: Language = use_context().unwrap_or_default();
    let ends = end.map(|at| fact(format!("{} {}", words.expires, language.date(at)).into_any()));
    let browser = renewed.map(|renewed| fact((words.by_browser)(&renewed.host).into_any()));
    let by = agent.maker.map(|name| fact((words.connected_by)(&name).into_any()));
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
            <div class="min-w-0 grow basis-56">
                <p class="font-medium break-words">{agent.name}</p>
                <p class="text-sm text-fg-2"><span class="font-mono">{agent.prefix}"\u{2026}"</span>{fact(used)}{ends}{by}{browser}</p>
            </div>
            <ButtonLink href>{words.what_it_may}<span class="sr-only">{about}</span></ButtonLink>
        </li>
    }
}

/// A fact behind others. A line breaks before it, not inside.
fn fact(said: AnyView) -> impl IntoView {
    view! { "\u{a0}\u{b7} "<span class="sm:whitespace-nowrap">{said}</span> }
}

/// The address of the page of an agent.
pub(super) fn agent_page(place: &Place, token: ApiTokenId) -> String {
    format!("{}/{token}", place.root())
}

#[component]
fn NewAgent(words: &'static Texts, place: Place, typed: Filled) -> impl IntoView {
    let mut hidden = place.hidden();
    hidden.push(("once", store::new_id::<uuid::Uuid>().to_string()));
    let choices =
        Lifetime::ALL.into_iter().map(|one| Choice::new(one.key(), (words.lifetime)(one))).collect::<Vec<_>>();
    let longest = u32::try_from(LONGEST_NAME).unwrap_or(u32::MAX);
    view! {
        <Card title=words.new_agent>
            <Form action="/do/create_tool_token" filled=typed hidden>
                <TextField name="name" label=words.name required=true placeholder=words.name_example maxlength=longest autocomplete="off"/>
                <Select name="lifetime" label=words.expires_label choices required=true/>
                <p class="text-sm text-fg-2">{words.new_help}</p>
                <p class="text-sm text-fg-2">{words.sign_in_help}</p>
                <div><Button look=ButtonStyle::Primary icon=Glyph::Plug>{words.connect}</Button></div>
            </Form>
        </Card>
    }
}

/// The switch that stops every agent of the business.
#[component]
fn Switch(words: &'static Texts, place: Place) -> impl IntoView {
    let hidden = place.hidden();
    let act = if place.stopped.business {
        view! { <PostButton action="/do/resume_tools" hidden icon=Glyph::Play>{words.resume}</PostButton> }.into_any()
    } else {
        view! {
            <Confirm action="/do/stop_tools" label=words.stop verb=words.stop hidden start=true look=ButtonStyle::Danger icon=Glyph::Stop>
                {words.stop_confirm}
            </Confirm>
        }
        .into_any()
    };
    view! {
        <Card title=words.switch>
            <div class="flex flex-col gap-3"><p class="text-sm text-fg-2">{words.switch_help}</p><div>{act}</div></div>
        </Card>
    }
}
