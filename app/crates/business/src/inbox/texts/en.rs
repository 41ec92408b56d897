//! The texts in English.

use domain::messaging::{AiMode, Channel, ConversationStatus, MessageStatus, Sender};

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    inbox: "Inbox",
    conversation: "Conversation",
    contact: "Contact",
    back: "Back to the inbox",
    choose: "Choose a conversation to read and answer it.",

    views: "Views",
    view,
    search: "Search names and numbers",
    clear_search: "Clear search",
    order,
    next: "Next",
    first_page: "First page",
    list: "Conversations",
    unread: |count| if count == 1 { "1 unread message".to_owned() } else { format!("{count} unread messages") },
    waiting: "Waiting",
    you: "You: ",
    no_text: "No text",
    unassigned: "Unassigned",

    no_channel: ("No channel yet", "Connect WhatsApp, Instagram or Messenger, and messages land here."),
    ask_owner: "The owner of the business can connect one.",
    connect: "Connect a channel",
    no_message: ("No conversation yet", "When a customer writes, the conversation appears here by itself."),
    all_clear: "Nothing open. All clear.",
    nothing_found: "No conversation matches.",
    show_open: "Show open ones",

    channel: Channel::name,
    status,
    snoozed_until: "Snoozed until",
    close: "Close",
    snooze: "Snooze until tomorrow",
    reopen: "Reopen",
    told_status,
    assigned: |name| format!("Assigned: {name}"),
    nobody: "Nobody",
    me: "Me",
    told_assigned: "Assigned.",
    told_unassigned: "Assigned to nobody.",
    choose_person: "Choose somebody who works here.",

    assistant: "Assistant",
    mode,
    as_channel: "As on the whole channel",
    take_over: "Take over",
    give_back: "Hand back",
    told_assistant: "Saved.",
    wants_person: "Needs a person",
    answers: "Assistant answers",
    drafts: "Assistant drafts",
    paused: "Assistant paused",
    choose_mode: "Choose what the assistant may do.",

    draft: "Assistant draft",
    draft_text: "Draft, changed by you",
    send_draft: "Send draft",
    edit_draft: "Edit",
    own_reply: "Write your own reply",
    send_edited: "Send edited",
    dismiss_draft: "Dismiss",
    told_dismissed: "The draft is dismissed.",
    draft_waits: "It can be sent once messages can be sent again.",
    draft_trace: "Why this answer",
    sources: "Source",
    no_sources: "No source in your knowledge base.",
    untitled: "Untitled",
    assistant_note: "Note by the assistant",

    messages: "Messages",
    older: "Older messages",
    newest: "Newest messages",
    looking_back: "You are reading older messages.",
    sender,
    a_person: "A colleague",
    note_by: "Note by",
    edited: "edited",
    deleted: "This message was deleted.",
    in_answer_to: "In answer to",
    kind,
    message_status,
    sending: "Sending\u{2026}",
    failed_why: "It did not arrive.",
    retry: "Retry",
    retry_over: "It failed more than 90 days ago, so it can't be sent again. Write a new one.",
    cancel: "Cancel",
    told_retried: "The message is sent again.",
    told_canceled: "The message is not sent.",
    acts: "React or quote",
    quote: "Quote in the answer",
    react: |emoji| format!("React with {emoji}"),
    take_back: "Remove our reaction",
    reacted_customer: "The customer reacted",
    reacted_us: "We reacted",
    no_message_any_more: "No message here.",

    file_waiting: "The file is being fetched\u{2026}",
    file_failed: "The file could not be fetched.",
    file_expired: "The file is no longer available.",
    file_aged: "The file was removed because of its age.",
    file_without_room: "There is no room for the file. It is tried again each day for a week.",
    attach: "Attach files",
    attach_help: "Up to 5 files of 16 MB each. Each goes as a message of its own after the text.",
    files_in_note: "Files go to the customer. A note has none.",

    snippets: "Snippets",
    snippets_help: "Texts that your team puts into answers. Choose one above the form of a conversation and change it as you like.",
    keep_snippets: "Manage snippets",
    no_snippets: ("No snippets yet", "Keep what you write again and again, such as the way to you."),
    add_snippet: "Add snippet",
    change_snippet: "Change snippet",
    snippet_name: "Name",
    snippet_text: "Text",
    discard: "Discard",
    remove_snippet: "Remove snippet",
    remove_snippet_what: "Answers that were sent with it stay as they are.",
    told_snippet: "The snippet is saved.",
    told_snippet_removed: "The snippet is removed.",

    reply: "Reply",
    note: "Note",
    kind_of_text: "What you write",
    your_text: "Your text",
    send: "Send",
    add_note: "Add note",
    note_help: "Notes are for your team. The customer never sees them.",
    length_help: |most, channel| {
        format!("{channel} takes {most} characters in one message. A longer text goes as several. Ctrl Enter sends.")
    },
    quoting: "Quoting",
    no_quote: "Do not quote",
    read_only: "Your role may read this and not answer. The owner of the business can give you the right.",
    free_for: "Free reply for",
    late_for: "The usual time to answer is over. A person may still answer for",
    window_over: "is over",
    no_window: "You can answer at any time.",
    closed_template: "The customer last wrote more than 24 hours ago. WhatsApp takes only an approved template until they write again.",
    closed_for_good: "The customer last wrote too long ago. You can answer when they write again.",
    never_wrote: "The customer has not written yet. WhatsApp takes only an approved template until they do.",
    on_hold: "Messages wait until the connection works again.",
    channel_off: "This channel is disconnected, so nothing can be sent.",
    to_connections: "Open connections",
    templates: "Templates",
    no_templates: "There is no approved template yet. Templates are made in WhatsApp Manager.",
    send_template: "Send template",
    told_template: "The template is on its way.",

    name: "Name",
    phone: "Phone",
    email: "Email",
    company: "Company",
    about: "Note",
    edit: "Edit contact",
    save: "Save contact",
    told_contact: "The contact is saved.",
    known_as: "Writes on",
    identity,
    first_seen: "First seen",
    opted_out: "Automatic messages",
    opted_out_since: |day| format!("Not wanted since {day}"),
    agreed_again: "They agreed again",
    consent: "How they agreed",
    consent_help: "For instance: asked for it on the phone today. It is kept as a note in the conversation.",
    allow_automatic: "Allow automatic messages",
    told_opted_in: "The customer gets automatic messages again.",
    erase: "Erase this contact",
    erase_what: "This erases for good, for all channels: the contact and its ids, all conversations and notes, files, drafts and answers of the assistant with their traces, scheduled messages, questions of rehearsals and what calls of AI agents said of it. Figures of usage stay, and lines in the activity and in the log of AI tools without words. Whoever writes again is a new contact.",
    told_erased: "The contact is being erased. Messages and what AI agents said of it are gone within minutes, files a little later.",
};

