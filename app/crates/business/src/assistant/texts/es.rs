//! The texts in Spanish.

use domain::assistant::AnswerState;
use domain::messaging::{AiMode, Channel};

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    assistant: "Asistente",
    knowledge: "Conocimiento",
    answers: "Respuestas",
    parts: "Partes del asistente",
    none: "\u{2014}",

    unpublished: "Sin publicar",
    never_published: "Aún no hay nada publicado. Hasta entonces el asistente trabaja con los ajustes de fábrica y redacta borradores en cuanto tiene conocimiento.",
    version_since: |version, day| format!("La versión {version} está en uso desde el {day}."),
    nothing_to_publish: "No hay cambios sin publicar.",
    not_published: "Estos cambios están guardados y aún no están en uso. Publíquelos y la próxima respuesta los usará.",
    before: "En uso",
    after: "Guardado",
    nothing: "Nada",
    built_in_line: "La frase habitual",
    publish: "Publicar",
    publish_help: "Los canales, los horarios y el conocimiento no se publican: se aplican de inmediato.",
    told_published: |version| format!("La versión {version} está en uso. La próxima respuesta ya la usa."),
    undo_changes: "Deshacer los cambios",
    undo_what: "Los ajustes guardados vuelven a ser los que están en uso. Los cambios de esta lista se pierden.",
    versions: "Versiones",
    version: |version| format!("Versión {version}"),
    by: |name| format!("por {name}"),
    in_use: "En uso",
    restore: "Restaurar",
    told_restored: |version| format!("La versión {version} está guardada de nuevo. Publíquela para usarla."),

    inboxes: "Canales",
    inboxes_help: "Qué puede hacer el asistente donde le escriben sus clientes.",
    no_inbox: (
        "Aún no hay canales",
        "Conecte WhatsApp, Instagram o Messenger y el asistente podrá responder allí. El conocimiento puede agregarse antes.",
    ),
    to_connections: "Conectar un canal",
    ask_owner: "El propietario del negocio puede conectar uno.",
    channel: Channel::spanish_name,
    mode,
    mode_help,
    mode_label: "El asistente aquí",
    off_line: "Desconectado: aquí no llega nada.",
    change: "Cambiar",
    cancel: "Cancelar",
    save: "Guardar",
    told_inbox: |name| format!("Guardado. Se aplica desde el próximo mensaje a {name}."),
    hours_label: "Cuándo responde solo",
    hours_help: "Según el reloj del negocio. Fuera de este horario redacta borradores.",
    any_time: "A cualquier hora",
    in_hours: "En el horario de abajo",
    by_day: "Horario por día",
    days_help: "En un día sin horas solo redacta borradores. El segundo par es para después de una pausa. Una hora que termina antes de empezar termina al día siguiente; horas iguales son 24 horas.",
    days: ["Lunes", "Martes", "Miércoles", "Jueves", "Viernes", "Sábado", "Domingo"],
    short_days: ["lun.", "mar.", "mié.", "jue.", "vie.", "sáb.", "dom."],
    opens: |day, again| format!("{day} desde{}", if again { ", segunda vez" } else { "" }),
    closes: |day, again| format!("{day} hasta{}", if again { ", segunda vez" } else { "" }),

    identity: "Quién es",
    identity_help: "Cómo habla y qué ofrece. Los datos que piden los clientes van en el conocimiento.",
    rules: "Cuándo interviene una persona",
    rules_help: "Siempre pasa la conversación cuando alguien pide hablar con una persona, cuando no sabe la respuesta y cuando no puede responder a tiempo.",
    limits: "Límites",
    limits_help: "Mantienen bajo control las conversaciones y los costos. Cuando se alcanza un límite, interviene una persona.",
    field,
    field_help,
    customers_language: "El del cliente",
    save_settings: "Guardar",
    told_saved: "Guardado. Publíquelo para usarlo.",

    knowledge_help: "El asistente responde con esto y con nada más. Un cambio se aplica desde el próximo mensaje.",
    no_knowledge: (
        "Aún no hay conocimiento",
        "Agregue las preguntas más frecuentes de sus clientes con sus respuestas. Sin conocimiento, el asistente pasa cada pregunta a una persona.",
    ),
    nothing_found: "Nada coincide.",
    search_knowledge: "Buscar en el conocimiento",
    add_question: "Agregar una pregunta",
    add_text: "Agregar un texto",
    question: "Pregunta",
    question_help: "Como la haría un cliente.",
    answer: "Respuesta",
    title: "Título",
    content: "Texto",
    content_help: "Precios, condiciones, cómo llegar: lo que pregunten los clientes. Se divide en pasajes en las líneas vacías.",
    a_question: "Pregunta y respuesta",
    a_text: "Texto",
    changed: "Cambiado",
    passages: "Pasajes en los que se busca",
    remove: "Eliminar",
    remove_what: "El asistente ya no responderá con esto. Las respuestas dadas quedan como están.",
    told_added: "Agregado. El asistente ya responde con ello.",
    told_changed: "Guardado. Se aplica desde la próxima respuesta.",
    told_removed: "Eliminado. El asistente ya no responde con ello.",
    next: "Siguiente",
    first_page: "Primera página",

    search_answers: "Buscar nombres y respuestas",
    answers_help: "Todo lo que el asistente escribió, pasó a una persona o dejó, y por qué.",
    no_answer: (
        "Aún no hay respuestas",
        "Cuando un cliente escriba a un canal donde el asistente está activo, aquí aparecerá lo que hizo.",
    ),
    no_answer_here: "Ninguna respuesta coincide.",
    show_all: "Mostrar todas",
    views: "Vistas",
    view,
    state,
    what_happened,
    unknown_contact: "Contacto sin nombre",
    no_text: "Sin texto",
    answer_to: |name| format!("Respuesta a {name}"),
    open_conversation: "Abrir la conversación",
    facts: "Detalles",
    asked_at: "Comenzada",
    decided: "Decidida",
    why,
    settings_version: "Ajustes",
    written_by: "Escrita por",
    tokens: "Tokens",
    token_count: |read, written| format!("{read} leídos, {written} escritos"),
    cost: "Costo",
    or_more: |cost| format!("{cost} o más"),
    under_a_cent: "menos de 1\u{a2}",
    unknown: "Desconocido",
    took: "Duró",
    asked: "El mensaje",
    factory: "De fábrica, antes de publicar",
    from_knowledge: "El conocimiento mismo, sin modelo de lenguaje",
    its_answer: "Su respuesta",
    sources: "Fuentes",
    no_sources: "No usó conocimiento.",
    steps: "Paso a paso",
    no_steps: "No se conserva ningún paso. Los pasos y pasajes se eliminan a los 90 días.",
    step,
};

