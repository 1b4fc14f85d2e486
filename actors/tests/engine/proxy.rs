//! A way to the database that a test can close: connections break, and new ones are refused at once.

use pulse_domain::secret::Secret;
use pulse_store::{Keyring, Store, StoreOptions, VersionPolicy};
use std::net::SocketAddr;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

pub(crate) struct Proxy {
    url: Secret<String>,
    is_open: watch::Sender<bool>,
}

impl Proxy {
    /// In front of the server of a `postgres://` URL.
    pub(crate) async fn start(database: &Secret<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut url = Url::parse(database.expose()).expect("a URL");
        let host = url.host_str().expect("a host").parse().expect("an address");
        let server = SocketAddr::new(host, url.port().expect("a port"));
        url.set_ip_host(address.ip()).expect("a URL with a host");
        url.set_port(Some(address.port())).expect("a URL with a port");
        let (is_open, watched) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *watched.borrow() {
                    tokio::spawn(pass(client, server, watched.clone()));
                }
            }
        });
        Self { url: Secret::new(url.into()), is_open }
    }

    pub(crate) fn close(&self) {
        self.is_open.send_replace(false);
    }

    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }

    /// The database, seen through this way.
    pub(crate) async fn store(&self) -> Store {
        Store::connect(StoreOptions {
            url: self.url.clone(),
            keyring: Keyring::new(vec![("test".to_owned(), [7; 32])]).expect("a legal keyring"),
            app_connections: 4,
            engine_connections: 4,
            version_policy: VersionPolicy::Refuse,
        })
        .await
        .expect("the database answers")
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, mut is_open: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ended = copy_bidirectional(&mut client, &mut server) => {}
        _closed = is_open.wait_for(|is_open| !is_open) => {}
    }
}
