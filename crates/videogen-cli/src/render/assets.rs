//! Finished videos, for a person and for a program.
#![expect(clippy::print_stdout, reason = "printing is what this file is for")]

use serde::Serialize;
use videogen::Usd;
use videogen::domain::StoredVideo;
use videogen::service::{LibraryVideo, Sidecar};

use super::human::megabytes;

/// A video, as `--json` shows it.
#[derive(Serialize)]
struct VideoObject<'a> {
    name: &'a str,
    bytes: u64,
    model: &'a str,
    request_id: Option<&'a str>,
    project_id: Option<&'a str>,
    scene_id: Option<&'a str>,
    duration_ms: Option<u64>,
    width: Option<u32>,
    height: Option<u32>,
    estimate_usd: Option<Usd>,
    billed_usd: Option<Usd>,
    poster: Option<&'a str>,
    stored_at: &'a str,
}

impl<'a> VideoObject<'a> {
    fn of(name: &'a str, bytes: u64, sidecar: &'a Sidecar) -> Self {
        Self {
            name,
            bytes,
            model: &sidecar.model,
            request_id: sidecar.request_id.as_deref(),
            project_id: sidecar.project_id.as_ref().map(|id| id.as_str()),
            scene_id: sidecar.scene_id.as_ref().map(|id| id.as_str()),
            duration_ms: sidecar.video_duration_ms,
            width: sidecar.video_width,
            height: sidecar.video_height,
            estimate_usd: sidecar.estimate_usd,
            billed_usd: sidecar.billed_usd,
            poster: sidecar.poster.as_deref(),
            stored_at: &sidecar.stored_at,
        }
    }
}

/// Every video, one to a line, and what they add up to; or one JSON array.
pub(crate) fn list(videos: &[LibraryVideo], json: bool) {
    let objects = videos.iter().map(|video| VideoObject::of(&video.file.name, video.file.bytes, &video.sidecar));
    if json {
        return print_json(&objects.collect::<Vec<_>>());
    }
    let width = videos.iter().map(|video| video.file.name.chars().count()).max().unwrap_or_default();
    for video in objects {
        let length = video.duration_ms.map_or_else(|| "?".to_owned(), |ms| format!("{:.1} s", ms as f64 / 1000.0));
        let (name, size, cost) = (video.name, megabytes(video.bytes), cost(video.billed_usd));
        println!("{name:width$}  {size:>9}  {length:>7}  {cost:>12}  {}  {}", video.stored_at, video.model);
    }
    println!("{}", summary(videos));
}

fn summary(videos: &[LibraryVideo]) -> String {
    let bytes: u64 = videos.iter().map(|video| video.file.bytes).sum();
    let known = videos.iter().filter_map(|video| video.sidecar.billed_usd);
    let cost = known.fold(Usd::ZERO, |sum, billed| sum + billed);
    let unknown = videos.iter().filter(|video| video.sidecar.billed_usd.is_none()).count();
    let unknown = if unknown == 0 { String::new() } else { format!(" and {unknown} of unknown cost") };
    let s = if videos.len() == 1 { "" } else { "s" };
    format!("{} video{s}, {}, {cost}{unknown}", videos.len(), megabytes(bytes))
}

fn cost(billed: Option<Usd>) -> String {
    billed.map_or_else(|| "cost unknown".to_owned(), |billed| billed.to_string())
}

/// A copy of a video.
pub(crate) fn copied(copy: &StoredVideo, json: bool) {
    #[derive(Serialize)]
    struct Copy<'a> {
        file: &'a str,
        bytes: u64,
        video_sha256: &'a str,
        replaced: Option<&'a str>,
    }
    let StoredVideo { location, bytes, content_hash, replaced, .. } = copy;
    if json {
        return print_json(&Copy {
            file: location,
            bytes: *bytes,
            video_sha256: content_hash,
            replaced: replaced.as_deref(),
        });
    }
    println!("Copy       {location} ({})", megabytes(*bytes));
    if let Some(replaced) = replaced {
        println!("Before     the file that was there is now {replaced}");
    }
}

/// A video that is gone: a line, or a JSON object on one.
pub(crate) fn deleted(name: &str, sidecar: &Sidecar, json: bool) {
    if json {
        return print_json(&VideoObject::of(name, sidecar.video_bytes, sidecar));
    }
    println!("Deleted    {name} ({}, {})", megabytes(sidecar.video_bytes), cost(sidecar.billed_usd));
}

fn print_json(value: &impl Serialize) {
    // Texts, numbers and lists: writing them cannot fail.
    println!("{}", serde_json::to_string(value).unwrap_or_default());
}
