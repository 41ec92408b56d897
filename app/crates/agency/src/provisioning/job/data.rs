//! What a step was given and what it produced: the part of the order it works on, the input of its attempt, its
//! results, and its writes to HighLevel. Values are shown as they are stored, which is without secrets.

use domain::provisioning::{AttemptView, EffectView, NewJob, Step, StepView, country_name};
use kit::labels::provisioning as labels;
use kit::{CopyId, Exact, KeyValue, KeyValues, StatusPill};
use leptos::prelude::*;
use serde_json::Value;

use super::view::JobPageContext;
use crate::provisioning::order_form::{CLIENT, member};

/// What the step was given.
#[component]
pub fn Given(
    /// The job.
    page: JobPageContext,
    /// The step.
    step: StepView,
    /// The selected attempt, if there is one.
    attempt: Option<AttemptView>,
) -> impl IntoView {
    let order =
        facts(step.step, &page.job.order, page.job.row.snapshot.as_ref().map(|snapshot| snapshot.name.as_str()));
    let told = without_question(attempt.map_or(step.input, |one| one.input));
    let raw = (!is_empty(&told)).then(|| view! { <Part title="Answers and marks of this step" of=told/> });
    let none = (order.is_empty() && raw.is_none())
        .then(|| view! { <p class="text-fg-3">"This step uses nothing from the order."</p> });
    let order = order.into_iter().map(|(name, value)| view! { <KeyValue name=name>{value}</KeyValue> }).collect_view();
    view! { <div class="flex flex-col gap-4 p-4 text-sm">{none}<KeyValues>{order}</KeyValues>{raw}</div> }
}

/// The input of a step without the question that it answers, which the card of the job shows.
pub fn without_question(mut input: Value) -> Value {
    if let Value::Object(members) = &mut input {
        members.remove("asked");
    }
    input
}

/// The part of the order a step works on.
fn facts(step: Step, order: &NewJob, snapshot: Option<&str>) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match step {
        Step::ValidateClient | Step::CreateLocation | Step::CreateBusiness => {
            let mut client = order.client.clone();
            let mut facts: Vec<_> = CLIENT
                .into_iter()
                .filter_map(|name| {
                    let value = std::mem::take(member(&mut client, name)?);
                    let value =
                        if name == "country" { country_name(&value).unwrap_or(&value).to_owned() } else { value };
                    (!value.is_empty()).then(|| (labels::effect_kind(name), value))
                })
                .collect();
            if step == Step::CreateBusiness {
                facts.push(pair("Invite owner", if order.invite_owner { "yes" } else { "no" }));
            }
            facts
        }
        Step::ValidateSnapshot | Step::WaitSnapshot => {
            snapshot.map(|name| pair("Snapshot", name)).into_iter().collect()
        }
        Step::FillValues => {
            let mut facts: Vec<_> = order.custom_values.iter().map(|(name, value)| pair(name, value)).collect();
            if !order.tags.is_empty() {
                facts.push(pair("Tags", &order.tags.join(", ")));
            }
            facts
        }
        Step::CreateUsers => order
            .users
            .iter()
            .map(|user| {
                (format!("{} {}", user.first_name, user.last_name), format!("{} ({})", user.email, user.role.key()))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What the step found or made, and its writes to HighLevel.
#[component]
pub fn Outcome(
    /// The job.
    page: JobPageContext,
    /// The step.
    step: StepView,
) -> impl IntoView {
    let effects: Vec<EffectView> =
        page.job.effects.iter().filter(|effect| effect.step == Some(step.step)).cloned().collect();
    let none =
        (effects.is_empty() && is_empty(&step.output)).then(|| view! { <p class="text-fg-3">"Nothing yet."</p> });
    let writes = (!effects.is_empty()).then(|| view! { <Writes effects=effects/> });
    let (plain, deep) = split(step.output);
    let plain = plain.into_iter().map(|(name, value)| view! { <KeyValue name=name>{value}</KeyValue> }).collect_view();
    let deep = deep.into_iter().map(|(name, value)| view! { <Part title=name of=value/> }).collect_view();
    view! { <div class="flex flex-col gap-4 p-4 text-sm">{none}<KeyValues>{plain}</KeyValues>{deep}{writes}</div> }
}

/// Plain values by name, and values that have parts of their own.
type Split = (Vec<(String, String)>, Vec<(String, Value)>);

fn split(output: Value) -> Split {
    let (mut plain, mut deep) = (Vec::new(), Vec::new());
    let Value::Object(members) = output else { return (plain, deep) };
    for (name, value) in members {
        let name = labels::effect_kind(&name);
        match value {
            Value::Null => {}
            // The result card above already shows what is left to do and what was undone.
            _ if ["Summary", "Undone"].contains(&name.as_str()) => {}
            Value::String(text) => plain.push((name, text)),
            Value::Bool(yes) => plain.push((name, if yes { "yes" } else { "no" }.to_owned())),
            Value::Number(number) => plain.push((name, number.to_string())),
            other if is_empty(&other) => {}
            other => deep.push((name, other)),
        }
    }
    (plain, deep)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A value with parts, as it is stored.
#[component]
fn Part(#[prop(into)] title: String, of: Value) -> impl IntoView {
    let text = serde_json::to_string_pretty(&of).unwrap_or_default();
    view! {
        <div class="flex flex-col gap-1.5">
            <h3 class="text-xs font-medium text-fg-2">{title}</h3>
            <pre class="overflow-x-auto rounded-control bg-raised p-3 font-mono text-xs whitespace-pre-wrap break-words">{text}</pre>
        </div>
    }
}

/// The writes to HighLevel, each with its state.
#[component]
fn Writes(effects: Vec<EffectView>) -> impl IntoView {
    let lines = effects
        .into_iter()
        .map(|effect| {
            let (tone, word) = labels::effect(effect.state);
            let sent = effect.sent_at.map(|at| view! { <span class="text-xs text-fg-3">"sent "<Exact at=at/></span> });
            let made = effect.provider_ref.map(|id| view! { <CopyId id=id/> });
            view! {
                <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
                    <StatusPill tone=tone plain=true>{labels::effect_kind(&effect.kind)}</StatusPill>
                    <span class="text-fg-2">{word}</span>
                    {made}
                    {sent}
                    <code class="font-mono text-xs text-fg-3" title="The mark on this write in HighLevel">{effect.marker}</code>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="flex flex-col gap-2">
            <h3 class="text-xs font-medium text-fg-2">"Writes in HighLevel"</h3>
            <ul class="flex flex-col gap-2">{lines}</ul>
        </div>
    }
}
