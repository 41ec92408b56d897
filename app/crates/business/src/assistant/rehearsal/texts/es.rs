//! The texts in Spanish.

use domain::assistant::rehearsal::{CaseState, Mark, RunState, Tally};
use domain::messaging::Sender;

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    try_out: "Chat de prueba",
    try_help: "Pregunte como lo haría un cliente. No se envía nada ni se crea ninguna conversación; lo que cuesta se suma a los tokens del día.",
    question: "Su pregunta",
    tried_settings: "Ajustes",
    saved: "Guardados, sin publicar",
    published: "En uso",
    ask: "Preguntar",
    start_over: "Empezar de nuevo",
    nothing_asked: ("Todavía no hay preguntas", "La respuesta aparece aquí con sus fuentes, el porqué y lo que costó."),
    you: "Usted",
    so_far: "Todavía escribe. La respuesta completa se revisa antes de contar.",
    tried_with: |published| if published { "Con los ajustes en uso" } else { "Con los ajustes guardados" },
    chat_is_full: "Un chat de prueba tiene 20 preguntas. La próxima pregunta empieza otro.",

    case_state,
    cost_unknown: "costo desconocido",
    no_cost: "sin costo",

    rehearsals: "Ensayos",
    rehearsals_help: "Vea qué dirían los ajustes guardados y el conocimiento de hoy a lo que los clientes ya preguntaron. No se envía nada.",
    new_rehearsal: "Ensayo nuevo",
    choose_help: "Elija hasta 20 preguntas. Estas son las más recientes que tuvieron respuesta.",
    no_past: (
        "Todavía no hay preguntas anteriores",
        "En cuanto un cliente haya escrito y recibido una respuesta, su pregunta se podrá ensayar aquí.",
    ),
    rehearse: "Ensayar",
    said_then: "Respuesta",
    done_before: "Ensayos de los últimos 30 días",
    none_before: "Todavía ninguno.",
    rehearsal_of: |day| format!("Ensayo del {day}"),
    run_state,
    told_started: "El ensayo está en marcha. Las respuestas aparecen una tras otra; puede salir de esta página.",
    told_cancelled: "El ensayo se canceló. Lo que ya se respondió se conserva.",
    questions: |count| if count == 1 { "1 pregunta".to_owned() } else { format!("{count} preguntas") },
    progress: |done, all| format!("{done} de {all} preguntadas"),
    pass_mark,
    cancel: "Cancelar el ensayo",
    cancel_what: "Las preguntas que aún no se hicieron se omiten. Lo que ya se respondió queda aquí.",
    publish_title: "Publicar",
    publish_what: "Estos ajustes están guardados y aún no se usan. Publíquelos y la próxima respuesta los usará.",
    is_in_use: "Los ajustes de este ensayo están en uso.",
    changed_since: "Los ajustes guardados ya no son los de este ensayo. Ensáyelos antes de publicarlos.",
    rehearse_again: "Ensayar otra vez",
    spent: "Consumo",
    then,
    now: "Ahora",
    nothing_said: "No se diría nada.",
    verdict: "En comparación con entonces",
    mark,
    marks: |[better, same, worse]| {
        let better = counted(better, "mejor", "mejores");
        format!("{better}, {}, {}", counted(same, "igual", "iguales"), counted(worse, "peor", "peores"))
    },
};

const fn case_state(state: CaseState) -> &'static str {
    match state {
        CaseState::Waiting => "Pensando",
        CaseState::Answered => "Responde",
        CaseState::HandedOver => "Pasa a una persona",
        CaseState::Quiet => "No dice nada",
        CaseState::Failed => "Sin probar",
        CaseState::Cancelled => "Cancelada",
    }
}

const fn run_state(state: RunState) -> &'static str {
    match state {
        RunState::Running => "En marcha",
        RunState::Done => "Terminado",
        RunState::Cancelled => "Cancelado",
    }
}

fn pass_mark(tally: &Tally) -> String {
    let further = [
        (tally.handed_over, "pasaría a una persona", "pasarían a una persona"),
        (tally.quiet, "quedaría sin respuesta", "quedarían sin respuesta"),
        (tally.untried, "sin probar", "sin probar"),
        (tally.waiting, "aún sin preguntar", "aún sin preguntar"),
    ];
    let further = further.into_iter().filter(|(count, ..)| *count > 0);
    let further: String = further.map(|(count, one, many)| format!(", {}", counted(count, one, many))).collect();
    let would = if tally.answered == 1 { "tendría" } else { "tendrían" };
    format!("{} de {} {would} respuesta{further}.", tally.answered, tally.all())
}

/// A count with the word that fits it.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

const fn then(sender: Option<Sender>) -> &'static str {
    match sender {
        Some(Sender::Assistant) => "Lo que dijo entonces el asistente",
        Some(Sender::Person | Sender::Echo) => "Lo que dijo entonces una persona",
        _ => "Lo que se dijo entonces",
    }
}

const fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Better => "Mejor",
        Mark::Same => "Igual",
        Mark::Worse => "Peor",
    }
}
