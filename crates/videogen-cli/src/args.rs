//! What can be typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use videogen::domain::{AspectRatio, PlatformPreset};
use videogen::emulator::program;
use videogen::{Fit, LogFormat, Usd};

/// Still images to videos on fal.ai. Pay once, lose nothing, know the price first.
#[derive(Debug, Parser)]
#[command(name = "videogen", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Args {
    /// The file of settings [default: videogen.toml here, or in the user's configuration folder]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The form of the logs on standard error: human or json [default: human]
    #[arg(long, value_name = "FORMAT", global = true)]
    pub(crate) log_format: Option<LogFormat>,
}

const AFTER_HELP: &str = "\
Environment:
  FAL_KEY                    fal's key, id:secret; without it the built-in emulator is used, at no cost
  VIDEO_GEN_FAL_QUEUE_URL    the address of fal's queue; likewise _RUN_, _REST_, _CDN_, _PLATFORM_, _SITE_
  VIDEO_GEN_CACHE_DIR        where uploads are remembered
  VIDEO_GEN_DATA_DIR         where projects, and what was spent, are written down
  VIDEO_GEN_CONFIG           the file of settings; `videogen config example` names every setting and its variable
  VIDEO_GEN_LOG              what is logged, in the syntax of RUST_LOG, which it outranks
  VIDEO_GEN_LOG_FORMAT       human or json
  OTEL_EXPORTER_OTLP_ENDPOINT  the OpenTelemetry collector that gets traces, metrics and logs; none by default

Exit codes:
  0 done · 1 unexpected · 2 mistakes in the request or over budget, nothing sent · 3 key or balance · 4 fal out of reach
  5 refused or failed · 6 cannot be stored · 7 outcome unknown, look before trying again · 8 not done
  within generation.timeout, pick it up again · 130 stopped";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Turn a still image into a video.
    #[command(after_help = "\
Examples:
  videogen generate lighthouse.png \"slow zoom in on the lighthouse\" -o lighthouse.mp4
  videogen generate lighthouse.png \"pan left along the coast\" -m hailuo_02 -d 10 --max-cost 0.50
  videogen generate lighthouse.png \"rotate slowly\" -a 9:16 --fit pad -p cfg_scale=0.7 --json")]
    Generate(GenerateArgs),
    /// Make clips in a row, each of which begins with the last frame of the one before.
    #[command(after_help = "\
Example:
  videogen chain lighthouse.png \"slow zoom in on the lighthouse\" \"pan left along the coast\" -o film.mp4

The videos are film-1.mp4, film-2.mp4 and so on. What they cost together is told before the first is made, and --max-cost is for
all of them. A chain that was cut off goes on when the same command is run again; what is made is not paid for again.")]
    Chain(ChainArgs),
    /// Make the videos of a file, a request in each line: CSV or JSON lines. All are checked and priced before the first is sent.
    #[command(after_help = "\
Examples:
  videogen batch films.csv -o films/ --max-cost 20
  videogen batch films.jsonl --dry-run

