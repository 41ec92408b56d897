//! The texts in Spanish.

use domain::notifications::{Kind, Severity};
use domain::usage::grouped;

use super::{Messages, Request, Words};

pub(super) static MESSAGES: Messages = Messages {
    accept: "Aceptar la invitación",
    link_ends: "El enlace funciona una sola vez, durante 7 días, y deja de servir si le invitan de nuevo.",
    account_set_up: |agency, business| format!("{agency} preparó su cuenta para {business}"),
    invites_you_as: |inviter, role| format!("{inviter} le invita con el rol «{role}»."),
    set_password_to_sign_in: "Cree una contraseña para iniciar sesión:",
    invited_subject: |agency| format!("Le invitaron a {agency}"),
    invited_to: |inviter, agency, role| match inviter {
        None => format!("Le invitaron a {agency} con el rol «{role}»."),
        Some(inviter) => format!("{inviter} le invita a {agency} con el rol «{role}»."),
    },

    platform_subject: "Le invitaron a administrar Slipway",
    platform_text: |origin, role| {
        format!("Le invitaron a Slipway en {origin} con el rol «{role}». Cree aquí su contraseña:")
    },
    set_your_password: "Crear su contraseña",
    platform_link: "El enlace funciona una sola vez, durante 72 horas, y deja de servir si le invitan de nuevo.",
    reset_subject: "Cree una contraseña nueva",
    reset_text: "Alguien, probablemente usted, pidió una contraseña nueva para su cuenta.",
    minutes: |count| match count {
        1 => "1 minuto".to_owned(),
        count => format!("{count} minutos"),
    },
    hours: |count| format!("{count} horas"),
    reset_link: |lasting| {
        format!(
            "El enlace funciona una sola vez, durante {lasting}. Si no fue usted, no haga nada: su contraseña queda como está."
        )
    },

    asks_subject: |name, place| format!("{name} pide acceso a {place}"),
    asks_for_right: Words {
        text: |Request { name, email, role, place, what }| {
            format!("{name} ({email}) tiene el rol «{role}» en {place} y pide este permiso: {what}.")
        },
        what_to_do: "Si es correcto, asígnele un rol que lo incluya:",
    },
    right: super::rights::spanish,
    asks_for_client: Words {
        text: |Request { name, email, role, place, what }| {
            format!("{name} ({email}) tiene el rol «{role}» en {place} y pide abrir el cliente {what}.")
        },
        what_to_do: "Si es correcto, asígnele el cliente en su página:",
    },
    open_team: "Abrir el equipo",
    open_client: "Abrir el cliente",
    asks_or_nothing: "Si no, no haga nada.",

    reconnect: "Volver a conectar HighLevel",
    company_lost: "HighLevel ya no acepta nuestra conexión con su agencia. Los trabajos en curso esperan y no se pueden crear clientes nuevos hasta que se renueve. Solo toma un minuto:",
    location_subject: "Vuelva a conectar la subcuenta de un cliente",
    location_lost: |name| {
        format!(
            "HighLevel ya no acepta nuestra conexión con la subcuenta de {name}. No podemos acceder a ella hasta que se conecte de nuevo:"
        )
    },

    event,
    detail: super::details::spanish,
    event_button,
    calls_wait: |count| match count {
        1 => {
            "Espera su respuesta y no hace nada hasta entonces. Después de un día ya no se puede responder.".to_owned()
        }
        count => format!(
            "{count} llamadas esperan su respuesta y no se hace nada hasta entonces. Después de un día ya no se puede responder."
        ),
    },
    decide: "Leer y decidir",
    several: |first, more| match more {
        0 => first.to_owned(),
        more => format!("{first}, y {} más", grouped(more, ',')),
    },
    summary: |first, more| match more {
        0 => format!("Resumen diario: {first}"),
        more => format!("Resumen diario: {first}, y {} más", grouped(more, ',')),
    },
    and_more: |count| format!("y {} más", grouped(count, ',')),
    group: |severity| match severity {
        Severity::NeedsYou => "Requiere su atención",
        Severity::Finished => "Terminado",
        Severity::Info => "Para su información",
    },
    repeated: |said, times, last| format!("{said} \u{b7} {times} veces, la última el {last}"),
    open_notifications: "Abrir notificaciones",
    why: "Recibe este correo porque así lo indican sus ajustes de notificaciones.",
    choose: "Ajustes de notificaciones",
    stop: "Dejar de recibir estos correos",

    test_subject: "Los correos llegan",
    test_text: |origin| format!("Los correos de Slipway en {origin} le llegan. No hay nada que hacer."),
};

fn event(kind: Kind, title: &str) -> String {
    match kind {
        Kind::JobFailed => format!("Falló la configuración de {title}"),
        Kind::JobNeedsInput => format!("{title} necesita su respuesta"),
        Kind::JobFinished => format!("{title} está configurado"),
        Kind::BatchFinished => format!("Terminado: {title}"),
        Kind::ConnectionLost => format!("{title} está desconectado"),
        Kind::ConnectionRestored => format!("{title} está conectado de nuevo"),
        Kind::ConnectionEnding => format!("{title} se debe volver a conectar en unos días"),
        Kind::TodoAssigned => format!("Tarea para usted: {title}"),
        Kind::InvitationAccepted => format!("{title} aceptó la invitación"),
        Kind::ClientCreated => format!("{title} se agregó como cliente"),
        Kind::WebhookDisabled => format!("El webhook {title} se desactivó"),
        Kind::ConversationHandedOver => format!("Un cliente de {title} espera hablar con una persona"),
        Kind::UsageLimit => format!("{title} ha usado la mayor parte de sus mensajes o tokens"),
        Kind::FilesLimit => format!("{title} ha usado la mayor parte de su espacio para archivos"),
        Kind::ToolApproval => format!("Un agente de IA de {title} pide aprobación"),
    }
}

const fn event_button(kind: Kind) -> &'static str {
    match kind {
        Kind::JobFailed => "Ver qué pasó",
        Kind::JobNeedsInput => "Responder",
        Kind::JobFinished | Kind::ClientCreated | Kind::FilesLimit | Kind::ToolApproval => "Abrir el cliente",
        Kind::BatchFinished => "Abrir sus clientes",
        Kind::ConnectionLost | Kind::ConnectionRestored | Kind::ConnectionEnding => "Abrir conexiones",
        Kind::TodoAssigned => "Abrir sus tareas",
        Kind::InvitationAccepted => "Abrir el equipo",
        Kind::WebhookDisabled => "Abrir webhooks",
        Kind::ConversationHandedOver => "Abrir la bandeja",
        Kind::UsageLimit => "Abrir el uso",
    }
}
