//! Which texts do the first steps of a business show, in each language?

use domain::language::Language;

/// What to do, why, and the button that leads there.
type Step = (&'static str, &'static str, &'static str);

/// The texts of one language.
pub(crate) struct BeginningTexts {
    pub title: &'static str,
    pub connect: Step,
    pub teach: Step,
    pub try_out: Step,
    pub done: &'static str,
    pub open_connections: &'static str,
}

/// The texts of a language.
pub(crate) const fn beginning(language: Language) -> &'static BeginningTexts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: BeginningTexts = BeginningTexts {
    title: "Get started",
    connect: (
        "Connect a channel",
        "WhatsApp, Instagram, Messenger or a chat on your website. All messages go to one inbox.",
        "Choose a channel",
    ),
    teach: ("Teach the assistant", "Add the questions customers ask most, with your answers.", "Add knowledge"),
    try_out: ("Try the assistant", "Ask it as a customer would. Nothing is sent.", "Open test chat"),
    done: "done",
    open_connections: "Go to Connections",
};

static SPANISH: BeginningTexts = BeginningTexts {
    title: "Primeros pasos",
    connect: (
        "Conecte un canal",
        "WhatsApp, Instagram, Messenger o un chat en su sitio web. Los mensajes llegan a una sola bandeja.",
        "Elegir un canal",
    ),
    teach: (
        "Enseñe al asistente",
        "Agregue las preguntas más frecuentes de sus clientes, con sus respuestas.",
        "Agregar conocimiento",
    ),
    try_out: (
        "Pruebe el asistente",
        "Pregúntele como lo haría un cliente. No se envía nada.",
        "Abrir el chat de prueba",
    ),
    done: "hecho",
    open_connections: "Abrir conexiones",
};
