//! Measures what open event streams cost: the memory that the server holds for each, and how soon each hears of a commit,
//! with five thousand browsers of two hundred agencies connected at once to one server (L1). Every browser has a session of its
//! own, made in the store, because five thousand sign-ins would measure password hashes. A peer serves the same streams after it.

mod peer;

use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use domain::identity::{Reach, Role};
use domain::{AgencyId, UserId};
use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::sessions::NewSession;
use store::tenant::PlatformTx;
use store::{Db, TenantTx};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::BenchArgs;
use crate::connected::{self, scope};
use crate::cpu;
use crate::database::{BenchDatabase, Disk};
use crate::product::Product;
use crate::report::{Report, percentile};

/// How much is measured.
#[derive(Clone, Copy)]
struct Size {
    agencies: usize,
    /// Open streams of each agency.
    streams: usize,
    /// How long events are written.
    lasts: Duration,
    /// How long the server rests before its memory is read.
    rest: Duration,
}

const WHOLE: Size = Size { agencies: 200, streams: 25, lasts: Duration::from_secs(30), rest: Duration::from_secs(5) };
const QUICK: Size = Size { agencies: 4, streams: 5, lasts: Duration::from_secs(1), rest: Duration::from_millis(100) };
/// Streams of one person, each of another browser.
const OF_PERSON: usize = 5;
/// Events written each second, each in the next agency: on an ordinary day.
const RATE: f64 = 5.0;
/// At the peak.
const RUSH: f64 = 500.0;
/// Who write them.
const WRITERS: usize = 4;
/// Streams that are being opened at the same time.
const OPENING: usize = 64;
/// Streams that are opened and closed before the first reading, so that what the first one costs is not counted.
const WARM: usize = 20;
/// Files that a process opens beside the streams.
const OTHER_FILES: usize = 500;
/// How long an event may take until it counts as lost: longer than the server's pause between two looks for events.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long is waited for events that are not heard, however slow the machine is.
const LOST: Duration = Duration::from_secs(60);
/// Topic of the events that are written.
const TOPIC: &str = "provisioning.job";
/// The encryption key of a database that exists for one run.
const MASTER: &str = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// Goal and floor of the memory of a stream in kB, of the slowest events in milliseconds, and of the events at the peak that
/// are heard ÷ those that are written.
const MEMORY: (f64, f64) = (12.0, 24.0);
const P99: (f64, f64) = (150.0, 400.0);
const HEARD: (f64, f64) = (1.0, 0.99);

/// A browser of a person who is signed in.
struct Browser {
    slug: String,
    cookie: String,
    /// The address from which it connects, and the one that the proxy in front would name.
    from: Ipv4Addr,
    person: Ipv4Addr,
}

/// An event as one stream heard it.
type Heard = (Uuid, Instant);

/// Opens the streams, reads the memory, writes events, and judges both.
pub async fn measure(bench_args: &BenchArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(program) = bench_args.program.clone().filter(|program| program.is_file()) else {
        report.note("skipped: there is no release build; `cargo x up --release` makes one");
        return Ok(());
    };
    let size = if report.quick() { QUICK } else { WHOLE };
    let count = size.agencies * size.streams;
    allow_open_files(count + OTHER_FILES)?;
    let bench_database = BenchDatabase::start(Disk::all()[0], &bench_args.out)?;
    let db = bench_database.ours(4).await?.web;
    let (agencies, browsers) = signed_in(&db, size).await?;
    let told = [
        ("DATABASE_URL", bench_database.login()),
        ("ENCRYPTION_KEY", MASTER.to_owned()),
        ("GHL_BASE_URL", "http://127.0.0.1:9".to_owned()),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9".to_owned()),
    ];
    let mut product = Product::prepare(program, bench_args.site.as_deref(), bench_database, &told)?;
    let listen = product.listen;
    let server = product.spawn(&["serve"], listen, "/health").await?;
    report.other_load(cpu::others().await);
    drop(open(listen, browsers.iter().take(WARM)).await?);
    tokio::time::sleep(size.rest).await;
    let before = memory(server)?;
    let began = Instant::now();
    let streams = open(listen, browsers.iter()).await?;
    report.figure("streams open", streams.len() as u64);
    report.figure("streams opened per second", count as f64 / began.elapsed().as_secs_f64());
    let (sender, mut heard) = mpsc::unbounded_channel();
    let mut following = JoinSet::new();
    for stream in streams {
        following.spawn(follow(stream, sender.clone()));
    }
    tokio::time::sleep(size.rest).await;
    let each = memory(server)?.saturating_sub(before) as f64 / count as f64 / 1024.0;
    report.figure("memory of a stream, kB", each);
    let waits = told_of_commits(&db, &agencies, size, (server, &mut heard), report).await?;
    let (rushed, share) = told_at_peak(&db, &agencies, size, &mut heard).await?;
    ensure!(following.len() == count && following.try_join_next().is_none(), "streams ended while they were measured");
    drop(following);
    report.figure("500 events/s: commit to event, p50 ms", percentile(&rushed, 0.5));
    report.stays_within("memory of a stream, kB", each, MEMORY);
    report.stays_within("commit to event, p99 ms", percentile(&waits, 0.99), P99);
    report.stays_within("500 events/s: commit to event, p99 ms", percentile(&rushed, 0.99), P99);
    report.reaches("500 events/s: heard ÷ written", share, HEARD);
    peer::measure(bench_args, report, &product, &browsers, size).await
}

