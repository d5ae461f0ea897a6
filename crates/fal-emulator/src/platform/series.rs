//! Figures over a period: stretch by stretch, and in all.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::platform::page::Page;
use crate::platform::parameters::Parameters;
use crate::platform::period::{DAY, Period};
use crate::platform::refusal::Refusal;
use crate::platform::timeframe::Timeframe;

const STRETCHES: &str = "time_series";
const SUMMARY: &str = "summary";

/// The names that ask for figures in `expand`: for each stretch, and in all.
pub(super) const EXPANSIONS: [&str; 2] = [STRETCHES, SUMMARY];

/// So many stretches to a page.
const LARGEST_PAGE: usize = 1000;

/// What a call for figures asks for.
pub(super) struct Series {
    pub(super) period: Period,
    timeframe: Timeframe,
    page: Page,
    has_stretches: bool,
    has_summary: bool,
}

impl Series {
    /// Reads the parameters that all calls for figures have, besides `expand`, which the caller has read.
    pub(super) fn read(parameters: &Parameters, expansions: &[&str], now: Timestamp) -> Result<Self, Refusal> {
        let [has_stretches, has_summary] = EXPANSIONS.map(|name| expansions.contains(&name));
        if !(has_stretches || has_summary) {
            return Err(Refusal::invalid(format!("expand must name {STRETCHES} or {SUMMARY}")));
        }
        parameters.choice("timezone", &["UTC"])?;
        let mut period = Period::read(parameters, now, DAY)?;
        let timeframe = Timeframe::read(parameters, period.length(now))?;
        if parameters.choice("bound_to_timeframe", &["true", "false"])? != Some("false") {
            period.start = timeframe.begin(period.start);
            period.end = period.end.map(|end| timeframe.begin_not_before(end));
        }
        Ok(Self { period, timeframe, page: Page::read(parameters, LARGEST_PAGE)?, has_stretches, has_summary })
    }

    /// The answer for what happened in the period, each with its time, and the rows that some of it makes.
    pub(super) fn answer<T>(&self, happened: &[(Timestamp, T)], rows: impl Fn(&[&T]) -> Vec<Value>) -> Value {
        let mut stretches = BTreeMap::<Timestamp, Vec<&T>>::new();
        for (time, one) in happened {
            stretches.entry(self.timeframe.begin(*time)).or_default().push(one);
        }
        let stretches: Vec<_> = stretches.into_iter().filter(|_| self.has_stretches).collect();
        let mut answer = self.page.envelope(STRETCHES, &stretches, |(begin, ones)| {
            json!({ "bucket": format!("{}+00:00", TimeZone::UTC.to_datetime(*begin)), "results": rows(ones) })
        });
        if let Some(fields) = answer.as_object_mut().filter(|_| !self.has_stretches) {
            fields.remove(STRETCHES);
        }
        if self.has_summary {
            answer[SUMMARY] = rows(&happened.iter().map(|(_, one)| one).collect::<Vec<_>>()).into();
        }
        answer
    }
}
