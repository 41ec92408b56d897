//! One message of a conversation: who wrote it, what it says, its files and reactions, how far it came, and what can be
//! done with it.

use chrono_tz::Tz;
use domain::messaging::view::MessageView;
use domain::messaging::{Channel, Direction, MessageStatus, Sender};
use kit::labels::messaging::tone;
use kit::{Address, ButtonStyle, Menu, MenuLink, MenuPost, MinuteTime, PostButton, StatusIcon};
use leptos::prelude::*;

use super::attachments::Attachments;
use super::choices::offered;
use super::day;
use super::read::Place;
use super::texts::Texts;

/// The emojis that a person can react with.
static EMOJIS: [&str; 5] = ["👍", "❤\u{fe0f}", "😂", "🙏", "🎉"];

/// What a message needs to know of the page around it.
#[derive(Clone)]
pub(super) struct Surroundings {
    /// The texts.
    pub words: &'static Texts,
    /// The address of the page.
    pub at: Address,
    /// Where the page is, and what the person may do.
    pub place: Place,
    /// The kind of channel.
    pub kind: Channel,
    /// Whether a person's own words and reactions can be sent now.
    pub takes_words: bool,
    /// By whose clock times are written for a browser without scripts.
    pub zone: Tz,
}

impl Surroundings {
    /// The fields of a form about a message, with one more.
    fn hidden(&self, message: &MessageView, more: Option<(&'static str, String)>) -> Vec<(&'static str, String)> {
        let own = [("business", self.place.business.to_string()), ("message", message.id.to_string())];
        own.into_iter().chain(more).collect()
    }

    /// The emojis that the channel takes from a business.
    fn emojis(&self) -> &'static [&'static str] {
        match self.kind {
            Channel::Whatsapp => &EMOJIS,
            Channel::Instagram => &EMOJIS[1..2],
            _ => &[],
        }
    }
}

/// How a message stands in the thread, as a class of the style sheet.
const fn class(message: &MessageView) -> &'static str {
    match (message.direction, message.sender) {
        (Direction::In, _) => "inbox-message inbox-in",
        (Direction::Out, _) => "inbox-message inbox-out",
        (Direction::Internal, Sender::System) => "inbox-message inbox-system",
        (Direction::Internal, Sender::Assistant) => "inbox-message inbox-assistant-note",
        (Direction::Internal, _) => "inbox-message inbox-note",
    }
}

/// One message.
#[component]
pub(super) fn Message(around: Surroundings, message: MessageView) -> impl IntoView {
    let words = around.words;
    let (id, class) = (message.id.to_string(), class(&message));
    let sender = sender(words, &message);
    let ahead = day::ahead(around.zone, message.at);
    let edited = (message.edited && !message.revoked).then_some(words.edited);
    let quote = message.reply_to.clone().filter(|_| !message.revoked).map(|text| {
        view! { <blockquote class="inbox-quote"><span class="sr-only">{words.in_answer_to}": "</span>{text}</blockquote> }
    });
    let files = (!message.revoked && !message.attachments.is_empty()).then(|| {
        view! { <Attachments words business=around.place.business files=message.attachments.clone()/> }
    });
    let choices = offered(&message);
    let reactions = view! { <Reactions words message=message.clone()/> };
    let acts = (message.direction == Direction::In && around.takes_words && !message.revoked)
        .then(|| view! { <Acts around=around.clone() message=message.clone()/> });
    let progress = (message.direction == Direction::Out && !message.revoked)
        .then(|| view! { <Progress around=around.clone() message=message.clone()/> });
    view! {
        <li class=class data-row=id>
            <p class="flex flex-wrap items-baseline gap-x-2 text-xs text-fg-3">
                <span class="font-medium text-fg-2">{sender}</span><MinuteTime at=message.at ahead/>{edited}
            </p>
            <div class="flex max-w-full items-start gap-1">
                <div class="inbox-bubble">{quote}{files}{text(words, &message)}{choices}</div>
                {acts}
            </div>
            {reactions}
            {progress}
        </li>
    }
}