const fn mode(mode: AiMode) -> &'static str {
    match mode {
        AiMode::Off => "Desactivado",
        AiMode::Draft => "Borradores",
        AiMode::Auto => "Responde solo",
    }
}

const fn mode_help(mode: AiMode) -> &'static str {
    match mode {
        AiMode::Off => "Solo responden personas.",
        AiMode::Draft => "Redacta un borrador para cada pregunta. Una persona lo envía.",
        AiMode::Auto => "Responde de inmediato y llama a una persona cuando debe.",
    }
}

fn field(key: &str) -> &'static str {
    match key {
        "name" => "Nombre",
        "personality" => "Tono",
        "greeting" => "Saludo",
        "instructions" => "Instrucciones",
        "services" => "Servicios",
        "disclosure" => "Aviso",
        "never" => "Temas que nunca atiende",
        "hand_over_words" => "Palabras que llaman a una persona",
        "hand_over_line" => "Mensaje al pasar a una persona",
        "links" => "Enlaces que puede enviar",
        "max_replies" => "Respuestas seguidas",
        "per_hour" => "Respuestas por hora",
        "batch_seconds" => "Espera antes de responder (segundos)",
        "daily_tokens" => "Presupuesto de IA por día (tokens)",
        "language" => "Idioma",
        _ => "Ajuste",
    }
}

fn field_help(key: &str) -> &'static str {
    match key {
        "personality" => "Por ejemplo: amable y breve.",
        "greeting" => "Cómo saluda a quien escribe por primera vez.",
        "instructions" => "Lo que debe saber de cómo trabaja usted, en sus propias palabras.",
        "services" => "Uno por línea: nombre | precio | descripción.",
        "disclosure" => {
            "Se envía antes de su primera respuesta de una conversación, para que nadie lo tome por una persona. Vacío: la frase habitual."
        }
        "never" => "Uno por línea. Un mensaje sobre uno de ellos pasa a una persona.",
        "hand_over_words" => "Una por línea, además de las habituales.",
        "hand_over_line" => "Se envía cuando el asistente decide pasar la conversación. Vacío: la frase habitual.",
        "links" => {
            "Uno por línea: www.example.com o una dirección completa. Una respuesta con otro enlace no se envía."
        }
        "max_replies" => "Después de tantas respuestas seguidas sin que intervenga nadie, se llama a una persona.",
        "per_hour" => "En una conversación.",
        "batch_seconds" => "Cuánto espera a que el cliente termine antes de responder una sola vez.",
        "daily_tokens" => {
            "En todas las conversaciones. 1,000 tokens son unas 750 palabras leídas o escritas. Se renueva a medianoche UTC. Con 0 se aplica solo el límite de su agencia."
        }
        _ => "",
    }
}

