//! A name server whose answers follow from the first label of the name asked for.

use hickory_resolver::proto::{
    op::{Message, OpCode, Query, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, CNAME, MX, NS, SOA, TXT},
    },
};
use std::{io, net::Ipv4Addr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinSet,
};

use super::{Target, loopback};

/// How long the name `slow` takes.
pub const SLOW: Duration = Duration::from_millis(60);
/// Records of the name `big`: too many for a datagram.
pub const BIG_RECORDS: u8 = 60;
const TTL: u32 = 60;
/// Ports that are tried until one is free for both transports.
const PORTS_TRIED_MAX: usize = 20;

/// A server over UDP and TCP. It knows, below any domain:
/// `absent`, `gone`, `failing`, `refusing`, `empty`, `silent`, `garbled` and `lame`, which do what they say; `home` (127.0.0.1),
/// `inside` (10.0.0.1), `mixed` (both); `dangling` (an alias of nothing) and `stranded` (an alias whose target has no
/// such record); `slow`, `big`, and `mail` with records of several types.
pub async fn serve() -> io::Result<Target> {
    for _ in 0..PORTS_TRIED_MAX {
        let socket = UdpSocket::bind(loopback()).await?;
        let address = socket.local_addr()?;
        if let Ok(listener) = TcpListener::bind(address).await {
            return Ok(Target::new(address, async move {
                let _ended = tokio::join!(over_udp(socket), over_tcp(listener));
            }));
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

/// A port of UDP that nobody listens at.
pub async fn refusing() -> io::Result<Target> {
    // Connected to itself: the kernel turns away whatever comes from anybody else.
    let socket = UdpSocket::bind(loopback()).await?;
    let address = socket.local_addr()?;
    socket.connect(address).await?;
    Ok(Target::new(address, async move {
        let _taken = socket;
        std::future::pending::<()>().await;
    }))
}

async fn over_udp(socket: UdpSocket) -> io::Result<()> {
    let socket = Arc::new(socket);
    let mut under_way = JoinSet::new();
    let mut buffer = vec![0_u8; 4_096];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await?;
        let Ok(question) = Message::from_vec(buffer.get(..length).unwrap_or_default()) else { continue };
        let socket = Arc::clone(&socket);
        while under_way.try_join_next().is_some() {}
        under_way.spawn(async move {
            if let Some(answer) = answer(&question, false).await {
                let _gone = socket.send_to(&answer, from).await;
            }
        });
    }
}

async fn over_tcp(listener: TcpListener) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        // One after the other is enough: few answers need this way.
        let _broken = converse(&mut stream).await;
    }
}

async fn converse(stream: &mut TcpStream) -> io::Result<()> {
    let mut bytes = vec![0_u8; stream.read_u16().await?.into()];
    stream.read_exact(&mut bytes).await?;
    let question = Message::from_vec(&bytes).map_err(io::Error::other)?;
    if let Some(answer) = answer(&question, true).await {
        stream.write_u16(u16::try_from(answer.len()).map_err(io::Error::other)?).await?;
        stream.write_all(&answer).await?;
    }
    Ok(())
}

/// The bytes of the answer; `None` is silence.
async fn answer(question: &Message, any_length: bool) -> Option<Vec<u8>> {
    let query = question.queries.first()?;
    let label = String::from_utf8_lossy(query.name().iter().next()?).to_ascii_lowercase();
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.metadata.recursion_desired = question.metadata.recursion_desired;
    answer.metadata.recursion_available = true;
    answer.add_query(query.clone());
    match label.as_str() {
        "silent" => return None,
        "garbled" => return Some([&question.metadata.id.to_be_bytes()[..], &[0xff; 6]].concat()),
        "slow" => tokio::time::sleep(SLOW).await,
        "big" if !any_length => answer.metadata.truncation = true,
        _ => {}
    }
    if !answer.metadata.truncation {
        fill(&mut answer, query, &label).ok()?;
    }
    answer.to_vec().ok()
}

fn fill(answer: &mut Message, query: &Query, label: &str) -> Result<(), Box<dyn std::error::Error>> {
    let here = |data: RData| Record::from_rdata(query.name().clone(), TTL, data);
    let code = match label {
        "absent" | "gone" | "dangling" => ResponseCode::NXDomain,
        "failing" => ResponseCode::ServFail,
        "refusing" => ResponseCode::Refused,
        _ => ResponseCode::NoError,
    };
    answer.metadata.response_code = code;
    match (label, query.query_type()) {
        ("home" | "slow", RecordType::A) => {
            answer.add_answer(here(address(Ipv4Addr::LOCALHOST)));
        }
        ("inside", RecordType::A) => {
            answer.add_answer(here(address(Ipv4Addr::new(10, 0, 0, 1))));
        }
        ("mixed", RecordType::A) => {
            let both = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(10, 0, 0, 1)];
            answer.add_answers(both.map(address).map(here));
        }
        ("dangling", _) => {
            answer.add_answer(here(RData::CNAME(CNAME(Name::from_ascii("gone.pulse.example.")?))));
        }
        ("stranded", _) => {
            answer.add_answer(here(RData::CNAME(CNAME(Name::from_ascii("empty.pulse.example.")?))));
        }
        ("lame", _) => {
            let elsewhere = RData::NS(NS(Name::from_ascii("ns.elsewhere.example.")?));
            answer.metadata.recursion_available = false;
            answer.add_authority(Record::from_rdata(Name::from_ascii("example.")?, TTL, elsewhere));
        }
        ("big", RecordType::TXT) => {
            let texts = (0..BIG_RECORDS).map(|number| RData::TXT(TXT::new(vec![format!("{number:02}").repeat(20)])));
            answer.add_answers(texts.map(here));
        }
        ("mail", RecordType::MX) => {
            let exchange = |name: &str| Name::from_ascii(name);
            answer.add_answer(here(RData::MX(MX::new(20, exchange("b.pulse.example.")?))));
            answer.add_answer(here(RData::MX(MX::new(10, exchange("a.pulse.example.")?))));
        }
        ("mail", RecordType::SOA) => {
            let names = (Name::from_ascii("ns.pulse.example.")?, Name::from_ascii("admin.pulse.example.")?);
            answer.add_answer(here(RData::SOA(SOA::new(names.0, names.1, 7, 3_600, 600, 86_400, 60))));
        }
        _ => {}
    }
    Ok(())
}

fn address(address: Ipv4Addr) -> RData {
    RData::A(A(address))
}
