//! The program `videogen-mcp`: speaks with one client over standard input and output until that ends.

mod args;
mod note;
mod shutdown;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use videogen::{AllowedFolders, Environment, Observability, Provider, Videogen};
use videogen_mcp::McpServer;

use crate::args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    let environment = Environment::of_process();
    let observability = match Observability::new("videogen-mcp", &environment) {
        Ok(observability) => observability,
        Err(error) => {
            note::trouble(&error);
            note::say(&error.advice());
            return ExitCode::FAILURE;
        }
    };
    // Standard output is the protocol's. Whatever is asked for, the protocol's own crate does not log messages: they
    // hold prompts.
    observability.install(&environment, args.log_format, &["rmcp=warn"]);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            note::say(&format!("The program cannot start: {error}."));
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(&args, &observability));
    // A read of standard input cannot be taken back, and would block the end.
    runtime.shutdown_background();
    observability.shutdown();
    ended
}

async fn run(args: &Args, observability: &Observability) -> ExitCode {
    let (videogen, folders) = match connect(args, observability).await {
        Ok(parts) => parts,
        Err(error) => {
            note::trouble(&error);
            note::say(&error.advice());
            return ExitCode::FAILURE;
        }
    };
    if matches!(videogen.provider(), Provider::BuiltInEmulator { .. }) {
        note::say("FAL_KEY is not set: running against the built-in emulator, at no cost.");
    }
    note::recovered(&videogen).await;
    let server = McpServer::new(Arc::clone(&videogen), folders);
    let ended = tokio::select! {
        ended = server.serve(tokio::io::stdin(), tokio::io::stdout()) => ended,
        () = shutdown::asked() => Ok(()),
    };
    tokio::select! {
        () = videogen.close() => {}
        () = shutdown::asked() => {}
    }
    note::unfinished(&videogen);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note::trouble(&error);
            ExitCode::FAILURE
        }
    }
}

async fn connect(
    args: &Args,
    observability: &Observability,
) -> Result<(Arc<Videogen>, AllowedFolders), videogen::Error> {
    let folders = AllowedFolders::new(&args.allow)?;
    // An agent needs to be told where a video is by a path that does not depend on where this program was started.
    let outputs = AllowedFolders::new([&args.output])?;
    let output = outputs.iter().next().unwrap_or(&args.output);
    let videogen = Videogen::builder().output_folder(output).observability(observability.clone()).build().await?;
    Ok((Arc::new(videogen), folders))
}
