//! The program `fal-emulator`: starts an emulator and says how to point a client at it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fal_emulator::record::program::Command;
use fal_emulator::{Emulator, Pace};

/// A local fal.ai: the queue, the CDN and a real video renderer, at no cost.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8811)]
    port: u16,
    /// Folder that keeps uploads, requests and videos for the next start; without it nothing is kept.
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
    /// The only API key to accept, as `id:secret`; without it any key of this form is.
    #[arg(long, value_name = "ID:SECRET")]
    api_key: Option<String>,
    /// Small videos and no waits, for tests.
    #[arg(long)]
    fast: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "fal-emulator: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(command) = arguments.command {
        return command.run().await;
    }
    let asked_to_keep = arguments.state_dir.is_some();
    let emulator = build(arguments).start().await?;
    if asked_to_keep && !emulator.persistent() {
        writeln!(io::stderr(), "Another emulator uses that folder; this one keeps nothing.")?;
    }
    let urls = emulator.urls();
    let mut out = io::stdout().lock();
    for (name, url) in [
        ("QUEUE", &urls.queue),
        ("RUN", &urls.run),
        ("REST", &urls.rest),
        ("CDN", &urls.cdn),
        ("PLATFORM", &urls.platform),
    ] {
        writeln!(out, "export VIDEO_GEN_FAL_{name}_URL={url}")?;
    }
    out.flush()?;
    drop(out);
    tokio::signal::ctrl_c().await?;
    Ok(())
}

fn build(arguments: Arguments) -> fal_emulator::Builder {
    let pace = if arguments.fast { Pace::Fast } else { Pace::Realistic };
    let mut builder = Emulator::builder().port(arguments.port).pace(pace);
    if let Some(folder) = arguments.state_dir {
        builder = builder.state_dir(folder);
    }
    if let Some(key) = arguments.api_key {
        builder = builder.api_key(key);
    }
    builder
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
