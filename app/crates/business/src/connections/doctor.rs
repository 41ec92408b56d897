//! What does the doctor of a channel show? Ten checks, each with its state, since when that is known, and what to do.

use domain::IntegrationId;
use domain::channel_doctor::{Finding, Line};
use domain::integration::Integration;
use domain::language::Language;
use kit::{Ago, ButtonLink, ButtonStyle, PostButton, StatusIcon, Tone};
use leptos::prelude::*;
use operations::channels;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};

use super::card::Rights;
use super::doctor_texts::texts;

/// Asks Meta about the access of a channel, in the background.
#[server(prefix = "/do", endpoint = "check_channel")]
pub async fn check_channel(integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    channels::check(&context.business_actor()?, integration).await?;
    flash_notice(&context, "check_channel", texts(context.request.language).looking).await
}

/// The channel whose doctor the address asks for.
pub(super) fn asked(context: &ServerContext) -> Option<IntegrationId> {
    let (_, query) = context.request.address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("doctor="))?.parse().ok()
}

/// On the card of a channel: the result of its checks, or the way to it.
#[component]
pub(super) fn Doctor(
    language: Language,
    integration: Integration,
    rights: Rights,
    lines: Option<Vec<Line>>,
) -> impl IntoView {
    let words = texts(language);
    let home = format!("/b/{}/integrations", rights.business);
    let id = integration.id;
    let Some(lines) = lines else {
        let href = format!("{home}?doctor={id}");
        return view! { <ButtonLink href look=ButtonStyle::Quiet>{words.open}</ButtonLink> }.into_any();
    };
    let hidden = vec![("business", rights.business.to_string()), ("integration", id.to_string())];
    let again = (rights.connect && rights.ready && integration.is_active)
        .then(|| view! { <PostButton action="/do/check_channel" hidden>{words.again}</PostButton> });
    let lines = lines.into_iter().map(|line| view! { <CheckLine language line/> }).collect_view();
    view! {
        <section class="flex flex-col gap-2 border-t border-line pt-3" aria-label=words.title>
            <h3 class="font-medium">{words.title}</h3>
            <ol class="flex flex-col gap-2 text-sm">{lines}</ol>
            <div class="flex flex-wrap items-center gap-2">
                {again}<ButtonLink href=home look=ButtonStyle::Quiet>{words.close}</ButtonLink>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn CheckLine(language: Language, line: Line) -> impl IntoView {
    let words = texts(language);
    let (tone, word) = match line.finding {
        Finding::Good => (Tone::Ok, words.good),
        Finding::Look => (Tone::Warn, words.look),
        Finding::Bad => (Tone::Failed, words.bad),
        Finding::Unknown => (Tone::Waiting, words.unknown),
        Finding::NotNeeded => (Tone::Waiting, words.not_needed),
    };
    let what = matches!(line.finding, Finding::Look | Finding::Bad)
        .then(|| view! { <span class="block text-fg-2">{(words.advice)(line.check)}</span> });
    let seen = line.seen_at.map(|at| view! { <span class="text-fg-3">" \u{b7} " <Ago at/></span> });
    view! {
        <li class="flex items-start gap-2">
            <StatusIcon tone/>
            <span class="min-w-0">
                <span class="font-medium">{(words.name)(line.check)}</span>": "{word}{seen}{what}
            </span>
        </li>
    }
}