/// Who wrote a message, in words.
fn sender(words: &'static Texts, message: &MessageView) -> String {
    let kind = (words.sender)(message.sender);
    match (&message.sender_name, message.sender, message.direction) {
        (name, Sender::Person, Direction::Internal) => {
            format!("{} {}", words.note_by, name.as_deref().unwrap_or(words.a_person))
        }
        (_, Sender::Assistant, Direction::Internal) => words.assistant_note.to_owned(),
        (Some(name), Sender::Person, _) => name.clone(),
        // The assistant wrote it and a person sent it.
        (Some(name), Sender::Assistant, _) => format!("{kind} \u{b7} {name}"),
        _ => kind.to_owned(),
    }
}

/// The text of a message, or what it is where it has none.
fn text(words: &'static Texts, message: &MessageView) -> Option<AnyView> {
    if message.revoked {
        return Some(view! { <p class="text-fg-2 italic">{words.deleted}</p> }.into_any());
    }
    if !message.body.is_empty() {
        return Some(view! { <p class="inbox-text" dir="auto">{message.body.clone()}</p> }.into_any());
    }
    message
        .attachments
        .is_empty()
        .then(|| view! { <p class="text-fg-2 italic">{(words.kind)(&message.kind)}</p> }.into_any())
}

/// The reactions of both sides.
#[component]
fn Reactions(words: &'static Texts, message: MessageView) -> impl IntoView {
    let shown = message.reactions.into_iter().filter(|one| !one.emoji.is_empty()).map(|one| {
        let who = if one.by_contact { words.reacted_customer } else { words.reacted_us };
        view! { <li class="inbox-reaction" title=who><span class="sr-only">{who}": "</span>{one.emoji}</li> }
    });
    let shown = shown.collect_view();
    view! { <ul class="flex gap-1 empty:hidden">{shown}</ul> }
}

/// What can be done with a message of the customer: react to it, quote it.
#[component]
fn Acts(around: Surroundings, message: MessageView) -> impl IntoView {
    let words = around.words;
    let reacted = message.reactions.iter().any(|one| !one.by_contact && !one.emoji.is_empty());
    let react = |emoji: &'static str, label: String| {
        let hidden = around.hidden(&message, Some(("emoji", emoji.to_owned())));
        view! { <MenuPost action="/do/react_to_message" hidden=hidden>{label}</MenuPost> }
    };
    let entries = around.emojis().iter().map(|emoji| react(emoji, (words.react)(emoji))).collect_view();
    let back = (reacted && !around.emojis().is_empty()).then(|| react("", words.take_back.to_owned()));
    let quote = format!("{}#field-text", around.at.with("reply", &message.id.to_string()).href());
    view! {
        <Menu label=words.acts dots=true look=ButtonStyle::Quiet>
            <MenuLink href=quote>{words.quote}</MenuLink>{entries}{back}
        </Menu>
    }
}

/// Why a message of ours failed: first a sentence of ours, with what to do where the person `can_retry`. What the platform said
/// follows as a quotation, in its own words and language.
fn failure(words: &'static Texts, message: &MessageView, can_retry: bool) -> AnyView {
    let code = message.error_code.as_deref();
    let known = code.and_then(words.failed_code);
    // The platform's codes are numbers. Beside another code stands a sentence of ours, which says itself what to do.
    let is_ours = code.is_some_and(|code| !code.starts_with(|letter: char| letter.is_ascii_digit()));
    let why = known.unwrap_or(if can_retry && !is_ours { words.failed_advice } else { words.failed_why });
    let said = message.error.as_deref().filter(|said| known.is_none() && !said.trim().is_empty());
    let said = said.map(|said| {
        let said = if is_ours { format!(" {said}") } else { format!(" \u{201c}{said}\u{201d}") };
        view! { <span lang="en">{said}</span> }
    });
    // A code of ours is a key, which tells nobody more than its sentence.
    let code = code.filter(|_| !is_ours).map(|code| format!(" ({code})"));
    view! { <span class="text-bad">{why}{said}{code}</span> }.into_any()
}

