//! The form of an answer or a note. It is a plain form: without scripts its buttons do the same. While only a template may
//! be sent, the templates stand in its place, and the note stays.

use chrono_tz::Tz;
use domain::assistant::view::DraftView;
use domain::language::Language;
use domain::messaging::choices::longest_text;
use domain::messaging::length::{Unit, limit};
use domain::messaging::view::{ChannelView, ConversationLine, MessageView};
use domain::messaging::window::Window;
use kit::form::FormSummary;
use kit::{Address, Button, ButtonStyle, Filled, Glyph, Icon, TextArea, grouped};
use leptos::context::Provider;
use leptos::prelude::*;
use operations::inbox::takes_files;
use store::messaging::scheduled::Scheduled;
use store::messaging::snippets::Snippet;
use uuid::Uuid;
use web::clock::now;

use super::assistant_draft::AssistantDraft;
use super::choices::ChoicesField;
use super::file_field::FileField;
use super::read::{Place, Templates};
use super::schedule::{ScheduledList, SendLater, TemplateLater};
use super::snippet_picker::{SNIPPET, SnippetPicker};
use super::template_picker::TemplatePicker;
use super::texts::{Texts, texts};
use super::window_bar::WindowBar;

/// The field that says whether the text is an answer or a note. The buttons decide; the field shows the right one.
const AS: &str = "as";

/// What stands under the messages of a conversation.
#[component]
pub(super) fn Composer(
    language: Language,
    at: Address,
    place: Place,
    line: ConversationLine,
    channel: Option<ChannelView>,
    quoted: Option<MessageView>,
    typed: Filled,
    templates: Templates,
    of_template: Filled,
    snippets: Vec<Snippet>,
    draft: Option<DraftView>,
    of_draft: Filled,
    scheduled: Vec<Scheduled>,
    zone: Tz,
) -> impl IntoView {
    let words = texts(language);
    let window = line.window(now());
    let business = place.business;
    let is_on = channel.as_ref().is_none_or(|channel| channel.active);
    let takes_words = is_on && window.allows_text();
    let chosen = snippets.iter().find(|snippet| snippet.id.to_string() == at.get(SNIPPET));
    let typed = with_snippet(typed, chosen.filter(|_| takes_words));
    let picker = (is_on && window == Window::Template).then(|| {
        view! { <TemplatePicker language at=at.clone() place=place.clone() conversation=line.id templates filled=of_template/> }
    });
    let chooser = takes_words.then(|| {
        view! { <SnippetPicker words at=at.clone() business list=snippets/> }
    });
    let has_choices = takes_words && longest_text(line.kind).is_some();
    let choices = has_choices.then(|| view! { <ChoicesField language kind=line.kind typed=typed.clone()/> }.into_any());
    let later = takes_words
        .then(|| view! { <SendLater language business line=line.clone() zone typed=typed.clone()/> }.into_any());
    let own = (takes_words && draft.is_some()).then(|| {
        view! { <label class="inbox-own"><input class="sr-only" type="checkbox"/>{words.own_reply}</label> }
    });
    let template = picker.is_some().then(|| view! { <TemplateLater language business conversation=line.id/> });
    view! {
        <div class="inbox-composer">
            <ScheduledList language business list=scheduled zone names=false/>
            <AssistantDraft words place=place.clone() conversation=line.id draft takes_words typed=of_draft/>
            <div class="inbox-above">
                <WindowBar words place=place.clone() line=line.clone() channel/>
                {chooser}
                {own}
            </div>
            {picker}
            {template}
            <TextForm words at place line quoted typed takes_words choices later/>
        </div>
    }
}

/// What stands in the form: what came back, or else the text of the chosen snippet.
fn with_snippet(typed: Filled, chosen: Option<&Snippet>) -> Filled {
    match chosen {
        Some(snippet) if !typed.came_back() => Filled {
            values: [("text", &snippet.body)]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
            ..typed
        },
        _ => typed,
    }
}

