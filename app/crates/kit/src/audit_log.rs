//! Shows the entries of an audit log: each as a sentence, with what else is known of it, and the filters above.

use domain::UserId;
use domain::audit::details::facts;
use domain::audit::filter::{ActionKind, KINDS, SYSTEM};
use domain::audit::sentence::{Part, predicate, target, who};
use domain::audit::{Entry, Repeated, folded};
use domain::page::Page;
use leptos::prelude::*;

use crate::{
    Address, Ago, ButtonStyle, Chip, Choice, Column, Empty, Exact, FilterChip, Glyph, Icon, KeyValue, KeyValues,
    PageHeader, Row, SavedView, StatusPill, Table, Tone, ViewToggle,
};

/// The entries of an audit log.
#[component]
pub fn AuditLog(
    /// The address of the page.
    at: Address,
    /// The entries.
    page: Page<Entry>,
    /// The people that the log can be filtered by. Those whose entries are on the page are added.
    #[prop(default = Vec::new())]
    people: Vec<(UserId, String)>,
    /// The topics that the log follows; see `Table`.
    #[prop(default = "*")]
    topics: &'static str,
    /// Additional controls above the table.
    #[prop(optional, into)]
    tools: Option<AnyView>,
) -> impl IntoView {
    let empty = view! { <Empty title="Nothing yet" text="Everything your team does will appear here. Entries can't be edited or deleted."></Empty> };
    let columns = vec![Column::plain("When"), Column::plain("What happened").lead(), Column::plain("Result").mark()];
    let views = [("", "All"), ("denied", "Denied"), ("failed", "Failed")];
    let views = views.map(|(key, label)| SavedView { key, label, count: None }).to_vec();
    let toggle = ViewToggle { key: SYSTEM, label: "Show system activity", count: None };
    let people = choices(people, &page.rows);
    let chips = chips(&at, &people, &page.rows);
    let filter = view! { <FilterMenu at=at.clone() people/> };
    let rows = folded(page.rows).into_iter().map(|one| line(one, &at)).collect::<Vec<_>>();
    view! {
        <PageHeader title="Audit log"/>
        <Table caption="Audit log" noun=("entry", "entries") topics=topics at=at columns=columns rows=rows next=page.next total=page.total views=views toggle=toggle filters=chips search="Search actions" tools=view! { {filter}{tools} }.into_any() empty=empty.into_any()/>
    }
}

fn line(one: Repeated, at: &Address) -> Row {
    let Repeated { entry, times, since } = one;
    let times = (times > 1).then(|| view! { " " <Chip>{format!("{times} times")}</Chip> });
    let result = match entry.result.as_str() {
        "ok" => ().into_any(),
        "denied" => view! { <StatusPill tone=Tone::Warn plain=true>"Denied"</StatusPill> }.into_any(),
        _ => view! { <StatusPill tone=Tone::Failed plain=true>"Failed"</StatusPill> }.into_any(),
    };
    let first = times.is_some().then_some(since);
    let sentence = view! { <Sentence entry=entry.clone() at=at.clone()/> };
    Row {
        key: entry.id.to_string(),
        href: None,
        cells: vec![
            view! { <Ago at=entry.at/> }.into_any(),
            view! { <div class="flex flex-wrap items-center gap-x-3"><p>{sentence}{times}</p><Details at=at.clone() entry first/></div> }.into_any(),
            result,
        ],
    }
}

/// An entry as a sentence. On the page of a log, names lead to what they are the names of.
#[component]
pub fn Sentence(
    /// The entry.
    entry: Entry,
    /// The address of the log; `None` elsewhere, where nothing is a link.
    #[prop(optional, into)]
    at: Option<Address>,
) -> impl IntoView {
    let actor = entry.actor_id.map(|id| id.to_string());
    let person = at.as_ref().zip(actor).map(|(at, id)| at.with("person", &id).href());
    let base = at.is_some().then(|| entry.agency.map(|agency| format!("/a/{agency}"))).flatten();
    let parts = predicate(&entry).into_iter().map(|part| match part {
        Part::Text(text) => text.into_any(),
        Part::Target(text) => named(text, base.as_deref().and_then(|base| target_page(base, &entry))),
        Part::Client(text) => named(text, base.as_deref().and_then(|base| client_page(base, &entry))),
    });
    let parts = parts.collect_view();
    view! { {named(who(&entry), person)}" "{parts} }
}

