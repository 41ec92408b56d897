//! Detects a database or mail address whose password was cut short. A `#`, `/` or `?` inside the password ends it early
//! without an error, and only the author of the address can say which part is the password.

use url::Url;

/// An expected kind of address: its schemes, and an example for error messages.
pub struct Kind {
    schemes: &'static [&'static str],
    example: &'static str,
}

/// A Postgres address.
pub const POSTGRES: Kind =
    Kind { schemes: &["postgres", "postgresql"], example: "postgres://user:password@host:5432/slipway" };
/// A mail server address.
pub const SMTP: Kind = Kind { schemes: &["smtp", "smtps"], example: "smtps://user:password@host:465" };

/// Returns a sentence that says what is wrong with the address, or `None` if it is valid. The sentence names the
/// setting and never shows any part of the value.
#[must_use]
pub fn problem(name: &str, text: &str, kind: &Kind) -> Option<String> {
    let scheme = text.split("://").next().unwrap_or_default();
    if !kind.schemes.contains(&scheme) {
        return Some(format!("{name} must be an address such as {}.", kind.example));
    }
    let whole = Url::parse(text).is_ok_and(|url| {
        url.fragment().is_none() && !url.path().contains('@') && !url.query().is_some_and(|query| query.contains('@'))
    });
    let short = "is cut short: in its password, write %23 for #, %2F for /, %3F for ?, %40 for @ and %25 for %.";
    (!whole).then(|| format!("{name} {short}"))
}

#[cfg(test)]
mod tests {
    use crate::boot::config::{Config, Source};

    #[test]
    fn a_truncated_password_is_reported_and_never_shown() {
        for name in ["DATABASE_URL", "DATABASE_OWNER_URL", "SMTP_URL"] {
            let scheme = if name == "SMTP_URL" { "smtps" } else { "postgres" };
            for password in ["hu#sh", "hu/sh", "hu?sh", "12#4hush", "1/hush", "1?hush"] {
                let text = format!("{scheme}://u:{password}@host:5432/slipway");
                let problems = Config::read(&Source::given(&[(name, &text)])).unwrap_err();
                let told = problems.len() == 1 && problems[0].starts_with(name) && problems[0].contains("%23");
                assert!(told && !problems[0].contains("hush"), "{problems:?}");
            }
            for password in ["hush", "hu%23%2F%3Fsh", "hu$sh", "", "hu%40sh"] {
                let text = format!("{scheme}://u:{password}@host:5432/slipway");
                Config::read(&Source::given(&[(name, &text)])).unwrap();
            }
            let wrong = Config::read(&Source::given(&[(name, "mysql://u:p@h/d")])).unwrap_err();
            assert!(wrong.len() == 1 && wrong[0].starts_with(name), "{wrong:?}");
        }
        Config::read(&Source::given(&[("DATABASE_URL", "postgres://u@localhost/slipway?host=%2Frun%2Fpg")])).unwrap();
    }
}
