//! Draws and encodes all frames: the film is cut into groups of pictures, which two threads share.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio_util::sync::CancellationToken;

use crate::render::Stopped;
use crate::render::camera::Camera;
use crate::render::encode::{GroupEncoder, Packet};
use crate::render::sampler::Frame;
use crate::render::size::Size;
use crate::render::source::Source;

const THREADS: usize = 2;
/// About how many frames are between two key frames: two seconds.
const GROUP: usize = 48;

/// Counts frames, and reports each time enough more are done.
pub(super) struct Progress<'a> {
    frames: usize,
    step: usize,
    done: Mutex<usize>,
    report: &'a (dyn Fn(usize) + Sync),
}

impl<'a> Progress<'a> {
    pub(super) fn new(frames: usize, step: usize, report: &'a (dyn Fn(usize) + Sync)) -> Self {
        Self { frames: frames.max(1), step, done: Mutex::new(0), report }
    }

    fn frame_done(&self) {
        // Reported under the lock, so that the percentages come in order.
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let steps = |frames: usize| frames * 100 / self.frames / self.step;
        let before = steps(*done);
        *done += 1;
        if steps(*done) > before {
            (self.report)(steps(*done) * self.step);
        }
    }
}

/// All frames, encoded, in order.
pub(super) fn shoot(
    source: &Source,
    camera: &Camera,
    size: Size,
    frames: usize,
    progress: &Progress<'_>,
    stop: &CancellationToken,
) -> Result<Vec<Packet>, Stopped> {
    let groups = groups(frames);
    let next = AtomicUsize::new(0);
    let shoot_some = || -> Result<Vec<(usize, Vec<Packet>)>, Stopped> {
        let mut shot = Vec::new();
        while let Some((number, group)) = take(&next, &groups) {
            shot.push((number, shoot_group(source, camera, size, group, frames, progress, stop)?));
        }
        Ok(shot)
    };
    let mut shot = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(shoot_some)).collect();
        threads.into_iter().try_fold(Vec::new(), |mut all, thread| {
            let some = thread.join().map_err(|_| Stopped::Broken("A renderer thread broke off".to_owned()))??;
            all.extend(some);
            Ok(all)
        })
    })?;
    shot.sort_by_key(|(number, _)| *number);
    Ok(shot.into_iter().flat_map(|(_, packets)| packets).collect())
}

fn take<'a>(next: &AtomicUsize, groups: &'a [Range<usize>]) -> Option<(usize, &'a Range<usize>)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    groups.get(number).map(|group| (number, group))
}

fn shoot_group(
    source: &Source,
    camera: &Camera,
    size: Size,
    group: &Range<usize>,
    frames: usize,
    progress: &Progress<'_>,
    stop: &CancellationToken,
) -> Result<Vec<Packet>, Stopped> {
    let mut encoder = GroupEncoder::new(size, group.len())?;
    let mut frame = Frame::new(size);
    let mut packets = Vec::with_capacity(group.len());
    for number in group.clone() {
        if stop.is_cancelled() {
            return Err(Stopped::Asked);
        }
        let time = number as f64 / frames.saturating_sub(1).max(1) as f64;
        frame.draw(source, &camera.view(time));
        packets.push(encoder.encode(&frame)?);
        progress.frame_done();
    }
    Ok(packets)
}

/// The film in groups of even length, as many for each thread.
fn groups(frames: usize) -> Vec<Range<usize>> {
    let rounds = ((frames as f64 / (GROUP * THREADS) as f64).round() as usize).max(1);
    let count = rounds * THREADS;
    let cuts: Vec<usize> = (0..=count).map(|cut| cut * frames / count).collect();
    cuts.windows(2).map(|pair| pair[0]..pair[1]).filter(|group| !group.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_are_the_whole_film_in_order() {
        for frames in [1, 2, 24, 120, 144, 240] {
            let groups = groups(frames);
            let all: Vec<usize> = groups.iter().flat_map(Clone::clone).collect();
            assert_eq!(all, (0..frames).collect::<Vec<_>>());
            assert!(groups.iter().all(|group| group.len() <= 3 * GROUP / 2), "{frames}");
        }
    }

    #[test]
    fn progress_goes_up_in_steps_to_a_hundred() {
        let seen = Mutex::new(Vec::new());
        let report = |percent: usize| seen.lock().expect("no other thread").push(percent);
        let progress = Progress::new(120, 5, &report);
        (0..120).for_each(|_| progress.frame_done());
        let seen = seen.lock().expect("no other thread");
        assert_eq!(*seen, (1..=20).map(|step| step * 5).collect::<Vec<_>>());
    }
}
