//! What may the assistant do on each channel of the business? A line for each, and the form of the one that is changed.

use domain::assistant::hours::Hours;
use domain::language::Language;
use domain::messaging::AiMode;
use domain::messaging::view::ChannelView;
use kit::labels::messaging::glyph;
use kit::{
    Button, ButtonLink, ButtonStyle, Card, Choice, Empty, Filled, Form, Glyph, Icon, Region, Select, StatusPill, Tone,
};
use leptos::prelude::*;

use super::hours::{HoursFields, told};
use super::place::Place;
use super::texts::{Texts, texts};

/// A channel, and when the assistant answers on it by itself.
#[derive(Clone)]
pub(super) struct Inbox {
    /// The channel.
    pub channel: ChannelView,
    /// The hours.
    pub hours: Hours,
    /// The form, with what it holds, if this channel is changed.
    pub form: Option<Filled>,
}

/// The card.
#[component]
pub(super) fn Inboxes(language: Language, place: Place, inboxes: Vec<Inbox>) -> impl IntoView {
    let words = texts(language);
    let changed = inboxes.iter().any(|inbox| inbox.form.is_some());
    let card = if inboxes.is_empty() {
        view! { <NoInbox words place/> }.into_any()
    } else {
        let lines = inboxes.into_iter().map(|inbox| view! { <Line language place=place.clone() inbox/> });
        let lines = lines.collect_view();
        view! {
            <Card title=words.inboxes flush=true>
                <p class="border-b border-line px-4 py-3 text-sm text-fg-2">{words.inboxes_help}</p>
                <ul>{lines}</ul>
            </Card>
        }
        .into_any()
    };
    view! { <div id="inboxes"><Region key="inboxes" topics="channel.changed:*" frozen=changed>{card}</Region></div> }
}

#[component]
fn NoInbox(words: &'static Texts, place: Place) -> impl IntoView {
    let (title, text) = words.no_inbox;
    let first = if place.connects {
        let href = format!("/b/{}/integrations", place.business);
        view! { <ButtonLink href icon=Glyph::Plug>{words.to_connections}</ButtonLink> }.into_any()
    } else {
        view! { <p class="text-sm text-fg-3">{words.ask_owner}</p> }.into_any()
    };
    view! { <Empty title text>{first}</Empty> }
}

/// How a mode looks.
const fn tone(mode: AiMode) -> Tone {
    match mode {
        AiMode::Off => Tone::Cancelled,
        AiMode::Draft => Tone::Waiting,
        AiMode::Auto => Tone::Ok,
    }
}

/// A channel, or the form that changes what the assistant may do there.
#[component]
fn Line(language: Language, place: Place, inbox: Inbox) -> impl IntoView {
    let words = texts(language);
    let Inbox { channel, hours, form } = inbox;
    let name = domain::phone::shown(if channel.name.is_empty() { &channel.display_address } else { &channel.name });
    let kind = (words.channel)(channel.kind);
    let mode = channel.ai_mode;
    let facts = match (channel.active, mode) {
        (false, _) => words.off_line.to_owned(),
        (true, AiMode::Auto) => format!("{kind} \u{b7} {}", told(language, &hours)),
        (true, _) => kind.to_owned(),
    };
    let act = form.is_none().then(|| {
        let href = format!("{}?channel={}#inboxes", place.root(), channel.id);
        let about = format!(": {name}");
        view! { <ButtonLink href look=ButtonStyle::Quiet>{words.change}<span class="sr-only">{about}</span></ButtonLink> }
    });
    let form = form.map(|filled| view! { <Change words place channel=channel.clone() filled/> });
    view! {
        <li class="flex flex-col gap-4 border-t border-line px-4 py-3 first:border-0">
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <span class="min-w-0 grow basis-56">
                    <span class="flex items-center gap-1.5 font-medium"><Icon of=glyph(channel.kind)/>{name}</span>
                    <span class="block text-sm text-fg-3">{facts}</span>
                </span>
                <StatusPill tone=tone(mode)>{(words.mode)(mode)}</StatusPill>
                {act}
            </div>
            {form}
        </li>
    }
}

/// The form of a channel.
#[component]
fn Change(words: &'static Texts, place: Place, channel: ChannelView, filled: Filled) -> impl IntoView {
    let choices = AiMode::ALL.iter().map(|mode| Choice::new(mode.key(), (words.mode)(*mode))).collect::<Vec<_>>();
    let meanings = AiMode::ALL.iter().map(|mode| {
        view! { <li><span class="font-medium">{(words.mode)(*mode)}</span>": "{(words.mode_help)(*mode)}</li> }
    });
    let meanings = meanings.collect_view();
    let back = format!("{}#inboxes", place.root());
    let hidden = place.hidden_with("channel", channel.id);
    view! {
        <Form action="/do/set_channel_assistant" filled=filled hidden=hidden guard=true>
            <Select name="mode" label=words.mode_label choices value=channel.ai_mode.key() required=true/>
            <ul class="-mt-3 flex flex-col gap-0.5 text-xs text-fg-3">{meanings}</ul>
            <HoursFields words/>
            <div class="flex flex-wrap gap-2">
                <Button look=ButtonStyle::Primary>{words.save}</Button>
                <ButtonLink href=back look=ButtonStyle::Quiet>{words.cancel}</ButtonLink>
            </div>
        </Form>
    }
}
