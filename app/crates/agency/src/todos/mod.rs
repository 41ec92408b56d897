//! To-dos: what jobs leave to a person. The server functions that tick and assign them; the page that lists them.

mod page;

use domain::TodoId;
use domain::todos::{Assignee, Todo};
use leptos::prelude::*;
use operations::todos;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::todos::TO_OWNER;

pub use self::page::Todos;

/// Ticks to-dos, or makes them open again.
#[server(prefix = "/do", endpoint = "set_todos_done")]
pub async fn set_todos_done(#[server(default)] id: Vec<String>, done: bool) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let changed = todos::set_done(&actor, &ids(&id)?, done).await?;
    let text = match (changed.as_slice(), done) {
        ([one], true) => format!("Done: {}.", one.what),
        ([one], false) => format!("Reopened: {}.", one.what),
        (many, true) => format!("{} to-dos are done.", many.len()),
        (many, false) => format!("{} to-dos are open again.", many.len()),
    };
    flash_notice(&context, "set_todos_done", text).await
}

/// Gives to-dos to somebody of the agency, to the client's owner or to nobody in particular.
#[server(prefix = "/do", endpoint = "assign_todos")]
pub async fn assign_todos(#[server(default)] id: Vec<String>, user: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let to = match user.trim() {
        "" => Assignee::Nobody,
        TO_OWNER => Assignee::Owner,
        id => Assignee::Person(id.parse().map_err(|_| Error::field("user", "Choose a teammate."))?),
    };
    let changed = todos::assign(&actor, &ids(&id)?, to).await?;
    flash_notice(&context, "assign_todos", assigned(&changed)).await
}

fn ids(named: &[String]) -> Result<Vec<TodoId>> {
    named.iter().map(|id| id.parse().map_err(|_| Error::NotFound)).collect()
}

/// Who has the to-dos now, as a sentence.
fn assigned(changed: &[Todo]) -> String {
    let what = if changed.len() == 1 { "The to-do is".to_owned() } else { format!("{} to-dos are", changed.len()) };
    if changed.first().is_some_and(|todo| todo.for_owner) {
        return format!("{what} now on the client's page.");
    }
    match changed.first().and_then(|todo| todo.assigned_to_name.as_deref()) {
        Some(name) => format!("{what} assigned to {name}."),
        None => format!("{what} unassigned."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_none_is_not_found() {
        assert!(matches!(ids(&["x".to_owned()]), Err(Error::NotFound)));
        assert!(ids(&[uuid::Uuid::nil().to_string()]).is_ok());
    }

    #[test]
    fn sentences_agree_with_numbers() {
        assert_eq!(assigned(&[]), "0 to-dos are unassigned.");
    }
}
