//! Generates the descriptions of the SQL queries in `.sqlx`. It loads the schema into a throwaway Postgres and
//! checks `store` against it, which writes one file per query. The program that migrates cannot load the schema,
//! because it needs these files to compile. So the migrations are run from here, and the statements that create
//! the roles are read from the source text of `store`.

use crate::{Result, place, run, say, scratch};
use embedded::wire::Session;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The table in which the migrator records applied migrations. Our migrations refer to it.
const BOOKS: &str = "create table if not exists _sqlx_migrations (version bigint primary key, description text not null,
    installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null, execution_time bigint not null)";
/// The file that holds the statements that create roles, in two constants.
const ROLES: &str = "app/crates/store/src/migrate/mod.rs";

/// Generates all query descriptions in `.sqlx` again.
pub fn renew() -> Result<()> {
    let stored = place::root().join(".sqlx");
    let fresh = described()?;
    let _ = fs::remove_dir_all(&stored);
    fs::create_dir_all(&stored)?;
    let mut count = 0;
    for file in fs::read_dir(&fresh)?.flatten() {
        fs::copy(file.path(), stored.join(file.file_name()))?;
        count += 1;
    }
    fs::remove_dir_all(&fresh)?;
    say::step(format!("{count} queries described in .sqlx."));
    Ok(())
}

/// Describes every query in a folder of this process, so that two concurrent commands do not disturb each other.
pub fn described() -> Result<PathBuf> {
    let folder = place::output_folder("sqlx").join(std::process::id().to_string());
    describe_into(&folder)?;
    Ok(folder)
}

fn describe_into(folder: &Path) -> Result<()> {
    let scratch = scratch::Scratch::in_memory("sqlx")?;
    let postgres = scratch.postgres()?;
    postgres.ensure_database("described")?;
    load_schema(&mut postgres.session("described")?)?;
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    // A changed profile setting that has no effect makes cargo check this one crate again, even if it is cached.
    let anew = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_millis() % 60_000 + 1);
    let mut command =
        run::cargo(&["check", "--package", "store", "--all-targets", "--features", "testing", "--config"]);
    command.arg(format!("profile.dev.package.store.codegen-units={anew}"));
    command.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", folder);
    command.env("DATABASE_URL", postgres.superuser_url("described"));
    run::quietly("describing queries", &mut command)?;
    Ok(())
}

fn load_schema(session: &mut Session) -> Result<()> {
    let source = fs::read_to_string(place::root().join(ROLES)).map_err(|e| format!("{ROLES} cannot be read: {e}"))?;
    for name in ["ROLES", "GRANTS"] {
        session.run(constant(&source, name).ok_or_else(|| format!("{ROLES} has no constant {name} any more"))?)?;
    }
    session.run("set role app_owner")?;
    session.run(BOOKS)?;
    let mut files: Vec<_> = fs::read_dir(place::root().join("migrations"))?.flatten().map(|file| file.path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "sql"));
    files.sort();
    for path in files {
        session.run(&fs::read_to_string(&path)?).map_err(|cause| format!("{}: {cause}", path.display()))?;
    }
    Ok(())
}

/// Returns the text of `const NAME: &str = "…";`, which has no escapes.
fn constant<'a>(source: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("const {name}: &str = \"");
    let text = &source[source.find(&start)? + start.len()..];
    text.split_once("\";").map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::constant;

    #[test]
    fn a_constant_is_found_by_name() {
        let source = "const A: &str = \"x\ny\";\nconst B: &str = \"z\";\n";
        assert_eq!(
            (constant(source, "A"), constant(source, "B"), constant(source, "C")),
            (Some("x\ny"), Some("z"), None)
        );
    }
}
