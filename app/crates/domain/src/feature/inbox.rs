//! The inbox: conversations with customers, of a business and of all clients of an agency.

use super::{Audited, Feature, Level, NavEntry, OperationRule, RightRule, get, named, operation, page};
use crate::identity::Role;
use crate::permission::Needs::{Agency, Business};
use crate::permission::Right;

/// Everybody who works for a business, in it or in its agency. A platform role reads no conversation.
pub(super) const WHO_WORKS_FOR_IT: &[Role] =
    &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner, Role::TeamMember];

impl Right {
    /// See the conversations of all clients in one list.
    pub const InboxAll: Self = Self::of(&RightRule {
        key: "inbox.all",
        words: "see the conversations of all clients in one list",
        level: Level::Agency,
        roles: &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff],
    });
    /// Read conversations with customers.
    pub const InboxRead: Self = Self::of(&RightRule {
        key: "inbox.read",
        words: "read conversations with customers",
        level: Level::Business,
        roles: WHO_WORKS_FOR_IT,
    });
    /// Answer customers.
    pub const InboxReply: Self = Self::of(&RightRule {
        key: "inbox.reply",
        words: "answer customers",
        level: Level::Business,
        roles: WHO_WORKS_FOR_IT,
    });
    /// Erase a customer with everything they said.
    pub const ContactsErase: Self = Self::of(&RightRule {
        key: "contacts.erase",
        words: "erase a customer with everything they said",
        level: Level::Business,
        roles: &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner],
    });
}

const fn entry(order: u16, dock: bool) -> NavEntry {
    NavEntry { group: "", order, label: "Inbox", icon: "Inbox", letter: Some("i"), dock }
}

pub(super) const FEATURE: Feature = Feature {
    key: "inbox",
    rights: &[Right::InboxAll, Right::InboxRead, Right::InboxReply, Right::ContactsErase],
    pages: &[
        page("/a/{agency}/inbox", Agency(Right::InboxAll)).in_nav(entry(25, false)),
        page("/b/{business}/inbox", Business(Right::InboxRead)).in_nav(entry(15, true)),
        page("/b/{business}/inbox/{conversation}", Business(Right::InboxRead)),
        page("/b/{business}/contacts", Business(Right::InboxRead)).in_nav(NavEntry {
            group: "",
            order: 16,
            label: "Contacts",
            icon: "People",
            letter: Some("c"),
            dock: true,
        }),
        page("/b/{business}/contacts/{contact}", Business(Right::InboxRead)),
        page("/b/{business}/contacts/{contact}/merge", Business(Right::InboxReply)),
        page("/b/{business}/snippets", Business(Right::InboxReply)).part_of("/b/{business}/inbox"),
        page("/b/{business}/scheduled", Business(Right::InboxReply)).part_of("/b/{business}/inbox"),
    ],
    operations: OPERATIONS,
    routes: &[get("/b/{business}/media/{attachment}", Business(Right::InboxRead))],
    audit: &[
        named("contact.opted_in", "noted that a customer agreed to automatic messages again"),
        named("contact.changed", "changed the {fields} of a contact | changed a contact"),
        named("contact.erased", "erased a contact with everything that was said"),
        named("contact.merged", "merged two contacts"),
        named("contact.unmerged", "undid the merge of two contacts"),
        named("conversation.assigned", "assigned a conversation"),
        named("conversation.assistant", "set what the assistant may do in a conversation"),
        named(
            "conversation.status",
            "[status=closed] closed a conversation | [status=snoozed] snoozed a conversation \
             | [status=open] reopened a conversation | changed the status of a conversation",
        ),
        named("message.canceled", "canceled a message to a customer"),
        named("message.noted", "added a note to a conversation"),
        named("message.reacted", "reacted to a message of a customer"),
        named("message.rescheduled", "changed the time of a scheduled message"),
        named("message.retried", "sent a message to a customer again"),
        named("message.scheduled", "scheduled a message to a customer"),
        named("message.sent", "answered a customer"),
        named("message.sent_early", "sent a scheduled message at once"),
        named("message.template", "sent a template to a customer"),
        named("message.unscheduled", "canceled a scheduled message"),
        named("snippet.added", "added the snippet {name} | added a snippet"),
        named("snippet.changed", "changed the snippet {name} | changed a snippet"),
        named("snippet.removed", "removed the snippet {name} | removed a snippet"),
    ],
    topics: &["conversation.changed", "message.changed"],
    ..Feature::EMPTY
};

