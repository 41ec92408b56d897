//! What is still to do before a business answers its customers here, and which of its channels needs somebody: the card of the
//! first steps, and a line for each connection that ended or ends soon.

use domain::BusinessId;
use domain::integration::{Integration, State, state};
use domain::language::Language;
use domain::messaging::Channel;
use kit::{Banner, ButtonLink, ButtonStyle, Card, Region, StatusIcon, Tone};
use leptos::prelude::*;
use store::tenant::TenantTx;
use web::clock::now;
use web::error::Result;
use web::translate::translate;

use crate::messages::beginning_texts;

/// What the page shows of the beginning.
pub(super) struct Beginning {
    /// The connections of the business with messaging channels.
    integrations: Vec<Integration>,
    /// Whether customers can write anywhere.
    has_channel: bool,
    /// Whether the assistant knows anything.
    knows: bool,
    /// Whether the person may connect channels.
    connects: bool,
    /// Whether the person may teach the assistant.
    teaches: bool,
}

/// Reads how far the business is.
pub(super) async fn load(tx: &mut TenantTx, connects: bool, teaches: bool) -> Result<Beginning> {
    let integrations = store::integrations::of_channels(tx).await?;
    let has_channel = !store::messaging::channels::list(tx).await?.is_empty();
    let knows = store::assistant::knowledge::knows_anything(tx).await?;
    Ok(Beginning { integrations, has_channel, knows, connects, teaches })
}

/// What the page shows before everything else: connections in trouble, and the first steps until they are done.
#[component]
pub(super) fn BeforeAll(language: Language, business: BusinessId, facts: Beginning) -> impl IntoView {
    let Beginning { integrations, has_channel, knows, connects, teaches } = facts;
    let texts = beginning_texts(language);
    let href = format!("/b/{business}/integrations");
    let troubles = integrations.iter().filter_map(|one| trouble(language, one)).map(|(tone, text)| {
        let href = href.clone();
        view! { <Banner tone text><ButtonLink href>{texts.open_connections}</ButtonLink></Banner> }
    });
    let troubles = troubles.collect_view();
    let begins = (connects || teaches) && !(has_channel && knows);
    let steps = begins.then(|| view! { <Steps language business has_channel knows/> });
    view! {
        <Region key="beginning" topics="integration.changed:* channel.changed:*" class="flex flex-col gap-3 pb-4 empty:hidden">
            {troubles}{steps}
        </Region>
    }
}

/// What to say of a connection that ended or ends soon; `None` while it works, and when a person turned it off.
fn trouble(language: Language, integration: &Integration) -> Option<(Tone, String)> {
    let found = state(Some(integration), now());
    let tone = match found.state {
        State::RenewSoon => Tone::Warn,
        State::Expired | State::Error | State::Suspended => Tone::Failed,
        _ => return None,
    };
    let channel = integration.kind.channel().map_or("", Channel::name);
    let account = integration.platform_name.as_deref().unwrap_or(&integration.platform_id);
    Some((tone, format!("{channel} \u{b7} {account}: {}", translate(language, &found.because))))
}

/// The first steps. The last one is never done: it is there as long as one before it is open.
#[component]
fn Steps(language: Language, business: BusinessId, has_channel: bool, knows: bool) -> impl IntoView {
    let texts = beginning_texts(language);
    let steps = [
        (has_channel, texts.connect, "integrations"),
        (knows, texts.teach, "assistant/knowledge"),
        (false, texts.try_out, "assistant/try"),
    ];
    let next = steps.iter().position(|(done, ..)| !done);
    let lines = steps.into_iter().enumerate().map(|(at, (done, (what, why, verb), page))| {
        let (tone, word) = if done { (Tone::Ok, Some(texts.done)) } else { (Tone::Waiting, None) };
        let look = if next == Some(at) { ButtonStyle::Primary } else { ButtonStyle::Secondary };
        let button = (!done).then(|| view! { <ButtonLink href=format!("/b/{business}/{page}") look>{verb}</ButtonLink> });
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-2">
                <StatusIcon tone size=16/>
                <div class="min-w-0 grow basis-52">
                    <p class="font-medium">{what}{word.map(|word| view! { <span class="sr-only">", "{word}</span> })}</p>
                    <p class="text-sm text-fg-2">{why}</p>
                </div>
                {button}
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Card title=texts.title><ol class="flex flex-col gap-4">{lines}</ol></Card> }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    fn channel(setup_error: Option<&str>) -> Integration {
        let id = "00000000-0000-4000-8000-000000000001";
        serde_json::from_value(json!({
            "id": id, "agency": id, "business": id, "kind": "WHATSAPP", "is_active": true, "platform_id": "1065",
            "platform_name": "<b>Luna</b>", "scopes_granted": [], "scopes_missing": [], "setup_error": setup_error,
            "setup_step": "test", "connected_at": "2026-11-01T09:00:00Z"
        }))
        .unwrap()
    }

    fn page(has_channel: bool, knows: bool, may: bool) -> String {
        let facts = Beginning { integrations: Vec::new(), has_channel, knows, connects: may, teaches: may };
        let business = BusinessId(uuid::Uuid::nil());
        Owner::new().with(|| view! { <BeforeAll language=Language::English business facts/> }.to_html())
    }

    #[test]
    fn the_first_steps_stand_there_until_they_are_done_for_those_who_may_take_them() {
        for (has_channel, knows, may, shown) in [
            (false, false, true, true),
            (true, false, true, true),
            (false, true, true, true),
            (true, true, true, false),
            (false, false, false, false),
        ] {
            let page = page(has_channel, knows, may);
            assert_eq!(page.contains("assistant/try"), shown, "{page}");
            assert_eq!(page.contains("/integrations\""), shown && !has_channel, "{page}");
            assert_eq!(page.contains("assistant/knowledge"), shown && !knows, "{page}");
        }
    }

    #[test]
    fn a_connection_in_trouble_is_named_unless_a_person_ended_it() {
        let broken = channel(Some("The number is not registered."));
        for language in [Language::English, Language::Spanish] {
            let (tone, text) = trouble(language, &broken).unwrap();
            assert_eq!(tone, Tone::Failed);
            assert!(text.starts_with("WhatsApp \u{b7} <b>Luna</b>: "), "{text}");
        }
        assert!(trouble(Language::English, &channel(None)).is_none(), "it is being set up");
        let ended = Integration { disconnected_at: Some(DateTime::UNIX_EPOCH), ..broken };
        assert!(trouble(Language::English, &ended).is_none());
    }
}
