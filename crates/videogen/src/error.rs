//! What can go wrong before anything begins.

use crate::ConfigError;

/// What can go wrong while the parts are put together. Nothing has been sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no key.
    #[error("FAL_KEY is not set")]
    NoKey {
        /// Where settings point to other hosts, if any do: a variable, or file and line.
        moved: Vec<String>,
    },
    /// There is half a key.
    #[error("{set} is set and {missing} is not")]
    HalfAKey {
        /// The half that is there.
        set: &'static str,
        /// The half that is not.
        missing: &'static str,
    },
    /// An environment variable cannot be used.
    #[error("{name} cannot be used")]
    Setting {
        /// The variable.
        name: &'static str,
        /// Why not.
        source: Box<fal_core::Error>,
    },
    /// Settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The place for videos cannot be used.
    #[error("the place for videos cannot be used")]
    Assets(#[source] videogen_service::AssetError),
    /// The place for tasks cannot be used.
    #[error("the place for tasks cannot be used")]
    Tasks(#[source] videogen_queue::StoreError),
    /// HTTP cannot be set up.
    #[error("the client cannot be set up")]
    Client(#[source] fal_core::Error),
    /// It is not known where the user's files are.
    #[error("the user's home folder is not known")]
    NoHome {
        /// The variable that helps.
        set: &'static str,
    },
    /// A folder that pictures may come from cannot be used.
    #[error("the folder {folder} cannot be used")]
    Folder {
        /// The folder.
        folder: String,
        /// Why not.
        source: std::io::Error,
    },
    /// Traces, metrics or logs cannot be sent or shown.
    #[cfg(feature = "otlp")]
    #[error("traces, metrics and logs cannot be sent or shown")]
    Telemetry(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The built-in emulator does not start.
    #[cfg(feature = "emulator")]
    #[error("the built-in emulator does not start")]
    Emulator(#[source] fal_emulator::Error),
}

impl Error {
    /// What to do next, in a sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::NoKey { moved } if moved.is_empty() => {
                "Set it to a key from https://fal.ai/dashboard/keys.".to_owned()
            }
            Self::NoKey { moved } => format!(
                "The hosts are set by {}, so the built-in emulator is not used. Set FAL_KEY; an emulator takes any key \
                 of the form id:secret.",
                moved.join(", ")
            ),
            Self::HalfAKey { .. } => "Set both, or FAL_KEY alone.".to_owned(),
            Self::Setting { .. } => "Correct it, or unset it.".to_owned(),
            Self::Config(_) => "Correct each of them; `videogen config show` tells where values come from.".to_owned(),
            Self::Tasks(error) => error.advice().to_owned(),
            Self::Assets(_) => {
                "Set assets.location to a folder, or to an address of a kind that is built in.".to_owned()
            }
            Self::Client(_) => "Check the proxy settings and the certificates of this machine.".to_owned(),
            Self::NoHome { set } => format!("Set {set} to a folder."),
            Self::Folder { .. } => "Name a folder that exists and can be read.".to_owned(),
            #[cfg(feature = "otlp")]
            Self::Telemetry(_) => "Correct or unset the variables that begin with OTEL_EXPORTER_OTLP.".to_owned(),
            #[cfg(feature = "emulator")]
            Self::Emulator(_) => "Check that the cache folder can be written, or set VIDEO_GEN_CACHE_DIR.".to_owned(),
        }
    }
}
