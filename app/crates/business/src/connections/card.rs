//! The card of a channel: its state and the evidence for it, the checklist while it is being connected, and what a person
//! can do about it.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::BusinessId;
use domain::channel_doctor::Line;
use domain::channel_setup::{LineState, Step, checklist};
use domain::integration::{Integration, Kind, State, state};
use domain::language::Language;
use domain::messaging::view::ChannelView;
use kit::labels::integration::tone;
use kit::{Ago, ButtonLink, ButtonStyle, Card, Confirm, Glyph, PostButton, StatusIcon, StatusPill, Tone};
use leptos::prelude::*;
use web::clock::now;
use web::translate::translate;

use super::doctor::Doctor;
use super::renewal::LinkActs;
use super::texts::{Texts, texts};

/// How long a step of the setup may last before another try is offered.
const PATIENCE: TimeDelta = TimeDelta::minutes(2);

/// What the person may do, and where.
#[derive(Clone)]
pub(super) struct Rights {
    /// The business.
    pub business: BusinessId,
    /// Its time zone.
    pub zone: Tz,
    /// Whether the person may connect channels.
    pub connect: bool,
    /// Whether this installation has an app at Meta.
    pub ready: bool,
}

impl Rights {
    /// Where a consent for this kind begins; `None` if it cannot.
    fn consent(&self, kind: Kind) -> Option<String> {
        let kind = kind.channel()?.key();
        (self.connect && self.ready)
            .then(|| format!("/api/integrations/meta/connect?business={}&type={kind}", self.business))
    }
}

/// The name of a kind, as people say it.
pub(super) const fn name(kind: Kind) -> &'static str {
    match kind.channel() {
        Some(channel) => channel.name(),
        None => "HighLevel",
    }
}

/// A kind of channel that the business does not have yet.
#[component]
pub(super) fn ConnectCard(language: Language, kind: Kind, rights: Rights) -> impl IntoView {
    let words = texts(language);
    let button = rights.consent(kind).map(|href| {
        view! { <ButtonLink href look=ButtonStyle::Primary icon=Glyph::Plug>{(words.connect)(name(kind))}</ButtonLink> }
    });
    let ask = (!rights.connect).then(|| view! { <p class="text-sm text-fg-3">{words.ask_owner}</p> });
    let pill = view! { <StatusPill tone=Tone::Waiting>{(words.state)(State::NotConnected)}</StatusPill> };
    view! {
        <Card title=name(kind) aside=pill.into_any()>
            <div class="flex flex-wrap items-center gap-x-6 gap-y-3">
                <p class="min-w-0 grow basis-64 text-sm text-fg-2">{(words.what_it_needs)(kind)}</p>
                {button}{ask}
            </div>
        </Card>
    }
}

/// A channel of the business.
#[component]
pub(super) fn ChannelCard(
    language: Language,
    integration: Integration,
    channel: Option<ChannelView>,
    link_until: Option<DateTime<Utc>>,
    doctor: Option<Vec<Line>>,
    rights: Rights,
) -> impl IntoView {
    let words = texts(language);
    let kind = integration.kind;
    let found = state(Some(&integration), now());
    let because = translate(language, &found.because);
    let account = integration.platform_name.clone().unwrap_or_else(|| integration.platform_id.clone());
    let address = channel.as_ref().map(|channel| domain::phone::shown(&channel.display_address)).unwrap_or_default();
    let title = format!("{} \u{b7} {account}", name(kind));
    let pill =
        view! { <StatusPill tone=tone(found.state) evidence=because.clone()>{(words.state)(found.state)}</StatusPill> };
    let step = integration.setup_step.as_deref().and_then(Step::parse);
    let failed = integration.setup_error.is_some();
    let list = step.filter(|_| integration.is_active).map(|step| view! { <SetupList words kind step failed/> });
    let test = (step == Some(Step::Test))
        .then(|| (words.test_help)(kind, if address.is_empty() { &account } else { &address }));
    let heard = integration
        .last_event_at
        .map(|at| view! { <p class="text-sm text-fg-3">{words.last_message} " " <Ago at/></p> });
    let held = channel
        .as_ref()
        .and_then(|channel| channel.hold_since)
        .map(|_| view! { <p class="text-sm text-warn">{words.held}</p> });
    let by_link =
        view! { <LinkActs language integration=integration.clone() rights=rights.clone() open_until=link_until/> };
    let is_examined = doctor.is_some();
    let doctor = view! { <Doctor language integration=integration.clone() rights=rights.clone() lines=doctor/> };
    let (to_doctor, doctor) = if is_examined { (None, Some(doctor)) } else { (Some(doctor), None) };
    let acts = view! { <Acts words integration=integration.clone() state=found.state step account=account.clone() rights=rights.clone()/> };
    view! {
        <Card title=title aside=pill.into_any()>
            <div class="flex flex-col gap-3">
                {(!address.is_empty() && address != account).then(|| view! { <p class="text-sm text-fg-2">{address}</p> })}
                <p class="text-fg-2">{because}</p>
                {list}
                {test.map(|text| view! { <p class="rounded-control bg-info-bg px-3 py-2 text-sm text-info">{text}</p> })}
                {heard}{held}
                <div class="flex flex-wrap items-center gap-2">{acts}{to_doctor}</div>
                {by_link}{doctor}
            </div>
        </Card>
    }
}

