//! Provisioning jobs: ordering, watching, repairing and undoing them; the question that a client answers by a link.

use super::{
    Answers, ApiDoc, Audited, BodyRule, Call, Feature, Level, Method, NavEntry, OperationRule, PageRule, RightRule,
    RouteRule, STAFF, STAFF_AND_SUPPORT, ScopeRule, Shortcut, Takes, api, get, named, operation, page,
};
use crate::permission::Needs::{Agency, Proof};
use crate::permission::Right;

impl Right {
    /// See jobs and snapshots.
    pub const ProvisionRead: Self = Self::of(&RightRule {
        key: "provision.read",
        words: "see jobs and snapshots",
        level: Level::Agency,
        roles: STAFF_AND_SUPPORT,
    });
    /// Start, retry, resume, cancel and undo jobs.
    pub const Provision: Self = Self::of(&RightRule {
        key: "provision",
        words: "start, retry and cancel jobs",
        level: Level::Agency,
        roles: STAFF,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "provisioning",
    rights: &[Right::ProvisionRead, Right::Provision],
    pages: PAGES,
    actions: &[],
    operations: OPERATIONS,
    routes: ROUTES,
    bodies: &[BodyRule { name: "NewJob", sample: NEW_JOB }, BodyRule { name: "Resume", sample: RESUME }],
    scopes: &[ScopeRule {
        name: "provisioning",
        label: "Create and manage jobs",
        right: Right::Provision,
        of_business: false,
    }],
    audit: &[
        named("answer_link.made", "created a link to answer job {target} | created a link to answer a job"),
        named("answer_link.used", "answered job {target} by link | answered a job by link").by("The client"),
        named("job.log_downloaded", "downloaded the log of job {target} | downloaded the log of a job"),
        named("provisioning.cancel", "canceled job {target} | canceled a job"),
        named(
            "provisioning.not_undone",
            "canceled job {target} without undoing anything | canceled a job without undoing anything",
        ),
        named("provisioning.resume", "answered job {target} | answered a job"),
        named("provisioning.retry", "retried job {target} | retried a job"),
        named("provisioning.start", "started job {target} | started a job"),
        named("provisioning.undo", "rolled back job {target} | rolled back a job"),
    ],
    topics: &["provisioning.job"],
};

const PAGES: &[PageRule] = &[
    page("/answer/{token}", Proof),
    page("/a/{agency}/provisioning", Agency(Right::ProvisionRead)).in_nav(NavEntry {
        group: "Provisioning",
        order: 30,
        label: "Jobs",
        icon: "Job",
        letter: Some("j"),
        dock: true,
    }),
    page("/a/{agency}/provisioning/new", Agency(Right::Provision)).as_shortcut(Shortcut {
        label: "New client",
        words: "Create",
        icon: "Plus",
    }),
    page("/a/{agency}/provisioning/{job}", Agency(Right::ProvisionRead)),
];

const OPERATIONS: &[OperationRule] = &[
    operation("start_job", Agency(Right::Provision), Audited::As("provisioning.start"), ORDER),
    operation(
        "check_job",
        Agency(Right::Provision),
        Audited::Never("reads; what it saves is its person's own draft"),
        &[("/client/name", "X"), ("/client/country", "US")],
    ),
    operation("retry_job", Agency(Right::Provision), Audited::As("provisioning.retry"), &[("id[]", "{job}")]),
    operation("make_answer_link", Agency(Right::Provision), Audited::As("answer_link.made"), &[("id", "{job}")]),
    operation(
        "resume_job",
        Agency(Right::Provision),
        Audited::As("provisioning.resume"),
        &[("id", "{job}"), ("/input/name", "X"), ("/answer", "adopt"), ("/answer/value", "L1")],
    ),
    operation("cancel_job", Agency(Right::Provision), Audited::As("provisioning.cancel"), &[("id[]", "{job}")]),
    operation("undo_job", Agency(Right::Provision), Audited::As("provisioning.undo"), &[("id[]", "{job}")]),
    operation("answer_question", Proof, Audited::As("answer_link.used"), &[("token", "t"), ("/input/name", "X")]),
];

const ORDER: &[(&str, &str)] = &[
    ("/client/name", "X"),
    ("/client/email", "x@example.test"),
    ("/client/country", "US"),
    ("/client/timezone", "America/New_York"),
    ("/users/0/first_name", "X"),
    ("/users/0/last_name", "Y"),
    ("/users/0/email", "y@example.test"),
    ("/users/0/role", "user"),
    ("/custom_values/0/name", "Link"),
    ("/custom_values/0/value", "https://example.test"),
    ("/tags", "vip"),
    ("rows_users", "1"),
    ("once", "0123456789"),
];

const NEW_JOB: &str = r#"{
  "client": {
    "name": "Cedar Dental", "email": "owner@cedar.example", "phone": "+13055550100", "first_name": "Ana",
    "last_name": "Lee", "website": "https://cedar.example", "address": "4 Fleet St", "city": "Miami", "state": "FL",
    "postal_code": "33101", "country": "US", "timezone": "America/New_York"
  },
  "snapshot_id": null,
  "users": [{ "first_name": "Ana", "last_name": "Lee", "email": "ana@cedar.example", "role": "admin" }],
  "custom_values": { "Booking link": "https://cedar.example" },
  "tags": ["vip"],
  "invite_owner": true
}"#;

const RESUME: &str =
    r#"{ "input": { "name": "Cedar Dental" }, "answer": { "choice": "adopt", "value": "L1" }, "skip": false }"#;

/// When a job cannot be answered.
const UNREADABLE: &str = "The job's stored order cannot be read; `job` holds what is known";

const ROUTES: &[RouteRule] = &[
    get("/a/{agency}/provisioning/{job}/log", Agency(Right::ProvisionRead)),
    get("/a/{agency}/provisioning/{job}/state", Agency(Right::ProvisionRead)),
    api(
        "/api/v1/provisioning/jobs",
        "provisioning",
        &[
            Call::list("List all jobs", "Jobs"),
            Call {
                method: Method::Post,
                doc: Some(ApiDoc {
                    summary: "Create a job",
                    takes: Takes::BodyOnce("NewJob"),
                    answers: Answers::Json(202, "Started"),
                    object: "job",
                    conflict: "A similar business or job already exists, so send `create_anyway` to create the job anyway; or the \
                               agency is paused",
                }),
            },
        ],
    ),
    api(
        "/api/v1/provisioning/jobs/{id}",
        "provisioning",
        &[Call {
            method: Method::Get,
            doc: Some(ApiDoc {
                summary: "Retrieve a job with its steps and attempts",
                takes: Takes::Nothing,
                answers: Answers::Json(200, "Job"),
                object: "job",
                conflict: UNREADABLE,
            }),
        }],
    ),
    api(
        "/api/v1/provisioning/jobs/{id}/retry",
        "provisioning",
        &[steer("Retry a failed step, or skip a wait", Takes::Nothing)],
    ),
    api(
        "/api/v1/provisioning/jobs/{id}/resume",
        "provisioning",
        &[steer("Resume a job with new input, an answer or a skipped step", Takes::Body("Resume"))],
    ),
    api(
        "/api/v1/provisioning/jobs/{id}/cancel",
        "provisioning",
        &[steer("Cancel a job and undo what can be undone", Takes::Nothing)],
    ),
    api(
        "/api/v1/provisioning/jobs/{id}/undo",
        "provisioning",
        &[steer("Undo what a stopped job created", Takes::Nothing)],
    ),
    api(
        "/api/v1/provisioning/jobs/{id}/events",
        "provisioning",
        &[Call {
            method: Method::Get,
            doc: Some(ApiDoc {
                summary: "Stream the events of a job",
                takes: Takes::Nothing,
                answers: Answers::Events,
                object: "job",
                conflict: UNREADABLE,
            }),
        }],
    ),
];

/// An operation on a job.
const fn steer(summary: &'static str, takes: Takes) -> Call {
    let answers = Answers::Json(202, "Steered");
    let conflict = "The job's current state does not allow this";
    Call { method: Method::Post, doc: Some(ApiDoc { summary, takes, answers, object: "job", conflict }) }
}
