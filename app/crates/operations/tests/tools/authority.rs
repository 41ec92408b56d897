//! Is each tool refused to whoever lacks its right, and does none reach another business, also of the same agency?

use domain::identity::{AgencyRole, CustomRole, Role};
use domain::permission::{Right, allows};
use domain::tools::ApprovedFor;
use domain::{ApiTokenId, RoleId};
use operations::Refusal;
use operations::tools::door::{self, Remote};
use operations::tools::{Caller, TOOLS, ToolError, approval, find};
use serde_json::{Value, json};
use store::api_tokens::NewToken;
use store::tenant::{Scope, TenantTx};

use super::World;

impl World {
    /// A token of the business.
    async fn token(&self) -> ApiTokenId {
        let scope = Scope::Business { user: Some(self.owner), business: self.business };
        let mut tx = TenantTx::begin(&self.web, scope).await.unwrap();
        let new = NewToken { name: "Claude".to_owned(), scopes: vec!["tools".to_owned()], expires_at: None };
        let (id, _) = store::api_tokens::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

#[tokio::test]
async fn every_tool_is_refused_to_every_role_without_its_right() {
    let world = World::new().await;
    let samples = world.samples().await;
    for role in Role::ALL {
        for (name, arguments, _) in &samples {
            let tool = find(name).unwrap();
            let context = world.as_role(AgencyRole::BuiltIn(role), world.business);
            let ran = (tool.run)(context, arguments.clone()).await;
            let is_forbidden = matches!(ran, Err(ToolError::Refused(Refusal::Forbidden(_))));
            assert_eq!(is_forbidden, !allows(role, tool.needs), "{name} as {role:?}: {ran:?}");
        }
    }
}

#[tokio::test]
async fn a_role_with_every_other_right_has_no_tool() {
    let world = World::new().await;
    for (name, arguments, _) in world.samples().await {
        let tool = find(name).unwrap();
        let actions = Right::ALL.into_iter().filter(|right| *right != tool.needs).collect();
        let id = RoleId(uuid::Uuid::nil());
        let role = AgencyRole::Custom(CustomRole { id, name: "Others".to_owned(), actions });
        let ran = (tool.run)(world.as_role(role, world.business), arguments).await;
        assert!(matches!(ran, Err(ToolError::Refused(Refusal::Forbidden(_)))), "{name}: {ran:?}");
    }
}

#[tokio::test]
async fn no_tool_reaches_another_business_of_the_same_agency() {
    let world = World::new().await;
    let samples = world.samples().await;
    for role in [Role::BusinessOwner, Role::AgencyOwner] {
        for (name, arguments, _) in &samples {
            let tool = find(name).unwrap();
            let names_a_row = arguments.as_object().is_some_and(|fields| {
                ["contact", "contacts", "conversation", "scheduled", "knowledge", "todo"]
                    .iter()
                    .any(|id| fields.contains_key(*id))
            });
            let context = || world.as_role(AgencyRole::BuiltIn(role), world.other);
            let ran = (tool.run)(context(), arguments.clone()).await;
            if names_a_row {
                assert!(matches!(ran, Err(ToolError::Refused(Refusal::NotFound))), "{name} as {role:?}: {ran:?}");
                let shown = (tool.preview)(context(), arguments.clone()).await.unwrap_or_default();
                let told = ["Ada", "Bye.", "Sign", "park"].into_iter().find(|told| shown.contains(told));
                assert_eq!(told, None, "the preview of {name} as {role:?}");
            } else {
                let said = ran.unwrap_or_else(|error| panic!("{name} as {role:?}: {error:?}")).to_string();
                let told = ["Ada", "Are you open?", "Sign the contract", "Behind the house"];
                let told = told.into_iter().find(|told| said.contains(told));
                assert_eq!(told, None, "{name} as {role:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_door_knows_no_tool_of_ours_or_of_others_without_its_right_or_in_another_business() {
    let world = World::new().await;
    let (token, name) = (ApiTokenId(uuid::Uuid::from_u128(7)), "Claude".to_owned());
    let caller = Caller { token, business: world.business, agency: world.agency, name };
    let stranger = Caller { business: world.other, ..caller.clone() };
    let input = json!({ "type": "object" });
    let remote = Remote { name: "demo_where", input: &input, only_approved: false };
    for role in Role::ALL {
        let context = world.as_role(AgencyRole::BuiltIn(role), world.business);
        for tool in TOOLS.iter().copied().flatten() {
            let called = door::call(&context, &caller, tool.name, json!({})).await;
            let is_unknown = matches!(called, Err(ToolError::Unknown));
            assert_eq!(is_unknown, !allows(role, tool.needs), "{} as {role:?}: {called:?}", tool.name);
            let foreign = door::call(&context, &stranger, tool.name, json!({})).await;
            assert!(foreign.is_err(), "{} as {role:?} by a token of another business: {foreign:?}", tool.name);
        }
        let run = |_: Value| async { Ok::<_, ToolError>(json!({})) };
        let called = door::call_remote(&context, &caller, remote, json!({}), run).await;
        let may = allows(role, Right::ToolsManage);
        let fits =
            if may { matches!(called, Err(ToolError::Waiting(_))) } else { matches!(called, Err(ToolError::Unknown)) };
        assert!(fits, "{role:?}: {called:?}");
        let foreign = door::call_remote(&context, &stranger, remote, json!({}), run).await;
        let refused = matches!(foreign, Err(ToolError::Unknown | ToolError::Refused(Refusal::NotFound)));
        assert!(refused, "{role:?}: {foreign:?}");
    }
    let tables = world.test.contents().await;
    let (_, noted) = tables.iter().find(|(table, _)| table == "tool_calls").unwrap();
    assert!(!noted.is_empty() && !noted.contains(&world.other.to_string()), "the other business has no call");
}

#[tokio::test]
async fn who_waited_for_an_approval_runs_under_it_once_though_the_tool_is_open_by_then() {
    let world = World::new().await;
    let (token, name) = (world.token().await, "Claude".to_owned());
    let caller = Caller { token, business: world.business, agency: world.agency, name };
    let (context, input) = (world.context(), json!({ "type": "object" }));
    let run = |_: Value| async { Ok::<_, ToolError>(json!({})) };
    let call = async |only_approved| {
        let remote = Remote { name: "demo_pay", input: &input, only_approved };
        door::call_remote(&context, &caller, remote, json!({}), run).await
    };
    let id = match call(false).await {
        Err(ToolError::Waiting(id)) => id,
        other => panic!("{other:?}"),
    };
    approval::approve(&context.actor, id, ApprovedFor::Hour, context.now).await.unwrap();
    assert!(call(true).await.is_ok());
    for _ in 0..2 {
        let again = call(true).await;
        assert!(matches!(again, Err(ToolError::Denied(_))), "another call took it: {again:?}");
    }
    assert!(call(false).await.is_ok(), "a call that waited for nobody is open");
}
