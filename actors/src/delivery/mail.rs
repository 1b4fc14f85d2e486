//! Letters: the operator's mail server takes them and brings them on.
//!
//! Whoever runs Pulse chose the server, so its address is not judged. A refusal for good concerns one letter (or the
//! operator's credentials), so it never switches a channel off.

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use pulse_domain::{Timestamp, backoff::Answer, channel::Mail, limits::DELIVERY_TIMEOUT_MS};
use std::{net::IpAddr, time::Duration};
use tokio::time::timeout;
use url::{Host, Url};

use super::{Then, Tried};
use crate::egress::{EgressError, EgressOptions};

/// RFC 8314: submission with TLS from the start, and with STARTTLS.
const SUBMISSIONS_PORT: u16 = 465;
const SUBMISSION_PORT: u16 = 587;

#[derive(Debug)]
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// Nothing where no server is set.
    pub(super) fn new(options: &EgressOptions) -> Result<Option<Self>, EgressError> {
        let Some(text) = &options.smtp_url else { return Ok(None) };
        let wrong = |why: &str| {
            EgressError::Smtp(format!("{why}, as in smtps://user:password@mail.example.com?from=pulse@example.com"))
        };
        let url = Url::parse(text.expose()).map_err(|_| wrong("is no URL"))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let (mut from, mut encryption) = (None, None);
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "from" => from = Some(value.parse::<Mailbox>().map_err(|_| wrong("`from` is no address"))?),
                "tls" => encryption = Some(value.into_owned()),
                other => return Err(wrong(&format!("has no setting {other:?}"))),
            }
        }
        let (tls, port) = tls(&url, host, encryption.as_deref(), options)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(url.port().unwrap_or(port))
            .tls(tls)
            .timeout(Some(Duration::from_millis(DELIVERY_TIMEOUT_MS)));
        let decoded = |text: &str| percent_decoded(text).ok_or_else(|| wrong("has a malformed user or password"));
        let user = decoded(url.username())?;
        if let Some(password) = url.password() {
            builder = builder.credentials(Credentials::new(user.clone(), decoded(password)?));
        }
        let from = from.map_or_else(|| sender(&user, options.public_url.as_deref(), host), Ok);
        let from = from.map_err(|()| wrong("says no sender"))?;
        Ok(Some(Self { transport: builder.build(), from }))
    }

    /// Hands a letter over. All its recipients are taken, or none.
    pub(super) async fn send(&self, mail: &Mail, at: Timestamp) -> Tried {
        let message = match self.message(mail, at) {
            Ok(message) => message,
            Err(error) => return Tried::hopeless(&format!("the letter cannot be written: {error}")),
        };
        let sending = self.transport.send(message);
        match timeout(Duration::from_millis(DELIVERY_TIMEOUT_MS), sending).await {
            Ok(Ok(response)) => {
                let said = response.message().collect::<Vec<_>>().join(" ");
                Tried {
                    status_code: Some(u16::from(response.code())),
                    receipt: Some(said.clone()),
                    excerpt: Some(said),
                    then: Then::Answered(Answer::Delivered),
                }
            }
            Ok(Err(error)) => refused(&error),
            Err(_) => Tried::answered(Answer::Timeout),
        }
    }

    fn message(&self, mail: &Mail, at: Timestamp) -> Result<Message, lettre::error::Error> {
        let domain = self.from.email.domain();
        let thread = format!("<{}@{domain}>", mail.thread);
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(&mail.subject)
            .date(at.into())
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .in_reply_to(thread.clone())
            .references(thread)
            // RFC 3834: no holiday message comes back.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for to in &mail.to {
            let address: Address = to.parse().map_err(|_| lettre::error::Error::MissingTo)?;
            builder = builder.to(Mailbox::new(None, address));
        }
        builder.multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
    }
}

