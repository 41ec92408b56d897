//! How is an error said in the language of the page? Errors are written in English where they happen, for pages, the API
//! and the log alike; here those are translated that people meet on pages that exist in every language. A sentence that
//! is not known stays in English.

use domain::language::Language;

use crate::refusals;

/// Sentences without a part that changes, and the same in Spanish.
const SENTENCES: &[(&str, &str)] = &[
    ("Sign in to continue.", "Inicie sesión para continuar."),
    ("Confirm your password to continue.", "Confirme su contraseña para continuar."),
    ("This doesn't exist, or you don't have access to it.", "Esto no existe o usted no tiene acceso."),
    ("Please fix the marked fields.", "Corrija los campos marcados."),
    (
        "The service is restarting or very busy. Wait a few seconds, check whether your change was saved, and try again.",
        "El servicio se está reiniciando o está muy ocupado. Espere unos segundos e inténtelo de nuevo; revise antes si lo que hizo ya está guardado.",
    ),
    (
        "Someone changed this in the meantime. Reload the page and try again.",
        "Alguien cambió esto mientras tanto. Vuelva a cargar la página e inténtelo de nuevo.",
    ),
    (
        "The form was incomplete or not understood. Reload the page and try again.",
        "El formulario estaba incompleto o no se entendió. Vuelva a cargar la página e inténtelo de nuevo.",
    ),
    ("Wrong email or password.", "Correo electrónico o contraseña incorrectos."),
    ("Wrong password.", "Contraseña incorrecta."),
    ("Wrong current password.", "La contraseña actual es incorrecta."),
    (
        "Use at least 12 characters. A short sentence works well.",
        "Use al menos 12 caracteres. Una frase corta funciona bien.",
    ),
    (
        "Use at most 1024 characters, or 250 where they are not plain letters.",
        "Use como máximo 1024 caracteres, o 250 si no son letras simples.",
    ),
    (
        "This is easy to guess. Add a few words that only you would choose.",
        "Es fácil de adivinar. Agregue algunas palabras que solo usted elegiría.",
    ),
    (
        "This link was already used to set a password. Sign in with it. If it wasn't you, ask for a new link on the sign-in page.",
        "Con este enlace ya se creó una contraseña. Inicie sesión con ella; si no fue usted, pida un enlace nuevo en la página de inicio de sesión.",
    ),
    (
        "This link has expired or was replaced. Ask for a new one on the sign-in page.",
        "Este enlace venció o uno más reciente lo reemplazó. Pida uno nuevo en la página de inicio de sesión.",
    ),
    (
        "This link isn't valid, or it expired long ago. Ask for a new one on the sign-in page.",
        "Este enlace no es nuestro o venció hace mucho. Pida uno nuevo en la página de inicio de sesión.",
    ),
    (
        "Your account has no password yet. Set one with the link in your email first, then accept.",
        "Su cuenta aún no tiene contraseña. Cree una con el enlace de su propio correo y después acepte.",
    ),
    ("Write the address in plain letters, without accents.", "Escriba la dirección con letras simples, sin acentos."),
    ("Enter an address like ana@example.com.", "Escriba una dirección como ana@example.com."),
    ("Enter your website address.", "Escriba la dirección de su sitio web."),
    (
        "Enter addresses such as https://www.example.com, one per line.",
        "Escriba direcciones como https://www.example.com, una por línea.",
    ),
    ("Use an email address such as ana@example.com.", "Use una dirección de correo como ana@example.com."),
    ("Enter an email address or a phone number.", "Escriba un correo electrónico o un número de teléfono."),
    (
        "Use the international form of the phone number, such as +13055550100, without an extension.",
        "Use el formato internacional del teléfono, como +13055550100, sin extensión.",
    ),
    ("Use a website address such as https://example.com.", "Use una dirección web como https://example.com."),
    ("Enter your name.", "Escriba su nombre."),
    ("Choose a role you can grant.", "Elija un rol que usted pueda asignar."),
    ("They already have access.", "Esa persona ya tiene acceso."),
    (
        "Wrong code, or it was already used. Wait for the next one; if that doesn't help, set your phone's clock to automatic.",
        "Código incorrecto o ya usado. Espere el siguiente; si no ayuda, ponga la hora de su teléfono en automático.",
    ),
    ("Enter a whole number.", "Escriba un número entero."),
    ("Enter a name.", "Escriba un nombre."),
    ("Enter a question.", "Escriba una pregunta."),
    ("Enter an answer.", "Escriba una respuesta."),
    ("Enter how they opted in.", "Escriba cómo los aceptó."),
    ("This customer already gets automatic messages.", "Este cliente ya recibe mensajes automáticos."),
    ("Enter a title.", "Escriba un título."),
    ("Enter a text.", "Escriba un texto."),
    ("Attach at most 5 files.", "Adjunte como máximo 5 archivos."),
    (
        "This client has no file storage left. Your Slipway administrator can add more.",
        "No queda espacio para los archivos de este cliente. Quien administra esta instalación puede dar más espacio.",
    ),
    ("Enter a time such as 09:00 or 17:30.", "Escriba una hora como 09:00 o 17:30."),
    ("Fill in at least one day, or choose any time.", "Complete al menos un día o elija cualquier hora."),
    ("Begin each line with the name of the service.", "Comience cada línea con el nombre del servicio."),
    (
        "Enter a host such as www.example.com, or a whole address, on each line.",
        "Escriba en cada línea un sitio como www.example.com o una dirección completa.",
    ),
    ("Choose what the assistant does here.", "Elija qué puede hacer el asistente."),
    (
        "This draft is closed. Someone already handled it, or the customer wrote again.",
        "Este borrador ya no está abierto. Alguien decidió sobre él o el cliente volvió a escribir.",
    ),
    (
        "Your saved settings are already live, so there's nothing to publish.",
        "Lo guardado ya está en uso, así que no hay nada que publicar.",
    ),
    (
        "Your knowledge is full, so nothing was saved. Remove what's outdated, then try again.",
        "El conocimiento está lleno, así que no se guardó nada. Elimine lo que ya no sirve e inténtelo de nuevo.",
    ),
    (
        "Enter the whole address of the page, such as https://example.com/prices.",
        "Escriba la dirección completa de la página, como https://example.com/precios.",
    ),
    ("Use a public address that begins with https://.", "Use una dirección pública que comience con https://."),
    ("This address is too long.", "Esta dirección es demasiado larga."),
    ("Leave the name and password out of the address.", "Quite el usuario y la contraseña de la dirección."),
    ("The assistant already knows this page.", "El asistente ya conoce esta página."),
    ("Choose a file.", "Elija un archivo."),
    ("This file is empty.", "Este archivo está vacío."),
    ("Choose a file of at most 10 MB.", "Elija un archivo de 10 MB como máximo."),
    (
        "Many pages and files are waiting to be read. Add more once some are done.",
        "Muchas páginas y archivos esperan a ser leídos. Espere a que se lean algunos y agregue más.",
    ),
    ("Page not found", "Página no encontrada"),
    (
        "It may have been moved or deleted, or you don't have access. Check the address, or go home.",
        "Es posible que se haya movido o eliminado, o que usted no tenga acceso. Revise la dirección o vaya al inicio.",
    ),
    ("You can't open this page", "No puede abrir esta página"),
    ("This page could not be shown", "No se pudo mostrar esta página"),
    ("No longer available", "Ya no está disponible"),
    ("An outside service didn't respond", "Un servicio externo no respondió"),
    ("Which one do you mean?", "¿A cuál se refiere?"),
    ("Go home", "Ir al inicio"),
    ("Reload the page", "Volver a cargar la página"),
    (
        "Opening this page changed nothing, and no data was lost.",
        "Abrir esta página no cambió nada y no se perdió ningún dato.",
    ),
    ("Your role doesn't include this", "Su rol no incluye esto"),
    (
        "Your role does not allow this. The owner of the business can give you the right.",
        "Su rol no lo permite. El propietario del negocio puede darle el permiso.",
    ),
    ("Choose one from the list.", "Elija una opción de la lista."),
    (
        "This link is too old. Use the one in a newer email, or sign in and change your notification settings.",
        "Este enlace es demasiado antiguo. Use el de un correo más reciente, o inicie sesión y cambie sus notificaciones.",
    ),
    (
        "Choose a time from now on, at most a year ahead.",
        "Elija una hora a partir de ahora, como máximo dentro de un año.",
    ),
    (
        "The reply window will be closed by then. Unless the customer writes again, only a template can be sent. Choose an earlier time, schedule a template, or check this box.",
        "Para entonces habrá pasado el tiempo para responder. Si el cliente no vuelve a escribir, solo se puede enviar una plantilla. Elija una hora anterior, programe una plantilla o marque esta casilla.",
    ),
    (
        "The reply window will be closed by then. Unless the customer writes again, nothing can be sent. Choose an earlier time, or check this box.",
        "Para entonces habrá pasado el tiempo para responder. Si el cliente no vuelve a escribir, no se puede enviar nada. Elija una hora anterior o marque esta casilla.",
    ),
    ("Too late: the message was sent or is being sent.", "Es demasiado tarde: el mensaje se envió o se está enviando."),
    ("This message was already canceled.", "Este mensaje ya estaba cancelado."),
    ("This channel doesn't support reply buttons.", "Este canal no tiene botones de respuesta."),
    ("Write at most 3 reply buttons, one per line.", "Escriba como máximo 3 botones de respuesta, uno en cada línea."),
    ("A reply button has at most 20 characters.", "Un botón de respuesta tiene como máximo 20 caracteres."),
    ("Two reply buttons are the same.", "Dos botones de respuesta son iguales."),
    (
        "Send files and reply buttons in separate messages.",
        "Envíe los archivos y los botones de respuesta por separado.",
    ),
    (
        "You've reached the limit of 500 scheduled messages. Cancel one, or wait until some are sent.",
        "Hay 500 mensajes programados, que es el máximo. Cancele uno o espere a que se envíen algunos.",
    ),
];

