//! The assistant: its settings, what it knows, its answers, and its drafts in the inbox.

use super::{Audited, Feature, Level, NavEntry, OperationRule, RightRule, named, operation, page};
use crate::identity::Role;
use crate::permission::Needs::Business;
use crate::permission::Right;

impl Right {
    /// Set up the assistant, and say what it knows and where it answers.
    pub const AssistantManage: Self = Self::of(&RightRule {
        key: "assistant.manage",
        words: "set up the assistant and what it knows",
        level: Level::Business,
        roles: &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner],
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "assistant",
    rights: &[Right::AssistantManage],
    pages: &[
        page("/b/{business}/assistant", Business(Right::AssistantManage)).in_nav(NavEntry {
            group: "",
            order: 17,
            label: "Assistant",
            icon: "Zap",
            letter: Some("a"),
            dock: false,
        }),
        page("/b/{business}/assistant/knowledge", Business(Right::AssistantManage)),
        page("/b/{business}/assistant/knowledge/{knowledge}", Business(Right::AssistantManage)),
        page("/b/{business}/assistant/try", Business(Right::AssistantManage)),
        page("/b/{business}/assistant/rehearsals", Business(Right::AssistantManage)),
        page("/b/{business}/assistant/rehearsals/{rehearsal}", Business(Right::AssistantManage)),
        page("/b/{business}/assistant/answers", Business(Right::InboxRead)),
        page("/b/{business}/assistant/answers/{answer}", Business(Right::InboxRead)),
    ],
    operations: OPERATIONS,
    audit: &[
        named("assistant.changed", "changed the assistant's {fields} | changed the assistant"),
        named("assistant.published", "published version {version} of the assistant | published the assistant"),
        named(
            "assistant.restored",
            "went back to version {version} of the assistant | went back to an older assistant",
        ),
        named(
            "channel.assistant",
            "[mode=off] turned the assistant off on a channel | [mode=draft] let the assistant write drafts on a channel \
             | [mode=auto] let the assistant answer on a channel | changed the assistant on a channel",
        ),
        named("draft.dismissed", "dismissed an AI draft"),
        named("draft.sent", "sent an AI draft"),
        named(
            "knowledge.added",
            "[kind=page] added a page of {name} to the assistant's knowledge | [kind=page] added a web page to the \
             assistant's knowledge | [kind=file] added the file {name} to the assistant's knowledge | [kind=file] added a \
             file to the assistant's knowledge | [kind=qa] added a question and its answer to the assistant's knowledge \
             | [kind=text] added a text to the assistant's knowledge | added knowledge for the assistant",
        ),
        named(
            "knowledge.changed",
            "[kind=qa] changed a question and its answer in the assistant's knowledge | [kind=text] changed a text in \
             the assistant's knowledge | changed the assistant's knowledge",
        ),
        named(
            "knowledge.reread",
            "had the assistant read a page of {name} again | had the assistant read a web page again",
        ),
        named(
            "knowledge.removed",
            "[kind=page] removed a page of {name} from the assistant's knowledge | [kind=page] removed a web page from \
             the assistant's knowledge | [kind=file] removed the file {name} from the assistant's knowledge \
             | [kind=file] removed a file from the assistant's knowledge | [kind=qa] removed a question and its answer \
             from the assistant's knowledge | [kind=text] removed a text from the assistant's knowledge \
             | removed some of the assistant's knowledge",
        ),
        named("rehearsal.started", "rehearsed the assistant on {questions} questions | rehearsed the assistant"),
        named("rehearsal.cancelled", "canceled a rehearsal of the assistant"),
    ],
    topics: &["assistant.changed", "knowledge.changed", "rehearsal.changed"],
    ..Feature::EMPTY
};

const OPERATIONS: &[OperationRule] = &[
    manage(
        "save_assistant",
        "assistant.changed",
        &[
            ("name", "Sol"),
            ("personality", "Brief."),
            ("max_replies", "10"),
            ("per_hour", "20"),
            ("batch_seconds", "8"),
            ("daily_tokens", "200000"),
        ],
    ),
    manage("publish_assistant", "assistant.published", &[]),
    manage("restore_assistant", "assistant.restored", &[("version", "1")]),
    manage(
        "add_knowledge",
        "knowledge.added",
        &[("question", "When are you open?"), ("content", "Every day, 9 to 5.")],
    ),
    manage(
        "change_knowledge",
        "knowledge.changed",
        &[("knowledge", "{id}"), ("question", "When are you open?"), ("content", "Every day, 9 to 6.")],
    ),
    manage("add_knowledge_page", "knowledge.added", &[("address", "https://shop.example.com/hours")]),
    manage("add_knowledge_files", "knowledge.added", &[]),
    manage("reread_knowledge", "knowledge.reread", &[("knowledge", "{id}")]),
    manage("remove_knowledge", "knowledge.removed", &[("knowledge", "{id}")]),
    manage("set_channel_assistant", "channel.assistant", &[("channel", "{id}"), ("mode", "auto")]),
    operation(
        "try_assistant",
        Business(Right::AssistantManage),
        Audited::Never("asks for nobody"),
        &[("question", "When are you open?"), ("settings", "saved")],
    ),
    manage("start_rehearsal", "rehearsal.started", &[("messages[]", "{id}")]),
    manage("cancel_rehearsal", "rehearsal.cancelled", &[("rehearsal", "{id}")]),
    operation(
        "mark_rehearsed",
        Business(Right::AssistantManage),
        Audited::Never("an opinion on what nobody was told"),
        &[("case", "{id}"), ("mark", "better")],
    ),
    decide(
        "send_draft",
        "draft.sent",
        &[("conversation", "{id}"), ("answer", "{id}"), ("key", "{id}"), ("draft", "We are open until five.")],
    ),
    decide("dismiss_draft", "draft.dismissed", &[("conversation", "{id}"), ("answer", "{id}")]),
];

/// An operation of whoever sets up the assistant.
const fn manage(
    name: &'static str,
    audited: &'static str,
    sample: &'static [(&'static str, &'static str)],
) -> OperationRule {
    operation(name, Business(Right::AssistantManage), Audited::As(audited), sample)
}

/// An operation of whoever answers customers.
const fn decide(
    name: &'static str,
    audited: &'static str,
    sample: &'static [(&'static str, &'static str)],
) -> OperationRule {
    operation(name, Business(Right::InboxReply), Audited::As(audited), sample)
}
