//! What would the assistant do about a question, why, and at what cost? Shown beside a past answer, and in the test chat.

use domain::assistant::Source;
use domain::assistant::rehearsal::{CaseState, CaseView};
use domain::language::Language;
use kit::{StatusPill, Tone, grouped};
use leptos::prelude::*;

use super::super::place::{Part, Place};
use super::super::texts as assistant;
use super::super::trace::{dollars, exact};
use super::texts::{Texts, texts};

/// How a state looks.
pub(in crate::assistant) const fn tone(state: CaseState) -> Tone {
    match state {
        CaseState::Waiting => Tone::Running,
        CaseState::Answered => Tone::Ok,
        CaseState::HandedOver => Tone::Warn,
        CaseState::Quiet | CaseState::Cancelled => Tone::Cancelled,
        CaseState::Failed => Tone::Failed,
    }
}

/// What it would do, in a word, and why.
#[component]
pub(in crate::assistant) fn Verdict(language: Language, case: CaseView) -> impl IntoView {
    let (words, common) = (texts(language), assistant::texts(language));
    let why = (!case.reason.is_empty()).then(|| {
        view! { <span class="text-sm break-words text-fg-2">{(common.why)(&case.reason)}</span> }
    });
    view! {
        <p class="flex flex-wrap items-center gap-x-3 gap-y-1">
            <StatusPill tone=tone(case.state)>{(words.case_state)(case.state)}</StatusPill>
            {why}
        </p>
    }
}

/// What the answer is taken from, its steps with what the checks found, and what it cost. Nothing before there is a result.
#[component]
pub(in crate::assistant) fn Grounds(language: Language, place: Place, case: CaseView) -> impl IntoView {
    let (words, common) = (texts(language), assistant::texts(language));
    if matches!(case.state, CaseState::Waiting | CaseState::Cancelled) {
        return None;
    }
    let facts = facts(words, common, &case);
    let exact = case.cost_micros.map(exact);
    let sources = case.sources.into_iter().map(|source| view! { <TakenFrom place=place.clone() source/> });
    let sources = sources.collect_view();
    let steps = case.trace.steps.into_iter().map(|step| {
        view! {
            <li class="flex flex-wrap gap-x-3">
                <span class="w-32 shrink-0 font-medium break-words">{(common.step)(&step.name)}</span>
                <span class="min-w-0 grow basis-48 break-words text-fg-2">{(common.why)(&step.detail)}</span>
            </li>
        }
    });
    let steps = steps.collect_view();
    Some(view! {
        <div class="flex flex-col gap-1 text-xs text-fg-2">
            <ul class="flex flex-col gap-1 empty:hidden" aria-label=common.sources>{sources}</ul>
            <details>
                <summary class="fold min-h-6">{common.steps}</summary>
                <ol class="flex flex-col gap-1 py-1">{steps}</ol>
            </details>
            <p class="text-fg-3" title=exact>{facts}</p>
        </div>
    })
}

/// A source, with its passage.
#[component]
fn TakenFrom(place: Place, source: Source) -> impl IntoView {
    let href = format!("{}/{}", place.at(Part::Knowledge), source.knowledge);
    view! {
        <li>
            <a class="link font-medium break-words" href=href>{source.title}</a>
            <p class="inbox-quote whitespace-pre-line" dir="auto">{source.passage}</p>
        </li>
    }
}

/// Who wrote it, tokens, cost and time, in a line.
fn facts(words: &'static Texts, common: &'static assistant::Texts, case: &CaseView) -> String {
    let writer = match (case.provider.as_str(), case.model.as_str()) {
        ("", "") => None,
        ("local", _) => Some(common.from_knowledge.to_owned()),
        (provider, "") => Some(provider.to_owned()),
        (_, model) => Some(model.to_owned()),
    };
    let count = |tokens: i32| grouped(i64::from(tokens));
    let is_paid = case.prompt_tokens > 0 || case.completion_tokens > 0;
    let tokens = is_paid.then(|| (common.token_count)(&count(case.prompt_tokens), &count(case.completion_tokens)));
    let took = case.latency_ms.map(|ms| kit::time::span(i64::from(ms)));
    let cost = cost(words, common, is_paid, case.cost_micros);
    [writer, tokens, Some(cost), took].into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ")
}

/// What it cost. Tokens whose price nobody said have an unknown cost, which is not none.
pub(super) fn cost(words: &'static Texts, common: &assistant::Texts, is_paid: bool, micros: Option<i64>) -> String {
    match (is_paid, micros) {
        (false, _) => words.no_cost.to_owned(),
        (true, Some(micros)) => dollars(common, micros),
        (true, None) => words.cost_unknown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_cost_is_never_shown_as_none() {
        let (words, common) = (texts(Language::English), assistant::texts(Language::English));
        assert_eq!(cost(words, common, true, None), words.cost_unknown);
        assert_eq!(cost(words, common, false, None), words.no_cost);
        assert_eq!(cost(words, common, true, Some(0)), "$0.00");
    }
}
