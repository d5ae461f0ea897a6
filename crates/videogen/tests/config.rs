//! Settings from files and environment.

use std::path::Path;
use std::time::Duration;

use videogen::{Config, ConfigSources, Environment, GenerationRequest, ImageInput, Origin, Videogen};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn sources(folder: &Path, variables: &[(&str, &str)]) -> ConfigSources {
    ConfigSources::of(variables.iter().copied().collect()).with_folder(folder)
}

/// Every problem, with the folder left out.
fn problems(folder: &Path, variables: &[(&str, &str)]) -> Vec<String> {
    let error = Config::load(&sources(folder, variables)).unwrap_err();
    let prefix = format!("{}/", folder.display());
    error.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

#[test]
fn each_setting_is_taken_from_its_strongest_source() {
    let folder = folder(&[
        (
            "videogen.toml",
            "[defaults]\nvideo_model = \"hailuo_02\"\n\n[validation]\nmin_prompt_length = 3\n\n[generation]\ntimeout = 60\nmax_concurrent = 7\n",
        ),
        (".env", "# mine\nVIDEO_GEN_GENERATION_TIMEOUT=90\nVIDEO_GEN_MIN_PROMPT_LENGTH=4\n"),
    ]);
    let config = Config::load(&sources(folder.path(), &[("VIDEO_GEN_MIN_PROMPT_LENGTH", "5")])).unwrap();
    assert_eq!(config.default_model, "hailuo_02");
    assert_eq!((config.max_concurrent_generations, config.rules.min_prompt_length), (7, 5));
    assert_eq!((config.generation_timeout, config.retry.max_attempts), (Duration::from_secs(90), 3));

    let path = |name: &str| folder.path().join(name);
    for (key, origin) in [
        ("defaults.video_model", Origin::File { path: path("videogen.toml"), line: 2 }),
        ("generation.max_concurrent", Origin::File { path: path("videogen.toml"), line: 9 }),
        ("generation.timeout", Origin::DotEnv { path: path(".env"), line: 2 }),
        ("validation.min_prompt_length", Origin::Variable("VIDEO_GEN_MIN_PROMPT_LENGTH".to_owned())),
        ("retry.max_attempts", Origin::Default),
    ] {
        assert_eq!(config.origin(key), &origin, "{key}");
        assert!(config.shown().iter().any(|shown| shown.key == key && shown.origin == origin), "{key}");
    }
}

#[test]
fn nothing_is_read_without_a_folder_and_a_named_file_must_be_there() {
    let none = Config::load(&ConfigSources::of(Environment::default())).unwrap();
    assert_eq!(none, Config::default());
    let folder = folder(&[("other.toml", "[generation]\nmax_concurrent = 2\n")]);
    let other = folder.path().join("other.toml");
    let named = Config::load(&sources(folder.path(), &[]).with_file(&other)).unwrap();
    let by_variable = Config::load(&sources(folder.path(), &[("VIDEO_GEN_CONFIG", other.to_str().unwrap())])).unwrap();
    assert_eq!((named.max_concurrent_generations, by_variable.max_concurrent_generations), (2, 2));
    let missing = Config::load(&sources(folder.path(), &[]).with_file("no/such.toml")).unwrap_err().to_string();
    assert!(missing.contains("no/such.toml:1: the file cannot be read"), "{missing}");
}

#[test]
fn every_problem_of_every_source_is_told_at_once_with_its_line() {
    let folder = folder(&[
        (
            "videogen.toml",
            "fal_key = \"id:s3cret\"\n[defaults]\nvideo_model = \"kling2.1\"\n[validation]\nmin_promt_length = 3\n\
             [generation]\nmax_concurrent = 0\ntimeout = 1979-05-27\n[models.\"kling_2.1\"]\ncost_per_second = \"-1\"\n\
             cost_per_minute = 1\n[watch]\nmode = \"stare\"\n[fal]\nqueue_url = \"http://example.com\"\n",
        ),
        (".env", "VIDEO_GEN_MAX_RETRY_ATTEMPTS=many\nVIDEO_GEN_LINE\nSOMEBODY ELSE\n"),
    ]);
    let variables = [("VIDEO_GEN_RETRY_BACKOFF_BASE", "0.5"), ("VIDEO_GEN_RETRY_BACKOF", "2")];
    let told = problems(folder.path(), &variables);
    let expected = [
        "videogen.toml:8: generation.timeout: no setting has a value of this kind",
        ".env:2: a line must be NAME=value",
        "VIDEO_GEN_RETRY_BACKOF: there is no such variable; did you mean VIDEO_GEN_RETRY_BACKOFF_BASE?",
        "videogen.toml:1: fal_key: the key does not belong into this file; set FAL_KEY",
        "videogen.toml:5: validation.min_promt_length: there is no such setting; did you mean validation.min_prompt_length?",
        "videogen.toml:7: generation.max_concurrent: it must be a whole number from 1 to 10000, not 0",
        "videogen.toml:10: models.kling_2.1.cost_per_second: \"-1\" is not an amount",
        "videogen.toml:11: models.kling_2.1.cost_per_minute: there is no such setting; did you mean cost_per_second?",
        "videogen.toml:13: watch.mode: it must be \"stream\" or \"polls\", not \"stare\"",
        "videogen.toml:15: fal.queue_url: ",
        ".env:1: retry.max_attempts: it must be a whole number from 1 to 100, not \"many\"",
        "VIDEO_GEN_RETRY_BACKOFF_BASE: it must be a number from 1 to 100, not \"0.5\"",
        "videogen.toml:3: defaults.video_model: there is no model kling2.1; did you mean kling_2.1?",
    ];
    for expected in expected {
        assert!(told.iter().any(|problem| problem.starts_with(expected)), "{expected} in {told:#?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    assert!(!told.join("\n").contains("s3cret"));
}

#[test]
fn a_file_that_is_no_toml_says_where() {
    let folder = folder(&[("videogen.toml", "[generation]\nmax_concurrent = \n[watch\n")]);
    let told = problems(folder.path(), &[]);
    assert!(told.len() >= 2 && told[0].starts_with("videogen.toml:2: "), "{told:#?}");
    assert!(told.iter().any(|problem| problem.starts_with("videogen.toml:3: ")), "{told:#?}");
}

#[test]
fn changes_of_models_that_make_no_sense_are_told_with_their_line() {
    let folder = folder(&[(
        "videogen.toml",
        "[models.kling_2.1]\nvalid_durations = [7]\n\n[models.klang]\ncost_per_second = 0.05\n\n[catalogue]\nfiles = [\"none.toml\"]\n",
    )]);
    let told = problems(folder.path(), &[]).join("\n");
    assert!(
        told.contains("videogen.toml:2: models.kling_2.1: ") && told.contains("cannot make a video of 7 s"),
        "{told}"
    );
    assert!(told.contains("videogen.toml:5: models.klang: ") && told.contains("there is no such model"), "{told}");
    assert!(told.contains("videogen.toml:8: catalogue.files: none.toml: "), "{told}");
}

#[tokio::test]
async fn settings_reach_the_parts_that_they_are_about() {
    let model = "[[model]]\nid = \"mine\"\nendpoint_id = \"me/mine\"\ndisplay_name = \"Mine\"\nparameters = [\n\
                 { name = \"prompt\", role = \"prompt\", type = \"string\" },\n\
                 { name = \"image_url\", role = \"start_image\", type = \"string\" },\n]\n";
    let folder = folder(&[
        ("mine.toml", model),
        (
            "videogen.toml",
            "[defaults]\nvideo_model = \"hailuo_02\"\n[validation]\nmin_prompt_length = 3\naspect_ratios = [\"2:1\"]\n\
             [models.\"kling_2.1\"]\ncost_per_second = 0.05\nvalid_durations = [10]\n",
        ),
        (".env", "FAL_KEY=id:s3cret\n"),
    ]);
    let files = folder.path().join("mine.toml");
    let cache = folder.path().join("cache");
    let variables =
        [("VIDEO_GEN_MODEL_FILES", files.to_str().unwrap()), ("VIDEO_GEN_CACHE_DIR", cache.to_str().unwrap())];
    let videogen = Videogen::builder().sources(sources(folder.path(), &variables)).build().await.unwrap();
    assert_eq!(videogen.provider(), videogen::Provider::Fal, "the key is taken from .env");

    let image = || ImageInput::Url("https://example.com/a.png".to_owned());
    let plan = videogen.plan(&videogen.request(image(), "zoo")).await.unwrap();
    assert_eq!((plan.model_id.as_str(), plan.estimate.to_string()), ("hailuo_02", "$0.27".to_owned()));
    let changed = videogen.plan(&GenerationRequest::new(image(), "zoom").with_model("kling_2.1")).await.unwrap();
    assert_eq!((changed.duration_seconds, changed.estimate.to_string()), (Some(10), "$0.50".to_owned()));
    assert!(videogen.plan(&videogen.request(image(), "zoo").with_model("mine")).await.is_ok());
    let ratio = videogen.request(image(), "zoo").with_aspect_ratio("16:9", videogen::Fit::Crop);
    assert!(videogen.plan(&ratio).await.unwrap_err().to_string().contains("allowed: 2:1"));
    assert!(!format!("{:?}", videogen.config()).contains("s3cret"));
    videogen.close().await;
    videogen.close().await;
}

#[test]
fn the_example_is_up_to_date_and_says_the_defaults() {
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/videogen.example.toml")).unwrap();
    assert_eq!(
        kept,
        Config::example(),
        "write it anew: videogen config example > crates/videogen/videogen.example.toml"
    );
    let folder = folder(&[("videogen.toml", &kept)]);
    assert_eq!(Config::load(&sources(folder.path(), &[])).unwrap(), Config::default(), "all of it is commented out");

    // With the comment signs taken away it still says the defaults, but for the settings that have none.
    let is_setting = |line: &&str| {
        line.starts_with('[')
            || line.starts_with("# [")
            || line
                .split_once(" = ")
                .is_some_and(|(name, _)| name.strip_prefix("# ").is_some_and(|name| !name.contains(' ')))
    };
    let folders = ["location", "folder", "store"];
    let limits = ["max_per_endpoint", "max_per_project", "per_video", "per_project", "per_day", "overall"];
    let hosts = ["queue_url", "run_url", "rest_url", "cdn_url", "platform_url", "site_url"];
    let have_none: Vec<&str> = [&folders[..], &limits, &hosts].concat();
    let said: String = kept
        .lines()
        .filter(is_setting)
        .filter(|line| !have_none.iter().any(|name| line.starts_with(&format!("# {name} = "))))
        .map(|line| format!("{}\n", line.trim_start_matches("# ")))
        .collect();
    let (own, models) = said.split_once("[models").unwrap();
    let folder = self::folder(&[("videogen.toml", own)]);
    let config = Config::load(&sources(folder.path(), &[])).unwrap();
    let values = |config: &Config| config.shown().into_iter().map(|shown| (shown.key, shown.value)).collect::<Vec<_>>();
    assert_eq!(values(&config), values(&Config::default()));
    let set = config.shown().into_iter().filter(|shown| shown.origin != Origin::Default).count();
    let with_default = values(&Config::default()).iter().filter(|(_, value)| value.is_some()).count();
    assert_eq!(set, with_default);
    let folder = self::folder(&[("videogen.toml", &format!("[models{models}"))]);
    assert_eq!(Config::load(&sources(folder.path(), &[])).unwrap().models.len(), 1);
}
