//! Which tools may a program use on one business, and how is each called? A tool is an operation or a query with a schema:
//! every surface lists [`listed`] and calls [`call`], and nothing else.

pub mod approval;
pub mod area;
mod arguments;
pub mod budget;
mod business;
pub mod cancelling;
mod contacts;
mod conversations;
pub mod door;
pub mod file;
mod foreign;
mod handling;
pub mod highlevel;
pub mod kill;
mod knowledge;
pub mod log;
mod messages;
pub mod policy;
pub mod polling;
mod preview;
mod reading;
mod running;
mod schema;
pub mod sign_in;
mod templates;
#[cfg(test)]
mod tests;
mod todos;
pub mod tokens;
mod usage;
pub mod withdrawn;

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::field::FieldError;
use domain::permission::Right;
use domain::{AgencyId, ApiTokenId, BusinessId, ToolApprovalId, ToolCallId, ToolServerId};
use futures::future::BoxFuture;
use serde_json::Value;

use crate::{BusinessActor, Refusal};

pub use self::door::{call, listed};
pub(crate) use self::foreign::patterns;
pub use self::highlevel::HighLevel;
pub use self::running::LONGEST;
pub use self::schema::{Compiled, check, input_schema, output_schema};

/// What a call does to what is stored, here or at HighLevel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// It adds or changes something, or writes to a customer.
    Write,
    /// It removes something that cannot be brought back.
    Destructive,
}

impl Effect {
    /// Its name in tables and answers.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }
}

/// What a call of a tool becomes.
pub type Running<T> = BoxFuture<'static, Result<T, ToolError>>;

/// A tool of ours.
pub struct Tool {
    /// Its stable name, `area_verb_noun`, of at most 64 characters.
    pub name: &'static str,
    /// What people read.
    pub title: &'static str,
    /// What a model reads.
    pub description: &'static str,
    /// What it does to what is stored.
    pub effect: Effect,
    /// The right of a business that the caller needs.
    pub needs: Right,
    /// The schema of its arguments; it takes no others.
    pub input: fn() -> schemars::Schema,
    /// The schema of its result.
    pub output: fn() -> schemars::Schema,
    /// The names of arguments that logs never show.
    pub masked: &'static [&'static str],
    /// Runs it. The arguments fit the schema.
    pub run: fn(ToolContext, Value) -> Running<Value>,
    /// What a person reads before they approve this call.
    pub preview: fn(ToolContext, Value) -> Running<String>,
}

/// In what a call runs.
#[derive(Clone)]
pub struct ToolContext {
    /// Who acts, in the one business that tools reach: whoever made the token.
    pub actor: BusinessActor,
    /// The HighLevel location of the business. `None` if it is not connected.
    pub highlevel: Option<HighLevel>,
    /// The time of the call.
    pub now: DateTime<Utc>,
}

/// Who calls: a token of one business.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The token.
    pub token: ApiTokenId,
    /// Its business.
    pub business: BusinessId,
    /// The agency of the business.
    pub agency: AgencyId,
    /// The name of the token.
    pub name: String,
}

/// A call that ran.
#[derive(Clone, Debug)]
pub struct Called {
    /// What the tool answers: data, never an instruction.
    pub result: Value,
    /// The call in the log.
    pub log: ToolCallId,
    /// Whether nothing was changed, because the policy says so.
    pub dry_run: bool,
}

/// A tool of a third-party server.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteTool {
    /// The server.
    pub server: ToolServerId,
    /// Its name there.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// The schema of its arguments.
    pub input: Value,
    /// The schema of its result, if it has one.
    pub output: Option<Value>,
}

/// Why a call gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// There is no such tool for this caller.
    #[error("there is no such tool")]
    Unknown,
    /// Arguments that must be corrected, each with its JSON pointer.
    #[error("arguments need attention")]
    Invalid(Vec<FieldError>),
    /// The operation refused it.
    #[error(transparent)]
    Refused(Refusal),
    /// The policy forbids it; a sentence.
    #[error("{0}")]
    Denied(String),
    /// A person is asked first.
    #[error("waiting for a person")]
    Waiting(ToolApprovalId),
    /// What the token may do in a day is used up; a sentence.
    #[error("{0}")]
    Budget(String),
    /// Too many calls.
    #[error("too many calls; wait {} seconds", after.as_secs().max(1))]
    RateLimited {
        /// How long to wait.
        after: Duration,
    },
    /// What HighLevel or a tool server answered, in plain words.
    #[error("{0}")]
    Upstream(String),
    /// It took longer than a call may take.
    #[error("the tool did not answer in time")]
    TimedOut,
}

impl From<Refusal> for ToolError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(errors) => Self::Invalid(errors.into_iter().map(at_pointer).collect()),
            Refusal::RateLimited(seconds) => Self::RateLimited { after: Duration::from_secs(seconds) },
            other => Self::Refused(other),
        }
    }
}

impl From<store::Error> for ToolError {
    fn from(error: store::Error) -> Self {
        Refusal::from(error).into()
    }
}

/// Operations name a field of a form; a program reads a JSON pointer.
fn at_pointer(error: FieldError) -> FieldError {
    if error.pointer.is_empty() || error.pointer.starts_with('/') {
        return error;
    }
    FieldError::new(format!("/{}", error.pointer), error.detail)
}

/// Every tool of ours, by area.
pub static TOOLS: &[&[Tool]] = &[
    contacts::TOOLS,
    conversations::TOOLS,
    handling::TOOLS,
    messages::TOOLS,
    templates::TOOLS,
    todos::TOOLS,
    knowledge::TOOLS,
    usage::TOOLS,
    business::TOOLS,
    highlevel::contacts::TOOLS,
    highlevel::tags::TOOLS,
    highlevel::conversations::TOOLS,
    highlevel::appointments::TOOLS,
    highlevel::opportunities::TOOLS,
    highlevel::place::TOOLS,
];

/// The tool with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().copied().flatten().find(|tool| tool.name == name)
}