/// How far a message of ours came, why it failed, and what can be done about it.
#[component]
fn Progress(around: Surroundings, message: MessageView) -> impl IntoView {
    let words = around.words;
    let status = message.status;
    let is_over = status == MessageStatus::Failed && !message.repeatable;
    let why = (status == MessageStatus::Failed).then(|| failure(words, &message, around.place.replies && !is_over));
    let over = (is_over && message.sender != Sender::Echo && around.place.replies)
        .then(|| view! { <span>{words.retry_over}</span> });
    let hidden = around.hidden(&message, None);
    let act = match status {
        MessageStatus::Failed if is_over => None,
        MessageStatus::Failed => Some(("/do/retry_message", words.retry)),
        MessageStatus::Pending | MessageStatus::Held => Some(("/do/cancel_message", words.cancel)),
        _ => None,
    };
    let act = act.filter(|_| around.place.replies).map(|(action, label)| {
        view! { <PostButton action hidden=hidden look=ButtonStyle::Quiet>{label}</PostButton> }
    });
    view! {
        <p class="flex flex-wrap items-center justify-end gap-x-2 gap-y-1 text-end text-xs text-fg-3" data-status=status.key()>
            <span class="inline-flex items-center gap-1"><StatusIcon tone=tone(status) size=12/>{(words.message_status)(status)}</span>
            {why}{over}{act}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use domain::language::Language;
    use serde_json::json;

    use super::super::texts::texts;
    use super::*;

    fn message(direction: &str, sender: &str, status: &str) -> MessageView {
        serde_json::from_value(json!({
            "id": uuid::Uuid::nil(), "at": "2026-01-01T10:00:00Z", "direction": direction, "sender": sender, "sender_name": null,
            "kind": "text", "body": "<b onclick=alert(1)>", "details": {}, "attachments": [], "reactions": [], "reply_to": "<i>before</i>",
            "status": status, "error": null, "error_code": null, "edited": true, "revoked": false, "repeatable": status == "failed"
        }))
        .unwrap()
    }

    fn around(replies: bool) -> Surroundings {
        let place = Place {
            business: domain::BusinessId(uuid::Uuid::nil()),
            user: domain::UserId(uuid::Uuid::nil()),
            replies,
            connects: false,
            erases: false,
        };
        let at = Address::new(place.root(), "");
        let (words, kind) = (texts(Language::English), Channel::Whatsapp);
        Surroundings { words, at, place, kind, takes_words: replies, zone: Tz::America__New_York }
    }

    fn html(around: Surroundings, message: MessageView) -> String {
        Owner::new().with(|| view! { <Message around message/> }.to_html())
    }

    #[test]
    fn every_status_is_a_word_and_what_failed_can_be_repeated() {
        for status in MessageStatus::ALL {
            let page = html(around(true), message("out", "person", status.key()));
            let words = texts(Language::English);
            assert!(page.contains((words.message_status)(*status)), "{status:?}: {page}");
            assert_eq!(page.contains("/do/retry_message"), *status == MessageStatus::Failed, "{status:?}");
            let cancels = matches!(status, MessageStatus::Pending | MessageStatus::Held);
            assert_eq!(page.contains("/do/cancel_message"), cancels, "{status:?}");
            let read = html(around(false), message("out", "person", status.key()));
            assert!(!read.contains("<form"), "whoever only reads has no buttons: {read}");
        }
    }

    #[test]
    fn without_scripts_a_time_is_by_the_clock_of_the_business() {
        let page = html(around(false), message("in", "contact", "received"));
        assert!(page.contains(">5:00 AM<"), "ten o'clock of UTC in New York: {page}");
    }

    #[test]
    fn why_a_message_failed_is_said_by_us_before_the_platform_is_quoted() {
        let failed = |code: &str| MessageView {
            error: Some("<i>Unsupported request</i>".to_owned()),
            error_code: Some(code.to_owned()),
            ..message("out", "person", "failed")
        };
        let page = html(around(true), failed("999999"));
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
        assert!(
            at("Not delivered.") < at("\u{201c}&lt;i&gt;Unsupported request") && !page.contains("<i>Unsupported"),
            "{page}"
        );
        let known = html(around(true), failed("131026"));
        assert!(known.contains("reach this number") && !known.contains("Unsupported request"), "{known}");
        let spanish = Surroundings { words: texts(Language::Spanish), ..around(true) };
        let page = html(spanish, failed("999999"));
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
        assert!(at("Inténtelo más tarde") < at("\u{201c}&lt;i&gt;Unsupported request"), "{page}");
    }

    #[test]
    fn whoever_can_retry_a_failed_message_reads_what_to_do() {
        let failed = MessageView { error_code: Some("999999".to_owned()), ..message("out", "person", "failed") };
        let page = html(around(true), failed.clone());
        assert!(page.contains("Not delivered. Try again later") && page.contains("(999999)"), "{page}");
        let over = MessageView { repeatable: false, ..failed.clone() };
        for page in [html(around(false), failed), html(around(true), over)] {
            assert!(page.contains("Not delivered.") && !page.contains("Try again later"), "{page}");
        }
    }

    #[test]
    fn a_reason_of_ours_is_no_quotation_and_does_not_claim_what_nobody_knows() {
        let failed = |code: &str, said: &str| MessageView {
            error: Some(said.to_owned()),
            error_code: Some(code.to_owned()),
            ..message("out", "person", "failed")
        };
        let page = html(around(true), failed("file", "Attach it again."));
        assert!(page.contains(" Attach it again.") && !page.contains('\u{201c}'), "{page}");
        assert!(page.contains("Not delivered.") && !page.contains("Try again later"), "{page}");
        for (language, known) in [(Language::English, "know whether it arrived"), (Language::Spanish, "No sabemos si")]
        {
            let around = Surroundings { words: texts(language), ..around(true) };
            let page = html(around, failed("unclear", "canary"));
            assert!(page.contains(known) && !page.contains("canary") && !page.contains("(unclear)"), "{page}");
            assert!(!page.contains(texts(language).failed_why), "{page}");
        }
    }

    #[test]
    fn what_failed_too_long_ago_says_why_it_cannot_be_sent_again() {
        let old = MessageView { repeatable: false, ..message("out", "person", "failed") };
        let page = html(around(true), old.clone());
        assert!(!page.contains("/do/retry_message") && page.contains("more than 90 days ago"), "{page}");
        assert!(!html(around(false), old).contains("90 days"), "whoever only reads misses no button");
    }

    #[test]
    fn what_a_customer_writes_stays_text_and_is_gone_when_it_was_deleted() {
        let page = html(around(true), message("in", "contact", "received"));
        assert!(
            page.contains("&lt;b onclick") && !page.contains("<b onclick") && !page.contains("<i>before"),
            "{page}"
        );
        assert!(page.contains("/do/react_to_message") && page.contains("edited"), "{page}");
        let gone = MessageView { revoked: true, ..message("in", "contact", "received") };
        let page = html(around(true), gone);
        assert!(!page.contains("alert(1)") && page.contains("This message was deleted."), "{page}");
        assert!(!page.contains("/do/react_to_message"), "{page}");
    }

    #[test]
    fn each_kind_of_sender_has_its_own_words() {
        let words = texts(Language::English);
        let mut seen: Vec<String> =
            Sender::ALL.iter().map(|one| sender(words, &message("out", one.key(), "sent"))).collect();
        seen.push(sender(words, &message("internal", "person", "received")));
        let named = MessageView { sender_name: Some("Ana".to_owned()), ..message("out", "person", "sent") };
        seen.push(sender(words, &named));
        seen.push(sender(words, &message("internal", "assistant", "received")));
        let approved = MessageView { sender_name: Some("Ana".to_owned()), ..message("out", "assistant", "sent") };
        seen.push(sender(words, &approved));
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count, "{seen:?}");
    }
}
