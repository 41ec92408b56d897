//! What may an agent do with each tool? A compact table by groups with one choice for each tool, one for all tools of a group,
//! and one button that saves them all.

use std::collections::{BTreeMap, BTreeSet};

use domain::ApiTokenId;
use domain::tools::Policy;
use kit::{Button, ButtonStyle, Card, Chip, Form};
use leptos::prelude::*;
use operations::tools::{Effect, TOOLS, policy};

use super::place::Place;
use super::policy_groups::{self, Group};
use super::texts::Texts;

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The name of the tool.
    pub tool: String,
    /// What it does to what is stored.
    pub effect: Effect,
    /// What holds.
    pub policy: Policy,
}

/// The lines: every tool of ours in its order, then those that third-party servers offer, and what somebody decided about
/// tools that no server offers at the moment. Nobody knows what these change, so each counts as one that writes.
pub(super) fn rows(chosen: &BTreeMap<String, Policy>, offered: Vec<String>) -> Vec<Row> {
    let ours = TOOLS.iter().copied().flatten().map(|tool| (tool.name.to_owned(), tool.effect));
    let mut others: BTreeSet<String> = offered.into_iter().collect();
    others.extend(chosen.keys().filter(|name| operations::tools::find(name).is_none()).cloned());
    let all = ours.chain(others.into_iter().map(|name| (name, Effect::Write)));
    let row = |(tool, effect): (String, Effect)| {
        let policy = chosen.get(&tool).copied().unwrap_or_else(|| policy::default_of(effect));
        Row { tool, effect, policy }
    };
    all.map(row).collect()
}

/// The table.
#[component]
pub(super) fn Policies(words: &'static Texts, place: Place, token: ApiTokenId, rows: Vec<Row>) -> impl IntoView {
    let hidden = place.hidden_with("token", token);
    let meanings = Policy::ALL.iter().map(|policy| {
        view! { <li><span class="font-medium">{(words.policy)(*policy)}</span>": "{(words.policy_help)(*policy)}</li> }
    });
    let meanings = meanings.collect_view();
    let groups = policy_groups::grouped(rows).into_iter();
    let groups = groups.map(|(group, rows)| view! { <Together words group rows/> }).collect_view();
    view! {
        <Card title=words.policies flush=true>
            <Form action="/do/save_tool_policies" hidden guard=true class="flex flex-col">
                <ul class="flex flex-col gap-0.5 border-b border-line px-4 py-3 text-xs text-fg-3">{meanings}</ul>
                {groups}
                <div class="sticky bottom-0 rounded-b-card border-t border-line bg-surface p-4 max-sm:bottom-14"><Button look=ButtonStyle::Primary>{words.save_policies}</Button></div>
            </Form>
        </Card>
    }
}

/// A group with a choice for all of its tools, which counts once it is saved.
#[component]
fn Together(words: &'static Texts, group: Group, rows: Vec<Row>) -> impl IntoView {
    let title = group.title(words);
    let options = Policy::ALL.iter().map(|policy| {
        view! { <option value=policy.key()>{(words.policy)(*policy)}</option> }
    });
    let options = options.collect_view();
    let (label, heading) = ((words.policy_of_all)(&title), title.clone());
    let lines = rows.into_iter().map(|row| view! { <Line words row/> }).collect_view();
    view! {
        <section aria-label=title class="border-t border-line first-of-type:border-0">
            <div class="flex flex-wrap items-center gap-x-4 gap-y-1 bg-raised px-4 py-2">
                <h3 class="min-w-0 grow basis-48 text-sm font-semibold break-words max-sm:basis-full">{heading}</h3>
                <span class="text-xs text-fg-3 max-sm:grow">{words.all_of_these}</span>
                <span class="w-40 shrink-0">
                    <select class="control control-select scroll-mb-28" name=group.field() aria-label=label>
                        <option value="">{words.each_its_own}</option>
                        {options}
                    </select>
                </span>
            </div>
            <ul>{lines}</ul>
        </section>
    }
}

/// A tool with its choice. What removes for good is marked, as is what changes something.
#[component]
fn Line(words: &'static Texts, row: Row) -> impl IntoView {
    let title = named(words, &row.tool);
    let mark = (words.effect)(row.effect).map(|word| view! { <Chip>{word}</Chip> });
    let options = Policy::ALL.iter().map(|policy| {
        view! { <option value=policy.key() selected={*policy == row.policy}>{(words.policy)(*policy)}</option> }
    });
    let options = options.collect_view();
    let label = (words.policy_of)(&title);
    let code = row.tool.split_inclusive('_').map(|part| view! { {part.to_owned()}<wbr/> }).collect_view();
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2">
            <span class="min-w-0 grow basis-32">
                <span class="flex flex-wrap items-center gap-2 text-sm font-medium">{title}{mark}</span>
                <code class="block font-mono text-xs break-words text-fg-3">{code}</code>
            </span>
            <span class="w-36 shrink-0 sm:w-40">
                <select class="control control-select scroll-mb-28" name=row.tool aria-label=label>{options}</select>
            </span>
        </li>
    }
}

/// What a tool is called: in words of the language, as it says itself in English, or by its name.
pub(super) fn named(words: &'static Texts, tool: &str) -> String {
    let own = operations::tools::find(tool).map(|known| known.title);
    (words.tool)(tool).or(own).unwrap_or(tool).to_owned()
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::super::texts::texts;
    use super::*;

    #[test]
    fn every_tool_has_a_line_with_what_holds_for_it() {
        let shown = rows(&BTreeMap::new(), Vec::new());
        assert_eq!(shown.len(), TOOLS.iter().copied().flatten().count());
        for row in &shown {
            let usual = match row.effect {
                Effect::Read => Policy::Allow,
                Effect::Write => Policy::Ask,
                Effect::Destructive => Policy::Deny,
            };
            assert_eq!(row.policy, usual, "{}", row.tool);
        }
    }

    #[test]
    fn a_decision_stands_in_its_line_and_one_about_a_tool_of_others_too() {
        let first = rows(&BTreeMap::new(), Vec::new())[0].clone();
        let chosen = [(first.tool.clone(), Policy::DryRun), ("notes_add".to_owned(), Policy::Deny)];
        let offered = ["notes_add", "notes_list"].map(str::to_owned).to_vec();
        let shown = rows(&chosen.into_iter().collect(), offered);
        assert_eq!(shown[0], Row { policy: Policy::DryRun, ..first });
        let others = shown[shown.len() - 2..].iter().map(|row| (row.tool.as_str(), row.policy));
        assert_eq!(others.collect::<Vec<_>>(), [("notes_add", Policy::Deny), ("notes_list", Policy::Ask)]);
        assert_eq!(named(texts(Language::English), "notes_add"), "notes_add");
    }
}