/// A name in a sentence, with the page that it leads to.
fn named(name: String, href: Option<String>) -> AnyView {
    match href {
        Some(href) => {
            view! { <a class="font-medium text-fg underline underline-offset-2" href=href>{name}</a> }.into_any()
        }
        None => view! { <span class="font-medium text-fg">{name}</span> }.into_any(),
    }
}

/// The page of what an action was done to, below the address of its agency.
fn target_page(base: &str, entry: &Entry) -> Option<String> {
    let id = entry.object_id.as_deref()?;
    entry.object_name.as_ref()?;
    Some(match entry.object_type.as_str() {
        "agency" => base.to_owned(),
        "business" => format!("{base}/clients/{id}"),
        "job" => format!("{base}/provisioning/{id}"),
        "person" | "invite" => format!("{base}/team"),
        "role" => format!("{base}/team/roles"),
        "snapshot" => format!("{base}/snapshots"),
        "integration" | "credential" => format!("{base}/connections"),
        "api_token" => format!("{base}/tokens"),
        _ => return None,
    })
}

fn client_page(base: &str, entry: &Entry) -> Option<String> {
    entry.business.map(|business| format!("{base}/clients/{business}"))
}

/// What else is known of an entry. It opens without scripts.
#[component]
fn Details(at: Address, entry: Entry, first: Option<chrono::DateTime<chrono::Utc>>) -> impl IntoView {
    let about = entry.object_id.as_deref().filter(|_| target(&entry).is_some());
    let about = about.map(|id| at.cleared().with("target", id).href());
    let lines = facts(&entry).into_iter().map(|fact| {
        let before = fact.before.map(|before| view! { <del class="text-fg-3">{before}</del>" \u{2192} " });
        view! { <KeyValue name=fact.name>{before}{fact.value}</KeyValue> }
    });
    let lines = lines.collect_view();
    view! {
        <details class="min-w-0 open:basis-full">
            <summary class="fold min-h-6 w-fit text-xs text-fg-3">"Details"</summary>
            <div class="flex flex-col gap-2 py-2">
                <KeyValues>
                    <KeyValue name="When"><Exact at=entry.at/></KeyValue>
                    {first.map(|at| view! { <KeyValue name="First time"><Exact at/></KeyValue> })}
                    {entry.reason.map(|reason| view! { <KeyValue name="Reason">{reason}</KeyValue> })}
                    {lines}
                    {entry.request_id.map(|id| view! { <KeyValue name="Request"><span class="font-mono text-xs break-all">{id}</span></KeyValue> })}
                </KeyValues>
                {about.map(|href| view! { <p><a class="underline underline-offset-2" href=href>"Everything that happened to it"</a></p> })}
            </div>
        </details>
    }
}

/// The people to choose from, by name.
fn choices(people: Vec<(UserId, String)>, rows: &[Entry]) -> Vec<Choice> {
    let mut people: Vec<(String, String)> = people.into_iter().map(|(id, name)| (name, id.to_string())).collect();
    let on_page = rows.iter().filter(|entry| entry.actor_kind == "person");
    for (id, name) in on_page.filter_map(|entry| Some((entry.actor_id?.to_string(), who(entry)))) {
        if people.iter().all(|(_, known)| *known != id) {
            people.push((name, id));
        }
    }
    people.sort();
    people.into_iter().map(|(name, id)| Choice::new(id, name)).collect()
}

