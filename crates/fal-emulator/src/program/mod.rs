//! The emulator as a program, for `fal-emulator` itself and for any other program that has it as a command: flatten
//! [`CommandLine`] into its own and run it.

pub(crate) mod announcement;
mod arguments;
mod command_line;
mod interrupt;

use std::io::{self, Write};

pub(crate) use interrupt::Interrupt;

pub use arguments::Arguments;
pub use command_line::CommandLine;

/// Why the program ended other than by being asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The emulator could not start.
    #[error(transparent)]
    Start(#[from] crate::Error),
    /// The addresses could not be printed.
    #[error("could not print the addresses; check where the output goes")]
    Output(#[source] io::Error),
    /// The signals that end the program could not be listened to.
    #[error("could not listen to the signals that end the program")]
    Signal(#[source] io::Error),
}

/// Starts an emulator, prints how to point a client at it, and serves until Ctrl-C or, on Unix, SIGTERM.
///
/// The first five lines of output are always `export VIDEO_GEN_FAL_…_URL=…`, and all of it can be read by a shell.
///
/// # Errors
///
/// [`Error`], where it cannot start or say so.
pub async fn run(arguments: Arguments) -> Result<(), Error> {
    let mut interrupt = Interrupt::listen().map_err(Error::Signal)?;
    let (https, asked_to_keep) = (arguments.https, arguments.state_dir.is_some());
    let emulator = arguments.into_builder().start().await?;
    if asked_to_keep && !emulator.persistent() {
        let _ = writeln!(io::stderr(), "Another emulator uses that folder; this one keeps nothing.");
    }
    let text = announcement::of(&emulator, https);
    // In one piece: whoever reads only the first lines may close the pipe after them.
    io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()).map_err(Error::Output)?;
    interrupt.wait().await;
    Ok(())
}
