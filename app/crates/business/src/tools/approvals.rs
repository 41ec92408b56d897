//! What do agents ask for? The calls that wait for a person, each with what it would change and the ways to decide, and what
//! was decided before. The list follows what happens while it is open.

use domain::tools::{Approval, ApprovalState, ApprovedFor, LONGEST_REASON};
use kit::{Ago, Button, ButtonStyle, Card, Confirm, Empty, Form, Region, StatusPill, Tone, Until};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;

use super::diff::Diff;
use super::place::{Around, Part, Place};
use super::texts::{Texts, texts};

/// The approvals of a business.
#[component]
pub fn AiApprovals() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let (place, waiting, decided) = read(&context).await?;
        let words = texts(context.request.language);
        let waiting = view! { <Waiting words place=place.clone() waiting/> };
        let decided = view! { <Decided words place=place.clone() decided/> };
        Ok(view! {
            <Around context place part=Part::Approvals>
                <div class="flex max-w-3xl flex-col gap-6">
                    <p class="text-fg-2">{words.approvals_help}</p>
                    <Region key="waiting" topics="tool_approval.changed:*" class="flex flex-col gap-4">{waiting}</Region>
                    <Region key="decided" topics="tool_approval.changed:*">{decided}</Region>
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext) -> Result<(Place, Vec<Approval>, Vec<Approval>)> {
    let (access, mut tx) = context.business_page().await?;
    let place = Place::read(&access, &mut tx).await?;
    let waiting = store::tools::approvals::waiting(&mut tx).await?;
    let decided = store::tools::approvals::decided(&mut tx).await?;
    tx.commit().await?;
    Ok((place, waiting, decided))
}

/// What waits, the oldest first.
#[component]
fn Waiting(words: &'static Texts, place: Place, waiting: Vec<Approval>) -> impl IntoView {
    if waiting.is_empty() {
        let (title, text) = words.nothing_waits;
        return view! { <Empty title text/> }.into_any();
    }
    let cards = waiting.into_iter().map(|one| view! { <Asked words place=place.clone() one/> });
    cards.collect_view().into_any()
}

/// A call that waits: who asks, for what, until when, and the ways to decide.
#[component]
fn Asked(words: &'static Texts, place: Place, one: Approval) -> impl IntoView {
    let hidden = place.hidden_with("approval", one.id);
    let title = super::policies::named(words, &one.tool);
    let said = (words.asks)(&one.token_name, &title);
    let ways = ApprovedFor::ALL.iter().map(|how| {
        let look = match how {
            ApprovedFor::Once => ButtonStyle::Primary,
            ApprovedFor::Hour => ButtonStyle::Secondary,
            ApprovedFor::Always => ButtonStyle::Quiet,
        };
        view! { <Button look name="how" value=how.key()>{(words.approve)(*how)}</Button> }
    });
    let ways = ways.collect_view();
    let longest = LONGEST_REASON.to_string();
    view! {
        <article class="card flex flex-col gap-3 p-4" data-approval=one.id.to_string()>
            <header class="flex flex-wrap items-baseline gap-x-3 gap-y-1">
                <h2 class="min-w-0 grow basis-56 font-semibold break-words">{said}</h2>
                <span class="text-sm text-fg-3"><Ago at=one.asked_at/>" \u{b7} "{words.expires_in}" "<Until at=one.expires_at past=words.over/></span>
            </header>
            <Diff words shown=one.shown/>
            <div class="flex flex-wrap items-start gap-2">
                <Form action="/do/approve_tool_call" hidden=hidden.clone() class="contents">{ways}</Form>
                <Confirm action="/do/reject_tool_call" label=words.reject verb=words.reject hidden start=true>
                    <label class="flex flex-col gap-1.5 text-fg">
                        <span>{words.reason}</span>
                        <input class="control" name="reason" autocomplete="off" maxlength=longest/>
                    </label>
                </Confirm>
            </div>
        </article>
    }
}

/// How a state looks.
const fn tone(state: ApprovalState) -> Tone {
    match state {
        ApprovalState::Waiting => Tone::Asks,
        ApprovalState::Approved => Tone::Running,
        ApprovalState::Done => Tone::Ok,
        ApprovalState::Failed => Tone::Failed,
        ApprovalState::Rejected | ApprovalState::Expired => Tone::Cancelled,
    }
}

/// What was decided, the newest first.
#[component]
fn Decided(words: &'static Texts, place: Place, decided: Vec<Approval>) -> impl IntoView {
    if decided.is_empty() {
        return ().into_any();
    }
    let lines = decided.into_iter().map(|one| {
        let said = (words.asks)(&one.token_name, &super::policies::named(words, &one.tool));
        let by = one.decided_by.as_deref().map(|name| format!(" {}", (words.by)(name)));
        let call = one.call.map(|call| {
            let href = format!("{}/{call}", place.at(Part::Log));
            view! { <a class="link text-sm" href=href>{words.open_call}</a> }
        });
        let reason = (!one.reason.is_empty())
            .then(|| view! { <p class="w-full text-sm break-words text-fg-2">{one.reason.clone()}</p> });
        let at = one.decided_at.unwrap_or(one.expires_at);
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-3 first:border-0">
                <span class="min-w-0 grow basis-56">
                    <span class="block font-medium break-words">{said}</span>
                    <span class="text-sm text-fg-3"><Ago at/>{by}</span>
                </span>
                {call}
                <StatusPill tone=tone(one.state)>{(words.state)(one.state)}</StatusPill>
                {reason}
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Card title=words.decided flush=true><ul>{lines}</ul></Card> }.into_any()
}
