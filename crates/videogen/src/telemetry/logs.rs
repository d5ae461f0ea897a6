//! Logs on standard error.

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::format::{JsonLines, LogFormat};
use crate::Environment;

/// What is logged, in the syntax of `RUST_LOG`, which it outranks.
pub(crate) const LEVELS: &str = "VIDEO_GEN_LOG";
/// The form that logs have.
pub(crate) const FORMAT: &str = "VIDEO_GEN_LOG_FORMAT";
/// What programs in Rust log, by custom.
pub(crate) const RUST_LOG: &str = "RUST_LOG";

/// Writes what is asked for; errors alone where nothing is.
pub(super) fn layer<S>(
    environment: &Environment,
    format: Option<LogFormat>,
    always: &[&str],
) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let levels = environment.get(LEVELS).or_else(|| environment.get(RUST_LOG)).unwrap_or_default();
    let always = always.iter().filter_map(|directive| directive.parse().ok());
    let filter = always.fold(EnvFilter::builder().parse_lossy(levels), EnvFilter::add_directive);
    let format = format.or_else(|| environment.get(FORMAT)?.parse().ok()).unwrap_or_default();
    let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Human => {
            let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
            written.with_ansi(colours).with_filter(filter).boxed()
        }
        LogFormat::Json => written.event_format(JsonLines).with_filter(filter).boxed(),
    }
}
