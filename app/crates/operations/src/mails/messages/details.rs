//! What else does a mail about a notification say, in Spanish? The sentences are written in English where something
//! happens, for pages, other programs and mails alike; `{}` stands for a part that changes. What is not known here stays
//! as it is: a name, what HighLevel said, a sentence of another version.

use domain::identity::Role;
use domain::language::Language;
use domain::language::sentences::said;
use domain::notifications::Kind;
use domain::tools::names;

use super::job_details::{DOINGS, JOBS};
use crate::tools::TOOLS;

/// The sentences about conversations, usage and files, and the same in Spanish.
const DETAILS: &[(&str, &str)] = &[
    ("The customer asked for a person.", "El cliente pidió hablar con una persona."),
    ("Nothing in the knowledge answers the question.", "Nada de lo que sabe el asistente responde la pregunta."),
    ("It is about a topic that only people handle.", "Se trata de un tema que solo atienden personas."),
    ("The customer is upset.", "El cliente está molesto."),
    ("The assistant answered as often as it may.", "El asistente ya respondió todas las veces que puede."),
    ("The assistant's tokens of today are used up.", "Los tokens de hoy del asistente se agotaron."),
    ("The assistant could not write an answer.", "El asistente no pudo escribir una respuesta."),
    (
        "The answer that was written was not fit to be sent.",
        "La respuesta que se escribió no era adecuada para enviarse.",
    ),
    (
        "The assistant was not sure and asks for a person.",
        "El asistente no estaba seguro y pide que responda una persona.",
    ),
    (
        "The time in which the customer may be answered is over.",
        "Terminó el tiempo en que se puede responder al cliente.",
    ),
    ("The customer wants no automatic messages.", "El cliente no quiere mensajes automáticos."),
    ("An automatic answer could not be sent.", "No se pudo enviar una respuesta automática."),
    ("A scheduled message was not sent.", "Un mensaje programado no se envió."),
    (
        "An answer could not be sent for a day, because its channel does not work.",
        "Una respuesta no se pudo enviar durante un día porque su canal no funciona.",
    ),
    ("{} of {} messages are sent.", "Se enviaron {} de {} mensajes."),
    (
        "{} of {} messages are sent. In web chat people answer now; the assistant keeps what is left for customers on other channels.",
        "Se enviaron {} de {} mensajes. En el chat web ahora responden personas; el asistente guarda lo que queda para los clientes de otros canales.",
    ),
    (
        "{} of {} messages are sent. The assistant writes drafts only; people can still answer.",
        "Se enviaron {} de {} mensajes. El asistente solo escribe borradores; las personas aún pueden responder.",
    ),
    ("The assistant used {} of today's {} tokens.", "El asistente usó {} de los {} tokens de hoy."),
    (
        "The assistant used {} of today's {} tokens. In web chat people answer now; the assistant keeps what is left for customers on other channels.",
        "El asistente usó {} de los {} tokens de hoy. En el chat web ahora responden personas; el asistente guarda lo que queda para los clientes de otros canales.",
    ),
    (
        "The assistant used {} of today's {} tokens. People answer until midnight UTC, when a new day begins.",
        "El asistente usó {} de los {} tokens de hoy. Responden personas hasta la medianoche UTC, cuando comienza un nuevo día.",
    ),
    ("{} of {} are used.", "Se usan {} de {}."),
    (
        "{} of {} are used. New files wait for room, and the platform keeps them for a week. Whoever runs this installation can give more room.",
        "Se usan {} de {}. Los archivos nuevos esperan a que haya espacio y la plataforma los guarda una semana. Quien administra esta instalación puede dar más espacio.",
    ),
];

/// What else is known of an event, in Spanish.
pub(super) fn spanish(kind: Kind, detail: &str) -> String {
    let known = match kind {
        Kind::InvitationAccepted => role(detail),
        Kind::ToolApproval => tool(detail),
        // The name of a client.
        Kind::TodoAssigned => None,
        _ => sentence(detail),
    };
    known.unwrap_or_else(|| detail.to_owned())
}

fn role(label: &str) -> Option<String> {
    let role = Role::ALL.into_iter().find(|role| role.label() == label)?;
    Some(Language::Spanish.role(role).to_owned())
}

/// A tool of ours by its title. Those of other servers keep their names.
fn tool(title: &str) -> Option<String> {
    let tool = TOOLS.iter().copied().flatten().find(|tool| tool.title == title)?;
    names::in_spanish(tool.name).map(ToOwned::to_owned)
}

/// A sentence, or a part of one.
fn sentence(text: &str) -> Option<String> {
    let mut known = DETAILS.iter().chain(JOBS).chain(DOINGS);
    known.find_map(|(english, spanish)| said(text, english, spanish, inside))
}