/// The form of a text: an answer, or a note.
#[component]
fn TextForm(
    words: &'static Texts,
    at: Address,
    place: Place,
    line: ConversationLine,
    quoted: Option<MessageView>,
    typed: Filled,
    takes_words: bool,
    choices: Option<AnyView>,
    later: Option<AnyView>,
) -> impl IntoView {
    let hidden: Vec<_> = place
        .hidden(line.id)
        .into_iter()
        .chain([("key", Uuid::now_v7().to_string()), (SNIPPET, at.get(SNIPPET).to_owned())])
        .collect();
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let notes = !takes_words || typed.values.get(AS).is_some_and(|kind| kind == "note");
    let quote = quoted.filter(|_| takes_words).map(|message| view! { <Quote words at=at.clone() message/> });
    let summary = typed.is_bad().then(|| view! { <FormSummary filled=typed.clone()/> });
    let came_back = typed.came_back().then_some("");
    let tabs = takes_words.then(|| view! { <Kinds words notes/> });
    let help = if takes_words { length_help(words, &line) } else { words.note_help.to_owned() };
    // An answer with files needs no text, so the browser does not ask for one there.
    let takes_files = takes_words && takes_files(line.kind);
    let send = takes_words.then(|| {
        view! { <span class="inbox-reply-only"><Button look=ButtonStyle::Primary icon=Glyph::Send novalidate=takes_files>{words.send}</Button></span> }
    });
    let files = takes_files.then(|| view! { <FileField words typed=typed.clone()/> });
    let (action, label) = if takes_words {
        ("/do/reply_to_customer", words.your_text)
    } else {
        ("/do/add_conversation_note", words.note)
    };
    let note_class = if takes_words { "inbox-note-only" } else { "" };
    view! {
        <form method="post" action=action class="inbox-form" data-send="" data-sending=takes_words.then_some("text") data-typed=came_back enctype=takes_files.then_some("multipart/form-data")>
            {hidden}{summary}{tabs}{quote}
            <Provider value=typed><TextArea name="text" label rows=2 required=true help/></Provider>
            <div class="inbox-options">
                {files}
                {choices}
                {later}
                <div class="inbox-send">
                    {send}
                    <span class=note_class><Button formaction="/do/add_conversation_note" icon=Glyph::Edit>{words.add_note}</Button></span>
                </div>
            </div>
            // R puts the cursor into the text.
            <label for="field-text" data-key="r" hidden></label>
        </form>
    }
}

/// The choice between an answer and a note. It shows the button of one of them.
#[component]
fn Kinds(words: &'static Texts, notes: bool) -> impl IntoView {
    let choice = |key: &'static str, label: &'static str, chosen: bool| {
        view! {
            <label class="inbox-kind"><input class="sr-only" type="radio" name=AS value=key checked=chosen/>{label}</label>
        }
    };
    view! {
        <fieldset class="segments w-fit">
            <legend class="sr-only">{words.kind_of_text}</legend>
            {choice("reply", words.reply, !notes)}{choice("note", words.note, notes)}
        </fieldset>
    }
}

/// The message that the answer quotes.
#[component]
fn Quote(words: &'static Texts, at: Address, message: MessageView) -> impl IntoView {
    let text = if message.body.is_empty() { (words.kind)(&message.kind).to_owned() } else { message.body };
    view! {
        <p class="inbox-quote flex items-center gap-2">
            <input type="hidden" name="reply_to" value=message.id.to_string()/>
            <span class="min-w-0 grow truncate"><span class="font-medium">{words.quoting}": "</span>{text}</span>
            <a class="btn btn-quiet btn-square" href=at.with("reply", "").href() aria-label=words.no_quote><Icon of=Glyph::Close/></a>
        </p>
    }
}

/// How long a message of the channel may be.
fn length_help(words: &'static Texts, line: &ConversationLine) -> String {
    let (most, unit) = limit(line.kind);
    // Most texts need a byte for each letter, and accents two.
    let most = if unit == Unit::Bytes { most * 9 / 10 } else { most };
    (words.length_help)(&grouped(i64::try_from(most).unwrap_or(i64::MAX)), (words.channel)(line.kind))
}
