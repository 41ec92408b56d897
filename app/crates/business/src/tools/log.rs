//! What did agents call? The log with its filters, newest first, and the way to take it along as a file.

use domain::page::Page;
use domain::person::ApiToken;
use domain::tools::{CallLine, Outcome, filter};
use kit::plain_list::{ListWords, list_card, view_tabs};
use kit::{Address, Ago, Glyph, Icon, Region, StatusPill, Tone};
use leptos::prelude::*;
use operations::tools::tokens::opens_tools;
use operations::tools::{TOOLS, find};
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;

use super::place::{Around, Part, Place};
use super::policies::named;
use super::texts::{Texts, texts};

/// The views, in the order of the page. Each other than the first is an outcome.
const VIEWS: [&str; 6] = ["", "done", "waiting", "refused", "failed", "dry_run"];

/// The log of a business.
#[component]
pub fn AiLog() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let (place, agents, page) = read(&context, &at).await?;
        let words = texts(context.request.language);
        let name = |key| Outcome::parse(key).map_or(words.all, words.outcome);
        let tabs = view_tabs(words.views, &VIEWS, &at, name);
        let list = view! { <List words at=at.clone() place=place.clone() page/> };
        let file = format!("{}.csv", place.at(Part::Log));
        let file = at.others(&[]).fold(Address::new(file, ""), |to, (name, value)| to.with(&name, &value)).href();
        Ok(view! {
            <Around context place part=Part::Log>
                <div class="flex flex-col gap-4">
                    <div class="flex flex-wrap items-start gap-3">
                        <p class="min-w-0 grow basis-72 text-fg-2">{words.log_help}</p>
                        <a class="btn btn-secondary" href=file download=""><Icon of=Glyph::Download/>{words.export}</a>
                    </div>
                    <Filters words at agents/>
                    {tabs}
                    {list}
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext, at: &Address) -> Result<(Place, Vec<ApiToken>, Page<CallLine>)> {
    let (access, mut tx) = context.business_page().await?;
    let place = Place::read(&access, &mut tx).await?;
    let tokens = store::api_tokens::list(&mut tx).await?;
    let page = store::tools::calls::list(&mut tx, &filter::query(at.parameters())).await?;
    tx.commit().await?;
    Ok((place, tokens.into_iter().filter(opens_tools).collect(), page))
}

/// The filters as one form: which agent, which tool, which days.
#[component]
fn Filters(words: &'static Texts, at: Address, agents: Vec<ApiToken>) -> impl IntoView {
    let hidden = at.others(&filter::FILTERS);
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let asked = at.get("token").to_owned();
    let agents = agents.into_iter().map(|agent| {
        let id = agent.id.to_string();
        let selected = id == asked;
        view! { <option value=id selected=selected>{agent.name}</option> }
    });
    let agents = agents.collect_view();
    let tools = tool_choices(words, at.get("tool"));
    let (from, to) = (at.get("from").to_owned(), at.get("to").to_owned());
    let set = filter::FILTERS.iter().any(|name| !at.get(name).is_empty());
    let cleared = filter::FILTERS.iter().fold(at.clone(), |at, name| at.with(name, "")).href();
    let clear = set.then(|| view! { <a class="btn btn-quiet" href=cleared>{words.clear}</a> });
    view! {
        <form method="get" action=at.path class="grid grid-cols-2 items-end gap-2 sm:flex sm:flex-wrap">
            {hidden}
            <label class="flex min-w-0 flex-col gap-1 text-xs text-fg-2 sm:min-w-36">{words.agent}
                <select class="control control-select" name="token"><option value="">{words.all_agents}</option>{agents}</select>
            </label>
            <label class="flex min-w-0 flex-col gap-1 text-xs text-fg-2 sm:min-w-36">{words.tool_label}
                <select class="control control-select" name="tool"><option value="">{words.all}</option>{tools}</select>
            </label>
            <label class="flex min-w-0 flex-col gap-1 text-xs text-fg-2">{words.from}<input class="control" type="date" name="from" value=from/></label>
            <label class="flex min-w-0 flex-col gap-1 text-xs text-fg-2">{words.to}<input class="control" type="date" name="to" value=to/></label>
            <button type="submit" class="btn btn-secondary"><Icon of=Glyph::Filter/>{words.filter}</button>
            {clear}
        </form>
    }
}

/// The tools that calls are filtered by: ours, and the one that is asked for.
fn tool_choices(words: &'static Texts, asked: &str) -> impl IntoView + use<> {
    let ours = TOOLS.iter().copied().flatten().map(|tool| tool.name);
    let other = (!asked.is_empty() && find(asked).is_none()).then_some(asked);
    let options = ours.chain(other).map(|name| {
        let (value, label) = (name.to_owned(), named(words, name));
        view! { <option value=value selected={name == asked}>{label}</option> }
    });
    options.collect_view()
}

#[component]
fn List(words: &'static Texts, at: Address, place: Place, page: Page<CallLine>) -> impl IntoView {
    let said = ListWords {
        none: words.no_call,
        none_here: words.no_call_here,
        show_all: words.show_all,
        first_page: words.first_page,
        next: words.next,
    };
    let line = |line: CallLine| view! { <Line words place=place.clone() line/> }.into_any();
    let body = list_card(said, &at, page, !at.is_filtered(), line);
    view! { <Region key="calls" topics="tool_call.changed:*">{body}</Region> }
}

/// How an outcome looks.
pub(super) const fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Running => Tone::Running,
        Outcome::Done => Tone::Ok,
        Outcome::Failed => Tone::Failed,
        Outcome::Refused | Outcome::Limited => Tone::Warn,
        Outcome::Waiting => Tone::Asks,
        Outcome::DryRun => Tone::Waiting,
    }
}

/// A call: which tool, by which agent, what became of it, and how long it took.
#[component]
fn Line(words: &'static Texts, place: Place, line: CallLine) -> impl IntoView {
    let href = format!("{}/{}", place.at(Part::Log), line.id);
    let title = named(words, &line.tool);
    let took = line.took_ms.filter(|ms| *ms > 0).map(|ms| format!(" \u{b7} {}", kit::time::span(i64::from(ms))));
    let by = line.approved_by.as_deref().map(|name| format!(" \u{b7} {}", (words.approved_by)(name)));
    let reason = (!line.reason.is_empty()).then(
        || view! { <span class="line-clamp-2 text-sm break-words text-fg-2">{(words.told)(&line.reason)}</span> },
    );
    view! {
        <li class="border-t border-line first:border-0">
            <a class="flex flex-col gap-1 px-4 py-3 hover:bg-raised" href=href>
                <span class="flex flex-wrap items-center gap-x-3 gap-y-1">
                    <span class="min-w-0 grow basis-40 truncate font-medium">{title}</span>
                    <StatusPill tone=tone(line.outcome)>{(words.outcome)(line.outcome)}</StatusPill>
                    <span class="text-xs text-fg-3"><Ago at=line.at/></span>
                </span>
                <span class="text-sm break-words text-fg-3">{line.token_name}{took}{by}</span>
                {reason}
            </a>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::*;

    #[test]
    fn every_view_but_the_first_is_an_outcome_with_a_name_of_its_own() {
        for language in Language::ALL {
            let words = texts(language);
            let names: std::collections::BTreeSet<_> =
                VIEWS[1..].iter().map(|view| (words.outcome)(Outcome::parse(view).unwrap())).collect();
            assert_eq!(names.len(), VIEWS.len() - 1);
        }
    }
}
