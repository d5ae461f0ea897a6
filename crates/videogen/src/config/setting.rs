//! The table of settings: what each is called, what it means, how it is read and shown.

use std::path::PathBuf;
use std::time::Duration;

use fal_core::{HostClass, Hosts};
use videogen_domain::{AspectRatio, Decimal, ModelOverride, UnknownCost, Usd, nearest};
use videogen_queue::UnconfirmedPolicy;
use videogen_service::{WatchMode, WhichFrame};

use super::raw::{Found, Raw};
use super::{Config, ConfigProblem, TaskStorePlace};

/// One setting.
pub(super) struct Setting {
    /// Its name in `videogen.toml`, with its section.
    pub(super) key: &'static str,
    /// Its environment variable.
    pub(super) variable: &'static str,
    /// What it means, with its unit, for the example file.
    pub(super) meaning: &'static str,
    /// Takes a value into the configuration, or says what would do.
    set: fn(&mut Config, &Raw) -> Result<(), String>,
    /// The value as TOML; `None` where there is none.
    pub(super) show: fn(&Config) -> Option<String>,
}

/// The longest time that can be set, in seconds: a week.
const WEEK: f64 = 604_800.0;

/// Every setting but those of single models, in the order of the example file.
pub(super) const SETTINGS: [Setting; 37] = [
    Setting {
        key: "defaults.video_model",
        variable: "VIDEO_GEN_DEFAULT_VIDEO_MODEL",
        meaning: "The model of requests that name none: its name or its endpoint id.",
        set: |config, raw| raw.text().map(|model| config.default_model = model),
        show: |config| quoted(&config.default_model),
    },
    Setting {
        key: "validation.min_prompt_length",
        variable: "VIDEO_GEN_MIN_PROMPT_LENGTH",
        meaning: "The fewest characters of a motion prompt, outer spaces not counted.",
        set: |config, raw| raw.whole(1, 10_000).map(|length| config.rules.min_prompt_length = length as usize),
        show: |config| Some(config.rules.min_prompt_length.to_string()),
    },
    Setting {
        key: "validation.aspect_ratios",
        variable: "VIDEO_GEN_VALID_ASPECT_RATIOS",
        meaning: "The aspect ratios that may be asked for where a model has no list of its own.",
        set: |config, raw| ratios(raw).map(|ratios| config.rules.aspect_ratios = ratios),
        show: |config| listed(config.rules.aspect_ratios.iter().map(AspectRatio::to_string)),
    },
    Setting {
        key: "generation.max_concurrent",
        variable: "VIDEO_GEN_MAX_CONCURRENT_GENERATIONS",
        meaning: "How many generations run at a time.",
        set: |config, raw| raw.whole(1, 10_000).map(|most| config.max_concurrent_generations = most as usize),
        show: |config| Some(config.max_concurrent_generations.to_string()),
    },
    Setting {
        key: "generation.max_per_endpoint",
        variable: "VIDEO_GEN_MAX_PER_ENDPOINT",
        meaning: "How many of these are of one endpoint. Default: as many as run.",
        set: |config, raw| raw.whole(1, 10_000).map(|most| config.max_per_endpoint = Some(most as usize)),
        show: |config| config.max_per_endpoint.map(|most| most.to_string()),
    },
    Setting {
        key: "generation.max_per_project",
        variable: "VIDEO_GEN_MAX_PER_PROJECT",
        meaning: "How many of these are for one project. Default: as many as run.",
        set: |config, raw| raw.whole(1, 10_000).map(|most| config.max_per_project = Some(most as usize)),
        show: |config| config.max_per_project.map(|most| most.to_string()),
    },
    Setting {
        key: "generation.max_submits_per_endpoint",
        variable: "VIDEO_GEN_MAX_SUBMITS_PER_ENDPOINT",
        meaning: "How many submits of one endpoint are under way at a time. Of so many nobody knows what became of them when the program is killed.",
        set: |config, raw| raw.whole(1, 1_000).map(|most| config.max_submits_per_endpoint = most as usize),
        show: |config| Some(config.max_submits_per_endpoint.to_string()),
    },
    Setting {
        key: "generation.timeout",
        variable: "VIDEO_GEN_GENERATION_TIMEOUT",
        meaning: "How long `videogen generate` or a caller of the library waits for a video, in seconds. Nothing is given up then: the request goes on at fal.",
        set: |config, raw| seconds(raw).map(|time| config.generation_timeout = time),
        show: |config| shown_seconds(config.generation_timeout),
    },
    Setting {
        key: "retry.max_attempts",
        variable: "VIDEO_GEN_MAX_RETRY_ATTEMPTS",
        meaning: "The most attempts of a call that may be repeated, the first included. A submit that may have arrived is never repeated.",
        set: |config, raw| raw.whole(1, 100).map(|most| config.retry.max_attempts = most),
        show: |config| Some(config.retry.max_attempts.to_string()),
    },
    Setting {
        key: "retry.backoff_base",
        variable: "VIDEO_GEN_RETRY_BACKOFF_BASE",
        meaning: "By how much each delay between attempts is longer than the one before.",
        set: |config, raw| raw.number(1.0, 100.0).map(|factor| config.retry.factor = factor as f32),
        show: |config| Some(decimal(f64::from(config.retry.factor))),
    },
    Setting {
        key: "retry.initial_delay",
        variable: "VIDEO_GEN_RETRY_INITIAL_DELAY",
        meaning: "The delay before the second attempt, in seconds.",
        set: |config, raw| seconds(raw).map(|delay| config.retry.initial_delay = delay),
        show: |config| shown_seconds(config.retry.initial_delay),
    },
    Setting {
        key: "retry.max_delay",
        variable: "VIDEO_GEN_RETRY_MAX_DELAY",
        meaning: "The longest delay between attempts, in seconds.",
        set: |config, raw| seconds(raw).map(|delay| config.retry.max_delay = delay),
        show: |config| shown_seconds(config.retry.max_delay),
    },
    Setting {
        key: "retry.deadline",
        variable: "VIDEO_GEN_RETRY_DEADLINE",
        meaning: "The time for all attempts and delays of a call together, in seconds.",
        set: |config, raw| seconds(raw).map(|deadline| config.retry.deadline = deadline),
        show: |config| shown_seconds(config.retry.deadline),
    },
    Setting {
        key: "watch.mode",
        variable: "VIDEO_GEN_WATCH_MODE",
        meaning: "How a request is followed: by fal's status \"stream\", or by \"polls\".",
        set: |config, raw| mode(raw).map(|mode| config.watch.mode = mode),
        show: |config| quoted(if config.watch.mode == WatchMode::Polls { "polls" } else { "stream" }),
    },
    Setting {
        key: "watch.longest_poll",
        variable: "VIDEO_GEN_WATCH_LONGEST_POLL",
        meaning: "The longest time between two polls, in seconds.",
        set: |config, raw| {
            raw.number(0.1, 3600.0).map(|longest| config.watch.longest_poll = Duration::from_secs_f64(longest))
        },
        show: |config| shown_seconds(config.watch.longest_poll),
    },
    Setting {
        key: "watch.patience",
        variable: "VIDEO_GEN_WATCH_PATIENCE",
        meaning: "How long fal may fail to answer before a generation stands still, in seconds.",
        set: |config, raw| seconds(raw).map(|patience| config.watch.patience = patience),
        show: |config| shown_seconds(config.watch.patience),
    },
    Setting {
        key: "assets.location",
        variable: "VIDEO_GEN_ASSETS_LOCATION",
        meaning: "Where videos go, where nothing else is said: a folder, or s3://, gs://, az:// where that is built in. Default: the working folder.",
        set: |config, raw| raw.text().map(|location| config.assets_location = location),
        show: |config| (!config.assets_location.is_empty()).then(|| toml_text(&config.assets_location)),
    },
    Setting {
        key: "assets.poster",
        variable: "VIDEO_GEN_ASSETS_POSTER",
        meaning: "Which frame is kept as a picture beside each video: \"none\", \"first\" or \"last\".",
        set: |config, raw| poster(raw).map(|poster| config.poster = poster),
        show: |config| {
            quoted(match config.poster {
                None => "none",
                Some(WhichFrame::First) => "first",
                Some(WhichFrame::Last) => "last",
            })
        },
    },
    Setting {
        key: "cache.folder",
        variable: "VIDEO_GEN_CACHE_DIR",
        meaning: "Where uploads are remembered. Default: the user's cache folder.",
        set: |config, raw| raw.text().map(|folder| config.cache_folder = Some(PathBuf::from(folder))),
        show: |config| path(config.cache_folder.as_ref()),
    },
    Setting {
        key: "data.folder",
        variable: "VIDEO_GEN_DATA_DIR",
        meaning: "Where projects, and what was spent, are written down. Default: the user's data folder.",
        set: |config, raw| raw.text().map(|folder| config.data_folder = Some(PathBuf::from(folder))),
        show: |config| path(config.data_folder.as_ref()),
    },
    Setting {
        key: "queue.store",
        variable: "VIDEO_GEN_QUEUE_STORE",
        meaning: "Where tasks are kept: an SQLite file, also as sqlite:///its/path; a PostgreSQL database that many machines share, as postgres://user:password@host/database; or memory, which forgets them when the program ends. Default: tasks.sqlite in the data folder.",
        set: |config, raw| task_store(raw).map(|place| config.task_store = place),
        show: |config| match &config.task_store {
            TaskStorePlace::DataFolder => None,
            TaskStorePlace::File(file) => path(Some(file)),
            TaskStorePlace::Postgres(url) => quoted(&url.shown()),
            TaskStorePlace::Memory => quoted("memory"),
        },
    },
    Setting {
        key: "queue.lease",
        variable: "VIDEO_GEN_QUEUE_LEASE",
        meaning: "After how many seconds without a sign a process that keeps its tasks in PostgreSQL is dead, and others take them over. The same for all of them.",
        set: |config, raw| raw.number(0.3, 3_600.0).map(|time| config.lease = Duration::from_secs_f64(time)),
        show: |config| shown_seconds(config.lease),
    },
    Setting {
        key: "queue.reconcile_for",
        variable: "VIDEO_GEN_QUEUE_RECONCILE_FOR",
        meaning: "How long a submit whose answer was lost is looked for in fal's history, in seconds; 0: not at all. How soon fal shows a request there is not documented, so it should be well longer than the longest video takes.",
        set: |config, raw| raw.number(0.0, WEEK).map(|time| config.reconcile_for = Duration::from_secs_f64(time)),
        show: |config| shown_seconds(config.reconcile_for),
    },
    Setting {
        key: "queue.unconfirmed",
        variable: "VIDEO_GEN_QUEUE_UNCONFIRMED",
        meaning: "What becomes of a submit whose answer was lost and that was not found: \"hold\", it stands still until somebody decides; \"resubmit\", it is sent again, and paid for twice where fal does not show that it has it; or \"fail\".",
        set: |config, raw| unconfirmed(raw).map(|policy| config.unconfirmed = policy),
        show: |config| {
            quoted(match config.unconfirmed {
                UnconfirmedPolicy::Hold => "hold",
                UnconfirmedPolicy::Resubmit => "resubmit",
                UnconfirmedPolicy::Fail => "fail",
            })
        },
    },
    Setting {
        key: "budget.per_video",
        variable: "VIDEO_GEN_BUDGET_PER_VIDEO",
        meaning: "The most that one video may cost, in USD.",
        set: |config, raw| usd(raw).map(|most| config.budget.per_request = Some(most)),
        show: |config| shown_usd(config.budget.per_request),
    },
    Setting {
        key: "budget.per_project",
        variable: "VIDEO_GEN_BUDGET_PER_PROJECT",
        meaning: "The most that the videos of one project may cost together, in USD.",
        set: |config, raw| usd(raw).map(|most| config.budget.per_project = Some(most)),
        show: |config| shown_usd(config.budget.per_project),
    },
    Setting {
        key: "budget.per_day",
        variable: "VIDEO_GEN_BUDGET_PER_DAY",
        meaning: "The most that the videos of one day, by UTC, may cost together, in USD.",
        set: |config, raw| usd(raw).map(|most| config.budget.per_day = Some(most)),
        show: |config| shown_usd(config.budget.per_day),
    },
    Setting {
        key: "budget.overall",
        variable: "VIDEO_GEN_BUDGET_OVERALL",
        meaning: "The most that all videos may cost together, in USD.",
        set: |config, raw| usd(raw).map(|most| config.budget.overall = Some(most)),
        show: |config| shown_usd(config.budget.overall),
    },
    Setting {
        key: "budget.unknown_cost",
        variable: "VIDEO_GEN_BUDGET_UNKNOWN_COST",
        meaning: "What is done where a limit applies and it is not known what a video costs: \"refuse\" it, or set this amount aside for it, in USD.",
        set: |config, raw| unknown_cost(raw).map(|rule| config.budget.unknown_cost = rule),
        show: |config| match config.budget.unknown_cost {
            UnknownCost::Refuse => quoted("refuse"),
            UnknownCost::Reserve(amount) => shown_usd(Some(amount)),
        },
    },
    Setting {
        key: "budget.bill_tolerance",
        variable: "VIDEO_GEN_BUDGET_BILL_TOLERANCE",
        meaning: "By which share of its estimate a bill may be higher before an alarm is raised.",
        set: |config, raw| share(raw).map(|share| config.bill_tolerance = share),
        show: |config| Some(config.bill_tolerance.to_string()),
    },
    Setting {
        key: "catalogue.files",
        variable: "VIDEO_GEN_MODEL_FILES",
        meaning: "Files that describe further models, as those of the built-in catalogue do.",
        set: |config, raw| texts(raw).map(|files| config.model_files = files.into_iter().map(PathBuf::from).collect()),
        show: |config| listed(config.model_files.iter().map(|file| file.display().to_string())),
    },
    host(
        "fal.queue_url",
        "VIDEO_GEN_FAL_QUEUE_URL",
        "Where fal's queue is, if not at fal.",
        |config, raw| moved(config, raw, HostClass::Queue),
        |config| there(config, HostClass::Queue),
    ),
    host(
        "fal.run_url",
        "VIDEO_GEN_FAL_RUN_URL",
        "Where fal's direct calls go, if not to fal.",
        |config, raw| moved(config, raw, HostClass::Run),
        |config| there(config, HostClass::Run),
    ),
    host(
        "fal.rest_url",
        "VIDEO_GEN_FAL_REST_URL",
        "Where uploads begin, if not at fal.",
        |config, raw| moved(config, raw, HostClass::Rest),
        |config| there(config, HostClass::Rest),
    ),
    host(
        "fal.cdn_url",
        "VIDEO_GEN_FAL_CDN_URL",
        "Where files are, if not at fal.",
        |config, raw| moved(config, raw, HostClass::Cdn),
        |config| there(config, HostClass::Cdn),
    ),
    host(
        "fal.platform_url",
        "VIDEO_GEN_FAL_PLATFORM_URL",
        "Where fal's platform API is, if not at fal.",
        |config, raw| moved(config, raw, HostClass::Platform),
        |config| there(config, HostClass::Platform),
    ),
    host(
        "fal.site_url",
        "VIDEO_GEN_FAL_SITE_URL",
        "Where fal's web site is, if not at fal.",
        |config, raw| moved(config, raw, HostClass::Site),
        |config| there(config, HostClass::Site),
    ),
];

