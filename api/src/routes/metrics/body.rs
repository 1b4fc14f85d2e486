//! The body of a push: read within its bounds, unpacked within the same ones.

use crate::problem::Problem;
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, StatusCode, header},
};
use flate2::read::MultiGzDecoder;
use pulse_domain::limits::METRIC_BODY_BYTES_MAX;
use std::{io::Read as _, time::Duration};

/// A body of four megabytes over a poor line.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, METRIC_BODY_BYTES_MAX)).await;
    let Ok(read) = read else {
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time."));
    };
    let bytes = read.map_err(|_| too_large())?;
    match headers.get(header::CONTENT_ENCODING).map(|encoding| encoding.as_bytes().to_ascii_lowercase()).as_deref() {
        None | Some(b"identity" | b"") => Ok(bytes.to_vec()),
        Some(b"gzip") => unpack(&bytes),
        Some(_) => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Only gzip is understood as a Content-Encoding.",
        )),
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, Problem> {
    let most = u64::try_from(METRIC_BODY_BYTES_MAX).unwrap_or(u64::MAX);
    let mut unpacked = Vec::new();
    // One byte more than allowed, to tell a full body from a cut one.
    let read = MultiGzDecoder::new(packed).take(most + 1).read_to_end(&mut unpacked);
    read.map_err(|_| Problem::bad_request("The body is not gzip, although its Content-Encoding says so."))?;
    if unpacked.len() > METRIC_BODY_BYTES_MAX { Err(too_large()) } else { Ok(unpacked) }
}

fn too_large() -> Problem {
    let detail = format!("The body is larger than {METRIC_BODY_BYTES_MAX} bytes; send smaller batches.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_refused_after_its_limit() {
        assert_eq!(unpack(&pack(b"hello")).unwrap(), b"hello");
        let bomb = pack(&vec![0; METRIC_BODY_BYTES_MAX + 1]);
        assert!(bomb.len() < 10_000);
        let status = |packed: &[u8]| unpack(packed).unwrap_err().into_response().status();
        assert_eq!(status(&bomb), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(status(b"plain text"), StatusCode::BAD_REQUEST);
    }
}
