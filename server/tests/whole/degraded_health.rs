//! What a running process reports about itself when the schema is newer than it knows, and when the disk is full.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use domain::work::Kind;
use store::queue::{self, Work};
use store::testing::TestDb;
use store::{DbRole, Scope, TenantTx};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::helpers::{free, master, scratch, until};

/// Starts the real binary as a worker on this database. It reaches nothing outside.
fn worker(url: &str, folder: &Path, at: SocketAddr) -> Child {
    std::fs::create_dir_all(folder).unwrap();
    Command::new(env!("CARGO_BIN_EXE_slipway"))
        .args(["worker", "--listen", &at.to_string()])
        .current_dir(folder)
        .env_clear()
        .env("DATABASE_URL", url)
        .env("SLIPWAY_DATA", folder)
        .env("ENCRYPTION_KEY", master())
        .env("GHL_BASE_URL", "http://127.0.0.1:9")
        .env("GHL_MARKETPLACE_URL", "http://127.0.0.1:9")
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn health(at: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(at).await.ok()?;
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

/// Applies a migration of a later version, with what that version declares about older programs.
async fn later(test: &TestDb, sql: &'static str) {
    test.execute(sql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_runs_stays_well_on_a_newer_schema_and_starts_where_that_allows_it() {
    let test = TestDb::new().await;
    let folder = scratch(test.name()).with_extension("vitals");
    later(
        &test,
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time, oldest_program)
         select 99990101000000, 'works with this one', true, '', 0, max(version) from _sqlx_migrations",
    )
    .await;
    let at = free();
    let _running = worker(&test.url(), &folder, at);
    until("the process", async || TcpStream::connect(at).await.ok()).await;
    // The first request comes after this migration, so the answer cannot come from a cache.
    later(
        &test,
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (99990102000000, 'does not say', true, '', 0)",
    )
    .await;
    let well = health(at).await.unwrap();
    assert!(well.starts_with("HTTP/1.1 200") && well.contains("\"migrations\":\"ok\""), "{well}");

    let refused = worker(&test.url(), &folder, free()).wait_with_output().await.unwrap();
    assert!(!refused.status.success(), "it does not start on what does not say that it works with it");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("newer"), "{refused:?}");
    let _ = std::fs::remove_dir_all(&folder);
}

const FULL: &str = "create function no_room() returns trigger language plpgsql as $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
    create trigger no_room before insert or update on disk_probe execute function no_room();
    create trigger no_room before insert on work_leases execute function no_room()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_disk_is_full_a_process_takes_no_work_and_says_so_until_there_is_room() {
    let test = TestDb::new().await;
    let folder = scratch(test.name()).with_extension("vitals");
    test.execute(FULL).await;
    let db = test.db(DbRole::Worker).await;
    let mut tx = TenantTx::begin(&db, Scope::Open).await.unwrap();
    queue::add(&mut tx, &Work::new(Kind::SyncSnapshots)).await.unwrap();
    tx.commit().await.unwrap();
    let at = free();
    let _running = worker(&test.url(), &folder, at);
    let full = until("the news that the disk is full", async || {
        health(at).await.filter(|answer| answer.starts_with("HTTP/1.1 503"))
    })
    .await;
    assert!(full.contains("\"disk\":\"failed\"") && full.contains("\"database\":\"ok\""), "{full}");
    test.execute("drop trigger no_room on disk_probe; drop trigger no_room on work_leases").await;
    until("room", async || health(at).await.filter(|answer| answer.starts_with("HTTP/1.1 200"))).await;
    until("the work that waited", async || {
        tokio::time::sleep(Duration::from_millis(50)).await;
        (queue::depth(&db).await.unwrap().ready == 0).then_some(())
    })
    .await;
    let _ = std::fs::remove_dir_all(&folder);
}
