//! Everything that can be set, and where each value comes from.

mod dot_env;
mod example;
mod file;
mod problem;
mod raw;
mod setting;
mod sources;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use fal_core::{HostClass, RetryPolicy};
use videogen_domain::{Budget, Decimal, GenerationRequest, ModelOverride, ModelRegistry, ValidationRules};
use videogen_queue::{QueueConfig, UnconfirmedPolicy};
use videogen_service::{ServiceConfig, WatchOptions, WhichFrame};

pub use problem::{ConfigError, ConfigProblem};
pub use sources::ConfigSources;

use self::setting::SETTINGS;

/// Everything that can be set. Each field has a default; [`load`](Self::load) takes them from files and environment.
///
/// What each setting is called in `videogen.toml` and in the environment, its unit and its default:
/// [`example`](Self::example), which is also `videogen.example.toml` in the repository.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// The model of requests that name none. Default: `kling_2.1`.
    pub default_model: String,
    /// What holds for every request.
    pub rules: ValidationRules,
    /// How many generations run at a time. Default: 5.
    pub max_concurrent_generations: usize,
    /// How many of these are of one endpoint. Default: as many as run.
    pub max_per_endpoint: Option<usize>,
    /// How many of these are for one project. Default: as many as run.
    pub max_per_project: Option<usize>,
    /// How many submits of one endpoint are under way at a time. Default: 4.
    pub max_submits_per_endpoint: usize,
    /// How long [`Videogen::generate`](crate::Videogen::generate), and the command of that name, wait; the request goes on
    /// afterwards. Default: 300 s.
    pub generation_timeout: Duration,
    /// How calls that may be repeated are repeated. A submit that may have arrived never is.
    pub retry: RetryPolicy,
    /// How requests are followed until they are done.
    pub watch: WatchOptions,
    /// Where videos go: a folder, or an address that [`asset_store_at`](videogen_service::asset_store_at) takes. Default:
    /// the working folder.
    pub assets_location: String,
    /// Which frame is kept as a picture beside each video. Default: none.
    pub poster: Option<WhichFrame>,
    /// Where uploads are remembered. Default: the user's cache folder.
    pub cache_folder: Option<PathBuf>,
    /// Where projects, and what was spent, are written down. Default: the user's data folder.
    pub data_folder: Option<PathBuf>,
    /// Where tasks are kept. Default: `tasks.sqlite` in the data folder.
    pub task_store: TaskStorePlace,
    /// After how long without a sign a process that keeps its tasks in PostgreSQL is dead. Default: 30 s.
    pub lease: Duration,
    /// How long a submit whose answer was lost is looked for in fal's history; zero: not at all. Default: 2 h.
    pub reconcile_for: Duration,
    /// What becomes of one that is not found. Default: it stands still.
    pub unconfirmed: UnconfirmedPolicy,
    /// How much may be spent. Default: no limits.
    pub budget: Budget,
    /// By which share of its estimate a bill may be higher before an alarm is raised. Default: 0.1.
    pub bill_tolerance: Decimal,
    /// Where classes of fal's hosts are, if not at fal.
    pub hosts: BTreeMap<HostClass, String>,
    /// What is changed about models, by their names.
    pub models: BTreeMap<String, ModelOverride>,
    /// Catalogue files with further models.
    pub model_files: Vec<PathBuf>,
    origins: BTreeMap<String, Origin>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            default_model: GenerationRequest::DEFAULT_MODEL.to_owned(),
            rules: ValidationRules::default(),
            max_concurrent_generations: 5,
            max_per_endpoint: None,
            max_per_project: None,
            max_submits_per_endpoint: QueueConfig::default().max_submits_per_endpoint,
            generation_timeout: Duration::from_secs(300),
            retry: RetryPolicy::default(),
            watch: WatchOptions::default(),
            assets_location: String::new(),
            poster: None,
            cache_folder: None,
            data_folder: None,
            task_store: TaskStorePlace::default(),
            lease: Duration::from_secs(30),
            reconcile_for: QueueConfig::default().reconcile_for,
            unconfirmed: QueueConfig::default().unconfirmed,
            budget: Budget::default(),
            bill_tolerance: ServiceConfig::default().bill_tolerance,
            hosts: BTreeMap::new(),
            models: BTreeMap::new(),
            model_files: Vec::new(),
            origins: BTreeMap::new(),
        }
    }
}

