//! Every file once more in the two encodings that browsers take, at the highest quality: done once, sent for ever.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::files;

/// Formats that are compressed already.
const COMPRESSED: [&str; 6] = ["br", "gz", "png", "jpg", "webp", "woff2"];

/// Writes `name.br` and `name.gz` beside each file of `folder`.
pub(super) fn beside_each(folder: &Path) -> Result<()> {
    for name in files::below(folder)? {
        if name.extension().and_then(OsStr::to_str).is_some_and(|extension| COMPRESSED.contains(&extension)) {
            continue;
        }
        let path = folder.join(name);
        let content = files::read(&path)?;
        files::write(&with_suffix(&path, ".br"), &brotli(&content)?)?;
        files::write(&with_suffix(&path, ".gz"), &gzip(&content)?)?;
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters).context("brotli failed")?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).and_then(|()| encoder.finish()).context("gzip failed")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn both_encodings_give_the_file_back() {
        let folder = tempfile::tempdir().expect("temp folder");
        let content = "the same words again and again ".repeat(100).into_bytes();
        files::write(&folder.path().join("a.js"), &content).expect("written");
        files::write(&folder.path().join("b.woff2"), &content).expect("written");
        beside_each(folder.path()).expect("compressed");
        let compressed = files::read(&folder.path().join("a.js.br")).expect("read");
        assert!(compressed.len() < content.len() / 10);
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut compressed.as_slice(), &mut unpacked).expect("brotli");
        assert_eq!(unpacked, content);
        let compressed = files::read(&folder.path().join("a.js.gz")).expect("read");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(compressed.as_slice()).read_to_end(&mut unpacked).expect("gzip");
        assert_eq!(unpacked, content);
        assert!(!folder.path().join("b.woff2.br").exists());
    }
}
