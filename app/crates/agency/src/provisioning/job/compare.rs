//! Shows two attempts of a step side by side: what each was given and what each logged. Lines that only one of
//! them has are highlighted.

use std::collections::BTreeSet;

use domain::provisioning::{AttemptView, LogLine};
use kit::labels::provisioning as labels;
use kit::{Exact, StatusPill};
use leptos::prelude::*;
use serde_json::Value;

use super::data::without_question;
use super::log::within;

/// Lines of one side, each with true if the other side lacks it.
type Side = Vec<(String, bool)>;

/// Both attempts, one below the other where the page is too narrow.
#[component]
pub fn Compare(
    /// The selected attempt.
    left: AttemptView,
    /// The attempt it is compared with.
    right: AttemptView,
    /// The step's log, oldest line first.
    lines: Vec<LogLine>,
) -> impl IntoView {
    let said = |try_: &AttemptView| -> Vec<String> {
        lines.iter().filter(|line| within(line.at, Some(try_))).map(|line| line.message.clone()).collect()
    };
    let (given_left, given_right) = mark_differences(given(&left.input), given(&right.input));
    let (log_left, log_right) = mark_differences(said(&left), said(&right));
    let differing =
        [&given_left, &given_right, &log_left, &log_right].iter().any(|side| side.iter().any(|line| line.1));
    let none = (!differing).then(|| view! { <p class="border-b border-line px-4 py-2 text-sm text-fg-2">"Both tries had the same input and the same log."</p> });
    view! {
        {none}
        <div class="grid md:grid-cols-2 md:divide-x md:divide-line">
            <Column attempt=left given=given_left log=log_left/>
            <Column attempt=right given=given_right log=log_right/>
        </div>
    }
}

/// One attempt.
#[component]
fn Column(attempt: AttemptView, given: Side, log: Side) -> impl IntoView {
    let (tone, word) = labels::attempt(attempt.outcome.as_deref());
    view! {
        <section class="flex min-w-0 flex-col gap-3 border-t border-line p-4 first:border-t-0 md:border-t-0" aria-label=format!("Try {}", attempt.attempt)>
            <h3 class="flex flex-wrap items-center gap-x-3 text-sm font-semibold">
                {format!("Try {}", attempt.attempt)}
                <StatusPill tone=tone plain=true>{word}</StatusPill>
                <span class="text-xs font-normal text-fg-3"><Exact at=attempt.started_at/></span>
            </h3>
            {attempt.error_detail.map(|text| view! { <p class="text-sm break-words text-fg-2">{text}</p> })}
            <Lines title="Input" none="Only the order." lines=given/>
            <Lines title="Log" none="Nothing logged." lines=log/>
        </section>
    }
}

#[component]
fn Lines(title: &'static str, none: &'static str, lines: Side) -> impl IntoView {
    let empty = lines.is_empty().then(|| view! { <p class="text-sm text-fg-3">{none}</p> });
    let lines = lines
        .into_iter()
        .map(|(text, only)| {
            // The hidden text tells people who do not see the color.
            let (class, mark) = if only { ("compare-only", "Only here: ") } else { ("", "") };
            view! { <li class=class><span class="sr-only">{mark}</span>{text}</li> }
        })
        .collect_view();
    view! {
        <div class="flex flex-col gap-1.5">
            <h4 class="text-xs font-medium text-fg-2">{title}</h4>
            {empty}
            <ul class="compare">{lines}</ul>
        </div>
    }
}

/// Each line with true if the other side lacks it.
fn mark_differences(left: Vec<String>, right: Vec<String>) -> (Side, Side) {
    let of = |lines: &[String]| lines.iter().cloned().collect::<BTreeSet<_>>();
    let (in_left, in_right) = (of(&left), of(&right));
    let mark = |lines: Vec<String>, other: &BTreeSet<String>| {
        lines.into_iter().map(|line| (line.clone(), !other.contains(&line))).collect()
    };
    (mark(left, &in_right), mark(right, &in_left))
}

/// A value as one line per leaf, such as `answer.choice: again`.
fn given(value: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    flatten(String::new(), &without_question(value.clone()), &mut lines);
    lines
}

fn flatten(path: String, value: &Value, lines: &mut Vec<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Null => {}
        Value::Object(members) => members.iter().for_each(|(key, value)| flatten(below(key), value, lines)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| flatten(below(&(at + 1).to_string()), value, lines));
        }
        Value::String(text) => lines.push(format!("{path}: {text}")),
        other => lines.push(format!("{path}: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_one_side_lacks_stands_out() {
        let text = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let (left, right) = mark_differences(text(&["a", "b"]), text(&["b", "c", "b"]));
        assert_eq!(left, [("a".to_owned(), true), ("b".to_owned(), false)]);
        assert_eq!(right, [("b".to_owned(), false), ("c".to_owned(), true), ("b".to_owned(), false)]);
    }

    #[test]
    fn input_is_read_leaf_by_leaf() {
        let lines = given(&json!({ "answer": { "choice": "adopt", "value": null }, "tags": ["x", 2] }));
        assert_eq!(lines, ["answer.choice: adopt", "tags.1: x", "tags.2: 2"]);
        assert_eq!(given(&json!({})), Vec::<String>::new());
    }
}
