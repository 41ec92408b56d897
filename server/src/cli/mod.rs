//! Defines the sub-commands of `slipway`, their arguments and what they print.

pub mod bundles;
pub mod commands;
pub mod tokens;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Subcommand;
use secrecy::ExposeSecret;

use crate::boot::config::{Config, SETTINGS, Source};
use crate::boot::failure;

/// The sub-commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve pages, server functions, API and webhooks.
    Serve {
        /// Also run the background work in this process.
        #[arg(long)]
        with_worker: bool,
    },
    /// Run background work only; any number may run at once.
    Worker {
        /// Answer `/health` and `/metrics` at this address and port.
        #[arg(long)]
        listen: Option<SocketAddr>,
    },
    /// Run the HighLevel simulator; refuses to run in production.
    Simulator {
        /// Print the settings that make the product use the simulator, and exit.
        #[arg(long)]
        print_env: bool,
    },
    /// Migrate the database to the schema of this version.
    Migrate {
        /// Only print what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// Create example data; refuses to run in production.
    Seed {
        /// What to seed.
        #[command(subcommand)]
        what: Seed,
    },
    /// Create the super admin if there is none, and print a one-time link that sets the password. For an existing
    /// super admin, print a link that sets a new password.
    CreateAdmin {
        /// Email address of the super admin; `SUPER_ADMIN_EMAIL` if not given.
        #[arg(long)]
        email: Option<String>,
        /// Do nothing if a super admin already exists.
        #[arg(long)]
        if_absent: bool,
    },
    /// Create API tokens.
    Token {
        /// What to do.
        #[command(subcommand)]
        what: Token,
    },
    /// Carry the HighLevel tokens of an agency's clients to another installation. The variable `SLIPWAY_BUNDLE_KEY` holds the key,
    /// 64 hexadecimal digits.
    Credentials {
        /// What to do.
        #[command(subcommand)]
        what: Credentials,
    },
    /// Offer the tools of one business to a program beside it, by MCP over standard input and output. The variable
    /// `SLIPWAY_TOKEN` holds a token of the business.
    Mcp {
        /// Business, by id or slug.
        #[arg(long)]
        business: String,
    },
    /// Verify the audit log: every row, every link of each chain and every signed head; and the chains of the logs of tools.
    VerifyAudit {
        /// A chain head that was kept outside the database, as `CHAIN:SEQ:HASH` from the log (`event=audit.head`);
        /// may be repeated. A chain that does not contain it was truncated or rewritten.
        #[arg(long)]
        head: Vec<store::audit::Head>,
    },
    /// Manage the keys that encrypt stored secrets.
    Keys {
        /// What to do.
        #[command(subcommand)]
        what: Keys,
    },
    /// Show every setting, where its value came from, and what is missing or weak; never shows a secret.
    CheckConfig,
    /// Print a `.env` with safe random values.
    GenEnv,
}

/// The data that can be seeded.
#[derive(Subcommand, Debug)]
pub enum Seed {
    /// The demo world: an agency, three businesses, history and sign-ins.
    Demo,
}

/// The operations on keys.
#[derive(Subcommand, Debug)]
pub enum Keys {
    /// Re-encrypt every data key with the primary master key; can be resumed, and is safe while the server runs.
    Rotate {
        /// Also give every agency a new data key and encrypt its secrets with it.
        #[arg(long)]
        data: bool,
    },
}

/// The operations on the HighLevel tokens of an agency's clients.
#[derive(Subcommand, Debug)]
pub enum Credentials {
    /// Write the tokens of every client to standard output, sealed.
    Export {
        /// Agency, by id or slug.
        #[arg(long)]
        agency: String,
    },
    /// Read such a text from standard input and store the tokens of the clients that have none.
    Import {
        /// Agency, by id or slug.
        #[arg(long)]
        agency: String,
        /// Slug of the agency where the text was written, if it has another one here.
        #[arg(long)]
        from: Option<String>,
    },
}

/// The operations on tokens.
#[derive(Subcommand, Debug)]
pub enum Token {
    /// Create a token and print it once.
    Create {
        /// Agency, by id or slug.
        #[arg(long, conflicts_with = "business", required_unless_present = "business")]
        agency: Option<String>,
        /// Business, by id, or by slug if only one business has that slug.
        #[arg(long)]
        business: Option<String>,
        /// Scopes, separated by commas, such as provisioning, credentials or tools; an unknown one is answered with all that
        /// there are. A token of one business may only have the scopes businesses and tools.
        #[arg(long, value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// Name of the token, which says what it is for.
        #[arg(long)]
        name: String,
        /// Email address of the person with whose rights it acts. Tools need one.
        #[arg(long)]
        person: Option<String>,
    },
}

