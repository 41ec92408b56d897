//! Stands between a client and the test server as a network does, and drops every packet when it is told to, as firewalls and
//! address translators do. Both ends keep their sockets open then, and neither learns that the other one is not reached.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::TestDb;

/// A stream to and from the test server.
pub type ServerStream = Box<dyn Stream>;

/// What goes both ways, over whatever socket.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Connects to the server of these options, over its socket in a folder if it has one.
pub async fn server_stream(to: &PgConnectOptions) -> ServerStream {
    let folder = to.get_socket().map(|folder| folder.display().to_string());
    match folder.or_else(|| Some(to.get_host().to_owned()).filter(|host| host.starts_with('/'))) {
        Some(folder) => {
            let socket = format!("{folder}/.s.PGSQL.{}", to.get_port());
            Box::new(UnixStream::connect(socket).await.expect("the server's socket"))
        }
        None => Box::new(TcpStream::connect((to.get_host(), to.get_port())).await.expect("the server's port")),
    }
}

/// The connections that were made over a path.
#[derive(Clone, Copy, Debug, Default)]
pub struct PathConnections {
    /// How many there have been.
    pub opened: usize,
    /// How many of them their client has not closed.
    pub open: usize,
}

/// A path to the database of a test. It lasts as long as this value.
pub struct NetworkPath {
    url: String,
    ends: Arc<Ends>,
    _accepting: JoinSet<()>,
}

struct Ends {
    server: PgConnectOptions,
    counts: watch::Sender<PathConnections>,
    /// Connections with a smaller number carry nothing any more.
    first_carried: AtomicUsize,
}

impl NetworkPath {
    /// A path that carries everything.
    pub async fn new(test: &TestDb) -> Self {
        let server = PgConnectOptions::from_str(&test.url()).expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let url = format!("postgres://slipway@127.0.0.1:{port}/{}", test.name());
        let counts = watch::Sender::new(PathConnections::default());
        let ends = Arc::new(Ends { server, counts, first_carried: AtomicUsize::new(0) });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::clone(&ends)));
        Self { url, ends, _accepting: accepting }
    }

    /// Address of the database over this path, for the login role.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The connections over this path, updated when one comes or goes.
    #[must_use]
    pub fn connections(&self) -> watch::Receiver<PathConnections> {
        self.ends.counts.subscribe()
    }

    /// Drops every packet from now on, also those of new connections.
    pub fn drop_packets(&self) {
        self.ends.first_carried.store(usize::MAX, Ordering::SeqCst);
    }

    /// Carries the packets of new connections again. Those that are open or were open stay silent.
    pub fn carry_new_connections(&self) {
        self.ends.first_carried.store(self.ends.counts.borrow().opened, Ordering::SeqCst);
    }
}

impl Ends {
    fn carries(&self, connection: usize) -> bool {
        connection >= self.first_carried.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, ends: Arc<Ends>) {
    // It ends together with the path, and so do its connections.
    let mut carrying = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.expect("a connection");
        let number = ends.counts.borrow().opened;
        ends.counts.send_modify(|counts| *counts = PathConnections { opened: number + 1, open: counts.open + 1 });
        let ends = Arc::clone(&ends);
        carrying.spawn(async move {
            carry(client, &ends, number).await;
            ends.counts.send_modify(|counts| counts.open -= 1);
        });
    }
}

/// Forwards what both ends send, until one of them is gone. Of a server that goes away while packets are dropped, the
/// client learns nothing.
async fn carry(mut client: TcpStream, ends: &Ends, number: usize) {
    let (mut asked, mut said) = ([0; 16384], [0; 16384]);
    if ends.carries(number) {
        let mut server = server_stream(&ends.server).await;
        loop {
            tokio::select! {
                read = client.read(&mut asked) => {
                    let Ok(n @ 1..) = read else { return };
                    if ends.carries(number) && server.write_all(&asked[..n]).await.is_err() {
                        return;
                    }
                }
                read = server.read(&mut said) => {
                    let Ok(n @ 1..) = read else { break };
                    if ends.carries(number) && client.write_all(&said[..n]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
    while !ends.carries(number) && matches!(client.read(&mut asked).await, Ok(1..)) {}
}
