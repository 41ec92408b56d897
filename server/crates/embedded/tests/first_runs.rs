//! Tests a start on an empty folder, and on a folder that a crash, a restart of the machine or another program
//! left in an unusual state. Either Postgres starts, or one sentence says at once what to do. Where a test needs
//! another process, it runs this test binary again.

use embedded::{Options, Postgres};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const DATA: &str = "EMBEDDED_TEST_DATA";

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("slipway-first-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    /// The folder of the database files.
    fn root(&self) -> PathBuf {
        let place = fs::read_to_string(self.0.join("postgres.place")).expect("the place is noted");
        place.lines().find_map(|line| line.strip_prefix("files ")).expect("with the files").into()
    }

    fn pgdata(&self) -> PathBuf {
        let folders = fs::read_dir(self.root()).expect("files").filter_map(|entry| Some(entry.ok()?.path()));
        folders.into_iter().find(|path| path.join("PG_VERSION").exists()).expect("a cluster")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = embedded::forget(&self.0);
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn start(data: &Path) -> embedded::Result<Postgres> {
    Postgres::join_or_start(data, Options { fsync_off: true, pg_bin: None })
}

fn server_pid(postgres: &Postgres) -> u32 {
    let sql = "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)";
    let rows = postgres.session("postgres").and_then(|mut session| session.run(sql)).expect("an answer");
    rows[0][0].as_deref().and_then(|pid| pid.parse().ok()).expect("a process")
}

/// Starts a process that opens the database of a folder and holds it until its input closes.
fn another(data: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--ignored", "--exact", "another_process", "--nocapture"]).env(DATA, data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a second process")
}

/// How the process got its database: `started` or `joined`.
fn how(child: &mut Child) -> String {
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let lines = output.by_ref().lines().map_while(Result::ok);
    let how = lines.into_iter().find_map(|line| line.split_once("OPEN ").map(|(_, how)| how.to_owned()));
    child.stdout = Some(output.into_inner());
    how.expect("it opens the database")
}

#[test]
#[ignore = "the other process of the tests here"]
fn another_process() {
    let Some(data) = std::env::var_os(DATA) else { return };
    let postgres = start(Path::new(&data)).expect("Postgres starts");
    postgres.ensure_database("slipway").expect("a database, however many make it at once");
    println!("OPEN {}", if postgres.is_ours() { "started" } else { "joined" });
    let _ = std::io::stdout().flush();
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn several_at_once_on_an_empty_folder_share_one_database() {
    let folder = Folder::new("several");
    let mut all: Vec<Child> = (0..4).map(|_| another(&folder.0)).collect();
    let came: Vec<String> = all.iter_mut().map(how).collect();
    assert_eq!(came.iter().filter(|how| *how == "started").count(), 1, "{came:?}");
    for child in &mut all {
        drop(child.stdin.take());
        assert!(child.wait().expect("it ends").success());
    }
}

#[test]
fn an_empty_a_cut_and_a_senseless_pid_file_do_not_stand_in_the_way() {
    let folder = Folder::new("cut");
    start(&folder.0).expect("a first start").stop();
    for left in ["", "\n", "4", "12\n/da", "senseless", "-1\n", "99999999999\n/x\n1\n5432\n"] {
        fs::write(folder.pgdata().join("postmaster.pid"), left).expect("the file");
        let postgres = start(&folder.0).unwrap_or_else(|cause| panic!("{left:?}: {cause}"));
        assert!(postgres.is_ours(), "{left:?}");
        postgres.stop();
    }
}

#[test]
fn the_number_of_another_postgres_or_of_any_program_is_not_taken_for_ours() {
    let (folder, other) = (Folder::new("ours"), Folder::new("other"));
    start(&folder.0).expect("a first start").stop();
    let foreign = start(&other.0).expect("another Postgres");
    let rows = foreign
        .session("postgres")
        .and_then(|mut session| session.run("select pid from pg_stat_activity where backend_type = 'checkpointer'"));
    let checkpointer: u32 = rows.expect("an answer")[0][0].as_deref().expect("a process").parse().expect("a number");
    for pid in [server_pid(&foreign), checkpointer, std::process::id(), 1] {
        let left =
            format!("{pid}\n{}\n1\n5432\n{}\n\n  1 2\nready   \n", folder.pgdata().display(), folder.root().display());
        fs::write(folder.pgdata().join("postmaster.pid"), left).expect("the file");
        let postgres = start(&folder.0).unwrap_or_else(|cause| panic!("{pid}: {cause}"));
        assert!(postgres.is_ours(), "{pid}");
        postgres.stop();
    }
    assert!(foreign.session("postgres").is_ok(), "the other one lives");
}

#[test]
fn a_server_whose_file_was_lost_is_joined_and_gets_no_second_beside_it() {
    let folder = Folder::new("lost");
    let mut starter = another(&folder.0);
    assert_eq!(how(&mut starter), "started");
    for left in ["", "1\n"] {
        fs::write(folder.pgdata().join("postmaster.pid"), left).expect("the file");
        let joined = start(&folder.0).expect("it answers");
        assert!(!joined.is_ours(), "{left:?}");
    }
    drop(starter.stdin.take());
    starter.wait().expect("it ends");
}

#[test]
fn a_keeper_whose_number_another_program_carries_is_replaced() {
    let folder = Folder::new("keeper");
    let mut starter = another(&folder.0);
    assert_eq!(how(&mut starter), "started");
    let mut stranger = Command::new("sleep").arg("600").spawn().expect("another program");
    let owner = folder.root().join("owner");
    fs::write(&owner, stranger.id().to_string()).expect("the file");
    let adopted = start(&folder.0).expect("it answers");
    assert_eq!(fs::read_to_string(&owner).expect("the file"), std::process::id().to_string());
    drop(adopted);
    let _ = stranger.kill().and_then(|()| stranger.wait());
    drop(starter.stdin.take());
    starter.wait().expect("it ends");
}

/// Creates fake programs that print what the real ones print in states that a test cannot create, and then exit.
fn programs(folder: &Path, initdb: &str, postgres: &str) -> PathBuf {
    let programs = folder.join("bin");
    fs::create_dir_all(&programs).expect("a folder");
    let version = "if [ \"$1\" = --version ]; then echo 'postgres (PostgreSQL) 15.1'; exit; fi";
    for (name, says) in [("initdb", initdb), ("postgres", postgres)] {
        let path = programs.join(name);
        fs::write(&path, format!("#!/bin/sh\n{version}\necho \"{says}\" >&2\nexit 1\n")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its rights");
        // A process that another test starts at this moment may have inherited the file, and what is open for writing is
        // not run.
        while Command::new(&path).arg("--version").output().is_err() {
            std::thread::yield_now();
        }
    }
    programs
}

#[test]
fn what_keeps_it_from_starting_is_one_sentence_with_the_remedy() {
    let folder = Folder::new("sentence");
    let refusal = |initdb: &str, postgres: &str| {
        let pg_bin = Some(programs(&folder.0, initdb, postgres));
        let refused = Postgres::join_or_start(&folder.0, Options { fsync_off: true, pg_bin });
        refused.expect_err("it cannot start").to_string()
    };
    let full = "could not write to file 'base/1/1': No space left on device";
    let said = refusal(&format!("creating directory ... ok\ninitdb: error: {full}"), "unused");
    assert!(said.contains("disk") && said.contains("full") && said.contains("free some space"), "{said}");

    fs::create_dir_all(folder.root().join("15")).expect("a folder");
    fs::write(folder.root().join("15/PG_VERSION"), "15\n").expect("a file");
    give(&folder.root().join("15"), &folder.root().join("run"));
    for (log, wanted) in [
        (format!("FATAL:  {full}"), "full"),
        ("FATAL:  could not open file 'x': Permission denied".to_owned(), "give them back"),
        ("PANIC:  could not locate a valid checkpoint record".to_owned(), "backup"),
        ("FATAL:  could not map anonymous memory: Cannot allocate memory".to_owned(), "memory"),
        ("FATAL:  something new".to_owned(), "whole log"),
    ] {
        let said = refusal("unused", &format!("2026-01-01 00:00:00 UTC [7] LOG:  starting\n2026-01-01 UTC [7] {log}"));
        assert!(said.contains(wanted) && !said.contains('\n') && !said.contains('|'), "{said}");
    }
    // Each start was attempted only once, because retrying would not have helped.
    let log = fs::read_to_string(folder.root().join("log")).expect("the log");
    assert_eq!(log.matches("starting").count(), 5, "{log}");
}

/// Gives a folder the owner of another folder.
fn give(folder: &Path, like: &Path) {
    use std::os::unix::fs::{MetadataExt, chown};
    let owner = fs::metadata(like).expect("a folder");
    let _ = chown(folder, Some(owner.uid()), Some(owner.gid()));
}