/// The checklist while the channel is being connected.
#[component]
fn SetupList(words: &'static Texts, kind: Kind, step: Step, failed: bool) -> impl IntoView {
    let lines = checklist(kind, Some(step), failed).into_iter().map(|(line, state)| {
        let (tone, word, class) = match state {
            LineState::Done => (Tone::Ok, words.done, "text-fg-2"),
            LineState::Now => (Tone::Running, words.under_way, "text-fg"),
            LineState::Failed => (Tone::Failed, words.needs_you, "text-fg"),
            LineState::Later => (Tone::Waiting, words.to_come, "text-fg-3"),
        };
        let text = (words.line)(line);
        view! {
            <li class=format!("flex items-center gap-2 {class}")>
                <StatusIcon tone/><span>{text}<span class="sr-only">", "{word}</span></span>
            </li>
        }
    });
    view! { <ol class="flex flex-wrap gap-x-5 gap-y-1.5 text-sm" aria-label=words.checklist>{lines.collect_view()}</ol> }
}

/// Whether the step of the setup is worth another try: it failed, or it lasts longer than any call.
fn can_try_again(integration: &Integration, step: Option<Step>, now: DateTime<Utc>) -> bool {
    let lasts = integration.connected_at.is_none_or(|at| now - at > PATIENCE);
    integration.is_active && step.is_some() && (integration.setup_error.is_some() || lasts)
}

/// What a person can do with the channel.
#[component]
fn Acts(
    words: &'static Texts,
    integration: Integration,
    state: State,
    step: Option<Step>,
    account: String,
    rights: Rights,
) -> impl IntoView {
    let kind = integration.kind;
    let off = matches!(state, State::Disconnected);
    let broken = off || state.needs_person();
    let hidden = vec![("business", rights.business.to_string()), ("integration", integration.id.to_string())];
    let (look, text) = match (off, broken) {
        (true, _) => (ButtonStyle::Primary, (words.connect)(name(kind))),
        (false, true) => (ButtonStyle::Primary, (words.connect_again)(name(kind))),
        (false, false) => (ButtonStyle::Quiet, words.connect_another.to_owned()),
    };
    let consent = rights.consent(kind).map(|href| view! { <ButtonLink href look icon=Glyph::Plug>{text}</ButtonLink> });
    let ask = (broken && !rights.connect).then(|| view! { <p class="text-sm text-fg-3">{words.ask_owner}</p> });
    let inbox = (!off)
        .then(|| view! { <ButtonLink href=format!("/b/{}/inbox", rights.business)>{words.open_inbox}</ButtonLink> });
    let again = (rights.connect && can_try_again(&integration, step, now())).then(
        || view! { <PostButton action="/do/retry_channel_setup" hidden=hidden.clone()>{words.try_again}</PostButton> },
    );
    let skip = (step == Some(Step::Test) && rights.connect).then(
        || view! { <PostButton action="/do/skip_channel_test" hidden=hidden.clone()>{words.skip_test}</PostButton> },
    );
    let end = (rights.connect && !off).then(|| {
        let what = (words.disconnect_what)(&account);
        view! {
            <Confirm action="/do/disconnect_channel" label=words.disconnect verb=words.disconnect hidden=hidden look=ButtonStyle::Quiet start=true>{what}</Confirm>
        }
    });
    view! { {again}{skip}{inbox}{consent}{end}{ask} }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn channel(error: Option<&str>, connected: DateTime<Utc>) -> Integration {
        let id = "00000000-0000-4000-8000-000000000001";
        serde_json::from_value(json!({
            "id": id, "agency": id, "business": id, "kind": "WHATSAPP", "is_active": true, "platform_id": "1065",
            "scopes_granted": [], "scopes_missing": [], "setup_error": error, "connected_at": connected
        }))
        .expect("the other facts are optional")
    }

    #[test]
    fn a_step_can_be_tried_again_when_it_failed_or_lasts() {
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        for step in Step::ALL {
            let can =
                |error, minutes| can_try_again(&channel(error, now - TimeDelta::minutes(minutes)), Some(step), now);
            assert!(can(Some("no"), 0) && can(None, 3), "{step:?}");
            assert!(!can(None, 1), "{step:?} is under way");
        }
        assert!(!can_try_again(&channel(None, now - TimeDelta::days(3)), None, now), "it is set up");
    }
}
