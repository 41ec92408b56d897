//! The first run: while nobody runs the platform, this page says what is ready and how the first super admin comes in.
//! It sets nothing itself; only the one-time link does.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::error::Error;
use crate::frame::Blank;
use crate::guard::{Here, here};
use crate::page::loaded;
use crate::ui::{StatusIcon, Tone};

/// One thing that must hold before people come.
struct Check {
    what: &'static str,
    tone: Tone,
    says: String,
}

/// What is ready, and the way in.
#[component]
pub fn Setup() -> impl IntoView {
    let here = here();
    loaded(async move {
        let here = here?;
        if store::identity::has_super_admin(&here.state.db).await? {
            return Err(Error::NotFound);
        }
        let lines = checks(&here).await.into_iter().map(|check| {
            view! {
                <li class="flex gap-2">
                    <StatusIcon tone=check.tone/>
                    <div><p class="font-medium">{check.what}</p><p class="text-sm text-fg-2">{check.says}</p></div>
                </li>
            }
        });
        Ok(view! {
            <Title text="Set up Slipway"/>
            <Blank title="Set up Slipway".to_owned()>
                <p class="text-fg-2">
                    "Nobody runs this platform yet. The first super admin comes in by a one-time link that the server prints: at its start when "
                    <code>"SUPER_ADMIN_EMAIL"</code> " is set, or by this command:"
                </p>
                <pre class="rounded-card border border-line bg-raised p-3 text-sm overflow-x-auto">"slipway create-admin --email you@example.com"</pre>
                <ul class="flex flex-col gap-3">{lines.collect_view()}</ul>
            </Blank>
        })
    })
}

async fn checks(here: &Here) -> Vec<Check> {
    let settings = &here.state.settings;
    let database = here.state.db.ping().await.is_ok();
    let schema = store::migrate::check_known(&here.state.db).await.is_ok();
    let good = |passed: bool| if passed { Tone::Ok } else { Tone::Failed };
    let https = settings.public_url.starts_with("https://");
    vec![
        Check {
            what: "Database",
            tone: good(database),
            says: if database {
                "Postgres answers.".into()
            } else {
                "Postgres does not answer. Look at DATABASE_URL.".into()
            },
        },
        Check {
            what: "Migrations",
            tone: good(schema),
            says: if schema { "The schema fits this version.".into() } else { "Run `slipway migrate`.".into() },
        },
        Check { what: "Encryption key", tone: Tone::Ok, says: "Stored secrets open with the configured key.".into() },
        Check {
            what: "Public address",
            tone: if https || !settings.production { Tone::Ok } else { Tone::Warn },
            says: format!("People reach you at {}. Change PUBLIC_URL if that is wrong.", settings.public_url),
        },
        Check {
            what: "Mail",
            tone: if settings.mails_leave { Tone::Ok } else { Tone::Warn },
            says: if settings.mails_leave {
                "Mails go to your mail server.".into()
            } else {
                "No mail server is set: mails become files in the data folder. Set SMTP_URL before you invite people."
                    .into()
            },
        },
        Check {
            what: "HighLevel app",
            tone: if here.state.settings.highlevel_ready { Tone::Ok } else { Tone::Warn },
            says: if settings.highlevel_ready {
                format!(
                    "Register this redirect address in your marketplace app: {}/api/integrations/ghl/callback",
                    settings.public_url
                )
            } else {
                "GHL_CLIENT_ID and GHL_CLIENT_SECRET are missing: agencies can't connect HighLevel yet.".into()
            },
        },
    ]
}
