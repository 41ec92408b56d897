//! Is what people saved in use? The card says which version is, what publishing would change, and publishes it.

use domain::assistant::settings::Change;
use domain::assistant::view::SettingsView;
use domain::language::Language;
use kit::{ButtonLink, ButtonStyle, Card, Confirm, PostButton, StatusPill, Tone};
use leptos::prelude::*;

use super::place::{Part, Place};
use super::rehearsal;
use super::texts::{Texts, texts};

/// The card.
#[component]
pub(super) fn Publish(language: Language, place: Place, settings: SettingsView) -> impl IntoView {
    let words = texts(language);
    let before = settings.published.clone().unwrap_or_default();
    let changes = settings.draft.diff(&before);
    let version = settings.version;
    let (tone, state) = match (changes.is_empty(), version) {
        (true, 1..) => (Tone::Ok, (words.version)(version)),
        _ => (Tone::Warn, words.unpublished.to_owned()),
    };
    let pill = view! { <StatusPill tone>{state}</StatusPill> };
    let since = match settings.published_at.filter(|_| version > 0) {
        Some(at) => (words.version_since)(version, &language.date(at)),
        None => words.never_published.to_owned(),
    };
    let undo = (version > 0 && !changes.is_empty()).then(|| {
        let hidden = place.hidden_with("version", version);
        view! { <Confirm action="/do/restore_assistant" label=words.undo_changes verb=words.undo_changes hidden look=ButtonStyle::Quiet start=true>{words.undo_what}</Confirm> }
    });
    let told = if changes.is_empty() { words.nothing_to_publish } else { words.not_published };
    let publish = (version == 0 || !changes.is_empty()).then(|| {
        let rehearse = rehearsal::texts::texts(language).rehearse;
        let href = place.at(Part::Rehearsals);
        view! {
            <div class="flex flex-wrap items-center gap-2">
                <PostButton action="/do/publish_assistant" hidden=place.hidden() look=ButtonStyle::Primary>{words.publish}</PostButton>
                <ButtonLink href>{rehearse}</ButtonLink>
                {undo}
            </div>
        }
    });
    view! {
        <Card title=words.in_use aside=pill.into_any()>
            <div class="flex flex-col gap-3">
                <p class="text-fg-2">{since}" "{told}</p>
                <Changes words changes/>
                {publish}
                <p class="text-xs text-fg-3">{words.publish_help}</p>
            </div>
        </Card>
    }
}

/// What publishing would change: each setting as it is in use and as it is saved.
#[component]
fn Changes(words: &'static Texts, changes: Vec<Change>) -> impl IntoView {
    let lines = changes.into_iter().map(|change| {
        let label = (words.field)(&change.field);
        let (before, after) = (shown(words, &change.field, change.before), shown(words, &change.field, change.after));
        view! {
            <li class="flex flex-col gap-1.5 border-t border-line py-3 first:border-0">
                <p class="text-sm font-medium">{label}</p>
                <div class="grid gap-2 sm:grid-cols-2">
                    <Side name=words.before text=before class="bg-raised text-fg-2"/>
                    <Side name=words.after text=after class="bg-ok-bg text-fg"/>
                </div>
            </li>
        }
    });
    view! { <ul class="rounded-card border border-line px-3 empty:hidden">{lines.collect_view()}</ul> }
}

/// A setting on one side of the comparison.
#[component]
fn Side(name: &'static str, text: String, class: &'static str) -> impl IntoView {
    view! {
        <div class=format!("min-w-0 rounded-control px-2.5 py-1.5 {class}")>
            <p class="text-2xs text-fg-3">{name}</p>
            <p class="text-sm break-words whitespace-pre-line">{text}</p>
        </div>
    }
}

/// A setting as people read it.
fn shown(words: &'static Texts, field: &str, text: String) -> String {
    match (field, text.as_str()) {
        ("language", "") => words.customers_language.to_owned(),
        ("language", key) => Language::parse(key).map_or(text.clone(), |language| language.name().to_owned()),
        ("disclosure" | "hand_over_line", "") => words.built_in_line.to_owned(),
        (_, "") => words.nothing.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use domain::assistant::settings::{Service, Settings};

    use super::*;

    #[test]
    fn every_setting_has_a_label_in_each_language_and_none_is_a_key() {
        let (old, new) = (Settings::default(), changed());
        let changes = new.diff(&old);
        assert_eq!(changes.len(), 15, "a setting without a change is missing here");
        for language in Language::ALL {
            let words = texts(language);
            let unknown = (words.field)("no such setting");
            for change in &changes {
                assert_ne!((words.field)(&change.field), unknown, "{}", change.field);
            }
        }
    }

    fn changed() -> Settings {
        let text = || "other".to_owned();
        Settings {
            name: text(),
            personality: text(),
            greeting: text(),
            instructions: text(),
            services: vec![Service { name: text(), ..Default::default() }],
            disclosure: text(),
            never: vec![text()],
            hand_over_words: vec![text()],
            hand_over_line: text(),
            links: vec![text()],
            max_replies: 1,
            per_hour: 1,
            batch_seconds: 1,
            daily_tokens: 1,
            language: Some(Language::Spanish),
        }
    }

    #[test]
    fn a_language_is_named_and_nothing_is_said() {
        let words = texts(Language::English);
        assert_eq!(shown(words, "language", "es".into()), Language::Spanish.name());
        assert_eq!(shown(words, "greeting", String::new()), words.nothing);
        assert_eq!(shown(words, "greeting", "es".into()), "es");
    }
}
