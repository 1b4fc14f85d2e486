//! The chunked coding (RFC 9112 §7.1), taken apart as it arrives.

use pulse_domain::limits::HEADER_BYTES_MAX;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The first digit of a chunk's size.
    Size,
    MoreSize,
    /// Blanks after the size.
    Blank,
    /// An extension after the size, up to the end of its line.
    Extension,
    SizeEnd,
    Data,
    DataEnd,
    DataEndLine,
    /// The first byte of a trailer line, or of the empty line that ends everything.
    Trailer,
    MoreTrailer,
    LastLine,
    Nothing,
}

#[derive(Clone, Debug)]
pub(super) struct Chunked {
    next: Next,
    /// Of the chunk under way.
    left: u64,
    /// Bytes of extensions and trailers so far: they are bounded like a head.
    beside: usize,
}

/// The bytes are no chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Chunked {
    pub(super) fn new() -> Self {
        Self { next: Next::Size, left: 0, beside: 0 }
    }

    pub(super) fn is_done(&self) -> bool {
        self.next == Next::Nothing
    }

    /// Takes from the front of `input` up to the end of the next piece of data, or all of it; answers the piece.
    pub(super) fn take<'a>(&mut self, input: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
        while let Some((first, rest)) = input.split_first() {
            match self.next {
                Next::Nothing => break,
                Next::Data => {
                    let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(input.len());
                    let (data, rest) = input.split_at(length);
                    *input = rest;
                    self.left -= length as u64;
                    if self.left == 0 {
                        self.next = Next::DataEnd;
                    }
                    return Ok(data);
                }
                Next::Size
                | Next::MoreSize
                | Next::Blank
                | Next::Extension
                | Next::SizeEnd
                | Next::DataEnd
                | Next::DataEndLine
                | Next::Trailer
                | Next::MoreTrailer
                | Next::LastLine => {
                    self.next = self.after(*first)?;
                    *input = rest;
                }
            }
        }
        Ok(&[])
    }

    /// What comes after this byte of the framing.
    fn after(&mut self, byte: u8) -> Result<Next, Malformed> {
        Ok(match (self.next, byte) {
            (Next::Size | Next::MoreSize, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).ok_or(Malformed)?;
                let size = self.left.checked_mul(16).and_then(|size| size.checked_add(digit.into()));
                self.left = size.ok_or(Malformed)?;
                Next::MoreSize
            }
            (Next::MoreSize | Next::Blank | Next::Extension, b'\r') => Next::SizeEnd,
            (Next::MoreSize | Next::Blank, b'\t' | b' ') => self.beside(Next::Blank)?,
            (Next::MoreSize | Next::Blank, b';') => self.beside(Next::Extension)?,
            (Next::Extension, byte) if byte != b'\n' => self.beside(Next::Extension)?,
            (Next::SizeEnd, b'\n') if self.left == 0 => Next::Trailer,
            (Next::SizeEnd, b'\n') => Next::Data,
            (Next::DataEnd, b'\r') => Next::DataEndLine,
            (Next::DataEndLine, b'\n') => Next::Size,
            (Next::Trailer, b'\r') => Next::LastLine,
            (Next::LastLine, b'\n') => Next::Nothing,
            (Next::MoreTrailer, b'\n') => Next::Trailer,
            (Next::Trailer | Next::MoreTrailer, _) => self.beside(Next::MoreTrailer)?,
            (
                Next::Size
                | Next::MoreSize
                | Next::Blank
                | Next::Extension
                | Next::SizeEnd
                | Next::Data
                | Next::DataEnd
                | Next::DataEndLine
                | Next::LastLine
                | Next::Nothing,
                _,
            ) => return Err(Malformed),
        })
    }

    fn beside(&mut self, next: Next) -> Result<Next, Malformed> {
        self.beside += 1;
        if self.beside > HEADER_BYTES_MAX { Err(Malformed) } else { Ok(next) }
    }
}
