//! What may programs do with the tools of a business, what do people say to it, and what was done? Policies, approvals,
//! budgets, the switches that stop every tool, and the chained log of calls.
//!
//! Rows are locked in one order: approval, day of the token, call, end of the chain.

pub mod approvals;
pub mod budgets;
pub mod calls;
pub mod chain;
pub mod checks;
mod cut;
pub mod erased;
pub mod judging;
pub mod kill;
pub mod lapsed;
pub mod policies;
pub mod reads;
pub mod told;

use std::time::Duration;

use crate::removal::{Rule, by_worker};

pub(crate) use cut::CALLS;

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);

/// What people were asked a year ago.
pub(crate) const APPROVALS: Rule = Rule {
    name: "tool-approvals",
    title: "Remove what tools asked for after a year",
    tables: &["tool_approvals"],
    time: "created_at",
    age: YEAR,
    every: HOUR,
    piece: by_worker!(
        "delete from tool_approvals where ctid = any(array(select ctid from tool_approvals where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};

/// What people read of calls a month ago. It names customers, and the log says what was done.
pub(crate) const SHOWN: Rule = Rule {
    name: "tool-approval-words",
    title: "Empty what people read of tools after 30 days",
    tables: &["tool_approvals"],
    time: "created_at",
    age: Duration::from_secs(30 * 24 * 3600),
    every: HOUR,
    piece: by_worker!(
        "update tool_approvals set shown = '', arguments = '{}' where ctid = any(array(select ctid from tool_approvals where created_at < now() - make_interval(secs => $1)
           and shown <> '' and state in ('done', 'failed', 'rejected', 'expired') order by created_at limit $2))"
    ),
};

/// Counters of days that are over for a month.
pub(crate) const DAYS: Rule = Rule {
    name: "tool-days",
    title: "Remove counters of tools after 35 days",
    tables: &["tool_days"],
    time: "created_at",
    age: Duration::from_secs(35 * 24 * 3600),
    every: HOUR,
    piece: by_worker!(
        "delete from tool_days where ctid = any(array(select ctid from tool_days where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};
