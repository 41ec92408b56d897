//! The form of the assistant's settings: who it is, when a person takes over, and what limits it.

use domain::language::Language;
use kit::{Button, ButtonStyle, Card, Choice, Filled, Form, FormSection, Select, TextArea, TextField};
use leptos::prelude::*;

use super::place::Place;
use super::texts::{Texts, texts};

/// The form. `filled` holds the value of every field.
#[component]
pub(super) fn SettingsForm(language: Language, place: Place, filled: Filled) -> impl IntoView {
    let words = texts(language);
    let open = filled.is_bad();
    view! {
        <div id="settings">
            <Card>
                <Form action="/do/save_assistant" filled=filled hidden=place.hidden() guard=true marks_required=true>
                    <FormSection title=words.identity help=words.identity_help><Identity words/></FormSection>
                    <Folded open title=words.rules help=words.rules_help><Rules words/></Folded>
                    <Folded open title=words.limits help=words.limits_help><Limits words/></Folded>
                    <div><Button look=ButtonStyle::Primary>{words.save_settings}</Button></div>
                </Form>
            </Card>
        </div>
    }
}

/// A part of the form that few people change, folded unless something in the form has to be mended.
#[component]
fn Folded(open: bool, title: &'static str, help: &'static str, children: Children) -> impl IntoView {
    view! {
        <details class="border-t border-line pt-4" open=open>
            <summary class="fold min-h-8 text-md font-semibold">{title}</summary>
            <div class="flex flex-col gap-4 pt-2"><p class="text-fg-2">{help}</p>{children()}</div>
        </details>
    }
}

#[component]
fn Identity(words: &'static Texts) -> impl IntoView {
    let languages = Language::ALL.map(|language| Choice::new(language.key(), language.name())).to_vec();
    view! {
        <div class="grid gap-4 sm:grid-cols-2">
            <TextField name="name" label=(words.field)("name") autocomplete="off" maxlength=120_u32 required=true/>
            <Select name="language" label=(words.field)("language") choices=languages empty=words.customers_language/>
        </div>
        <Area words name="personality" rows=2 maxlength=4000/>
        <Area words name="greeting" rows=2 maxlength=1000/>
        <Area words name="instructions" rows=5 maxlength=20_000/>
        <Area words name="services" rows=4 maxlength=70_000/>
    }
}

#[component]
fn Rules(words: &'static Texts) -> impl IntoView {
    view! {
        <Area words name="never" rows=3 maxlength=12_000/>
        <Area words name="hand_over_words" rows=3 maxlength=12_000/>
        <Area words name="hand_over_line" rows=2 maxlength=1000/>
        <Area words name="disclosure" rows=2 maxlength=500/>
        <Area words name="links" rows=3 maxlength=12_000/>
    }
}

#[component]
fn Limits(words: &'static Texts) -> impl IntoView {
    view! {
        <div class="grid gap-4 sm:grid-cols-2">
            <Number words name="max_replies"/>
            <Number words name="per_hour"/>
            <Number words name="batch_seconds"/>
            <Number words name="daily_tokens"/>
        </div>
    }
}

/// A setting of several lines.
#[component]
fn Area(words: &'static Texts, name: &'static str, rows: u8, maxlength: u32) -> impl IntoView {
    view! { <TextArea name label=(words.field)(name) help=(words.field_help)(name) rows maxlength/> }
}

/// A setting that is a number. The server asks for it where it is missing: a browser cannot show a field that is folded.
#[component]
fn Number(words: &'static Texts, name: &'static str) -> impl IntoView {
    view! { <TextField name label=(words.field)(name) help=(words.field_help)(name) inputmode="numeric" autocomplete="off" maxlength=9_u32/> }
}
