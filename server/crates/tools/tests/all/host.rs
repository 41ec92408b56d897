//! Laws of tool processes that are real: what they are given, what they may do, and what becomes of one that misbehaves.

use std::fs;
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::BusinessId;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tools::{CallError, Confinement, Credentials, HostLauncher, Launch, Launched, Limits, Processes};
use uuid::Uuid;

use super::support::real::{self, SECRET, TIMEOUT, credentials, runs, soon, spec, stub};

/// Names the folder of processes to the gateway that a test kills.
const GATEWAY: &str = "TOOLS_OF_ANOTHER_GATEWAY";

fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("slipway-tools-{name}-{}", std::process::id()))
}

fn launcher(name: &str) -> HostLauncher {
    real::launcher(&folder(name))
}

/// Processes of their own folder, which is removed with them.
struct World {
    processes: Processes,
    folder: PathBuf,
}

impl World {
    fn new(name: &str) -> Self {
        Self { processes: Processes::new(Limits::default(), Arc::new(launcher(name))), folder: folder(name) }
    }

    async fn call(&self, business: u128, tool: &str, arguments: Value) -> Result<Value, CallError> {
        let answer = self.processes.call(&stub(business), &credentials(), tool, arguments, TIMEOUT).await?;
        Ok(answer["structuredContent"]["said"].clone())
    }

    fn pid(&self, business: u128) -> u32 {
        let shown = self.processes.shown();
        let business = BusinessId(Uuid::from_u128(business));
        shown.iter().find(|one| one.business == business).and_then(|one| one.pid).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn first_line(launched: Launched) -> String {
    let mut lines = BufReader::new(launched.stderr).lines();
    lines.next_line().await.unwrap().unwrap_or_default()
}

#[tokio::test]
async fn a_process_gets_three_variables_and_its_path_and_nothing_else() {
    let launcher = launcher("variables");
    let said = first_line(launcher.launch(&stub(1), &credentials()).await.unwrap()).await;
    assert_eq!(said, "variables: GHL_ACCESS_TOKEN GHL_BASE_URL GHL_LOCATION_ID PATH");
    let _ = fs::remove_dir_all(folder("variables"));
}

#[tokio::test]
async fn a_process_is_confined() {
    let world = World::new("confined");
    let facts = world.call(1, "facts", json!({})).await.unwrap();
    let (status, limits) = (facts["status"].as_str().unwrap(), facts["limits"].as_str().unwrap());
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    for (limit, value) in [("Max open files", "256"), ("Max core file size", "0"), ("Max data size", "268435456")] {
        let line = limits.lines().find(|line| line.starts_with(limit)).unwrap();
        assert_eq!(line[limit.len()..].split_whitespace().next(), Some(value), "{line}");
    }
    assert_eq!(facts["files"], json!(["0", "1", "2", "3"]), "the last one lists the folder");
    let pid = world.pid(1);
    let stat = facts["stat"].as_str().unwrap();
    let group = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(2);
    assert_eq!(group, Some(pid.to_string().as_str()), "it leads a group of its own");
    let own = PathBuf::from(facts["folder"].as_str().unwrap());
    assert!(own.starts_with(&world.folder) && own.is_dir());
    world.processes.close().await;
    assert!(!own.exists(), "its folder goes with it");
}

#[tokio::test]
async fn no_process_reads_the_environment_of_another_one_or_of_the_server() {
    if embedded::process::effective_user() != 0 {
        let facts = World::new("landlock").call(1, "facts", json!({})).await.unwrap();
        if facts["listens"] == json!(true) {
            return; // Without Landlock only users of their own keep processes apart.
        }
    }
    let launcher = HostLauncher::new(&folder("peek"), Confinement::default()).unwrap();
    let first = launcher.launch(&spec(1, "/bin/cat", &[]), &credentials()).await.unwrap();
    for pid in [first.life.pid().unwrap(), std::process::id()] {
        let script = format!("head -c 1 /proc/{pid}/environ 2>/dev/null | wc -c >&2; exec cat");
        let second = launcher.launch(&spec(2, "/bin/sh", &["-c", &script]), &credentials()).await.unwrap();
        assert_eq!(first_line(second).await.trim(), "0");
    }
    let _ = fs::remove_dir_all(folder("peek"));
}

#[tokio::test]
async fn a_server_that_may_gives_each_process_a_user_of_its_own() {
    if embedded::process::effective_user() != 0 {
        return; // Only root may.
    }
    let launcher = HostLauncher::new(&folder("users"), Confinement::default()).unwrap();
    let command = spec(1, "/bin/sh", &["-c", "echo $(id -u) $(id -g) $(id -G) >&2; exec cat"]);
    let first = launcher.launch(&command, &credentials()).await.unwrap();
    let second = launcher.launch(&command, &credentials()).await.unwrap();
    let (first, second) = (first_line(first).await, first_line(second).await);
    let ids: Vec<&str> = first.split(' ').collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| *id == ids[0] && *id != "0"), "{first}");
    assert_ne!(first, second);
    let _ = fs::remove_dir_all(folder("users"));
}

