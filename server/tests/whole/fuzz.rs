//! A hundred thousand requests that are almost right: sample forms and bodies of every endpoint with one or two
//! hostile fields, from everybody who has access. None causes an error of ours or a panic. The same seed sends the
//! same requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::feature::{self, Call, Method};
use domain::identity::Role;
use domain::permission::{EndpointKind, Needs, POLICY, Rule, TOKEN_SCOPES};
use serde_json::{Value, json};

use crate::bad_bodies::{places, sample};
use crate::bad_input::{escaped, hostile, sound};
use crate::forms;
use crate::helpers::{Tenant, TestApp};

/// Number of requests per world. A world is an agency with its own people, who may lose their rights on the way.
const IN_A_WORLD: usize = 500;
/// Number of worlds that run at the same time.
const AT_ONCE: usize = 8;
/// Number of requests in a normal run, unless `FUZZ_REQUESTS` sets another.
const REQUESTS: usize = 5_000;

/// SplitMix64: small, and the same on every machine and in every version.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// Every text that a field may be replaced with.
struct Corpus {
    texts: Vec<String>,
}

impl Corpus {
    fn new(mine: &Tenant, other: &Tenant) -> Self {
        let mut texts: Vec<String> = hostile().into_iter().map(|(_, text)| text).collect();
        let more = [
            "</title><b data-x>",
            "\u{202D}+1 305 555 0100\u{202C}",
            "\u{200F}\u{200E}",
            "e\u{301}\u{328}",
            "\u{2028}\u{2029}",
            "ＡＤＭＩＮ@slipway.test",
            "a@b",
            "@",
            "a@x.test, b@x.test",
            "٣٠٥٥٥٥٠١٠٠",
            "+",
            "0",
            "-0",
            "1e308",
            "NaN",
            "9223372036854775808",
            "340282366920938463463374607431768211456",
            "2026-13-45T99:99:99Z",
            "0001-01-01",
            "true",
            "on",
            "null",
            "[]",
            "{}",
            "\\",
            "%",
            "%00",
            "US",
            "XX",
            "Europe/Nowhere",
            "super_admin",
            "agency_owner",
            "harbor",
            "..",
            "http://127.0.0.1:9/\u{0}",
            "javascript:alert(1)",
            "https://x.test:99999",
        ];
        texts.extend(more.map(str::to_owned));
        texts.extend(
            [mine, other]
                .into_iter()
                .flat_map(|tenant| [tenant.agency.to_string(), tenant.business.to_string(), tenant.job.to_string()]),
        );
        texts.extend([
            uuid::Uuid::nil().to_string(),
            uuid::Uuid::max().to_string(),
            "🦷".repeat(300),
            "[".repeat(2_000),
        ]);
        Self { texts }
    }

    fn text(&self, dice: &mut Dice) -> String {
        let text = dice.of(&self.texts).clone();
        // Sometimes two texts together, or part of one.
        match dice.below(6) {
            0 => format!("{text}{}", dice.of(&self.texts)),
            1 => text.chars().take(1 + dice.below(40)).collect(),
            _ => text,
        }
    }

    fn json(&self, dice: &mut Dice) -> Value {
        match dice.below(8) {
            0 => json!(null),
            1 => json!(true),
            2 => json!(-1),
            3 => json!(1e300),
            4 => json!([self.text(dice), [[]]]),
            5 => json!({ self.text(dice): { "a": [0] } }),
            6 => (0..dice.below(200)).fold(json!("x"), |inner, _| json!([inner])),
            _ => json!(self.text(dice)),
        }
    }
}

/// One agency with a person of every role, a person from elsewhere, and their token.
struct World {
    tenant: Tenant,
    corpus: Corpus,
    cookies: Vec<Option<String>>,
    token: String,
}

impl World {
    async fn new(app: &TestApp) -> Self {
        let (tenant, other) = (app.tenant().await, app.tenant().await);
        let mut cookies = vec![None];
        for role in [Role::AgencyOwner, Role::AgencyStaff, Role::SuperAdmin, Role::BusinessOwner] {
            // The owner is used more often than the others.
            let times = if role == Role::AgencyOwner { 3 } else { 1 };
            for _ in 0..times {
                cookies.push(Some(app.sign_in(app.person(role, &tenant).await).await));
            }
        }
        cookies.push(Some(app.sign_in(app.person(Role::AgencyOwner, &other).await).await));
        let token = app.token(&tenant, &TOKEN_SCOPES).await;
        Self { corpus: Corpus::new(&tenant, &other), tenant, cookies, token }
    }

