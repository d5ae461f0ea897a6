//! Where each kind of telemetry goes, by the standard variables of OpenTelemetry.
//!
//! Source: the OTLP exporter specification, "Endpoint URLs for OTLP/HTTP".

use crate::Environment;

/// The base, to which `/v1/traces` and so on is added.
const BASE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Turns everything off where it is `true`.
const DISABLED: &str = "OTEL_SDK_DISABLED";
/// For one kind alone; taken as it is.
const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const METRICS: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
const LOGS: &str = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";

/// All variables that are read here; the exporters themselves read the rest, for example `OTEL_EXPORTER_OTLP_HEADERS`.
pub(crate) const VARIABLES: [&str; 5] = [BASE, DISABLED, TRACES, METRICS, LOGS];

/// Where each kind goes; none where it goes nowhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoints {
    pub(super) traces: Option<String>,
    pub(super) metrics: Option<String>,
    pub(super) logs: Option<String>,
}

impl Endpoints {
    pub(super) fn from(environment: &Environment) -> Self {
        if environment.get(DISABLED).is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Self { traces: None, metrics: None, logs: None };
        }
        let base = environment.get(BASE).map(|base| base.trim_end_matches('/'));
        let endpoint = |name, path| {
            let of_base = || base.map(|base| format!("{base}{path}"));
            environment.get(name).map(str::to_owned).or_else(of_base)
        };
        Self {
            traces: endpoint(TRACES, "/v1/traces"),
            metrics: endpoint(METRICS, "/v1/metrics"),
            logs: endpoint(LOGS, "/v1/logs"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> [Option<String>; 3] {
        let Endpoints { traces, metrics, logs } = Endpoints::from(&variables.iter().copied().collect());
        [traces, metrics, logs]
    }

    #[test]
    fn nothing_is_sent_unless_somebody_asks_for_it() {
        assert_eq!(of(&[]), [None, None, None]);
        assert_eq!(of(&[(BASE, "http://collector:4318"), (DISABLED, "True")]), [None, None, None]);
    }

    #[test]
    fn the_base_gets_a_path_for_each_kind_and_one_of_its_own_is_taken_as_it_is() {
        let expected = ["http://c:4318/v1/traces", "http://m/", "http://c:4318/v1/logs"];
        let variables = [(BASE, "http://c:4318/"), (METRICS, "http://m/")];
        assert_eq!(of(&variables), expected.map(|url| Some(url.to_owned())));
    }
}
