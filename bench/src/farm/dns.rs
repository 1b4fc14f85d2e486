//! The name server: `m<number>.farm.test` is an address of the farm; every other name does not exist.
//!
//! Wire format: RFC 1035, section 4. The question is copied into the answer as it came.

use std::rc::Rc;

use tokio::net::UdpSocket;

use super::{Behaviour, Farm, http};

const HEADER_BYTES: usize = 12;
/// A query without EDNS is never longer.
const MESSAGE_BYTES_MAX: usize = 512;
const SERVFAIL: u8 = 2;
const NXDOMAIN: u8 = 3;

pub(super) async fn serve(farm: Rc<Farm>, socket: UdpSocket) {
    let mut message = [0; MESSAGE_BYTES_MAX];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut message).await else { continue };
        let Some(answer) = message.get(..length).and_then(|query| answer(query, |number| farm.visited(number))) else {
            continue;
        };
        // A lost datagram is asked for again.
        let _lost = socket.send_to(&answer, from).await;
    }
}

/// Nothing for what is no query, and for monitors that shall wait in vain.
fn answer(query: &[u8], visited: impl FnOnce(u32) -> Behaviour) -> Option<Vec<u8>> {
    let question = question(query.get(HEADER_BYTES..)?)?;
    let number = question.get(1..).and_then(|label| label.strip_prefix(b"m")).and_then(http::parse);
    let Some(number) = number else { return Some(respond(query, question, NXDOMAIN, None)) };
    match visited(number) {
        Behaviour::Up | Behaviour::Slow => Some(respond(query, question, 0, Some(super::address(number).octets()))),
        Behaviour::Down => Some(respond(query, question, SERVFAIL, None)),
        Behaviour::Hang => None,
    }
}

/// The name with its type and class.
fn question(rest: &[u8]) -> Option<&[u8]> {
    let name = rest.iter().position(|byte| *byte == 0)?;
    rest.get(..name + 5)
}

fn respond(query: &[u8], question: &[u8], code: u8, address: Option<[u8; 4]>) -> Vec<u8> {
    let mut answer = Vec::with_capacity(HEADER_BYTES + question.len() + 16);
    answer.extend(query.get(..2).unwrap_or_default());
    // A response, authoritative, recursion desired and available.
    answer.extend([0x85, 0x80 | code, 0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    answer.extend(question);
    if let Some(address) = address {
        // The name as a pointer to the question, type A, class IN, no caching, four bytes.
        answer.extend([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        answer.extend(address);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(label: &str) -> Vec<u8> {
        let mut query = vec![7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, u8::try_from(label.len()).unwrap()];
        query.extend(label.bytes());
        query.extend(*b"\x04farm\x04test\0\0\x01\0\x01");
        query
    }

    #[test]
    fn a_monitors_name_is_its_address_and_the_question_comes_back() {
        let query = query("m201");
        let answer = answer(&query, |_| Behaviour::Up).unwrap();
        assert_eq!(answer[..2], query[..2]);
        assert_eq!(answer[HEADER_BYTES..HEADER_BYTES + query.len() - 12], query[12..]);
        assert_eq!(answer[answer.len() - 4..], [127, 77, 0, 2]);
    }

    #[test]
    fn unknown_names_do_not_exist_and_a_failing_monitor_gets_a_failure() {
        assert_eq!(answer(&query("other"), |_| Behaviour::Up).unwrap()[3] & 0xf, NXDOMAIN);
        assert_eq!(answer(&query("m1"), |_| Behaviour::Down).unwrap()[3] & 0xf, SERVFAIL);
        assert_eq!(answer(&query("m1"), |_| Behaviour::Hang), None);
    }
}
