//! The page of one agent: what it may do with each tool, how much in a day, what it did last, and the way to end it.

use std::collections::BTreeMap;

use domain::ApiTokenId;
use domain::language::Language;
use domain::person::ApiToken;
use domain::tools::{Budget, MOST_A_DAY, Policy, money};
use kit::{Ago, Button, ButtonLink, ButtonStyle, Card, Confirm, Filled, Form, KeyValue, KeyValues, TextField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::tool_servers;
use operations::tools::tokens::opens_tools;
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};

use super::place::{Around, Part, Place};
use super::policies::{Policies, rows};
use super::texts::{Texts, texts};

/// The most characters of an amount of money.
const AMOUNT: u32 = 14;

/// What the page shows.
struct Shown {
    place: Place,
    agent: ApiToken,
    chosen: BTreeMap<String, Policy>,
    /// The tools that third-party servers offer.
    offered: Vec<String>,
    budget: Budget,
    typed: Filled,
}

/// An agent of a business.
#[component]
pub fn AiAgent() -> impl IntoView {
    let context = server_context();
    let params = use_params_map();
    let id = params.with_untracked(|params| params.get("agent")).unwrap_or_default();
    load_page(async move {
        let context = context?;
        let id: ApiTokenId = id.parse().map_err(|_| Error::NotFound)?;
        let Shown { place, agent, chosen, offered, budget, typed } = read(&context, id).await?;
        let words = texts(context.request.language);
        let name = agent.name.clone();
        let facts = view! { <Facts words place=place.clone() agent budget/> };
        let limits = view! { <Limits words place=place.clone() token=id budget typed/> };
        let table = view! { <Policies words place=place.clone() token=id rows=rows(&chosen, offered)/> };
        Ok(view! {
            <Around context place part=Part::Agents name>
                <div class="grid items-start gap-4 xl:grid-cols-[2fr_1fr]">
                    <div class="min-w-0">{table}</div>
                    <div class="grid min-w-0 items-start gap-4 md:grid-cols-2 xl:grid-cols-1">{facts}{limits}</div>
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext, id: ApiTokenId) -> Result<Shown> {
    let (access, mut tx) = context.business_page().await?;
    let place = Place::read(&access, &mut tx).await?;
    let tokens = store::api_tokens::list(&mut tx).await?;
    let mut agent = tokens.into_iter().find(|one| one.id == id && opens_tools(one)).ok_or(Error::NotFound)?;
    // A token that is renewed each hour ends when its agent stays away.
    let renewed = store::agent_sign_ins::list(&mut tx).await?;
    if let Some(renewed) = renewed.into_iter().find(|one| one.token == id) {
        agent.expires_at = Some(renewed.expires_at);
    }
    let chosen = store::tools::policies::of_token(&mut tx, id).await?.into_iter().collect();
    let budget = store::tools::budgets::of_token(&mut tx, id).await?;
    tx.commit().await?;
    let offered = tool_servers::offered(&context.state.db, access.agency, access.id).await?;
    let offered = offered.into_iter().map(|one| one.name).collect();
    Ok(Shown { place, agent, chosen, offered, budget, typed: filled(&context.request, "save_tool_budget") })
}

/// Who connected it, what it did today, and the way to end it.
#[component]
fn Facts(words: &'static Texts, place: Place, agent: ApiToken, budget: Budget) -> impl IntoView {
    let log = format!("{}?token={}", place.at(Part::Log), agent.id);
    let used = agent.last_used_at.map_or_else(|| words.never_used.into_any(), |at| view! { <Ago at/> }.into_any());
    let language: Language = use_context().unwrap_or_default();
    let ends = agent.expires_at.map(|at| view! { <KeyValue name=words.expires_label>{language.date(at)}</KeyValue> });
    let by = agent.maker.map(|name| view! { <KeyValue name=words.made_by>{name}</KeyValue> });
    let grouped = |count: i32| kit::grouped(i64::from(count));
    let refused = (budget.refused_today > 0)
        .then(|| format!(" \u{b7} {}", (words.refused_times)(&grouped(budget.refused_today))));
    let today = (words.today)(&grouped(budget.calls_today), &grouped(budget.writes_today));
    let spent =
        (budget.spent_today > 0).then(|| format!(" \u{b7} {}", (words.spent)(&money::shown(budget.spent_today))));
    let hidden = place.hidden_with("token", agent.id);
    let read = place.approves.then(|| view! { <ButtonLink href=log>{words.open_log}</ButtonLink> });
    view! {
        <Card title=words.about>
            <div class="flex flex-col gap-4">
                <KeyValues>
                    <KeyValue name=words.token><span class="font-mono text-sm">{agent.prefix}"\u{2026}"</span></KeyValue>
                    {by}
                    <KeyValue name=words.last_used>{used}</KeyValue>
                    {ends}
                    <KeyValue name=words.today_label>{today}{spent}{refused}</KeyValue>
                </KeyValues>
                // The panel begins where the card does: beside the button there is no room for it.
                <div class="relative flex flex-wrap gap-2 [&_.pop]:static">
                    {read}
                    <Confirm action="/do/revoke_tool_token" label=words.disconnect verb=words.disconnect hidden>{words.disconnect_help}</Confirm>
                </div>
            </div>
        </Card>
    }
}

/// How much it may do in a day.
#[component]
fn Limits(words: &'static Texts, place: Place, token: ApiTokenId, budget: Budget, typed: Filled) -> impl IntoView {
    let hidden = place.hidden_with("token", token);
    let most = budget.money.map(money::shown).unwrap_or_default();
    let price = if budget.price > 0 { money::shown(budget.price) } else { String::new() };
    let longest = u32::try_from(MOST_A_DAY.to_string().len()).unwrap_or(u32::MAX);
    view! {
        <div id="limits">
            <Card title=words.budget>
                <Form action="/do/save_tool_budget" filled=typed hidden>
                    <TextField name="calls" label=words.calls_a_day value=budget.calls.to_string() inputmode="numeric" autocomplete="off" maxlength=longest required=true/>
                    <TextField name="writes" label=words.writes_a_day value=budget.writes.to_string() inputmode="numeric" autocomplete="off" maxlength=longest required=true help=words.budget_help/>
                    <TextField name="money" label=words.money_a_day value=most inputmode="decimal" autocomplete="off" maxlength=AMOUNT/>
                    <TextField name="price" label=words.message_price value=price inputmode="decimal" autocomplete="off" maxlength=AMOUNT help=words.money_help/>
                    <div><Button look=ButtonStyle::Primary>{words.save_budget}</Button></div>
                </Form>
            </Card>
        </div>
    }
}
