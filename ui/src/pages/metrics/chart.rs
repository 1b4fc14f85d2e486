//! One metric over time: its average, with the extremes of each step.

use crate::{
    api,
    parts::{
        chart::{LineChart, Moment, Unit},
        loaded::use_loaded,
        page::{Fault, Loading},
        range::RangeLinks,
        time::use_minute,
    },
    route::{Range, Route, Word},
};
use dioxus::prelude::*;
use pulse_domain::Timestamp;
use pulse_wire::metric::MetricChart;

#[component]
pub(super) fn Chart(host: ReadSignal<Word>, metric: ReadSignal<Word>, range: ReadSignal<Range>) -> Element {
    let minute = use_minute();
    let chart = use_loaded::<MetricChart>(move || {
        let (host, metric, range) = (api::encode(&host().0), api::encode(&metric().0), range().or_day());
        format!("metrics?host={host}&metric={metric}&{}", range.query(minute(), range.step_seconds()))
    });
    let moments = use_memo(move || match &*chart.value.read() {
        Some(Ok(chart)) => moments(chart, range().or_day(), minute()),
        Some(Err(_)) | None => Vec::new(),
    });
    rsx! {
        section { class: "card", "aria-labelledby": "metric-heading",
            div { class: "card-head",
                h2 { id: "metric-heading", "{metric().0} on {host().0}" }
                RangeLinks {
                    ranges: Range::TIMES.to_vec(),
                    here: range().or_day(),
                    label: "Range",
                    route: move |range| Route::Metrics { host: host(), metric: metric(), range },
                }
            }
            match &*chart.value.read() {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(chart)) if chart.points.is_empty() => rsx! { p { class: "quiet", "Nothing was sent in this time." } },
                Some(Ok(_)) => rsx! {
                    LineChart {
                        label: "{metric().0} over the last {range().or_day().words()}",
                        lines: vec!["average", "least", "most"],
                        moments,
                        unit: Unit::Plain,
                        precision: range().or_day().precision(),
                    }
                },
            }
        }
    }
}

/// Every step of the range, also those in which nothing was sent.
fn moments(chart: &MetricChart, range: Range, to: Timestamp) -> Vec<Moment> {
    let step = i64::from(chart.step_seconds.max(1));
    let first = (to.timestamp() - i64::from(range.seconds())).div_euclid(step);
    let last = (to.timestamp() - 1).div_euclid(step);
    let mut points = chart.points.iter().peekable();
    (first..=last)
        .filter_map(|number| {
            let at = Timestamp::from_timestamp(number * step, 0)?;
            while points.next_if(|point| point.at < at).is_some() {}
            let found = points.next_if(|point| point.at.timestamp().div_euclid(step) == number);
            let values = match found {
                Some(point) => [point.avg, point.min, point.max].map(Some).to_vec(),
                None => vec![None; 3],
            };
            Some(Moment { at, values })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_wire::metric::MetricPoint;

    #[test]
    fn steps_without_samples_are_holes_not_lines() {
        let at = |second| Timestamp::from_timestamp(second, 0).unwrap();
        let point = |second| MetricPoint { at: at(second), avg: 1.0, min: 0.0, max: 2.0 };
        let step_seconds = 3_600 * 6;
        let chart = MetricChart {
            host: "h".into(),
            metric: "m".into(),
            step_seconds,
            points: vec![point(86_400), point(86_400 + 3 * i64::from(step_seconds))],
        };
        let found = moments(&chart, Range::Day, at(2 * 86_400));
        let seen: Vec<bool> = found.iter().map(|moment| moment.values.iter().all(Option::is_some)).collect();
        assert_eq!(seen, [true, false, false, true]);
        assert_eq!(found[0].at, at(86_400));
    }
}