/// Runs the sub-commands that need no valid settings. Returns `None` for all others.
#[must_use]
pub fn without_config(command: &Command, source: &Source) -> Option<ExitCode> {
    match command {
        Command::CheckConfig => Some(check_config(source)),
        Command::GenEnv => Some(print(&gen_env(), ExitCode::SUCCESS)),
        Command::Simulator { print_env: true } => Some(print(&simulator_env(source), ExitCode::SUCCESS)),
        _ => None,
    }
}

fn check_config(source: &Source) -> ExitCode {
    let mut text = String::new();
    for setting in SETTINGS {
        let _ = writeln!(text, "{:<22} {:<12} {}", setting.name, source.origin(setting.name), source.shown(setting));
        let _ = writeln!(text, "{:<22} {:<12} {}", "", "", setting.meaning);
    }
    match Config::read(source) {
        Ok(config) => {
            if source.origin("SLIPWAY_ENV") == "default" {
                println!(
                    "\nnote: SLIPWAY_ENV is not set: this is a development machine, which takes unsafe settings. Set it to production where others reach it."
                );
            }
            for hint in hints(&config) {
                let _ = writeln!(text, "\nnote: {hint}");
            }
            print(&(text + "\nThe settings are complete.\n"), ExitCode::SUCCESS)
        }
        Err(problems) => {
            let code = print(&text, ExitCode::from(2));
            say_problems(&problems);
            code
        }
    }
}

/// Returns notes about settings that are valid but need attention.
pub fn hints(config: &Config) -> Vec<&'static str> {
    let mut hints = Vec::new();
    if config.ghl.client_id.is_empty() || config.ghl.client_secret.expose_secret().is_empty() {
        hints.push(
            "GHL_CLIENT_ID or GHL_CLIENT_SECRET is missing: agencies can't connect HighLevel until both are set.",
        );
    }
    if !config.meta.is_ready() {
        hints.push("META_APP_ID or META_APP_SECRET is missing: nobody can connect WhatsApp, Instagram or Messenger.");
    } else if config.meta.verify_token.expose_secret().is_empty() {
        hints.push("META_WEBHOOK_VERIFY_TOKEN is missing: Meta can't verify the address of the webhooks.");
    }
    if config.smtp.is_none() {
        hints.push("SMTP_URL names no mail server: mails become files in the data folder and reach nobody.");
    }
    if config.smtp.as_ref().is_some_and(|url| {
        let url = url.expose_secret();
        url.starts_with("smtp://") && !url.contains("tls=")
    }) {
        hints.push(
            "SMTP_URL begins with smtp:// and asks for no TLS: password and mails go over the network in clear. Begin it with smtps://, or add ?tls=required.",
        );
    }
    if config.super_admin.is_none() {
        hints.push("SUPER_ADMIN_EMAIL is missing: create the first super admin with `slipway create-admin --email`.");
    }
    if config.production() && !config.require_staff_mfa {
        hints.push("REQUIRE_STAFF_MFA is off: a password alone opens every agency.");
    }
    let untouched = |text: &str| text.ends_with("example.com") || text.ends_with("example.com>");
    let example = [config.public_url.host_str(), config.super_admin.as_deref(), Some(config.mail_from.as_str())];
    if config.production() && example.into_iter().flatten().any(untouched) {
        hints.push("PUBLIC_URL, SUPER_ADMIN_EMAIL or MAIL_FROM still holds an example: put in your own.");
    }
    hints
}

