//! What may a role not do on a refused page, which role may, and who can give it, in the language of the page?

use domain::access::BusinessAccess;
use domain::identity::{AgencyRole, Caller, Role};
use domain::language::Language;
use domain::permission::{Right, allows};
use store::tenant::{Scope, TenantTx};

use crate::request_context::CurrentTenant;
use crate::state::State;

/// The roles that people of a business have, from the fewest rights to the most.
const OF_BUSINESS: [Role; 2] = [Role::TeamMember, Role::BusinessOwner];
/// The most owners that are named.
const NAMED: usize = 3;

/// The names of the owners of the business that refuses a page, for those of its own people who may ask them. Empty for
/// every other place, and if the database does not answer: the page is refused all the same.
pub async fn owners(state: &State, caller: &Caller, near: &CurrentTenant) -> Vec<String> {
    let CurrentTenant::Business(place) = near else { return Vec::new() };
    if place.from_agency.is_some() {
        return Vec::new();
    }
    let scope = Scope::Business { user: Some(caller.user), business: place.id };
    named(state, scope).await.unwrap_or_else(|error| {
        tracing::warn!(event = "access.owners_unknown", %error, "who owns a business could not be read");
        Vec::new()
    })
}

async fn named(state: &State, scope: Scope) -> store::Result<Vec<String>> {
    let mut tx = TenantTx::begin(&state.db, scope).await?;
    let members = store::memberships::of_business(&mut tx).await?;
    tx.commit().await?;
    let owners = members.into_iter().filter(|member| member.role.is(Role::BusinessOwner));
    let names = owners.map(|owner| if owner.name.is_empty() { owner.email } else { owner.name });
    Ok(names.take(NAMED).collect())
}

/// The sentence for a page of a business that the caller's role does not open, with the names of its owners.
pub(crate) fn sentence_in(language: Language, place: &BusinessAccess, right: Right, owners: &[String]) -> String {
    let role = match &place.role {
        AgencyRole::BuiltIn(role) => language.role(*role),
        AgencyRole::Custom(own) => own.name.as_str(),
    };
    // The owner of a business gives nothing to the people of its agency.
    let is_own = place.from_agency.is_none();
    let roles: &[Role] = if is_own { &OF_BUSINESS } else { &Role::OF_AGENCY };
    match language {
        Language::English => {
            let granted = if is_own { Right::BusinessRead } else { Right::AgencyRead };
            let named = owners.join(" or ");
            english(role, right, if named.is_empty() { granted.granted_by() } else { &named }, roles)
        }
        Language::Spanish => {
            let what = spanish(right).unwrap_or_else(|| right.words());
            let named = owners.join(" o a ");
            let who = match (named.as_str(), is_own) {
                ("", true) => "quien es propietario del negocio",
                ("", false) => "un propietario o administrador de la agencia",
                (named, _) => named,
            };
            let asked = lowest(right, roles).map_or_else(
                || "este permiso".to_owned(),
                |role| format!("el rol «{}», que lo incluye", language.role(role)),
            );
            format!("Con el rol «{role}» no puede {what}; pida a {who} {asked}.")
        }
    }
}

/// The sentences in English, for every area. `who` can give the right; `roles` are those that people of the place have.
pub(crate) fn english(role: &str, right: Right, who: &str, roles: &[Role]) -> String {
    let asked = lowest(right, roles)
        .map_or_else(|| "it".to_owned(), |role| format!("the {} role", role.label().to_lowercase()));
    format!("Your role, {}, can't {}. Ask {who} for {asked}.", role.to_lowercase(), right.words())
}

/// The first of the roles that includes a right.
fn lowest(right: Right, roles: &[Role]) -> Option<Role> {
    roles.iter().copied().find(|role| allows(*role, right))
}

