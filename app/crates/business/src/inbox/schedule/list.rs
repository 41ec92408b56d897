//! What waits for its time: each message with its time and its text, and what can be done with it.

use chrono_tz::Tz;
use domain::BusinessId;
use domain::language::Language;
use kit::{ButtonStyle, PostButton, StatusIcon, Tone};
use leptos::prelude::*;
use store::messaging::scheduled::Scheduled;

use super::texts::texts;
use super::time::when;

/// How the messages stand on a page of their own, and below a conversation.
const SCHEDULED: &str = "flex flex-col divide-y divide-line";
const BELOW: &str = "flex max-h-56 flex-col divide-y divide-line overflow-y-auto";

/// The messages that wait. On the page of all of them each names its contact.
#[component]
pub(crate) fn ScheduledList(
    language: Language,
    business: BusinessId,
    list: Vec<Scheduled>,
    zone: Tz,
    names: bool,
) -> impl IntoView {
    let words = texts(language);
    if list.is_empty() {
        return ().into_any();
    }
    let lines = list.into_iter().map(|one| view! { <Line language business one zone names/> }).collect_view();
    // Below a conversation the form has to stay in sight.
    let class = if names { SCHEDULED } else { BELOW };
    view! { <ul class=class aria-label=words.scheduled>{lines}</ul> }.into_any()
}

#[component]
fn Line(language: Language, business: BusinessId, one: Scheduled, zone: Tz, names: bool) -> impl IntoView {
    let words = texts(language);
    let time = when(language, zone, one.at);
    let (tone, state) =
        if one.is_missed { (Tone::Failed, (words.missed)(&time)) } else { (Tone::Waiting, (words.at)(&time)) };
    let shut = (!one.is_missed && !one.may_go(one.at)).then(|| view! { <p class="text-xs text-warn">{words.shut}</p> });
    let Scheduled { id, conversation, contact_name, body, files, by, .. } = one;
    let by = by.map(|name| view! { <span>{(words.by)(&name)}</span> });
    let name = names.then(|| {
        let name = if contact_name.is_empty() { words.somebody.to_owned() } else { domain::phone::shown(&contact_name) };
        view! { <a class="link w-fit text-sm font-medium break-words" href=format!("/b/{business}/inbox/{conversation}")>{name}</a> }
    });
    let text = (!body.is_empty()).then(|| view! { <p class="inbox-text line-clamp-4 text-sm" dir="auto">{body}</p> });
    let files = (!files.is_empty()).then(|| {
        view! { <p class="line-clamp-2 text-sm break-words text-fg-2">{(words.with_files)(&files.join(", "))}</p> }
    });
    let hidden = vec![("business", business.to_string()), ("scheduled", id.to_string())];
    let (now, cancel) = (hidden.clone(), hidden);
    let edit = format!("/b/{business}/scheduled?edit={id}");
    view! {
        <li class="flex flex-col gap-1 py-2" data-scheduled=id.to_string()>
            {name}
            <p class="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-fg-2">
                <span class="inline-flex items-center gap-1"><StatusIcon tone size=12/>{state}</span>{by}
            </p>
            {text}
            {files}
            {shut}
            <div class="flex flex-wrap gap-1">
                <a class="btn btn-quiet" href=edit>{words.edit_time}</a>
                <PostButton action="/do/send_scheduled_now" hidden=now look=ButtonStyle::Quiet>{words.send_now}</PostButton>
                <PostButton action="/do/cancel_scheduled" hidden=cancel look=ButtonStyle::Quiet>{words.cancel}</PostButton>
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use domain::messaging::Channel;
    use domain::{ConversationId, ScheduledId};
    use uuid::Uuid;

    use super::*;

    fn html(closes_in: i64, is_missed: bool) -> String {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let one = Scheduled {
            id: ScheduledId(Uuid::nil()),
            conversation: ConversationId(Uuid::nil()),
            contact_name: "<b>Ada</b>".to_owned(),
            channel: Channel::Whatsapp,
            kind: "text".to_owned(),
            body: "<i>See you</i>".to_owned(),
            files: vec!["<u>map.png".to_owned()],
            at,
            by: None,
            is_missed,
            window_closes_at: Some(at + TimeDelta::minutes(closes_in)),
            late_answers: false,
        };
        let (language, business) = (Language::English, BusinessId(Uuid::nil()));
        Owner::new()
            .with(|| view! { <ScheduledList language business list=vec![one] zone=Tz::UTC names=true/> }.to_html())
    }

    #[test]
    fn a_message_says_when_it_goes_and_whether_it_can() {
        let open = html(1, false);
        assert!(open.contains("Scheduled for Oct 4, 2024, 12:00 AM UTC"), "{open}");
        assert!(
            !open.contains("<b>Ada")
                && !open.contains("<i>See")
                && open.contains("&lt;u")
                && !open.contains("will be closed"),
            "{open}"
        );
        assert!(html(-1, false).contains("will be closed by then"));
        let missed = html(-1, true);
        assert!(missed.contains("Not sent on Oct 4") && !missed.contains("will be closed"), "{missed}");
    }
}
