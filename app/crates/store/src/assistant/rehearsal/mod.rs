//! What is kept of questions that the assistant answers for nobody? Test chats and rehearsals with the settings that they try,
//! what was said then, and what would be said. They go after 30 days.

mod ask;
mod past;
mod read;
mod work;

use std::time::Duration;

pub use ask::{NewCase, NewRun, add, asked_today, begin, begun_today, cancel, mark, one_at_a_time, runs};
pub use past::{Past, past, past_questions, said_until};
pub use read::{chat, get, list};
pub use work::{Asked, Outcome, asked, business_facts, finish, said_in_chat, saying};

use crate::removal::{Rule, by_worker};

/// Rehearsals that are a month old, and their questions with them.
pub(crate) const OLD: Rule = Rule {
    name: "rehearsals",
    title: "Remove rehearsals of the assistant after 30 days",
    tables: &["ai_rehearsals", "ai_rehearsal_cases"],
    time: "created_at",
    age: Duration::from_secs(30 * 24 * 3600),
    every: Duration::from_secs(3600),
    piece: by_worker!(
        "delete from ai_rehearsals where ctid = any(array(select ctid from ai_rehearsals where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};
