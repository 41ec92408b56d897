//! What pages show of to-dos: their lines with links into HighLevel, and the forms for those who may change them.
//! Several features show the same lines.

use domain::permission::Right;
use domain::todos::{OWNER, Todo, TodoKind};
use kit::Choice;
use kit::todo_list::{TodoForms, TodoLine};

use crate::error::Result;
use crate::guard::{ServerContext, TenantContext};

/// To-dos as a page shows them.
#[derive(Clone, Debug, Default)]
pub struct ShownTodos {
    /// The to-dos.
    pub rows: Vec<Todo>,
    /// A line for each of them.
    pub lines: Vec<TodoLine>,
    /// The forms; `None` if the caller may not change to-dos.
    pub forms: Option<TodoForms>,
}

impl ShownTodos {
    /// The number of open ones.
    #[must_use]
    pub fn open(&self) -> i64 {
        let open = self.rows.iter().filter(|todo| todo.done_at.is_none()).count();
        i64::try_from(open).unwrap_or(i64::MAX)
    }
}

/// Reads what the lines and forms of these to-dos need. Without to-dos it reads nothing.
///
/// # Errors
/// When the database cannot be read.
pub async fn shown(context: &ServerContext, tenant: &mut TenantContext, rows: Vec<Todo>) -> Result<ShownTodos> {
    if rows.is_empty() {
        return Ok(ShownTodos::default());
    }
    let app = &context.state.settings.highlevel_app;
    let root = store::agencies::highlevel_address(&mut tenant.tx, app).await?;
    let forms = match tenant.access.allows(Right::TodosManage) {
        true => Some(TodoForms { agency: tenant.access.slug.clone(), people: people(tenant).await? }),
        false => None,
    };
    let clients = tenant.access.allows(Right::ClientsRead).then(|| format!("/a/{}/clients", tenant.access.slug));
    let lines = rows.iter().map(|todo| line(todo, &root, clients.as_deref())).collect();
    Ok(ShownTodos { rows, lines, forms })
}

/// The choice that gives a to-do to the people of the client.
pub const TO_OWNER: &str = "owner";

/// Whom the caller can give a to-do to: the client's owner, and everybody of the agency, if the caller may see them, and
/// otherwise themselves.
async fn people(tenant: &mut TenantContext) -> Result<Vec<Choice>> {
    let (own, all) = (tenant.caller.user, tenant.access.allows(Right::TeamRead));
    let members = store::memberships::of_agency(&mut tenant.tx).await?;
    let seen = members.into_iter().filter(|member| all || member.user == own);
    let choice = seen.map(|member| {
        let name = if member.name.is_empty() { member.email } else { member.name };
        Choice::new(member.user.to_string(), name)
    });
    Ok([Choice::new(TO_OWNER, OWNER)].into_iter().chain(choice).collect())
}

fn line(todo: &Todo, root: &str, clients: Option<&str>) -> TodoLine {
    TodoLine {
        id: todo.id.to_string(),
        what: todo.what.clone(),
        why: todo.why.clone(),
        highlevel: todo.highlevel_page(root),
        here: clients.and_then(|clients| here(todo, clients)),
        assigned_to: todo.assigned_to_name.clone(),
        done: todo.done_at.map(|at| (at, todo.done_by_name.clone().filter(|_| !todo.checked))),
    }
}

/// What is pressed to do a to-do here, and where: an owner is invited on the page of the client, below `clients`.
fn here(todo: &Todo, clients: &str) -> Option<(&'static str, String)> {
    let label = match todo.kind {
        TodoKind::InviteOwner => "Invite owner",
        TodoKind::OwnerAccepts => "See invitation",
        _ => return None,
    };
    todo.business.map(|business| (label, format!("{clients}/{business}#people")))
}
