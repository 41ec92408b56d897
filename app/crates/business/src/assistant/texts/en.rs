//! The texts in English.

use domain::assistant::AnswerState;
use domain::messaging::{AiMode, Channel};

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    assistant: "Assistant",
    knowledge: "Knowledge",
    answers: "Answers",
    parts: "Parts of the assistant",
    none: "\u{2014}",

    unpublished: "Not published",
    never_published: "Nothing is published yet. Until then the assistant works with the settings it came with, and writes drafts as soon as it has knowledge.",
    version_since: |version, day| format!("Version {version} has been in use since {day}."),
    nothing_to_publish: "What is saved below is what is in use.",
    not_published: "These changes are saved and not in use yet. Publish them, and the next answer follows them.",
    before: "In use",
    after: "Saved",
    nothing: "Nothing",
    built_in_line: "The usual line",
    publish: "Publish",
    publish_help: "Inboxes, hours and knowledge below need no publishing: they count at once.",
    told_published: |version| format!("Version {version} is in use. The next answer follows it."),
    undo_changes: "Undo changes",
    undo_what: "The saved settings become what is in use again. The changes listed here are lost.",
    versions: "Versions",
    version: |version| format!("Version {version}"),
    by: |name| format!("by {name}"),
    in_use: "In use",
    restore: "Restore",
    told_restored: |version| format!("Version {version} is saved again. Publish it to use it."),

    inboxes: "Inboxes",
    inboxes_help: "What the assistant may do where customers write to you.",
    no_inbox: (
        "No channel yet",
        "Connect WhatsApp, Instagram or Messenger, and the assistant can answer there. Knowledge can be added before.",
    ),
    to_connections: "Connect a channel",
    ask_owner: "The owner of the business can connect one.",
    channel: Channel::name,
    mode,
    mode_help,
    mode_label: "The assistant here",
    off_line: "Disconnected: nothing comes in here.",
    change: "Change",
    cancel: "Cancel",
    save: "Save",
    told_inbox: |name| format!("Saved. The next message to {name} follows it."),
    hours_label: "When it answers by itself",
    hours_help: "By the clock of the business. Outside these hours it writes drafts instead.",
    any_time: "At any time",
    in_hours: "In the hours below",
    by_day: "Hours by day",
    days_help: "On a day without times it only writes drafts. The second pair is for after a break. A time that ends before it begins ends on the next day; equal times are 24 hours.",
    days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    short_days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    opens: |day, again| format!("{day} from{}", if again { " again" } else { "" }),
    closes: |day, again| format!("{day} until{}", if again { " again" } else { "" }),

    identity: "Who it is",
    identity_help: "How it speaks and what it offers. Facts that customers ask for belong to the knowledge.",
    rules: "When a person takes over",
    rules_help: "It always hands over when somebody asks for a person, when it knows no answer, and when it cannot answer in time.",
    limits: "Limits",
    limits_help: "What ends an endless exchange. Whatever a limit stops goes to a person.",
    field,
    field_help,
    customers_language: "The customer's own",
    save_settings: "Save",
    told_saved: "Saved. Publish it to use it.",

    knowledge_help: "The assistant answers from this and from nothing else. A change counts from the next message on.",
    no_knowledge: (
        "No knowledge yet",
        "Add the questions that customers ask most, with your answers. Without knowledge the assistant hands every question to a person.",
    ),
    nothing_found: "Nothing matches.",
    search_knowledge: "Search knowledge",
    clear_search: "Clear search",
    add_question: "Add a question",
    add_text: "Add a text",
    question: "Question",
    question_help: "As a customer would ask it.",
    answer: "Answer",
    title: "Title",
    content: "Text",
    content_help: "Prices, terms, directions: whatever customers ask about. It is cut into passages at empty lines.",
    a_question: "Question and answer",
    a_text: "Text",
    changed: "Changed",
    passages: "Passages that are searched",
    remove: "Remove",
    remove_what: "The assistant does not answer from this any more. Answers that were given stay as they are.",
    told_added: "Added. The assistant answers from it now.",
    told_changed: "Saved. The next answer follows it.",
    told_removed: "Removed. The assistant does not answer from it any more.",
    next: "Next",
    first_page: "First page",

    search_answers: "Search names and answers",
    answers_help: "Everything that the assistant wrote, handed over or left alone, and why.",
    no_answer: (
        "No answer yet",
        "When a customer writes to an inbox where the assistant is on, what it does about it appears here.",
    ),
    no_answer_here: "No answer matches.",
    show_all: "Show all",
    views: "Views",
    view,
    state,
    what_happened,
    unknown_contact: "Contact without a name",
    no_text: "No text",
    answer_to: |name| format!("Answer to {name}"),
    open_conversation: "Open conversation",
    facts: "Details",
    asked_at: "Begun",
    decided: "Decided",
    why,
    settings_version: "Settings",
    written_by: "Written by",
    tokens: "Tokens",
    token_count: |read, written| format!("{read} read, {written} written"),
    cost: "Cost",
    or_more: |cost| format!("{cost} or more"),
    unknown: "Unknown",
    took: "Took",
    asked: "The message",
    factory: "As they came, before any was published",
    from_knowledge: "The knowledge itself, without a language model",
    its_answer: "Its answer",
    sources: "Sources",
    no_sources: "It used no knowledge.",
    steps: "Step by step",
    no_steps: "No step is kept. Steps and passages are removed after 90 days.",
    step,
};

