//! Which texts does the doctor of a channel show? One field for each text, in each language.

use domain::channel_doctor::Check;
use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    pub title: &'static str,
    pub open: &'static str,
    pub close: &'static str,
    pub again: &'static str,
    pub looking: &'static str,
    pub good: &'static str,
    pub look: &'static str,
    pub bad: &'static str,
    pub unknown: &'static str,
    pub not_needed: &'static str,
    pub name: fn(Check) -> &'static str,
    pub advice: fn(Check) -> &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

const ENGLISH: Texts = Texts {
    title: "Connection check",
    open: "Check connection",
    close: "Close the check",
    again: "Check again",
    looking: "Checking with Meta. The result appears here in a moment.",
    good: "OK",
    look: "needs a look",
    bad: "problem",
    unknown: "unknown",
    not_needed: "not needed",
    name: |check| match check {
        Check::Token => "Access",
        Check::Permissions => "Permissions",
        Check::Reachable => "Meta recognizes the account",
        Check::Registered => "Number registered",
        Check::Subscribed => "Subscribed to messages",
        Check::Received => "Messages arrive",
        Check::Signatures => "Signature check",
        Check::Delivered => "Replies are delivered",
        Check::Held => "No held messages",
        Check::Templates => "Templates",
    },
    advice: |check| match check {
        Check::Token => "Access has ended or ends soon. Reconnect, or send a renewal link to the account manager.",
        Check::Permissions => "Reconnect and keep every box checked.",
        Check::Reachable => {
            "The last check failed. Check again; if it keeps failing, review the account's settings at Meta."
        }
        Check::Registered => {
            "Press Try again. If it keeps failing, the number has another PIN at Meta: remove it there."
        }
        Check::Subscribed => "Press Try again so Meta sends us this account's messages.",
        Check::Received => {
            "Nothing has arrived for a week. Message this account from a phone and check that it shows up in the inbox."
        }
        Check::Signatures => "META_APP_ID and META_APP_SECRET are missing. Ask your Slipway administrator.",
        Check::Delivered => "The last reply failed. Open it in the inbox to see why.",
        Check::Held => "Messages are held until the channel works, then sent in order.",
        Check::Templates => "There's no approved template. Without one, you can't write to anyone after 24 hours.",
    },
};

const SPANISH: Texts = Texts {
    title: "Comprobación de la conexión",
    open: "Comprobar la conexión",
    close: "Cerrar la comprobación",
    again: "Comprobar de nuevo",
    looking: "Se está comprobando con Meta. El resultado aparece aquí en un momento.",
    good: "en orden",
    look: "conviene revisarlo",
    bad: "hay un problema",
    unknown: "aún no se sabe",
    not_needed: "no hace falta",
    name: |check| match check {
        Check::Token => "Acceso",
        Check::Permissions => "Permisos",
        Check::Reachable => "Meta reconoce la cuenta",
        Check::Registered => "Número registrado",
        Check::Subscribed => "Suscripción a los mensajes",
        Check::Received => "Llegan mensajes",
        Check::Signatures => "Comprobación de firmas",
        Check::Delivered => "Las respuestas llegan",
        Check::Held => "Sin mensajes en espera",
        Check::Templates => "Plantillas",
    },
    advice: |check| match check {
        Check::Token => {
            "El acceso terminó o termina pronto. Vuelva a conectar, o envíe un enlace de renovación a quien administra la cuenta."
        }
        Check::Permissions => "Vuelva a conectar y deje todo marcado.",
        Check::Reachable => {
            "La última comprobación falló. Compruebe de nuevo; si sigue igual, revise la configuración de la cuenta en Meta."
        }
        Check::Registered => {
            "Presione «Intentar de nuevo». Si sigue igual, el número tiene otro PIN en Meta: quítelo allí."
        }
        Check::Subscribed => "Presione «Intentar de nuevo» para que Meta nos envíe los mensajes de esta cuenta.",
        Check::Received => {
            "No llega nada desde hace una semana. Escriba a esta cuenta desde un teléfono y vea si aparece en la bandeja."
        }
        Check::Signatures => "Faltan META_APP_ID y META_APP_SECRET. Consulte a quien administra el servidor.",
        Check::Delivered => "La última respuesta falló. Ábrala en la bandeja: allí dice por qué.",
        Check::Held => "Hay mensajes en espera hasta que el canal funcione. Después se envían en orden.",
        Check::Templates => {
            "No hay ninguna plantilla aprobada. Sin una, no se puede escribir a nadie después de 24 horas."
        }
    },
};
