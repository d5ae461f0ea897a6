//! The process that is killed: it makes some videos, and goes on with what others have left.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use videogen::queue::Error;
use videogen::{GenerationRequest, ImageInput, Queue, QueuedTask, TaskId, TaskStatus, Videogen};

/// The first argument of a program that is to be a worker: `worker FOLDER TASKS [PLACE COUNT]`.
pub const WORKER: &str = "worker";

/// How often it is looked for what others have left.
const LOOK_AFTER: Duration = Duration::from_millis(200);

/// Makes every video that is not made yet, and returns when all are; kills this process when it comes to a place for the
/// `COUNT`th time.
///
/// # Panics
/// When a task ends without its video.
pub async fn work(arguments: &[String]) {
    let [folder, tasks, die @ ..] = arguments else { panic!("worker FOLDER TASKS [PLACE COUNT]") };
    if let [place, count] = die {
        die_at(place, count.parse().expect("a number"));
    }
    let folder = PathBuf::from(folder);
    let tasks: usize = tasks.parse().expect("a number");
    let videogen = Videogen::builder().output_folder(&folder).build().await.expect("the parts fit");
    videogen.queue().tend(LOOK_AFTER);
    let making = (0..tasks).map(|number| {
        let (queue, request) = (videogen.queue().clone(), request(&folder, number));
        tokio::spawn(async move { make(&queue, &request).await })
    });
    for made in making.collect::<Vec<_>>() {
        made.await.expect("does not panic");
    }
    videogen.close().await;
}

/// The number of a request is in its prompt, so that its charge is found.
pub(crate) fn request(folder: &Path, number: usize) -> GenerationRequest {
    let request = GenerationRequest::new(ImageInput::Path(folder.join("still.png")), prompt(number));
    request.with_file_name(format!("{number}.mp4"))
}

pub(crate) fn prompt(number: usize) -> String {
    format!("slow zoom in on the lighthouse, take {number}.")
}

/// Asks for a video until it is there. What stands still goes on when its reason is gone, and that is soon.
async fn make(queue: &Queue, request: &GenerationRequest) {
    loop {
        let id = match queue.submit(request).await {
            Ok(id) => id,
            // The store, or the books, could not be used in this moment.
            Err(Error::Store(_) | Error::Refused(_)) => {
                tokio::time::sleep(LOOK_AFTER).await;
                continue;
            }
            Err(error) => panic!("{error:?}"),
        };
        let task = ended(queue, &id).await;
        match task.status {
            TaskStatus::Completed => return,
            // Of those faults nothing was billed, and so it may be asked for anew.
            _ => assert!(task.request_id.is_none(), "{task:?}"),
        }
    }
}

/// Follows a task to its end, and lets it go on when it stands still.
async fn ended(queue: &Queue, id: &TaskId) -> QueuedTask {
    loop {
        let task = queue.wait(id, Some(LOOK_AFTER)).await;
        match task {
            Ok(task) if task.state.is_final() => return task,
            Ok(_) => {
                tokio::time::sleep(LOOK_AFTER).await;
                // Where another has it, or it goes on already, that is told and nothing happens.
                let _ = queue.resume(id).await;
            }
            Err(Error::StillRunning { .. } | Error::Store(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Kills this process when it comes to the place for the `count`th time.
fn die_at(place: &str, count: usize) {
    let times = AtomicUsize::new(0);
    let come = move || {
        if times.fetch_add(1, Ordering::SeqCst) + 1 == count {
            die();
        }
    };
    fail::cfg_callback(place, come).expect("fault points are compiled in");
}

/// Ends this process so that nothing can prevent it. Never returns.
fn die() {
    let _ = Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
    loop {
        std::thread::park();
    }
}
