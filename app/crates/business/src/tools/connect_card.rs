//! The card that says how a program is connected: lines to paste for each, with the token as long as it is shown.

use domain::BusinessId;
use kit::{Card, CopyId, Glyph, Icon};
use leptos::prelude::*;

use super::connect::{Program, TOKEN, address, programs};
use super::texts::Texts;

/// What the lines are made of.
#[derive(Clone)]
pub(super) struct Lines {
    /// Our public address.
    pub base: String,
    /// The business.
    pub business: BusinessId,
    /// Its name.
    pub name: String,
}

/// The card. With `secret` it is about the token that was just made.
#[component]
pub(super) fn Connect(words: &'static Texts, lines: Lines, #[prop(optional)] secret: Option<String>) -> impl IntoView {
    let is_fresh = secret.is_some();
    let token = secret.clone().unwrap_or_else(|| TOKEN.to_owned());
    let all = programs(&lines.base, lines.business, &lines.name, &token);
    let blocks = all.into_iter().enumerate().map(|(at, program)| {
        view! { <Block words program open={is_fresh && at == 0}/> }
    });
    let blocks = blocks.collect_view();
    let shown = secret.map(|secret| {
        view! {
            <p class="pb-2 text-fg-2">{words.copy_now}</p>
            <p class="pb-4 break-all" role="status"><CopyId id=secret tail=0 label=words.copy_token/></p>
        }
    });
    let title = if is_fresh { words.your_token } else { words.how_to_connect };
    let url = address(&lines.base, lines.business);
    let help = (!is_fresh).then(|| view! { <p class="pb-2 text-sm text-fg-2">{(words.replace)(TOKEN)}</p> });
    view! {
        <div id="connect">
            <Card title=title>
                {shown}
                <p class="pb-3 text-sm break-all">{words.address}" "<CopyId id=url tail=0 label=words.copy_address/></p>
                {help}
                <div>{blocks}</div>
            </Card>
        </div>
    }
}

/// The lines of one program, folded unless `open`.
#[component]
fn Block(words: &'static Texts, program: Program, open: bool) -> impl IntoView {
    let file =
        (!program.file.is_empty()).then(|| view! { <code class="font-mono text-xs text-fg-3">{program.file}</code> });
    let copied = program.lines.clone();
    view! {
        <details open=open class="border-t border-line first:border-0">
            <summary class="fold flex flex-wrap items-center gap-2 py-2 text-sm">{program.name}" "{file}</summary>
            <div class="flex items-start gap-2 pb-3">
                <pre class="min-w-0 grow overflow-x-auto rounded-control bg-raised p-3 font-mono text-xs" tabindex="0"><code>{program.lines}</code></pre>
                <button type="button" class="scripted copy" data-copy=copied aria-label=words.copy_lines><Icon of=Glyph::Copy/></button>
            </div>
        </details>
    }
}
