//! The pages of the inbox: the list, and the list with a conversation and its contact beside it. On a phone one of them is
//! shown at a time.

use domain::ConversationId;
use kit::frame::{Crumb, Shell};
use kit::region::AskedRegions;
use kit::title::PageTitle;
use kit::{Address, Filled, Region};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use web::brand::BrandAccent;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::assistant_draft::SEND;
use super::composer::Composer;
use super::contact::ContactPane;
use super::header::Header;
use super::list::ListPane;
use super::opt_in::ALLOW;
use super::read::{Asked, Open, Place, Shown, shown};
use super::schedule::SCHEDULE;
use super::sending::Sending;
use super::template_picker::SEND as SEND_TEMPLATE;
use super::texts::{Texts, texts};
use super::thread::ThreadLog;

/// The inbox without an opened conversation.
#[component]
pub fn Inbox() -> impl IntoView {
    show(None)
}

/// A conversation.
#[component]
pub fn Conversation() -> impl IntoView {
    let params = use_params_map();
    show(Some(params.with_untracked(|params| params.get("conversation")).unwrap_or_default()))
}

fn show(conversation: Option<String>) -> impl IntoView {
    let context = server_context();
    let asked = Asked { at: Address::current(), conversation, regions: use_context::<AskedRegions>() };
    load_page(async move {
        let context = context?;
        let found = shown(&context, &asked).await?;
        if let Some(open) = found.open.as_ref().filter(|_| asked.is_looked_at()) {
            seen(&context, &found.place, open).await;
        }
        Ok(page(&context, asked.at, found))
    })
}

/// Marks an opened conversation as read. A page that is fetched ahead was not looked at.
async fn seen(context: &ServerContext, place: &Place, open: &Open) {
    let line = &open.line;
    if !open.is_to_be_read(place) || context.request.prefetch {
        return;
    }
    if let Err(error) = mark_read(context, line.id).await {
        tracing::warn!(event = "inbox.not_marked_read", conversation = %line.id, %error, "an opened conversation stays unread");
    }
}

async fn mark_read(context: &ServerContext, conversation: ConversationId) -> Result<()> {
    Ok(operations::inbox::mark_read(&context.business_actor()?, conversation).await?)
}

fn page(context: &ServerContext, at: Address, found: Shown) -> impl IntoView + use<> {
    let language = context.request.language;
    let words = texts(language);
    let Shown { brand, place, list, counts, open } = found;
    let name = open.as_ref().map(|open| contact_name(words, open));
    let crumbs = match &name {
        Some(name) => vec![Crumb::link(words.inbox, place.root()), Crumb::current(name.clone())],
        None => vec![Crumb::current(words.inbox)],
    };
    let frame = frame(context, crumbs);
    let title = name.unwrap_or_else(|| words.inbox.to_owned());
    let state = if open.is_some() { "thread" } else { "list" };
    let current = open.as_ref().map(|open| open.line.id);
    let panes = match open {
        Some(open) => view! { <Opened context=context.clone() at=at.clone() place=place.clone() open/> }.into_any(),
        None => view! { <section class="inbox-none" aria-label=words.conversation><p class="text-fg-3">{words.choose}</p></section> }.into_any(),
    };
    view! {
        <PageTitle text=title/>
        <Shell frame=frame>
            <BrandAccent brand/>
            <div class="inbox" data-pane=state>
                <ListPane language at place list counts current/>
                {panes}
            </div>
        </Shell>
    }
}

/// The name of the contact, or the best that is known.
fn contact_name(words: &'static Texts, open: &Open) -> String {
    let name = &open.line.contact_name;
    if name.is_empty() { words.contact.to_owned() } else { domain::phone::shown(name) }
}

/// A conversation and its contact.
#[component]
fn Opened(context: ServerContext, at: Address, place: Place, open: Open) -> impl IntoView {
    let language = context.request.language;
    let words = texts(language);
    let name = contact_name(words, &open);
    let unseen = open.is_to_be_read(&place).then(|| topics(open.line.id));
    let Open {
        line,
        contact,
        messages,
        older,
        channel,
        people,
        templates,
        snippets,
        scheduled,
        draft,
        zone,
        looks_back,
    } = open;
    let topics = topics(line.id);
    let quoted = at.get("reply");
    let quoted = messages.iter().find(|message| message.id.to_string() == quoted).cloned();
    let (reply, note) =
        (filled(&context.request, "reply_to_customer"), filled(&context.request, "add_conversation_note"));
    let later = filled(&context.request, SCHEDULE);
    let typed = [note, later].into_iter().find(Filled::came_back).unwrap_or(reply);
    let of_template = filled(&context.request, SEND_TEMPLATE);
    let of_draft = filled(&context.request, SEND);
    let of_contact = (filled(&context.request, "change_contact"), filled(&context.request, ALLOW));
    let composer = match (looks_back, place.replies) {
        (true, _) => view! { <LooksBack words at=at.clone()/> }.into_any(),
        (false, false) => view! { <p class="border-t border-line p-4 text-sm text-fg-2">{words.read_only}</p> }.into_any(),
        (false, true) => {
            view! { <Composer language at=at.clone() place=place.clone() line=line.clone() channel quoted typed templates of_template snippets draft of_draft scheduled zone/> }.into_any()
        }
    };
    let sending = (place.replies && !looks_back).then(|| view! { <Sending words/> });
    let head = view! { <Header language zone place=place.clone() line=line.clone() name people/> };
    let log = view! { <ThreadLog language at place=place.clone() line messages older zone looks_back/> };
    let pane = contact.map(|contact| view! { <ContactPane language place contact zone typed=of_contact/> });
    view! {
        <section class="inbox-thread" aria-label=words.conversation data-unseen=unseen>
            <Region key="head" topics=topics.clone()>{head}</Region>
            {log}
            {sending}
            <Region key="composer" topics=format!("{topics} channel.changed:*")>{composer}</Region>
        </section>
        <aside class="inbox-contact" aria-label=words.contact>
            <Region key="contact" topics=topics>{pane}</Region>
        </aside>
    }
}

/// What every part of a conversation follows. Its messages follow more.
fn topics(conversation: ConversationId) -> String {
    format!("conversation.changed:{conversation}")
}

/// Shown in place of the form while somebody reads older messages.
#[component]
fn LooksBack(words: &'static Texts, at: Address) -> impl IntoView {
    let newest = at.with("before", "").href();
    view! {
        <p class="flex flex-wrap items-center gap-3 border-t border-line p-4 text-sm text-fg-2" role="status">
            <span class="grow">{words.looking_back}</span>
            <a class="btn btn-secondary" href=newest>{words.newest}</a>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_follows_its_own_changes_alone() {
        let (one, other) = (ConversationId(uuid::Uuid::from_u128(1)), ConversationId(uuid::Uuid::from_u128(2)));
        assert!(domain::topics::concerns(&topics(one), &topics(one)));
        assert!(!domain::topics::concerns(&topics(one), &topics(other)));
        let inside = format!("message.changed:{one}");
        assert!(!domain::topics::concerns(&topics(one), &inside), "its head and its forms show no state of a message");
    }
}
