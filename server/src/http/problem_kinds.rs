//! Which problems mean the same wherever they come from? Each status below has one code, which every body with that status
//! carries unless an operation says more, and by which the reference of the API describes it.

/// What an answer with one status means.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The HTTP status.
    pub status: u16,
    /// Its stable name, for programs.
    pub code: &'static str,
    /// It in a few words, as an example has it.
    pub title: &'static str,
    /// It in a sentence, as an example has it.
    pub detail: &'static str,
    /// When it is answered.
    pub when: &'static str,
    /// After how many seconds to try again, as an example has it; `None` if that alone would not help.
    pub retry_after: Option<u16>,
}

/// Every such problem, by its status.
pub const KINDS: &[Kind] = &[
    Kind {
        status: 400,
        code: "malformed",
        title: "Malformed JSON",
        detail: "The body is not valid JSON: line 1, column 12.",
        when: "The query, headers or body are malformed",
        retry_after: None,
    },
    Kind {
        status: 401,
        code: "unauthorized",
        title: "Not signed in",
        detail: "The token is unknown, expired or revoked. Make a new one under API tokens.",
        when: "The token is missing, unknown, expired or revoked",
        retry_after: None,
    },
    Kind {
        status: 403,
        code: "forbidden",
        title: "Not allowed",
        detail: "This token lacks the scope \"provisioning\". Make one that has it.",
        when: "The token does not have permission to do this",
        retry_after: None,
    },
    Kind {
        status: 404,
        code: "not_found",
        title: "Not Found",
        detail: "This doesn't exist, or you don't have access to it.",
        when: "There is nothing with this ID",
        retry_after: None,
    },
    Kind {
        status: 413,
        code: "too_large",
        title: "Body too large",
        detail: "Send at most 256 KiB. Nothing was changed.",
        when: "The body is larger than 256 KiB",
        retry_after: None,
    },
    Kind {
        status: 415,
        code: "not_json",
        title: "Not JSON",
        detail: "Send the body as application/json.",
        when: "The body is not application/json",
        retry_after: None,
    },
    Kind {
        status: 422,
        code: "invalid",
        title: "Invalid fields",
        detail: "Please fix the marked fields.",
        when: "Some fields are invalid",
        retry_after: None,
    },
    Kind {
        status: 429,
        code: "rate_limited",
        title: "Too many requests",
        detail: "600 requests were sent in the last minute, all there are. Send this one again in 12 s.",
        when: "Too many requests in the last minute; the RateLimit headers show your limit, and Retry-After when to \
               try again",
        retry_after: Some(12),
    },
    Kind {
        status: 500,
        code: "failed",
        title: "Internal Server Error",
        detail: "Something went wrong on our side. Nothing else is affected. Try again; if it stays, tell support \
                 incident 7f3a.",
        when: "Something went wrong on our side",
        retry_after: None,
    },
    Kind {
        status: 503,
        code: "unavailable",
        title: "Service Unavailable",
        detail: "The service is restarting or very busy. Wait a few seconds, check whether your change was saved, and \
                 try again.",
        when: "The service is restarting or overloaded, or didn't respond in time; Retry-After shows when to try again. \
               Whether a write was done is unknown: send it again with the same Idempotency-Key if it has one, or check \
               first",
        retry_after: Some(5),
    },
];

/// What an answer with this status means. `None` if that depends on the operation.
#[must_use]
pub fn of(status: u16) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.status == status)
}

/// When an answer with this status is given; empty if that depends on the operation.
#[must_use]
pub fn when(status: u16) -> &'static str {
    of(status).map_or("", |kind| kind.when)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_status_and_each_code_stands_once_and_says_everything() {
        let statuses: BTreeSet<u16> = KINDS.iter().map(|kind| kind.status).collect();
        let codes: BTreeSet<&str> = KINDS.iter().map(|kind| kind.code).collect();
        assert_eq!((statuses.len(), codes.len()), (KINDS.len(), KINDS.len()));
        for kind in KINDS {
            assert!(![kind.code, kind.title, kind.detail, kind.when].contains(&""), "{kind:?}");
        }
        let later: Vec<u16> = KINDS.iter().filter(|kind| kind.retry_after.is_some()).map(|kind| kind.status).collect();
        assert_eq!(later, [429, 503]);
    }
}
