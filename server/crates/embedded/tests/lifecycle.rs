//! Tests the life of the embedded database: started, shared, orphaned, killed, as root and as an ordinary user.
//! Where a test needs another process, it runs this test binary again with the ignored test `another_process`.

use embedded::process::{self, Signal};
use embedded::{Options, Postgres};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const DATA: &str = "EMBEDDED_TEST_DATA";

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("slipway-embedded-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = embedded::forget(&self.0);
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(data: &Path) -> Postgres {
    Postgres::join_or_start(data, Options { fsync_off: true, pg_bin: None }).expect("Postgres starts")
}

fn ask(postgres: &Postgres, sql: &str) -> embedded::wire::Rows {
    postgres.session("postgres").and_then(|mut session| session.run(sql)).expect("an answer")
}

/// Starts a process that opens the database, reports how, and holds it until its input closes.
fn another(program: &Path, data: &Path, user: Option<u32>) -> (Child, String) {
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", "another_process", "--nocapture"]).env(DATA, data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/");
    if let Some(user) = user {
        command.uid(user).gid(user).env("HOME", data);
    }
    let mut child = command.spawn().expect("a second process");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let line = output.by_ref().lines().map_while(Result::ok);
    let how = line.into_iter().find_map(|line| line.split_once("OPEN ").map(|(_, how)| how.to_owned()));
    child.stdout = Some(output.into_inner());
    (child, how.expect("it opens the database"))
}

#[test]
#[ignore = "the other process of the tests here"]
fn another_process() {
    let Some(data) = std::env::var_os(DATA) else { return };
    let postgres = open(Path::new(&data));
    postgres.ensure_database("slipway").expect("a database, however many make it at once");
    println!("OPEN {}", if postgres.is_ours() { "started" } else { "joined" });
    let _ = std::io::stdout().flush();
    let _ = std::io::stdin().read(&mut [0]);
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(180), "{what} did not happen in three minutes");
        std::thread::yield_now();
    }
}

#[test]
fn the_first_starts_it_and_the_second_joins() {
    let folder = Folder::new("join");
    let first = open(&folder.0);
    let second = open(&folder.0);
    assert!(first.is_ours() && !second.is_ours());
    assert_eq!(first.superuser_url("x"), second.superuser_url("x"));
    second.ensure_database("slipway").expect("a database");
    second.ensure_database("slipway").expect("twice is once");
    drop(second);
    assert_eq!(ask(&first, "select 1 + 1, null"), vec![vec![Some("2".to_owned()), None]]);
    let refused = first.session("postgres").and_then(|mut session| session.run("select nonsense"));
    assert!(refused.is_err_and(|e| e.to_string().contains("nonsense")));
    let socket = first.socket_folder().join(".s.PGSQL.5432");
    assert!(socket.exists());
    first.stop();
    assert!(!socket.exists(), "a stop is complete when it returns");
}

#[test]
fn data_outlives_a_restart_and_a_killed_server_comes_back() {
    // Fsync and commits are as in production: the server is killed right after the commit.
    let folder = Folder::new("back");
    let postgres = Postgres::join_or_start(&folder.0, Options::default()).expect("Postgres starts");
    ask(&postgres, "create table kept (n int); insert into kept values (7)");
    let pid: u32 = server_pid(&postgres);
    assert!(process::send(pid, Signal::Kill));
    wait_until("a new server", || {
        postgres.session("postgres").is_ok_and(|mut s| s.run("select 1").is_ok()) && server_pid(&postgres) != pid
    });
    postgres.stop();
    assert_eq!(ask(&open(&folder.0), "select n from kept"), vec![vec![Some("7".to_owned())]]);
}

fn server_pid(postgres: &Postgres) -> u32 {
    let sql = "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)";
    let rows = postgres.session("postgres").and_then(|mut session| session.run(sql)).unwrap_or_default();
    rows.first().and_then(|row| row.first().cloned().flatten()).and_then(|pid| pid.parse().ok()).unwrap_or(0)
}

#[test]
fn it_is_taken_over_when_its_starter_is_killed() {
    let folder = Folder::new("orphan");
    let program = std::env::current_exe().expect("this test");
    let (mut starter, how) = another(&program, &folder.0, None);
    assert_eq!(how, "started");
    let joined = open(&folder.0);
    assert!(!joined.is_ours());
    ask(&joined, "create table kept (n int)");
    starter.kill().expect("kill -9");
    starter.wait().expect("it is gone");
    wait_until("a server of our own", || {
        joined.session("postgres").is_ok_and(|mut s| s.run("select count(*) from kept").is_ok())
    });
    let later = open(&folder.0);
    assert!(!later.is_ours(), "the one that had joined keeps it now");
}

#[test]
fn a_start_after_a_killed_starter_recovers() {
    let folder = Folder::new("recover");
    let program = std::env::current_exe().expect("this test");
    let (mut starter, _) = another(&program, &folder.0, None);
    starter.kill().expect("kill -9");
    starter.wait().expect("it is gone");
    assert_eq!(ask(&open(&folder.0), "select 1"), vec![vec![Some("1".to_owned())]]);
}

#[test]
fn an_ordinary_user_needs_no_root() {
    const NOBODY: u32 = 65534;
    if process::effective_user() != 0 {
        return; // Every other test then covers this case.
    }
    let folder = Folder::new("user");
    let program = folder.0.join("program");
    fs::copy(std::env::current_exe().expect("this test"), &program).expect("a copy the user can reach");
    // A process that another test starts at this moment may have inherited the file, and what is open for writing is not
    // run.
    wait_until("an end of writing", || Command::new(&program).arg("--list").output().is_ok());
    let data = folder.0.join("a-rather-long-name-".repeat(6));
    fs::create_dir(&data).expect("a folder");
    std::os::unix::fs::chown(&data, Some(NOBODY), Some(NOBODY)).expect("given away");
    let (mut user, how) = another(&program, &data, Some(NOBODY));
    assert_eq!(how, "started");
    let place = fs::read_to_string(data.join("postgres.place")).expect("the place is noted");
    let socket = place.lines().find_map(|line| line.strip_prefix("socket ")).expect("with the socket");
    assert!(socket.len() <= 90 && Path::new(socket).join(".s.PGSQL.5432").exists());
    drop(user.stdin.take());
    user.wait().expect("it ends");
    assert!(!Path::new(socket).join(".s.PGSQL.5432").exists(), "and Postgres with it");
    let _ = fs::remove_dir(socket);
}
