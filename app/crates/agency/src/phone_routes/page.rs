//! The page of phone routing: the numbers of an agency, the form for one of them, and the tester that says where a call
//! goes.

use std::collections::BTreeMap;

use domain::PhoneRouteId;
use domain::identity::Reach;
use domain::language::capitalised;
use domain::page::Page;
use domain::permission::Right;
use domain::phone_routes::{Call, Destination, Fallback, PhoneRoute, Rule};
use domain::provisioning::COUNTRIES;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Button, ButtonLink, ButtonStyle, Card, Chip, Choice, Column, Confirm, Empty, Exact, Filled, Form, Glyph,
    PageHeader, PostButton, Row, SavedView, SavedViews, Select, StatusIcon, StatusPill, Table, TextField, Tone,
    ViewsOfList,
};
use leptos::context::Provider;
use leptos::prelude::*;
use operations::{Refusal, phone_routes};
use store::phone_routes::Client;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::saved_views::saved_views;

use super::form::{RouteForm, blank, write};

/// Parameters of the address that belong to the form and the tester, not to the list.
const OTHERS: [&str; 4] = ["new", "edit", "number", "when"];

/// What the page shows.
struct Shown {
    agency: String,
    may: bool,
    reach: Reach,
    list: Address,
    routes: Page<PhoneRoute>,
    /// The form, if it is open: the route that it changes, and what its fields hold.
    form: Option<(Option<PhoneRoute>, Filled)>,
    clients: Vec<Client>,
    country: String,
    saved: ViewsOfList,
    test: Test,
}

/// What was asked of the tester, and its answer.
#[derive(Default)]
struct Test {
    filled: Filled,
    found: Option<Destination>,
}

/// The page of phone routing.
#[component]
pub fn PhoneRouting() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let shown = gather(&context, &at).await?;
        let frame = frame(&context, vec![Crumb::current("Phone routing")]);
        let country = filled(&context.request, "set_phone_country");
        let Shown { agency, may, clients, form, reach, test, .. } = &shown;
        let (list, add) = (format!("/a/{agency}/phone-routes"), format!("/a/{agency}/phone-routes?new=1#route"));
        let form = form.clone().map(|(route, filled)| {
            view! { <RouteForm agency=agency.clone() route=route clients=clients.clone() filled=filled/> }
        });
        let add = (*may && form.is_none()).then(|| {
            view! { <ButtonLink href=add look=ButtonStyle::Primary icon=Glyph::Plus key="c">"Add a number"</ButtonLink> }
        });
        let tester = view! { <Tester path=list filled=test.filled.clone() found=test.found.clone() reach=*reach/> };
        let country =
            may.then(|| view! { <Country agency=agency.clone() country=shown.country.clone() filled=country/> });
        Ok(view! {
            <PageTitle text="Phone routing"/>
            <Shell frame=frame>
                <PageHeader title="Phone routing">{add}</PageHeader>
                <div class="flex flex-col gap-6">
                    {form}
                    <Routes shown=shown/>
                    <div class="grid items-start gap-4 lg:grid-cols-[2fr_1fr]">{tester}{country}</div>
                </div>
            </Shell>
        })
    })
}

