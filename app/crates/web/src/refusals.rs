//! What do people of a business read in Spanish when something they asked for was refused, or was done elsewhere?
//! Operations say it in English; `{}` stands for a part that changes, which comes in the same order.

use domain::language::sentences::said;

use crate::channel_states::STATES;
use crate::served_errors::SERVED;

/// The sentences, and the same in Spanish.
const REFUSALS: &[(&str, &str)] = &[
    // The inbox.
    ("Choose a team member.", "Elija a alguien que trabaje aquí."),
    ("Choose another contact.", "Elija otro contacto."),
    (
        "Both write on the same channel, so they can't be merged: a reply there could only reach one of them.",
        "Ambos escriben por el mismo canal, así que no se pueden combinar: una respuesta allí solo llegaría a uno de ellos.",
    ),
    (
        "Another contact was merged into this one later. Undo that first.",
        "Después se combinó otro contacto con este. Deshaga primero esa combinación.",
    ),
    (
        "Someone else changed it in the meantime, so nothing was undone.",
        "Alguien lo cambió mientras tanto, así que no se deshizo nada.",
    ),
    ("Enter a message.", "Escriba un mensaje."),
    ("Enter a note.", "Escriba una nota."),
    ("Fill this in.", "Complete este campo."),
    ("Enter an address that begins with https://.", "Escriba una dirección que comience con https://."),
    ("Use one line, without tabs and long gaps.", "Use una sola línea, sin tabulaciones ni espacios largos."),
    (
        "The customer opted out of marketing, so it can't be resent.",
        "El cliente no quiere publicidad, así que no se puede volver a enviar.",
    ),
    (
        "This message failed more than 90 days ago, so it can't be resent. Write a new message.",
        "Este mensaje falló hace más de 90 días, así que no se puede volver a enviar. Escriba uno nuevo.",
    ),
    ("This message didn't fail, or is already being resent.", "Este mensaje no falló o ya se está enviando de nuevo."),
    ("Choose one emoji.", "Elija un emoji."),
    ("Instagram only supports the heart reaction.", "Instagram solo admite un corazón."),
    ("This channel doesn't support reactions from a business.", "Este canal no admite reacciones de un negocio."),
    (
        "{} is disconnected, so nothing can be sent. Connect it again first.",
        "{} está desconectado, así que no se puede enviar nada. Vuelva a conectarlo primero.",
    ),
    (
        "The customer last wrote more than 24 hours ago. Send a template instead.",
        "El cliente escribió por última vez hace más de 24 horas. Envíe una plantilla.",
    ),
    (
        "The customer last wrote too long ago. You can reply when they write again.",
        "El cliente escribió por última vez hace demasiado tiempo. Podrá responder cuando vuelva a escribir.",
    ),
    ("Reload the page and try again.", "Vuelva a cargar la página e inténtelo de nuevo."),
    (
        "This form was sent before with other input. Reload the page and try again.",
        "Este formulario ya se envió con otros datos. Vuelva a cargar la página e inténtelo de nuevo.",
    ),
    (
        "A text has a character that can't be stored, so nothing was saved. Type it instead of pasting it.",
        "Un texto tiene un carácter que no se puede guardar, así que no se guardó nada. Escríbalo en lugar de pegarlo.",
    ),
    (
        "You've reached the limit of 200 snippets. Delete one, then try again.",
        "Hay 200 fragmentos, que es el máximo. Elimine uno e inténtelo de nuevo.",
    ),
    ("Only WhatsApp has templates.", "Solo WhatsApp tiene plantillas."),
    ("This channel has no templates.", "Este canal no tiene plantillas."),
    (
        "WhatsApp hasn't approved this template or withdrew it. Choose another.",
        "WhatsApp no aprobó esta plantilla o la retiró. Elija otra.",
    ),
    (
        "The customer opted out of marketing. Choose a template that isn't marketing.",
        "El cliente no quiere publicidad. Elija una plantilla que no lo sea.",
    ),
    (
        "Enter an address such as ana@example.com, or leave this empty.",
        "Escriba una dirección como ana@example.com o deje el campo vacío.",
    ),
    (
        "Enter a number such as +1 305 555 0100, or leave this empty.",
        "Escriba un número como +1 305 555 0100 o deje el campo vacío.",
    ),
    ("Attach at most {} files.", "Adjunte como máximo {} archivos."),
    ("{} does not take this kind of file: {}", "{} no admite este tipo de archivo: {}"),
    ("{} takes at most {} MB of such a file: {}", "{} admite como máximo {} MB en un archivo así: {}"),
    (
        "Write at most {} reply buttons, one per line.",
        "Escriba como máximo {} botones de respuesta, uno en cada línea.",
    ),
    ("A reply button has at most {} characters.", "Un botón de respuesta tiene como máximo {} caracteres."),
    // The assistant.
    ("{} questions were asked in a day, which is the most.", "Se hicieron {} preguntas en un día, que es el máximo."),
    ("{} rehearsals were begun in a day, which is the most.", "Se iniciaron {} ensayos en un día, que es el máximo."),
    ("The assistant is still working on your last question.", "El asistente todavía piensa en su última pregunta."),
    (
        "Another rehearsal is running. Wait until it's done, or cancel it.",
        "Hay otro ensayo en curso. Espere a que termine o cancélelo.",
    ),
    ("Choose at least one question.", "Elija al menos una pregunta."),
    ("Choose at most {} questions.", "Elija como máximo {} preguntas."),
    ("This rehearsal has already ended.", "El ensayo ya había terminado."),
    // The connections.
    ("This connects a different way.", "Esto se conecta de otra manera."),
    ("This is already set up.", "Esto ya está configurado."),
    ("{} can't be connected. {}", "No se puede conectar {}. {}"),
    (
        "You chose {} before, so nothing was changed. To connect another account as well, connect again.",
        "Ya había elegido {}, así que no se cambió nada. Para conectar también otra cuenta, conecte de nuevo.",
    ),
    (
        "You didn't choose any of these accounts, so nothing was connected. Connect again to choose one.",
        "Antes no eligió ninguna de estas cuentas, así que no se conectó nada. Conecte de nuevo para elegir una.",
    ),
    (
        "These permissions were not granted this time: {}. {} keeps the access that it had, and nothing was changed. Connect again and leave everything ticked.",
        "Esta vez no se concedieron estos permisos: {}. {} conserva el acceso que tenía y no se cambió nada. Conecte de nuevo y deje todo marcado.",
    ),
    (
        "Meta showed us no WhatsApp number. Add a number to your WhatsApp Business account, then connect again and select it.",
        "Meta no nos mostró ningún número de WhatsApp. Agregue un número a su cuenta de WhatsApp Business, conecte de nuevo y selecciónelo.",
    ),
    (
        "Meta showed us no Instagram business account. Switch the account to a professional one, link it to your Facebook page, then connect again.",
        "Meta no nos mostró ninguna cuenta profesional de Instagram. Cambie la cuenta a profesional, vincúlela a su página de Facebook y conecte de nuevo.",
    ),
    (
        "Meta showed us no Facebook page. Connect again as somebody who manages the page, and select it.",
        "Meta no nos mostró ninguna página de Facebook. Conecte de nuevo como alguien que administra la página y selecciónela.",
    ),
    (
        "This WhatsApp number is connected to another business here, so nothing was changed. Disconnect it there first, or choose another number.",
        "Este número de WhatsApp está conectado a otro negocio aquí, así que no se cambió nada. Desconéctelo allí primero o elija otro número.",
    ),
    (
        "This Instagram account is connected to another business here, so nothing was changed. Disconnect it there first, or choose another account.",
        "Esta cuenta de Instagram está conectada a otro negocio aquí, así que no se cambió nada. Desconéctela allí primero o elija otra cuenta.",
    ),
    (
        "This Facebook page is connected to another business here, so nothing was changed. Disconnect it there first, or choose another page.",
        "Esta página de Facebook está conectada a otro negocio aquí, así que no se cambió nada. Desconéctela allí primero o elija otra página.",
    ),
    (
        "This channel doesn't need reconnecting, so no link was created.",
        "Este canal no necesita volver a conectarse, así que no se creó ningún enlace.",
    ),
    (
        "This channel has no active link. Nothing was changed.",
        "Este canal no tiene ningún enlace que funcione. No se cambió nada.",
    ),
    (
        "This link no longer works: it was used or replaced, is older than seven days, or the channel works again. If you still need one, ask the person who sent it for a new link.",
        "Este enlace ya no funciona: se usó, uno más reciente lo reemplazó, tiene más de siete días o el canal vuelve a funcionar. Si no es así, pida otro a quien le envió el enlace.",
    ),
    (
        "You consented for another account than {}, so nothing was changed. Open the link again and choose {}. To connect another account, sign in.",
        "Dio su permiso para una cuenta que no es {}, así que no se cambió nada. Abra el enlace de nuevo y elija {}. Para conectar otra cuenta, inicie sesión.",
    ),
    (
        "Nothing to replay: this event was processed or is waiting.",
        "No queda nada por repetir: este evento se procesó o está en espera.",
    ),
    ("This client is archived. Bring it back first.", "Este negocio está archivado. Primero hay que recuperarlo."),
    // The people of the business.
    (
        "You can't change your own role. Ask another owner.",
        "No puede cambiar su propio rol. Pídalo a otro propietario.",
    ),
    (
        "Their role has more access than yours: ask an agency owner.",
        "El rol de esa persona tiene más acceso que el suyo: pídalo a un propietario de la agencia.",
    ),
    (
        "A business needs at least one owner. Make someone else an owner first.",
        "Un negocio necesita al menos un propietario. Primero haga propietaria a otra persona.",
    ),
    // The consent at Meta.
    ("Choose whatsapp, instagram or facebook.", "Elija whatsapp, instagram o facebook."),
    (
        "Messaging isn't set up here yet: META_APP_ID and META_APP_SECRET are missing. Ask your Slipway administrator.",
        "La mensajería no está configurada en esta instalación: faltan META_APP_ID y META_APP_SECRET. Consulte a quien administra el servidor.",
    ),
    (
        "This took longer than ten minutes or started in another browser. Nothing was connected. Start again under Connections.",
        "Esto tardó más de diez minutos o comenzó en otro navegador. No se conectó nada. Comience de nuevo en la página de conexiones.",
    ),
    ("You canceled at Meta. Nothing was changed.", "Usted canceló en Meta. No se cambió nada."),
    (
        "Meta sent no code, so nothing was connected. Try again.",
        "Meta no envió ningún código, así que no se conectó nada. Inténtelo de nuevo.",
    ),
    (
        "Meta sent no code, so nothing was changed. Try again.",
        "Meta no envió ningún código, así que no se cambió nada. Inténtelo de nuevo.",
    ),
    (
        "Meta's answer is still being processed, or it was lost. If nothing appears here in a minute, connect again.",
        "La respuesta de Meta todavía se está procesando o se perdió. Si en un minuto no aparece nada aquí, conecte de nuevo.",
    ),
    (
        "{} is being connected. The checklist below updates by itself.",
        "{} se está conectando. La lista de abajo se completa sola.",
    ),
    (
        "{} is being connected. The checklist below updates by itself. {} is another account and still has to be reconnected.",
        "{} se está conectando. La lista de abajo se completa sola. {} es otra cuenta y aún hay que volver a conectarla.",
    ),
    (
        "Meta's answer is not for this app. Nothing was connected. Start again.",
        "La respuesta de Meta no es para esta aplicación. No se conectó nada. Comience de nuevo.",
    ),
    (
        "No WhatsApp Business account was selected. Connect again and select one.",
        "No se seleccionó ninguna cuenta de WhatsApp Business. Conecte de nuevo y seleccione una.",
    ),
    (
        "You can't manage messages for this page. Ask its admin for the \"Messages\" task, or to connect it.",
        "Usted no puede administrar los mensajes de esta página. Pida a su administrador la tarea «Mensajes» o que la conecte.",
    ),
    (
        "Meta did not answer, so nothing was connected. Start again in a minute.",
        "Meta no respondió, así que no se conectó nada. Comience de nuevo en un minuto.",
    ),
    (
        "It is still being answered. Open the link again in a minute.",
        "Aún se está respondiendo. Abra el enlace de nuevo en un minuto.",
    ),
    (
        "{} is being reconnected. Messages that waited are sent as soon as it works.",
        "{} se está volviendo a conectar. Los mensajes que esperaban se envían en cuanto funcione.",
    ),
    ("{} Nothing was connected. Start again.", "{} No se conectó nada. Comience de nuevo."),
    // AI tools.
    (
        "Say which program it is for, in at most 120 characters.",
        "Indique para qué programa es, en 120 caracteres como máximo.",
    ),
    ("There are {} AI agents already. Disconnect one first.", "Ya hay {} agentes de IA. Desconecte uno primero."),
    ("The AI agent asks for another business.", "El agente de IA pide otro negocio."),
    ("Choose for at most 1,000 tools.", "Elija 1,000 herramientas como máximo."),
    ("That tool doesn't exist.", "No existe esa herramienta."),
    ("Enter a number in the range 0\u{2013}1,000,000.", "Escriba un número de 0 a 1,000,000."),
    (
        "No one decided in time. The AI agent needs to ask again.",
        "Nadie decidió esto a tiempo. El agente de IA tiene que volver a pedirlo.",
    ),
    (
        "The AI agent is no longer allowed to use this tool. Reject its request.",
        "El agente de IA ya no puede usar esta herramienta. Rechace lo que pide.",
    ),
    ("This was already approved.", "Esto ya fue aprobado."),
    ("This was already approved{}.", "Esto ya fue aprobado{}."),
    ("This was already rejected.", "Esto ya fue rechazado."),
    ("This was already rejected{}.", "Esto ya fue rechazado{}."),
    (" by {}", " por {}"),
];

