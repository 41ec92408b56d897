//! To-dos: what jobs leave to a person, to be ticked and assigned.

use super::{
    Answers, ApiDoc, Audited, BodyRule, Call, Feature, Level, Method, NavEntry, OperationRule, RightRule, RouteRule,
    STAFF, STAFF_AND_SUPPORT, ScopeRule, Takes, api, named, operation, page,
};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// See to-dos.
    pub const TodosRead: Self =
        Self::of(&RightRule { key: "todos.read", words: "see to-dos", level: Level::Agency, roles: STAFF_AND_SUPPORT });
    /// Tick to-dos and assign them.
    pub const TodosManage: Self = Self::of(&RightRule {
        key: "todos.manage",
        words: "check off and assign to-dos",
        level: Level::Agency,
        roles: STAFF,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "todos",
    rights: &[Right::TodosRead, Right::TodosManage],
    pages: &[page("/a/{agency}/to-dos", Agency(Right::TodosRead)).in_nav(NavEntry {
        group: "Provisioning",
        order: 35,
        label: "To-dos",
        icon: "Check",
        letter: Some("d"),
        dock: false,
    })],
    actions: &[],
    operations: OPERATIONS,
    routes: ROUTES,
    bodies: &[BodyRule { name: "ChangeTodo", sample: CHANGE }],
    scopes: &[ScopeRule {
        name: "todos",
        label: "Check off and assign to-dos",
        right: Right::TodosManage,
        of_business: false,
    }],
    audit: &[
        named("todo.assigned", "assigned a to-do of {client} | assigned a to-do"),
        named("todo.done", "checked off a to-do of {client} | checked off a to-do"),
        named("todo.reopened", "reopened a to-do of {client} | reopened a to-do"),
    ],
    topics: &["todos.changed"],
};

const OPERATIONS: &[OperationRule] = &[
    operation(
        "set_todos_done",
        Agency(Right::TodosManage),
        Audited::As("todo.done"),
        &[("id[]", "{id}"), ("done", "true")],
    ),
    operation(
        "assign_todos",
        Agency(Right::TodosManage),
        Audited::As("todo.assigned"),
        &[("id[]", "{id}"), ("user", "")],
    ),
];

const CHANGE: &str = r#"{ "done": true, "assigned_to": null }"#;

const ROUTES: &[RouteRule] = &[
    api("/api/v1/todos", "todos", &[Call::list("List all to-dos", "Todos")]),
    api(
        "/api/v1/todos/{id}",
        "todos",
        &[
            Call::read("Retrieve a to-do", "to-do", "Todo"),
            Call {
                method: Method::Put,
                doc: Some(ApiDoc {
                    summary: "Complete, reopen or assign a to-do",
                    takes: Takes::Body("ChangeTodo"),
                    answers: Answers::Json(200, "Todo"),
                    object: "to-do",
                    conflict: "",
                }),
            },
        ],
    ),
];
