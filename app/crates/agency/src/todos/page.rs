//! The page of to-dos: what is left to a person after all jobs, who is to do it and where. Open ones first; those of
//! one client by a link from the client's page.

use domain::page::{Condition, Operator, Page};
use domain::permission::Right;
use domain::todos::{Todo, TodoCounts};
use domain::{BusinessId, UserId};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::todo_list::{TodoBulk, TodoButton, TodoForms, TodoHere, TodoLine};
use kit::{
    Address, Ago, Bulk, ButtonLink, ButtonStyle, Column, Empty, FilterChip, Menu, MenuLink, PageHeader, Row, SavedView,
    SavedViews, StatusIcon, Table, Tone, ViewsOfList,
};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;
use web::saved_views::saved_views;
use web::todos::ShownTodos;

/// The parameter of the address that chooses one client.
const CLIENT: &str = "client";

/// What the page shows.
struct Shown {
    base: String,
    at: Address,
    page: Page<Todo>,
    todos: ShownTodos,
    counts: TodoCounts,
    clients: Vec<(BusinessId, String)>,
    saved: ViewsOfList,
    /// The person who looks.
    own: UserId,
    /// Whether the caller may open the pages of clients.
    sees_clients: bool,
}

/// The page of to-dos.
#[component]
pub fn Todos() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let shown = read(&context, at).await?;
        let frame = frame(&context, vec![Crumb::current("To-dos")]);
        Ok(view! {
            <PageTitle text="To-dos"/>
            <Shell frame=frame>
                <PageHeader title="To-dos"></PageHeader>
                <List shown=shown/>
            </Shell>
        })
    })
}

async fn read(context: &ServerContext, at: Address) -> Result<Shown> {
    let mut tenant = context.page().await?;
    let mut query = at.query();
    let client = at.get(CLIENT).to_owned();
    if !client.is_empty() {
        query.filters.push(Condition { field: CLIENT.to_owned(), operator: Operator::Is, value: client });
    }
    let page = store::todos::list(&mut tenant.tx, &query).await?;
    let rows = page.rows.clone();
    let shown = Shown {
        base: format!("/a/{}", tenant.access.slug),
        todos: web::todos::shown(context, &mut tenant, rows).await?,
        counts: store::todos::counts(&mut tenant.tx).await?,
        clients: store::todos::clients(&mut tenant.tx).await?,
        saved: saved_views(&mut tenant, &store::todos::LIST).await?,
        own: tenant.caller.user,
        sees_clients: tenant.access.allows(Right::ClientsRead),
        page,
        at,
    };
    tenant.commit().await?;
    Ok(shown)
}

/// The list of to-dos.
#[component]
fn List(shown: Shown) -> impl IntoView {
    let Shown { base, at, page, todos, counts, clients, saved, own, sees_clients } = shown;
    let view = |key, label, count| SavedView { key, label, count: Some(count) };
    let views = vec![
        view("", "Open", counts.open),
        view("mine", "Mine", counts.mine),
        view("unassigned", "Unassigned", counts.unassigned),
        view("done", "Done", counts.done),
    ];
    let columns = vec![
        Column::plain("To-do").lead(),
        Column::plain("Client"),
        Column::plain("Assigned to"),
        Column::sorted("created", "Since").wide_only(),
        Column::plain(""),
    ];
    let chosen = clients.iter().find(|(id, _)| id.to_string() == at.get(CLIENT)).map(|(_, name)| name.clone());
    let chips = chosen.map(|name| FilterChip { key: CLIENT.to_owned(), label: format!("Client is {name}") });
    let place = Place { base, own, sees_clients };
    let rows = page.rows.into_iter().zip(todos.lines).map(|(todo, line)| row(&place, todo, line, todos.forms.as_ref()));
    let rows: Vec<Row> = rows.collect();
    let empty = view! { <Nothing base=place.base.clone() done=counts.done/> }.into_any();
    let done = at.get("view") == "done";
    let tools = view! { <Clients at=at.clone() clients=clients/><SavedViews at=at.clone() saved/> }.into_any();
    let filters: Vec<FilterChip> = chips.into_iter().collect();
    let (next, total, orders) = (page.next, page.total, store::todos::ORDERS);
    // Bulk actions are passed to the table only for callers who may use them.
    match todos.forms {
        Some(forms) => {
            let buttons = view! { <TodoBulk forms=forms done=done/> }.into_any();
            let bulk = Bulk { id: "bulk", action: "/do/set_todos_done".to_owned(), buttons };
            view! { <Table caption="To-dos" noun=("to-do", "to-dos") topics="todos.changed:* business.changed:*" at=at columns=columns rows=rows next=next total=total orders=orders views=views filters=filters tools=tools search="Search to-dos" bulk=bulk empty=empty/> }.into_any()
        }
        None => view! { <Table caption="To-dos" noun=("to-do", "to-dos") topics="todos.changed:* business.changed:*" at=at columns=columns rows=rows next=next total=total orders=orders views=views filters=filters tools=tools search="Search to-dos" empty=empty/> }.into_any(),
    }
}

