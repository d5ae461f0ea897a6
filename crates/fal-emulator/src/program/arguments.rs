//! The command line of the emulator.

use std::fmt;
use std::path::PathBuf;

use crate::{Builder, Emulator, Pace};

/// What the emulator is started with.
#[derive(Clone, clap::Args)]
#[non_exhaustive]
pub struct Arguments {
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8811)]
    pub port: u16,
    /// Folder that keeps uploads, requests and videos for the next start; without it nothing is kept.
    #[arg(long, value_name = "FOLDER")]
    pub state_dir: Option<PathBuf>,
    /// The only API key to accept, as `id:secret`; without it any key of this form is.
    #[arg(long, value_name = "ID:SECRET")]
    pub api_key: Option<String>,
    /// File in TOML that says what is to go wrong, and how often.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Makes the choices of faults repeatable; without it the seed of the file counts, else 0.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Small videos and no waits, for tests.
    #[arg(long)]
    pub fast: bool,
    /// Print https addresses in place of http ones; the port takes both in any case.
    #[arg(long)]
    pub https: bool,
}

impl Arguments {
    /// A program is always a proxy as well; only for the start of a test do the milliseconds of its certificate count.
    pub(super) fn into_builder(self) -> Builder {
        let pace = if self.fast { Pace::Fast } else { Pace::Realistic };
        let mut builder = Emulator::builder().port(self.port).pace(pace).https(self.https).proxy(true);
        if let Some(folder) = self.state_dir {
            builder = builder.state_dir(folder);
        }
        if let Some(file) = self.faults {
            builder = builder.faults_script(file);
        }
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        if let Some(key) = self.api_key {
            builder = builder.api_key(key);
        }
        builder
    }
}

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rest, without the key.
        f.debug_tuple("Arguments").field(&self.clone().into_builder()).finish()
    }
}
