//! The head of an answer (RFC 9112 §4 to §6): its status, how its body is framed, and the fields that somebody looks at.

use pulse_domain::monitor::Method;

use super::{answer::Wanted, chunked::Chunked, framing::Framing};

/// Fields of one answer; browsers take about as many.
const FIELDS_MAX: usize = 128;

#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) framing: Framing,
    /// How the body is compressed.
    pub(super) coding: Option<String>,
    pub(super) location: Option<String>,
    /// All of them if they are wanted, else none.
    pub(super) headers: Vec<(String, String)>,
}

/// What the bytes so far amount to.
#[derive(Debug)]
pub(super) enum Reading {
    Partial,
    /// A head that only announces another one (1xx), and how long it is.
    Interim(usize),
    /// The head and how long it is.
    Whole(usize, Head),
}

/// Reads a head from the beginning of `bytes`; an error says what is wrong with it.
pub(super) fn read(bytes: &[u8], method: Method, wanted: Wanted) -> Result<Reading, String> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut parsed = httparse::Response::new(&mut fields);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(Reading::Partial),
        Err(error) => return Err(error.to_string()),
    };
    let status = parsed.code.unwrap_or_default();
    match status {
        101 => return Err("it changes to a protocol that nobody asked for".to_owned()),
        100..=199 => return Ok(Reading::Interim(length)),
        200..=599 => {}
        _ => return Err(format!("there is no status {status}")),
    }
    let fields = &*parsed.headers;
    let bodiless = method == Method::Head || matches!(status, 204 | 304);
    let framing = if bodiless { Framing::Length(0) } else { framing(fields, parsed.version)? };
    let redirects = matches!(status, 301 | 302 | 303 | 307 | 308);
    Ok(Reading::Whole(
        length,
        Head {
            status,
            framing,
            coding: if bodiless { None } else { value(fields, "content-encoding").map(text) },
            location: if redirects { value(fields, "location").map(text) } else { None },
            headers: if wanted.headers { all(fields) } else { Vec::new() },
        },
    ))
}

fn framing(fields: &[httparse::Header<'_>], minor_version: Option<u8>) -> Result<Framing, String> {
    let mut length = None;
    let mut coding = None;
    for field in fields {
        if field.name.eq_ignore_ascii_case("content-length") {
            for part in field.value.split(|byte| *byte == b',') {
                let stated = number(part).ok_or("its length is no number")?;
                if length.replace(stated).is_some_and(|other| other != stated) {
                    return Err("it states two lengths".to_owned());
                }
            }
        }
        let is_coding = field.name.eq_ignore_ascii_case("transfer-encoding");
        if is_coding && (coding.replace(field.value.trim_ascii()).is_some() || minor_version == Some(0)) {
            return Err("its transfer encoding makes no sense".to_owned());
        }
    }
    match (coding, length) {
        (Some(coding), _) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked(Chunked::new())),
        (Some(_), _) => Err("it has a transfer encoding that nobody asked for".to_owned()),
        (None, Some(length)) => Ok(Framing::Length(length)),
        (None, None) => Ok(Framing::UntilClose),
    }
}

/// Digits and nothing else: no sign, no blank inside.
fn number(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii();
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    if digits { std::str::from_utf8(text).ok()?.parse().ok() } else { None }
}

fn value<'a>(fields: &[httparse::Header<'a>], name: &str) -> Option<&'a [u8]> {
    fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn all(fields: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    fields.iter().map(|field| (field.name.to_ascii_lowercase(), text(field.value))).collect()
}
