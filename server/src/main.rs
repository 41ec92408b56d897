//! Entry point of the one binary. It starts the embedded Postgres on the main thread, because that Postgres lives
//! exactly as long as this thread.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use slipway::boot::config::{Config, Source};
use slipway::cli::Command;
use slipway::cli::{self, commands};

/// A page is thousands of small pieces of text: the allocator of glibc took a third of the time in which it is written.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Slipway: provision and run client businesses for agencies.
#[derive(Parser)]
#[command(name = "slipway", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let source = Source::process();
    if let Some(code) = cli::without_config(&cli.command, &source) {
        return code;
    }
    let config = match Config::read(&source) {
        Ok(config) => config,
        Err(problems) => {
            cli::say_problems(&problems);
            return ExitCode::from(2);
        }
    };
    slipway::boot::logs::start(&config);
    if matches!(cli.command, Command::Serve { .. } | Command::Worker { .. }) {
        for hint in cli::hints(&config) {
            tracing::warn!(event = "settings.weak", "{hint}");
        }
    }
    match commands::run(cli.command, config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::say_failure(&error);
            ExitCode::FAILURE
        }
    }
}
