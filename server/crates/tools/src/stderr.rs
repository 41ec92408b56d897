//! What becomes of the error output of a tool process? It is read as fast as it comes, so that it never holds up a call, and
//! a few lines of it go to the log, without secrets.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncRead;
use tokio::time::Instant;

use crate::connection::{Line, Lines};
use crate::spec::ProcessKey;

/// The longest line that is logged, in bytes.
const LINE: usize = 2000;
/// How many lines are logged in one [`WINDOW`].
const LINES: u32 = 20;
const WINDOW: Duration = Duration::from_secs(10);

/// Reads to the end.
pub(crate) async fn drain(key: ProcessKey, secret: SecretString, stderr: Box<dyn AsyncRead + Send + Unpin>) {
    let mut lines = Lines::new(stderr, LINE);
    let (mut since, mut logged, mut left_out) = (Instant::now(), 0, 0_u64);
    let (tenant_id, server) = (key.business, key.server);
    while let Ok(Some(line)) = lines.next().await {
        if since.elapsed() >= WINDOW {
            if left_out > 0 {
                tracing::warn!(event = "tool_process.stderr_flood", %tenant_id, %server, left_out, "a tool process wrote more lines than are logged");
            }
            (since, logged, left_out) = (Instant::now(), 0, 0);
        }
        if logged >= LINES {
            left_out += 1;
            continue;
        }
        logged += 1;
        let line = shown(&line, secret.expose_secret());
        tracing::info!(event = "tool_process.stderr", %tenant_id, %server, line, "a tool process wrote to its error output");
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
    outbound::redact(&hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "opaque_0123456789abcdef";

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
    fn other_words_stay() {
        assert_eq!(shown(&Line::Whole(b"listening on stdio".to_vec()), TOKEN), "listening on stdio");
        assert_eq!(shown(&Line::Whole(b"plain".to_vec()), ""), "plain");
    }
}
