//! The texts in Spanish.

use domain::tools::{ApprovalState, ApprovedFor, Outcome, Policy, names};
use operations::tokens::Lifetime;
use operations::tools::Effect;
use operations::tools::area::Area;

use super::{Texts, aside, told};
use crate::tools::place::Part;
use crate::tools::servers::State;

pub(super) static TEXTS: Texts = Texts {
    parts: "Partes de las herramientas de IA",
    part: |part| match part {
        Part::Agents => "Herramientas de IA",
        Part::Approvals => "Aprobaciones",
        Part::Log => "Registro",
        Part::Trust => "Qué hicieron los agentes",
    },
    stopped: "Todas las herramientas de IA de este negocio están detenidas. Ningún agente lee ni cambia nada.",
    all_stopped: "La plataforma detuvo las herramientas de IA de todos. Ningún agente lee ni cambia nada.",

    help: "Un agente de IA, como Claude o Cursor, trabaja solo con los contactos, las conversaciones y el calendario de este negocio. Lee de inmediato; antes de cambiar algo, se pregunta a una persona.",
    no_agent: (
        "Aún no hay agentes de IA",
        "Conecte uno: póngale un nombre y pegue en su configuración las líneas que aparecen.",
    ),
    agents: "Agentes de IA",
    used: "usado",
    last_used: "Último uso",
    never_used: "nunca usado",
    expires: "vence",
    connected_by: |name| format!("conectado por {name}"),
    by_browser: |host| format!("inició sesión por navegador desde {host}"),
    what_it_may: "Qué puede hacer",
    servers: "Herramientas de otros programas",
    servers_help: "Su agencia conectó estos programas. Los agentes de IA pueden usar lo que ofrecen con las mismas reglas que las demás herramientas.",
    server_state: |state| match state {
        State::NotAllowed => "Ya no está permitido",
        State::Off => "Desactivado",
        State::Silent => "No responde",
        State::NotAsked => "Aún sin consultar",
        State::SomeAside => "Algunas herramientas apartadas",
        State::Working => "Funciona",
    },
    asked_at: "consultado",
    tools_offered: |count| if count == "1" { "1 herramienta".to_owned() } else { format!("{count} herramientas") },
    set_aside: "Apartadas",
    aside_reason: |reason| aside::spanish(reason).to_owned(),
    told: told::spanish,
    new_agent: "Conectar un agente de IA",
    name: "Nombre",
    name_example: "Claude en mi computadora",
    expires_label: "Vence",
    lifetime: |lifetime| match lifetime {
        Lifetime::Month => "En 30 días",
        Lifetime::Quarter => "En 90 días",
        Lifetime::Year => "En un año",
    },
    new_help: "Recibe un token propio, que sirve solo para este negocio y termina cuando vence o cuando usted pierde este permiso.",
    sign_in_help: "Un programa que inicia sesión por navegador solo necesita la dirección, sin token: le pide permiso a usted.",
    connect: "Conectar",
    switch: "Parada de emergencia",
    switch_help: "Detiene de inmediato a todos los agentes de IA de este negocio, sin importar qué tengan permitido. Los tokens y los ajustes se conservan.",
    stop: "Detener todas las herramientas de IA",
    stop_confirm: "Las llamadas que ya empezaron terminan; las demás se rechazan hasta que alguien las permita de nuevo.",
    resume: "Permitirlas de nuevo",

    your_token: "Su nuevo token",
    how_to_connect: "Cómo se conecta un programa",
    copy_now: "Cópielo ahora, o copie las líneas de abajo: no se vuelve a mostrar.",
    copy_token: "Copiar el token",
    address: "Dirección:",
    copy_address: "Copiar la dirección",
    copy_lines: "Copiar las líneas",
    replace: |token| format!("Ponga el token en lugar de {token}. Se muestra una sola vez, al conectar un agente."),

    about: "Sobre este agente",
    token: "Token",
    made_by: "Conectado por",
    today_label: "Hoy",
    today: |calls, writes| {
        let changes = if writes == "1" { "cambio" } else { "cambios" };
        format!("{calls} llamada{}, con {writes} {changes}", many(calls))
    },
    open_log: "Qué hizo",
    disconnect: "Desconectar",
    disconnect_help: "Su token deja de funcionar de inmediato. Lo que hizo permanece en el registro.",
    budget: "Límites diarios",
    calls_a_day: "Llamadas",
    writes_a_day: "Cambios",
    budget_help: "Un día va de medianoche a medianoche UTC. Al llegar a un límite, las demás llamadas se rechazan hasta el día siguiente.",
    save_budget: "Guardar los límites",
    bad_count: "Escriba un número de 0 a 1,000,000.",
    money_a_day: "Dinero para mensajes de pago",
    message_price: "Precio de un mensaje de pago",
    money_help: "Las plantillas de WhatsApp y los mensajes por HighLevel cuestan dinero. Escriba los importes en la moneda en que le facturan, como 5 o 0.05. Sin un importe el dinero no tiene límite.",
    bad_amount: "Escriba un importe como 5 o 0.05.",
    price_missing: "Escriba cuánto cuesta un mensaje de pago. Sin ese importe el dinero no tiene límite.",
    spent: |amount| format!("{amount} gastados en mensajes"),

    policies: "Qué puede hacer",
    policy: |policy| match policy {
        Policy::Allow => "Permitir",
        Policy::Ask => "Preguntar",
        Policy::Deny => "Rechazar",
        Policy::DryRun => "Simular",
    },
    policy_help: |policy| match policy {
        Policy::Allow => "Se ejecuta de inmediato.",
        Policy::Ask => "Una persona aprueba antes cada llamada.",
        Policy::Deny => "Se rechaza.",
        Policy::DryRun => "Responde qué haría y no hace nada.",
    },
    policy_of: |tool| format!("Qué sucede con: {tool}"),
    area: |area| match area {
        Area::Inbox => "Bandeja de entrada",
        Area::Todos => "Tareas pendientes",
        Area::Knowledge => "Conocimiento",
        Area::Business => "Negocio",
        Area::HighLevel => "HighLevel",
    },
    server_tools: |prefix| format!("Servidor de herramientas: {prefix}"),
    all_of_these: "Para todas:",
    each_its_own: "Según lo elegido",
    policy_of_all: |group| format!("Qué pasa con todas las herramientas de: {group}"),
    save_policies: "Guardar",
    effect: |effect| match effect {
        Effect::Read => None,
        Effect::Write => Some("Cambia"),
        Effect::Destructive => Some("Elimina"),
    },
    tool: names::in_spanish,

    approvals_help: "Lo que los agentes de IA quieren cambiar espera aquí durante un día. Lo que usted aprueba se ejecuta exactamente como figura aquí. Durante una hora o siempre, el mismo agente puede volver a usar la misma herramienta sin preguntar; en su página se puede revocar.",
    nothing_waits: ("No hay nada en espera", "En cuanto un agente de IA pida algo, aparecerá aquí."),
    asks: |agent, tool| format!("{agent}: {tool}"),
    expires_in: "vence en",
    over: "un momento",
    approve: |how| match how {
        ApprovedFor::Once => "Aprobar una vez",
        ApprovedFor::Hour => "Aprobar durante una hora",
        ApprovedFor::Always => "Aprobar siempre",
    },
    decide: "Leer y decidir",
    reject: "Rechazar",
    reason: "Por qué, para el agente (opcional)",
    goes: "Se quita",
    comes: "Se agrega",
    and_more: |count| format!("y {count} más"),
    decided: "Decididas",
    state: |state| match state {
        ApprovalState::Waiting => "En espera",
        ApprovalState::Approved => "Aprobada",
        ApprovalState::Done => "Hecha",
        ApprovalState::Failed => "Fallida",
        ApprovalState::Rejected => "Rechazada",
        ApprovalState::Expired => "Vencida",
    },
    by: |name| format!("por {name}"),
    open_call: "Abrir la llamada",

    log_help: "Lo que llamó cada agente de IA, lo más reciente primero. Un mismo rechazo figura una vez por minuto. Cada línea está encadenada a la anterior, así que ninguna se puede cambiar ni quitar sin que se note.",
    export: "Exportar CSV",
    agent: "Agente de IA",
    all_agents: "Todos",
    tool_label: "Herramienta",
    from: "Desde",
    to: "Hasta",
    filter: "Filtrar",
    clear: "Quitar los filtros",
    views: "Vistas",
    all: "Todas",
    outcome: |outcome| match outcome {
        Outcome::Running => "En curso",
        Outcome::Done => "Hecha",
        Outcome::Failed => "Fallida",
        Outcome::Refused => "Rechazada",
        Outcome::Waiting => "Espera a una persona",
        Outcome::DryRun => "Simulada",
        Outcome::Limited => "Límite alcanzado",
    },
    approved_by: |name| format!("aprobada por {name}"),
    no_call: ("Aún no hay llamadas", "En cuanto un agente de IA use una herramienta, la llamada figurará aquí."),
    no_call_here: "Aquí no hay llamadas.",
    show_all: "Mostrar todo",
    first_page: "Primera página",
    next: "Siguiente",

    what_was_shown: "Lo que se aprobó",
    more_of_agent: "Más de este agente",
    arguments: "Con qué se llamó",
    masked: "Los secretos y los datos personales se omiten.",
    log_proof: "Prueba del registro",
    verified: "Registro verificado",
    verified_help: "Cada llamada está encadenada a la anterior. La cadena entera se revisa una vez al día, así que se descubre si alguien cambió o eliminó una llamada.",
    not_verified_yet: "El registro se revisa una vez al día. Todavía no se ha revisado.",
    broken: |places| {
        if places == "1" {
            "El registro no encaja en un lugar. Alguien cambió o eliminó una llamada fuera de este producto. Avise a su agencia.".to_owned()
        } else {
            format!(
                "El registro no encaja en {places} lugares. Alguien cambió o eliminó llamadas fuera de este producto. Avise a su agencia."
            )
        }
    },
    looked_at: "Revisado",
    removed: "Eliminado, porque se borró el contacto.",
    facts: "Detalles",
    called_at: "Llamada",
    policy_label: "Regla",
    approver: "Aprobada por",
    took: "Duró",
    result_size: "Tamaño del resultado",
    bytes: |count| format!("{count} bytes"),
    chain: "Lugar en el registro",
    place_in_chain: |place| format!("Número {place}"),

    trust_help: "Lo que los agentes de IA hicieron con su negocio en los últimos 30 días.",
    nothing_done: ("No se hizo nada", "Ningún agente de IA usó una herramienta en los últimos 30 días."),
    times_read: "Lecturas",
    times_changed: "Cambios",
    times_approved: "Aprobados por una persona",
    times_stopped: "Detenidos",
    by_tool: "Por herramienta",
    read_every_call: "Leer cada llamada",
    done_times: |count| {
        if count == "0" { "nada hecho todavía".to_owned() } else { format!("{count} hecha{}", many(count)) }
    },
    of_them_approved: |count| format!("{count} aprobada{} por una persona", many(count)),
    refused_times: |count| format!("{count} detenida{}", many(count)),
    failed_times: |count| format!("{count} fallida{}", many(count)),
    what_holds: "Reglas para todos los agentes",
    promises: &[
        "Llega solo a este negocio, nunca a los datos de otro.",
        "Antes de cambiar algo se pregunta a una persona, a menos que alguien de ustedes haya decidido otra cosa para esa herramienta.",
        "No puede eliminar nada a menos que alguien de ustedes lo haya permitido.",
        "Nunca recibe las claves de sus cuentas.",
        "Cada llamada que se ejecutó figura en el registro durante un año, con quién la aprobó.",
        "Usted puede detenerlos a todos con un botón.",
    ],

    told_disconnected: "Desconectado. Su token ya no funciona.",
    told_policies: "Guardado. Se aplica desde la próxima llamada.",
    told_budget: "Límites guardados.",
    told_stopped: "Todas las herramientas de IA de este negocio están detenidas.",
    told_resumed: "Las herramientas de IA funcionan de nuevo.",
    told_approved: |how| match how {
        ApprovedFor::Once => "Aprobada. Se ejecuta en cuanto el agente pida su resultado.",
        ApprovedFor::Hour => "Aprobada. Durante una hora este agente puede usar esta herramienta sin preguntar.",
        ApprovedFor::Always => "Aprobada. Desde ahora este agente usa esta herramienta sin preguntar.",
    },
    told_rejected: "Rechazada. Se le comunica al agente.",
};

/// The end of a word that stands behind a count, which comes as it is shown.
fn many(count: &str) -> &'static str {
    if count == "1" { "" } else { "s" }
}
