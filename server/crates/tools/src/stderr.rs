//! What becomes of the error output of a tool process? It is read as fast as it comes, so that it never holds up a call, and
//! a few lines of it go to the log, without secrets.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncRead;
use tokio::time::Instant;

use crate::connection::{Line, Lines};
use crate::spec::ProcessKey;

/// How much of a line is read, in bytes, and how much of it is logged, in characters.
const LINE: usize = 2000;
const SHOWN: usize = 300;
/// How many lines are logged of one start, and how often one is after them.
const LINES: u32 = 20;
const PAUSE: Duration = Duration::from_secs(60);

/// Reads to the end. The first line is worth a look; the others are for whoever searches for a fault.
pub(crate) async fn drain(key: ProcessKey, secret: SecretString, stderr: Box<dyn AsyncRead + Send + Unpin>) {
    let mut lines = Lines::new(stderr, LINE);
    let mut pace = Pace::default();
    let (tenant_id, server) = (key.business, key.server);
    while let Ok(Some(line)) = lines.next().await {
        let Some(left_out) = pace.admits(Instant::now()) else { continue };
        let line = shown(&line, secret.expose_secret());
        if pace.logged == 1 {
            tracing::info!(event = "tool_process.stderr", %tenant_id, %server, line, "a tool process wrote to its error output");
        } else {
            tracing::debug!(event = "tool_process.stderr", %tenant_id, %server, line, left_out, "a tool process wrote to its error output");
        }
    }
}

/// Which lines are logged.
#[derive(Default)]
struct Pace {
    logged: u32,
    last: Option<Instant>,
    left_out: u64,
}

impl Pace {
    /// How many lines were left out before this one. `None` if this one is left out, too.
    fn admits(&mut self, now: Instant) -> Option<u64> {
        let soon = self.last.is_some_and(|last| now.saturating_duration_since(last) < PAUSE);
        if self.logged >= LINES && soon {
            self.left_out += 1;
            return None;
        }
        self.logged = self.logged.saturating_add(1);
        self.last = Some(now);
        Some(std::mem::take(&mut self.left_out))
    }
}

/// A line as the log shows it.
fn shown(line: &Line, secret: &str) -> String {
    let (Line::Whole(bytes) | Line::Long { head: bytes, .. }) = line;
    let text = String::from_utf8_lossy(bytes);
    let mut hidden = if secret.is_empty() { text.into_owned() } else { text.replace(secret, "[token]") };
    if matches!(line, Line::Long { .. }) {
        // The token may begin where the line was cut.
        let kept = hidden.chars().count().saturating_sub(secret.len());
        hidden = hidden.chars().take(kept).collect();
    }
    outbound::redact(&hidden).chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Write};
    use std::sync::{Arc, Mutex};

    use domain::{BusinessId, ToolServerId};
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    const TOKEN: &str = "opaque_0123456789abcdef";

    /// Collects the lines of the log.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn each_line_in_the_log_names_its_tenant_and_holds_no_token() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(move || writer.clone())
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let (business, server) = (BusinessId(Uuid::from_u128(7)), ToolServerId(Uuid::from_u128(8)));
        let said = format!("started with {TOKEN}\nAuthorization: Bearer abcdefghijkl\ndone\n");
        let key = ProcessKey { business, server };
        drain(key, SecretString::from(TOKEN), Box::new(Cursor::new(said.into_bytes()))).await;
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains(TOKEN) && !text.contains("abcdefghijkl"), "{text}");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ours: Vec<&Value> = lines.iter().filter(|line| line["event"] == "tool_process.stderr").collect();
        let expected = ["started with [token]", "Authorization: Bearer [redacted]", "done"];
        assert_eq!(ours.iter().map(|line| line["line"].as_str().unwrap()).collect::<Vec<_>>(), expected);
        for line in ours {
            assert_eq!(
                (&line["tenant_id"], &line["server"]),
                (&business.to_string().into(), &server.to_string().into())
            );
        }
    }

    #[test]
    fn a_token_is_shown_at_no_place_of_a_line() {
        for before in 0..LINE + 50 {
            let text = format!("{}{TOKEN} and Bearer abcdefghijkl", ".".repeat(before));
            let line = if text.len() > LINE {
                Line::Long { head: text.as_bytes()[..LINE].to_vec(), tail: Vec::new() }
            } else {
                Line::Whole(text.into_bytes())
            };
            let shown = shown(&line, TOKEN);
            assert!(!shown.contains("opaque_0") && !shown.contains("abcdefghijkl"), "{before}: {shown}");
        }
    }

    #[test]
    fn twenty_lines_of_a_start_are_logged_and_then_one_a_minute() {
        let (mut pace, begun) = (Pace::default(), Instant::now());
        let mut admitted = Vec::new();
        for second in 0..300 {
            for _ in 0..100 {
                if let Some(left_out) = pace.admits(begun + Duration::from_secs(second)) {
                    admitted.push((second, left_out));
                }
            }
        }
        assert_eq!(admitted.len(), 24);
        assert!(admitted[..20].iter().all(|one| *one == (0, 0)));
        assert_eq!(admitted[20..], [(60, 5980), (120, 5999), (180, 5999), (240, 5999)]);
    }

    #[test]
    fn a_long_line_is_shortened_after_its_secrets_are_hidden() {
        let line = format!("{}{TOKEN}", "é".repeat(SHOWN - 5));
        let shown = shown(&Line::Whole(line.into_bytes()), TOKEN);
        assert!(shown.chars().count() == SHOWN && !shown.contains("opaqu"), "{shown}");
    }

    #[test]
    fn other_words_stay() {
        assert_eq!(shown(&Line::Whole(b"listening on stdio".to_vec()), TOKEN), "listening on stdio");
        assert_eq!(shown(&Line::Whole(b"plain".to_vec()), ""), "plain");
    }
}