/// The settings of one model, with what each means.
pub(super) const MODEL_SETTINGS: [(&str, &str); 5] = [
    ("cost_per_second", "USD for a second of video, in place of the catalogue's price."),
    ("valid_durations", "The lengths that may be asked for, in seconds: some of the model's own."),
    ("min_motion_strength", "The least motion_strength, where the model has such a parameter."),
    ("max_motion_strength", "The greatest motion_strength, where the model has such a parameter."),
    ("supports_prompt_optimizer", "false: requests with a prompt_optimizer are refused."),
];

const fn host(
    key: &'static str,
    variable: &'static str,
    meaning: &'static str,
    set: fn(&mut Config, &Raw) -> Result<(), String>,
    show: fn(&Config) -> Option<String>,
) -> Setting {
    Setting { key, variable, meaning, set, show }
}

/// Takes one value into the configuration.
pub(super) fn apply(config: &mut Config, found: &Found) -> Result<(), ConfigProblem> {
    let problem = |message| ConfigProblem::new(found.origin.clone(), &found.key, message);
    if let Some(setting) = SETTINGS.iter().find(|setting| setting.key == found.key) {
        return (setting.set)(config, &found.value).map_err(problem);
    }
    let model = found.key.strip_prefix("models.").and_then(|rest| rest.rsplit_once('.'));
    if let Some((name, field)) = model.filter(|(_, field)| MODEL_SETTINGS.iter().any(|(known, _)| known == field)) {
        return set_model(config.models.entry(name.to_owned()).or_default(), field, &found.value).map_err(problem);
    }
    Err(problem(unknown(&found.key)))
}

