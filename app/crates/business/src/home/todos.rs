//! The to-dos that the agency left to the people of the business, with a button that ticks each.

use chrono_tz::Tz;
use domain::TodoId;
use domain::language::Language;
use domain::todos::OwnTodo;
use kit::{ButtonLink, ButtonStyle, Card, Chip, PostButton, Region, StatusIcon, Tone};
use leptos::prelude::*;
use operations::todos;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

use crate::messages::messages;

/// Ticks a to-do of the business, or makes it open again.
#[server(prefix = "/do", endpoint = "set_own_todo_done")]
pub async fn set_own_todo_done(todo: String, done: bool) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let todo: TodoId = todo.parse().map_err(|_| Error::NotFound)?;
    let what = todos::set_own_done(&actor, todo, done).await?;
    let texts = messages(context.request.language);
    let told = if done { (texts.to_do_done)(&what) } else { (texts.to_do_reopened)(&what) };
    flash_notice(&context, "set_own_todo_done", told).await
}

/// The forms and links of the to-dos.
#[derive(Clone)]
pub(super) struct Places {
    /// Id of the business.
    pub business: String,
    /// Its time zone.
    pub zone: Tz,
    /// The name of the agency, which ticks what nobody of the business did.
    pub agency: String,
    /// The root of HighLevel's web application.
    pub highlevel: Option<String>,
    /// Whether the person may tick them.
    pub may: bool,
}

/// The card "Your to-dos"; nothing if there are none.
#[component]
pub(super) fn OwnTodos(language: Language, items: Vec<OwnTodo>, places: Places) -> impl IntoView {
    let texts = messages(language);
    let open = items.iter().filter(|item| item.done_at.is_none()).count();
    let any = !items.is_empty();
    let lines = items.into_iter().map(|item| view! { <Line language item places=places.clone()/> }).collect_view();
    let aside = (open > 0).then(|| view! { <Chip>{open.to_string()}</Chip> }).into_any();
    let card = any.then(|| {
        view! { <Card title=texts.to_dos aside=aside><ul class="flex flex-col gap-3 text-sm" data-todos>{lines}</ul></Card> }
    });
    view! { <Region key="to-dos" topics="todos.changed:*" class="empty:hidden">{card}</Region> }
}

#[component]
fn Line(language: Language, item: OwnTodo, places: Places) -> impl IntoView {
    let texts = messages(language);
    let item = match (texts.to_do)(item.kind, &item.what, &item.why) {
        Some((what, why)) => OwnTodo { what, why, ..item },
        None => item,
    };
    let done = item.done_at.is_some();
    let (tone, name) = if done { (Tone::Ok, "text-fg-3 line-through") } else { (Tone::Waiting, "font-medium") };
    let path = item.location_id.as_deref().filter(|_| !done).and_then(|location| item.kind.highlevel_path(location));
    let about = format!(": {}", item.what);
    let (of_link, of_button) = (about.clone(), about);
    let link = places.highlevel.zip(path).map(|(root, path)| {
        view! { <ButtonLink href=format!("{root}{path}") look=ButtonStyle::Quiet>{texts.open_in_highlevel}<span class="sr-only">{of_link}</span></ButtonLink> }
    });
    let agency = places.agency;
    let ended = item.done_at.map(|at| {
        let text = (texts.done_by)(item.done_by_name.as_deref().unwrap_or(&agency), &language.date_in(places.zone, at));
        view! { <span class="block text-xs text-fg-3">{text}</span> }
    });
    let hidden = vec![("business", places.business), ("todo", item.id.to_string()), ("done", (!done).to_string())];
    let verb = if done { texts.reopen } else { texts.mark_done };
    let button = places.may.then(|| {
        view! { <PostButton action="/do/set_own_todo_done" hidden=hidden>{verb}<span class="sr-only">{of_button}</span></PostButton> }
    });
    view! {
        <li class="flex flex-wrap items-start gap-x-2.5 gap-y-1.5">
            <span class="mt-0.5"><StatusIcon tone=tone size=16/></span>
            <span class="min-w-0 grow basis-52 pt-0.5">
                <span class=name>{item.what}</span>
                {(!done).then(|| view! { <span class="block text-fg-2">{item.why}</span> })}
                {ended}
            </span>
            <span class="flex flex-wrap items-center gap-2">{link}{button}</span>
        </li>
    }
}
