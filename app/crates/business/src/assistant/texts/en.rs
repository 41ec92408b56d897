//! The texts in English.

use domain::assistant::AnswerState;
use domain::messaging::{AiMode, Channel};

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    assistant: "Assistant",
    knowledge: "Knowledge",
    answers: "Answers",
    parts: "Assistant pages",
    none: "\u{2014}",

    unpublished: "Not published",
    never_published: "Nothing is published yet. For now the assistant uses its default settings, and starts drafting once you add knowledge.",
    version_since: |version, day| format!("Version {version} has been in use since {day}."),
    nothing_to_publish: "No unpublished changes.",
    not_published: "These changes are saved but not live yet. Publish them to use them from the next answer on.",
    before: "In use",
    after: "Saved",
    nothing: "Nothing",
    built_in_line: "Default message",
    publish: "Publish",
    publish_help: "Changes to inboxes, hours and knowledge take effect right away, without publishing.",
    told_published: |version| format!("Version {version} is live from the next answer on."),
    undo_changes: "Undo changes",
    undo_what: "Your settings go back to the published version. The changes listed here are lost.",
    versions: "Versions",
    version: |version| format!("Version {version}"),
    by: |name| format!("by {name}"),
    in_use: "In use",
    restore: "Restore",
    told_restored: |version| format!("Version {version} is restored. Publish it to use it."),

    inboxes: "Inboxes",
    inboxes_help: "Choose what the assistant does in each inbox.",
    no_inbox: (
        "No channel yet",
        "Connect WhatsApp, Instagram or Messenger so the assistant can answer there. You can add knowledge first.",
    ),
    to_connections: "Connect a channel",
    ask_owner: "The business owner can connect one.",
    channel: Channel::name,
    mode,
    mode_help,
    mode_label: "The assistant here",
    off_line: "Disconnected. No messages come in here.",
    change: "Change",
    cancel: "Cancel",
    save: "Save",
    told_inbox: |name| format!("Saved. It applies from the next message to {name} on."),
    hours_label: "When it answers on its own",
    hours_help: "In your business's time zone. Outside these hours it drafts instead.",
    any_time: "Any time",
    in_hours: "During these hours",
    by_day: "Hours by day",
    days_help: "On days without hours it only drafts. Use the second pair for after a break. An end before the start means the next day; the same start and end mean 24 hours.",
    days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    short_days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    opens: |day, again| format!("{day} from{}", if again { " again" } else { "" }),
    closes: |day, again| format!("{day} until{}", if again { " again" } else { "" }),

    identity: "Who it is",
    identity_help: "How it sounds and what you offer. Put facts that customers ask about in Knowledge.",
    rules: "When a person takes over",
    rules_help: "It always hands over when a customer asks for a person, when it doesn't know the answer, and when it can't answer in time.",
    limits: "Limits",
    limits_help: "Keep conversations and costs in check. When a limit is reached, a person takes over.",
    field,
    field_help,
    customers_language: "Same as the customer",
    save_settings: "Save",
    told_saved: "Saved. Publish it to use it.",

    knowledge_help: "The assistant answers only from what's here. Changes apply from the next message on.",
    no_knowledge: (
        "No knowledge yet",
        "Add the questions customers ask most, with your answers. Without knowledge, the assistant hands every question to a person.",
    ),
    nothing_found: "Nothing matches.",
    search_knowledge: "Search knowledge",
    add_question: "Add a question",
    add_text: "Add a text",
    question: "Question",
    question_help: "As a customer would ask it.",
    answer: "Answer",
    title: "Title",
    content: "Text",
    content_help: "Prices, terms, directions: anything customers ask about. Separate passages with a blank line.",
    a_question: "Question and answer",
    a_text: "Text",
    changed: "Changed",
    passages: "Searchable passages",
    remove: "Remove",
    remove_what: "The assistant stops answering from this. Past answers stay as they are.",
    told_added: "Added. The assistant answers from it now.",
    told_changed: "Saved. It applies from the next answer on.",
    told_removed: "Removed. The assistant no longer answers from it.",
    next: "Next",
    first_page: "First page",

    search_answers: "Search names and answers",
    answers_help: "Everything the assistant answered, handed over or skipped, and why.",
    no_answer: (
        "No answers yet",
        "When a customer writes to an inbox where the assistant is on, you see here what it did.",
    ),
    no_answer_here: "No answers match.",
    show_all: "Show all",
    views: "Views",
    view,
    state,
    what_happened,
    unknown_contact: "Unnamed contact",
    no_text: "No text",
    answer_to: |name| format!("Answer to {name}"),
    open_conversation: "Open conversation",
    facts: "Details",
    asked_at: "Started",
    decided: "Decided",
    why,
    settings_version: "Settings",
    written_by: "Written by",
    tokens: "Tokens",
    token_count: |read, written| format!("{read} read, {written} written"),
    cost: "Cost",
    or_more: |cost| format!("{cost} or more"),
    under_a_cent: "less than 1\u{a2}",
    unknown: "Unknown",
    took: "Duration",
    asked: "Customer's message",
    factory: "Default settings, before the first version",
    from_knowledge: "Your knowledge, word for word",
    its_answer: "Answer",
    sources: "Sources",
    no_sources: "No knowledge was used.",
    steps: "Step by step",
    no_steps: "Steps and passages are deleted after 90 days.",
    step,
};