/// The sentence in Spanish. `None` if it is not known. Parts that are known sentences themselves are in Spanish, too.
pub(crate) fn spanish(text: &str) -> Option<String> {
    let inside = |part: &str| spanish(part).unwrap_or_else(|| part.to_owned());
    let mut known = REFUSALS.iter().chain(STATES).chain(SERVED);
    known.find_map(|(english, other)| said(text, english, other, inside))
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::language::Language;

    use super::*;
    use crate::translate::translate;

    /// What refuses an act of a business.
    const SOURCES: [(&str, &str); 23] = [
        ("domain/messaging/template.rs", include_str!("../../domain/src/messaging/template.rs")),
        ("operations/assistant/knowledge.rs", include_str!("../../operations/src/assistant/knowledge.rs")),
        ("operations/assistant/rehearsal.rs", include_str!("../../operations/src/assistant/rehearsal.rs")),
        ("operations/assistant/settings.rs", include_str!("../../operations/src/assistant/settings.rs")),
        ("operations/assistant/sources.rs", include_str!("../../operations/src/assistant/sources.rs")),
        ("operations/channels/choose.rs", include_str!("../../operations/src/channels/choose.rs")),
        ("operations/channels/connect.rs", include_str!("../../operations/src/channels/connect.rs")),
        ("operations/channels/renewal.rs", include_str!("../../operations/src/channels/renewal.rs")),
        ("operations/channels/setup.rs", include_str!("../../operations/src/channels/setup.rs")),
        ("operations/inbox/choices.rs", include_str!("../../operations/src/inbox/choices.rs")),
        ("operations/inbox/consent.rs", include_str!("../../operations/src/inbox/consent.rs")),
        ("operations/inbox/contact.rs", include_str!("../../operations/src/inbox/contact.rs")),
        ("operations/inbox/conversation.rs", include_str!("../../operations/src/inbox/conversation.rs")),
        ("operations/inbox/files.rs", include_str!("../../operations/src/inbox/files.rs")),
        ("operations/inbox/merging.rs", include_str!("../../operations/src/inbox/merging.rs")),
        ("operations/inbox/message.rs", include_str!("../../operations/src/inbox/message.rs")),
        ("operations/inbox/mod.rs", include_str!("../../operations/src/inbox/mod.rs")),
        ("operations/inbox/scheduled.rs", include_str!("../../operations/src/inbox/scheduled.rs")),
        ("operations/inbox/snippets.rs", include_str!("../../operations/src/inbox/snippets.rs")),
        ("operations/inbox/template.rs", include_str!("../../operations/src/inbox/template.rs")),
        ("operations/own_business.rs", include_str!("../../operations/src/own_business.rs")),
        ("operations/tools/approval.rs", include_str!("../../operations/src/tools/approval.rs")),
        ("operations/tools/tokens.rs", include_str!("../../operations/src/tools/tokens.rs")),
    ];

    /// The sentences of a source, with a word in place of what changes.
    pub(crate) fn sentences(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", "").replace("\\\"", "\u{201c}");
        let literals = joined.split('"').skip(1).step_by(2).map(filled);
        let is_sentence =
            |text: &String| text.contains(' ') && text.starts_with(char::is_uppercase) && text.ends_with('.');
        literals.filter(is_sentence).collect()
    }

    /// The text with a word for each `{…}`.
    fn filled(text: &str) -> String {
        let mut pieces = text.split('{');
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |said, piece| format!("{said}Xyz{}", piece.split_once('}').map_or("", |(_, rest)| rest)))
    }

    #[test]
    fn whatever_refuses_an_act_of_a_business_says_so_in_spanish() {
        let mut count = 0;
        for (file, source) in SOURCES {
            for text in sentences(source) {
                count += 1;
                assert_ne!(translate(Language::Spanish, &text), text, "{file}: web/src/refusals.rs does not know it");
            }
        }
        assert!(count > 40, "the sentences are written in another way now: {count}");
    }

    #[test]
    fn what_changes_stays_and_what_is_known_inside_is_said_in_spanish() {
        for (english, wanted) in [
            (
                "WhatsApp is disconnected, so nothing can be sent. Connect it again first.",
                "WhatsApp está desconectado, así que no se puede enviar nada. Vuelva a conectarlo primero.",
            ),
            (
                "Messenger takes at most 25 MB of such a file: a {} b.pdf",
                "Messenger admite como máximo 25 MB en un archivo así: a {} b.pdf",
            ),
            ("This was already approved by Ana.", "Esto ya fue aprobado por Ana."),
            ("This was already approved.", "Esto ya fue aprobado."),
            ("Bay can't be connected. Fill this in.", "No se puede conectar Bay. Complete este campo."),
            (
                "Bay is being connected. The checklist below updates by itself. Sun is another account and still has to be reconnected.",
                "Bay se está conectando. La lista de abajo se completa sola. Sun es otra cuenta y aún hay que volver a conectarla.",
            ),
        ] {
            assert_eq!(spanish(english).as_deref(), Some(wanted));
        }
        for text in
            ["", "Bay", " is disconnected, so nothing can be sent. Connect it again first.", "Attach at most  files."]
        {
            assert_eq!(spanish(text), None, "{text}");
        }
    }

    #[test]
    fn each_sentence_is_said_with_the_same_parts() {
        for (english, spanish) in REFUSALS {
            assert_eq!(english.matches("{}").count(), spanish.matches("{}").count(), "{english}");
            assert!(!english.contains("{}{}") && english != spanish, "{english}");
        }
    }
}
