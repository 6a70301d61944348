//! A way to a TCP server that a test can cut.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It reaches the server.
    Open,
    /// It is refused; those that are open are closed.
    Refused,
    /// It is taken, and nothing is ever answered; those that are open fall silent and stay so.
    Silent,
}

/// The proxy; it lives as long as the runtime.
pub struct Proxy {
    /// Where to connect.
    pub address: SocketAddr,
    way: Arc<watch::Sender<Way>>,
    open: Arc<AtomicUsize>,
}

impl Proxy {
    /// To this server, on a free port.
    pub async fn to(server: String) -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let proxy = Self { address, way: Arc::new(watch::Sender::new(Way::Open)), open: Arc::default() };
        tokio::spawn(accept(listener, server, proxy.way.subscribe(), proxy.open.clone()));
        proxy
    }

    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// Connections that the client has not closed.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

async fn accept(mut listener: TcpListener, server: String, mut way: watch::Receiver<Way>, open: Arc<AtomicUsize>) {
    let address = listener.local_addr().expect("an address");
    loop {
        if *way.borrow_and_update() == Way::Refused {
            drop(listener);
            if way.wait_for(|way| *way != Way::Refused).await.is_err() {
                return;
            }
            listener = TcpListener::bind(address).await.expect("the port is still free");
        }
        tokio::select! {
            changed = way.changed() => if changed.is_err() { return },
            client = listener.accept() => {
                let (client, _) = client.expect("a client");
                let (server, way, open) = (server.clone(), way.clone(), open.clone());
                open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    carry(client, &server, way).await;
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        }
    }
}

async fn carry(mut client: TcpStream, server: &str, mut way: watch::Receiver<Way>) {
    if *way.borrow() == Way::Open {
        let mut server = TcpStream::connect(server).await.expect("the server is there");
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            _ = way.wait_for(|way| *way != Way::Open) => {}
        }
    }
    let until_it_leaves = async {
        let mut buffer = [0; 4096];
        while client.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        () = until_it_leaves => {}
        _ = way.wait_for(|way| *way == Way::Refused) => {}
    }
}
