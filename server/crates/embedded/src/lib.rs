//! Where does the database come from when nobody set one up?
//! A Postgres of our own under the data folder: real, on a private socket and no port, fsync on. Several processes share
//! one: the first starts it, the others join, each brings it back if it dies. It works as root (Postgres then runs as an
//! unprivileged user, its files may lie under `/var/lib/slipway`) and as an ordinary user, and ends with its starter.
//!
//! Must not know: what is in the database, any crate but libc. Test it with `cargo test -p embedded`.

#[cfg(not(unix))]
compile_error!("The embedded database needs a Unix system: set DATABASE_URL and build on Linux or macOS.");

mod error;
mod fetch;
mod find;
mod keeper;
mod pidfile;
mod place;
pub mod process;
mod start;
mod trouble;
pub mod wire;

pub use error::{Error, Result};

use keeper::Keeper;
use place::Place;
use std::path::{Path, PathBuf};

/// The role that owns the embedded cluster.
pub const SUPERUSER: &str = "postgres";

/// The number of the lock under which databases are made; any would do.
const MAKING: u32 = 0x5317_0003;

/// How to start; whoever joins takes what is there.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// For tests only: a power cut may lose or break the data.
    pub fsync_off: bool,
    /// The folder of `initdb` and `postgres`; without it `PG_BIN`, then what is installed, then a package.
    pub pg_bin: Option<PathBuf>,
}

/// A Postgres that answers. Dropping it stops the server when this process started it.
#[derive(Debug)]
pub struct Postgres {
    place: Place,
    keeper: Keeper,
}

impl Postgres {
    /// Joins the Postgres of a data folder, or starts it. Blocks until it answers: seconds the first time.
    pub fn join_or_start(data_dir: &Path, options: Options) -> Result<Self> {
        let place = Place::of(data_dir)?;
        let keeper = Keeper::keep(place.clone(), options)?;
        Ok(Self { place, keeper })
    }

    /// The address of a database for the owner of the cluster.
    pub fn superuser_url(&self, database: &str) -> String {
        self.url(SUPERUSER, database)
    }

    /// The address of a database for a role; the socket trusts whoever may open it, so there is no password.
    pub fn url(&self, user: &str, database: &str) -> String {
        let folder = percent_encoded(&self.place.socket_folder.to_string_lossy());
        format!("postgres://{}@localhost/{}?host={folder}", percent_encoded(user), percent_encoded(database))
    }

    /// The folder of the socket, as `psql -h` wants it.
    pub fn socket_folder(&self) -> &Path {
        &self.place.socket_folder
    }

    /// Whether this process started it, rather than joined it.
    pub fn is_ours(&self) -> bool {
        self.keeper.started
    }

    /// A session of the owner, for the few statements that come before any driver.
    pub fn session(&self, database: &str) -> Result<wire::Session> {
        wire::Session::open(&self.place.socket(), SUPERUSER, database)
    }

    /// Makes a database if it is not there.
    pub fn ensure_database(&self, name: &str) -> Result<()> {
        let mut session = self.session("postgres")?;
        let literal = name.replace('\'', "''");
        // Several processes that start at once: the first makes it, the others find it. The lock ends with the session.
        session.run(&format!("select pg_advisory_lock({MAKING})"))?;
        if session.run(&format!("select 1 from pg_database where datname = '{literal}'"))?.is_empty() {
            session.run(&format!("create database \"{}\"", name.replace('"', "\"\"")))?;
        }
        Ok(())
    }

    /// Stops it now, when this process started it; others' stays.
    pub fn stop(mut self) {
        self.keeper.stop();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.keeper.stop();
    }
}

/// Stops the Postgres of a data folder, whoever started it, and forgets its files.
pub fn forget(data_dir: &Path) -> Result<()> {
    let place = Place::of(data_dir)?;
    keeper::stop_all(&place);
    for major in place.majors() {
        let pgdata = place.pgdata(major);
        std::fs::remove_dir_all(&pgdata).map_err(|e| Error::at("removing", &pgdata, e))?;
    }
    Ok(())
}

fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_socket_folder_survives_in_an_address() {
        assert_eq!(super::percent_encoded("/tmp/a b"), "%2Ftmp%2Fa%20b");
    }
}
