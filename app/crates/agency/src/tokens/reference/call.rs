//! How is one call of the API shown? What it takes, what it answers and which errors it has, with code to copy beside it.

use kit::Chip;
use leptos::prelude::*;

use super::described::{Described, Success};
use super::members::{Side, errors_table, members_table, with_code};
use super::{Entry, anchor};
use crate::tokens::examples::{CopyButton, Examples};

/// The classes of a heading within a call.
const HEADING: &str = "text-sm font-semibold";

/// One call.
#[component]
pub(super) fn OneCall(entry: Entry, described: Described, base: String) -> impl IntoView {
    let call = entry.example(&base);
    let (method, path, summary, scope) = (entry.method, entry.path, entry.doc.summary, entry.scope);
    let id = anchor(&format!("{method} {path}"));
    let Described { parameters, body, answers, errors } = described;
    let parameters = (!parameters.is_empty()).then(|| {
        let table = members_table(format!("Parameters: {summary}"), parameters, Side::Sent);
        view! { <div><h3 class=HEADING>"Parameters"</h3>{table}</div> }
    });
    let body = (!body.is_empty()).then(|| {
        let table = members_table(format!("Body: {summary}"), body, Side::Sent);
        view! { <div><h3 class=HEADING>"Body"</h3>{table}</div> }
    });
    let examples = answers.iter().filter_map(example).collect_view();
    let answers = answers.into_iter().map(|answer| success(answer, summary)).collect_view();
    let errors = errors_table(format!("Errors: {summary}"), errors);
    view! {
        <section id=id class="card scroll-mt-16">
            <header class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-3">
                <h2 class="text-base font-semibold">{summary}</h2>
                <p class="flex min-w-0 flex-wrap items-center gap-x-2 font-mono text-xs text-fg-2">
                    <span class="font-semibold">{method}</span>
                    <code class="min-w-0 break-all">{path}</code>
                </p>
            </header>
            <div class="grid gap-x-8 gap-y-5 p-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,27rem)]">
                <div class="flex min-w-0 flex-col gap-5">
                    <p class="flex flex-wrap items-center gap-2 text-sm text-fg-2">"Requires the scope "<Chip>{scope}</Chip></p>
                    {parameters}
                    {body}
                    {answers}
                    <div>
                        <h3 class=HEADING>"Errors"</h3>
                        {errors}
                    </div>
                </div>
                <div class="flex min-w-0 flex-col gap-5">
                    <div><h3 class=HEADING>"Request"</h3><Examples call/></div>
                    {examples}
                </div>
            </div>
        </section>
    }
}

/// What a success answers, with the members of its body.
fn success(answer: Success, summary: &str) -> AnyView {
    let Success { status, meaning, members, .. } = answer;
    let heading = format!("Response {status}");
    let table = (!members.is_empty()).then(|| members_table(format!("{heading}: {summary}"), members, Side::Answered));
    view! {
        <div>
            <h3 class=HEADING>{heading}</h3>
            <p class="py-1 text-sm text-fg-2">{with_code(&meaning)}</p>
            {table}
        </div>
    }
    .into_any()
}

/// The body of a success by example, to copy.
fn example(answer: &Success) -> Option<AnyView> {
    let code = answer.example.clone()?;
    let (heading, copied) = (format!("Example response {}", answer.status), code.clone());
    let block = view! {
        <div>
            <h3 class=HEADING>{heading}</h3>
            <div class="flex items-start gap-2 pt-2">
                <pre class="max-h-96 min-w-0 grow overflow-auto rounded-control bg-raised p-3 font-mono text-xs" tabindex="0"><code>{code}</code></pre>
                <CopyButton text=copied/>
            </div>
        </div>
    };
    Some(block.into_any())
}
