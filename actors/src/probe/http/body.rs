//! A body on its way in: decompressed, counted against the limit, and kept only if somebody looks at it.

use brotli_decompressor::DecompressorWriter;
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use pulse_domain::{limits::BODY_BYTES_MAX, outcome::Reason};
use std::io::{self, Write};

/// The codings that `Body` undoes (RFC 9110 §8.4.1).
pub(super) const ACCEPTED: &str = "gzip, deflate, br";
/// What brotli decompresses at once.
const BROTLI_CHUNK_BYTES: usize = 4_096;

/// Why a body is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    pub(super) reason: Reason,
    pub(super) detail: String,
}

pub(super) struct Body {
    coding: Coding,
    /// Whether nothing came yet: an answer may say how it is coded and then have no body.
    empty: bool,
}

enum Coding {
    Identity(Sink),
    Gzip(Box<MultiGzDecoder<Sink>>),
    Deflate(Box<ZlibDecoder<Sink>>),
    Brotli(Box<DecompressorWriter<Sink>>),
}

/// What comes out of the decompression.
#[derive(Debug)]
struct Sink {
    bytes: Vec<u8>,
    count: usize,
    keep: bool,
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.count = self.count.saturating_add(data.len());
        if self.count > BODY_BYTES_MAX {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        if self.keep {
            self.bytes.extend_from_slice(data);
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Body {
    /// A body in the coding that its header names. One that was not asked for is taken as it comes, unless it has to be
    /// looked into.
    pub(super) fn new(coding: Option<&str>, keep: bool) -> Result<Self, Unusable> {
        let sink = Sink { bytes: Vec::new(), count: 0, keep };
        let coding = coding.unwrap_or_default().trim();
        let is = |names: &[&str]| names.iter().any(|name| coding.eq_ignore_ascii_case(name));
        let coding = if is(&["", "identity"]) {
            Coding::Identity(sink)
        } else if is(&["gzip", "x-gzip"]) {
            Coding::Gzip(Box::new(MultiGzDecoder::new(sink)))
        } else if is(&["deflate"]) {
            Coding::Deflate(Box::new(ZlibDecoder::new(sink)))
        } else if is(&["br"]) {
            Coding::Brotli(Box::new(DecompressorWriter::new(sink, BROTLI_CHUNK_BYTES)))
        } else if keep {
            let detail = format!("the body is encoded as {coding:?}, which was not asked for");
            return Err(Unusable { reason: Reason::InvalidResponse, detail });
        } else {
            Coding::Identity(sink)
        };
        Ok(Self { coding, empty: true })
    }

    pub(super) fn push(&mut self, data: &[u8]) -> Result<(), Unusable> {
        if self.empty
            && matches!(self.coding, Coding::Brotli(_))
            && data.first().is_some_and(|byte| byte & 0x7f == 0x11)
        {
            // The mark of "large window" brotli, which is none of RFC 7932: memory would be set aside before a byte comes out.
            let detail = "the body asks for more memory than brotli allows".to_owned();
            return Err(Unusable { reason: Reason::InvalidResponse, detail });
        }
        self.empty = self.empty && data.is_empty();
        match &mut self.coding {
            Coding::Identity(sink) => sink.write_all(data),
            Coding::Gzip(decoder) => decoder.write_all(data),
            Coding::Deflate(decoder) => decoder.write_all(data),
            Coding::Brotli(decoder) => decoder.write_all(data),
        }
        .map_err(|error| unusable(&error))
    }

    /// The body as far as it was kept. It must be whole: a compressed one that ends too early is damaged.
    pub(super) fn finish(self) -> Result<Vec<u8>, Unusable> {
        if self.empty {
            return Ok(Vec::new());
        }
        let sink = match self.coding {
            Coding::Identity(sink) => Ok(sink),
            Coding::Gzip(decoder) => decoder.finish(),
            Coding::Deflate(decoder) => decoder.finish(),
            Coding::Brotli(mut decoder) => decoder
                .close()
                .and_then(|()| decoder.into_inner().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))),
        };
        sink.map(|sink| sink.bytes).map_err(|error| unusable(&error))
    }
}

impl Unusable {
    pub(super) fn too_large() -> Self {
        Self { reason: Reason::BodyTooLarge, detail: format!("the body is larger than {BODY_BYTES_MAX} bytes") }
    }
}

fn unusable(error: &io::Error) -> Unusable {
    if error.kind() == io::ErrorKind::FileTooLarge {
        return Unusable::too_large();
    }
    Unusable { reason: Reason::InvalidResponse, detail: format!("the compressed body is damaged: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli(data: &[u8]) -> Vec<u8> {
        let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 5, 22);
        encoder.write_all(data).unwrap();
        encoder.into_inner()
    }

    fn read(coding: &str, keep: bool, pieces: &[&[u8]]) -> Result<Vec<u8>, Reason> {
        let read = || {
            let mut body = Body::new(Some(coding), keep)?;
            for piece in pieces {
                body.push(piece)?;
            }
            body.finish()
        };
        read().map_err(|unusable: Unusable| unusable.reason)
    }

    #[test]
    fn each_coding_is_undone_in_whatever_pieces_it_comes() {
        let text = b"hello hello hello hello".as_slice();
        for (coding, bytes) in [
            ("identity", text.to_vec()),
            ("gzip", gzip(text)),
            ("X-GZip", gzip(text)),
            ("deflate", zlib(text)),
            ("br", brotli(text)),
        ] {
            assert_eq!(read(coding, true, &[&bytes]).as_deref(), Ok(text), "{coding}");
            let bytewise: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(read(coding, true, &bytewise).as_deref(), Ok(text), "{coding}");
            assert_eq!(read(coding, false, &bytewise).as_deref(), Ok(b"".as_slice()), "{coding}, nobody looks");
            assert_eq!(read(coding, true, &[]).as_deref(), Ok(b"".as_slice()), "{coding} of nothing");
        }
    }

    #[test]
    fn what_is_damaged_or_cut_is_told() {
        let whole = gzip(b"hello hello hello hello");
        let cut = &whole[..whole.len() - 3];
        assert_eq!(read("gzip", false, &[cut]), Err(Reason::InvalidResponse));
        assert_eq!(read("gzip", false, &[b"<html>"]), Err(Reason::InvalidResponse));
        assert_eq!(read("deflate", false, &[b"<html>"]), Err(Reason::InvalidResponse));
        assert_eq!(read("br", false, &[&brotli(b"hello hello hello hello")[..6]]), Err(Reason::InvalidResponse));
        assert_eq!(read("zstd", true, &[b"x"]), Err(Reason::InvalidResponse), "not asked for, and looked into");
        assert_eq!(read("zstd", false, &[b"x"]), Ok(Vec::new()), "nobody looks");
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let fits = vec![0_u8; BODY_BYTES_MAX];
        let bomb = vec![0_u8; 64 * BODY_BYTES_MAX];
        assert_eq!(read("gzip", true, &[&gzip(&fits)]).map(|body| body.len()), Ok(BODY_BYTES_MAX));
        for keep in [true, false] {
            assert_eq!(read("gzip", keep, &[&gzip(&bomb)]), Err(Reason::BodyTooLarge));
            assert_eq!(read("deflate", keep, &[&zlib(&bomb)]), Err(Reason::BodyTooLarge));
            assert_eq!(read("br", keep, &[&brotli(&bomb)]), Err(Reason::BodyTooLarge));
            assert_eq!(read("identity", keep, &[&fits, b"x"]), Err(Reason::BodyTooLarge));
        }
    }
}
