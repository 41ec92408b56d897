//! What does a to-do say in Spanish? To-dos are stored with English words. Those of our own are said anew, with the snapshot
//! or person that they name; what nobody knows here keeps its stored words.

use domain::todos::TodoKind;

/// What has to be done and why, of a to-do that was stored with these words.
pub(super) fn spanish(kind: TodoKind, what: &str, why: &str) -> Option<(String, String)> {
    let (what, why) = match kind {
        TodoKind::OwnerAccepts => (
            "Asegúrese de que el propietario acepte la invitación".to_owned(),
            "Recibe un correo con un enlace. Esto se marca solo cuando acepta.".to_owned(),
        ),
        TodoKind::InviteOwner => {
            ("Invite al propietario".to_owned(), "Nadie ha sido invitado a este negocio.".to_owned())
        }
        // Said to the owner; the other words of this kind tell an agency whom to ask.
        TodoKind::SetPasswords if what.starts_with("Set your password") => (
            "Cree su contraseña de HighLevel".to_owned(),
            "HighLevel le envió un enlace por correo. La necesita para entrar allí.".to_owned(),
        ),
        TodoKind::SetPasswords => (
            "Pida a sus usuarios que creen una contraseña".to_owned(),
            "HighLevel les envía un enlace por correo para crearla.".to_owned(),
        ),
        TodoKind::PublishWorkflows => (
            "Publique los flujos de trabajo de la plantilla de HighLevel".to_owned(),
            "HighLevel los carga como borradores.".to_owned(),
        ),
        TodoKind::LoadSnapshot => ("Cargue la plantilla de HighLevel".to_owned(), not_loaded(why)),
        TodoKind::FillValues => (
            "Agregue los valores personalizados y las etiquetas".to_owned(),
            "Este paso se omitió, así que los que faltan deben agregarse en HighLevel.".to_owned(),
        ),
        TodoKind::CheckClient => (
            "Revise su cuenta en HighLevel".to_owned(),
            "Este paso se omitió, así que nadie ha comparado HighLevel con lo que se pidió.".to_owned(),
        ),
        TodoKind::AddUser => added(what)?,
        _ => return None,
    };
    Some((what, why))
}

/// Why the snapshot has to be loaded, by its name where the stored words have it.
fn not_loaded(why: &str) -> String {
    let name = why.split_once('“').and_then(|(_, rest)| rest.split_once("” was not loaded")).map(|(name, _)| name);
    let named = name
        .map_or_else(|| "La plantilla de HighLevel".to_owned(), |name| format!("La plantilla de HighLevel «{name}»"));
    format!(
        "{named} no se había cargado cuando se omitió este paso. Cárguela allí y después publique sus flujos de trabajo."
    )
}

/// Whom to add in HighLevel, and why.
fn added(what: &str) -> Option<(String, String)> {
    if what == "Add the client's users" {
        let why = "Este paso se omitió, así que los usuarios que faltan deben agregarse en HighLevel.";
        return Some(("Agregue a sus usuarios".to_owned(), why.to_owned()));
    }
    let email = what.strip_prefix("Add ")?.strip_suffix(" in HighLevel")?;
    let why = "HighLevel no aceptó a esta persona y el trabajo continuó sin ella.";
    Some((format!("Agregue a {email} en HighLevel"), why.to_owned()))
}

#[cfg(test)]
mod tests {
    use domain::provisioning::Step;
    use domain::todos::of_skipped;

    use super::*;

    #[test]
    fn every_skipped_step_is_said_as_exactly_as_in_english() {
        for step in [Step::WaitSnapshot, Step::FillValues, Step::CreateUsers, Step::Verify] {
            let item = of_skipped(step, Some("Dental")).unwrap();
            let (what, why) = spanish(item.kind, &item.what, &item.why).unwrap();
            assert!(why.contains("omitió") && what != item.what, "{what} {why}");
            assert_eq!(item.why.contains("Dental"), why.contains("«Dental»"), "{why}");
        }
        let unnamed = of_skipped(Step::WaitSnapshot, None).unwrap();
        assert!(
            spanish(unnamed.kind, &unnamed.what, &unnamed.why).unwrap().1.starts_with("La plantilla de HighLevel no")
        );
    }

    #[test]
    fn who_sets_the_own_password_is_not_told_to_ask_others() {
        let said = |what| spanish(TodoKind::SetPasswords, what, "").map(|(what, _)| what);
        assert_eq!(said("Set your password in HighLevel").as_deref(), Some("Cree su contraseña de HighLevel"));
        let others = said("Ask the client's people to set a password");
        assert_eq!(others.as_deref(), Some("Pida a sus usuarios que creen una contraseña"));
    }

    #[test]
    fn a_person_is_named_and_unknown_words_stay() {
        let (what, _) = spanish(TodoKind::AddUser, "Add ana@bay.example in HighLevel", "").unwrap();
        assert_eq!(what, "Agregue a ana@bay.example en HighLevel");
        assert_eq!(spanish(TodoKind::AddUser, "Call Ana", ""), None);
        assert_eq!(spanish(TodoKind::Other, "Call Ana", ""), None);
    }
}
