//! The texts in English.

use domain::messaging::{AiMode, Channel, ConversationStatus, MessageStatus, Sender};

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    inbox: "Inbox",
    conversation: "Conversation",
    contact: "Contact",
    back: "Back to the inbox",
    choose: "Choose a conversation to open it.",

    views: "Views",
    view,
    search: "Search names or phones",
    order,
    next: "Next",
    first_page: "First page",
    list: "Conversations",
    unread: |count| if count == 1 { "1 unread message".to_owned() } else { format!("{count} unread messages") },
    waiting: "Waiting",
    you: "You: ",
    no_text: "No text",
    unassigned: "Unassigned",

    no_channel: ("No channel yet", "Connect WhatsApp, Instagram or Messenger to get messages here."),
    ask_owner: "The business owner can connect one.",
    connect: "Connect a channel",
    no_message: ("No conversations yet", "When a customer writes, the conversation shows up here."),
    all_clear: "All caught up. No open conversations.",
    nothing_found: "No conversations match.",
    show_open: "Show open conversations",
    search_all: "Search all conversations",

    channel: Channel::name,
    status,
    snoozed_until: "Snoozed until",
    close: "Close",
    snooze: "Snooze until tomorrow",
    reopen: "Reopen",
    more: "More actions",
    told_status,
    assigned: |name| format!("Assigned to {name}"),
    assigned_me: "Assigned to me",
    nobody: "Nobody",
    me: "Me",
    told_assigned: "Assigned.",
    told_unassigned: "Unassigned.",
    choose_person: "Choose a team member.",

    assistant: "Assistant",
    mode,
    as_channel: "Same as the channel",
    take_over: "Take over",
    give_back: "Hand back",
    told_assistant: "Saved.",
    wants_person: "Needs a person",
    answers: "Assistant answers",
    drafts: "Assistant drafts",
    paused: "Assistant paused",
    choose_mode: "Choose what the assistant does here.",

    draft: "Assistant draft",
    draft_text: "Your edited draft",
    send_draft: "Send draft",
    edit_draft: "Edit",
    own_reply: "Write your own reply",
    send_edited: "Send edited",
    dismiss_draft: "Dismiss",
    told_dismissed: "Draft dismissed.",
    draft_waits: "You can send it once messages can go out again.",
    draft_trace: "Why this answer",
    sources: "Source",
    no_sources: "No source in your knowledge base.",
    untitled: "Untitled",
    assistant_note: "Assistant note",

    messages: "Messages",
    times_in: |zone| format!("Times are in {zone}."),
    older: "Older messages",
    newest: "Newest messages",
    looking_back: "You are reading older messages.",
    sender,
    a_person: "A colleague",
    note_by: "Note by",
    edited: "edited",
    deleted: "This message was deleted.",
    in_answer_to: "Replying to",
    kind,
    message_status,
    sending: "Sending\u{2026}",
    failed_why: "Not delivered.",
    failed_advice: "Not delivered. Try again later, or reach the customer another way.",
    not_delivered: "Not delivered",
    failed_code: |code| match code {
        "131026" => Some("WhatsApp can't reach this number. It may not be on WhatsApp."),
        "131047" => Some("The customer last wrote more than 24 hours ago. Send a template instead."),
        "131049" => Some("Meta held this back to protect the customer. Wait at least a day before you retry."),
        "131050" => Some("The customer stopped marketing messages."),
        "unclear" => Some("We don't know whether it arrived. Ask the customer before you retry."),
        "too_old" => Some("It waited too long, so it wasn't sent. Check whether it still fits."),
        "unwanted" => Some("The customer opted out of such messages, so it wasn't sent."),
        "window_closed" => Some(
            "The reply window closed before it was sent. Send a WhatsApp template, or wait for the customer to write.",
        ),
        _ => None,
    },
    retry: "Retry",
    retry_over: "It failed more than 90 days ago, so it can't be resent. Write a new message.",
    cancel: "Cancel",
    told_retried: "Resending the message.",
    told_canceled: "Message canceled.",
    acts: "React or quote",
    quote: "Quote in reply",
    react: |emoji| format!("React with {emoji}"),
    take_back: "Remove our reaction",
    reacted_customer: "The customer reacted",
    reacted_us: "We reacted",
    no_message_any_more: "No messages.",

    file_waiting: "Loading the file\u{2026}",
    file_failed: "The file couldn't be loaded.",
    file_expired: "The file is no longer available.",
    file_aged: "The file was deleted because it was too old.",
    file_without_room: "There's no storage left for the file. We'll retry daily for a week.",
    attach: "Attach files",
    attach_help: "Up to 5 files, 16 MB each. Each is sent as its own message after the text.",
    files_in_note: "Notes can't have files. Files go to the customer.",

    snippets: "Snippets",
    snippets_help: "Saved replies for your team. Pick one above the message box in a conversation and edit it before you send.",
    keep_snippets: "Manage snippets",
    no_snippets: ("No snippets yet", "Save what you write often, such as directions."),
    add_snippet: "Add snippet",
    change_snippet: "Edit snippet",
    snippet_name: "Name",
    snippet_text: "Text",
    discard: "Discard",
    remove_snippet: "Delete snippet",
    remove_snippet_what: "Messages sent with it stay as they are.",
    told_snippet: "Snippet saved.",
    told_snippet_removed: "Snippet deleted.",

    reply: "Reply",
    note: "Note",
    kind_of_text: "Message type",
    your_text: "Your message",
    send: "Send",
    add_note: "Add note",
    note_help: "Notes are for your team. The customer never sees them.",
    length_help: |most, channel| {
        format!("{channel} allows {most} characters per message; longer texts are split. Ctrl+Enter sends.")
    },
    quoting: "Quoting",
    no_quote: "Remove quote",
    read_only: "Your role can read this but not reply. The business owner can give you access.",
    free_for: "You can reply for",
    late_for: "The 24-hour window has closed. A person can still reply for",
    window_over: "0s",
    no_window: "You can reply anytime.",
    closed_template: "The customer last wrote more than 24 hours ago. Until they write again, WhatsApp allows only approved templates.",
    closed_for_good: "The customer last wrote too long ago. You can reply when they write again.",
    never_wrote: "The customer hasn't written yet. Until they do, WhatsApp allows only approved templates.",
    on_hold: "Messages are held until the connection works again.",
    channel_off: "This channel is disconnected, so you can't send messages.",
    to_connections: "Go to Connections",
    templates: "Templates",
    no_templates: "No approved templates yet. Create them in WhatsApp Manager.",
    send_template: "Send template",
    told_template: "Sending the template.",

    name: "Name",
    phone: "Phone",
    email: "Email",
    company: "Company",
    about: "Note",
    edit: "Edit contact",
    save: "Save contact",
    told_contact: "Contact saved.",
    known_as: "Writes on",
    identity,
    first_seen: "First seen",
    opted_out: "Automatic messages",
    opted_in: "Allowed",
    marketing: "Marketing messages",
    no_note: "No note yet.",
    opted_out_since: |day| format!("Opted out on {day}"),
    agreed_again: "They opted in again",
    consent: "How they opted in",
    consent_help: "For example: asked for it on the phone today. Saved as a note in the conversation.",
    allow_automatic: "Allow automatic messages",
    told_opted_in: "The customer will get automatic messages again.",
    erase: "Erase this contact",
    erase_what: "This permanently deletes the contact on all channels: conversations, notes, files, assistant drafts and answers, scheduled messages, rehearsal questions, and what AI agents recorded about them. Usage totals and log entries stay, without content. If they write again, they become a new contact.",
    told_erased: "Erasing the contact. Messages are gone within minutes, files a little later.",
    whole_contact: "Channels, conversations and merging",
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
        "window" => "Reply window closing first",
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
        ConversationStatus::Open => "Conversation reopened.",
        ConversationStatus::Snoozed => "Snoozed until tomorrow, or until the customer writes.",
        ConversationStatus::Closed => "Conversation closed. It reopens when the customer writes.",
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
        "image" => "Image",
        "audio" | "voice" => "Voice message",
        "video" => "Video",
        "document" => "Document",
        "sticker" => "Sticker",
        "location" => "Location",
        "contacts" => "Contact card",
        "order" => "Order",
        "story_reply" => "Story reply",
        "story_mention" => "Story mention",
        "share" => "Shared post",
        "referral" => "Came from a link or an ad",
        "unsupported" => "This kind of message can't be shown here. Open the app to see it.",
        _ => "Message without text",
    }
}

const fn message_status(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Received => "Received",
        MessageStatus::Pending => "Sending",
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
