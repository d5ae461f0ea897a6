//! The program `fal-emulator`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use fal_emulator::program::CommandLine;

/// A local fal.ai: the queue, the CDN and a real video renderer, at no cost.
#[derive(Parser)]
#[command(version)]
struct Program {
    #[command(flatten)]
    line: CommandLine,
}

#[tokio::main]
async fn main() -> ExitCode {
    match Program::parse().line.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "fal-emulator: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