const OPERATIONS: &[OperationRule] = &[
    reply("reply_to_customer", "message.sent", &[("conversation", "{id}"), ("key", "{id}"), ("text", "We are open.")]),
    reply(
        "add_conversation_note",
        "message.noted",
        &[("conversation", "{id}"), ("key", "{id}"), ("text", "Called twice.")],
    ),
    reply(
        "send_template",
        "message.template",
        &[("conversation", "{id}"), ("key", "{id}"), ("template", "{id}"), ("values[]", "Ana")],
    ),
    reply("retry_message", "message.retried", &[("message", "{id}")]),
    reply("cancel_message", "message.canceled", &[("message", "{id}")]),
    reply("react_to_message", "message.reacted", &[("message", "{id}"), ("emoji", "👍")]),
    reply("assign_conversation", "conversation.assigned", &[("conversation", "{id}"), ("user", "")]),
    reply("set_conversation_status", "conversation.status", &[("conversation", "{id}"), ("status", "closed")]),
    reply("set_conversation_assistant", "conversation.assistant", &[("conversation", "{id}"), ("mode", "draft")]),
    reply(
        "change_contact",
        "contact.changed",
        &[("contact", "{id}"), ("name", "Ana Diaz"), ("phone", "+1 305 555 0100"), ("email", "ana@example.test")],
    ),
    reply(
        "allow_automatic_messages",
        "contact.opted_in",
        &[("contact", "{id}"), ("consent", "She asked for them on the phone.")],
    ),
    reply("merge_contacts", "contact.merged", &[("contact", "{id}"), ("other", "{id}")]),
    reply("undo_contact_merge", "contact.unmerged", &[("contact", "{id}"), ("merged", "{id}")]),
    operation("erase_contact", Business(Right::ContactsErase), Audited::As("contact.erased"), &[("contact", "{id}")])
        .confirmed("erase this contact"),
    reply("add_snippet", "snippet.added", &[("name", "Hours"), ("text", "We are open from 9 to 5.")]),
    reply(
        "change_snippet",
        "snippet.changed",
        &[("snippet", "{id}"), ("name", "Hours"), ("text", "We are open from 9 to 6.")],
    ),
    reply("remove_snippet", "snippet.removed", &[("snippet", "{id}")]),
    reply(
        "schedule_message",
        "message.scheduled",
        &[("conversation", "{id}"), ("key", "{id}"), ("text", "See you tomorrow."), ("when", AHEAD)],
    ),
    reply(
        "schedule_template",
        "message.scheduled",
        &[("conversation", "{id}"), ("key", "{id}"), ("template", "{id}"), ("values[]", "Ana"), ("when", AHEAD)],
    ),
    reply("reschedule_message", "message.rescheduled", &[("scheduled", "{id}"), ("when", AHEAD)]),
    reply("send_scheduled_now", "message.sent_early", &[("scheduled", "{id}")]),
    reply("cancel_scheduled", "message.unscheduled", &[("scheduled", "{id}")]),
];

/// A time as a form writes it. Whoever sends the sample puts one of tomorrow in its place.
const AHEAD: &str = "2027-01-04T09:00";

/// An operation of whoever answers customers.
const fn reply(
    name: &'static str,
    audited: &'static str,
    sample: &'static [(&'static str, &'static str)],
) -> OperationRule {
    operation(name, Business(Right::InboxReply), Audited::As(audited), sample)
}
