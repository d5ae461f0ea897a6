//! The subcommands `record` and `replay` of the program.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::host_class::HostClass;
use crate::pace::Pace;
use crate::program::{Interrupt, announcement};
use crate::record::{Recorder, Replay, Upstreams};
use crate::urls::Urls;

/// What the program does instead of emulating.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Passes everything on to the real fal, which bills it, and writes it down without secrets.
    Record(Record),
    /// Gives recorded answers again, without a network.
    Replay(Play),
}

/// What `record` is told.
#[derive(Debug, Args)]
pub struct Record {
    #[command(flatten)]
    place: Place,
    /// Another host in the place of `https://queue.fal.run`.
    #[arg(long, value_name = "URL")]
    upstream_queue: Option<String>,
    /// Another host in the place of `https://fal.run`.
    #[arg(long, value_name = "URL")]
    upstream_run: Option<String>,
    /// Another host in the place of `https://rest.fal.ai`.
    #[arg(long, value_name = "URL")]
    upstream_rest: Option<String>,
    /// Another host in the place of `https://v3.fal.media`.
    #[arg(long, value_name = "URL")]
    upstream_cdn: Option<String>,
    /// Another host in the place of `https://api.fal.ai`.
    #[arg(long, value_name = "URL")]
    upstream_platform: Option<String>,
}

/// What `replay` is told.
#[derive(Debug, Args)]
pub struct Play {
    #[command(flatten)]
    place: Place,
    /// Server-sent events at once, not at their recorded times.
    #[arg(long)]
    fast: bool,
}

#[derive(Debug, Args)]
struct Place {
    /// Folder of the recording; a new one wants a new or empty folder.
    #[arg(long)]
    folder: PathBuf,
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8811)]
    port: u16,
}

impl Command {
    /// Runs until Ctrl-C or, on Unix, SIGTERM, and then says what came of it.
    ///
    /// # Errors
    ///
    /// Where it cannot start, or an exchange could not be written.
    pub async fn run(self) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Record(told) => told.run().await,
            Self::Replay(told) => told.run().await,
        }
    }
}

impl Record {
    async fn run(self) -> Result<(), Box<dyn Error>> {
        let upstream = [
            (HostClass::Queue, self.upstream_queue),
            (HostClass::Run, self.upstream_run),
            (HostClass::Rest, self.upstream_rest),
            (HostClass::Cdn, self.upstream_cdn),
            (HostClass::Platform, self.upstream_platform),
        ]
        .into_iter()
        .filter_map(|(class, url)| Some((class, url?)))
        .fold(Upstreams::fal(), |all, (class, url)| all.with(class, url));
        let Place { folder, port } = self.place;
        let mut interrupt = Interrupt::listen()?;
        let recorder = Recorder::builder().upstream(upstream).folder(&folder).port(port).start().await?;
        print(recorder.urls())?;
        interrupt.wait().await;
        let recorded = recorder.stop().await?;
        writeln!(io::stderr(), "{recorded} exchanges are recorded in {}.", folder.display())?;
        Ok(())
    }
}

impl Play {
    async fn run(self) -> Result<(), Box<dyn Error>> {
        let pace = if self.fast { Pace::Fast } else { Pace::Realistic };
        let mut interrupt = Interrupt::listen()?;
        let replay = Replay::builder().folder(self.place.folder).port(self.place.port).pace(pace).start().await?;
        print(replay.urls())?;
        interrupt.wait().await;
        for unused in replay.unused() {
            writeln!(io::stderr(), "Never asked for: {unused}")?;
        }
        Ok(())
    }
}

/// In one piece: whoever reads only the first line may close the pipe after it.
fn print(urls: &Urls) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(announcement::addresses(urls).as_bytes())?;
    out.flush()
}