/// The filters that apply, in words.
fn chips(at: &Address, people: &[Choice], rows: &[Entry]) -> Vec<FilterChip> {
    let chip = |key: &str, label: String| (!at.get(key).is_empty()).then(|| FilterChip { key: key.to_owned(), label });
    let person = people.iter().find(|choice| choice.value == at.get("person"));
    let other = || rows.first().map_or_else(|| "somebody else".to_owned(), who);
    let first =
        |name: fn(&Entry) -> Option<String>, or: &str| rows.first().and_then(name).unwrap_or_else(|| or.to_owned());
    let kind = ActionKind::parse(at.get("kind")).map_or("unknown", |kind| kind.label);
    [
        chip("person", format!("By {}", person.map_or_else(other, |choice| choice.label.clone()))),
        chip("kind", format!("Kind is {kind}")),
        chip("client", format!("Client is {}", first(|entry| entry.business_name.clone(), "another one"))),
        chip("target", format!("About {}", first(target, "one thing"))),
        chip("from", format!("From {}", at.get("from"))),
        chip("to", format!("Until {}", at.get("to"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The form of the filters, behind a button.
#[component]
fn FilterMenu(at: Address, people: Vec<Choice>) -> impl IntoView {
    let hidden = at.others(&["person", "kind", "from", "to"]);
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let kinds = KINDS.iter().map(|kind| Choice::new(kind.key, kind.label)).collect();
    let day = |name: &'static str, label: &'static str| {
        let value = at.get(name).to_owned();
        view! { <label class="flex min-w-0 flex-col gap-1">{label}<input class="control" type="date" name=name value=value/></label> }
    };
    let (from, to) = (day("from", "From"), day("to", "Until"));
    view! {
        <details class="pop" data-pop>
            <summary class=ButtonStyle::Secondary.class()>"Filter"<Icon of=Glyph::Down/></summary>
            <form method="get" action=at.path.clone() class="pop-panel pop-end flex w-80 flex-col gap-3 p-4 text-start text-sm whitespace-normal">
                {hidden}
                <OneOf name="person" label="Person" all="Everybody" choices=people chosen=at.get("person").to_owned()/>
                <OneOf name="kind" label="Kind of action" all="Everything" choices=kinds chosen=at.get("kind").to_owned()/>
                <div class="grid grid-cols-2 gap-3">{from}{to}</div>
                <p class="text-xs text-fg-3">"Days run from midnight to midnight UTC."</p>
                <div><button type="submit" class=ButtonStyle::Primary.class()>"Apply"</button></div>
            </form>
        </details>
    }
}

/// A choice of one value or all of them.
#[component]
fn OneOf(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    choices: Vec<Choice>,
    chosen: String,
) -> impl IntoView {
    let options = choices.into_iter().map(|choice| {
        let selected = choice.value == chosen;
        view! { <option value=choice.value selected=selected>{choice.label}</option> }
    });
    let options = options.collect_view();
    view! {
        <label class="flex flex-col gap-1">{label}
            <select class="control control-select" name=name><option value="">{all}</option>{options}</select>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use domain::AgencyId;
    use uuid::Uuid;

    use super::*;

    fn entry(object_type: &str, name: Option<&str>) -> Entry {
        Entry {
            id: Uuid::nil(),
            at: chrono::DateTime::UNIX_EPOCH,
            agency: Some(AgencyId(Uuid::nil())),
            business: None,
            business_name: None,
            actor_kind: "person".to_owned(),
            actor_id: Some(Uuid::from_u128(3)),
            actor_name: Some("Maya".to_owned()),
            action: "provisioning.cancel".to_owned(),
            object_type: object_type.to_owned(),
            object_id: Some("7".to_owned()),
            object_name: name.map(str::to_owned),
            result: "ok".to_owned(),
            reason: None,
            request_id: None,
            payload: serde_json::json!({}),
        }
    }

    #[test]
    fn a_name_leads_to_its_page_while_there_is_one() {
        let page = |entry: &Entry| target_page("/a/harbor", entry);
        assert_eq!(page(&entry("job", Some("#7 Luna Yoga"))).as_deref(), Some("/a/harbor/provisioning/7"));
        assert_eq!(page(&entry("job", None)), None, "what is gone has no page");
        assert_eq!(page(&entry("endpoint", Some("x"))), None);
    }

    #[test]
    fn a_filter_says_names_and_never_ids() {
        let id = Uuid::from_u128(3).to_string();
        let at = Address::new("/a/harbor/audit", &format!("person={id}&kind=team&target=7&from=2026-11-01"));
        let rows = [entry("job", Some("#7 Luna Yoga"))];
        let people = choices(Vec::new(), &rows);
        let labels: Vec<String> = chips(&at, &people, &rows).into_iter().map(|chip| chip.label).collect();
        assert_eq!(labels, ["By Maya", "Kind is Team and roles", "About #7 Luna Yoga", "From 2026-11-01"]);
        let none = chips(&at, &[], &[]);
        assert!(none.iter().all(|chip| !chip.label.contains(&id) && !chip.label.contains('7')), "{none:?}");
    }
}