/// Writes events as fast as at the peak. Returns the milliseconds from each commit until each stream heard of it, and the
/// share of what was to be heard. A stream that falls behind is told to read anew, so nothing is lost.
async fn told_at_peak(
    db: &Db,
    agencies: &[AgencyId],
    size: Size,
    heard: &mut mpsc::UnboundedReceiver<Heard>,
) -> anyhow::Result<(Vec<f64>, f64)> {
    let committed = write_events(db, agencies, size.lasts, RUSH).await?;
    tokio::time::sleep(PATIENCE).await;
    let waits = waits(heard, &committed);
    let share = waits.len() as f64 / (committed.len() * size.streams).max(1) as f64;
    Ok((waits, share))
}

/// The milliseconds from each commit until a stream heard of it, for each event of each stream.
fn waits(heard: &mut mpsc::UnboundedReceiver<Heard>, committed: &HashMap<Uuid, Instant>) -> Vec<f64> {
    let mut waits = Vec::new();
    while let Ok((event, at)) = heard.try_recv() {
        let since = committed.get(&event).map(|committed| at.saturating_duration_since(*committed));
        waits.extend(since.map(|since| since.as_secs_f64() * 1000.0));
    }
    waits
}

/// The same once as many were heard as are expected: a machine that does something else meanwhile loses none of them.
async fn all_waits(
    heard: &mut mpsc::UnboundedReceiver<Heard>,
    committed: &HashMap<Uuid, Instant>,
    expected: usize,
) -> Vec<f64> {
    let (mut all, began) = (Vec::new(), Instant::now());
    loop {
        tokio::time::sleep(PATIENCE).await;
        all.extend(waits(heard, committed));
        if all.len() >= expected || began.elapsed() > LOST {
            return all;
        }
    }
}

/// Writes events and returns the milliseconds from each commit until each stream of its agency heard of it.
async fn told_of_commits(
    db: &Db,
    agencies: &[AgencyId],
    size: Size,
    (server, heard): (u32, &mut mpsc::UnboundedReceiver<Heard>),
    report: &mut Report,
) -> anyhow::Result<Vec<f64>> {
    let (before, began) = (cpu::tree(server), Instant::now());
    tokio::time::sleep(size.lasts).await;
    report.figure("processor share without events", (cpu::tree(server) - before) / began.elapsed().as_secs_f64());
    let (before, began) = (cpu::tree(server), Instant::now());
    let committed = write_events(db, agencies, size.lasts, RATE).await?;
    report.figure("processor share with events", (cpu::tree(server) - before) / began.elapsed().as_secs_f64());
    let expected = committed.len() * size.streams;
    let waits = all_waits(heard, &committed, expected).await;
    report.figure("events written", committed.len() as u64);
    report.figure("commit to event, p50 ms", percentile(&waits, 0.5));
    report.figure("commit to event, p99 ms", percentile(&waits, 0.99));
    if waits.len() != expected {
        report.fail(format!("{} events were heard where {expected} were to be heard", waits.len()));
    }
    Ok(waits)
}

/// Writes events at a rate, in one agency after the other. Returns when each was committed.
async fn write_events(
    db: &Db,
    agencies: &[AgencyId],
    lasts: Duration,
    rate: f64,
) -> anyhow::Result<HashMap<Uuid, Instant>> {
    let began = Instant::now();
    let writers = (0..WRITERS).map(|writer| async move {
        let mut committed = Vec::new();
        for number in (writer..).step_by(WRITERS) {
            let due = Duration::from_secs_f64(number as f64 / rate);
            if due.max(began.elapsed()) >= lasts {
                break;
            }
            tokio::time::sleep_until((began + due).into()).await;
            let event = Uuid::now_v7();
            let mut tx = TenantTx::begin(db, scope(agencies[number % agencies.len()])).await?;
            store::outbox::add(&mut tx, TOPIC, Some(event), &json!({})).await?;
            tx.commit().await?;
            committed.push((event, Instant::now()));
        }
        anyhow::Ok(committed)
    });
    Ok(try_join_all(writers).await?.into_iter().flatten().collect())
}

