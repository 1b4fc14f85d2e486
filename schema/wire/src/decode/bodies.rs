//! The types that clients send.

use super::{Body, Tagged, Variant};
use crate::{
    api_key::CreateApiKey,
    auth::{Login, Register},
    channel::WriteChannel,
    incident::Comment,
    rule::WriteRule,
};
use pulse_domain::monitor::{HttpCheck, MonitorConfig, TcpCheck};
use serde::Deserialize;
use serde_json::json;

impl Body for CreateApiKey {}
impl Body for Register {}
impl Body for Login {}
impl Body for WriteChannel {}
impl Body for Comment {}
impl Body for WriteRule {}

impl Body for MonitorConfig {
    fn tagged() -> Vec<Tagged> {
        vec![
            Tagged {
                pointer: "/check",
                tag: "type",
                variants: vec![Variant::of::<HttpCheck>("http"), Variant::of::<TcpCheck>("tcp")],
                sample: json!({"type": "tcp", "host": "localhost", "port": 1}),
            },
            Tagged {
                pointer: "/policy/confirm_down",
                tag: "mode",
                variants: vec![Variant::of::<Consecutive>("consecutive"), Variant::of::<Ratio>("ratio")],
                sample: json!({"mode": "consecutive", "failures": 1}),
            },
        ]
    }
}

/// The fields of `ConfirmDown::Consecutive`, read for their faults alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consecutive {
    #[serde(rename = "failures")]
    _failures: u32,
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
