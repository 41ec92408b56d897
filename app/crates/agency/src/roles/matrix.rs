//! Shows which rights each role has: a row for each right, a column for each built-in role and each role of the agency.

use domain::identity::Role;
use domain::permission::Right;
use kit::{Card, Glyph, Icon};
use leptos::prelude::*;
use store::roles::RoleRow;

/// The label and the rights of each role.
fn columns(own: &[RoleRow]) -> Vec<(String, Vec<Right>)> {
    let built_in = Role::OF_AGENCY.into_iter().map(|role| {
        let rights = Right::ALL.into_iter().filter(|right| right.rule().roles.contains(&role)).collect();
        (role.label().to_owned(), rights)
    });
    // The right to see the agency's home page belongs to every role.
    let of_own = |row: &RoleRow| [Right::AgencyRead].into_iter().chain(row.role.actions.iter().copied()).collect();
    built_in.chain(own.iter().map(|row| (row.role.name.clone(), of_own(row)))).collect()
}

/// The rights that at least one of these roles has, in the order of the form.
fn rows(columns: &[(String, Vec<Right>)]) -> Vec<Right> {
    Right::ALL.into_iter().filter(|right| columns.iter().any(|(_, rights)| rights.contains(right))).collect()
}

/// The matrix.
#[component]
pub fn RightsMatrix(roles: Vec<RoleRow>) -> impl IntoView {
    let columns = columns(&roles);
    let heads = columns
        .iter()
        .map(|(label, _)| {
            view! { <th scope="col" class="px-3 py-2 text-left text-xs font-medium text-fg-2">{label.clone()}</th> }
        })
        .collect_view();
    let lines = rows(&columns).into_iter().map(|right| {
        let cells = columns.iter().map(|(_, rights)| view! { <td class="px-3 py-1.5"><Mark has=rights.contains(&right)/></td> });
        let cells = cells.collect_view();
        view! { <tr class="border-t border-line"><th scope="row" class="px-4 py-1.5 text-left font-normal">{right.label()}</th>{cells}</tr> }
    });
    let lines = lines.collect_view();
    view! {
        <Card title="What each role can do" flush=true>
            <div class="overflow-x-auto" tabindex="0" role="region" aria-label="What each role can do">
                <table class="w-full text-sm">
                    <thead><tr><th scope="col" class="px-4 py-2 text-left text-xs font-medium text-fg-2">"Permission"</th>{heads}</tr></thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </Card>
    }
}

/// Whether a role has a right, for the eye and for a screen reader.
#[component]
fn Mark(has: bool) -> impl IntoView {
    if has {
        view! { <span class="text-ok"><Icon of=Glyph::Check/></span><span class="sr-only">"Yes"</span> }.into_any()
    } else {
        view! { <span class="text-fg-2" aria-hidden="true">"\u{2013}"</span><span class="sr-only">"No"</span> }
            .into_any()
    }
}

#[cfg(test)]
mod tests {
    use domain::RoleId;
    use domain::identity::CustomRole;

    use super::*;

    #[test]
    fn every_role_has_a_column_and_each_right_that_one_has_a_row() {
        let role =
            CustomRole { id: RoleId(uuid::Uuid::nil()), name: "Launcher".to_owned(), actions: vec![Right::Provision] };
        let columns = columns(&[RoleRow { role, members: 1 }]);
        assert_eq!(columns.len(), Role::OF_AGENCY.len() + 1);
        let (name, rights) = columns.last().expect("the agency's own role is the last one");
        assert_eq!((name.as_str(), rights.len()), ("Launcher", 2));
        let rows = rows(&columns);
        assert!(rows.contains(&Right::TeamManage) && !rows.contains(&Right::PlatformManage));
    }
}
