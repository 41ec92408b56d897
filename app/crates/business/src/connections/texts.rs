//! Which texts do the cards of channels show? One field for each text, in each language.

use domain::channel_setup::{Line, Step};
use domain::integration::{Kind, State};
use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    pub channels: &'static str,
    pub channels_help: &'static str,
    pub incoming: &'static str,
    pub connect: fn(&str) -> String,
    pub connect_again: fn(&str) -> String,
    pub connect_another: &'static str,
    pub what_it_needs: fn(Kind) -> &'static str,
    pub disconnect: &'static str,
    /// Account.
    pub disconnect_what: fn(&str) -> String,
    pub try_again: &'static str,
    pub skip_test: &'static str,
    pub test_help: fn(Kind, &str) -> String,
    pub ask_owner: &'static str,
    pub not_ready: &'static str,
    pub checklist: &'static str,
    pub done: &'static str,
    pub needs_you: &'static str,
    pub under_way: &'static str,
    pub to_come: &'static str,
    pub line: fn(Line) -> &'static str,
    pub state: fn(State) -> &'static str,
    pub held: &'static str,
    pub open_inbox: &'static str,
    pub choose_title: fn(Kind) -> &'static str,
    pub choose_help: &'static str,
    pub choose_this: &'static str,
    pub choose_none: &'static str,
    pub choice_made: &'static str,
    /// Account.
    pub connecting: fn(&str) -> String,
    pub disconnected: &'static str,
    pub test_skipped: &'static str,
    pub repeated: &'static str,
    pub choice_withdrawn: &'static str,
    pub last_message: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

const ENGLISH: Texts = Texts {
    channels: "Messaging",
    channels_help: "Connect the channels your customers use. All messages go to one inbox.",
    incoming: "View incoming events",
    connect: |name| format!("Connect {name}"),
    connect_again: |name| format!("Reconnect {name}"),
    connect_another: "Connect another account",
    what_it_needs: |kind| match kind {
        Kind::Whatsapp => {
            "You need a WhatsApp Business account with a number. We can read and answer its messages, nothing else."
        }
        Kind::Instagram => {
            "You need a professional Instagram account. We can read and answer its messages, nothing else."
        }
        _ => "You need to manage the Facebook page. We can read and answer its messages, nothing else.",
    },
    disconnect: "Disconnect",
    disconnect_what: |name| {
        format!(
            "{name} stops receiving messages here, and our access is deleted. Conversations are kept and continue if you reconnect."
        )
    },
    try_again: "Try again",
    skip_test: "Skip the test",
    test_help: |kind, address| match kind {
        Kind::Whatsapp => {
            format!("Send \u{201c}hello\u{201d} to {address} on WhatsApp. This turns green when it arrives.")
        }
        Kind::Instagram => {
            format!("Send \u{201c}hello\u{201d} to {address} on Instagram. This turns green when it arrives.")
        }
        _ => {
            format!("Send \u{201c}hello\u{201d} to the page {address} on Messenger. This turns green when it arrives.")
        }
    },
    ask_owner: "Ask the business owner or your agency to connect it.",
    not_ready: "Messaging isn't set up here yet: META_APP_ID and META_APP_SECRET are missing. Ask your Slipway administrator.",
    checklist: "Connecting",
    done: "done",
    needs_you: "needs you",
    under_way: "in progress",
    to_come: "not started",
    line: |line| match line {
        Line::Consent => "Permission given",
        Line::Token => "Access received",
        Line::Account => "Account found",
        Line::Step(Step::Permissions) => "All permissions granted",
        Line::Step(Step::Register) => "Number registered",
        Line::Step(Step::Subscribe) => "Subscribed to messages",
        Line::Step(Step::Test) => "First message received",
    },
    state: State::label,
    held: "Messages are held until you reconnect, then sent in order.",
    open_inbox: "Open inbox",
    choose_title: |kind| match kind {
        Kind::Whatsapp => "Which number?",
        Kind::Instagram => "Which Instagram account?",
        _ => "Which page?",
    },
    choose_help: "Choose the one this business uses. You can connect another one later.",
    choose_this: "Connect this one",
    choose_none: "None of these",
    choice_made: "You already chose an account. See its progress under Connections.",
    connecting: |name| format!("{name} is being connected. The checklist below updates by itself."),
    disconnected: "Disconnected. Your conversations are kept.",
    test_skipped: "Test skipped. The first message to arrive confirms the connection.",
    repeated: "Trying again.",
    choice_withdrawn: "Nothing was connected.",
    last_message: "Last message received",
};