The first line of a CSV file names the fields, and a line of JSON is an object: image, motion_prompt, and where they are wanted model,
fallback_models, duration, aspect_ratio, platform, fit, resolution, audio, end_image, negative_prompt, parameters (a JSON object),
output (the name of the video's file), max_cost_usd, priority, fresh, project_id and scene_id. Paths count from the file's folder.

A batch that was cut off goes on when the same command is run again; what is made is not paid for again.")]
    Batch(BatchArgs),
    /// Pick a request up again that fal has accepted, and fetch its video. Costs nothing.
    #[command(after_help = "\
Example:
  videogen resume 019e1951-c778-7120-9c82-16efcf40ec82 --model kling_2.1 -o lighthouse.mp4")]
    Resume(ResumeArgs),
    /// Go on with every task whose program has ended: fetch what is paid for, and send what was not sent yet.
    Recover {
        /// Print one JSON object for each task
        #[arg(long)]
        json: bool,
    },
    /// What was asked for, and what became of it, the newest first.
    Tasks(TasksArgs),
    /// Tell of everything that happens to tasks, in whichever program; of one task from its beginning to its end.
    #[command(after_help = "\
Examples:
  videogen watch
  videogen watch 019e1951-c778-7120-9c82-16efcf40ec82
  videogen watch --after 1234 --json")]
    Watch(WatchArgs),
    /// Cancel a task, wherever it is: what was not sent never is, and of what fal has accepted fal is asked to drop it.
    #[command(after_help = "\
Ends with 0 when there will be no video or fal is asked to drop it, which may come too late there and be billed: `videogen tasks`
tells. Ends with 5 when the video is made already, or the task has ended otherwise.")]
    Cancel {
        /// Its id, as `videogen tasks` tells it
        task: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Give a task up that stands still. For one that may have been accepted: only once you have looked that it was not.
    Discard {
        /// Its id, as it was told when it stood still
        task: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Make a project of scenes, look at it, and see what it has cost.
    #[command(
        subcommand,
        after_help = "\
Examples:
  videogen project create \"The lighthouse\" --platform youtube_shorts
  videogen project add-scene the-lighthouse \"slow zoom in on the lighthouse at dawn\"
  videogen generate lighthouse.png --project the-lighthouse --scene scene-1
  videogen project show the-lighthouse"
    )]
    Project(ProjectCommand),
    /// List the finished videos, copy one, or delete some.
    #[command(
        subcommand,
        after_help = "\
Examples:
  videogen assets list
  videogen assets list --in s3://films/2026 --project the-lighthouse --json
  videogen assets get lighthouse.mp4 -o copy.mp4
  videogen assets rm lighthouse.mp4 lighthouse-1.mp4

What is listed and deleted are videos with the description (.json) that was written beside them; other files are not
touched. What a deleted video has cost stays in its project and budget."
    )]
    Assets(AssetsCommand),
    /// Show what is set and where it comes from, check it, or print an example of it.
    #[command(
        subcommand,
        after_help = "\
Examples:
  videogen config show
  videogen config example > videogen.toml
  videogen config check --config other.toml"
    )]
    Config(ConfigCommand),
    /// Run a local fal for other programs: it makes real videos, keeps a bill, and costs nothing.
    #[command(after_help = "\
Examples:
  videogen emulator --state-dir ./fal-state
  videogen emulator --port 0 --fast --faults faults.toml --seed 7
  videogen emulator record --folder ./recording
  videogen emulator replay --folder ./recording

It prints the addresses as lines for a shell, among them that of a page that shows requests, bill and videos as they
come. It ends with Ctrl-C. `record` asks fal itself, which bills it, and writes down what passes, without secrets; `replay`
gives it again, without a network.")]
    Emulator(program::CommandLine),
}

/// What about projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Begin a project
    Create {
        /// What people call it
        title: String,
        /// The name by which commands know it [default: made of the title]
        #[arg(long)]
        id: Option<String>,
        /// Where it is to be shown, which chooses the aspect ratio: youtube, youtube_shorts, tiktok, instagram_reels,
        /// instagram_feed, square
        #[arg(long)]
        platform: Option<PlatformPreset>,
        /// Width to height of all scenes; outranks the platform's
        #[arg(short, long, value_name = "W:H")]
        aspect_ratio: Option<AspectRatio>,
        #[command(flatten)]
        form: Form,
    },
    /// All projects
    List {
        #[command(flatten)]
        form: Form,
    },
    /// A project with its scenes and what it has cost
    Show {
        /// The project
        project: String,
        #[command(flatten)]
        form: Form,
    },
    /// Add a scene to a project
    AddScene {
        /// The project
        project: String,
        /// What is to be seen; it serves as the motion prompt of videos that are made for the scene
        description: String,
        /// The name by which commands know it [default: scene-1, scene-2, …]
        #[arg(long)]
        id: Option<String>,
        /// Its place among the scenes, from 1 on [default: the last]
        #[arg(long)]
        position: Option<usize>,
        #[command(flatten)]
        form: Form,
    },
}

