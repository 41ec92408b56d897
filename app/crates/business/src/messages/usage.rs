//! Which texts do the figures of the inbox and of usage show, in each language?

use domain::language::Language;
use domain::usage::grouped;

/// The texts of one language.
pub(crate) struct UsageTexts {
    /// What the figures are about, for assistive technology.
    pub figures: &'static str,
    pub open: &'static str,
    pub waiting: &'static str,
    pub unread: &'static str,
    pub answered: &'static str,
    pub this_month: &'static str,
    pub sent: &'static str,
    /// The limit, as a number.
    pub of_limit: fn(i64) -> String,
    /// Messages that were sent, and the limit.
    pub near: fn(i64, i64) -> String,
    /// The limit.
    pub reached: fn(i64) -> String,
    /// Tokens that were used today, and the limit.
    pub tokens_near: fn(i64, i64) -> String,
    /// The limit of tokens.
    pub tokens_reached: fn(i64) -> String,
    pub last_days: &'static str,
    /// When a day begins: the counters know no other one.
    pub days_begin: &'static str,
    pub nothing_in_days: &'static str,
    pub chart: &'static str,
    pub as_table: &'static str,
    pub day: &'static str,
    pub number: fn(i64) -> String,
}

/// The texts of a language.
pub(crate) const fn usage(language: Language) -> &'static UsageTexts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: UsageTexts = UsageTexts {
    figures: "Inbox at a glance",
    open: "Open conversations",
    waiting: "Waiting for an answer",
    unread: "Unread conversations",
    answered: "Answered by the assistant",
    this_month: "this month",
    sent: "Messages sent",
    of_limit: |limit| format!("of {} this month", grouped(limit, ',')),
    near: |sent, limit| {
        let (sent, limit) = (grouped(sent, ','), grouped(limit, ','));
        format!("You've sent {sent} of this month's {limit} messages. Ask your agency if you need more.")
    },
    reached: |limit| {
        let limit = grouped(limit, ',');
        format!(
            "You've sent all {limit} of this month's messages. The assistant only drafts now; you can still reply. Ask your agency if you need more."
        )
    },
    tokens_near: |used, limit| {
        let (used, limit) = (grouped(used, ','), grouped(limit, ','));
        format!("The assistant has used {used} of today's {limit} AI tokens.")
    },
    tokens_reached: |limit| {
        let limit = grouped(limit, ',');
        format!(
            "The assistant has used all {limit} AI tokens for today, so conversations come to you until tomorrow. Ask your agency if you need more."
        )
    },
    last_days: "Last 30 days",
    days_begin: "Days begin at midnight Universal Time (UTC).",
    nothing_in_days: "No messages or answers in the last 30 days.",
    chart: "Messages sent and assistant answers by day. The table below has the numbers.",
    as_table: "Show as a table",
    day: "Day",
    number: |number| grouped(number, ','),
};

static SPANISH: UsageTexts = UsageTexts {
    figures: "La bandeja de un vistazo",
    open: "Conversaciones abiertas",
    waiting: "Esperan respuesta",
    unread: "Conversaciones sin leer",
    answered: "Respondidas por el asistente",
    this_month: "este mes",
    sent: "Mensajes enviados",
    of_limit: |limit| format!("de {} este mes", grouped(limit, ',')),
    near: |sent, limit| {
        let (sent, limit) = (grouped(sent, ','), grouped(limit, ','));
        format!("Se enviaron {sent} de los {limit} mensajes de este mes. Consulte a su agencia si necesita más.")
    },
    reached: |limit| {
        let limit = grouped(limit, ',');
        format!(
            "Se enviaron los {limit} mensajes de este mes. El asistente solo escribe borradores; usted puede seguir respondiendo. Consulte a su agencia si necesita más."
        )
    },
    tokens_near: |used, limit| {
        let (used, limit) = (grouped(used, ','), grouped(limit, ','));
        format!("El asistente usó {used} de los {limit} tokens de IA de hoy.")
    },
    tokens_reached: |limit| {
        let limit = grouped(limit, ',');
        format!(
            "El asistente usó los {limit} tokens de IA de hoy, así que las conversaciones le llegan a usted hasta mañana. Consulte a su agencia si necesita más."
        )
    },
    last_days: "Los últimos 30 días",
    days_begin: "Cada día empieza a medianoche, hora universal (UTC).",
    nothing_in_days: "No hubo mensajes ni respuestas en los últimos 30 días.",
    chart: "Mensajes enviados y respuestas del asistente, día por día. La tabla de abajo tiene los números.",
    as_table: "Ver como tabla",
    day: "Día",
    number: |number| grouped(number, ','),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_texts_of_its_own_and_groups_its_digits() {
        let (english, spanish) = (usage(Language::English), usage(Language::Spanish));
        assert_eq!((english.of_limit)(1000), "of 1,000 this month");
        assert_eq!((spanish.of_limit)(1000), "de 1,000 este mes");
        assert_ne!(english.figures, spanish.figures);
        assert_ne!((english.near)(800, 1000), (spanish.near)(800, 1000));
        assert_ne!((english.reached)(1000), (spanish.reached)(1000));
        assert_ne!((english.tokens_near)(800, 1000), (spanish.tokens_near)(800, 1000));
        assert_ne!((english.tokens_reached)(1000), (spanish.tokens_reached)(1000));
    }
}
