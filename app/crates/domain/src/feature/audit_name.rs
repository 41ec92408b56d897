//! How does a feature declare an action that it writes to the audit log, and the words that tell it?

/// An action in the audit log.
pub struct AuditName {
    /// The action, as `thing.verb`.
    pub action: &'static str,
    /// What follows the name of who did it in a sentence; `audit::sentence` says how it is written.
    pub words: &'static str,
    /// The same when it was denied or failed. Empty if `words` say it.
    pub failed: &'static str,
    /// Who did it, when no known person, program or provider did.
    pub by: &'static str,
    /// Whether it happens all the time without anybody asking for it. The log shows it only when asked to.
    pub is_routine: bool,
}

impl AuditName {
    /// Sets what a sentence says when it was denied or failed.
    #[must_use]
    pub const fn or_failed(self, failed: &'static str) -> Self {
        Self { failed, ..self }
    }

    /// Sets who did it, when no known person, program or provider did.
    #[must_use]
    pub const fn by(self, by: &'static str) -> Self {
        Self { by, ..self }
    }

    /// Says that it happens all the time without anybody asking for it.
    #[must_use]
    pub const fn routine(self) -> Self {
        Self { is_routine: true, ..self }
    }
}

/// An action in the audit log and its words: "canceled job {target} | canceled a job".
#[must_use]
pub const fn named(action: &'static str, words: &'static str) -> AuditName {
    AuditName { action, words, failed: "", by: "", is_routine: false }
}
