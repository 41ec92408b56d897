//! Where does a call go, and why? The rules of a route are asked in order: hours, overflow, fallback. The first that
//! takes the call ends it, so every call to a route has exactly one destination.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::hours::{Week, clock};
use super::{Fallback, PhoneRoute};
use crate::BusinessId;
use crate::provisioning::zone_called;

/// What decides about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PhoneRule"))]
pub enum Rule {
    /// Whether the number has a route that is switched on. It never takes a call.
    Route,
    /// The opening hours of the number's client.
    Hours,
    /// The overflow.
    Overflow,
    /// Nobody open takes the call, or the number has no route.
    Fallback,
    /// There is nobody to take it.
    Nowhere,
}

impl Rule {
    /// Its name on a page.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Route => "Route",
            Self::Hours => "Business hours",
            Self::Overflow => "Overflow",
            Self::Fallback => "Fallback",
            Self::Nowhere => "No destination",
        }
    }
}

/// One rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PhoneRuleAsked"))]
pub struct Stage {
    /// The rule.
    pub rule: Rule,
    /// The client that it is about.
    pub business: Option<BusinessId>,
    /// Whether it took the call.
    pub takes: bool,
    /// Why, in a sentence.
    pub why: String,
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PhoneDestination"))]
pub struct Destination {
    /// The number, in international form.
    pub number: String,
    /// The time of the call.
    pub at: DateTime<Utc>,
    /// The client that gets the call; `None` if nobody does.
    pub business: Option<BusinessId>,
    /// That client's name; `None` if nobody gets the call, or if the reader may not see the client.
    pub business_name: Option<String>,
    /// The rule that took the call.
    pub rule: Rule,
    /// Why, in a sentence.
    pub why: String,
    /// Every rule that was asked, in order; the last one took the call.
    pub path: Vec<Stage>,
}

/// A client that may get a call: its id, and its name if the reader may see it.
type Client<'a> = (BusinessId, Option<&'a str>);

/// The name of a client in a sentence.
fn named(client: Client<'_>) -> &str {
    client.1.unwrap_or("Another client")
}

/// Decides where a call to `number` at the instant `at` goes. `route` is the number's route, `default` the route whose
/// client is the agency's default.
#[must_use]
pub fn destination(
    number: &str,
    at: DateTime<Utc>,
    route: Option<&PhoneRoute>,
    default: Option<&PhoneRoute>,
) -> Destination {
    let default =
        default.filter(|route| route.active).map(|route| (route.business, Some(route.business_name.as_str())));
    let mut asked = match route {
        Some(route) if route.active => along(route, default, at),
        Some(_) => unrouted("The route of this number is switched off.", default),
        None => unrouted("This number has no route.", default),
    };
    if let Some(taken) = asked.iter().position(|(_, stage)| stage.takes) {
        asked.truncate(taken + 1);
    }
    let last = asked.last().cloned();
    let path = asked.into_iter().map(|(_, stage)| stage).collect();
    let (number, nowhere) = (number.to_owned(), (None, stage(Rule::Nowhere, None, true, String::new())));
    let (client, Stage { rule, business, why, .. }) = last.unwrap_or(nowhere);
    let business_name = client.and_then(|(_, name)| name).map(str::to_owned);
    Destination { number, at, business, business_name, rule, why, path }
}

/// A rule that was asked, and the client that it is about.
type Asked<'a> = (Option<Client<'a>>, Stage);

fn stage(rule: Rule, client: Option<Client<'_>>, takes: bool, why: String) -> Stage {
    Stage { rule, business: client.map(|(id, _)| id), takes, why }
}

fn asked(rule: Rule, client: Client<'_>, takes: bool, why: String) -> Asked<'_> {
    (Some(client), stage(rule, Some(client), takes, why))
}

/// The rules of a route that is switched on, in order. The last one takes every call.
fn along<'a>(route: &'a PhoneRoute, default: Option<Client<'a>>, at: DateTime<Utc>) -> Vec<Asked<'a>> {
    let zone = route.zone();
    let clock = clock(at, zone);
    let shown = format!("{} ({})", clock.format("%A, %b %-d at %-I:%M %p"), zone_called(zone.name()));
    let takes = |hours: Option<&Week>| hours.is_none_or(|week| week.is_open(clock));
    let own = (route.business, Some(route.business_name.as_str()));
    let found = asked(Rule::Route, own, false, format!("The number belongs to {}.", named(own)));
    let open = takes(route.hours.as_ref());
    let why = match (&route.hours, open) {
        (None, _) => format!("{} takes calls at any time.", named(own)),
        (Some(_), true) => format!("{} is open on {shown}.", named(own)),
        (Some(_), false) => format!("{} is closed on {shown}.", named(own)),
    };
    let mut rules = vec![found, asked(Rule::Hours, own, open, why)];
    if let Some(overflow) = &route.overflow {
        let client = (overflow.business, route.overflow_name.as_deref());
        let open = takes(overflow.hours.as_ref());
        let why = match (&overflow.hours, open) {
            (None, _) => format!("{} takes the overflow at any time.", named(client)),
            (Some(_), true) => format!("{} takes the overflow on {shown}.", named(client)),
            (Some(_), false) => format!("{} takes no overflow on {shown}.", named(client)),
        };
        rules.push(asked(Rule::Overflow, client, open, why));
    }
    let other = default.filter(|(id, _)| route.fallback == Fallback::Default && *id != route.business);
    let (client, why) = match other {
        Some(client) => (client, format!("Nobody is open, so the default client, {}, gets the call.", named(client))),
        None => (own, format!("Nobody is open, so {} gets the call anyway.", named(own))),
    };
    rules.push(asked(Rule::Fallback, client, true, why));
    rules
}

/// What becomes of a call to a number without a route, or with one that is off.
fn unrouted<'a>(why: &str, default: Option<Client<'a>>) -> Vec<Asked<'a>> {
    let none = (None, stage(Rule::Route, None, false, why.to_owned()));
    let last = match default {
        Some(client) => {
            let why = format!("{why} The default client, {}, gets the call as a fallback.", named(client));
            asked(Rule::Fallback, client, true, why)
        }
        None => {
            let why = format!("{why} There is no default client either, so the call goes nowhere.");
            (None, stage(Rule::Nowhere, None, true, why))
        }
    };
    vec![none, last]
}

#[cfg(test)]
#[path = "destination_tests.rs"]
mod tests;
