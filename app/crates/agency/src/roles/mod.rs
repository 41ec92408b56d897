//! The roles that an agency creates itself: named sets of rights, given to people on the team page.

mod matrix;

use domain::RoleId;
use domain::access::AgencyAccess;
use domain::feature::Level;
use domain::identity::Role;
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Card, Chip, Confirm, Filled, Form, PageHeader, TextField, counted};
use leptos::prelude::*;
use operations::roles;
use store::roles::RoleRow;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use self::matrix::RightsMatrix;

/// Creates a role with these rights.
#[server(prefix = "/do", endpoint = "make_role")]
pub async fn make_role(name: String, #[server(default)] rights: Vec<String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let (name, rights) = read(&name, &rights)?;
    roles::create(&actor, &name, &rights).await?;
    flash_notice(&context, "make_role", format!("Role {name} created. Assign it under Team.")).await
}

/// Changes a role's name and rights.
#[server(prefix = "/do", endpoint = "change_role")]
pub async fn change_role(role: RoleId, name: String, #[server(default)] rights: Vec<String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let (name, rights) = read(&name, &rights)?;
    roles::change(&actor, role, &name, &rights).await?;
    flash_notice(&context, "change_role", format!("Role {name} saved for everyone who has it.")).await
}

/// Removes a role that nobody has.
#[server(prefix = "/do", endpoint = "remove_role")]
pub async fn remove_role(role: RoleId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    roles::remove(&actor, role).await?;
    flash_notice(&context, "remove_role", "Role deleted.").await
}

/// Reads a role from a form: a name of 1 to 60 characters, and known rights.
fn read(name: &str, rights: &[String]) -> Result<(String, Vec<Right>)> {
    let name = domain::text::name(name, 60).map_err(|wrong| Error::field("name", &wrong.say("it a name")))?;
    let known = rights.iter().map(|key| Right::parse(key)).collect::<Option<Vec<Right>>>();
    let rights = known.ok_or_else(|| Error::field("name", "You can only grant permissions you have yourself."))?;
    Ok((name, rights))
}

/// The roles page.
#[component]
pub fn Roles() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let roles = store::roles::list(&mut tenant.tx).await?;
        let place = tenant.access.clone();
        tenant.commit().await?;
        let filled = filled(&context.request, "make_role");
        let team = format!("/a/{}/team", place.slug);
        let frame = frame(&context, vec![Crumb::link("Team", team), Crumb::current("Roles")]);
        Ok(view! {
            <PageTitle text="Roles"/>
            <Shell frame=frame>
                <PageHeader title="Roles" meta="Owner, admin and staff are built in. You can create your own.".into_any()/>
                // What the form leaves beside it is filled by the matrix, which comes last on a phone.
                <div class="grid items-start gap-4 lg:grid-cols-[2fr_1fr] lg:grid-rows-[auto_1fr]">
                    <List roles=roles.clone() place=place.clone()/>
                    <div class="min-w-0 lg:row-span-2"><New place filled/></div>
                    <div class="min-w-0"><RightsMatrix roles/></div>
                </div>
            </Shell>
        })
    })
}

/// The built-in roles, and what they are for.
const BUILT_IN: [(Role, &str); 3] = [
    (Role::AgencyOwner, "Can do everything, and is the only role that can add owners. Every agency has at least one."),
    (Role::AgencyAdmin, "Every client, HighLevel connection and setting, the team and the audit log."),
    (Role::AgencyStaff, "The clients assigned to them, and all jobs."),
];

