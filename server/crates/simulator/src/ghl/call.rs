//! A call as a handler sees it: path, query and body, already checked against the route, and the rights of the
//! credential.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Config, grants::Grant};

use super::reply::{Answer, unprocessable};

/// A call that has passed the checks of its route.
pub struct Call<'a> {
    /// The settings that the simulator was started with.
    pub config: &'a Config,
    /// Path parameters by the names that the route gives them.
    pub params: BTreeMap<&'static str, String>,
    /// Query parameters by name.
    pub query: BTreeMap<String, String>,
    /// Body, an object. Empty if the caller sent none.
    pub body: Value,
    /// The rights of the credential. `None` on open routes.
    pub grant: Option<Grant>,
}

impl Call<'_> {
    /// A path parameter. Empty if the route has none of this name.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A text in the body. `None` if it is missing or not a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// A query parameter. `None` if it is missing or empty.
    pub fn query_param(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The agency that the credential belongs to.
    pub fn company(&self) -> &str {
        self.grant.as_ref().map_or("", |grant| grant.company_id.as_str())
    }

    /// How many rows of a list to skip and how many to return; `usual` is the default limit. Numbers arrive as text
    /// (HighLevel API §1).
    pub fn page(&self, usual: usize) -> Result<(usize, usize), Answer> {
        let number = |name: &str, otherwise: usize| match self.query_param(name).or_else(|| self.text(name)) {
            None => Ok(otherwise),
            Some(text) => text.parse().map_err(|_| unprocessable(vec![format!("{name} must be a number string")])),
        };
        Ok((number("skip", 0)?, number("limit", usual)?.max(1)))
    }
}