    /// The next request, with a description.
    fn next(&self, dice: &mut Dice, endpoints: &Endpoints) -> (String, Option<Request<Body>>) {
        match dice.below(10) {
            0 => {
                let rule = *dice.of(&endpoints.read);
                self.opened(dice, rule)
            }
            1..=3 => {
                let rule = *dice.of(&endpoints.programs);
                self.body(dice, rule)
            }
            _ => {
                let rule = *dice.of(&endpoints.forms);
                self.form(dice, rule)
            }
        }
    }

    fn cookie(&self, dice: &mut Dice, rule: &Rule) -> Option<&String> {
        match rule.needs {
            // Endpoints of the platform refuse everybody else in the same way each time, so they are mostly called
            // as the platform.
            Needs::Platform(_) if dice.below(4) > 0 => self.cookies[5].as_ref(),
            _ => dice.of(&self.cookies).as_ref(),
        }
    }

    /// A form with one or two hostile fields.
    fn form(&self, dice: &mut Dice, rule: &Rule) -> (String, Option<Request<Body>>) {
        let mut fields: Vec<(String, String)> = forms::fields(rule.path, &self.tenant).into_iter().collect();
        for _ in 0..1 + dice.below(2) {
            let (at, text) = (dice.below(fields.len()), self.corpus.text(dice));
            match dice.below(8) {
                0 if !fields.is_empty() => drop(fields.remove(at)),
                1 if !fields.is_empty() => fields.push((fields[at].0.clone(), text)),
                2 => fields.push((text, "x".to_owned())),
                _ if !fields.is_empty() => fields[at].1 = text,
                _ => fields.push(("x".to_owned(), text)),
            }
        }
        let accept = *dice.of(&["application/json", "text/html"]);
        let mut request = Request::post(format!("/do/{}", rule.path))
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", format!("198.51.{}.{}", dice.below(256), dice.below(256)))
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = self.cookie(dice, rule) {
            request = request.header(header::COOKIE, cookie);
        }
        let body = serde_urlencoded::to_string(&fields).unwrap();
        (format!("{} {body}", rule.path), request.body(Body::from(body)).ok())
    }

    /// An API request with one or two hostile places in its body.
    fn body(&self, dice: &mut Dice, rule: &Rule) -> (String, Option<Request<Body>>) {
        let id = if dice.below(5) == 0 { escaped(&self.corpus.text(dice)) } else { self.tenant.job.to_string() };
        let mut path = rule.path.replace("{id}", &id);
        let route = feature::routes().find(|route| route.path == rule.path).unwrap();
        // What writes is called more often than what reads.
        let writes: Vec<&Call> = route.calls.iter().filter(|call| call.method != Method::Get).collect();
        let call = if writes.is_empty() || dice.below(5) == 0 { &route.calls[0] } else { *dice.of(&writes) };
        if call.method == Method::Get {
            let name = *dice.of(&["cursor", "limit", "q", "view", "sort", "x"]);
            path = format!("{path}?{name}={}", escaped(&self.corpus.text(dice)));
        }
        let taken = call.doc.as_ref().and_then(|doc| doc.takes.body());
        let mut value = taken.map_or_else(|| json!({}), |body| sample(body, &self.tenant));
        for _ in 0..1 + dice.below(2) {
            let mut pointers = vec![String::new()];
            places(&value, "", &mut pointers);
            let pointer = dice.of(&pointers).clone();
            let new = self.corpus.json(dice);
            match (dice.below(5), value.pointer_mut(&pointer)) {
                (0, Some(Value::Object(members))) => drop(members.insert(self.corpus.text(dice), new)),
                (_, Some(place)) => *place = new,
                (_, None) => {}
            }
        }
        let body = if call.method == Method::Get { String::new() } else { value.to_string() };
        let request = Request::builder().method(call.method.key()).uri(&path);
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", format!("k{}", dice.below(20)));
        (format!("{} {path} {body}", call.method.key()), request.body(Body::from(body)).ok())
    }

