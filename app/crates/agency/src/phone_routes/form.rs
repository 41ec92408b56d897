//! The form of a phone route, and how it is read and filled in. Field names are the JSON pointers of the route, so the
//! errors of its check belong to their fields.

use std::collections::BTreeMap;

use domain::BusinessId;
use domain::field::FieldError;
use domain::phone_routes::hours::{DAYS, SPANS_A_DAY, Span, TimeOfDay, Week};
use domain::phone_routes::{Fallback, LABEL, NewPhoneRoute, Overflow, PhoneRoute};
use domain::provisioning::zone_named;
use kit::form::filled;
use kit::{
    Button, ButtonLink, ButtonStyle, Card, Checkbox, Choice, Filled, Form, FormSection, Select, TextField, ZoneField,
};
use leptos::prelude::*;
use store::phone_routes::Client;
use web::zones::zones;

/// What was typed, by field name.
pub type Fields = BTreeMap<String, String>;

/// The choice of hours that is read from the fields of the days. Any other choice stands for any time.
const SET: &str = "set";

fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", |value| value.trim())
}

/// Reads a form.
///
/// # Errors
/// One entry for each field that cannot be put into a route at all.
pub fn read(fields: &Fields) -> Result<NewPhoneRoute, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut client = |name: &str| {
        let parsed = text(fields, name).parse::<BusinessId>().ok();
        if parsed.is_none() {
            errors.push(FieldError::new(name, "Choose one of your clients."));
        }
        parsed
    };
    let business = client("/business");
    let overflow = if text(fields, "/overflow/business").is_empty() { None } else { client("/overflow/business") };
    let hours = week(fields, "/hours", &mut errors);
    let overflow = overflow.map(|business| Overflow { business, hours: week(fields, "/overflow/hours", &mut errors) });
    let fallback = Fallback::parse(text(fields, "/fallback"));
    if fallback.is_none() {
        errors.push(FieldError::new("/fallback", "Choose who gets the call."));
    }
    match (business, fallback) {
        (Some(business), Some(fallback)) if errors.is_empty() => Ok(NewPhoneRoute {
            number: text(fields, "/number").to_owned(),
            business,
            label: text(fields, "/label").to_owned(),
            active: fields.contains_key("/active"),
            is_default: fields.contains_key("/is_default"),
            timezone: zone(text(fields, "/timezone")),
            hours,
            overflow,
            fallback,
        }),
        _ => Err(errors),
    }
}

/// The time zone that people call so, or the text as it is.
fn zone(typed: &str) -> String {
    zone_named(typed).unwrap_or_else(|| typed.to_owned())
}

/// The hours of the days; `None` for any time.
fn week(fields: &Fields, at: &str, errors: &mut Vec<FieldError>) -> Option<Week> {
    let mut week = Week::default();
    if text(fields, at) != SET {
        return None;
    }
    for (day, key, _) in DAYS {
        for number in 0..SPANS_A_DAY {
            let name = |end: &str| format!("{at}/{key}/{number}/{end}");
            let (from, to) = (text(fields, &name("from")), text(fields, &name("to")));
            if from.is_empty() && to.is_empty() {
                continue;
            }
            match (from.parse::<TimeOfDay>(), to.parse::<TimeOfDay>()) {
                (Ok(from), Ok(to)) => week.day_mut(day).push(Span { from, to }),
                (Err(wrong), _) => errors.push(FieldError::new(name("from"), wrong.to_string())),
                (_, Err(wrong)) => errors.push(FieldError::new(name("to"), wrong.to_string())),
            }
        }
    }
    Some(week)
}

/// The form of a new route: open from Monday to Friday, nine to five.
#[must_use]
pub fn blank() -> Fields {
    let mut fields = Fields::new();
    for (name, value) in
        [("/active", "on"), ("/hours", SET), ("/overflow/hours", "any"), ("/fallback", Fallback::Own.key())]
    {
        fields.insert(name.to_owned(), value.to_owned());
    }
    for (_, key, _) in &DAYS[..5] {
        fields.insert(format!("/hours/{key}/0/from"), "09:00".to_owned());
        fields.insert(format!("/hours/{key}/0/to"), "17:00".to_owned());
    }
    fields
}

/// A route as the fields of its form.
#[must_use]
pub fn write(route: &PhoneRoute) -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: &str| {
        fields.insert(name.to_owned(), value.to_owned());
    };
    put("/number", &route.number);
    put("/business", &route.business.to_string());
    put("/label", &route.label);
    put("/timezone", &route.timezone);
    put("/fallback", route.fallback.key());
    for (name, _) in [("/active", route.active), ("/is_default", route.is_default)].into_iter().filter(|(_, on)| *on) {
        put(name, "on");
    }
    if let Some(overflow) = &route.overflow {
        put("/overflow/business", &overflow.business.to_string());
    }
    write_week(&mut fields, "/hours", route.hours.as_ref());
    write_week(&mut fields, "/overflow/hours", route.overflow.as_ref().and_then(|overflow| overflow.hours.as_ref()));
    fields
}

