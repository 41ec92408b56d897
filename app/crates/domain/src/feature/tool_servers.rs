//! Third-party tool servers: the programs that the platform allows, and the servers of an agency.

use super::{Audited, Feature, NavEntry, OperationRule, named, operation, page};
use crate::permission::Needs::{Agency, Platform};
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "tool_servers",
    pages: &[
        page("/a/{agency}/tool-servers", Agency(Right::ConnectionsManage)).in_nav(NavEntry {
            group: "Agency",
            order: 72,
            label: "Tool servers",
            icon: "Terminal",
            letter: None,
            dock: false,
        }),
        page("/admin/tool-servers", Platform(Right::PlatformRead)).in_nav(NavEntry {
            group: "Operations",
            order: 82,
            label: "Tool servers",
            icon: "Terminal",
            letter: None,
            dock: false,
        }),
    ],
    operations: OPERATIONS,
    audit: &[
        named("tool_command.allowed", "let agencies run the program {name} | let agencies run a program"),
        named("tool_command.on", "let agencies run the program {name} again | let agencies run a program again"),
        named("tool_command.off", "stopped the program {name} for all agencies | stopped a program for all agencies"),
        named("tool_server.added", "added the tool server {prefix} | added a tool server"),
        named("tool_server.on", "turned on the tool server {prefix} | turned on a tool server"),
        named("tool_server.off", "turned off the tool server {prefix} | turned off a tool server"),
        named("tool_server.removed", "removed the tool server {prefix} | removed a tool server"),
    ],
    topics: &["tool_servers.changed"],
    ..Feature::EMPTY
};

const OPERATIONS: &[OperationRule] = &[
    operation(
        "allow_tool_command",
        Platform(Right::PlatformManage),
        Audited::As("tool_command.allowed"),
        &[("name", "everything"), ("program", "/usr/bin/node"), ("arguments", "/srv/tools/everything/index.js")],
    )
    .confirmed("let agencies run the program {name}"),
    operation(
        "set_tool_command_active",
        Platform(Right::PlatformManage),
        Audited::As("tool_command.off"),
        &[("command", "{id}"), ("active", "false")],
    )
    .confirmed("change whether agencies run this program"),
    operation(
        "add_tool_server",
        Agency(Right::ConnectionsManage),
        Audited::As("tool_server.added"),
        &[("prefix", "demo"), ("command", "{id}"), ("business", "")],
    )
    .confirmed("add the tool server {prefix}"),
    operation(
        "set_tool_server_active",
        Agency(Right::ConnectionsManage),
        Audited::As("tool_server.off"),
        &[("server", "{id}"), ("active", "false")],
    ),
    operation(
        "ask_tool_server",
        Agency(Right::ConnectionsManage),
        Audited::Never("asks a server what it has"),
        &[("server", "{id}")],
    ),
    operation(
        "remove_tool_server",
        Agency(Right::ConnectionsManage),
        Audited::As("tool_server.removed"),
        &[("server", "{id}")],
    ),
];
