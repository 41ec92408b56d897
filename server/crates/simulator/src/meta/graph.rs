//! Which handler takes a call to Graph, and what a call looks like to it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::Transaction;

use super::{
    access_records::MetaToken,
    accounts, debug_token, exchange,
    message_calls::{self, MessageCall},
    multipart::Part,
    people, registration,
    reply::{Outcome, no_object, refused},
    subscriptions, tokens, waba,
};

/// A call as it arrived.
pub struct GraphCall {
    /// HTTP method.
    pub method: String,
    /// Path, from `/meta` on.
    pub path: String,
    /// Whether it came to the host of Instagram Login.
    pub instagram: bool,
    /// The segments of the path after the host and the version.
    pub segments: Vec<String>,
    /// Query.
    pub query: BTreeMap<String, String>,
    /// Body as JSON; null if it is a form with files.
    pub body: Value,
    /// Parts of a body that is a form with files.
    pub parts: Vec<Part>,
    /// The token of the `Authorization` header, or else of the query.
    pub bearer: Option<String>,
    /// Address of the simulator, without a slash at the end.
    pub base: String,
}

impl GraphCall {
    /// A parameter of the body or else of the query. Empty if there is none.
    pub fn param(&self, name: &str) -> &str {
        let body = self.body.get(name).and_then(Value::as_str);
        body.or_else(|| self.query.get(name).map(String::as_str)).unwrap_or_default()
    }

    /// The call's path as Meta would repeat it in a link.
    pub fn link(&self) -> String {
        format!("{}{}", self.base, self.path)
    }
}

/// The host and the segments after the version of a path below `/meta`.
pub fn split(path: &str) -> (bool, Vec<String>) {
    let below = path.strip_prefix("/meta").unwrap_or(path);
    let mut segments: Vec<String> = below.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
    let instagram = segments.first().is_some_and(|first| first == "ig");
    if instagram {
        segments.remove(0);
    }
    if segments.first().is_some_and(|first| is_version(first)) {
        segments.remove(0);
    }
    (instagram, segments)
}

fn is_version(segment: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let parts = segment.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// Handles a call. `caller` is filled in as soon as the token is known.
pub fn handle(tx: &mut Transaction<'_>, call: &GraphCall, caller: &mut Option<MetaToken>) -> Outcome {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.instagram, call.method.as_str(), segments.as_slice()) {
        (false, "GET" | "POST", ["oauth", "access_token"]) => return exchange::facebook(tx, call),
        (false, "GET", ["debug_token"]) => return debug_token::show(tx, call),
        (true, "POST", ["oauth", "access_token"]) => return exchange::instagram(tx, call),
        (true, "GET", ["access_token"]) => return exchange::instagram_long(tx, call),
        (true, "GET", ["refresh_access_token"]) => return exchange::instagram_refresh(tx, call),
        _ => {}
    }
    let token = tokens::caller(tx, call)?;
    *caller = Some(token.clone());
    match segments.as_slice() {
        [id] => node(tx, call, &token, id),
        [id, edge] | [id, edge, _] => edge_of(tx, call, &token, id, edge),
        _ => Err(no_object(segments.first().unwrap_or(&""))),
    }
}

fn node(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str) -> Outcome {
    if call.instagram && call.method == "GET" && accounts::is_own_instagram(tx.world, token, id) {
        return accounts::instagram_me(tx.world, call, token);
    }
    if tx.world.wabas.contains_key(id) && call.method == "GET" {
        return waba::show(tx.world, call, token, id);
    }
    if tx.world.phone_numbers.contains_key(id) {
        return match call.method.as_str() {
            "POST" => registration::set_pin(tx, call, token, id),
            _ => waba::number(tx.world, call, token, id),
        };
    }
    if call.method == "GET"
        && let Some(answer) = people::node(tx.world, call, token, id)
    {
        return answer;
    }
    messages(tx, call, token, id, "")
}

fn edge_of(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str, edge: &str) -> Outcome {
    match (call.method.as_str(), edge) {
        ("GET", "accounts") if id == "me" => accounts::pages(tx, call, token),
        ("GET", "businesses") if id == "me" => accounts::businesses(tx.world, token),
        ("GET", "owned_pages") => accounts::pages_of_business(tx, call, token, id, true),
        ("GET", "client_pages") => accounts::pages_of_business(tx, call, token, id, false),
        ("GET", "owned_whatsapp_business_accounts" | "client_whatsapp_business_accounts") => {
            waba::of_business(tx.world, token, id, edge.starts_with("owned"))
        }
        ("GET", "permissions") => people::permissions(tx.world, token, id),
        ("DELETE", "permissions") => people::revoke(tx, call, token, id),
        ("GET", "subscribed_apps") => subscriptions::list(tx.world, token, id),
        ("POST", "subscribed_apps") => subscriptions::add(tx, call, token, id),
        ("DELETE", "subscribed_apps") => subscriptions::remove(tx, token, id),
        ("GET", "phone_numbers") => waba::numbers(tx.world, call, token, id),
        ("POST", "register") => registration::register(tx, call, token, id),
        ("POST", "deregister") => registration::deregister(tx, token, id),
        ("POST", "request_code") => registration::request_code(tx, call, token, id),
        ("POST", "verify_code") => registration::verify_code(tx, call, token, id),
        ("POST", "smb_app_data") => registration::share_app_data(tx, call, token, id),
        _ => messages(tx, call, token, id, edge),
    }
}

fn messages(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, id: &str, edge: &str) -> Outcome {
    let about = MessageCall {
        method: &call.method,
        id,
        edge,
        query: &call.query,
        body: &call.body,
        parts: &call.parts,
        token,
        base: &call.base,
        path: &call.path,
    };
    match message_calls::handle(tx, &about) {
        Some(answer) => answer.map_err(|refusal| refused(&refusal, call.instagram)),
        None => Err(no_object(id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_versions_are_told_from_ids() {
        for (path, instagram, rest) in [
            ("/meta/v23.0/me/accounts", false, "me/accounts"),
            ("/meta/me", false, "me"),
            ("/meta/ig/v24.0/me", true, "me"),
            ("/meta/ig/access_token", true, "access_token"),
            ("/meta/v23.0/106540000000001/messages", false, "106540000000001/messages"),
            ("/meta/victory/x", false, "victory/x"),
        ] {
            let (found, segments) = split(path);
            assert_eq!((found, segments.join("/").as_str()), (instagram, rest), "{path}");
        }
    }
}