/// Where tasks are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskStorePlace {
    /// `tasks.sqlite` in the data folder.
    #[default]
    DataFolder,
    /// This SQLite file, which the processes of this machine may share.
    File(PathBuf),
    /// This PostgreSQL database, which many machines may share. Taken by programs with the feature `postgres`.
    Postgres(DatabaseUrl),
    /// In memory: they are forgotten when the process ends, however it ends.
    Memory,
}

/// The address of a database, with a password in it that is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address as it was given, with the password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The address without user, password and options.
    pub fn shown(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", ""));
        let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        format!("{scheme}://{place}")
    }
}

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DatabaseUrl").field(&self.shown()).finish()
    }
}

/// Where a value comes from, from the weakest to the strongest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Origin {
    /// Nobody has set it.
    Default,
    /// A line of `videogen.toml`.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
    },
    /// A line of `.env`.
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } | Self::DotEnv { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// One setting as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownSetting {
    /// Its name in `videogen.toml`, with its section.
    pub key: String,
    /// Its value as TOML; `None` where it has none.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
}

impl Config {
    /// Takes every setting from its strongest source: built-in default, `videogen.toml`, `.env`, environment.
    ///
    /// # Errors
    /// Every problem in every source at once, each with its file and line or its variable.
    pub fn load(sources: &ConfigSources) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let (found, mut problems) = sources.read();
        for found in found {
            match setting::apply(&mut config, &found) {
                Ok(()) => {
                    config.origins.insert(found.key, found.origin);
                }
                Err(problem) => problems.push(problem),
            }
        }
        let models = config.registry().map_err(|error| problems.extend(error.iter().cloned()));
        if let Ok(Err(unknown)) = models.map(|models| models.get(&config.default_model).map(drop)) {
            let hint = unknown.suggestion.map_or(String::new(), |near| format!("; did you mean {near}?"));
            let origin = config.origin("defaults.video_model").clone();
            let message = format!("there is no model {}{hint}", unknown.name);
            problems.push(ConfigProblem::new(origin, "defaults.video_model", message));
        }
        ConfigError::check(problems).map(|()| config)
    }

    /// Where the value of a setting comes from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }

    /// The models of the built-in catalogue and of the configured files, as the settings change them.
    ///
    /// # Errors
    /// When a file cannot be read or describes no models, or a change makes no sense.
    pub(crate) fn registry(&self) -> Result<ModelRegistry, ConfigError> {
        let mut models = ModelRegistry::builtin();
        let mut problems = Vec::new();
        for file in &self.model_files {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()));
            let name = file.display().to_string();
            let added = text.and_then(|text| models.register_toml(&name, &text).map_err(|error| error.to_string()));
            let origin = self.origin("catalogue.files").clone();
            problems.extend(added.err().map(|message| ConfigProblem::new(origin, "catalogue.files", message)));
        }
        for (name, change) in &self.models {
            let section = format!("models.{name}");
            let origin = self.origins.iter().find(|(key, _)| key.starts_with(&format!("{section}.")));
            let origin = origin.map_or(Origin::Default, |(_, origin)| origin.clone());
            let changed = models.override_model(name, change.clone()).map_err(|error| error.to_string());
            problems.extend(changed.err().map(|message| ConfigProblem::new(origin, section, message)));
        }
        ConfigError::check(problems).map(|()| models)
    }

    /// Every setting, its value, and where that comes from; those of models last.
    pub fn shown(&self) -> Vec<ShownSetting> {
        let shown = |key: &str, value| ShownSetting { key: key.to_owned(), value, origin: self.origin(key).clone() };
        let own = SETTINGS.iter().map(|setting| shown(setting.key, (setting.show)(self)));
        own.chain(setting::shown_models(self).into_iter().map(|(key, value)| shown(&key, Some(value)))).collect()
    }

    /// A commented `videogen.toml` with every setting at its default.
    pub fn example() -> String {
        example::text()
    }
}