#[tokio::test]
async fn junk_and_a_flood_of_errors_hold_up_no_call() {
    let world = World::new("junk");
    assert_eq!(world.call(1, "junk", json!({})).await, Ok(json!("after junk")));
    assert_eq!(world.call(1, "flood", json!({})).await, Ok(json!("after the flood")));
    assert_eq!(world.call(1, "echo", json!({ "a": "é" })).await, Ok(json!({ "a": "é" })));
    world.processes.close().await;
}

#[tokio::test]
async fn an_answer_of_fifty_megabytes_is_refused_and_the_next_call_is_served() {
    let world = World::new("big");
    let limit = Limits::default().answer_bytes;
    for bytes in [50 << 20, limit] {
        assert_eq!(world.call(1, "big", json!({ "bytes": bytes })).await, Err(CallError::TooLarge { limit }));
    }
    let pid = world.pid(1);
    let fits = world.call(1, "big", json!({ "bytes": limit - 1000 })).await.unwrap();
    assert_eq!(fits.as_str().map(str::len), Some(limit - 1000));
    assert_eq!(world.pid(1), pid, "it is the same process");
    world.processes.close().await;
}

#[tokio::test]
async fn a_process_that_dies_in_a_call_is_replaced() {
    let world = World::new("die");
    assert_eq!(world.call(1, "die", json!({})).await, Err(CallError::Ended));
    assert_eq!(world.call(1, "echo", json!({})).await, Ok(json!({})));
    world.processes.close().await;
}

#[tokio::test]
async fn what_a_process_started_ends_with_it() {
    let world = World::new("fork");
    let grandchild = u32::try_from(world.call(1, "fork", json!({})).await.unwrap().as_u64().unwrap()).unwrap();
    assert!(runs(grandchild));
    world.processes.close().await;
    assert!(soon(|| !runs(grandchild)));
}

#[tokio::test]
async fn what_a_process_started_ends_when_it_dies_in_a_call() {
    let world = World::new("fork-die");
    let grandchild = u32::try_from(world.call(1, "fork", json!({})).await.unwrap().as_u64().unwrap()).unwrap();
    assert!(runs(grandchild));
    assert_eq!(world.call(1, "die", json!({})).await, Err(CallError::Ended));
    assert!(soon(|| !runs(grandchild)));
    world.processes.close().await;
}

#[tokio::test]
async fn equal_ids_of_two_real_processes_never_meet() {
    let world = World::new("crossed");
    let calls = (0..1000).flat_map(|n| [1_u128, 2].map(|business| (business, n)));
    let answers = calls.map(|(business, n)| {
        let world = &world;
        async move {
            let says = json!({ "of": business.to_string(), "n": n });
            assert_eq!(world.call(business, "echo", says.clone()).await, Ok(says));
        }
    });
    futures::future::join_all(answers).await;
    assert_ne!(world.pid(1), world.pid(2));
    world.processes.close().await;
}

#[tokio::test]
async fn a_refreshed_token_reaches_a_new_process_and_the_old_one_ends() {
    let world = World::new("refreshed");
    world.call(1, "echo", json!({})).await.unwrap();
    let old = world.pid(1);
    let refreshed = Credentials { access_token: "refreshed-9876543210".to_owned().into(), ..credentials() };
    let says = json!({ "old": SECRET, "new": "refreshed-9876543210" });
    let answer = world.processes.call(&stub(1), &refreshed, "echo", says, TIMEOUT).await.unwrap();
    let said = json!({ "old": SECRET, "new": "[token]" });
    assert_eq!(answer["structuredContent"]["said"], said, "it was started with the new token and hides that one");
    let begun = Instant::now();
    while runs(old) && begun.elapsed() < Duration::from_secs(60) {
        tokio::task::yield_now().await;
    }
    assert!(!runs(old));
    world.processes.close().await;
}

