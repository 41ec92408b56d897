//! How a call picks fields of a record and pages through a list.

use serde_json::{Map, Value, json};

use super::graph::GraphCall;

/// The fields that a call asks for, with the fields of each inside braces. The usual ones if it names none.
pub fn asked<'a>(call: &'a GraphCall, usual: &'a str) -> Vec<&'a str> {
    let text = Some(call.param("fields")).filter(|text| !text.is_empty()).unwrap_or(usual);
    let mut depth = 0_usize;
    let mut names = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                names.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    names.push(&text[start..]);
    names.into_iter().map(|name| name.split(['{', '.']).next().unwrap_or_default().trim()).collect()
}

/// The asked fields of a record, and always its id.
pub fn pick(record: &Value, asked: &[&str]) -> Value {
    let has = |name: &str| name == "id" || asked.contains(&name);
    let picked = record.as_object().into_iter().flatten().filter(|(name, value)| has(name) && !value.is_null());
    Value::Object(picked.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

/// One page of a list, as the call's `limit` and `after` say.
pub fn page(call: &GraphCall, rows: Vec<Value>) -> Value {
    let limit = call.param("limit").parse::<usize>().unwrap_or(25).clamp(1, 100);
    let skip = call.param("after").strip_prefix("QVFI").and_then(|at| at.parse::<usize>().ok()).unwrap_or(0);
    let total = rows.len();
    let shown: Vec<Value> = rows.into_iter().skip(skip).take(limit).collect();
    let end = skip + shown.len();
    let mut answer = json!({"data": shown});
    if end > skip {
        answer["paging"] = json!({"cursors": {"before": format!("QVFI{skip}"), "after": format!("QVFI{end}")}});
    }
    if end < total {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in call.query.iter().filter(|(name, _)| !["after", "access_token"].contains(&name.as_str())) {
            query.append_pair(name, value);
        }
        query.append_pair("after", &format!("QVFI{end}"));
        answer["paging"]["next"] = json!(format!("{}?{}", call.link(), query.finish()));
    }
    answer
}
