//! Shows what is left to a person: a line for each to-do with a button that ticks it, a link to where it is done, and
//! who is to do it. The page of a job, a client's page and the start page show the same list.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::button::{ButtonLink, ButtonStyle, PostButton};
use crate::card::Card;
use crate::chip::{Chip, StatusIcon, Tone};
use crate::confirm::Confirm;
use crate::field::Choice;
use crate::icon::Glyph;
use crate::time::Ago;

/// One to-do as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TodoLine {
    /// Its id, which the forms send.
    pub id: String,
    /// What has to be done.
    pub what: String,
    /// Why, or where.
    pub why: String,
    /// The page in HighLevel on which it is done.
    pub highlevel: Option<String>,
    /// What is pressed to do it here, and the page where that is; `None` if it is not done here.
    pub here: Option<(&'static str, String)>,
    /// Who is to do it; `None` for nobody in particular.
    pub assigned_to: Option<String>,
    /// When it was done and by whom; `None` while it is open. Without a name it was checked automatically.
    pub done: Option<(DateTime<Utc>, Option<String>)>,
}

/// What the forms of a list need. Whoever may only read gets none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TodoForms {
    /// Short name of the agency.
    pub agency: String,
    /// Whom a to-do can be given to.
    pub people: Vec<Choice>,
}

/// A list of to-dos, in the order given.
#[component]
pub fn TodoList(
    /// The to-dos.
    items: Vec<TodoLine>,
    /// The forms that change them; `None` for somebody who may only read.
    #[prop(optional_no_strip)]
    forms: Option<TodoForms>,
) -> impl IntoView {
    let lines = items.into_iter().map(|item| view! { <Line item=item forms=forms.clone()/> }).collect_view();
    view! { <ul class="flex flex-col gap-2.5 text-sm" data-todos>{lines}</ul> }
}

#[component]
fn Line(item: TodoLine, forms: Option<TodoForms>) -> impl IntoView {
    let open = item.done.is_none();
    let tick = view! { <TodoTick item=item.clone() forms=forms.clone()/> };
    let assign = forms.filter(|_| open).map(|forms| view! { <TodoAssign item=item.clone() forms=forms/> });
    let given = assign.is_none().then(|| item.assigned_to.clone()).flatten().filter(|_| open);
    let highlevel = item.highlevel.clone().filter(|_| open).map(|href| {
        let about = format!(": {}", item.what);
        view! { <ButtonLink href=href look=ButtonStyle::Quiet>"Open in HighLevel"<span class="sr-only">{about}</span></ButtonLink> }
    });
    let here = view! { <TodoHere item=item.clone()/> };
    let ended = item.done.clone().map(|done| view! { <TodoDone done=done/> });
    let name = if open { "font-medium" } else { "text-fg-3 line-through" };
    view! {
        <li class="flex flex-wrap items-start gap-x-2.5 gap-y-1.5" data-row=item.id>
            {tick}
            <span class="min-w-0 grow basis-52 pt-0.5">
                <span class=name>{item.what}</span>
                {open.then(|| view! { <span class="block text-fg-2">{item.why}</span> })}
                {ended}
            </span>
            <span class="flex flex-wrap items-center gap-2">
                {given.map(|name| view! { <span class="text-xs text-fg-2">"Assigned to "{name}</span> })}
                {here}
                {highlevel}
                {assign}
            </span>
        </li>
    }
}

/// The link to the page on which an open to-do is done here; nothing if it is done elsewhere.
#[component]
pub fn TodoHere(
    /// The to-do.
    item: TodoLine,
) -> impl IntoView {
    let about = format!(": {}", item.what);
    item.here.filter(|_| item.done.is_none()).map(|(label, href)| {
        view! { <ButtonLink href=href look=ButtonStyle::Quiet>{label}<span class="sr-only">{about}</span></ButtonLink> }
    })
}

/// The button that ticks a to-do or makes it open again; for somebody who may only read, its state.
#[component]
pub fn TodoTick(
    /// The to-do.
    item: TodoLine,
    /// The forms; `None` for somebody who may only read.
    #[prop(optional_no_strip)]
    forms: Option<TodoForms>,
) -> impl IntoView {
    let done = item.done.is_some();
    let (tone, word) = if done { (Tone::Ok, "Done") } else { (Tone::Waiting, "To do") };
    let Some(forms) = forms else {
        return view! { <span class="grid size-6 place-items-center"><StatusIcon tone=tone label=word size=16/></span> }
            .into_any();
    };
    let verb = if done { "Reopen" } else { "Mark as done" };
    view! {
        <form method="post" action="/do/set_todos_done" class="contents">
            <input type="hidden" name="agency" value=forms.agency/>
            <input type="hidden" name="id[]" value=item.id/>
            <input type="hidden" name="done" value=if done { "false" } else { "true" }/>
            <button type="submit" class="grid size-6 shrink-0 place-items-center rounded-control hover:bg-raised" aria-label=format!("{verb}: {}", item.what) title=verb>
                <StatusIcon tone=tone size=16/>
            </button>
        </form>
    }
    .into_any()
}

/// A panel that gives a to-do to somebody.
#[component]
pub fn TodoAssign(
    /// The to-do.
    item: TodoLine,
    /// The forms.
    forms: TodoForms,
) -> impl IntoView {
    let hidden = vec![("agency", forms.agency), ("id[]", item.id)];
    let now = item.assigned_to.unwrap_or_default();
    let label = if now.is_empty() { "Assign".to_owned() } else { now.clone() };
    view! {
        <Confirm action="/do/assign_todos" label=label verb="Assign" hidden=hidden look=ButtonStyle::Quiet operation=ButtonStyle::Primary icon=Glyph::Person>
            <AssignTo people=forms.people now=now/>
        </Confirm>
    }
}

