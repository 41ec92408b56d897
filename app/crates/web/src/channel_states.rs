//! Why is a channel in its state, in Spanish? The reasons are English sentences of `domain::integration::state` and of the
//! steps of a setup; `{}` stands for a part that changes.

/// The sentences, and the same in Spanish. They are read together with those of `refusals`.
pub(crate) const STATES: &[(&str, &str)] = &[
    ("Nothing is connected yet.", "Aún no hay nada conectado."),
    ("It was disconnected {}.", "Se desconectó {}."),
    ("It is no longer in use.", "Ya no se usa."),
    ("It was paused {}. Nothing is sent until you resume it.", "Se pausó {}. No se envía nada hasta que lo reanude."),
    ("Setup isn't finished. Current step: {}.", "La conexión comenzó y no ha terminado. Está en {}."),
    ("Setup isn't finished.", "La conexión comenzó y no ha terminado."),
    (
        "Everything is set up. Send this account a message now to check that it arrives.",
        "Todo está configurado. Envíe ahora un mensaje a esta cuenta para comprobar que llega.",
    ),
    ("Checking the permissions.", "Se revisan los permisos."),
    ("Registering the number.", "Se registra el número."),
    ("Subscribing to its messages.", "La cuenta se suscribe a sus mensajes."),
    ("Waiting for the first message.", "Se espera el primer mensaje."),
    ("Checking the permissions: {}", "Al revisar los permisos: {}"),
    ("Registering the number: {}", "Al registrar el número: {}"),
    ("Subscribing to its messages: {}", "Al suscribirse a sus mensajes: {}"),
    ("Waiting for the first message: {}", "Al esperar el primer mensaje: {}"),
    (
        "Our access to this account has ended. Reconnect it.",
        "Nuestro acceso a esta cuenta terminó. Vuelva a conectarla.",
    ),
    (
        "Meta couldn't be reached, though we tried for a while. Try again.",
        "No se pudo contactar con Meta, aunque lo intentamos un buen rato. Inténtelo de nuevo.",
    ),
    (
        "These permissions weren't granted: {}. Reconnect and keep them checked.",
        "No se concedió esto: {}. Vuelva a conectar y déjelo marcado.",
    ),
    (
        "Meta didn't let us stop its messages. Remove the app in the account's settings at Meta.",
        "Meta no nos dejó terminar sus mensajes. Quite la aplicación en la configuración de la cuenta en Meta.",
    ),
    ("{} has disconnected us. Reconnect to continue.", "{} nos desconectó. Vuelva a conectar para continuar."),
    (
        "{} has paused this {} (noticed {}). Nothing works in it until it is reopened there. We keep our access, check once an hour and continue automatically.",
        "{} pausó esta {} (lo notamos {}). Nada funciona en ella hasta que se reabra allí. Conservamos nuestro acceso, revisamos una vez por hora y continuamos automáticamente.",
    ),
    (
        "Our access expired {} and was not renewed. Reconnect to continue.",
        "Nuestro acceso venció {} y no se renovó. Vuelva a conectar para continuar.",
    ),
    (
        "Our access was due for renewal {}. Reconnect to continue.",
        "Nuestro acceso debía renovarse {}. Vuelva a conectar para continuar.",
    ),
    ("Permissions are missing: {}. Reconnect and allow them.", "Faltan permisos: {}. Vuelva a conectar y permítalos."),
    ("The last call failed {}: {}. {}", "La última llamada falló {}: {}. {}"),
    ("No call has worked yet.", "Aún no ha funcionado ninguna llamada."),
    ("The last call that worked was {}.", "La última llamada que funcionó fue {}."),
    ("It works until {} ({} left). Renew it before then.", "Funciona hasta el {} (quedan {}). Renuévela antes."),
    ("Connected \u{b7} last event {}", "Conectada \u{b7} último evento {}"),
    ("Connected \u{b7} last used {}", "Conectada \u{b7} último uso {}"),
    ("Connected \u{b7} not used yet", "Conectada \u{b7} aún sin usar"),
    // Parts of these sentences.
    ("just now", "hace un momento"),
    ("{} ago", "hace {}"),
    ("1 day", "1 día"),
    ("{} days", "{} días"),
    ("1 hour", "1 hora"),
    ("{} hours", "{} horas"),
    ("account", "cuenta"),
    ("sub-account", "subcuenta"),
    ("no reason given", "sin motivo indicado"),
];

#[cfg(test)]
mod tests {
    use domain::channel_setup::Step;
    use domain::language::Language;

    use super::*;
    use crate::refusals::tests::sentences;
    use crate::translate::translate;

    /// What only the connection of an agency says, whose pages are in English.
    const OF_HIGHLEVEL: [&str; 2] = ["HighLevel", "sub-account"];

    #[test]
    fn every_reason_of_a_channel_is_said_in_spanish() {
        let reasons = sentences(include_str!("../../domain/src/integration/state/mod.rs"));
        let setup = sentences(include_str!("../../../../server/crates/worker/src/channels/mod.rs"));
        let of_channels =
            reasons.into_iter().chain(setup).filter(|text| !OF_HIGHLEVEL.iter().any(|word| text.contains(word)));
        let of_channels: Vec<String> = of_channels.collect();
        assert!(of_channels.len() > 10, "the sentences are written in another way now: {of_channels:?}");
        for text in of_channels {
            assert_ne!(translate(Language::Spanish, &text), text, "web/src/channel_states.rs does not know it");
        }
        for step in Step::ALL {
            for text in [format!("{}.", step.doing()), format!("{}: no", step.doing())] {
                assert_ne!(translate(Language::Spanish, &text), text, "web/src/channel_states.rs does not know it");
            }
        }
    }

    #[test]
    fn times_inside_a_reason_are_in_spanish_too() {
        for (english, wanted) in [
            ("Connected \u{b7} last event 4 min ago", "Conectada \u{b7} último evento hace 4 min"),
            ("It was disconnected just now.", "Se desconectó hace un momento."),
            (
                "The last call failed 1 hour ago: 500. The last call that worked was 3 days ago.",
                "La última llamada falló hace 1 hora: 500. La última llamada que funcionó fue hace 3 días.",
            ),
            (
                "It works until 3 Dec 2026 (12 days left). Renew it before then.",
                "Funciona hasta el 3 Dec 2026 (quedan 12 días). Renuévela antes.",
            ),
        ] {
            assert_eq!(translate(Language::Spanish, english), wanted);
        }
    }

    #[test]
    fn each_reason_is_said_with_the_same_parts() {
        for (english, spanish) in STATES {
            assert_eq!(english.matches("{}").count(), spanish.matches("{}").count(), "{english}");
        }
    }
}
