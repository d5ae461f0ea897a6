//! `videogen emulator`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A child that does not outlive the test, whatever happens in it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn videogen(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_videogen"));
    command.args(arguments).env_clear();
    command
}

#[test]
fn another_videogen_makes_a_video_with_the_addresses_that_it_prints() {
    let folder = tempfile::tempdir().expect("there is room");
    let picture = image::RgbImage::from_fn(320, 180, |x, y| image::Rgb([x as u8, y as u8, 9]));
    picture.save(folder.path().join("still.png")).expect("the picture is saved");
    let child = videogen(&["emulator", "--port", "0", "--fast"]).stdout(Stdio::piped()).spawn().expect("starts");
    let mut child = Running(child);
    let lines = BufReader::new(child.0.stdout.take().expect("is piped")).lines().take(5);
    let lines: Vec<String> = lines.collect::<Result<_, _>>().expect("are read");
    let urls =
        lines.iter().map(|line| line.strip_prefix("export ").and_then(|line| line.split_once('=')).expect("sets"));

    let mut generate = videogen(&["generate", "still.png", "slow zoom in on the hills", "-o", "out.mp4"]);
    generate.envs(urls).env("FAL_KEY", "id:secret").env("VIDEO_GEN_CACHE_DIR", folder.path().join("cache"));
    generate.env("VIDEO_GEN_DATA_DIR", folder.path().join("cache/data"));
    let output = generate.current_dir(folder.path()).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("out.mp4").is_file());
}

#[test]
fn it_says_why_it_cannot_start() {
    let output = videogen(&["emulator", "--api-key", "no-colon"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("key_id:key_secret"), "{output:?}");
}

#[test]
fn it_records_and_replays_as_well() {
    let folder = tempfile::tempdir().expect("there is room");
    let folder = folder.path().to_str().expect("is text");
    let record = ["emulator", "record", "--port", "0", "--folder", folder];
    let mut recorder = Running(videogen(&record).stdout(Stdio::piped()).spawn().expect("starts"));
    let first =
        BufReader::new(recorder.0.stdout.take().expect("is piped")).lines().next().expect("says").expect("is read");
    assert!(first.starts_with("export VIDEO_GEN_FAL_QUEUE_URL=http://127.0.0.1:"), "{first}");
    drop(recorder);
    let output = videogen(&["emulator", "replay", "--folder", folder]).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no exchange is recorded"), "{output:?}");
}
