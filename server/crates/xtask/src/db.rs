//! `cargo x db reset|migrate|psql`: manages the development database.

use crate::site::{self, Profile};
use crate::{Result, place, run, say};
use embedded::{Options, Postgres};
use std::path::PathBuf;
use std::process::Command;

/// Runs one of the three.
pub fn db(words: &[String]) -> Result<()> {
    match words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("reset", [])) => reset(),
        Some(("migrate", [])) => migrate(),
        Some(("psql", rest)) => psql(rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest)),
        _ => Err("`cargo x db` knows reset, migrate and psql [-- ARGS].".into()),
    }
}

fn reset() -> Result<()> {
    if place::setting("DATABASE_URL").is_some() {
        return Err(
            "DATABASE_URL names a database of yours: empty it yourself; reset forgets the embedded one only.".into()
        );
    }
    embedded::forget(&place::data())?;
    say::step("the embedded database is forgotten; the next start makes a new one.");
    Ok(())
}

fn migrate() -> Result<()> {
    run::quietly("building", &mut run::cargo(&["build", "--package", "server", "--bin", "slipway"]))?;
    let program = site::keep(&place::target().join("debug/slipway"), Profile::Debug)?;
    let status = Command::new(program).arg("migrate").current_dir(place::root()).status()?;
    if status.success() { Ok(()) } else { Err("Migrating failed; what it said is above.".into()) }
}

/// Connects as the owner, so that row-level security hides nothing.
fn psql(words: &[String]) -> Result<()> {
    let in_pg_bin =
        place::setting("PG_BIN").map(|folder| PathBuf::from(folder).join("psql")).filter(|path| path.is_file());
    let program = in_pg_bin.or_else(|| place::program("psql")).ok_or(
        "psql is missing: install the PostgreSQL client (postgresql-client on Debian, libpq on macOS), or set PG_BIN.",
    )?;
    let theirs = place::setting("DATABASE_OWNER_URL").or_else(|| place::setting("DATABASE_URL"));
    let ours = if theirs.is_none() { Some(Postgres::join_or_start(&place::data(), Options::default())?) } else { None };
    if let Some(postgres) = &ours {
        postgres.ensure_database("slipway")?;
    }
    let address = theirs.or_else(|| ours.as_ref().map(|postgres| postgres.superuser_url("slipway")));
    let status = Command::new(program).args(address).args(words).current_dir(place::root()).status()?;
    if status.success() { Ok(()) } else { Err("psql failed; what it said is above.".into()) }
}