/// What about finished videos.
#[derive(Debug, Subcommand)]
pub(crate) enum AssetsCommand {
    /// All videos, with length, size and cost
    List {
        /// Only those that were made for this project
        #[arg(long)]
        project: Option<String>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        form: Form,
    },
    /// Copy a video from where it is kept
    Get {
        /// Its name
        name: String,
        /// Where the copy goes; a file that is there is renamed, not lost [default: its name, here]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        form: Form,
    },
    /// Delete videos with their descriptions
    Rm {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        form: Form,
    },
}

/// Where videos are kept.
#[derive(Debug, ClapArgs)]
pub(crate) struct Place {
    /// Where the videos are: a folder, or an address such as s3://bucket/prefix [default: the configured place]
    #[arg(long = "in", value_name = "PLACE")]
    pub(crate) location: Option<String>,
}

/// For whom the result is written.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct Form {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What about the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Every setting, its value, and where that comes from
    Show {
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Whether it can be used; every problem at once
    Check,
    /// A commented file with every setting at its default
    Example,
}

/// What to make.
#[derive(Debug, ClapArgs)]
pub(crate) struct GenerateArgs {
    /// The still image: a PNG, JPEG, WebP, GIF or AVIF file, its http(s) address, or a data: URI
    pub(crate) image: String,
    /// How it shall move, in at least 10 characters [default: the description of --scene]
    #[arg(required_unless_present = "scene")]
    pub(crate) prompt: Option<String>,
    #[command(flatten)]
    pub(crate) video: VideoArgs,
    /// The picture that the video ends with, where the model takes one: a file or its http(s) address
    #[arg(long, value_name = "IMAGE")]
    pub(crate) end_image: Option<String>,
    /// The scene of the project that shall show the video
    #[arg(long, requires = "project")]
    pub(crate) scene: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Which tasks.
#[derive(Debug, ClapArgs)]
pub(crate) struct TasksArgs {
    /// Only those that have not ended
    #[arg(long)]
    pub(crate) unfinished: bool,
    /// Only those of this project
    #[arg(long)]
    pub(crate) project: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Only those that are older than this one: the last of a page leads to the next
    #[arg(long, value_name = "TASK")]
    pub(crate) before: Option<String>,
    #[command(flatten)]
    pub(crate) form: Form,
}

/// What is told of.
#[derive(Debug, ClapArgs)]
pub(crate) struct WatchArgs {
    /// Only what happens to this task, until it has ended
    pub(crate) task: Option<String>,
    /// Only what happens to tasks of this project
    #[arg(long)]
    pub(crate) project: Option<String>,
    /// What has happened after this number first: the number of the last event that was seen, or 0
    #[arg(long, value_name = "NUMBER")]
    pub(crate) after: Option<u64>,
    #[command(flatten)]
    pub(crate) form: Form,
}

/// Clips in a row.
#[derive(Debug, ClapArgs)]
pub(crate) struct ChainArgs {
    /// The still image that the first clip begins with
    pub(crate) image: String,
    /// How it shall move, clip by clip; each begins with the last frame of the one before
    #[arg(required = true, num_args = 2.., value_name = "PROMPT")]
    pub(crate) prompts: Vec<String>,
    #[command(flatten)]
    pub(crate) video: VideoArgs,
    /// Check and price the clips, and make none
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// The videos of a file.
#[derive(Debug, ClapArgs)]
pub(crate) struct BatchArgs {
    /// The file: .csv, .jsonl or .ndjson
    pub(crate) file: PathBuf,
    /// The folder that the videos go to [default: the configured one]
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
    /// Refuse to send anything if all together may cost more than this
    #[arg(long, value_name = "USD")]
    pub(crate) max_cost: Option<Usd>,
    /// When one is not made, send no more; what was sent goes on
    #[arg(long)]
    pub(crate) stop_on_failure: bool,
    /// Check and price them, and make none
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON object for each, in the order of the file, and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// What every video that is made has.
#[derive(Debug, ClapArgs)]
pub(crate) struct VideoArgs {
    /// The model: its name or endpoint id [default: the configured one, kling_2.1]
    #[arg(short, long)]
    pub(crate) model: Option<String>,
    /// A model to ask when the one before provably made no video and cost nothing; may be given several times
    #[arg(long = "fallback", value_name = "MODEL")]
    pub(crate) fallbacks: Vec<String>,
    /// Length of the video in seconds [default: the model's]
    #[arg(short, long, value_name = "SECONDS")]
    pub(crate) duration: Option<u32>,
    /// Width to height, for example 16:9 [default: the picture's]
    #[arg(short, long, value_name = "W:H")]
    pub(crate) aspect_ratio: Option<String>,
    /// Where it is to be shown, which chooses aspect ratio and length where they are not given: youtube, youtube_shorts,
    /// tiktok, instagram_reels, instagram_feed, square
    #[arg(long)]
    pub(crate) platform: Option<PlatformPreset>,
    /// How to bring the picture to the aspect ratio where the model follows the picture
    #[arg(long, value_enum, default_value_t = FitArg::Crop)]
    pub(crate) fit: FitArg,
    /// The size, by the model's own names, for example 1080p [default: the model's]
    #[arg(short, long, value_name = "SIZE")]
    pub(crate) resolution: Option<String>,
    /// Whether the video has sound [default: the model's]
    #[arg(long, value_enum, value_name = "ON|OFF")]
    pub(crate) audio: Option<Switch>,
    /// What shall not be seen
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) negative_prompt: Option<String>,
    /// A further parameter of the model, by fal's name; the value is JSON or a text
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) params: Vec<(String, serde_json::Value)>,
    /// Like --param, for one that the catalogue does not know or that the model is said not to heed; it may change the
    /// price
    #[arg(long = "unchecked-param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) unchecked_params: Vec<(String, serde_json::Value)>,
    /// Refuse to send the request if it may cost more than this
    #[arg(long, value_name = "USD")]
    pub(crate) max_cost: Option<Usd>,
    /// Make and pay for a new video even where the same was made before
    #[arg(long)]
    pub(crate) fresh: bool,
    /// The project that the video is for
    #[arg(long)]
    pub(crate) project: Option<String>,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    /// With it
    On,
    /// Without it
    Off,
}

/// What to pick up.
#[derive(Debug, ClapArgs)]
pub(crate) struct ResumeArgs {
    /// fal's request id
    pub(crate) request_id: String,
    /// The model it was sent to: its name or endpoint id
    #[arg(short, long, required_unless_present = "task")]
    pub(crate) model: Option<String>,
    /// The task that has sent it and did not learn its id
    #[arg(long, conflicts_with = "model")]
    pub(crate) task: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What both have.
#[derive(Debug, ClapArgs)]
pub(crate) struct CommonArgs {
    /// Where the video goes; a file that is there is renamed, not lost [default: the request id, with .mp4]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Print one JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

/// How to bring the picture to an aspect ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FitArg {
    /// Cut it around its middle.
    Crop,
    /// Put it on a larger black canvas.
    Pad,
    /// Leave it; refuse an aspect ratio that the model cannot make.
    None,
}

impl From<FitArg> for Fit {
    fn from(fit: FitArg) -> Self {
        match fit {
            FitArg::Crop => Self::Crop,
            FitArg::Pad => Self::Pad,
            FitArg::None => Self::None,
        }
    }
}

fn parameter(text: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = text.split_once('=').ok_or("write it as name=value")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((name.trim().to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_parameter_is_json_or_a_text() {
        assert_eq!(parameter("cfg_scale=0.7"), Ok(("cfg_scale".to_owned(), 0.7.into())));
        assert_eq!(parameter("prompt_optimizer=false"), Ok(("prompt_optimizer".to_owned(), false.into())));
        assert_eq!(parameter("resolution=512P"), Ok(("resolution".to_owned(), "512P".into())));
        assert!(parameter("cfg_scale").is_err());
    }
}
