//! Measures processor time and memory. It reads /proc, so there are no figures outside Linux.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Linux reports processor time in hundredths of a second on every machine.
const TICKS: f64 = 100.0;

/// Parent and processor seconds of one process.
struct Stat {
    parent: u32,
    own: f64,
    waited_for: f64,
}

fn stat(pid: &str) -> Option<Stat> {
    let text = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).ok()?;
    // The name in parentheses may contain anything; the numbers begin after it.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let seconds = |at: usize| Some(fields.get(at)?.parse::<f64>().ok()? / TICKS);
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: seconds(11)? + seconds(12)?,
        waited_for: seconds(13)? + seconds(14)?,
    })
}

/// Processor seconds of this process, all threads.
pub fn own() -> f64 {
    stat("self").map_or(0.0, |stat| stat.own)
}

/// The parent of a process. `None` if the process does not exist.
pub fn parent(pid: u32) -> Option<u32> {
    stat(&pid.to_string()).map(|stat| stat.parent)
}

/// Processor seconds of a process and its children, including children that have ended.
pub fn tree(pid: u32) -> f64 {
    let of_root = stat(&pid.to_string()).map_or(0.0, |stat| stat.own + stat.waited_for);
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = all.filter_map(|entry| stat(entry.file_name().to_str()?)).filter(|stat| stat.parent == pid);
    of_root + children.map(|stat| stat.own + stat.waited_for).sum::<f64>()
}

/// How many children of this process ended and were not waited for.
pub fn zombies() -> usize {
    let own = std::process::id().to_string();
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = all.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter(|text| {
            let mut fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
            fields.next() == Some("Z") && fields.next() == Some(own.as_str())
        })
        .count()
}

/// Seconds all processors together were busy since the machine started.
fn machine() -> Option<f64> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<f64> =
        text.lines().next()?.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    // The fields are user nice system idle iowait irq softirq steal. All count except idle and iowait.
    let busy: f64 = fields.iter().take(8).sum::<f64>() - fields.get(3)? - fields.get(4)?;
    Some(busy / TICKS)
}

/// The share of the processors that other programs use, measured over half a second in which this process does
/// nothing. It cannot be measured under load, because the machine counts in ticks but processes exactly.
pub async fn others() -> f64 {
    let (look, before) = (Duration::from_millis(500), machine());
    tokio::time::sleep(look).await;
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    machine().zip(before).map_or(0.0, |(now, then)| (now - then) / (look.as_secs_f64() * cpus as f64))
}

/// Resident memory of a process in bytes: all of it, and the part that it shares with no other process.
pub fn memory(pid: u32) -> Option<(u64, u64)> {
    let text = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).ok()?;
    let kib = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok())
    };
    Some((kib("VmRSS:")? * 1024, kib("RssAnon:").unwrap_or_default() * 1024))
}
