//! Why did the assistant answer so? One answer with what was asked, what it was taken from, and each step on the way.

use domain::AnswerId;
use domain::assistant::view::AnswerView;
use domain::assistant::{AnswerState, Source, Trace};
use domain::language::Language;
use domain::usage::{CENT, Cost};
use kit::{Ago, ButtonLink, Card, Exact, Glyph, KeyValue, KeyValues, Region, StatusPill, grouped};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::page::load_page;

use super::answers::{contact, tone};
use super::place::{Around, Part, Place};
use super::texts::{Texts, texts};

/// An answer of the assistant.
#[component]
pub fn AssistantAnswer() -> impl IntoView {
    let context = server_context();
    let params = use_params_map();
    let id = params.with_untracked(|params| params.get("answer")).unwrap_or_default();
    load_page(async move {
        let context = context?;
        let id: AnswerId = id.parse().map_err(|_| Error::NotFound)?;
        let (place, answer) = read(&context, id).await?;
        let language = context.request.language;
        let words = texts(language);
        let name = (words.answer_to)(&contact(words, &answer.line));
        let topics = format!("conversation.changed:{}", answer.line.conversation);
        let body = view! { <Answer language place=place.clone() answer/> };
        Ok(view! {
            <Around context place part=Part::Answers name>
                <Region key="answer" topics class="flex max-w-3xl flex-col gap-4">{body}</Region>
            </Around>
        })
    })
}

async fn read(context: &ServerContext, id: AnswerId) -> Result<(Place, AnswerView)> {
    let (access, mut tx) = context.business_page().await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let answer = store::assistant::answers::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok((Place::new(&access, brand), answer))
}

#[component]
fn Answer(language: Language, place: Place, answer: AnswerView) -> impl IntoView {
    let words = texts(language);
    let line = answer.line.clone();
    let href = format!("/b/{}/inbox/{}", place.business, line.conversation);
    let reason = (!line.reason.is_empty()).then(|| {
        view! { <p class="break-words">{(words.why)(&line.reason)}</p> }
    });
    let add = (place.manages && line.state == AnswerState::HandedOver && answer.sources.is_empty()).then(|| {
        let href = format!("{}?new=qa#source", place.at(Part::Knowledge));
        view! { <ButtonLink href>{words.add_question}</ButtonLink> }
    });
    let question = said(words, &line.question);
    let text = (!line.text.is_empty()).then(|| {
        view! { <Card title=words.its_answer><p class="break-words whitespace-pre-line">{line.text.clone()}</p></Card> }
    });
    view! {
        <div class="flex flex-wrap items-start gap-x-4 gap-y-3">
            <div class="flex min-w-0 grow basis-64 flex-col gap-1.5 text-fg-2">
                <span><StatusPill tone=tone(line.state)>{(words.state)(line.state)}</StatusPill></span>
                <p>{(words.what_happened)(line.state)}</p>
                {reason}
            </div>
            <div class="flex flex-wrap gap-2">
                <ButtonLink href icon=Glyph::Inbox>{words.open_conversation}</ButtonLink>{add}
            </div>
        </div>
        <Card title=words.asked><p class="break-words whitespace-pre-line">{question}</p></Card>
        {text}
        <Sources words place sources=answer.sources.clone()/>
        <Facts words answer=answer.clone()/>
        <Steps words trace=answer.trace/>
    }
}

/// A text, or that there is none.
fn said(words: &'static Texts, text: &str) -> String {
    if text.is_empty() { words.no_text.to_owned() } else { text.to_owned() }
}