/// The setting of an environment variable.
pub(super) fn of_variable(variable: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|setting| setting.variable == variable).map(|setting| setting.key)
}

fn unknown(key: &str) -> String {
    if ["fal_key", "fal.key", "fal.api_key"].contains(&key) {
        return "the key does not belong into this file; set FAL_KEY in the environment or in .env".to_owned();
    }
    let models = MODEL_SETTINGS.iter().map(|(field, _)| *field);
    let near = match key.strip_prefix("models.").and_then(|rest| rest.rsplit_once('.')) {
        Some((_, field)) => nearest(field, models),
        None => nearest(key, SETTINGS.iter().map(|setting| setting.key)),
    };
    let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    format!("there is no such setting{hint}")
}

fn set_model(change: &mut ModelOverride, field: &str, raw: &Raw) -> Result<(), String> {
    match field {
        "cost_per_second" => change.cost_per_second = Some(usd(raw)?),
        "valid_durations" => {
            let durations: Result<Vec<u32>, String> = raw.list()?.iter().map(|item| item.whole(1, 3600)).collect();
            change.valid_durations = Some(durations?);
        }
        "min_motion_strength" => change.min_motion_strength = Some(raw.number(0.0, 1000.0)?),
        "max_motion_strength" => change.max_motion_strength = Some(raw.number(0.0, 1000.0)?),
        _ => change.supports_prompt_optimizer = Some(raw.flag()?),
    }
    Ok(())
}

