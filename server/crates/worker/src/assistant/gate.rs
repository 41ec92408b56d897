//! May the assistant say anything in a conversation now, and does it draft or send? Asked when it begins, and again in the
//! transaction that stores its answer.

use chrono::{DateTime, Utc};
use domain::messaging::{AiMode, Owner};

/// What decides it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// What it may do in the conversation.
    pub mode: AiMode,
    /// Whether the channel is in use.
    pub is_active: bool,
    /// Who answers.
    pub owner: Owner,
    /// Until when it keeps silent.
    pub paused_until: Option<DateTime<Utc>>,
    /// Whether the customer wants no automatic messages.
    pub is_opted_out: bool,
    /// Whether these are hours in which it answers by itself.
    pub is_open: bool,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What of the conversation decides it.
pub(super) fn facts(of: &store::assistant::Facts) -> Facts {
    Facts {
        mode: of.mode,
        is_active: of.is_active,
        owner: of.owner,
        paused_until: of.paused_until,
        is_opted_out: of.opted_out_at.is_some(),
        is_open: of.is_open(),
        now: of.now,
    }
}

/// Whether it drafts or sends, or why it may do neither.
pub(super) fn may(facts: &Facts) -> Result<AiMode, &'static str> {
    if !facts.is_active {
        return Err("The channel is disconnected.");
    }
    if facts.owner != Owner::Bot {
        return Err("A person answers this conversation.");
    }
    if facts.paused_until.is_some_and(|until| until > facts.now) {
        return Err("A person answered a short time ago.");
    }
    if facts.is_opted_out {
        return Err("The customer wants no automatic messages.");
    }
    match facts.mode {
        AiMode::Off => Err("The assistant is switched off here."),
        AiMode::Auto if facts.is_open => Ok(AiMode::Auto),
        AiMode::Auto | AiMode::Draft => Ok(AiMode::Draft),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const OPEN: Facts = Facts {
        mode: AiMode::Auto,
        is_active: true,
        owner: Owner::Bot,
        paused_until: None,
        is_opted_out: false,
        is_open: true,
        now: DateTime::UNIX_EPOCH,
    };

    #[test]
    fn it_sends_only_if_nothing_speaks_against_it() {
        let later = Some(OPEN.now + TimeDelta::hours(1));
        let table: [(Facts, Option<AiMode>); 11] = [
            (OPEN, Some(AiMode::Auto)),
            (Facts { paused_until: Some(OPEN.now), ..OPEN }, Some(AiMode::Auto)),
            (Facts { is_open: false, ..OPEN }, Some(AiMode::Draft)),
            (Facts { mode: AiMode::Draft, ..OPEN }, Some(AiMode::Draft)),
            (Facts { mode: AiMode::Draft, is_open: false, ..OPEN }, Some(AiMode::Draft)),
            (Facts { mode: AiMode::Off, ..OPEN }, None),
            (Facts { is_active: false, ..OPEN }, None),
            (Facts { owner: Owner::WaitingHuman, ..OPEN }, None),
            (Facts { owner: Owner::Human, ..OPEN }, None),
            (Facts { paused_until: later, ..OPEN }, None),
            (Facts { is_opted_out: true, ..OPEN }, None),
        ];
        for (facts, expected) in table {
            assert_eq!(may(&facts).ok(), expected, "{facts:?}");
        }
    }
}
