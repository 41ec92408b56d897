//! Which past questions are rehearsed? A form with the newest ones that were answered, some of them ticked.

use domain::assistant::rehearsal::PastQuestion;
use domain::language::Language;
use kit::labels::messaging::glyph;
use kit::{Ago, Button, ButtonStyle, Card, Empty, Filled, Form, Icon};
use leptos::prelude::*;

use super::super::place::Place;
use super::super::texts as assistant;
use super::texts::{Texts, texts};

/// Number of questions that are ticked at first.
const TICKED: usize = 10;

/// The form.
#[component]
pub(super) fn Choose(language: Language, place: Place, questions: Vec<PastQuestion>, filled: Filled) -> impl IntoView {
    let (words, common) = (texts(language), assistant::texts(language));
    if questions.is_empty() {
        let (title, text) = words.no_past;
        return view! { <Empty title text/> }.into_any();
    }
    let lines = questions.into_iter().enumerate().map(|(at, question)| {
        view! { <Line words unknown=common.unknown_contact question ticked={at < TICKED}/> }
    });
    let lines = lines.collect_view();
    view! {
        <Card title=words.new_rehearsal>
            <Form action="/do/start_rehearsal" filled=filled hidden=place.hidden()>
                <fieldset class="flex flex-col gap-3">
                    <legend class="text-sm text-fg-2">{words.choose_help}</legend>
                    <ul id="field-messages" class="max-h-96 overflow-y-auto rounded-card border border-line">{lines}</ul>
                </fieldset>
                <div><Button look=ButtonStyle::Primary>{words.rehearse}</Button></div>
            </Form>
        </Card>
    }
    .into_any()
}

/// A question with the beginning of its answer.
#[component]
fn Line(words: &'static Texts, unknown: &'static str, question: PastQuestion, ticked: bool) -> impl IntoView {
    let name = if question.contact_name.is_empty() {
        unknown.to_owned()
    } else {
        domain::phone::shown(&question.contact_name)
    };
    view! {
        <li class="border-t border-line first:border-0">
            <label class="flex items-start gap-3 px-3 py-2.5 hover:bg-raised">
                <input class="tick mt-0.5" type="checkbox" name="messages[]" value=question.message.to_string() checked=ticked/>
                <span class="flex min-w-0 grow flex-col gap-0.5">
                    <span class="line-clamp-2 font-medium break-words" dir="auto">{question.question}</span>
                    <span class="line-clamp-2 text-sm break-words text-fg-2" dir="auto"><span class="text-fg-3">{words.said_then}": "</span>{question.answer}</span>
                    <span class="inline-flex items-center gap-1.5 text-xs text-fg-3"><Icon of=glyph(question.channel)/><span class="min-w-0 truncate">{name}</span>" \u{b7} "<Ago at=question.at/></span>
                </span>
            </label>
        </li>
    }
}