/// The clients with open to-dos, each as a link to theirs.
#[component]
fn Clients(at: Address, clients: Vec<(BusinessId, String)>) -> impl IntoView {
    (!clients.is_empty()).then(|| {
        let links = clients.into_iter().map(|(id, name)| {
            view! { <MenuLink href=at.with(CLIENT, &id.to_string()).href()>{name}</MenuLink> }
        });
        let links = links.collect_view();
        view! { <Menu label="Client">{links}</Menu> }
    })
}

/// Shown when nothing is open.
#[component]
fn Nothing(base: String, done: i64) -> impl IntoView {
    let done = (done > 0).then(|| {
        view! { <ButtonLink href=format!("{base}/to-dos?view=done") look=ButtonStyle::Secondary>"See what was done"</ButtonLink> }
    });
    view! {
        <Empty title="All clear." text="When a job leaves something for you to do, such as publishing workflows or deleting a parked sub-account, it appears here.">
            {done}
        </Empty>
    }
}

/// Where the rows of the list stand.
struct Place {
    base: String,
    own: UserId,
    sees_clients: bool,
}

fn row(place: &Place, todo: Todo, line: TodoLine, forms: Option<&TodoForms>) -> Row {
    let tone = if line.done.is_some() { Tone::Ok } else { Tone::Asks };
    let word = if line.done.is_some() { "done" } else { "open" };
    let highlevel = line.highlevel.clone().filter(|_| line.done.is_none()).map(|href| {
        let about = format!(": {}", line.what);
        view! { <ButtonLink href=href look=ButtonStyle::Quiet>"Open in HighLevel"<span class="sr-only">{about}</span></ButtonLink> }
    });
    let here = view! { <TodoHere item=line.clone()/> };
    let button = forms.map(|forms| view! { <TodoButton item=line.clone() forms=forms.clone()/> });
    let assigned = match (&todo.assigned_to_name, todo.assigned_to == Some(place.own)) {
        (_, true) => "You".to_owned(),
        (Some(name), false) => name.clone(),
        (None, false) => "\u{2014}".to_owned(),
    };
    let since = todo.created_at;
    let about = match &line.done {
        Some((at, by)) => {
            let by =
                by.clone().map_or_else(|| "Checked off automatically ".to_owned(), |name| format!("Done by {name} "));
            view! { <span>{by}<Ago at=*at/></span> }.into_any()
        }
        None => view! { <span>{line.why.clone()}</span> }.into_any(),
    };
    Row {
        key: line.id,
        href: None,
        cells: vec![
            view! {
                <span class="flex items-start gap-2.5 whitespace-normal">
                    <span class="mt-[3px]"><StatusIcon tone=tone label=word/></span>
                    <span class="flex min-w-0 flex-col"><span class="font-medium">{line.what}</span><span class="text-xs font-normal text-fg-2">{about}</span></span>
                </span>
            }
            .into_any(),
            view! { <Origin base=place.base.clone() sees_clients=place.sees_clients todo=todo/> }.into_any(),
            view! { <span class="whitespace-nowrap text-fg-2">{assigned}</span> }.into_any(),
            view! { <Ago at=since/> }.into_any(),
            view! { <span class="flex flex-wrap items-center justify-end gap-2">{here}{highlevel}{button}</span> }.into_any(),
        ],
    }
}

/// The client of a to-do, and the job that left it.
#[component]
fn Origin(base: String, sees_clients: bool, todo: Todo) -> impl IntoView {
    let client = match todo.business.filter(|_| sees_clients) {
        Some(business) => {
            view! { <a class="link inline-flex min-h-6 items-center" href=format!("{base}/clients/{business}")>{todo.client_name}</a> }.into_any()
        }
        None => view! { <span>{todo.client_name}</span> }.into_any(),
    };
    let job = todo.job.zip(todo.job_number).map(|(job, number)| {
        view! { <a class="inline-flex min-h-6 items-center text-xs text-fg-3 hover:underline" href=format!("{base}/provisioning/{job}")>{format!("Job #{number}")}</a> }
    });
    view! { <span class="flex min-w-0 flex-wrap items-center gap-x-2 sm:flex-col sm:flex-nowrap sm:items-start">{client}{job}</span> }
}
