//! Laws of how real tool processes are kept apart: which files they reach, what becomes of what they leave behind, and what they
//! may take of this host. On a machine without Landlock those that need it show nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio_util::sync::CancellationToken;
use tools::{
    CallError, Confinement, HostLauncher, Launch, Launched, Limits, ProcessState, Processes, ServerSpec, Signal,
};

use super::support::real::{self, TIMEOUT, credentials, runs, soon, spec, stub};

/// The first answer of a server that is a script.
const HELLO: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{}}}"#;

/// A folder that is removed with everything in it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("slipway-confined-{name}-{}", std::process::id())))
    }

    fn launcher(&self) -> HostLauncher {
        real::launcher(&self.0)
    }

    fn processes(&self, limits: Limits) -> Processes {
        Processes::new(limits, Arc::new(self.launcher()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn shell(script: &str) -> ServerSpec {
    spec(1, "/bin/sh", &["-c", script])
}

/// Starts a process. `None` where this kernel keeps no processes apart: then nothing may start.
async fn started(launcher: &HostLauncher, spec: &ServerSpec) -> Option<Launched> {
    match launcher.launch(spec, &credentials()).await {
        Ok(launched) => Some(launched),
        Err(error) if error.to_string().contains("no Landlock") => None,
        Err(error) => panic!("{error}"),
    }
}

/// The first line that a process says.
async fn first_line(launched: &mut Launched) -> String {
    let mut lines = BufReader::new(&mut launched.stdout).lines();
    lines.next_line().await.unwrap().unwrap_or_default()
}

#[tokio::test]
async fn a_process_enters_the_group_that_was_made_for_it_before_it_becomes_its_command() {
    let (place, group) = (Place::new("grouped"), Place::new("group"));
    fs::create_dir_all(&group.0).unwrap();
    fs::write(group.0.join("cgroup.controllers"), "cpu memory pids").unwrap();
    let launcher = place.launcher().within(Some(&group.0)).unwrap();
    let Some(mut launched) = started(&launcher, &shell("echo here; read line")).await else { return };
    assert_eq!(first_line(&mut launched).await, "here");
    let mut made = fs::read_dir(&group.0).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let made = made.next().unwrap();
    assert_eq!(fs::read_to_string(made.join("cgroup.procs")).unwrap(), "0");
    assert_eq!(fs::read_to_string(made.join("pids.max")).unwrap(), "128");
    assert!(place.launcher().within(Some(&place.0)).is_err(), "a folder that is no group bounds nothing");
}

#[tokio::test]
async fn a_process_reaches_programs_and_its_own_folder_and_no_other_file() {
    let (place, other) = (Place::new("files"), Place::new("secret"));
    fs::create_dir_all(&other.0).unwrap();
    let secret = other.0.join("mail.eml");
    fs::write(&secret, "a link to sign in").unwrap();
    let launcher = place.launcher();
    let ours = std::env::current_dir().unwrap().join("Cargo.toml");
    let (other, ours) = (other.0.display().to_string(), ours.display().to_string());
    let attempts = [
        (format!("cat {}", secret.display()), false),
        (format!("echo x >> {}", secret.display()), false),
        (format!("ls {other}"), false),
        (format!("echo x > {other}/new"), false),
        (format!("rm {}", secret.display()), false),
        (format!("cat {ours}"), false),
        (format!("ls {}", place.0.display()), false),
        ("cat /etc/shadow".to_owned(), false),
        ("echo x > file && cat file && mkdir new && ls new && rm -r new file".to_owned(), true),
        ("cat /etc/passwd /proc/self/status /dev/null > /dev/null".to_owned(), true),
        ("ls /usr/bin".to_owned(), true),
    ];
    for (attempt, wanted) in attempts {
        let script = format!("if ( {attempt} ) > /dev/null 2>&1; then echo yes; else echo no; fi");
        let Some(mut launched) = started(&launcher, &shell(&script)).await else { return };
        assert_eq!(first_line(&mut launched).await, if wanted { "yes" } else { "no" }, "{attempt}");
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "a link to sign in");
}

#[tokio::test]
async fn a_folder_of_programs_that_holds_data_stays_closed() {
    let place = Place::new("hidden");
    let command = shell("if ls /usr/share > /dev/null 2>&1; then echo yes; else echo no; fi");
    let launcher = place.launcher();
    let Some(mut open) = started(&launcher, &command).await else { return };
    assert_eq!(first_line(&mut open).await, "yes");
    let other = Place::new("hidden-too");
    let launcher = other.launcher().hiding(Path::new("/usr/share"));
    let mut closed = started(&launcher, &command).await.unwrap();
    assert_eq!(first_line(&mut closed).await, "no");
}

#[tokio::test]
async fn where_nothing_keeps_processes_apart_none_starts() {
    let place = Place::new("open");
    let bounds = Confinement { own_user: false, landlock: false, ..Confinement::default() };
    let processes = Processes::new(Limits::default(), Arc::new(HostLauncher::new(&place.0, bounds).unwrap()));
    let answer = processes.call(&stub(1), &credentials(), "echo", json!({}), TIMEOUT).await;
    assert!(matches!(&answer, Err(CallError::NotStarted(why)) if why.contains("no Landlock")), "{answer:?}");
}

#[tokio::test]
async fn a_process_that_left_its_group_and_forgot_its_environment_ends_with_the_one_that_began_it() {
    let place = Place::new("escape");
    let script = "setsid env -i /bin/sh -c 'sleep 600 & echo $!; exec sleep 600'; echo none";
    let launcher = place.launcher();
    let Some(mut launched) = started(&launcher, &shell(script)).await else { return };
    let grandchild: u32 = first_line(&mut launched).await.parse().unwrap();
    assert!(runs(grandchild));
    drop(launched);
    assert!(soon(|| !runs(grandchild)));
}

#[tokio::test]
async fn one_that_runs_keeps_what_it_started_when_another_one_ends() {
    let place = Place::new("both");
    let launcher = place.launcher();
    let command = shell("setsid sleep 600 & echo $!; exec cat");
    let (first, second) = (started(&launcher, &command).await, started(&launcher, &command).await);
    let (Some(mut first), Some(mut second)) = (first, second) else { return };
    let ended: u32 = first_line(&mut first).await.parse().unwrap();
    let stays: u32 = first_line(&mut second).await.parse().unwrap();
    for (ends, left) in [(&mut first, ended), (&mut second, stays)] {
        assert!(runs(stays));
        ends.life.signal(Signal::Kill);
        ends.life.ended().await;
        ends.life.clear().await;
        assert!(soon(|| !runs(left)));
    }
}

#[tokio::test]
async fn the_kernel_ends_a_tool_process_before_the_server() {
    let place = Place::new("oom");
    let launcher = place.launcher();
    let Some(launched) = started(&launcher, &spec(1, "/bin/cat", &[])).await else { return };
    let score = fs::read_to_string(format!("/proc/{}/oom_score_adj", launched.life.pid().unwrap())).unwrap();
    assert_eq!(score.trim(), "1000");
}

#[tokio::test]
async fn a_flood_of_lines_that_nobody_asked_for_ends_the_process_and_counts_as_a_crash() {
    let place = Place::new("lines");
    let processes = place.processes(Limits::default());
    let flooding = shell(&format!("read -r _; echo '{HELLO}'; read -r _; read -r _; exec yes"));
    let mut answers: Vec<Result<Value, CallError>> = Vec::new();
    // A wait may be over before the next call on a slow machine; each crash doubles it.
    while answers.len() < 8 && !matches!(answers.last(), Some(Err(CallError::BackingOff { .. }))) {
        answers.push(processes.call(&flooding, &credentials(), "echo", json!({}), TIMEOUT).await);
    }
    if matches!(&answers[0], Err(CallError::NotStarted(_))) {
        return;
    }
    let (last, ended) = answers.split_last().unwrap();
    assert!(ended.len() > 1 && ended.iter().all(|answer| *answer == Err(CallError::Ended)), "{answers:?}");
    assert!(matches!(last, Err(CallError::BackingOff { .. })), "{answers:?}");
    processes.close().await;
}

#[tokio::test]
async fn a_process_that_fills_its_folder_is_ended_and_the_folder_goes() {
    let place = Place::new("hoard");
    let limits = Limits { folder_bytes: 1 << 20, sweep: Duration::from_millis(20), ..Limits::default() };
    let (processes, stopping) = (place.processes(limits), CancellationToken::new());
    let (watched, stop) = (processes.clone(), stopping.clone());
    let running = tokio::spawn(async move { watched.run(stop).await });
    let fill = "mkdir new && head -c 3000000 /dev/zero > new/file; exec cat > /dev/null";
    let hoarding = shell(&format!("read -r _; echo '{HELLO}'; {fill}"));
    let answer = processes.call(&hoarding, &credentials(), "echo", json!({}), TIMEOUT).await;
    if matches!(answer, Err(CallError::NotStarted(_))) {
        return;
    }
    assert_eq!(answer, Err(CallError::Ended));
    assert_eq!(fs::read_dir(&place.0).unwrap().count(), 0);
    stopping.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_process_that_was_asked_for_its_tools_once_is_gone_and_its_end_is_no_crash() {
    let place = Place::new("probe");
    let processes = place.processes(Limits { processes: 1, ..Limits::default() });
    for _ in 0..3 {
        match processes.probe(&stub(1), &credentials()).await {
            Ok(tools) => assert!(!tools.is_empty()),
            Err(CallError::NotStarted(_)) => return,
            Err(error) => panic!("{error}"),
        }
        assert!(processes.shown().iter().all(|one| one.state == ProcessState::Stopping));
    }
    processes.close().await;
    assert_eq!(fs::read_dir(&place.0).unwrap().count(), 0);
}
