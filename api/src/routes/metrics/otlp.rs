//! From OpenTelemetry's metrics to samples: one per data point of a gauge or a sum.
//!
//! A series is a host and a name here, so the attributes of a point go into the name, in a stable order:
//! `system.filesystem.usage/device:/dev/sda1/state:used`.

use crate::Timestamp;
use chrono::{DateTime, SubsecRound as _};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
    metrics::v1::{Metric, NumberDataPoint, metric::Data, number_data_point::Value},
};
use pulse_domain::{
    limits::METRIC_NAME_CHARS_MAX,
    validate::{metric_name, metric_value, one_line},
};
use pulse_store::NewSample;
use std::{borrow::Cow, collections::BTreeMap, iter::once};

/// A point that says it has no value (`DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK`).
const NO_VALUE: u32 = 1;
const OTHER_KIND: &str = "only gauges and sums are taken";

/// What an export holds, and what of it can't be taken.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub(super) samples: Vec<NewSample>,
    pub(super) rejected: u64,
    reasons: BTreeMap<String, u64>,
}

impl Export {
    pub(super) fn reject(&mut self, points: u64, why: &str) {
        if points > 0 {
            self.rejected += points;
            *self.reasons.entry(why.to_owned()).or_default() += points;
        }
    }

    /// Rejects the samples that `judge` refuses.
    pub(super) fn keep(&mut self, judge: impl Fn(&NewSample) -> Result<(), String>) {
        for sample in std::mem::take(&mut self.samples) {
            match judge(&sample) {
                Ok(()) => self.samples.push(sample),
                Err(why) => self.reject(1, &why),
            }
        }
    }

    pub(super) fn why(&self) -> String {
        let reasons: Vec<String> = self.reasons.iter().map(|(why, points)| format!("{points}: {why}")).collect();
        reasons.join("; ")
    }
}

/// How many data points there are, of whatever kind.
pub(super) fn points(request: &ExportMetricsServiceRequest) -> usize {
    let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let points = |metric: &Metric| match &metric.data {
        Some(Data::Gauge(gauge)) => gauge.data_points.len(),
        Some(Data::Sum(sum)) => sum.data_points.len(),
        Some(Data::Histogram(histogram)) => histogram.data_points.len(),
        Some(Data::ExponentialHistogram(histogram)) => histogram.data_points.len(),
        Some(Data::Summary(summary)) => summary.data_points.len(),
        None => 0,
    };
    scopes.flat_map(|scope| &scope.metrics).map(points).sum()
}

pub(super) fn samples(request: ExportMetricsServiceRequest) -> Export {
    let mut export = Export::default();
    for resource_metrics in request.resource_metrics {
        let attributes = resource_metrics.resource.map(|resource| resource.attributes).unwrap_or_default();
        let host = attributes.iter().find(|attribute| attribute.key == "host.name").and_then(text).map(Cow::into_owned);
        let host = host.filter(|host| one_line(host).is_ok() && !is_too_long(host.chars()));
        for metric in resource_metrics.scope_metrics.into_iter().flat_map(|scope| scope.metrics) {
            take(&mut export, host.as_deref(), metric);
        }
    }
    export
}

fn take(export: &mut Export, host: Option<&str>, metric: Metric) {
    let points = match metric.data {
        Some(Data::Gauge(gauge)) => gauge.data_points,
        Some(Data::Sum(sum)) => sum.data_points,
        Some(Data::Histogram(histogram)) => return refuse(export, histogram.data_points.len(), OTHER_KIND),
        Some(Data::ExponentialHistogram(histogram)) => return refuse(export, histogram.data_points.len(), OTHER_KIND),
        Some(Data::Summary(summary)) => return refuse(export, summary.data_points.len(), OTHER_KIND),
        None => return,
    };
    // Once for all of them: one name may have thousands of points, and each would have it copied.
    if metric.name.is_empty() || is_too_long(metric.name.chars()) {
        return refuse(export, points.len(), "a metric's name is missing or too long");
    }
    for point in points {
        if point.flags & NO_VALUE != 0 {
            continue;
        }
        let Some(host) = host else {
            export.reject(1, "the resource has no usable host.name (see the collector's resourcedetection)");
            continue;
        };
        match sample(host, &metric.name, &point) {
            Ok(sample) => export.samples.push(sample),
            Err(why) => export.reject(1, why),
        }
    }
}

fn refuse(export: &mut Export, points: usize, why: &str) {
    export.reject(u64::try_from(points).unwrap_or(u64::MAX), why);
}

fn sample(host: &str, metric: &str, point: &NumberDataPoint) -> Result<NewSample, &'static str> {
    let value = match point.value {
        Some(Value::AsDouble(value)) => value,
        #[expect(clippy::cast_precision_loss, reason = "charts and thresholds have the precision of a double")]
        Some(Value::AsInt(value)) => value as f64,
        None => return Err("a point has no value"),
    };
    metric_value(value).map_err(|_| "a value is not finite, or too large to be summed up")?;
    let at = instant(point.time_unix_nano)?;
    let metric = name(metric, &point.attributes).ok_or("the name with its attributes is too long")?;
    Ok(NewSample { host: host.to_owned(), metric, at, value })
}

fn instant(nanos: u64) -> Result<Timestamp, &'static str> {
    let nanos = i64::try_from(nanos).map_err(|_| "a time is out of range")?;
    Ok(DateTime::from_timestamp_nanos(nanos).trunc_subsecs(6))
}

/// The metric's name with the attributes of the point; what no name may have becomes `_`. `None` when it is too long, which
/// is seen before anything is copied.
fn name(metric: &str, attributes: &[KeyValue]) -> Option<String> {
    let labels: Vec<(&str, Cow<'_, str>)> =
        attributes.iter().filter_map(|attribute| Some((attribute.key.as_str(), text(attribute)?))).collect();
    let written =
        labels.iter().flat_map(|(key, value)| once('/').chain(key.chars()).chain(once(':')).chain(value.chars()));
    if is_too_long(metric.chars().chain(written)) {
        return None;
    }
    let mut parts: Vec<String> = labels.iter().map(|(key, value)| format!("{key}:{value}")).collect();
    parts.sort();
    let whole = once(metric.to_owned()).chain(parts).collect::<Vec<_>>().join("/");
    let legal = |char: char| if metric_name(char.encode_utf8(&mut [0; 4])).is_ok() { char } else { '_' };
    Some(whole.chars().map(legal).collect())
}

/// Reads no further than the first character too many.
fn is_too_long(mut name: impl Iterator<Item = char>) -> bool {
    let most = usize::try_from(METRIC_NAME_CHARS_MAX).unwrap_or(usize::MAX);
    name.nth(most).is_some()
}

fn text(attribute: &KeyValue) -> Option<Cow<'_, str>> {
    let AnyValue { value } = attribute.value.as_ref()?;
    match value.as_ref()? {
        any_value::Value::StringValue(text) => Some(Cow::Borrowed(text)),
        any_value::Value::BoolValue(value) => Some(Cow::Owned(value.to_string())),
        any_value::Value::IntValue(value) => Some(Cow::Owned(value.to_string())),
        any_value::Value::DoubleValue(value) => Some(Cow::Owned(value.to_string())),
        any_value::Value::ArrayValue(_)
        | any_value::Value::KvlistValue(_)
        | any_value::Value::BytesValue(_)
        | any_value::Value::StringValueStrindex(_) => None,
    }
}
