//! Where a body ends (RFC 9112 §6.3).

use pulse_domain::limits::BODY_BYTES_MAX;

use super::{
    body::{Body, Unusable},
    chunked::Chunked,
};
use pulse_domain::outcome::Reason;

#[derive(Clone, Debug)]
pub(super) enum Framing {
    /// That many bytes are still to come.
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

impl Framing {
    /// Whether nothing more belongs to the body.
    pub(super) fn is_done(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunked) => chunked.is_done(),
            Self::UntilClose => false,
        }
    }

    /// A length that is beyond the limit is too large before a byte of it has come. What comes compressed may be short of it
    /// and still be too large; the other way round it is never right.
    pub(super) fn judge(&self) -> Result<(), Unusable> {
        match self {
            Self::Length(length) if *length > BODY_BYTES_MAX as u64 => Err(Unusable::too_large()),
            Self::Length(_) | Self::Chunked(_) | Self::UntilClose => Ok(()),
        }
    }

    /// Takes what has arrived.
    pub(super) fn take(&mut self, mut input: &[u8], body: &mut Body) -> Result<(), Unusable> {
        match self {
            Self::Length(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                *left -= length as u64;
                body.push(input.get(..length).unwrap_or_default())
            }
            Self::UntilClose => body.push(input),
            Self::Chunked(chunked) => {
                while !input.is_empty() && !chunked.is_done() {
                    let data = chunked.take(&mut input).map_err(|_| malformed())?;
                    body.push(data)?;
                }
                Ok(())
            }
        }
    }

    /// Whether the body may end because the connection did.
    pub(super) fn ends_with_connection(&self) -> bool {
        matches!(self, Self::UntilClose) || self.is_done()
    }
}

fn malformed() -> Unusable {
    Unusable { reason: Reason::InvalidResponse, detail: "the body is not framed as its header says".to_owned() }
}
