//! The types that clients send.

use super::{Body, Tagged, Variant};
use crate::{
    api_key::CreateApiKey,
    auth::{Login, Register},
    channel::{WriteChannel, WritePreview},
    explanation::Replay,
    incident::Comment,
    maintenance::{PreviewWindow, WriteWindow},
    metric::WriteMetrics,
    on_call::{WriteOverride, WriteSchedule},
    organization::WriteOrganization,
    push::WritePush,
    rule::WriteRule,
    silence::WriteSilence,
};
use chrono::NaiveDateTime;
use pulse_domain::Timestamp;
use pulse_domain::monitor::{
    Defaults, DnsCheck, HttpCheck, IcmpCheck, MetricCheck, MonitorConfig, PushCheck, TcpCheck, TlsCheck,
};
use serde::Deserialize;
use serde_json::{Value, json};

impl Body for CreateApiKey {}
impl Body for Register {}
impl Body for Login {}
impl Body for WriteChannel {
    const DEPENDS: &'static [(&'static str, &'static str)] = &[("/config", "/type")];
}
impl Body for WritePreview {}
impl Body for Comment {}
impl Body for WriteOrganization {}
impl Body for WriteRule {}
impl Body for Replay {}
impl Body for WritePush {}
impl Body for WriteSilence {}
impl Body for WriteSchedule {}
impl Body for WriteOverride {}

impl Body for WriteWindow {
    fn tagged() -> Vec<Tagged> {
        vec![schedule()]
    }
}

impl Body for PreviewWindow {
    fn tagged() -> Vec<Tagged> {
        vec![schedule()]
    }
}

fn schedule() -> Tagged {
    Tagged {
        pointer: "/schedule",
        optional: false,
        tag: "type",
        variants: vec![Variant::of::<Once>("once"), Variant::of::<Recurring>("recurring")],
        sample: json!({"type": "once", "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z"}),
    }
}

impl Body for WriteMetrics {
    /// A batch is large, so that reading it again is dear, and its samples are usually wrong all in the same way.
    const FAULTS_MAX: usize = 40;
}

impl Body for MonitorConfig {
    fn tagged() -> Vec<Tagged> {
        vec![
            // Before the check that it is in, so that its faults are told where they are.
            Tagged {
                pointer: "/check/auth",
                optional: true,
                tag: "type",
                variants: vec![Variant::of::<Basic>("basic"), Variant::of::<Bearer>("bearer")],
                sample: json!({"type": "bearer", "token": "x"}),
            },
            Tagged {
                pointer: "/check",
                optional: false,
                tag: "type",
                variants: vec![
                    Variant::of::<HttpCheck>("http"),
                    Variant::of::<TcpCheck>("tcp"),
                    Variant::of::<IcmpCheck>("icmp"),
                    Variant::of::<DnsCheck>("dns"),
                    Variant::of::<TlsCheck>("tls"),
                    Variant::of::<PushCheck>("push"),
                    Variant::of::<MetricCheck>("metric"),
                ],
                sample: json!({"type": "tcp", "host": "localhost", "port": 1}),
            },
            Tagged {
                pointer: "/policy/confirm_down",
                optional: false,
                tag: "mode",
                variants: vec![Variant::of::<Consecutive>("consecutive"), Variant::of::<Ratio>("ratio")],
                sample: json!({"mode": "consecutive", "failures": 1}),
            },
        ]
    }

    /// The usual timeout is longer than a short interval; a body that says nothing about it gets one that fits.
    fn complete(body: &mut Value) {
        let Some(interval_ms) =
            body.get("interval_seconds").and_then(Value::as_u64).map(|seconds| seconds.saturating_mul(1_000))
        else {
            return;
        };
        let usual_ms = u64::from(Defaults::timeout_ms());
        if let Some(fields) = body.as_object_mut()
            && usual_ms >= interval_ms
        {
            fields.entry("timeout_ms").or_insert_with(|| json!(interval_ms / 5 * 4));
        }
    }
}

/// The fields of `Auth::Basic`, read for their faults alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Basic {
    #[serde(rename = "username")]
    _username: String,
    #[serde(rename = "password")]
    _password: String,
}

/// The fields of `Auth::Bearer`, read for their faults alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bearer {
    #[serde(rename = "token")]
    _token: String,
}

/// The fields of `ConfirmDown::Consecutive`, read for their faults alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consecutive {
    #[serde(rename = "failures")]
    _failures: u32,
}

/// The fields of `Schedule::Once`, read for their faults alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Once {
    #[serde(rename = "from")]
    _from: Timestamp,
    #[serde(rename = "to")]
    _to: Timestamp,
}

/// The fields of `Schedule::Recurring`, read for their faults alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recurring {
    #[serde(rename = "rrule")]
    _rrule: String,
    #[serde(rename = "time_zone")]
    _time_zone: String,
    #[serde(rename = "start")]
    _start: NaiveDateTime,
    #[serde(rename = "duration_minutes")]
    _duration_minutes: u32,
}

/// The fields of `ConfirmDown::Ratio`, read for their faults alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ratio {
    #[serde(rename = "failures")]
    _failures: u32,
    #[serde(rename = "window")]
    _window: u32,
}
