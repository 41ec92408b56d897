//! Operations on to-dos: tick and reopen them, assign them to somebody of the agency.

use domain::TodoId;
use domain::permission::Right;
use domain::todos::{Assignee, ChangeTodo, MOST, Todo};
use store::tenant::TenantTx;
use store::todos::{self as rows, NO_CLIENT, NO_MEMBER};

use crate::business_actor::BusinessActor;
use crate::{Actor, Refusal};

/// Ticks to-dos, or makes them open again. Returns them as they are now.
///
/// # Errors
/// `State` if none is named, or too many; `NotFound` if one of them does not exist. Then nothing is changed.
pub async fn set_done(actor: &Actor, ids: &[TodoId], done: bool) -> Result<Vec<Todo>, Refusal> {
    let mut tx = actor.require(Right::TodosManage)?.begin().await?;
    let mut changed = Vec::new();
    for id in few(ids)? {
        changed.push(rows::set_done(&mut tx, id, done).await?);
    }
    tx.commit().await?;
    Ok(changed)
}

/// Gives to-dos to somebody who works in the agency, to the client's owner or to nobody in particular. Returns them as
/// they are now.
///
/// # Errors
/// As `set_done`; `Invalid` if the person does not work in the agency, or if there is no client whose owner could do it.
pub async fn assign(actor: &Actor, ids: &[TodoId], to: Assignee) -> Result<Vec<Todo>, Refusal> {
    let mut tx = actor.require(Right::TodosManage)?.begin().await?;
    let mut changed = Vec::new();
    for id in few(ids)? {
        changed.push(give(&mut tx, id, to, "user").await?);
    }
    tx.commit().await?;
    Ok(changed)
}

/// Changes all that can be changed of a to-do. What is so already leaves no trace.
///
/// # Errors
/// `NotFound` if there is no such to-do; `Invalid` if the person does not work in the agency.
pub async fn change(actor: &Actor, id: TodoId, change: &ChangeTodo) -> Result<Todo, Refusal> {
    let mut tx = actor.require(Right::TodosManage)?.begin().await?;
    let before = rows::get(&mut tx, id).await?;
    if (before.assigned_to, before.for_owner) != (change.assignee().person(), change.for_owner) {
        give(&mut tx, id, change.assignee(), if change.for_owner { "/for_owner" } else { "/assigned_to" }).await?;
    }
    let todo = rows::set_done(&mut tx, id, change.done).await?;
    tx.commit().await?;
    Ok(todo)
}

/// The ids in the order in which they are locked, each once.
fn few(ids: &[TodoId]) -> Result<Vec<TodoId>, Refusal> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    match ids.len() {
        0 => Err(Refusal::State("Select at least one to-do first.".to_owned())),
        n if n > MOST => Err(Refusal::State(format!("Choose at most {MOST} to-dos at once."))),
        _ => Ok(ids),
    }
}

async fn give(tx: &mut TenantTx, id: TodoId, to: Assignee, field: &str) -> Result<Todo, Refusal> {
    match rows::assign(tx, id, to).await {
        Err(store::Error::Refused(what)) if what == NO_MEMBER => Err(Refusal::field(field, "Choose a teammate.")),
        Err(store::Error::Refused(what)) if what == NO_CLIENT => {
            Err(Refusal::field(field, "No client's owner can do this. Choose a teammate."))
        }
        done => Ok(done?),
    }
}

/// Ticks a to-do that is left to the people of the business, or makes it open again. Returns what it asks for.
///
/// # Errors
/// `Forbidden` if the person may not tick to-dos there; `NotFound` if the business has no such to-do of its own.
pub async fn set_own_done(actor: &BusinessActor, id: TodoId, done: bool) -> Result<String, Refusal> {
    let mut tx = actor.require(Right::BusinessTodos)?.begin().await?;
    let what = rows::set_own_done(&mut tx, id, done).await?;
    tx.commit().await?;
    Ok(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_dos_are_named_and_few_and_locked_in_one_order() {
        let id = |n: u128| TodoId(uuid::Uuid::from_u128(n));
        assert!(matches!(few(&[]), Err(Refusal::State(_))));
        assert_eq!(few(&[id(2), id(1), id(2)]).unwrap(), [id(1), id(2)]);
        let many: Vec<TodoId> = (0..=MOST as u128).map(id).collect();
        assert!(matches!(few(&many), Err(Refusal::State(_))));
    }
}
