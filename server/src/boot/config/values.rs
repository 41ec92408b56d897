//! Parses the value of one setting. An invalid value produces an error sentence that names the setting.

use std::path::PathBuf;

use ghl::signature::Keys;
use secrecy::SecretString;
use url::Url;

use super::Source;
use crate::boot::address;
use crate::http::proxies::Proxies;

pub(super) fn parse<T: std::str::FromStr>(
    source: &Source,
    name: &str,
    default: &str,
    wanted: &str,
    problems: &mut Vec<String>,
) -> Option<T> {
    let text = source.get(name).unwrap_or_else(|| default.to_owned());
    let value = text.parse().ok();
    if value.is_none() {
        problems.push(format!("{name} must be {wanted}."));
    }
    value
}

pub(super) fn url(source: &Source, name: &str, default: &str, problems: &mut Vec<String>) -> Url {
    let fallback = || Url::parse("http://localhost").expect("a fixed address parses");
    let value: Option<Url> = parse(source, name, default, "an address that begins with http:// or https://", problems);
    value.filter(|url| matches!(url.scheme(), "http" | "https")).unwrap_or_else(fallback)
}

pub(super) fn address(
    source: &Source,
    name: &str,
    kind: &address::Kind,
    problems: &mut Vec<String>,
) -> Option<SecretString> {
    let text = source.get(name)?;
    problems.extend(address::problem(name, &text, kind));
    Some(SecretString::from(text))
}

/// A whole number of gigabytes from 1 to 10000, in bytes.
pub(super) fn gigabytes(source: &Source, name: &str, default: u64, problems: &mut Vec<String>) -> u64 {
    let Some(text) = source.get(name) else { return default };
    match text.parse::<u64>() {
        Ok(number) if (1..=10_000).contains(&number) => number * 1024 * 1024 * 1024,
        _ => {
            problems.push(format!("{name} must be a number from 1 to 10000."));
            default
        }
    }
}

/// A whole number of months from 1 to 1200.
pub(super) fn months(source: &Source, name: &str, default: u16, problems: &mut Vec<String>) -> u16 {
    between(source, name, (1, 1200), default, problems)
}

/// A whole number within these bounds.
pub(super) fn between(
    source: &Source,
    name: &str,
    (least, most): (u16, u16),
    default: u16,
    problems: &mut Vec<String>,
) -> u16 {
    let Some(text) = source.get(name) else { return default };
    text.parse::<u16>().ok().filter(|number| (least..=most).contains(number)).unwrap_or_else(|| {
        problems.push(format!("{name} must be a number from {least} to {most}."));
        default
    })
}

pub(super) fn proxies(source: &Source, problems: &mut Vec<String>) -> Proxies {
    let Some(text) = source.get("TRUSTED_PROXIES") else { return Proxies::default() };
    Proxies::parse(&text).unwrap_or_else(|problem| {
        problems.push(format!("TRUSTED_PROXIES: {problem}."));
        Proxies::default()
    })
}

pub(super) fn flag(source: &Source, name: &str, default: bool, problems: &mut Vec<String>) -> bool {
    match source.get(name).as_deref() {
        None => default,
        Some("true" | "1" | "on" | "yes") => true,
        Some("false" | "0" | "off" | "no") => false,
        Some(_) => {
            problems.push(format!("{name} must be true or false."));
            default
        }
    }
}

pub(super) fn time_scale(source: &Source, problems: &mut Vec<String>) -> f64 {
    match source.get("TIME_SCALE") {
        None => 1.0,
        Some(_) if !cfg!(feature = "testing") => {
            problems.push("TIME_SCALE works in testing builds only. Remove it.".to_owned());
            1.0
        }
        Some(text) => match text.parse::<f64>() {
            Ok(scale) if (1.0..=1000.0).contains(&scale) => scale,
            _ => {
                problems.push("TIME_SCALE must be a number from 1 to 1000.".to_owned());
                1.0
            }
        },
    }
}

/// The keys with which HighLevel signs what it sends.
pub(super) fn webhook_keys(source: &Source, problems: &mut Vec<String>) -> Keys {
    let text = source.get("GHL_WEBHOOK_PUBLIC_KEYS");
    if let Some(keys) = text.as_deref().and_then(Keys::read) {
        return keys;
    }
    if text.is_some() {
        problems.push(
            "GHL_WEBHOOK_PUBLIC_KEYS must be Ed25519 public keys as PEM, Base64 or hex, separated by commas."
                .to_owned(),
        );
    }
    Keys::published()
}

pub(super) fn absolute(path: String) -> PathBuf {
    std::path::absolute(&path).unwrap_or_else(|_| PathBuf::from(path))
}
