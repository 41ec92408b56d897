//! Which texts does the sign-in of AI agents show? One field for each text; the compiler refuses a language that lacks a text.

use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    /// What the program calls itself.
    pub title: fn(&str) -> String,
    /// What the program calls itself.
    pub text: fn(&str) -> String,
    /// A host.
    pub led_to: fn(&str) -> String,
    pub own_machine: &'static str,
    /// A host.
    pub described_at: fn(&str) -> String,
    pub may: [&'static str; 4],
    pub business: &'static str,
    pub allow: &'static str,
    pub cancel: &'static str,
    pub nothing_to_choose: &'static str,
    /// An email address.
    pub signed_in_as: fn(&str) -> String,
    pub gone: (&'static str, &'static str),
    pub home: &'static str,
    pub leaving: (&'static str, &'static str),
    pub left: (&'static str, &'static str),
    pub go_on: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: Texts = Texts {
    title: |name| format!("Connect {name}?"),
    text: |name| format!("An AI agent calling itself {name} wants to work with one of your businesses."),
    led_to: |host| format!("This name isn't verified. You'll go back to {host}: continue only if you started there."),
    own_machine: "This name isn't verified. You'll go back to a program on your own computer: continue only if you started there.",
    described_at: |host| format!("Described at {host}."),
    may: [
        "It can read contacts, conversations and the calendar of the business you choose, and no other.",
        "A person approves every change, unless you allow it under AI tools.",
        "It acts with your permissions and stops when you lose them.",
        "It stops when someone disconnects it under AI tools, or after 30 days without use.",
    ],
    business: "Business",
    allow: "Allow",
    cancel: "Cancel",
    nothing_to_choose: "You can't connect AI agents to this business, or to any. Ask its owner.",
    signed_in_as: |email| format!("You are signed in as {email}."),
    gone: (
        "Nothing to approve here",
        "This request has ended or was replaced. Go back to the AI agent and connect again.",
    ),
    home: "Go home",
    leaving: ("Back to the AI agent", "It's connected once it gets the answer."),
    left: (
        "Nothing to approve here",
        "The AI agent got its answer. If it isn't connected, connect it again from there.",
    ),
    go_on: "Go back to the AI agent",
};

static SPANISH: Texts = Texts {
    title: |name| format!("¿Conectar {name}?"),
    text: |name| format!("Un agente de IA que se llama a sí mismo {name} pide trabajar con uno de sus negocios."),
    led_to: |host| format!("Nadie comprobó este nombre. Usted volverá a {host}: continúe solo si comenzó allí."),
    own_machine: "Nadie comprobó este nombre. Usted volverá a un programa de su propia computadora: continúe solo si comenzó allí.",
    described_at: |host| format!("Su descripción está en {host}."),
    may: [
        "Lee los contactos, las conversaciones y el calendario del negocio que usted elija, y de ningún otro.",
        "Antes de cambiar algo, se pregunta a una persona, salvo que usted lo permita en Herramientas de IA.",
        "Actúa con los permisos de usted y termina cuando usted los pierde.",
        "Termina cuando alguien lo desconecta en Herramientas de IA, o tras 30 días sin uso.",
    ],
    business: "Negocio",
    allow: "Permitir",
    cancel: "Cancelar",
    nothing_to_choose: "Usted no puede conectar agentes de IA al negocio que pide, o a ninguno. Pregunte a su propietario.",
    signed_in_as: |email| format!("Usted inició sesión como {email}."),
    gone: (
        "Aquí no hay nada en espera",
        "Esta solicitud terminó u otra ocupó su lugar. Vuelva al agente de IA y conéctelo de nuevo.",
    ),
    home: "Ir al inicio",
    leaving: ("Usted vuelve al agente de IA", "Queda conectado en cuanto recibe su respuesta."),
    left: (
        "Aquí no hay nada en espera",
        "El agente de IA recibió su respuesta. Si no está conectado, conéctelo allí de nuevo.",
    ),
    go_on: "Volver al agente de IA",
};
