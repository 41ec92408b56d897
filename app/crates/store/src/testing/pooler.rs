//! Runs a PgBouncer in transaction mode in front of the test server, as some installations do. A connection
//! through it lasts for one transaction, and no session state is kept.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::{TestDb, server};

/// How often it is started on another port.
const TRIES: u32 = 5;
/// How often is looked whether it answers, and how long after each look.
const LOOKS: u32 = 1200;
const PAUSE: Duration = Duration::from_millis(50);

/// A running PgBouncer. It stops when this value is dropped.
pub struct Pooler {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Pooler {
    /// Starts a PgBouncer. Returns `None` if it is not installed, and says so on the terminal in every mode of the
    /// test harness.
    pub async fn start() -> Option<Self> {
        let Some(program) = program() else {
            // This does not use `eprintln!`, because the test harness hides its output in a passing test.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: nothing is tested through a pooler, for pgbouncer is not installed"
            );
            return None;
        };
        for _ in 0..TRIES {
            if let Some(pooler) = Self::try_start(&program).await {
                return Some(pooler);
            }
        }
        panic!("the pooler never answered");
    }

    /// Starts it on a port that is free now. `None` if it ended: somebody else took the port before it did.
    async fn try_start(program: &Path) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let folder = std::env::temp_dir().join(format!("slipway-pooler-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let (config, users) = (folder.join("pgbouncer.ini"), folder.join("users.txt"));
        std::fs::write(&users, "\"slipway\" \"\"\n").expect("users");
        std::fs::write(&config, settings(port, &users)).expect("settings");
        let mut command = Command::new(program);
        command.args(["-q".as_ref(), config.as_os_str()]).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(user) = other_user() {
            command.args(["-u", &user]);
        }
        let child = command.spawn().expect("pgbouncer starts");
        let mut pooler = Self { child, port, folder };
        pooler.answers().await.then_some(pooler)
    }

    /// The URL of a test's database through the pooler, for the login role. It switches the cache of prepared
    /// statements off.
    #[must_use]
    pub fn url(&self, test: &TestDb) -> String {
        format!("postgres://slipway@127.0.0.1:{}/{}?statement-cache-capacity=0", self.port, test.name())
    }

    /// Waits until it answers. False if it ended instead.
    async fn answers(&mut self) -> bool {
        let options =
            PgConnectOptions::new().host("127.0.0.1").port(self.port).username("slipway").database("postgres");
        for _ in 0..LOOKS {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
            if let Ok(conn) = PgConnection::connect_with(&options).await {
                let _ = conn.close().await;
                return true;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("the pooler never answered");
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}

/// Four connections to each database for all clients. Each goes back to the pool after every transaction and is
/// reset then.
fn settings(port: u16, users: &Path) -> String {
    let to = server();
    let host = to.get_socket().map_or_else(|| to.get_host().to_owned(), |folder| folder.display().to_string());
    format!(
        "[databases]\n* = host={host} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = trust\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 4\nmax_client_conn = 200\n\
         server_reset_query_always = 1\nignore_startup_parameters = extra_float_digits\n",
        to.get_port(),
        users.display()
    )
}

/// PgBouncer refuses to run as root. A test that runs as root starts it as the user who may open the server's
/// socket.
fn other_user() -> Option<String> {
    let own = std::fs::metadata("/proc/self").ok()?.uid();
    if own != 0 {
        return None;
    }
    let owner = server().get_socket().and_then(|folder| std::fs::metadata(folder).ok()).map_or(0, |meta| meta.uid());
    let known = std::fs::read_to_string("/etc/passwd").ok()?;
    let of = |line: &str| {
        let mut words = line.split(':');
        let (name, uid) = (words.next()?, words.nth(1)?);
        (uid.parse() == Ok(owner) && owner != 0).then(|| name.to_owned())
    };
    Some(known.lines().find_map(of).unwrap_or_else(|| "nobody".to_owned()))
}
