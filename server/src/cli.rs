//! What can be typed after `slipway`, and what it prints to the person who typed it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this file is the program's voice at the terminal")]

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Subcommand;
use secrecy::ExposeSecret;

use crate::config::{Config, SETTINGS, Source};

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
    /// Run the stand-in for HighLevel; refuses in production.
    Simulator {
        /// Print the settings that make the product use the simulator, and exit.
        #[arg(long)]
        print_env: bool,
    },
    /// Bring the database to this version.
    Migrate {
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// Fill in example data; refuses in production.
    Seed {
        /// What to seed.
        #[command(subcommand)]
        what: Seed,
    },
    /// Create the super admin if absent and print a one-time link to set the password, also of one who lost it.
    CreateAdmin {
        /// Address of the super admin; `SUPER_ADMIN_EMAIL` if not given.
        #[arg(long)]
        email: Option<String>,
        /// Make no link when there is a super admin already.
        #[arg(long)]
        if_absent: bool,
    },
    /// Make API tokens.
    Token {
        /// What to do.
        #[command(subcommand)]
        what: Token,
    },
    /// Check the audit log's hash chains.
    VerifyAudit,
    /// Keys of stored secrets.
    Keys {
        /// What to do.
        #[command(subcommand)]
        what: Keys,
    },
    /// Show every setting, where it came from, what is missing or weak; never a secret.
    CheckConfig,
    /// Print a `.env` with safe random values.
    GenEnv,
}

/// What can be seeded.
#[derive(Subcommand, Debug)]
pub enum Seed {
    /// The demo world: an agency, three businesses, history and sign-ins.
    Demo,
}

/// What can be done with keys.
#[derive(Subcommand, Debug)]
pub enum Keys {
    /// Wrap every data key with the primary master key; resumable, safe while serving.
    Rotate {
        /// Also give every agency a new data key and seal its secrets anew.
        #[arg(long)]
        data: bool,
    },
}

/// What can be done with tokens.
#[derive(Subcommand, Debug)]
pub enum Token {
    /// Make a token and print it once.
    Create {
        /// Agency, by id or slug.
        #[arg(long, conflicts_with = "business", required_unless_present = "business")]
        agency: Option<String>,
        /// Business, by id, or by slug if only one has it.
        #[arg(long)]
        business: Option<String>,
        /// Scopes, separated by commas: provisioning, snapshots, businesses; for one business: businesses alone.
        #[arg(long, value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// What it is for.
        #[arg(long)]
        name: String,
    },
}

/// Runs what needs no valid settings.
#[must_use]
pub fn without_config(command: &Command, source: &Source) -> Option<ExitCode> {
    match command {
        Command::CheckConfig => Some(check_config(source)),
        Command::GenEnv => {
            gen_env();
            Some(ExitCode::SUCCESS)
        }
        Command::Simulator { print_env: true } => {
            print_simulator_env(source);
            Some(ExitCode::SUCCESS)
        }
        _ => None,
    }
}

fn check_config(source: &Source) -> ExitCode {
    for setting in SETTINGS {
        println!("{:<22} {:<12} {}", setting.name, source.origin(setting.name), source.shown(setting));
        println!("{:<22} {:<12} {}", "", "", setting.meaning);
    }
    match Config::read(source) {
        Ok(config) => {
            if source.origin("SLIPWAY_ENV") == "default" {
                println!(
                    "\nnote: SLIPWAY_ENV is not set: this is a development machine, which takes unsafe settings. Set it to production where others reach it."
                );
            }
            for hint in hints(&config) {
                println!("\nnote: {hint}");
            }
            println!("\nThe settings are complete.");
            ExitCode::SUCCESS
        }
        Err(problems) => {
            say_problems(&problems);
            ExitCode::from(2)
        }
    }
}

/// What works without but deserves a word.
pub fn hints(config: &Config) -> Vec<&'static str> {
    let mut hints = Vec::new();
    if config.ghl.client_id.is_empty() || config.ghl.client_secret.expose_secret().is_empty() {
        hints.push(
            "GHL_CLIENT_ID or GHL_CLIENT_SECRET is missing: agencies can't connect HighLevel until both are set.",
        );
    }
    if config.smtp.is_none() {
        hints.push("SMTP_URL is missing: mails become files in the data folder and reach nobody.");
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

fn gen_env() {
    let random = |bytes: usize| hex::encode((0..bytes).map(|_| rand::random::<u8>()).collect::<Vec<_>>());
    println!("# Settings of Slipway. Keep this file out of backups of the database.");
    println!("SLIPWAY_ENV=production");
    println!("LISTEN_ADDR=0.0.0.0:3000");
    println!("PUBLIC_URL=https://app.example.com");
    println!("DATABASE_URL=postgres://slipway:{}@db:5432/slipway", random(24));
    let owner = random(24);
    println!("DATABASE_OWNER_URL=postgres://postgres:{owner}@db:5432/slipway");
    println!("POSTGRES_PASSWORD={owner}");
    println!("ENCRYPTION_KEY={}", random(32));
    println!("SUPER_ADMIN_EMAIL=you@example.com");
    println!("GHL_CLIENT_ID=\nGHL_CLIENT_SECRET=\nGHL_APP_ID=");
    println!("SMTP_URL=\nMAIL_FROM=Slipway <no-reply@example.com>");
    println!("METRICS_TOKEN={}", random(24));
    println!(
        "# The proxies in front, whose word about callers is believed: this machine and the network of the compose file."
    );
    println!("TRUSTED_PROXIES=127.0.0.0/8,::1,172.30.83.0/24");
    println!("META_APP_ID=\nMETA_APP_SECRET=\nMETA_WEBHOOK_VERIFY_TOKEN={}", random(24));
}

fn print_simulator_env(source: &Source) {
    let defaults = simulator::defaults();
    let host = Config::read(source).map_or_else(|_| "127.0.0.1:4700".to_owned(), |config| config.simulator.to_string());
    println!("GHL_CLIENT_ID={}", defaults.client_id);
    println!("GHL_CLIENT_SECRET={}", defaults.client_secret);
    println!("GHL_APP_ID={}", defaults.app_id);
    println!("GHL_BASE_URL=http://{host}");
    println!("GHL_MARKETPLACE_URL=http://{host}");
}

/// Lists what is wrong with the settings.
pub fn say_problems(problems: &[String]) {
    eprintln!("The settings need attention:");
    for problem in problems {
        eprintln!("  - {problem}");
    }
}

/// Says why a command failed.
pub fn say_failure(error: &anyhow::Error) {
    eprintln!("{error:#}");
}

/// Prints one line for the person at the terminal.
pub fn say(line: &str) {
    println!("{line}");
}