    /// An address with a hostile part or query.
    fn opened(&self, dice: &mut Dice, rule: &Rule) -> (String, Option<Request<Body>>) {
        let parts = rule.path.split('/').map(|part| match part {
            "{agency}" => self.tenant.agency.to_string(),
            "{business}" => self.tenant.business.to_string(),
            "{job}" | "{id}" | "{user}" => self.tenant.job.to_string(),
            "{conversation}" | "{contact}" | "{attachment}" | "{choice}" | "{knowledge}" | "{answer}"
            | "{rehearsal}" | "{agent}" | "{call}" => self.tenant.conversation.to_string(),
            "{token}" => "t".to_owned(),
            other => other.to_owned(),
        });
        let mut parts: Vec<String> = parts.collect();
        if dice.below(3) == 0 {
            let at = dice.below(parts.len());
            parts[at] = escaped(&self.corpus.text(dice));
        }
        let asked = [
            "q",
            "view",
            "sort",
            "cursor",
            "limit",
            "at",
            "tab",
            "step",
            "level",
            "with",
            "from",
            "next",
            "agency",
            "state",
            "status.none_of",
            "created.after",
            "client.name.is",
            "by.is",
            "x.is",
        ];
        let path = format!("{}?{}={}", parts.join("/"), dice.of(&asked), escaped(&self.corpus.text(dice)));
        let mut request = Request::get(&path).header(header::ACCEPT, "text/html");
        if let Some(cookie) = self.cookie(dice, rule) {
            request = request.header(header::COOKIE, cookie);
        }
        // A client cannot send something that is not an address.
        (path, request.body(Body::empty()).ok())
    }
}

/// The endpoints, by how they are called.
struct Endpoints {
    forms: Vec<&'static Rule>,
    programs: Vec<&'static Rule>,
    read: Vec<&'static Rule>,
}

impl Endpoints {
    fn new() -> Self {
        let of = |fits: fn(&Rule) -> bool| POLICY.iter().filter(|rule| fits(rule)).collect();
        Self {
            forms: of(|rule| rule.kind == EndpointKind::ServerFunction && rule.path != "seed_demo"),
            programs: of(|rule| matches!(rule.needs, Needs::Token(_)) && !rule.path.ends_with("events")),
            read: of(|rule| {
                rule.kind != EndpointKind::ServerFunction
                    && !matches!(rule.needs, Needs::Token(_))
                    && !rule.path.ends_with("live")
            }),
        }
    }
}

/// Number of answers per status.
type Answers = BTreeMap<u16, usize>;

async fn ask(app: Arc<TestApp>, endpoints: Arc<Endpoints>, seed: u64, requests: usize) -> Answers {
    let world = World::new(&app).await;
    let (mut dice, mut answers) = (Dice(seed), Answers::new());
    for n in 0..requests {
        let (what, request) = world.next(&mut dice, &endpoints);
        let Some(request) = request else { continue };
        let answer = app.send(request).await;
        let what: String = what.chars().take(1_500).collect();
        sound(&answer, &format!("seed {seed}, request {n}: {what}"));
        *answers.entry(answer.status.as_u16()).or_default() += 1;
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_almost_right_are_no_fault_of_ours() {
    #[expect(clippy::disallowed_methods, reason = "how long a run takes is for whoever runs it")]
    let asked = std::env::var("FUZZ_REQUESTS").ok().and_then(|text| text.parse().ok());
    let requests = asked.unwrap_or(REQUESTS);
    let (app, endpoints) = (Arc::new(TestApp::new().await), Arc::new(Endpoints::new()));
    let worlds = requests.div_ceil(IN_A_WORLD);
    let mut answers = Answers::new();
    for first in (0..worlds).step_by(AT_ONCE) {
        let at_once = (first..worlds.min(first + AT_ONCE)).map(|world| {
            let left = requests - world * IN_A_WORLD;
            tokio::spawn(ask(app.clone(), endpoints.clone(), u64::try_from(world).unwrap(), left.min(IN_A_WORLD)))
        });
        for (status, count) in futures::future::try_join_all(at_once).await.unwrap().into_iter().flatten() {
            *answers.entry(status).or_default() += count;
        }
        app.base.execute("update auth_throttles set blocked_until = null, failures = 0").await;
    }
    let all: usize = answers.values().sum();
    assert!(all * 20 > requests * 19, "{all} of {requests} were sent");
    let done: usize = answers.iter().filter(|(status, _)| **status < 400).map(|(_, count)| count).sum();
    assert!(done * 10 > all, "some of them are right enough to be done: {answers:?}");
    println!("{all} requests: {answers:?}");
    assert_eq!(app.get("/health", None).await.status, StatusCode::OK);
}