/// A part of a sentence: a list of differences, a sentence itself, or something that stays.
fn inside(part: &str) -> String {
    let listed: Option<Vec<String>> = part.split("; ").map(sentence).collect();
    listed.map(|parts| parts.join("; ")).or_else(|| sentence(part)).unwrap_or_else(|| part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: &str = include_str!("../../../../ghl/src/ops.rs");
    const REASONS: &str = include_str!("../../../../../../server/crates/worker/src/assistant/words.rs");
    const LATE: &str = include_str!("../../../../store/src/messaging/at_their_time.rs");
    const STALE: &str = include_str!("../../../../store/src/messaging/stale.rs");

    /// What tells people of something in a sentence of its own.
    const SOURCES: [&str; 27] = [
        CALLS,
        REASONS,
        LATE,
        STALE,
        include_str!("../../../../store/src/assistant/ending.rs"),
        include_str!("../../../../store/src/messaging/room.rs"),
        include_str!("../../../../store/src/messaging/unanswered.rs"),
        include_str!("../../../../store/src/usage/told.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/crashes.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/run.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/settle.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/step.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/check_plan.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/create_business.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/create_location/adopted.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/create_location/mod.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/create_location/questions.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/create_users/mod.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/create_users/refused.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/create_users/user_lease.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/fill_values/same_key.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/finish.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/mint_token.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/validate_client.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/validate_snapshot.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/verify.rs"),
        include_str!("../../../../../../server/crates/worker/src/provisioning/steps/wait_snapshot.rs"),
    ];

    #[test]
    fn every_sentence_is_one_that_is_still_written() {
        let code = SOURCES.concat().replace("\\u{201c}", "“").replace("\\u{201d}", "”");
        // Three facts are compared in one place.
        let code = code.replace("the {what} is {found}", "the country is, the time zone is, the phone is");
        for (english, spanish) in DETAILS.iter().chain(JOBS).chain(DOINGS) {
            assert_eq!(english.matches("{}").count(), spanish.matches("{}").count(), "{english}");
            assert!(english != spanish, "{english}");
            for piece in english.split("{}").flat_map(|piece| piece.split_inclusive(". ")) {
                let piece = piece.trim_end_matches([' ', ',', '.', ':']);
                assert!(code.contains(piece), "nobody says {piece:?} any more: {english}");
            }
        }
    }

    #[test]
    fn why_a_customer_waits_and_what_a_job_did_is_known() {
        let reasons = REASONS.lines().filter(|line| line.contains("HandOver::") && line.contains(" => \""));
        let details = LATE.lines().chain(STALE.lines()).filter(|line| line.trim_start().starts_with("detail: \""));
        let of_jobs = CALLS.lines().take_while(|line| !line.trim_start().starts_with("SEARCH_CONTACTS "));
        let doings = of_jobs.filter(|line| line.ends_with("\";"));
        let quoted = |line: &'static str| line.trim_end_matches(['"', ',', ';']).rsplit('"').next().unwrap_or_default();
        let texts: Vec<&str> = reasons.chain(details).chain(doings).map(quoted).collect();
        assert!(texts.len() > 30, "they are written in another way now: {texts:?}");
        for text in texts {
            assert!(sentence(text).is_some(), "mails/messages lacks {text}");
        }
    }

    #[test]
    fn a_detail_is_said_by_what_it_is_about() {
        for (kind, detail, expected) in [
            (Kind::UsageLimit, "80 of 100 messages are sent.", "Se enviaron 80 de 100 mensajes."),
            (Kind::FilesLimit, "4.5 GB of 5 GB are used.", "Se usan 4.5 GB de 5 GB."),
            (Kind::InvitationAccepted, "Agency admin", "Administrador de la agencia"),
            (Kind::ToolApproval, "Search contacts", "Buscar contactos"),
            (Kind::ToolApproval, "acme_do_it", "acme_do_it"),
            (Kind::TodoAssigned, "The customer is upset.", "The customer is upset."),
            (Kind::ConversationHandedOver, "It rains.", "It rains."),
            (
                Kind::JobNeedsInput,
                "HighLevel didn't allow creating the sub-account: Too many.",
                "HighLevel no permitió crear la subcuenta: Too many.",
            ),
            (
                Kind::JobFailed,
                "HighLevel doesn't match the order: the phone is +1; the tag “a” is missing; the tag “b” is missing.",
                "HighLevel no coincide con el pedido: el teléfono es +1; falta la etiqueta «a»; falta la etiqueta «b».",
            ),
            (
                Kind::JobNeedsInput,
                "This takes longer than 5 minutes. HighLevel hasn't installed the app in the new sub-account yet.",
                "Esto tarda más de 5 minutos. HighLevel aún no instaló la aplicación en la subcuenta nueva.",
            ),
        ] {
            assert_eq!(spanish(kind, detail), expected);
        }
    }
}