const fn mode(mode: AiMode) -> &'static str {
    match mode {
        AiMode::Off => "Off",
        AiMode::Draft => "Drafts",
        AiMode::Auto => "Answers on its own",
    }
}

const fn mode_help(mode: AiMode) -> &'static str {
    match mode {
        AiMode::Off => "Only people answer.",
        AiMode::Draft => "It drafts an answer to each question, and a person sends it.",
        AiMode::Auto => "It answers right away and hands over to a person when needed.",
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
        "never" => "Off-limits topics",
        "hand_over_words" => "Words that bring in a person",
        "hand_over_line" => "Hand-over message",
        "links" => "Allowed links",
        "max_replies" => "Answers in a row",
        "per_hour" => "Answers per hour",
        "batch_seconds" => "Wait before answering (seconds)",
        "daily_tokens" => "AI budget per day (tokens)",
        "language" => "Language",
        _ => "Setting",
    }
}

fn field_help(key: &str) -> &'static str {
    match key {
        "personality" => "For example: friendly and brief.",
        "greeting" => "What it says to someone who writes for the first time.",
        "instructions" => "Tell it how you work, in your own words.",
        "services" => "One per line: name | price | description.",
        "disclosure" => {
            "Sent before its first answer in a conversation, so customers know it's not a person. Leave empty for the default."
        }
        "never" => "One per line. Messages about them go to a person.",
        "hand_over_words" => "One per line, on top of the built-in words.",
        "hand_over_line" => "Sent to the customer when it hands over. Leave empty for the default.",
        "links" => "One per line: www.example.com or a full URL. Answers with other links aren't sent.",
        "max_replies" => "After this many answers without a person, a person takes over.",
        "per_hour" => "For each conversation.",
        "batch_seconds" => "Gives customers time to finish typing, so it answers once.",
        "daily_tokens" => {
            "Across all conversations. 1,000 tokens are about 750 words read or written. Resets at midnight UTC. With 0, only your agency's limit applies."
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
        AnswerState::Thinking => "It's being written.",
        AnswerState::Drafted => "A draft waits in the conversation for a person.",
        AnswerState::Sent => "The customer got this answer.",
        AnswerState::Edited => "A person changed the draft and sent it.",
        AnswerState::Dismissed => "A person dismissed this draft.",
        AnswerState::Dropped => "It was no longer needed, so nothing was sent.",
        AnswerState::HandedOver => "A person takes over. The assistant sent nothing else.",
        AnswerState::Failed => "It couldn't be written. The customer's message is waiting in the inbox for a person.",
    }
}

fn why(reason: &str) -> String {
    let known = match reason {
        "asked_for_person" => "The customer asked for a person.",
        "no_knowledge" => "Your knowledge doesn't answer this yet. Add it, and the next customer gets an answer.",
        "never_topic" => "The message is about an off-limits topic.",
        "angry" => "The customer is upset.",
        "too_many_replies" => "It reached its limit of answers in a row.",
        "budget" => "Its AI budget for the day is used up.",
        "provider_down" => "The AI model didn't respond.",
        "blocked" => "Its answer broke a rule and was held back.",
        "model_asked" => "The AI model asked for a person.",
        "outside_window" => "The reply window is closed: the customer wrote too long ago.",
        other => other,
    };
    known.to_owned()
}

fn step(key: &str) -> String {
    let known = match key {
        "rules" => "Rules",
        "search" => "Knowledge",
        "local" => "Passage picked",
        "model" => "AI model",
        "tool" => "Model request",
        "grounds" => "Fact check",
        "guard" => "Answer check",
        "draft" => "Draft",
        "send" => "Sending",
        "drop" => "Skipped",
        "opt_out" => "No more messages",
        "hand_over" => "Hand-over",
        "give_up" => "Gave up",
        other => other,
    };
    known.to_owned()
}