/// Creates the agencies, their people, and a session for each browser.
async fn signed_in(db: &Db, size: Size) -> anyhow::Result<(Vec<AgencyId>, Vec<Browser>)> {
    let (mut agencies, mut browsers) = (Vec::new(), Vec::new());
    for number in 0..size.agencies {
        let slug = format!("live-{number}");
        let agency = connected::agency(db, format!("Live {number}"), slug.clone()).await?;
        agencies.push(agency);
        let octet = u8::try_from(number)?;
        for person in 0..size.streams / OF_PERSON {
            let user = member(db, agency, &format!("person-{person}@{slug}.test")).await?;
            for _ in 0..OF_PERSON {
                browsers.push(Browser {
                    slug: slug.clone(),
                    cookie: session(db, user).await?,
                    from: Ipv4Addr::new(127, 0, 1, octet.saturating_add(1)),
                    person: Ipv4Addr::new(10, octet, u8::try_from(person)?, 1),
                });
            }
        }
    }
    Ok((agencies, browsers))
}

async fn member(db: &Db, agency: AgencyId, email: &str) -> anyhow::Result<UserId> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let user = store::identity::add(&mut tx, email, "Live Person", None).await?;
    store::memberships::add_to_agency_platform(&mut tx, agency, user, Role::AgencyAdmin, Reach::All).await?;
    tx.commit().await?;
    Ok(user)
}

/// Makes a session as signing in by password does, and returns its cookie.
async fn session(db: &Db, user: UserId) -> anyhow::Result<String> {
    let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(Uuid::now_v7().as_bytes())[..16]);
    let proof = json!({ "user": user, "second_factor": false, "staff": false, "at": Utc::now() });
    let hash = Sha256::digest(id.as_bytes()).into();
    let new = NewSession {
        hash,
        user: Some(user),
        data: &json!({ "proof": proof }),
        idle: Duration::from_secs(3600),
        absolute: Duration::from_secs(3600),
        ip: None,
        user_agent: None,
    };
    ensure!(store::sessions::create(db, &new).await?, "the value of a session was taken");
    // Otherwise each stream would record that its person is active.
    store::sessions::touch(db, hash, user).await?;
    Ok(format!("sid={id}"))
}

/// Opens a stream for each browser, some at a time.
async fn open(host: SocketAddr, browsers: impl Iterator<Item = &Browser>) -> anyhow::Result<Vec<TcpStream>> {
    stream::iter(browsers.map(|browser| open_one(host, browser))).buffer_unordered(OPENING).try_collect().await
}

async fn open_one(host: SocketAddr, browser: &Browser) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((browser.from, 0).into())?;
    let mut stream = socket.connect(host).await.with_context(|| format!("connecting to {host}"))?;
    let Browser { slug, cookie, person, .. } = browser;
    let request = format!(
        "GET /a/{slug}/live?topics={TOPIC}:* HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\
         accept: text/event-stream\r\nx-forwarded-for: {person}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let (mut head, mut read) = (Vec::new(), [0; 1024]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut read).await?;
        ensure!(count > 0, "the server closed a stream that was being opened");
        head.extend_from_slice(&read[..count]);
    }
    let first = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    ensure!(first.contains(" 200 "), "the stream of {slug} answered {first}");
    Ok(stream)
}

/// Passes on the events of a stream until it ends.
async fn follow(stream: TcpStream, heard: mpsc::UnboundedSender<Heard>) {
    let mut lines = BufReader::with_capacity(512, stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let event = line.strip_prefix("data: ").and_then(|event| event.rsplit_once(':')?.1.trim().parse().ok());
        if let Some(event) = event {
            let _ = heard.send((event, Instant::now()));
        }
    }
}

/// Resident memory of the server, in bytes.
fn memory(server: u32) -> anyhow::Result<u64> {
    Ok(cpu::memory(server).context("the memory of a process is known on Linux only")?.0)
}

/// Raises the limit of open files of this process, which the server inherits, as far as the machine allows.
fn allow_open_files(needed: usize) -> anyhow::Result<()> {
    if open_files()?.0 >= needed {
        return Ok(());
    }
    let (pid, limit) = (std::process::id().to_string(), format!("--nofile={0}:{0}", open_files()?.1));
    let raised = Command::new("prlimit").args(["--pid", &pid, &limit]).status();
    let now = open_files()?.0;
    ensure!(now >= needed, "{needed} files have to be open and {now} may be: raise `ulimit -n` ({raised:?})");
    Ok(())
}

/// The soft and the hard limit of open files.
fn open_files() -> anyhow::Result<(usize, usize)> {
    let limits = fs::read_to_string("/proc/self/limits").context("the limits of a process are known on Linux only")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap_or_default();
    let mut numbers = line.split_whitespace().map(|word| word.parse().unwrap_or(usize::MAX));
    Ok((numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default()))
}
