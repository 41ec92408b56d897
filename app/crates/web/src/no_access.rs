//! What may a role not do on a refused page, and who can change that, in the language of the page?

use domain::access::BusinessAccess;
use domain::identity::AgencyRole;
use domain::language::Language;
use domain::permission::Right;

/// The sentence for a page of a business that the caller's role does not open. `who` can give the right.
pub(crate) fn sentence_in(language: Language, place: &BusinessAccess, right: Right, who: &str) -> String {
    let role = match &place.role {
        AgencyRole::BuiltIn(role) => language.role(*role),
        AgencyRole::Custom(own) => own.name.as_str(),
    };
    match language {
        Language::English => english(role, right, who),
        Language::Spanish => {
            let what = spanish(right).unwrap_or_else(|| right.words());
            format!("Con el rol «{role}» no puede {what}. Quien es propietario del negocio puede darle el derecho.")
        }
    }
}

/// The sentence in English, for every area.
pub(crate) fn english(role: &str, right: Right, who: &str) -> String {
    format!("As {} you can't {}. {who} can give you the right.", role.to_lowercase(), right.words())
}

/// What a right of a business lets a person do. `None` for the rights of pages that exist in English alone.
fn spanish(right: Right) -> Option<&'static str> {
    Some(match right.key() {
        "business.read" => "ver las páginas del negocio",
        "business.edit" => "cambiar los datos del negocio",
        "business.invite" => "invitar a personas al negocio",
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
    use domain::identity::Role;
    use domain::{AgencyId, BusinessId};

    use super::*;

    #[test]
    fn each_right_of_a_business_is_named_in_both_languages() {
        let place = BusinessAccess {
            id: BusinessId(uuid::Uuid::nil()),
            agency: AgencyId(uuid::Uuid::nil()),
            slug: "bay".to_owned(),
            name: "Bay".to_owned(),
            role: AgencyRole::BuiltIn(Role::TeamMember),
            from_agency: None,
        };
        for right in Right::ALL.into_iter().filter(|right| right.granted_by() == Right::BusinessRead.granted_by()) {
            assert!(spanish(right).is_some(), "web/src/no_access.rs knows no Spanish words for {}", right.key());
            let [english, spanish] = Language::ALL.map(|language| sentence_in(language, &place, right, "The owner"));
            assert!(english.contains(right.words()) && english.contains("team member"), "{english}");
            assert!(!spanish.contains(right.words()) && spanish.contains("«Miembro del equipo»"), "{spanish}");
        }
    }
}
