//! The `tls` check: a handshake, and the certificate that the server shows in it.

use pulse_domain::{
    monitor::TlsCheck,
    outcome::Certificate,
    verdict::{Failure, Response},
};

use super::{PhaseClock, Probe, reach};
use crate::egress::{Egress, Handshake};

impl Probe for TlsCheck {
    async fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> Result<Response, Failure> {
        let host = reach::host(&self.host)?;
        let stream = reach::connect(egress, reach::borrowed(&host), self.port, clock).await?;
        let handshake = Handshake { name: &self.host, verify: true, http: false };
        let _secured = reach::secure(egress, stream, handshake, clock).await?;
        Ok(Response { note: clock.facts.certificate.as_ref().map(described), ..Response::default() })
    }
}

fn described(certificate: &Certificate) -> String {
    let until = certificate.not_after.format("%Y-%m-%d");
    format!("{}, certificate of {} until {until}", certificate.protocol, certificate.issuer)
}