const fn mode(mode: AiMode) -> &'static str {
    match mode {
        AiMode::Off => "Off",
        AiMode::Draft => "Drafts",
        AiMode::Auto => "Answers by itself",
    }
}

const fn mode_help(mode: AiMode) -> &'static str {
    match mode {
        AiMode::Off => "People answer alone.",
        AiMode::Draft => "It writes a draft for each question. A person sends it.",
        AiMode::Auto => "It answers at once, and calls a person when it should.",
    }
}

fn field(key: &str) -> &'static str {
    match key {
        "name" => "Name",
        "personality" => "Tone",
        "greeting" => "Greeting",
        "instructions" => "Instructions",
        "services" => "Services",
        "disclosure" => "Disclosure",
        "never" => "Topics it never handles",
        "hand_over_words" => "Words that call a person",
        "hand_over_line" => "What it says then",
        "links" => "Links it may send",
        "max_replies" => "Answers in a row",
        "per_hour" => "Answers in an hour",
        "batch_seconds" => "Seconds to wait",
        "daily_tokens" => "Tokens in a day",
        "language" => "Language",
        _ => "Setting",
    }
}

fn field_help(key: &str) -> &'static str {
    match key {
        "personality" => "Such as: friendly and brief.",
        "greeting" => "How it greets somebody who writes for the first time.",
        "instructions" => "What it should know about how you work, in your own words.",
        "services" => "One on a line: name | price | description.",
        "disclosure" => {
            "Sent before its first answer of a conversation, so that nobody takes it for a person. Empty for the usual line."
        }
        "never" => "One on a line. A message about one of them goes to a person.",
        "hand_over_words" => "One on a line, in addition to the usual words.",
        "hand_over_line" => "Sent when it hands over by itself. Empty for the usual line.",
        "links" => "One on a line: www.example.com, or a whole address. An answer with any other link is not sent.",
        "max_replies" => "After so many answers by itself, without a person in between, a person takes over.",
        "per_hour" => "In one conversation.",
        "batch_seconds" => "How long it waits for a customer to finish before it answers once.",
        "daily_tokens" => {
            "What it may use each day, from midnight to midnight UTC, over all conversations. 0 leaves it to your agency, whose limit holds in any case."
        }
        _ => "",
    }
}

fn view(key: &str) -> &'static str {
    match key {
        "drafted" => "Drafts",
        "sent" => "Sent",
        "handed_over" => "Handed over",
        "failed" => "Failed",
        _ => "All",
    }
}

const fn state(state: AnswerState) -> &'static str {
    match state {
        AnswerState::Thinking => "Thinking",
        AnswerState::Drafted => "Draft",
        AnswerState::Sent => "Sent",
        AnswerState::Edited => "Sent with changes",
        AnswerState::Dismissed => "Dismissed",
        AnswerState::Dropped => "Dropped",
        AnswerState::HandedOver => "Handed over",
        AnswerState::Failed => "Failed",
    }
}

const fn what_happened(state: AnswerState) -> &'static str {
    match state {
        AnswerState::Thinking => "It is being written.",
        AnswerState::Drafted => "A draft waits in the conversation for a person.",
        AnswerState::Sent => "The customer got this answer.",
        AnswerState::Edited => "A person changed the draft and sent it.",
        AnswerState::Dismissed => "A person did not want this draft.",
        AnswerState::Dropped => "It was not needed any more, so nothing was sent.",
        AnswerState::HandedOver => "A person takes over. Nothing else was sent by the assistant.",
        AnswerState::Failed => "It could not be written. The customer's message waits for a person in the inbox.",
    }
}

fn why(reason: &str) -> String {
    let known = match reason {
        "asked_for_person" => "The customer asked for a person.",
        "no_knowledge" => "The knowledge has no answer to this. Add one, and the next customer gets it.",
        "never_topic" => "The message is about a topic that it never handles.",
        "angry" => "The customer is upset.",
        "too_many_replies" => "It had answered often enough by itself.",
        "budget" => "Its tokens of the day are used up.",
        "provider_down" => "The language model did not answer.",
        "blocked" => "Its answer broke a rule and was held back.",
        "model_asked" => "The language model asked for a person.",
        "outside_window" => "The channel takes no free answer any more: the customer wrote too long ago.",
        other => other,
    };
    known.to_owned()
}

fn step(key: &str) -> String {
    let known = match key {
        "rules" => "Rules",
        "search" => "Knowledge",
        "local" => "Choice of a passage",
        "model" => "Language model",
        "tool" => "Request of the model",
        "grounds" => "Grounds",
        "guard" => "Check of the answer",
        "draft" => "Draft",
        "send" => "Sending",
        "drop" => "Left alone",
        "opt_out" => "No more messages",
        "hand_over" => "Handing over",
        "give_up" => "Given up",
        other => other,
    };
    known.to_owned()
}