const SPANISH: Texts = Texts {
    channels: "Mensajería",
    channels_help: "Conecte los canales por los que le escriben sus clientes. Todos los mensajes llegan a una sola bandeja.",
    incoming: "Lo que llegó por estos canales",
    connect: |name| format!("Conectar {name}"),
    connect_again: |name| format!("Volver a conectar {name}"),
    connect_another: "Conectar otra cuenta",
    what_it_needs: |kind| match kind {
        Kind::Whatsapp => {
            "Necesita una cuenta de WhatsApp Business con un número. Podemos leer y responder sus mensajes, nada más."
        }
        Kind::Instagram => {
            "Necesita una cuenta profesional de Instagram. Podemos leer y responder sus mensajes, nada más."
        }
        _ => "Debe administrar la página de Facebook. Podemos leer y responder sus mensajes, nada más.",
    },
    disconnect: "Desconectar",
    disconnect_what: |name| {
        format!(
            "{name} deja de recibir mensajes aquí y se borra nuestro acceso. Las conversaciones se conservan y continúan si vuelve a conectar."
        )
    },
    try_again: "Intentar de nuevo",
    skip_test: "Omitir la prueba",
    test_help: |kind, address| match kind {
        Kind::Whatsapp => format!("Escriba «hola» a {address} por WhatsApp. Esto se pone verde en cuanto llega."),
        Kind::Instagram => format!("Escriba «hola» a {address} por Instagram. Esto se pone verde en cuanto llega."),
        _ => format!("Escriba «hola» a la página {address} por Messenger. Esto se pone verde en cuanto llega."),
    },
    ask_owner: "Pida al propietario del negocio o a su agencia que la conecte.",
    not_ready: "La mensajería no está configurada en esta instalación: faltan META_APP_ID y META_APP_SECRET. Consulte a quien administra el servidor.",
    checklist: "Conexión en curso",
    done: "hecho",
    needs_you: "requiere su atención",
    under_way: "en curso",
    to_come: "pendiente",
    line: |line| match line {
        Line::Consent => "Consentimiento dado",
        Line::Token => "Acceso recibido",
        Line::Account => "Cuenta encontrada",
        Line::Step(Step::Permissions) => "Permisos completos",
        Line::Step(Step::Register) => "Número registrado",
        Line::Step(Step::Subscribe) => "Suscripción a los mensajes",
        Line::Step(Step::Test) => "Primer mensaje recibido",
    },
    state: |state| match state {
        State::NotConnected => "Sin conectar",
        State::Connecting => "Conectando",
        State::Working => "Funciona",
        State::Quiet => "Sin actividad",
        State::RenewSoon => "Renovar pronto",
        State::Expired => "Vencida",
        State::Error => "Error",
        State::Suspended => "Pausada por Meta",
        State::Paused => "Pausada",
        State::Disconnected => "Desconectada",
    },
    held: "Los mensajes esperan aquí hasta que vuelva a conectar. Después se envían en orden.",
    open_inbox: "Abrir la bandeja",
    choose_title: |kind| match kind {
        Kind::Whatsapp => "¿Qué número?",
        Kind::Instagram => "¿Qué cuenta de Instagram?",
        _ => "¿Qué página?",
    },
    choose_help: "Elija la que usa este negocio. Después puede conectar otra.",
    choose_this: "Conectar esta",
    choose_none: "Ninguna de estas",
    choice_made: "Ya eligió una cuenta. La página de conexiones muestra su avance.",
    connecting: |name| format!("{name} se está conectando. La lista de abajo se completa sola."),
    disconnected: "Desconectada. Sus conversaciones se conservan.",
    test_skipped: "Se omitió la prueba. El primer mensaje que llegue confirmará la conexión.",
    repeated: "Se intenta de nuevo.",
    choice_withdrawn: "No se conectó nada.",
    last_message: "Último mensaje recibido",
};
