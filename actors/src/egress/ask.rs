//! A question on its way: over UDP, again when nothing comes, and over TCP when the answer does not fit (RFC 1035 §4.2).

use hickory_resolver::proto::{
    op::{Message, MessageType, Query},
    rr::{Name, RecordType},
};
use pulse_domain::{outcome::Reason, verdict::Failure};
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::connect::failure;

/// How long the first datagram is waited for; each further one twice as long.
const PATIENCE: Duration = Duration::from_secs(1);
/// More than a server may send after what it was told about the size of datagrams.
const DATAGRAM_BYTES: usize = 4_096;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Lost {
    server: SocketAddr,
    error: io::Error,
}

impl Lost {
    /// The server is what is watched.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the library may add kinds of errors; what is not named is the rest"
    )]
    pub(crate) fn of_target(&self) -> Failure {
        let server = self.server;
        match self.error.kind() {
            io::ErrorKind::ConnectionRefused => failure(Reason::ConnectRefused, format!("nothing listens at {server}")),
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
                failure(Reason::ConnectReset, format!("{server} broke off"))
            }
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
                failure(Reason::Unreachable, format!("{server} cannot be reached"))
            }
            io::ErrorKind::InvalidData => {
                failure(Reason::DnsServfail, format!("what {server} answered is no DNS message"))
            }
            _ => failure(Reason::InternalError, format!("{server} could not be asked: {}", self.error)),
        }
    }

    /// The server is the node's own.
    pub(crate) fn of_node(&self) -> Failure {
        if self.error.kind() == io::ErrorKind::InvalidData {
            return self.of_target();
        }
        failure(Reason::VantageLost, "no name server of this node can be reached".to_owned())
    }
}

/// Whether any of the servers says anything at all, asked about the root: any answer will do.
pub(crate) async fn is_any_alive(servers: &[SocketAddr]) -> bool {
    let mut question = Message::query();
    question.metadata.id = rand::random();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(Name::root(), RecordType::NS));
    matches!(timeout(PATIENCE, ask(servers, &question)).await, Ok(Ok(_)))
}

/// Asks the servers in turn until one answers; whoever polls this sets the end. It fails only when none can be reached.
pub(crate) async fn ask(servers: &[SocketAddr], question: &Message) -> Result<Message, Lost> {
    let mut patience = PATIENCE;
    loop {
        let mut last = None;
        let mut silent = false;
        for server in servers {
            match timeout(patience, ask_one(*server, question)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => last = Some(Lost { server: *server, error }),
                Err(_) => silent = true,
            }
        }
        if !silent {
            let unspecified = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
            return Err(last.unwrap_or_else(|| Lost { server: unspecified, error: io::ErrorKind::NotFound.into() }));
        }
        patience = patience.saturating_mul(2);
    }
}

async fn ask_one(server: SocketAddr, question: &Message) -> io::Result<Message> {
    let bytes = question.to_vec().map_err(io::Error::other)?;
    let answer = over_udp(server, question, &bytes).await?;
    if answer.metadata.truncation { over_tcp(server, question, &bytes).await } else { Ok(answer) }
}

async fn over_udp(server: SocketAddr, question: &Message, bytes: &[u8]) -> io::Result<Message> {
    let local: SocketAddr =
        if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(local).await?;
    // Connected: the kernel drops what comes from anybody else, and tells when nobody listens.
    socket.connect(server).await?;
    socket.send(bytes).await?;
    let mut buffer = vec![0_u8; DATAGRAM_BYTES];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let datagram = buffer.get(..length).unwrap_or_default();
        if let Some(answer) = read(datagram, question) {
            return answer;
        }
    }
}

async fn over_tcp(server: SocketAddr, question: &Message, bytes: &[u8]) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    let framed = [&length.to_be_bytes(), bytes].concat();
    stream.write_all(&framed).await?;
    let mut answer = vec![0_u8; stream.read_u16().await?.into()];
    stream.read_exact(&mut answer).await?;
    read(&answer, question).unwrap_or_else(|| Err(io::ErrorKind::InvalidData.into()))
}

/// The answer to this question; `None` if it belongs to another one. A forger has to guess the number and the port.
fn read(bytes: &[u8], question: &Message) -> Option<io::Result<Message>> {
    let id = bytes.first_chunk().map(|id| u16::from_be_bytes(*id));
    if id != Some(question.metadata.id) {
        return None;
    }
    let Ok(answer) = Message::from_vec(bytes) else { return Some(Err(io::ErrorKind::InvalidData.into())) };
    let answers = answer.metadata.message_type == MessageType::Response;
    // A server that cannot even read the question may leave it out.
    let same = answer.queries.is_empty() || answer.queries == question.queries;
    (answers && same).then_some(Ok(answer))
}
