//! Checks whether the installation is ready: each check has a result and, if it failed, a remedy. The setup page and
//! the first page of the super admin show them.

use kit::{StatusIcon, Tone};
use leptos::prelude::*;

use crate::check_texts::{Texts, texts};
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

/// All checks in the language of the page, in order of importance.
pub async fn checks(context: &ServerContext, request_host: Option<&str>) -> Vec<Check> {
    let texts = texts(context.request.page_language());
    let settings = &context.state.settings;
    let asked = now();
    let clock = context.state.db.clock().await.ok();
    let schema = store::migrate::check_known(&context.state.db).await.is_ok();
    vec![
        either(texts.database, clock.is_some(), texts.database_answers, texts.database_silent),
        either(texts.migrations, schema, texts.schema_fits, texts.schema_differs),
        Check::new(texts.key, Tone::Ok, texts.key_opens.to_owned()),
        address(texts, &settings.public_url, request_host, settings.production),
        match settings.mails_leave {
            true => Check::new(texts.mail, Tone::Ok, texts.mails_leave.to_owned()),
            false => Check::new(texts.mail, Tone::Warn, texts.mails_stay.to_owned()),
        },
        skew(texts, clock.map(|clock| (clock - asked).num_seconds())),
        match settings.highlevel_ready {
            true => Check::new(texts.highlevel, Tone::Ok, (texts.highlevel_ready)(&settings.public_url)),
            false => Check::new(texts.highlevel, Tone::Warn, texts.highlevel_missing.to_owned()),
        },
    ]
}

fn either(what: &'static str, passed: bool, good: &str, bad: &str) -> Check {
    let tone = if passed { Tone::Ok } else { Tone::Failed };
    Check::new(what, tone, if passed { good } else { bad }.to_owned())
}

/// Whether this very request came by the public address. Then a browser that HighLevel leads back finds us, too: it is the
/// person's browser that opens the redirect address, never HighLevel itself.
#[must_use]
pub fn came_by(public: &str, request_host: Option<&str>) -> bool {
    let wanted = public.split_once("://").map_or(public, |(_, host)| host);
    request_host.is_some_and(|host| host.eq_ignore_ascii_case(wanted))
}

/// Checks the public address: people can reach us by it if this very request did.
fn address(texts: &Texts, public: &str, request_host: Option<&str>, production: bool) -> Check {
    if production && !public.starts_with("https://") {
        return Check::new(texts.address, Tone::Failed, (texts.not_encrypted)(public));
    }
    match request_host {
        Some(_) if came_by(public, request_host) => Check::new(texts.address, Tone::Ok, (texts.reached)(public)),
        Some(host) => Check::new(texts.address, Tone::Warn, (texts.other_host)(host, public)),
        None => Check::new(texts.address, Tone::Warn, (texts.unknown_host)(public)),
    }
}

fn skew(texts: &Texts, seconds: Option<i64>) -> Check {
    match seconds {
        Some(seconds) if seconds.abs() <= SKEW => Check::new(texts.clock, Tone::Ok, texts.same_time.to_owned()),
        Some(seconds) => Check::new(texts.clock, Tone::Failed, (texts.other_time)(seconds.unsigned_abs())),
        None => Check::new(texts.clock, Tone::Warn, texts.clock_unread.to_owned()),
    }
}

/// The checks as a list.
#[component]
pub fn CheckList(
    /// The checks to show.
    checks: Vec<Check>,
) -> impl IntoView {
    let texts = texts(use_context().unwrap_or_default());
    let lines = checks.into_iter().map(|check| {
        let word = match check.tone {
            Tone::Ok => texts.passed,
            Tone::Warn => texts.worth_a_look,
            _ => texts.failed,
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
    use domain::language::Language;

    use super::*;

    #[test]
    fn the_address_is_proven_by_the_request_itself() {
        for texts in Language::ALL.map(texts) {
            let address = |public, host, production| address(texts, public, host, production).passed();
            assert!(address("https://slipway.example", Some("slipway.example"), true));
            assert!(address("http://127.0.0.1:3000", Some("127.0.0.1:3000"), false));
            assert!(!address("https://slipway.example", Some("10.0.0.7:3000"), true));
            assert!(!address("http://slipway.example", Some("slipway.example"), true));
            assert!(!address("https://slipway.example", None, true));
        }
    }

    #[test]
    fn clocks_may_differ_a_little() {
        for texts in Language::ALL.map(texts) {
            assert!(skew(texts, Some(-2)).passed());
            assert!(!skew(texts, Some(90)).passed());
            assert!(!skew(texts, None).passed());
        }
    }

    #[test]
    fn a_check_that_failed_says_the_same_settings_in_each_language() {
        for (host, production) in [(None, true), (Some("y.example"), false), (None, false)] {
            let [english, spanish] =
                Language::ALL.map(|language| address(texts(language), "http://x.example", host, production));
            assert_ne!((english.what, &english.says), (spanish.what, &spanish.says));
            for word in ["PUBLIC_URL", "http://x.example"] {
                assert!(
                    english.says.contains(word) && spanish.says.contains(word),
                    "{} {}",
                    english.says,
                    spanish.says
                );
            }
        }
    }
}
