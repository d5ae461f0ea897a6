//! What can be typed.

use std::path::PathBuf;

use clap::Parser;
use videogen::LogFormat;

/// Still images to videos on fal.ai, for AI agents: an MCP server on standard input and output.
#[derive(Debug, Parser)]
#[command(name = "videogen-mcp", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Args {
    /// A folder that local pictures may come from, with everything below it; may be given several times
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) allow: Vec<PathBuf>,
    /// Where videos go
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) output: PathBuf,
    /// The form of the logs on standard error: human or json [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

const AFTER_HELP: &str = "\
Environment:
  FAL_KEY                    fal's key, id:secret; without it the built-in emulator is used, at no cost
  VIDEO_GEN_FAL_QUEUE_URL    the address of fal's queue; likewise _RUN_, _REST_, _CDN_, _PLATFORM_
  VIDEO_GEN_CACHE_DIR        where uploads are remembered
  VIDEO_GEN_LOG              what is logged, in the syntax of RUST_LOG, which it outranks
  VIDEO_GEN_LOG_FORMAT       human or json
  OTEL_EXPORTER_OTLP_ENDPOINT  the OpenTelemetry collector that gets traces, metrics and logs; none by default";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
        let args = Args::parse_from(["videogen-mcp", "--allow", "a", "--allow", "b"]);
        assert_eq!((args.allow, args.output), (vec!["a".into(), "b".into()], ".".into()));
    }
}
