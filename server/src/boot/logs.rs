//! Configures structured logging. Log fields are allow-listed, and redaction removes secrets as a second safety net.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::config::Config;

/// Starts logging: JSON lines in production, short lines for a person otherwise.
pub fn start(config: &Config) {
    #[expect(clippy::disallowed_methods, reason = "the log filter is the logger's own variable")]
    let wish = std::env::var("RUST_LOG").unwrap_or_else(|_| "info,sqlx=warn,hyper=warn,tower=warn".to_owned());
    let filter = EnvFilter::try_new(wish).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Redacted);
    let started = if config.production() {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.with_target(false).compact().try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started already");
    }
}

/// Writes to standard error and redacts secrets.
#[derive(Clone, Copy)]
struct Redacted;

impl<'a> MakeWriter<'a> for Redacted {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line(Vec::new())
    }
}

/// Collects one line and writes it when dropped.
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.0);
        // A log that cannot be written must not stop the work that it reports.
        let _ = io::stderr().lock().write_all(outbound::redact(&text).as_bytes());
    }
}
