//! A name server that a test commands: every name under `example` is this machine, and none exists under `example.com`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering::SeqCst},
    },
};
use tokio::net::UdpSocket;

#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Mood {
    Well = 0,
    Silent = 1,
    /// It fails for the targets alone.
    Failing = 2,
}

pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    mood: Arc<AtomicU8>,
}

const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NAME_ERROR: u8 = 3;
const TYPE_A: [u8; 2] = [0, 1];

impl NameServer {
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let address = socket.local_addr().expect("an address");
        let mood = Arc::new(AtomicU8::new(Mood::Well as u8));
        let commanded = Arc::clone(&mood);
        tokio::spawn(async move {
            let mut buffer = [0_u8; 512];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let mood = commanded.load(SeqCst);
                if mood != Mood::Silent as u8
                    && let Some(answer) = answer(&buffer[..length], mood == Mood::Failing as u8)
                {
                    let _sent = socket.send_to(&answer, from).await;
                }
            }
        });
        Self { address, mood }
    }

    pub(crate) fn is(&self, mood: Mood) {
        self.mood.store(mood as u8, SeqCst);
    }
}

/// RFC 1035 §4: the header, the question as it came, and an address that lives for no second, so that nobody keeps it.
fn answer(query: &[u8], is_failing: bool) -> Option<Vec<u8>> {
    let end = 12 + query.get(12..)?.iter().position(|byte| *byte == 0)? + 5;
    let question = query.get(12..end)?;
    let is_target = !question.to_ascii_lowercase().windows(4).any(|label| label == b"\x03com");
    let code = match (is_target, is_failing) {
        (true, true) => SERVER_FAILURE,
        (true, false) => NO_ERROR,
        (false, _) => NAME_ERROR,
    };
    let has_address = code == NO_ERROR && question.get(question.len() - 4..question.len() - 2)? == TYPE_A;
    let mut message = query[..2].to_vec();
    message.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(has_address), 0, 0, 0, 0]);
    message.extend(question);
    if has_address {
        message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        message.extend(Ipv4Addr::LOCALHOST.octets());
    }
    Some(message)
}
