//! What do the settings of notifications say in each language? One field for each text; the compiler refuses a language
//! or a kind that lacks one.

use domain::language::Language;
use domain::notifications::choices::{Channel, Quiet, clock};
use domain::notifications::{Kind, Severity};

/// The texts of one language.
pub(crate) struct Texts {
    /// The heading above the kinds of a severity.
    pub group: fn(Severity) -> &'static str,
    pub times: &'static str,
    /// As the one agency of a person chose.
    pub as_agency: fn(&str) -> String,
    /// As each agency of a person chose.
    pub as_agencies: &'static str,
    /// What is usual.
    pub usual: fn(&str) -> String,
    pub kind: fn(Kind) -> &'static str,
    pub channel: fn(Channel) -> &'static str,
    /// An hour of the day, 0 to 23.
    pub hour: fn(u8) -> String,
    pub quiet_hours: fn(Quiet) -> String,
    pub jobs: &'static str,
    pub jobs_help: &'static str,
    pub own_jobs: &'static str,
    pub all_jobs: &'static str,
    pub summary: &'static str,
    pub quiet: &'static str,
    pub quiet_help: &'static str,
    pub in_quiet: &'static str,
    pub wait: &'static str,
    pub at_once: &'static str,
    pub zone: &'static str,
}

/// The texts of a language.
pub(crate) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

/// A kind of notification in words.
#[must_use]
pub fn notification_words(language: Language, kind: Kind) -> &'static str {
    (texts(language).kind)(kind)
}

static ENGLISH: Texts = Texts {
    group: |severity| match severity {
        Severity::NeedsYou => "Needs attention",
        Severity::Finished => "Finished",
        Severity::Info => "Good to know",
    },
    times: "Timing and scope",
    as_agency: |chosen| format!("Same as agency: {chosen}"),
    as_agencies: "Same as each agency",
    usual: |usual| format!("Default: {usual}"),
    kind: Kind::words,
    channel: Channel::words,
    hour: clock,
    quiet_hours: Quiet::words,
    jobs: "Jobs and imports",
    jobs_help: "If the person who started a job has left, the agency's owners and admins are told.",
    own_jobs: "Only what I started",
    all_jobs: "What anyone started",
    summary: "Daily summary",
    quiet: "Quiet hours",
    quiet_help: "Emails are held during these hours and sent afterward, unless you have already seen the notification in Slipway.",
    in_quiet: "In quiet hours",
    wait: "Wait until they end",
    at_once: "Send what needs me right away",
    zone: "Time zone",
};

static SPANISH: Texts = Texts {
    group: |severity| match severity {
        Severity::NeedsYou => "Requiere su atención",
        Severity::Finished => "Terminado",
        Severity::Info => "Para su información",
    },
    times: "Cuándo y sobre qué",
    as_agency: |chosen| format!("Igual que la agencia: {chosen}"),
    as_agencies: "Igual que cada agencia",
    usual: |usual| format!("Lo habitual: {usual}"),
    kind: spanish_kind,
    channel: |channel| match channel {
        Channel::Off => "Desactivado",
        Channel::App => "En Slipway",
        Channel::Digest => "En Slipway y en el resumen diario",
        Channel::Mail => "En Slipway y por correo",
    },
    hour: spanish_hour,
    quiet_hours: |quiet| {
        if quiet == Quiet::NONE {
            "Ninguna".to_owned()
        } else {
            format!("De {} a {}", spanish_hour(quiet.from), spanish_hour(quiet.to))
        }
    },
    jobs: "Trabajos e importaciones",
    jobs_help: "Si quien inició un trabajo ya no está, se avisa a todos los que dirigen la agencia.",
    own_jobs: "Solo lo que yo inicié",
    all_jobs: "Lo que inició cualquiera",
    summary: "Resumen diario",
    quiet: "Horas de silencio",
    quiet_help: "En estas horas no se envía ningún correo. Llega cuando terminan, salvo que ya se haya visto.",
    in_quiet: "En las horas de silencio",
    wait: "Esperar a que terminen",
    at_once: "Enviar enseguida lo que me requiere",
    zone: "Zona horaria",
};

const fn spanish_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::JobFailed => "Un trabajo falló",
        Kind::JobNeedsInput => "Un trabajo necesita su respuesta",
        Kind::JobFinished => "Un trabajo terminó",
        Kind::BatchFinished => "Una importación terminó",
        Kind::ConnectionLost => "Se perdió una conexión",
        Kind::ConnectionRestored => "Una conexión vuelve a funcionar",
        Kind::ConnectionEnding => "Una conexión termina pronto",
        Kind::TodoAssigned => "Se le asignó una tarea pendiente",
        Kind::InvitationAccepted => "Se aceptó una invitación",
        Kind::ClientCreated => "Se agregó un cliente",
        Kind::WebhookDisabled => "Se desactivó un webhook",
        Kind::ConversationHandedOver => "Un cliente espera hablar con una persona",
        Kind::UsageLimit => "Un cliente se acerca a un límite de uso",
        Kind::FilesLimit => "Un cliente se acerca a su límite de archivos",
        Kind::ToolApproval => "Un agente de IA pide aprobación",
    }
}

/// An hour as clocks in Latin America show it: "17:00".
fn spanish_hour(hour: u8) -> String {
    format!("{hour:02}:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_is_said_in_both_languages_and_differently() {
        let (english, spanish) = (texts(Language::English), texts(Language::Spanish));
        for kind in Kind::ALL {
            assert_ne!((english.kind)(kind), (spanish.kind)(kind));
            assert_eq!(notification_words(Language::English, kind), kind.words());
        }
        for channel in Channel::ALL {
            assert_ne!((english.channel)(channel), (spanish.channel)(channel));
        }
        for severity in [Severity::NeedsYou, Severity::Finished, Severity::Info] {
            assert_ne!((english.group)(severity), (spanish.group)(severity));
        }
        for quiet in [Quiet::NONE].into_iter().chain(Quiet::OFFERED) {
            assert_ne!((english.quiet_hours)(quiet), (spanish.quiet_hours)(quiet));
        }
        assert_eq!((spanish.quiet_hours)(Quiet { from: 22, to: 7 }), "De 22:00 a 07:00");
    }
}