/// Sentences with one part that changes: what stands before and behind it, and the same in Spanish.
const PATTERNS: &[[&str; 4]] = &[
    ["Use at most ", " characters.", "Use como máximo ", " caracteres."],
    ["Use at most ", " lines.", "Use como máximo ", " líneas."],
    ["Enter a number in the range ", ".", "Escriba un número en el rango ", "."],
    ["Enter at most ", " websites.", "Escriba como máximo ", " sitios web."],
    [
        "Too many tries. Wait ",
        " seconds and try again.",
        "Demasiados intentos. Espere ",
        " segundos e inténtelo de nuevo.",
    ],
    ["This is not the password of ", ".", "Esta no es la contraseña de ", "."],
    ["Your role does not allow this. ", " can give you the right.", "Su rol no lo permite. Puede dárselo: ", "."],
    [
        "",
        " got as many emails today as one address may get, so nothing was sent or changed. Check whether one arrived, also in the junk folder; you can send another tomorrow.",
        "",
        " ya recibió hoy todos los correos que una dirección puede recibir, así que no se envió ni cambió nada. Revise si alguno llegó, también en el correo no deseado; mañana podrá enviar otro.",
    ],
    [
        "Something went wrong on our side. Nothing else is affected. Try again; if it stays, tell support incident ",
        ".",
        "Algo falló de nuestro lado. Nada más está afectado. Inténtelo de nuevo; si continúa, indique a soporte el incidente ",
        ".",
    ],
    ["WhatsApp takes at most 5 MB of such a file: ", "", "WhatsApp admite como máximo 5 MB en un archivo así: ", ""],
    ["WhatsApp takes at most 16 MB of such a file: ", "", "WhatsApp admite como máximo 16 MB en un archivo así: ", ""],
    ["WhatsApp does not take this kind of file: ", "", "WhatsApp no admite este tipo de archivo: ", ""],
    ["Messenger takes at most 8 MB of such a file: ", "", "Messenger admite como máximo 8 MB en un archivo así: ", ""],
    ["Messenger does not take this kind of file: ", "", "Messenger no admite este tipo de archivo: ", ""],
    ["Instagram takes at most 8 MB of such a file: ", "", "Instagram admite como máximo 8 MB en un archivo así: ", ""],
    ["Instagram does not take this kind of file: ", "", "Instagram no admite este tipo de archivo: ", ""],
    ["This file is empty: ", "", "Este archivo está vacío: ", ""],
    [
        "A message with reply buttons has at most ",
        " characters.",
        "Un texto con botones de respuesta tiene como máximo ",
        " caracteres.",
    ],
    ["Files cannot be sent on ", ".", "No se pueden enviar archivos por ", "."],
];