#[component]
fn List(roles: Vec<RoleRow>, place: AgencyAccess) -> impl IntoView {
    let built_in = BUILT_IN.iter().map(|(role, what)| {
        view! {
            <li class="flex flex-col gap-1 border-t border-line px-4 py-3 first:border-0">
                <p class="flex items-center gap-2 font-medium">{role.label()}<Chip>"Built in"</Chip></p>
                <p class="text-sm text-fg-2">{*what}</p>
            </li>
        }
    });
    let built_in = built_in.collect_view();
    let none = roles.is_empty().then(|| view! { <p class="px-4 py-3 text-sm text-fg-2">"No custom roles yet. A role is a named set of permissions, such as \u{201c}Bookkeeper\u{201d}, who can look but not change anything, or \u{201c}Launcher\u{201d}, who can only start jobs."</p> });
    let lines = roles.into_iter().map(|row| view! { <One row place=place.clone()/> }).collect_view();
    view! {
        <div class="flex flex-col gap-4">
            <Card title="Built-in roles" flush=true><ul>{built_in}</ul></Card>
            <Card title="Custom roles" flush=true>{none}<ul>{lines}</ul></Card>
        </div>
    }
}

#[component]
fn One(row: RoleRow, place: AgencyAccess) -> impl IntoView {
    let RoleRow { role, members } = row;
    let hidden = vec![("agency", place.slug.clone()), ("role", role.id.to_string())];
    let chips = role.actions.clone().into_iter().map(|action| view! { <Chip>{action.label()}</Chip> }).collect_view();
    let verb = format!("Delete {}", role.name);
    let name = role.name.clone();
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
            <div class="flex min-w-0 grow basis-48 flex-col gap-2">
                <p class="font-medium">{role.name.clone()}" "<span class="text-sm font-normal text-fg-2">{counted(members, "person", "people")}</span></p>
                <p class="flex flex-wrap gap-1">{chips}</p>
            </div>
            <Confirm action="/do/change_role" label="Edit" verb="Save" operation=ButtonStyle::Primary hidden=hidden.clone()>
                <label class="flex flex-col gap-1 text-fg">"Name"<input class="control" name="name" value=name required=true maxlength="60"/></label>
                <Rights place chosen=role.actions/>
            </Confirm>
            <Confirm action="/do/remove_role" label="Delete" verb=verb hidden=hidden>"You can delete a role once no one has it."</Confirm>
        </li>
    }
}

#[component]
fn New(place: AgencyAccess, filled: Filled) -> impl IntoView {
    view! {
        <Card title="New role">
            <Form action="/do/make_role" filled=filled hidden=vec![("agency", place.slug.clone())]>
                <TextField name="name" label="Name" required=true placeholder="Launcher" maxlength=60_u32/>
                <Rights place chosen=vec![Right::ClientsRead, Right::ProvisionRead, Right::Provision]/>
                <div><Button look=ButtonStyle::Primary>"Create role"</Button></div>
            </Form>
        </Card>
    }
}

/// A checkbox for each right that the caller may give. The right to see the agency's home page belongs to every role.
#[component]
fn Rights(place: AgencyAccess, chosen: Vec<Right>) -> impl IntoView {
    let given = Right::ALL.into_iter().filter(|action| *action != Right::AgencyRead && place.may_grant(*action));
    let tick = |action: Right| {
        let ticked = chosen.contains(&action);
        view! {
            <label class="flex min-h-6 items-start gap-3">
                <input class="tick" type="checkbox" name="rights[]" value=action.key() checked=ticked/>
                <span>{action.label()}</span>
            </label>
        }
    };
    let (inside, portals): (Vec<Right>, Vec<Right>) =
        given.partition(|action| !matches!(action.rule().level, Level::Business));
    let groups = [("Agency", inside), ("Client portals", portals)].into_iter().filter(|(_, rights)| !rights.is_empty());
    let groups = groups.map(|(name, rights)| {
        let ticks = rights.into_iter().map(tick).collect_view();
        view! { <p class="pt-2 text-xs font-medium text-fg-2">{name}</p>{ticks} }
    });
    let groups = groups.collect_view();
    view! { <fieldset class="flex flex-col gap-2 text-fg"><legend class="pb-2 text-sm font-medium">"Permissions"</legend>{groups}</fieldset> }
}
