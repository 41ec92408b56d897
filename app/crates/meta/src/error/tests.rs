//! Is each of Meta's codes the kind that it should be, whatever else the answer says?

use bytes::Bytes;
use http::HeaderMap;
use outbound::Quota;

use super::*;
use crate::ops::{EXCHANGE, NUMBERS, SEND};

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        quota: Quota::default(),
    }
}

fn coded(op: &Op, status: u16, code: i64, subcode: i64) -> Error {
    let subcode = if subcode == 0 { String::new() } else { format!(r#","error_subcode":{subcode}"#) };
    Error::answered(
        op,
        &answer(status, &format!(r#"{{"error":{{"message":"(#{code}) words","code":{code}{subcode}}}}}"#)),
    )
}

fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// Errors of dead tokens: code, subcode (0 for none), kind.
fn dead() -> Vec<(i64, i64, Kind)> {
    let token = |death| Kind::Token(death);
    vec![
        (190, 463, token(TokenDeath::Expired)),
        (190, 460, token(TokenDeath::PasswordChanged)),
        (190, 458, token(TokenDeath::AppRemoved)),
        (190, 459, token(TokenDeath::Checkpoint)),
        (190, 464, token(TokenDeath::Checkpoint)),
        (190, 467, token(TokenDeath::Revoked)),
        (190, 492, token(TokenDeath::RoleLost)),
        (190, 0, token(TokenDeath::Revoked)),
        (102, 0, token(TokenDeath::Revoked)),
        (102, 463, token(TokenDeath::Expired)),
        (0, 0, token(TokenDeath::Revoked)),
    ]
}

/// Code, subcode (0 for none), kind.
fn definite() -> Vec<(i64, i64, Kind)> {
    let restricted = |restriction| Kind::Restricted(restriction);
    let registration = |trouble| Kind::Registration(trouble);
    let mut table = vec![
        (10, 2_018_278, Kind::OutsideWindow),
        (10, 2_534_022, Kind::OutsideWindow),
        (131_047, 0, Kind::OutsideWindow),
        (131_047, 33, Kind::OutsideWindow),
        (470, 0, Kind::OutsideWindow),
        (131_056, 0, Kind::PairRate),
        (131_026, 0, Kind::Undeliverable),
        (551, 0, Kind::Undeliverable),
        (131_062, 0, Kind::Undeliverable),
        (100, 2_018_001, Kind::Undeliverable),
        (100, 2_534_014, Kind::Undeliverable),
        (200, 1_545_041, Kind::Undeliverable),
        (200, 2_018_028, Kind::TestersOnly),
        (131_030, 0, Kind::TestersOnly),
        (131_031, 0, restricted(Restriction::Locked)),
        (368, 0, restricted(Restriction::Locked)),
        (130_497, 0, restricted(Restriction::Country)),
        (131_042, 0, restricted(Restriction::Unpaid)),
        (131_045, 0, restricted(Restriction::Unregistered)),
        (133_010, 0, restricted(Restriction::Unregistered)),
        (131_050, 0, Kind::OptedOut),
        (100, 2_018_109, Kind::Media),
        (100, 2_018_047, Kind::Media),
        (100, 2_388_040, Kind::Template),
        (100, 33, Kind::NotFound),
        (100, 2_018_218, Kind::NotFound),
        (100, 36_007, Kind::Code(Code::Expired)),
        (100, 36_008, Kind::Code(Code::Redirect)),
        (100, 36_009, Kind::Code(Code::Used)),
        (133_005, 0, registration(Registration::WrongPin)),
        (133_006, 0, registration(Registration::NotVerified)),
        (133_008, 0, registration(Registration::TooManyPins)),
        (133_009, 0, registration(Registration::TooFast)),
        (133_015, 0, registration(Registration::DeletedRecently)),
        (133_016, 0, registration(Registration::TooOften)),
        (133_000, 0, registration(Registration::Other)),
    ];
    table.extend(dead());
    let same = |kind: Kind, codes: &[i64]| codes.iter().map(|code| (*code, 0, kind.clone())).collect::<Vec<_>>();
    table.extend(same(Kind::Permission, &[3, 10, 200, 210, 230, 299, 131_005]));
    table.extend(same(Kind::Invalid, &[33, 100, 131_008, 131_009, 131_051, 131_021]));
    table.extend(same(Kind::Withheld, &[131_048, 131_049, 130_472]));
    table.extend(same(Kind::Media, &[131_052, 131_053]));
    let templates = [132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_015, 132_016, 132_068, 132_069];
    table.extend(same(Kind::Template, &templates));
    table.extend(same(Kind::NotFound, &[803, 9010]));
    table.extend(same(Kind::Temporary, &[1200, 131_016, 131_057, 133_004]));
    table.extend(same(Kind::AppAccess, &[101]));
    table
}

#[test]
fn every_code_has_its_kind_whatever_the_operation_and_the_status() {
    for (code, subcode, kind) in definite() {
        for op in [&SEND, &NUMBERS] {
            for status in [400, 401, 404, 429, 500] {
                assert_eq!(coded(op, status, code, subcode).kind, kind, "{code}/{subcode} of {} at {status}", op.name);
            }
        }
    }
}

#[test]
fn codes_of_unknown_trouble_leave_a_send_in_doubt_and_let_a_read_be_repeated() {
    for code in [1, 2, 131_000, 135_000] {
        for status in [400, 500, 503] {
            let (send, read) = (coded(&SEND, status, code, 0), coded(&NUMBERS, status, code, 0));
            assert_eq!((send.kind.clone(), send.verdict()), (Kind::Unclear, Verdict::Unknown), "{code}");
            assert_eq!((read.kind.clone(), read.passes()), (Kind::Temporary, true), "{code}");
        }
    }
}

#[test]
fn what_meta_calls_transient_is_never_final() {
    for code in [100, 33, 987_654] {
        let body = format!(r#"{{"error":{{"message":"m","code":{code},"is_transient":true}}}}"#);
        assert_eq!(Error::answered(&SEND, &answer(400, &body)).kind, Kind::Unclear);
        assert_eq!(Error::answered(&NUMBERS, &answer(400, &body)).kind, Kind::Temporary);
    }
}

#[test]
fn rate_limits_wait_as_told_and_never_longer_than_an_hour() {
    let codes = [4, 17, 32, 613, 80_007, 130_429].into_iter().chain(80_001..=80_014);
    for code in codes {
        let error = coded(&SEND, 400, code, 0);
        let wait = error.until().expect("a limit has a time") - now();
        assert!(wait.num_seconds() >= 8 && wait.num_seconds() <= 331, "{code}: {wait}");
        assert_eq!(error.verdict(), Verdict::NotExecuted);
    }
    let wait = |header: &'static str, value: &str, retry_after: Option<u64>| {
        let mut limited = answer(429, r#"{"error":{"code":4}}"#);
        limited.headers.insert(header, value.parse().unwrap());
        limited.quota.retry_after = retry_after.map(Duration::from_secs);
        (Error::answered(&SEND, &limited).until().unwrap() - now()).num_seconds()
    };
    let minutes =
        |minutes: u32| format!(r#"{{"1":[{{"call_count":100,"estimated_time_to_regain_access":{minutes}}}]}}"#);
    let header = "x-business-use-case-usage";
    assert!((595..=660).contains(&wait(header, &minutes(10), None)), "ten minutes and up to a tenth");
    assert!((3595..=3960).contains(&wait(header, &minutes(600), None)), "an hour and up to a tenth");
    assert!((0..=8).contains(&wait(header, &minutes(10), Some(7))), "the standard header wins");
}

#[test]
fn an_answer_without_a_known_code_is_judged_by_its_status() {
    let bodies =
        ["", "<html>oops</html>", "{}", r#"{"error":{"message":"m","code":987654}}"#, r#"{"error":"x"}"#, "[["];
    for body in bodies {
        let kinds = [400, 401, 403, 404, 408, 302, 500, 502, 503].map(|status| {
            let kind = |op| Error::answered(op, &answer(status, body)).kind;
            (kind(&SEND), kind(&NUMBERS))
        });
        let both = |kind: Kind| (kind.clone(), kind);
        assert_eq!(kinds[0], both(Kind::Invalid), "{body}");
        assert_eq!(kinds[1], both(Kind::Token(TokenDeath::Revoked)));
        assert_eq!(kinds[2], both(Kind::Permission));
        assert_eq!(kinds[3], both(Kind::NotFound));
        assert_eq!(kinds[4], both(Kind::Unclear));
        for kind in &kinds[5..] {
            assert_eq!(*kind, (Kind::Unclear, Kind::Temporary), "{body}");
        }
        assert!(matches!(Error::answered(&SEND, &answer(429, body)).kind, Kind::Limited { .. }));
    }
}

#[test]
fn an_exchange_has_kinds_of_its_own() {
    assert_eq!(coded(&EXCHANGE, 400, 100, 0).kind, Kind::Code(Code::Other), "a garbage code");
    assert_eq!(coded(&EXCHANGE, 400, 100, 36_009).kind, Kind::Code(Code::Used));
    assert_eq!(coded(&EXCHANGE, 400, 1, 0).kind, Kind::AppAccess, "a wrong app secret");
    assert_eq!(coded(&EXCHANGE, 500, 1, 0).kind, Kind::Unclear);
    let flat = r#"{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found"}"#;
    let error = Error::answered(&crate::ops::IG_EXCHANGE, &answer(400, flat));
    assert_eq!((error.kind, &*error.message), (Kind::Code(Code::Other), "Matching code was not found"));
    assert_eq!(coded(&SEND, 403, 100, 0).kind, Kind::AppAccess, "lost access to the product");
}

#[test]
fn a_failed_status_is_final_or_passes_and_never_unclear() {
    for (code, subcode, kind) in definite().into_iter().filter(|(_, subcode, _)| *subcode == 0) {
        assert_eq!(failed_status(code, now()), kind, "{code}/{subcode}");
    }
    assert_eq!(failed_status(131_000, now()), Kind::Temporary);
    assert_eq!(failed_status(987_654, now()), Kind::Undeliverable);
    let until = now() + Duration::from_secs(10);
    assert_eq!(failed_status(130_429, until - Duration::from_secs(10)), Kind::Limited { until });
}

#[test]
fn transport_says_what_is_certain() {
    let cases = [
        (Failure::NotSent("x".into()), Verdict::NotExecuted),
        (Failure::Unclear("x".into()), Verdict::Unknown),
        (Failure::Held { until: now(), why: "x".into() }, Verdict::NotExecuted),
        (Failure::NoSlot { until: now(), daily: false }, Verdict::NotExecuted),
    ];
    for (failure, verdict) in cases {
        let error = Error::transport(&SEND, &failure);
        assert!(error.verdict() == verdict && error.passes(), "{failure}");
    }
}

#[test]
fn every_kind_is_said_with_a_next_step_and_without_metas_words() {
    let more = [Kind::Unclear, Kind::Down, Kind::Held { until: now() }, Kind::Limited { until: now() }];
    let kinds = definite().into_iter().map(|(_, _, kind)| kind).chain(more).chain([Kind::Code(Code::Other)]);
    for kind in kinds {
        let sentence = kind.sentence();
        assert!(sentence.ends_with('.') && sentence.matches(['.', ';']).count() >= 2, "{kind:?}: {sentence}");
        assert!(!sentence.contains("token") && !sentence.contains('#'), "{sentence}");
    }
}

#[test]
fn the_message_is_one_line_without_secrets_and_keeps_what_support_needs() {
    let body = r#"{"error":{"message":"m","code":100,"error_subcode":33,"fbtrace_id":"AXs","error_data":{"details":"a\u0000b\ncall +14100399400 access_token=EAAabcdefghij0123456789xyz"}}}"#;
    let error = Error::answered(&SEND, &answer(404, body));
    assert!(!error.message.contains(['\n', '\0']) && !error.message.contains("4100") && !error.message.contains("EAA"));
    assert_eq!((error.code, error.subcode, error.status), (Some(100), Some(33), Some(404)));
    assert_eq!(error.trace.as_deref(), Some("AXs"));
    assert!(error.to_string().starts_with("sending the message did not work: "));
    let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(9000));
    assert_eq!(Error::answered(&SEND, &answer(400, &long)).message.chars().count(), 500);
}

#[test]
fn the_pair_rate_backs_off_by_four() {
    let waits = [0, 1, 2, 3, 5, 6, 40].map(|attempts| pair_wait(attempts).as_secs());
    assert_eq!(waits, [4, 4, 16, 64, 1024, 3600, 3600]);
}