async fn gather(context: &ServerContext, at: &Address) -> Result<Shown> {
    let test = ask(context, at).await?;
    // The position in the list stays as long as nothing but the list is looked at.
    let list = match OTHERS.iter().all(|name| at.get(name).is_empty()) {
        true => at.clone(),
        false => OTHERS.iter().fold(at.clone(), |at, name| at.with(name, "")),
    };
    let mut tenant = context.page().await?;
    let may = tenant.access.allows(Right::PhoneRoutesManage);
    let routes = store::phone_routes::list(&mut tenant.tx, &list.query()).await?;
    let edited = match at.get("edit").parse::<PhoneRouteId>() {
        Ok(id) if may => match store::phone_routes::get(&mut tenant.tx, id).await {
            Ok(route) => Some(route),
            Err(store::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        },
        _ => None,
    };
    let form = match edited {
        Some(route) => Some(changed(context, route)),
        None if may && !at.get("new").is_empty() => {
            Some((None, held(filled(&context.request, "add_phone_route"), blank)))
        }
        None => None,
    };
    let clients = if form.is_some() { store::phone_routes::clients(&mut tenant.tx, None).await? } else { Vec::new() };
    let country = store::phone_routes::country(&mut tenant.tx).await?;
    let saved = saved_views(&mut tenant, &store::phone_routes::LIST).await?;
    let (agency, reach) = (tenant.access.slug.clone(), tenant.access.reach);
    tenant.commit().await?;
    Ok(Shown { agency, may, reach, list, routes, form, clients, country, saved, test })
}

/// The form of a route, with what was typed if it was this route's.
fn changed(context: &ServerContext, route: PhoneRoute) -> (Option<PhoneRoute>, Filled) {
    let typed = filled(&context.request, "change_phone_route");
    let own = typed.values.get("id").is_some_and(|id| *id == route.id.to_string());
    let filled = held(if own { typed } else { Filled::default() }, || write(&route));
    (Some(route), filled)
}

/// What came back of a form, or these values if nothing did.
fn held(mut filled: Filled, values: impl FnOnce() -> BTreeMap<String, String>) -> Filled {
    if filled.values.is_empty() {
        filled.values = values();
    }
    filled
}

/// Asks where the call of the address goes, if it names one.
async fn ask(context: &ServerContext, at: &Address) -> Result<Test> {
    let (number, when) = (at.get("number").to_owned(), at.get("when").to_owned());
    let values = BTreeMap::from([("number".to_owned(), number.clone()), ("when".to_owned(), when.clone())]);
    if number.is_empty() && when.is_empty() {
        return Ok(Test::default());
    }
    let call = Call { number, at: Some(when) };
    let (errors, found) = match phone_routes::resolve(&context.actor()?, &call, web::clock::now()).await {
        Ok(found) => (Vec::new(), Some(found)),
        Err(Refusal::Invalid(errors)) => {
            let field = |pointer: &str| if pointer == "/at" { "when" } else { "number" }.to_owned();
            (errors.into_iter().map(|error| (field(&error.pointer), error.detail)).collect(), None)
        }
        Err(refusal) => return Err(refusal.into()),
    };
    Ok(Test { filled: Filled { errors, values, message: None }, found })
}

/// The list of numbers.
#[component]
fn Routes(shown: Shown) -> impl IntoView {
    let Shown { agency, may, reach, list, routes, saved, .. } = shown;
    let tools = view! { <SavedViews at=list.clone() saved/> };
    let add = format!("/a/{agency}/phone-routes?new=1#route");
    // A member who reaches only assigned businesses must not read that the agency has none.
    let none = match reach {
        Reach::All => "Send calls to a client, with business hours and an overflow. Test here where a call would go.",
        Reach::Listed => "None of your clients has a phone route.",
    };
    let empty = view! {
        <Empty title="No phone numbers yet" text=none>
            {may.then(|| view! { <ButtonLink href=add look=ButtonStyle::Primary>"Add a number"</ButtonLink> })}
        </Empty>
    };
    let views = ["", "on", "off", "default"].into_iter().zip(["All", "On", "Off", "Default"]);
    let views = views.map(|(key, label)| SavedView { key, label, count: None }).collect();
    let rows = routes.rows.into_iter().map(|route| line(&agency, may, route)).collect::<Vec<_>>();
    let columns = vec![
        Column::sorted("number", "Number").lead(),
        Column::plain("State").mark(),
        Column::plain("Client"),
        Column::plain("Business hours").wide_only(),
        Column::plain("After hours").wide_only(),
        Column::plain(""),
    ];
    view! {
        <Table caption="Phone numbers" noun=("phone number", "phone numbers") topics="phone_routes.changed:* business.changed:*" at=list columns=columns rows=rows next=routes.next total=routes.total orders=store::phone_routes::ORDERS views=views search="Search numbers" tools=tools.into_any() empty=empty.into_any()/>
    }
}

fn line(agency: &str, may: bool, route: PhoneRoute) -> Row {
    let (tone, word) = if route.active { (Tone::Ok, "On") } else { (Tone::Cancelled, "Off") };
    let hours = route.hours.as_ref().map_or_else(|| "Any time".to_owned(), |week| week.words());
    let after = after_hours(&route);
    let actions = may.then(|| view! { <Actions agency=agency.to_owned() route=route.clone()/> });
    Row {
        key: route.id.to_string(),
        href: None,
        cells: vec![
            view! { <span class="flex flex-col"><span class="font-medium whitespace-nowrap tabular-nums">{domain::phone::shown(&route.number)}</span><span class="text-xs font-normal text-fg-3">{route.label}</span></span> }.into_any(),
            view! { <span class="inline-flex items-center gap-2"><StatusPill tone=tone plain=true>{word}</StatusPill>{route.is_default.then(|| view! { <Chip>"Default"</Chip> })}</span> }.into_any(),
            view! { <a class="link whitespace-nowrap" href=format!("/a/{agency}/clients/{}", route.business)>{route.business_name}</a> }.into_any(),
            view! { <span class="text-fg-2">{hours}</span> }.into_any(),
            view! { <span class="text-fg-2">{after}</span> }.into_any(),
            actions.into_any(),
        ],
    }
}

/// Who takes the calls of a route after hours, in words.
fn after_hours(route: &PhoneRoute) -> String {
    if route.hours.is_none() {
        return "\u{2014}".to_owned();
    }
    let last = match route.fallback {
        Fallback::Own => "the client anyway",
        Fallback::Default => "the default client",
    };
    let overflow = route.overflow.as_ref().map(|overflow| {
        let name = route.overflow_name.as_deref().unwrap_or("another client");
        overflow.hours.as_ref().map_or_else(|| name.to_owned(), |_| format!("{name}, then {last}"))
    });
    capitalised(overflow.as_deref().unwrap_or(last))
}

/// What can be done with a route.
#[component]
fn Actions(agency: String, route: PhoneRoute) -> impl IntoView {
    let edit = format!("/a/{agency}/phone-routes?edit={}#route", route.id);
    let hidden = vec![("agency", agency), ("id", route.id.to_string())];
    let active = hidden.iter().cloned().chain([("active", (!route.active).to_string())]).collect::<Vec<_>>();
    let change = if route.active { "Turn off" } else { "Turn on" };
    let text = format!(
        "Calls to {} go to the default client then, if there is one. The number can be added again.",
        domain::phone::shown(&route.number)
    );
    view! {
        <span class="inline-flex flex-wrap items-center justify-end gap-1 lg:flex-nowrap">
            <ButtonLink href=edit look=ButtonStyle::Quiet>"Edit"</ButtonLink>
            <PostButton action="/do/set_phone_route_active" look=ButtonStyle::Quiet hidden=active>{change}</PostButton>
            <Confirm action="/do/remove_phone_route" label="Remove" verb=format!("Remove {}", domain::phone::shown(&route.number)) look=ButtonStyle::Quiet hidden=hidden>{text}</Confirm>
        </span>
    }
}

/// The tester: a number and a time in, the rules that were asked out. It is a link, so an answer can be shared.
#[component]
fn Tester(path: String, filled: Filled, found: Option<Destination>, reach: Reach) -> impl IntoView {
    let note = (reach == Reach::Listed).then(|| {
        view! { <p class="text-sm text-fg-2">"You see the routes of the clients assigned to you. Other numbers are treated as having no route here."</p> }
    });
    view! {
        <Card title="Where would a call go?">
            <div class="flex flex-col gap-4">
                <form method="get" action=path class="flex flex-col gap-4">
                    <Provider value=filled>
                        <div class="grid gap-4 sm:grid-cols-2">
                            <TextField name="number" label="Number called" kind="tel" autocomplete="off" maxlength=64_u32 placeholder="(305) 555-0100" required=true/>
                            <TextField name="when" label="Local time of the call" kind="datetime-local" help="In the number's time zone. Leave empty to test right now."/>
                        </div>
                    </Provider>
                    <div><Button>"Test call"</Button></div>
                </form>
                {note}
                {found.map(|found| view! { <Answer found/> })}
            </div>
        </Card>
    }
}

#[component]
fn Answer(found: Destination) -> impl IntoView {
    let tone = |rule: Rule, takes: bool| match rule {
        Rule::Nowhere => Tone::Failed,
        Rule::Fallback => Tone::Warn,
        _ if takes => Tone::Ok,
        _ => Tone::Waiting,
    };
    let client = match (&found.business_name, found.business) {
        (Some(name), _) => format!("goes to {name}"),
        (None, Some(_)) => "goes to another client".to_owned(),
        (None, None) => "goes nowhere".to_owned(),
    };
    let steps = found.path.into_iter().map(|stage| {
        view! {
            <li class="flex items-start gap-2">
                <span class="mt-0.5"><StatusIcon tone=tone(stage.rule, stage.takes)/></span>
                <span><span class="font-medium">{stage.rule.label()}</span>" \u{b7} "{stage.why}</span>
            </li>
        }
    });
    view! {
        <div class="flex flex-col gap-3 border-t border-line pt-4" role="status">
            <p class="flex flex-wrap items-center gap-2">
                <span>"A call to "<span class="tabular-nums">{domain::phone::shown(&found.number)}</span>" "<strong class="font-semibold">{client}</strong></span>
                <StatusPill tone=tone(found.rule, true)>{found.rule.label()}</StatusPill>
            </p>
            <ol class="flex flex-col gap-1.5 text-sm">{steps.collect_view()}</ol>
            <p class="text-xs text-fg-3">"Tested for "<Exact at=found.at/></p>
        </div>
    }
}

/// The country whose numbers need no country code.
#[component]
fn Country(agency: String, country: String, filled: Filled) -> impl IntoView {
    let choices = COUNTRIES.iter().map(|(code, name)| Choice::new(*code, *name)).collect::<Vec<_>>();
    view! {
        <Card title="Numbers without a country code">
            <Form action="/do/set_phone_country" filled=filled hidden=vec![("agency", agency)]>
                <Select name="country" label="Are numbers in" choices=choices value=country required=true/>
                <div><Button>"Save"</Button></div>
            </Form>
        </Card>
    }
}
