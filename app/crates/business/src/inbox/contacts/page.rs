//! The page of a contact: what is known of the person, where they write, what was said, and which contacts became part of it.

use chrono_tz::Tz;
use domain::language::Language;
use domain::messaging::view::ContactView;
use domain::messaging::{Channel, ConversationStatus, Direction};
use domain::phone;
use kit::frame::{Crumb, Shell};
use kit::labels::messaging::glyph;
use kit::title::PageTitle;
use kit::{Ago, ButtonLink, ButtonStyle, Card, Confirm, Icon, PageHeader, Region, StatusPill, Tone};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::messaging::contact_page::ConversationRow;
use store::messaging::merging::Merge;
use web::brand::BrandAccent;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::super::contact::ContactPane;
use super::super::opt_in::ALLOW;
use super::super::read::Place;
use super::super::texts as inbox_texts;
use super::actions::UNDO;
use super::channels::{Channels, on_channels};
use super::read::{One, called, name, one};
use super::texts::{Texts, texts};

/// A contact.
#[component]
pub fn ContactPage() -> impl IntoView {
    let context = server_context();
    let contact = use_params_map().with_untracked(|params| params.get("contact")).unwrap_or_default();
    load_page(async move {
        let context = context?;
        let found = one(&context, &contact).await?;
        Ok(page(&context, found))
    })
}

fn page(context: &ServerContext, found: One) -> impl IntoView + use<> {
    let language = context.request.language;
    let words = texts(language);
    let One { brand, place, zone, contact, conversations, merges } = found;
    let (title, id) = (name(words, &contact), contact.id);
    let root = format!("/b/{}/contacts", place.business);
    let frame = frame(context, vec![Crumb::link(words.contacts, root.clone()), Crumb::current(title.clone())]);
    let typed = (filled(&context.request, "change_contact"), filled(&context.request, ALLOW));
    let merge = place.replies.then(|| {
        view! { <ButtonLink href=format!("{root}/{id}/merge") look=ButtonStyle::Secondary>{words.merge}</ButtonLink> }
    });
    let newest = conversations.first().map(|row| {
        let href = format!("{}/{}", place.root(), row.id);
        view! { <ButtonLink href look=ButtonStyle::Primary>{words.open_newest}</ButtonLink> }
    });
    let (mark, meta) = (mark(words, &contact), seen(words, &contact));
    let channels = view! { <Channels language channels=on_channels(&contact, &conversations)/> };
    let hidden = vec![("business", place.business.to_string()), ("contact", id.to_string())];
    let said = view! { <Said language place=place.clone() conversations/> };
    let merged = (!merges.is_empty()).then(|| view! { <Merged language zone may_undo=place.replies hidden merges/> });
    view! {
        <PageTitle text=title.clone()/>
        <Shell frame=frame>
            <BrandAccent brand/>
            <PageHeader title=title mark=mark meta=meta>{newest}{merge}</PageHeader>
            <div class="grid items-start gap-4 lg:grid-cols-2">
                <Card flush=true><ContactPane language place contact zone typed is_page=true/></Card>
                <div class="flex min-w-0 flex-col gap-4">
                    <Region key="conversations" topics="conversation.changed:*" class="flex min-w-0 flex-col gap-4">{channels}{said}</Region>
                    {merged}
                </div>
            </div>
        </Shell>
    }
}

/// Whether the person wants no automatic messages.
fn mark(words: &'static Texts, contact: &ContactView) -> AnyView {
    let pill = contact.opted_out_at.map(|_| view! { <StatusPill tone=Tone::Cancelled>{words.opted_out}</StatusPill> });
    pill.into_any()
}

/// When the person last wrote, on whatever channel.
fn seen(words: &'static Texts, contact: &ContactView) -> AnyView {
    match contact.last_activity_at {
        Some(at) => view! { <span>{words.last_wrote}" "<Ago at/></span> }.into_any(),
        None => view! { <span>{words.never_wrote}</span> }.into_any(),
    }
}

