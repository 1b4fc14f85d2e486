//! What hosts send about themselves: the newest figures, and one of them over time.

mod chart;
mod setup;

use crate::{
    api::{self, Failure},
    parts::{
        page::{Fault, Loading, PageHeader},
        time::{Ago, use_minute},
    },
    route::{Range, Route, Word},
    text,
};
use chart::Chart;
use dioxus::prelude::*;
use pulse_wire::metric::MetricSeries;
use setup::Setup;

/// What one page lists: the metrics of some fifty hosts.
const SERIES_MAX: usize = 2_000;

#[component]
pub fn Metrics(host: ReadSignal<Word>, metric: ReadSignal<Word>, range: ReadSignal<Range>) -> Element {
    let minute = use_minute();
    let mut series = use_signal(|| None::<Result<Vec<MetricSeries>, Failure>>);
    use_resource(move || {
        // Read again once a minute: the newest figures come when they are asked for.
        let _ = minute();
        async move {
            let found = api::get_all::<MetricSeries>("metrics/series", SERIES_MAX).await;
            series.set(Some(found.map(|(items, _)| items)));
        }
    });
    let list = match &*series.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(items)) if items.is_empty() => rsx! { Setup { first: true } },
        Some(Ok(items)) => rsx! {
            for (name, metrics) in by_host(items) {
                Host { key: "{name}", name, metrics, chosen: metric().0, here: host().0, range: range().or_day() }
            }
            Setup { first: false }
        },
    };
    rsx! {
        PageHeader { title: "Metrics" }
        if !metric().0.is_empty() {
            Chart { host, metric, range }
        }
        {list}
    }
}

/// Hosts in the order of their names, each with its metrics.
fn by_host(series: &[MetricSeries]) -> Vec<(String, Vec<MetricSeries>)> {
    let mut sorted = series.to_vec();
    sorted.sort_by(|a, b| (&a.host, &a.metric).cmp(&(&b.host, &b.metric)));
    sorted
        .chunk_by(|a, b| a.host == b.host)
        .filter_map(|metrics| Some((metrics.first()?.host.clone(), metrics.to_vec())))
        .collect()
}

#[component]
fn Host(name: String, metrics: Vec<MetricSeries>, chosen: String, here: String, range: Range) -> Element {
    rsx! {
        section { class: "card",
            h2 { "{name}" }
            div { class: "table-room", tabindex: "0", role: "group", "aria-label": "Metrics of {name}",
                table {
                    thead {
                        tr {
                            th { scope: "col", "Metric" }
                            th { scope: "col", class: "figure", "Newest" }
                            th { scope: "col", class: "figure", "When" }
                        }
                    }
                    tbody {
                        for series in metrics.iter() {
                            tr { key: "{series.metric}",
                                td {
                                    Link {
                                        to: Route::Metrics { host: Word(series.host.clone()), metric: Word(series.metric.clone()), range },
                                        "aria-current": if here == series.host && chosen == series.metric { "true" } else { "false" },
                                        "{series.metric}"
                                    }
                                }
                                td { class: "figure", {series.last_value.map_or_else(|| String::from("—"), text::figure)} }
                                td { class: "figure quiet",
                                    match series.last_at {
                                        Some(at) => rsx! { Ago { at } },
                                        None => rsx! { "—" },
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_their_metrics_are_in_order() {
        let series = |host: &str, metric: &str| MetricSeries {
            host: host.into(),
            metric: metric.into(),
            last_value: None,
            last_at: None,
        };
        let hosts = by_host(&[series("b", "x"), series("a", "y"), series("b", "a"), series("a", "z")]);
        let shape: Vec<(&str, Vec<&str>)> = hosts
            .iter()
            .map(|(host, metrics)| (host.as_str(), metrics.iter().map(|each| each.metric.as_str()).collect()))
            .collect();
        assert_eq!(shape, [("a", vec!["y", "z"]), ("b", vec!["a", "x"])]);
    }
}
