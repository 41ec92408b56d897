//! The texts in Spanish.

use domain::messaging::{AiMode, Channel, ConversationStatus, MessageStatus, Sender};

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    inbox: "Bandeja de entrada",
    conversation: "Conversación",
    contact: "Contacto",
    back: "Volver a la bandeja",
    choose: "Elija una conversación para leerla y responder.",

    views: "Vistas",
    view,
    search: "Buscar nombre o teléfono",
    order,
    next: "Siguiente",
    first_page: "Primera página",
    list: "Conversaciones",
    unread: |count| if count == 1 { "1 mensaje sin leer".to_owned() } else { format!("{count} mensajes sin leer") },
    waiting: "Espera",
    you: "Usted: ",
    no_text: "Sin texto",
    unassigned: "Sin asignar",

    no_channel: ("Todavía no hay canales", "Conecte WhatsApp, Instagram o Messenger y los mensajes llegarán aquí."),
    ask_owner: "El propietario del negocio puede conectar uno.",
    connect: "Conectar un canal",
    no_message: ("Todavía no hay conversaciones", "Cuando un cliente escriba, la conversación aparecerá aquí sola."),
    all_clear: "No hay nada abierto. Todo en orden.",
    nothing_found: "Ninguna conversación coincide.",
    show_open: "Ver las abiertas",
    search_all: "Buscar en todas",

    channel: Channel::spanish_name,
    status,
    snoozed_until: "Pospuesta hasta",
    close: "Cerrar",
    snooze: "Posponer hasta mañana",
    reopen: "Reabrir",
    more: "Más acciones",
    told_status,
    assigned: |name| format!("Asignada: {name}"),
    assigned_me: "Asignada a mí",
    nobody: "Nadie",
    me: "Yo",
    told_assigned: "Asignada.",
    told_unassigned: "Sin asignar.",
    choose_person: "Elija a alguien que trabaje aquí.",

    assistant: "Asistente",
    mode,
    as_channel: "Como en todo el canal",
    take_over: "Atender",
    give_back: "Devolver",
    told_assistant: "Guardado.",
    wants_person: "Necesita a una persona",
    answers: "El asistente responde",
    drafts: "El asistente redacta",
    paused: "Asistente en pausa",
    choose_mode: "Elija qué puede hacer el asistente.",

    draft: "Borrador del asistente",
    draft_text: "Borrador, con sus cambios",
    send_draft: "Enviar borrador",
    edit_draft: "Editar",
    own_reply: "Escribir otra respuesta",
    send_edited: "Enviar editado",
    dismiss_draft: "Descartar",
    told_dismissed: "El borrador fue descartado.",
    draft_waits: "Se podrá enviar cuando se puedan enviar mensajes de nuevo.",
    draft_trace: "Por qué esta respuesta",
    sources: "Fuente",
    no_sources: "Sin fuente en su base de conocimientos.",
    untitled: "Sin título",
    assistant_note: "Nota del asistente",

    messages: "Mensajes",
    times_in: |zone| format!("Zona horaria: {zone}."),
    older: "Mensajes anteriores",
    newest: "Mensajes recientes",
    looking_back: "Está leyendo mensajes anteriores.",
    sender,
    a_person: "Un colega",
    note_by: "Nota de",
    edited: "editado",
    deleted: "Este mensaje fue eliminado.",
    in_answer_to: "En respuesta a",
    kind,
    message_status,
    sending: "Enviando\u{2026}",
    failed_why: "No llegó.",
    failed_advice: "No llegó. Inténtelo más tarde o contacte al cliente por otro medio.",
    not_delivered: "No entregado",
    failed_code: |code| match code {
        "131026" => Some("WhatsApp no encuentra este número. Quizá no usa WhatsApp."),
        "131047" => Some("El cliente escribió por última vez hace más de 24 horas. Envíe una plantilla."),
        "131049" => Some("Meta lo retuvo para proteger al cliente. Espere al menos un día antes de reintentar."),
        "131050" => Some("El cliente ya no acepta mensajes publicitarios."),
        "unclear" => Some("No sabemos si se entregó. Pregunte al cliente antes de reintentar."),
        "too_old" => Some("Esperó demasiado y no se envió. Revise si todavía viene al caso."),
        "unwanted" => Some("El cliente ya no quiere mensajes de este tipo, así que no se envió."),
        "window_closed" => Some(
            "El tiempo para responder terminó antes de enviarlo. Envíe una plantilla de WhatsApp o espere a que el cliente escriba.",
        ),
        _ => None,
    },
    retry: "Reintentar",
    retry_over: "Falló hace más de 90 días, así que ya no se puede enviar de nuevo. Escriba otro.",
    cancel: "Cancelar",
    told_retried: "El mensaje se envía de nuevo.",
    told_canceled: "El mensaje no se envía.",
    acts: "Reaccionar o citar",
    quote: "Citar en la respuesta",
    react: |emoji| format!("Reaccionar con {emoji}"),
    take_back: "Quitar nuestra reacción",
    reacted_customer: "El cliente reaccionó",
    reacted_us: "Nosotros reaccionamos",
    no_message_any_more: "No hay mensajes aquí.",

    file_waiting: "Se está obteniendo el archivo\u{2026}",
    file_failed: "No se pudo obtener el archivo.",
    file_expired: "El archivo ya no está disponible.",
    file_aged: "El archivo se eliminó por su antigüedad.",
    file_without_room: "No hay espacio para el archivo. Se intenta de nuevo cada día durante una semana.",
    attach: "Adjuntar archivos",
    attach_help: "Hasta 5 archivos de 16 MB cada uno. Cada uno va como un mensaje propio después del texto.",
    files_in_note: "Los archivos son para el cliente. Una nota no lleva ninguno.",

    snippets: "Fragmentos",
    snippets_help: "Textos que su equipo usa en las respuestas. Elija uno sobre el formulario de una conversación y cámbielo como quiera.",
    keep_snippets: "Administrar fragmentos",
    no_snippets: ("Aún no hay fragmentos", "Guarde lo que escribe una y otra vez, como la forma de llegar."),
    add_snippet: "Agregar fragmento",
    change_snippet: "Cambiar fragmento",
    snippet_name: "Nombre",
    snippet_text: "Texto",
    discard: "Descartar",
    remove_snippet: "Quitar fragmento",
    remove_snippet_what: "Las respuestas que se enviaron con él no cambian.",
    told_snippet: "El fragmento está guardado.",
    told_snippet_removed: "El fragmento se quitó.",

    reply: "Responder",
    note: "Nota",
    kind_of_text: "Qué escribe",
    your_text: "Su texto",
    send: "Enviar",
    add_note: "Agregar nota",
    note_help: "Las notas son para su equipo. El cliente nunca las ve.",
    length_help: |most, channel| {
        format!("{channel} admite {most} caracteres por mensaje. Un texto más largo va en varios. Ctrl Enter envía.")
    },
    quoting: "Cita",
    no_quote: "No citar",
    read_only: "Su rol permite leer, no responder. El propietario del negocio puede darle el permiso.",
    free_for: "Respuesta libre durante",
    late_for: "El plazo habitual terminó. Una persona aún puede responder durante",
    window_over: "terminó",
    no_window: "Puede responder en cualquier momento.",
    closed_template: "El cliente escribió por última vez hace más de 24 horas. WhatsApp solo admite una plantilla aprobada hasta que vuelva a escribir.",
    closed_for_good: "El cliente escribió hace demasiado tiempo. Podrá responder cuando vuelva a escribir.",
    never_wrote: "El cliente aún no ha escrito. Hasta entonces WhatsApp solo admite una plantilla aprobada.",
    on_hold: "Los mensajes esperan hasta que la conexión vuelva a funcionar.",
    channel_off: "Este canal está desconectado y no se puede enviar nada.",
    to_connections: "Abrir conexiones",
    templates: "Plantillas",
    no_templates: "Aún no hay plantillas aprobadas. Se crean en el Administrador de WhatsApp.",
    send_template: "Enviar plantilla",
    told_template: "La plantilla va en camino.",

    name: "Nombre",
    phone: "Teléfono",
    email: "Correo electrónico",
    company: "Empresa",
    about: "Observaciones",
    edit: "Editar contacto",
    save: "Guardar contacto",
    told_contact: "El contacto está guardado.",
    known_as: "Escribe por",
    identity,
    first_seen: "Primer contacto",
    opted_out: "Mensajes automáticos",
    opted_in: "Permitidos",
    marketing: "Mensajes publicitarios",
    no_note: "Aún no hay observaciones.",
    opted_out_since: |day| format!("No deseados desde el {day}"),
    agreed_again: "Volvió a aceptarlos",
    consent: "Cómo los aceptó",
    consent_help: "Por ejemplo: los pidió hoy por teléfono. Queda como nota en la conversación.",
    allow_automatic: "Permitir mensajes automáticos",
    told_opted_in: "El cliente vuelve a recibir mensajes automáticos.",
    erase: "Borrar este contacto",
    erase_what: "Esto borra para siempre, en todos los canales: el contacto y sus identificadores, todas las conversaciones y notas, los archivos, los borradores y respuestas del asistente con sus pasos, los mensajes programados, las preguntas de los ensayos y lo que dijeron de él las llamadas de agentes de IA. Quedan las cifras de uso, y líneas sin palabras en la actividad y en el registro de herramientas de IA. Quien vuelva a escribir será un contacto nuevo.",
    told_erased: "El contacto se está borrando. Los mensajes y lo que dijeron de él los agentes de IA desaparecen en minutos; los archivos, un poco después.",
    whole_contact: "Canales, conversaciones y combinación",
};

