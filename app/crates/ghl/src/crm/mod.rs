//! How does a program read and write the records of one location? Contacts, conversations, calendars, opportunities: each call
//! is a [`Request`], and its answer is HighLevel's own JSON, because tools pass on fields that we do not know.

pub mod calendars;
pub mod contacts;
pub mod conversations;
pub mod location;
pub mod opportunities;

use outbound::Body;
use serde::Serialize;
use serde_json::Value;

use crate::client::{Call, Ghl, Parts, Result, read};
use crate::ops::{Op, SEARCH_CONTACTS};

/// A call on the records of a location, without its token. It can be sent again as it is.
#[derive(Clone)]
pub struct Request {
    op: &'static Op,
    ids: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    const fn new(op: &'static Op) -> Self {
        Self { op, ids: Vec::new(), query: Vec::new(), body: None }
    }

    /// Fills the next variable part of the path.
    fn id(mut self, id: &str) -> Self {
        self.ids.push(id.to_owned());
        self
    }

    /// Adds a query parameter, unless there is no value.
    fn query(mut self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        self.query.extend(value.map(|value| (name, value.into())));
        self
    }

    fn body(mut self, fields: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_vec(fields).expect("a body holds texts, numbers, lists and objects alone"));
        self
    }

    /// The operation of the table.
    #[must_use]
    pub const fn operation(&self) -> &'static Op {
        self.op
    }

    /// Whether it changes nothing at HighLevel.
    #[must_use]
    pub fn reads(&self) -> bool {
        self.op.method == http::Method::GET || self.op.name == SEARCH_CONTACTS.name
    }
}

/// Sends a request and returns the answer as it is. An answer without a body is `null`.
///
/// # Errors
/// As every call: the refusal of HighLevel, or `Unclear` if the answer is no JSON. `Invalid` for an id with characters
/// that no id has; nothing is sent then.
pub async fn send(ghl: &Ghl, call: Call<'_>, request: &Request) -> Result<Value> {
    let ids: Vec<&str> = request.ids.iter().map(String::as_str).collect();
    let query: Vec<(&str, &str)> = request.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let parts = Parts { ids: &ids, query: &query, body: request.body.clone().map(Body::Json) };
    let answer = ghl.answer(request.op, call, parts).await?;
    if answer.body.is_empty() { Ok(Value::Null) } else { read(request.op, &answer) }
}