/// The text of an error in a language.
#[must_use]
pub fn translate(language: Language, text: &str) -> String {
    match language {
        Language::English => text.to_owned(),
        Language::Spanish => spanish(text).unwrap_or_else(|| text.to_owned()),
    }
}

fn spanish(text: &str) -> Option<String> {
    if let Some((_, spanish)) = SENTENCES.iter().find(|(english, _)| *english == text) {
        return Some((*spanish).to_owned());
    }
    let of_pattern = PATTERNS.iter().find_map(|[before, behind, own_before, own_behind]| {
        let part = text.strip_prefix(before)?.strip_suffix(behind)?;
        Some(format!("{own_before}{part}{own_behind}"))
    });
    of_pattern.or_else(|| refusals::spanish(text))
}

#[cfg(test)]
mod tests {
    use domain::clients::ClientDetails;

    use super::*;
    use crate::error::Error;

    fn is_known(text: &str) -> bool {
        spanish(text).is_some_and(|spanish| spanish != text)
    }

    #[test]
    fn what_a_business_may_get_wrong_in_its_details_is_said_in_spanish() {
        let long = "x".repeat(400);
        let wrong = ClientDetails {
            name: "Bay".into(),
            email: "x".into(),
            phone: "12".into(),
            website: "no site".into(),
            address: long.clone(),
            city: long,
            country: "US".into(),
            timezone: "America/New_York".into(),
            ..ClientDetails::default()
        };
        let errors = wrong.check().unwrap_err();
        assert_eq!(errors.len(), 5, "{errors:?}");
        for error in errors {
            assert!(is_known(&error.detail), "web/src/translate.rs does not know: {}", error.detail);
        }
    }

