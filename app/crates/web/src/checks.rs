//! Checks whether the installation is ready: each check has a result and, if it failed, a remedy. The setup page and
//! the first page of the super admin show them.

use kit::{StatusIcon, Tone};
use leptos::prelude::*;

use crate::clock::now;
use crate::guard::ServerContext;
use crate::request_context::RequestContext;

/// Seconds by which two clocks may differ; beyond that, codes and tokens fail.
const SKEW: i64 = 5;

/// One check with its result.
pub struct Check {
    what: &'static str,
    tone: Tone,
    says: String,
}

impl Check {
    const fn new(what: &'static str, tone: Tone, says: String) -> Self {
        Self { what, tone, says }
    }

    /// True if there is nothing to fix.
    #[must_use]
    pub const fn passed(&self) -> bool {
        matches!(self.tone, Tone::Ok)
    }
}

/// The host that this request was sent to. Call it before the first await.
#[must_use]
pub fn request_host() -> Option<String> {
    use_context::<http::request::Parts>()?.extensions.get::<RequestContext>()?.host.clone()
}

/// All checks, in order of importance.
pub async fn checks(context: &ServerContext, request_host: Option<&str>) -> Vec<Check> {
    let settings = &context.state.settings;
    let asked = now();
    let clock = context.state.db.clock().await.ok();
    let schema = store::migrate::check_known(&context.state.db).await.is_ok();
    vec![
        either("Database", clock.is_some(), "Postgres answers.", "Postgres does not answer. Look at DATABASE_URL."),
        either(
            "Migrations",
            schema,
            "The schema fits this version.",
            "The schema is older or newer. Run `slipway migrate`.",
        ),
        Check::new(
            "Encryption key",
            Tone::Ok,
            "Stored secrets open with the configured key: the server tests it at each start, and stops if they do not."
                .into(),
        ),
        address(&settings.public_url, request_host, settings.production),
        match settings.mails_leave {
            true => Check::new("Mail", Tone::Ok, "Mails go to your mail server. Send yourself one to be sure.".into()),
            false => Check::new(
                "Mail",
                Tone::Warn,
                "No mail server is set: mails become files in the data folder. Set SMTP_URL before you invite people."
                    .into(),
            ),
        },
        skew(clock.map(|clock| (clock - asked).num_seconds())),
        match settings.highlevel_ready {
            true => Check::new(
                "HighLevel app",
                Tone::Ok,
                format!("Configured. Its redirect address is {}/api/integrations/ghl/callback", settings.public_url),
            ),
            false => Check::new(
                "HighLevel app",
                Tone::Warn,
                "GHL_CLIENT_ID and GHL_CLIENT_SECRET are missing: agencies can't connect HighLevel yet.".into(),
            ),
        },
    ]
}

fn either(what: &'static str, passed: bool, good: &str, bad: &str) -> Check {
    let tone = if passed { Tone::Ok } else { Tone::Failed };
    Check::new(what, tone, if passed { good } else { bad }.to_owned())
}

/// Checks the public address: people can reach us by it if this very request did.
fn address(public: &str, request_host: Option<&str>, production: bool) -> Check {
    let what = "Public address";
    let wanted = public.split_once("://").map_or(public, |(_, host)| host);
    if production && !public.starts_with("https://") {
        return Check::new(
            what,
            Tone::Failed,
            format!("{public} is not encrypted. Set PUBLIC_URL to an https address."),
        );
    }
    match request_host {
        Some(host) if host.eq_ignore_ascii_case(wanted) => {
            Check::new(what, Tone::Ok, format!("You reached this page by {public} itself."))
        }
        Some(host) => Check::new(
            what,
            Tone::Warn,
            format!("You came by {host}, but links in mails say {public}. Set PUBLIC_URL to the address people use."),
        ),
        None => Check::new(what, Tone::Warn, format!("Links in mails say {public}. Set PUBLIC_URL if that is wrong.")),
    }
}

fn skew(seconds: Option<i64>) -> Check {
    let what = "Clock";
    match seconds {
        Some(seconds) if seconds.abs() <= SKEW => {
            Check::new(what, Tone::Ok, "Server and database have the same time.".into())
        }
        Some(seconds) => Check::new(
            what,
            Tone::Failed,
            format!(
                "Server and database differ by {} s. Codes and tokens fail with wrong clocks: switch on time synchronisation (NTP) on both.",
                seconds.abs()
            ),
        ),
        None => Check::new(what, Tone::Warn, "The database's clock could not be read.".into()),
    }
}

/// The checks as a list.
#[component]
pub fn CheckList(
    /// The checks to show.
    checks: Vec<Check>,
) -> impl IntoView {
    let lines = checks.into_iter().map(|check| {
        let word = match check.tone {
            Tone::Ok => "passed",
            Tone::Warn => "worth a look",
            _ => "failed",
        };
        view! {
            <li class="flex gap-3">
                <span class="mt-[3px]"><StatusIcon tone=check.tone size=16/></span>
                <div class="min-w-0">
                    <p class="font-medium">{check.what}<span class="sr-only">{format!(", {word}")}</span></p>
                    <p class="text-sm wrap-anywhere text-fg-2">{check.says}</p>
                </div>
            </li>
        }
    });
    view! { <ul class="flex flex-col gap-3">{lines.collect_view()}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_proven_by_the_request_itself() {
        assert!(address("https://slipway.example", Some("slipway.example"), true).passed());
        assert!(address("http://127.0.0.1:3000", Some("127.0.0.1:3000"), false).passed());
        assert!(!address("https://slipway.example", Some("10.0.0.7:3000"), true).passed());
        assert!(!address("http://slipway.example", Some("slipway.example"), true).passed());
        assert!(!address("https://slipway.example", None, true).passed());
    }

    #[test]
    fn clocks_may_differ_a_little() {
        assert!(skew(Some(-2)).passed());
        assert!(!skew(Some(90)).passed());
        assert!(!skew(None).passed());
    }
}
