//! What may a program do with the tools of a business, and what did it do? Policies, approvals, budgets and the log, as
//! pages show them.

pub mod filter;
pub mod money;
pub mod names;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::messaging::words;
use crate::{ApiTokenId, ToolApprovalId, ToolCallId};

/// The most characters of the reason with which a person rejects a call.
pub const LONGEST_REASON: usize = 500;
/// The one argument that the log has in place of those that named an erased contact. Its value is the hash of what is left of
/// the call; empty for a call that had not ended.
pub const REMOVED: &str = "removed_with_contact";
/// What stands in place of what a person read of a call that named an erased contact.
pub const REMOVED_TEXT: &str = "Removed, because the contact was erased.";
/// The most calls or writes that a token may be allowed in a day.
pub const MOST_A_DAY: i32 = 1_000_000;

words! {
    /// What happens with a call of a tool.
    Policy {
        /// It runs.
        Allow = "allow",
        /// A person is asked first.
        Ask = "ask",
        /// It is refused.
        Deny = "deny",
        /// It answers what it would do, and does nothing.
        DryRun = "dry_run",
    }
}

words! {
    /// For how long a person approves calls.
    ApprovedFor {
        /// This call alone.
        Once = "once",
        /// Every call of the same tool by the same token within an hour.
        Hour = "hour",
        /// Every call of the same tool by the same token from now on.
        Always = "always",
    }
}

words! {
    /// What became of a call that a person was asked about.
    ApprovalState {
        /// It waits for a person.
        Waiting = "waiting",
        /// A person approved it; it runs or is about to.
        Approved = "approved",
        /// It ran.
        Done = "done",
        /// It ran and failed.
        Failed = "failed",
        /// A person rejected it.
        Rejected = "rejected",
        /// Nobody decided in time.
        Expired = "expired",
    }
}

words! {
    /// What became of a call.
    Outcome {
        /// It runs.
        Running = "running",
        /// It did what it was asked for.
        Done = "done",
        /// It failed, or what it calls did.
        Failed = "failed",
        /// A policy, the kill switch or a right forbade it.
        Refused = "refused",
        /// A person is asked.
        Waiting = "waiting",
        /// It told what it would do.
        DryRun = "dry_run",
        /// A budget was used up, or it was repeated too often.
        Limited = "limited",
    }
}

/// A call that a person is or was asked about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ToolApprovalId,
    /// The name of the tool.
    pub tool: String,
    /// The token that calls.
    pub token: ApiTokenId,
    /// The name of the token.
    pub token_name: String,
    /// What the call would do, in lines for people. A line that begins with `- ` is something that goes, one that begins
    /// with `+ ` something that comes.
    pub shown: String,
    /// What became of it.
    pub state: ApprovalState,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// Until when somebody may decide.
    pub expires_at: DateTime<Utc>,
    /// When somebody decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Who decided; `None` if nobody did, or their account is gone.
    pub decided_by: Option<String>,
    /// Why it was rejected, or how it failed; empty without one.
    pub reason: String,
    /// The call in the log, once it ran.
    pub call: Option<ToolCallId>,
}

/// A call in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallLine {
    /// Its id.
    pub id: ToolCallId,
    /// The name of the tool.
    pub tool: String,
    /// Whether the tool changes something.
    pub writes: bool,
    /// The token that called; `None` if it is gone.
    pub token: Option<ApiTokenId>,
    /// The name of the token.
    pub token_name: String,
    /// The policy that held.
    pub policy: Policy,
    /// What became of it.
    pub outcome: Outcome,
    /// The arguments, without what the tool masks.
    pub arguments: Value,
    /// The size of the result in bytes.
    pub result_bytes: Option<i64>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<i32>,
    /// The approval that it ran under.
    pub approval: Option<ToolApprovalId>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Why it was refused or failed; empty without one.
    pub reason: String,
    /// When it was called.
    pub at: DateTime<Utc>,
    /// Its place in the chain of the log.
    pub seq: i64,
    /// The hash of its link in the chain, in hexadecimal digits.
    pub hash: String,
}

impl CallLine {
    /// Whether its arguments were removed with a contact.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.arguments.get(REMOVED).is_some()
    }
}

/// What a token may do in a day of UTC. Money is in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most calls.
    pub calls: i32,
    /// The most calls that change something.
    pub writes: i32,
    /// The most money for messages that cost; `None` without a limit.
    pub money: Option<i64>,
    /// What one such message costs.
    pub price: i64,
}

impl Limits {
    /// So many calls, and so many that change something, without a limit of money.
    #[must_use]
    pub const fn of(calls: i32, writes: i32) -> Self {
        Self { calls, writes, money: None, price: 0 }
    }

    /// Whether money is limited but no message costs any, so that the limit would stop nothing.
    #[must_use]
    pub const fn lacks_price(&self) -> bool {
        self.money.is_some() && self.price == 0
    }
}

/// What a token may do in a day, and did today, in UTC. Money is in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The most calls in a day.
    pub calls: i32,
    /// The most calls in a day that change something.
    pub writes: i32,
    /// The most money in a day for messages that cost; `None` without a limit.
    pub money: Option<i64>,
    /// What one such message costs.
    pub price: i64,
    /// The calls of today.
    pub calls_today: i32,
    /// Those of today that changed something.
    pub writes_today: i32,
    /// What the messages of today cost.
    pub spent_today: i64,
    /// The calls that were refused today, also those that the log tells of by an earlier one.
    pub refused_today: i32,
}

/// Whether every tool is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// For this business.
    pub business: bool,
    /// For everybody, by the platform.
    pub all: bool,
}

impl Stopped {
    /// Whether no tool of the business runs.
    #[must_use]
    pub const fn is_stopped(self) -> bool {
        self.business || self.all
    }
}

/// What programs did with one tool in some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Did {
    /// The name of the tool.
    pub tool: String,
    /// Whether the tool changes something.
    pub writes: bool,
    /// The calls that were done.
    pub done: i64,
    /// Those of them that a person approved.
    pub approved: i64,
    /// The calls that were refused, limited or rejected.
    pub refused: i64,
    /// The calls that failed.
    pub failed: i64,
}

/// A line of what a person reads before approving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Something that stays, or a sentence.
    Said,
    /// Something that goes.
    Gone,
    /// Something that comes.
    Come,
}

/// The lines of what a person reads before approving, each without its mark.
#[must_use]
pub fn changes(shown: &str) -> Vec<(Change, &str)> {
    let lines = shown.lines().filter(|line| !line.trim().is_empty());
    let read = lines.map(|line| match (line.strip_prefix("- "), line.strip_prefix("+ ")) {
        (Some(rest), _) => (Change::Gone, rest),
        (None, Some(rest)) => (Change::Come, rest),
        (None, None) => (Change::Said, line),
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_and_what_comes_is_marked() {
        let shown = "Change the tags of Ana Lee:\n- new\n+ vip\n\n-1 is no mark";
        assert_eq!(
            changes(shown),
            [
                (Change::Said, "Change the tags of Ana Lee:"),
                (Change::Gone, "new"),
                (Change::Come, "vip"),
                (Change::Said, "-1 is no mark"),
            ]
        );
        assert!(changes(" \n").is_empty());
    }

    #[test]
    fn either_switch_stops_every_tool() {
        for (business, all) in [(false, false), (true, false), (false, true), (true, true)] {
            assert_eq!(Stopped { business, all }.is_stopped(), business || all);
        }
    }
}
