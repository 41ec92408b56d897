//! Where do the figures of `/metrics` live, and what keeps them small while nobody reads them?

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the classes that durations are counted in, in seconds. Counts of several processes can be added up, which
/// quantiles cannot.
const SECONDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// How often durations are counted into their classes. Until then each is kept, and only reading `/metrics` does the same: a
/// server whose figures nobody reads would keep every request for ever.
const EVERY: Duration = Duration::from_secs(5);
/// The name of the thread that does it; at most 15 bytes, as Linux keeps no more.
const THREAD: &str = "figures";

/// Returns the recorder of this process. A process has one, however many servers a test starts in it.
///
/// # Errors
/// When the recorder or its thread cannot be started.
pub fn recorder() -> anyhow::Result<PrometheusHandle> {
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut handle = HANDLE.lock().map_err(|_| anyhow::anyhow!("the figures broke"))?;
    if let Some(known) = handle.as_ref() {
        return Ok(known.clone());
    }
    let fresh = classes()?.install_recorder().context("starting the figures")?;
    let kept = fresh.clone();
    // A thread and not a task: it belongs to the process, and outlives each server that a test starts and ends.
    let count = move || {
        loop {
            thread::sleep(EVERY);
            kept.run_upkeep();
        }
    };
    thread::Builder::new().name(THREAD.to_owned()).spawn(count).context("starting the thread of the figures")?;
    *handle = Some(fresh.clone());
    Ok(fresh)
}

fn classes() -> anyhow::Result<PrometheusBuilder> {
    PrometheusBuilder::new().set_buckets(&SECONDS).context("the classes of durations")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_counted_in_classes() {
        let recorder = classes().unwrap().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            metrics::histogram!("some_seconds").record(0.02);
            metrics::histogram!("some_seconds").record(2.0);
        });
        let shown = handle.render();
        for line in
            ["some_seconds_bucket{le=\"0.01\"} 0", "some_seconds_bucket{le=\"0.025\"} 1", "some_seconds_count 2"]
        {
            assert!(shown.lines().any(|one| one == line), "{line}: {shown}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_whose_figures_nobody_reads_has_the_thread_that_counts_them() {
        recorder().unwrap();
        recorder().unwrap();
        let counting = || {
            let tasks = std::fs::read_dir("/proc/self/task").unwrap();
            let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
            names.filter(|name| name.trim() == THREAD).count()
        };
        // A thread names itself when it begins, which may be later.
        let begun = (0..1_000_000).any(|_| {
            thread::yield_now();
            counting() > 0
        });
        assert!(begun && counting() == 1, "{} threads", counting());
    }
}
