//! E-mail against a mail server that takes letters, refuses them, or asks for patience.

use super::{Consignment, Courier, KEY, courier, options, outcome, payload, settings};
use pulse_domain::{channel::ChannelKind, secret::Secret};
use serde_json::json;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A letter as the server got it: its envelope's recipients, and its lines.
#[derive(Debug, Default)]
struct Letter {
    recipients: Vec<String>,
    text: String,
}

/// A mail server that answers one command in its own way, and all others as RFC 5321 wants it.
async fn server(command: &'static str, reply: &'static str) -> (SocketAddr, mpsc::Receiver<Letter>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (tell, letters) = mpsc::channel(10);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let _gone = serve(stream, command, reply, &tell).await;
            });
        }
    });
    (address, letters)
}

async fn serve(mut stream: TcpStream, command: &str, reply: &str, tell: &mpsc::Sender<Letter>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 mail.test ESMTP\r\n").await?;
    let mut letter = Letter::default();
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let usual = match verb.as_str() {
            "EHLO" => "250-mail.test\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            "AUTH" => "235 2.7.0 accepted",
            "DATA" => "354 go ahead",
            "QUIT" => "221 bye",
            "RCPT" => {
                letter.recipients.push(line.clone());
                "250 2.1.5 ok"
            }
            _ => "250 2.0.0 ok",
        };
        let answer = if verb == command { reply } else { usual };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        if verb == "DATA" && answer == usual {
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                letter.text = letter.text + &line + "\n";
            }
            let answer = if command == "." { reply } else { "250 2.0.0 queued as 4F2A" };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
            let _told = tell.send(std::mem::take(&mut letter)).await;
        }
    }
    Ok(())
}

fn courier_by(address: SocketAddr) -> Courier {
    let mut options = options();
    options.smtp_url = Some(Secret::new(format!("smtp://user:pw@{address}?from=pulse@pulse.example")));
    courier(&options)
}

async fn letter_of(event: &str, courier: &Courier) -> String {
    let settings = settings(&json!({"to": ["ops@example.com", "dev@example.com"]}));
    let payload = payload(event);
    let consignment = Consignment {
        kind: ChannelKind::Email,
        settings: &settings,
        payload: &payload,
        idempotency_key: KEY,
        attempt: 1,
    };
    outcome(&courier.deliver(consignment).await)
}

#[tokio::test]
async fn a_letter_reaches_all_recipients_in_the_incidents_thread() {
    let (address, mut letters) = server("-", "").await;
    let courier = courier_by(address);
    assert_eq!(letter_of("monitor.down", &courier).await, "sent 2.0.0 queued as 4F2A");
    let letter = timeout(PATIENCE, letters.recv()).await.expect("in time").expect("a letter");
    assert_eq!(letter.recipients.len(), 2, "{:?}", letter.recipients);
    let text = letter.text.replace("=\n", "");
    let has = |line: &str| text.contains(line);
    assert!(has(&format!("Message-ID: <pulse.{KEY}@pulse.example>")), "{}", letter.text);
    assert!(
        has("In-Reply-To: <pulse.thread.i-1@pulse.example>") && has("References: <pulse.thread.i-1@pulse.example>")
    );
    assert!(has("Auto-Submitted: auto-generated") && has("multipart/alternative"));
    assert!(has("Content-Type: text/plain") && has("Content-Type: text/html"));
    assert!(has("Shop &lt;b&gt;&amp; is down"), "the name is no markup");
    assert_eq!(letter_of("monitor.up", &courier).await, "sent 2.0.0 queued as 4F2A");
    let over = timeout(PATIENCE, letters.recv()).await.expect("in time").expect("a letter");
    assert!(over.text.contains("References: <pulse.thread.i-1@pulse.example>"));
}

#[tokio::test]
async fn refusals_are_told_apart() {
    for (command, reply, expected) in [
        ("RCPT", "550 5.1.1 no such user", "rejected"),
        ("RCPT", "451 4.7.1 greylisted, try again", "later -"),
        ("MAIL", "421 4.3.2 shutting down", "later -"),
        ("AUTH", "535 5.7.8 bad credentials", "later -"),
        (".", "554 5.7.1 looks like spam", "rejected"),
    ] {
        let (address, _letters) = server(command, reply).await;
        assert_eq!(letter_of("monitor.down", &courier_by(address)).await, expected, "{command}: {reply}");
    }
}

#[tokio::test]
async fn without_a_server_a_letter_says_what_is_missing() {
    let told = letter_of("monitor.down", &courier(&options())).await;
    assert!(told.contains("PULSE_SMTP_URL"), "{told}");
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address");
    assert_eq!(letter_of("monitor.down", &courier_by(closed)).await, "connection");
}
