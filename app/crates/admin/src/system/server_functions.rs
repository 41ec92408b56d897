//! Runs background work that was given up again, and discards it.

use leptos::prelude::*;
use operations::platform::work;
use store::queue::{MOST_RETRIED, Retried};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Runs background work of one kind that was given up again.
#[server(prefix = "/do", endpoint = "retry_given_up_work")]
pub async fn retry_given_up_work(kind: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let retried = work::retry(&actor, &normalize_kind(&kind)?).await?;
    flash_notice(&context, "retry_given_up_work", retried_words(retried)).await
}

/// Discards background work of one kind that was given up.
#[server(prefix = "/do", endpoint = "discard_given_up_work")]
pub async fn discard_given_up_work(kind: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let told = match work::discard(&actor, &normalize_kind(&kind)?).await? {
        1 => "One task discarded.".to_owned(),
        n => format!("{n} tasks discarded."),
    };
    flash_notice(&context, "discard_given_up_work", told).await
}

/// Reads the key of a kind of work. Only another version may know the kind.
fn normalize_kind(typed: &str) -> Result<String> {
    domain::text::name(typed, 48).map_err(|_| Error::NotFound)
}

/// The message after work was made ready again.
fn retried_words(retried: Retried) -> String {
    let runs = match retried.ready {
        0 => "Nothing to run again.".to_owned(),
        1 => "One task is running again.".to_owned(),
        n => format!("{n} tasks are running again."),
    };
    let dropped = match retried.dropped {
        0 => "",
        1 => " One was skipped because the same task is already waiting.",
        _ => " The others were skipped because the same tasks are already waiting.",
    };
    let rest = if retried.ready + retried.dropped == MOST_RETRIED { " Run the rest again after these." } else { "" };
    format!("{runs}{dropped}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_what_runs_again_what_was_left_out_and_what_is_left() {
        let words = |ready, dropped| retried_words(Retried { ready, dropped });
        assert_eq!(words(1, 0), "One task is running again.");
        assert_eq!(words(2, 1), "2 tasks are running again. One was skipped because the same task is already waiting.");
        assert!(words(0, 2).starts_with("Nothing to run again. The others"));
        assert!(words(499, 1).ends_with("Run the rest again after these."));
    }
}
