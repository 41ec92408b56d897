//! Which texts does the page of a web chat show? One field for each, in each language.

use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    pub open: &'static str,
    pub close: &'static str,
    pub unread: &'static str,
    pub greeting: &'static str,
    pub log: &'static str,
    pub message: &'static str,
    pub send: &'static str,
    pub who: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub you: &'static str,
    pub assistant: &'static str,
    pub sending: &'static str,
    pub failed: &'static str,
    pub offline: &'static str,
    pub wait: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

const ENGLISH: Texts = Texts {
    open: "Open the chat",
    close: "Close the chat",
    unread: "new messages",
    greeting: "Hello! How can we help?",
    log: "Messages",
    message: "Your message",
    send: "Send",
    who: "Tell us who you are (optional)",
    name: "Name",
    email: "Email",
    you: "You",
    assistant: "Assistant",
    sending: "Sending",
    failed: "This message was not taken. Shorten it and send it again.",
    offline: "No connection. Your message is sent as soon as there is one.",
    wait: "You wrote a lot in a short time. Your message is sent in a moment.",
};

const SPANISH: Texts = Texts {
    open: "Abrir el chat",
    close: "Cerrar el chat",
    unread: "mensajes nuevos",
    greeting: "¡Hola! ¿En qué podemos ayudarle?",
    log: "Mensajes",
    message: "Su mensaje",
    send: "Enviar",
    who: "Díganos quién es (opcional)",
    name: "Nombre",
    email: "Correo electrónico",
    you: "Usted",
    assistant: "Asistente",
    sending: "Enviando",
    failed: "No se aceptó este mensaje. Acórtelo y envíelo de nuevo.",
    offline: "Sin conexión. Su mensaje se enviará en cuanto la haya.",
    wait: "Escribió mucho en poco tiempo. Su mensaje se enviará en un momento.",
};
