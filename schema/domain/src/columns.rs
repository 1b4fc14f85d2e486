//! The bytes that packed days and rollups are made of: variable-length numbers, columns of numbers, lists of short texts.
//!
//! A column says in its first byte how it is written, and the shortest way wins: one number that stands for all, a varint each,
//! or pco, which finds the distribution of the numbers and comes near its entropy. Reading trusts nothing: a broken form is
//! an error, never a panic, and never more memory than the numbers it announces.

use pco::{ChunkConfig, data_types::Number, standalone};
use std::io::{Read as _, Write as _};

#[cfg(test)]
mod tests;

/// The bytes are not what this version writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unreadable packed form: {0}")]
pub struct Unreadable(pub(crate) &'static str);

/// More numbers than any day has; a form that announces more is broken.
const COLUMN_NUMBERS_MAX: u64 = 1 << 24;
const TEXT_BYTES_MAX: u64 = 1 << 28;
/// Below this many numbers pco's own headers weigh more than it saves.
const PCO_NUMBERS_MIN: usize = 24;

const CONSTANT: u8 = 0;
const VARINTS: u8 = 1;
const PCO: u8 = 2;
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

/// A number that columns hold.
pub(crate) trait Cell: Number {
    fn wide(self) -> u64;
    fn narrow(wide: u64) -> Option<Self>;
}

macro_rules! cells {
    ($($kind:ty),+) => {$(
        impl Cell for $kind {
            fn wide(self) -> u64 {
                u64::from(self)
            }
            fn narrow(wide: u64) -> Option<Self> {
                Self::try_from(wide).ok()
            }
        }
    )+};
}
cells!(u16, u32, u64);

#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Seven bits a byte, lowest first; the eighth says that more follow.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(low_bits(number) | 0x80);
            number >>= 7;
        }
        self.0.push(low_bits(number));
    }

    /// Small numbers of both signs stay short.
    pub(crate) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    /// The reader has to know how many there are.
    pub(crate) fn column<T: Cell>(&mut self, numbers: &[T]) {
        let Some(first) = numbers.first() else { return };
        if numbers.iter().all(|number| number.wide() == first.wide()) {
            self.byte(CONSTANT);
            return self.number(first.wide());
        }
        let mut varints = Self::default();
        for number in numbers {
            varints.number(number.wide());
        }
        let packed = (numbers.len() >= PCO_NUMBERS_MIN)
            .then(|| standalone::simple_compress(numbers, &ChunkConfig::default()).ok())
            .flatten();
        match packed {
            Some(packed) if packed.len() < varints.0.len() => {
                self.byte(PCO);
                self.number(packed.len() as u64);
                self.0.extend(packed);
            }
            Some(_) | None => {
                self.byte(VARINTS);
                self.0.extend(varints.0);
            }
        }
    }

    /// The reader has to know how many there are.
    pub(crate) fn texts<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        let mut plain = Self::default();
        for text in texts {
            plain.number(text.len() as u64);
            plain.0.extend(text.as_bytes());
        }
        let deflated = deflate(&plain.0).filter(|deflated| deflated.len() < plain.0.len());
        self.byte(if deflated.is_some() { DEFLATED } else { PLAIN });
        self.number(plain.0.len() as u64);
        if let Some(deflated) = &deflated {
            self.number(deflated.len() as u64);
        }
        self.0.extend(deflated.unwrap_or(plain.0));
    }
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or(0)
}

fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Nothing may be left over.
    pub(crate) fn finish(self) -> Result<(), Unreadable> {
        if self.0.is_empty() { Ok(()) } else { Err(Unreadable("bytes left over")) }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Unreadable> {
        let (first, rest) = self.0.split_first().ok_or(Unreadable("too short"))?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn number(&mut self) -> Result<u64, Unreadable> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Unreadable("an endless number"))
    }

    pub(crate) fn signed(&mut self) -> Result<i64, Unreadable> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(crate) fn narrow<T: Cell>(&mut self) -> Result<T, Unreadable> {
        T::narrow(self.number()?).ok_or(Unreadable("a number out of range"))
    }

    /// How many of something follow.
    pub(crate) fn count(&mut self) -> Result<usize, Unreadable> {
        let count = self.number()?;
        if count > COLUMN_NUMBERS_MAX {
            return Err(Unreadable("too many numbers"));
        }
        usize::try_from(count).map_err(|_| Unreadable("too many numbers"))
    }

    pub(crate) fn column<T: Cell + Default>(&mut self, count: usize) -> Result<Vec<T>, Unreadable> {
        if count == 0 {
            return Ok(Vec::new());
        }
        match self.byte()? {
            CONSTANT => Ok(vec![self.narrow()?; count]),
            VARINTS => (0..count).map(|_| self.narrow()).collect(),
            PCO => {
                let length = self.count()?;
                let packed = self.take(length)?;
                let mut numbers = vec![T::default(); count];
                let progress = standalone::simple_decompress_into(packed, &mut numbers)
                    .map_err(|_| Unreadable("a broken column"))?;
                if progress.n_processed == count { Ok(numbers) } else { Err(Unreadable("a column too short")) }
            }
            _ => Err(Unreadable("an unknown kind of column")),
        }
    }

    pub(crate) fn texts(&mut self, count: usize) -> Result<Vec<String>, Unreadable> {
        let mode = self.byte()?;
        let length = self.number()?;
        if length > TEXT_BYTES_MAX {
            return Err(Unreadable("too much text"));
        }
        let size = usize::try_from(length).map_err(|_| Unreadable("too much text"))?;
        let plain = match mode {
            PLAIN => self.take(size)?.to_vec(),
            DEFLATED => {
                let deflated = self.count()?;
                let mut plain = Vec::new();
                let decoder = flate2::read::DeflateDecoder::new(self.take(deflated)?);
                decoder.take(length).read_to_end(&mut plain).map_err(|_| Unreadable("broken text"))?;
                plain
            }
            _ => return Err(Unreadable("an unknown kind of text")),
        };
        let mut plain = Reader(&plain);
        let texts = (0..count).map(|_| {
            let length = plain.count()?;
            let bytes = plain.take(length)?;
            String::from_utf8(bytes.to_vec()).map_err(|_| Unreadable("broken text"))
        });
        let texts = texts.collect::<Result<_, _>>()?;
        plain.finish()?;
        Ok(texts)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Unreadable("too short"))?;
        self.0 = rest;
        Ok(taken)
    }
}