/// What a right of a business lets a person do. `None` for the rights of pages that exist in English alone.
fn spanish(right: Right) -> Option<&'static str> {
    Some(match right.key() {
        "business.read" => "ver las páginas del negocio",
        "business.edit" => "cambiar los datos del negocio",
        "business.invite" => "invitar a personas al negocio y darles roles",
        "business.todos" => "marcar las tareas pendientes del negocio",
        "inbox.read" => "leer las conversaciones con los clientes",
        "inbox.reply" => "responder a los clientes",
        "contacts.erase" => "borrar a un cliente con todo lo que dijo",
        "assistant.manage" => "configurar el asistente y lo que sabe",
        "tools.manage" => "conectar agentes de IA y decidir qué pueden hacer",
        "tools.approve" => "aprobar lo que piden los agentes de IA",
        "channels.connect" => "conectar WhatsApp, Instagram y Messenger",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use domain::access::AgencyAccess;
    use domain::identity::Reach;
    use domain::{AgencyId, BusinessId};

    use super::*;

    /// How somebody of the business, or else of its agency, reaches it.
    fn place(role: Role, from_agency: bool) -> BusinessAccess {
        let (role, id) = (AgencyRole::BuiltIn(role), AgencyId(uuid::Uuid::nil()));
        let agency = AgencyAccess {
            id,
            slug: "bay-agency".to_owned(),
            name: "Bay Agency".to_owned(),
            role: role.clone(),
            reach: Reach::All,
            listed: Vec::new(),
        };
        BusinessAccess {
            id: BusinessId(uuid::Uuid::nil()),
            agency: id,
            slug: "bay".to_owned(),
            name: "Bay".to_owned(),
            role,
            from_agency: from_agency.then_some(agency),
        }
    }

    #[test]
    fn each_right_of_a_business_is_named_in_both_languages() {
        let place = place(Role::TeamMember, false);
        for right in Right::ALL.into_iter().filter(|right| right.granted_by() == Right::BusinessRead.granted_by()) {
            assert!(spanish(right).is_some(), "web/src/no_access.rs knows no Spanish words for {}", right.key());
            let [english, spanish] = Language::ALL.map(|language| sentence_in(language, &place, right, &[]));
            assert!(english.contains(right.words()) && english.contains("Your role, team member, can't"), "{english}");
            assert!(!spanish.contains(right.words()) && spanish.contains("«Miembro del equipo»"), "{spanish}");
            if !allows(Role::TeamMember, right) {
                assert!(english.ends_with("for the business owner role."), "{english}");
                assert!(spanish.ends_with("el rol «Propietario del negocio», que lo incluye."), "{spanish}");
            }
        }
    }

    #[test]
    fn it_names_the_people_who_can_be_asked() {
        let (own, names) = (place(Role::TeamMember, false), ["Ana Lee".to_owned(), "Luz Gil".to_owned()]);
        let [english, spanish] = Language::ALL.map(|language| sentence_in(language, &own, Right::BusinessEdit, &names));
        assert_eq!(
            english,
            "Your role, team member, can't change a business's own details. Ask Ana Lee or Luz Gil for the business owner role."
        );
        assert!(spanish.contains("; pida a Ana Lee o a Luz Gil el rol «Propietario del negocio», "), "{spanish}");
    }

    #[test]
    fn people_of_the_agency_are_sent_to_their_agency() {
        let place = place(Role::AgencyStaff, true);
        let [english, spanish] = Language::ALL.map(|language| sentence_in(language, &place, Right::BusinessEdit, &[]));
        assert!(english.ends_with(" Ask an agency owner or agency admin for the agency staff role."), "{english}");
        assert!(!english.contains("business owner role") && !spanish.contains("del negocio»"), "{english} {spanish}");
        assert!(spanish.contains("; pida a un propietario o administrador de la agencia el rol «"), "{spanish}");
    }

    #[test]
    fn every_right_says_which_role_of_its_place_includes_it() {
        use domain::feature::Level;
        for right in Right::ALL {
            let roles: &[Role] = match right.rule().level {
                Level::Platform => &[Role::SuperAdmin, Role::Support],
                Level::Agency => &Role::OF_AGENCY,
                Level::Business => &OF_BUSINESS,
            };
            let said = english("Nobody", right, "somebody", roles);
            assert!(said.contains(". Ask somebody for the ") && said.ends_with(" role."), "{said}");
        }
    }
}
