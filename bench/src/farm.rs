//! The target farm: one thread that is everything a million monitors look at, and the receiver of their webhooks.
//!
//! It must cost far less than what it measures: a connection is accepted, read once, answered with fixed bytes and closed.
//! Listening is on many loopback addresses, because fresh connections to one address run out of ports: each stays
//! reserved for a minute after it was closed.

mod behaviour;
mod certificate;
mod control;
mod dns;
mod http;
mod sink;
mod tcp;

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsAcceptor;

pub use behaviour::Behaviour;
pub use control::Remote;
pub use sink::Delivery;

use crate::arrivals::{Arrival, Arrivals};
use crate::clock;

/// Addresses that monitors are spread over: together they hold five million closed connections a minute.
pub const ADDRESSES: u16 = 200;

/// After a failed accept (no descriptors left), before the next one.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// Where the targets of a farm are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ports {
    pub http: u16,
    pub tls: u16,
    pub tcp: u16,
    pub dns: u16,
    /// The receiver of webhooks, over TLS on 127.0.0.1.
    pub sink: u16,
    /// Takes the driver's commands, on 127.0.0.1.
    pub control: u16,
    /// The root that signed the farm's certificate.
    pub root: PathBuf,
}

/// The address that monitor `number` looks at.
pub fn address(number: u32) -> Ipv4Addr {
    let place = u8::try_from(number % u32::from(ADDRESSES)).unwrap_or_default();
    Ipv4Addr::new(127, 77, 0, place + 1)
}

fn addresses() -> impl Iterator<Item = Ipv4Addr> {
    (0..u32::from(ADDRESSES)).map(address)
}

/// What all connections share. One thread, so no locks.
#[derive(Debug)]
struct Farm {
    arrivals: RefCell<Arrivals>,
    behaviours: RefCell<Vec<Behaviour>>,
    slow: Cell<Duration>,
    deliveries: RefCell<Vec<Delivery>>,
    stop: Notify,
}

impl Farm {
    /// Notes that monitor `number` was here, and says how to answer.
    fn visited(&self, number: u32) -> Behaviour {
        let behaviour = self.behaviours.borrow().get(number as usize).copied().unwrap_or_default();
        let arrival = Arrival { monitor: number, answer: behaviour.answer(), at_us: clock::now_us() };
        self.arrivals.borrow_mut().note(arrival);
        behaviour
    }
}

/// Serves until it is told to stop. When everything listens, one line with the [`Ports`] as JSON goes to stdout.
pub fn serve(folder: &Path) -> Result<()> {
    raise_open_files();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let farm = Rc::new(Farm {
            arrivals: RefCell::new(Arrivals::since(clock::now_us())),
            behaviours: RefCell::default(),
            slow: Cell::new(Duration::from_secs(1)),
            deliveries: RefCell::default(),
            stop: Notify::new(),
        });
        let ports = listen(&farm, folder).await?;
        let line = serde_json::to_string(&ports).context("ports are JSON")?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).context("nobody reads where the farm listens")?;
        drop(out);
        farm.stop.notified().await;
        Ok(())
    })
}

async fn listen(farm: &Rc<Farm>, folder: &Path) -> Result<Ports> {
    let root = folder.join("root.pem");
    let tls = TlsAcceptor::from(Arc::new(certificate::make(addresses(), &root)?));
    let resolver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot bind the name server")?;
    let dns = resolver.local_addr().context("no address")?.port();
    spawn_local(dns::serve(Rc::clone(farm), resolver));
    let (secured, sink) = (tls.clone(), tls);
    let secured = move |farm: Rc<Farm>, stream| {
        let tls = secured.clone();
        async move { http::serve(&farm, tls.accept(stream).await?).await }
    };
    let sink = move |farm: Rc<Farm>, stream| {
        let tls = sink.clone();
        async move { sink::serve(&farm, tls.accept(stream).await?).await }
    };
    Ok(Ports {
        http: spread(farm, |farm, stream| async move { http::serve(&farm, stream).await }).await?,
        tls: spread(farm, secured).await?,
        tcp: spread(farm, |farm, stream| async move { tcp::serve(&farm, stream).await }).await?,
        dns,
        sink: one(farm, sink).await?,
        control: one(farm, |farm, stream| async move { control::serve(&farm, stream).await }).await?,
        root,
    })
}

/// One port on every address; `serve` gets each connection.
async fn spread<Serve, Serving>(farm: &Rc<Farm>, serve: Serve) -> Result<u16>
where
    Serve: Fn(Rc<Farm>, TcpStream) -> Serving + Clone + 'static,
    Serving: Future<Output = std::io::Result<()>> + 'static,
{
    let mut port = 0;
    for address in addresses() {
        let listener = TcpListener::bind(SocketAddr::from((address, port))).await;
        let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
        port = listener.local_addr().context("no address")?.port();
        spawn_local(accept(Rc::clone(farm), listener, serve.clone()));
    }
    Ok(port)
}

/// A port on 127.0.0.1 alone.
async fn one<Serve, Serving>(farm: &Rc<Farm>, serve: Serve) -> Result<u16>
where
    Serve: Fn(Rc<Farm>, TcpStream) -> Serving + 'static,
    Serving: Future<Output = std::io::Result<()>> + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen on 127.0.0.1")?;
    let port = listener.local_addr().context("no address")?.port();
    spawn_local(accept(Rc::clone(farm), listener, serve));
    Ok(port)
}

async fn accept<Serve, Serving>(farm: Rc<Farm>, listener: TcpListener, serve: Serve)
where
    Serve: Fn(Rc<Farm>, TcpStream) -> Serving,
    Serving: Future<Output = std::io::Result<()>> + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let serving = serve(Rc::clone(&farm), stream);
                spawn_local(async move {
                    // A client that goes away early is its own affair.
                    let _gone = serving.await;
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_AGAIN_AFTER).await,
        }
    }
}

/// Every check that hangs holds a descriptor.
pub fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where it cannot be raised, accepting waits for descriptors.
    let _refused = setrlimit(Resource::Nofile, limit);
}