    #[test]
    fn the_errors_of_every_page_are_said_in_spanish() {
        for error in [
            Error::SignIn,
            Error::StepUp,
            Error::Forbidden("Ana".into()),
            Error::NotFound,
            Error::Invalid(Vec::new()),
            Error::RateLimited(7),
            Error::Unavailable,
            Error::Internal("7".into()),
        ] {
            assert!(is_known(&error.to_string()), "web/src/translate.rs does not know: {error}");
        }
        assert_eq!(
            spanish("Too many tries. Wait 7 seconds and try again.").as_deref(),
            Some("Demasiados intentos. Espere 7 segundos e inténtelo de nuevo.")
        );
    }

    #[test]
    fn what_a_person_types_wrong_at_sign_in_is_said_in_spanish() {
        for typed in ["an\u{e4}@example.com", "ana"] {
            let Err(Error::Invalid(errors)) = crate::normalize::email("email", typed) else { panic!("{typed}") };
            assert!(is_known(&errors[0].detail), "{}", errors[0].detail);
        }
        let advice = include_str!("../../operations/src/identity/password/strength.rs").split("refused(\"").skip(1);
        let advice: Vec<&str> = advice.filter_map(|rest| rest.split('"').next()).collect();
        assert!(advice.len() > 2, "the advice is written in another way now");
        for text in advice {
            assert!(is_known(text), "web/src/translate.rs does not know: {text}");
        }
    }

    #[test]
    fn what_a_business_may_get_wrong_in_its_assistant_is_said_in_spanish() {
        let settings = include_str!("../../operations/src/assistant/settings.rs");
        let knowledge = include_str!("../../operations/src/assistant/knowledge.rs");
        let sources = include_str!("../../operations/src/assistant/sources.rs");
        let addresses = include_str!("../../domain/src/assistant/sources.rs");
        let code = [settings, knowledge, sources, addresses]
            .map(|source| source.split("#[cfg(test)]").next().unwrap_or_default());
        let lines = code.iter().flat_map(|code| code.lines()).filter(|line| !line.trim_start().starts_with("//"));
        let texts = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        let texts: Vec<&str> =
            texts.filter(|text| text.starts_with(char::is_uppercase) && text.ends_with('.')).collect();
        assert!(texts.len() > 5, "the sentences are written in another way now");
        for text in texts {
            assert!(is_known(text), "web/src/translate.rs does not know: {text}");
        }
    }

    #[test]
    fn what_may_be_wrong_with_a_message_for_later_or_its_answers_is_said_in_spanish() {
        let scheduled = include_str!("../../operations/src/inbox/scheduled.rs");
        let choices = include_str!("../../operations/src/inbox/choices.rs");
        let code = [scheduled, choices].map(|source| source.split("#[cfg(test)]").next().unwrap_or_default());
        let lines = code.iter().flat_map(|code| code.lines()).filter(|line| !line.trim_start().starts_with("//"));
        let texts = lines.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|text| !text.contains('{'));
        let numbered = [
            "Write at most 3 reply buttons, one per line.",
            "A reply button has at most 20 characters.",
            "A message with reply buttons has at most 1024 characters.",
        ];
        let texts: Vec<&str> =
            texts.filter(|text| text.starts_with(char::is_uppercase) && text.ends_with('.')).chain(numbered).collect();
        assert!(texts.len() > 8, "the sentences are written in another way now");
        for text in texts {
            assert!(is_known(text), "web/src/translate.rs does not know: {text}");
        }
    }

    #[test]
    fn other_sentences_stay_as_they_are() {
        assert_eq!(translate(Language::Spanish, "The widget is stuck."), "The widget is stuck.");
        assert_eq!(translate(Language::English, "Wrong password."), "Wrong password.");
    }
}