/// The settings of models, with their values as TOML.
pub(super) fn shown_models(config: &Config) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    for (name, change) in &config.models {
        let durations = change.valid_durations.as_ref().map(|durations| format!("{durations:?}"));
        let values = [
            shown_usd(change.cost_per_second),
            durations,
            change.min_motion_strength.map(decimal),
            change.max_motion_strength.map(decimal),
            change.supports_prompt_optimizer.map(|flag| flag.to_string()),
        ];
        let named = MODEL_SETTINGS.iter().zip(values);
        shown.extend(named.filter_map(|((field, _), value)| Some((format!("models.{name}.{field}"), value?))));
    }
    shown
}

fn moved(config: &mut Config, raw: &Raw, class: HostClass) -> Result<(), String> {
    let address = raw.text()?;
    Hosts::default().with(class, &address).map_err(|error| videogen_service::error_chain(&error))?;
    config.hosts.insert(class, address);
    Ok(())
}

fn there(config: &Config, class: HostClass) -> Option<String> {
    config.hosts.get(&class).and_then(|address| quoted(address))
}

/// An amount: a text, or a number as it is written.
fn usd(raw: &Raw) -> Result<Usd, String> {
    let text = match raw {
        Raw::Number(number) => number.to_string(),
        other => other.text()?,
    };
    text.parse().map_err(|error: videogen_domain::ParseUsdError| error.to_string())
}