fn view(key: &str) -> &'static str {
    match key {
        "mine" => "Mías",
        "unassigned" => "Sin asignar",
        "waiting" => "En espera",
        "unread" => "Sin leer",
        "snoozed" => "Pospuestas",
        "closed" => "Cerradas",
        "all" => "Todas",
        _ => "Abiertas",
    }
}

fn order(key: &str) -> &'static str {
    match key {
        "waiting" => "Mayor espera primero",
        "window" => "Plazo por vencer primero",
        _ => "Más recientes primero",
    }
}

const fn status(status: ConversationStatus) -> &'static str {
    match status {
        ConversationStatus::Open => "Abierta",
        ConversationStatus::Snoozed => "Pospuesta",
        ConversationStatus::Closed => "Cerrada",
    }
}

const fn told_status(status: ConversationStatus) -> &'static str {
    match status {
        ConversationStatus::Open => "La conversación está abierta.",
        ConversationStatus::Snoozed => "La conversación vuelve mañana o cuando el cliente escriba.",
        ConversationStatus::Closed => "La conversación está cerrada. Se abre cuando el cliente escriba.",
    }
}

const fn mode(mode: AiMode) -> &'static str {
    match mode {
        AiMode::Off => "Desactivado",
        AiMode::Draft => "Borrador",
        AiMode::Auto => "Automático",
    }
}