/// TLS from the start for `smtps`; STARTTLS for `smtp`, except to this very machine or where the operator says `tls=none`.
fn tls(url: &Url, host: &str, chosen: Option<&str>, options: &EgressOptions) -> Result<(Tls, u16), EgressError> {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // The parser takes addresses of schemes it doesn't know as names.
        None => false,
    } || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let parameters = || {
        let mut builder = TlsParameters::builder(host.to_owned());
        if let Some(path) = &options.extra_ca {
            let unreadable = |why: String| EgressError::ExtraCa { path: path.clone(), why };
            let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| unreadable(error.to_string()))?;
            builder = builder.add_root_certificate(certificate);
        }
        builder.build_rustls().map_err(|error| EgressError::Smtp(format!("TLS cannot be set up: {error}")))
    };
    match (url.scheme(), chosen) {
        ("smtps", None | Some("required")) => Ok((Tls::Wrapper(parameters()?), SUBMISSIONS_PORT)),
        ("smtp", Some("none")) => Ok((Tls::None, SUBMISSION_PORT)),
        ("smtp", None) if here => Ok((Tls::None, SUBMISSION_PORT)),
        ("smtp", None | Some("required")) => Ok((Tls::Required(parameters()?), SUBMISSION_PORT)),
        _ => Err(EgressError::Smtp("must begin with smtp:// or smtps://, and `tls` is required or none".to_owned())),
    }
}

/// Who letters are from when nobody says: the user if that is an address, else `pulse` at the web app's or the server's name.
fn sender(user: &str, public_url: Option<&str>, host: &str) -> Result<Mailbox, ()> {
    if let Ok(address) = user.parse::<Address>() {
        return Ok(Mailbox::new(Some("Pulse".to_owned()), address));
    }
    let public = public_url.and_then(|text| Url::parse(text).ok());
    let domain = public.as_ref().and_then(Url::domain).unwrap_or(host);
    let address = Address::new("pulse", domain).map_err(|_| ())?;
    Ok(Mailbox::new(Some("Pulse".to_owned()), address))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// RFC 5321 §4.2.1: 4xx may be tried again, 5xx not; but credentials that are refused (530, 534, 535) are the operator's
/// to mend, and letters wait for that.
fn refused(error: &lettre::transport::smtp::Error) -> Tried {
    let Some(code) = error.status().map(u16::from) else {
        return Tried::answered(if error.is_timeout() { Answer::Timeout } else { Answer::Connection });
    };
    let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let answer = match code {
        530 | 534 | 535 => {
            Answer::Later { reason: format!("the mail server refuses Pulse itself ({code})"), after_seconds: None }
        }
        500..=599 => Answer::Rejected { reason: format!("the mail server refuses the letter ({code}: {said})") },
        _ => {
            Answer::Later { reason: format!("the mail server asks to try again ({code}: {said})"), after_seconds: None }
        }
    };
    Tried { status_code: Some(code), excerpt: Some(said), receipt: None, then: Then::Answered(answer) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::secret::Secret;

    fn mailer(url: &str) -> Result<Mailer, String> {
        let options = EgressOptions {
            smtp_url: Some(Secret::new(url.to_owned())),
            public_url: Some("https://pulse.example".to_owned()),
            ..EgressOptions::default()
        };
        Mailer::new(&options).map(|mailer| mailer.expect("a server is set")).map_err(|error| error.to_string())
    }

    #[test]
    fn the_sender_is_said_or_follows_from_the_user_or_the_public_address() {
        for (url, from) in [
            ("smtps://mail.example", "pulse@pulse.example"),
            ("smtp://ops%40example.com:p%20w@mail.example:2525", "ops@example.com"),
            ("smtp://localhost:1025?from=alerts@example.org", "alerts@example.org"),
        ] {
            assert_eq!(mailer(url).unwrap().from.email.to_string(), from, "{url}");
        }
    }

    #[test]
    fn a_server_that_cannot_be_meant_is_told_with_an_example() {
        for url in
            ["smtp://mail.example?tls=maybe", "smtp://mail.example?form=a@b.example", "smtp://mail.example?from=nobody"]
        {
            let why = mailer(url).unwrap_err();
            assert!(why.starts_with("PULSE_SMTP_URL"), "{why}");
        }
        assert!(Mailer::new(&EgressOptions::default()).unwrap().is_none());
    }
}
