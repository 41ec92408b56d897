//! What is logged while a test looks, and which of it do our own crates write?

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

/// Collects the lines of the log.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// All of them.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Collects everything that is logged, at the finest level.
pub fn watch() -> (Lines, tracing::subscriber::DefaultGuard) {
    let all = Lines::default();
    let everything = tracing_subscriber::filter::LevelFilter::TRACE;
    let log = tracing_subscriber::fmt().json().with_max_level(everything).with_writer(all.clone()).finish();
    (all, tracing::subscriber::set_default(log))
}

/// The log lines of our own crates.
pub fn ours(log: &str) -> String {
    const OURS: [&str; 10] =
        ["app", "slipway", "operations", "store", "worker", "ghl", "meta", "outbound", "mail", "domain"];
    let is_ours = |line: &&str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let target = line["target"].as_str().unwrap_or_default();
        OURS.contains(&target.split("::").next().unwrap_or_default())
    };
    log.lines().filter(is_ours).collect::<Vec<_>>().join("\n")
}
