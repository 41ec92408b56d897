//! A Postgres of our own, for use when nobody set up a database.
//!
//! Its files are under the data folder. It is a real Postgres with fsync on, reached through a private socket and
//! no port. Several processes share one: the first starts it, the others join, and each restarts it if it dies. It
//! works for root (Postgres then runs as an unprivileged user, and its files may be under `/var/lib/slipway`) and
//! for an ordinary user, and it ends with the process that started it.
//!
//! It must not know what is in the database, and it depends on no crate but libc. Test it with
//! `cargo test -p embedded`.

#[cfg(not(unix))]
compile_error!("The embedded database needs a Unix system: set DATABASE_URL and build on Linux or macOS.");

mod error;
mod fetch;
mod find;
mod keeper;
mod log;
mod pidfile;
mod place;
pub mod process;
mod start;
mod start_error;
pub mod wire;

pub use error::{Error, Result};

use keeper::Keeper;
use place::Place;
use std::path::{Path, PathBuf};

/// The role that owns the embedded cluster.
pub const SUPERUSER: &str = "postgres";

/// Number of the advisory lock under which databases are created. The value is arbitrary.
const MAKING: u32 = 0x5317_0003;

/// How to start Postgres. A process that joins a running Postgres ignores these options.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Turns fsync off. For tests only: after a power failure, data may be lost or damaged.
    pub fsync_off: bool,
    /// The folder of `initdb` and `postgres`. `None` means `PG_BIN`, then an installed version, then a package.
    pub pg_bin: Option<PathBuf>,
}

/// A Postgres that answers. Dropping it stops the server if this process started or adopted it.
#[derive(Debug)]
pub struct Postgres {
    place: Place,
    keeper: Keeper,
}

impl Postgres {
    /// Joins the Postgres of a data folder, or starts it. Blocks until it answers, which takes seconds the first
    /// time.
    pub fn join_or_start(data_dir: &Path, options: Options) -> Result<Self> {
        let place = Place::of(data_dir)?;
        let keeper = Keeper::keep(place.clone(), options)?;
        Ok(Self { place, keeper })
    }

    /// URL of a database for the owner of the cluster.
    pub fn superuser_url(&self, database: &str) -> String {
        self.url(SUPERUSER, database)
    }

    /// URL of a database for a role. It has no password, because the server trusts everybody who can open the
    /// socket.
    pub fn url(&self, user: &str, database: &str) -> String {
        let folder = percent_encoded(&self.place.socket_folder.to_string_lossy());
        format!("postgres://{}@localhost/{}?host={folder}", percent_encoded(user), percent_encoded(database))
    }

    /// The folder of the socket, as `psql -h` takes it.
    pub fn socket_folder(&self) -> &Path {
        &self.place.socket_folder
    }

    /// True if this process started Postgres, false if it joined or adopted a running one.
    pub fn is_ours(&self) -> bool {
        self.keeper.started
    }

    /// Opens a session as the owner, for the few statements that run before any driver is available.
    pub fn session(&self, database: &str) -> Result<wire::Session> {
        wire::Session::open(&self.place.socket(), SUPERUSER, database)
    }

    /// Creates a database if it does not exist.
    pub fn ensure_database(&self, name: &str) -> Result<()> {
        let mut session = self.session("postgres")?;
        let literal = name.replace('\'', "''");
        // If several processes start at once, the first creates the database and the others find it. The lock ends
        // with the session.
        session.run(&format!("select pg_advisory_lock({MAKING})"))?;
        if session.run(&format!("select 1 from pg_database where datname = '{literal}'"))?.is_empty() {
            session.run(&format!("create database \"{}\"", name.replace('"', "\"\"")))?;
        }
        Ok(())
    }

    /// Stops Postgres now if this process started or adopted it. A Postgres that another process keeps is left
    /// running.
    pub fn stop(mut self) {
        self.keeper.stop();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.keeper.stop();
    }
}

/// Stops the Postgres of a data folder, whoever started it, and deletes its database files.
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
