//! What does a handler know of a call? Path, query and body, already checked against the route, and what the
//! credential stands for.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Config, grants::Grant};

use super::reply::{Answer, unprocessable};

/// A call on its way to a handler.
pub struct Call<'a> {
    /// What the simulator was started with.
    pub config: &'a Config,
    /// Parts of the path, by the name the route gives them.
    pub params: BTreeMap<&'static str, String>,
    /// Query.
    pub query: BTreeMap<String, String>,
    /// Body; an object, empty when none was sent.
    pub body: Value,
    /// What the credential stands for; none on open routes.
    pub grant: Option<Grant>,
}

impl Call<'_> {
    /// A part of the path.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A text of the body.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// A text of the query that is not empty.
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The agency the credential belongs to.
    pub fn company(&self) -> &str {
        self.grant.as_ref().map_or("", |grant| grant.company_id.as_str())
    }

    /// A page of a list: how many to skip and how many to give. Numbers come as text (HighLevel API §1).
    pub fn page(&self, usual: usize) -> Result<(usize, usize), Answer> {
        let number = |name: &str, otherwise: usize| match self.asked(name).or_else(|| self.text(name)) {
            None => Ok(otherwise),
            Some(text) => text.parse().map_err(|_| unprocessable(vec![format!("{name} must be a number string")])),
        };
        Ok((number("skip", 0)?, number("limit", usual)?.max(1)))
    }
}