#[tokio::test]
async fn a_token_that_a_process_repeats_stays_inside() {
    let world = World::new("canary");
    let said = world.call(1, "echo", json!({ "text": format!("<{SECRET}>") })).await.unwrap();
    assert_eq!(said, json!({ "text": "<[token]>" }));
    world.processes.close().await;
}

#[tokio::test]
async fn many_starts_leave_no_zombie_and_no_folder() {
    let world = World::new("zombies");
    let mut pids = Vec::new();
    for _ in 0..30 {
        world.call(1, "echo", json!({})).await.unwrap();
        pids.push(world.pid(1));
        let id = world.processes.shown()[0].id.clone();
        assert!(world.processes.stop(&id));
    }
    world.processes.close().await;
    assert!(pids.iter().all(|pid| !PathBuf::from(format!("/proc/{pid}")).exists()));
    assert_eq!(fs::read_dir(&world.folder).unwrap().count(), 0);
}

#[tokio::test]
async fn a_process_ends_when_what_started_it_is_gone() {
    let launcher = launcher("orphan");
    let command = spec(1, "/bin/sleep", &["600"]);
    let mut launched = launcher.launch(&command, &credentials()).await.unwrap();
    drop(launcher);
    let how = tokio::time::timeout(Duration::from_secs(60), launched.life.ended()).await.unwrap();
    assert!(how.contains("signal: 9"), "{how}");
    let _ = fs::remove_dir_all(folder("orphan"));
}

/// Starts a gateway that is a process of its own and waits for a tool that never answers. Returns it with the tool's process.
fn another_gateway(folder: &Path) -> (Child, u32) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "another_gateway_process", "--nocapture"]).env(GATEWAY, folder);
    let mut gateway = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufReader::new(gateway.stdout.take().unwrap()).lines().map_while(Result::ok);
    let pid = lines.into_iter().find_map(|line| line.split_once("CALLS ").and_then(|(_, pid)| pid.parse().ok()));
    (gateway, pid.expect("it calls a tool"))
}

#[tokio::test]
#[ignore = "the gateway that a test here kills"]
async fn another_gateway_process() {
    let Some(folder) = std::env::var_os(GATEWAY) else { return };
    let launcher = real::launcher(Path::new(&folder));
    let processes = Processes::new(Limits::default(), Arc::new(launcher));
    let calling = processes.clone();
    let call = tokio::spawn(async move { calling.call(&stub(1), &credentials(), "silent", json!({}), TIMEOUT).await });
    while processes.shown().iter().all(|one| one.calls == 0) {
        tokio::task::yield_now().await;
    }
    println!("CALLS {}", processes.shown()[0].pid.unwrap());
    std::io::stdout().flush().unwrap();
    let _ = call.await;
}

#[test]
fn a_gateway_that_is_killed_in_a_call_leaves_no_process_and_the_next_one_no_folder() {
    let folder = folder("killed");
    let (mut gateway, pid) = another_gateway(&folder);
    assert!(runs(pid));
    gateway.kill().unwrap();
    gateway.wait().unwrap();
    assert!(soon(|| !runs(pid)));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    launcher("killed");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let _ = fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn a_command_that_is_not_there_or_has_no_path_is_named() {
    let world = World::new("missing");
    for (business, command, wanted) in [(1, "/nowhere/tool", "No such file"), (2, "tool", "no absolute path")] {
        let spec = spec(business, command, &[]);
        let answer = world.processes.call(&spec, &credentials(), "echo", json!({}), TIMEOUT).await;
        assert!(matches!(&answer, Err(CallError::NotStarted(why)) if why.contains(wanted)), "{answer:?}");
    }
}

#[tokio::test]
async fn folders_of_servers_that_were_killed_are_removed_and_no_foreign_folder_is_used() {
    let folder = folder("left");
    let (left, before) = (folder.join("999999999-1"), folder.join(format!("{}-1", std::process::id())));
    let living = folder.join("1-999");
    for made in [&left.join("deep"), &before, &living] {
        fs::create_dir_all(made).unwrap();
    }
    launcher("left");
    assert!(!left.exists() && !before.exists(), "also of a server that had our number");
    assert!(living.exists());
    let link = folder.join("link");
    std::os::unix::fs::symlink(&living, &link).unwrap();
    assert!(HostLauncher::new(&link, Confinement::default()).is_err());
    let _ = fs::remove_dir_all(&folder);
}
