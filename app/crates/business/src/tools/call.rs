//! What exactly did an agent call? One call with its arguments, the policy that held, who approved it, and its link in the
//! chain of the log.

use domain::ToolCallId;
use domain::tools::{Approval, CallLine, Outcome};
use kit::{ButtonLink, ButtonStyle, Card, Exact, KeyValue, KeyValues, Region, StatusPill};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::page::load_page;

use super::diff::Diff;
use super::log::tone;
use super::place::{Around, Part, Place};
use super::policies::named;
use super::texts::{Texts, texts};

/// A call of an agent.
#[component]
pub fn AiCall() -> impl IntoView {
    let context = server_context();
    let params = use_params_map();
    let id = params.with_untracked(|params| params.get("call")).unwrap_or_default();
    load_page(async move {
        let context = context?;
        let id: ToolCallId = id.parse().map_err(|_| Error::NotFound)?;
        let (place, line, approval) = read(&context, id).await?;
        let words = texts(context.request.language);
        let name = named(words, &line.tool);
        let topics = format!("tool_call.changed:{id}");
        let body = view! { <Call words place=place.clone() line approval/> };
        Ok(view! {
            <Around context place part=Part::Log name>
                <Region key="call" topics class="flex max-w-3xl flex-col gap-4">{body}</Region>
            </Around>
        })
    })
}

async fn read(context: &ServerContext, id: ToolCallId) -> Result<(Place, CallLine, Option<Approval>)> {
    let (access, mut tx) = context.business_page().await?;
    let place = Place::read(&access, &mut tx).await?;
    let line = store::tools::calls::get(&mut tx, id).await?;
    let approval = match line.approval {
        Some(approval) => match store::tools::approvals::get(&mut tx, approval).await {
            Err(store::Error::NotFound) => None,
            known => Some(known?),
        },
        None => None,
    };
    tx.commit().await?;
    Ok((place, line, approval))
}

#[component]
fn Call(words: &'static Texts, place: Place, line: CallLine, approval: Option<Approval>) -> impl IntoView {
    let reason = (!line.reason.is_empty()).then(|| view! { <p class="break-words">{(words.told)(&line.reason)}</p> });
    let shown = approval.map(|approval| {
        view! { <Card title=words.what_was_shown><Diff words shown=approval.shown/></Card> }
    });
    let arguments = if line.is_removed() {
        view! { <p class="text-fg-2">{words.removed}</p> }.into_any()
    } else {
        let text = serde_json::to_string_pretty(&line.arguments).unwrap_or_default();
        view! {
            <p class="pb-2 text-sm text-fg-2">{words.masked}</p>
            <pre class="overflow-x-auto rounded-control bg-raised p-3 font-mono text-xs" tabindex="0"><code>{text}</code></pre>
        }
        .into_any()
    };
    let more = line.token.map(|token| {
        let href = format!("{}?token={token}", place.at(Part::Log));
        view! { <ButtonLink href>{words.more_of_agent}</ButtonLink> }
    });
    let decide = (place.approves && line.outcome == Outcome::Waiting).then(|| {
        view! { <ButtonLink href=place.at(Part::Approvals) look=ButtonStyle::Primary>{words.decide}</ButtonLink> }
    });
    view! {
        <div class="flex flex-wrap items-start gap-x-4 gap-y-3">
            <div class="flex min-w-0 grow basis-64 flex-col gap-1.5 text-fg-2">
                <span><StatusPill tone=tone(line.outcome)>{(words.outcome)(line.outcome)}</StatusPill></span>
                {reason}
            </div>
            {decide}{more}
        </div>
        {shown}
        <Card title=words.arguments>{arguments}</Card>
        <Facts words line/>
    }
}

/// Who called what, when, under which policy, with which result.
#[component]
fn Facts(words: &'static Texts, line: CallLine) -> impl IntoView {
    let took = line
        .took_ms
        .filter(|ms| *ms > 0)
        .map(|ms| view! { <KeyValue name=words.took>{kit::time::span(i64::from(ms))}</KeyValue> });
    let size = line.result_bytes.map(|bytes| {
        view! { <KeyValue name=words.result_size>{(words.bytes)(&kit::grouped(bytes))}</KeyValue> }
    });
    let by = line.approved_by.map(|name| view! { <KeyValue name=words.approver>{name}</KeyValue> });
    // A call gets its link when it ends.
    let link = (line.seq > 0).then(|| {
        view! {
            <KeyValue name=words.chain>
                <span class="flex flex-col gap-0.5">
                    <span>{(words.place_in_chain)(&kit::grouped(line.seq))}</span>
                    <code class="font-mono text-xs break-all text-fg-3">{line.hash}</code>
                </span>
            </KeyValue>
        }
    });
    view! {
        <Card title=words.facts>
            <KeyValues>
                <KeyValue name=words.agent>{line.token_name}</KeyValue>
                <KeyValue name=words.tool_label><code class="font-mono text-xs break-all">{line.tool}</code></KeyValue>
                <KeyValue name=words.called_at><Exact at=line.at/></KeyValue>
                <KeyValue name=words.policy_label>{(words.policy)(line.policy)}</KeyValue>
                {by}{took}{size}
                {link}
            </KeyValues>
        </Card>
    }
}
