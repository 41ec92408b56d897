//! Tests that each missing, weak or unsafe setting gets its own sentence, and that no secret is shown.

use super::*;

#[test]
fn production_names_every_problem_at_once() {
    let problems =
        Config::read(&Source::given(&[("SLIPWAY_ENV", "production"), ("ENCRYPTION_KEY", "abc")])).unwrap_err();
    let text = problems.join("\n");
    assert!(text.contains("ENCRYPTION_KEY") && text.contains("PUBLIC_URL") && text.contains("DATABASE_URL"), "{text}");
}

#[test]
fn production_says_where_its_mails_go() {
    let key: String = (0..32_u8).map(|n| format!("{:02x}", n.wrapping_mul(73).wrapping_add(41))).collect();
    let at = [("PUBLIC_URL", "https://app.slipway.test"), ("DATABASE_URL", "postgres://slipway@db/slipway")];
    let with = |mails: &[(&'static str, &str)]| {
        let needed = [("SLIPWAY_ENV", "production"), ("ENCRYPTION_KEY", key.as_str())];
        Config::read(&Source::given(&[needed.as_slice(), at.as_slice(), mails].concat()))
    };
    let problems = with(&[]).unwrap_err();
    assert!(problems.len() == 1 && problems[0].starts_with("SMTP_URL is missing"), "{problems:?}");
    assert!(with(&[("SMTP_URL", "folder")]).unwrap().smtp.is_none());
    assert!(with(&[("SMTP_URL", "smtps://u:p@smtp.slipway.test:465")]).unwrap().smtp.is_some());
}

#[test]
fn a_public_address_is_an_origin_and_proxies_are_networks() {
    let read = |name: &'static str, value: &str| Config::read(&Source::given(&[(name, value)]));
    for more in ["https://x.example/path", "https://x.example?q", "https://x.example/#f", "https://me:pw@x.example"] {
        assert!(read("PUBLIC_URL", more).unwrap_err().join(" ").contains("PUBLIC_URL"), "{more}");
    }
    for origin in ["https://x.example", "https://x.example/", "http://x.example:8080"] {
        assert!(read("PUBLIC_URL", origin).is_ok(), "{origin}");
    }
    assert!(read("TRUSTED_PROXIES", "10.0.0.0/8, nonsense").unwrap_err().join(" ").contains("nonsense"));
    let config = read("TRUSTED_PROXIES", "10.0.0.0/8,2001:db8::1").unwrap();
    let trusts = |ip: &str| config.trusted_proxies.trusts(ip.parse().unwrap());
    assert!(trusts("10.9.9.9") && trusts("2001:db8::1") && !trusts("127.0.0.1"));
}

#[test]
fn files_are_kept_for_a_whole_number_of_months() {
    let read = |months: &str| Config::read(&Source::given(&[("FILES_KEPT_MONTHS", months)]));
    for (months, expected) in [("1", 1), ("24", 24), ("1200", 1200)] {
        assert_eq!(read(months).unwrap().files_kept_months, expected);
    }
    for wrong in ["0", "1201", "-1", "1.5", "18 months", "99999999"] {
        assert!(read(wrong).unwrap_err().join(" ").contains("FILES_KEPT_MONTHS"), "{wrong}");
    }
    assert_eq!(Config::read(&Source::given(&[])).unwrap().files_kept_months, 18);
}

#[test]
fn tool_processes_have_a_number_and_a_memory_within_bounds() {
    let read = |name: &'static str, value: &str| Config::read(&Source::given(&[(name, value)]));
    let config = Config::read(&Source::given(&[])).unwrap();
    assert_eq!((config.tool_processes, config.tool_megabytes), (8, 256));
    assert_eq!(read("TOOL_PROCESSES", "20").unwrap().tool_processes, 20);
    assert_eq!(read("TOOL_MEMORY_MB", "512").unwrap().tool_megabytes, 512);
    assert_eq!(config.tool_group, None);
    assert_eq!(read("TOOL_CGROUP", "/cg").unwrap().tool_group, Some("/cg".into()));
    for (name, wrong) in [("TOOL_PROCESSES", "0"), ("TOOL_PROCESSES", "1001"), ("TOOL_MEMORY_MB", "63")] {
        assert!(read(name, wrong).unwrap_err().join(" ").contains(name), "{name} {wrong}");
    }
}

#[test]
fn development_needs_nothing() {
    let config = Config::read(&Source::given(&[])).unwrap();
    assert_eq!(config.origin(), "http://127.0.0.1:3000");
    assert!(!config.require_staff_mfa);
}

#[test]
fn no_secret_is_shown() {
    let source = Source::given(&[("GHL_CLIENT_SECRET", "hush-hush")]);
    let shown: Vec<_> = SETTINGS.iter().map(|setting| source.shown(setting)).collect();
    assert!(!shown.join(" ").contains("hush-hush"));
    assert!(!format!("{:?}", Config::read(&source).unwrap()).contains("hush-hush"));
}

#[test]
fn white_labelled_agencies_consent_at_their_host_or_at_its_stand_in() {
    let read = |given: &[(&'static str, &str)]| Config::read(&Source::given(given)).unwrap().ghl;
    assert_eq!(read(&[]).white_label.as_str(), "https://marketplace.leadconnectorhq.com/");
    let stand_in = ("GHL_MARKETPLACE_URL", "http://127.0.0.1:4700");
    assert_eq!(read(&[stand_in]).white_label.as_str(), "http://127.0.0.1:4700/");
    let own = ("GHL_WHITELABEL_URL", "http://127.0.0.1:4700/white-label");
    let both = read(&[stand_in, own]);
    assert_eq!(both.white_label.as_str(), "http://127.0.0.1:4700/white-label");
    assert_eq!(both.app(), "http://127.0.0.1:4700", "people open the stand-in's pages");
}

#[test]
fn events_of_highlevel_are_signed_by_its_own_key_unless_another_one_is_set() {
    let read = |given: &[(&'static str, &str)]| Config::read(&Source::given(given));
    let of_simulator = simulator::defaults().webhook_public_key;
    let set = [("GHL_WEBHOOK_PUBLIC_KEYS", of_simulator.as_str())];
    let is_published = |config: &Config| config.ghl.webhook_keys.shares(&Keys::published());
    assert!(is_published(&read(&[]).unwrap()) && !is_published(&read(&set).unwrap()));
    let wrong = [("GHL_WEBHOOK_PUBLIC_KEYS", "no key")];
    assert!(read(&wrong).unwrap_err().join(" ").contains("GHL_WEBHOOK_PUBLIC_KEYS"));
    let production = [("SLIPWAY_ENV", "production"), set[0]];
    assert!(read(&production).unwrap_err().join(" ").contains("GHL_WEBHOOK_PUBLIC_KEYS"), "anybody can sign with it");
}