const fn sender(sender: Sender) -> &'static str {
    match sender {
        Sender::Contact => "Cliente",
        Sender::Person => "Equipo",
        Sender::Assistant => "Asistente",
        Sender::Automation => "Automatización",
        Sender::Campaign => "Campaña",
        Sender::Echo => "Aplicación del teléfono",
        Sender::System => "Slipway",
    }
}

fn kind(kind: &str) -> &'static str {
    match kind {
        "image" => "Imagen",
        "audio" | "voice" => "Mensaje de voz",
        "video" => "Video",
        "document" => "Documento",
        "sticker" => "Sticker",
        "location" => "Ubicación",
        "contacts" => "Tarjeta de contacto",
        "order" => "Pedido",
        "story_reply" => "Respuesta a una historia",
        "story_mention" => "Mención en una historia",
        "share" => "Publicación compartida",
        "referral" => "Llegó por un enlace o un anuncio",
        "unsupported" => "Un tipo de mensaje que aquí no se puede mostrar. Abra la aplicación para verlo.",
        _ => "Mensaje sin texto",
    }
}

const fn message_status(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Received => "Recibido",
        MessageStatus::Pending => "Pendiente",
        MessageStatus::Held => "Espera la reconexión",
        MessageStatus::Sent => "Enviado",
        MessageStatus::Delivered => "Entregado",
        MessageStatus::Read => "Leído",
        MessageStatus::Failed => "Falló",
        MessageStatus::Cancelled => "Cancelado",
    }
}

fn identity(kind: &str) -> &'static str {
    match kind {
        "wa_id" | "bsuid" | "parent_bsuid" => "WhatsApp",
        "psid" => "Messenger",
        "igsid" => "Instagram",
        _ => "Chat web",
    }
}