/// The choice of whom to-dos are given to: the field `user`.
#[component]
pub fn AssignTo(
    /// Whom a to-do can be given to.
    people: Vec<Choice>,
    /// The name of the person who has it now; empty if nobody has.
    #[prop(optional, into)]
    now: String,
) -> impl IntoView {
    let options = people.into_iter().map(|one| {
        let selected = one.label == now;
        view! { <option value=one.value selected=selected>{one.label}</option> }
    });
    let options = options.collect_view();
    view! {
        <label class="flex flex-col gap-1 text-fg">"Teammate"
            <select class="control control-select" name="user"><option value="">"Nobody"</option>{options}</select>
        </label>
    }
}

/// When a to-do was done, and by whom.
#[component]
fn TodoDone(done: (DateTime<Utc>, Option<String>)) -> impl IntoView {
    let (at, by) = done;
    let by = by.map_or_else(|| "Checked off automatically ".to_owned(), |name| format!("Done by {name} "));
    view! { <span class="block text-xs text-fg-3">{by}<Ago at=at/></span> }
}

/// The card with the open to-dos of one object, such as a client; nothing if it has none.
#[component]
pub fn TodoCard(
    /// The to-dos.
    items: Vec<TodoLine>,
    /// The forms that change them; `None` for somebody who may only read.
    #[prop(optional_no_strip)]
    forms: Option<TodoForms>,
    /// Address of the list with all of them.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    (!items.is_empty()).then(|| {
        let count = items.len().to_string();
        let aside = view! {
            <Chip>{count}</Chip>
            <a class="inline-flex min-h-6 items-center text-sm text-fg-2 hover:text-fg" href=href>"All to-dos"</a>
        };
        view! { <Card title="To-dos" aside=aside.into_any()><TodoList items=items forms=forms/></Card> }
    })
}

/// The buttons of a list of to-dos that change all chosen ones at once.
#[component]
pub fn TodoBulk(
    /// The forms.
    forms: TodoForms,
    /// True if the chosen ones are done, so that they can be made open again.
    done: bool,
) -> impl IntoView {
    let (value, verb) = if done { ("false", "Reopen") } else { ("true", "Mark as done") };
    let assign = (!done).then(|| {
        view! {
            <details class="pop" data-pop>
                <summary class=ButtonStyle::Secondary.class()>"Assign"</summary>
                <div class="pop-panel pop-end pop-up flex w-80 flex-col gap-3 p-4 text-sm text-fg-2">
                    <AssignTo people=forms.people/>
                    <button type="submit" class=format!("{} self-start", ButtonStyle::Primary.class()) formaction="/do/assign_todos">"Assign"</button>
                </div>
            </details>
        }
    });
    view! {
        <input type="hidden" name="agency" value=forms.agency/>
        <button type="submit" class=ButtonStyle::Secondary.class() name="done" value=value>{verb}</button>
        {assign}
    }
}

/// The one button that a row of a list needs.
#[component]
pub fn TodoButton(
    /// The to-do.
    item: TodoLine,
    /// The forms.
    forms: TodoForms,
) -> impl IntoView {
    let done = item.done.is_some();
    let (value, verb) = if done { ("false", "Reopen") } else { ("true", "Done") };
    let hidden = vec![("agency", forms.agency), ("id[]", item.id), ("done", value.to_owned())];
    let about = format!(": {}", item.what);
    view! { <PostButton action="/do/set_todos_done" hidden=hidden>{verb}<span class="sr-only">{about}</span></PostButton> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(done: bool) -> TodoLine {
        TodoLine {
            id: "7".to_owned(),
            what: "Publish <b>workflows</b>".to_owned(),
            why: "They are drafts".to_owned(),
            highlevel: Some("https://app.example/v2/location/L1/automation/workflows".to_owned()),
            here: Some(("Invite owner", "/a/harbor/clients/1#people".to_owned())),
            assigned_to: Some("Maya".to_owned()),
            done: done.then(|| (crate::time::now(), None)),
        }
    }

    fn drawn(done: bool, forms: Option<TodoForms>) -> String {
        Owner::new().with(|| view! { <TodoList items=vec![line(done)] forms=forms/> }.to_html())
    }

    fn forms() -> Option<TodoForms> {
        Some(TodoForms {
            agency: "harbor".to_owned(),
            people: vec![Choice::new("1", "Maya"), Choice::new("2", "Noah")],
        })
    }

    #[test]
    fn an_open_one_can_be_ticked_assigned_and_opened_in_highlevel() {
        let html = drawn(false, forms());
        for text in
            ["/do/set_todos_done", "value=\"true\"", "/do/assign_todos", "Noah", "Open in HighLevel", "They are drafts"]
                .into_iter()
                .chain(["Invite owner", "/a/harbor/clients/1#people"])
        {
            assert!(html.contains(text), "{text} is missing");
        }
        assert!(html.contains("Mark as done: Publish") && !html.contains("<b>workflows"), "the text stays text");
    }

    #[test]
    fn a_done_one_says_how_and_can_be_reopened() {
        let html = drawn(true, forms());
        assert!(html.contains("value=\"false\"") && html.contains("Checked off automatically"));
        assert!(!html.contains("/do/assign_todos") && !html.contains("Open in HighLevel"));
        assert!(!html.contains("Invite owner"), "nothing is left to do");
    }

    #[test]
    fn who_may_only_read_gets_no_form() {
        for done in [false, true] {
            assert!(!drawn(done, None).contains("<form"), "{done}");
        }
        assert!(drawn(false, None).contains("Assigned to"));
    }
}
