//! The program `videogen-server`: listens until it is asked to end.

mod args;
mod note;
mod shutdown;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use videogen::{AllowedFolders, Environment, Observability, Provider, Videogen};
use videogen_server::{Server, ServerConfig, Token};

use crate::args::Args;

/// Why the program cannot run, and what to do.
struct Trouble {
    error: Box<dyn Error>,
    advice: String,
}

impl From<videogen::Error> for Trouble {
    fn from(error: videogen::Error) -> Self {
        let advice = error.advice();
        Self { error: error.into(), advice }
    }
}

impl From<videogen_server::Error> for Trouble {
    fn from(error: videogen_server::Error) -> Self {
        let advice = error.advice().to_owned();
        Self { error: error.into(), advice }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let environment = Environment::of_process();
    let observability = match Observability::new("videogen-server", &environment) {
        Ok(observability) => observability,
        Err(error) => return failed(&error.into()),
    };
    observability.install(&environment, args.log_format, &[]);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            note::say(&format!("The program cannot start: {error}."));
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(&args, &observability));
    // A second request to end may leave work behind that would block the end for long.
    runtime.shutdown_background();
    observability.shutdown();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => failed(&trouble),
    }
}

fn failed(trouble: &Trouble) -> ExitCode {
    note::trouble(trouble.error.as_ref());
    note::say(&trouble.advice);
    ExitCode::FAILURE
}

async fn run(args: &Args, observability: &Observability) -> Result<(), Trouble> {
    let config = ServerConfig::default()
        .with_listen(args.listen)
        .with_token(token(args)?)
        .with_folders(AllowedFolders::new(&args.allow)?);
    let output = AllowedFolders::new([&args.output])?;
    let output = output.iter().next().unwrap_or(&args.output);
    let videogen = Videogen::builder().output_folder(output).observability(observability.clone());
    let videogen = Arc::new(videogen.build().await?);
    let server = Server::bind(Arc::clone(&videogen), config).await?;
    if matches!(videogen.provider(), Provider::BuiltInEmulator { .. }) {
        note::say("FAL_KEY is not set: running against the built-in emulator, at no cost.");
    }
    note::say(&format!("Listening on http://{}", server.address()));
    note::recovered(&videogen).await;
    let ended = server.run(shutdown::asked()).await;
    tokio::select! {
        () = videogen.close() => {}
        () = shutdown::asked() => {}
    }
    note::unfinished(&videogen);
    Ok(ended?)
}

fn token(args: &Args) -> Result<Option<Token>, Trouble> {
    let Some(file) = &args.token_file else { return Ok(None) };
    let text = std::fs::read_to_string(file).map_err(|error| Trouble {
        error: format!("the token in {} cannot be read: {error}", file.display()).into(),
        advice: "Name a text file with the token in it.".to_owned(),
    })?;
    Ok(Some(Token::new(&text)?))
}
