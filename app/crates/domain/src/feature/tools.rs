//! AI tools: which programs have hands on a business, what they may do, what waits for a person, and what they did.

use super::{
    Audited, Feature, Level, NavEntry, OperationRule, PageRule, RightRule, RouteRule, ScopeRule, get, get_and_post,
    named, operation, page, post,
};
use crate::identity::Role;
use crate::permission::Needs::{Business, Nothing, Platform, Token};
use crate::permission::Right;

/// Whoever runs a business, there or in its agency.
const RUNNERS: &[Role] = &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner];

impl Right {
    /// Give programs hands on a business, and say what they may do.
    pub const ToolsManage: Self = Self::of(&RightRule {
        key: "tools.manage",
        words: "connect AI agents and say what they may do",
        level: Level::Business,
        roles: RUNNERS,
    });

    /// Approve what programs ask for, and read what they did.
    pub const ToolsApprove: Self = Self::of(&RightRule {
        key: "tools.approve",
        words: "approve what AI agents ask for, and read what they did",
        level: Level::Business,
        roles: RUNNERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "tools",
    rights: &[Right::ToolsManage, Right::ToolsApprove],
    pages: PAGES,
    operations: OPERATIONS,
    routes: ROUTES,
    scopes: &[ScopeRule {
        name: SCOPE,
        label: "Use the tools of one business",
        right: Right::ToolsManage,
        of_business: true,
    }],
    audit: &[
        named("tool_policy.changed", "changed what the AI agent {target} may do | changed what an AI agent may do"),
        named(
            "tool_budget.changed",
            "changed how much the AI agent {target} may do in a day | changed how much an AI agent may do in a day",
        ),
        named("tools.stopped", "stopped the AI tools of {target} | stopped the AI tools of a client"),
        named("tools.resumed", "let the AI tools of {target} run again | let the AI tools of a client run again"),
        named("tools.all_stopped", "stopped everyone's AI tools"),
        named("tools.all_resumed", "let everyone's AI tools run again"),
        named("tool_call.approved", "approved an AI agent's call of {tool} | approved what an AI agent asked for"),
        named("tool_call.rejected", "rejected an AI agent's call of {tool} | rejected what an AI agent asked for"),
        named("tool_call.withdrawn", "withdrew an AI agent's call of {tool} | withdrew what an AI agent asked for"),
        named(
            "tool_log.downloaded",
            "downloaded the log of the AI tools of {target} | downloaded the log of the AI tools",
        ),
        named("tool_process.stopped", "stopped a tool process"),
        named("tool_process.restarted", "restarted a tool process"),
    ],
    topics: &[
        "tool_approval.changed",
        "tool_call.cancelled",
        "tool_call.changed",
        "tool_policy.changed",
        "tool_process.asked",
        "tool_process.changed",
    ],
    ..Feature::EMPTY
};

const PAGES: &[PageRule] = &[
    page("/b/{business}/ai-tools", Business(Right::ToolsManage)).in_nav(NavEntry {
        group: "",
        order: 18,
        label: "AI tools",
        icon: "Terminal",
        letter: Some("t"),
        dock: false,
    }),
    page("/b/{business}/ai-tools/approvals", Business(Right::ToolsApprove)),
    page("/b/{business}/ai-tools/log", Business(Right::ToolsApprove)),
    page("/b/{business}/ai-tools/log/{call}", Business(Right::ToolsApprove)),
    page("/b/{business}/ai-tools/trust", Business(Right::ToolsApprove)),
    page("/b/{business}/ai-tools/{agent}", Business(Right::ToolsManage)),
    page("/admin/tool-processes", Platform(Right::PlatformRead)).in_nav(NavEntry {
        group: "Operations",
        order: 80,
        label: "Tool processes",
        icon: "Chip",
        letter: Some("t"),
        dock: false,
    }),
];

const OPERATIONS: &[OperationRule] = &[
    operation(
        "create_tool_token",
        Business(Right::ToolsManage),
        Audited::As("token.made"),
        &[("name", "Claude"), ("once", "0123456789")],
    )
    .confirmed("connect the AI agent {name}"),
    operation("revoke_tool_token", Business(Right::ToolsManage), Audited::As("token.revoked"), &[("token", "{id}")])
        .confirmed("disconnect this AI agent"),
    operation(
        "save_tool_policies",
        Business(Right::ToolsManage),
        Audited::As("tool_policy.changed"),
        &[("token", "{id}"), ("inbox_list_contacts", "ask")],
    )
    .confirmed("change what this AI agent may do"),
    operation(
        "save_tool_budget",
        Business(Right::ToolsManage),
        Audited::As("tool_budget.changed"),
        &[("token", "{id}"), ("calls", "500"), ("writes", "50")],
    )
    .confirmed("change how much this AI agent may do in a day"),
    operation("stop_tools", Business(Right::ToolsManage), Audited::As("tools.stopped"), &[]),
    operation("resume_tools", Business(Right::ToolsManage), Audited::As("tools.resumed"), &[]),
    operation(
        "approve_tool_call",
        Business(Right::ToolsApprove),
        Audited::As("tool_call.approved"),
        &[("approval", "{id}"), ("how", "once")],
    ),
    operation(
        "reject_tool_call",
        Business(Right::ToolsApprove),
        Audited::As("tool_call.rejected"),
        &[("approval", "{id}"), ("reason", "Not now.")],
    ),
    of_platform("stop_all_tools", "tools.all_stopped", &[]).confirmed("stop everyone's AI tools"),
    of_platform("resume_all_tools", "tools.all_resumed", &[]).confirmed("let everyone's AI tools run again"),
    process("stop_tool_process").confirmed("stop this tool process"),
    process("restart_tool_process").confirmed("restart this tool process"),
];

const ROUTES: &[RouteRule] = &[
    get("/b/{business}/ai-tools/log.csv", Business(Right::ToolsApprove)),
    get("/tools", Token(SCOPE)),
    post("/tools/{name}", Token(SCOPE)),
    post("/tools/approvals/{id}", Token(SCOPE)),
    get_and_post("/mcp", Token(SCOPE)),
    get_and_post("/mcp/{tenant}", Token(SCOPE)),
    post("/mcp/{tenant}/tool/{name}", Token(SCOPE)),
    get("/.well-known/oauth-protected-resource", Nothing),
    get("/.well-known/oauth-protected-resource/mcp", Nothing),
    get("/.well-known/oauth-protected-resource/mcp/{tenant}", Nothing),
];

/// The scope of tokens that call tools.
const SCOPE: &str = "tools";

/// An operation of whoever runs the platform.
const fn of_platform(
    name: &'static str,
    audited: &'static str,
    sample: &'static [(&'static str, &'static str)],
) -> OperationRule {
    operation(name, Platform(Right::PlatformManage), Audited::As(audited), sample)
}

/// An operation on a process. Only one that runs leaves a row.
const fn process(name: &'static str) -> OperationRule {
    operation(name, Platform(Right::PlatformManage), Audited::WithOutcome, &[("process", "1")])
}