fn view(key: &str) -> &'static str {
    match key {
        "drafted" => "Borradores",
        "sent" => "Enviadas",
        "handed_over" => "Pasadas a una persona",
        "failed" => "Fallidas",
        _ => "Todas",
    }
}

const fn state(state: AnswerState) -> &'static str {
    match state {
        AnswerState::Thinking => "Pensando",
        AnswerState::Drafted => "Borrador",
        AnswerState::Sent => "Enviada",
        AnswerState::Edited => "Enviada con cambios",
        AnswerState::Dismissed => "Descartada",
        AnswerState::Dropped => "Abandonada",
        AnswerState::HandedOver => "Pasada a una persona",
        AnswerState::Failed => "Fallida",
    }
}

const fn what_happened(state: AnswerState) -> &'static str {
    match state {
        AnswerState::Thinking => "Se está escribiendo.",
        AnswerState::Drafted => "Un borrador espera a una persona en la conversación.",
        AnswerState::Sent => "El cliente recibió esta respuesta.",
        AnswerState::Edited => "Una persona cambió el borrador y lo envió.",
        AnswerState::Dismissed => "Una persona no quiso este borrador.",
        AnswerState::Dropped => "Ya no hacía falta, así que no se envió nada.",
        AnswerState::HandedOver => "Ahora responde una persona. El asistente no envió nada más.",
        AnswerState::Failed => {
            "No se pudo escribir. El mensaje del cliente espera a una persona en la bandeja de entrada."
        }
    }
}

fn why(reason: &str) -> String {
    let known = match reason {
        "asked_for_person" => "El cliente pidió hablar con una persona.",
        "no_knowledge" => "El conocimiento no tiene respuesta a esto. Agregue una y el próximo cliente la recibirá.",
        "never_topic" => "El mensaje trata de un tema que nunca atiende.",
        "angry" => "El cliente está molesto.",
        "too_many_replies" => "Ya había respondido muchas veces seguidas.",
        "budget" => "Su presupuesto de IA del día se agotó.",
        "provider_down" => "El modelo de lenguaje no respondió.",
        "blocked" => "Su respuesta rompía una regla y se retuvo.",
        "model_asked" => "El modelo de lenguaje pidió que responda una persona.",
        "outside_window" => "El canal ya no admite una respuesta libre: el cliente escribió hace demasiado tiempo.",
        "The customer wrote again." => "El cliente volvió a escribir.",
        "A person answered." => "Respondió una persona.",
        "A person took over." => "Una persona se hizo cargo.",
        "A person answers this conversation." => "Una persona responde en esta conversación.",
        "A person answered a short time ago." => "Una persona respondió hace poco.",
        "The customer wants no automatic messages." => "El cliente no quiere mensajes automáticos.",
        "The customer wants automatic messages again." => "El cliente vuelve a querer mensajes automáticos.",
        "The assistant's tokens of today are used up." => "Los tokens de hoy del asistente se agotaron.",
        "A program wrote." => "Escribió un programa.",
        "The channel is disconnected." => "El canal está desconectado.",
        "The assistant is switched off here." => "El asistente está desactivado aquí.",
        "The answer failed too often." => "La respuesta falló demasiadas veces.",
        "It waits for a person." => "Espera a una persona.",
        "The answer is fit to be sent." => "La respuesta puede enviarse.",
        "A program wrote: nothing is answered." => "Escribió un programa: no se responde.",
        "A greeting is greeted back." => "A un saludo se responde con un saludo.",
        "The best passage answers." => "Responde el mejor pasaje.",
        other => other,
    };
    known.to_owned()
}

fn step(key: &str) -> String {
    let known = match key {
        "rules" => "Reglas",
        "search" => "Conocimiento",
        "local" => "Elección de un pasaje",
        "model" => "Modelo de lenguaje",
        "tool" => "Pedido del modelo",
        "grounds" => "Fundamentos",
        "guard" => "Control de la respuesta",
        "draft" => "Borrador",
        "send" => "Envío",
        "drop" => "Abandono",
        "opt_out" => "Sin más mensajes",
        "hand_over" => "Paso a una persona",
        "give_up" => "Renuncia",
        other => other,
    };
    known.to_owned()
}