fn unknown_cost(raw: &Raw) -> Result<UnknownCost, String> {
    match raw {
        Raw::Text(text) if text.trim() == "refuse" => Ok(UnknownCost::Refuse),
        amount => {
            usd(amount).map(UnknownCost::Reserve).map_err(|error| format!("it must be \"refuse\"; or else {error}"))
        }
    }
}

fn share(raw: &Raw) -> Result<Decimal, String> {
    let share = raw.number(0.0, 100.0)?;
    Decimal::from_str_exact(&share.to_string()).map_err(|error| error.to_string())
}

fn shown_usd(amount: Option<Usd>) -> Option<String> {
    amount.map(|usd| format!("\"{}\"", usd.dollars()))
}

fn poster(raw: &Raw) -> Result<Option<WhichFrame>, String> {
    match raw.text()?.as_str() {
        "none" => Ok(None),
        _ if cfg!(not(feature = "frames")) => Err("this program was built without the feature `frames`".to_owned()),
        "first" => Ok(Some(WhichFrame::First)),
        "last" => Ok(Some(WhichFrame::Last)),
        other => Err(format!("it must be \"none\", \"first\" or \"last\", not \"{other}\"")),
    }
}

fn mode(raw: &Raw) -> Result<WatchMode, String> {
    match raw.text()?.as_str() {
        "stream" => Ok(WatchMode::Stream),
        "polls" => Ok(WatchMode::Polls),
        other => Err(format!("it must be \"stream\" or \"polls\", not \"{other}\"")),
    }
}

