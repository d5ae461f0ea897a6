//! The emulator's answers have the shape of the captures: the same status, headers, keys and JSON types.

mod platform;
mod queue;
mod refusal;
mod shape;
mod storage;
mod webhook;

use std::collections::BTreeSet;
use std::path::Path;

use fal_emulator::captures;
use serde_json::Value;

#[test]
fn every_file_is_a_capture_and_holds_what_its_name_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut files = BTreeSet::new();
    for folder in std::fs::read_dir(&root).expect("is there") {
        for file in std::fs::read_dir(folder.expect("is read").path()).expect("is a folder") {
            let path = file.expect("is read").path();
            files.insert(path.strip_prefix(&root).expect("is below").to_string_lossy().replace('\\', "/"));
        }
    }
    let names: BTreeSet<String> = captures::all().map(|capture| capture.name.to_owned()).collect();
    assert_eq!(names, files);
    for capture in captures::all() {
        let is_json = serde_json::from_str::<Value>(capture.body).is_ok();
        assert_eq!(is_json, capture.content_type() == "application/json", "{}", capture.name);
    }
}