fn gen_env() -> String {
    let random = |bytes: usize| hex::encode((0..bytes).map(|_| rand::random::<u8>()).collect::<Vec<_>>());
    let (login, owner, key) = (random(24), random(24), random(32));
    let (metrics, meta) = (random(24), random(24));
    format!(
        "# Settings of Slipway. Keep this file out of backups of the database, and readable by you alone.
# A value with a space, a $ or a # stands between single quotes.
SLIPWAY_ENV=production
LISTEN_ADDR=0.0.0.0:3000
PUBLIC_URL=https://app.example.com
# A password of your own, in the addresses: write %23 for #, %2F for /, %3F for ?, %40 for @. The volume of the database
# keeps the passwords it was made with.
DATABASE_URL=postgres://slipway:{login}@db:5432/slipway
DATABASE_OWNER_URL=postgres://postgres:{owner}@db:5432/slipway
POSTGRES_PASSWORD={owner}
ENCRYPTION_KEY={key}
SUPER_ADMIN_EMAIL=you@example.com
GHL_CLIENT_ID=
GHL_CLIENT_SECRET=
GHL_APP_ID=
# A mail server, smtps://user:password@host:465; or folder: mails become files in SLIPWAY_DATA/mail. One is needed.
SMTP_URL=
MAIL_FROM='Slipway <no-reply@example.com>'
METRICS_TOKEN={metrics}
# The proxies in front, whose word about callers is believed: this machine and the network of the compose file.
TRUSTED_PROXIES=127.0.0.0/8,::1,172.30.83.0/24
META_APP_ID=
META_APP_SECRET=
META_WEBHOOK_VERIFY_TOKEN={meta}
META_CONFIG_ID=
META_IG_APP_ID=
META_IG_APP_SECRET=
# What writes answers: local, openai or anthropic. The last two need AI_MODEL and AI_API_KEY.
AI_PROVIDER=local
AI_MODEL=
AI_API_KEY=
# US dollars for a million tokens that the model reads and writes; without both, costs are shown as unknown.
AI_PRICE_INPUT=
AI_PRICE_OUTPUT=
"
    )
}

fn simulator_env(source: &Source) -> String {
    let (defaults, meta, llm) = (simulator::defaults(), simulator::meta_defaults(), simulator::llm_defaults());
    let host = Config::read(source).map_or_else(|_| "127.0.0.1:4700".to_owned(), |config| config.simulator.to_string());
    let at = |path: &str| format!("http://{host}{path}");
    let lines = [
        ("GHL_CLIENT_ID", defaults.client_id),
        ("GHL_CLIENT_SECRET", defaults.client_secret),
        ("GHL_APP_ID", defaults.app_id),
        ("GHL_BASE_URL", at("")),
        ("GHL_MARKETPLACE_URL", at("")),
        ("GHL_WHITELABEL_URL", at(simulator::WHITE_LABEL)),
        ("GHL_WEBHOOK_PUBLIC_KEYS", defaults.webhook_public_key),
        ("META_APP_ID", meta.app_id.to_owned()),
        ("META_APP_SECRET", meta.app_secret.to_owned()),
        ("META_WEBHOOK_VERIFY_TOKEN", meta.verify_token.to_owned()),
        ("META_CONFIG_ID", simulator::meta_demo::WHATSAPP_CONFIG.to_owned()),
        ("META_IG_APP_ID", meta.ig_app_id.to_owned()),
        ("META_IG_APP_SECRET", meta.ig_app_secret.to_owned()),
        ("META_GRAPH_VERSION", meta.version.to_owned()),
        ("META_GRAPH_URL", at(meta.graph_path)),
        ("META_DIALOG_URL", at(meta.dialog_path)),
        ("META_IG_GRAPH_URL", at(meta.ig_graph_path)),
        ("META_IG_DIALOG_URL", at(meta.ig_dialog_path)),
        ("META_IG_TOKEN_URL", at(meta.ig_token_path)),
        ("AI_PROVIDER", "openai".to_owned()),
        ("AI_BASE_URL", at(llm.path)),
        ("AI_API_KEY", llm.key.to_owned()),
        ("AI_MODEL", llm.model.to_owned()),
        ("AI_PRICE_INPUT", "2".to_owned()),
        ("AI_PRICE_OUTPUT", "8".to_owned()),
    ];
    lines.map(|(name, value)| format!("{name}={value}\n")).concat()
}

/// Prints the problems of the settings to standard error.
pub fn say_problems(problems: &[String]) {
    let listed: String = problems.iter().map(|problem| format!("  - {problem}\n")).collect();
    complain(&format!("The settings need attention:\n{listed}"));
}

/// Prints to standard error why a command failed.
pub fn say_failure(error: &anyhow::Error) {
    complain(&format!("{}\n", failure::sentence(error)));
}

/// Prints one line for the person at the terminal. A reader that closes the pipe early, as `head` does, does not
/// stop the command.
pub fn say(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Prints the output of a command. A reader that closes the pipe early is not a failure; a full disk behind a
/// redirection is one.
fn print(text: &str, code: ExitCode) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("The output cannot be written: {error}.\n"));
            ExitCode::FAILURE
        }
        _ => code,
    }
}

fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_is_generated_is_read_whole() {
        let (values, problems) = crate::boot::env_file::read(&gen_env());
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(values["MAIL_FROM"], "Slipway <no-reply@example.com>");
        assert!(values["DATABASE_OWNER_URL"].contains(&values["POSTGRES_PASSWORD"]));
    }
}
