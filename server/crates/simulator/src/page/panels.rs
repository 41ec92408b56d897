//! The forms and buttons of the overview page, one form for each control route.

use std::fmt::Write;

use serde_json::Value;

use crate::{control::actions::knobs_json, world::World};

use super::html::{chip, esc, field, form, select};

/// All panels, collapsed at first.
pub fn all(world: &World) -> String {
    format!(
        "<section><details><summary>Break something, speed it up, expire it, reset it</summary>\
         <div class=\"grid\">{}{}{}{}{}{}</div></details>{}</section>",
        panel("Make coming calls fail", &fault()),
        panel("Switches", &switches(world)),
        panel("Expire", &expire(world)),
        panel("Send an event", &event(world)),
        panel("Company and location", &tenants(world)),
        panel("Clock and world", &clock()),
        set_faults(world),
    )
}

fn panel(title: &str, inner: &str) -> String {
    format!("<section><h2>{}</h2>{inner}</section>", esc(title))
}

fn pairs(values: &[&str]) -> Vec<(String, String)> {
    values.iter().map(|value| ((*value).to_owned(), value.replace('_', " "))).collect()
}

fn fault() -> String {
    let kinds = [
        ("reset_after", "It is done, then the connection resets"),
        ("reset_before", "The connection resets, nothing is done"),
        ("timeout", "It is done, no answer comes"),
        ("status", "Another status, nothing is done"),
        ("delay", "It only takes longer"),
        ("truncated", "The answer breaks off"),
        ("empty", "The answer is empty"),
    ];
    let kinds: Vec<(String, String)> = kinds.map(|(value, text)| (value.into(), text.into())).to_vec();
    let inner = [
        select("fault", "What happens", &kinds, ""),
        select("method", "To which method", &pairs(&["POST", "GET", "PUT", "DELETE"]), "POST"),
        field("path", "To which path", "/locations/"),
        field("times", "How many times", 1),
        field("status", "Status, when it is another one", ""),
        field("delay_ms", "Delay in milliseconds", ""),
    ];
    form("/_sim/faults", &inner.concat(), "Set the fault")
}

fn set_faults(world: &World) -> String {
    if world.faults.is_empty() {
        return String::new();
    }
    let mut html = String::from("<h3>Faults that are set</h3><ul>");
    for fault in world.faults.values() {
        let rule = &fault.rule;
        let path = rule.matches.path.as_ref().or(rule.matches.prefix.as_ref()).map_or("any path", String::as_str);
        let method = rule.matches.method.as_deref().unwrap_or("any method");
        let hits = match fault.times() {
            Some(times) => format!("hit {} of {times}", fault.hits),
            None => format!("hit {} of the {} calls so far", fault.hits, fault.seen),
        };
        let word = chip("warn", rule.fault.word().replace('_', " "));
        let _ = write!(html, "<li>{word} {} <code>{}</code>, {}</li>", esc(method), esc(path), esc(hits));
    }
    html.push_str("</ul>");
    html + &form("/_sim/faults/clear", "", "Take all faults away")
}

/// Each switch with its label. Times are in real milliseconds, before the time scale.
const SWITCHES: [(&str, &str, &[&str]); 13] = [
    ("search_lag_ms", "Search shows a new location after (ms)", &[]),
    ("search_lag_jitter_ms", "and up to so much later (ms)", &[]),
    ("install_lag_ms", "A new location has the app after (ms)", &[]),
    ("snapshot_ms", "A snapshot takes (ms)", &[]),
    ("snapshot_mode", "Coming snapshots", &["normal", "failed", "stuck"]),
    ("refresh_grace_ms", "A used refresh token still works for (ms)", &[]),
    ("custom_value_collision", "A second custom value of one name", &["suffix", "refuse"]),
    ("install_event", "INSTALL arrives, compared with the browser", &["before", "after", "never"]),
    ("webhook_url", "Webhooks go to", &[]),
    ("rate_max", "Calls allowed in ten seconds", &[]),
    ("daily_max", "Calls allowed in a day", &[]),
    ("rate_headers", "Answers carry rate-limit headers", &["true", "false"]),
    ("plain_429", "A 429 is plain text", &["true", "false"]),
];