/// The conversations with a contact, each as a link into the inbox, the newest first.
#[component]
fn Said(language: Language, place: Place, conversations: Vec<ConversationRow>) -> impl IntoView {
    let words = texts(language);
    if conversations.is_empty() {
        return view! { <Card title=words.conversations><p class="text-fg-3">{words.no_conversation}</p></Card> }
            .into_any();
    }
    let inbox = inbox_texts::texts(language);
    let lines = conversations.into_iter().map(|row| {
        let href = format!("{}/{}", place.root(), row.id);
        let preview = if row.preview.is_empty() { words.no_text.to_owned() } else { row.preview };
        let by_us = (row.last_direction == Some(Direction::Out)).then_some(inbox.you);
        // A web chat is named as its kind, in the language of the page.
        let is_web = row.kind == Channel::Webchat;
        let name = if is_web { (inbox.channel)(row.kind).to_owned() } else { phone::shown(&row.channel_name) };
        let (tone, status) = (tone(row.status), (inbox.status)(row.status));
        let unread = (row.unread > 0).then(|| {
            view! { <span class="inbox-unread" aria-hidden="true">{row.unread}</span><span class="sr-only">{(inbox.unread)(row.unread)}" "</span> }
        });
        let waits = row.waiting_since.filter(|_| row.status == ConversationStatus::Open);
        let waits = waits.map(|_| view! { <StatusPill tone=Tone::Warn plain=true>{inbox.waiting}</StatusPill> });
        view! {
            <li class="border-t border-line first:border-0">
                <a class="flex flex-col gap-1 px-4 py-3 hover:bg-raised" href=href>
                    <span class="flex flex-wrap items-center gap-x-3 gap-y-1">
                        <span class="inline-flex min-w-0 grow items-center gap-1.5 font-medium"><Icon of=glyph(row.kind)/><span class="min-w-0 truncate" dir="auto">{name}</span>{unread}</span>
                        {waits}
                        <StatusPill tone>{status}</StatusPill>
                        <span class="text-xs text-fg-3"><Ago at=row.last_message_at/></span>
                    </span>
                    <span class="line-clamp-2 text-sm break-words text-fg-2" dir="auto">{by_us}{preview}</span>
                </a>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Card title=words.conversations flush=true><ul>{lines}</ul></Card> }.into_any()
}

/// How the state of a conversation looks.
const fn tone(status: ConversationStatus) -> Tone {
    match status {
        ConversationStatus::Open => Tone::Running,
        ConversationStatus::Snoozed => Tone::Waiting,
        ConversationStatus::Closed => Tone::Ok,
    }
}

/// The contacts that became part of this one. The newest can be taken out.
#[component]
fn Merged(
    language: Language,
    zone: Tz,
    may_undo: bool,
    hidden: Vec<(&'static str, String)>,
    merges: Vec<Merge>,
) -> impl IntoView {
    let words = texts(language);
    let lines = merges.into_iter().enumerate().map(|(at, merge)| {
        let name = called(words, &merge.name, merge.handle.as_deref(), [merge.phone.as_deref(), None]);
        let when = (words.merged_on)(&language.date_in(zone, merge.at));
        let mut hidden = hidden.clone();
        hidden.push(("merged", merge.merged.to_string()));
        let undo = may_undo.then(|| undo(words, at == 0, &name, hidden));
        view! {
            <li class="flex flex-wrap items-start gap-2 border-t border-line px-4 py-3 first:border-0">
                <span class="flex min-w-0 grow basis-60 flex-col gap-0.5">
                    <span class="font-medium break-words" dir="auto">{name}</span>
                    <span class="text-sm text-fg-2">{when}</span>
                </span>
                {undo}
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Card title=words.merged flush=true><ul>{lines}</ul></Card> }
}

/// The button that takes a contact out again, or why there is none yet.
fn undo(words: &'static Texts, is_newest: bool, name: &str, hidden: Vec<(&'static str, String)>) -> AnyView {
    if !is_newest {
        return view! { <span class="text-sm text-fg-3">{words.undo_later_first}</span> }.into_any();
    }
    let what = (words.undo_what)(name);
    view! {
        <Confirm action=format!("/do/{UNDO}") label=words.undo verb=words.undo hidden operation=ButtonStyle::Primary>{what}</Confirm>
    }
    .into_any()
}