fn seconds(raw: &Raw) -> Result<Duration, String> {
    raw.number(0.001, WEEK).map(Duration::from_secs_f64)
}

fn task_store(raw: &Raw) -> Result<TaskStorePlace, String> {
    let text = raw.text()?;
    match text.split_once("://") {
        None if text == "memory" => Ok(TaskStorePlace::Memory),
        None if text.is_empty() => Err("must be a file or memory".to_owned()),
        None => Ok(TaskStorePlace::File(PathBuf::from(text))),
        Some(("sqlite", file)) if !file.is_empty() => Ok(TaskStorePlace::File(PathBuf::from(file))),
        Some(("postgres" | "postgresql", _)) => postgres(text),
        Some((scheme, _)) => Err(format!(
            "{scheme}:// is no kind of store; take a file, sqlite:///its/path, postgres://user:password@host/database or \
             memory"
        )),
    }
}

fn unconfirmed(raw: &Raw) -> Result<UnconfirmedPolicy, String> {
    match raw.text()?.as_str() {
        "hold" => Ok(UnconfirmedPolicy::Hold),
        "resubmit" => Ok(UnconfirmedPolicy::Resubmit),
        "fail" => Ok(UnconfirmedPolicy::Fail),
        other => Err(format!("it must be \"hold\", \"resubmit\" or \"fail\", not \"{other}\"")),
    }
}

#[cfg(feature = "postgres")]
fn postgres(url: String) -> Result<TaskStorePlace, String> {
    let read = videogen_queue::PostgresTaskStore::at(&url);
    // What is wrong with it is not repeated: there is a password in it.
    read.map_err(|error| format!("{error}. {}", error.advice()))?;
    Ok(TaskStorePlace::Postgres(url.into()))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_url: String) -> Result<TaskStorePlace, String> {
    Err("this program was built without PostgreSQL; build it with the feature postgres, or take a file".to_owned())
}

fn ratios(raw: &Raw) -> Result<Vec<AspectRatio>, String> {
    let parse = |text: String| text.parse().map_err(|error: videogen_domain::ParseAspectRatioError| error.to_string());
    texts(raw)?.into_iter().map(parse).collect()
}

fn texts(raw: &Raw) -> Result<Vec<String>, String> {
    raw.list()?.iter().map(Raw::text).collect()
}

fn quoted(text: &str) -> Option<String> {
    Some(toml_text(text))
}

fn listed(items: impl Iterator<Item = String>) -> Option<String> {
    Some(format!("[{}]", items.map(|item| toml_text(&item)).collect::<Vec<_>>().join(", ")))
}

fn path(path: Option<&PathBuf>) -> Option<String> {
    path.filter(|path| !path.as_os_str().is_empty()).and_then(|path| quoted(&path.display().to_string()))
}

fn shown_seconds(time: Duration) -> Option<String> {
    Some(decimal(time.as_secs_f64()))
}

/// A number as TOML and as a person writes it.
fn decimal(number: f64) -> String {
    number.to_string()
}

/// A basic string of TOML.
fn toml_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|letter| match letter {
            '"' | '\\' => vec!['\\', letter],
            letter if letter.is_control() => format!("\\u{:04x}", u32::from(letter)).chars().collect(),
            letter => vec![letter],
        })
        .collect();
    format!("\"{escaped}\"")
}
