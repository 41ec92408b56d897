//! What happens with a call: does it run, is a person asked first, is it refused, or does it only say what it would do?

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::ApiTokenId;
use domain::permission::Right;
use domain::tool_servers::is_tool_name;
use domain::tools::Policy;
use serde_json::{Map, Value, json};
use store::audit::{self, Act};
use store::tenant::TenantTx;
use store::tools::policies;

use super::{Effect, find};
use crate::{BusinessActor, Refusal};

/// The most tools for which something is chosen.
const MOST: usize = 1000;
/// The most tools whose change the audit log names.
const MOST_TOLD: usize = 50;

/// What happens with calls of a tool for which nothing was chosen: reads run, a person is asked about writes, and nothing is
/// destroyed.
#[must_use]
pub const fn default_of(effect: Effect) -> Policy {
    match effect {
        Effect::Read => Policy::Allow,
        Effect::Write => Policy::Ask,
        Effect::Destructive => Policy::Deny,
    }
}

/// What happens with a call of this tool by this token now.
pub(super) async fn holding(
    tx: &mut TenantTx,
    token: ApiTokenId,
    (tool, effect): (&str, Effect),
    now: DateTime<Utc>,
) -> Result<Policy, Refusal> {
    Ok(policies::holding(tx, token, tool, now).await?.unwrap_or(default_of(effect)))
}

/// Stores what a token may do with each tool, in place of what was chosen before. What is usual anyway is not kept. Tools of
/// third-party servers are named with their prefix; a person is usually asked about each call of theirs.
///
/// # Errors
/// `Forbidden` without the right to manage tools; `NotFound` if the business has no such token; `Invalid` if a name is none.
pub async fn save(actor: &BusinessActor, token: ApiTokenId, chosen: &BTreeMap<String, Policy>) -> Result<(), Refusal> {
    let allowed = actor.require(Right::ToolsManage)?;
    let kept = unusual(chosen)?;
    let mut tx = allowed.begin().await?;
    has_token(&mut tx, token).await?;
    policies::take_turn(&mut tx, token).await?;
    let before = policies::of_token(&mut tx, token).await?;
    policies::save(&mut tx, token, &kept).await?;
    let act = Act::new("tool_policy.changed", "api_token").object(token);
    audit::record(&mut tx, act.payload(json!({ "tools": kept.len(), "changed": changed(&before, &kept) }))).await?;
    Ok(tx.commit().await?)
}

/// What changed, by the names of tools, each with what held and what holds: at most [`MOST_TOLD`] of them, those first that
/// may do more now.
fn changed(before: &[(String, Policy)], after: &[(String, Policy)]) -> Map<String, Value> {
    let of = |chosen: &[(String, Policy)], tool: &str| {
        let known = chosen.iter().find(|(name, _)| name == tool).map(|(_, policy)| *policy);
        known.unwrap_or_else(|| usual(tool))
    };
    let names: BTreeSet<&String> = before.iter().chain(after).map(|(tool, _)| tool).collect();
    let all = names.into_iter().map(|tool| (tool, of(before, tool), of(after, tool)));
    let mut told: Vec<_> = all.filter(|(_, old, new)| old != new).collect();
    told.sort_by_key(|(_, _, new)| *new != Policy::Allow);
    let told = told.into_iter().take(MOST_TOLD);
    told.map(|(tool, old, new)| (tool.clone(), json!(format!("{} \u{2192} {}", old.key(), new.key())))).collect()
}

/// What happens with calls of a tool by its name. Nobody knows what a tool of a third-party server changes.
fn usual(tool: &str) -> Policy {
    default_of(find(tool).map_or(Effect::Write, |tool| tool.effect))
}

/// `NotFound` unless the token is one of the business, and works.
pub(super) async fn has_token(tx: &mut TenantTx, token: ApiTokenId) -> Result<(), Refusal> {
    let known = store::api_tokens::list(tx).await?;
    if known.iter().any(|one| one.id == token) { Ok(()) } else { Err(Refusal::NotFound) }
}

/// What was chosen and is not usual.
fn unusual(chosen: &BTreeMap<String, Policy>) -> Result<Vec<(String, Policy)>, Refusal> {
    if chosen.len() > MOST {
        return Err(Refusal::field("tools", "Choose for at most 1,000 tools."));
    }
    let mut kept = Vec::new();
    for (tool, policy) in chosen {
        if tool.is_empty() || !is_tool_name(tool) {
            return Err(Refusal::field("tools", "That tool doesn't exist."));
        }
        if *policy != usual(tool) {
            kept.push((tool.clone(), *policy));
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use domain::tool_servers::TOOL_NAME;

    use super::*;

    #[test]
    fn reads_run_people_are_asked_about_writes_and_nothing_is_destroyed() {
        for (effect, policy) in
            [(Effect::Read, Policy::Allow), (Effect::Write, Policy::Ask), (Effect::Destructive, Policy::Deny)]
        {
            assert_eq!(default_of(effect), policy, "{effect:?}");
        }
    }

    #[test]
    fn the_audit_log_names_what_changed_and_first_what_may_do_more() {
        let named = |chosen: &[(&str, Policy)]| -> Vec<(String, Policy)> {
            chosen.iter().map(|(tool, policy)| ((*tool).to_owned(), *policy)).collect()
        };
        let before = named(&[("crm_pay", Policy::Deny), ("crm_same", Policy::Deny)]);
        let after = named(&[("crm_same", Policy::Deny), ("knowledge_remove_entry", Policy::Allow)]);
        let told = Value::Object(changed(&before, &after));
        assert_eq!(told, json!({ "crm_pay": "deny \u{2192} ask", "knowledge_remove_entry": "deny \u{2192} allow" }));
        assert!(changed(&after, &after).is_empty());
        let mut many: Vec<_> = (100..160).map(|at| (format!("a{at}"), Policy::Deny)).collect();
        many.push(("z".to_owned(), Policy::Allow));
        let told = changed(&[], &many);
        assert!(told.len() == MOST_TOLD && told.contains_key("z"), "{told:?}");
    }

    #[test]
    fn what_is_usual_is_not_kept_and_what_is_no_name_is_refused() {
        for tool in super::super::TOOLS.iter().copied().flatten() {
            for policy in Policy::ALL {
                let kept = unusual(&BTreeMap::from([(tool.name.to_owned(), *policy)])).unwrap();
                assert_eq!(kept.is_empty(), *policy == default_of(tool.effect), "{} {policy:?}", tool.name);
            }
        }
        for (name, fits) in
            [("notes_create-one", true), ("", false), ("a.b", false), ("a b", false), ("<b>", false), ("ä", false)]
        {
            assert_eq!(unusual(&BTreeMap::from([(name.to_owned(), Policy::Deny)])).is_ok(), fits, "{name}");
        }
        assert!(unusual(&BTreeMap::from([("x".repeat(TOOL_NAME + 1), Policy::Deny)])).is_err());
        let many = (0..=MOST).map(|at| (format!("t{at}"), Policy::Deny)).collect();
        assert!(unusual(&many).is_err());
    }
}
