//! Fault rules: which calls go wrong, how, and how often.
//!
//! Rules are checked in the order in which they were set, and the first rule that hits decides. A rule with a
//! probability draws from its seed and its own count of calls, so a run can be repeated exactly.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::world::{Transaction, World};

/// A rule as the caller sets it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The calls that the rule applies to.
    #[serde(rename = "match", default)]
    pub matches: Match,
    /// How many calls the rule hits. If absent, it hits one call, or any number of calls if it has a probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// What happens to a call that is hit.
    pub fault: Kind,
    /// Status to answer with, for a `status` fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Delay before anything else, in milliseconds. For `timeout`, how long the connection is held open.
    #[serde(default)]
    pub delay_ms: u64,
    /// Whether the call takes effect. Each kind of fault has its own default; see [`Rule::executes`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executed: Option<bool>,
    /// Probability of a hit, from 0 to 1. `None` means that every matching call is hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// Seed for the random draw.
    #[serde(default)]
    pub seed: u64,
    /// Body of a `status` fault, instead of the default body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// The calls that a rule matches. An absent property matches everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The whole path; `*` matches one segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Start of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// What happens to a call that is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The call is not executed and the connection is reset.
    ResetBefore,
    /// The call is executed and then the connection is reset.
    ResetAfter,
    /// The call is executed, but no answer is sent; the connection is held and then reset.
    Timeout,
    /// The call is not executed and another status is answered.
    Status,
    /// The call only takes longer, at most until every fault is cleared.
    Delay,
    /// The call is executed, but only half of the answer's body is sent.
    Truncated,
    /// The call is executed, but the answer has no body.
    Empty,
}

impl Kind {
    /// The name used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::ResetBefore => "reset_before",
            Self::ResetAfter => "reset_after",
            Self::Timeout => "timeout",
            Self::Status => "status",
            Self::Delay => "delay",
            Self::Truncated => "truncated",
            Self::Empty => "empty",
        }
    }
}

impl Rule {
    /// True if the call takes effect in spite of the fault.
    pub fn executes(&self) -> bool {
        self.executed.unwrap_or(!matches!(self.fault, Kind::ResetBefore | Kind::Status))
    }

    /// True if the caller receives no answer.
    pub fn withholds(&self) -> bool {
        matches!(self.fault, Kind::ResetBefore | Kind::ResetAfter | Kind::Timeout)
    }

    /// Describes what is invalid about the rule. `None` means that the rule is valid.
    pub fn mistake(&self) -> Option<String> {
        if self.p.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Some("p must lie between 0 and 1".into());
        }
        match self.status {
            Some(status) if !(200..=599).contains(&status) => Some("status must lie between 200 and 599".into()),
            None if self.fault == Kind::Status => Some("a status fault needs a status".into()),
            _ => None,
        }
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.matches.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.matches.prefix.as_deref().is_none_or(|prefix| path.starts_with(prefix))
            && self.matches.path.as_deref().is_none_or(|pattern| same_path(pattern, path))
    }

    fn draws(&self, seen: u64) -> bool {
        let Some(p) = self.p else { return true };
        let digest = Sha256::digest([self.seed.to_le_bytes(), seen.to_le_bytes()].concat());
        let (head, _) = digest.split_at(4);
        let drawn = head.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        f64::from(drawn) < p * 4_294_967_296.0
    }
}

/// Compares a path with a pattern. A trailing slash is ignored because HighLevel accepts both forms.
fn same_path(pattern: &str, path: &str) -> bool {
    let mut wanted = pattern.trim_matches('/').split('/');
    let mut given = path.trim_matches('/').split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == "*" || wanted == given => {}
            _ => return false,
        }
    }
}

/// A rule that is set, and its counts so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    /// Id; ids grow in the order in which faults were set.
    pub id: String,
    /// The rule as it was set.
    pub rule: Rule,
    /// How many calls the rule matched.
    pub seen: u64,
    /// How many calls it hit.
    pub hits: u64,
}

impl Fault {
    /// How many calls the rule may hit in all. The default is one. `None` means no limit, which is the default for
    /// a rule with a probability.
    #[must_use]
    pub fn times(&self) -> Option<u64> {
        self.rule.times.or_else(|| self.rule.p.is_none().then_some(1))
    }

    fn left(&self) -> bool {
        self.times().is_none_or(|times| self.hits < times)
    }
}

/// Adds rules after those that are already set.
pub fn set(tx: &mut Transaction<'_>, rules: Vec<Rule>) {
    let last = tx.world.faults.keys().next_back().and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
    for (id, rule) in (last + 1..).zip(rules) {
        tx.put(&Fault { id: format!("{id:08}"), rule, seen: 0, hits: 0 });
    }
}

/// Returns the rule that hits a call, if any. Counts are updated even if no rule hits.
pub fn match_call(tx: &mut Transaction<'_>, method: &str, path: &str) -> Option<Rule> {
    let world: &World = tx.world;
    for fault in world.faults.values().filter(|fault| fault.left() && fault.rule.matches(method, path)) {
        let hit = fault.rule.draws(fault.seen);
        tx.put(&Fault { seen: fault.seen + 1, hits: fault.hits + u64::from(hit), ..fault.clone() });
        if hit {
            return Some(fault.rule.clone());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: serde_json::Value) -> Rule {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_star_stands_for_one_segment_and_the_last_slash_does_not_count() {
        assert!(same_path("/locations/", "/locations"));
        assert!(same_path("/snapshots/snapshot-status/*/location/*", "/snapshots/snapshot-status/a/location/b"));
        assert!(!same_path("/locations/*", "/locations/a/tags"));
        assert!(!same_path("/locations/", "/locations/a"));
    }

    #[test]
    fn a_probability_is_met_in_the_long_run_and_repeats_with_its_seed() {
        let rule = rule(serde_json::json!({"fault": "reset_after", "p": 0.25, "seed": 7}));
        let hits = (0..4_000).filter(|seen| rule.draws(*seen)).count();
        assert!((900..1_100).contains(&hits), "{hits}");
        assert!((0..100).all(|seen| rule.draws(seen) == rule.clone().draws(seen)));
    }

    #[test]
    fn a_status_fault_without_a_status_is_a_mistake() {
        assert!(rule(serde_json::json!({"fault": "status"})).mistake().is_some());
        assert!(rule(serde_json::json!({"fault": "status", "status": 502})).mistake().is_none());
    }
}