/// The passages that the answer is taken from.
#[component]
fn Sources(words: &'static Texts, place: Place, sources: Vec<Source>) -> impl IntoView {
    let none = sources.is_empty().then(|| view! { <p class="p-4 text-fg-2">{words.no_sources}</p> });
    let lines = sources.into_iter().map(|source| {
        let title = said(words, &source.title);
        let title = if place.manages {
            let href = format!("{}/{}", place.at(Part::Knowledge), source.knowledge);
            view! { <a class="link w-fit font-medium break-words" href=href>{title}</a> }.into_any()
        } else {
            view! { <span class="font-medium break-words">{title}</span> }.into_any()
        };
        view! {
            <li class="flex flex-col gap-1 border-t border-line px-4 py-3 first:border-0">
                {title}
                <p class="text-sm break-words whitespace-pre-line text-fg-2">{source.passage}</p>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Card title=words.sources flush=true>{none}<ul class="empty:hidden">{lines}</ul></Card> }
}

/// Who wrote it, with which settings, at what cost.
#[component]
fn Facts(words: &'static Texts, answer: AnswerView) -> impl IntoView {
    let AnswerView { line, version, provider, model, .. } = answer;
    let settings = if version > 0 { (words.version)(version) } else { words.factory.to_owned() };
    let writer = match (provider.as_str(), model.as_str()) {
        ("", "") => words.none.to_owned(),
        ("local", _) => words.from_knowledge.to_owned(),
        (provider, "") => provider.to_owned(),
        (_, model) => model.to_owned(),
    };
    let took = answer.latency_ms.map_or_else(|| words.none.to_owned(), |ms| kit::time::span(i64::from(ms)));
    let asked = answer.prompt_tokens > 0 || answer.completion_tokens > 0;
    let count = |tokens: i32| grouped(i64::from(tokens));
    let tokens = asked.then(|| {
        let told = (words.token_count)(&count(answer.prompt_tokens), &count(answer.completion_tokens));
        let all = i64::from(answer.prompt_tokens) + i64::from(answer.completion_tokens);
        let cost = match Cost::of(all, i64::from(answer.priced_tokens), answer.cost_micros) {
            Cost::Known(micros) => dollars(words, micros),
            Cost::AtLeast(micros) if micros >= CENT => (words.or_more)(&dollars(words, micros)),
            Cost::AtLeast(_) | Cost::Unknown => words.unknown.to_owned(),
        };
        let exact = (answer.cost_micros > 0).then(|| exact(answer.cost_micros));
        view! {
            <KeyValue name=words.tokens>{told}</KeyValue>
            <KeyValue name=words.cost><span title=exact>{cost}</span></KeyValue>
        }
    });
    let decided = answer.decided_at.map(|at| {
        let by = answer.decided_by.map(|name| format!(" {}", (words.by)(&name)));
        view! { <KeyValue name=words.decided><Ago at/>{by}</KeyValue> }
    });
    view! {
        <Card title=words.facts>
            <KeyValues>
                <KeyValue name=words.asked_at><Exact at=line.created_at/></KeyValue>
                <KeyValue name=words.mode_label>{(words.mode)(line.mode)}</KeyValue>
                {decided}
                <KeyValue name=words.settings_version>{settings}</KeyValue>
                <KeyValue name=words.written_by>{writer}</KeyValue>
                {tokens}
                <KeyValue name=words.took>{took}</KeyValue>
            </KeyValues>
        </Card>
    }
}

/// An amount in US dollars to the cent, from millionths of one. One below a cent is no zero.
pub(super) fn dollars(words: &Texts, micros: i64) -> String {
    let cents = micros.saturating_add(CENT / 2) / CENT;
    match micros {
        1..CENT => words.under_a_cent.to_owned(),
        _ => format!("${}.{:02}", grouped(cents / 100), cents % 100),
    }
}

/// The same to the millionth, for the hover text.
pub(super) fn exact(micros: i64) -> String {
    format!("${}.{:06}", grouped(micros / 1_000_000), micros % 1_000_000)
}

/// The steps, each with the time since the beginning.
#[component]
fn Steps(words: &'static Texts, trace: Trace) -> impl IntoView {
    let none = trace.steps.is_empty().then(|| view! { <p class="p-4 text-fg-2">{words.no_steps}</p> });
    let lines = trace.steps.into_iter().map(|step| {
        let at = format!("+{}", kit::time::span(i64::from(step.at_ms)));
        view! {
            <li class="flex flex-wrap gap-x-4 gap-y-0.5 border-t border-line px-4 py-2.5 text-sm first:border-0">
                <span class="w-16 shrink-0 text-fg-3 tabular-nums">{at}</span>
                <span class="w-32 shrink-0 font-medium break-words">{(words.step)(&step.name)}</span>
                <span class="min-w-0 grow basis-48 break-words whitespace-pre-line text-fg-2">{(words.why)(&step.detail)}</span>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Card title=words.steps flush=true>{none}<ol class="empty:hidden">{lines}</ol></Card> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_told_to_the_cent_and_exactly_on_hover() {
        let words = texts(Language::English);
        for (micros, told, in_full) in [
            (0, "$0.00", "$0.000000"),
            (870, "less than 1\u{a2}", "$0.000870"),
            (10_000, "$0.01", "$0.010000"),
            (2_504_999, "$2.50", "$2.504999"),
        ] {
            assert_eq!((dollars(words, micros).as_str(), exact(micros).as_str()), (told, in_full));
        }
    }
}