fn write_week(fields: &mut Fields, at: &str, week: Option<&Week>) {
    fields.insert(at.to_owned(), if week.is_some() { SET } else { "any" }.to_owned());
    let Some(week) = week else { return };
    for (day, key, _) in DAYS {
        for (number, span) in week.day(day).iter().enumerate() {
            fields.insert(format!("{at}/{key}/{number}/from"), span.from.into());
            fields.insert(format!("{at}/{key}/{number}/to"), span.to.into());
        }
    }
}

/// The form. `filled` holds the value of every field.
#[component]
pub fn RouteForm(
    /// Short name of the agency.
    agency: String,
    /// The route that is changed; `None` for a new one.
    route: Option<PhoneRoute>,
    /// The clients that a number can be given to.
    clients: Vec<Client>,
    /// What the fields hold, and what was wrong with them.
    filled: Filled,
) -> impl IntoView {
    let list = format!("/a/{agency}/phone-routes");
    let mut hidden = vec![("agency", agency)];
    let (title, action, verb) = match route {
        None => ("Add a number".to_owned(), "/do/add_phone_route", "Add number"),
        Some(route) => {
            hidden.push(("id", route.id.to_string()));
            (format!("Change {}", domain::phone::shown(&route.number)), "/do/change_phone_route", "Save")
        }
    };
    let choices: Vec<Choice> =
        clients.into_iter().map(|client| Choice::new(client.id.to_string(), client.name)).collect();
    view! {
        <div id="route">
        <Card title=title>
            <Form action=action filled=filled hidden=hidden guard=true>
                <div class="grid gap-4 sm:grid-cols-2">
                    <TextField name="/number" label="Phone number" kind="tel" autocomplete="off" maxlength=64_u32 placeholder="(305) 555-0100" required=true/>
                    <Select name="/business" label="Client" choices=choices.clone() empty="Choose a client" required=true/>
                    <TextField name="/label" label="Label" maxlength=u32::try_from(LABEL).unwrap_or(u32::MAX) placeholder="Front desk"/>
                    <ZoneField name="/timezone" zones=zones() empty="The client's own"/>
                </div>
                <FormSection title="Business hours">
                    <Times name="/hours" label="The client takes calls"/>
                    <Days at="/hours"/>
                </FormSection>
                <FormSection title="After hours">
                    <Select name="/overflow/business" label="Overflow" choices=choices empty="Nobody" help="This client takes the calls while the first one is closed."/>
                    <Times name="/overflow/hours" label="The overflow takes calls"/>
                    <Days at="/overflow/hours"/>
                    <Select name="/fallback" label="If nobody is open" choices=fallbacks() required=true/>
                </FormSection>
                <Checkbox name="/is_default" label="Default client" help="Calls to numbers without a route go to this client instead of the current default client."/>
                <Checkbox name="/active" label="On" help="While a route is off, calls to its number go to the default client."/>
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>{verb}</Button>
                    <ButtonLink href=list look=ButtonStyle::Quiet>"Cancel"</ButtonLink>
                </div>
            </Form>
        </Card>
        </div>
    }
}

fn fallbacks() -> Vec<Choice> {
    let choice = |choice: Fallback, label: &str| Choice::new(choice.key(), label);
    vec![
        choice(Fallback::Own, "The number's own client gets the call anyway"),
        choice(Fallback::Default, "The default client gets the call"),
    ]
}

/// The choice between any time and the hours of the days.
#[component]
fn Times(name: &'static str, label: &'static str) -> impl IntoView {
    let choices = vec![Choice::new("any", "Anytime"), Choice::new(SET, "During these hours")];
    view! { <Select name=name label=label choices=choices required=true/> }
}

