//! Does a former program work beside the present one, on the schema of the present one? Its server must be healthy there,
//! and both programs must have done part of the work.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use store::testing::TestDb;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use url::Url;

use crate::Options;
use crate::harness::KEY;

/// The names under which the results of the two programs are counted.
pub const PRESENT: &str = "present";
/// The name of the former program.
pub const FORMER: &str = "former";
/// An address at which nobody answers: a server that is only asked for its health calls nobody.
const NOBODY: &str = "http://127.0.0.1:9";
/// How long the former server may take until it is healthy.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// The programs of a former revision.
pub struct Former {
    folder: PathBuf,
}

impl Former {
    /// The programs that the options name. `None` if the present program runs alone.
    pub fn of(options: &Options) -> anyhow::Result<Option<Self>> {
        let Some(folder) = &options.former else { return Ok(None) };
        ensure!(options.workers > 1, "--former needs two workers or more: every second one is the former program.");
        let former = Self { folder: std::path::absolute(folder)? };
        for program in [former.worker(), former.server()] {
            ensure!(program.is_file(), "{} is missing: `cargo x torture --former REV` builds it.", program.display());
        }
        Ok(Some(former))
    }

    /// The program that works as one of the workers: the former torture, which holds the former worker.
    pub fn worker(&self) -> PathBuf {
        self.folder.join("torture")
    }

    fn server(&self) -> PathBuf {
        self.folder.join("slipway")
    }

    /// Starts the former server on this database and waits until it is healthy, as a load balancer sees it.
    async fn meet(&self, database: &str) -> anyhow::Result<()> {
        let folder = std::env::temp_dir().join(format!("slipway-former-server-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let log = folder.join("log");
        let outcome: anyhow::Result<()> = async {
            let at = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
            let server = serve(&self.server(), database, &folder, at, &log)?;
            until_healthy(server, at).await
        }
        .await;
        let said = fs::read_to_string(&log).unwrap_or_default();
        // What is left of it the system clears with its temporary folders.
        let _ = fs::remove_dir_all(&folder);
        outcome.with_context(|| format!("The former server is not healthy on the present schema. It said:\n{said}"))?;
        println!("torture: the former server is healthy on the present schema");
        Ok(())
    }
}

/// Lets the former server meet the present schema, and counts from then on what each program does.
pub async fn begin(former: Option<&Former>, db: &TestDb) -> anyhow::Result<()> {
    if let Some(former) = former {
        former.meet(&db.url()).await?;
        db.count_results().await;
    }
    Ok(())
}

/// Why the run proves nothing of the two programs. `None` if both did work, or if there is only one.
pub async fn refusal(former: Option<&Former>, db: &TestDb) -> Option<&'static str> {
    former?;
    let (former, present) = (db.results_of(FORMER).await, db.results_of(PRESENT).await);
    println!("torture: {former} results of the former program, {present} of the present one");
    idle(former, present)
}

/// Says which program stored no result.
const fn idle(former: i64, present: i64) -> Option<&'static str> {
    match (former, present) {
        (0, _) => Some("the former program did no work"),
        (_, 0) => Some("the present program did no work"),
        _ => None,
    }
}

/// The argument of a worker whose connections carry the name of its program. The name is part of the database's address,
/// which every program hands on to Postgres as it is, so a former one need not know of it.
pub fn named(argument: &str, program: &str) -> anyhow::Result<String> {
    let (database, rest) = argument.split_once(' ').context("two words are needed")?;
    let mut database: Url = database.parse()?;
    database.query_pairs_mut().append_pair("options[slipway.program]", program);
    Ok(format!("{database} {rest}"))
}

/// Starts the server with nothing in its environment but settings that every revision knows.
fn serve(program: &Path, database: &str, folder: &Path, at: SocketAddr, log: &Path) -> anyhow::Result<Child> {
    let log = File::create(log)?;
    let server = Command::new(program)
        .arg("serve")
        .current_dir(folder)
        .env_clear()
        .env("LISTEN_ADDR", at.to_string())
        .env("DATABASE_URL", database)
        .env("SLIPWAY_DATA", folder)
        .env("ENCRYPTION_KEY", KEY)
        .env("GHL_BASE_URL", NOBODY)
        .env("GHL_MARKETPLACE_URL", NOBODY)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()?;
    Ok(server)
}

async fn until_healthy(mut server: Child, at: SocketAddr) -> anyhow::Result<()> {
    let (began, mut answer) = (Instant::now(), None);
    while began.elapsed() < PATIENCE {
        if let Some(status) = server.try_wait()? {
            bail!("it ended by itself ({status})");
        }
        answer = tokio::time::timeout(ANSWER, health(at)).await.ok().flatten();
        if answer.as_deref().is_some_and(is_healthy) {
            return Ok(server.kill().await?);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("its last answer was {answer:?}")
}

/// The server's answer about its health; `None` before it listens.
async fn health(at: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(at).await.ok()?;
    let head = format!("GET /health HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

fn is_healthy(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200 ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn options(words: &str) -> Options {
        Options::try_parse_from(words.split_whitespace()).expect("known options")
    }

    #[test]
    fn the_former_program_takes_part_only_where_it_is_named() {
        assert!(Former::of(&options("torture --kills 5")).expect("no former program").is_none());
        let refused =
            |words: &str| Former::of(&options(words)).err().map(|cause| cause.to_string()).unwrap_or_default();
        assert!(refused("torture --former nowhere --workers 1").contains("two workers"));
        assert!(refused("torture --world talk --former nowhere").contains("nowhere/torture is missing"));
    }

    #[test]
    fn both_programs_must_have_done_work() {
        assert_eq!(idle(0, 9), Some("the former program did no work"));
        assert_eq!(idle(9, 0), Some("the present program did no work"));
        assert_eq!(idle(0, 0), Some("the former program did no work"));
        assert_eq!(idle(1, 1), None);
    }

    #[test]
    fn the_name_of_a_program_is_part_of_its_address() {
        for database in ["postgres://slipway@127.0.0.1:5432/a?sslmode=prefer", "postgres://slipway@%2Ftmp%2Fx:5432/a"] {
            let named = named(&format!("{database} http://127.0.0.1:1"), FORMER).expect("two words");
            let (address, simulator) = named.split_once(' ').expect("two words");
            assert!(address.starts_with(database), "{address}");
            let pairs = address.parse::<Url>().expect("an address");
            let last = pairs.query_pairs().last().expect("a name");
            assert_eq!((&*last.0, &*last.1, simulator), ("options[slipway.program]", FORMER, "http://127.0.0.1:1"));
        }
        assert!(named("postgres://a", FORMER).is_err());
    }

    #[test]
    fn only_the_status_200_is_healthy() {
        assert!(is_healthy("HTTP/1.1 200 OK\r\n\r\n{}"));
        assert!(!is_healthy("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"status\":200}"));
        assert!(!is_healthy(""));
    }
}