fn view(key: &str) -> &'static str {
    match key {
        "mine" => "Mine",
        "unassigned" => "Unassigned",
        "waiting" => "Waiting",
        "unread" => "Unread",
        "snoozed" => "Snoozed",
        "closed" => "Closed",
        "all" => "All",
        _ => "Open",
    }
}

fn order(key: &str) -> &'static str {
    match key {
        "waiting" => "Longest wait first",
        "window" => "Closing soon first",
        _ => "Newest first",
    }
}

const fn status(status: ConversationStatus) -> &'static str {
    match status {
        ConversationStatus::Open => "Open",
        ConversationStatus::Snoozed => "Snoozed",
        ConversationStatus::Closed => "Closed",
    }
}

const fn told_status(status: ConversationStatus) -> &'static str {
    match status {
        ConversationStatus::Open => "The conversation is open.",
        ConversationStatus::Snoozed => "The conversation comes back tomorrow, or when the customer writes.",
        ConversationStatus::Closed => "The conversation is closed. It opens when the customer writes.",
    }
}

const fn mode(mode: AiMode) -> &'static str {
    match mode {
        AiMode::Off => "Off",
        AiMode::Draft => "Draft",
        AiMode::Auto => "Auto",
    }
}

const fn sender(sender: Sender) -> &'static str {
    match sender {
        Sender::Contact => "Customer",
        Sender::Person => "Team",
        Sender::Assistant => "Assistant",
        Sender::Automation => "Automation",
        Sender::Campaign => "Campaign",
        Sender::Echo => "Phone app",
        Sender::System => "Slipway",
    }
}

fn kind(kind: &str) -> &'static str {
    match kind {
        "image" => "Picture",
        "audio" | "voice" => "Voice message",
        "video" => "Video",
        "document" => "Document",
        "sticker" => "Sticker",
        "location" => "Location",
        "contacts" => "Contact card",
        "order" => "Order",
        "story_reply" => "Answer to a story",
        "story_mention" => "Mention in a story",
        "share" => "Shared post",
        "referral" => "Came by a link or an advertisement",
        "unsupported" => "A kind of message that cannot be shown here. Open the app to see it.",
        _ => "Message without a text",
    }
}

const fn message_status(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Received => "Received",
        MessageStatus::Pending => "Pending",
        MessageStatus::Held => "Waiting for reconnection",
        MessageStatus::Sent => "Sent",
        MessageStatus::Delivered => "Delivered",
        MessageStatus::Read => "Read",
        MessageStatus::Failed => "Failed",
        MessageStatus::Cancelled => "Canceled",
    }
}

fn identity(kind: &str) -> &'static str {
    match kind {
        "wa_id" | "bsuid" | "parent_bsuid" => "WhatsApp",
        "psid" => "Messenger",
        "igsid" => "Instagram",
        _ => "Web chat",
    }
}
