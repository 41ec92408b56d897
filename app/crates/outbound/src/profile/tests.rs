//! Tests which profiles may be used, and what each of them refuses.

use super::*;
use crate::request::{Body, RateKey, testing};

fn url(address: &str) -> Url {
    Url::parse(address).unwrap()
}

fn profile(key: &'static str, address: &str, windows: &[&'static str]) -> Profile {
    let window =
        |name: &&'static str| RateWindow { name, burst: 100, interval: Duration::from_secs(10), daily: Some(200_000) };
    Profile { windows: windows.iter().map(window).collect(), ..Profile::new(key, vec![url(address)]) }
}

fn check(profiles: Vec<Profile>, production: bool) -> Result<(), BadConfig> {
    Config { profiles, production }.check()
}

#[test]
fn plain_http_is_for_loopback_outside_production() {
    let ok = |address, production| check(vec![profile("a", address, &[])], production).is_ok();
    assert!(ok("https://services.example.com", true));
    assert!(ok("http://127.0.0.1:4700", false));
    assert!(ok("http://[::1]:4700", false));
    assert!(ok("http://localhost:4700", false));
    for (address, production) in [
        ("http://127.0.0.1:4700", true),
        ("http://services.example.com", false),
        ("http://localhost.example.com", false),
        ("ftp://127.0.0.1", false),
        ("file:///etc/passwd", false),
        ("https://user:secret@services.example.com", false),
    ] {
        assert!(!ok(address, production), "{address}");
    }
}

#[test]
fn two_providers_share_neither_a_key_nor_a_rate_window() {
    let one = || profile("ghl", "https://a.example", &["ghl"]);
    let other = |key, windows: &[&'static str]| check(vec![one(), profile(key, "https://b.example", windows)], true);
    assert!(other("meta", &["meta:app", "meta:page"]).is_ok());
    assert!(matches!(other("ghl", &[]), Err(BadConfig::Provider("ghl"))));
    for windows in [&["ghl"][..], &["ghl:app"], &["meta", "meta"], &["meta", "meta:app"]] {
        assert!(matches!(other("meta", windows), Err(BadConfig::Window(..))), "{windows:?}");
    }
}

#[test]
fn only_the_very_origin_is_allowed() {
    let ours = profile("test", "https://a.example/x", &[]);
    let allows = |address| ours.refuses(&testing::get(url(address)), false).is_none();
    assert!(allows("https://a.example/y?z"));
    for other in
        ["http://a.example/y", "https://a.example:8443/y", "https://b.a.example/y", "https://a.example@evil.example/"]
    {
        assert!(!allows(other), "{other}");
    }
}

#[test]
fn a_host_below_a_domain_is_allowed_over_https_alone() {
    let files = Profile { domains: &["files.example", "cdn.example"], ..profile("test", "https://a.example", &[]) };
    let allows = |address| files.refuses(&testing::get(url(address)), false).is_none();
    for ours in ["https://files.example/x", "https://scontent-1.xx.files.example/x?y", "https://A.CDN.example:443/"] {
        assert!(allows(ours) && !files.names(&url(ours)), "{ours}");
    }
    for other in [
        "http://a.files.example/x",
        "https://a.files.example:8443/x",
        "https://evilfiles.example/x",
        "https://files.example.evil.example/x",
        "https://a.files.example@evil.example/x",
        "https://user@a.files.example/x",
        "https://a.files.example./x",
        "https://10.0.0.1/files.example",
        "ftp://a.files.example/x",
        "file:///files.example",
    ] {
        assert!(!allows(other), "{other}");
    }
}

#[test]
fn streams_multipart_bodies_and_rate_windows_are_those_the_profile_names() {
    let refuses = |profile: &Profile, request: &Request, streamed| profile.refuses(request, streamed).is_some();
    let plain = profile("test", "https://a.example", &["test"]);
    let open = Profile { streaming: true, multipart: true, ..plain.clone() };
    let request = testing::get(url("https://a.example/x"));
    let multipart = Request { body: Body::Multipart(Vec::new()), ..request.clone() };
    let keyed = |window| Request { rate_key: Some(RateKey { window, id: "1".into() }), ..request.clone() };
    assert!(refuses(&plain, &request, true) && !refuses(&open, &request, true));
    assert!(refuses(&plain, &multipart, false) && !refuses(&open, &multipart, false));
    assert!(refuses(&plain, &keyed("other"), false) && !refuses(&plain, &keyed("test"), false));
    let unlimited = profile("test", "https://a.example", &[]);
    assert!(!refuses(&unlimited, &keyed("other"), false), "a provider without limits takes every call");
}

#[test]
fn where_time_runs_faster_waits_are_shorter_and_a_day_holds_more_calls() {
    let real = profile("test", "https://a.example", &["test"]);
    let same = real.clone().faster(1.0, 1.0);
    assert_eq!(same.windows[0].limits(same.deadlines), real.windows[0].limits(real.deadlines));
    let fast = real.clone().faster(100.0, 50.0);
    let limits = fast.windows[0].limits(fast.deadlines);
    assert_eq!((limits.interval, limits.daily), (Duration::from_millis(100), 20_000_000));
    assert_eq!((limits.hold, fast.deadlines.background), (Duration::from_millis(900), Duration::from_millis(900)));
    assert_eq!(fast.deadlines.interactive, real.deadlines.interactive);
    let unlimited = RateWindow { daily: None, ..real.windows[0].clone() };
    assert_eq!(unlimited.limits(real.deadlines).daily, u32::MAX);
}