/// The opening hours of each day. They are folded away while they do not count.
#[component]
fn Days(at: &'static str) -> impl IntoView {
    let carried = filled();
    let open = carried.values.get(at).is_some_and(|choice| choice == SET);
    let lines = DAYS.map(|(_, key, name)| {
        let fields = |number: usize| ["from", "to"].map(|end| format!("{at}/{key}/{number}/{end}"));
        let spans = (0..SPANS_A_DAY).map(|number| {
            let [from, to] = fields(number);
            let again = if number == 0 { "" } else { " again" };
            view! {
                <span class="flex items-center gap-1.5">
                    <Clock filled=carried.clone() name=from label=format!("{name} opens{again}")/>
                    <span class="text-fg-3" aria-hidden="true">"\u{2013}"</span>
                    <Clock filled=carried.clone() name=to label=format!("{name} closes{again}")/>
                </span>
            }
        });
        let spans = spans.collect_view();
        let errors = (0..SPANS_A_DAY).flat_map(fields).filter_map(|field| {
            let text = carried.error(&field)?;
            Some(view! { <p class="text-xs text-bad" id=format!("error-{field}")>{text}</p> })
        });
        let errors = errors.collect::<Vec<_>>();
        view! {
            <div class="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-t border-line py-2 first:border-0" role="group" aria-label=name>
                <span class="w-24 text-sm">{name}</span>
                <div class="flex flex-wrap items-center gap-x-4 gap-y-1.5">{spans}</div>
                {errors}
            </div>
        }
    });
    view! {
        <details open=open>
            <summary class="cursor-pointer text-sm text-fg-2 underline underline-offset-3">"Hours by day"</summary>
            <div class="pt-2">
                {lines.into_iter().collect_view()}
                <p class="pt-1 text-xs text-fg-3">"Days without hours are closed. Use the second pair for after a break. An end before the start means the next day; the same start and end mean 24 hours."</p>
            </div>
        </details>
    }
}

/// A time of day.
#[component]
fn Clock(filled: Filled, name: String, label: String) -> impl IntoView {
    let error = filled.error(&name).is_some();
    let value = filled.values.get(&name).cloned();
    let (id, describedby) = (format!("field-{name}"), error.then(|| format!("error-{name}")));
    view! { <input class="control w-30" type="time" id=id name=name value=value aria-label=label aria-invalid=error.then_some("true") aria-describedby=describedby/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route() -> PhoneRoute {
        serde_json::from_value(serde_json::json!({
            "id": uuid::Uuid::nil(), "number": "+13055550100", "business": uuid::Uuid::from_u128(1), "business_name": "Bright Dental",
            "label": "Front desk", "active": true, "is_default": true, "timezone": "America/New_York",
            "hours": { "mon": [{ "from": "09:00", "to": "12:00" }, { "from": "13:00", "to": "17:00" }], "sun": [{ "from": "18:00", "to": "02:00" }] },
            "overflow": { "business": uuid::Uuid::from_u128(2), "hours": { "sat": [{ "from": "00:00", "to": "00:00" }] } },
            "overflow_name": "Luna Yoga", "fallback": "default", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"
        }))
        .unwrap()
    }

    #[test]
    fn a_route_survives_its_form() {
        let route = route();
        let read = read(&write(&route)).unwrap();
        assert_eq!((read.number, read.business, read.label), (route.number, route.business, route.label));
        assert_eq!((read.active, read.is_default, read.timezone), (route.active, route.is_default, route.timezone));
        assert_eq!((read.hours, read.overflow, read.fallback), (route.hours, route.overflow, route.fallback));
    }

    #[test]
    fn a_new_route_is_open_on_working_days_until_somebody_says_otherwise() {
        let mut fields = blank();
        fields.insert("/business".to_owned(), uuid::Uuid::nil().to_string());
        let hours = read(&fields).unwrap().hours.unwrap();
        assert_eq!(hours.words(), "Mon\u{2013}Fri 9:00 AM\u{2013}5:00 PM");
        fields.insert("/hours".to_owned(), "any".to_owned());
        assert_eq!(read(&fields).unwrap().hours, None, "times that do not count are not read");
    }

    #[test]
    fn every_error_is_marked_at_its_field() {
        let mut fields = blank();
        for (name, value) in
            [("/business", "x"), ("/hours/mon/0/to", ""), ("/hours/tue/1/to", "25:00"), ("/fallback", "?")]
        {
            fields.insert(name.to_owned(), value.to_owned());
        }
        let errors = read(&fields).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/business", "/hours/mon/0/to", "/hours/tue/1/from", "/fallback"]);
        let errors: Vec<_> = errors.iter().map(|error| (error.pointer.clone(), error.detail.clone())).collect();
        let filled = Filled { errors, values: fields, message: None };
        let page = Owner::new().with(|| {
            view! { <RouteForm agency="harbor".to_owned() route=None clients=Vec::new() filled=filled/> }.to_html()
        });
        for name in pointers {
            let id = format!("id=\"field-{name}\"");
            let tag = page.split('<').find(|tag| tag.contains(&id)).expect("the field is there");
            assert!(tag.contains("aria-invalid=\"true\"") && tag.contains(&format!("error-{name}")), "{tag}");
            assert!(page.contains(&format!("id=\"error-{name}\"")), "{name} says nothing");
            assert!(page.contains(&format!("href=\"#field-{name}\"")), "no link leads to {name}");
        }
    }
}
