//! A process that is killed in the middle of writing.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use jiff::Timestamp;

use super::*;
use crate::UploadEntry;

/// Tells the child where the cache is.
const PLACE: &str = "FAL_UPLOAD_KILLED_CACHE";
/// The test that is its own child.
const CHILD: &str = "cache::file::tests::killed::kill_9_leaves_a_whole_file_with_everything_that_was_confirmed";
/// So many children are killed, each group of them over one file.
const KILLS: usize = 96;
const GROUP: usize = 8;

/// An entry that takes many pages of the file, so that it is often half written when the child is killed.
fn long(number: usize) -> UploadEntry {
    UploadEntry { url: format!("https://cdn/{number}/{}", "x".repeat(40_000)), ..entry(number) }
}

/// The child. It confirms each write on its standard output.
async fn write_until_killed(file: &std::ffi::OsStr) {
    say("begun");
    tokio::join!(write(file, 0), write(file, 1));
}

async fn write(file: &std::ffi::OsStr, of_two: usize) {
    let cache = FileUploadCache::new(file);
    let first = std::process::id() as usize * 1_000_000 + of_two;
    for number in (first..).step_by(2) {
        // Entries that are swept away and entries that are removed, between those that must stay.
        let expired = UploadEntry { expires_at: Timestamp::UNIX_EPOCH, ..long(number) };
        cache.put(&key(number), expired).await.unwrap();
        cache.remove(&key(number)).await.unwrap();
        cache.know_file(&stamp(number), known(number)).await;
        cache.put(&key(number), long(number)).await.unwrap();
        say(&format!("kept {number}"));
    }
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}").and_then(|()| out.flush()).unwrap();
}

/// Starts a child, kills it after so many confirmed writes at least, and returns all that it has confirmed.
fn killed_after(writes: usize, file: &Path) -> Vec<usize> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", CHILD, "--nocapture"]).env(PLACE, file);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let (mut kept, mut begun, mut line) = (Vec::new(), false, String::new());
    while out.read_line(&mut line).unwrap() > 0 {
        begun |= line.ends_with("begun\n");
        kept.extend(line.strip_prefix("kept ").map(|number| number.trim_end().parse::<usize>().unwrap()));
        if begun && kept.len() >= writes {
            // Nothing is left of it afterwards but what it has written; what was in the pipe is read to its end.
            child.kill().unwrap();
        }
        line.clear();
    }
    let status = child.wait().unwrap();
    assert!(!status.success() && begun && kept.len() >= writes, "the child has failed: {status}");
    kept
}

/// The file is whole, and so is every entry that is in it.
fn is_whole(file: &Path) {
    let connection = Connection::open(file).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let halves = "SELECT count(*) FROM upload
        WHERE url <> format('https://cdn/%d/%s', bytes, replace(hex(zeroblob(20000)), '0', 'x'))";
    assert_eq!(connection.query_row(halves, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_leaves_a_whole_file_with_everything_that_was_confirmed() {
    #[expect(clippy::disallowed_methods, reason = "this test sets it for its children alone")]
    if let Some(file) = std::env::var_os(PLACE) {
        return write_until_killed(&file).await;
    }
    for group in 0..KILLS / GROUP {
        let (_folder, file) = place();
        // Every other time, this process has the file open all along.
        let bystander = (group % 2 == 1).then(|| FileUploadCache::new(&file));
        let mut kept = Vec::new();
        for round in 0..GROUP {
            // None to two dozen, in no order.
            let writes = (group * GROUP + round) * 17 % 25;
            kept.extend(killed_after(writes, &file));
            let after = FileUploadCache::new(&file);
            let cache = bystander.as_ref().unwrap_or(&after);
            for &number in &kept {
                assert_eq!(cache.get(&key(number)).await, Some(long(number)));
                assert_eq!(cache.known_file(&stamp(number)).await, Some(known(number)));
            }
            cache.put(&key(writes), long(writes)).await.unwrap();
            cache.know_file(&stamp(writes), known(writes)).await;
            kept.push(writes);
            is_whole(&file);
            assert!(!crate::cache::file::set_aside::beside(&file, ".damaged-1").exists());
        }
    }
}
