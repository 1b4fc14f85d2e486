//! Echo requests (ICMP), through one socket per family that all checks of the node share.
//!
//! A kernel that allows it gives an unprivileged socket, which sees only its own answers; otherwise a raw one is tried.

use pulse_domain::{outcome::Reason, verdict::Failure};
use std::{
    io,
    net::IpAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU16, Ordering::Relaxed},
    },
    time::Duration,
};
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};

use super::connect::failure;

/// What a request carries, like the `ping` of most systems.
const PAYLOAD: [u8; 56] = [0x50; 56];
/// Where to look for a number that no request under way has.
const NUMBERS_TRIED_MAX: usize = 32;

/// ICMP types of answers (RFC 792, RFC 4443).
const V4_ECHO_REPLY: u8 = 0;
const V6_ECHO_REPLY: u8 = 129;

/// The sockets, made when the first check needs them.
#[derive(Default)]
pub(crate) struct Pings {
    v4: Mutex<Option<Client>>,
    v6: Mutex<Option<Client>>,
    /// An unprivileged socket's answers are told apart by their number alone, so numbers are given out for the node.
    number: AtomicU16,
}

impl std::fmt::Debug for Pings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Pings").field("number", &self.number).finish_non_exhaustive()
    }
}

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    Answered(Duration),
    Lost,
    /// A router, or this machine, says that there is no way.
    Unreachable,
}

impl Pings {
    /// Sends one request to a judged address and waits for its answer.
    pub(crate) async fn ping(&self, address: IpAddr, patience: Duration) -> Result<Echo, Failure> {
        let client = self.client(address)?;
        let mut pinger = client.pinger(address, PingIdentifier(rand::random())).await;
        pinger.timeout(patience);
        for _ in 0..NUMBERS_TRIED_MAX {
            let number = PingSequence(self.number.fetch_add(1, Relaxed));
            match pinger.ping(number, &PAYLOAD).await {
                Err(SurgeError::IdenticalRequests { .. }) => {}
                answer => return judge(answer),
            }
        }
        Err(failure(Reason::InternalError, "too many echo requests are under way".to_owned()))
    }

    fn client(&self, address: IpAddr) -> Result<Client, Failure> {
        let (slot, family) = match address {
            IpAddr::V4(_) => (&self.v4, ICMP::V4),
            IpAddr::V6(_) => (&self.v6, ICMP::V6),
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*slot {
            return Ok(client.clone());
        }
        let client = Client::new(&Config::builder().kind(family).build()).map_err(|error| no_socket(&error))?;
        Ok(slot.insert(client).clone())
    }
}

fn judge(answer: Result<(IcmpPacket, Duration), SurgeError>) -> Result<Echo, Failure> {
    match answer {
        Ok((packet, took)) => Ok(if is_reply(&packet) { Echo::Answered(took) } else { Echo::Unreachable }),
        Err(SurgeError::Timeout { .. }) => Ok(Echo::Lost),
        Err(SurgeError::IOError(error)) => not_sent(&error),
        Err(error) => Err(failure(Reason::InternalError, format!("the echo request failed: {error}"))),
    }
}

/// Errors of routers come back as packets too.
fn is_reply(packet: &IcmpPacket) -> bool {
    match packet {
        IcmpPacket::V4(packet) => packet.get_icmp_type().0 == V4_ECHO_REPLY,
        IcmpPacket::V6(packet) => packet.get_icmpv6_type().0 == V6_ECHO_REPLY,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn not_sent(error: &io::Error) -> Result<Echo, Failure> {
    match error.kind() {
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            Ok(Echo::Unreachable)
        }
        _ => Err(failure(Reason::InternalError, format!("the echo request could not be sent: {error}"))),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn no_socket(error: &io::Error) -> Failure {
    let detail = match error.kind() {
        io::ErrorKind::PermissionDenied => "this node may not send echo requests: let the group of Pulse into \
            net.ipv4.ping_group_range, or give the program CAP_NET_RAW"
            .to_owned(),
        _ => format!("there is no socket for echo requests: {error}"),
    };
    failure(Reason::InternalError, detail)
}