fn switches(world: &World) -> String {
    let knobs = knobs_json(&world.knobs());
    let mut inner = String::new();
    for (name, label, choices) in SWITCHES {
        let now = match &knobs[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let html =
            if choices.is_empty() { field(name, label, now) } else { select(name, label, &pairs(choices), &now) };
        inner.push_str(&html);
    }
    form("/_sim/knobs", &inner, "Set the switches")
}

fn company_options(world: &World) -> Vec<(String, String)> {
    world.companies_in_order().into_iter().map(|company| (company.id.clone(), company.name.clone())).collect()
}

fn location_options(world: &World, none: &str) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), none.to_owned())];
    for location in world.locations.values() {
        let company = world.companies.get(&location.company_id).map_or("", |company| company.name.as_str());
        options.push((location.id.clone(), format!("{} ({company})", location.name)));
    }
    options
}

fn expire(world: &World) -> String {
    let what = [
        ("access", "Access tokens"),
        ("refresh", "Refresh tokens: the connection is lost"),
        ("scope", "One permission"),
        ("grant", "The whole install"),
    ];
    let what: Vec<(String, String)> = what.map(|(value, text)| (value.into(), text.into())).to_vec();
    let inner = [
        select("what", "What", &what, ""),
        select("companyId", "Of which company", &company_options(world), ""),
        select("locationId", "Of which location", &location_options(world, "all of them"), ""),
        field("scope", "Which permission", "locations.write"),
    ];
    form("/_sim/expire", &inner.concat(), "Expire")
}

fn event(world: &World) -> String {
    let types = [
        "INSTALL",
        "UNINSTALL",
        "LocationCreate",
        "LocationUpdate",
        "ContactCreate",
        "ContactUpdate",
        "InboundMessage",
        "OutboundMessage",
        "AppointmentCreate",
        "OpportunityCreate",
        "UserCreate",
    ];
    let types: Vec<(String, String)> = types.map(|name| (name.into(), name.into())).to_vec();
    let inner = [
        select("type", "Event", &types, ""),
        select("companyId", "Company", &company_options(world), ""),
        select("locationId", "Location", &location_options(world, "none"), ""),
    ];
    form("/_sim/ghl/events", &inner.concat(), "Send it, signed")
}

fn tenants(world: &World) -> String {
    let plans: Vec<(String, String)> =
        ["497", "297", "97"].map(|plan| (plan.into(), format!("${plan} a month"))).to_vec();
    let plan = [select("id", "Company", &company_options(world), ""), select("plan", "Plan", &plans, "")];
    let active: Vec<(String, String)> = vec![("false".into(), "paused".into()), ("true".into(), "active".into())];
    let options = location_options(world, "choose one");
    let pause = [select("id", "Location", &options, ""), select("active", "State", &active, "")];
    let domain =
        [select("id", "Company", &company_options(world), ""), field("domain", "Domain of its own; empty: none", "")];
    let pit = select("companyId", "Company", &company_options(world), "");
    [
        form("/_sim/company", &plan.concat(), "Change the plan"),
        form("/_sim/company", &domain.concat(), "Set the white-label domain"),
        form("/_sim/location", &pause.concat(), "Change the state"),
        form("/_sim/pit", &pit, "Make a private integration token"),
    ]
    .concat()
}

fn clock() -> String {
    let hidden = "<input type=\"hidden\" name=\"all\" value=\"true\">";
    [
        form("/_sim/clock", &field("minutes", "Minutes to move forward", 10), "Move the clock"),
        form("/_sim/reset", "<p class=\"dim\">Connections stay.</p>", "Reset the world"),
        form("/_sim/reset", &format!("{hidden}<p class=\"dim\">Every token becomes useless.</p>"), "Forget everything"),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_is_on_the_page() {
        let known: Vec<String> =
            knobs_json(&crate::knobs::Knobs::default()).into_iter().map(|(name, _)| name).collect();
        let mut shown: Vec<&str> = SWITCHES.iter().map(|(name, ..)| *name).collect();
        shown.sort_unstable();
        assert_eq!(known, shown);
    }
}
